//! Checks whether what a log tells can be true. A line that is JSON may still have been damaged, or changed by hand, so
//! that a matrix has other classes than the labels, or a sample other parameters than the run. Whoever draws a run
//! relies on this check.

use crate::domain::message::{RunEvent, TestEvaluated};
use crate::domain::metrics::Confusion;
use crate::domain::params::Part;

/// No step, epoch or row has a larger number.
const MOST: usize = 1 << 40;
/// No run has trained for longer, in seconds (300 years).
const MOST_SECS: f64 = 1e10;
/// No model has more layers.
const MOST_LAYERS: usize = 1 << 14;

/// What the events of a log so far say of those to come.
#[derive(Debug, Default)]
pub struct Soundness {
    classes: Option<usize>,
    parameters: Option<usize>,
    /// The optimiser steps of the whole run.
    total_steps: Option<usize>,
    /// The last step, and the last epoch that ended.
    step: usize,
    epoch: usize,
}

impl Soundness {
    /// Takes the next event of a log, unless it cannot be true.
    pub fn takes(&mut self, event: &RunEvent) -> bool {
        match event {
            RunEvent::RunStarted(e) => {
                let rows = [e.train_rows, e.validation_rows, e.test_rows, e.skipped_rows];
                let counts = [e.trainable, e.frozen, e.total_steps];
                let is_sound = rows.into_iter().chain(counts).all(|n| n <= MOST);
                // A run starts once, and nothing that came before may speak of other classes.
                let is_first = self.total_steps.is_none() && self.classes.is_none_or(|n| n == e.labels.len());
                let is_sound = is_sound && is_first && e.total_steps > 0 && !e.labels.is_empty();
                if is_sound {
                    (self.classes, self.total_steps) = (Some(e.labels.len()), Some(e.total_steps));
                }
                is_sound
            }
            RunEvent::StageStarted(e) => {
                (1..=e.stages).contains(&e.stage)
                    && [e.stages, e.step, e.epoch, e.trainable, e.frozen].into_iter().all(|n| n <= MOST)
            }
            RunEvent::Step(e) => {
                let most = self.total_steps.unwrap_or(MOST);
                let is_next = e.step > self.step && e.step <= most && (1..=most).contains(&e.epoch);
                let is_sound = is_next && is_share(e.accuracy) && is_time(e.elapsed_secs) && is_time(e.shared_secs);
                if is_sound {
                    self.step = e.step;
                }
                is_sound
            }
            RunEvent::LayerStats(e) => {
                let new = e.parameters.as_deref().filter(|_| self.parameters.is_none());
                let is_possible = |part| !matches!(part, Part::Layer { index, .. } if index > MOST_LAYERS);
                if new.is_some_and(|parameters| parameters.iter().any(|p| !is_possible(p.part))) {
                    return false;
                }
                let parameters = self.parameters.or(new.map(<[_]>::len));
                let is_of_them = Some(e.drift.len()) == parameters && Some(e.grad_norm.len()) == parameters;
                let is_sound = is_of_them && e.step <= MOST;
                if is_sound {
                    self.parameters = parameters;
                }
                is_sound
            }
            RunEvent::LiveValidation(e) => e.step <= MOST && is_share(e.accuracy) && self.is_of_classes(&e.confusion),
            RunEvent::EpochEnded(e) => {
                let shares = is_share(e.train_accuracy) && is_share(e.validation_accuracy);
                let is_next = e.epoch > self.epoch && e.epoch <= self.total_steps.unwrap_or(MOST);
                let is_sound =
                    is_next && shares && is_time(e.elapsed_secs) && self.is_of_classes(&e.validation_confusion);
                if is_sound {
                    self.epoch = e.epoch;
                }
                is_sound
            }
            RunEvent::TestEvaluated(e) => is_sound_test(e) && self.is_of_classes(&e.confusion),
            RunEvent::RunEnded(e) => is_time(e.train_secs) && is_time(e.shared_secs),
            RunEvent::ReferenceReady(_) | RunEvent::FreezeProven(_) => true,
        }
    }

    /// Whether a matrix is of the run's classes. Where the line that names them is lost, the first matrix decides.
    fn is_of_classes(&mut self, confusion: &Confusion) -> bool {
        *self.classes.get_or_insert(confusion.classes()) == confusion.classes()
    }
}

/// Whether the matrix and the measures of a test are of as many classes as it has labels.
fn is_sound_test(test: &TestEvaluated) -> bool {
    let shares = is_share(test.accuracy) && is_share(test.macro_f1);
    shares && [test.confusion.classes(), test.per_class.len()] == [test.labels.len(); 2]
}

fn is_share(x: f64) -> bool {
    (0.0..=1.0).contains(&x)
}

fn is_time(secs: f64) -> bool {
    (0.0..=MOST_SECS).contains(&secs)
}
