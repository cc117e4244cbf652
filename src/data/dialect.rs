//! How a table is written: the character between its fields, and what its quotation marks and backslashes mean.

use csv::{ByteRecord, ReaderBuilder};

use super::apostrophes::{may_be_single, with_quotation_marks};
use crate::domain::config::Quoting;
use crate::domain::problem::{Outcome, Problem};

/// In the order in which they are less likely in texts.
const DELIMITERS: [u8; 4] = *b"\t|;,";
/// A delimiter is guessed from so many records at most.
const GUESS_RECORDS: usize = 50;
/// A delimiter is guessed from so many bytes at most.
const GUESS_BYTES: usize = 1 << 20;
/// So many lines of texts that cannot be rows leave no doubt that quotation marks join lines.
const ENOUGH_ODD_LINES: usize = 1000;
/// Fields over fewer lines than this, in a text whose quotation marks are all in order, are what they look like, even where
/// each of their lines could be a row by its commas.
const LEAST_JOINED_LINES: usize = 6;
/// A way to read a text may fail in one of so many lines.
const LIKE_ROWS: usize = 50;

pub(super) fn csv_reader(bytes: &[u8], delimiter: u8, quoting: bool) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).quoting(quoting).from_reader(bytes)
}

/// The lines of a text, whichever line end each has.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// The delimiter in Excel's `sep=;` line, if the text begins with one, and the text after that line.
pub(super) fn announced_delimiter(text: &str) -> (Option<u8>, &str) {
    let announced = text.strip_prefix("sep=").and_then(|rest| {
        let delimiter = *rest.as_bytes().first().filter(|b| DELIMITERS.contains(b))?;
        let rest = &rest[1..];
        let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\r', '\n']))?;
        Some((delimiter, rest))
    });
    announced.map_or((None, text), |(delimiter, rest)| (Some(delimiter), rest))
}

/// # Errors
/// `data-bad-delimiter`.
pub(super) fn checked_delimiter(c: char) -> Outcome<u8> {
    u8::try_from(c)
        .ok()
        .filter(|b| b.is_ascii() && !b"\r\n\"\0".contains(b))
        .ok_or_else(|| Problem::new("data-bad-delimiter").with("delimiter", c.escape_default()))
}

/// Guesses the delimiter: it gives the header at least two fields, and gives as many fields to the largest share of the
/// first records.
pub(super) fn guess_delimiter(text: &str) -> Option<u8> {
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

/// Guesses what quotation marks mean, and says besides whether those of the text are all in order.
///
/// Doubled quotation marks are the usual way, and stay so where they explain the text. Escapes by backslash and quotation
/// marks without any meaning are taken for what they are when the text reads better with them almost everywhere. A text
/// without a doubtful quotation mark or backslash costs one look at each quotation mark.
pub(super) fn guess_quoting(text: &str, delimiter: u8) -> (Quoting, bool) {
    let found = survey(text, delimiter);
    let is_escaped = has_escape(text, delimiter);
    if is_escaped && reads_better_unescaped(text, delimiter, found.is_every_quote_escaped) {
        return (Quoting::Backslash, false);
    }
    if may_be_single(text, delimiter) && reads_better_single(text, delimiter) {
        return (Quoting::Single, false);
    }
    if delimiter == b'\t' && is_quote_free(text) {
        return (Quoting::None, found.is_tidy);
    }
    let may_join_rows = found.odd_lines * LIKE_ROWS <= found.lines;
    let is_joined = found.lines >= LEAST_JOINED_LINES || found.lines > 0 && found.has_bare_quote;
    let is_doubtful = !found.is_tidy || is_joined;
    if is_doubtful && may_join_rows && reads_better_unquoted(text, delimiter) {
        return (Quoting::None, found.is_tidy);
    }
    (Quoting::Double, found.is_tidy)
}

/// Whether all quotation marks of the text are in order.
pub(super) fn is_tidy(text: &str, delimiter: u8) -> bool {
    survey(text, delimiter).is_tidy
}

/// What the quotation marks of a text look like.
struct Survey {
    /// Whether each field that begins with a quotation mark ends with one, too.
    is_tidy: bool,
    /// The lines of fields over several lines.
    lines: usize,
    /// Those of them that have another number of delimiters than the header, and so are no rows.
    odd_lines: usize,
    /// Whether there are several quotation marks inside fields, each with a backslash before it.
    is_every_quote_escaped: bool,
    /// Whether a quotation mark without a backslash stands in a field that began without one.
    has_bare_quote: bool,
}

fn survey(text: &str, delimiter: u8) -> Survey {
    let bytes = text.as_bytes();
    let is_edge = |b: Option<&u8>| b.is_none_or(|b| *b == delimiter || *b == b'\n' || *b == b'\r');
    let quote_from = |at: usize| text.get(at..).and_then(|rest| rest.find('"')).map(|found| at + found);
    let (mut escaped, mut bare, mut spanned, mut odd_lines) = (0_usize, 0_usize, 0, 0);
    let expected = lines(text).find(|line| !line.is_empty()).map_or(0, |header| count(header, delimiter));
    let (mut is_tidy, mut has_bare_quote) = (true, false);
    let mut at = 0;
    while let Some(open) = quote_from(at) {
        at = open + 1;
        if !is_edge(open.checked_sub(1).and_then(|before| bytes.get(before))) {
            if bytes[open - 1] == b'\\' {
                escaped += 1
            } else {
                (bare, has_bare_quote) = (bare + 1, true);
            }
            continue;
        }
        bare += 1;
        let mut from = at;
        let close = loop {
            match quote_from(from) {
                Some(quote) if bytes.get(quote + 1) == Some(&b'"') => from = quote + 2,
                other => break other,
            }
        };
        let Some(close) = close else {
            is_tidy = false;
            break;
        };
        is_tidy &= is_edge(bytes.get(close + 1));
        at = close + 1;
        if odd_lines < ENOUGH_ODD_LINES && bytes[open..close].contains(&b'\n') {
            let start = text[..open].rfind('\n').map_or(0, |end| end + 1);
            let end = text[close..].find('\n').map_or(text.len(), |end| close + end);
            for line in lines(&text[start..end]) {
                spanned += 1;
                odd_lines += usize::from(count(line, delimiter) != expected);
            }
        }
    }
    let is_every_quote_escaped = escaped > 1 && bare == 0;
    Survey { is_tidy, lines: spanned, odd_lines, is_every_quote_escaped, has_bare_quote }
}

fn count(line: &str, delimiter: u8) -> usize {
    line.bytes().filter(|b| *b == delimiter).count()
}

/// Whether every line of a tab-separated text has as many tabs as its header although some have quotes. Then each line is a
/// row, and no quote joins lines.
fn is_quote_free(text: &str) -> bool {
    let mut rows = lines(text).filter(|line| !line.is_empty());
    let Some(expected) = rows.next().map(|header| count(header, b'\t')) else { return false };
    expected > 0 && text.contains('"') && rows.all(|line| count(line, b'\t') == expected)
}

/// Whether a quotation mark or a delimiter has a backslash before it somewhere.
fn has_escape(text: &str, delimiter: u8) -> bool {
    let bytes = text.as_bytes();
    text.match_indices('\\').any(|(at, _)| bytes.get(at + 1).is_some_and(|b| *b == b'"' || *b == delimiter))
}

/// Whether far fewer records are wrong when a backslash escapes the next character, and almost none is.
fn reads_better_unescaped(text: &str, delimiter: u8, is_every_quote_escaped: bool) -> bool {
    let plain = Reading::of(text, delimiter);
    let unescaped = Reading::of(&unescape(text, delimiter), delimiter);
    let is_better = unescaped.wrong * 4 <= plain.wrong && unescaped.wrong < plain.wrong;
    let is_as_good = is_every_quote_escaped && unescaped.wrong <= plain.wrong;
    (is_better || is_as_good) && unescaped.is_almost_right()
}

/// Whether a table with apostrophes around its fields reads better so: its header has them as well, or far fewer records are
/// wrong.
fn reads_better_single(text: &str, delimiter: u8) -> bool {
    let is_around = |cell: &str| cell.len() > 1 && cell.starts_with('\'') && cell.ends_with('\'');
    let header = lines(text).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let is_in_header = header.trim().split(char::from(delimiter)).all(|cell| is_around(cell.trim()));
    let plain = Reading::of(text, delimiter);
    let single = Reading::of(&with_quotation_marks(text, delimiter), delimiter);
    let is_better = single.wrong * 4 <= plain.wrong && single.wrong < plain.wrong;
    single.is_almost_right() && (is_better || is_in_header && single.wrong <= plain.wrong)
}

/// Whether more rows are whole when quotation marks mean nothing, and almost all are.
fn reads_better_unquoted(text: &str, delimiter: u8) -> bool {
    let quoted = Reading::of(text, delimiter);
    let mut rows = lines(text).filter(|line| !line.is_empty());
    let expected = rows.next().map_or(0, |header| count(header, delimiter));
    let mut unquoted = Reading::default();
    for row in rows {
        unquoted.records += 1;
        unquoted.wrong += usize::from(count(row, delimiter) != expected);
    }
    unquoted.is_almost_right() && unquoted.records - unquoted.wrong > quoted.records - quoted.broken
}

/// How well a text reads with doubled quotation marks.
#[derive(Default)]
pub(super) struct Reading {
    /// Records below the header.
    records: usize,
    /// Records with a number of fields other than the header's, or with text after a closing quotation mark.
    pub wrong: usize,
    /// Those of them that have another number of fields or never close a quotation mark.
    broken: usize,
}

impl Reading {
    pub fn of(text: &str, delimiter: u8) -> Self {
        let bytes = text.as_bytes();
        let mut reader = csv_reader(bytes, delimiter, true);
        let mut record = ByteRecord::new();
        let mut reading = Self::default();
        let mut width = None;
        loop {
            let start = position(&reader);
            if !reader.read_byte_record(&mut record).unwrap_or(false) {
                return reading;
            }
            let raw = &bytes[start..position(&reader)];
            let Some(width) = width else {
                width = Some(record.len());
                continue;
            };
            let fault = quote_fault(raw, delimiter);
            let is_broken = record.len() != width || fault == Some(QuoteFault::Open);
            reading.records += 1;
            reading.wrong += usize::from(is_broken || fault.is_some());
            reading.broken += usize::from(is_broken);
        }
    }

    /// Whether almost all records are right.
    pub fn is_almost_right(&self) -> bool {
        self.wrong * LIKE_ROWS <= self.records
    }
}

pub(super) fn position(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

/// The text with doubled quotation marks where it has escapes by backslash. Its lines stay where they are. A backslash
/// before anything but a quotation mark, a delimiter or a backslash is a character like others.
pub(super) fn unescape(text: &str, delimiter: u8) -> String {
    enum At {
        /// In a field that began without a quotation mark, or at its beginning.
        Bare,
        Quoted,
        /// Behind the quotation mark that closed a field.
        Closed,
    }
    let bytes = text.as_bytes();
    let escapes =
        |at: usize| bytes[at] == b'\\' && bytes.get(at + 1).is_some_and(|b| [b'"', b'\\', delimiter].contains(b));
    let ends_field = |b: u8| b == delimiter || b == b'\n' || b == b'\r';
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    let mut state = At::Bare;
    // Where the field begins in `out`, and whether it must stand in quotation marks.
    let (mut field, mut needs_quotes) = (0, false);
    let mut at = 0;
    while at < bytes.len() {
        let b = bytes[at];
        match state {
            At::Bare if escapes(at) => {
                at += 1;
                needs_quotes |= bytes[at] != b'\\';
                out.push(bytes[at]);
            }
            At::Bare if b == b'"' && out.len() == field => {
                out.push(b);
                state = At::Quoted;
            }
            At::Quoted if escapes(at) => {
                at += 1;
                out.push(bytes[at]);
                if bytes[at] == b'"' {
                    out.push(b'"');
                }
            }
            At::Quoted if b == b'"' && bytes.get(at + 1) == Some(&b'"') => {
                at += 1;
                out.extend_from_slice(b"\"\"");
            }
            At::Quoted => {
                out.push(b);
                if b == b'"' {
                    state = At::Closed;
                }
            }
            At::Bare | At::Closed => {
                if ends_field(b) {
                    if std::mem::take(&mut needs_quotes) {
                        quote(&mut out, field);
                    }
                    state = At::Bare;
                }
                out.push(b);
                if ends_field(b) {
                    field = out.len();
                }
            }
        }
        at += 1;
    }
    if needs_quotes {
        quote(&mut out, field);
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Puts the end of `out` from `field` on in quotation marks.
fn quote(out: &mut Vec<u8>, field: usize) {
    let inner = out.split_off(field);
    out.push(b'"');
    for b in inner {
        out.push(b);
        if b == b'"' {
            out.push(b);
        }
    }
    out.push(b'"');
}

/// How the quotes of a record are wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum QuoteFault {
    /// The text ends inside quotes.
    Open,
    /// A closing quote is followed by something other than a delimiter or a line end.
    ClosedInField,
}

/// Follows the quotes of one record as the CSV parser does.
pub(super) fn quote_fault(raw: &[u8], delimiter: u8) -> Option<QuoteFault> {
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
