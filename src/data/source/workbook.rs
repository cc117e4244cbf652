//! Workbooks of Excel and LibreOffice, and which of their sheets is meant.

use std::io::{Cursor, Read as _};

use calamine::{Reader as _, SheetType, SheetVisible, Xlsx};

use super::archive::{Zip, ZipKind};
use super::grid::{Grid, MAX_COLUMNS};
use super::ods::{self, OdsSheet};
use super::sheet::{MAX_ROWS, Sheet, shown};
use crate::data::library::unpanicked;
use crate::domain::config::DataConfig;
use crate::domain::problem::{Outcome, Problem};

/// A workbook as a table, with the sheet that it is and all sheets that can be chosen.
pub struct Workbook {
    pub table: Grid,
    pub sheet: String,
    /// The sheets that hold a table, and the chosen one.
    pub sheets: Vec<String>,
    /// Whether the workbook has other sheets, too.
    pub is_one_of: bool,
}

/// Reads the sheet that is asked for, or the only visible one that holds a table.
///
/// # Errors
/// `data-workbook-broken`, `data-workbook-locked`, `data-no-sheet` with the sheets that there are, `data-several-sheets` with
/// those that hold a table, `data-no-table-in-sheets`, `data-empty-sheet`, `data-too-large`.
pub fn read(bytes: &[u8], kind: ZipKind, config: &DataConfig, file: &str) -> Outcome<Workbook> {
    let mut source = open(bytes, kind, config.reading.header == Some(false), file)?;
    let all = source.names();
    if let Some(wanted) = config.reading.sheet.as_deref() {
        let name = find(&all, wanted).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|sheet| sheet.name.as_str()).collect();
            Problem::new("data-no-sheet").with("file", file).with("sheet", wanted).with("sheets", names.join(", "))
        })?;
        let table = source.table(&name, usize::MAX)?;
        let empty = || Problem::new("data-empty-sheet").with("file", file).with("sheet", &name);
        let mut sheets = tables(&mut source, &all)?;
        if !sheets.contains(&name) {
            sheets.push(name.clone());
        }
        return Ok(Workbook { table: table.ok_or_else(empty)?, sheet: name, sheets, is_one_of: all.len() > 1 });
    }
    let sheets = tables(&mut source, &all)?;
    match sheets.as_slice() {
        [] => Err(Problem::new("data-no-table-in-sheets").with("file", file)),
        [only] => {
            let table = source
                .table(only, usize::MAX)?
                .ok_or_else(|| Problem::new("data-no-table-in-sheets").with("file", file))?;
            let is_one_of = all.len() > 1;
            Ok(Workbook { table, sheet: only.clone(), sheets: vec![only.clone()], is_one_of })
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

    /// A sheet with at most `most` records; `None` where it has no header.
    fn table(&mut self, name: &str, most: usize) -> Outcome<Option<Grid>> {
        let Self { kind, is_headless, file } = self;
        match kind {
            Kind::Excel(workbook) => {
                of_library(file, || excel_table(workbook, name, Sheet::new(file, most, *is_headless), file))
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

fn excel_table(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str, mut sheet: Sheet, file: &str) -> Outcome<Option<Grid>> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| broken(file, &error))?;
    let (mut row, mut of_row) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(|error| broken(file, &error))? {
        let (at, column) = cell.get_position();
        // Beyond the last cell of a sheet the library's numbers run over, and the cell is anywhere.
        if at >= MAX_ROWS || column as usize >= MAX_COLUMNS {
            return Err(broken(file, &format_args!("row {at}, column {column}")));
        }
        if at != row {
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
    sheet.take(row, of_row).map(|_| ())?;
    Ok(sheet.finish())
}
