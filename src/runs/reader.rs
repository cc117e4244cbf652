//! A run folder, or any Hugging Face sequence-classification folder, read back.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::domain::message::RunEvent;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::stored::StoredRun;

use super::settings::{RunSettings, SplitRows};
use super::writer::{SETTINGS, SPLITS, STEPS};

#[derive(Clone, Debug)]
pub struct RunReader {
    pub dir: PathBuf,
    /// What Thaw wrote beside the model; `None` in a folder from elsewhere.
    pub run: Option<(RunSettings, SplitRows)>,
}

impl RunReader {
    /// # Errors
    /// `run-not-found`, `run-without-model` (the run failed before it was saved), `run-unreadable`, `file-error`.
    pub fn open(dir: &Path) -> Outcome<Self> {
        if !dir.is_dir() {
            return Err(Problem::new("run-not-found").with("folder", dir.display()));
        }
        let run = Self::files(dir)?;
        if run.is_some() && !dir.join("config.json").exists() {
            return Err(Problem::new("run-without-model").with("folder", dir.display()));
        }
        Ok(Self { dir: dir.to_owned(), run })
    }

    /// What Thaw wrote when the run began; `None` in a folder from elsewhere.
    ///
    /// # Errors
    /// `run-unreadable`, `file-error`.
    pub fn files(dir: &Path) -> Outcome<Option<(RunSettings, SplitRows)>> {
        match read(&dir.join(SETTINGS))? {
            Some(settings) => Ok(read(&dir.join(SPLITS))?.map(|splits| (settings, splits))),
            None => Ok(None),
        }
    }

    pub fn settings(&self) -> Option<&RunSettings> {
        self.run.as_ref().map(|(settings, _)| settings)
    }
}

/// All that a run has told.
///
/// # Errors
/// `run-not-found`, `run-unreadable`, `file-error`; `resume-no-run` for a folder that is no run of Thaw.
pub fn read_run(dir: &Path) -> Outcome<StoredRun> {
    if !dir.is_dir() {
        return Err(Problem::new("run-not-found").with("folder", dir.display()));
    }
    let Some((settings, _)) = RunReader::files(dir)? else {
        return Err(Problem::new("resume-no-run").with("folder", dir.display()));
    };
    let events = read_log(&dir.join(STEPS), u64::MAX)?;
    Ok(StoredRun { facts: settings.facts, ..StoredRun::new(dir.to_owned(), settings.config, events) })
}

/// The events of the log's first bytes. A line that was cut off as it was written, and what follows it, is left out.
pub(super) fn read_log(path: &Path, bytes: u64) -> Outcome<Vec<RunEvent>> {
    let file = File::open(path).map_err(|e| Problem::file(path, &e))?;
    let mut events = Vec::new();
    for line in BufReader::new(file.take(bytes)).lines() {
        let line = line.map_err(|e| Problem::file(path, &e))?;
        match serde_json::from_str(&line) {
            Ok(event) => events.push(event),
            Err(e) => {
                log::warn!("{}: {e}", path.display());
                break;
            }
        }
    }
    Ok(events)
}

/// The file's content; `None` when it isn't there or is another program's.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Outcome<Option<T>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Problem::file(path, &e)),
    };
    match serde_json::from_str(&text) {
        Ok(value) => Ok(Some(value)),
        Err(_) if path.ends_with(SETTINGS) && !text.contains("\"thaw\"") => Ok(None),
        Err(e) => Err(Problem::new("run-unreadable").with("file", path.display()).with("error", e)),
    }
}
