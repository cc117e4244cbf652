//! The sum of word, position and type embeddings after LayerNorm. In backward, the gradient of the table of words has only
//! the rows of words that occur in the batch.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::super::kernels::{self, for_rows};
use super::super::{Embed, Gradient};
use super::output::Normed;
use super::{Recorded, anchor, drop_rows, layer_norm, layer_norm_backward, owned, read, stored};

impl Embed {
    /// A tensor that trains, if there is one; see [`super::anchor`].
    pub(super) fn anchor(&self) -> Option<&Tensor> {
        let w = &self.weights;
        anchor([&w.words, &w.positions, &w.norm.weight, &w.norm.bias].into_iter().chain(&w.types))
    }

    /// The width of the tables.
    ///
    /// # Errors
    /// candle's, for a table of words that is no matrix.
    pub(super) fn width(&self) -> Result<usize> {
        self.weights.words.tensor.dim(1)
    }

    /// Computes the embeddings, `[tokens, hidden]`, and what backward needs.
    ///
    /// # Errors
    /// candle's, and one for a token id that the table of words does not have, or a type that the table of types does not.
    pub(super) fn forward(&self) -> Result<(Vec<f32>, Normed)> {
        let (vocabulary, width) = self.weights.words.tensor.dims2()?;
        if let Some(id) = self.ids.iter().find(|id| **id as usize >= vocabulary) {
            bail!("token id {id} is outside the vocabulary of {vocabulary}");
        }
        let at = self.weights.position_rows(&self.ids, &self.sequences)?;
        let types = self.weights.types.as_ref().map(|types| read(&types.tensor, <[f32]>::to_vec)).transpose()?;
        if let (Some(table), Some(last)) = (&types, self.types.iter().max())
            && *last as usize >= table.len() / width
        {
            bail!("token type {last} is outside the model's {} types", table.len() / width);
        }
        let mut x = self.with_words(|copy_word| {
            read(&self.weights.positions.tensor, |positions| {
                kernels::new_rows(self.ids.len() * width, width, |i, x| {
                    let position = at[i] as usize * width;
                    copy_word(self.ids[i] as usize, x);
                    if let Some(table) = &types {
                        let of = self.types.get(i).map_or(0, |of| *of as usize) * width;
                        kernels::add_to(x, &table[of..of + width]);
                    }
                    kernels::add_to(x, &positions[position..position + width]);
                })
            })
        })??;
        let drop_row = |i: usize, y: &mut [f32]| {
            if let Some(dropout) = self.dropout {
                dropout.apply(y, i * width);
            }
        };
        let (y, inverse_std) = layer_norm(&mut x, &self.weights.norm, width, |_, _| {}, drop_row)?;
        Ok((y, (x, inverse_std)))
    }

    /// Hands on a function that copies a row of the table of words.
    fn with_words<R>(&self, with: impl FnOnce(&(dyn Fn(usize, &mut [f32]) + Sync)) -> R) -> Result<R> {
        match &self.weights.words.compact {
            Some(compact) => {
                let rows = compact.rows(&self.ids)?;
                Ok(with(&|i, to| rows.copy(i, to)))
            }
            None => read(&self.weights.words.tensor, |words| {
                with(&|i, to| to.copy_from_slice(&words[i * to.len()..(i + 1) * to.len()]))
            }),
        }
    }

    /// Adds the gradient of the rows of words that occur. Each row is a sum in the order of its tokens, so that its bits do
    /// not depend on the number of threads.
    fn word_gradient(&self, g: &[f32], width: usize, gradient: &Gradient) {
        let mut order: Vec<u32> = (0..self.ids.len() as u32).collect();
        order.sort_by_key(|i| (self.ids[*i as usize], *i));
        let groups: Vec<&[u32]> = order.chunk_by(|a, b| self.ids[*a as usize] == self.ids[*b as usize]).collect();
        let values = kernels::new_rows(groups.len() * width, width, |i, sums| {
            for token in groups[i] {
                let from = *token as usize * width;
                kernels::add_to(sums, &g[from..from + width]);
            }
        });
        let rows = groups.iter().map(|group| self.ids[group[0] as usize]).collect();
        gradient.add_rows(rows, values, width);
    }
}

/// Adds each row of `g` to the row of `table` whose number is at the same place in `at`. Each row of the table is a sum in
/// the order of `g`, so that its bits do not depend on the number of threads.
fn add_by_row(table: &mut [f32], width: usize, at: &[u32], g: &[f32]) {
    let mut order: Vec<u32> = (0..at.len() as u32).collect();
    order.sort_by_key(|i| (at[*i as usize], *i));
    for_rows(table, width, |row, sums| {
        let first = order.partition_point(|i| (at[*i as usize] as usize) < row);
        for i in order[first..].iter().map(|i| *i as usize).take_while(|i| at[*i] as usize == row) {
            kernels::add_to(sums, &g[i * width..(i + 1) * width]);
        }
    });
}

impl CustomOp1 for Recorded<Embed, Normed> {
    fn name(&self) -> &'static str {
        "embed"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let (y, saved) = self.block.forward()?;
        self.put(Some(saved));
        Ok(stored(y, self.block.width()?))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (block, weights) = (&self.block, &self.block.weights);
        let ((xhat, inverse_std), mut g, width) = (self.take()?, owned(grad)?, block.width()?);
        drop_rows(&mut g, width, block.dropout);
        layer_norm_backward(&mut g, &xhat, &inverse_std, &weights.norm, width)?;
        if let Some(gradient) = &weights.words.gradient {
            block.word_gradient(&g, width, gradient);
        }
        if let Some(types) = &weights.types
            && let Some(gradient) = &types.gradient
        {
            let len = types.tensor.elem_count();
            gradient.add_sums(len, |sums| {
                if block.types.is_empty() {
                    return kernels::add_rows_to(&mut sums[..width], &g);
                }
                add_by_row(sums, width, &block.types, &g);
            });
        }
        if let Some(gradient) = &weights.positions.gradient {
            let len = weights.positions.tensor.elem_count();
            let at = weights.position_rows(&block.ids, &block.sequences)?;
            gradient.add_sums(len, |sums| add_by_row(sums, width, &at, &g));
        }
        Ok(None)
    }
}
