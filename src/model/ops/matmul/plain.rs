//! The inner loops in plain Rust, which the compiler turns into the vector instructions that every processor of the target
//! has. They define what the other kernels compute.

use crate::domain::precision::Precision;

use super::kernel::{BLOCK, Kernel, Left, Store, Tile, bf16_bits};

const COLUMNS: usize = 16;

/// The kernel that runs on every processor.
pub(super) static F32: Kernel = Kernel {
    precision: Precision::F32,
    name: "plain Rust",
    runs: || true,
    per_word: 1,
    rows: 6,
    columns: COLUMNS,
    left: Left::ByWord,
    thread_state: None,
    trial: None,
    multiply: multiply_f32,
    transpose: transpose::<1>,
    interleave: interleave::<1>,
    pack_row: pack_row::<1>,
    word: word::<1>,
};

/// Operands are rounded to bf16. A product of two of them is exact in f32, and sums are those of f32.
pub(super) static BF16: Kernel = Kernel {
    precision: Precision::Bf16,
    per_word: 2,
    multiply: multiply_bf16,
    transpose: transpose::<2>,
    interleave: interleave::<2>,
    pack_row: pack_row::<2>,
    word: word::<2>,
    ..F32
};

unsafe fn multiply_f32(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    let multiply = |a: u32, b: u32, sum: f32| multiply_add(f32::from_bits(a), f32::from_bits(b), sum);
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { by_rows!(of_rows, tile.rows, [1 2 3 4 5 6], (words, a, b, tile, store, multiply)) }
}

unsafe fn multiply_bf16(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    let multiply = |a: u32, b: u32, sum: f32| {
        let (first, second) = (f32::from_bits(a << 16) * f32::from_bits(b << 16), upper(a) * upper(b));
        sum + first + second
    };
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { by_rows!(of_rows, tile.rows, [1 2 3 4 5 6], (words, a, b, tile, store, multiply)) }
}

/// The second number of a word of bf16.
fn upper(word: u32) -> f32 {
    f32::from_bits(word & 0xffff_0000)
}

#[inline(always)]
unsafe fn of_rows<const ROWS: usize>(
    words: usize,
    a: *const u32,
    b: *const u32,
    tile: Tile,
    store: Store,
    multiply: impl Fn(u32, u32, f32) -> f32,
) {
    // SAFETY: `a` has words x ROWS numbers, `b` words x COLUMNS.
    let (a, b) =
        unsafe { (std::slice::from_raw_parts(a, words * ROWS), std::slice::from_raw_parts(b, words * COLUMNS)) };
    let mut sums = [[0.0f32; COLUMNS]; ROWS];
    for (a, b) in a.as_chunks::<ROWS>().0.iter().zip(b.as_chunks::<COLUMNS>().0) {
        for (sums, a) in sums.iter_mut().zip(a) {
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = multiply(*a, *b, *sum);
            }
        }
    }
    for (i, sums) in sums.iter().enumerate() {
        for (j, sum) in sums.iter().enumerate().take(tile.columns) {
            // SAFETY: the tile lies in the result, and what is added to is as large.
            unsafe {
                let old = if store.old.is_null() { 0.0 } else { *store.old.add(i * store.old_stride + j) };
                *tile.start.add(i * tile.stride + j) = multiply_add(*sum, store.scale, old);
            }
        }
    }
}

/// `a b + c`, rounded only once where every processor of the target does that in one instruction.
#[inline(always)]
fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) { a.mul_add(b, c) } else { a * b + c }
}

/// The word of up to `N` numbers that follow each other along the inner dimension.
fn word<const N: usize>(numbers: &[f32]) -> u32 {
    match N {
        1 => numbers[0].to_bits(),
        _ => numbers.iter().rev().fold(0, |word, x| word << 16 | bf16_bits(*x)),
    }
}

/// See [`Kernel::transpose`].
unsafe fn transpose<const N: usize>(
    from: *const f32,
    stride: usize,
    lanes: usize,
    depth: usize,
    to: *mut u32,
    width: usize,
) {
    // SAFETY: the caller keeps what `Kernel::transpose` asks for.
    unsafe { pack::<N>(from, (stride, 1), lanes, depth, to, width) }
}

/// See [`Kernel::interleave`].
unsafe fn interleave<const N: usize>(
    from: *const f32,
    stride: usize,
    lanes: usize,
    depth: usize,
    to: *mut u32,
    width: usize,
) {
    // SAFETY: the caller keeps what `Kernel::interleave` asks for.
    unsafe { pack::<N>(from, (1, stride), lanes, depth, to, width) }
}

/// See [`Kernel::pack_row`].
unsafe fn pack_row<const N: usize>(from: *const f32, depth: usize, to: *mut u32, stride: usize) {
    for i in 0..depth.div_ceil(N).next_multiple_of(BLOCK) {
        let mut numbers = [0.0; N];
        let filled = depth.saturating_sub(i * N).min(N);
        // SAFETY: the row has `depth` numbers, and `to` has room for whole blocks.
        unsafe {
            for (p, x) in numbers.iter_mut().enumerate().take(filled) {
                *x = *from.add(i * N + p);
            }
            *to.add(i / BLOCK * stride + i % BLOCK) = word::<N>(&numbers);
        }
    }
}

/// Packs `lanes` whose numbers are `strides.1` apart and which are `strides.0` apart themselves; see
/// [`Kernel::transpose`] and [`Kernel::interleave`].
unsafe fn pack<const N: usize>(
    from: *const f32,
    strides: (usize, usize),
    lanes: usize,
    depth: usize,
    to: *mut u32,
    width: usize,
) {
    // Sixteen words of each lane at a time fill a cache line.
    let words = depth.div_ceil(N);
    for first in (0..words).step_by(16) {
        for lane in 0..width {
            for i in first..(first + 16).min(words) {
                let mut numbers = [0.0; N];
                let filled = if lane < lanes { N.min(depth - i * N) } else { 0 };
                // SAFETY: lanes below `lanes` have `depth` numbers, and `to` has words x width.
                unsafe {
                    for (p, x) in numbers.iter_mut().enumerate().take(filled) {
                        *x = *from.add(lane * strides.0 + (i * N + p) * strides.1);
                    }
                    *to.add(i * width + lane) = word::<N>(&numbers);
                }
            }
        }
    }
}
