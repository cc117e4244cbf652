//! What a run answers on the rows that it did not train on, row by row, and what follows from an answer.

use serde::{Deserialize, Serialize};

use super::health::PartName;
use super::message::RowTexts;
use super::metrics::Confusion;
use super::tags::Tags;
use std::path::PathBuf;
use std::sync::Arc;

/// The probabilities of a run are kept while they are no more than this: rows times classes. Beyond it their file would
/// be hundreds of megabytes, and they are computed when they are asked for.
pub const MOST_PROBABILITIES: usize = 10_000_000;

/// The answer on one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictedRow {
    /// The row's number in its own file, as a run's `splits.json` has it.
    pub row: u32,
    /// The part that the row is in, which is validation or test.
    pub split: PartName,
    /// The id of the true label.
    pub label: u32,
    /// The probability of each label, in label order; they sum to 1, or are NaN where the model gave no number.
    pub probabilities: Vec<f64>,
}

impl PredictedRow {
    /// The id of the most probable label, or of the first of several.
    pub fn predicted(&self) -> u32 {
        let better = |best: usize, (i, p): (usize, &f64)| if *p > self.probabilities[best] { i } else { best };
        self.probabilities.iter().enumerate().fold(0, better) as u32
    }

    /// The probability of the label with this id; NaN where there is none.
    pub fn probability(&self, label: u32) -> f64 {
        self.probabilities.get(label as usize).copied().unwrap_or(f64::NAN)
    }

    /// The probability of the predicted label.
    pub fn confidence(&self) -> f64 {
        self.probability(self.predicted())
    }

    /// The cross-entropy of the row in nats: -ln of the true label's probability, which is infinite where that is 0.
    pub fn loss(&self) -> f64 {
        // A probability of 1 gives -0.0, which nobody wants to read.
        -self.probability(self.label).ln() + 0.0
    }

    /// Returns whether the most probable label is the true one.
    pub fn is_correct(&self) -> bool {
        self.predicted() == self.label
    }

    /// The id of the most probable label after the predicted one; `None` where there is only one label.
    pub fn second_choice(&self) -> Option<u32> {
        let first = self.predicted();
        let others = (0..self.probabilities.len() as u32).filter(|label| *label != first);
        let better =
            |best: u32, label: u32| if self.probability(label) > self.probability(best) { label } else { best };
        others.reduce(better)
    }

    /// The same answer at another temperature: the softmax of the logits, which are divided by it. It changes no predicted
    /// label.
    #[must_use]
    pub fn at_temperature(&self, temperature: f64) -> Self {
        let most = self.confidence().ln();
        let powers: Vec<f64> = self.probabilities.iter().map(|p| ((p.ln() - most) / temperature).exp()).collect();
        let sum: f64 = powers.iter().sum();
        Self { probabilities: powers.into_iter().map(|power| power / sum).collect(), ..self.clone() }
    }

    /// The order in which rows are listed: the mistakes before what is right, each with the most confident first. Rows
    /// that are equal in that stand as in their files, and those without a number last.
    pub fn most_confident_mistake_first(&self, other: &Self) -> std::cmp::Ordering {
        let key = |row: &Self| {
            let confidence = row.confidence();
            (row.is_correct(), if confidence.is_nan() { f64::NEG_INFINITY } else { confidence })
        };
        let (mine, theirs) = (key(self), key(other));
        let by_answer = mine.0.cmp(&theirs.0).then(theirs.1.total_cmp(&mine.1));
        by_answer.then((self.split.name(), self.row).cmp(&(other.split.name(), other.row)))
    }
}

/// Counts the rows of a part by true and predicted label.
pub fn confusion_of(rows: &[PredictedRow], split: PartName, classes: usize) -> Confusion {
    let mut confusion = Confusion::new(classes);
    for row in rows.iter().filter(|row| row.split == split && (row.label as usize) < classes) {
        confusion.add(row.label as usize, row.predicted() as usize);
    }
    confusion
}

/// The answers of one run, validation rows first, each part in the order of its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunAnswers {
    /// The run's folder.
    pub dir: PathBuf,
    pub rows: Arc<Vec<PredictedRow>>,
}

/// The rows behind the numbers of one or several runs on the same data and split.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExploredRows {
    pub labels: Vec<String>,
    /// One for each run that was asked for, in that order. Their rows are the same.
    pub runs: Vec<RunAnswers>,
    /// The texts, and the lists below them, are parallel to the rows of each run.
    pub texts: Vec<RowTexts>,
    /// The tokens of each row as the first run reads it; empty where no tags were asked for.
    pub lengths: Vec<u32>,
    /// These tags hold of each row's text; the list is empty where no tags were asked for.
    pub tags: Vec<Tags>,
}

impl ExploredRows {
    /// The number of rows of each run.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Returns what a run answered on row `i`.
    ///
    /// # Panics
    /// When there is no such run or row.
    pub fn answer(&self, run: usize, i: usize) -> &PredictedRow {
        &self.runs[run].rows[i]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(row: u32, label: u32, probabilities: &[f64]) -> PredictedRow {
        PredictedRow { row, split: PartName::Test, label, probabilities: probabilities.to_vec() }
    }

    #[test]
    fn what_follows_from_an_answer() {
        let wrong = row(2, 0, &[0.3, 0.5, 0.2]);
        assert_eq!((wrong.predicted(), wrong.second_choice(), wrong.is_correct()), (1, Some(0), false));
        assert!((wrong.confidence() - 0.5).abs() < 1e-15 && (wrong.loss() + 0.3_f64.ln()).abs() < 1e-15);
        let tie = row(3, 1, &[0.5, 0.5]);
        assert_eq!((tie.predicted(), tie.second_choice()), (0, Some(1)));
        let sure = row(4, 0, &[1.0, 0.0]);
        assert_eq!((sure.loss().to_bits(), row(4, 1, &[1.0, 0.0]).loss()), (0, f64::INFINITY));
        let none = row(5, 1, &[f64::NAN, f64::NAN]);
        assert_eq!((none.predicted(), none.is_correct()), (0, false));
        assert!(none.confidence().is_nan() && none.loss().is_nan());
        assert_eq!(row(6, 0, &[1.0]).second_choice(), None);
    }

    #[test]
    fn mistakes_come_first_and_the_most_confident_of_them_before() {
        let mut rows = [
            row(2, 0, &[0.9, 0.1]),
            row(3, 1, &[0.6, 0.4]),
            row(4, 1, &[f64::NAN, f64::NAN]),
            row(5, 0, &[0.01, 0.99]),
            row(6, 1, &[0.01, 0.99]),
            row(7, 1, &[0.6, 0.4]),
        ];
        rows.sort_by(PredictedRow::most_confident_mistake_first);
        assert_eq!(rows.map(|row| row.row), [5, 3, 7, 4, 6, 2]);
    }

    #[test]
    fn a_temperature_flattens_an_answer() {
        // The logits 2 and 0 become 1 and 0.
        let sharp = row(2, 0, &[1.0 / (1.0 + (-2.0_f64).exp()), 1.0 / (1.0 + 2.0_f64.exp())]);
        let flat = sharp.at_temperature(2.0);
        assert!((flat.probabilities[0] - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12);
        assert!((sharp.at_temperature(1.0).probabilities[1] - sharp.probabilities[1]).abs() < 1e-15);
        assert_eq!(row(2, 0, &[1.0, 0.0]).at_temperature(3.0).probabilities, [1.0, 0.0]);
    }

    #[test]
    fn the_matrix_of_the_rows() {
        let rows = [row(2, 0, &[0.9, 0.1]), row(3, 1, &[0.6, 0.4])];
        let matrix = confusion_of(&rows, PartName::Test, 2);
        assert_eq!((matrix.count(0, 0), matrix.count(1, 0), matrix.rows()), (1, 1, 2));
        assert_eq!(confusion_of(&rows, PartName::Validation, 2).rows(), 0);
    }
}
