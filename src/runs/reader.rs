//! A run folder, or any Hugging Face sequence-classification folder, read back.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::domain::problem::{Outcome, Problem};

use super::settings::{RunSettings, SplitRows};
use super::writer::{SETTINGS, SPLITS};

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
        let settings: Option<RunSettings> = read(&dir.join(SETTINGS))?;
        if settings.is_some() && !dir.join("config.json").exists() {
            return Err(Problem::new("run-without-model").with("folder", dir.display()));
        }
        let run = match settings {
            Some(settings) => read(&dir.join(SPLITS))?.map(|splits| (settings, splits)),
            None => None,
        };
        Ok(Self { dir: dir.to_owned(), run })
    }

    pub fn settings(&self) -> Option<&RunSettings> {
        self.run.as_ref().map(|(settings, _)| settings)
    }
}

/// The file's content; `None` when it isn't there or is another program's.
fn read<T: DeserializeOwned>(path: &Path) -> Outcome<Option<T>> {
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
