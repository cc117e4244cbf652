//! The loop over epochs and steps: order the rows, take steps, look at validation, write checkpoints.

use crate::data::batch::{Batch, epoch_order};
use crate::domain::config::FinalWeights;
use crate::domain::message::{RunEvent, Step};
use crate::model::encoder::mix;
use crate::train::checkpoint::{BestEpoch, EpochSums};
use crate::train::step::{Learner, StepPlan};

use super::breakdown::NotFinite;
use super::{Best, Halt, Run};

/// The stream of random numbers that dropout draws from, apart from those of the rows' order and the head.
const DROPOUT_STREAM: u64 = 0xd0;

impl Run<'_> {
    /// Trains from where the training stands to the end of its last epoch.
    pub(super) fn train_epochs(&mut self) -> Result<(), Halt> {
        while self.progress.epoch <= self.job.config.training.epochs && !self.progress.patience.is_over() {
            self.train_epoch()?;
            self.end_epoch()?;
        }
        Ok(())
    }

    /// Takes the steps of the epoch that are not done yet.
    fn train_epoch(&mut self) -> Result<(), Halt> {
        let t = &self.job.config.training;
        let order = epoch_order(&self.job.dataset.splits.train, t.seed, self.progress.epoch);
        let steps_done = self.progress.step - (self.progress.epoch - 1) * self.course.steps_per_epoch;
        self.look_if_due()?;
        for rows in order.chunks(t.rows_per_step()).skip(steps_done) {
            self.take_step(rows)?;
            self.progress.looked = !self.is_look_due();
            self.look_if_due()?;
            self.write_checkpoint_if_due();
        }
        Ok(())
    }

    fn take_step(&mut self, rows: &[u32]) -> Result<(), Halt> {
        let (config, data, tokens, observer) = (self.job.config, self.job.dataset, self.job.tokens, self.job.observer);
        let t = &config.training;
        let began = self.time.elapsed();
        let step = self.progress.step + 1;
        let learning_rate = self.course.learning_rate.at(self.progress.step);
        let plan = StepPlan {
            rows: rows.len(),
            learning_rate,
            clip_norm: t.clip_norm,
            dropout_key: mix(mix(t.seed, DROPOUT_STREAM), step as u64),
        };
        let mut batches_begun = 0;
        let batches = rows.chunks(t.batch_size).map_while(|rows| {
            let goes_on = !observer.stop_requested();
            batches_begun += usize::from(goes_on);
            goes_on.then(|| Batch::pack(tokens, &data.labels, rows))
        });
        let mut learner = Learner {
            classifier: self.job.classifier,
            optimiser: &mut self.learning.optimiser,
            prefix: &self.learning.prefix,
        };
        let Some(result) = learner.step(batches, &plan)? else {
            self.progress.is_within_step = batches_begun > 0;
            return Err(Halt::Stopped);
        };
        let grad_norm = result.norms.global();
        if !result.loss.is_finite() || !grad_norm.is_finite() {
            return Err(Halt::NotFinite(NotFinite { step, learning_rate, in_validation: false }));
        }
        self.progress.step = step;
        let layers = match self.layers.as_mut().filter(|layers| layers.is_due(step)) {
            Some(layers) => layers.sample(step, self.job.classifier, &self.learning.optimiser, result.norms.each())?,
            None => None,
        };
        let accuracy = result.correct as f64 / rows.len() as f64;
        let elapsed_secs = self.time.elapsed_secs();
        let sums = &mut self.progress.sums;
        sums.training += self.time.elapsed() - began;
        sums.loss += result.loss * rows.len() as f64;
        sums.correct += result.correct;
        sums.rows += rows.len();
        let (epoch, loss) = (self.progress.epoch, result.loss);
        observer.emit(RunEvent::Step(Step { step, epoch, loss, accuracy, learning_rate, grad_norm, elapsed_secs }));
        if let Some(layers) = layers {
            observer.emit(RunEvent::LayerStats(layers));
        }
        Ok(())
    }

    /// Validates after an epoch's last step, and moves on to the next epoch.
    fn end_epoch(&mut self) -> Result<(), Halt> {
        self.learning.optimiser.settle(self.job.classifier, None)?;
        let validation = self.validate(&self.job.dataset.splits.validation)?;
        self.time.lap();
        if validation.stopped {
            return Err(Halt::Stopped);
        }
        if !validation.loss.is_finite() {
            let step = self.progress.step;
            let learning_rate = self.course.learning_rate.at(step.saturating_sub(1));
            return Err(Halt::NotFinite(NotFinite { step, learning_rate, in_validation: true }));
        }
        self.report_epoch(&validation);
        let accuracy = validation.confusion.accuracy();
        if self.job.config.training.keep == FinalWeights::Best
            && self.best.as_ref().is_none_or(|best| accuracy > best.epoch.accuracy)
        {
            let values = self.job.classifier.snapshot(&self.course.ever_trainable)?;
            let epoch = BestEpoch { epoch: self.progress.epoch, accuracy };
            self.best = Some(Best { epoch, values, is_written: false });
        }
        self.progress.patience.take(validation.loss);
        self.progress.epoch += 1;
        self.progress.sums = EpochSums::default();
        // The next stage is entered first, because a checkpoint is of the stage that its epoch belongs to.
        self.enter_next_stage()?;
        self.write_checkpoint();
        Ok(())
    }
}
