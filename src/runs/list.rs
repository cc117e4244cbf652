//! The runs of a folder: what is in the list of them, and their names and notes.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::domain::config::TrainingConfig;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::stored::{RunEntry, RunState};

use super::checkpoint::Checkpoints;
use super::folder::write_json;
use super::lock::RunLock;
use super::race::{is_race, runs_in};
use super::reader::{RunReader, no_run, read};
use super::remains::never_began;
use super::settings::{Metrics, RunLabel, RunSettings};
use super::survey::{damaged, inspect, missing};
use super::trainer;
use super::writer::{METRICS, SETTINGS, SPLITS, STEPS};

pub const LABEL: &str = "label.json";

/// The runs in `folder` and `others`, with those of races and of Hugging Face's `Trainer`, the newest first. A folder that
/// is no run is left out; a run whose files are damaged or missing is not, and says what is wrong. A folder that `Trainer`
/// wrote is one run, whatever checkpoints lie in it.
///
/// # Errors
/// `file-error` when `folder` cannot be read. One that does not exist has no runs.
pub fn list(folder: &Path, others: &[PathBuf]) -> Outcome<Vec<RunEntry>> {
    let mut dirs: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(_) if trainer::is_of_trainer(folder) || is_run(folder) => vec![folder.to_owned()],
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(e) if e.kind() == ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(Problem::file(folder, &e)),
    };
    dirs.extend_from_slice(others);
    let mut dirs: Vec<PathBuf> = dirs.into_iter().flat_map(|dir| runs_in(&dir).unwrap_or_else(|| vec![dir])).collect();
    dirs.sort_unstable();
    dirs.dedup();
    let entry = |dir: &PathBuf| {
        let of_trainer = || trainer::is_of_trainer(dir).then(|| trainer::describe(dir));
        if is_run(dir) { Some(describe(dir)) } else { of_trainer() }
    };
    let mut runs: Vec<RunEntry> = dirs.iter().filter_map(entry).collect();
    runs.sort_by(|a, b| (&b.started, &b.dir).cmp(&(&a.started, &a.dir)));
    Ok(runs)
}

/// Whether Thaw has written a run into the folder, whatever has become of its files since. Settings that can be read and
/// are another program's make it none.
pub fn is_run(dir: &Path) -> bool {
    if never_began(dir) {
        return false;
    }
    let has_rest = dir.join(SPLITS).is_file() || dir.join(STEPS).is_file();
    let settings = dir.join(SETTINGS);
    match read::<RunSettings>(&settings) {
        Ok(None) => has_log(&dir.join(STEPS)) || has_rest && !is_json(&settings),
        // The folder for a cluster has settings as well, and becomes a run where it is trained.
        Ok(Some(settings)) => settings.engine.is_thaw() || dir.join(STEPS).is_file(),
        // Text that names no `thaw` would have been read as another program's settings, so this text names it.
        Err(_) => has_rest || fs::read_to_string(&settings).is_ok(),
    }
}

/// Whether a file begins as a run's log does, which no other program's would.
fn has_log(path: &Path) -> bool {
    const BEGIN: &[u8] = br#"{"event":""#;
    let mut begin = [0; BEGIN.len()];
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut begin).is_ok()) && begin == BEGIN
}

fn is_json(path: &Path) -> bool {
    fs::read(path).is_ok_and(|text| serde_json::from_slice::<IgnoredAny>(&text).is_ok())
}

/// The name of a race's run to which its user gave none: the names of both folders.
fn in_race(dir: &Path) -> Option<String> {
    Some(format!("{}/{}", file_name(dir.parent()?)?, file_name(dir)?))
}

pub(super) fn file_name(dir: &Path) -> Option<String> {
    dir.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// The content of a file of a run. What is wrong with it is added to `damage`.
pub(super) fn take<T: DeserializeOwned>(path: &Path, damage: &mut Vec<Problem>) -> Option<T> {
    let found = read(path).inspect_err(|problem| {
        log::warn!("{problem}");
        damage.push(if problem.id == "run-unreadable" { damaged(path) } else { problem.clone() });
    });
    found.ok().flatten()
}

pub(super) fn describe(dir: &Path) -> RunEntry {
    let is_running = RunLock::is_taken(dir);
    let (told, mut damage) = inspect(dir);
    // A log that is being written may lack its last line, and files that are not written yet are not missing.
    if is_running {
        damage.clear();
    }
    let damaged_before = damage.len();
    let path = dir.join(SETTINGS);
    let settings: Option<RunSettings> = take(&path, &mut damage);
    let is_possible = |found: &RunSettings| found.config.check().is_ok();
    let settings = settings.filter(is_possible);
    if settings.is_none() && damage.len() == damaged_before {
        damage.push(if path.exists() { damaged(&path) } else { missing(&path) });
    }
    let metrics: Option<Metrics> = take(&dir.join(METRICS), &mut damage);
    let is_readable = settings.is_some() && (metrics.is_some() || !dir.join(METRICS).exists());
    let label: RunLabel = take(&dir.join(LABEL), &mut damage).unwrap_or_default();
    let has_model = dir.join("config.json").exists();
    let weights = dir.join("model.safetensors");
    if has_model && !weights.exists() && !is_running {
        damage.push(missing(&weights));
    }
    let state = match &metrics {
        _ if is_running => RunState::Running,
        _ if !is_readable => RunState::Damaged,
        Some(metrics) => metrics.outcome.into(),
        None => RunState::Unfinished,
    };
    let has_rows = dir.join(SPLITS).is_file();
    let has_checkpoint = Checkpoints::of(dir).exist();
    let steps_of_rows = || steps_of_rows(dir, &settings.as_ref()?.config.training);
    let config = settings.as_ref().map(|settings| &settings.config);
    RunEntry {
        dir: dir.to_owned(),
        name: if settings.is_none() && label.name.is_empty() { file_name(dir).unwrap_or_default() } else { label.name },
        note: label.note,
        engine: settings.as_ref().map(|settings| settings.engine).unwrap_or_default(),
        race: dir.parent().filter(|parent| is_race(parent)).map(Path::to_owned),
        rows: settings.as_ref().map(|found| found.data.rows.min(found.config.data.max_rows.unwrap_or(usize::MAX))),
        rows_per_class: config.and_then(|config| config.data.rows_per_class),
        seed: config.map(|config| config.training.seed),
        freeze: config.map(|config| config.freeze.name()).unwrap_or_default(),
        state,
        step: metrics.as_ref().map_or(told.step, |metrics| metrics.steps),
        total_steps: told.total_steps.or_else(steps_of_rows).unwrap_or_default(),
        test_accuracy: metrics.as_ref().and_then(|metrics| metrics.test.as_ref()).map(|test| test.accuracy),
        train_secs: metrics.as_ref().map(|metrics| metrics.train_secs),
        has_model: has_model && weights.exists(),
        // The engine that trained it has its own checkpoints.
        can_resume: settings.as_ref().is_some_and(|settings| settings.engine.is_thaw())
            && has_rows
            && match state {
                RunState::Unfinished => true,
                RunState::Stopped | RunState::Failed => has_checkpoint,
                RunState::Completed | RunState::Running | RunState::Damaged => false,
            },
        can_open: has_rows && settings.is_some() && dir.join(STEPS).is_file(),
        damage,
        started: settings.as_ref().map(|found| found.started.clone()).unwrap_or_default(),
        data: settings.as_ref().map(|found| found.data.name.clone()).unwrap_or_default(),
        model: settings.map(|found| found.model.name).unwrap_or_default(),
    }
}

/// The optimiser steps of a run that was interrupted before it wrote the first line of its log.
fn steps_of_rows(dir: &Path, training: &TrainingConfig) -> Option<usize> {
    let (_, splits) = RunReader::files(dir).ok()??;
    Some(splits.train.len().div_ceil(training.rows_per_step().max(1)) * training.epochs)
}

/// Gives a run a name and a note. Without a name it is called by what it is.
///
/// # Errors
/// `resume-no-run` for a folder that is no run; `file-error`.
pub fn label(dir: &Path, name: &str, note: &str) -> Outcome<()> {
    if !is_run(dir) && !trainer::is_of_trainer(dir) {
        return Err(no_run(dir));
    }
    let own = [file_name(dir), in_race(dir)];
    let name = Some(name.trim()).filter(|name| !own.iter().flatten().any(|own| own == name)).unwrap_or_default();
    write_json(&dir.join(LABEL), &RunLabel { name: name.to_owned(), note: note.trim().to_owned() })
}
