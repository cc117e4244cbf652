//! Every row of a file in its order, also those that cannot be used, to be answered. What is made of lines is read in a stream.

use std::ops::ControlFlow;

use super::columns::{Chosen, choose_texts, is_usual_text_name};
use super::loaded::{Loaded, after_skipped};
use super::source::{Content, File, Reading, Record, Stream, Table};
use super::usable::Judge;
use crate::domain::config::{DataConfig, DataSource};
use crate::domain::dataset::Skipped;
use crate::domain::message::RowTexts;
use crate::domain::names::is_same;
use crate::domain::problem::{Outcome, Problem};

/// After so many rows it is looked whether the file can be used at all, so that no one waits for the end to hear it.
const CHECKED_ROWS: usize = 10_000;

/// What is known of a file before its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsBegin {
    pub file: String,
    /// The names in the header; the columns' numbers without one.
    pub columns: Vec<String>,
    /// The column of the texts, and that of the second ones where each row has two.
    pub text_column: String,
    pub second_column: Option<String>,
    /// Whether the column of the texts is a guess.
    pub is_guess: bool,
    /// Whether the file is read in a stream. Other files are in memory as a whole.
    pub is_streamed: bool,
    /// What the user should know of how it was read.
    pub notes: Vec<Problem>,
}

/// A row, and what a model reads of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EveryRow {
    /// As many cells as there are columns. What a row has beyond them stands in its last cell, with the delimiters.
    pub cells: Vec<String>,
    /// `None` for a row that cannot be used.
    pub texts: Option<RowTexts>,
}

/// Takes the rows of a file.
pub trait TakesRows {
    /// Comes before all rows.
    ///
    /// # Errors
    /// What ends the reading.
    fn begin(&mut self, begin: &RowsBegin) -> Outcome<()>;

    /// Takes the next row, up to whose end so many of all units of the file are read.
    ///
    /// # Errors
    /// What ends the reading.
    fn take(&mut self, row: EveryRow, done: usize, total: usize) -> Outcome<()>;
}

/// Hands every row to `takes`, and says of which of them nothing can be used. The texts are in the column that `config` names,
/// else in the one that is called as the model's own, else in the only one or in the one with a usual name for texts.
/// `progress` hears of the reading before the first row.
///
/// # Errors
/// `data-which-texts` where no name tells the column of the texts; other `data-*` problems, naming the file; `file-error`;
/// what `takes` and `progress` return.
pub fn every_row(
    config: &DataConfig,
    own_column: Option<&str>,
    progress: &dyn Fn(u64, u64) -> Outcome<()>,
    takes: &mut dyn TakesRows,
) -> Outcome<Skipped> {
    let streamed = match &config.source {
        DataSource::File(path) => Stream::open(path, config, progress)?.map(|stream| (path, stream)),
        DataSource::Bundled => None,
    };
    if let Some((path, stream)) = streamed {
        let file = File::named(stream.file().to_owned(), path);
        return of_table(&stream, (&file, &stream.reading), config, own_column, true, takes);
    }
    let file = File::read(config, &|_, _| {})?.for_test();
    let content = Content::of(&file, config)?;
    let table = content.texts(config)?;
    of_table(table.as_ref(), (&file, &content.reading), config, own_column, false, takes)
}

/// Says in which encoding a file is taken to be, where that is a guess that may well be wrong.
fn guessed_encoding(file: &str, reading: &Reading) -> Option<Problem> {
    let is_sure = !reading.encoding_guessed || reading.encoding.starts_with("UTF-") || reading.encoding.is_empty();
    let note = || Problem::new("data-note-encoding").with("file", file).with("encoding", &reading.encoding);
    (!is_sure).then(note)
}

fn of_table(
    table: &dyn Table,
    (file, reading): (&File<'_>, &Reading),
    config: &DataConfig,
    own_column: Option<&str>,
    is_streamed: bool,
    takes: &mut dyn TakesRows,
) -> Outcome<Skipped> {
    let columns = table.columns().to_vec();
    let (text, second, is_guess) = texts_of(table, config, own_column)?;
    // A text is its own label, so that a row needs nothing but it.
    let chosen = Chosen { text, second, label: text, by_content: false };
    let mut loaded = Loaded::new(file, reading, table, chosen);
    let damaged = reading.is_damaged.then_some(reading.encoding.as_str());
    let judge = Judge::new(table, chosen, damaged, config);
    takes.begin(&RowsBegin {
        file: table.file().to_owned(),
        columns: columns.clone(),
        text_column: columns[text].clone(),
        second_column: second.map(|second| columns[second].clone()),
        is_guess,
        is_streamed,
        notes: loaded.summary.notes.iter().cloned().chain(guessed_encoding(table.file(), reading)).collect(),
    })?;
    let (delimiter, total) = (table.delimiter().map_or(',', |(delimiter, _)| delimiter), table.len());
    let check = |loaded: &Loaded| loaded.check().map_err(|problem| after_skipped(problem, &loaded.summary.skipped));
    table.visit(&mut |record| {
        loaded.count(record);
        let texts = match judge.usable(record) {
            Ok(row) => Some(RowTexts { text: row.text, second: row.second }),
            Err(reason) => {
                let place = record.place().map_or_else(String::new, |place| format!(" ({place})"));
                loaded.skip(record, reason.with("place", place));
                None
            }
        };
        if loaded.records == CHECKED_ROWS {
            check(&loaded)?;
        }
        takes.take(EveryRow { cells: cells(record, columns.len(), delimiter), texts }, record.end(), total)?;
        Ok(ControlFlow::Continue(()))
    })?;
    check(&loaded)?;
    Ok(loaded.summary.skipped)
}

/// The cells of a record; see [`EveryRow::cells`].
fn cells(record: &dyn Record, columns: usize, delimiter: char) -> Vec<String> {
    let mut cells: Vec<String> = (0..columns).map(|i| record.get(i).into_owned()).collect();
    if record.exceeds(columns)
        && let Some(last) = cells.last_mut()
    {
        for i in columns..record.len() {
            last.push(delimiter);
            last.push_str(&record.get(i));
        }
    }
    cells
}

/// The columns of the texts and of the second ones, and whether the first is a guess.
fn texts_of(table: &dyn Table, config: &DataConfig, own: Option<&str>) -> Outcome<(usize, Option<usize>, bool)> {
    let mut told = config.reading.clone();
    let is_told = told.text_column.is_some() || told.second_text_column.is_some();
    let is_here = |own: &&str| table.columns().iter().filter(|name| is_same(name, own)).count() == 1;
    match (is_told, table.columns()) {
        (true, _) => {}
        (false, [only]) => told.text_column = Some(only.clone()),
        (false, _) => told.text_column = own.filter(is_here).map(str::to_owned),
    }
    let is_guess = told.text_column.is_none() && !is_told;
    let (text, second) = choose_texts(table, &told)?;
    if is_guess && !is_usual_text_name(&table.columns()[text]) {
        let problem = Problem::new("data-which-texts").with("file", table.file());
        return Err(problem.with("columns", table.columns().join(", ")));
    }
    Ok((text, second, is_guess))
}

#[cfg(test)]
mod tests;
