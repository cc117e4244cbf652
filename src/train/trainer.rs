//! Fine-tuning, step by step: take a batch, compute the loss, go backward, clip, update; look at validation; repeat.

use std::time::{Duration, Instant};

use candle_core::Tensor;

use crate::data::batch::{Batch, epoch_order, stratified_sample};
use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::{Keep, RunConfig};
use crate::domain::freeze::check_trainable;
use crate::domain::message::{EpochEnded, EventKind, LiveValidation, RunObserver, RunOutcome, RunStarted, Stage, Step};
use crate::domain::problem::{Outcome, Problem};
use crate::model::checkpoint::Checkpoint;
use crate::model::classifier::{Classifier, internal};
use crate::model::encoder::{DropoutConfig, Pass, mix};

use super::adamw::AdamW;
use super::evaluate::{Evaluation, argmax, evaluate_with, rows_of};
use super::prefix::{Prefix, PrefixCache};
use super::schedule::LearningRate;

/// Rows of the fixed validation sample that is looked at between epochs' ends, and how often in a run.
pub const LIVE_ROWS: usize = 256;
const LIVE_LOOKS: usize = 12;

/// The stream of random numbers that dropout draws from, apart from those of the order and the head.
const DROPOUT_STREAM: u64 = 0xd0;

/// Everything one training needs.
pub struct Job<'a> {
    pub classifier: &'a mut Classifier,
    pub dataset: &'a Dataset,
    pub tokens: &'a TokenStore,
    pub config: &'a RunConfig,
    /// The session's; runs that freeze the same layers share what is in it.
    pub prefix_cache: &'a PrefixCache,
    pub observer: &'a dyn RunObserver,
}

/// How a training ended. The classifier holds the weights that `keep` asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trained {
    /// `Completed` (early stopping included) or `Stopped`.
    pub outcome: RunOutcome,
    /// From the first batch to the end of the last epoch's validation.
    pub train_secs: f64,
    pub epochs_done: usize,
}

/// The dropout of a run: the model's own or the configured probability.
pub fn dropout_config(checkpoint: &Checkpoint, config: &RunConfig) -> DropoutConfig {
    let (own, t) = (&checkpoint.config, &config.training);
    DropoutConfig {
        hidden: t.dropout.unwrap_or(own.hidden_dropout_prob),
        attention: t.dropout.unwrap_or(own.attention_probs_dropout_prob),
        classifier: t.dropout.unwrap_or(own.head_dropout()),
        in_frozen_prefix: t.frozen_dropout,
    }
}

/// Trains `job.classifier` in place.
///
/// # Errors
/// `freeze-nothing-trains`; `train-not-finite` when the loss is no longer a number, naming step and learning rate.
pub fn train(job: Job<'_>) -> Outcome<Trained> {
    check_trainable(job.classifier.trainable())?;
    Run::new(job).run()
}

struct Run<'a> {
    job: Job<'a>,
    optimiser: AdamW,
    learning_rate: LearningRate,
    prefix: Prefix<'a>,
    live_rows: Vec<u32>,
    steps_per_epoch: usize,
    total_steps: usize,
    /// Steps done.
    step: usize,
    clock: Instant,
}

/// Sums over the rows of an epoch.
#[derive(Default)]
struct EpochSums {
    loss: f64,
    correct: usize,
    rows: usize,
    /// Time spent on training alone.
    training: Duration,
}

impl<'a> Run<'a> {
    fn new(job: Job<'a>) -> Self {
        let (t, splits) = (&job.config.training, &job.dataset.splits);
        let steps_per_epoch = splits.train.len().div_ceil(t.rows_per_step());
        let total_steps = steps_per_epoch * t.epochs;
        let peak = job.config.learning_rate();
        Self {
            optimiser: AdamW::new(job.classifier, t.weight_decay),
            learning_rate: LearningRate::new(peak, t.schedule, t.warmup_share, total_steps),
            prefix: job.prefix_cache.for_run(job.classifier, &t.prefix_cache),
            live_rows: stratified_sample(
                &splits.validation,
                &job.dataset.labels,
                LIVE_ROWS,
                job.config.data.split.seed,
            ),
            steps_per_epoch,
            total_steps,
            step: 0,
            clock: Instant::now(),
            job,
        }
    }

    fn run(mut self) -> Outcome<Trained> {
        self.announce();
        self.clock = Instant::now();
        let mut best: Option<Best> = None;
        let mut patience = Patience::new(self.job.config.training.patience);
        let mut trained = Trained { outcome: RunOutcome::Completed, train_secs: 0.0, epochs_done: 0 };
        for epoch in 1..=self.job.config.training.epochs {
            let Some(sums) = self.epoch(epoch)? else {
                trained.outcome = RunOutcome::Stopped;
                break;
            };
            let validation = self.validate(&self.job.dataset.splits.validation)?;
            trained.train_secs = self.clock.elapsed().as_secs_f64();
            if validation.stopped {
                trained.outcome = RunOutcome::Stopped;
                break;
            }
            trained.epochs_done = epoch;
            self.epoch_ended(epoch, &sums, &validation);
            let accuracy = validation.confusion.accuracy();
            if self.job.config.training.keep == Keep::Best && best.as_ref().is_none_or(|b| accuracy > b.accuracy) {
                best = Some(Best { accuracy, values: self.job.classifier.snapshot()? });
            }
            if patience.is_over(validation.loss) {
                break;
            }
        }
        if trained.outcome == RunOutcome::Stopped {
            trained.train_secs = self.clock.elapsed().as_secs_f64();
        }
        self.optimiser.settle(self.job.classifier, None)?;
        if let Some(best) = best {
            self.job.classifier.restore(&best.values)?;
        }
        Ok(trained)
    }

    fn announce(&self) {
        let (dataset, classifier) = (self.job.dataset, &*self.job.classifier);
        let (trainable, frozen) = classifier.tree().totals(classifier.trainable());
        self.job.observer.emit(EventKind::RunStarted(RunStarted {
            train_rows: dataset.splits.train.len(),
            validation_rows: dataset.splits.validation.len(),
            test_rows: dataset.splits.test.len(),
            skipped_rows: dataset.summary.skipped.count,
            trainable,
            frozen,
            total_steps: self.total_steps,
            device: self.job.config.training.device.name().into(),
            seed: self.job.config.training.seed,
            labels: classifier.label_names().to_vec(),
            head: classifier.tree().facts.head,
        }));
        self.tell_of_prefix();
    }

    /// One pass over the training rows; `None` when stop was requested.
    fn epoch(&mut self, epoch: usize) -> Outcome<Option<EpochSums>> {
        let t = &self.job.config.training;
        let order = epoch_order(&self.job.dataset.splits.train, t.seed, epoch);
        let mut sums = EpochSums::default();
        for rows in order.chunks(t.rows_per_step()) {
            let began = Instant::now();
            let Some(step) = self.optimiser_step(rows, epoch)? else {
                return Ok(None);
            };
            sums.training += began.elapsed();
            sums.loss += step.loss * rows.len() as f64;
            sums.correct += (step.accuracy * rows.len() as f64).round() as usize;
            sums.rows += rows.len();
            self.job.observer.emit(EventKind::Step(step));
            if self.live_is_due() && !self.live_validation()? {
                return Ok(None);
            }
        }
        Ok(Some(sums))
    }

    /// Forward, loss and backward for each batch of the step's rows; then clipping and the update. `None` when stop was
    /// requested.
    fn optimiser_step(&mut self, rows: &[u32], epoch: usize) -> Outcome<Option<Step>> {
        let t = &self.job.config.training;
        let learning_rate = self.learning_rate.at(self.step);
        self.step += 1;
        let (mut loss, mut right) = (0.0, 0);
        for (i, part) in rows.chunks(t.batch_size).enumerate() {
            if self.job.observer.stop_requested() {
                self.job.classifier.clear_gradients();
                return Ok(None);
            }
            // Each batch's mean counts by its rows, so that the sum is the mean over all rows of the step.
            let share = part.len() as f64 / rows.len() as f64;
            let (part_loss, part_right) = self.add_gradients(part, share, i)?;
            if !part_loss.is_finite() {
                let rate = format!("{learning_rate:e}");
                return Err(Problem::new("train-not-finite").with("step", self.step).with("rate", rate));
            }
            loss += part_loss * share;
            right += part_right;
        }
        let grad_norm = self.optimiser.step(self.job.classifier, learning_rate, t.clip_norm)?;
        Ok(Some(Step {
            step: self.step,
            epoch,
            loss,
            accuracy: right as f64 / rows.len() as f64,
            learning_rate,
            grad_norm,
            elapsed_secs: self.clock.elapsed().as_secs_f64(),
        }))
    }

    /// One batch forward and backward: adds `share` of its mean loss' gradient. Returns the loss and how many rows were
    /// predicted right. `part` is the batch's number within the step.
    fn add_gradients(&mut self, rows: &[u32], share: f64, part: usize) -> Outcome<(f64, usize)> {
        let (classifier, t) = (&*self.job.classifier, &self.job.config.training);
        let batch = Batch::pack(self.job.tokens, &self.job.dataset.labels, rows);
        self.optimiser.settle(classifier, Some(&batch.ids))?;

        let dropout_of_step = mix(mix(t.seed, DROPOUT_STREAM), self.step as u64);
        let pass = Pass::train(if part == 0 { dropout_of_step } else { mix(dropout_of_step, part as u64) });
        let states = self.prefix.states(classifier, &batch, pass)?;
        let logits = classifier.from_prefix(states, &batch, pass)?;
        let truth = Tensor::new(batch.labels.as_slice(), logits.device()).map_err(internal)?;
        let mean_loss = candle_nn::loss::cross_entropy(&logits, &truth).map_err(internal)?;
        let loss = f64::from(mean_loss.to_scalar::<f32>().map_err(internal)?);
        if loss.is_finite() {
            let weighted = if share == 1.0 { mean_loss } else { (mean_loss * share).map_err(internal)? };
            classifier.backward(&weighted)?;
        }
        let answers = rows_of(&logits)?;
        let right = answers.iter().zip(&batch.labels).filter(|(l, y)| argmax(l) == **y as usize).count();
        Ok((loss, right))
    }

    /// Looks are spread evenly over the run; the first comes early, so that a matrix is soon there.
    fn live_is_due(&self) -> bool {
        let looks = |step: usize| step * LIVE_LOOKS / self.total_steps;
        self.step == (self.steps_per_epoch / 20).clamp(1, 10) || looks(self.step) > looks(self.step - 1)
    }

    /// False when stop was requested meanwhile.
    fn live_validation(&mut self) -> Outcome<bool> {
        self.optimiser.settle(self.job.classifier, None)?;
        let seen = self.validate(&self.live_rows)?;
        if seen.stopped {
            return Ok(false);
        }
        self.job.observer.emit(EventKind::LiveValidation(LiveValidation {
            step: self.step,
            rows: self.live_rows.len(),
            loss: seen.loss,
            accuracy: seen.confusion.accuracy(),
            confusion: seen.confusion,
        }));
        self.tell_of_prefix();
        Ok(true)
    }

    fn validate(&self, rows: &[u32]) -> Outcome<Evaluation> {
        let Job { classifier, tokens, dataset, observer, .. } = &self.job;
        evaluate_with(classifier, &self.prefix, tokens, &dataset.labels, rows, *observer, Stage::Validate)
    }

    fn epoch_ended(&self, epoch: usize, sums: &EpochSums, validation: &Evaluation) {
        let rows = sums.rows as f64;
        self.job.observer.emit(EventKind::EpochEnded(EpochEnded {
            epoch,
            train_loss: sums.loss / rows,
            train_accuracy: sums.correct as f64 / rows,
            validation_loss: validation.loss,
            validation_accuracy: validation.confusion.accuracy(),
            validation_confusion: validation.confusion.clone(),
            rows_per_sec: rows / sums.training.as_secs_f64(),
            elapsed_secs: self.clock.elapsed().as_secs_f64(),
        }));
        self.tell_of_prefix();
    }

    fn tell_of_prefix(&self) {
        self.job.observer.emit(EventKind::PrefixCached(self.prefix.status()));
    }
}

/// The best epoch so far.
struct Best {
    accuracy: f64,
    values: Vec<(usize, Vec<f32>)>,
}

/// Early stopping on validation loss.
struct Patience {
    epochs: Option<usize>,
    lowest: f64,
    waited: usize,
}

impl Patience {
    fn new(epochs: Option<usize>) -> Self {
        Self { epochs, lowest: f64::INFINITY, waited: 0 }
    }

    /// Takes an epoch's loss; true when there were enough epochs without a lower one.
    fn is_over(&mut self, loss: f64) -> bool {
        if loss < self.lowest {
            (self.lowest, self.waited) = (loss, 0);
        } else {
            self.waited += 1;
        }
        self.epochs.is_some_and(|epochs| self.waited >= epochs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_counts_epochs_without_progress() {
        let mut patience = Patience::new(Some(2));
        let over: Vec<bool> = [1.0, 0.9, 0.95, 0.8, 0.8, 0.9].map(|loss| patience.is_over(loss)).to_vec();
        assert_eq!(over, [false, false, false, false, false, true]);
        assert!(!(Patience::new(None).is_over(f64::NAN)));
    }
}
