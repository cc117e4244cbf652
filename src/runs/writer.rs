//! The folder of a run under way. The settings are written first, every step as it comes, and the metrics at the end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::data_map::Confidences;
use crate::domain::history::History;
use crate::domain::message::{RunEnded, RunEvent, RunOutcome};
use crate::domain::metrics::wilson_interval;
use crate::domain::predictions::PredictedRow;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::proof::FreezeProof;
use crate::domain::race::Hits;
use crate::model::disk::{remove_parts, write_with};
use crate::model::tensor_file::Piece;
use crate::train::checkpoint::Position;

use super::card::card;
use super::checkpoint::Checkpoints;
use super::data_map::{keep_data_map, kept_confidences};
use super::folder::{make_folder, portable, write_json};
use super::interrupted::Interrupted;
use super::lock::{RunLock, is_in_place};
use super::log::Log;
use super::other_tests::OTHER_TESTS;
use super::predictions::{PREDICTIONS, keep_predictions};
use super::proof::FINGERPRINTS;
use super::race::is_race;
use super::reader::{read, read_log};
use super::remains::has_only_remains;
use super::settings::{Metrics, RunSettings, SplitRows};
use super::temperature::forget_temperature;
use super::tensorboard::GrowingBoard;

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
    /// What the folder began with, for the case that it has to be made again.
    beginning: Box<(RunSettings, SplitRows)>,
    steps: Log<File>,
    /// TensorBoard's file, where one is wanted.
    board: GrowingBoard,
    flushed: Instant,
    /// All that the run has told so far.
    pub history: History,
    /// These say how sure the model was of each training row's label, in the order of the run's `splits.json`.
    pub confidences: Confidences,
    pub checkpoints: Checkpoints,
    lock: RunLock,
    /// Whether the folder was made again since `take_made_again` was last asked.
    is_made_again: bool,
}

impl RunWriter {
    /// Makes the folder and writes all that is known before the first step.
    ///
    /// # Errors
    /// `run-folder-not-empty`, `run-folder-is-file`, `run-no-home`, `file-error`; `run-in-use`.
    pub fn create(settings: &RunSettings, splits: &SplitRows) -> Outcome<Self> {
        unless_gone(|| Self::try_to_create(settings, splits))
    }

    fn try_to_create(settings: &RunSettings, splits: &SplitRows) -> Outcome<Self> {
        let config = &settings.config;
        let (dir, is_new) = make_folder(config, &settings.data.name, &config.freeze.name())?;
        let lock = lock_new(&dir, is_new)?;
        let begin = || {
            write_json(&dir.join(SETTINGS), settings)?;
            write_json(&dir.join(SPLITS), splits)?;
            let path = dir.join(STEPS);
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(true);
            let steps = options.open(&path).map_err(|e| Problem::file(&path, &e))?;
            Ok((steps, GrowingBoard::begin(&dir, settings)?))
        };
        match begin() {
            Ok((steps, board)) => {
                let beginning = (settings.clone(), splits.clone());
                Ok(Self::of(dir, is_new, beginning, (steps, board), History::default(), lock))
            }
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
        // What a killed program was writing is of no more use.
        remove_parts(&run.dir);
        let steps = OpenOptions::new().read(true).create(true).append(true).open(&path).map_err(failed)?;
        if steps.metadata().map_err(failed)?.len() < run.log_bytes {
            return Err(Problem::new("checkpoint-damaged").with("file", path.display()));
        }
        // The model will be another one, whose temperature is not known.
        forget_temperature(&run.dir)?;
        // The model changes from here on, and with it what was measured of it.
        for name in [METRICS, PREDICTIONS, OTHER_TESTS] {
            let path = run.dir.join(name);
            match fs::remove_file(&path) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(Problem::file(&path, &e)),
                _ => {}
            }
        }
        steps.set_len(run.log_bytes).map_err(failed)?;
        let mut history = History::default();
        read_log(&path, run.log_bytes, |event| history.record(&event))?;
        let board = GrowingBoard::begin(&run.dir, &run.settings)?;
        Ok(Self::of(run.dir, true, (run.settings, run.splits), (steps, board), history, run.lock))
    }

    fn of(
        dir: PathBuf,
        is_new: bool,
        beginning: (RunSettings, SplitRows),
        (steps, board): (File, GrowingBoard),
        history: History,
        lock: RunLock,
    ) -> Self {
        // Those of a run that is resumed, of which some will be told again.
        let confidences = kept_confidences(&dir, &beginning.1.train);
        let (checkpoints, beginning, steps) = (Checkpoints::of(&dir), Box::new(beginning), Log::new(steps));
        let (flushed, is_made_again) = (Instant::now(), false);
        Self { dir, is_new, beginning, steps, board, flushed, history, confidences, checkpoints, lock, is_made_again }
    }

    /// Sees to it that the folder is there before something is written into it. Where someone has removed or renamed it, it
    /// is made again with all that was told so far: the open log still has that, wherever it is now.
    ///
    /// # Errors
    /// `run-in-use` where another program has made a run in its place; `run-folder-not-empty`; `disk-full`, `file-error`.
    pub fn hold(&mut self) -> Outcome<()> {
        unless_gone(|| self.try_to_hold())
    }

    fn try_to_hold(&mut self) -> Outcome<()> {
        let (settings, splits, steps) = (self.dir.join(SETTINGS), self.dir.join(SPLITS), self.dir.join(STEPS));
        let has_log = is_in_place(&self.steps.file, &steps);
        if self.lock.is_in_place() && has_log && settings.exists() && splits.exists() {
            return Ok(());
        }
        fs::create_dir_all(&self.dir).map_err(|e| Problem::file(&self.dir, &e))?;
        if !self.lock.is_in_place() {
            let lock = RunLock::take(&self.dir)?;
            // Both as they are read, because reading changes them a little.
            let as_read = |found: RunSettings| serde_json::to_value(found.with_accepted_rows()).ok();
            let found = read::<RunSettings>(&settings)?;
            let is_other = found.is_some_and(|found| as_read(found) != as_read(self.beginning.0.clone()));
            if is_other || is_race(&self.dir) {
                return Err(Problem::new("run-folder-not-empty").with("folder", self.dir.display()));
            }
            self.lock = lock;
        }
        write_json(&settings, &self.beginning.0)?;
        write_json(&splits, &self.beginning.1)?;
        if !has_log {
            let failed = |e: std::io::Error| Problem::file(&steps, &e);
            let mut told = &self.steps.file;
            told.seek(SeekFrom::Start(0)).map_err(failed)?;
            let copied = write_with(&steps, |copy| io::copy(&mut told, copy).map(drop).map_err(failed));
            // Whatever became of the copy, the next line belongs to the end.
            told.seek(SeekFrom::End(0)).map_err(failed)?;
            copied?;
            self.steps.file = OpenOptions::new().read(true).append(true).open(&steps).map_err(failed)?;
        }
        self.board = GrowingBoard::begin(&self.dir, &self.beginning.0)?;
        self.is_made_again = true;
        Ok(())
    }

    /// Whether the model is there, which is saved before the run ends.
    pub fn has_model(&self) -> bool {
        self.dir.join("config.json").exists() && self.dir.join("model.safetensors").exists()
    }

    /// Whether the folder had to be made again since this was last asked.
    pub fn take_made_again(&mut self) -> bool {
        std::mem::take(&mut self.is_made_again)
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
        self.board.add(event);
        if !matches!(event, RunEvent::Step(_)) || self.flushed.elapsed() >= FLUSH_EVERY {
            self.flushed = Instant::now();
            self.flush()?;
            self.hold()?;
        }
        if matches!(event, RunEvent::EpochEnded(_)) {
            self.keep_data_map()?;
        }
        Ok(())
    }

    /// Writes a checkpoint, after the log that belongs to it.
    ///
    /// # Errors
    /// `file-error`. Then the checkpoint before is still whole.
    pub fn keep(&mut self, position: &Position, pieces: &[Piece<'_>]) -> Outcome<()> {
        unless_gone(|| {
            let log_bytes = self.sync_log()?;
            self.keep_data_map()?;
            self.checkpoints.keep(position, log_bytes, pieces)
        })
    }

    /// Writes the checkpoint of a training whose epochs are all done, before anything that comes after them is told; see
    /// [`Checkpoints::keep_end`].
    ///
    /// # Errors
    /// `file-error`. Then the checkpoint before is still whole.
    pub fn keep_end(&mut self, position: &Position, pieces: &[Piece<'_>]) -> Outcome<()> {
        unless_gone(|| {
            let log_bytes = self.sync_log()?;
            self.checkpoints.keep_end(position, log_bytes, pieces)
        })
    }

    /// Sees to it that the log is on the disk, and returns its length.
    fn sync_log(&mut self) -> Outcome<u64> {
        self.try_to_hold()?;
        let failed = |e: std::io::Error| Problem::file(&self.dir.join(STEPS), &e);
        self.steps.flush().map_err(failed)?;
        let log = &self.steps.file;
        log.sync_data().map_err(failed)?;
        Ok(log.metadata().map_err(failed)?.len())
    }

    /// Writes what is left of the log.
    ///
    /// # Errors
    /// `disk-full`, `file-error`.
    pub fn flush(&mut self) -> Outcome<()> {
        self.board.flush();
        self.steps.flush().map_err(|e| Problem::file(&self.dir.join(STEPS), &e))
    }

    /// Writes `predictions.csv`.
    ///
    /// # Errors
    /// `disk-full`, `file-error`; `internal-error`.
    pub fn keep_predictions(&self, rows: &[PredictedRow], labels: &[String]) -> Outcome<()> {
        keep_predictions(&self.dir, rows, labels)
    }

    /// Writes `data_map.csv`, as far as it is known.
    ///
    /// # Errors
    /// `disk-full`, `file-error`.
    fn keep_data_map(&self) -> Outcome<()> {
        if self.confidences.epochs() == 0 {
            return Ok(());
        }
        keep_data_map(&self.dir, &self.beginning.1.train, &self.confidences)
    }

    /// Writes `fingerprints.json`.
    ///
    /// # Errors
    /// `file-error`.
    pub fn keep_proof(&self, proof: &FreezeProof) -> Outcome<()> {
        write_json(&self.dir.join(FINGERPRINTS), proof)
    }

    /// Writes `metrics.json` once `RunEnded` is recorded, and removes the checkpoints of a run that is complete. `hits` are
    /// the answers to single test rows, for a race.
    ///
    /// # Errors
    /// `file-error`.
    pub fn finish(&mut self, hits: Hits) -> Outcome<()> {
        self.flush()?;
        self.hold()?;
        let Some(ended) = self.history.ended.clone() else { return Ok(()) };
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
            hits,
        };
        let settings = &self.beginning.0;
        self.board.finish(&self.dir, settings, || card(settings, Some(&metrics), None, None))?;
        unless_gone(|| {
            self.try_to_hold()?;
            write_json(&self.dir.join(METRICS), &metrics)
        })?;
        if ended.outcome == RunOutcome::Completed && !self.has_model() {
            // Without results the run counts as one that did not end.
            fs::remove_file(self.dir.join(METRICS)).ok();
            return Err(Problem::new("run-folder-lost").with("folder", self.dir.display()));
        }
        if ended.outcome == RunOutcome::Completed {
            self.checkpoints.remove();
        }
        Ok(())
    }

    /// Removes what was written of a run in which nothing was learned, and the folder if the run made it.
    pub fn discard(self) {
        self.checkpoints.remove();
        self.board.discard(&self.dir);
        remove(&self.dir, self.is_new, self.lock);
    }
}

/// Tries again where someone removes or renames the folder at the same moment.
///
/// # Errors
/// Those of `make`.
pub fn unless_gone<T>(mut make: impl FnMut() -> Outcome<T>) -> Outcome<T> {
    let is_gone = |problem: &Problem| problem.arg("kind").is_some_and(|kind| kind == "not-found");
    for _ in 1..3 {
        match make() {
            Err(problem) if is_gone(&problem) => {}
            result => return result,
        }
    }
    make()
}

/// Locks the folder that was just made for a run or a race. A folder that gets no lock is removed again if it is new.
///
/// # Errors
/// `run-in-use`, and `run-folder-not-empty` when another program was quicker; `disk-full`, `file-error`.
pub(super) fn lock_new(dir: &Path, is_new: bool) -> Outcome<RunLock> {
    let lock = RunLock::take(dir).inspect_err(|_| {
        if is_new {
            // It is not removed where another program has begun something in it.
            fs::remove_dir(dir).ok();
        }
    })?;
    if !has_only_remains(dir) {
        return Err(Problem::new("run-folder-not-empty").with("folder", dir.display()));
    }
    remove_parts(dir);
    Ok(lock)
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
