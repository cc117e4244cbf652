//! The training that a program, or a folder for a cluster, does again: that of settings, or that of a run.

use std::path::PathBuf;

use crate::domain::config::RunConfig;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::program::TrainingSource;
use crate::runs::{RunReader, RunSettings, SplitRows, no_run};

use super::records::{anchored, fingerprint, splits};
use super::session::OpenData;

/// A run whose training is done again.
pub struct EarlierRun {
    pub dir: PathBuf,
    pub settings: RunSettings,
    pub rows: SplitRows,
}

/// Returns the settings of a training, with paths that hold from any folder, and the run that has done it, if one has.
///
/// # Errors
/// `run-not-found`, `resume-no-run`, `run-of-trainer`, `run-unreadable`; those of the settings.
pub fn settings_of(source: TrainingSource) -> Outcome<(RunConfig, Option<EarlierRun>)> {
    let (config, run) = match source {
        TrainingSource::Settings(config) => (anchored(*config), None),
        TrainingSource::Run(dir) => {
            if !dir.is_dir() {
                return Err(Problem::new("run-not-found").with("folder", dir.display()));
            }
            let (settings, rows) = RunReader::files(&dir)?.ok_or_else(|| no_run(&dir))?;
            (settings.config.clone(), Some(EarlierRun { dir, settings, rows }))
        }
    };
    config.check()?;
    Ok((config, run))
}

/// Sees to it that the data are those of the run.
///
/// # Errors
/// `rows-data-changed`.
pub fn check_rows(data: &OpenData, run: Option<&EarlierRun>) -> Outcome<()> {
    let is_same =
        |run: &EarlierRun| fingerprint(&data.dataset) == run.settings.data.content_hash && splits(data) == run.rows;
    match run.filter(|run| !is_same(run)) {
        Some(run) => Err(Problem::new("rows-data-changed").with("file", &run.settings.data.name)),
        None => Ok(()),
    }
}
