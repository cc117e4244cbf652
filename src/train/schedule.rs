//! The learning rate of every step.

use crate::domain::config::Schedule;

/// Peak, warm-up and decay, as in `get_linear_schedule_with_warmup`, `get_cosine_schedule_with_warmup` and
/// `get_constant_schedule_with_warmup` of Hugging Face's transformers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRate {
    /// The highest rate, which the first step after warm-up has.
    pub peak: f64,
    pub schedule: Schedule,
    pub warmup_steps: usize,
    /// Optimiser steps of the whole run, warm-up included.
    pub total_steps: usize,
}

impl LearningRate {
    /// The rate of a run of `total_steps` steps, of which `warmup_share` (0 to 1, rounded up to a step) are warm-up.
    pub fn new(peak: f64, schedule: Schedule, warmup_share: f64, total_steps: usize) -> Self {
        let warmup_steps = (warmup_share * total_steps as f64).ceil() as usize;
        Self { peak, schedule, warmup_steps, total_steps }
    }

    /// The learning rate of a step, counted from 0. It climbs from 0 during warm-up and then follows the schedule, which
    /// would reach 0 one step after the last.
    pub fn at(&self, step: usize) -> f64 {
        if step < self.warmup_steps {
            return self.peak * step as f64 / self.warmup_steps as f64;
        }
        let after_warmup = (self.total_steps - self.warmup_steps).max(1) as f64;
        let progress = ((step - self.warmup_steps) as f64 / after_warmup).min(1.0);
        self.peak
            * match self.schedule {
                Schedule::Linear => 1.0 - progress,
                Schedule::Constant => 1.0,
                Schedule::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_hugging_face() {
        let linear = LearningRate { peak: 1.0, schedule: Schedule::Linear, warmup_steps: 2, total_steps: 12 };
        let rates: Vec<f64> = (0..13).map(|s| linear.at(s)).collect();
        assert_eq!(&rates[..4], &[0.0, 0.5, 1.0, 0.9]);
        assert!((rates[11] - 0.1).abs() < 1e-12 && rates[12].abs() < 1e-12);
        let cosine = LearningRate { schedule: Schedule::Cosine, warmup_steps: 0, total_steps: 4, ..linear };
        assert!((cosine.at(0) - 1.0).abs() < 1e-12 && (cosine.at(2) - 0.5).abs() < 1e-12);
        let constant = LearningRate { schedule: Schedule::Constant, warmup_steps: 0, ..linear };
        assert_eq!(constant.at(11), 1.0);
    }
}
