//! A whole encoder layer as one operation, made of the blocks in the neighbouring files.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::super::{Activation, Layer, LayerDropout, OutputWeights, Queries, Sequences};
use super::attention::{Attention, Projected};
use super::dense::Dense;
use super::output::{Normed, Output};
use super::{ForBackward, owned, read, slice, stored, tensor};

/// [`Ops::layer`](super::Ops::layer) as one operation.
pub(super) struct WholeLayer {
    attention: Attention,
    attention_output: Output,
    intermediate: Dense,
    output: Output,
    saved: ForBackward<Intermediates>,
}

/// What backward needs of the forward pass: the results of the blocks, and what each block saved.
pub(super) struct Intermediates {
    context: Vec<f32>,
    projected: Projected,
    attended: Vec<f32>,
    attended_normed: Normed,
    inner: Vec<f32>,
    inner_pre: Vec<f32>,
    normed: Normed,
}

impl WholeLayer {
    pub fn new(
        sequences: &Arc<Sequences>,
        layer: &Layer,
        activation: Activation,
        queries: Queries,
        dropout: LayerDropout,
    ) -> Self {
        let firsts = (queries == Queries::First).then(|| sequences.clone());
        let output = |firsts, weights: &OutputWeights, dropout| Output {
            firsts,
            weights: weights.clone(),
            dropout,
            saved: ForBackward::new(),
        };
        Self {
            attention: Attention {
                sequences: sequences.clone(),
                weights: layer.attention.clone(),
                queries,
                dropout: dropout.probabilities,
                saved: ForBackward::new(),
            },
            attention_output: output(firsts, &layer.attention_output, dropout.attention),
            intermediate: Dense { weights: layer.intermediate.clone(), activation, saved: ForBackward::new() },
            output: output(None, &layer.output, dropout.output),
            saved: ForBackward::new(),
        }
    }

    /// Computes the layer's result, and with `keep` returns what backward needs.
    pub fn forward(&self, x: &[f32], width: usize, keep: bool) -> Result<(Vec<f32>, Option<Intermediates>)> {
        let (context, projected) = self.attention.forward(x, width)?;
        let (attended, attended_normed) = self.attention_output.forward(&context, x, width)?;
        let (inner, inner_pre) = self.intermediate.forward(&attended, keep)?;
        let (y, normed) = self.output.forward(&inner, &attended, width)?;
        let inner_pre = inner_pre.unwrap_or_default();
        let saved = Intermediates { context, projected, attended, attended_normed, inner, inner_pre, normed };
        Ok((y, keep.then_some(saved)))
    }

    /// Runs backward from the result's gradient `g` only as far as something trains, or down to `x` where `wants_dx`.
    fn backward(&self, g: Vec<f32>, x: &[f32], saved: Intermediates, wants_dx: bool) -> Result<Option<Vec<f32>>> {
        let into_attention = wants_dx || self.attention.weights.anchor().is_some();
        let into_attended = into_attention || self.attention_output.weights.anchor().is_some();
        let into_inner = into_attended || self.intermediate.weights.trains();

        let mut d_inner = into_inner.then(Vec::new);
        let mut d_attended = self.output.backward(g, &saved.inner, &saved.normed, d_inner.as_mut(), into_attended)?;
        drop((saved.inner, saved.normed));
        let Some(d_inner) = d_inner else { return Ok(None) };
        self.intermediate.backward(d_inner, &saved.attended, &saved.inner_pre, d_attended.as_mut())?;
        drop((saved.attended, saved.inner_pre));
        let Some(d_attended) = d_attended else { return Ok(None) };
        let mut d_context = into_attention.then(Vec::new);
        let normed = &saved.attended_normed;
        let mut dx =
            self.attention_output.backward(d_attended, &saved.context, normed, d_context.as_mut(), wants_dx)?;
        if let Some(d_context) = d_context {
            self.attention.backward(&d_context, x, &saved.projected, dx.as_mut())?;
        }
        Ok(dx)
    }
}

impl CustomOp2 for WholeLayer {
    fn name(&self) -> &'static str {
        "layer"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let width = l1.dims()[1];
        let (y, saved) = self.forward(slice(s1, l1)?, width, true)?;
        if let Some(saved) = saved {
            self.saved.put(saved);
        }
        Ok(stored(y, width))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (saved, g) = (self.saved.take()?, owned(grad)?);
        let (wants_dx, width) = (x.track_op(), x.dim(1)?);
        let dx = read(x, |x| self.backward(g, x, saved, wants_dx))??;
        Ok((dx.map(|dx| tensor(dx, width)).transpose()?, None))
    }
}
