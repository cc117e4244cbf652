//! What a face may ask about the runs on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::lesson::{Lesson, LessonWork};
use crate::domain::message::EventKind;
use crate::domain::problem::Outcome;
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

/// Several runs at once, to be compared. A folder that is no run itself stands for the runs in it.
///
/// # Errors
/// As `open`, for the first that can't be read.
pub fn open_all(sources: &[PathBuf]) -> Outcome<EventKind> {
    let mut opened = Vec::new();
    for source in sources {
        if runs::is_bundle(source) {
            opened.extend(runs::bundled_runs(source)?.into_iter().map(Arc::new));
            continue;
        }
        match runs::read_run(source) {
            Err(problem) if problem.id == "resume-no-run" => {
                let within = runs::list(source, &[])?;
                if within.is_empty() {
                    return Err(problem);
                }
                for entry in within {
                    opened.push(Arc::new(runs::read_run(&entry.dir)?));
                }
            }
            run => opened.push(Arc::new(run?)),
        }
    }
    Ok(EventKind::RunsOpened(opened))
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
    let bundles = files.iter().map(|file| runs::read_bundle(file).map(Arc::new)).collect::<Outcome<_>>()?;
    Ok(EventKind::BundlesRead(bundles))
}
