//! Several trainings on the same split, order and head initialisation: a race of strategies, or a ladder of row counts.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::config::{Bounds, RunConfig};
use super::freeze::Freeze;
use super::message::{RunId, RunOutcome};
use super::problem::{Outcome, Problem};

pub const SEEDS: Bounds = Bounds::new("seeds", 1.0, 100.0);
pub const MINUTES: Bounds = Bounds::new("minutes", 0.1, 10_080.0);
/// A step of a ladder that takes all rows there are.
pub const ALL_ROWS: usize = 1_000_000_000;

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
    /// The steps of a ladder: training rows of each class, `ALL_ROWS` for all. Empty: as `config` says.
    pub rows_per_class: Vec<usize>,
    /// Minutes for everything; the rows are then limited so that it fits.
    pub minutes: Option<f64>,
}

/// One run of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedRun {
    /// Its place in the plan, from 0.
    pub index: usize,
    /// Of `RacePlan::strategies`.
    pub strategy: usize,
    pub seed: u64,
    /// `None`: all rows.
    pub rows_per_class: Option<usize>,
}

impl RacePlan {
    /// Checks what can be checked without data and model.
    ///
    /// # Errors
    /// `race-no-strategies`, `race-strategy-twice`, `race-seed-twice`; `setting-out-of-bounds`.
    pub fn check(&self) -> Outcome<()> {
        if self.strategies.is_empty() {
            return Err(Problem::new("race-no-strategies"));
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = self.strategies.iter().find(|strategy| !names.insert(&strategy.name)) {
            return Err(Problem::new("race-strategy-twice").with("name", &twice.name));
        }
        SEEDS.check(self.seeds.len() as f64)?;
        let mut seeds = BTreeSet::new();
        if let Some(twice) = self.seeds.iter().find(|seed| !seeds.insert(**seed)) {
            return Err(Problem::new("race-seed-twice").with("seed", twice));
        }
        let mut steps = BTreeSet::new();
        if let Some(twice) = self.rows_per_class.iter().find(|rows| !steps.insert(**rows)) {
            return Err(Problem::new("race-rows-twice").with("rows", twice));
        }
        if let Some(minutes) = self.minutes {
            MINUTES.check(minutes)?;
        }
        self.runs().iter().try_for_each(|run| self.config_of(run).check())
    }

    /// Every run in its order: seed by seed, so that all strategies are soon seen; on a ladder few rows come first.
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

    /// The numbers of rows that are raced on, ascending, as `DataConfig::rows_per_class` has them; of a race that is no
    /// ladder one.
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

    /// The settings of one run; where its folder lies is yet to be said.
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
    /// The id of a race's run: faces count their own ids from 1 and never come so far.
    pub fn of_race_run(race: Self, index: usize) -> Self {
        Self((race.0 << 32) + index as u64 + 1)
    }

    /// The race that this id's run belongs to, if it is of one.
    pub fn race(self) -> Option<Self> {
        (self.0 >> 32 > 0).then_some(Self(self.0 >> 32))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RaceStarted {
    pub runs: usize,
    /// Rows of the data file after the limit of `minutes`, where there is one.
    pub max_rows: Option<usize>,
    /// Expected seconds of everything; `None` where nothing was timed.
    pub estimated_secs: Option<f64>,
    /// Where the race's `race.json` and its runs lie.
    pub race_dir: Option<PathBuf>,
    /// What is raced: of a race that goes on, as it was found in its folder.
    #[serde(skip)]
    pub plan: Arc<RacePlan>,
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

/// Whether each test row was predicted right, in the order of the test part: what a paired comparison needs. Written as
/// a text of `0` and `1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits(pub Arc<[bool]>);

impl Serialize for Hits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = self.0.iter().map(|hit| if *hit { '1' } else { '0' }).collect();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Hits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(text.chars().map(|c| c == '1').collect()))
    }
}

/// A race's run ended with its test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceRow {
    /// The strategy's name.
    pub freeze: String,
    pub seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_class: Option<usize>,
    /// Rows that were trained on, of all classes.
    pub train_rows: usize,
    /// Numbers that train.
    pub trainable: usize,
    pub learning_rate: f64,
    pub accuracy: f64,
    pub macro_f1: f64,
    /// As `RunEnded` has them.
    pub train_secs: f64,
    pub peak_memory_bytes: u64,
    /// Rows that were tested: what the accuracy's interval depends on.
    pub test_rows: usize,
    pub run_dir: Option<PathBuf>,
    /// Kept in `race.json`, and left out of the terminal's lines.
    #[serde(skip)]
    pub hits: Hits,
}

/// One strategy (on a ladder: with one number of rows) over its seeds.
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
    /// Sample standard deviation over the seeds; `None` of a single run.
    pub accuracy_spread: Option<f64>,
    /// 95 % interval of the mean accuracy: see `race_statistics`.
    pub accuracy_interval: (f64, f64),
    pub macro_f1: f64,
    pub train_secs: f64,
    /// The largest of its runs.
    pub peak_memory_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceEnded {
    pub outcome: RunOutcome,
    pub error: Option<Problem>,
    pub means: Vec<RaceMean>,
    /// Pairs of strategies on the same number of rows, by their places in `means`, whose difference is within its 95 %
    /// interval: see `race_statistics`.
    pub undecided: Vec<(usize, usize)>,
    /// Runs that were skipped, and that failed: they have no row.
    pub skipped: usize,
    pub failed: usize,
    pub race_dir: Option<PathBuf>,
}
