//! Rows of a spreadsheet as a table: which row is the header, and what becomes of a cell.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;

use calamine::{DataRef, ExcelDateTime};

use super::grid::{Cell, Grid};
use crate::domain::problem::Outcome;

/// A sheet has no more rows than this.
pub const MAX_ROWS: u32 = 1_048_576;

/// A sheet on its way into a table. Rows come in their order.
pub struct Sheet {
    grid: Grid,
    /// The column of the table for each column of the sheet; empty until the header has come.
    columns: HashMap<u32, u32>,
    has_header: bool,
    /// Whether the first row is one like the others.
    is_headless: bool,
    /// No more records are taken than this.
    most: usize,
}

impl Sheet {
    pub fn new(file: &str, most: usize, is_headless: bool) -> Self {
        let mut grid = Grid::new(file);
        if is_headless {
            grid.make_headless();
        }
        Self { grid, columns: HashMap::new(), has_header: false, is_headless, most }
    }

    /// Takes the cells of a row by their columns. The first row with two cells or more is the header, because a title above
    /// it stands in one. Empty rows count no more than they do in other tables. It breaks when there are enough records.
    ///
    /// # Errors
    /// `data-too-many-columns`, `data-too-large`.
    pub fn take(&mut self, row: u32, mut cells: Vec<(u32, Cow<'_, str>)>) -> Outcome<ControlFlow<()>> {
        cells.retain(|(_, text)| !text.trim().is_empty());
        if !self.has_header && cells.len() > 1 {
            self.has_header = true;
            for (n, (column, name)) in (1..).zip(&cells) {
                let name = if self.is_headless { n.to_string() } else { name.to_string() };
                self.columns.insert(*column, self.grid.add_column(&name)?);
            }
            if !self.is_headless {
                return Ok(ControlFlow::Continue(()));
            }
        }
        if !self.has_header || cells.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let mut record = Vec::with_capacity(cells.len());
        for (column, text) in cells {
            let column = match self.columns.get(&column) {
                Some(known) => *known,
                None => {
                    let name = if self.is_headless { (self.columns.len() + 1).to_string() } else { String::new() };
                    let added = self.grid.add_column(&name)?;
                    self.columns.insert(column, added);
                    added
                }
            };
            record.push(Cell { column, text, is_nested: false });
        }
        self.grid.push(row as usize + 1, record)?;
        Ok(if self.grid.records() < self.most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }

    /// The table, with or without records; `None` where there is no header.
    pub fn finish(self) -> Option<Grid> {
        self.has_header.then_some(self.grid)
    }
}

/// A number as people write it: 1 and not 1.0.
pub fn number(value: f64) -> String {
    value.to_string()
}

/// What a cell of a workbook shows, whatever its format: dates as 2024-05-01, whole numbers without a point.
pub fn shown<'c>(value: DataRef<'c>) -> Cow<'c, str> {
    match value {
        DataRef::Empty => Cow::Borrowed(""),
        DataRef::SharedString(text) => Cow::Borrowed(text),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cow::Owned(text),
        DataRef::Int(n) => Cow::Owned(n.to_string()),
        DataRef::Float(value) => Cow::Owned(number(value)),
        DataRef::Bool(is_true) => Cow::Borrowed(if is_true { "TRUE" } else { "FALSE" }),
        DataRef::Error(error) => Cow::Owned(error.to_string()),
        DataRef::DateTime(at) => Cow::Owned(date(at)),
    }
}

fn date(at: ExcelDateTime) -> String {
    let secs = (at.as_f64() * 86_400.0).round();
    let clock = |secs: f64| {
        let secs = secs.abs() as u64;
        format!("{:02}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)
    };
    if at.is_duration() || (0.0..1.0).contains(&at.as_f64()) {
        return clock(secs);
    }
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let rest = secs.rem_euclid(86_400.0);
    if rest == 0.0 { date } else { format!("{date} {}", clock(rest)) }
}
