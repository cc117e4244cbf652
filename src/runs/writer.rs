//! The folder of a run under way. The settings are written first, every step as it comes, and the metrics at the end.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::history::History;
use crate::domain::message::{RunEnded, RunEvent, RunOutcome};
use crate::domain::metrics::wilson_interval;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::proof::FreezeProof;
use crate::model::tensor_file::Piece;
use crate::train::checkpoint::Position;

use super::checkpoint::Checkpoints;
use super::folder::{make_folder, portable, write_json};
use super::interrupted::Interrupted;
use super::lock::RunLock;
use super::log::Log;
use super::proof::FINGERPRINTS;
use super::reader::read_log;
use super::settings::{Metrics, RunSettings, SplitRows};

pub const SETTINGS: &str = "settings.json";
pub const SPLITS: &str = "splits.json";
pub const STEPS: &str = "steps.jsonl";
pub const METRICS: &str = "metrics.json";

/// Steps are written to the disk this often, so that a crash loses no more than this of the log.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// The folder, which this program has locked.
#[derive(Debug)]
pub struct RunWriter {
    pub dir: PathBuf,
    /// Whether the run made the folder, so that `discard` may remove it.
    is_new: bool,
    steps: Log<File>,
    flushed: Instant,
    /// All that the run has told so far.
    pub history: History,
    pub checkpoints: Checkpoints,
    lock: RunLock,
}

impl RunWriter {
    /// Makes the folder and writes all that is known before the first step.
    ///
    /// # Errors
    /// `run-folder-not-empty`, `run-folder-is-file`, `run-no-home`, `file-error`; `run-in-use`.
    pub fn create(settings: &RunSettings, splits: &SplitRows) -> Outcome<Self> {
        let config = &settings.config;
        let (dir, is_new) = make_folder(config, &settings.data.name, &config.freeze.name())?;
        let lock = RunLock::take(&dir)?;
        let begin = || {
            write_json(&dir.join(SETTINGS), settings)?;
            write_json(&dir.join(SPLITS), splits)?;
            let path = dir.join(STEPS);
            File::create(&path).map_err(|e| Problem::file(&path, &e))
        };
        match begin() {
            Ok(steps) => Ok(Self::of(dir, is_new, steps, History::default(), lock)),
            Err(problem) => {
                remove(&dir, is_new, lock);
                Err(problem)
            }
        }
    }

    /// Opens the folder of an interrupted run again. What the run told after its newest checkpoint is removed from the log,
    /// because it will be told again.
    ///
    /// # Errors
    /// `checkpoint-damaged` when the log is shorter than it was when the checkpoint was made; `file-error`.
    pub fn reopen(run: Interrupted) -> Outcome<Self> {
        let path = run.dir.join(STEPS);
        let failed = |e: std::io::Error| Problem::file(&path, &e);
        let steps = OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
        if steps.metadata().map_err(failed)?.len() < run.log_bytes {
            return Err(Problem::new("checkpoint-damaged").with("file", path.display()));
        }
        let metrics = run.dir.join(METRICS);
        match fs::remove_file(&metrics) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(Problem::file(&metrics, &e)),
            _ => {}
        }
        steps.set_len(run.log_bytes).map_err(failed)?;
        let mut history = History::default();
        read_log(&path, run.log_bytes, |event| history.record(&event))?;
        Ok(Self::of(run.dir, true, steps, history, run.lock))
    }

    fn of(dir: PathBuf, is_new: bool, steps: File, history: History, lock: RunLock) -> Self {
        let checkpoints = Checkpoints::of(&dir);
        Self { dir, is_new, steps: Log::new(steps), flushed: Instant::now(), history, checkpoints, lock }
    }

    /// Adds one event to the log.
    ///
    /// # Errors
    /// `disk-full`, `file-error`. The event is still to be written then, with the next one.
    pub fn record(&mut self, event: &RunEvent) -> Outcome<()> {
        self.history.record(event);
        let event = match event {
            RunEvent::RunEnded(ended) => {
                let run_dir = ended.run_dir.as_deref().map(portable);
                &RunEvent::RunEnded(RunEnded { run_dir, ..ended.clone() })
            }
            other => other,
        };
        self.steps.add(event).map_err(|e| Problem::file(&self.dir.join(STEPS), &e))?;
        if !matches!(event, RunEvent::Step(_)) || self.flushed.elapsed() >= FLUSH_EVERY {
            self.flushed = Instant::now();
            self.flush()?;
        }
        Ok(())
    }

    /// Writes a checkpoint, after the log that belongs to it.
    ///
    /// # Errors
    /// `file-error`. Then the checkpoint before is still whole.
    pub fn keep(&mut self, position: &Position, pieces: &[Piece<'_>]) -> Outcome<()> {
        let failed = |e: std::io::Error| Problem::file(&self.dir.join(STEPS), &e);
        self.steps.flush().map_err(failed)?;
        let log = &self.steps.file;
        log.sync_data().map_err(failed)?;
        let log_bytes = log.metadata().map_err(failed)?.len();
        self.checkpoints.keep(position, log_bytes, pieces)
    }

    /// Writes what is left of the log.
    ///
    /// # Errors
    /// `disk-full`, `file-error`.
    pub fn flush(&mut self) -> Outcome<()> {
        self.steps.flush().map_err(|e| Problem::file(&self.dir.join(STEPS), &e))
    }

    /// Writes `fingerprints.json`.
    ///
    /// # Errors
    /// `file-error`.
    pub fn keep_proof(&self, proof: &FreezeProof) -> Outcome<()> {
        write_json(&self.dir.join(FINGERPRINTS), proof)
    }

    /// Writes `metrics.json` once `RunEnded` is recorded, and removes the checkpoints of a run that is complete.
    ///
    /// # Errors
    /// `file-error`.
    pub fn finish(mut self) -> Outcome<()> {
        self.flush()?;
        let Some(ended) = &self.history.ended else { return Ok(()) };
        let test = self.history.test.as_ref();
        let metrics = Metrics {
            outcome: ended.outcome,
            steps: self.history.steps.len(),
            train_secs: ended.train_secs,
            shared_secs: ended.shared_secs,
            peak_memory_bytes: ended.peak_memory_bytes,
            test: test.cloned(),
            test_accuracy_interval: test.map(|t| wilson_interval(t.confusion.correct(), t.confusion.rows())),
            majority_accuracy: test.map(|t| t.confusion.majority_accuracy()),
            reference: self.history.reference.clone(),
            epochs: self.history.epochs.clone(),
        };
        write_json(&self.dir.join(METRICS), &metrics)?;
        if ended.outcome == RunOutcome::Completed {
            self.checkpoints.remove();
        }
        Ok(())
    }

    /// Removes what was written of a run in which nothing was learned, and the folder if the run made it.
    pub fn discard(self) {
        self.checkpoints.remove();
        remove(&self.dir, self.is_new, self.lock);
    }
}

/// Removes what a run begins with, and its folder where it made that.
fn remove(dir: &Path, is_new: bool, lock: RunLock) {
    for name in [SETTINGS, SPLITS, STEPS] {
        fs::remove_file(dir.join(name)).ok();
    }
    // The file of the lock is in the folder and has to go first.
    drop(lock);
    if is_new {
        fs::remove_dir(dir).ok();
    }
}
