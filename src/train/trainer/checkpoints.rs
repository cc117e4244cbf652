//! The trainer's checkpoints: how one is written and how a training resumes from one.

use std::time::Instant;

use crate::domain::config::RunConfig;
use crate::domain::message::RunNotice;
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::train::adamw::AdamW;
use crate::train::adamw::resumable::{read_snapshot, snapshot_pieces};
use crate::train::checkpoint::{Checkpoint, FORMAT, Position, check_resumable};

use super::{Best, Run};

impl Run<'_> {
    /// Writes a checkpoint when so many minutes have gone since the last one as the settings ask for.
    pub(super) fn write_checkpoint_if_due(&mut self) {
        let minutes = self.job.config.training.checkpoint_minutes;
        if minutes > 0.0 && self.saving.written_at.elapsed().as_secs_f64() >= minutes * 60.0 {
            self.write_checkpoint();
        }
    }

    /// Writes a checkpoint. Where that fails, training goes on with a warning, and the checkpoint before is still there.
    pub(super) fn write_checkpoint(&mut self) {
        let written = self.try_to_write_checkpoint();
        self.saving.written_at = Instant::now();
        if let Err(problem) = written {
            let error = problem.arg("error").unwrap_or_else(|| problem.to_string());
            let warning = Problem::new("checkpoint-not-written").with("error", error);
            self.job.observer.notify(RunNotice::Warning(warning));
        }
    }

    fn try_to_write_checkpoint(&mut self) -> Outcome<()> {
        let Some(store) = self.job.checkpoints else { return Ok(()) };
        let classifier = &*self.job.classifier;
        if let Some(best) = self.best.as_mut().filter(|best| !best.is_written) {
            store.write_best(&best.epoch, &snapshot_pieces(classifier, &best.values))?;
            best.is_written = true;
        }
        let progress = &self.progress;
        let position = Position {
            format: FORMAT,
            step: progress.step,
            total_steps: self.course.total_steps,
            epoch: progress.epoch,
            looked: progress.looked,
            sums: progress.sums.clone(),
            patience: progress.patience.clone(),
            best: self.best.as_ref().map(|best| best.epoch),
            elapsed_secs: self.time.elapsed_secs(),
            initial_weights: self.saving.initial_weights,
        };
        store.write(&position, &self.learning.optimiser.pieces(classifier))
    }

    /// Puts the training where its checkpoint left it.
    ///
    /// # Errors
    /// `resume-model-changed`, `resume-other-format`, `checkpoint-damaged`, `file-error`.
    pub(super) fn resume(&mut self, checkpoint: &Checkpoint) -> Outcome<()> {
        let position = &checkpoint.position;
        check_resumable(position, self.job.classifier)?;
        let (epoch, steps) = (position.epoch, self.course.steps_per_epoch);
        let in_epoch = position.step.checked_sub(epoch.saturating_sub(1) * steps);
        if position.total_steps != self.course.total_steps || epoch == 0 || in_epoch.is_none_or(|done| done > steps) {
            return Err(checkpoint.state.damaged());
        }
        self.enter_stage_with(epoch, |run| {
            run.learning.optimiser.put_back(run.job.classifier, position.step, &checkpoint.state)
        })?;
        self.best = match (position.best, &checkpoint.best) {
            (Some(epoch), Some(file)) => {
                let values = read_snapshot(self.job.classifier, &self.course.ever_trainable, file)?;
                Some(Best { epoch, values, is_written: true })
            }
            (Some(_), None) => return Err(checkpoint.state.damaged()),
            (None, _) => None,
        };
        let progress = &mut self.progress;
        (progress.step, progress.epoch, progress.looked) = (position.step, epoch, position.looked);
        (progress.sums, progress.patience) = (position.sums.clone(), position.patience.clone());
        self.time.resume_from(position.elapsed_secs);
        Ok(())
    }
}

/// Puts a checkpoint's weights into a classifier as the run began with, ready to be evaluated and saved.
///
/// # Errors
/// `resume-model-changed`, `resume-other-format`, `checkpoint-damaged`, `file-error`; `internal-error` from candle.
pub(super) fn restore_weights(checkpoint: &Checkpoint, classifier: &mut Classifier, config: &RunConfig) -> Outcome<()> {
    let position = &checkpoint.position;
    check_resumable(position, classifier)?;
    let plan = config.freeze.unfreezing(classifier.tree())?;
    let mut optimiser = AdamW::new(classifier, config.training.weight_decay);
    let stage = plan.stage_of(position.epoch.min(config.training.epochs));
    optimiser.follow(&classifier.tree().parameters, &plan.stages[stage].trainable);
    optimiser.put_back(classifier, position.step, &checkpoint.state)?;
    optimiser.settle(classifier, None)
}
