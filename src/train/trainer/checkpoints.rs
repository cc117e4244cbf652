//! The trainer's checkpoints: how one is written and how a training resumes from one.

use std::time::Instant;

use crate::domain::config::RunConfig;
use crate::domain::message::RunNotice;
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::train::adamw::AdamW;
use crate::train::adamw::resumable::{read_snapshot, snapshot_pieces};
use crate::train::checkpoint::{Checkpoint, check_resumable};

use super::{Best, Run};

impl Run<'_> {
    /// Writes a checkpoint when so many minutes have gone since the last one as the settings ask for.
    pub(super) fn write_checkpoint_if_due(&mut self) {
        let minutes = self.job.config.training.checkpoint_minutes;
        if minutes > 0.0 && self.written_at.elapsed().as_secs_f64() >= minutes * 60.0 {
            self.write_checkpoint();
        }
    }

    /// Writes a checkpoint. Where that fails, training goes on with a warning, and the checkpoint before is still there.
    pub(super) fn write_checkpoint(&mut self) {
        let written = self.try_to_write_checkpoint();
        self.written_at = Instant::now();
        if let Err(problem) = written {
            let warning = match problem.arg("file") {
                Some(file) if problem.is_of_room() => Problem::new("checkpoint-disk-full").with("file", file),
                _ => {
                    let original = problem.original().unwrap_or_else(|| problem.to_string());
                    Problem::new("checkpoint-not-written").with_problem("problem", problem).with_original(original)
                }
            };
            self.job.observer.notify(RunNotice::Warning(warning));
        }
    }

    fn try_to_write_checkpoint(&mut self) -> Outcome<()> {
        let Some(store) = self.job.checkpoints else { return Ok(()) };
        let classifier = &*self.job.classifier;
        if let (Some(epoch), Some(best)) = (&self.position.best, &mut self.best)
            && !best.is_written
        {
            store.write_best(epoch, &snapshot_pieces(classifier, &best.values))?;
            best.is_written = true;
        }
        let time = self.time.elapsed();
        (self.position.elapsed_secs, self.position.shared_secs) = (time.secs, time.shared_secs);
        store.write(&self.position, &self.optimiser.pieces(classifier))
    }

    /// Puts the training where its checkpoint left it.
    ///
    /// # Errors
    /// `resume-model-changed`, `resume-other-format`, `resume-other-precision`, `checkpoint-damaged`, `file-error`.
    pub(super) fn resume(&mut self, checkpoint: &Checkpoint) -> Outcome<()> {
        let position = &checkpoint.position;
        check_resumable(position, self.job.classifier)?;
        let (epoch, steps) = (position.epoch, self.steps_per_epoch);
        let in_epoch = position.step.checked_sub(epoch.saturating_sub(1) * steps);
        if position.total_steps != self.position.total_steps || epoch == 0 || in_epoch.is_none_or(|done| done > steps) {
            return Err(checkpoint.state.damaged());
        }
        self.position = position.clone();
        self.enter_stage(Some(checkpoint))?;
        if position.best.is_some() {
            let file = checkpoint.best.as_ref().ok_or_else(|| checkpoint.state.damaged())?;
            let values = read_snapshot(self.job.classifier, &self.ever_trainable, file)?;
            self.best = Some(Best { values, is_written: true });
        }
        Ok(())
    }
}

/// Puts a checkpoint's weights into a classifier as the run began with, ready to be evaluated and saved.
///
/// # Errors
/// `resume-model-changed`, `resume-other-format`, `resume-other-precision`, `checkpoint-damaged`, `file-error`; `internal-error` from candle.
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
