//! A whole encoder layer as one operation, made of the blocks in the neighbouring files.

use candle_core::{Result, Tensor, bail};

use super::super::LayerBlock;
use super::attention::Projected;
use super::output::Normed;
use super::{Block, Fused};

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

impl Block for LayerBlock {
    const NAME: &'static str = "layer";
    type Saved = Intermediates;

    fn anchor(&self) -> Option<&Tensor> {
        let (attention, intermediate) = (self.attention.anchor(), self.intermediate.anchor());
        attention.or(intermediate).or(self.attention_output.anchor()).or(self.output.anchor())
    }

    fn width(&self) -> Result<usize> {
        self.attention.width()
    }

    fn forward(&self, ops: Fused, x: &[f32], keep: bool) -> Result<(Vec<f32>, Option<Intermediates>)> {
        if self.interrupt.ends() {
            bail!("the work was ended between two layers");
        }
        let (context, projected) = self.attention.compute(ops, x)?;
        let (attended, attended_normed) = self.attention_output.forward(ops, &context, x)?;
        let (inner, inner_pre) = self.intermediate.forward(ops, &attended, keep)?;
        let (y, normed) = self.output.forward(ops, &inner, &attended)?;
        let inner_pre = inner_pre.unwrap_or_default();
        let saved = Intermediates { context, projected, attended, attended_normed, inner, inner_pre, normed };
        Ok((y, keep.then_some(saved)))
    }

    /// Runs backward only as far as something trains, or down to x where `dx` is wanted.
    fn backward(
        &self,
        ops: Fused,
        g: Vec<f32>,
        x: &[f32],
        saved: Intermediates,
        dx: Option<&mut Vec<f32>>,
    ) -> Result<()> {
        if self.interrupt.ends() {
            bail!("the work was ended between two layers");
        }
        let into_attention = dx.is_some() || self.attention.anchor().is_some();
        let into_attended = into_attention || self.attention_output.anchor().is_some();
        let into_inner = into_attended || self.intermediate.anchor().is_some();

        let mut d_inner = into_inner.then(Vec::new);
        let mut d_attended =
            self.output.backward(ops, g, &saved.inner, &saved.normed, d_inner.as_mut(), into_attended)?;
        drop((saved.inner, saved.normed));
        let Some(d_inner) = d_inner else { return Ok(()) };
        self.intermediate.backward(ops, d_inner, &saved.attended, saved.inner_pre, d_attended.as_mut())?;
        drop(saved.attended);
        let Some(d_attended) = d_attended else { return Ok(()) };
        let (mut d_context, normed) = (into_attention.then(Vec::new), &saved.attended_normed);
        let mut d_x = self.attention_output.backward(
            ops,
            d_attended,
            &saved.context,
            normed,
            d_context.as_mut(),
            dx.is_some(),
        )?;
        if let Some(d_context) = d_context {
            self.attention.backward(ops, d_context, x, saved.projected, d_x.as_mut())?;
        }
        if let (Some(dx), Some(d_x)) = (dx, d_x) {
            *dx = d_x;
        }
        Ok(())
    }
}
