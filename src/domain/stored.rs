//! Runs as they lie on disk: what a list shows of them, and all that one has told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::coach::RunFacts;
use super::config::RunConfig;
use super::history::History;
use super::lesson::Bundle;
use super::message::{RunEvent, RunOutcome};

/// One run in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunEntry {
    pub dir: PathBuf,
    /// The name that its user gave it, else the folder's name.
    pub name: String,
    pub note: String,
    /// The folder of the race that it belongs to; `None` for a run by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub race: Option<PathBuf>,
    /// When it began, as `2026-11-24 15:04` in local time; empty where that is not known.
    pub started: String,
    pub data: String,
    pub model: String,
    /// The freezing's name on the command line.
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
}

impl RunEntry {
    /// The name. A race's run begins with what sets it apart from the others: "02-full-seed42 · my-race".
    pub fn title(&self) -> String {
        match self.name.rsplit_once(['/', '\\']).filter(|_| self.race.is_some()) {
            Some((race, run)) => format!("{run} · {race}"),
            None => self.name.clone(),
        }
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

/// All events of a run in order, each with the second of the run in which it happened.
#[derive(Clone, Debug)]
pub struct StoredRun {
    pub dir: PathBuf,
    pub config: RunConfig,
    pub events: Vec<(f64, RunEvent)>,
    /// What the coach wants to know beyond the numbers, where the run's settings have it.
    pub facts: Option<RunFacts>,
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
    /// The step in which each of its runs was trained, counted from 0, by the folder that the run is told by.
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
        Self { dir, config, events: timed.collect(), facts: None }
    }

    /// Seconds from the first batch to the last event.
    pub fn secs(&self) -> f64 {
        self.events.last().map_or(0.0, |(secs, _)| *secs)
    }

    /// The history as it was after so many seconds.
    pub fn history_at(&self, secs: f64) -> History {
        let mut history = History { facts: self.facts, ..History::default() };
        self.events.iter().take_while(|(at, _)| *at <= secs).for_each(|(_, event)| history.record(event));
        history
    }
}
