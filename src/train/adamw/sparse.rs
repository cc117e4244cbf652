//! The update of an embedding table, exact although it leaves most rows alone.
//!
//! A batch reads few rows of the table, and only those have a gradient. A row that never had one has moments of exactly 0,
//! so all that AdamW does to it is weight decay, a factor that can wait until the row is read. A row that had a gradient
//! once keeps moving by its momentum, so it is updated at every step.

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use crate::model::host;

use super::{Factors, update};

/// Rows that one thread takes at least.
const LEAST_ROWS: usize = 256;

/// What is remembered of the rows of a table.
#[derive(Debug)]
pub(in crate::train) struct SparseRows {
    pub width: usize,
    /// Whether each row has ever had a gradient.
    pub touched: Vec<bool>,
    /// The product of (1 - learning rate * weight decay) over the steps whose decay the other rows still owe.
    pub owed: f32,
}

impl SparseRows {
    /// A table `[rows, width]` of which no row has had a gradient.
    pub fn new(rows: usize, width: usize) -> Self {
        Self { width, touched: vec![false; rows], owed: 1.0 }
    }

    /// The factor of weight decay that is still due on a row.
    pub fn owed_by(&self, row: usize) -> f32 {
        if self.touched[row] { 1.0 } else { self.owed }
    }

    /// Takes one step. `gradient` is that of `rows`, which are sorted; all other rows have a gradient of 0.
    pub(super) fn update(
        &mut self,
        values: &mut [f32],
        rows: &[u32],
        gradient: &[f32],
        (first, second): (&mut [f32], &mut [f32]),
        factors: Factors,
    ) {
        let width = self.width;
        for row in rows {
            self.touched[*row as usize] = true;
        }
        self.owed *= factors.decay;
        let zeros = vec![0.0; width];
        let moments = first.par_chunks_mut(width).zip(second.par_chunks_mut(width));
        let all = values.par_chunks_mut(width).zip(moments).zip(&self.touched).enumerate().with_min_len(LEAST_ROWS);
        all.filter(|(_, (_, touched))| **touched).for_each(|(row, ((p, (m, v)), _))| {
            let place = rows.binary_search(&(row as u32));
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
                let all = values.par_chunks_mut(width).zip(&self.touched).with_min_len(LEAST_ROWS);
                all.filter(|(_, touched)| !**touched).for_each(|(row, _)| row.iter_mut().for_each(|p| *p *= owed));
                self.owed = 1.0;
                return;
            };
            for row in ids.iter().map(|id| *id as usize) {
                // A row that is settled now counts as touched, because this step's backward will give it a gradient.
                if !std::mem::replace(&mut self.touched[row], true) {
                    values[row * width..(row + 1) * width].iter_mut().for_each(|p| *p *= owed);
                }
            }
        })
    }

    /// The rows that have ever had a gradient, in order.
    pub fn touched_rows(&self) -> impl Iterator<Item = usize> {
        self.touched.iter().enumerate().filter(|(_, touched)| **touched).map(|(row, _)| row)
    }

    /// The values of the touched rows, out of those of all rows.
    pub fn gather(&self, all: &[f32]) -> Vec<f32> {
        self.touched_rows().flat_map(|row| &all[row * self.width..(row + 1) * self.width]).copied().collect()
    }

    /// Puts the values of the touched rows among those of all rows.
    pub fn scatter(&self, some: &[f32], all: &mut [f32]) {
        for (row, values) in self.touched_rows().zip(some.chunks(self.width)) {
            all[row * self.width..(row + 1) * self.width].copy_from_slice(values);
        }
    }
}
