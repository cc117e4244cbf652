//! What a data file is, and how it becomes a table: something that has columns and whose records can be visited. The first
//! bytes decide what a file is read as; its name never does alone.

mod archive;
mod fasttext;
mod file;
mod foreign;
mod grid;
mod json;
mod listing;
mod ods;
mod sheet;
mod stream;
mod texts;
mod workbook;

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::decode::decode;
use super::dialect::checked_delimiter;
use super::preamble::{Preamble, preamble};
use super::reader::{Delimited, Rest, Told, shorten};
use crate::domain::config::{DataConfig, Quoting};
use crate::domain::dataset::TableFormat;
use crate::domain::problem::{Outcome, Problem};

pub use file::File;
pub use foreign::refuse as refuse_foreign;
use grid::Grid;
pub use grid::MAX_COLUMNS;
use json::JsonForm;
pub use stream::Stream;

/// No file, nor what is packed in it, is larger than this.
pub const MAX_BYTES: u64 = 4 << 30;
/// So much may come out of any packed file, and so many times its own size of a larger one. Texts shrink to a tenth of their
/// size; what grows beyond this was made to fill a machine's memory.
const LEAST_UNPACKED_BYTES: u64 = 64 << 20;
const MOST_RATIO: u64 = 250;
/// A folder or an archive has no more files than this.
const MAX_FILES: usize = 1_000_000;

/// A table of any kind. Each [`Table::visit`] begins anew.
pub trait Table {
    /// The file's name in messages.
    fn file(&self) -> &str;

    /// The names of the columns, without spaces at their ends.
    fn columns(&self) -> &[String];

    /// Returns whether the file has those names without spaces at their ends, too, as other readers would see them.
    fn has_bare_names(&self) -> bool {
        true
    }

    /// The length of the table in the units of [`Record::end`].
    fn len(&self) -> usize;

    /// The character between two fields, and whether it was guessed; `None` where nothing stands between fields.
    fn delimiter(&self) -> Option<(char, bool)> {
        None
    }

    /// What quotation marks mean, and whether that was guessed; `None` where there are none around fields.
    fn quoting(&self) -> Option<(Quoting, bool)> {
        None
    }

    /// Whether the first row names the columns, and whether that was guessed.
    fn header(&self) -> (bool, bool) {
        (true, false)
    }

    /// Takes the first row for a row like the others. The columns then go by their numbers, from 1.
    ///
    /// # Errors
    /// Those of [`Table::visit`].
    fn drop_header(&mut self) -> Outcome<()> {
        Ok(())
    }

    /// Hands every record to `each` until it breaks, also those that cannot be used.
    ///
    /// # Errors
    /// What `each` returns; `data-*` for a place from which on nothing can be read.
    fn visit(&self, each: &mut Each<'_>) -> Outcome<()>;
}

/// What is done with a record.
pub type Each<'e> = dyn FnMut(&dyn Record) -> Outcome<ControlFlow<()>> + 'e;

/// One record of a table.
pub trait Record {
    /// The number by which a person finds the record again: the row of a spreadsheet, the line or the place in a list.
    fn row(&self) -> usize;

    /// How much of the table lies before the end of this record.
    fn end(&self) -> usize;

    /// The number of fields.
    fn len(&self) -> usize;

    /// A field without its quotes. A field that the record lacks is empty, as spreadsheets leave the last empty cells out.
    fn get(&self, i: usize) -> Cow<'_, str>;

    /// Whether there is something in the fields behind the first `columns`.
    fn exceeds(&self, columns: usize) -> bool {
        (columns..self.len()).any(|i| !self.get(i).trim().is_empty())
    }

    /// Whether any field has a zero byte.
    fn has_nul(&self) -> bool;

    /// Whether a field holds a list or an object, of which [`Record::get`] returns the JSON.
    fn is_nested(&self, _i: usize) -> bool {
        false
    }

    /// Why nothing of the record can be used.
    fn fault(&self) -> Option<&Problem> {
        None
    }

    /// Where the record is, if a number does not say it well.
    fn place(&self) -> Option<&str> {
        None
    }
}

/// What a file holds, before it is read as a table.
pub struct Content<'f> {
    file: &'f File<'f>,
    pub reading: Reading,
    form: Form<'f>,
}

enum Form<'f> {
    /// A text, and what stands above its table.
    Text(Cow<'f, str>, Preamble),
    Grid(Box<Grid>),
}

/// How a file's bytes were read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    pub format: TableFormat,
    /// WHATWG name of the encoding; empty for a workbook, which has none to choose.
    pub encoding: String,
    pub encoding_guessed: bool,
    /// Whether some bytes mean nothing in this encoding. Each such place is a U+FFFD.
    pub is_damaged: bool,
    /// The sheet of a workbook that was read, and those that can be chosen.
    pub sheet: Option<String>,
    pub sheets: Vec<String>,
    /// What the user should know of it.
    pub notes: Vec<Problem>,
}

impl<'f> Content<'f> {
    /// Finds out what a file holds.
    ///
    /// # Errors
    /// `data-*`, naming the file.
    pub fn of(file: &'f File<'f>, config: &DataConfig) -> Outcome<Self> {
        if let Some(pieces) = &file.texts {
            let (grid, reading) = texts::read(file, pieces, config.reading.encoding.as_deref())?;
            return Ok(Self {
                file,
                reading: Reading { format: TableFormat::Folder, ..reading },
                form: Form::Grid(Box::new(grid)),
            });
        }
        let sheet = config.reading.sheet.as_deref();
        if !file.tables.is_empty() && file.table.is_none() {
            let names = file.tables.join(", ");
            let Some(sheet) = sheet else {
                let problem = Problem::new("data-archive-several").with("file", &file.name).with("names", names);
                return Err(problem.with_count("count", file.tables.len()));
            };
            let problem = Problem::new("data-archive-no-table").with("file", &file.name).with("sheet", sheet);
            return Err(problem.with("sheets", names));
        }
        if let Some(kind) = file.workbook {
            // A name that chose the workbook itself cannot choose a sheet of it.
            let sheet = sheet.filter(|_| file.table.is_none());
            let found = workbook::read(&file.bytes, kind, sheet, config.reading.header, &file.name)?;
            let note = || Problem::new("data-note-sheet").with("file", &file.name).with("sheet", &found.sheet);
            let reading = Reading {
                format: TableFormat::Workbook,
                notes: found.is_one_of.then(note).into_iter().chain(found.notes).collect(),
                sheet: Some(found.sheet),
                sheets: found.sheets,
                ..Reading::default()
            };
            return Ok(Self { file, reading, form: Form::Grid(Box::new(found.table)) });
        }
        let decoded = decode(&file.bytes, config.reading.encoding.as_deref(), &file.name)?;
        let mut reading = Reading {
            encoding: decoded.encoding.name().to_owned(),
            encoding_guessed: decoded.guessed,
            is_damaged: decoded.damaged,
            sheet: file.table.clone(),
            sheets: file.tables.clone(),
            ..Reading::default()
        };
        // Who names the character between fields has seen that there is one.
        let form = if config.reading.delimiter.is_some() { None } else { json::form(&decoded.text) };
        let form = match form {
            Some(form) => {
                reading.format = if form == JsonForm::Lines { TableFormat::JsonLines } else { TableFormat::Json };
                Form::Grid(Box::new(json::read(&decoded.text, form, config.reading.header, &file.name)?))
            }
            None if config.reading.delimiter.is_none() && fasttext::is_fasttext(&decoded.text) => {
                reading.format = TableFormat::FastText;
                Form::Grid(Box::new(fasttext::read(&decoded.text, &file.name)?))
            }
            None => {
                let (above, note) = above(&decoded.text, config, &file.name)?;
                reading.notes.extend(note);
                Form::Text(decoded.text, above)
            }
        };
        Ok(Self { file, reading, form })
    }

    /// The file as a table, which may have one column only.
    ///
    /// # Errors
    /// Those of [`Content::table`], but for `data-one-column`.
    pub fn texts(&self, config: &DataConfig) -> Outcome<Box<dyn Table + '_>> {
        let header = config.reading.header;
        match (self.table(config, header), &self.form) {
            (Err(problem), Form::Text(text, _)) if problem.id == "data-one-column" => {
                let is_quoted = text.matches('"').count().is_multiple_of(2);
                let told = (is_quoted, header != Some(false));
                let (table, _) = Delimited::one_column(text, told, &self.file.name, Rest::Nothing)?;
                Ok(Box::new(table))
            }
            (Err(problem), Form::Grid(grid)) if problem.id == "data-one-column" => Ok(Box::new(Borrowed(grid))),
            (table, _) => table,
        }
    }

    /// The file as a table. Whether the first row names the columns is told in `header` or guessed.
    ///
    /// # Errors
    /// `data-*`, naming the file.
    pub fn table(&self, config: &DataConfig, header: Option<bool>) -> Outcome<Box<dyn Table + '_>> {
        let told = Told { delimiter: config.reading.delimiter, quoting: config.reading.quoting, header };
        match &self.form {
            Form::Text(text, above) => Ok(Box::new(Delimited::open_below(text, *above, told, &self.file.name)?)),
            Form::Grid(grid) if grid.columns().len() < 2 => {
                let column = grid.columns().first().map_or("", String::as_str);
                Err(Problem::new("data-one-column").with("file", &self.file.name).with("column", column))
            }
            Form::Grid(grid) => Ok(Box::new(Borrowed(grid))),
        }
    }
}

/// What stands above the table of a text, and what the user should know of it.
///
/// # Errors
/// `data-bad-delimiter`.
fn above(text: &str, config: &DataConfig, file: &str) -> Outcome<(Preamble, Option<Problem>)> {
    let told = config.reading.delimiter.map(checked_delimiter).transpose()?;
    let is_headless = config.reading.header == Some(false);
    let above = if is_headless { Preamble::default() } else { preamble(text, told) };
    // Rows without a cell are nothing to speak of.
    let says = |line: &&str| line.contains(char::is_alphanumeric);
    let note = text[..above.bytes].lines().find(says).map(|first| {
        let note = Problem::new("data-note-above").with("file", file);
        note.with_count("count", above.lines).with("line", shorten(first, 60))
    });
    Ok((above, note))
}

/// The sheets among which the user is to choose, for a workbook of which more than one could be meant, or the tables of an
/// archive.
pub fn sheets(file: &File<'_>) -> Vec<String> {
    if !file.tables.is_empty() {
        return file.tables.clone();
    }
    let found = file.workbook.map(|kind| workbook::choices(&file.bytes, kind, &file.name));
    found.and_then(Result::ok).unwrap_or_default()
}

/// A table that its content keeps.
struct Borrowed<'g>(&'g Grid);

impl Table for Borrowed<'_> {
    fn file(&self) -> &str {
        self.0.file()
    }

    fn columns(&self) -> &[String] {
        self.0.columns()
    }

    fn has_bare_names(&self) -> bool {
        self.0.has_bare_names()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn header(&self) -> (bool, bool) {
        self.0.header()
    }

    fn visit(&self, each: &mut Each<'_>) -> Outcome<()> {
        self.0.visit(each)
    }
}

/// The most bytes that may come out of a file with so many.
fn most_unpacked(packed_bytes: usize) -> u64 {
    MAX_BYTES.min(LEAST_UNPACKED_BYTES + MOST_RATIO * packed_bytes as u64)
}

/// A file from which more than `most` bytes come out.
fn swells(file: &str, most: u64) -> Problem {
    if most >= MAX_BYTES {
        return too_large(file, most + 1);
    }
    Problem::new("data-archive-swells").with("file", file).with_count("most_mb", most / 1_000_000)
}

fn too_large(file: &str, bytes: u64) -> Problem {
    Problem::new("data-too-large").with("file", file).with("gigabytes", format!("{:.1}", bytes as f64 / 1e9))
}

#[cfg(test)]
mod tests;
