//! AdamW for weights on a GPU: the same formula, by candle's own operations.

use candle_core::{Result, Tensor, Var, bail};

use crate::model::ops::GradientValue;

use super::{BETA_1, BETA_2, EPS, Factors};

/// The two moments of one weight, on its device. They are absent before the first update, when they are 0.
#[derive(Debug, Default)]
pub(super) struct DeviceMoments {
    moments: Option<(Tensor, Tensor)>,
}

impl DeviceMoments {
    /// The two moments, for a checkpoint; `None` before the first update.
    pub fn values(&self) -> Option<&(Tensor, Tensor)> {
        self.moments.as_ref()
    }

    /// Takes the moments of `weight` from a checkpoint.
    ///
    /// # Errors
    /// candle's, when the device has no room.
    pub fn put_back(&mut self, weight: &Tensor, first: &[f32], second: &[f32]) -> Result<()> {
        let on_device = |values: &[f32]| Tensor::from_slice(values, weight.dims(), weight.device());
        self.moments = Some((on_device(first)?, on_device(second)?));
        Ok(())
    }

    /// Moves the variable `weight` by one step.
    ///
    /// # Errors
    /// candle's, and one for a gradient that is not on the device.
    pub fn update(&mut self, weight: &Tensor, gradient: &GradientValue, factors: Factors) -> Result<()> {
        let Some(gradient) = &gradient.on_device else { bail!("the gradient is not where the weight is") };
        let g = (gradient * f64::from(factors.clip))?;
        let (first, second) = match self.moments.take() {
            Some(moments) => moments,
            None => (g.zeros_like()?, g.zeros_like()?),
        };
        let first = ((first * BETA_1)? + (&g * (1.0 - BETA_1))?)?;
        let second = ((second * BETA_2)? + (g.sqr()? * (1.0 - BETA_2))?)?;
        let denominator = ((second.sqrt()? / f64::from(factors.root_bias_2))? + EPS)?;
        let moved = (&first / denominator)? * f64::from(factors.step_size);
        let new = ((weight.detach() * f64::from(factors.decay))? - moved?)?;
        Var::from_tensor(weight)?.set(&new)?;
        self.moments = Some((first.detach(), second.detach()));
        Ok(())
    }
}

/// The sum of squares of a gradient on a device; not a number where the device fails, so that training stops.
pub(super) fn sum_of_squares(gradient: &Tensor) -> f64 {
    let sum = gradient.sqr().and_then(|squares| squares.sum_all()).and_then(|sum| sum.to_scalar::<f32>());
    sum.map_or(f64::NAN, f64::from)
}
