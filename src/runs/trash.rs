//! Runs are moved to the system's trash, and come back from there.

use std::path::{Path, PathBuf};

use crate::domain::problem::{Outcome, Problem};

use super::list::is_run;
use super::lock::RunLock;
use super::reader::no_run;
use super::trainer::is_of_trainer;

/// Whether this system's trash can give back what was moved there. macOS lets only its own Finder do that.
pub const CAN_RESTORE: bool = !cfg!(target_os = "macos");

/// Moves runs to the system's trash, and returns those that have gone. `warn` hears why others have not.
///
/// # Errors
/// The first problem when no run has gone: `resume-no-run` for a folder that is no run; `run-not-of-thaw` for one of another program; `run-in-use` while it is
/// under way; `run-not-deleted` when the system refuses.
pub fn delete(dirs: &[PathBuf], warn: impl Fn(Problem)) -> Outcome<Vec<PathBuf>> {
    let (gone, mut failed): (Vec<_>, Vec<_>) = dirs.iter().map(|dir| delete_one(dir)).partition(Result::is_ok);
    let gone: Vec<PathBuf> = gone.into_iter().flatten().collect();
    if gone.is_empty() && !failed.is_empty() {
        return failed.swap_remove(0).map(|_| gone);
    }
    failed.into_iter().filter_map(Result::err).for_each(warn);
    Ok(gone)
}

fn delete_one(dir: &Path) -> Outcome<PathBuf> {
    if !is_run(dir) && is_of_trainer(dir) {
        return Err(Problem::new("run-not-of-thaw").with("folder", dir.display()));
    }
    if !is_run(dir) {
        return Err(no_run(dir));
    }
    if RunLock::is_taken(dir) {
        return Err(Problem::new("run-in-use").with("folder", dir.display()));
    }
    match trash::delete(dir) {
        Ok(()) => Ok(dir.to_owned()),
        Err(e) => Err(Problem::new("run-not-deleted").with("folder", dir.display()).with_original(e)),
    }
}

/// Brings runs back from the trash to where they were; of several that were in one place, the one that went last.
///
/// # Errors
/// `run-not-in-trash` for the first that is no longer there; `run-not-restored` when the system refuses, as it does where
/// something else has its place.
#[cfg(not(target_os = "macos"))]
pub fn restore(dirs: &[PathBuf]) -> Outcome<()> {
    use trash::os_limited;
    let refused = |dir: &Path, e: &dyn std::fmt::Display| {
        Problem::new("run-not-restored").with("folder", dir.display()).with_original(e)
    };
    for dir in dirs {
        // The trash knows things by their real place.
        let parent = dir.parent().and_then(|parent| parent.canonicalize().ok());
        let place = parent.zip(dir.file_name()).map_or_else(|| dir.clone(), |(parent, name)| parent.join(name));
        let items = os_limited::list().map_err(|e| refused(dir, &e))?;
        let was_there = |item: &trash::TrashItem| [&place, dir].contains(&&item.original_path());
        // On Linux an item's id is the file that describes it, which is made when the run is moved. Of two runs with
        // one name, the later one's file has a number at its end.
        let went = |item: &trash::TrashItem| {
            let told = std::fs::metadata(&item.id).and_then(|told| told.modified());
            (item.time_deleted, told.ok(), item.id.len(), item.id.clone())
        };
        let item = items.into_iter().filter(was_there).max_by_key(went);
        let item = item.ok_or_else(|| Problem::new("run-not-in-trash").with("folder", dir.display()))?;
        os_limited::restore_all([item]).map_err(|e| refused(dir, &e))?;
    }
    Ok(())
}

/// Nothing asks for this where `CAN_RESTORE` says no.
///
/// # Errors
/// `run-not-in-trash`.
#[cfg(target_os = "macos")]
pub fn restore(dirs: &[PathBuf]) -> Outcome<()> {
    let refused = |dir: &PathBuf| Err(Problem::new("run-not-in-trash").with("folder", dir.display()));
    dirs.first().map_or(Ok(()), refused)
}
