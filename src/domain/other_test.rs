//! What a run answers on another file than its own data: the price, or the gift, of freezing where texts are of another kind.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::health::{Found, seen_test_rows};
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
    /// Rows whose texts the run was trained on, and all else that says what the numbers are worth. A file of an older version
    /// has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Found>,
    /// The most frequent label; `None` in a file of an older version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_frequent: Option<MostFrequent>,
}

/// The label that most rows have, as a class of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MostFrequent {
    pub label: String,
    /// The accuracy of always answering it, from 0 to 1.
    pub share: f64,
}

impl OtherTest {
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.rows.max(1) as f64
    }

    /// Wilson's 95 % interval of the accuracy.
    pub fn interval(&self) -> (f64, f64) {
        wilson_interval(self.correct, self.rows)
    }

    /// Counts the rows that hold a text that was also trained on; `None` where there is none, or nothing is known of it.
    pub fn met_rows(&self) -> Option<usize> {
        seen_test_rows(&self.found)
    }

    /// The label that does as well when it is always answered, so that these rows do not show that the run tells the classes
    /// apart; see [`Confusion::is_at_chance`].
    pub fn at_chance(&self) -> Option<&MostFrequent> {
        self.most_frequent.as_ref().filter(|most| most.share >= self.interval().0)
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
    use super::super::health::PartName;
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
            found: Vec::new(),
            most_frequent: None,
        }
    }

    #[test]
    fn a_test_that_says_too_much_or_nothing_is_known_by_what_it_keeps() {
        let met = Found::Overlap { part: PartName::Test, with: PartName::Train, rows: 3, of: 60 };
        let most_frequent = Some(MostFrequent { label: "good".into(), share: 2.0 / 3.0 });
        let weak = OtherTest { found: vec![met], most_frequent, ..test("other", 42, 60) };
        assert_eq!(weak.met_rows(), Some(3));
        assert_eq!(weak.at_chance().map(|most| &*most.label), Some("good"));
        let strong = OtherTest { correct: 57, ..weak.clone() };
        assert!(strong.at_chance().is_none());
        let kept: OtherTest = serde_json::from_str(&serde_json::to_string(&weak).unwrap()).unwrap();
        assert_eq!(kept, weak);
        let of_older_version = serde_json::to_string(&test("older", 1, 2)).unwrap();
        assert!(!of_older_version.contains("found") && !of_older_version.contains("most_frequent"));
        let older: OtherTest = serde_json::from_str(&of_older_version).unwrap();
        assert!(older.met_rows().is_none() && older.at_chance().is_none());
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
