//! A dense layer with an activation.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::super::{Activation, Linear, kernels};
use super::{ForBackward, linear, linear_backward, owned, read, slice, stored, tensor};

/// [`Ops::dense`](super::Ops::dense) as one operation.
pub(super) struct Dense {
    pub weights: Linear,
    pub activation: Activation,
    /// The values before the activation.
    pub saved: ForBackward<Vec<f32>>,
}

impl Dense {
    /// Computes the result, and with `keep` returns the values before the activation, which backward needs.
    pub fn forward(&self, x: &[f32], keep: bool) -> Result<(Vec<f32>, Option<Vec<f32>>)> {
        let pre = linear(x, &self.weights)?;
        if self.activation == Activation::None {
            return Ok((pre, None));
        }
        let width = self.weights.weight.tensor.dim(0)?;
        let y = kernels::activate(self.activation, &pre, width);
        Ok((y, keep.then_some(pre)))
    }

    /// Runs backward from the result's gradient `g` and the values before the activation, `pre`. `dx` is as in
    /// [`linear_backward`].
    pub fn backward(&self, mut g: Vec<f32>, x: &[f32], pre: &[f32], dx: Option<&mut Vec<f32>>) -> Result<()> {
        if self.activation != Activation::None {
            kernels::activate_backward(self.activation, pre, &mut g, self.weights.weight.tensor.dim(0)?);
        }
        linear_backward(&g, x, &self.weights, dx)
    }
}

impl CustomOp2 for Dense {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let (y, pre) = self.forward(slice(s1, l1)?, true)?;
        self.saved.put(pre.unwrap_or_default());
        Ok(stored(y, self.weights.weight.tensor.dim(0)?))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (pre, g) = (self.saved.take()?, owned(grad)?);
        let mut dx = x.track_op().then(Vec::new);
        read(x, |x| self.backward(g, x, &pre, dx.as_mut()))??;
        let inner = x.dim(1)?;
        Ok((dx.map(|dx| tensor(dx, inner)).transpose()?, None))
    }
}
