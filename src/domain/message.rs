//! The conversation between the faces of the program and its worker, in four parts: questions with their answers, runs,
//! the Hub, and notices.

mod ask;
mod run;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::answered::AnsweringRows;
use super::config::{DataConfig, ModelSource};
use super::dataset::TokenLengths;
use super::doctor::SelfTestStep;
use super::hub::{HubEvent, HubRequest};
use super::legibility::Legibility;
use super::params::ParamTree;
use super::problem::{Outcome, Problem};
use super::race::{RaceEnded, RaceRow, RaceRunStarted, RaceStarted};
use super::rate_sweep::{LearningRateSwept, RatePoint};
use super::reference::Reference;
use super::text_map::MovedPoints;

pub use ask::*;
pub use run::*;

/// Names one question among all that this process asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId(pub u64);

/// Names one run, race or sweep among all that this process starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub u64);

/// What a face sends to the worker.
#[derive(Clone, Debug)]
pub enum Command {
    Ask(AskId, Question),
    Run(RunCommand),
    /// About models of the Hugging Face Hub and of its cache on this machine.
    Hub(HubRequest),
    /// Ends the self-test under way within a check.
    StopSelfTest,
    /// Ends the work on a question that takes long; it is then answered with the problem `cancelled`.
    Cancel(AskId),
    Shutdown,
}

/// What the worker sends to a face.
#[derive(Clone, Debug)]
pub enum Event {
    /// The one answer to a question, or why there is none.
    Answer(AskId, Outcome<Answer>),
    /// What a run told since the last bundle, in order.
    Run(RunId, Vec<RunEvent>),
    /// What is shown of a run but is in no log.
    OfRun(RunId, RunNotice),
    Race(RunId, RaceEvent),
    Sweep(RunId, SweepEvent),
    Hub(HubEvent),
    Notice(Notice),
}

/// What a race tells of itself. The serialised form is the terminal's `--json` line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RaceEvent {
    RaceStarted(RaceStarted),
    RaceRunStarted(RaceRunStarted),
    RaceRow(RaceRow),
    /// The last event of every race.
    RaceEnded(RaceEnded),
}

/// What a sweep of learning rates tells of itself. The serialised form is the terminal's `--json` line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SweepEvent {
    RatePoint(RatePoint),
    /// The last event of every sweep.
    LearningRateSwept(Arc<LearningRateSwept>),
}

/// What the worker tells without being asked, outside of runs.
#[derive(Clone, Debug)]
pub enum Notice {
    /// How far some work outside of runs has come.
    Progress(Progress),
    /// How long the data's texts are, as far as they are counted.
    TokenLengths(Arc<TokenLengths>),
    /// How well the model at hand reads the language of the data at hand.
    Legibility(Arc<Legibility>),
    /// The data at hand have other labels than the model was shown with, so its head has another shape.
    HeadChanged { source: ModelSource, tree: Arc<ParamTree> },
    /// What simpler methods reach on some data, as soon as it is known.
    Reference { data: Box<DataConfig>, reference: Box<Reference> },
    /// A self-test under way has just found this.
    SelfTest(Box<SelfTestStep>),
    /// The points of a map of texts have moved.
    TextMapMoved(MovedPoints),
    /// How far the rows of a file are answered.
    AnsweringRows(AnsweringRows),
    /// Something the user should know that did not stop the work.
    Warning(Problem),
}

/// How far a long piece of work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub task: Task,
    pub done: usize,
    pub total: usize,
}

/// A piece of work that takes long enough to show its progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    ReadData,
    Tokenise,
    LoadModel,
    /// Making the network that trains of the model's weights.
    LoadWeights,
    /// Hashing the weights that a run begins with, by which it proves what changed.
    Fingerprint,
    Validate,
    Test,
    /// Fitting the simpler methods that the model is compared with.
    Reference,
    /// Asking a model about changed texts.
    Behaviour,
    /// Judging labels by probes that have not seen them.
    Suspects,
    /// Computing where a model puts texts after each layer, and what can be read there.
    TextMap,
    /// Explaining rows to find the words that a model lives by.
    Words,
    /// Reading what a report tells of, and making its file.
    Report,
    Save,
}
