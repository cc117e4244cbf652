//! Matrix products over slices, through the `gemm` crate. The only place that hands out raw pointers.
#![allow(unsafe_code)]

/// A matrix laid over a slice: element (i, j) is `values[start + i * row_stride + j * column_stride]`.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    pub row_stride: usize,
    pub column_stride: usize,
}

impl<'a> View<'a> {
    /// A whole slice as `rows x columns`, row after row.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self { values, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// `columns` columns from a wider matrix whose rows are `stride` apart; the slice starts at the first one.
    pub fn columns_of(values: &'a [f32], rows: usize, columns: usize, stride: usize) -> Self {
        Self { values, rows, columns, row_stride: stride, column_stride: 1 }
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

    /// The first `rows` rows, and the others.
    fn split(self, rows: usize) -> (Self, Self) {
        let below = &self.values[rows * self.row_stride..];
        (Self { rows, ..self }, Self { values: below, rows: self.rows - rows, ..self })
    }

    fn last_index(&self) -> usize {
        (self.rows - 1) * self.row_stride + (self.columns - 1) * self.column_stride
    }
}

/// Whether a product may use all threads of the current rayon pool, or only this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    One,
    All,
}

/// Rows that a thread takes at least, and multiplications, so that starting it pays.
const ROWS_PER_THREAD: usize = 8;
const WORK_PER_THREAD: usize = 1 << 18;
/// gemm computes products of up to so many numbers in another way, which adds in another order.
const SMALL_PRODUCT: usize = 256;

/// `dst = scale * a b`, or `dst += scale * a b` with `accumulate`; `dst` is row-major with rows `stride` apart.
///
/// Threads share the rows of the result among them, each with a product of its own: faster than gemm's own threads, which
/// wait for each other, and the bits of a row depend on nothing but itself and `b`.
///
/// # Panics
/// When shapes do not fit each other or the slices.
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
    let parts = match threads {
        Threads::One => 1,
        Threads::All => rayon::current_num_threads()
            .min(m / ROWS_PER_THREAD.max(SMALL_PRODUCT / n + 1))
            .min(m * n * a.columns / WORK_PER_THREAD)
            .max(1),
    };
    on_threads(dst, stride, a, b, scale, accumulate, parts);
}

fn on_threads(dst: &mut [f32], stride: usize, a: View<'_>, b: View<'_>, scale: f32, accumulate: bool, parts: usize) {
    if parts < 2 {
        return on_this_thread(dst, stride, a, b, scale, accumulate);
    }
    let above = a.rows * (parts / 2) / parts;
    let (a_above, a_below) = a.split(above);
    let (dst_above, dst_below) = dst.split_at_mut(above * stride);
    rayon::join(
        || on_threads(dst_above, stride, a_above, b, scale, accumulate, parts / 2),
        || on_threads(dst_below, stride, a_below, b, scale, accumulate, parts - parts / 2),
    );
}

fn on_this_thread(dst: &mut [f32], stride: usize, a: View<'_>, b: View<'_>, scale: f32, accumulate: bool) {
    let (m, k, n) = (a.rows, a.columns, b.columns);
    assert_eq!(k, b.rows, "inner sizes differ");
    assert!(stride >= n && (m - 1) * stride + n <= dst.len(), "the result does not fit its slice");
    assert!(k > 0 && a.last_index() < a.values.len() && b.last_index() < b.values.len(), "an operand leaves its slice");
    // SAFETY: the assertions above keep every index that gemm computes from sizes and strides inside the three slices,
    // and `dst` is borrowed mutably, so it overlaps neither operand. Rows of `dst` do not overlap since stride >= n.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            dst.as_mut_ptr(),
            1,
            stride as isize,
            accumulate,
            a.values.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.values.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            if accumulate { 1.0 } else { 0.0 },
            scale,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
