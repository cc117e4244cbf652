//! Several trainings on the same split, with the same row order and head initialisation: a race of strategies, or a ladder
//! of row counts.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::config::{Bounds, RunConfig};
use super::freeze::Freeze;
use super::message::{RunId, RunOutcome};
use super::problem::{Outcome, Problem};

pub const SEEDS: Bounds = Bounds::new("seeds", 1.0, 100.0);
pub const MINUTES: Bounds = Bounds::new("minutes", 0.1, 10_080.0);
/// A race has no more runs than this, so that a plan of a few words cannot ask for more than fit into a machine.
pub const MOST_RUNS: usize = 10_000;
/// A ladder's step with so many rows takes all rows there are.
pub const ALL_ROWS: usize = 1_000_000_000;

/// One competitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strategy {
    /// The name in tables and curves: the freezing's name on the command line, or that of a plan file.
    pub name: String,
    pub freeze: Freeze,
}

/// What a race runs: every strategy with every seed, and on a ladder with every number of rows, one after another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RacePlan {
    /// The settings that all runs share. Each run has its own freezing and training seed; the split and its seed stay.
    pub config: RunConfig,
    pub strategies: Vec<Strategy>,
    pub seeds: Vec<u64>,
    /// One rate for all strategies. `None` gives each the rate that is suggested for it.
    pub learning_rate: Option<f64>,
    /// The steps of a ladder, as training rows of each class, with `ALL_ROWS` for all. It is empty for a race, whose rows
    /// `config` limits.
    pub rows_per_class: Vec<usize>,
    /// The minutes that everything may take; the rows are limited so that it fits.
    pub minutes: Option<f64>,
}

/// One run of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedRun {
    /// The run's place in the plan, counted from 0.
    pub index: usize,
    /// The strategy's place in `RacePlan::strategies`.
    pub strategy: usize,
    pub seed: u64,
    /// `None` is all rows.
    pub rows_per_class: Option<usize>,
}

impl RacePlan {
    /// Checks all that can be checked without data and model.
    ///
    /// # Errors
    /// `race-no-strategies`, `race-strategy-twice`, `race-seed-twice`, `race-rows-twice`, `race-too-many-runs`;
    /// `setting-out-of-bounds`.
    pub fn check(&self) -> Outcome<()> {
        if self.strategies.is_empty() {
            return Err(Problem::new("race-no-strategies"));
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = self.strategies.iter().find(|strategy| !names.insert(&strategy.name)) {
            return Err(Problem::new("race-strategy-twice").with("name", &twice.name));
        }
        SEEDS.check(self.seeds.len() as f64)?;
        let steps = self.rows_per_class.len().max(1);
        let count = self.strategies.len().saturating_mul(self.seeds.len()).saturating_mul(steps);
        if count > MOST_RUNS {
            return Err(Problem::new("race-too-many-runs").with_count("count", count).with_count("most", MOST_RUNS));
        }
        let mut seeds = BTreeSet::new();
        if let Some(twice) = self.seeds.iter().find(|seed| !seeds.insert(**seed)) {
            return Err(Problem::new("race-seed-twice").with("seed", twice));
        }
        let mut steps = BTreeSet::new();
        if let Some(twice) = self.rows_per_class.iter().find(|rows| !steps.insert(**rows)) {
            return Err(Problem::new("race-rows-twice").with_count("rows", *twice));
        }
        if let Some(minutes) = self.minutes {
            MINUTES.check(minutes)?;
        }
        self.runs().iter().try_for_each(|run| self.config_of(run).check())
    }

    /// Every run in its order. The seeds come one after another, so that all strategies are soon seen, and on a ladder few
    /// rows come first.
    pub fn runs(&self) -> Vec<PlannedRun> {
        let mut runs = Vec::new();
        for seed in &self.seeds {
            for rows_per_class in self.steps() {
                for strategy in 0..self.strategies.len() {
                    runs.push(PlannedRun { index: runs.len(), strategy, seed: *seed, rows_per_class });
                }
            }
        }
        runs
    }

    /// The ladder's numbers of rows in ascending order, in the form of `DataConfig::rows_per_class`. A race that is no ladder
    /// has one.
    pub fn steps(&self) -> Vec<Option<usize>> {
        if self.rows_per_class.is_empty() {
            return vec![self.config.data.rows_per_class];
        }
        let mut steps = self.rows_per_class.clone();
        steps.sort_unstable();
        steps.into_iter().map(|rows| (rows < ALL_ROWS).then_some(rows)).collect()
    }

    pub fn is_ladder(&self) -> bool {
        !self.rows_per_class.is_empty()
    }

    /// The settings of one run. Its folder is still that of the race's settings and has to be set.
    pub fn config_of(&self, run: &PlannedRun) -> RunConfig {
        let mut config = self.config.clone();
        config.freeze = self.strategies[run.strategy].freeze.clone();
        config.training.seed = run.seed;
        config.training.learning_rate = self.learning_rate;
        config.data.rows_per_class = run.rows_per_class;
        config.guess = None;
        config
    }
}

impl RunId {
    /// The id of a race's run. Faces count their own ids from 1 and never come so far.
    pub fn of_race_run(race: Self, index: usize) -> Self {
        Self((race.0 << 32) + index as u64 + 1)
    }

    /// The race that this run belongs to, if it is a race's run.
    pub fn race(self) -> Option<Self> {
        (self.0 >> 32 > 0).then_some(Self(self.0 >> 32))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RaceStarted {
    pub runs: usize,
    /// The rows of the data file that the limit of `minutes` leaves, where there is one.
    pub max_rows: Option<usize>,
    /// The seconds that everything is expected to take. `None` when nothing was timed.
    pub estimated_secs: Option<f64>,
    /// The folder of `race.json` and of the runs.
    pub race_dir: Option<PathBuf>,
    /// What is raced. For a race that is resumed it is what its folder holds.
    #[serde(skip)]
    pub plan: Arc<RacePlan>,
}

/// A race's next run begins. The events of the run come under the run's own id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceRunStarted {
    pub run_id: RunId,
    /// The run's place in the plan, counted from 0.
    pub index: usize,
    /// The strategy's place in `RacePlan::strategies`.
    pub strategy: usize,
    pub freeze: String,
    pub seed: u64,
    pub rows_per_class: Option<usize>,
    pub learning_rate: f64,
}

/// Whether each test row was predicted right, in the order of the test rows. A paired comparison needs it. It is written as
/// a text of `0` and `1`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Hits(pub Arc<[bool]>);

impl Hits {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Hits> for String {
    fn from(hits: Hits) -> Self {
        hits.0.iter().map(|hit| if *hit { '1' } else { '0' }).collect()
    }
}

impl From<String> for Hits {
    fn from(text: String) -> Self {
        Self(text.chars().map(|c| c == '1').collect())
    }
}

/// What came out of a race's run that ended with its test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceRow {
    /// The strategy's name.
    pub freeze: String,
    pub seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_class: Option<usize>,
    /// Rows of all classes that were trained on.
    pub train_rows: usize,
    /// How many numbers train.
    pub trainable: usize,
    pub learning_rate: f64,
    pub accuracy: f64,
    pub macro_f1: f64,
    /// The same as in `RunEnded`.
    pub train_secs: f64,
    /// The same as in `RunEnded`.
    #[serde(default)]
    pub shared_secs: f64,
    /// The same as in `RunEnded`.
    pub peak_memory_bytes: u64,
    /// Rows that were tested; the interval of the accuracy depends on their number.
    pub test_rows: usize,
    pub run_dir: Option<PathBuf>,
    /// The answers to single rows. They are in `race.json` and not in the terminal's lines.
    #[serde(skip)]
    pub hits: Hits,
}

/// The mean of one strategy over its seeds, on a ladder with one number of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceMean {
    pub freeze: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_class: Option<usize>,
    pub runs: usize,
    pub train_rows: usize,
    pub trainable: usize,
    pub learning_rate: f64,
    pub accuracy: f64,
    /// The sample standard deviation over the seeds. `None` for a single run.
    pub accuracy_spread: Option<f64>,
    /// The 95 % interval of the mean accuracy; see `race_statistics`.
    pub accuracy_interval: (f64, f64),
    pub macro_f1: f64,
    pub train_secs: f64,
    #[serde(default)]
    pub shared_secs: f64,
    /// The largest peak of its runs.
    pub peak_memory_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceEnded {
    pub outcome: RunOutcome,
    pub error: Option<Problem>,
    pub means: Vec<RaceMean>,
    /// Pairs of strategies on the same number of rows whose difference is not decided, by their places in `means`; see
    /// `race_statistics`.
    pub undecided: Vec<(usize, usize)>,
    /// How many runs were skipped. They have no row.
    pub skipped: usize,
    /// How many runs failed. They have no row either.
    pub failed: usize,
    pub race_dir: Option<PathBuf>,
}
