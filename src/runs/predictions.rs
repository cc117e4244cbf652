//! `predictions.csv` of a run's folder: what the run answers on its validation and test rows.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::data::answers::{from_csv, to_csv};
use crate::domain::health::PartName;
use crate::domain::predictions::{PredictedRow, confusion_of};
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::write_whole;

use super::reader::read;
use super::settings::{Metrics, RunSettings, SplitRows};
use super::writer::METRICS;

pub const PREDICTIONS: &str = "predictions.csv";

/// Writes the answers into the run's folder, whole or not at all.
///
/// # Errors
/// `disk-full`, `file-error`; `internal-error` for rows of other labels.
pub fn keep_predictions(dir: &Path, rows: &[PredictedRow], labels: &[String]) -> Outcome<()> {
    write_whole(&dir.join(PREDICTIONS), &to_csv(rows, labels)?)
}

/// The answers that are kept with a run: those on all its validation rows, then those on all its test rows. `None` where
/// none are kept.
///
/// # Errors
/// `predictions-of-other-run` for a file that is damaged, is of other rows or labels, or does not agree with the matrix
/// of the run's test; `file-error`.
pub fn kept_predictions(dir: &Path, settings: &RunSettings, splits: &SplitRows) -> Outcome<Option<Vec<PredictedRow>>> {
    let path = dir.join(PREDICTIONS);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(Problem::file(&path, &e)),
    };
    let other = || Problem::new("predictions-of-other-run").with("file", path.display());
    let rows = from_csv(&bytes, &settings.labels).ok_or_else(other)?;
    let own = |rows: &[u32], split| rows.iter().map(move |row| (split, *row)).collect::<Vec<_>>();
    let expected = [own(&splits.validation, PartName::Validation), own(&splits.test, PartName::Test)].concat();
    // Another run on the same rows has another matrix, unless it answers the same.
    let tested = read::<Metrics>(&dir.join(METRICS)).ok().flatten().and_then(|metrics| metrics.test);
    let is_of_test = |confusion| confusion == confusion_of(&rows, PartName::Test, settings.labels.len());
    let is_own = rows.iter().map(|row| (row.split, row.row)).eq(expected);
    if !is_own || tested.is_some_and(|test| !is_of_test(test.confusion)) {
        return Err(other());
    }
    Ok(Some(rows))
}
