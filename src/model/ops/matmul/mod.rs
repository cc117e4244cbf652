//! Matrix products over slices. Only this file and the kernels beside it use raw pointers.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ops::Range;

use rayon::prelude::*;

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

mod listed;
mod plain;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use listed::{ListedKernel, kernels};

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
/// Inner sizes are cut into blocks of at most so many, so that a panel of `b` stays in the first-level cache.
const DEPTH: usize = 256;
/// So many rows of `a` are copied at a time. With `DEPTH` that is half a megabyte, which the second-level cache holds.
const ROWS: usize = 448;

/// `dst = scale * a b`, or `dst += scale * a b` with `accumulate`, from `[m, k]` and `[k, n]` to `[m, n]`. `dst` is
/// row-major, and its rows are `stride` apart.
///
/// The bits of a row of the result depend neither on the other rows nor on the number of threads.
///
/// # Panics
/// When the shapes do not fit each other, `dst` is too short, or k is 0.
pub fn matmul(
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
    Product { a, b, to: Target(dst.as_mut_ptr()), stride, scale, onto }.compute_checked(threads);
}

/// `a b + bias` as new values in row-major order, `[m, n]`. The bias `[n]` is added to every row. Every value is written
/// once only.
///
/// # Panics
/// When the shapes do not fit each other, or k is 0.
pub fn product(a: View<'_>, b: View<'_>, bias: Option<&[f32]>) -> Vec<f32> {
    let (m, n) = (a.rows, b.columns);
    let count = m.checked_mul(n).expect("a result has no more numbers than memory has bytes");
    let mut values = Vec::with_capacity(count);
    if m > 0 && n > 0 {
        let onto = bias.map_or(Onto::Nothing, Onto::Row);
        let to = Target(values.as_mut_ptr());
        Product { a, b, to, stride: n, scale: 1.0, onto }.compute_checked(Threads::All);
        // SAFETY: a product that starts from nothing or from a row writes each of the m x n numbers, and reads none.
        unsafe { values.set_len(count) };
    }
    values
}

/// The fastest kernel that this processor runs.
fn best_kernel() -> &'static Kernel {
    #[cfg(target_arch = "x86_64")]
    if let Some(kernel) = x86::best() {
        return kernel;
    }
    &plain::PLAIN
}

/// A tile of the result, a row-major matrix whose rows are `stride` apart. It is at most as large as the kernel's tiles.
#[derive(Clone, Copy)]
struct Tile {
    start: *mut f32,
    stride: usize,
    rows: usize,
    columns: usize,
}

/// How a tile's sums go into the result.
#[derive(Clone, Copy)]
struct Store {
    scale: f32,
    /// The numbers that the sums are added to, or null. Their rows are `old_stride` apart and as wide as the tile.
    old: *const f32,
    old_stride: usize,
}

/// The inner loops for one instruction set.
struct Kernel {
    /// The largest tile.
    rows: usize,
    columns: usize,
    /// `tile = scale * a b + old`, where `a` is `[depth][tile.rows]` and `b` is `[depth][columns]`. What `b` holds in the
    /// columns beyond the tile's does not matter.
    ///
    /// # Safety
    /// The processor must have the instructions, and the pointers must reach as far as the sizes say.
    ///
    /// # Panics
    /// When the tile is higher than `rows`, or has none.
    multiply: unsafe fn(depth: usize, a: *const f32, b: *const f32, tile: Tile, store: Store),
    /// `to[i][lane] = from[lane * stride + i]` for every `i < depth`, where lanes from `lanes` to `width` become 0.
    ///
    /// # Safety
    /// The shapes are those of `multiply`.
    transpose: unsafe fn(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut f32, width: usize),
}

/// One product, whose result has been checked to fit its slice.
struct Product<'a> {
    a: View<'a>,
    b: View<'a>,
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
#[derive(Clone, Copy)]
struct Target(*mut f32);

// SAFETY: `Product::compute` gives each thread rows or columns of its own, and outlives the threads.
unsafe impl Send for Target {}
// SAFETY: threads that share it write different elements, as above.
unsafe impl Sync for Target {}

impl Product<'_> {
    /// Checks that the operands fit each other and computes the product with the best kernel.
    fn compute_checked(&self, threads: Threads) {
        let (a, b) = (self.a, self.b);
        assert_eq!(a.columns, b.rows, "inner sizes differ");
        assert!(a.columns > 0, "there is nothing to sum over");
        if let Onto::Row(row) = self.onto {
            assert_eq!(row.len(), b.columns, "the bias is of another width");
        }
        let threads = match threads {
            Threads::One => 1,
            Threads::All => {
                let work = a.rows.saturating_mul(b.columns).saturating_mul(a.columns);
                rayon::current_num_threads().min(work / WORK_PER_THREAD).max(1)
            }
        };
        self.compute(best_kernel(), threads);
    }

    fn compute(&self, kernel: &Kernel, threads: usize) {
        let (m, k, n) = (self.a.rows, self.a.columns, self.b.columns);
        let panels = n.div_ceil(kernel.columns);
        let panel_len = k * kernel.columns;
        PACKED_B.with(|buffer| {
            let mut packed = Lines::sized(buffer, panels * panel_len);
            let pack = |(i, panel): (usize, &mut [f32])| self.pack_b(kernel, i * kernel.columns, panel);
            let by_row = threads.min(m.div_ceil(kernel.rows));
            let by_column = (threads / by_row).min(panels);
            if threads == 1 {
                packed.values().chunks_exact_mut(panel_len).enumerate().for_each(pack);
                self.part(kernel, 0..m, 0..panels, packed.values());
            } else {
                packed.values().par_chunks_exact_mut(panel_len).enumerate().for_each(pack);
                let packed = &*packed.values();
                (0..by_row * by_column).into_par_iter().for_each(|i| {
                    let share = |of: usize, i: usize, parts: usize| of * i / parts..of * (i + 1) / parts;
                    let (row, column) = (i / by_column, i % by_column);
                    self.part(kernel, share(m, row, by_row), share(panels, column, by_column), packed);
                });
            }
            packed.give_back(buffer);
        });
    }

    /// Copies the columns `from..from + kernel.columns` of `b` into a panel, one row after another. Columns beyond the last
    /// are 0.
    fn pack_b(&self, kernel: &Kernel, from: usize, panel: &mut [f32]) {
        let (b, columns) = (self.b, kernel.columns.min(self.b.columns - from));
        let from = &b.values[from * b.column_stride..];
        pack(kernel, from, b.column_stride, b.row_stride, columns, kernel.columns, panel);
    }

    /// Computes some rows and panels of the result.
    fn part(&self, kernel: &Kernel, rows: Range<usize>, panels: Range<usize>, packed: &[f32]) {
        let (k, n) = (self.a.columns, self.b.columns);
        let blocks = k.div_ceil(DEPTH);
        PACKED_A.with(|buffer| {
            let mut packed_a = Lines::sized(buffer, rows.len().min(ROWS) * k.div_ceil(blocks));
            for block in 0..blocks {
                let depths = k * block / blocks..k * (block + 1) / blocks;
                let depth = depths.len();
                for first in rows.clone().step_by(ROWS) {
                    let height = ROWS.min(rows.end - first);
                    let tiles = height.div_ceil(kernel.rows);
                    let tile_rows = |tile: usize| height * tile / tiles..height * (tile + 1) / tiles;
                    let a = packed_a.values();
                    for tile in 0..tiles {
                        let of_tile = tile_rows(tile);
                        let to = &mut a[of_tile.start * depth..of_tile.end * depth];
                        self.pack_a(kernel, first + of_tile.start, of_tile.len(), &depths, to);
                    }
                    for panel in panels.clone() {
                        let b = &packed[panel * k * kernel.columns..][depths.start * kernel.columns..];
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
                            // SAFETY: `best` has seen that the processor knows the instructions; both operands were
                            // packed to the sizes of tile and panel; the tile lies inside the result, whose size
                            // `matmul` has checked, and in no other thread's share.
                            unsafe {
                                (kernel.multiply)(depth, a[of_tile.start * depth..].as_ptr(), b.as_ptr(), target, store)
                            };
                        }
                    }
                }
            }
            packed_a.give_back(buffer);
        });
    }

    /// Copies `rows` rows of `a` from `first` on, at some depths: for each depth the numbers of all rows.
    fn pack_a(&self, kernel: &Kernel, first: usize, rows: usize, depths: &Range<usize>, to: &mut [f32]) {
        let a = self.a;
        let from = &a.values[first * a.row_stride + depths.start * a.column_stride..];
        pack(kernel, from, a.row_stride, a.column_stride, rows, rows, to);
    }
}

/// `to[i][lane] = from[lane * lane_stride + i * stride]` for every `i < to.len() / width`, where lanes from `lanes` to
/// `width` become 0.
fn pack(kernel: &Kernel, from: &[f32], lane_stride: usize, stride: usize, lanes: usize, width: usize, to: &mut [f32]) {
    let depth = to.len() / width;
    assert!((lanes - 1) * lane_stride + (depth - 1) * stride < from.len() && lanes <= width);
    if lane_stride == 1 {
        for (i, to) in to.chunks_exact_mut(width).enumerate() {
            to[..lanes].copy_from_slice(&from[i * stride..i * stride + lanes]);
            to[lanes..].fill(0.0);
        }
    } else if stride == 1 {
        // SAFETY: the assertion above is what the function asks for.
        unsafe { (kernel.transpose)(from.as_ptr(), lane_stride, lanes, depth, to.as_mut_ptr(), width) };
    } else {
        for (i, to) in to.chunks_exact_mut(width).enumerate() {
            for (lane, to) in to.iter_mut().enumerate() {
                *to = if lane < lanes { from[lane * lane_stride + i * stride] } else { 0.0 };
            }
        }
    }
}

/// Sixteen numbers that fill one cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

thread_local! {
    // The buffers are kept between products. A thread whose own product waits may help with another one; it then finds
    // its buffer taken and begins an empty one.
    static PACKED_A: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
    static PACKED_B: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
}

/// Room for numbers, taken from a thread's buffer.
struct Lines {
    lines: Vec<Line>,
    len: usize,
}

impl Lines {
    fn sized(buffer: &Cell<Vec<Line>>, len: usize) -> Self {
        let mut lines = buffer.take();
        if lines.len() * 16 < len {
            lines.resize(len.div_ceil(16), Line([0.0; 16]));
        }
        Self { lines, len }
    }

    fn values(&mut self) -> &mut [f32] {
        // SAFETY: a line is sixteen numbers and nothing else.
        let all =
            unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast::<f32>(), self.lines.len() * 16) };
        &mut all[..self.len]
    }

    fn give_back(self, buffer: &Cell<Vec<Line>>) {
        buffer.set(self.lines);
    }
}
