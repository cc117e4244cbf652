//! Reads a run's folder, or any folder of Hugging Face with a model for sequence classification.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::domain::message::RunEvent;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::stored::StoredRun;

use super::checkpoint::Checkpoints;
use super::lock::RunLock;
use super::settings::{RunSettings, SplitRows};
use super::sound::Soundness;
use super::trainer;
use super::writer::{METRICS, SETTINGS, SPLITS, STEPS};

/// A folder with a model, and what Thaw wrote beside it.
#[derive(Clone, Debug)]
pub struct RunReader {
    pub dir: PathBuf,
    /// The settings and the rows of the run. `None` for a folder that Thaw did not write.
    pub run: Option<(RunSettings, SplitRows)>,
}

impl RunReader {
    /// Opens a folder that holds a model.
    ///
    /// # Errors
    /// `run-not-found`; `run-interrupted` for a run without a model that can go on, `run-in-use` for one that is under way, and
    /// `run-without-model` for one that failed before its model was saved; `run-unreadable`, `file-error`.
    pub fn open(dir: &Path) -> Outcome<Self> {
        check_exists(dir)?;
        let run = Self::files(dir)?;
        if let Some((settings, _)) = &run
            && !dir.join("config.json").exists()
        {
            let can_go_on = || Checkpoints::of(dir).exist() || !dir.join(METRICS).exists();
            let problem = match settings.engine.is_thaw() && can_go_on() {
                true if RunLock::is_taken(dir) => "run-in-use",
                true => "run-interrupted",
                false => "run-without-model",
            };
            return Err(Problem::new(problem).with("folder", dir.display()));
        }
        Ok(Self { dir: dir.to_owned(), run })
    }

    /// The settings and the rows of a run. `None` for a folder that Thaw did not write.
    ///
    /// # Errors
    /// `run-unreadable` for a damaged file; `file-error`.
    pub fn files(dir: &Path) -> Outcome<Option<(RunSettings, SplitRows)>> {
        let Some(settings) = Self::settings_in(dir)? else { return Ok(None) };
        Ok(read(&dir.join(SPLITS))?.map(|splits| (settings, splits)))
    }

    /// The settings of a run without its rows, which take long to read when there are many.
    ///
    /// # Errors
    /// `run-unreadable` for a damaged file; `file-error`.
    pub fn settings_in(dir: &Path) -> Outcome<Option<RunSettings>> {
        let settings: Option<RunSettings> = if dir.join(SPLITS).is_file() { read(&dir.join(SETTINGS))? } else { None };
        Ok(settings.map(RunSettings::with_accepted_rows))
    }

    /// The settings of the run.
    ///
    /// # Errors
    /// `resume-no-run` for a folder that Thaw did not write.
    pub fn into_settings(self) -> Outcome<RunSettings> {
        self.run.map(|(settings, _)| settings).ok_or_else(|| no_run(&self.dir))
    }
}

/// # Errors
/// `run-not-found` for what is no folder.
pub(super) fn check_exists(dir: &Path) -> Outcome<()> {
    if dir.is_dir() { Ok(()) } else { Err(Problem::new("run-not-found").with("folder", dir.display())) }
}

/// The problem of a folder that is no run of Thaw, and so has no rows and no settings.
pub fn no_run(dir: &Path) -> Problem {
    if trainer::is_of_trainer(dir) {
        return trainer::unknown_of(dir);
    }
    Problem::new("resume-no-run").with("folder", dir.display())
}

/// Reads all that a run has told, of Thaw or of Hugging Face's `Trainer`.
///
/// # Errors
/// `run-not-found`; `resume-no-run` for a folder that is no run; `run-unreadable`, `file-error`; `setting-out-of-bounds` for
/// settings that no run has; `trainer-log-damaged`, `trainer-log-large`.
pub fn read_run(dir: &Path) -> Outcome<StoredRun> {
    check_exists(dir)?;
    let Some(settings) = RunReader::settings_in(dir)? else {
        return trainer::read_run(dir)?.ok_or_else(|| no_run(dir));
    };
    settings.config.check()?;
    let mut events = Vec::new();
    read_log(&dir.join(STEPS), u64::MAX, |event| events.push(event))?;
    Ok(StoredRun {
        facts: settings.facts,
        engine: settings.engine,
        ..StoredRun::new(dir.to_owned(), settings.config, events)
    })
}

/// Hands over one event of the log's first bytes after the other. A last line that was cut off as it was written is left
/// out; any other that cannot be read, or cannot be true, is skipped with a warning, so that what follows it is not lost.
///
/// # Errors
/// `file-error`.
pub(super) fn read_log(path: &Path, bytes: u64, mut take: impl FnMut(RunEvent)) -> Outcome<()> {
    let failed = |e: std::io::Error| Problem::file(path, &e);
    let mut lines = BufReader::new(File::open(path).map_err(failed)?.take(bytes));
    let (mut line, mut soundness) = (Vec::new(), Soundness::default());
    for number in 1.. {
        line.clear();
        if lines.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        match serde_json::from_slice(&line) {
            Ok(event) if soundness.takes(&event) => take(event),
            Ok(_) => log::warn!("{}, line {number} cannot be true", path.display()),
            Err(_) if !line.ends_with(b"\n") => {}
            Err(e) => log::warn!("{}, line {number}: {e}", path.display()),
        }
    }
    Ok(())
}

/// The content of a file. `None` when the file does not exist, or when a file of this name is another program's.
///
/// # Errors
/// `run-unreadable` for content that is not what Thaw writes there; `file-error`.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Outcome<Option<T>> {
    let unreadable =
        |e: &dyn std::fmt::Display| Problem::new("run-unreadable").with("file", path.display()).with_original(e);
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        // It is no text.
        Err(e) if e.kind() == ErrorKind::InvalidData => return Err(unreadable(&e)),
        Err(e) => return Err(Problem::file(path, &e)),
    };
    match serde_json::from_str(&text) {
        Ok(value) => Ok(Some(value)),
        Err(_) if path.ends_with(SETTINGS) && !text.contains("\"thaw\"") => Ok(None),
        Err(e) => Err(unreadable(&e)),
    }
}
