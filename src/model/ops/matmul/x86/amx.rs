//! Products in bf16 and sums of products of bytes with AMX, whose instructions multiply whole tiles: 16 rows of 16 words by 16
//! words of 16 columns. They follow Intel's manual (Software Developer's Manual, volume 1, chapter 18, and the instructions'
//! pages in volume 2). They ran on one kind of processor, a Xeon of 2023, in `thaw doctor` and in training; the tests run these
//! loops over a plain Rust form of the instructions, and a product is tried before a process first computes with them.
//!
//! The sums of a tile of 32 x 32 fill four of the eight tile registers; two hold parts of the left operand and two of the
//! right one. The right operand's words lie as for the other kernels, since Intel's layout of it (VNNI) is `[words][columns]`
//! as well. The left one's rows lie side by side in blocks of 16 words, see [`Left::InBlocks`].
//!
//! Every tile has its full size all the time. Other sizes would save nothing but for odd sizes, and loading them would clear
//! the sums. So a left tile with fewer rows is filled with words that belong elsewhere, which only reach sums that nobody
//! reads, and where fewer than 16 words are left, zeros are multiplied with zeros.
//!
//! The instruction of bf16 takes subnormal numbers for 0, sums the first and the second numbers of words apart, and adds both
//! to the sums after 16 words, so that its bits are neither those of the definition nor those of AVX-512 BF16.

use std::arch::asm;
use std::arch::x86_64::{__cpuid, __cpuid_count, _mm512_loadu_ps, _xgetbv};
use std::sync::LazyLock;

use crate::domain::precision::Precision;
use crate::model::ops::isa::{Isa, Limit, isa, limit};

use super::super::bytes::ByteKernel;
use super::super::kernel::{BLOCK, Kernel, Left, Store, ThreadState, Tile};
use super::super::trial;
use super::{bf16, store_avx512};

#[cfg(test)]
pub(in super::super) mod emulated;
mod tiles;

use self::tiles::{Config, Hardware, Tiles};

/// The rows and the columns of a kernel's tile: two tile registers in each direction.
const SIZE: usize = 2 * BLOCK;
/// The bytes from one row of a left tile to the next.
const LEFT_STRIDE: usize = BLOCK * 4;
/// The bytes from one row of words of the right operand to the next, and from one row of the sums to the next.
const STRIDE: usize = SIZE * 4;

/// Rounding and packing are those of AVX-512 BF16, which every processor with AMX has.
pub(in super::super) static BF16: Kernel = Kernel {
    precision: Precision::Bf16,
    name: "AMX-BF16",
    runs: || is_allowed() && bf16::AVX512.is_available() && PROCESSOR.bf16 && *PERMITTED,
    rows: SIZE,
    columns: SIZE,
    left: Left::InBlocks,
    thread_state: Some(ThreadState { load: load::<Hardware>, release: Hardware::release }),
    trial: Some(|| *BF16_PASSES),
    multiply: multiply_bf16,
    ..bf16::AVX512
};

/// The left operand's bytes have no sign and the right one's have, as `tdpbusd` takes them.
pub(in super::super) static INT8: ByteKernel = ByteKernel {
    name: "AMX-INT8",
    runs: || is_allowed() && isa() >= Isa::Avx512 && PROCESSOR.int8 && *PERMITTED,
    rows: SIZE,
    columns: SIZE,
    left: Left::InBlocks,
    thread_state: BF16.thread_state,
    trial: Some(|| *INT8_PASSES),
    multiply: multiply_bytes::<Hardware>,
};

static BF16_PASSES: LazyLock<bool> = LazyLock::new(|| trial::of_numbers(&BF16));
static INT8_PASSES: LazyLock<bool> = LazyLock::new(|| trial::of_bytes(&INT8));

/// Whether `THAW_CPU` leaves AMX.
fn is_allowed() -> bool {
    limit() == Limit::Native
}

/// The parts of AMX by the names of Intel's manual, and whether this processor has them.
pub(in super::super) fn instruction_sets() -> [(&'static str, bool); 3] {
    [("AMX-TILE", PROCESSOR.tiles), ("AMX-BF16", PROCESSOR.bf16), ("AMX-INT8", PROCESSOR.int8)]
}

/// What this processor has of AMX, where the system saves the tiles of a thread.
#[derive(Clone, Copy, Default)]
struct Processor {
    tiles: bool,
    bf16: bool,
    int8: bool,
}

static PROCESSOR: LazyLock<Processor> = LazyLock::new(Processor::detect);

impl Processor {
    fn detect() -> Self {
        let has = |register: u32, bit: u32| register >> bit & 1 == 1;
        // Leaf 1, ECX, bit 27: the system has switched XGETBV on. XCR0, bits 17 and 18: it saves the tiles' configuration
        // and the tiles.
        if __cpuid(0).eax < 0x1d || !has(__cpuid(1).ecx, 27) {
            return Self::default();
        }
        // SAFETY: bit 27 says that the instruction is there.
        let saved = unsafe { saved_states() };
        let features = __cpuid_count(7, 0).edx;
        if saved >> 17 & 0b11 != 0b11 || !has(features, 24) {
            return Self::default();
        }
        // Leaf 0x1d describes the registers of palette 1: the bytes of a tile and of a row, their number, and the rows.
        let palette = __cpuid_count(0x1d, 1);
        let registers = [palette.eax >> 16, palette.ebx & 0xffff, palette.ebx >> 16, palette.ecx & 0xffff];
        let tiles = registers == [1024, 64, 8, 16];
        Self { tiles, bf16: tiles && has(features, 22), int8: tiles && has(features, 25) }
    }
}

/// The register XCR0.
#[target_feature(enable = "xsave")]
fn saved_states() -> u64 {
    // SAFETY: register 0 is there wherever the instruction is.
    unsafe { _xgetbv(0) }
}

/// Whether the system lets this process use tiles, which Linux wants to be asked for once. It holds for all threads of the
/// process, those that were started before as well (the kernel's Documentation/arch/x86/xstate.rst); a thread gets the memory
/// to save its tiles when it first uses one. The system refuses where a thread's stack for signals is too small for the
/// tiles; those that Rust makes are as large as the system says (`AT_MINSIGSTKSZ`).
///
/// Windows gives a thread its memory at the first use, too, and need not be asked (Microsoft's documentation of
/// `EnableProcessOptionalXStateFeatures`: optional features are "enabled on demand"). macOS never ran on such a processor,
/// and of other systems nothing is known here.
static PERMITTED: LazyLock<bool> = LazyLock::new(|| {
    if cfg!(target_os = "linux") {
        // SAFETY: the call changes nothing but what this process may do.
        return unsafe { arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) } == 0;
    }
    cfg!(windows)
});

const ARCH_REQ_XCOMP_PERM: usize = 0x1023;
const XFEATURE_XTILEDATA: usize = 18;

/// Linux's system call of this name; 0 where it has done what was asked for.
///
/// # Safety
/// The system must be Linux, and the call one that touches no memory.
unsafe fn arch_prctl(code: usize, argument: usize) -> isize {
    const SYS_ARCH_PRCTL: isize = 158;
    let result;
    // SAFETY: a system call changes these registers only.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") SYS_ARCH_PRCTL => result,
            in("rdi") code,
            in("rsi") argument,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack)
        );
    }
    result
}

/// Gives all tiles their full size. That takes a few hundred cycles and is done once for all tiles of a thread's share of a
/// product. Afterwards the tiles are released, so that the system need not save 8 KB whenever it puts another thread on this
/// core, and the core can rest as deeply as before.
unsafe fn load<T: Tiles>() {
    // SAFETY: the caller keeps what `ThreadState::load` asks for.
    unsafe { T::configure(&Config::FULL) };
}

/// The sums of a tile, or as many words of the right operand, in whole cache lines.
#[repr(C, align(64))]
struct Words<const ROWS: usize>([[u32; SIZE]; ROWS]);

#[target_feature(enable = "avx512f")]
unsafe fn multiply_bf16(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { multiply_and_store::<Hardware>(words, a, b, tile, store) }
}

#[inline(always)]
unsafe fn multiply_and_store<T: Tiles>(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    let mut sums = std::mem::MaybeUninit::<Words<SIZE>>::uninit();
    // SAFETY: the caller keeps what `Kernel::multiply` asks for, and the rows that are stored have been written.
    unsafe {
        let sums = sums.as_mut_ptr().cast::<u32>();
        multiply_rows::<T, false>(words, a, b, tile.rows, sums);
        store_sums(sums.cast(), tile, store);
    }
}

/// Adds the sums to the result, row by row.
#[target_feature(enable = "avx512f")]
unsafe fn store_sums(sums: *const f32, tile: Tile, store: Store) {
    for row in 0..tile.rows {
        // SAFETY: the sums have SIZE rows, and the tile and what is added to it have the others.
        unsafe {
            let of_row = sums.add(row * SIZE);
            let start = tile.start.add(row * tile.stride);
            let old = store.old.wrapping_add(if store.old.is_null() { 0 } else { row * store.old_stride });
            let sums = [[_mm512_loadu_ps(of_row), _mm512_loadu_ps(of_row.add(BLOCK))]];
            store_avx512(&sums, Tile { start, rows: 1, ..tile }, Store { old, ..store });
        }
    }
}

unsafe fn multiply_bytes<T: Tiles>(words: usize, a: *const u32, b: *const u32, rows: usize, sums: *mut i32) {
    // SAFETY: the caller keeps what `ByteKernel::multiply` asks for.
    unsafe { multiply_rows::<T, true>(words, a, b, rows, sums.cast()) }
}

/// Computes the sums of a tile, `[SIZE][SIZE]`, of which only those of `rows` mean anything.
#[inline(always)]
unsafe fn multiply_rows<T: Tiles, const BYTES: bool>(
    words: usize,
    a: *const u32,
    b: *const u32,
    rows: usize,
    sums: *mut u32,
) {
    assert!((1..=SIZE).contains(&rows), "a tile of {rows} rows");
    // SAFETY: the caller keeps what the kernel's `multiply` asks for.
    unsafe {
        if rows <= BLOCK {
            multiply_tiles::<T, BYTES, false>(words, a, b, rows, sums);
        } else {
            multiply_tiles::<T, BYTES, true>(words, a, b, rows, sums);
        }
    }
}

/// Computes the sums of the upper tiles, and of the lower ones where there are more than 16 rows.
#[inline(always)]
unsafe fn multiply_tiles<T: Tiles, const BYTES: bool, const LOWER: bool>(
    words: usize,
    a: *const u32,
    b: *const u32,
    rows: usize,
    sums: *mut u32,
) {
    // SAFETY: `a` has blocks of `rows` rows and may be read beyond, `b` has words x SIZE words, and the sums are SIZE x SIZE.
    unsafe {
        T::zero::<0>();
        T::zero::<1>();
        if LOWER {
            T::zero::<2>();
            T::zero::<3>();
        }
        let (mut a, mut b) = (a, b);
        for _ in 0..words / BLOCK {
            add_block::<T, BYTES, LOWER>(a, b);
            a = a.add(rows * BLOCK);
            b = b.add(BLOCK * SIZE);
        }
        let rest = words % BLOCK;
        if rest > 0 {
            // Behind the last words of the right operand lies what may be infinite or not there at all.
            let mut last = Words::<BLOCK>([[0; SIZE]; BLOCK]);
            std::ptr::copy_nonoverlapping(b, last.0.as_mut_ptr().cast(), rest * SIZE);
            add_block::<T, BYTES, LOWER>(a, last.0.as_ptr().cast());
        }
        T::store::<0>(sums.cast(), STRIDE);
        T::store::<1>(sums.add(BLOCK).cast(), STRIDE);
        if LOWER {
            T::store::<2>(sums.add(BLOCK * SIZE).cast(), STRIDE);
            T::store::<3>(sums.add(BLOCK * SIZE + BLOCK).cast(), STRIDE);
        }
    }
}

/// Adds the products of 16 words to the sums.
#[inline(always)]
unsafe fn add_block<T: Tiles, const BYTES: bool, const LOWER: bool>(a: *const u32, b: *const u32) {
    // SAFETY: the caller keeps what `multiply_tiles` reads.
    unsafe {
        T::load::<6>(b.cast(), STRIDE);
        T::load::<4>(a.cast(), LEFT_STRIDE);
        dot::<T, BYTES, 0, 4, 6>();
        T::load::<7>(b.add(BLOCK).cast(), STRIDE);
        dot::<T, BYTES, 1, 4, 7>();
        if LOWER {
            T::load::<5>(a.add(BLOCK * BLOCK).cast(), LEFT_STRIDE);
            dot::<T, BYTES, 2, 5, 6>();
            dot::<T, BYTES, 3, 5, 7>();
        }
    }
}

/// Adds the products of two tiles of one kind.
#[inline(always)]
unsafe fn dot<T: Tiles, const BYTES: bool, const SUMS: u8, const A: u8, const B: u8>() {
    // SAFETY: the caller has loaded the tiles.
    unsafe {
        if BYTES {
            T::dot_bytes::<SUMS, A, B>();
        } else {
            T::dot_bf16::<SUMS, A, B>();
        }
    }
}
