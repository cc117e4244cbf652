//! Runs and races as a report tells of them.

use std::path::Path;
use std::sync::Arc;

use crate::domain::config::ModelSource;
use crate::domain::history::History;
use crate::domain::params::Parameter;
use crate::domain::problem::Outcome;
use crate::domain::race_statistics::{strategy_means, undecided_pairs};
use crate::domain::report::{Mistakes, ReportedRace, ReportedRun};
use crate::model::pretrained::PretrainedModel;

use super::list::{describe, file_name};
use super::race::{RACE, RaceRecord, StoredRow, is_race, runs_in};
use super::reader::{RunReader, check_exists, no_run, read, read_log};
use super::settings::RunSettings;
use super::writer::STEPS;

/// All that a report tells of a run, except its mistakes and its Python, for which its data are needed.
///
/// # Errors
/// `run-not-found`; `resume-no-run` for a folder that is no run of Thaw; `run-unreadable`, `file-error`;
/// `setting-out-of-bounds` for settings that no run has.
pub fn reported_run(dir: &Path) -> Outcome<ReportedRun> {
    check_exists(dir)?;
    let settings = RunReader::settings_in(dir)?.ok_or_else(|| no_run(dir))?;
    settings.config.check()?;
    let mut history = History { facts: settings.facts, ..History::default() };
    read_log(&dir.join(STEPS), u64::MAX, |event| history.record(&event))?;
    let parameters = parameters(dir, &settings);
    let RunSettings { thaw, config, learning_rate, labels, class_weights, model, data, .. } = settings;
    Ok(ReportedRun {
        entry: describe(dir),
        thaw,
        config,
        learning_rate,
        labels,
        class_weights,
        model,
        data,
        history: Arc::new(history),
        parameters,
        mistakes: Mistakes::default(),
        python: None,
    })
}

/// The parameters of the run's model, or of the model that it began with where its own is gone.
fn parameters(dir: &Path, settings: &RunSettings) -> Vec<(Parameter, bool)> {
    let own = dir.join("config.json").exists().then(|| ModelSource::Folder(dir.to_owned()));
    let sources = own.into_iter().chain([settings.config.model.clone()]);
    let model = sources
        .into_iter()
        .find_map(|source| PretrainedModel::open(&source).inspect_err(|problem| log::warn!("{problem}")).ok());
    let tree = model.map(|model| model.tree(&settings.labels)).unwrap_or_default();
    let trains = |parameter: &Parameter| settings.trainable.contains(&parameter.name);
    tree.parameters.into_iter().map(|parameter| (parameter.clone(), trains(&parameter))).collect()
}

/// All that a report tells of a race and of its runs. `None` for a folder that is no race.
///
/// # Errors
/// `run-not-found`; `run-unreadable`, `file-error`; those of `RacePlan::check`.
pub fn reported_race(dir: &Path) -> Outcome<Option<ReportedRace>> {
    check_exists(dir)?;
    let record: Option<RaceRecord> = if is_race(dir) { read(&dir.join(RACE))? } else { None };
    let Some(record) = record else { return Ok(None) };
    // Whoever changed the file by hand may have written any plan.
    record.plan.check()?;
    let rows: Vec<_> = record.rows.iter().map(StoredRow::row).collect();
    let means = strategy_means(&record.plan, &rows);
    let mut folders = runs_in(dir).unwrap_or_default();
    folders.sort_unstable();
    let read_run = |dir: &std::path::PathBuf| reported_run(dir).inspect_err(|problem| log::warn!("{problem}")).ok();
    Ok(Some(ReportedRace {
        name: file_name(dir).unwrap_or_default(),
        thaw: record.thaw,
        started: record.started,
        undecided: undecided_pairs(&means, &rows),
        means,
        rows,
        plan: record.plan,
        skipped: record.skipped.len(),
        failed: record.failed.len(),
        outcome: record.outcome,
        runs: folders.iter().filter_map(read_run).collect(),
    }))
}
