//! The words that a model lives by: integrated gradients of many rows, summed up word by word.

use std::collections::BTreeMap;

use crate::domain::explanation::ENOUGH;
use crate::domain::lived_words::{LEAST_ROWS, LISTED, LivedWord};
use crate::domain::message::RowTexts;
use crate::domain::problem::Outcome;
use crate::domain::selection::words;

use super::attribution::Budget;
use super::explanation::Explainer;

/// More steps would hardly move the mean over many rows.
const BUDGET: Budget = Budget { first: 8, most: 32, enough: ENOUGH };

/// A tally sums up what words add, row after row.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Each label has here, for each word in lower case, the sum of what it adds in the rows that have it, and their
    /// number.
    sums: Vec<BTreeMap<String, (f64, u32)>>,
    rows: usize,
    trusted: usize,
}

impl Tally {
    pub fn new(labels: usize) -> Self {
        Self { sums: vec![BTreeMap::new(); labels], rows: 0, trusted: 0 }
    }

    /// Explains one more row and adds what its words add to the label that the model predicts. What speaks for one of two
    /// labels speaks as much against the other, so that with two the row counts for both.
    ///
    /// # Errors
    /// Those of [`Explainer::explain`].
    pub fn add(&mut self, explainer: &Explainer<'_>, row: &RowTexts) -> Outcome<()> {
        let (label, explained, error) = explainer.attributed(row, BUDGET)?;
        self.rows += 1;
        self.trusted += usize::from(error < ENOUGH);
        let mut of_row: BTreeMap<String, f64> = BTreeMap::new();
        for (is_second, text) in [(false, Some(&row.text)), (true, row.second.as_ref())] {
            let Some(text) = text else { continue };
            let mut parts = explained.iter().filter(|word| word.is_second == is_second).peekable();
            for word in words(text) {
                // The same characters as `Condition::Word` goes by, so that a click on the word finds its rows.
                let start = text[..place_in(text, word)].chars().count();
                let end = start + word.chars().count();
                let mut sum = None;
                while let Some(part) = parts.next_if(|part| part.start < end) {
                    if part.start >= start {
                        sum = part.attribution.map(|own| sum.unwrap_or(0.0) + own).or(sum);
                    }
                }
                if let Some(sum) = sum {
                    *of_row.entry(word.to_lowercase()).or_default() += sum;
                }
            }
        }
        let is_of_two = self.sums.len() == 2;
        for (word, sum) in of_row {
            let mut put = |label: usize, sum: f64| {
                let entry = self.sums[label].entry(word.clone()).or_default();
                *entry = (entry.0 + sum, entry.1 + 1);
            };
            put(label, sum);
            if is_of_two {
                put(1 - label, -sum);
            }
        }
        Ok(())
    }

    /// The rows that were explained.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Those with a completeness error that is small enough.
    pub fn trusted(&self) -> usize {
        self.trusted
    }

    /// Returns for each label the words that add most to it in the mean of the rows that have them.
    pub fn most(&self) -> Vec<Vec<LivedWord>> {
        let of_label = |sums: &BTreeMap<String, (f64, u32)>| {
            let often = sums.iter().filter(|(_, (_, rows))| *rows >= LEAST_ROWS);
            let mut words: Vec<LivedWord> = often
                .map(|(word, (sum, rows))| LivedWord {
                    word: word.clone(),
                    attribution: sum / f64::from(*rows),
                    rows: *rows,
                })
                .filter(|word| word.attribution > 0.0)
                .collect();
            // Equal ones stay in alphabetical order.
            words.sort_by(|a, b| b.attribution.total_cmp(&a.attribution));
            words.truncate(LISTED);
            words
        };
        self.sums.iter().map(of_label).collect()
    }
}

/// The byte at which a part of a text begins.
fn place_in(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

#[cfg(test)]
mod tests {
    use crate::data::tokeniser::bundled_for_tests;
    use crate::domain::config::ModelSource;
    use crate::domain::explanation::Depth;
    use crate::model::classifier::Classifier;
    use crate::model::encoder::DropoutConfig;
    use crate::model::pretrained::PretrainedModel;

    use super::*;

    fn classifier(labels: &[&str]) -> Classifier {
        let pretrained = PretrainedModel::open(&ModelSource::Bundled).unwrap();
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        let trainable = vec![true; pretrained.tree(&labels).parameters.len()];
        let classifier = Classifier::new(&pretrained, &labels, &trainable, DropoutConfig::default(), 3).unwrap();
        classifier.frozen().unwrap()
    }

    #[test]
    fn a_words_mean_is_over_the_rows_that_have_it() {
        let (classifier, tokeniser) = (classifier(&["bad", "good"]), bundled_for_tests());
        let explainer = Explainer { classifier: &classifier, tokeniser: &tokeniser, max_length: 64 };
        let rows = ["Warm film, WARM!", "a warm and well-made film", "warm<br />", "slow"].map(RowTexts::from);
        let mut tally = Tally::new(2);
        rows.iter().for_each(|row| tally.add(&explainer, row).unwrap());
        assert_eq!(tally.rows(), 4);
        let found = tally.most();
        let all: Vec<&LivedWord> = found.iter().flatten().collect();
        assert_eq!(all.len(), 1, "one word is in three rows, and speaks for one of two labels: {found:?}");
        assert_eq!((all[0].word.as_str(), all[0].rows), ("warm", 3));

        // The same from the explanations of the rows, each time for the second label.
        let sum = |row: &RowTexts| {
            let explained = explainer.explain(row, Depth::Words).unwrap();
            let sign = if explained.prediction.label == "good" { 1.0 } else { -1.0 };
            let warm = explained.words.iter().filter(|word| word.word.to_lowercase() == "warm");
            sign * warm.map(|word| word.attribution.unwrap()).sum::<f64>()
        };
        let mean = rows[..3].iter().map(sum).sum::<f64>() / 3.0;
        assert!((mean.abs() - all[0].attribution).abs() < 0.02 * mean.abs(), "{mean} {all:?}");
        assert_eq!(found[usize::from(mean > 0.0)].len(), 1, "it speaks for the label that it adds to");
    }

    #[test]
    fn of_more_than_two_labels_a_row_counts_for_its_own() {
        let (classifier, tokeniser) = (classifier(&["a", "b", "c"]), bundled_for_tests());
        let explainer = Explainer { classifier: &classifier, tokeniser: &tokeniser, max_length: 64 };
        let row = RowTexts::from("a warm film");
        let label = explainer.explain(&row, Depth::Coarse).unwrap().prediction.label;
        let mut tally = Tally::new(3);
        (0..3).for_each(|_| tally.add(&explainer, &row).unwrap());
        for (own, words) in ["a", "b", "c"].into_iter().zip(&tally.sums) {
            assert_eq!(words.is_empty(), own != label);
        }
    }
}
