//! What people and programs write above a table's header: a title, remarks, rows without a cell.

use csv::ByteRecord;

use super::columns::is_usual_name;
use super::dialect::{csv_reader, guess_delimiter};

/// So many lines are looked through for the header.
const MOST_LINES: usize = 12;
/// The rows below a header are checked by so many.
const CHECKED_ROWS: usize = 50;

/// What stands above the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Preamble {
    /// How many bytes of the text it takes.
    pub bytes: usize,
    /// How many lines of the file these are.
    pub lines: usize,
}

/// Finds the header of a text that does not begin with it. Only what is certain counts: rows without a cell, remarks behind
/// a `#`, and lines with one cell, where the row behind them has a usual name for texts or labels and as many cells as the
/// rows below. `delimiter` is what the user says.
pub(super) fn preamble(text: &str, delimiter: Option<u8>) -> Preamble {
    let mut found = Preamble::default();
    if text.starts_with("sep=") {
        return found;
    }
    let mut at = 0;
    let mut is_certain = true;
    for (number, line) in text.split_inclusive('\n').take(MOST_LINES).enumerate() {
        let own = line.trim_matches(['\u{feff}', '\r', '\n', ' ']);
        let delimiter = delimiter.or_else(|| guess_delimiter(&text[at..])).unwrap_or(b',');
        let cells = cells(own, delimiter);
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        let is_named = cells.iter().any(|cell| is_usual_name(cell));
        if !own.is_empty() && filled > 1 && !own.starts_with('#') {
            let is_header = is_certain || (is_named && has_rows(&text[at..], delimiter, cells.len()));
            return if is_header { found } else { Preamble::default() };
        }
        // A remark may be a header, and a line with one cell may be a text.
        is_certain &= filled == 0;
        let is_open = !own.matches('"').count().is_multiple_of(2);
        if is_open || is_named {
            return Preamble::default();
        }
        at += line.len();
        found = Preamble { bytes: at, lines: number + 1 };
    }
    Preamble::default()
}

fn cells(line: &str, delimiter: u8) -> Vec<String> {
    let mut record = ByteRecord::new();
    // A line that is no record has no cells.
    csv_reader(line.as_bytes(), delimiter, true).read_byte_record(&mut record).ok();
    record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
}

/// Whether a text is a header of so many cells and rows of as many, most of them.
fn has_rows(text: &str, delimiter: u8, width: usize) -> bool {
    let records = csv_reader(text.as_bytes(), delimiter, true).into_byte_records();
    let widths: Vec<usize> = records.skip(1).take(CHECKED_ROWS).map_while(Result::ok).map(|r| r.len()).collect();
    let alike = widths.iter().filter(|own| **own == width).count();
    alike > 0 && alike * 10 >= widths.len() * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_above_a_header_is_known_where_it_is_certain() {
        let rows = "a fine day;1\nb;0\n".repeat(4);
        let of = |above: &str, header: &str, delimiter: char| {
            let rows = rows.replace(';', &delimiter.to_string());
            preamble(&format!("{above}{header}\n{rows}"), None).lines
        };
        for (above, lines) in [
            ("", 0),
            ("# exported 2024-05-01, by someone\n", 1),
            ("# one\n# two, three, four\n#\n", 3),
            ("Survey of reviews 2024\n\n", 2),
            ("Survey of reviews 2024,\n", 1),
            (",\r\n", 1),
            ("\u{feff}Results\r\n,,,\r\n", 2),
        ] {
            assert_eq!(of(above, "text,label", ','), lines, "{above:?}");
            let other = above.replace(',', ";");
            assert_eq!(of(&other, "review;sentiment", ';'), lines, "{other:?}");
        }
        // These may be headers, or texts.
        for (above, header) in [
            ("", "#text,label"),
            ("text,\n", "label,class"),
            ("# text\n", "one,two"),
            ("review\n", "fine, really"),
            ("text,label\n", "a text,0"),
            ("sep=;\n", "text;label"),
            ("one line\n", "first,second"),
            ("\"my\n", "text\",label"),
        ] {
            assert_eq!(of(above, header, ','), 0, "{above:?} {header}");
        }
        assert_eq!(preamble("only one column\nmore of it\n", None), Preamble::default());
        assert_eq!(preamble("", None), Preamble::default());
    }
}
