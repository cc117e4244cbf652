//! Exponential smoothing of curves, corrected for its start, as TensorBoard smooths.

use serde::{Deserialize, Serialize};

/// How much of the mean so far every new value leaves in place, from 0 (nothing is smoothed) to [`Smoothing::MOST`].
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Smoothing(f64);

impl Smoothing {
    pub const NONE: Self = Self(0.0);
    /// With more, a curve would hardly move.
    pub const MOST: f64 = 0.999;

    pub fn weight(self) -> f64 {
        self.0
    }
}

impl Default for Smoothing {
    /// The values of about twenty steps make up most of such a mean.
    fn default() -> Self {
        Self(0.9)
    }
}

impl From<f64> for Smoothing {
    fn from(weight: f64) -> Self {
        if weight.is_nan() { Self::default() } else { Self(weight.clamp(0.0, Self::MOST)) }
    }
}

impl From<Smoothing> for f64 {
    fn from(smoothing: Smoothing) -> Self {
        smoothing.0
    }
}

/// A mean that follows a curve. Each value weighs more than the one before it.
#[derive(Clone, Copy, Debug, Default)]
pub struct MovingMean {
    smoothing: Smoothing,
    weighted: f64,
    /// The sum of all weights so far, 1 - weight^n. Without it the first means would lie near 0.
    weights: f64,
}

impl MovingMean {
    pub fn new(smoothing: Smoothing) -> Self {
        Self { smoothing, weighted: 0.0, weights: 0.0 }
    }

    /// Takes in the value of the next step and returns the mean. A value that is no number is passed on and leaves the mean
    /// as it was.
    pub fn follow(&mut self, value: f64) -> f64 {
        self.follow_after(1, value)
    }

    /// The same for a value that comes so many steps after the one before it. It weighs as much as all the steps between,
    /// so that a long run is smoothed alike whether every step of it is kept or every second.
    pub fn follow_after(&mut self, steps: usize, value: f64) -> f64 {
        if !value.is_finite() {
            return value;
        }
        let kept = self.smoothing.weight().powi(i32::try_from(steps.max(1)).unwrap_or(i32::MAX));
        self.weighted = kept * self.weighted + (1.0 - kept) * value;
        self.weights = kept * self.weights + (1.0 - kept);
        self.weighted / self.weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn means(smoothing: f64, values: &[f64]) -> Vec<f64> {
        let mut mean = MovingMean::new(smoothing.into());
        values.iter().map(|value| mean.follow(*value)).collect()
    }

    #[test]
    fn the_first_mean_is_the_first_value_and_later_ones_are_tensorboards() {
        // TensorBoard's resampled smoothing of 1, 2, 3 at 0.6: the debiased means.
        let told = means(0.6, &[1.0, 2.0, 3.0]);
        for (mean, expected) in told.iter().zip([1.0, 1.625, 2.326_530_612_244_898]) {
            assert!((mean - expected).abs() < 1e-12, "{told:?}");
        }
        assert_eq!(means(0.0, &[3.0, 9.0, -1.0]), [3.0, 9.0, -1.0]);
    }

    #[test]
    fn what_is_no_number_leaves_no_trace() {
        let told = means(0.5, &[1.0, f64::NAN, 1.0]);
        assert!(told[1].is_nan() && told[2] == 1.0);
        assert_eq!(Smoothing::from(f64::NAN), Smoothing::default());
        assert_eq!(Smoothing::from(7.0).weight(), Smoothing::MOST);
    }

    #[test]
    fn every_second_value_is_smoothed_like_all_of_them() {
        let value = |step: usize| (step as f64 * 0.002).sin();
        let (mut all, mut second) = (MovingMean::new(0.9.into()), MovingMean::new(0.9.into()));
        for step in (2..=4000).step_by(2) {
            all.follow(value(step - 1));
            let (of_all, of_second) = (all.follow(value(step)), second.follow_after(2, value(step)));
            assert!((of_all - of_second).abs() < 0.002, "{of_all} and {of_second} at step {step}");
        }
    }

    proptest! {
        #[test]
        fn a_mean_lies_between_the_values(smoothing in 0.0..1.0f64, values in prop::collection::vec(-9.0..9.0f64, 1..200)) {
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for mean in means(smoothing, &values) {
                prop_assert!(low - 1e-9 <= mean && mean <= high + 1e-9);
            }
        }
    }
}
