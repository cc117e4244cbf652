//! A dense layer with an activation.

use candle_core::{Result, Tensor};

use super::super::{Activation, Dense, kernels};
use super::{Block, Fused, anchor};

impl Block for Dense {
    const NAME: &'static str = "dense";
    /// The values before the activation; none where there is no activation.
    type Saved = Vec<f32>;

    fn anchor(&self) -> Option<&Tensor> {
        anchor([&self.weights.weight, &self.weights.bias])
    }

    fn width(&self) -> Result<usize> {
        self.weights.weight.tensor.dim(0)
    }

    fn forward(&self, ops: Fused, x: &[f32], keep: bool) -> Result<(Vec<f32>, Option<Vec<f32>>)> {
        let pre = ops.linear(x, &self.weights)?;
        if self.activation == Activation::None {
            return Ok((pre, Some(Vec::new())));
        }
        let y = kernels::activate(self.activation, &pre, self.width()?);
        Ok((y, keep.then_some(pre)))
    }

    fn backward(&self, ops: Fused, mut g: Vec<f32>, x: &[f32], pre: Vec<f32>, dx: Option<&mut Vec<f32>>) -> Result<()> {
        if self.activation != Activation::None {
            kernels::activate_backward(self.activation, &pre, &mut g, self.width()?);
        }
        ops.linear_backward(&g, x, &self.weights, dx)
    }
}
