//! Turning data files into usable rows: texts with a label, their places in the file, and the rows that were skipped.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;

use super::columns::{self, Chosen, Names};
use super::copies::Copies;
use super::health::listed;
use super::labels::{key, merge};
use super::reader::shorten;
use super::source::{Content, File, Reading, Record, Table};
use super::split::{Splits, class_sizes};
use super::texts::Texts;
use super::usable::{Judge, Usable};
use crate::domain::config::DataConfig;
use crate::domain::dataset::{DatasetSummary, LabelCount, MergedLabel, Skipped, SkippedKind, SkippedRow};
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
const TELL_SKIPPED: [&str; 3] = ["data-many-skipped", "data-all-skipped", "data-wrong-encoding"];
/// Progress is reported after each so many records.
const REPORT_RECORDS: usize = 2000;

/// The cells of a record as a table shows them; those that it lacks are empty.
pub(super) fn head_cells(record: &dyn Record, columns: usize) -> Vec<String> {
    (0..columns).map(|i| shorten(&record.get(i), HEAD_CELL_CHARS)).collect()
}

/// The names of the text and label columns and whether the first row names them, where an earlier file has settled it.
#[derive(Clone, Copy)]
pub(super) struct Settled<'a> {
    pub text: &'a str,
    pub second: Option<&'a str>,
    pub label: &'a str,
    pub header: bool,
}

/// The usable rows of all files read so far.
#[derive(Default)]
pub(super) struct Rows {
    pub texts: Texts,
    /// The id of each row's label.
    pub labels: Vec<u32>,
    /// The row number of each row in its file, where the header is row 1.
    pub row_numbers: Vec<u32>,
    /// The labels in the order of their ids.
    pub names: Vec<String>,
    /// The labels' ids.
    pub ids: HashMap<String, u32>,
    /// The labels that are written in several ways.
    pub merged: Vec<MergedLabel>,
    /// The rows whose label is written in another way than it goes by.
    pub spelt: Vec<Spelt>,
    /// The ids of the labels by what all ways to write them have in common; `None` where several labels have it.
    keys: HashMap<String, Option<u32>>,
    /// The problem to report for a label without an id. When it is `None`, new labels get an id.
    foreign: Option<&'static str>,
}

/// A row whose label is written in another way than it goes by.
pub(super) struct Spelt {
    pub row: u32,
    pub written: Rc<str>,
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

    /// Takes note of what the columns of a usable record hold.
    fn compare(&mut self, record: &dyn Record) {
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
}

impl Loaded {
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

impl Loaded {
    /// Refuses what gives no usable rows or was read in a wrong encoding.
    ///
    /// # Errors
    /// `data-wrong-encoding`, `data-header-only`, `data-all-skipped`, `data-numeric-text`.
    pub fn check(&self) -> Outcome<()> {
        check_encoding(self)?;
        check_table(self)
    }
}

impl Rows {
    /// Lets no other labels come; they are reported as `problem`.
    fn close(&mut self, problem: &'static str) {
        self.ids = self.names.iter().enumerate().map(|(id, name)| (name.clone(), id as u32)).collect();
        for (id, name) in self.names.iter().enumerate() {
            self.keys.entry(key(name)).and_modify(|id| *id = None).or_insert(Some(id as u32));
        }
        self.foreign = Some(problem);
    }

    /// Adds the usable rows of `file`. `settled` is what an earlier file has settled. `progress` gets the bytes read so far.
    ///
    /// # Errors
    /// `data-*`, naming the file.
    pub fn load(
        &mut self,
        file: &File<'_>,
        config: &DataConfig,
        settled: Option<Settled<'_>>,
        progress: &dyn Fn(usize),
    ) -> Outcome<Loaded> {
        let content = Content::of(file, config)?;
        let header = settled.map(|settled| settled.header).or(config.reading.header);
        let mut table = content.table(config, header)?;
        let told = match settled {
            Some(Settled { text, second, label, .. }) => Names { text: Some(text), second, label: Some(label) },
            None => Names {
                text: config.reading.text_column.as_deref(),
                second: config.reading.second_text_column.as_deref(),
                label: config.reading.label_column.as_deref(),
            },
        };
        let chosen = columns::choose(table.as_mut(), told)?;
        let table = table.as_ref();
        let mut loaded = Loaded::new(file, &content.reading, table, chosen);
        let names = |column: usize| table.columns()[column].as_str();
        let why = columns::why(names(chosen.text), names(chosen.label), (told.text.is_some(), told.label.is_some()));
        (loaded.summary.text_by, loaded.summary.label_by) = why;
        // The reasons of skipped rows name their file where it is not the first one.
        let of_file = settled.map_or_else(String::new, |_| format!(" ({})", file.name));
        let damaged = content.reading.is_damaged.then_some(content.reading.encoding.as_str());
        let judge = Judge::new(table, chosen, damaged, config);
        let visited = table.visit(&mut |record| {
            loaded.count(record);
            if loaded.records.is_multiple_of(REPORT_RECORDS) {
                progress(bytes_read(file.bytes.len(), record.end(), table.len()));
            }
            match judge.usable(record) {
                Ok(row) => {
                    loaded.compare(record);
                    loaded.numeric_texts += usize::from(is_number(&row.text));
                    loaded.numeric_seconds += usize::from(row.second.as_deref().is_some_and(is_number));
                    self.add(&row, record.row(), file)?;
                }
                Err(reason) => {
                    let place = record.place().map_or_else(|| of_file.clone(), |place| format!(" ({place})"));
                    loaded.skip(record, reason.with("place", place));
                }
            }
            Ok(ControlFlow::Continue(()))
        });
        let checked = visited.and_then(|()| {
            progress(file.bytes.len());
            loaded.check()?;
            check_skipped(&loaded, config)
        });
        checked.map_err(|problem| after_skipped(problem, &loaded.summary.skipped))?;
        Ok(loaded)
    }

    fn add(&mut self, usable: &Usable, row: usize, file: &File<'_>) -> Outcome<()> {
        let Usable { text, second, label } = usable;
        let label = label.as_str();
        let known = self.ids.get(label).copied();
        let id = match (known.or_else(|| self.same(label)), self.foreign) {
            (Some(id), None) => id,
            (Some(id), Some(_)) => {
                if known.is_none() {
                    self.ids.insert(label.to_owned(), id);
                }
                if (known.is_none() || !self.merged.is_empty()) && self.names[id as usize] != label {
                    self.merge_row(label, id);
                }
                id
            }
            (None, Some(problem)) => {
                return Err(Problem::new(problem)
                    .with("file", &file.name)
                    .with_count("row", row)
                    .with("label", shorten(label, SHOWN_CHARS))
                    .with("labels", some_of(&self.names)));
            }
            (None, None) => {
                let id = self.names.len() as u32;
                self.names.push(label.to_owned());
                self.ids.insert(label.to_owned(), id);
                id
            }
        };
        match second {
            None => self.texts.push(text),
            Some(second) => self.texts.push_pair(text, second),
        }
        self.labels.push(id);
        self.row_numbers.push(u32::try_from(row).unwrap_or(u32::MAX));
        Ok(())
    }

    /// The label that this is another way to write of, once no other labels may come.
    pub fn same(&self, label: &str) -> Option<u32> {
        self.keys.get(&key(label)).copied().flatten().filter(|_| self.foreign.is_some())
    }

    /// Counts a row whose label is written in another way than the label goes by.
    fn merge_row(&mut self, written: &str, id: u32) {
        let row = self.labels.len() as u32;
        self.spelt.push(Spelt { row, written: written.into() });
        let label = &self.names[id as usize];
        let at = self.merged.iter().position(|merged| merged.label == *label).unwrap_or_else(|| {
            self.merged.push(MergedLabel { label: label.clone(), others: Vec::new() });
            self.merged.len() - 1
        });
        let others = &mut self.merged[at].others;
        match others.iter_mut().find(|other| other.label == written) {
            Some(other) => other.count += 1,
            None => others.push(LabelCount { label: written.to_owned(), count: 1 }),
        }
    }

    /// Makes one label of those that are the same, and gives the labels their final ids, in the order of their values when
    /// all are numbers, else in the order of their texts. Later files may not bring new labels.
    pub fn order_labels(&mut self) {
        let counts = class_sizes(self.labels.iter().copied(), self.names.len());
        let written: Vec<Rc<str>> = self.names.iter().map(|name| name.as_str().into()).collect();
        let merged = merge(std::mem::take(&mut self.names), &counts);
        let names = merged.names;
        if names.len() < written.len() {
            let rows = self.labels.iter().map(|label| *label as usize).enumerate();
            let others = rows.filter(|(_, label)| *written[*label] != names[merged.places[*label]]);
            let spelt = |(row, label): (usize, usize)| Spelt { row: row as u32, written: Rc::clone(&written[label]) };
            self.spelt = others.map(spelt).collect();
        }
        let numbers: Option<Vec<f64>> = names.iter().map(|n| n.parse().ok().filter(|x: &f64| x.is_finite())).collect();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|a, b| {
            let by_number = numbers.as_ref().map_or(std::cmp::Ordering::Equal, |n| n[*a].total_cmp(&n[*b]));
            by_number.then_with(|| names[*a].cmp(&names[*b]))
        });
        let mut new_ids = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            new_ids[*old] = new as u32;
        }
        self.labels.iter_mut().for_each(|label| *label = new_ids[merged.places[*label as usize]]);
        self.names = order.iter().map(|old| names[*old].clone()).collect();
        self.merged = merged.merged;
        self.close("data-unknown-label");
    }

    /// What a row's label goes by.
    pub fn name_of(&self, row: u32) -> &str {
        &self.names[self.labels[row as usize] as usize]
    }

    /// Which rows hold the same texts.
    pub fn copies(&self) -> Copies {
        Copies::of(&self.texts)
    }

    /// A hash of the data, by which a run knows its data set again: FNV-1a (64 bit) over the sizes of the files, then over
    /// every text and label, each followed by a byte that UTF-8 never has.
    pub fn content_hash(&self, sizes: &[usize]) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut feed = |bytes: &[u8]| {
            for b in bytes.iter().chain(&[0xff]) {
                hash = (hash ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        sizes.iter().for_each(|size| feed(&size.to_le_bytes()));
        for (i, label) in self.labels.iter().enumerate() {
            feed(self.texts.get(i).as_bytes());
            self.texts.second(i).into_iter().for_each(|second| feed(second.as_bytes()));
            feed(self.names[*label as usize].as_bytes());
        }
        hash
    }

    /// Drops the rows of the first file that are not among `kept`. Afterwards `splits` has the rows' new indices.
    pub fn keep(&mut self, kept: &[u32], main_rows: usize, splits: &mut Splits) {
        let all: Vec<u32> = kept.iter().copied().chain(main_rows as u32..self.labels.len() as u32).collect();
        let mut places = vec![0; self.labels.len()];
        for (new, old) in all.iter().enumerate() {
            places[*old as usize] = new as u32;
        }
        for part in [&mut splits.train, &mut splits.validation, &mut splits.test] {
            part.iter_mut().for_each(|row| *row = places[*row as usize]);
        }
        self.texts = self.texts.of_rows(&all);
        self.labels = all.iter().map(|i| self.labels[*i as usize]).collect();
        self.row_numbers = all.iter().map(|i| self.row_numbers[*i as usize]).collect();
    }
}

/// Whether a text is a number, also one with commas.
fn is_number(text: &str) -> bool {
    text.len() <= 40 && text.contains(|c: char| c.is_ascii_digit()) && text.replace(',', "").parse::<f64>().is_ok()
}

/// How many of a file's bytes have been read where `end` of the `length` bytes of its decoded text have been. Decoded text
/// can be three times as long as the file, so that the product needs more than 64 bits.
fn bytes_read(file_bytes: usize, end: usize, length: usize) -> usize {
    let share = file_bytes as u128 * end as u128 / length.max(1) as u128;
    file_bytes.min(share as usize)
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
    if loaded.records == 0 {
        return Err(problem("data-header-only"));
    }
    let usable = loaded.records - skipped.count;
    if usable == 0 {
        let (row, reason) = skipped
            .most_frequent()
            .map_or((2, Problem::new("data-skip-nul").with("place", "")), |m| (m.row, m.reason.clone()));
        return Err(problem("data-all-skipped")
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
fn check_skipped(loaded: &Loaded, config: &DataConfig) -> Outcome<()> {
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

/// Writes names in a line, of which only the first ones are written out where there are very many.
fn some_of(names: &[String]) -> String {
    const MOST: usize = 20;
    let shown = names[..names.len().min(MOST)].join(", ");
    if names.len() > MOST { format!("{shown}, …") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The product of two sizes of 4 GB and more does not fit 64 bits.
    #[test]
    fn the_progress_of_the_largest_file() {
        let four_gb = 4 << 30;
        assert_eq!(bytes_read(four_gb, 3 * four_gb, 3 * four_gb), four_gb);
        assert_eq!(bytes_read(four_gb, 3 * four_gb / 2, 3 * four_gb), four_gb / 2);
        assert_eq!(bytes_read(10, 10, 0), 10);
    }
}
