//! What a face may ask about the runs on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::lesson::{Lesson, LessonWork};
use crate::domain::message::EventKind;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::stored::{OpenedBundle, OpenedRuns};
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

/// Several runs at once, to be compared, and bundles. A folder that is no run itself stands for the runs and the bundles
/// in it. What can't be read keeps nothing else away: `warn` is told of it.
///
/// # Errors
/// As `open` and `runs::read_bundle`, for the first that can't be read, where nothing can be.
pub fn open_all(sources: &[PathBuf], warn: impl Fn(Problem)) -> Outcome<EventKind> {
    let (mut opened, mut failed) = (OpenedRuns::default(), Vec::new());
    for source in sources {
        if let Err(problem) = open_source(source, &mut opened, &mut failed) {
            failed.push(problem);
        }
    }
    if opened.runs.is_empty() && opened.bundles.is_empty() && !failed.is_empty() {
        return Err(failed.swap_remove(0));
    }
    failed.into_iter().for_each(warn);
    Ok(EventKind::RunsOpened(opened))
}

fn open_source(source: &Path, opened: &mut OpenedRuns, failed: &mut Vec<Problem>) -> Outcome<()> {
    if runs::is_bundle(source) {
        return open_bundle(source.to_owned(), opened);
    }
    match runs::read_run(source) {
        Err(problem) if problem.id == "resume-no-run" => {}
        run => {
            opened.runs.push(Arc::new(run?));
            return Ok(());
        }
    }
    let (within, bundles) = (runs::list(source, &[])?, runs::bundles_in(source)?);
    if within.is_empty() && bundles.is_empty() {
        return Err(Problem::new("nothing-to-compare").with("folder", source.display()));
    }
    for entry in within {
        match runs::read_run(&entry.dir) {
            Ok(run) => opened.runs.push(Arc::new(run)),
            Err(problem) => failed.push(problem),
        }
    }
    failed.extend(bundles.into_iter().filter_map(|file| open_bundle(file, opened).err()));
    Ok(())
}

fn open_bundle(file: PathBuf, opened: &mut OpenedRuns) -> Outcome<()> {
    let mut bundle = runs::read_bundle(&file)?;
    opened.runs.extend(runs::take_runs(&file, &mut bundle).into_iter().map(Arc::new));
    opened.bundles.push(OpenedBundle { file, bundle: Arc::new(bundle) });
    Ok(())
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
