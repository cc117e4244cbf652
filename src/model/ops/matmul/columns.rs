//! Columns of a matrix that are written apart from each other, as each head of an attention writes its own.

use std::marker::PhantomData;

use super::Target;

/// Neighbouring columns of a row-major matrix, in all its rows, for writing.
#[derive(Debug)]
pub struct Columns<'a> {
    pub(super) to: Target,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The numbers of a whole row of the matrix.
    pub(super) stride: usize,
    /// The matrix is borrowed for as long as its columns are.
    matrix: PhantomData<&'a mut [f32]>,
}

impl<'a> Columns<'a> {
    /// Shares out a row-major matrix with rows of `stride` numbers, `columns` columns to each, from the first on. No number
    /// belongs to two of them, so that each may be written on another thread.
    ///
    /// # Panics
    /// When a row is not divided evenly, or the matrix has a part of a row.
    pub fn of(matrix: &'a mut [f32], stride: usize, columns: usize) -> impl Iterator<Item = Self> + use<'a> {
        assert!(columns > 0 && stride.is_multiple_of(columns), "the columns do not divide a row");
        assert!(matrix.len().is_multiple_of(stride), "the matrix ends within a row");
        let (start, rows) = (matrix.as_mut_ptr(), matrix.len() / stride);
        (0..stride / columns).map(move |i| Self {
            to: Target(start.wrapping_add(i * columns)),
            rows,
            columns,
            stride,
            matrix: PhantomData,
        })
    }
}
