//! Runs and lesson files read to be compared.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::problem::{Outcome, Problem};
use crate::domain::stored::{OpenedBundle, OpenedRuns};
use crate::runs;

/// Reads several runs and bundles. A folder that is no run itself stands for the runs and the bundles in it. What can't be
/// read keeps nothing else away: `warn` hears of it.
///
/// # Errors
/// `nothing-to-compare`; `file-error` for what does not exist; where nothing can be read, the first problem of `runs::read_run` or `runs::read_bundle`.
pub fn open(sources: &[PathBuf], warn: impl Fn(Problem)) -> Outcome<OpenedRuns> {
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
    Ok(opened)
}

fn open_source(source: &Path, opened: &mut OpenedRuns, failed: &mut Vec<Problem>) -> Outcome<()> {
    std::fs::metadata(source).map_err(|e| Problem::file(source, &e))?;
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
    let runs = runs::take_runs(&file, &mut bundle);
    let steps_of_runs = runs.iter().map(|(step, run)| (run.dir.clone(), *step)).collect();
    opened.runs.extend(runs.into_iter().map(|(_, run)| Arc::new(run)));
    opened.bundles.push(OpenedBundle { file, bundle: Arc::new(bundle), steps_of_runs });
    Ok(())
}
