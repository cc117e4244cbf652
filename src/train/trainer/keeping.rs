//! The trainer's checkpoints: writing one, going on from one, and what is kept when the loss is no number any more.

use std::time::Instant;

use crate::domain::config::RunConfig;
use crate::domain::message::{RunNotice, RunOutcome};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::train::adamw::AdamW;
use crate::train::adamw::saved::{read_snapshot, snapshot_pieces};
use crate::train::resume::{FORMAT, Keeper, Position, Saved, check};

use super::{Best, KeptModel, NOT_FINITE, Run, Trained};

impl Run<'_> {
    /// Writes a checkpoint. Where that fails, training goes on, with a warning; the one before is still there.
    pub(super) fn keep(&mut self) {
        let Some(keeper) = self.job.keeper else { return };
        let position = Position {
            format: FORMAT,
            step: self.step,
            total_steps: self.total_steps,
            epoch: self.epoch,
            looked: self.looked,
            sums: self.sums.clone(),
            patience: self.patience.clone(),
            best: self.best.as_ref().map(|best| best.epoch),
            elapsed_secs: self.elapsed_secs(),
            fingerprint: self.fingerprint,
        };
        let classifier = &*self.job.classifier;
        let kept = match &mut self.best {
            Some(best) if !best.is_kept => {
                let kept = keeper.keep_best(&best.epoch, &snapshot_pieces(classifier, &best.values));
                best.is_kept = kept.is_ok();
                kept
            }
            _ => Ok(()),
        };
        let kept = kept.and_then(|()| keeper.keep(&position, &self.optimiser.pieces(classifier)));
        self.kept_at = Instant::now();
        if let Err(problem) = kept {
            let error = problem.arg("error").unwrap_or_else(|| problem.to_string());
            let warning = Problem::new("checkpoint-not-written").with("error", error);
            self.job.observer.notify(RunNotice::Warning(warning));
        }
    }

    /// Takes up a training where its checkpoint left it.
    pub(super) fn put_back(&mut self, saved: &Saved) -> Outcome<()> {
        let position = &saved.position;
        check(position, self.job.classifier)?;
        let (epoch, steps) = (position.epoch, self.steps_per_epoch);
        let in_epoch = position.step.checked_sub(epoch.saturating_sub(1) * steps);
        if position.total_steps != self.total_steps || epoch == 0 || in_epoch.is_none_or(|done| done > steps) {
            return Err(saved.state.damaged());
        }
        self.take_up_stage(epoch, |run| run.optimiser.put_back(run.job.classifier, position.step, &saved.state))?;
        self.best = match (&position.best, &saved.best) {
            (Some(epoch), Some(file)) => {
                let values = read_snapshot(self.job.classifier, &self.ever, file)?;
                Some(Best { epoch: *epoch, values, is_kept: true })
            }
            (Some(_), None) => return Err(saved.state.damaged()),
            (None, _) => None,
        };
        (self.step, self.epoch, self.looked) = (position.step, epoch, position.looked);
        (self.sums, self.patience) = (position.sums.clone(), position.patience.clone());
        (self.secs_before, self.train_secs) = (position.elapsed_secs, position.elapsed_secs);
        Ok(())
    }

    pub(super) fn not_finite(&self, learning_rate: f64) -> Problem {
        Problem::new(NOT_FINITE)
            .with_count("step", self.step)
            .with("rate", format!("{learning_rate:e}"))
            .with("less", format!("{:e}", learning_rate / 10.0))
    }

    /// The end of a training whose loss is no number any more: what is good is the newest checkpoint, whose validation was
    /// fine, or else the weights before the step that went wrong, as long as they are numbers.
    pub(super) fn give_up(mut self, problem: Problem) -> Outcome<Trained> {
        self.train_secs = self.elapsed_secs();
        self.job.classifier.clear_gradients();
        let saved = self.job.keeper.map_or(Ok(None), Keeper::newest).ok().flatten();
        let (model, step) = match saved.map(|saved| saved.position.step).filter(|step| *step > 0) {
            Some(step) => (KeptModel::OfCheckpoint, step),
            // The step that failed was not done.
            None if self.step > 1 && self.are_weights_finite()? => {
                self.optimiser.settle(self.job.classifier, None)?;
                (KeptModel::AsTrained, self.step - 1)
            }
            None => (KeptModel::Lost, 0),
        };
        let failure = match model {
            KeptModel::Lost => Problem { id: "train-not-finite-lost".into(), ..problem },
            _ => problem.with_count("kept", step),
        };
        Ok(self.trained(RunOutcome::Failed, Some(failure), model))
    }

    fn are_weights_finite(&self) -> Outcome<bool> {
        let values = self.job.classifier.snapshot(&self.ever)?;
        Ok(values.iter().all(|(_, values)| values.iter().all(|v| v.is_finite())))
    }
}

/// Puts the weights of a checkpoint into a classifier as the run began with, ready to be saved.
///
/// # Errors
/// `resume-*`, `checkpoint-damaged`, `file-error`; candle's.
pub fn restore_weights(saved: &Saved, classifier: &mut Classifier, config: &RunConfig) -> Outcome<()> {
    let position = &saved.position;
    check(position, classifier)?;
    let plan = config.freeze.unfreezing(classifier.tree())?;
    let mut optimiser = AdamW::new(classifier, config.training.weight_decay);
    let stage = plan.stage_of(position.epoch.min(config.training.epochs));
    optimiser.follow(&classifier.tree().parameters, &plan.stages[stage].trainable);
    optimiser.put_back(classifier, position.step, &saved.state)?;
    optimiser.settle(classifier, None)
}
