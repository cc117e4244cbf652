//! One training and what it tells: the commands that steer it, its events (which are its log), and what is only shown.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::coach::RunFacts;
use super::super::config::RunConfig;
use super::super::dataset::DatasetSummary;
use super::super::finite::or_nan;
use super::super::health::Found;
use super::super::history::History;
use super::super::interrupt::Interrupt;
use super::super::labels::MatchedLabel;
use super::super::layers::LayerStats;
use super::super::metrics::{ClassReport, Confusion};
use super::super::params::{HeadStart, ParamTree};
use super::super::precision::{FrozenPrecision, Precision};
use super::super::problem::Problem;
use super::super::proof::FreezeProof;
use super::super::race::RacePlan;
use super::super::rate_sweep::RatePoint;
use super::super::reference::Reference;
use super::{Progress, RunId};

/// What starts and steers trainings. One run, race or sweep is under way at a time.
#[derive(Clone, Debug)]
pub enum RunCommand {
    Start(RunId, Box<RunConfig>),
    /// Resumes an unfinished run from its newest checkpoint, in its own folder.
    Resume(RunId, PathBuf),
    /// Trains a finished run's model for more epochs, as a new run.
    Continue(RunId, Box<Continuation>),
    /// Starts a race. The race's events come under this id, and each run's events under an id of its own.
    StartRace(RunId, Box<RacePlan>),
    /// Does the runs that an unfinished race lacks, in its own folder.
    ResumeRace(RunId, PathBuf),
    /// Sweeps the learning rate of a configuration; the weights of the sweep are thrown away.
    FindRate(RunId, Box<RunConfig>),
    SetPaused(bool),
    /// Ends the run within a batch and keeps what was learned; ends a race or a sweep as well.
    Stop,
    /// Ends the race's current run and starts the next.
    Skip,
}

/// A finished run's model and settings, from which a new run starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Continuation {
    pub dir: PathBuf,
    pub epochs: usize,
    /// `None` keeps the finished run's rate.
    pub learning_rate: Option<f64>,
    pub out: Option<PathBuf>,
}

/// What a run tells. The serialised form is a line of the run's log and of the terminal's `--json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RunEvent {
    RunStarted(RunStarted),
    /// What trains changes from here on. The first stage is told too; a plan of one stage tells none.
    StageStarted(StageStarted),
    Step(Step),
    /// Follows the step that it was sampled after.
    LayerStats(LayerStats),
    LiveValidation(LiveValidation),
    EpochEnded(EpochEnded),
    TestEvaluated(TestEvaluated),
    /// What simpler methods reach on the run's rows.
    ReferenceReady(Box<Reference>),
    /// Comes as the weights are saved. It says what the training changed, and that nothing frozen changed.
    FreezeProven(Arc<FreezeProof>),
    /// The last event of every run, also after a panic.
    RunEnded(RunEnded),
}

/// What is shown of a run while it is under way and is in no log, because its folder or its settings say it already.
#[derive(Clone, Debug)]
pub enum RunNotice {
    /// The settings that were found in a run's folder, told before anything else of the run.
    Planned(Box<RunConfig>),
    /// What a resumed run had told before it was interrupted; it comes instead of another `RunStarted`.
    Resumed(Arc<History>),
    /// The data were read anew for this run.
    DatasetRead(Arc<DatasetSummary>),
    /// The model was read anew for this run.
    ModelRead(Arc<ParamTree>),
    /// What the coach wants to know of a run beyond its numbers; it is in the run's settings.
    FactsFound(RunFacts),
    /// What is kept of the frozen layers' outputs, or why nothing is.
    PrefixCached(PrefixStatus),
    Progress(Progress),
    /// A step that takes long has come so far.
    WithinStep(WithinStep),
    /// Whether the run stands still.
    Paused(bool),
    /// Something the user should know that did not stop the run.
    Warning(Problem),
}

/// The progress within an optimiser step. Only steps that take long tell it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WithinStep {
    /// The step under way, from 1.
    pub step: usize,
    /// How much of its work is done, from 0 to 1.
    pub share: f64,
    /// Mean loss of the rows that have gone forward so far; `None` before there are any.
    pub loss: Option<f64>,
}

/// What the trainer sees of the outside: where its events go, and whether it should end. It knows no channels.
pub trait RunObserver: Sync {
    fn emit(&self, event: RunEvent);
    /// Observers that show nothing need not listen.
    fn notify(&self, _: RunNotice) {}
    /// Takes the probability that each of some rows of the data was given of its own label in an epoch, before the step
    /// that it was in. Only those who make a map of the data need them.
    fn learn(&self, _epoch: usize, _confidences: &[(u32, f32)]) {}
    /// Asked before every batch, in every stage; blocks while the run is paused.
    fn stop_requested(&self) -> bool;
    /// What the network asks the same within a batch. Observers of small models need none.
    fn interrupt(&self) -> Interrupt {
        Interrupt::never()
    }
    /// Tells the same as `notify` between two layers of the network, where the observer itself is out of reach.
    fn teller(&self) -> Teller {
        Arc::new(|_| ())
    }
}

/// Tells a notice of a run, from wherever it is kept.
pub type Teller = Arc<dyn Fn(RunNotice) + Send + Sync>;

/// What a sweep of learning rates sees of the outside.
pub trait SweepObserver: Sync {
    fn measured(&self, point: RatePoint);
    /// Asked before every batch; blocks while the sweep is paused.
    fn stop_requested(&self) -> bool;
    /// What the network asks the same within a batch.
    fn interrupt(&self) -> Interrupt {
        Interrupt::never()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    pub train_rows: usize,
    pub validation_rows: usize,
    pub test_rows: usize,
    pub skipped_rows: usize,
    /// How many numbers train in some stage of the run, and how many are frozen throughout.
    pub trainable: usize,
    pub frozen: usize,
    /// Optimiser steps of the whole run.
    pub total_steps: usize,
    pub device: String,
    /// What the operands of products are rounded to, and how the frozen layers below the lowest trainable one are held, as
    /// this machine does it. The lines of runs in f32 leave both out.
    #[serde(default, skip_serializing_if = "Precision::is_default")]
    pub precision: Precision,
    #[serde(default, skip_serializing_if = "FrozenPrecision::is_default")]
    pub frozen_precision: FrozenPrecision,
    pub seed: u64,
    pub labels: Vec<String>,
    /// The columns of the first and of the second texts; none where each row has one text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text_columns: Vec<String>,
    /// Whether the model's own head was kept or replaced. The lines of a model without a head leave it out.
    #[serde(default, skip_serializing_if = "HeadStart::is_new")]
    pub head: HeadStart,
    /// What the rows of each class count in the loss of training and validation, in label order; none where all count the
    /// same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_weights: Vec<f64>,
    /// The classes of the kept head that the labels were taken for. The lines of a model without a head leave it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_match: Vec<MatchedLabel>,
    /// Copies, contradicting labels, and rows that two parts share. The lines of runs on data without any leave it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Found>,
}

/// A stage of an unfreezing plan begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageStarted {
    /// The stage's number, from 1 to `stages`.
    pub stage: usize,
    pub stages: usize,
    /// The stage's first optimiser step, and the epoch that begins with it; both count from 1.
    pub step: usize,
    pub epoch: usize,
    /// How many numbers train in the stage, and how many are frozen.
    pub trainable: usize,
    pub frozen: usize,
}

/// One optimiser step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// From 1.
    pub step: usize,
    /// From 1.
    pub epoch: usize,
    /// Mean cross-entropy of the batch, before the step.
    #[serde(deserialize_with = "or_nan")]
    pub loss: f64,
    /// Share of the batch predicted right, before the step.
    pub accuracy: f64,
    /// The learning rate this step used.
    pub learning_rate: f64,
    /// Global norm of the gradient, before clipping.
    #[serde(deserialize_with = "or_nan")]
    pub grad_norm: f64,
    /// Seconds since the first batch began, with those of `shared_secs`.
    pub elapsed_secs: f64,
    /// The seconds among them that other runs spent: on the frozen layers' outputs and on tokens, which this run took over
    /// instead of computing them. Older logs, which charged a run only for what it computed itself, have none.
    #[serde(default)]
    pub shared_secs: f64,
}

impl Step {
    /// Seconds that went by since the first batch began.
    pub fn spent_secs(&self) -> f64 {
        self.elapsed_secs - self.shared_secs
    }
}

/// Whether the frozen layers at the bottom are computed once for all epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrefixStatus {
    Cached(CachedPrefix),
    NotCached(WhyNotCached),
}

/// Why every epoch computes all layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNotCached {
    /// Something in the embeddings trains, so there are no frozen layers below.
    EmbeddingsTrain,
    /// Dropout acts in the frozen layers, so that their outputs differ each time.
    FrozenDropout,
    /// The cache is switched off, or its budgets are 0.
    SwitchedOff,
}

/// Frozen layers whose outputs are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CachedPrefix {
    /// How many encoder layers, counted from the bottom; with 0, the embeddings' outputs are kept.
    pub layers: usize,
    pub memory_bytes: u64,
    /// Bytes in a temporary file, which is used when memory's share is full.
    pub file_bytes: u64,
    /// Whether there was no room for everything, so that the rest is computed again in every epoch.
    pub is_full: bool,
}

/// A look at the fixed sample of validation rows within an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveValidation {
    pub step: usize,
    pub rows: usize,
    #[serde(deserialize_with = "or_nan")]
    pub loss: f64,
    pub accuracy: f64,
    pub confusion: Confusion,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochEnded {
    /// From 1.
    pub epoch: usize,
    /// Means over the rows of the epoch, each as it was when the training came to it.
    #[serde(deserialize_with = "or_nan")]
    pub train_loss: f64,
    pub train_accuracy: f64,
    #[serde(deserialize_with = "or_nan")]
    pub validation_loss: f64,
    pub validation_accuracy: f64,
    pub validation_confusion: Confusion,
    /// Training rows divided by the epoch's training time, in which shared work counts as well.
    #[serde(deserialize_with = "or_nan")]
    pub rows_per_sec: f64,
    /// The same as in `Step`.
    pub elapsed_secs: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestEvaluated {
    pub accuracy: f64,
    pub macro_f1: f64,
    #[serde(deserialize_with = "or_nan")]
    pub loss: f64,
    pub confusion: Confusion,
    pub labels: Vec<String>,
    pub per_class: Vec<ClassReport>,
    /// The same rows with the frozen layers as they were held in training, where that was in fewer bits. All else here is of
    /// the model that was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<FrozenTest>,
}

/// The test with frozen layers in fewer bits, beside the one with the original weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrozenTest {
    pub precision: FrozenPrecision,
    pub accuracy: f64,
    /// That accuracy less the one with the original weights.
    pub difference: f64,
    /// How many of the rows are predicted otherwise.
    pub changed: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEnded {
    pub outcome: RunOutcome,
    pub error: Option<Problem>,
    pub run_dir: Option<PathBuf>,
    /// Seconds from the first batch to the end of the last epoch's validation, with those of `shared_secs`, so that the
    /// times of runs can be compared whatever ran before them.
    pub train_secs: f64,
    /// The seconds among them that other runs spent: on the frozen layers' outputs and on tokens, which this run took over
    /// instead of computing them.
    #[serde(default)]
    pub shared_secs: f64,
    /// What the run needed of memory at its fullest, to be set beside the estimate (`MemoryNeed::total_bytes`). It is the
    /// sum of three: the program itself, which counts as in the estimate; the model's weights; and the most by which the
    /// process's memory rose from the first batch to the run's end, without what is kept for other runs as well (the
    /// frozen layers' outputs, the tokens) and without mapped files. It is 0 where the system does not tell, which only
    /// Linux does. Runs of older versions have the resident memory of the whole process here.
    pub peak_memory_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    Completed,
    Stopped,
    Failed,
}
