//! What is said of the health of data, in the window, the terminal and the card of a run.

use super::shared::merged_label;
use super::{Catalogue, Number};
use crate::domain::dataset::MergedLabel;
use crate::domain::health::{Finding, Found, FoundRow, PartName, seen_test_rows};
use crate::domain::problem::Problem;

/// The sentence of a finding, with its first row where there is one.
pub fn finding(words: &Catalogue, finding: &Finding) -> String {
    let first = finding.rows.first().map_or(0, |row| row.row as usize);
    match &finding.found {
        Found::SkippedRows { reason, rows } => {
            let reason = words.problem(reason);
            words.say_with("health-skipped", &[("row", &first), ("count", rows), ("reason", &reason)])
        }
        Found::ConflictingLabels { .. } => {
            // The first text's rows come first, and some of them have another label.
            let label = finding.rows.first().map(|row| &row.label);
            let other = finding.rows.iter().find(|row| Some(&row.label) != label);
            let second = other.map_or(0, |row| row.row as usize);
            let line = found(words, &finding.found);
            words.say_with("health-rows-first-two", &[("line", &line), ("first", &first), ("second", &second)])
        }
        Found::Overlap { .. } | Found::Copies { .. } if first > 0 => {
            let mut line = found(words, &finding.found);
            if finding.rows.first().is_some_and(|row| row.file != PartName::Train) {
                line = words.say_with("health-overlap-files", &[("line", &line)]);
            }
            words.say_with("health-rows-first", &[("line", &line), ("first", &first)])
        }
        other => found(words, other),
    }
}

/// What was found in a few words, for a line that opens the rows and the sentence.
pub fn title(words: &Catalogue, found: &Found) -> String {
    match found {
        Found::Overlap { part, with, rows, of } => words.say_with(
            "health-overlap-title",
            &[("part", &part.name()), ("with", &with.name()), ("rows", rows), ("of", of)],
        ),
        Found::FewTexts { label, texts, rows } => {
            words.say_with("health-few-texts-title", &[("label", label), ("texts", texts), ("rows", rows)])
        }
        Found::ConflictingLabels { texts, rows } => {
            words.say_with("health-conflicts-title", &[("texts", texts), ("rows", rows)])
        }
        Found::SkippedRows { reason, rows } => {
            let reason = words.problem(reason);
            words.say_with("health-skipped-title", &[("count", rows), ("reason", &reason)])
        }
        Found::Copies { texts, rows, .. } => words.say_with("health-copies-title", &[("texts", texts), ("rows", rows)]),
        Found::LabelSpellings { label, others } => {
            words.say_with("health-spellings-title", &[("label", label), ("count", &(others.len() + 1))])
        }
        Found::UnknownWords { share, .. } => {
            words.say_with("health-unknown-title", &[("share", &Number::Percent(*share))])
        }
        Found::LetterByLetter { share, .. } => {
            words.say_with("health-letters-title", &[("share", &Number::Percent(*share))])
        }
        Found::ConstantColumn { column, .. } => words.say_with("health-constant-title", &[("column", column)]),
        Found::EmptyColumn { .. } | Found::SkippedOtherwise { .. } => self::found(words, found),
    }
}

/// The sentence of what was found, without its rows.
pub fn found(words: &Catalogue, found: &Found) -> String {
    match found {
        Found::Overlap { part, with, rows, of } => words
            .say_with("health-overlap", &[("part", &part.name()), ("with", &with.name()), ("rows", rows), ("of", of)]),
        Found::FewTexts { label, texts, rows } => {
            words.say_with("health-few-texts", &[("label", label), ("texts", texts), ("rows", rows)])
        }
        Found::ConflictingLabels { texts, rows } => {
            words.say_with("health-conflicts", &[("texts", texts), ("rows", rows)])
        }
        Found::Copies { texts, rows, together } => {
            let line = words.say_with("health-copies", &[("texts", texts), ("rows", rows)]);
            match together {
                Some(true) => format!("{line} {}", words.say("health-copies-together")),
                Some(false) => format!("{line} {}", words.say("health-copies-apart")),
                None => line,
            }
        }
        Found::SkippedRows { reason, rows } => {
            let reason = words.problem(reason);
            words.say_with("health-skipped", &[("row", &0_usize), ("count", rows), ("reason", &reason)])
        }
        Found::SkippedOtherwise { rows } => words.say_with("health-skipped-otherwise", &[("count", rows)]),
        Found::ConstantColumn { column, value } => {
            words.say_with("health-constant", &[("column", column), ("value", value)])
        }
        Found::EmptyColumn { column } => words.say_with("health-empty", &[("column", column)]),
        Found::LabelSpellings { label, others } => {
            merged_label(words, &MergedLabel { label: label.clone(), others: others.clone() })
        }
        Found::UnknownWords { model, share } => {
            words.problem(&Problem::new("run-unknown-words").with("model", model).with_percent("share", *share))
        }
        Found::LetterByLetter { share, .. } => {
            words.say_with("legibility-poor", &[("share", &Number::Percent(*share))])
        }
    }
}

/// Where a listed row is: its number, and the file where that is not the one that is split.
pub fn place(words: &Catalogue, row: &FoundRow) -> String {
    let number = Number::Plain(row.row.into());
    match row.file {
        PartName::Train => words.write(number),
        file => words.say_with("health-row-of", &[("row", &number), ("part", &file.name())]),
    }
}

/// Says how many of the test rows the model has met in training, which comes beside every measure of the test.
pub fn seen_in_training(words: &Catalogue, found: &[Found], test_rows: usize) -> Option<String> {
    let rows = seen_test_rows(found)?;
    Some(words.say_with("health-test-seen", &[("rows", &rows), ("of", &test_rows)]))
}
