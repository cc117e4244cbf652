//! The looks at validation within an epoch: a few rows, now and then.

use rayon::prelude::*;

use crate::data::batch::{epoch_order, stratified_sample};
use crate::data::tokens::TokenStore;
use crate::domain::looks::{LookPlan, Looked, MOST_ROWS};
use crate::domain::message::{LiveValidation, RunEvent};
use crate::domain::timeline::Unfreezing;

use super::{Halt, Job, Run};

/// When a run looks, and at which rows. It follows from the settings and the data alone, so that a resumed run goes on
/// with the same looks.
pub(super) struct Looks {
    plan: LookPlan,
    rows: Vec<u32>,
    /// The rows of the first look, which is smaller where a row takes long.
    first_rows: Vec<u32>,
}

impl Looks {
    pub(super) fn new(job: &Job<'_>, unfreezing: &Unfreezing) -> Self {
        let (data, training) = (job.dataset, &job.config.training);
        let splits = &data.splits;
        let sample = |n| stratified_sample(&splits.validation, &data.labels, n, job.config.data.split.seed);
        // These rows are the first to be read anyway, so that tokenising them now delays nothing.
        let mut first_trained = epoch_order(&splits.train, training.seed, 1);
        first_trained.truncate(MOST_ROWS);
        let stages: Vec<(&[bool], usize)> =
            unfreezing.within(training.epochs).map(|(stage, epochs)| (stage.trainable.as_slice(), epochs)).collect();
        let plan = LookPlan::of(Looked {
            tree: job.classifier.tree(),
            stages: &stages,
            training,
            train_rows: splits.train.len(),
            validation_rows: splits.validation.len(),
            tokens: (mean_tokens(job.tokens, &first_trained), mean_tokens(job.tokens, &sample(MOST_ROWS))),
        });
        Self { rows: sample(plan.rows), first_rows: sample(plan.first_rows), plan }
    }

    fn rows_after(&self, step: usize) -> &[u32] {
        if self.plan.is_first(step) { &self.first_rows } else { &self.rows }
    }
}

fn mean_tokens(tokens: &TokenStore, rows: &[u32]) -> f64 {
    rows.par_iter().map(|row| tokens.row(*row).len()).sum::<usize>() as f64 / rows.len().max(1) as f64
}

impl Run<'_> {
    /// Whether a look is due after the step just done.
    pub(super) fn is_look_due(&self) -> bool {
        self.looks.plan.is_due(self.position.step)
    }

    /// Takes the look at validation that is due. A loss that is not a number is told as it is and ends nothing: whether the
    /// training can go on is decided by its own loss and by the whole validation at the epoch's end.
    pub(super) fn look_if_due(&mut self) -> Result<(), Halt> {
        if self.position.looked {
            return Ok(());
        }
        self.optimiser.settle(self.job.classifier, None)?;
        let step = self.position.step;
        let rows = self.looks.rows_after(step);
        let seen = self.validate(rows)?;
        if seen.stopped {
            return Err(Halt::Stopped);
        }
        self.job.observer.emit(RunEvent::LiveValidation(LiveValidation {
            step,
            rows: rows.len(),
            loss: seen.loss,
            accuracy: seen.confusion.accuracy(),
            confusion: seen.confusion,
        }));
        self.position.looked = true;
        self.report_prefix();
        Ok(())
    }
}
