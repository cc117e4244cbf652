//! What is known of a table of texts and labels before training.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::config::{DataConfig, ROWS_PER_CLASS};
use super::problem::Problem;

/// The three parts of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    Train,
    Validation,
    Test,
}

/// A data file as read with one choice of encoding, delimiter and columns.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetSummary {
    /// File name, or the bundled set's name.
    pub name: String,
    /// `None` for the bundled set.
    pub path: Option<PathBuf>,
    pub bytes: u64,
    /// WHATWG name of the encoding used, e.g. `UTF-8`, and whether it was guessed.
    pub encoding: String,
    pub encoding_guessed: bool,
    pub delimiter: char,
    pub delimiter_guessed: bool,
    /// Header names.
    pub columns: Vec<String>,
    /// Indices into `columns`.
    pub text_column: usize,
    pub label_column: usize,
    /// The first rows, every column, long cells shortened; at most 50.
    pub head: Vec<Vec<String>>,
    /// Usable rows, before any row limit.
    pub rows: usize,
    pub skipped: Skipped,
    /// Labels in their order (numbers as numbers, else by text) with the usable rows of each.
    pub labels: Vec<LabelCount>,
    /// Rows of each label in train, validation, test, after the row limit.
    pub split: SplitCounts,
    /// Changes whenever any text or label of the file does.
    pub fingerprint: u64,
}

impl DatasetSummary {
    /// Training rows of the largest class where nothing but the row limit is left out, to a row or two.
    pub fn most_train_rows(&self, config: &DataConfig) -> usize {
        let largest = self.labels.iter().map(|label| label.count).max().unwrap_or(0) as f64;
        let kept = config.max_rows.map_or(1.0, |limit| (limit as f64 / self.rows.max(1) as f64).min(1.0));
        let test = if config.test.is_some() { 0.0 } else { config.split.test_share };
        let validation = if config.validation.is_some() { 0.0 } else { config.split.validation_share };
        (largest * kept * (1.0 - test) * (1.0 - validation)).round() as usize
    }

    /// Numbers of training rows of each class that are fewer than all: 8, 16, 32 and so on.
    pub fn few_rows_steps(&self, config: &DataConfig) -> Vec<usize> {
        let most = self.most_train_rows(config);
        std::iter::successors(Some(ROWS_PER_CLASS.min as usize), |rows| Some(rows * 2))
            .take_while(|rows| *rows < most)
            .collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelCount {
    pub label: String,
    pub count: usize,
}

/// Rows of each label (outer index: label) that fall to each part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitCounts {
    pub train: Vec<usize>,
    pub validation: Vec<usize>,
    pub test: Vec<usize>,
}

impl SplitCounts {
    /// Rows of (train, validation, test).
    pub fn totals(&self) -> (usize, usize, usize) {
        (self.train.iter().sum(), self.validation.iter().sum(), self.test.iter().sum())
    }
}

/// Rows that could not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub count: usize,
    /// The first few, at most 5.
    pub first: Vec<SkippedRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRow {
    /// Number of the record in the file, the header being 1, as a spreadsheet shows it.
    pub row: usize,
    pub reason: Problem,
}

/// How long the texts are in tokens, as far as they have been tokenised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenLengths {
    /// `counts[n]`: rows with n tokens, special tokens included; the last entry counts those that were cut.
    pub counts: Vec<usize>,
    pub done: usize,
    pub total: usize,
    pub max_length: usize,
    /// Rows longer than `max_length`.
    pub cut: usize,
}
