//! What a face may ask about the runs on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::lesson::{Lesson, LessonWork};
use crate::domain::message::EventKind;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::stored::StoredRun;
use crate::runs;

/// The runs of a folder, or of the user's own, and others.
///
/// # Errors
/// `run-no-home`, `file-error`.
pub fn list(folder: Option<&Path>, others: &[PathBuf]) -> Outcome<EventKind> {
    let own = || runs::runs_folder();
    let folder = folder.map_or_else(own, |folder| Ok(folder.to_owned()))?;
    runs::list(&folder, others).map(EventKind::RunsListed)
}

/// # Errors
/// `run-not-found`, `run-unreadable`, `resume-no-run`, `file-error`.
pub fn open(dir: &Path) -> Outcome<EventKind> {
    Ok(EventKind::RunOpened(Arc::new(runs::read_run(dir)?)))
}

/// Several runs at once, to be compared. A folder that is no run itself stands for the runs and the bundles in it.
/// What can't be read keeps nothing else away: `warn` is told of it.
///
/// # Errors
/// As `open`, for the first that can't be read, where nothing can be.
pub fn open_all(sources: &[PathBuf], warn: impl Fn(Problem)) -> Outcome<EventKind> {
    let (mut opened, mut failed) = (Vec::new(), Vec::new());
    for source in sources {
        match open_source(source, &mut failed) {
            Ok(runs) => opened.extend(runs.into_iter().map(Arc::new)),
            Err(problem) => failed.push(problem),
        }
    }
    if opened.is_empty() && !failed.is_empty() {
        return Err(failed.swap_remove(0));
    }
    failed.into_iter().for_each(warn);
    Ok(EventKind::RunsOpened(opened))
}

fn open_source(source: &Path, failed: &mut Vec<Problem>) -> Outcome<Vec<StoredRun>> {
    if runs::is_bundle(source) {
        return runs::bundled_runs(source);
    }
    let no_run = match runs::read_run(source) {
        Err(problem) if problem.id == "resume-no-run" => problem,
        run => return run.map(|run| vec![run]),
    };
    let within = runs::list(source, &[])?.into_iter().map(|entry| runs::read_run(&entry.dir).map(|run| vec![run]));
    let bundles = runs::bundles_in(source)?.into_iter().map(|file| runs::bundled_runs(&file));
    let read: Vec<Outcome<Vec<StoredRun>>> = within.chain(bundles).collect();
    if read.is_empty() {
        return Err(no_run);
    }
    let mut opened = Vec::new();
    for runs in read {
        match runs {
            Ok(runs) => opened.extend(runs),
            Err(problem) => failed.push(problem),
        }
    }
    Ok(opened)
}

/// The proof of freeze, from the weights as they are on disk.
///
/// # Errors
/// Those of `runs::prove`.
pub fn prove(dir: &Path) -> Outcome<EventKind> {
    Ok(EventKind::FreezeRecomputed(Arc::new(runs::prove(dir)?)))
}

/// # Errors
/// `resume-no-run`, `file-error`.
pub fn label(dir: &Path, name: &str, note: &str) -> Outcome<EventKind> {
    runs::label(dir, name, note)?;
    Ok(EventKind::RunLabelled(dir.to_owned()))
}

/// # Errors
/// `resume-no-run`, `run-in-use`, `run-not-deleted`.
pub fn delete(dir: PathBuf) -> Outcome<EventKind> {
    runs::delete(&dir)?;
    Ok(EventKind::RunDeleted(dir))
}

/// # Errors
/// Those of `runs::export`.
pub fn export(dir: &Path, to: &Path) -> Outcome<EventKind> {
    Ok(EventKind::RunExported(runs::export(dir, to)?))
}

/// The lessons of the program.
///
/// # Errors
/// None in practice: a test reads them all.
pub fn lessons() -> Outcome<EventKind> {
    runs::carried_lessons().map(EventKind::LessonsListed)
}

/// # Errors
/// Those of `runs::read_lesson`.
pub fn lesson(source: &Path) -> Outcome<EventKind> {
    runs::read_lesson(source).map(EventKind::LessonOpened)
}

/// # Errors
/// Those of `runs::save_bundle`.
pub fn save_bundle(lesson: &Lesson, work: &LessonWork, to: &Path) -> Outcome<EventKind> {
    runs::save_bundle(lesson, work, to).map(EventKind::BundleSaved)
}

/// # Errors
/// Those of `runs::read_bundle`, for the first that can't be read.
pub fn bundles(files: &[PathBuf]) -> Outcome<EventKind> {
    let mut bundles = Vec::new();
    for file in files {
        let within = if file.is_dir() { runs::bundles_in(file)? } else { vec![file.clone()] };
        for file in within {
            bundles.push(Arc::new(runs::read_bundle(&file)?));
        }
    }
    Ok(EventKind::BundlesRead(bundles))
}
