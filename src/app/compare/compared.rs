//! Each run that is compared has a test accuracy, which is told beside that of the best.

use std::sync::Arc;

use crate::domain::config::DataConfig;
use crate::domain::history::History;
use crate::domain::metrics::{difference_interval, wilson_interval};
use crate::domain::stored::{RunEntry, StoredRun};

use super::super::run::curves::Curves;

/// One run that is compared.
#[derive(Clone, Debug)]
pub struct Compared {
    pub run: Arc<StoredRun>,
    /// All that it has told.
    pub history: History,
    pub curves: Curves,
    /// Rules its colour, dashes and markers; pinned to its folder.
    pub style: usize,
}

impl Compared {
    pub(super) fn new(run: Arc<StoredRun>, style: usize) -> Self {
        let history = run.history_at(f64::INFINITY);
        Self { curves: Curves::of(&history), run, history, style }
    }

    /// Finds the run's entry in the list of runs, which knows its name.
    pub(super) fn entry<'a>(&self, entries: &'a [RunEntry]) -> Option<&'a RunEntry> {
        entries.iter().find(|entry| entry.dir == self.run.dir)
    }

    /// (right, tested) of its test.
    pub fn hits(&self) -> Option<(u64, u64)> {
        self.history.test.as_ref().map(|test| (test.confusion.correct(), test.confusion.rows()))
    }

    /// Wilson's 95 % interval of its test accuracy.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.hits().map(|(hits, rows)| wilson_interval(hits, rows))
    }

    /// Returns whether both were tested on the same rows, as far as their settings tell.
    pub fn same_test(&self, other: &Self) -> bool {
        if !self.run.knows("data") || !other.run.knows("data") {
            return false;
        }
        let (a, b) = (&self.run.config.data, &other.run.config.data);
        let columns = |data: &DataConfig| {
            let reading = data.reading.clone();
            [reading.text_column, reading.second_text_column, reading.label_column]
        };
        (&a.source, &a.test, &a.split, a.max_rows, columns(a)) == (&b.source, &b.test, &b.split, b.max_rows, columns(b))
            && self.tested() == other.tested()
    }

    /// How many rows were tested, and the classes.
    fn tested(&self) -> Option<(usize, &[String])> {
        self.history.started.as_ref().map(|started| (started.test_rows, started.labels.as_slice()))
    }

    fn accuracy(&self) -> f64 {
        self.history.test.as_ref().map_or(f64::NAN, |test| test.accuracy)
    }
}

/// How a run's test accuracy stands to the best of those that were tested on the same rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing to be compared with, or not tested.
    Alone,
    Best,
    /// The 95 % interval of the difference holds 0.
    Undecided,
    /// Its accuracy is lower than the best one's by this much.
    Lower(f64),
}

/// One for each run.
pub fn verdicts(runs: &[Compared]) -> Vec<Verdict> {
    let best_of = |run: &Compared| {
        let is_rival = |other: &&Compared| other.hits().is_some() && run.same_test(other);
        let rivals: Vec<&Compared> = runs.iter().filter(is_rival).collect();
        let better = |a, b| if Compared::accuracy(b) > Compared::accuracy(a) { b } else { a };
        rivals.iter().copied().reduce(better).filter(|_| rivals.len() > 1)
    };
    let verdict = |run: &Compared| {
        let (Some(own), Some(best)) = (run.hits(), best_of(run)) else { return Verdict::Alone };
        if best.run.dir == run.run.dir {
            return Verdict::Best;
        }
        let (low, _) = best.hits().map_or((0.0, 0.0), |best| difference_interval(best, own));
        if low <= 0.0 { Verdict::Undecided } else { Verdict::Lower(best.accuracy() - run.accuracy()) }
    };
    runs.iter().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::tested;
    use super::*;

    #[test]
    fn what_the_test_cannot_tell_apart_is_undecided() {
        let runs = [tested("a", 80, 1), tested("b", 76, 1), tested("c", 50, 1), tested("d", 99, 2)];
        let told = verdicts(&runs);
        assert_eq!(told[0], Verdict::Best);
        assert_eq!(told[1], Verdict::Undecided);
        assert!(matches!(told[2], Verdict::Lower(by) if (by - 0.3).abs() < 1e-9));
        assert_eq!(told[3], Verdict::Alone, "it was tested on other rows");
    }
}
