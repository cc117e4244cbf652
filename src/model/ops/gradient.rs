//! The place where backward leaves a weight's gradient for the optimiser.

use std::sync::{Mutex, MutexGuard, PoisonError};

use candle_core::{Result, Tensor};

use super::kernels;

/// The gradient of one trainable weight, from backward to the optimiser's step. Its memory is kept between steps.
#[derive(Debug, Default)]
pub struct Gradient(Mutex<GradientValue>);

/// What a [`Gradient`] holds.
#[derive(Debug, Default)]
pub struct GradientValue {
    /// The gradient in row-major order, of the whole weight or of `rows` only.
    pub values: Vec<f32>,
    /// The sorted rows of an embedding table that `values` holds. All other rows have a gradient of 0.
    pub rows: Option<Vec<u32>>,
    /// The gradient of the whole weight where it is on a device other than the CPU; `values` is not used then.
    pub on_device: Option<Tensor>,
    /// Whether backward has added anything since the last [`Gradient::clear`].
    pub present: bool,
}

impl Gradient {
    /// Locks the gradient for reading and changing it.
    pub fn lock(&self) -> MutexGuard<'_, GradientValue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `write` add to the `len` values. Its second argument says whether they hold a gradient already; if not, they
    /// are to be overwritten.
    pub fn add(&self, len: usize, write: impl FnOnce(&mut [f32], bool)) {
        let mut g = self.lock();
        g.values.resize(len, 0.0);
        let present = g.present;
        write(&mut g.values, present);
        g.present = true;
    }

    /// The same as [`Gradient::add`], except that the values begin as zeros, for a `write` that adds to them.
    pub fn add_sums(&self, len: usize, write: impl FnOnce(&mut [f32])) {
        self.add(len, |values, present| {
            if !present {
                values.fill(0.0);
            }
            write(values);
        });
    }

    /// Adds the gradient of some rows of an embedding table. `rows` are sorted and distinct, and `values` are
    /// `[rows, width]`.
    pub fn add_rows(&self, rows: Vec<u32>, values: Vec<f32>, width: usize) {
        let mut g = self.lock();
        if !g.present {
            (g.rows, g.values, g.present) = (Some(rows), values, true);
            return;
        }
        let old_rows = g.rows.take().unwrap_or_default();
        let mut merged: Vec<u32> = old_rows.iter().chain(&rows).copied().collect();
        merged.sort_unstable();
        merged.dedup();
        let sums = kernels::new_rows(merged.len() * width, width, |i, sums| {
            for (rows, values) in [(&old_rows, &g.values), (&rows, &values)] {
                if let Ok(at) = rows.binary_search(&merged[i]) {
                    kernels::add_to(sums, &values[at * width..(at + 1) * width]);
                }
            }
        });
        (g.rows, g.values) = (Some(merged), sums);
    }

    /// Adds the gradient of the whole weight, which stays on its device.
    ///
    /// # Errors
    /// candle's, when shapes or devices differ.
    pub fn add_on_device(&self, found: &Tensor) -> Result<()> {
        let mut g = self.lock();
        g.on_device = Some(match g.on_device.take().filter(|_| g.present) {
            Some(sum) => (sum + found)?,
            None => found.clone(),
        });
        g.present = true;
        Ok(())
    }

    /// Forgets the gradient and keeps its memory.
    pub fn clear(&self) {
        self.lock().present = false;
    }
}
