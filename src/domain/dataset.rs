//! What is known of a table of texts and labels before anything trains on it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::config::{DataConfig, Quoting, ROWS_PER_CLASS};
use super::health::Finding;
use super::labels::MatchedLabel;
use super::problem::Problem;

/// Labels of more kinds than this are no classes.
pub const MAX_CLASSES: usize = 1000;

/// One value for each of the three parts that data are split into.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts<T> {
    pub train: T,
    pub validation: T,
    pub test: T,
}

/// What kind of file a table was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TableFormat {
    /// CSV, TSV and the like.
    #[default]
    Delimited,
    /// A JSON record a line.
    JsonLines,
    /// A list of JSON records, or an object with one.
    Json,
    /// fastText's lines, with `__label__` and a name in each.
    FastText,
    /// A workbook of Excel or LibreOffice.
    Workbook,
    /// A folder for each class, and a file for each text.
    Folder,
}

impl TableFormat {
    /// The name in the terminal's JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delimited => "delimited",
            Self::JsonLines => "json_lines",
            Self::Json => "json",
            Self::FastText => "fasttext",
            Self::Workbook => "workbook",
            Self::Folder => "folder",
        }
    }
}

/// Why a column was taken for that of the texts or of the labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnChoice {
    /// The user, or the run, has named it.
    Given,
    /// Its name is a usual one.
    Name,
    /// Its values are the longest, or the fewest.
    #[default]
    Content,
}

impl ColumnChoice {
    /// The name in the terminal's JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Name => "name",
            Self::Content => "content",
        }
    }
}

/// A data file as it was read with one choice of encoding, delimiter and columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DatasetSummary {
    /// The name of the file, or of the bundled data.
    pub name: String,
    /// `None` for the bundled data.
    pub path: Option<PathBuf>,
    pub bytes: u64,
    pub format: TableFormat,
    /// The sheet of a workbook that was read.
    pub sheet: Option<String>,
    /// The sheets of a workbook that can be chosen.
    pub sheets: Vec<String>,
    /// What the user should know of how the file was read, such as which folder the test rows come from.
    pub notes: Vec<Problem>,
    /// WHATWG name of the encoding, such as `UTF-8`; empty for a workbook.
    pub encoding: String,
    pub encoding_guessed: bool,
    /// A zero character where nothing stands between fields.
    pub delimiter: char,
    pub delimiter_guessed: bool,
    pub quoting: Quoting,
    pub quoting_guessed: bool,
    /// Whether the first row is one like the others.
    pub headless: bool,
    pub header_guessed: bool,
    /// Whether a plain reader finds every text and label as they are used: each record has the row number that follows from
    /// its place, and its cells are the text and the label, letter for letter.
    pub is_plain: bool,
    /// The names in the header; the columns' numbers without one.
    pub columns: Vec<String>,
    /// The place of the texts in `columns`.
    pub text_column: usize,
    /// The place of the second texts in `columns`, where each row has two.
    pub second_text_column: Option<usize>,
    /// The places of two columns that look like the first and the second text of a row, where only one of them is used.
    pub likely_pair: Option<(usize, usize)>,
    /// The place of the labels in `columns`.
    pub label_column: usize,
    pub text_by: ColumnChoice,
    pub label_by: ColumnChoice,
    /// The first rows with all their columns, at most 50. Long cells are shortened.
    pub head: Vec<Vec<String>>,
    /// Rows that can be used, before any row limit.
    pub rows: usize,
    pub skipped: Skipped,
    /// The labels with the usable rows of each. Labels that are all numbers stand in the order of numbers, others in that
    /// of their texts.
    pub labels: Vec<LabelCount>,
    /// The labels that are written in several ways.
    pub merged: Vec<MergedLabel>,
    /// Rows of each label in the three parts, after the row limit.
    pub split: SplitCounts,
    /// A hash that changes whenever any text or label of the file does.
    pub content_hash: u64,
    /// The file's own labels with the model's classes that they were taken for; empty where no model was asked.
    pub matched: Vec<MatchedLabel>,
    /// What the user should know of the data, the weightier first.
    pub findings: Vec<Finding>,
}

/// The columns of a table, and what they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableHead {
    /// The names in the header; the columns' numbers without one.
    pub columns: Vec<String>,
    /// The first rows with all their columns. Long cells are shortened.
    pub rows: Vec<Vec<String>>,
    pub format: TableFormat,
    /// The sheets of a workbook that can be chosen.
    pub sheets: Vec<String>,
    /// WHATWG name of the encoding that it was read with.
    pub encoding: String,
    pub delimiter: char,
    pub quoting: Quoting,
    /// Whether the first row is one like the others.
    pub headless: bool,
}

/// The texts of one column of a table, to be classified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextColumn {
    /// The name of the file.
    pub file: String,
    /// The name of the column, and whether it was guessed.
    pub column: String,
    pub is_guess: bool,
    pub texts: Vec<String>,
    /// The name of the column with the second texts, where each row has two.
    pub second_column: Option<String>,
    /// The second texts, parallel to `texts`, or none.
    pub seconds: Vec<String>,
    /// The row of each text in the file, where the header is row 1.
    pub rows: Vec<u32>,
    pub skipped: Skipped,
}

/// Why a table cannot be trained on, with the columns from which others may be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedData {
    pub problem: Problem,
    pub table: TableHead,
}

impl DatasetSummary {
    /// The columns of a copy of texts and labels: of the first texts, of the second ones where there are such, and of the
    /// labels. Columns that go by their numbers get names.
    pub fn copy_columns(&self) -> Vec<String> {
        let places = std::iter::once(self.text_column).chain(self.second_text_column);
        let name = |place: usize| self.columns.get(place).cloned().unwrap_or_default();
        let columns: Vec<String> = places.chain([self.label_column]).map(name).collect();
        if columns.iter().all(|name| name.parse::<usize>().is_err()) {
            return columns;
        }
        let names = if columns.len() == 3 { &["text", "second_text", "label"][..] } else { &["text", "label"] };
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// The names of the columns of the first and of the second texts; none where each row has one text.
    pub fn text_columns(&self) -> Vec<String> {
        let second = self.second_text_column.and_then(|second| self.columns.get(second));
        let first = self.columns.get(self.text_column);
        first.zip(second).map(|(first, second)| vec![first.clone(), second.clone()]).unwrap_or_default()
    }

    /// Training rows of the largest class when no row but those above the row limit is left out. Rounding may make it wrong
    /// by a row or two.
    pub fn most_train_rows(&self, config: &DataConfig) -> usize {
        let largest = self.labels.iter().map(|label| label.count).max().unwrap_or(0) as f64;
        let kept = config.max_rows.map_or(1.0, |limit| (limit as f64 / self.rows.max(1) as f64).min(1.0));
        let test = if config.test.is_some() { 0.0 } else { config.split.test_share };
        let validation = if config.validation.is_some() { 0.0 } else { config.split.validation_share };
        (largest * kept * (1.0 - test) * (1.0 - validation)).round() as usize
    }

    /// The numbers 8, 16, 32 and so on, as long as they are fewer rows of each class than there are to train on.
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

/// A label that is written in several ways, which differ by case, by spaces or by how a number is written: `0` and `0.0`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedLabel {
    /// The most frequent way, by which the label goes.
    pub label: String,
    /// The other ways, with the rows of each.
    pub others: Vec<LabelCount>,
}

/// The rows of each label in each part, in label order.
pub type SplitCounts = Parts<Vec<usize>>;

impl SplitCounts {
    /// All rows of (train, validation, test).
    pub fn totals(&self) -> (usize, usize, usize) {
        (self.train.iter().sum(), self.validation.iter().sum(), self.test.iter().sum())
    }
}

/// Rows that could not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub count: usize,
    /// The first ones, at most 5.
    pub first: Vec<SkippedRow>,
    /// The reasons in the order of their first rows, at most 12. Rows of rarer reasons are only in `count`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<SkippedKind>,
}

/// The rows that were skipped for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedKind {
    pub reason: Problem,
    pub count: usize,
    /// The number of the first of them, as a spreadsheet shows it.
    pub row: usize,
}

impl Skipped {
    /// The reason of the most rows.
    pub fn most_frequent(&self) -> Option<&SkippedKind> {
        self.kinds.iter().rev().max_by_key(|kind| kind.count)
    }

    /// Adds what was skipped in another file.
    pub fn extend(&mut self, other: Self) {
        self.count += other.count;
        self.first.extend(other.first);
        self.kinds.extend(other.kinds);
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRow {
    /// The row's number as a spreadsheet shows it, where the header is row 1.
    pub row: usize,
    pub reason: Problem,
}

/// How long the texts are in tokens, as far as they are tokenised yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenLengths {
    /// `counts[n]` is the number of rows with n tokens, special tokens included. The last entry counts those that were cut.
    pub counts: Vec<usize>,
    pub done: usize,
    pub total: usize,
    pub max_length: usize,
    /// Rows that are longer than `max_length`.
    pub cut: usize,
}

impl TokenLengths {
    /// The tokens of the text in the middle, as far as they are read.
    pub fn median(&self) -> usize {
        let half = self.done.div_ceil(2);
        let mut seen = 0;
        let middle = self.counts.iter().position(|count| {
            seen += count;
            seen >= half
        });
        middle.unwrap_or(0).min(self.max_length)
    }

    /// The tokens of the longest text, as far as they are read.
    pub fn longest(&self) -> usize {
        self.counts.iter().rposition(|count| *count > 0).unwrap_or(0).min(self.max_length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_the_middle_and_at_the_end() {
        let lengths = |counts: &[usize], max_length: usize| {
            let (counts, done) = (counts.to_vec(), counts.iter().sum());
            TokenLengths { counts, done, total: done, max_length, cut: 0 }
        };
        let some = lengths(&[0, 0, 0, 4, 3, 1, 0], 5);
        assert_eq!((some.median(), some.longest()), (3, 5));
        let cut = lengths(&[0, 0, 0, 1, 0, 1, 9], 5);
        assert_eq!((cut.median(), cut.longest()), (5, 5), "what is cut is as long as it is read");
        let none = lengths(&[], 5);
        assert_eq!((none.median(), none.longest()), (0, 0));
    }
}
