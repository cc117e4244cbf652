//! The loss against the learning rate, from one short sweep (Smith 2017, arXiv 1506.01186), and the rate that it suggests.

use serde::{Deserialize, Serialize};

use super::message::RunOutcome;
use super::problem::{Outcome, Problem};

/// The rate of the sweep's first step.
pub const LOWEST_RATE: f64 = 1e-7;
/// The rate of its last step.
pub const HIGHEST_RATE: f64 = 1.0;
pub const SWEEP_STEPS: usize = 80;

/// The weight of the newest loss in the running mean.
const NEWEST: f64 = 0.15;
/// The sweep ends when the running mean is so many times its lowest value.
const EXPLODED: f64 = 3.0;
/// The suggestion is the rate with the lowest loss divided by this, where the loss still falls surely.
const BELOW_LOWEST: f64 = 10.0;
/// A fall of the running mean by a smaller share is within the noise of batches, and nothing is suggested.
const LEAST_FALL: f64 = 0.02;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatePoint {
    pub learning_rate: f64,
    /// Mean cross-entropy of the batch, before the step with this rate.
    pub loss: f64,
    /// The exponential mean of the losses so far, with its bias corrected as in Adam.
    pub smoothed: f64,
}

/// The points so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RateSweep {
    pub points: Vec<RatePoint>,
}

/// How a sweep ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearningRateSwept {
    pub outcome: RunOutcome,
    pub error: Option<Problem>,
    /// Empty when the sweep was stopped or failed.
    pub points: Vec<RatePoint>,
    /// `None` when the loss did not fall.
    pub suggestion: Option<f64>,
    /// The rate that suits the freezing by rule of thumb.
    pub usual: f64,
}

impl LearningRateSwept {
    /// The end of a sweep. `Ok(None)` is one that was stopped.
    pub fn of(swept: Outcome<Option<RateSweep>>, usual: f64) -> Self {
        let (outcome, error, sweep) = match swept {
            Ok(Some(sweep)) => (RunOutcome::Completed, None, sweep),
            Ok(None) => (RunOutcome::Stopped, None, RateSweep::default()),
            Err(problem) => (RunOutcome::Failed, Some(problem), RateSweep::default()),
        };
        Self { outcome, error, suggestion: sweep.suggestion(), points: sweep.points, usual }
    }
}

/// Rounds to two significant digits, which people can write down.
pub fn two_digits(x: f64) -> f64 {
    format!("{x:.1e}").parse().unwrap_or(x)
}

impl RateSweep {
    /// The rate of a step, counted from 0. The rates are evenly spaced in the logarithm.
    pub fn rate_at(step: usize) -> f64 {
        let share = step as f64 / (SWEEP_STEPS - 1) as f64;
        LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE).powf(share)
    }

    /// Takes in the loss of the next step. It returns false when the sweep is over, because the loss exploded or this was the
    /// last step.
    pub fn take(&mut self, loss: f64) -> bool {
        if !loss.is_finite() {
            return false;
        }
        let step = self.points.len();
        let total_weight = |losses: usize| 1.0 - (1.0 - NEWEST).powi(losses as i32);
        let before = self.points.last().map_or(0.0, |p| p.smoothed * total_weight(step));
        let smoothed = (before * (1.0 - NEWEST) + loss * NEWEST) / total_weight(step + 1);
        self.points.push(RatePoint { learning_rate: Self::rate_at(step), loss, smoothed });
        let lowest = self.points.iter().map(|p| p.smoothed).fold(f64::INFINITY, f64::min);
        smoothed <= EXPLODED * lowest && self.points.len() < SWEEP_STEPS
    }

    /// A tenth of the rate with the lowest smoothed loss, in two digits. `None` when the loss did not fall.
    pub fn suggestion(&self) -> Option<f64> {
        let lowest = self.points.iter().min_by(|a, b| a.smoothed.total_cmp(&b.smoothed))?;
        let before = self.points.iter().take_while(|p| p.learning_rate < lowest.learning_rate);
        let highest = before.map(|p| p.smoothed).reduce(f64::max)?;
        let falls = highest - lowest.smoothed > LEAST_FALL * highest;
        falls.then(|| two_digits(lowest.learning_rate / BELOW_LOWEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swept(loss: impl Fn(f64) -> f64) -> RateSweep {
        let mut sweep = RateSweep::default();
        for step in 0..SWEEP_STEPS {
            if !sweep.take(loss(RateSweep::rate_at(step))) {
                break;
            }
        }
        sweep
    }

    #[test]
    fn rates_have_two_digits() {
        assert_eq!(two_digits(1.04e-4), 1e-4);
        assert_eq!(two_digits(2.46e-5), 2.5e-5);
        assert_eq!(two_digits(1.0), 1.0);
    }

    #[test]
    fn rates_are_even_in_the_logarithm() {
        assert_eq!(RateSweep::rate_at(0), LOWEST_RATE);
        assert!((RateSweep::rate_at(SWEEP_STEPS - 1) - HIGHEST_RATE).abs() < 1e-12);
        let ratio = |i| RateSweep::rate_at(i + 1) / RateSweep::rate_at(i);
        assert!((ratio(3) - ratio(70)).abs() < 1e-9);
    }

    #[test]
    fn a_bowl_suggests_a_rate_before_its_bottom_and_a_plain_suggests_none() {
        let bowl = swept(|rate| 0.3 + 0.1 * (rate / 1e-3).log10().powi(2).min(4.0) + rate * 50.0);
        let suggestion = bowl.suggestion().unwrap();
        assert!((2e-5..1e-3).contains(&suggestion), "{suggestion}");
        assert!(bowl.points.len() < SWEEP_STEPS, "it ended as the loss exploded");
        assert_eq!(swept(|_| 0.69).suggestion(), None);
        assert_eq!(swept(|rate| if rate > 1e-6 { f64::NAN } else { 0.7 }).suggestion(), None);
        assert_eq!(RateSweep::default().suggestion(), None);
    }

    #[test]
    fn the_running_mean_of_a_constant_is_the_constant() {
        assert!(swept(|_| 0.5).points.iter().all(|p| (p.smoothed - 0.5).abs() < 1e-12));
    }
}
