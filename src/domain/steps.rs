//! The steps of a run. A run may have any number of them and still takes little memory.

use std::collections::VecDeque;

use super::message::Step;

/// All steps of a run are kept up to this many. A longer run keeps every second, fourth, eighth and so on: its log has all.
pub const MOST_STEPS: usize = 1 << 17;

/// The running mean of the loss is over so many steps.
const MEAN_STEPS: usize = 20;
/// The newest steps, which are kept whatever is thinned out.
const RECENT_STEPS: usize = 30;
/// A run's first losses depend on the new head's random weights and say nothing about its learning.
pub const UNSETTLED_STEPS: usize = 5;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    kept: Vec<Step>,
    /// How often the kept steps were halved: of every 2^halvings steps the first is kept.
    halvings: u32,
    recent: VecDeque<Step>,
    count: usize,
    per_epoch: usize,
    peak_loss: f64,
}

impl Steps {
    /// Takes in the newest step.
    pub fn push(&mut self, step: Step) {
        if self.count.is_multiple_of(1 << self.halvings) {
            self.kept.push(step);
        }
        self.count += 1;
        if self.kept.len() > MOST_STEPS {
            let mut index = 0;
            self.kept.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.halvings += 1;
        }
        if self.recent.len() == RECENT_STEPS {
            self.recent.pop_front();
        }
        self.recent.push_back(step);
        if step.epoch == 1 {
            self.per_epoch = step.step;
        }
        if self.count > UNSETTLED_STEPS {
            self.peak_loss = self.peak_loss.max(self.mean_loss());
        }
    }

    /// The mean loss of the newest steps.
    fn mean_loss(&self) -> f64 {
        let from = self.recent.len().saturating_sub(MEAN_STEPS);
        self.recent.range(from..).map(|step| step.loss).sum::<f64>() / (self.recent.len() - from) as f64
    }

    /// How many steps the run has done, whether they are kept or not.
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn first(&self) -> Option<&Step> {
        self.kept.first()
    }

    pub fn last(&self) -> Option<&Step> {
        self.recent.back()
    }

    /// The newest steps, all of them.
    pub fn recent(&self) -> &VecDeque<Step> {
        &self.recent
    }

    /// All steps, or those at equal distances that a long run keeps.
    pub fn kept(&self) -> &[Step] {
        &self.kept
    }

    /// The same with the newest step at the end, for curves that reach it.
    pub fn iter(&self) -> impl Iterator<Item = &Step> {
        let is_kept = |last: &&Step| self.kept.last().is_some_and(|kept| kept.step >= last.step);
        self.kept.iter().chain(self.last().filter(|last| !is_kept(last)))
    }

    /// The last step of the first epoch so far, which is the number of optimiser steps in each epoch; 0 before the first.
    pub fn per_epoch(&self) -> usize {
        self.per_epoch
    }

    /// The highest running mean of the loss, once the run has settled; 0 before.
    pub fn peak_loss(&self) -> f64 {
        self.peak_loss
    }

    /// The second at which a step was done, or 0 before the first.
    pub fn secs_at(&self, step: usize) -> f64 {
        let newest = self.recent.partition_point(|s| s.step <= step).checked_sub(1).and_then(|i| self.recent.get(i));
        let kept = || self.kept.partition_point(|s| s.step <= step).checked_sub(1).and_then(|i| self.kept.get(i));
        newest.or_else(kept).map_or(0.0, |s| s.elapsed_secs)
    }
}

impl FromIterator<Step> for Steps {
    fn from_iter<I: IntoIterator<Item = Step>>(all: I) -> Self {
        let mut steps = Self::default();
        all.into_iter().for_each(|step| steps.push(step));
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(count: usize) -> Steps {
        let step = |step: usize| Step {
            step,
            epoch: 1 + (step - 1) * 4 / count,
            loss: if step == 100 { 9.0 } else { 1.0 },
            elapsed_secs: step as f64,
            ..Step::default()
        };
        (1..=count).map(step).collect()
    }

    #[test]
    fn ten_million_steps_take_as_much_memory_as_a_hundred_thousand() {
        const STEPS: usize = 10_000_000;
        let long = steps(STEPS);
        assert!(long.kept.capacity() <= 2 * MOST_STEPS && long.kept.len() > MOST_STEPS / 2, "{}", long.kept.len());
        assert_eq!((long.len(), long.first().unwrap().step, long.last().unwrap().step), (STEPS, 1, STEPS));
        assert_eq!(long.iter().last().unwrap().step, STEPS, "the newest step is never thinned out");
        let gap = long.kept[1].step - long.kept[0].step;
        assert!(long.kept.windows(2).all(|pair| pair[1].step - pair[0].step == gap), "at equal distances");
        assert_eq!(long.recent().front().unwrap().step, STEPS - RECENT_STEPS + 1);
        assert_eq!(long.per_epoch(), STEPS / 4);
        assert!(long.peak_loss() > 1.3, "what was seen once is not forgotten: {}", long.peak_loss());
        assert_eq!(long.secs_at(STEPS - 3), (STEPS - 3) as f64);
        assert!((long.secs_at(STEPS / 2) - (STEPS / 2) as f64).abs() <= gap as f64);
    }

    #[test]
    fn every_step_of_a_usual_run_is_kept() {
        let usual = steps(MOST_STEPS);
        assert_eq!(usual.kept().len(), MOST_STEPS);
        assert!(usual.iter().map(|step| step.step).eq(1..=MOST_STEPS));
        assert_eq!((usual.secs_at(0), usual.secs_at(7)), (0.0, 7.0));
        assert!(Steps::default().iter().next().is_none());
    }
}
