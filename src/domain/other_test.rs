//! What a run answers on another file than its own data: the price, or the gift, of freezing where texts are of another kind.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::labels::MatchedLabel;
use super::metrics::{Confusion, difference_interval, wilson_interval};
use super::race::{Hits, RaceRow};

/// A run keeps the tests on so many files, the newest ones.
pub const MOST: usize = 16;

/// A test on another file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherTest {
    /// The file's name, and where it was.
    pub name: String,
    pub file: PathBuf,
    /// This tells its rows from those of other files.
    pub fingerprint: String,
    /// All rows of the file that have a label, and how many of them the run answers rightly.
    pub rows: u64,
    pub correct: u64,
    pub macro_f1: f64,
    /// Each label of the file was taken for the class of the run that stands here, where the names are not the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched: Vec<MatchedLabel>,
}

impl OtherTest {
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.rows.max(1) as f64
    }

    /// Wilson's 95 % interval of the accuracy.
    pub fn interval(&self) -> (f64, f64) {
        wilson_interval(self.correct, self.rows)
    }

    /// Tells how much better the run is here than on its own test, with the 95 % interval; below 0 it is worse.
    pub fn beside(&self, own: &Confusion) -> (f64, (f64, f64)) {
        let interval = difference_interval((self.correct, self.rows), (own.correct(), own.rows()));
        (self.accuracy() - own.accuracy(), interval)
    }

    /// The row of a race's run, as if this had been its test. Which of the rows were right is not known any more.
    pub fn in_place_of(&self, row: &RaceRow) -> RaceRow {
        RaceRow {
            accuracy: self.accuracy(),
            macro_f1: self.macro_f1,
            test_rows: self.rows as usize,
            hits: Hits::default(),
            ..row.clone()
        }
    }
}

/// The files of several runs' tests, each once, those of the first run first: fingerprint and name.
pub fn files<'a>(tests: impl IntoIterator<Item = &'a OtherTest>) -> Vec<(&'a str, &'a str)> {
    let mut files: Vec<(&str, &str)> = Vec::new();
    for test in tests {
        if files.iter().all(|(fingerprint, _)| *fingerprint != test.fingerprint) {
            files.push((&test.fingerprint, &test.name));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn test(name: &str, correct: u64, rows: u64) -> OtherTest {
        OtherTest {
            name: name.into(),
            file: name.into(),
            fingerprint: name.into(),
            rows,
            correct,
            macro_f1: 0.5,
            matched: Vec::new(),
        }
    }

    #[test]
    fn it_stands_beside_the_runs_own_test() {
        let own = Confusion::try_from(vec![vec![28, 7], vec![7, 28]]).unwrap();
        let other = test("other", 48, 80);
        let (difference, (low, high)) = other.beside(&own);
        assert!((difference + 0.2).abs() < 1e-12);
        assert!((low + 0.3339).abs() < 1e-4 && (high + 0.0524).abs() < 1e-4, "Newcombe's own example: {low} {high}");
        let (low, high) = other.interval();
        assert!(low < other.accuracy() && other.accuracy() < high);
    }

    #[test]
    fn each_file_is_named_once() {
        let tests = [test("a", 1, 2), test("b", 1, 2), test("a", 2, 2)];
        assert_eq!(files(&tests), [("a", "a"), ("b", "b")]);
    }
}
