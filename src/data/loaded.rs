//! What a file holds beside its usable rows: its first rows, those that were skipped, columns that say nothing; and whether
//! it can be used at all.

use std::collections::BTreeSet;
use std::path::Path;

use super::columns::{self, Chosen};
use super::health::listed;
use super::reader::shorten;
use super::source::{File, Reading, Record, Table};
use super::usable::Usable;
use crate::domain::config::DataConfig;
use crate::domain::dataset::{DatasetSummary, Skipped, SkippedKind, SkippedRow, TableFormat};
use crate::domain::health::{Finding, Found, FoundRow, LISTED_ROWS, PartName};
use crate::domain::problem::{Outcome, Problem};

/// A table shows this many of its rows.
pub(super) const HEAD_ROWS: usize = 50;
const HEAD_CELL_CHARS: usize = 200;
/// This many skipped rows are shown with their reasons.
pub(super) const SHOWN_SKIPPED: usize = 5;
/// This many reasons of skipped rows are told apart.
const TOLD_REASONS: usize = 12;
/// A message shows so many characters of a label.
pub(super) const SHOWN_CHARS: usize = 60;
/// These problems are about skipped rows themselves.
const TELL_SKIPPED: [&str; 6] = [
    "data-many-skipped",
    "data-all-skipped",
    "data-all-skipped-records",
    "data-nested-records",
    "data-note-formulas",
    "data-wrong-encoding",
];
/// What columns are called that tell which rows train and which test, and what stands in them.
const PART_COLUMNS: [&str; 8] = ["split", "is_valid", "is_train", "is_test", "partition", "subset", "set", "part"];
const PART_VALUES: [&str; 14] =
    ["train", "training", "test", "testing", "valid", "validation", "val", "dev", "true", "false", "0", "1", "2", ""];

/// The cells of a record as a table shows them; those that it lacks are empty.
pub(super) fn head_cells(record: &dyn Record, columns: usize) -> Vec<String> {
    (0..columns).map(|i| shorten(&record.get(i), HEAD_CELL_CHARS)).collect()
}

/// What a file holds beside its usable rows.
#[derive(Default)]
pub(super) struct Loaded {
    /// What the user sees of the file, without its rows' numbers, labels and parts.
    pub summary: DatasetSummary,
    /// Whether both columns were guessed by their contents.
    pub by_content: bool,
    /// Records below the header.
    pub records: usize,
    numeric_texts: usize,
    numeric_seconds: usize,
    /// Records with bytes that mean nothing in the encoding, and the row of the first of them.
    undecodable: usize,
    first_undecodable: usize,
    /// The skipped rows of each kind, in the order of the kinds.
    behind: Vec<Vec<FoundRow>>,
    /// What each column holds, as long as that is the same in all usable records; `None` once it is not.
    constant: Vec<Option<String>>,
}

impl Loaded {
    pub fn new(file: &File<'_>, reading: &Reading, table: &dyn Table, chosen: Chosen) -> Self {
        let (delimiter, delimiter_guessed) = table.delimiter().unwrap_or_default();
        let (quoting, quoting_guessed) = table.quoting().unwrap_or_default();
        let (header, header_guessed) = table.header();
        let summary = DatasetSummary {
            name: file.name.clone(),
            path: file.path.map(Path::to_owned),
            bytes: file.bytes.len() as u64,
            format: reading.format,
            sheet: reading.sheet.clone(),
            sheets: reading.sheets.clone(),
            notes: file.notes.iter().chain(&reading.notes).cloned().collect(),
            encoding: reading.encoding.clone(),
            encoding_guessed: reading.encoding_guessed,
            delimiter,
            delimiter_guessed,
            quoting,
            quoting_guessed,
            headless: !header,
            header_guessed,
            columns: table.columns().to_vec(),
            text_column: chosen.text,
            second_text_column: chosen.second,
            likely_pair: match chosen.second {
                None => columns::pairs::likely(table.columns(), chosen.text, chosen.label),
                Some(_) => None,
            },
            label_column: chosen.label,
            is_plain: is_plain(file, reading, table),
            ..DatasetSummary::default()
        };
        Self { summary, by_content: chosen.by_content, ..Self::default() }
    }

    pub fn count(&mut self, record: &dyn Record) {
        self.records += 1;
        let DatasetSummary { head, columns, .. } = &mut self.summary;
        if head.len() < HEAD_ROWS {
            head.push(head_cells(record, columns.len()));
        }
    }

    /// Takes note of a usable record, and of what its columns hold.
    pub fn take(&mut self, record: &dyn Record, row: &Usable) {
        self.summary.is_plain = self.summary.is_plain && self.is_as_written(record, row);
        self.numeric_texts += usize::from(is_number(&row.text));
        self.numeric_seconds += usize::from(row.second.as_deref().is_some_and(is_number));
        if self.constant.is_empty() {
            let columns = self.summary.columns.len();
            self.constant = (0..columns).map(|i| Some(record.get(i).trim().to_owned())).collect();
        }
        for (i, first) in self.constant.iter_mut().enumerate() {
            if first.as_ref().is_some_and(|first| *first != record.get(i).trim()) {
                *first = None;
            }
        }
    }

    /// Whether the record's number follows from its place among the records, and its cells are what is used of it.
    fn is_as_written(&self, record: &dyn Record, row: &Usable) -> bool {
        let DatasetSummary { format, columns, text_column, second_text_column, label_column, .. } = &self.summary;
        let above = usize::from(*format != TableFormat::JsonLines);
        let has_cells = record.get(*text_column) == row.text && record.get(*label_column) == row.label;
        let second = second_text_column.map(|column| record.get(column));
        let is_named = !matches!(*format, TableFormat::JsonLines | TableFormat::Workbook) || reads_as_text(&row.label);
        // Pandas takes the first column for an index where rows have a cell more than the header.
        let has_columns = record.len() <= columns.len();
        record.row() == self.records + above
            && has_columns
            && has_cells
            && second.as_deref() == row.second.as_deref()
            && is_named
    }

    /// Says of a column that seems to tell the parts of the data that it does not.
    pub fn part_column(&self) -> Option<Problem> {
        let DatasetSummary { columns, head, text_column, label_column, name, .. } = &self.summary;
        let is_of_parts = |(at, column): &(usize, &String)| {
            let values: BTreeSet<String> =
                head.iter().filter_map(|row| row.get(*at)).map(|cell| cell.trim().to_lowercase()).collect();
            PART_COLUMNS.contains(&column.to_lowercase().as_str())
                && ![text_column, label_column].contains(&at)
                && values.len() > 1
                && values.iter().all(|value| PART_VALUES.contains(&value.as_str()))
        };
        let (_, column) = columns.iter().enumerate().find(is_of_parts)?;
        Some(Problem::new("data-note-part-column").with("file", name).with("column", column))
    }

    /// Takes note of a skipped record, whose label and text are listed as they stand in it.
    pub fn skip(&mut self, record: &dyn Record, reason: Problem) {
        let row = record.row();
        if reason.id == "data-skip-undecodable" {
            self.undecodable += 1;
            if self.undecodable == 1 {
                self.first_undecodable = row;
            }
        }
        let skipped = &mut self.summary.skipped;
        skipped.count += 1;
        let known = skipped.kinds.iter().position(|kind| kind.reason == reason);
        let place = known.unwrap_or(skipped.kinds.len());
        if known.is_none() && place < TOLD_REASONS {
            skipped.kinds.push(SkippedKind { reason: reason.clone(), count: 0, row });
            self.behind.push(Vec::new());
        }
        if let (Some(kind), Some(rows)) = (skipped.kinds.get_mut(place), self.behind.get_mut(place)) {
            kind.count += 1;
            if rows.len() < LISTED_ROWS {
                let cell = |column: usize| record.get(column);
                let (label, text) = (cell(self.summary.label_column), cell(self.summary.text_column));
                let second = self.summary.second_text_column.map(cell);
                rows.push(listed(PartName::Train, row, &label, (&text, second.as_deref())));
            }
        }
        if skipped.first.len() < SHOWN_SKIPPED {
            skipped.first.push(SkippedRow { row, reason });
        }
    }

    /// What was found while the file was read, which is the file of `part`: skipped rows, and columns that say nothing.
    pub fn findings(&mut self, part: PartName) -> Vec<Finding> {
        let DatasetSummary { skipped, columns, text_column, second_text_column, label_column, .. } = &self.summary;
        let of_kind = |(kind, rows): (&SkippedKind, Vec<FoundRow>)| Finding {
            found: Found::SkippedRows { reason: kind.reason.clone(), rows: kind.count },
            rows: rows.into_iter().map(|row| FoundRow { file: part, ..row }).collect(),
        };
        let mut findings: Vec<Finding> =
            skipped.kinds.iter().zip(std::mem::take(&mut self.behind)).map(of_kind).collect();
        let rest = skipped.count - skipped.kinds.iter().map(|kind| kind.count).sum::<usize>();
        let without_rows = |found| Finding { found, rows: Vec::new() };
        findings.extend((rest > 0).then(|| without_rows(Found::SkippedOtherwise { rows: rest })));
        let is_of_use = |i: &usize| [Some(*text_column), *second_text_column, Some(*label_column)].contains(&Some(*i));
        let constant = self.constant.iter().enumerate().filter(|(i, _)| !is_of_use(i) && part == PartName::Train);
        findings.extend(constant.filter_map(|(i, value)| {
            let (column, value) = (columns[i].clone(), value.clone()?);
            Some(without_rows(match value.is_empty() {
                true => Found::EmptyColumn { column },
                false => Found::ConstantColumn { column, value: shorten(&value, SHOWN_CHARS) },
            }))
        }));
        findings
    }

    /// Refuses what gives no usable rows or was read in a wrong encoding.
    ///
    /// # Errors
    /// `data-wrong-encoding`, `data-header-only`, `data-all-skipped`, `data-numeric-text`.
    pub fn check(&self) -> Outcome<()> {
        check_encoding(self)?;
        check_table(self)
    }
}

/// The problem, and with it how many rows were skipped before it came up.
pub(super) fn after_skipped(problem: Problem, skipped: &Skipped) -> Problem {
    match skipped.first.first() {
        Some(first) if !TELL_SKIPPED.contains(&problem.id.as_ref()) => problem.with_beside(
            Problem::new("data-skipped-before")
                .with_count("count", skipped.count)
                .with_count("row", first.row)
                .with_problem("reason", first.reason.clone()),
        ),
        _ => problem,
    }
}

/// Whether the file itself is a table such as every reader of its format expects.
fn is_plain(file: &File<'_>, reading: &Reading, table: &dyn Table) -> bool {
    let is_alone = file.path.is_some() && file.texts.is_none() && file.tables.is_empty() && reading.notes.is_empty();
    let is_open = file.notes.is_empty() && !reading.is_damaged && file.is_packed_as_named();
    // A repeated name, or one with spaces at its ends, is another name elsewhere.
    let names: BTreeSet<&String> = table.columns().iter().collect();
    let is_name = |name: &&String| !name.is_empty();
    let are_names = names.len() == table.columns().len() && names.iter().all(is_name) && table.has_bare_names();
    let is_usual = table.quoting().is_none_or(|(quoting, _)| quoting.is_usual());
    is_alone && is_open && are_names && is_usual && table.header().0
}

/// Whether a label that is no text in the file, such as a number, becomes the same text elsewhere.
fn reads_as_text(label: &str) -> bool {
    let is_whole = label.parse::<i64>().is_ok_and(|number| number.to_string() == label);
    is_whole || (label.parse::<f64>().is_err() && !["true", "false"].contains(&label.to_lowercase().as_str()))
}

/// Whether a text is a number, also one with commas.
fn is_number(text: &str) -> bool {
    text.len() <= 40 && text.contains(|c: char| c.is_ascii_digit()) && text.replace(',', "").parse::<f64>().is_ok()
}

/// Refuses an encoding in which more than one row in a hundred has bytes that mean nothing. A single row is skipped only.
fn check_encoding(loaded: &Loaded) -> Outcome<()> {
    if loaded.undecodable <= 1.max(loaded.records / 100) {
        return Ok(());
    }
    Err(Problem::new("data-wrong-encoding")
        .with("file", &loaded.summary.name)
        .with("encoding", &loaded.summary.encoding)
        .with_count("row", loaded.first_undecodable))
}

/// Refuses a table that gives no usable rows, or whose text column holds numbers.
fn check_table(loaded: &Loaded) -> Outcome<()> {
    let DatasetSummary { columns, skipped, text_column, second_text_column, .. } = &loaded.summary;
    let problem = |id| Problem::new(id).with("file", &loaded.summary.name);
    let notes = &loaded.summary.notes;
    if let Some(note) = notes.iter().find(|note| note.id == "data-note-formulas" && loaded.records == skipped.count) {
        return Err(note.clone());
    }
    if loaded.records == 0 {
        return Err(problem("data-header-only"));
    }
    let usable = loaded.records - skipped.count;
    if usable == 0 {
        let (row, reason) = skipped
            .most_frequent()
            .map_or((2, Problem::new("data-skip-nul").with("place", "")), |m| (m.row, m.reason.clone()));
        if reason.id == "data-skip-nested" {
            return Err(problem("data-nested-records")
                .with_count("rows", loaded.records)
                .with("columns", columns.join(", ")));
        }
        let is_delimited = loaded.summary.format == TableFormat::Delimited;
        return Err(problem(if is_delimited { "data-all-skipped" } else { "data-all-skipped-records" })
            .with_count("rows", loaded.records)
            .with_count("row", row)
            .with_problem("reason", reason)
            .with("columns", columns.join(", ")));
    }
    for (numeric, column) in [(loaded.numeric_texts, Some(*text_column)), (loaded.numeric_seconds, *second_text_column)]
    {
        if let Some(column) = column.filter(|_| numeric * 20 >= usable * 19) {
            let problem = problem("data-numeric-text").with("column", &columns[column]);
            return Err(problem.with("columns", columns.join(", ")));
        }
    }
    Ok(())
}

/// Asks before a table is used of which more than a tenth has to be skipped.
pub(super) fn check_skipped(loaded: &Loaded, config: &DataConfig) -> Outcome<()> {
    let DatasetSummary { skipped, name, .. } = &loaded.summary;
    let Some(most) =
        skipped.most_frequent().filter(|_| skipped.count * 10 > loaded.records && !config.reading.accept_skipped)
    else {
        return Ok(());
    };
    Err(Problem::new("data-many-skipped")
        .with("file", name)
        .with_count("count", skipped.count)
        .with_count("rows", loaded.records)
        .with_percent("percent", skipped.count as f64 / loaded.records as f64)
        .with_count("row", most.row)
        .with_problem("reason", most.reason.clone())
        .with_count("left", loaded.records - skipped.count))
}
