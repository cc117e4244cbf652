//! Runs as they lie on disk: what a list shows of them, and all that one has told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::coach::RunFacts;
use super::config::RunConfig;
use super::engine::{Engine, TrainerFacts};
use super::history::History;
use super::lesson::Bundle;
use super::message::{RunEvent, RunOutcome};
use super::problem::Problem;
use super::race::{RacePlan, RaceRow};

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunEntry {
    pub dir: PathBuf,
    /// The name that its user gave it; else it is empty, and the run is called by what it is.
    pub name: String,
    pub note: String,
    /// The folder of the race that it belongs to; `None` for a run by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub race: Option<PathBuf>,
    /// When it began, as `2026-11-24 15:04` in local time; empty where that is not known.
    pub started: String,
    pub data: String,
    /// The program that trained it.
    #[serde(skip_serializing_if = "Engine::is_thaw")]
    pub engine: Engine,
    /// The rows of the data that the run uses, where its settings can be read.
    pub rows: Option<usize>,
    /// At most so many rows of each class are trained on, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_per_class: Option<usize>,
    /// `None` where it is not known.
    pub seed: Option<u64>,
    pub model: String,
    /// The freezing's name on the command line; empty where it is not known.
    pub freeze: String,
    pub state: RunState,
    /// Optimiser steps that are done according to the log, of `total_steps`.
    pub step: usize,
    pub total_steps: usize,
    pub test_accuracy: Option<f64>,
    pub train_secs: Option<f64>,
    /// Whether the folder holds a model that can be used.
    pub has_model: bool,
    /// Whether it can be resumed where it was interrupted.
    pub can_resume: bool,
    /// Whether what it told can be shown.
    pub can_open: bool,
    /// What is wrong with its files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub damage: Vec<Problem>,
}

impl RunEntry {
    /// Whether both would be called the same.
    pub fn is_called_as(&self, other: &Self) -> bool {
        let called = |entry: &Self| {
            let settings = (entry.freeze.clone(), entry.rows, entry.rows_per_class, entry.data.clone());
            (entry.name.clone(), settings, entry.race.is_some().then_some(entry.seed))
        };
        called(self) == called(other)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Completed,
    Stopped,
    Failed,
    /// It has neither ended nor is it under way, because the program or the machine went down.
    Unfinished,
    /// Some program is training it now.
    Running,
    /// What it came to cannot be read, for the reasons that its entry gives.
    Damaged,
}

impl From<RunOutcome> for RunState {
    fn from(outcome: RunOutcome) -> Self {
        match outcome {
            RunOutcome::Completed => Self::Completed,
            RunOutcome::Stopped => Self::Stopped,
            RunOutcome::Failed => Self::Failed,
        }
    }
}

/// All events of a run in order, each with the second of the run in which it happened. A replay shows every one of them, so
/// all are in memory for as long as the run is open.
#[derive(Clone, Debug)]
pub struct StoredRun {
    pub dir: PathBuf,
    pub config: RunConfig,
    pub events: Vec<(f64, RunEvent)>,
    /// What the coach wants to know beyond the numbers, where the run's settings have it.
    pub facts: Option<RunFacts>,
    pub engine: Engine,
    /// What the log of Hugging Face's `Trainer` tells. `config` then holds what it says of the settings, and
    /// [`StoredRun::knows`] tells which of them that is.
    pub trainer: Option<TrainerFacts>,
}

/// A race as its folder keeps it.
#[derive(Clone, Debug)]
pub struct StoredRace {
    pub dir: PathBuf,
    pub plan: RacePlan,
    /// The row limit that follows from the plan's minutes, if there are any.
    pub max_rows: Option<usize>,
    /// Those that ended with their test, in the order of the plan.
    pub runs: Vec<StoredRaceRun>,
    /// The runs that were skipped, and below those that failed, are only counted, because they have no result.
    pub skipped: usize,
    pub failed: usize,
    /// `None` for a race that was cut off.
    pub outcome: Option<RunOutcome>,
}

/// A run of a race that has a result.
#[derive(Clone, Debug)]
pub struct StoredRaceRun {
    /// The run's place in the plan, counted from 0.
    pub index: usize,
    pub row: RaceRow,
    /// All that it told; nothing where its folder is gone.
    pub history: History,
}

/// Runs read to be compared, and the bundles that some of them came from.
#[derive(Clone, Debug, Default)]
pub struct OpenedRuns {
    pub runs: Vec<Arc<StoredRun>>,
    pub bundles: Vec<OpenedBundle>,
}

/// What a student handed in, and the file that it is in.
#[derive(Clone, Debug)]
pub struct OpenedBundle {
    pub file: PathBuf,
    pub bundle: Arc<Bundle>,
    /// The step, counted from 0, in which each of its runs was trained. The key is the folder that stands for the run.
    pub steps_of_runs: BTreeMap<PathBuf, usize>,
}

impl StoredRun {
    /// `events` are the lines of the run's log. An event without a time of its own happened with the event before it.
    pub fn new(dir: PathBuf, config: RunConfig, events: Vec<RunEvent>) -> Self {
        let mut secs = 0.0f64;
        let timed = events.into_iter().map(|event| {
            let own = match &event {
                RunEvent::Step(step) => step.elapsed_secs,
                RunEvent::EpochEnded(epoch) => epoch.elapsed_secs,
                _ => secs,
            };
            secs = secs.max(own);
            (secs, event)
        });
        Self { dir, config, events: timed.collect(), facts: None, engine: Engine::Thaw, trainer: None }
    }

    /// Whether the setting at this place in `settings.json` is known.
    pub fn knows(&self, path: &str) -> bool {
        self.trainer.as_ref().is_none_or(|trainer| trainer.knows(path))
    }

    /// Seconds from the first batch to the last event.
    pub fn secs(&self) -> f64 {
        self.events.last().map_or(0.0, |(secs, _)| *secs)
    }

    /// The history as it was after so many seconds.
    pub fn history_at(&self, secs: f64) -> History {
        let mut history = History { facts: self.facts, trainer: self.trainer.clone(), ..History::default() };
        self.events.iter().take_while(|(at, _)| *at <= secs).for_each(|(_, event)| history.record(event));
        history
    }
}
