//! The loop over epochs and steps: order the rows, take steps, look at validation (a few rows now and then within an epoch,
//! see `looks`; all rows at its end), write checkpoints.

use std::time::{Duration, Instant};

use crate::data::batch::{Batch, epoch_order};
use crate::domain::config::FinalWeights;
use crate::domain::message::{RunEvent, RunNotice, Step, Task, WithinStep};
use crate::domain::problem::Outcome;
use crate::model::encoder::mix;
use crate::train::checkpoint::{BestEpoch, EpochSums};
use crate::train::clock::TrainingTime;
use crate::train::evaluate::{Evaluation, Measured, evaluate};
use crate::train::parts::parts;
use crate::train::step::{Learner, StepPlan, Within};

use super::breakdown::NotFinite;
use super::{Halt, Run};

/// The stream of random numbers that dropout draws from, apart from those of the rows' order and the head.
const DROPOUT_STREAM: u64 = 0xd0;

/// A step that takes longer than this tells how far it has come.
const LONG_STEP: Duration = Duration::from_millis(500);

impl Run<'_> {
    /// Trains from where the training stands to the end of its last epoch.
    ///
    /// # Errors
    /// A [`Halt`] says why the training ends early: it was stopped, a number was not finite, or something failed.
    pub(super) fn train_epochs(&mut self) -> Result<(), Halt> {
        while !self.is_over() {
            self.train_epoch()?;
            self.end_epoch()?;
        }
        Ok(())
    }

    /// Takes the steps of the epoch that are not done yet.
    fn train_epoch(&mut self) -> Result<(), Halt> {
        let t = &self.job.config.training;
        let order = epoch_order(&self.job.dataset.splits.train, t.seed, self.position.epoch);
        let steps_done = self.position.step - (self.position.epoch - 1) * self.steps_per_epoch;
        self.look_if_due()?;
        for rows in order.chunks(t.rows_per_step()).skip(steps_done) {
            self.take_step(rows)?;
            self.position.looked = !self.is_look_due();
            self.look_if_due()?;
            self.write_checkpoint_if_due();
        }
        Ok(())
    }

    fn take_step(&mut self, rows: &[u32]) -> Result<(), Halt> {
        let (data, tokens, observer) = (self.job.dataset, self.job.tokens, self.job.observer);
        let t = &self.job.config.training;
        let began = self.time.elapsed();
        let step = self.position.step + 1;
        let learning_rate = self.learning_rate.at(self.position.step);
        let plan = StepPlan {
            rows: rows.len(),
            mass: self.loss.mass(rows.iter().map(|row| &data.labels[*row as usize])),
            learning_rate,
            clip_norm: t.clip_norm,
            dropout_key: mix(mix(t.seed, DROPOUT_STREAM), step as u64),
        };
        let (classifier, prefix) = (&*self.job.classifier, &self.prefix);
        let parts = rows.chunks(t.batch_size).flat_map(|rows| parts(classifier, tokens, rows, prefix));
        let batches = parts.map_while(|rows| {
            let goes_on = !observer.stop_requested();
            goes_on.then(|| Batch::pack(tokens, &data.labels, rows))
        });
        let progress = {
            let (teller, interrupt, rows) = (observer.teller(), classifier.interrupt().clone(), plan.rows as f64);
            let (began, paused) = (Instant::now(), interrupt.blocked());
            move |within: Within| {
                let spent = began.elapsed().saturating_sub(interrupt.blocked() - paused);
                if spent >= LONG_STEP {
                    let share = within.rows / rows;
                    teller(RunNotice::WithinStep(WithinStep { step, share, loss: within.loss }));
                }
            }
        };
        let mut learner = Learner { classifier, optimiser: &mut self.optimiser, loss: &self.loss, prefix };
        let Some(result) = learner.step(batches, &plan, &progress)? else { return Err(Halt::Stopped) };
        let grad_norm = result.norms.global();
        if !result.loss.is_finite() || !grad_norm.is_finite() {
            return Err(Halt::NotFinite(NotFinite { step, learning_rate, in_validation: false }));
        }
        self.position.step = step;
        observer.learn(self.position.epoch, &result.confidences);
        let layers = match self.layers.as_mut().filter(|layers| layers.is_due(step)) {
            Some(layers) => layers.sample(step, self.job.classifier, &self.optimiser, result.norms.each())?,
            None => None,
        };
        let accuracy = result.correct as f64 / rows.len() as f64;
        let TrainingTime { secs: elapsed_secs, shared_secs } = self.time.elapsed();
        let sums = &mut self.position.sums;
        sums.training += Duration::from_secs_f64((elapsed_secs - began.secs).max(0.0));
        sums.loss += result.loss * plan.mass;
        sums.mass += plan.mass;
        sums.correct += result.correct;
        sums.rows += rows.len();
        let (epoch, loss) = (self.position.epoch, result.loss);
        observer.emit(RunEvent::Step(Step {
            step,
            epoch,
            loss,
            accuracy,
            learning_rate,
            grad_norm,
            elapsed_secs,
            shared_secs,
        }));
        if let Some(layers) = layers {
            observer.emit(RunEvent::LayerStats(layers));
        }
        Ok(())
    }

    /// Classifies validation rows with the weights as they are now; the optimiser must have settled them.
    pub(super) fn validate(&self, rows: &[u32]) -> Outcome<Evaluation> {
        let (job, labels) = (&self.job, &self.job.dataset.labels);
        let measured = Measured { tokens: job.tokens, labels, rows, loss: &self.loss };
        evaluate(job.classifier, &self.prefix, measured, job.observer, Task::Validate)
    }

    /// Validates after an epoch's last step, and moves on to the next epoch.
    fn end_epoch(&mut self) -> Result<(), Halt> {
        self.optimiser.settle(self.job.classifier, None)?;
        let validation = self.validate(&self.job.dataset.splits.validation)?;
        self.time.lap();
        if validation.stopped {
            return Err(Halt::Stopped);
        }
        if !validation.loss.is_finite() {
            let step = self.position.step;
            let learning_rate = self.learning_rate.at(step.saturating_sub(1));
            return Err(Halt::NotFinite(NotFinite { step, learning_rate, in_validation: true }));
        }
        self.report_epoch(&validation);
        let accuracy = validation.confusion.accuracy();
        let best = BestEpoch { epoch: self.position.epoch, accuracy };
        let is_best = self.position.best.is_none_or(|before| accuracy > before.accuracy);
        self.position.patience.take(validation.loss);
        if is_best || self.job.config.training.keep == FinalWeights::Last {
            self.validation = Some(validation);
        }
        self.position.epoch += 1;
        if is_best && self.job.config.training.keep == FinalWeights::Best {
            self.keep_best(best)?;
        }
        self.position.sums = EpochSums::default();
        // The next stage is entered first, because a checkpoint is of the stage that its epoch belongs to.
        if self.stage_of_epoch() != self.stage {
            self.enter_stage(None)?;
            if !self.position.patience.is_over() {
                self.report_stage();
            }
        }
        if !self.is_over() {
            self.write_checkpoint();
        }
        Ok(())
    }
}
