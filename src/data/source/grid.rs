//! A table that is held in memory: every kind but delimited text is read into one. Only cells that hold something take room.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::ControlFlow;

use super::{Each, MAX_BYTES, Record, Table, too_large};
use crate::domain::names::bare;
use crate::domain::problem::{Outcome, Problem};

/// A spreadsheet has no more columns than this.
pub const MAX_COLUMNS: usize = 16_384;

/// A cell of a record before it is put into a [`Grid`].
pub struct Cell<'c> {
    pub column: u32,
    pub text: Cow<'c, str>,
    /// Whether the cell holds a list or an object, of which `text` is the JSON.
    pub is_nested: bool,
}

/// A table with its cells.
pub struct Grid {
    file: String,
    columns: Vec<String>,
    known: HashMap<String, u32>,
    /// All cells one after another.
    joined: String,
    cells: Vec<Kept>,
    rows: Vec<Row>,
    /// Why nothing of a record can be used, by its index.
    faults: HashMap<usize, Problem>,
    /// The column that says where a record is.
    place: Option<u32>,
    /// This is false once a name has had spaces at its ends.
    has_bare_names: bool,
    /// Whether the columns have names of their own.
    is_headless: bool,
}

struct Kept {
    column: u32,
    is_nested: bool,
    /// Where the cell ends in `joined`.
    end: usize,
}

struct Row {
    /// The number by which a person finds it.
    number: u32,
    /// The index of the first cell of the row after this one.
    end: usize,
}

impl Grid {
    pub fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            columns: Vec::new(),
            known: HashMap::new(),
            joined: String::new(),
            cells: Vec::new(),
            rows: Vec::new(),
            faults: HashMap::new(),
            place: None,
            has_bare_names: true,
            is_headless: false,
        }
    }

    /// The column of this name, which is added where it is new.
    ///
    /// # Errors
    /// `data-too-many-columns`.
    pub fn column(&mut self, name: &str) -> Outcome<u32> {
        self.has_bare_names &= bare(name) == name;
        let name = bare(name);
        if let Some(column) = self.known.get(name) {
            return Ok(*column);
        }
        let column = self.add_column(name)?;
        self.known.insert(name.to_owned(), column);
        Ok(column)
    }

    /// Adds a column, whatever the names of the others.
    ///
    /// # Errors
    /// `data-too-many-columns`.
    pub fn add_column(&mut self, name: &str) -> Outcome<u32> {
        if self.columns.len() >= MAX_COLUMNS {
            return Err(Problem::new("data-too-many-columns").with("file", &self.file).with_count("most", MAX_COLUMNS));
        }
        self.has_bare_names &= bare(name) == name;
        self.columns.push(bare(name).to_owned());
        Ok(self.columns.len() as u32 - 1)
    }

    /// Adds a record. Of two cells in one column the later one counts.
    ///
    /// # Errors
    /// `data-too-large`.
    pub fn push(&mut self, number: usize, mut cells: Vec<Cell<'_>>) -> Outcome<()> {
        cells.reverse();
        cells.sort_by_key(|cell| cell.column);
        cells.dedup_by_key(|cell| cell.column);
        for cell in cells.into_iter().filter(|cell| !cell.text.is_empty()) {
            self.joined.push_str(&cell.text);
            self.cells.push(Kept { column: cell.column, is_nested: cell.is_nested, end: self.joined.len() });
        }
        self.rows.push(Row { number: u32::try_from(number).unwrap_or(u32::MAX), end: self.cells.len() });
        if self.joined.len() as u64 > MAX_BYTES { Err(too_large(&self.file, self.joined.len() as u64)) } else { Ok(()) }
    }

    /// Adds a record that cannot be used, and where it is if a number does not say it well.
    pub fn push_fault(&mut self, number: usize, fault: Problem, place: Option<&str>) {
        if let Some((column, place)) = self.place.zip(place) {
            self.joined.push_str(place);
            self.cells.push(Kept { column, is_nested: false, end: self.joined.len() });
        }
        self.faults.insert(self.rows.len(), fault);
        self.rows.push(Row { number: u32::try_from(number).unwrap_or(u32::MAX), end: self.cells.len() });
    }

    /// In how many records each column has something.
    pub fn filled(&self) -> Vec<usize> {
        let mut filled = vec![0; self.columns.len()];
        self.cells.iter().for_each(|cell| filled[cell.column as usize] += 1);
        filled
    }

    /// Says that the columns go by their numbers.
    pub fn make_headless(&mut self) {
        self.is_headless = true;
    }

    /// Says which column tells where a record is.
    pub fn place_by(&mut self, column: u32) {
        self.place = Some(column);
    }

    /// The number of records.
    pub fn records(&self) -> usize {
        self.rows.len()
    }

    /// Forgets the records, and keeps the columns.
    pub fn clear(&mut self) {
        self.joined.clear();
        self.cells.clear();
        self.rows.clear();
        self.faults.clear();
    }
}

impl Table for Grid {
    fn file(&self) -> &str {
        &self.file
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn has_bare_names(&self) -> bool {
        self.has_bare_names
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn header(&self) -> (bool, bool) {
        (!self.is_headless, false)
    }

    fn visit(&self, each: &mut Each<'_>) -> Outcome<()> {
        let mut first = 0;
        for (index, row) in self.rows.iter().enumerate() {
            let record = GridRecord { grid: self, index, first, cells: &self.cells[first..row.end] };
            if each(&record)? == ControlFlow::Break(()) {
                break;
            }
            first = row.end;
        }
        Ok(())
    }
}

/// A record of a [`Grid`].
struct GridRecord<'g> {
    grid: &'g Grid,
    index: usize,
    /// The index of its first cell.
    first: usize,
    /// Its cells in the order of their columns.
    cells: &'g [Kept],
}

impl GridRecord<'_> {
    fn find(&self, column: usize) -> Option<usize> {
        self.cells.binary_search_by_key(&column, |cell| cell.column as usize).ok()
    }

    /// Where a cell begins in the grid's text.
    fn start(&self, cell: usize) -> usize {
        (self.first + cell).checked_sub(1).map_or(0, |before| self.grid.cells[before].end)
    }

    fn text(&self, column: usize) -> &str {
        self.find(column).map_or("", |cell| &self.grid.joined[self.start(cell)..self.cells[cell].end])
    }
}

impl Record for GridRecord<'_> {
    fn row(&self) -> usize {
        self.grid.rows[self.index].number as usize
    }

    fn end(&self) -> usize {
        self.index + 1
    }

    fn len(&self) -> usize {
        self.cells.last().map_or(0, |last| last.column as usize + 1)
    }

    fn get(&self, i: usize) -> Cow<'_, str> {
        Cow::Borrowed(self.text(i))
    }

    fn has_nul(&self) -> bool {
        self.cells.last().is_some_and(|last| self.grid.joined.as_bytes()[self.start(0)..last.end].contains(&0))
    }

    fn is_nested(&self, i: usize) -> bool {
        self.find(i).is_some_and(|cell| self.cells[cell].is_nested)
    }

    fn fault(&self) -> Option<&Problem> {
        self.grid.faults.get(&self.index)
    }

    fn place(&self) -> Option<&str> {
        self.grid.place.map(|column| self.text(column as usize)).filter(|place| !place.is_empty())
    }
}
