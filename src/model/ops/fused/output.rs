//! Dense layer, dropout, residual and LayerNorm, which end both the attention block and the feed-forward block.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::super::Output;
use super::super::kernels;
use super::{Fused, Recorded, anchor, drop_rows, layer_norm, layer_norm_backward, owned, read, slice, stored, tensor};

/// What backward needs of a LayerNorm: the normalised rows, and 1 / std of each row.
pub(super) type Normed = (Vec<f32>, Vec<f32>);

impl Output {
    /// A tensor that trains, if there is one; see [`super::anchor`].
    pub(super) fn anchor(&self) -> Option<&Tensor> {
        let w = &self.weights;
        anchor([&w.dense.weight, &w.dense.bias, &w.norm.weight, &w.norm.bias])
    }

    /// Computes the result, `[rows of x, hidden]`, and what backward needs.
    ///
    /// # Errors
    /// candle's, where the shapes do not fit.
    pub(super) fn forward(&self, ops: Fused, x: &[f32], residual: &[f32]) -> Result<(Vec<f32>, Normed)> {
        let width = self.weights.norm.weight.tensor.dim(0)?;
        let mut y = ops.linear(x, &self.weights.dense)?;
        let add_residual = |i: usize, y: &mut [f32]| {
            if let Some(dropout) = self.dropout {
                dropout.apply(y, i * width);
            }
            let from = self.firsts.as_ref().map_or(i, |s| s.offsets[i]) * width;
            kernels::add_to(y, &residual[from..from + width]);
        };
        let (out, inverse_std) = layer_norm(&mut y, &self.weights.norm, width, add_residual, |_, _| {})?;
        Ok((out, (y, inverse_std)))
    }

    /// Runs backward from the result's gradient `g`. Returns the residual's gradient where `wants_residual`; x's goes into
    /// `dx`, as in [`Fused::linear_backward`].
    ///
    /// # Errors
    /// candle's, where the shapes do not fit.
    pub(super) fn backward(
        &self,
        ops: Fused,
        mut g: Vec<f32>,
        x: &[f32],
        (xhat, inverse_std): &Normed,
        dx: Option<&mut Vec<f32>>,
        wants_residual: bool,
    ) -> Result<Option<Vec<f32>>> {
        let width = self.weights.norm.weight.tensor.dim(0)?;
        layer_norm_backward(&mut g, xhat, inverse_std, &self.weights.norm, width)?;
        let d_residual = match &self.firsts {
            _ if !wants_residual => None,
            None => {
                // The residual has the gradient before dropout, and the dense layer that after it.
                match self.dropout {
                    None => ops.linear_backward(&g, x, &self.weights.dense, dx)?,
                    Some(dropout) => {
                        let dropped = kernels::new_rows(g.len(), width, |i, row| {
                            row.copy_from_slice(&g[i * width..(i + 1) * width]);
                            dropout.apply(row, i * width);
                        });
                        ops.linear_backward(&dropped, x, &self.weights.dense, dx)?;
                    }
                }
                return Ok(Some(g));
            }
            Some(sequences) => {
                let mut d = kernels::zeros(sequences.tokens() * width);
                for (g, first) in g.chunks_exact(width).zip(sequences.firsts()) {
                    d[first * width..(first + 1) * width].copy_from_slice(g);
                }
                Some(d)
            }
        };
        drop_rows(&mut g, width, self.dropout);
        ops.linear_backward(&g, x, &self.weights.dense, dx)?;
        Ok(d_residual)
    }
}

impl CustomOp3 for Recorded<Output, Normed> {
    fn name(&self) -> &'static str {
        "output"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (y, saved) = self.block.forward(self.ops, slice(s1, l1)?, slice(s2, l2)?)?;
        self.put(Some(saved));
        Ok(stored(y, l2.dims()[1]))
    }

    fn bwd(
        &self,
        x: &Tensor,
        residual: &Tensor,
        _: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (saved, g) = (self.take()?, owned(grad)?);
        let mut dx = x.track_op().then(Vec::new);
        let d_residual = read(x, |x| self.block.backward(self.ops, g, x, &saved, dx.as_mut(), residual.track_op()))??;
        let dx = dx.map(|dx| tensor(dx, x.dim(1)?)).transpose()?;
        let width = residual.dim(1)?;
        Ok((dx, d_residual.map(|d| tensor(d, width)).transpose()?, None))
    }
}
