//! The interface between the loops around a product and the innermost ones, which are written for one instruction set each.

use crate::domain::precision::Precision;

#[cfg(target_arch = "aarch64")]
use super::arm;
use super::plain;
#[cfg(target_arch = "x86_64")]
use super::x86;

/// The inner loops for one precision and one instruction set.
///
/// A kernel reads its operands in words of 32 bits. In f32 a word is one number; in bf16 it is two numbers that follow each
/// other along the inner dimension, the first in the lower half.
#[derive(Debug)]
pub struct Kernel {
    /// What the operands are rounded to. Sums are f32.
    pub precision: Precision,
    /// The instruction set, as its makers write it.
    pub name: &'static str,
    /// Whether this processor has the instructions, and [`isa::VARIABLE`](crate::model::ops::isa::VARIABLE) allows them.
    pub(super) runs: fn() -> bool,
    /// The numbers in a word.
    pub(super) per_word: usize,
    /// The largest tile.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The order of the words of the packed left operand.
    pub(super) left: Left,
    /// The state that a thread loads before its products and gives back after them.
    pub(super) thread_state: Option<ThreadState>,
    /// A kernel that ran on few kinds of processor brings a trial, which says whether a small product is right. It is asked
    /// only where the kernel runs.
    pub(super) trial: Option<fn() -> bool>,
    /// `tile = scale * a b + old`, where `a` is `[words][tile.rows]` or as `left` says, and `b` is `[words][columns]`. What
    /// `b` holds in the columns beyond the tile's does not matter.
    ///
    /// # Safety
    /// The processor must have the instructions, the thread must have loaded its state, and the pointers must reach as far
    /// as the sizes and `left` say.
    ///
    /// # Panics
    /// When the tile is higher than `rows`, or has none.
    pub(super) multiply: unsafe fn(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store),
    /// Packs lanes whose numbers follow each other in memory: `to[i][lane]` is the i-th word of
    /// `from[lane * stride..][..depth]` for `lane < lanes`, and 0 up to `width`. A word that `depth` does not fill up
    /// ends with zeros.
    ///
    /// # Safety
    /// The processor must have the instructions, and the pointers must reach as far as the sizes say.
    pub(super) transpose:
        unsafe fn(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut u32, width: usize),
    /// Packs lanes that lie side by side: the i-th word of a lane is made of `from[(i * per_word + ..) * stride + lane]`.
    /// All else is as in `transpose`.
    ///
    /// # Safety
    /// The same as for `transpose`.
    pub(super) interleave:
        unsafe fn(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut u32, width: usize),
    /// Packs the numbers of one row, which follow each other, in the order of [`Left::InBlocks`]: word i becomes
    /// `to[i / BLOCK * stride + i % BLOCK]`, and the last block ends with zeros.
    ///
    /// # Safety
    /// The same as for `transpose`.
    pub(super) pack_row: unsafe fn(from: *const f32, depth: usize, to: *mut u32, stride: usize),
    /// The word of a lane whose numbers are neither side by side nor one after another.
    pub(super) word: fn(numbers: &[f32]) -> u32,
}

/// The words of a row that follow each other where a left operand is packed in blocks: as many as a row of AMX's tiles has.
pub(super) const BLOCK: usize = 16;

/// The order of the words of a packed left operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// `[words][rows]`: the words of all rows at one place of the inner dimension follow each other.
    ByWord,
    /// `[words / BLOCK][rows][BLOCK]`: the words of a row follow each other in blocks, the last of which ends with zeros. A
    /// kernel may read so far beyond the end as if there were [`BLOCK`] rows more.
    InBlocks,
}

impl Left {
    /// The words that a row takes.
    pub fn depth(self, words: usize) -> usize {
        match self {
            Self::ByWord => words,
            Self::InBlocks => words.next_multiple_of(BLOCK),
        }
    }

    /// The words behind the operand that a kernel may read; what they hold does not matter.
    pub fn read_beyond(self) -> usize {
        match self {
            Self::ByWord => 0,
            Self::InBlocks => BLOCK * BLOCK,
        }
    }
}

/// Lays rows whose words follow each other in the order of [`Left::InBlocks`].
pub(super) fn lay_in_blocks(rows: &[u32], words: usize, to: &mut [u32]) {
    let stride = rows.len() / words * BLOCK;
    for (row, of_row) in rows.chunks_exact(words).enumerate() {
        let (blocks, rest) = of_row.as_chunks::<BLOCK>();
        for (block, from) in blocks.iter().enumerate() {
            to[block * stride + row * BLOCK..][..BLOCK].copy_from_slice(from);
        }
        if !rest.is_empty() {
            let to = &mut to[blocks.len() * stride + row * BLOCK..][..BLOCK];
            to[..rest.len()].copy_from_slice(rest);
            to[rest.len()..].fill(0);
        }
    }
}

/// State of a thread that the instructions of a kernel need. A thread has it only while it multiplies and works on nothing
/// else meanwhile, since the processor keeps it once for all kernels.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only kernels for x86-64 have such state"))]
pub(super) struct ThreadState {
    /// # Safety
    /// The processor must have the instructions.
    pub load: unsafe fn(),
    /// # Safety
    /// The same.
    pub release: unsafe fn(),
}

impl ThreadState {
    /// Loads the state until what is returned goes out of scope.
    ///
    /// # Safety
    /// The processor must have the instructions.
    pub unsafe fn loaded(self) -> Loaded {
        // SAFETY: the caller keeps what `load` asks for.
        unsafe { (self.load)() };
        Loaded(self)
    }
}

/// The state of this thread as it is loaded.
pub(super) struct Loaded(ThreadState);

impl Drop for Loaded {
    fn drop(&mut self) {
        // SAFETY: the same instructions have loaded it.
        unsafe { (self.0.release)() };
    }
}

static ALL: &[&Kernel] = &[
    #[cfg(target_arch = "x86_64")]
    &x86::AVX512,
    #[cfg(target_arch = "x86_64")]
    &x86::AVX2,
    #[cfg(target_arch = "aarch64")]
    &arm::NEON,
    &plain::F32,
    #[cfg(target_arch = "x86_64")]
    &x86::amx::BF16,
    #[cfg(target_arch = "x86_64")]
    &x86::bf16::AVX512,
    #[cfg(target_arch = "aarch64")]
    &arm::bf16::DOT,
    &plain::BF16,
];

impl Kernel {
    /// All kernels of this build, the fastest first within a precision and the definition last.
    pub fn all() -> &'static [&'static Self] {
        ALL
    }

    /// Whether this processor can run it.
    pub fn is_available(&self) -> bool {
        (self.runs)()
    }

    /// Whether it is the plain loops that define what the other kernels of its precision compute.
    pub fn is_definition(&self) -> bool {
        std::ptr::eq(self, &plain::F32) || std::ptr::eq(self, &plain::BF16)
    }

    /// Tells whether this processor can run it, and it has not been seen to be wrong here.
    pub fn is_trusted(&self) -> bool {
        self.is_available() && self.trial.is_none_or(|passes| passes())
    }

    /// The fastest kernel of a precision that this processor runs rightly.
    pub fn best(precision: Precision) -> &'static Self {
        Self::best_of(ALL, precision)
    }

    /// The first of these, of this precision, that this processor runs rightly.
    pub(super) fn best_of(kernels: &[&'static Self], precision: Precision) -> &'static Self {
        let found = kernels.iter().find(|kernel| kernel.precision == precision && kernel.is_trusted());
        found.copied().unwrap_or(&plain::F32)
    }
}

/// A tile of the result, a row-major matrix whose rows are `stride` apart. It is at most as large as the kernel's tiles.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    pub start: *mut f32,
    pub stride: usize,
    pub rows: usize,
    pub columns: usize,
}

/// How a tile's sums go into the result.
#[derive(Clone, Copy)]
pub(super) struct Store {
    pub scale: f32,
    /// The numbers that the sums are added to, or null. Their rows are `old_stride` apart and as wide as the tile.
    pub old: *const f32,
    pub old_stride: usize,
}

/// A number rounded to bf16, the upper half of an f32: to the nearest, and to the even one of two that are equally near. A
/// number too small to be normal becomes 0 of its sign, as the processor's instructions have it. NaN stays NaN.
#[inline(always)]
pub(super) fn bf16_bits(x: f32) -> u32 {
    const EXPONENT: u32 = 0x7f80_0000;
    const QUIET: u32 = 0x0040_0000;
    let bits = x.to_bits();
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
    let is_nan = bits & 0x7fff_ffff > EXPONENT;
    let is_small = bits & EXPONENT == 0;
    (if is_nan {
        bits | QUIET
    } else if is_small {
        bits & 0x8000_0000
    } else {
        rounded
    }) >> 16
}
