//! What is left of a training whose loss or gradient is not a finite number any more.
//!
//! Weights are worth keeping only where a validation with them gives a number. That is looked at here, because a checkpoint
//! within an epoch was never validated, and because the step that failed has left finite weights that may still be useless.

use crate::domain::message::{RunOutcome, Task};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::train::checkpoint::CheckpointStore;
use crate::train::evaluate::{Measured, evaluate};
use crate::train::prefix::Prefix;

use super::checkpoints::restore_weights;
use super::{Run, Trained};

/// A loss or gradient that is not a finite number.
pub(super) struct NotFinite {
    /// The step that found it, and so was not done; or the last step done, where its weights were validated.
    pub step: usize,
    pub learning_rate: f64,
    pub in_validation: bool,
}

impl Run<'_> {
    /// Ends the training with the newest weights that are good.
    ///
    /// # Errors
    /// `internal-error` from candle; those of reading a checkpoint.
    pub(super) fn break_down(mut self, found: &NotFinite) -> Outcome<Trained> {
        self.time.lap();
        self.job.classifier.clear_gradients();
        let kept = self.keep_newest_good(found)?;
        let problem = Problem::new(if kept.is_some() { "train-not-finite" } else { "train-not-finite-lost" })
            .with_count("step", found.step)
            .with("rate", format!("{:e}", found.learning_rate))
            .with("less", format!("{:e}", found.learning_rate / 10.0));
        let failure = match kept {
            Some(step) => problem.with_count("kept", step),
            None => problem,
        };
        let (is_usable, time) = (kept.is_some(), self.time.lap);
        let (failure, validation, over) = (Some(failure), None, None);
        Ok(Trained { outcome: RunOutcome::Failed, failure, is_usable, validation, time, over })
    }

    /// Leaves in the classifier the newest checkpoint's weights, or else those before the step that failed, or else those of
    /// the best epoch; returns the step that they were left by. `None` where none of them are good.
    fn keep_newest_good(&mut self, found: &NotFinite) -> Outcome<Option<usize>> {
        // A checkpoint that cannot be read is as good as none.
        if let Ok(Some((classifier, step))) = self.newest_checkpoint() {
            *self.job.classifier = classifier;
            return Ok(Some(step));
        }
        if !found.in_validation && self.position.step > 0 && self.are_weights_good()? {
            return Ok(Some(self.position.step));
        }
        Ok(self.restore_best()?.map(|epoch| epoch * self.steps_per_epoch))
    }

    /// The newest checkpoint's weights and step, if they are good.
    fn newest_checkpoint(&self) -> Outcome<Option<(Classifier, usize)>> {
        let checkpoint = self.job.checkpoints.map_or(Ok(None), CheckpointStore::newest)?;
        let Some(checkpoint) = checkpoint.filter(|checkpoint| checkpoint.position.step > 0) else { return Ok(None) };
        let mut classifier = (self.job.fresh)()?;
        restore_weights(&checkpoint, &mut classifier, self.job.config)?;
        Ok(self.validates(&classifier)?.then_some((classifier, checkpoint.position.step)))
    }

    fn are_weights_good(&mut self) -> Outcome<bool> {
        self.optimiser.settle(self.job.classifier, None)?;
        let values = self.job.classifier.snapshot(&self.ever_trainable)?;
        let are_finite = values.iter().all(|(_, values)| values.iter().all(|value| value.is_finite()));
        Ok(are_finite && self.validates(self.job.classifier)?)
    }

    /// Whether the validation loss is a number. A stop cuts this short, and the rows done so far decide.
    fn validates(&self, classifier: &Classifier) -> Outcome<bool> {
        let (job, prefix, data) = (&self.job, &Prefix::NONE, self.job.dataset);
        let (rows, loss) = (&data.splits.validation, &self.loss);
        let measured = Measured { tokens: job.tokens, labels: &data.labels, rows, loss };
        let found = evaluate(classifier, prefix, measured, job.observer, Task::Validate)?;
        Ok(found.loss.is_finite())
    }
}
