//! Quotes that were never closed: which records have swallowed the rows behind them, and where those rows begin.

use csv::ByteRecord;

use super::super::dialect::{QuoteFault, csv_reader, lines, position, quote_fault};
use super::{Delimited, blank_lines, next_line};

/// The rows behind an unclosed quote are checked up to so many.
const CHECKED_ROWS: usize = 50;

impl Delimited<'_> {
    /// Returns whether the record has swallowed other rows, because a quote was never closed. There are three signs of that: the
    /// file ends inside quotes; quotes that span lines end in the middle of a field, where they met the opening quote of
    /// another row; or the record has a wrong number of fields, while one of its lines is a whole row.
    pub(super) fn is_swallowing(&self, start: usize, end: usize, fields: usize) -> bool {
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

    /// Returns whether the records from `start` on, up to the one that ends at `end` or behind it, are whole rows with their quotes
    /// in order, or lines in which such a quote opens, too. Then the quote before them swallowed no part of a text.
    pub(super) fn are_rows(&self, start: usize, end: usize) -> bool {
        let bytes = self.text.as_bytes();
        let (mut reader, mut base) = (self.csv(&bytes[start..]), start);
        let mut record = ByteRecord::new();
        for _ in 0..CHECKED_ROWS {
            let from = base + position(&reader);
            if from >= end || !reader.read_byte_record(&mut record).unwrap_or(false) {
                return true;
            }
            let raw = &bytes[from..base + position(&reader)];
            if record.len() == self.columns.len() && quote_fault(raw, self.delimiter as u8).is_none() {
                continue;
            }
            let from = from + blank_lines(bytes, from).0;
            let next = next_line(&self.text, from);
            if !self.opens_in(&self.text[from..next]) {
                return false;
            }
            (reader, base) = (self.csv(&bytes[next..]), next);
        }
        true
    }

    /// Returns whether a line is a row by its delimiters in which the one quote opens a field that it does not close. The last line
    /// of a text over several lines has a quote that closes a field.
    fn opens_in(&self, line: &str) -> bool {
        let delimiter = self.delimiter as u8;
        let line = line.trim_end_matches(['\r', '\n']);
        let mut quotes = line.match_indices('"').map(|(at, _)| at);
        let (Some(at), None) = (quotes.next(), quotes.next()) else { return false };
        let opens = at == 0 || line.as_bytes()[at - 1] == delimiter;
        let mut record = ByteRecord::new();
        let is_read = csv_reader(line.as_bytes(), delimiter, false).read_byte_record(&mut record).unwrap_or(false);
        opens && is_read && record.len() == self.columns.len()
    }

    /// The number of fields of a line, or 0 when its quotes are wrong. The last line of a text over several lines has the
    /// quote that closes it, so that an odd number of quotes makes no row.
    fn fields_of(&self, line: &str) -> usize {
        let mut record = ByteRecord::new();
        if !line.matches('"').count().is_multiple_of(2) {
            return 0;
        }
        match self.csv(line.as_bytes()).read_byte_record(&mut record) {
            Ok(true) if quote_fault(line.as_bytes(), self.delimiter as u8).is_none() => record.len(),
            _ => 0,
        }
    }
}
