//! One record of a text, as whoever reads the table sees it.

use std::borrow::Cow;

use csv::ByteRecord;

use super::super::source::Record;
use crate::domain::problem::Problem;

/// One record below the header.
pub(super) struct Row<'r> {
    /// The row number as in a spreadsheet: the first row is 1, and blank lines count.
    pub row: usize,
    /// How many bytes of the text lie before the end of this record.
    pub end: usize,
    /// Says of a row in which a quote opens that is never closed that it does. Its fields are then those of its line.
    pub fault: Option<Problem>,
    pub fields: &'r ByteRecord,
    pub literal_quotes: bool,
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
        let Some(field) = self.fields.get(i) else { return Cow::Borrowed("") };
        let field = String::from_utf8_lossy(field);
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

    fn fault(&self) -> Option<&Problem> {
        self.fault.as_ref()
    }
}
