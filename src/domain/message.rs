//! The whole conversation between the faces of the program and its worker. A terminal's JSON lines are these events.

mod run;

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::coach::RunFacts;
use super::config::{DataConfig, ModelSource, RunConfig};
use super::dataset::{DatasetSummary, TokenLengths};
use super::estimate::Calibration;
use super::freeze::Freeze;
use super::history::History;
use super::hub::{HubEvent, HubRequest};
use super::layers::LayerStats;
use super::lesson::{Lesson, LessonWork};
use super::params::{ParamTree, ParameterView};
use super::problem::Problem;
use super::proof::{FreezeProof, StoredProof};
use super::race::{RaceEnded, RacePlan, RaceRow, RaceRunStarted, RaceStarted};
use super::rate_sweep::{LearningRateSwept, RatePoint};
use super::reference::Reference;
use super::stored::{OpenedRuns, RunEntry, StoredRun};

pub use run::*;

/// Names one run among all that this process starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub u64);

/// What a face asks of the worker.
#[derive(Clone, Debug)]
pub enum Command {
    /// Read a data file; answered by `DatasetReady` or `DatasetFailed`, then `TokenLengths` as they become known.
    /// A newer one replaces an older one under way.
    InspectData {
        config: DataConfig,
        max_length: usize,
    },
    /// Read a model; answered by `ModelReady` or `ModelFailed`. The tokens of the current data follow.
    LoadModel {
        source: ModelSource,
    },
    /// About models of the Hugging Face Hub and of its cache on this machine; answered by `Hub`.
    Hub(HubRequest),
    /// Open one parameter; answered by `ParameterReady`. The trained values when a run of this session ended, else the checkpoint's.
    InspectParameter {
        name: String,
    },
    /// Time a few real batches, so that `domain::estimate` can tell how long a run will take; answered by `Calibrated`.
    Calibrate {
        config: Box<RunConfig>,
    },
    /// Sweep the learning rate of a configuration; `RatePoint`s come as they are measured, `LearningRateSwept` at the end.
    /// `Stop` ends it early. Changes no model of this session.
    FindLearningRate {
        config: Box<RunConfig>,
    },
    Start {
        run_id: RunId,
        config: Box<RunConfig>,
    },
    /// Go on with an unfinished run from its newest checkpoint, in its own folder.
    ResumeRun {
        run_id: RunId,
        dir: PathBuf,
    },
    /// Start a new run from a finished one's model, with its settings but these.
    ContinueRun {
        run_id: RunId,
        dir: PathBuf,
        epochs: usize,
        learning_rate: Option<f64>,
        out: Option<PathBuf>,
    },
    /// Start a race; `RaceStarted`, `RaceRow` and `RaceEnded` come under this id, each run's events under its own.
    StartRace {
        run_id: RunId,
        plan: Box<RacePlan>,
    },
    /// Go on with an unfinished race: the runs that it lacks.
    ResumeRace {
        run_id: RunId,
        dir: PathBuf,
    },
    Pause,
    Resume,
    /// Ends the run within a batch and keeps what was learned; ends a race as well.
    Stop,
    /// Ends the race's current run and goes on with the next.
    Skip,
    /// Classify texts with the model of the last run, or of a run folder; answered by `Predicted`.
    Predict {
        texts: Vec<String>,
        run_dir: Option<PathBuf>,
    },
    /// Measure a run folder on its own test rows, or on a file; answered by `TestEvaluated`.
    Evaluate {
        run_dir: PathBuf,
        data: Option<DataConfig>,
    },
    /// List the runs of a folder, the user's own with `None`; answered by `RunsListed`.
    ListRuns {
        folder: Option<PathBuf>,
        /// Runs that lie elsewhere, to be listed with them.
        others: Vec<PathBuf>,
    },
    /// Read all that a run has told; answered by `RunOpened`.
    OpenRun {
        dir: PathBuf,
    },
    /// Read all that several runs have told, from their folders or from bundles; answered by `RunsOpened`.
    OpenRuns {
        sources: Vec<PathBuf>,
    },
    /// Hash a run's weights as they are on disk now; answered by `FreezeRecomputed`.
    ProveFreeze {
        dir: PathBuf,
    },
    /// Give a run a name and a note; answered by `RunLabelled`.
    LabelRun {
        dir: PathBuf,
        name: String,
        note: String,
    },
    /// Write a freezing as a plan file; answered by `PlanSaved`, or `PlanFailed`.
    SavePlan {
        path: PathBuf,
        freeze: Box<Freeze>,
    },
    /// Read a plan file; answered by `PlanOpened` with the same `purpose`, or `PlanFailed`.
    OpenPlan {
        path: PathBuf,
        purpose: PlanPurpose,
    },
    /// Move a run to the system's trash; answered by `RunDeleted`.
    DeleteRun {
        dir: PathBuf,
    },
    /// Write a run's model with a model card into a new folder; answered by `RunExported`.
    ExportRun {
        dir: PathBuf,
        to: PathBuf,
    },
    /// Answered by `LessonsListed`: those of the program.
    ListLessons,
    /// A lesson of the program by its id, or a lesson file; answered by `LessonOpened`.
    OpenLesson {
        source: PathBuf,
    },
    /// Write a student's work on a lesson into one file; answered by `BundleSaved`.
    SaveBundle {
        lesson: Arc<Lesson>,
        work: Box<LessonWork>,
        to: PathBuf,
    },
    Shutdown,
}

/// What a plan file is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanPurpose {
    /// To be the freezing of the next run.
    Freeze,
    /// To take part in the next race.
    Race,
}

/// What the worker tells.
#[derive(Clone, Debug)]
pub struct Event {
    /// The run it belongs to; `None` for everything outside a run.
    pub run_id: Option<RunId>,
    pub kind: EventKind,
}

/// One thing that happened. The serialised form is the terminal's `--json` line, and that of a run's log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    #[serde(skip)]
    DatasetReady(Arc<DatasetSummary>),
    #[serde(skip)]
    DatasetFailed(Problem),
    #[serde(skip)]
    TokenLengths(Arc<TokenLengths>),
    #[serde(skip)]
    ModelReady(Arc<ParamTree>),
    #[serde(skip)]
    ModelFailed(Problem),
    #[serde(skip)]
    Hub(HubEvent),
    #[serde(skip)]
    ParameterReady(Box<ParameterView>),
    #[serde(skip)]
    Calibrated(Calibration),
    #[serde(skip)]
    RatePoint(RatePoint),
    /// The one end of a sweep, whatever happened.
    LearningRateSwept(Arc<LearningRateSwept>),
    /// A long stage moves on; coalesced for the screen.
    #[serde(skip)]
    Progress {
        stage: Stage,
        done: usize,
        total: usize,
    },
    /// The settings of a run that were found in a folder, told before anything else of it.
    #[serde(skip)]
    RunPlanned(Box<RunConfig>),
    /// What a run that goes on had told before it was interrupted, instead of another `RunStarted`.
    #[serde(skip)]
    RunResumed(Arc<History>),
    /// What the coach wants to know of a run beyond its numbers; in the run's settings.
    #[serde(skip)]
    RunFactsFound(RunFacts),
    RunStarted(RunStarted),
    /// What trains changes from here on; told of the first stage too, and not at all where there is only one.
    StageStarted(StageStarted),
    Step(Step),
    /// Follows the step that it was sampled after.
    LayerStats(LayerStats),
    LiveValidation(LiveValidation),
    EpochEnded(EpochEnded),
    TestEvaluated(TestEvaluated),
    /// What simpler methods reach on the run's rows.
    ReferenceReady(Box<Reference>),
    /// The same as soon as it is known for some data, before or during a run on it.
    #[serde(skip)]
    ReferenceAhead {
        data: Box<DataConfig>,
        reference: Box<Reference>,
    },
    /// Told as the weights are saved: what the training changed, and that what was frozen did not change.
    FreezeProven(Arc<FreezeProof>),
    /// What is kept of the frozen layers' results, or why nothing is; told at the start, at looks at validation and at
    /// each epoch's end.
    #[serde(skip)]
    PrefixCached(PrefixStatus),
    #[serde(skip)]
    Paused,
    #[serde(skip)]
    Resumed,
    /// Something the user should know that did not stop the work.
    #[serde(skip)]
    Warning(Problem),
    RunEnded(RunEnded),
    RaceStarted(RaceStarted),
    RaceRunStarted(RaceRunStarted),
    RaceRow(RaceRow),
    RaceEnded(RaceEnded),
    #[serde(skip)]
    RunsListed(Vec<RunEntry>),
    #[serde(skip)]
    RunOpened(Arc<StoredRun>),
    #[serde(skip)]
    RunsOpened(OpenedRuns),
    #[serde(skip)]
    PlanSaved(PathBuf),
    #[serde(skip)]
    PlanOpened {
        path: PathBuf,
        freeze: Box<Freeze>,
        purpose: PlanPurpose,
    },
    #[serde(skip)]
    PlanFailed(Problem),
    #[serde(skip)]
    FreezeRecomputed(Arc<StoredProof>),
    #[serde(skip)]
    LessonsListed(Vec<Arc<Lesson>>),
    #[serde(skip)]
    LessonOpened(Arc<Lesson>),
    #[serde(skip)]
    BundleSaved(PathBuf),
    #[serde(skip)]
    RunLabelled(PathBuf),
    #[serde(skip)]
    RunDeleted(PathBuf),
    #[serde(skip)]
    RunExported(PathBuf),
    #[serde(skip)]
    Predicted(Vec<Prediction>),
    /// A prediction, an evaluation or a look at a parameter that could not be done.
    #[serde(skip)]
    RequestFailed(Problem),
}

/// What a long stage is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    ReadData,
    Tokenise,
    LoadModel,
    Validate,
    Test,
    /// Fitting what the model is seen against.
    Reference,
    Save,
}

/// What a run emits, and how it learns that it should end. The trainer knows no channels.
pub trait RunObserver: Sync {
    fn emit(&self, event: EventKind);
    /// Asked before every batch, in every stage; blocks while the run is paused.
    fn stop_requested(&self) -> bool;
}
