//! What makes a record a usable row, and the reasons for skipping it.

use super::columns::Chosen;
use super::source::{Record, Table};
use super::texts::clean_text;
use crate::domain::config::DataConfig;
use crate::domain::names::{bare, composed};
use crate::domain::problem::{Outcome, Problem};

/// What stands for a missing value in the tables that programs write, in any case: the words that pandas reads as missing, and
/// the `\N` of databases.
const MISSING_WORDS: [&str; 13] = [
    "nan", "null", "n/a", "#n/a", "#n/a n/a", "#na", "<na>", "-nan", "1.#ind", "1.#qnan", "-1.#ind", "-1.#qnan", "\\N",
];
/// Such words that mean something else in another case: `none` is an answer, `na` a syllable.
const MISSING_AS_WRITTEN: [&str; 2] = ["None", "NA"];
/// The column in which sets of inferences have their labels, and what stands there where the annotators did not agree.
const NO_AGREEMENT: (&str, &str) = ("gold_label", "-");
/// No such word is longer, in bytes.
const LONGEST_WORD: usize = 9;

/// Whether a text or a label stands for a missing value.
fn is_missing_word(text: &str) -> bool {
    text.len() <= LONGEST_WORD
        && (MISSING_AS_WRITTEN.contains(&text)
            || MISSING_WORDS
                .iter()
                .any(|word| if *word == "\\N" { *word == text } else { word.eq_ignore_ascii_case(text) }))
}

/// What is used of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Usable {
    pub text: String,
    /// The second text, where each row has two.
    pub second: Option<String>,
    pub label: String,
}

/// How the records of one file are judged.
pub(super) struct Judge<'t> {
    columns: &'t [String],
    has_header: bool,
    chosen: Chosen,
    /// The name of the encoding when some bytes of the file mean nothing in it.
    damaged: Option<&'t str>,
    keeps_missing_words: bool,
}

impl<'t> Judge<'t> {
    pub fn new(table: &'t dyn Table, chosen: Chosen, damaged: Option<&'t str>, config: &DataConfig) -> Self {
        let keeps_missing_words = config.reading.keep_missing_words;
        Self { columns: table.columns(), has_header: table.header().0, chosen, damaged, keeps_missing_words }
    }

    /// The text and label of a record, and its second text. As Python's tokenisers refuse a missing second text, a row
    /// without one is skipped.
    ///
    /// # Errors
    /// The reason for skipping the record: `data-skip-*`.
    pub fn usable(&self, record: &dyn Record) -> Outcome<Usable> {
        if let Some(fault) = record.fault() {
            return Err(fault.clone());
        }
        if record.has_nul() {
            return Err(Problem::new("data-skip-nul"));
        }
        let width = self.columns.len();
        if record.len() > width && record.exceeds(width) {
            return Err(Problem::new("data-skip-fields")
                .with_count("fields", record.len())
                .with_count("columns", width));
        }
        let Chosen { text, second, label, .. } = self.chosen;
        if [Some(text), second, Some(label)].into_iter().flatten().any(|column| record.is_nested(column)) {
            return Err(Problem::new("data-skip-nested"));
        }
        let (text, second, label) = (record.get(text), second.map(|second| record.get(second)), record.get(label));
        let is_damaged = |cell: &str| cell.contains('\u{fffd}');
        if let Some(encoding) = self
            .damaged
            .filter(|_| is_damaged(&text) || is_damaged(&label) || second.as_deref().is_some_and(is_damaged))
        {
            return Err(Problem::new("data-skip-undecodable").with("encoding", encoding));
        }
        if self.is_header(record, &text, &label) {
            return Err(Problem::new("data-skip-header"));
        }
        let text = clean_text(&text).into_owned();
        let second = second.map(|second| clean_text(&second).into_owned());
        let label = composed(bare(&label)).into_owned();
        for (cell, empty, missing) in [
            (Some(&text), "data-skip-empty-text", "data-skip-missing-text"),
            (second.as_ref(), "data-skip-empty-second", "data-skip-missing-second"),
            (Some(&label), "data-skip-empty-label", "data-skip-missing-label"),
        ] {
            let Some(cell) = cell else { continue };
            if cell.is_empty() {
                return Err(Problem::new(empty));
            }
            let is_open = cell == NO_AGREEMENT.1 && self.columns[self.chosen.label] == NO_AGREEMENT.0;
            if !self.keeps_missing_words && (is_missing_word(cell) || is_open) {
                return Err(Problem::new(missing).with("word", cell));
            }
        }
        Ok(Usable { text, second, label })
    }

    /// Whether the record repeats the header, as in files that were joined.
    fn is_header(&self, record: &dyn Record, text: &str, label: &str) -> bool {
        // Each of the files that were joined may have begun with a byte order mark.
        let is_name = |cell: &str, column: usize| bare(cell).to_lowercase() == self.columns[column].to_lowercase();
        self.has_header
            && is_name(label, self.chosen.label)
            && is_name(text, self.chosen.text)
            && (0..self.columns.len()).all(|column| is_name(&record.get(column), column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_for_a_missing_value() {
        for word in ["nan", "NaN", "NAN", "NULL", "null", "None", "N/A", "n/a", "#N/A", "NA", "<NA>", "\\N", "-1.#QNAN"]
        {
            assert!(is_missing_word(word), "{word}");
        }
        for word in ["", "none", "NONE", "na", "\\n", "Nano", "no", "not available", "0", "nullity"] {
            assert!(!is_missing_word(word), "{word}");
        }
    }
}
