//! Turning text into records: the delimiter, the header, row numbers as a spreadsheet shows them, and quotes that were never
//! closed.

use std::borrow::Cow;
use std::ops::ControlFlow;

use csv::{ByteRecord, ReaderBuilder};

use super::source::{Each, Record, Table};
use crate::domain::problem::{Outcome, Problem};

const DELIMITERS: [u8; 4] = *b",;\t|";
/// A delimiter is guessed from so many records at most.
const GUESS_RECORDS: usize = 50;
/// A delimiter is guessed from so many bytes at most.
const GUESS_BYTES: usize = 1 << 20;
/// This many zero bytes one after another are a hole in the file, not a slip in a text.
const HOLE: &str = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// A text that is read as a table with a header. Each visit parses the records anew, so that nothing is copied.
pub(super) struct Delimited<'a> {
    file: &'a str,
    text: &'a str,
    delimiter: char,
    delimiter_guessed: bool,
    /// Whether the file is tab-separated and was written without any quoting, so that `"` is a character like others.
    literal_quotes: bool,
    /// The names in the header, without spaces at their ends.
    columns: Vec<String>,
}

/// One record below the header.
struct Row<'r> {
    /// The row number as in a spreadsheet: the header is 1, and blank lines count.
    row: usize,
    /// How many bytes of the text lie before the end of this record.
    end: usize,
    fields: &'r ByteRecord,
    literal_quotes: bool,
}

impl<'a> Delimited<'a> {
    /// Reads the header of a text. The delimiter is guessed unless it is given.
    ///
    /// # Errors
    /// `data-empty-file`, `data-bad-delimiter`, `data-one-column`, `data-nul-in-header`, `data-zero-block`,
    /// `data-unclosed-quote` (in the header).
    pub fn open(text: &'a str, delimiter: Option<char>, file: &'a str) -> Outcome<Self> {
        if text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}').is_empty() {
            return Err(Problem::new("data-empty-file").with("file", file));
        }
        if let Some(hole) = text.find(HOLE) {
            let row = lines(&text[..hole]).count();
            return Err(Problem::new("data-zero-block").with("file", file).with_count("row", row));
        }
        let (announced, text) = announced_delimiter(text);
        let (delimiter, delimiter_guessed) = match delimiter {
            Some(c) => (checked_delimiter(c)?, false),
            None => (announced.or_else(|| guess_delimiter(text)).unwrap_or(b','), true),
        };
        let mut table = Self {
            file,
            text,
            delimiter: char::from(delimiter),
            delimiter_guessed,
            literal_quotes: delimiter == b'\t' && is_quote_free(text),
            columns: Vec::new(),
        };
        table.read_header()?;
        Ok(table)
    }

    fn read_header(&mut self) -> Outcome<()> {
        let mut columns = Vec::new();
        self.scan(&mut |record| {
            columns = (0..record.len()).map(|i| record.get(i).trim().to_owned()).collect();
            Ok(ControlFlow::Break(()))
        })?;
        if columns.iter().any(|name| name.contains('\0')) {
            return Err(Problem::new("data-nul-in-header").with("file", self.file));
        }
        if columns.len() < 2 {
            let column = shorten(columns.first().map_or("", String::as_str), 60);
            return Err(Problem::new("data-one-column").with("file", self.file).with("column", column));
        }
        self.columns = columns;
        Ok(())
    }

    /// Hands every record to `each`, the header first, until it breaks.
    fn scan(&self, each: &mut Each<'_>) -> Outcome<()> {
        let bytes = self.text.as_bytes();
        let mut reader = self.csv(bytes);
        let mut fields = ByteRecord::new();
        let mut row = 0;
        loop {
            let start = position(&reader);
            if !reader.read_byte_record(&mut fields).map_err(Problem::internal)? {
                return Ok(());
            }
            let end = position(&reader);
            let (skipped, blank_lines) = blank_lines(bytes, start);
            row += 1 + blank_lines;
            if !self.literal_quotes && self.is_swallowing(start + skipped, end, fields.len()) {
                return Err(Problem::new("data-unclosed-quote").with("file", self.file).with_count("row", row));
            }
            let record = Row { row, end, fields: &fields, literal_quotes: self.literal_quotes };
            if each(&record)?.is_break() {
                return Ok(());
            }
        }
    }

    fn csv<'t>(&self, bytes: &'t [u8]) -> csv::Reader<&'t [u8]> {
        csv_reader(bytes, u8::try_from(self.delimiter).unwrap_or(b','), !self.literal_quotes)
    }

    /// Whether the record has swallowed other rows, because a quote was never closed. There are three signs of that: the
    /// file ends inside quotes; quotes that span lines end in the middle of a field, where they met the opening quote of
    /// another row; or the record has a wrong number of fields, while one of its lines is a whole row.
    fn is_swallowing(&self, start: usize, end: usize, fields: usize) -> bool {
        let raw = &self.text[start..end];
        let body = raw.trim_end_matches(['\r', '\n']);
        let spans_lines = body.as_bytes().contains(&b'\n') || body.as_bytes().contains(&b'\r');
        if !spans_lines && end < self.text.len() {
            return false;
        }
        match quote_fault(raw.as_bytes(), self.delimiter as u8) {
            Some(QuoteFault::Open) => true,
            Some(QuoteFault::ClosedInField) if spans_lines => true,
            _ if spans_lines && !self.columns.is_empty() && fields != self.columns.len() => {
                lines(body).skip(1).any(|line| self.fields_of(line) == self.columns.len())
            }
            _ => false,
        }
    }

    /// The number of fields of a line, or 0 when its quotes are wrong.
    fn fields_of(&self, line: &str) -> usize {
        let mut record = ByteRecord::new();
        match self.csv(line.as_bytes()).read_byte_record(&mut record) {
            Ok(true) if quote_fault(line.as_bytes(), self.delimiter as u8).is_none() => record.len(),
            _ => 0,
        }
    }
}

impl Table for Delimited<'_> {
    fn file(&self) -> &str {
        self.file
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The length of the text in bytes.
    fn len(&self) -> usize {
        self.text.len()
    }

    fn delimiter(&self) -> Option<(char, bool)> {
        Some((self.delimiter, self.delimiter_guessed))
    }

    /// Records below the header come also when they have a wrong number of fields. A quote that swallows other rows is
    /// `data-unclosed-quote`, which names the row where it begins.
    fn visit(&self, each: &mut Each<'_>) -> Outcome<()> {
        let mut header = true;
        self.scan(&mut |record| if std::mem::take(&mut header) { Ok(ControlFlow::Continue(())) } else { each(record) })
    }
}

impl Record for Row<'_> {
    fn row(&self) -> usize {
        self.row
    }

    fn end(&self) -> usize {
        self.end
    }

    fn len(&self) -> usize {
        self.fields.len()
    }

    fn get(&self, i: usize) -> Cow<'_, str> {
        let field = String::from_utf8_lossy(&self.fields[i]);
        if self.literal_quotes
            && let Some(inner) = field.strip_prefix('"').and_then(|f| f.strip_suffix('"'))
            && !inner.replace("\"\"", "").contains('"')
        {
            return Cow::Owned(inner.replace("\"\"", "\""));
        }
        field
    }

    fn has_nul(&self) -> bool {
        self.fields.as_slice().contains(&0)
    }
}

/// `text`, or its first `chars` characters and an ellipsis. Line breaks become spaces.
pub(super) fn shorten(text: &str, chars: usize) -> String {
    let mut short: String =
        text.chars().take(chars).map(|c| if c.is_control() || c == '\u{2028}' { ' ' } else { c }).collect();
    if text.chars().nth(chars).is_some() {
        short.push('…');
    }
    short
}

fn csv_reader(bytes: &[u8], delimiter: u8, quoting: bool) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).quoting(quoting).from_reader(bytes)
}

fn position(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

/// The lines of a text, whichever line end each has.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
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

/// The delimiter in Excel's `sep=;` line, if the text begins with one, and the text after that line.
fn announced_delimiter(text: &str) -> (Option<u8>, &str) {
    let announced = text.strip_prefix("sep=").and_then(|rest| {
        let delimiter = *rest.as_bytes().first().filter(|b| DELIMITERS.contains(b))?;
        let rest = &rest[1..];
        let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\r', '\n']))?;
        Some((delimiter, rest))
    });
    announced.map_or((None, text), |(delimiter, rest)| (Some(delimiter), rest))
}

fn checked_delimiter(c: char) -> Outcome<u8> {
    u8::try_from(c)
        .ok()
        .filter(|b| b.is_ascii() && !b"\r\n\"\0".contains(b))
        .ok_or_else(|| Problem::new("data-bad-delimiter").with("delimiter", c.escape_default()))
}

/// Guesses the delimiter: it gives the header at least two fields, and gives as many fields to the largest share of the
/// first records.
fn guess_delimiter(text: &str) -> Option<u8> {
    let sample_end = text.floor_char_boundary(GUESS_BYTES);
    let sample = &text.as_bytes()[..sample_end];
    let mut best: Option<(f64, usize, u8)> = None;
    for delimiter in DELIMITERS {
        let records = csv_reader(sample, delimiter, true).into_byte_records();
        let mut counts: Vec<usize> = records.take(GUESS_RECORDS).map_while(Result::ok).map(|r| r.len()).collect();
        // The sample may end in the middle of its last record.
        if counts.len() > 1 && counts.len() < GUESS_RECORDS && sample_end < text.len() {
            counts.pop();
        }
        let Some(&columns) = counts.first().filter(|n| **n >= 2) else { continue };
        let alike = counts.iter().filter(|n| **n == columns).count() as f64 / counts.len() as f64;
        if best.is_none_or(|(share, most, _)| alike > share || (alike == share && columns > most)) {
            best = Some((alike, columns, delimiter));
        }
    }
    best.map(|(_, _, delimiter)| delimiter)
}

/// Whether every line of a tab-separated text has as many tabs as its header although some have quotes. Then each line is a
/// row, and no quote joins lines.
fn is_quote_free(text: &str) -> bool {
    let tabs = |line: &str| line.bytes().filter(|b| *b == b'\t').count();
    let mut rows = lines(text).filter(|line| !line.is_empty());
    let Some(expected) = rows.next().map(tabs) else { return false };
    expected > 0 && text.contains('"') && rows.all(|line| tabs(line) == expected)
}

/// How the quotes of a record are wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum QuoteFault {
    /// The text ends inside quotes.
    Open,
    /// A closing quote is followed by something other than a delimiter or a line end.
    ClosedInField,
}

/// Follows the quotes of one record as the CSV parser does.
fn quote_fault(raw: &[u8], delimiter: u8) -> Option<QuoteFault> {
    enum At {
        FieldStart,
        Field,
        Quoted,
        QuoteInQuoted,
    }
    let mut at = At::FieldStart;
    let mut fault = None;
    for &b in raw {
        let ends_field = b == delimiter || b == b'\n' || b == b'\r';
        at = match at {
            At::FieldStart if b == b'"' => At::Quoted,
            At::FieldStart | At::Field | At::QuoteInQuoted if ends_field => At::FieldStart,
            At::FieldStart | At::Field => At::Field,
            At::Quoted if b == b'"' => At::QuoteInQuoted,
            At::Quoted => At::Quoted,
            At::QuoteInQuoted if b == b'"' => At::Quoted,
            At::QuoteInQuoted => {
                fault = Some(QuoteFault::ClosedInField);
                At::Field
            }
        };
    }
    if matches!(at, At::Quoted) { Some(QuoteFault::Open) } else { fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, delimiter: Option<char>) -> Outcome<Vec<(usize, Vec<String>)>> {
        let table = Delimited::open(text, delimiter, "f.csv")?;
        let mut rows = vec![(1, table.columns.clone())];
        table.visit(&mut |r| {
            rows.push((r.row(), (0..r.len()).map(|i| r.get(i).into_owned()).collect()));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    fn cells(text: &str) -> Vec<(usize, Vec<String>)> {
        rows(text, None).unwrap()
    }

    #[test]
    fn delimiters_and_line_ends() {
        for delimiter in [",", ";", "\t", "|"] {
            for end in ["\n", "\r\n", "\r"] {
                let text = format!("text{delimiter}label{end}\"a, b; c | d\"{delimiter}x{end}e{delimiter}y{end}");
                let found = cells(&text);
                assert_eq!(found[1], (2, vec!["a, b; c | d".to_owned(), "x".to_owned()]), "{text:?}");
                assert_eq!(found[2], (3, vec!["e".to_owned(), "y".to_owned()]), "{text:?}");
                assert_eq!(found.len(), 3, "{text:?}");
            }
        }
        assert_eq!(cells("t,l\r\na,1\nb,2\rc,3").len(), 4);
        assert_eq!(rows("a~b\n1~2", Some('~')).unwrap()[1].1, ["1", "2"]);
        assert_eq!(rows("a~b\n1~2", Some('é')).unwrap_err().id, "data-bad-delimiter");
        assert_eq!(cells("sep=;\r\na,x;b\n1;2\n")[0].1, ["a,x", "b"]);
    }

    #[test]
    fn quoted_newlines_doubled_quotes_and_blank_lines() {
        let found = cells("text,label\r\n\"two\r\nlines, \"\"quoted\"\"\",1\r\n\r\n\r\nlast 5\" one,0\r\n\r\n");
        assert_eq!(found[1], (2, vec!["two\r\nlines, \"quoted\"".to_owned(), "1".to_owned()]));
        assert_eq!(found[2], (5, vec!["last 5\" one".to_owned(), "0".to_owned()]));
        assert_eq!(found.len(), 3);
        assert_eq!(cells("\n\ntext,label\na,1")[1].0, 4);
        assert_eq!(cells("t,l\n\"Great\" movie,1\nb,0\n")[1].1[0], "Great movie");
    }

    #[test]
    fn unclosed_quotes_are_refused_where_they_open() {
        for (text, row) in [
            ("t,l\na,1\n\"b,0\nc,1\nd,0\n", "3"),
            ("t,l\na,1\n\"b,0\nc,1\n\"d, e\",0\nf,1\n", "3"),
            ("t,l\na,1\n\nb,0\nc,\"1", "5"),
            ("t,l\na,1\n\"b,0\nc,1\nthe end\"\nd,0\n", "3"),
            ("t,l\n\"a,1\nb \"\"x\"\",0\n", "2"),
            ("t,\"l\na,1\n", "1"),
        ] {
            let problem = rows(text, None).or_else(|_| rows(text, Some(','))).unwrap_err();
            assert_eq!(
                (problem.id.as_ref(), problem.args[1].1.to_string().as_str()),
                ("data-unclosed-quote", row),
                "{text:?}"
            );
        }
    }

    #[test]
    fn tab_separated_text_without_quoting() {
        let found = cells("id\ttext\tlabel\n1\t\"open\t1\n2\t\"whole\"\t0\n3\tlast\"\t1\n");
        let texts: Vec<&str> = found[1..].iter().map(|r| r.1[1].as_str()).collect();
        assert_eq!(texts, ["\"open", "whole", "last\""]);
    }

    #[test]
    fn no_table_at_all() {
        for (text, id) in [
            ("", "data-empty-file"),
            (" \r\n\n", "data-empty-file"),
            ("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "data-empty-file"),
            ("only\na\nb", "data-one-column"),
            ("t\0,l\na,b", "data-nul-in-header"),
        ] {
            assert_eq!(rows(text, None).unwrap_err().id, id, "{text:?}");
        }
        let hole = format!("t,l\na,1\nb{},0\n", "\0".repeat(40));
        assert_eq!(rows(&hole, None).unwrap_err().args[1].1.to_string(), "3");
    }
}
