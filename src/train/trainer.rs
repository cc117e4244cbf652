//! Fine-tuning, step by step: take a batch, compute the loss, go backward, clip, update; look at validation; repeat.

mod keeping;
mod stages;

use std::time::{Duration, Instant};

use candle_core::Tensor;

use crate::data::batch::{Batch, epoch_order, stratified_sample};
use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::{FinalWeights, RunConfig};
use crate::domain::estimate::{LIVE_LOOKS, LIVE_ROWS};
use crate::domain::freeze::check_trainable;
use crate::domain::layers::{LayerStats, steps_between};
use crate::domain::message::{
    EpochEnded, LiveValidation, RunEvent, RunNotice, RunObserver, RunOutcome, RunStarted, Step, Task,
};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::timeline::Unfreezing;
use crate::model::classifier::{Classifier, internal};
use crate::model::encoder::{DropoutConfig, Pass, mix};
use crate::model::pretrained::PretrainedModel;

pub use keeping::restore_weights;

use super::adamw::AdamW;
use super::clock::Clock;
use super::evaluate::{Evaluation, argmax, evaluate_with, rows_of};
use super::layer_stats::LayerSampler;
use super::prefix::{Prefix, PrefixCache};
use super::resume::{BestEpoch, EpochSums, Keeper, Patience, Saved, fingerprint};
use super::schedule::LearningRate;

/// The problem of a loss or a gradient that is no number.
const NOT_FINITE: &str = "train-not-finite";

/// The stream of random numbers that dropout draws from, apart from those of the order and the head.
const DROPOUT_STREAM: u64 = 0xd0;

/// Everything one training needs.
pub struct Job<'a> {
    /// With all that `config` ever trains trainable. After the training what trained last is.
    pub classifier: &'a mut Classifier,
    pub dataset: &'a Dataset,
    pub tokens: &'a TokenStore,
    pub config: &'a RunConfig,
    /// The session's; runs that freeze the same layers share what is in it.
    pub prefix_cache: &'a PrefixCache,
    pub observer: &'a dyn RunObserver,
    /// Where checkpoints go, if anywhere.
    pub keeper: Option<&'a dyn Keeper>,
    /// The checkpoint to go on from; its run was announced when it began.
    pub resume: Option<Saved>,
    /// Whether every parameter's drift and gradient norm are sampled, which changes nothing else.
    pub samples_layers: bool,
}

/// How a training ended. The classifier holds the weights that `keep` asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// `Completed` (early stopping included), `Stopped`, or `Failed` for the reason in `failure`.
    pub outcome: RunOutcome,
    pub failure: Option<Problem>,
    pub model: KeptModel,
    /// From the first batch to the end of the last epoch's validation, without pauses.
    pub train_secs: f64,
    pub epochs_done: usize,
}

/// Where what was learned is, after a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptModel {
    /// In the classifier.
    AsTrained,
    /// In the newest checkpoint ([`restore_weights`]); the classifier's weights are no good.
    OfCheckpoint,
    /// Nowhere: no step was done, or none that left numbers.
    Lost,
}

/// The dropout of a run: the model's own or the configured probability.
pub fn dropout_config(pretrained: &PretrainedModel, config: &RunConfig) -> DropoutConfig {
    let (own, t) = (&pretrained.config, &config.training);
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
/// `freeze-nothing-trains`, `plan-stage-nothing-trains`; of a checkpoint that does not fit: `resume-*`, `checkpoint-damaged`. A loss that is no longer a
/// number ends the training as `Failed`, with what the newest good weights are.
pub fn train(job: Job<'_>) -> Outcome<Trained> {
    check_trainable(job.classifier.trainable())?;
    let plan = job.config.freeze.unfreezing(job.classifier.tree())?;
    plan.check()?;
    let clock = Clock::new(job.observer);
    Run::new(Job { observer: &clock, ..job }, plan, &clock).run()
}

struct Run<'a> {
    job: Job<'a>,
    plan: Unfreezing,
    /// The place in the plan of the stage under way.
    stage: usize,
    /// What trains in some stage.
    ever: Vec<bool>,
    optimiser: AdamW,
    learning_rate: LearningRate,
    prefix: Prefix<'a>,
    /// Of the weights that the run began with, while it trains.
    layers: Option<LayerSampler>,
    /// Of the step just done, if one was due.
    sampled: Option<LayerStats>,
    live_rows: Vec<u32>,
    steps_per_epoch: usize,
    total_steps: usize,
    /// Steps done.
    step: usize,
    /// The epoch under way, from 1.
    epoch: usize,
    sums: EpochSums,
    /// Whether the look at validation that may be due after `step` was taken.
    looked: bool,
    patience: Patience,
    best: Option<Best>,
    /// Whether a step was left between its batches, so that this is no place to go on from.
    is_torn: bool,
    /// Of the weights that the run began with, where checkpoints are kept.
    fingerprint: u64,
    kept_at: Instant,
    clock: &'a Clock<'a>,
    /// What it showed at the first batch.
    clock_began: Duration,
    /// What the clock showed when the checkpoint was written that this training went on from.
    secs_before: f64,
    train_secs: f64,
}

impl<'a> Run<'a> {
    fn new(job: Job<'a>, plan: Unfreezing, clock: &'a Clock<'a>) -> Self {
        let (t, splits) = (&job.config.training, &job.dataset.splits);
        let steps_per_epoch = splits.train.len().div_ceil(t.rows_per_step());
        let total_steps = steps_per_epoch * t.epochs;
        let peak = job.config.learning_rate();
        Self {
            optimiser: AdamW::new(job.classifier, t.weight_decay).with_factors(&plan.factors),
            learning_rate: LearningRate::new(peak, t.schedule, t.warmup_share, total_steps),
            prefix: job.prefix_cache.for_run(job.classifier, &t.prefix_cache),
            layers: None,
            sampled: None,
            live_rows: stratified_sample(
                &splits.validation,
                &job.dataset.labels,
                LIVE_ROWS,
                job.config.data.split.seed,
            ),
            steps_per_epoch,
            total_steps,
            step: 0,
            epoch: 1,
            sums: EpochSums::default(),
            looked: true,
            patience: Patience::new(t.patience),
            best: None,
            is_torn: false,
            fingerprint: 0,
            kept_at: Instant::now(),
            clock,
            clock_began: clock.elapsed(),
            secs_before: 0.0,
            train_secs: 0.0,
            stage: 0,
            ever: job.classifier.trainable().to_vec(),
            plan,
            job,
        }
    }

    fn run(mut self) -> Outcome<Trained> {
        if self.job.keeper.is_some() {
            self.fingerprint = fingerprint(self.job.classifier)?;
        }
        // Before a checkpoint's weights are put back.
        self.layers = if self.job.samples_layers { Some(self.layer_sampler()?) } else { None };
        match self.job.resume.take() {
            Some(saved) => self.put_back(&saved)?,
            None => {
                self.announce();
                self.enter_stage(self.epoch)?;
                self.tell_of_stage();
            }
        }
        self.tell_of_prefix();
        (self.clock_began, self.kept_at) = (self.clock.elapsed(), Instant::now());
        let outcome = match self.train_on() {
            Ok(outcome) => outcome,
            Err(problem) if problem.id == NOT_FINITE => return self.give_up(problem),
            Err(problem) => return Err(problem),
        };
        if outcome == RunOutcome::Stopped {
            self.train_secs = self.elapsed_secs();
            if !self.is_torn {
                self.keep();
            }
        }
        self.optimiser.settle(self.job.classifier, None)?;
        if let Some(best) = &self.best {
            self.job.classifier.set_trainable(&self.ever)?;
            self.job.classifier.restore(&best.values)?;
        }
        let model = if self.step > 0 { KeptModel::AsTrained } else { KeptModel::Lost };
        Ok(self.trained(outcome, None, model))
    }

    fn trained(&self, outcome: RunOutcome, failure: Option<Problem>, model: KeptModel) -> Trained {
        Trained { outcome, failure, model, train_secs: self.train_secs, epochs_done: self.epoch - 1 }
    }

    /// From where the training stands to its end.
    fn train_on(&mut self) -> Outcome<RunOutcome> {
        while self.epoch <= self.job.config.training.epochs && !self.patience.is_over() {
            if !self.rest_of_epoch()? || !self.end_epoch()? {
                return Ok(RunOutcome::Stopped);
            }
        }
        Ok(RunOutcome::Completed)
    }

    fn elapsed_secs(&self) -> f64 {
        self.secs_before + (self.clock.elapsed() - self.clock_began).as_secs_f64()
    }

    /// Sampling as seldom as the stage asks for that has the least work in a step; texts are as long as the first step's.
    fn layer_sampler(&self) -> Outcome<LayerSampler> {
        let (classifier, t) = (&*self.job.classifier, &self.job.config.training);
        let order = epoch_order(&self.job.dataset.splits.train, t.seed, 1);
        let first = &order[..t.rows_per_step().min(order.len())];
        let tokens = Batch::pack(self.job.tokens, &self.job.dataset.labels, first).ids.len();
        let is_host = classifier.device().is_cpu();
        let stages = self.plan.stages.iter();
        let every = stages.map(|stage| steps_between(classifier.tree(), &stage.trainable, tokens, is_host)).max();
        LayerSampler::new(classifier, self.total_steps, self.steps_per_epoch, every.unwrap_or(1))
    }

    fn announce(&self) {
        let (dataset, classifier) = (self.job.dataset, &*self.job.classifier);
        let (trainable, frozen) = classifier.tree().totals(classifier.trainable());
        self.job.observer.emit(RunEvent::RunStarted(RunStarted {
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
    }

    /// The steps of the epoch that are not done yet; false when stop was requested.
    fn rest_of_epoch(&mut self) -> Outcome<bool> {
        let t = &self.job.config.training;
        let order = epoch_order(&self.job.dataset.splits.train, t.seed, self.epoch);
        let rows_per_step = t.rows_per_step();
        let done = self.step - (self.epoch - 1) * self.steps_per_epoch;
        if !self.looked && !self.live_validation()? {
            return Ok(false);
        }
        for rows in order.chunks(rows_per_step).skip(done) {
            let began = self.clock.elapsed();
            let Some(step) = self.optimiser_step(rows)? else {
                return Ok(false);
            };
            self.sums.training += self.clock.elapsed() - began;
            self.sums.loss += step.loss * rows.len() as f64;
            self.sums.correct += (step.accuracy * rows.len() as f64).round() as usize;
            self.sums.rows += rows.len();
            self.job.observer.emit(RunEvent::Step(step));
            if let Some(sample) = self.sampled.take() {
                self.job.observer.emit(RunEvent::LayerStats(sample));
            }
            self.looked = !self.live_is_due();
            if !self.looked && !self.live_validation()? {
                return Ok(false);
            }
            let minutes = self.job.config.training.checkpoint_minutes;
            if minutes > 0.0 && self.kept_at.elapsed().as_secs_f64() >= minutes * 60.0 {
                self.keep();
            }
        }
        Ok(true)
    }

    /// The whole validation after an epoch's last step; false when stop was requested meanwhile.
    fn end_epoch(&mut self) -> Outcome<bool> {
        self.optimiser.settle(self.job.classifier, None)?;
        let validation = self.validate(&self.job.dataset.splits.validation)?;
        self.train_secs = self.elapsed_secs();
        if validation.stopped {
            return Ok(false);
        }
        if !validation.loss.is_finite() {
            return Err(self.not_finite(self.learning_rate.at(self.step.saturating_sub(1))));
        }
        self.epoch_ended(&validation);
        let accuracy = validation.confusion.accuracy();
        if self.job.config.training.keep == FinalWeights::Best
            && self.best.as_ref().is_none_or(|b| accuracy > b.epoch.accuracy)
        {
            let epoch = BestEpoch { epoch: self.epoch, accuracy };
            self.best = Some(Best { epoch, values: self.job.classifier.snapshot(&self.ever)?, is_kept: false });
        }
        self.patience.take(validation.loss);
        self.epoch += 1;
        self.sums = EpochSums::default();
        // A checkpoint is of the stage that its epoch belongs to.
        self.next_stage()?;
        self.keep();
        Ok(true)
    }

    /// Forward, loss and backward for each batch of the step's rows; then clipping and the update. `None` when stop was
    /// requested.
    fn optimiser_step(&mut self, rows: &[u32]) -> Outcome<Option<Step>> {
        let t = &self.job.config.training;
        let learning_rate = self.learning_rate.at(self.step);
        self.step += 1;
        let (mut loss, mut right) = (0.0, 0);
        for (i, part) in rows.chunks(t.batch_size).enumerate() {
            if self.job.observer.stop_requested() {
                self.job.classifier.clear_gradients();
                (self.step, self.is_torn) = (self.step - 1, i > 0);
                return Ok(None);
            }
            // Each batch's mean counts by its rows, so that the sum is the mean over all rows of the step.
            let share = part.len() as f64 / rows.len() as f64;
            let (part_loss, part_right) = self.add_gradients(part, share, i)?;
            if !part_loss.is_finite() {
                return Err(self.not_finite(learning_rate));
            }
            loss += part_loss * share;
            right += part_right;
        }
        let norms = self.optimiser.step(self.job.classifier, learning_rate, t.clip_norm)?;
        let grad_norm = norms.global();
        if !grad_norm.is_finite() {
            return Err(self.not_finite(learning_rate));
        }
        if let Some(layers) = self.layers.as_mut().filter(|layers| layers.is_due(self.step)) {
            self.sampled = layers.sample(self.step, self.job.classifier, &self.optimiser, norms.each())?;
        }
        Ok(Some(Step {
            step: self.step,
            epoch: self.epoch,
            loss,
            accuracy: right as f64 / rows.len() as f64,
            learning_rate,
            grad_norm,
            elapsed_secs: self.elapsed_secs(),
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
        self.job.observer.emit(RunEvent::LiveValidation(LiveValidation {
            step: self.step,
            rows: self.live_rows.len(),
            loss: seen.loss,
            accuracy: seen.confusion.accuracy(),
            confusion: seen.confusion,
        }));
        self.looked = true;
        self.tell_of_prefix();
        Ok(true)
    }

    fn validate(&self, rows: &[u32]) -> Outcome<Evaluation> {
        let Job { classifier, tokens, dataset, observer, .. } = &self.job;
        evaluate_with(classifier, &self.prefix, tokens, &dataset.labels, rows, *observer, Task::Validate)
    }

    fn epoch_ended(&self, validation: &Evaluation) {
        let (epoch, sums) = (self.epoch, &self.sums);
        let rows = sums.rows as f64;
        self.job.observer.emit(RunEvent::EpochEnded(EpochEnded {
            epoch,
            train_loss: sums.loss / rows,
            train_accuracy: sums.correct as f64 / rows,
            validation_loss: validation.loss,
            validation_accuracy: validation.confusion.accuracy(),
            validation_confusion: validation.confusion.clone(),
            rows_per_sec: rows / sums.training.as_secs_f64(),
            elapsed_secs: self.elapsed_secs(),
        }));
        self.tell_of_prefix();
    }

    fn tell_of_prefix(&self) {
        self.job.observer.notify(RunNotice::PrefixCached(self.prefix.status()));
    }
}

/// The best epoch so far, with what it had learned.
struct Best {
    epoch: BestEpoch,
    values: Vec<(usize, Vec<f32>)>,
    /// Whether a checkpoint may name it.
    is_kept: bool,
}
