//! A run folder while its run goes on: settings first, every step as it comes, model and metrics at the end.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::history::History;
use crate::domain::message::{EventKind, RunEnded};
use crate::domain::metrics::wilson_interval;
use crate::domain::problem::{Outcome, Problem};

use super::folder::{make_run_folder, portable, write_json};
use super::settings::{Metrics, RunSettings, SplitRows};

pub const SETTINGS: &str = "settings.json";
pub const SPLITS: &str = "splits.json";
pub const STEPS: &str = "steps.jsonl";
pub const METRICS: &str = "metrics.json";

/// Steps reach the disk this often, so that a crash loses at most so much of the log.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub struct RunWriter {
    dir: PathBuf,
    /// Whether this run made the folder, so that `discard` may remove it.
    is_new: bool,
    steps: BufWriter<File>,
    flushed: Instant,
    history: History,
}

impl RunWriter {
    /// Makes the run folder and writes what is known before the first step.
    ///
    /// # Errors
    /// `run-folder-not-empty`, `run-folder-is-file`, `run-no-home`, `file-error`.
    pub fn create(settings: &RunSettings, splits: &SplitRows) -> Outcome<Self> {
        let config = &settings.config;
        let (dir, is_new) = make_run_folder(config.out.as_deref(), &settings.data.name, &config.freeze.name())?;
        write_json(&dir.join(SETTINGS), settings)?;
        write_json(&dir.join(SPLITS), splits)?;
        let path = dir.join(STEPS);
        let steps = File::create(&path).map_err(|e| Problem::file(&path, &e))?;
        Ok(Self { dir, is_new, steps: BufWriter::new(steps), flushed: Instant::now(), history: History::default() })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The run so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Adds one event to the log; those that have no line in the terminal's JSON have none here.
    ///
    /// # Errors
    /// `file-error`.
    pub fn record(&mut self, event: &EventKind) -> Outcome<()> {
        if !is_logged(event) {
            return Ok(());
        }
        self.history.record(event);
        let event = match event {
            EventKind::RunEnded(ended) => {
                let run_dir = ended.run_dir.as_deref().map(portable);
                &EventKind::RunEnded(RunEnded { run_dir, ..ended.clone() })
            }
            other => other,
        };
        let write = |log: &mut BufWriter<File>| {
            serde_json::to_writer(&mut *log, event)?;
            log.write_all(b"\n")
        };
        write(&mut self.steps).map_err(|e| Problem::file(&self.dir.join(STEPS), &e))?;
        if !matches!(event, EventKind::Step(_)) || self.flushed.elapsed() >= FLUSH_EVERY {
            self.flushed = Instant::now();
            self.steps.flush().map_err(|e| Problem::file(&self.dir.join(STEPS), &e))?;
        }
        Ok(())
    }

    /// Closes the folder of a run whose `RunEnded` was recorded.
    ///
    /// # Errors
    /// `file-error`.
    pub fn finish(mut self) -> Outcome<()> {
        self.steps.flush().map_err(|e| Problem::file(&self.dir.join(STEPS), &e))?;
        let Some(ended) = &self.history.ended else {
            return Ok(());
        };
        let test = self.history.test.as_ref();
        let metrics = Metrics {
            outcome: ended.outcome,
            steps: self.history.steps.len(),
            train_secs: ended.train_secs,
            peak_memory_bytes: ended.peak_memory_bytes,
            test: test.cloned(),
            test_accuracy_interval: test.map(|t| wilson_interval(t.confusion.correct(), t.confusion.rows())),
            majority_accuracy: test.map(|t| t.confusion.majority_accuracy()),
            epochs: self.history.epochs.clone(),
        };
        write_json(&self.dir.join(METRICS), &metrics)
    }

    /// Takes back the folder of a run in which nothing was learned.
    pub fn discard(self) {
        for name in [SETTINGS, SPLITS, STEPS] {
            fs::remove_file(self.dir.join(name)).ok();
        }
        if self.is_new {
            fs::remove_dir(&self.dir).ok();
        }
    }
}

fn is_logged(event: &EventKind) -> bool {
    matches!(
        event,
        EventKind::RunStarted(_)
            | EventKind::Step(_)
            | EventKind::LiveValidation(_)
            | EventKind::EpochEnded(_)
            | EventKind::TestEvaluated(_)
            | EventKind::RunEnded(_)
    )
}
