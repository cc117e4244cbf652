//! Several trainings on the same split, order and head initialisation: a race of strategies, or a ladder of row counts.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::config::RunConfig;
use super::freeze::Freeze;
use super::message::{RunId, RunOutcome};
use super::problem::Problem;

/// One competitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strategy {
    /// As tables and curves name it: the freezing's name on the command line, or that of a plan file.
    pub name: String,
    pub freeze: Freeze,
}

/// What a race runs: every strategy with every seed (and, on a ladder, every number of rows), one after another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RacePlan {
    /// What all runs share. Its freezing and training seed are replaced; its split, seed of the split included, is not.
    pub config: RunConfig,
    pub strategies: Vec<Strategy>,
    pub seeds: Vec<u64>,
    /// One rate for all; `None` gives each strategy the one suggested for it.
    pub learning_rate: Option<f64>,
    /// The steps of a ladder: training rows of each class. Empty: as `config` says.
    pub rows_per_class: Vec<usize>,
    /// Minutes for everything; the rows are then limited so that it fits.
    pub minutes: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceStarted {
    pub runs: usize,
    /// Rows of the data file after the limit of `minutes`, where there is one.
    pub max_rows: Option<usize>,
    /// Expected seconds of everything; `None` where nothing was timed.
    pub estimated_secs: Option<f64>,
}

/// A race's next run begins; its own events come under its own id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceRunStarted {
    pub run_id: RunId,
    /// From 0.
    pub index: usize,
    /// Of `RacePlan::strategies`.
    pub strategy: usize,
    pub freeze: String,
    pub seed: u64,
    pub rows_per_class: Option<usize>,
    pub learning_rate: f64,
}

/// A race's run ended with its test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceRow {
    /// The strategy's name.
    pub freeze: String,
    pub seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_class: Option<usize>,
    /// Numbers that train.
    pub trainable: usize,
    pub learning_rate: f64,
    pub accuracy: f64,
    pub macro_f1: f64,
    pub train_secs: f64,
    pub peak_memory_bytes: u64,
    /// Rows that were tested: what the accuracy's interval depends on.
    pub test_rows: usize,
    pub run_dir: Option<PathBuf>,
}

/// One strategy (on a ladder: with one number of rows) over its seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceMean {
    pub freeze: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_class: Option<usize>,
    pub runs: usize,
    pub trainable: usize,
    pub learning_rate: f64,
    pub accuracy: f64,
    /// Sample standard deviation over the seeds; `None` of a single run.
    pub accuracy_spread: Option<f64>,
    /// 95 % interval of the mean accuracy.
    pub accuracy_interval: (f64, f64),
    pub macro_f1: f64,
    pub train_secs: f64,
    pub peak_memory_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceEnded {
    pub outcome: RunOutcome,
    pub error: Option<Problem>,
    pub means: Vec<RaceMean>,
    /// Pairs of strategies, by their places in `means`, whose difference is within the interval.
    pub undecided: Vec<(usize, usize)>,
    /// Where the race's `race.json` and its runs lie.
    pub race_dir: Option<PathBuf>,
}
