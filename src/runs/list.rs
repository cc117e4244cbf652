//! The runs of a folder: what is in the list of them, their names and notes, and how they are deleted.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::domain::config::TrainingConfig;
use crate::domain::message::RunEvent;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::stored::{RunEntry, RunState};

use super::checkpoint::Checkpoints;
use super::folder::write_json;
use super::lock::RunLock;
use super::race::{is_race, runs_in};
use super::reader::{RunReader, no_run, read, read_log};
use super::settings::{Metrics, RunLabel};
use super::writer::{METRICS, STEPS};

pub const LABEL: &str = "label.json";
/// So much of a log's end is read to find out how far the run came.
const TAIL_BYTES: u64 = 64 << 10;

/// The runs in `folder` and `others`, with those of races, the newest first. A folder that is no run, or that cannot be read
/// as one, is left out.
///
/// # Errors
/// `file-error` when `folder` cannot be read. One that does not exist has no runs.
pub fn list(folder: &Path, others: &[PathBuf]) -> Outcome<Vec<RunEntry>> {
    let mut dirs: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(e) if e.kind() == ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(Problem::file(folder, &e)),
    };
    dirs.extend_from_slice(others);
    let mut dirs: Vec<PathBuf> = dirs.into_iter().flat_map(|dir| runs_in(&dir).unwrap_or_else(|| vec![dir])).collect();
    dirs.sort_unstable();
    dirs.dedup();
    let mut runs: Vec<RunEntry> = dirs.iter().filter_map(|dir| describe(dir)).collect();
    runs.sort_by(|a, b| (&b.started, &b.dir).cmp(&(&a.started, &a.dir)));
    Ok(runs)
}

/// The name of a race's run to which its user gave none: the names of both folders.
fn in_race(dir: &Path) -> Option<String> {
    Some(format!("{}/{}", file_name(dir.parent()?)?, file_name(dir)?))
}

fn file_name(dir: &Path) -> Option<String> {
    dir.file_name().map(|name| name.to_string_lossy().into_owned())
}

fn describe(dir: &Path) -> Option<RunEntry> {
    let warn = |problem: Problem| log::warn!("{}: {problem}", dir.display());
    let settings = RunReader::settings_in(dir).map_err(warn).ok()??;
    let metrics: Option<Metrics> = read(&dir.join(METRICS)).map_err(warn).ok()?;
    let label: RunLabel = read(&dir.join(LABEL)).ok().flatten().unwrap_or_default();
    let race = dir.parent().filter(|parent| is_race(parent)).map(Path::to_owned);
    let own = if race.is_some() { in_race(dir) } else { file_name(dir) };
    let folder = own.unwrap_or_else(|| dir.display().to_string());
    let state = match &metrics {
        _ if RunLock::is_taken(dir) => RunState::Running,
        Some(metrics) => metrics.outcome.into(),
        None => RunState::Unfinished,
    };
    let has_checkpoint = Checkpoints::of(dir).exist();
    let log = dir.join(STEPS);
    Some(RunEntry {
        dir: dir.to_owned(),
        name: if label.name.is_empty() { folder } else { label.name },
        note: label.note,
        race,
        started: settings.started,
        data: settings.data.name,
        model: settings.model.name,
        freeze: settings.config.freeze.name(),
        state,
        step: metrics.as_ref().map_or_else(|| last_step(&log), |metrics| metrics.steps),
        total_steps: total_steps(&log).or_else(|| steps_of_rows(dir, &settings.config.training)).unwrap_or_default(),
        test_accuracy: metrics.as_ref().and_then(|metrics| metrics.test.as_ref()).map(|test| test.accuracy),
        train_secs: metrics.as_ref().map(|metrics| metrics.train_secs),
        has_model: dir.join("config.json").exists(),
        can_resume: match state {
            RunState::Unfinished => true,
            RunState::Stopped | RunState::Failed => has_checkpoint,
            RunState::Completed | RunState::Running => false,
        },
    })
}

/// The optimiser steps of the whole run, which the first line of the log has.
fn total_steps(log: &Path) -> Option<usize> {
    let mut line = String::new();
    BufReader::new(File::open(log).ok()?).read_line(&mut line).ok()?;
    match serde_json::from_str(&line) {
        Ok(RunEvent::RunStarted(started)) => Some(started.total_steps),
        _ => None,
    }
}

/// The optimiser steps of a run that was interrupted before it wrote the first line of its log.
fn steps_of_rows(dir: &Path, training: &TrainingConfig) -> Option<usize> {
    let (_, splits) = RunReader::files(dir).ok()??;
    Some(splits.train.len().div_ceil(training.rows_per_step().max(1)) * training.epochs)
}

/// The last optimiser step in a log.
fn last_step(log: &Path) -> usize {
    let tail = || -> std::io::Result<String> {
        let mut file = File::open(log)?;
        let bytes = file.metadata()?.len();
        file.seek(SeekFrom::Start(bytes.saturating_sub(TAIL_BYTES)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        Ok(String::from_utf8_lossy(&tail).into_owned())
    };
    let step_of = |line: &str| match serde_json::from_str(line) {
        Ok(RunEvent::Step(step)) => Some(step.step),
        _ => None,
    };
    tail().ok().and_then(|tail| tail.lines().rev().find_map(step_of)).unwrap_or_else(|| {
        // There may be no step in the end of the log, because matrices of many classes fill it.
        let steps = read_log(log, u64::MAX).unwrap_or_default().into_iter();
        steps.filter(|event| matches!(event, RunEvent::Step(_))).count()
    })
}

/// Gives a run a name and a note. With an empty name it is called by its folder's.
///
/// # Errors
/// `resume-no-run` for a folder that is no run of Thaw; `run-unreadable`, `file-error`.
pub fn label(dir: &Path, name: &str, note: &str) -> Outcome<()> {
    RunReader::settings_in(dir)?.ok_or_else(|| no_run(dir))?;
    let own = [file_name(dir), in_race(dir)];
    let name = Some(name.trim()).filter(|name| !own.iter().flatten().any(|own| own == name)).unwrap_or_default();
    write_json(&dir.join(LABEL), &RunLabel { name: name.to_owned(), note: note.trim().to_owned() })
}

/// Moves a run to the system's trash.
///
/// # Errors
/// `resume-no-run` for a folder that is no run of Thaw; `run-in-use` while it is under way; `run-not-deleted` when the
/// system refuses; `run-unreadable`, `file-error`.
pub fn delete(dir: &Path) -> Outcome<()> {
    RunReader::settings_in(dir)?.ok_or_else(|| no_run(dir))?;
    if RunLock::is_taken(dir) {
        return Err(Problem::new("run-in-use").with("folder", dir.display()));
    }
    trash::delete(dir).map_err(|e| Problem::new("run-not-deleted").with("folder", dir.display()).with("error", e))
}
