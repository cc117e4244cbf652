//! A whole training: what it needs, how it begins and how it ends. One step is in [`super::step`], the loop over epochs in
//! `epochs`, unfreezing in `stages`, looks at validation in `looks`, checkpoints in `checkpoints`, and what is left of a
//! training whose loss is not a number any more in `breakdown`.

mod breakdown;
mod checkpoints;
mod epochs;
mod looks;
mod reports;
mod stages;

use std::time::Instant;

use crate::data::batch::{Batch, epoch_order, stratified_sample};
use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::RunConfig;
use crate::domain::estimate::LIVE_ROWS;
use crate::domain::freeze::check_trainable;
use crate::domain::layers::steps_between;
use crate::domain::message::{RunObserver, RunOutcome};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::timeline::Unfreezing;
use crate::model::classifier::Classifier;
use crate::model::encoder::DropoutConfig;
use crate::model::hashes::resume_checksum;
use crate::model::pretrained::PretrainedModel;

use super::adamw::AdamW;
use super::checkpoint::{BestEpoch, Checkpoint, CheckpointStore, EpochSums, Patience};
use super::clock::{Clock, Stopwatch};
use super::layer_stats::LayerSampler;
use super::prefix::{Prefix, PrefixCache};
use super::schedule::LearningRate;

use breakdown::NotFinite;

/// Everything one training needs.
pub struct Job<'a> {
    /// What trains. Every parameter that any stage of `config` trains is trainable here; afterwards, those are that trained
    /// last.
    pub classifier: &'a mut Classifier,
    pub dataset: &'a Dataset,
    pub tokens: &'a TokenStore,
    pub config: &'a RunConfig,
    /// The session's cache; runs that freeze the same layers share what is in it.
    pub prefix_cache: &'a PrefixCache,
    pub observer: &'a dyn RunObserver,
    /// Where checkpoints go, if anywhere.
    pub checkpoints: Option<&'a dyn CheckpointStore>,
    /// Makes the classifier as it was when the run began. The newest checkpoint is put into it when the loss stops being
    /// a number.
    pub fresh: &'a (dyn Fn() -> Outcome<Classifier> + Sync),
    /// The checkpoint to resume from. Its run was announced when it began, so it is not announced again.
    pub resume: Option<Checkpoint>,
    /// Whether every parameter's drift and gradient norm are sampled, which changes nothing else.
    pub samples_layers: bool,
}

/// How a training ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// `Completed` (early stopping included), `Stopped`, or `Failed` for the reason in `failure`.
    pub outcome: RunOutcome,
    pub failure: Option<Problem>,
    /// Whether the classifier holds what was learned. It does not where no step was done, or where no usable numbers are
    /// left.
    pub is_usable: bool,
    /// Seconds from the first batch to the end of the last epoch's validation, without pauses.
    pub train_secs: f64,
}

/// The dropout probabilities of a run: the configured one, or else the model's own.
pub fn dropout_config(pretrained: &PretrainedModel, config: &RunConfig) -> DropoutConfig {
    let (own, t) = (&pretrained.config, &config.training);
    DropoutConfig {
        hidden: t.dropout.unwrap_or(own.hidden_dropout_prob),
        attention: t.dropout.unwrap_or(own.attention_probs_dropout_prob),
        classifier: t.dropout.unwrap_or(own.head_dropout()),
        in_frozen_prefix: t.frozen_dropout,
    }
}

/// Trains `job.classifier` in place, and leaves in it the weights of the epoch that `keep` in the settings asks for.
///
/// # Errors
/// `freeze-nothing-trains`, `plan-stage-nothing-trains`; `resume-model-changed`, `resume-other-format` or
/// `checkpoint-damaged` for a checkpoint that does not fit; `internal-error` from candle. A loss that is not a number any
/// more is no error here: the training then ends as `Failed`.
pub fn train(job: Job<'_>) -> Outcome<Trained> {
    check_trainable(job.classifier.trainable())?;
    let unfreezing = job.config.freeze.unfreezing(job.classifier.tree())?;
    unfreezing.check()?;
    let clock = Clock::new(job.observer);
    Run::new(Job { observer: &clock, ..job }, unfreezing, &clock).run()
}

/// A training under way.
struct Run<'a> {
    job: Job<'a>,
    course: Course,
    learning: Learning<'a>,
    progress: Progress,
    /// The best epoch so far, where the run is to end with its weights.
    best: Option<Best>,
    /// Samples drift and gradient norms, if that is wanted.
    layers: Option<LayerSampler>,
    saving: Saving,
    time: Stopwatch<'a>,
}

/// What is settled before the first step.
struct Course {
    unfreezing: Unfreezing,
    /// Whether each parameter trains in some stage, parallel to the tree's.
    ever_trainable: Vec<bool>,
    learning_rate: LearningRate,
    steps_per_epoch: usize,
    total_steps: usize,
    /// The validation rows that looks within an epoch classify.
    live_rows: Vec<u32>,
}

/// What moves the weights in the stage under way.
struct Learning<'a> {
    /// The stage's place in the plan, from 0.
    stage: usize,
    optimiser: AdamW,
    prefix: Prefix<'a>,
}

/// How far the training has come.
struct Progress {
    /// Steps that are done.
    step: usize,
    /// The epoch under way, from 1.
    epoch: usize,
    sums: EpochSums,
    /// Whether the look at validation that may be due after `step` was taken.
    looked: bool,
    patience: Patience,
    /// Whether the step under way was left between two batches. A run cannot be resumed bit for bit from there.
    is_within_step: bool,
}

/// The best epoch so far, with all that ever trains as it was then.
struct Best {
    epoch: BestEpoch,
    values: Vec<(usize, Vec<f32>)>,
    /// Whether the weights are on disk, so that a checkpoint may name the epoch.
    is_written: bool,
}

/// What the writing of checkpoints has to remember.
struct Saving {
    /// The checksum of the weights that the run began with.
    initial_weights: u64,
    written_at: Instant,
}

/// Why a training ends before its last epoch.
enum Halt {
    Stopped,
    NotFinite(NotFinite),
    Failed(Problem),
}

impl From<Problem> for Halt {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl<'a> Run<'a> {
    fn new(job: Job<'a>, unfreezing: Unfreezing, clock: &'a Clock<'a>) -> Self {
        let (t, splits) = (&job.config.training, &job.dataset.splits);
        let steps_per_epoch = splits.train.len().div_ceil(t.rows_per_step());
        let total_steps = steps_per_epoch * t.epochs;
        let split_seed = job.config.data.split.seed;
        let learning = Learning {
            stage: 0,
            optimiser: AdamW::new(job.classifier, t.weight_decay).with_factors(&unfreezing.factors),
            prefix: job.prefix_cache.for_run(job.classifier, &t.prefix_cache),
        };
        let course = Course {
            unfreezing,
            ever_trainable: job.classifier.trainable().to_vec(),
            learning_rate: LearningRate::new(job.config.learning_rate(), t.schedule, t.warmup_share, total_steps),
            steps_per_epoch,
            total_steps,
            live_rows: stratified_sample(&splits.validation, &job.dataset.labels, LIVE_ROWS, split_seed),
        };
        let progress = Progress {
            step: 0,
            epoch: 1,
            sums: EpochSums::default(),
            looked: true,
            patience: Patience::new(t.patience),
            is_within_step: false,
        };
        Self {
            course,
            learning,
            progress,
            best: None,
            layers: None,
            saving: Saving { initial_weights: 0, written_at: Instant::now() },
            time: Stopwatch::new(clock),
            job,
        }
    }

    fn run(mut self) -> Outcome<Trained> {
        self.begin()?;
        match self.train_epochs() {
            Ok(()) => self.finish(RunOutcome::Completed),
            Err(Halt::Stopped) => {
                self.time.lap();
                if !self.progress.is_within_step {
                    self.write_checkpoint();
                }
                self.finish(RunOutcome::Stopped)
            }
            Err(Halt::NotFinite(found)) => self.break_down(&found),
            Err(Halt::Failed(problem)) => Err(problem),
        }
    }

    fn begin(&mut self) -> Outcome<()> {
        if self.job.checkpoints.is_some() {
            self.saving.initial_weights = resume_checksum(self.job.classifier)?;
        }
        // Drift is measured from the weights that the run began with, so they are copied before a checkpoint's replace them.
        self.layers = if self.job.samples_layers { Some(self.layer_sampler()?) } else { None };
        match self.job.resume.take() {
            Some(checkpoint) => self.resume(&checkpoint)?,
            None => {
                self.report_start();
                self.enter_stage(self.progress.epoch)?;
                self.report_stage();
            }
        }
        self.report_prefix();
        self.time.start();
        self.saving.written_at = Instant::now();
        Ok(())
    }

    fn finish(mut self, outcome: RunOutcome) -> Outcome<Trained> {
        self.learning.optimiser.settle(self.job.classifier, None)?;
        self.restore_best()?;
        let is_usable = self.progress.step > 0;
        Ok(Trained { outcome, failure: None, is_usable, train_secs: self.time.lap_secs() })
    }

    /// Puts the best epoch's weights back, where the run is to end with them; returns that epoch.
    fn restore_best(&mut self) -> Outcome<Option<usize>> {
        let Some(best) = &self.best else { return Ok(None) };
        self.job.classifier.set_trainable(&self.course.ever_trainable)?;
        self.job.classifier.restore(&best.values)?;
        Ok(Some(best.epoch.epoch))
    }

    /// A sampler that samples as seldom as the stage with the least work in a step asks for, with texts as long as those of
    /// the first step.
    fn layer_sampler(&self) -> Outcome<LayerSampler> {
        let (classifier, t) = (&*self.job.classifier, &self.job.config.training);
        let order = epoch_order(&self.job.dataset.splits.train, t.seed, 1);
        let first = &order[..t.rows_per_step().min(order.len())];
        let tokens = Batch::pack(self.job.tokens, &self.job.dataset.labels, first).ids.len();
        let is_host = classifier.device().is_cpu();
        let stages = self.course.unfreezing.stages.iter();
        let every = stages.map(|stage| steps_between(classifier.tree(), &stage.trainable, tokens, is_host)).max();
        LayerSampler::new(classifier, self.course.total_steps, self.course.steps_per_epoch, every.unwrap_or(1))
    }
}
