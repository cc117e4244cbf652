//! `data_map.csv`: the row number of each training row, and the probability that the model gave its true label in each epoch,
//! before the step that it was in. The file has no texts.

use std::fmt::Write as _;
use std::path::Path;

use crate::domain::data_map::{Confidences, DataMap};
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::write_whole;

use super::reader::{RunReader, no_run};

const DATA_MAP: &str = "data_map.csv";

/// Writes `data_map.csv`. `numbers` are those of the training rows, parallel to the confidences.
///
/// # Errors
/// `disk-full`, `file-error`.
pub fn keep_data_map(dir: &Path, numbers: &[u32], confidences: &Confidences) -> Outcome<()> {
    let mut text = "row".to_owned();
    // Writing into a text cannot fail.
    let mut add = |args: std::fmt::Arguments<'_>| text.write_fmt(args).map_err(Problem::internal);
    for epoch in 1..=confidences.epochs() {
        add(format_args!(",epoch_{epoch}"))?;
    }
    for (place, row) in numbers.iter().enumerate() {
        add(format_args!("\n{row}"))?;
        for epoch in 1..=confidences.epochs() {
            match confidences.get(epoch, place) {
                Some(confidence) => add(format_args!(",{confidence:.4}"))?,
                None => add(format_args!(","))?,
            }
        }
    }
    add(format_args!("\n"))?;
    write_whole(&dir.join(DATA_MAP), text.as_bytes())
}

/// The confidences that a run's folder has of its training rows; none where the file is another's or cannot be read, because
/// nothing depends on them.
pub fn kept_confidences(dir: &Path, numbers: &[u32]) -> Confidences {
    let mut confidences = Confidences::new(numbers.len());
    let text = std::fs::read_to_string(dir.join(DATA_MAP)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().skip(1).collect();
    let row = |line: &str| line.split(',').next().and_then(|row| row.parse().ok());
    if lines.len() != numbers.len() || lines.iter().zip(numbers).any(|(line, number)| row(line) != Some(*number)) {
        return confidences;
    }
    for (place, line) in lines.into_iter().enumerate() {
        for (epoch, cell) in (1..).zip(line.split(',').skip(1)) {
            if let Ok(confidence) = cell.parse::<f32>() {
                confidences.put(epoch, place, confidence);
            }
        }
    }
    confidences
}

/// The map of a run's training rows; `None` for a run that was made before there were any.
///
/// # Errors
/// `run-not-found`, `run-without-model`, `run-unreadable`, `file-error`; `resume-no-run` for a folder that is no run.
pub fn data_map(dir: &Path) -> Outcome<Option<DataMap>> {
    let run = RunReader::open(dir)?.run;
    let (_, splits) = run.ok_or_else(|| no_run(dir))?;
    let map = DataMap::of(&splits.train, &kept_confidences(dir, &splits.train));
    Ok(Some(map).filter(|map| !map.rows.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let numbers = [2, 5, 9];
        let mut confidences = Confidences::new(3);
        confidences.put(1, 0, 0.25);
        confidences.put(2, 2, 0.75);
        keep_data_map(folder.path(), &numbers, &confidences).unwrap();
        let text = std::fs::read_to_string(folder.path().join(DATA_MAP)).unwrap();
        assert_eq!(text, "row,epoch_1,epoch_2\n2,0.2500,\n5,,\n9,,0.7500\n");
        let read = kept_confidences(folder.path(), &numbers);
        assert_eq!((read.get(1, 0), read.get(2, 0), read.get(2, 2)), (Some(0.25), None, Some(0.75)));
        assert_eq!(kept_confidences(folder.path(), &[2, 5]).epochs(), 0, "of other rows");
        assert_eq!(kept_confidences(&folder.path().join("none"), &numbers).epochs(), 0);
    }
}
