//! The update of an embedding table, exact although it leaves most rows alone.
//!
//! A batch reads few rows of the table, and only those have a gradient. A row that never had one has moments of exactly 0,
//! so all that AdamW does to it is weight decay, a factor that can wait until the row is read. A row that had a gradient
//! once keeps moving by its momentum, so it is updated at every step.

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use crate::domain::problem::Outcome;
use crate::model::host;
use crate::model::tensor_file::Take;

use super::{Factors, update};

/// Rows that one thread takes at least.
const LEAST_ROWS: usize = 256;

/// What is remembered of the rows of a table.
#[derive(Debug)]
pub(in crate::train) struct SparseRows {
    pub width: usize,
    /// The first moments of each row that has ever had a gradient, and then its second ones. They are made row by row: two
    /// tables of zeros would take memory for all rows wherever the allocator gives pages that were used before.
    moments: Vec<Option<Box<[f32]>>>,
    /// The product of (1 - learning rate * weight decay) over the steps whose decay the other rows still owe.
    pub owed: f32,
}

impl SparseRows {
    /// A table `[rows, width]` of which no row has had a gradient.
    pub fn new(rows: usize, width: usize) -> Self {
        Self { width, moments: vec![None; rows], owed: 1.0 }
    }

    /// Takes note that a row has a gradient; returns whether it had one before.
    pub fn touch(&mut self, row: usize) -> bool {
        let had_one = self.moments[row].is_some();
        self.moments[row].get_or_insert_with(|| vec![0.0; 2 * self.width].into());
        had_one
    }

    /// The factor of weight decay that is still due on a row.
    pub fn owed_by(&self, row: usize) -> f32 {
        if self.moments[row].is_some() { 1.0 } else { self.owed }
    }

    /// Takes one step. `gradient` is that of `rows`, which are sorted, and all other rows have a gradient of 0; without
    /// `rows`, it is that of all.
    pub(super) fn update(&mut self, values: &mut [f32], rows: Option<&[u32]>, gradient: &[f32], factors: Factors) {
        let (width, count) = (self.width, self.moments.len());
        for i in 0..rows.map_or(count, <[u32]>::len) {
            self.touch(rows.map_or(i, |rows| rows[i] as usize));
        }
        self.owed *= factors.decay;
        let zeros = vec![0.0; width];
        let all = values.par_chunks_mut(width).zip(&mut self.moments).enumerate().with_min_len(LEAST_ROWS);
        all.for_each(|(row, (p, moments))| {
            let Some(moments) = moments else { return };
            let (m, v) = moments.split_at_mut(width);
            let place = rows.map_or(Ok(row), |rows| rows.binary_search(&(row as u32)));
            let g = place.map_or(&zeros[..], |i| &gradient[i * width..(i + 1) * width]);
            update(p, g, m, v, factors);
        });
    }

    /// Pays the decay that the rows `ids` of the table owe; that of all rows with `None`.
    ///
    /// # Errors
    /// candle's, where the weight is not in this machine's memory.
    pub fn settle(&mut self, table: &Tensor, ids: Option<&[u32]>) -> Result<()> {
        if self.owed == 1.0 {
            return Ok(());
        }
        host::change_values(table, |values| {
            let (width, owed) = (self.width, self.owed);
            let Some(ids) = ids else {
                let all = values.par_chunks_mut(width).zip(&self.moments).with_min_len(LEAST_ROWS);
                all.filter(|(_, moments)| moments.is_none())
                    .for_each(|(row, _)| row.iter_mut().for_each(|p| *p *= owed));
                self.owed = 1.0;
                return;
            };
            for row in ids.iter().map(|id| *id as usize) {
                // A row that is settled now counts as touched, because this step's backward will give it a gradient.
                if !self.touch(row) {
                    values[row * width..(row + 1) * width].iter_mut().for_each(|p| *p *= owed);
                }
            }
        })
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.moments.len()
    }

    /// The rows that have ever had a gradient, in order.
    pub fn touched_rows(&self) -> impl Iterator<Item = usize> + Clone {
        self.moments.iter().enumerate().filter(|(_, moments)| moments.is_some()).map(|(row, _)| row)
    }

    /// Hands on the first or the second moments of the touched rows, in order.
    pub(super) fn each_moment(&self, which: Which, take: Take<'_>) -> Outcome<()> {
        let place = which.place(self.width);
        self.moments.iter().flatten().try_for_each(|moments| take(&moments[place.clone()]))
    }

    /// Puts those of the touched rows back.
    pub(super) fn scatter_moments(&mut self, which: Which, values: &[f32]) {
        let place = which.place(self.width);
        for (moments, values) in self.moments.iter_mut().flatten().zip(values.chunks(self.width)) {
            moments[place.clone()].copy_from_slice(values);
        }
    }

    /// Hands on the values of the touched rows, out of those of all rows.
    pub(super) fn each_row(&self, all: &[f32], take: Take<'_>) -> Outcome<()> {
        self.touched_rows().try_for_each(|row| take(&all[row * self.width..(row + 1) * self.width]))
    }

    /// Puts the values of the touched rows among those of all rows.
    pub fn scatter(&self, some: &[f32], all: &mut [f32]) {
        for (row, values) in self.touched_rows().zip(some.chunks(self.width)) {
            all[row * self.width..(row + 1) * self.width].copy_from_slice(values);
        }
    }
}

/// One of the two moments of a row.
#[derive(Clone, Copy)]
pub(super) enum Which {
    First,
    Second,
}

impl Which {
    /// Its place among the numbers that are kept of a row.
    fn place(self, width: usize) -> std::ops::Range<usize> {
        match self {
            Self::First => 0..width,
            Self::Second => width..2 * width,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_that_had_a_gradient_take_memory() {
        let mut table = SparseRows::new(5, 2);
        let factors = Factors { clip: 1.0, decay: 1.0, step_size: 0.1, root_bias_2: 1.0 };
        let mut values = [1.0; 10];
        table.update(&mut values, Some(&[1, 4]), &[1.0, 2.0, 3.0, 4.0], factors);
        table.update(&mut values, Some(&[4]), &[1.0, 1.0], factors);
        assert_eq!(table.touched_rows().collect::<Vec<_>>(), [1, 4]);
        assert_eq!(table.moments.iter().flatten().map(|moments| moments.len()).sum::<usize>(), 2 * 2 * 2);
        let rest: Vec<f32> = values[..2].iter().chain(&values[4..8]).copied().collect();
        assert!(rest == [1.0; 6] && values[2..4].iter().chain(&values[8..]).all(|value| *value < 1.0), "{values:?}");
    }
}
