//! What the next race will run, and what it will take.

use crate::domain::freeze::Freeze;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::race::{RacePlan, Strategy};
use crate::domain::race_time::{RaceFacts, race_secs, rows_that_fit};

use super::super::train::TrainState;
use super::RaceState;

/// What the next race will run.
#[derive(Clone, Debug, PartialEq)]
pub struct RaceSetup {
    pub strategies: Vec<Strategy>,
    /// How many seeds each strategy gets, counted up from the training seed.
    pub seeds: usize,
    /// `None`: as Training says.
    pub epochs: Option<usize>,
    /// One for all; `None` gives each strategy the one suggested for it.
    pub learning_rate: Option<f64>,
    /// `None`: as long as it takes.
    pub minutes: Option<f64>,
    /// Steps of a ladder, `race::ALL_ROWS` for all rows; empty for a race.
    pub rows_per_class: Vec<usize>,
}

impl Default for RaceSetup {
    fn default() -> Self {
        let presets = [Freeze::Preset1, Freeze::Preset2, Freeze::Preset3, Freeze::Full];
        Self {
            strategies: presets.map(named).to_vec(),
            seeds: 1,
            epochs: None,
            learning_rate: None,
            minutes: None,
            rows_per_class: Vec::new(),
        }
    }
}

/// A strategy under its own name.
pub fn named(freeze: Freeze) -> Strategy {
    Strategy { name: freeze.name(), freeze }
}

impl RaceSetup {
    pub fn has(&self, name: &str) -> bool {
        self.strategies.iter().any(|strategy| strategy.name == name)
    }
}

impl RaceState {
    /// What Start would race.
    pub fn plan(&self, train: &TrainState) -> RacePlan {
        let setup = &self.setup;
        let mut config = train.config.clone();
        config.training.epochs = setup.epochs.unwrap_or(config.training.epochs);
        let first = config.training.seed;
        RacePlan {
            config,
            strategies: setup.strategies.clone(),
            seeds: (0..setup.seeds as u64).map(|n| first.wrapping_add(n)).collect(),
            learning_rate: setup.learning_rate,
            rows_per_class: setup.rows_per_class.clone(),
            minutes: setup.minutes,
        }
    }

    /// Why what was chosen cannot be raced.
    pub(in crate::app) fn blocker(&self, train: &TrainState) -> Option<Problem> {
        self.plan(train).check().err().or_else(|| self.trainable(train)?.err())
    }

    /// What each strategy trains; `None` before a model is there.
    fn trainable(&self, train: &TrainState) -> Option<Outcome<Vec<Vec<bool>>>> {
        let tree = train.model.ready()?;
        let of = |strategy: &Strategy| {
            let plan = strategy.freeze.unfreezing(tree)?;
            plan.check().map(|()| plan.ever())
        };
        Some(self.setup.strategies.iter().map(of).collect())
    }

    /// Seconds that Start would take, and the row limit that its minutes lead to; `None` before the machine was timed.
    pub fn estimate(&self, train: &TrainState) -> Option<Outcome<(f64, Option<usize>)>> {
        let (calibration, data) = (train.calibration.as_ref()?, train.dataset.ready()?);
        let trainable = self.trainable(train)?.ok()?;
        let plan = self.plan(train);
        let facts = RaceFacts {
            calibration,
            tree: train.model.ready()?,
            trainable: &trainable,
            rows: data.rows,
            classes: data.labels.len(),
        };
        Some(rows_that_fit(&plan, facts).map(|fitted| {
            let rows = fitted.or(plan.config.data.max_rows).unwrap_or(data.rows).min(data.rows);
            (race_secs(&plan, facts, rows), fitted)
        }))
    }
}
