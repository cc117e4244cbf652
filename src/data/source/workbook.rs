//! Workbooks of Excel and LibreOffice, and which of their sheets is meant.

use std::borrow::Cow;
use std::io::{Cursor, Read as _};

use calamine::{Dimensions, Reader as _, SheetType, SheetVisible, Xlsx};

use super::archive::{Zip, ZipKind};
use super::grid::{Grid, MAX_COLUMNS};
use super::ods::{self, OdsSheet};
use super::sheet::{MAX_ROWS, Sheet, shown};
use crate::data::library::unpanicked;
use crate::domain::problem::{Outcome, Problem};

/// So many merged cells of a sheet count, and so many of them beside each other.
const MAX_MERGED: usize = 100_000;
const MAX_OPEN: usize = 64;

/// A workbook as a table, with the sheet that it is and all sheets that can be chosen.
pub struct Workbook {
    pub table: Grid,
    pub sheet: String,
    /// The sheets that hold a table, and the chosen one.
    pub sheets: Vec<String>,
    /// Whether the workbook has other sheets, too.
    pub is_one_of: bool,
    /// What the user should know of its cells.
    pub notes: Vec<Problem>,
}

/// Reads the sheet that is asked for, or the only visible one that holds a table.
///
/// # Errors
/// `data-workbook-broken`, `data-workbook-locked`, `data-no-sheet` with the sheets that there are, `data-several-sheets` with
/// those that hold a table, `data-no-table-in-sheets`, `data-empty-sheet`, `data-too-large`.
pub fn read(bytes: &[u8], kind: ZipKind, sheet: Option<&str>, header: Option<bool>, file: &str) -> Outcome<Workbook> {
    let mut source = open(bytes, kind, header == Some(false), file)?;
    let all = source.names();
    if let Some(wanted) = sheet {
        let name = find(&all, wanted).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|sheet| sheet.name.as_str()).collect();
            Problem::new("data-no-sheet").with("file", file).with("sheet", wanted).with("sheets", names.join(", "))
        })?;
        let (table, notes) = source.whole(&name)?;
        let empty = || Problem::new("data-empty-sheet").with("file", file).with("sheet", &name);
        let mut sheets = tables(&mut source, &all)?;
        if !sheets.contains(&name) {
            sheets.push(name.clone());
        }
        let is_one_of = all.len() > 1;
        return Ok(Workbook { table: table.ok_or_else(empty)?, sheet: name, sheets, is_one_of, notes });
    }
    let sheets = tables(&mut source, &all)?;
    match sheets.as_slice() {
        [] => Err(Problem::new("data-no-table-in-sheets").with("file", file)),
        [only] => {
            let (table, notes) = source.whole(only)?;
            let table = table.ok_or_else(|| Problem::new("data-no-table-in-sheets").with("file", file))?;
            let is_one_of = all.len() > 1;
            Ok(Workbook { table, sheet: only.clone(), sheets: vec![only.clone()], is_one_of, notes })
        }
        [..] => Err(Problem::new("data-several-sheets").with("file", file).with("sheets", sheets.join(", "))),
    }
}

/// The sheets among which the user is to choose; those that hold a table.
///
/// # Errors
/// `data-workbook-broken`, `data-workbook-locked`.
pub fn choices(bytes: &[u8], kind: ZipKind, file: &str) -> Outcome<Vec<String>> {
    let mut source = open(bytes, kind, false, file)?;
    let all = source.names();
    tables(&mut source, &all)
}

/// A workbook that cannot be read.
pub fn broken(file: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::new("data-workbook-broken").with("file", file).with_original(error)
}

/// The sheet of this name. Upper and lower case count only where they are needed to tell two sheets apart.
fn find(all: &[Named], wanted: &str) -> Option<String> {
    let wanted = wanted.trim();
    let mut loose = all.iter().filter(|sheet| sheet.name.trim().to_lowercase() == wanted.to_lowercase());
    let exact = all.iter().find(|sheet| sheet.name.trim() == wanted);
    exact.or_else(|| loose.next().filter(|_| loose.next().is_none())).map(|sheet| sheet.name.clone())
}

/// The visible sheets that have a header and a row below it.
fn tables(source: &mut Source<'_>, all: &[Named]) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    for sheet in all.iter().filter(|sheet| !sheet.is_hidden) {
        if source.table(&sheet.name, 1)?.is_some_and(|table| table.records() > 0) {
            found.push(sheet.name.clone());
        }
    }
    Ok(found)
}

struct Named {
    name: String,
    is_hidden: bool,
}

struct Source<'b> {
    kind: Kind<'b>,
    /// Whether the columns go by their numbers.
    is_headless: bool,
    file: &'b str,
}

enum Kind<'b> {
    Excel(Box<Xlsx<Cursor<&'b [u8]>>>),
    /// The sheets with their first record, and the bytes of the whole.
    Ods(Vec<OdsSheet>, &'b [u8]),
}

fn open<'b>(bytes: &'b [u8], kind: ZipKind, is_headless: bool, file: &'b str) -> Outcome<Source<'b>> {
    Zip::open(bytes, file)?.check_size(bytes.len())?;
    if kind == ZipKind::OpenDocument {
        let kind = Kind::Ods(ods::sheets(bytes, file, None, (1, is_headless))?, bytes);
        return Ok(Source { kind, is_headless, file });
    }
    check_strings(bytes, file)?;
    let workbook = of_library(file, || Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(file, &error)))?;
    Ok(Source { kind: Kind::Excel(Box::new(workbook)), is_headless, file })
}

/// Refuses a workbook that promises more texts than it can hold, because room is made for as many as it promises.
fn check_strings(bytes: &[u8], file: &str) -> Outcome<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(file, &error))?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| broken(file, &error))?;
        if !entry.name_raw().to_ascii_lowercase().ends_with(b"sharedstrings.xml") {
            continue;
        }
        let mut text = Vec::new();
        let size = std::io::copy(&mut entry.take(super::MAX_BYTES), &mut Head(&mut text))
            .map_err(|error| broken(file, &error))?;
        let text = String::from_utf8_lossy(&text);
        let promised = text
            .split("uniqueCount=")
            .skip(1)
            .filter_map(|rest| rest.get(1..)?.split(['"', '\'']).next()?.trim().parse::<u64>().ok());
        if promised.max().is_some_and(|count| count > size / 4) {
            return Err(broken(file, &"uniqueCount"));
        }
    }
    Ok(())
}

/// Keeps the beginning of what is written to it.
struct Head<'v>(&'v mut Vec<u8>);

impl std::io::Write for Head<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        const KEPT: usize = 1 << 16;
        let room = KEPT.saturating_sub(self.0.len());
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Source<'_> {
    /// All sheets of cells in their order.
    fn names(&self) -> Vec<Named> {
        match &self.kind {
            Kind::Excel(workbook) => workbook
                .sheets_metadata()
                .iter()
                .filter(|sheet| sheet.typ == SheetType::WorkSheet)
                .map(|sheet| Named { name: sheet.name.clone(), is_hidden: sheet.visible != SheetVisible::Visible })
                .collect(),
            Kind::Ods(sheets, _) => {
                sheets.iter().map(|sheet| Named { name: sheet.name.clone(), is_hidden: sheet.is_hidden }).collect()
            }
        }
    }

    /// A sheet with all its records; `None` where it has no header. Where a column of an Excel sheet has gaps, cells that are
    /// merged over several rows are looked for, whose value is that of each row, and formulas without a value.
    fn whole(&mut self, name: &str) -> Outcome<(Option<Grid>, Vec<Problem>)> {
        let found = self.table(name, usize::MAX)?;
        let Self { kind: Kind::Excel(workbook), is_headless, file } = self else { return Ok((found, Vec::new())) };
        let Some(table) = &found else { return Ok((found, Vec::new())) };
        let (records, filled) = (table.records(), table.filled());
        if filled.iter().all(|filled| filled * 10 >= records * 9) {
            return Ok((found, Vec::new()));
        }
        let of_sheet = |error| broken(file, &error);
        let areas = of_library(file, || workbook.merge_cells_by_sheet_name(name).map_err(of_sheet))?;
        let merged = Merged::of(&areas);
        let (mut notes, mut found) = (Vec::new(), found);
        if !merged.waiting.is_empty() {
            let count = merged.waiting.len();
            let sheet = Sheet::new(file, usize::MAX, *is_headless);
            found = of_library(file, || excel_table(workbook, name, sheet, merged, file))?;
            notes.push(Problem::new("data-note-merged").with("file", &**file).with_count("count", count));
        }
        let is_empty = found.as_ref().is_some_and(|table| table.filled().contains(&0));
        let mut has_formulas = || {
            let mut cells = workbook.worksheet_cells_reader(name).map_err(of_sheet)?;
            cells.next_formula().map(|found| found.is_some()).map_err(of_sheet)
        };
        if is_empty && of_library(file, &mut has_formulas)? {
            notes.push(Problem::new("data-note-formulas").with("file", &**file).with("sheet", name));
        }
        Ok((found, notes))
    }

    /// A sheet with at most `most` records; `None` where it has no header.
    fn table(&mut self, name: &str, most: usize) -> Outcome<Option<Grid>> {
        let Self { kind, is_headless, file } = self;
        match kind {
            Kind::Excel(workbook) => {
                let sheet = Sheet::new(file, most, *is_headless);
                of_library(file, || excel_table(workbook, name, sheet, Merged::default(), file))
            }
            Kind::Ods(sheets, _) if most == 1 => {
                Ok(sheets.iter_mut().find(|sheet| sheet.name == name).and_then(|sheet| sheet.table.take()))
            }
            Kind::Ods(_, bytes) => {
                let sheets = ods::sheets(bytes, file, Some(name), (most, *is_headless))?;
                Ok(sheets.into_iter().find(|sheet| sheet.name == name).and_then(|sheet| sheet.table))
            }
        }
    }
}

/// Reads what the library reads, which panics over some damaged workbooks.
///
/// # Errors
/// Those of `read`; `data-workbook-broken`.
fn of_library<T>(file: &str, read: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    unpanicked(read).unwrap_or_else(|error| Err(broken(file, &error)))
}

/// Cells that are merged over several rows, of which only the first has the value.
#[derive(Default)]
struct Merged<'c> {
    /// Those that are still to come, the last one first: their first and last rows, and their column.
    waiting: Vec<(u32, u32, u32)>,
    /// The last rows, columns and values of those that have begun.
    open: Vec<(u32, u32, Cow<'c, str>)>,
}

impl<'c> Merged<'c> {
    fn of(merged: &[Dimensions]) -> Self {
        let over_rows = merged.iter().filter(|area| area.end.0 > area.start.0).take(MAX_MERGED);
        let mut waiting: Vec<_> = over_rows.map(|area| (area.start.0, area.end.0, area.start.1)).collect();
        waiting.sort_by(|a, b| b.cmp(a));
        Self { waiting, open: Vec::new() }
    }

    /// Gives a row the values of the cells that reach down to it, and takes those that begin in it.
    fn fill(&mut self, row: u32, cells: &mut Vec<(u32, Cow<'c, str>)>) {
        self.open.retain(|(last, ..)| *last >= row);
        for (_, column, text) in &self.open {
            if !cells.iter().any(|(own, _)| own == column) {
                cells.push((*column, text.clone()));
            }
        }
        while let Some((_, last, column)) = self.waiting.pop_if(|(first, ..)| *first <= row) {
            if let Some((_, text)) = cells.iter().find(|(own, _)| *own == column).filter(|_| self.open.len() < MAX_OPEN)
            {
                self.open.push((last, column, text.clone()));
            }
        }
    }
}

fn excel_table<'b>(
    workbook: &'b mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    mut sheet: Sheet,
    mut merged: Merged<'b>,
    file: &str,
) -> Outcome<Option<Grid>> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| broken(file, &error))?;
    let (mut row, mut of_row) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(|error| broken(file, &error))? {
        let (at, column) = cell.get_position();
        // Beyond the last cell of a sheet the library's numbers run over, and the cell is anywhere.
        if at >= MAX_ROWS || column as usize >= MAX_COLUMNS {
            return Err(broken(file, &format_args!("row {at}, column {column}")));
        }
        if at != row {
            merged.fill(row, &mut of_row);
            if sheet.take(row, std::mem::take(&mut of_row))?.is_break() {
                return Ok(sheet.finish());
            }
            row = at;
        }
        let text = shown(cell.get_value().clone());
        if !text.is_empty() {
            of_row.push((column, text));
        }
    }
    // The last row needs none after it.
    merged.fill(row, &mut of_row);
    sheet.take(row, of_row).map(|_| ())?;
    Ok(sheet.finish())
}
