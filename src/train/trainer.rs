//! A whole training: what it needs, how it begins and how it ends. One step is in [`super::step`], the loop over epochs with
//! its looks at validation in `epochs`, checkpoints in `checkpoints`, and what is left of a training whose loss is not a
//! number any more in `breakdown`.

mod breakdown;
mod checkpoints;
mod epochs;
mod looks;
mod reports;

use std::sync::Arc;
use std::time::Instant;

use crate::data::batch::{Batch, epoch_order};
use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::RunConfig;
use crate::domain::freeze::check_trainable;
use crate::domain::interrupt::Interrupt;
use crate::domain::layers::steps_between;
use crate::domain::message::{Progress, RunNotice, RunObserver, RunOutcome, Task};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::timeline::Unfreezing;
use crate::model::classifier::Classifier;
use crate::model::encoder::DropoutConfig;
use crate::model::hashes::resume_checksum;
use crate::model::pretrained::PretrainedModel;

use super::adamw::AdamW;
use super::adamw::resumable::put_end_back;
use super::checkpoint::{Checkpoint, CheckpointStore, EpochSums, FORMAT, Patience, Position};
use super::clock::{Clock, Stopwatch, TrainingTime};
use super::evaluate::Evaluation;
use super::layer_stats::LayerSampler;
use super::loss::Loss;
use super::prefix::{Account, Prefix, PrefixCache};
use super::schedule::LearningRate;

use breakdown::NotFinite;
use checkpoints::Best;
use looks::Looks;

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
    /// Gets the classifier whenever another set of its parameters begins to train. Its weights are those that train: whoever
    /// keeps a copy of it may read them while the training stands still.
    pub share: &'a (dyn Fn(&Classifier) + Sync),
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
    /// The answers of these weights on the validation rows, where they were all asked with them: not after a training
    /// that was stopped or resumed since.
    pub validation: Option<Evaluation>,
    /// The time from the first batch to the end of the last epoch's validation, without pauses.
    pub time: TrainingTime,
    /// Where a `Completed` training stands at its end. No checkpoint of that is written, because the model is saved next: it
    /// holds all that is left to be resumed from.
    pub over: Option<Position>,
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
/// `freeze-nothing-trains`, `plan-stage-nothing-trains`; `class-weights-unknown`; `resume-model-changed`, `resume-other-format` or
/// `checkpoint-damaged` for a checkpoint that does not fit; `internal-error` from candle. A loss that is not a number any
/// more is no error here: the training then ends as `Failed`.
pub fn train(job: Job<'_>) -> Outcome<Trained> {
    check_trainable(job.classifier.trainable())?;
    let clock = Clock::new(job.observer);
    let classifier = job.classifier;
    classifier.set_interrupt(clock.interrupt());
    let job = Job { classifier: &mut *classifier, observer: &clock, ..job };
    let trained = Run::begin(job, &clock).and_then(Run::run);
    // Whoever uses the classifier afterwards is not to be ended by this training's Stop.
    classifier.set_interrupt(Interrupt::never());
    trained
}

/// The loss that the settings ask for. Balanced weights come from the rows of the training part.
fn loss_of(job: &Job<'_>) -> Outcome<Loss> {
    let Some(weights) = &job.config.training.class_weights else { return Ok(Loss::PLAIN) };
    let labels = job.classifier.label_names();
    let mut rows = vec![0; labels.len()];
    job.dataset.splits.train.iter().for_each(|row| rows[job.dataset.labels[*row as usize] as usize] += 1);
    weights.resolve(labels, &rows).map(Loss::weighted)
}

/// A training under way.
struct Run<'a> {
    job: Job<'a>,
    time: Stopwatch<'a>,
    // These are settled before the first step.
    unfreezing: Unfreezing,
    /// Whether each parameter trains in some stage, parallel to the tree's.
    ever_trainable: Vec<bool>,
    learning_rate: LearningRate,
    /// The loss of training and validation, in which classes may have weights.
    loss: Loss,
    steps_per_epoch: usize,
    /// When validation is looked at within an epoch.
    looks: Looks,
    /// Samples drift and gradient norms, if that is wanted.
    layers: Option<LayerSampler>,
    // These move the weights in the stage under way, whose place in the plan, from 0, is `stage`.
    stage: usize,
    optimiser: AdamW,
    prefix: Prefix<'a>,
    account: Arc<Account>,
    // This is how far the training has come, as a checkpoint tells it.
    position: Position,
    /// The weights of `position.best`.
    best: Option<Best>,
    /// The last whole validation of the weights that the training would end with.
    validation: Option<Evaluation>,
    written_at: Instant,
}

/// Why a training ends before its last epoch.
enum Halt {
    /// A step that was under way is thrown away, so that the weights are those of the last whole step.
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
    fn begin(mut job: Job<'a>, clock: &'a Clock<'a>) -> Outcome<Self> {
        let unfreezing = job.config.freeze.unfreezing(job.classifier.tree())?;
        unfreezing.check()?;
        let (t, splits) = (&job.config.training, &job.dataset.splits);
        let steps_per_epoch = splits.train.len().div_ceil(t.rows_per_step());
        let total_steps = steps_per_epoch * t.epochs;
        let loss = loss_of(&job)?;
        let resume = job.resume.take();
        let account = job.prefix_cache.account();
        let mut run = Self {
            time: Stopwatch::new(clock, Arc::clone(&account), TrainingTime::default()),
            ever_trainable: job.classifier.trainable().to_vec(),
            learning_rate: LearningRate::new(job.config.learning_rate(), t.schedule, t.warmup_share, total_steps),
            loss,
            steps_per_epoch,
            looks: Looks::new(&job, &unfreezing),
            layers: None,
            stage: 0,
            optimiser: AdamW::new(job.classifier, t.weight_decay).with_factors(&unfreezing.factors),
            prefix: Prefix::NONE,
            account,
            position: Position {
                format: FORMAT,
                step: 0,
                total_steps,
                epoch: 1,
                looked: true,
                sums: EpochSums::default(),
                patience: Patience::new(t.patience),
                best: None,
                elapsed_secs: 0.0,
                shared_secs: 0.0,
                initial_weights: if job.checkpoints.is_some() { resume_checksum(job.classifier)? } else { 0 },
                precision: job.classifier.precision(),
                frozen_precision: job.classifier.frozen_precision(),
            },
            best: None,
            validation: None,
            written_at: Instant::now(),
            unfreezing,
            job,
        };
        // Drift is measured from the weights that the run began with, so they are copied before a checkpoint's replace them.
        if run.job.samples_layers {
            run.layers = Some(run.layer_sampler()?);
        }
        match resume {
            Some(checkpoint) => run.resume(checkpoint)?,
            None => {
                run.report_start();
                run.enter_stage(None)?;
                run.report_stage();
            }
        }
        run.report_prefix();
        // Texts that were tokenised before, ahead or for other runs, are charged to this run too: it reads them all.
        for rows in [&splits.train, &splits.validation] {
            run.account.charge(run.job.tokens.secs_of(rows));
        }
        let before = TrainingTime { secs: run.position.elapsed_secs, shared_secs: run.position.shared_secs };
        run.time = Stopwatch::new(clock, Arc::clone(&run.account), before);
        run.written_at = Instant::now();
        Ok(run)
    }

    /// Whether no epoch is left to train.
    fn is_over(&self) -> bool {
        self.position.epoch > self.job.config.training.epochs || self.position.patience.is_over()
    }

    /// Lets the parameters train that the plan wants in the epoch under way. Those of a checkpoint are put back at the moment
    /// when the optimiser is the stage's already and every parameter that trains in some stage can still be written to.
    fn enter_stage(&mut self, checkpoint: Option<&Checkpoint>) -> Outcome<()> {
        self.stage = self.stage_of_epoch();
        self.optimiser.settle(self.job.classifier, None)?;
        let trainable = &self.unfreezing.stages[self.stage].trainable;
        self.optimiser.follow(&self.job.classifier.tree().parameters, trainable);
        match checkpoint {
            Some(Checkpoint { is_over: true, state, .. }) => {
                put_end_back(self.job.classifier, &self.ever_trainable, state)?;
            }
            Some(Checkpoint { position, state, .. }) => {
                self.optimiser.put_back(self.job.classifier, position.step, state)?;
            }
            None => {}
        }
        self.job.classifier.set_trainable(trainable)?;
        (self.job.share)(self.job.classifier);
        // The cache now holds the layers below the new lowest trainable one.
        let (cache, config) = (self.job.prefix_cache, &self.job.config.training.prefix_cache);
        self.prefix = cache.for_stage(self.job.classifier, config, &self.account);
        Ok(())
    }

    /// The stage of the epoch under way. Beyond the last epoch it is the last one's.
    fn stage_of_epoch(&self) -> usize {
        self.unfreezing.stage_of(self.position.epoch.min(self.job.config.training.epochs))
    }

    fn run(mut self) -> Outcome<Trained> {
        match self.train_epochs() {
            Ok(()) => self.finish(RunOutcome::Completed),
            Err(Halt::Stopped) => {
                self.time.lap();
                // A run that has done no step leaves nothing behind.
                if self.position.step > 0 {
                    // In a large model this takes seconds, and shows that Stop was heard.
                    let saving = Progress { task: Task::Save, done: 0, total: 1 };
                    self.job.observer.notify(RunNotice::Progress(saving));
                    self.write_checkpoint();
                }
                self.finish(RunOutcome::Stopped)
            }
            Err(Halt::NotFinite(found)) => self.break_down(&found),
            Err(Halt::Failed(problem)) => Err(problem),
        }
    }

    fn finish(mut self, outcome: RunOutcome) -> Outcome<Trained> {
        self.optimiser.settle(self.job.classifier, None)?;
        self.restore_best()?;
        let (is_usable, time) = (self.position.step > 0, self.time.lap);
        (self.position.elapsed_secs, self.position.shared_secs) = (time.secs, time.shared_secs);
        let over = (outcome == RunOutcome::Completed).then_some(self.position);
        let validation = self.validation.filter(|_| over.is_some());
        Ok(Trained { outcome, failure: None, is_usable, validation, time, over })
    }

    /// A sampler that samples as seldom as the stage with the least work in a step asks for, with texts as long as those of
    /// the first step.
    fn layer_sampler(&self) -> Outcome<LayerSampler> {
        let (classifier, t) = (&*self.job.classifier, &self.job.config.training);
        let order = epoch_order(&self.job.dataset.splits.train, t.seed, 1);
        let first = &order[..t.rows_per_step().min(order.len())];
        let tokens = Batch::pack(self.job.tokens, &self.job.dataset.labels, first).ids.len();
        let is_host = classifier.device().is_cpu();
        let stages = self.unfreezing.stages.iter();
        let every = stages.map(|stage| steps_between(classifier.tree(), &stage.trainable, tokens, is_host)).max();
        LayerSampler::new(classifier, self.position.total_steps, self.steps_per_epoch, every.unwrap_or(1))
    }
}
