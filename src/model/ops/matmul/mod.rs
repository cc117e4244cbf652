//! Matrix products over slices. Only this file and the kernels beside it use raw pointers.
#![allow(unsafe_code)]

use std::ops::Range;

use rayon::prelude::*;

use crate::domain::precision::Precision;

/// Calls `$multiply::<ROWS>` for the tile's number of rows.
macro_rules! by_rows {
    ($multiply:ident, $rows:expr, [$($n:literal)*], $arguments:tt) => {
        match $rows {
            $($n => by_rows!(@ $multiply $n $arguments),)*
            rows => unreachable!("a tile of {rows} rows"),
        }
    };
    (@ $multiply:ident $n:literal ($($argument:expr),*)) => { $multiply::<$n>($($argument),*) };
}

#[cfg(target_arch = "aarch64")]
mod arm;
mod bytes;
mod columns;
mod kernel;
mod lines;
mod listed;
mod packed;
mod packing;
mod plain;
#[cfg(test)]
mod tests;
#[cfg(any(test, target_arch = "x86_64"))]
mod trial;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use self::bytes::{ByteKernel, ByteMatrix};
pub use self::columns::Columns;
pub use self::kernel::Kernel;
pub use self::listed::{ListedKernel, kernels};
pub use self::packed::PackedMatrix;

/// The parts of AMX by the names of Intel's manual, and whether this processor has them.
#[cfg(target_arch = "x86_64")]
pub fn tile_instruction_sets() -> [(&'static str, bool); 3] {
    x86::amx::instruction_sets()
}

use self::kernel::{BLOCK, Left, Store, Tile};
use self::lines::{Lines, PACKED_A, PACKED_B};
use self::packing::{pack, pack_right, pack_words, packed_words};

/// A matrix laid over a slice: element (i, j) is `values[i * row_stride + j * column_stride]`. Every element lies in the
/// slice; that is checked when a view is made, so that products need not check each access.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> View<'a> {
    /// The slice as `rows x columns`, row after row.
    ///
    /// # Panics
    /// When the slice is too short.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::strided(values, rows, columns, columns, 1)
    }

    /// `columns` columns from a wider matrix whose rows are `stride` apart; the slice starts at the first one.
    ///
    /// # Panics
    /// When the slice is too short.
    pub fn columns_of(values: &'a [f32], rows: usize, columns: usize, stride: usize) -> Self {
        Self::strided(values, rows, columns, stride, 1)
    }

    fn strided(values: &'a [f32], rows: usize, columns: usize, row_stride: usize, column_stride: usize) -> Self {
        let reach = |count: usize, stride: usize| count.checked_sub(1)?.checked_mul(stride);
        let last = || reach(rows, row_stride)?.checked_add(reach(columns, column_stride)?);
        let fits = rows == 0 || columns == 0 || last().is_some_and(|last| last < values.len());
        // Elements that share a place could be more than any slice has, and their number more than a `usize` holds.
        let is_countable = rows.checked_mul(columns).is_some_and(|count| count <= values.len());
        assert!(fits && is_countable, "a view leaves its slice");
        Self { values, rows, columns, row_stride, column_stride }
    }

    /// Transposed, without moving anything.
    pub fn t(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// Whether a product may use all threads of the current rayon pool, or only this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    One,
    All,
}

/// A thread is started for at least so many multiplications, because fewer would not pay for starting it.
const WORK_PER_THREAD: usize = 1 << 18;
/// Inner sizes are cut into blocks of at most so many words, so that a panel of `b` stays in the first-level cache.
const WORDS: usize = 256;
/// The rows of `a` are copied this many at a time. With `WORDS` that is half a megabyte, which the second-level cache holds.
const ROWS: usize = 448;

/// Computes products in one precision with one kernel.
#[derive(Clone, Copy, Debug)]
pub struct Products {
    kernel: &'static Kernel,
}

impl Products {
    /// Products with the fastest kernel of this precision that the processor runs.
    pub fn of(precision: Precision) -> Self {
        Self { kernel: Kernel::best(precision) }
    }

    /// Products with this kernel, for comparisons; `None` where the processor does not run it.
    pub fn with(kernel: &'static Kernel) -> Option<Self> {
        kernel.is_available().then_some(Self { kernel })
    }

    /// What operands are rounded to.
    pub fn precision(self) -> Precision {
        self.kernel.precision
    }

    /// `dst = scale * a b`, or `dst += scale * a b` with `accumulate`, from `[m, k]` and `[k, n]` to `[m, n]`. `dst` is
    /// row-major, and its rows are `stride` apart.
    ///
    /// The bits of a row of the result depend neither on the other rows nor on the number of threads.
    ///
    /// # Panics
    /// When the shapes do not fit each other, `dst` is too short, or k is 0.
    #[allow(clippy::too_many_arguments, reason = "these are the operands of BLAS's gemm")]
    pub fn matmul(
        self,
        dst: &mut [f32],
        stride: usize,
        a: View<'_>,
        b: View<'_>,
        scale: f32,
        accumulate: bool,
        threads: Threads,
    ) {
        let (m, n) = (a.rows, b.columns);
        if m == 0 || n == 0 {
            return;
        }
        let end = (m - 1).checked_mul(stride).and_then(|last_row| last_row.checked_add(n));
        assert!(stride >= n && end.is_some_and(|end| end <= dst.len()), "the result does not fit its slice");
        let onto = if accumulate { Onto::Itself } else { Onto::Nothing };
        Product { a, n, to: Target(dst.as_mut_ptr()), stride, scale, onto }.compute_checked(b, self.kernel, threads);
    }

    /// `dst = a b` on this thread, from `[m, k]` and `[k, n]` into columns `[m, n]`.
    ///
    /// # Panics
    /// When the shapes do not fit each other, or k is 0.
    pub fn matmul_into(self, dst: &mut Columns<'_>, a: View<'_>, b: View<'_>) {
        let &mut Columns { to, rows, columns: n, stride, .. } = dst;
        assert_eq!((rows, n), (a.rows, b.columns), "the result is of another size");
        if rows > 0 {
            Product { a, n, to, stride, scale: 1.0, onto: Onto::Nothing }.compute_checked(b, self.kernel, Threads::One);
        }
    }

    /// `a b + bias` as new values in row-major order, `[m, n]`. The bias `[n]` is added to every row. Every value is
    /// written once only.
    ///
    /// # Panics
    /// When the shapes do not fit each other, or k is 0.
    pub fn product(self, a: View<'_>, b: View<'_>, bias: Option<&[f32]>) -> Vec<f32> {
        let mut values = Vec::new();
        self.fill(&mut values, a, b, bias, Threads::All);
        values
    }

    /// `a b` on this thread, `[m, n]` in row-major order. It takes the place of what `values` holds, whose memory is used
    /// again.
    ///
    /// # Panics
    /// When the shapes do not fit each other, or k is 0.
    pub fn product_in(self, values: &mut Vec<f32>, a: View<'_>, b: View<'_>) {
        self.fill(values, a, b, None, Threads::One);
    }

    fn fill(self, values: &mut Vec<f32>, a: View<'_>, b: View<'_>, bias: Option<&[f32]>, threads: Threads) {
        let (m, n) = (a.rows, b.columns);
        let count = m.checked_mul(n).expect("a result has no more numbers than memory has bytes");
        values.clear();
        values.reserve_exact(count);
        if m > 0 && n > 0 {
            let onto = bias.map_or(Onto::Nothing, Onto::Row);
            let to = Target(values.as_mut_ptr());
            Product { a, n, to, stride: n, scale: 1.0, onto }.compute_checked(b, self.kernel, threads);
            // SAFETY: a product that starts from nothing or from a row writes each of the m x n numbers, and reads none.
            unsafe { values.set_len(count) };
        }
    }
}

/// How many threads a product of these sizes is worth.
fn threads_for(m: usize, k: usize, n: usize, threads: Threads) -> usize {
    match threads {
        Threads::One => 1,
        Threads::All => {
            let work = m.saturating_mul(n).saturating_mul(k);
            rayon::current_num_threads().min(work / WORK_PER_THREAD).max(1)
        }
    }
}

/// One product, whose result has been checked to fit its slice.
struct Product<'a> {
    a: View<'a>,
    /// The columns of the result.
    n: usize,
    to: Target,
    stride: usize,
    scale: f32,
    onto: Onto<'a>,
}

/// What a product is added to.
#[derive(Clone, Copy)]
enum Onto<'a> {
    Nothing,
    /// The numbers that the result holds already.
    Itself,
    /// This row, for every row of the result.
    Row(&'a [f32]),
}

/// The beginning of the result, which threads share, each writing elements of its own.
#[derive(Clone, Copy, Debug)]
struct Target(*mut f32);

// SAFETY: `Product::compute` gives each thread rows or columns of its own, and outlives the threads; of the targets that
// `Columns::of` makes no two reach the same number, and the matrix is borrowed until all are gone.
unsafe impl Send for Target {}
// SAFETY: threads that share it write different elements, as above.
unsafe impl Sync for Target {}

impl Product<'_> {
    /// Checks that the operands fit each other and computes the product with `b`.
    fn compute_checked(&self, b: View<'_>, kernel: &Kernel, threads: Threads) {
        let a = self.a;
        assert_eq!(a.columns, b.rows, "inner sizes differ");
        assert!(a.columns > 0, "there is nothing to sum over");
        if let Onto::Row(row) = self.onto {
            assert_eq!(row.len(), b.columns, "the bias is of another width");
        }
        self.compute(b, kernel, threads_for(a.rows, a.columns, b.columns, threads));
    }

    fn compute(&self, b: View<'_>, kernel: &Kernel, threads: usize) {
        PACKED_B.with(|buffer| {
            let mut packed = Lines::sized(buffer, packed_words(kernel, b));
            pack_right(kernel, b, packed.words(), threads > 1);
            self.multiply(kernel, threads, packed.words());
            packed.give_back(buffer);
        });
    }

    /// Computes the result from the packed right operand, which has as many rows as `a` has columns.
    fn multiply(&self, kernel: &Kernel, threads: usize, packed: &[u32]) {
        let (m, panels) = (self.a.rows, self.n.div_ceil(kernel.columns));
        if threads == 1 {
            return self.part(kernel, 0..m, 0..panels, packed);
        }
        let by_row = threads.min(m.div_ceil(kernel.rows));
        let by_column = (threads / by_row).min(panels);
        (0..by_row * by_column).into_par_iter().for_each(|i| {
            let share = |of: usize, i: usize, parts: usize| of * i / parts..of * (i + 1) / parts;
            let (row, column) = (i / by_column, i % by_column);
            self.part(kernel, share(m, row, by_row), share(panels, column, by_column), packed);
        });
    }

    /// Computes some rows and panels of the result.
    fn part(&self, kernel: &Kernel, rows: Range<usize>, panels: Range<usize>, packed: &[u32]) {
        let (k, n, per_word) = (self.a.columns, self.n, kernel.per_word);
        let all_words = k.div_ceil(per_word);
        let blocks = all_words.div_ceil(WORDS);
        PACKED_A.with(|buffer| {
            // SAFETY: `Kernel::best` has seen that the processor knows the instructions.
            let _loaded = kernel.thread_state.map(|state| unsafe { state.loaded() });
            let (left, most_words) = (kernel.left, all_words.div_ceil(blocks));
            let room = rows.len().min(ROWS) * left.depth(most_words) + left.read_beyond();
            let spare = if left == Left::InBlocks { kernel.rows * most_words } else { 0 };
            let mut packed_a = Lines::sized(buffer, room + spare);
            for block in 0..blocks {
                let words = all_words * block / blocks..all_words * (block + 1) / blocks;
                let depths = words.start * per_word..k.min(words.end * per_word);
                let deep = left.depth(words.len());
                for first in rows.clone().step_by(ROWS) {
                    let height = ROWS.min(rows.end - first);
                    let tiles = height.div_ceil(kernel.rows);
                    let tile_rows = |tile: usize| height * tile / tiles..height * (tile + 1) / tiles;
                    let (a, spare) = packed_a.words().split_at_mut(room);
                    for tile in 0..tiles {
                        let of_tile = tile_rows(tile);
                        let to = &mut a[of_tile.start * deep..of_tile.end * deep];
                        self.pack_a(kernel, first + of_tile.start, of_tile.len(), &depths, to, spare);
                    }
                    for panel in panels.clone() {
                        let b = &packed[panel * all_words * kernel.columns..][words.start * kernel.columns..];
                        let column = panel * kernel.columns;
                        for tile in 0..tiles {
                            let of_tile = tile_rows(tile);
                            let start = self.to.0.wrapping_add((first + of_tile.start) * self.stride + column);
                            let (old, old_stride) = match self.onto {
                                Onto::Itself => (start.cast_const(), self.stride),
                                _ if block > 0 => (start.cast_const(), self.stride),
                                Onto::Row(row) => (row[column..].as_ptr(), 0),
                                Onto::Nothing => (std::ptr::null(), 0),
                            };
                            let store = Store { scale: self.scale, old, old_stride };
                            let target = Tile {
                                start,
                                stride: self.stride,
                                rows: of_tile.len(),
                                columns: kernel.columns.min(n - column),
                            };
                            let a = a[of_tile.start * deep..].as_ptr();
                            // SAFETY: `Kernel::best` has seen that the processor knows the instructions; the state of
                            // the thread is loaded; both operands were packed to the sizes of tile and panel, with room
                            // behind the left one; the tile lies inside the result, whose size `matmul` has checked,
                            // and in no other thread's share.
                            unsafe { (kernel.multiply)(words.len(), a, b.as_ptr(), target, store) };
                        }
                    }
                }
            }
            packed_a.give_back(buffer);
        });
    }

    /// Copies `rows` rows of `a` from `first` on, at some depths, in the order of the kernel's left operands. Rows in blocks
    /// need `spare` room for a tile.
    fn pack_a(
        &self,
        kernel: &Kernel,
        first: usize,
        rows: usize,
        depths: &Range<usize>,
        to: &mut [u32],
        spare: &mut [u32],
    ) {
        let a = self.a;
        let from = &a.values[first * a.row_stride + depths.start * a.column_stride..];
        let strides = [a.row_stride, a.column_stride];
        match kernel.left {
            Left::ByWord => pack(kernel, from, strides, rows, depths.len(), rows, to),
            Left::InBlocks if a.column_stride == 1 => {
                let words = depths.len().div_ceil(kernel.per_word);
                assert!(to.len() >= rows * Left::InBlocks.depth(words), "the words do not fit");
                for row in 0..rows {
                    let (from, to) = (&from[row * a.row_stride..][..depths.len()], &mut to[row * BLOCK..]);
                    // SAFETY: the row has so many numbers, and its words end within what was asserted.
                    unsafe { (kernel.pack_row)(from.as_ptr(), from.len(), to.as_mut_ptr(), rows * BLOCK) };
                }
            }
            Left::InBlocks => {
                let words = depths.len().div_ceil(kernel.per_word);
                let by_word = &mut spare[..words * rows];
                pack(kernel, from, strides, rows, depths.len(), rows, by_word);
                for (by_word, to) in by_word.chunks(BLOCK * rows).zip(to.chunks_exact_mut(BLOCK * rows)) {
                    pack_words(by_word, rows, by_word.len() / rows, to, BLOCK);
                }
            }
        }
    }
}
