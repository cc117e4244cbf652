//! Turning text into records: the header, row numbers as a spreadsheet shows them, and quotes that were never closed.

mod row;
mod unclosed;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;

use csv::ByteRecord;

use super::apostrophes::{spaces_taken, with_quotation_marks, without_spaces};
use super::dialect::{
    announced_delimiter, checked_delimiter, csv_reader, guess_delimiter, guess_quoting, is_tidy, lines, position,
    unescape,
};
use super::preamble::Preamble;
use super::source::{Each, MAX_COLUMNS, Table};
use crate::domain::config::Quoting;
use crate::domain::names::bare;
use crate::domain::problem::{Outcome, Problem};

use self::row::Row;

/// This many zero bytes one after another are a hole in the file, not a slip in a text.
const HOLE: &str = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// The number of columns without a header is that of most of so many first records.
const WIDTH_RECORDS: usize = 50;
/// Row names without a name in the header are seen by so many rows at least.
const LEAST_ROW_NAMES: usize = 8;
/// No field of a table of one column holds this character.
const NO_DELIMITER: u8 = 0x1f;
/// The text may be read so many times over to find the rows behind unclosed quotes.
const READ_AGAIN: usize = 8;

/// What the user says of how a table is written. What is `None` is guessed.
#[derive(Clone, Copy, Default)]
pub(super) struct Told {
    pub delimiter: Option<char>,
    pub quoting: Option<Quoting>,
    pub header: Option<bool>,
}

/// What of a file stands behind a text of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing, because the text is the file's whole rest.
    Nothing,
    /// More, so that a record which reaches the end of the text may go on there and is left out.
    More,
    /// More, but the first record has reached too far already, and is judged by what there is of it.
    MoreOfTooMuch,
}

/// How a table is written, as its beginning tells.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub delimiter: u8,
    pub quoting: Quoting,
    /// Whether spaces stand between a delimiter and the quotation mark behind it.
    pub is_spaced: bool,
    pub header: bool,
    pub columns: Vec<String>,
    /// The bytes and lines above the header.
    pub above: Preamble,
}

/// A text that is read as a table. Each visit parses the records anew, so that nothing is copied.
pub(super) struct Delimited<'a> {
    file: &'a str,
    text: Cow<'a, str>,
    delimiter: char,
    delimiter_guessed: bool,
    quoting: Quoting,
    quoting_guessed: bool,
    /// Whether the first row names the columns.
    header: bool,
    header_guessed: bool,
    /// Whether each quote that opens a field closes it, so that no record need be looked at for that.
    is_tidy: bool,
    /// How many lines of the file stand above the text.
    lines_above: usize,
    rest: Rest,
    /// The names in the header, without spaces at their ends; the columns' numbers where there is no header.
    columns: Vec<String>,
    /// It is false where the header has spaces at the ends of a name.
    has_bare_names: bool,
}

impl<'a> Delimited<'a> {
    #[cfg(test)]
    pub fn open(text: &'a str, told: Told, file: &'a str) -> Outcome<Self> {
        Self::open_below(text, Preamble::default(), told, file)
    }

    /// Reads the header of a text below what stands above it. What is not told is guessed.
    ///
    /// # Errors
    /// `data-empty-file`, `data-bad-delimiter`, `data-one-column`, `data-too-many-columns`, `data-nul-in-header`,
    /// `data-zero-block`, `data-unclosed-quote` (in the header).
    pub fn open_below(text: &'a str, above: Preamble, told: Told, file: &'a str) -> Outcome<Self> {
        Self::open_part(text, above, told, file, Rest::Nothing).map(|(table, _)| table)
    }

    /// Reads the beginning of a text as [`Delimited::open_below`] does, and says how the table is written.
    ///
    /// # Errors
    /// Those of [`Delimited::open_below`].
    pub fn open_part(
        text: &'a str,
        above: Preamble,
        told: Told,
        file: &'a str,
        rest: Rest,
    ) -> Outcome<(Self, Dialect)> {
        if text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}').is_empty() {
            return Err(Problem::new("data-empty-file").with("file", file));
        }
        if let Some(hole) = text.find(HOLE) {
            let row = lines(&text[..hole]).count();
            return Err(Problem::new("data-zero-block").with("file", file).with_count("row", row));
        }
        let whole_bytes = text.len();
        let (announced, text) = announced_delimiter(&text[above.bytes..]);
        let above = Preamble { bytes: whole_bytes - text.len(), ..above };
        let (delimiter, delimiter_guessed) = match told.delimiter {
            Some(c) => (checked_delimiter(c)?, false),
            None => (announced.or_else(|| guess_delimiter(text)).unwrap_or(b','), true),
        };
        let (quoting, mut tidy) = match told.quoting {
            Some(quoting) => (quoting, quoting == Quoting::Double && is_tidy(text, delimiter)),
            None => guess_quoting(text, delimiter),
        };
        let plain = match quoting {
            Quoting::Backslash => Some(unescape(text, delimiter)),
            Quoting::Single => Some(with_quotation_marks(text, delimiter)),
            Quoting::Double => without_spaces(text, delimiter),
            Quoting::None => None,
        };
        let is_spaced = quoting == Quoting::Double && plain.is_some();
        tidy = plain.as_ref().map_or(tidy, |text| is_tidy(text, delimiter));
        let text = plain.map_or(Cow::Borrowed(text), Cow::Owned);
        let mut table = Self {
            file,
            text,
            delimiter: char::from(delimiter),
            delimiter_guessed,
            quoting,
            quoting_guessed: told.quoting.is_none(),
            header: told.header.unwrap_or(true),
            header_guessed: told.header.is_none(),
            is_tidy: tidy,
            columns: Vec::new(),
            has_bare_names: true,
            lines_above: above.lines,
            rest,
        };
        table.read_header()?;
        if !table.header {
            table.drop_header()?;
        } else if (table.is_tidy || table.quoting != Quoting::Double) && table.has_row_names() {
            table.columns.insert(0, String::new());
        }
        let (header, columns) = (table.header, table.columns.clone());
        let dialect = Dialect { delimiter, quoting, is_spaced, header, columns, above };
        Ok((table, dialect))
    }

    /// A text of one column, in which nothing stands between fields, so that a comma is part of its text. Quotation marks
    /// that do not come in pairs are no quoting; they would swallow the rows behind them.
    ///
    /// # Errors
    /// `data-empty-file`, `data-zero-block`, `data-nul-in-header`, `data-unclosed-quote`.
    pub fn one_column(
        text: &'a str,
        (is_quoted, header): (bool, bool),
        file: &'a str,
        rest: Rest,
    ) -> Outcome<(Self, Dialect)> {
        let quoting = if is_quoted { Quoting::Double } else { Quoting::None };
        let (delimiter, above) = (NO_DELIMITER, Preamble::default());
        let dialect = Dialect { delimiter, quoting, is_spaced: false, header: true, columns: Vec::new(), above };
        let mut table = Self::going_on(text, &dialect, file, 0, rest)?;
        let mut column = None;
        table.scan(&mut |record| {
            column = Some(bare(&record.get(0)).to_owned());
            Ok(ControlFlow::Break(()))
        })?;
        let column = column.ok_or_else(|| Problem::new("data-empty-file").with("file", file))?;
        if column.contains('\0') {
            return Err(Problem::new("data-nul-in-header").with("file", file));
        }
        table.columns = vec![if header { column } else { "1".to_owned() }];
        table.header = header;
        let dialect = Dialect { header, columns: table.columns.clone(), ..dialect };
        Ok((table, dialect))
    }

    /// Reads a later text of a file whose beginning was read, and above which there are so many rows. Where the dialect has a
    /// header, the text begins with it.
    ///
    /// # Errors
    /// `data-zero-block`.
    pub fn going_on(text: &'a str, dialect: &Dialect, file: &'a str, rows: usize, rest: Rest) -> Outcome<Self> {
        if let Some(hole) = text.find(HOLE) {
            let row = rows + lines(&text[..hole]).count();
            return Err(Problem::new("data-zero-block").with("file", file).with_count("row", row));
        }
        let plain = match dialect.quoting {
            Quoting::Backslash => Some(unescape(text, dialect.delimiter)),
            Quoting::Single => Some(with_quotation_marks(text, dialect.delimiter)),
            // A part of a file may not look as the whole does, such as one that ends within a field.
            Quoting::Double if dialect.is_spaced => Some(spaces_taken(text, dialect.delimiter)),
            Quoting::Double | Quoting::None => None,
        };
        let text = plain.map_or(Cow::Borrowed(text), Cow::Owned);
        Ok(Self {
            file,
            is_tidy: is_tidy(&text, dialect.delimiter),
            text,
            delimiter: char::from(dialect.delimiter),
            delimiter_guessed: false,
            quoting: dialect.quoting,
            quoting_guessed: false,
            header: dialect.header,
            header_guessed: false,
            lines_above: rows,
            columns: dialect.columns.clone(),
            has_bare_names: true,
            rest,
        })
    }

    /// Where in `raw`, the text before anything was replaced in it, a record ends that ends here at `end`, with the whole of
    /// its line end.
    pub fn place_in(&self, raw: &str, end: usize) -> usize {
        let is_line_end = |b: &u8| *b == b'\n' || *b == b'\r';
        let bytes = raw.as_bytes();
        let place = match &self.text {
            Cow::Borrowed(_) => end,
            // Lines stay where they are, whatever is replaced in them.
            Cow::Owned(plain) => match plain.as_bytes()[..end].iter().filter(|b| is_line_end(b)).count() {
                0 => 0,
                ends => {
                    bytes.iter().enumerate().filter(|(_, b)| is_line_end(b)).nth(ends - 1).map_or(0, |(i, _)| i + 1)
                }
            },
        };
        let is_within_line_end = place > 0 && bytes[place - 1] == b'\r' && bytes.get(place) == Some(&b'\n');
        place + usize::from(is_within_line_end)
    }

    /// Whether the first rows have one field more than the header, and the first one differs in all of them: row names, as
    /// R and pandas write them, which have no name in the header.
    fn has_row_names(&self) -> bool {
        let (width, mut names, mut rows) = (self.columns.len(), HashSet::new(), 0);
        // What is wrong with the table is told by whoever reads it.
        let visited = self.visit(&mut |record| {
            let is_longer = record.len() == width + 1 && record.exceeds(width);
            rows += 1;
            let is_new = is_longer && names.insert(record.get(0).into_owned());
            Ok(if is_new && rows < WIDTH_RECORDS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        });
        visited.is_ok() && rows >= LEAST_ROW_NAMES && names.len() == rows
    }

    fn read_header(&mut self) -> Outcome<()> {
        let (mut columns, mut are_bare) = (Vec::new(), true);
        self.scan(&mut |record| {
            are_bare = (0..record.len()).all(|i| bare(&record.get(i)) == record.get(i));
            columns = (0..record.len()).map(|i| bare(&record.get(i)).to_owned()).collect();
            Ok(ControlFlow::Break(()))
        })?;
        if columns.iter().any(|name| name.contains('\0')) {
            return Err(Problem::new("data-nul-in-header").with("file", self.file));
        }
        if columns.len() < 2 {
            let column = shorten(columns.first().map_or("", String::as_str), 60);
            return Err(Problem::new("data-one-column").with("file", self.file).with("column", column));
        }
        (self.columns, self.has_bare_names) = (columns, are_bare);
        self.check_width()
    }

    /// Refuses a row of more columns than a table has, for the first rows are kept with all of them.
    fn check_width(&self) -> Outcome<()> {
        if self.columns.len() > MAX_COLUMNS {
            return Err(Problem::new("data-too-many-columns").with("file", self.file).with_count("most", MAX_COLUMNS));
        }
        Ok(())
    }

    /// Hands every record to `each`, the header first, until it breaks.
    fn scan(&self, each: &mut Each<'_>) -> Outcome<()> {
        let text: &str = &self.text;
        let bytes = text.as_bytes();
        let literal_quotes = self.quoting == Quoting::None;
        let (mut reader, mut from) = (self.csv(bytes), 0);
        let mut fields = ByteRecord::new();
        let mut row = self.lines_above;
        let mut read_again = 0;
        loop {
            let start = from + position(&reader);
            if !reader.read_byte_record(&mut fields).map_err(Problem::internal)? {
                return Ok(());
            }
            let mut end = from + position(&reader);
            let is_kept = self.rest == Rest::Nothing || self.rest == Rest::MoreOfTooMuch && row == self.lines_above;
            if end == text.len() && !is_kept {
                return Ok(());
            }
            let (skipped, blank_lines) = blank_lines(bytes, start);
            row += 1 + blank_lines;
            let start = start + skipped;
            // In a text whose quotes are in order, only a record of a wrong length can have swallowed others.
            let is_doubtful = !literal_quotes && (!self.is_tidy || fields.len() != self.columns.len());
            let is_unclosed = is_doubtful && self.is_swallowing(start, end, fields.len());
            if is_unclosed {
                let next = next_line(text, start).min(end);
                read_again += end - next;
                let is_header = self.columns.is_empty();
                if is_header || read_again > READ_AGAIN * text.len() || !self.are_rows(next, end) {
                    return Err(Problem::new("data-unclosed-quote").with("file", self.file).with_count("row", row));
                }
                let line = text[start..next].trim_end_matches(['\r', '\n']).as_bytes();
                csv_reader(line, self.delimiter as u8, false)
                    .read_byte_record(&mut fields)
                    .map_err(Problem::internal)?;
                (reader, from, end) = (self.csv(&bytes[next..]), next, next);
            }
            let fault = is_unclosed.then(|| Problem::new("data-skip-unclosed-quote"));
            let record = Row { row, end, fault, fields: &fields, literal_quotes };
            if each(&record)?.is_break() {
                return Ok(());
            }
        }
    }

    fn csv<'t>(&self, bytes: &'t [u8]) -> csv::Reader<&'t [u8]> {
        csv_reader(bytes, self.delimiter as u8, self.quoting != Quoting::None)
    }
}

impl Table for Delimited<'_> {
    fn file(&self) -> &str {
        self.file
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn has_bare_names(&self) -> bool {
        self.has_bare_names
    }

    /// The length of the text in bytes.
    fn len(&self) -> usize {
        self.text.len()
    }

    fn delimiter(&self) -> Option<(char, bool)> {
        Some((self.delimiter, self.delimiter_guessed))
    }

    fn quoting(&self) -> Option<(Quoting, bool)> {
        Some((self.quoting, self.quoting_guessed))
    }

    fn header(&self) -> (bool, bool) {
        (self.header, self.header_guessed)
    }

    fn drop_header(&mut self) -> Outcome<()> {
        self.header = false;
        let mut widths = Vec::new();
        self.visit(&mut |record| {
            widths.push(record.len());
            Ok(if widths.len() < WIDTH_RECORDS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        let frequency = |width: usize| widths.iter().filter(|w| **w == width).count();
        let width = widths.iter().copied().max_by_key(|width| (frequency(*width), *width)).unwrap_or(0).max(2);
        self.columns = (1..=width).map(|number| number.to_string()).collect();
        self.check_width()
    }

    /// Records come also when they have a wrong number of fields. Where a quote is never closed and the rows behind it are
    /// certainly rows, its row comes with a fault. A quote that swallows what may be rows and may be text is
    /// `data-unclosed-quote`, which names the row where it begins.
    fn visit(&self, each: &mut Each<'_>) -> Outcome<()> {
        let mut header = self.header;
        self.scan(&mut |record| if std::mem::take(&mut header) { Ok(ControlFlow::Continue(())) } else { each(record) })
    }
}

/// `text`, or its first `chars` characters and an ellipsis. Line breaks become spaces.
pub(in crate::data) fn shorten(text: &str, chars: usize) -> String {
    let mut short: String =
        text.chars().take(chars).map(|c| if c.is_control() || c == '\u{2028}' { ' ' } else { c }).collect();
    if text.chars().nth(chars).is_some() {
        short.push('…');
    }
    short
}

/// Where the line after the one at `start` begins, or the text ends.
fn next_line(text: &str, start: usize) -> usize {
    let Some(end) = text[start..].find(['\r', '\n']).map(|end| start + end) else { return text.len() };
    end + if text[end..].starts_with("\r\n") { 2 } else { 1 }
}

/// The line ends from `start` to the next record, in bytes and in whole blank lines.
fn blank_lines(bytes: &[u8], start: usize) -> (usize, usize) {
    let crlf_rest = start > 0 && bytes[start - 1] == b'\r' && bytes.get(start) == Some(&b'\n');
    let mut at = start + usize::from(crlf_rest);
    let mut blank = 0;
    while let Some(b'\r' | b'\n') = bytes.get(at) {
        at += if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
        blank += 1;
    }
    (at - start, blank)
}

#[cfg(test)]
mod tests;
