//! Runs that train on: an unfinished run from where it was interrupted, a finished one for more epochs.

use std::path::{Path, PathBuf};

use crate::domain::config::{ModelSource, RunConfig};
use crate::domain::message::{Continuation, RunOutcome};
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::remove_parts;
use crate::train::checkpoint::Checkpoint;

use super::checkpoint::Checkpoints;
use super::folder::{absolute, portable};
use super::lock::RunLock;
use super::reader::{RunReader, check_exists, no_run, read};
use super::settings::{Metrics, RunSettings, SplitRows};
use super::writer::METRICS;

/// A run that was interrupted before its end.
#[derive(Debug)]
pub struct Interrupted {
    pub dir: PathBuf,
    pub settings: RunSettings,
    pub splits: SplitRows,
    /// The newest checkpoint. `None` for a run that had none yet, and so starts over.
    pub saved: Option<Checkpoint>,
    /// The length of the log that stays.
    pub log_bytes: u64,
    /// The lock is held from here on, so that no one else resumes the same run.
    pub lock: RunLock,
}

impl Interrupted {
    /// Opens the run in a folder to be resumed.
    ///
    /// # Errors
    /// `run-not-found`; `resume-no-run` for a folder that is no run of Thaw; `run-unreadable` for one whose files are damaged;
    /// `resume-elsewhere` for one that another program trained; `resume-finished` for a run that ended; `run-in-use` while another program trains it; `checkpoint-damaged`;
    /// `file-error`.
    pub fn open(dir: &Path) -> Outcome<Self> {
        check_exists(dir)?;
        let (settings, splits) = RunReader::files(dir)?.ok_or_else(|| no_run(dir))?;
        if !settings.engine.is_thaw() {
            return Err(Problem::new("resume-elsewhere").with("folder", dir.display()));
        }
        // Another program that holds the lock may be ending the run just now.
        let lock = RunLock::take(dir)?;
        let metrics: Option<Metrics> = read(&dir.join(METRICS))?;
        let checkpoints = Checkpoints::of(dir);
        let is_over = |metrics: &Metrics| metrics.outcome == RunOutcome::Completed || !checkpoints.exist();
        if metrics.as_ref().is_some_and(is_over) {
            // The program may have been killed just before it did this itself.
            checkpoints.remove();
            remove_parts(dir);
            return Err(Problem::new("resume-finished").with("folder", dir.display()));
        }
        let (saved, log_bytes) = checkpoints.newest()?.unzip();
        Ok(Self { dir: absolute(dir), settings, splits, saved, log_bytes: log_bytes.unwrap_or(0), lock })
    }
}

/// The settings of a new run that begins with the model of a finished one. Its optimiser and its schedule start afresh. It has
/// the next seed, so that the rows come in other orders than in the epochs before.
///
/// # Errors
/// Those of [`RunReader::open`]; `resume-no-run` for a folder that is no run of Thaw.
pub fn continued(continuation: Continuation) -> Outcome<RunConfig> {
    let Continuation { dir, epochs, learning_rate, out } = continuation;
    let mut config = RunReader::open(&dir)?.into_settings()?.config;
    config.model = ModelSource::Folder(portable(&dir));
    config.out = out;
    // The run's model knows the file's own labels by their names.
    config.data.forget_head();
    config.training.keep_head = false;
    config.training.epochs = epochs;
    config.training.seed = config.training.seed.wrapping_add(1);
    config.training.learning_rate = learning_rate.or(config.training.learning_rate);
    Ok(config)
}
