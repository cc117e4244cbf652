//! What a data file is, and how it becomes a table: something that has columns and whose records can be visited. The first
//! bytes decide what a file is read as; its name never does alone.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::decode::decode;
use super::reader::{Delimited, Told};
use super::rows::File;
use crate::domain::config::{DataConfig, Quoting};
use crate::domain::problem::{Outcome, Problem};

/// A table of any kind. Each [`Table::visit`] begins anew.
pub trait Table {
    /// The file's name in messages.
    fn file(&self) -> &str;

    /// The names of the columns, without spaces at their ends.
    fn columns(&self) -> &[String];

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
    text: Cow<'f, str>,
}

/// How a file's bytes were read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// WHATWG name of the encoding.
    pub encoding: String,
    pub encoding_guessed: bool,
    /// Whether some bytes mean nothing in this encoding. Each such place is a U+FFFD.
    pub is_damaged: bool,
}

impl<'f> Content<'f> {
    /// Finds out what a file holds.
    ///
    /// # Errors
    /// `data-*`, naming the file.
    pub fn of(file: &'f File<'f>, config: &DataConfig) -> Outcome<Self> {
        let decoded = decode(&file.bytes, config.encoding.as_deref(), &file.name)?;
        let reading = Reading {
            encoding: decoded.encoding.name().to_owned(),
            encoding_guessed: decoded.guessed,
            is_damaged: decoded.damaged,
        };
        Ok(Self { file, reading, text: decoded.text })
    }

    /// The file as a table. Whether the first row names the columns is told in `header` or guessed.
    ///
    /// # Errors
    /// `data-*`, naming the file.
    pub fn table(&self, config: &DataConfig, header: Option<bool>) -> Outcome<Box<dyn Table + '_>> {
        let told = Told { delimiter: config.delimiter, quoting: config.quoting, header };
        Ok(Box::new(Delimited::open(&self.text, told, &self.file.name)?))
    }
}
