//! Products with a matrix that is held in 8 bits, `[m, k]` by `[k, n]`. Each column of the matrix has a scale of its own,
//! found once. Each row of the left operand gets one when it is multiplied. In between, all is whole numbers, whose sums are
//! exact, so that the result has the same bits on every processor.

use rayon::prelude::*;

use super::kernel::{Left, ThreadState, lay_in_blocks};
use super::lines::{self, Line, Lines, PACKED_A, words_of};
use super::packing::pack_words;
use super::{Target, Threads, View, threads_for};
use crate::model::ops::isa::simd;

/// The inner loops over bytes for one instruction set. Words hold four bytes that follow each other along the inner
/// dimension, the first in the lowest place.
#[derive(Debug)]
pub struct ByteKernel {
    /// The instruction set, as its makers write it.
    pub name: &'static str,
    pub(super) runs: fn() -> bool,
    /// The largest tile.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The order of the words of the packed left operand.
    pub(super) left: Left,
    /// The state that a thread loads before its sums and gives back after them.
    pub(super) thread_state: Option<ThreadState>,
    /// Says whether some sums are right, for a kernel that ran on few kinds of processor.
    pub(super) trial: Option<fn() -> bool>,
    /// `sums[row][column]` becomes the sum of `a b` over all bytes, where `a` is `[words][rows]`, or as `left` says, of bytes
    /// without a sign, `b` is `[words][columns]` of bytes with a sign, and a row of the sums is `columns` long. The sums have
    /// room for the kernel's largest tile, of which rows beyond `rows` may be written.
    ///
    /// # Safety
    /// The processor must have the instructions, the thread must have loaded its state, and the pointers must reach as far
    /// as the sizes and `left` say.
    pub(super) multiply: unsafe fn(words: usize, a: *const u32, b: *const u32, rows: usize, sums: *mut i32),
}

/// The largest tile of all kernels.
const TILE: usize = 32 * 32;
/// The left operand is packed this many words at a time, a quarter of a megabyte, so that they stay in the cache.
const PACKED_WORDS: usize = 1 << 16;
/// A byte with a sign has none any more once this is added.
const ZERO: i32 = 128;

impl ByteKernel {
    /// All kernels of this build, the fastest first and the definition last.
    pub fn all() -> &'static [&'static Self] {
        ALL
    }

    /// Whether this processor can run it.
    pub fn is_available(&self) -> bool {
        (self.runs)()
    }

    /// Whether it is the plain loops that define what the others compute.
    pub fn is_definition(&self) -> bool {
        std::ptr::eq(self, &PLAIN)
    }

    /// Tells whether this processor can run it, and it has not been seen to be wrong here.
    pub fn is_trusted(&self) -> bool {
        self.is_available() && self.trial.is_none_or(|passes| passes())
    }

    /// The fastest kernel that this processor runs rightly.
    pub fn best() -> &'static Self {
        Self::best_of(ALL)
    }

    /// The first of these that this processor runs rightly.
    pub(super) fn best_of(kernels: &[&'static Self]) -> &'static Self {
        kernels.iter().find(|kernel| kernel.is_trusted()).copied().unwrap_or(&PLAIN)
    }

    /// Packs the words of some rows as left operands of this kernel.
    pub(super) fn pack_left(&self, rows: &[u32], words: usize, to: &mut [u32]) {
        let count = rows.len() / words;
        match self.left {
            Left::ByWord => pack_words(rows, words, count, to, count),
            Left::InBlocks => lay_in_blocks(rows, words, to),
        }
    }
}

static ALL: &[&ByteKernel] = &[
    #[cfg(target_arch = "x86_64")]
    &super::x86::amx::INT8,
    #[cfg(target_arch = "x86_64")]
    &super::x86::int8::AVX512_VNNI,
    #[cfg(target_arch = "x86_64")]
    &super::x86::int8::AVX512VL_VNNI,
    #[cfg(target_arch = "x86_64")]
    &super::x86::int8::AVX_VNNI,
    #[cfg(target_arch = "aarch64")]
    &super::arm::int8::MIXED_DOT,
    #[cfg(target_arch = "aarch64")]
    &super::arm::int8::SIGNED_DOT,
    &PLAIN,
];

/// The kernel that runs on every processor.
pub(super) static PLAIN: ByteKernel = ByteKernel {
    name: "plain Rust",
    runs: || true,
    rows: 4,
    columns: 16,
    left: Left::ByWord,
    thread_state: None,
    trial: None,
    multiply: plain_multiply,
};

/// The product of a byte without a sign and one with a sign.
pub(super) fn product(a: u8, b: u8) -> i32 {
    i32::from(a) * i32::from(b as i8)
}

unsafe fn plain_multiply(words: usize, a: *const u32, b: *const u32, rows: usize, sums: *mut i32) {
    const COLUMNS: usize = PLAIN.columns;
    // SAFETY: the caller keeps what `ByteKernel::multiply` asks for.
    let (a, b, sums) = unsafe {
        (
            std::slice::from_raw_parts(a, words * rows),
            std::slice::from_raw_parts(b, words * COLUMNS),
            std::slice::from_raw_parts_mut(sums, rows * COLUMNS),
        )
    };
    sums.fill(0);
    for (a, b) in a.chunks_exact(rows).zip(b.chunks_exact(COLUMNS)) {
        for (a, sums) in a.iter().zip(sums.chunks_exact_mut(COLUMNS)) {
            for (b, sum) in b.iter().zip(sums) {
                for (a, b) in a.to_le_bytes().into_iter().zip(b.to_le_bytes()) {
                    *sum += product(a, b);
                }
            }
        }
    }
}

/// A matrix `[k, n]` in bytes, packed for the kernel that multiplies with it.
#[derive(Clone, Debug)]
pub struct ByteMatrix {
    kernel: &'static ByteKernel,
    k: usize,
    n: usize,
    /// For each panel of columns the words of all its columns.
    packed: Vec<Line>,
    /// The factor of each column's bytes, `[n]`.
    scales: Vec<f32>,
    /// The sum of each column's bytes times [`ZERO`], `[n]`.
    zeros: Vec<i32>,
}

impl ByteMatrix {
    /// Rounds the transposed of `w`, `[n, k]`, so that its columns are the outputs of a linear map.
    ///
    /// # Panics
    /// When `w` has another number of values.
    pub fn of_transposed(w: &[f32], n: usize, k: usize) -> Self {
        Self::with(ByteKernel::best(), w, n, k)
    }

    /// The same for this kernel, for comparisons.
    ///
    /// # Panics
    /// When `w` has another number of values.
    pub fn with(kernel: &'static ByteKernel, w: &[f32], n: usize, k: usize) -> Self {
        assert_eq!(w.len(), n * k, "the matrix is of another size");
        let (words, panels) = (k.div_ceil(4), n.div_ceil(kernel.columns));
        let mut packed = vec![Line::ZERO; (panels * words * kernel.columns).div_ceil(16)];
        let (mut scales, mut zeros) = (vec![0.0; n], vec![0; n]);
        let panel_words = words * kernel.columns;
        let into = &mut words_of(&mut packed)[..panels * panel_words];
        let columns = scales.par_chunks_mut(kernel.columns).zip(zeros.par_chunks_mut(kernel.columns));
        into.par_chunks_exact_mut(panel_words).zip(columns).enumerate().for_each(|(panel, (to, (scales, zeros)))| {
            let mut bytes = vec![0; scales.len() * words];
            let first = panel * kernel.columns;
            for (lane, (scale, zero)) in scales.iter_mut().zip(zeros).enumerate() {
                let column = &w[(first + lane) * k..(first + lane + 1) * k];
                let bytes = &mut bytes[lane * words..(lane + 1) * words];
                *scale = quantise(column, 0, bytes);
                let sum: i32 = bytes.iter().flat_map(|word| word.to_le_bytes()).map(|byte| i32::from(byte as i8)).sum();
                *zero = ZERO * sum;
            }
            pack_words(&bytes, words, scales.len(), to, kernel.columns);
        });
        Self { kernel, k, n, packed, scales, zeros }
    }

    /// The memory that it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.packed.as_slice()) + size_of_val(self.scales.as_slice()) + size_of_val(self.zeros.as_slice())
    }

    /// `x W^T + bias` as new values in row-major order, from `[m, k]` to `[m, n]`. The bits of a row do not depend on the
    /// other rows. A row with a number that is not finite gives numbers that are not.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn product(&self, x: &[f32], bias: &[f32]) -> Vec<f32> {
        assert!(x.len().is_multiple_of(self.k) && bias.len() == self.n, "the operands do not fit each other");
        let m = x.len() / self.k;
        let mut values = Vec::with_capacity(m * self.n);
        if m > 0 {
            let to = Target(values.as_mut_ptr());
            let threads = threads_for(m, self.k, self.n, Threads::All).min(m.div_ceil(self.kernel.rows));
            (0..threads).into_par_iter().for_each(|i| {
                let rows = m * i / threads..m * (i + 1) / threads;
                self.part(View::new(x, m, self.k), rows, bias, to);
            });
            // SAFETY: the parts have written every row.
            unsafe { values.set_len(m * self.n) };
        }
        values
    }

    /// Computes some rows of the result.
    fn part(&self, x: View<'_>, rows: std::ops::Range<usize>, bias: &[f32], to: Target) {
        let (k, n, kernel) = (self.k, self.n, self.kernel);
        let words = k.div_ceil(4);
        let deep = kernel.left.depth(words);
        let at_once = (PACKED_WORDS / words).max(kernel.rows).min(rows.len());
        PACKED_A.with(|buffer| {
            // SAFETY: `is_available` has seen that the processor knows the instructions.
            let _loaded = kernel.thread_state.map(|state| unsafe { state.loaded() });
            // The bytes of a tile's rows are rounded behind the place where the packed rows lie.
            let room = at_once * deep + kernel.left.read_beyond();
            let mut buffers = Lines::sized(buffer, room + kernel.rows * words);
            let (packed, rounded) = buffers.words().split_at_mut(room);
            let mut scales = vec![0.0; at_once];
            let mut sums = [0i32; TILE];
            for first in rows.clone().step_by(at_once) {
                let height = at_once.min(rows.end - first);
                let tiles = height.div_ceil(kernel.rows);
                let tile_rows = |tile: usize| height * tile / tiles..height * (tile + 1) / tiles;
                for of_tile in (0..tiles).map(tile_rows) {
                    for (i, row) in of_tile.clone().enumerate() {
                        let x = &x.values[(first + row) * k..(first + row + 1) * k];
                        scales[row] = quantise(x, ZERO, &mut rounded[i * words..(i + 1) * words]);
                    }
                    let to = &mut packed[of_tile.start * deep..of_tile.end * deep];
                    kernel.pack_left(&rounded[..of_tile.len() * words], words, to);
                }
                for panel in 0..n.div_ceil(kernel.columns) {
                    let column = panel * kernel.columns;
                    let columns = kernel.columns.min(n - column);
                    let b = &lines::words(&self.packed)[column * words..];
                    let of_columns = Columns {
                        scales: &self.scales[column..column + columns],
                        zeros: &self.zeros[column..column + columns],
                        bias: &bias[column..column + columns],
                    };
                    for of_tile in (0..tiles).map(tile_rows) {
                        let a = &packed[of_tile.start * deep..];
                        let (wide, beyond) = (kernel.columns, kernel.left.read_beyond());
                        assert!(b.len() >= words * wide && kernel.rows * wide <= TILE);
                        assert!(a.len() >= of_tile.len() * deep + beyond);
                        // SAFETY: `is_available` has seen that the processor knows the instructions, the state of the
                        // thread is loaded, and both operands are as long as the kernel reads.
                        unsafe {
                            (kernel.multiply)(words, a.as_ptr(), b.as_ptr(), of_tile.len(), sums.as_mut_ptr());
                        }
                        for (i, row) in of_tile.enumerate() {
                            // SAFETY: rows `first + row` are this thread's alone, and the result has `n` columns.
                            let to = unsafe {
                                let start = to.0.add((first + row) * n + column);
                                std::slice::from_raw_parts_mut(start.cast::<std::mem::MaybeUninit<f32>>(), columns)
                            };
                            let sums = &sums[i * kernel.columns..][..columns];
                            scale_row(sums, scales[row], of_columns, to);
                        }
                    }
                }
            }
            buffers.give_back(buffer);
        });
    }
}

/// The factors and summands that turn some columns' sums into numbers.
#[derive(Clone, Copy)]
struct Columns<'a> {
    scales: &'a [f32],
    zeros: &'a [i32],
    bias: &'a [f32],
}

simd! {
    /// One row of a tile: `(sum - zero) * row_scale * scale + bias`.
    fn scale_row(sums: &[i32], row_scale: f32, columns: Columns<'_>, to: &mut [std::mem::MaybeUninit<f32>]) {
        let of_columns = columns.scales.iter().zip(columns.zeros).zip(columns.bias);
        for ((to, &sum), ((&scale, &zero), &bias)) in to.iter_mut().zip(sums).zip(of_columns) {
            to.write((sum - zero) as f32 * (row_scale * scale) + bias);
        }
    }

    /// Rounds numbers to bytes with a common scale, which is returned, and adds `zero` to each. Four bytes make a word, and
    /// those beyond the last number are `zero` or 0 alike, because what they are multiplied by is 0.
    fn quantise(x: &[f32], zero: i32, words: &mut [u32]) -> f32 {
        // Among these bits, those of infinity and NaN are the highest, so that the scale is no number either.
        let most = x.iter().fold(0u32, |most, x| most.max(x.to_bits() & 0x7fff_ffff));
        let scale = f32::from_bits(most) / 127.0;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let byte = |x: f32| {
            // Adding 1.5 * 2^23 leaves the nearest whole number in the lowest bits, the even one of two.
            let rounded = (x * inverse).clamp(-127.0, 127.0) + 12_582_912.0;
            (rounded.to_bits() as i32 - 0x4b40_0000 + zero) as u32 & 0xff
        };
        let (fours, rest) = x.as_chunks::<4>();
        for (word, four) in words.iter_mut().zip(fours) {
            *word = byte(four[0]) | byte(four[1]) << 8 | byte(four[2]) << 16 | byte(four[3]) << 24;
        }
        if let Some(last) = words.get_mut(fours.len()) {
            *last = rest.iter().rev().fold(0, |word, x| word << 8 | byte(*x));
        }
        scale
    }
}
