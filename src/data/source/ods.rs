//! LibreOffice's spreadsheets: the sheets of `content.xml`, row by row. Repeated cells and rows are bounded.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Cursor};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::MAX_BYTES;
use super::grid::{self, Grid};
use super::sheet::{MAX_ROWS, Sheet, number};
use super::workbook::broken;
use crate::domain::problem::{Outcome, Problem};

/// A sheet has no more columns than this.
const MAX_COLUMNS: u32 = grid::MAX_COLUMNS as u32;
/// The memory that cells and rows which stand for several may take beyond what the file itself does. A table of texts has
/// hardly any of them, and a few bytes can ask for all the cells of a sheet.
const MOST_REPEATED_BYTES: usize = 32 << 20;
/// The memory of one cell beyond its text.
const CELL_BYTES: usize = 64;
/// So many spaces may stand for one another in a text.
const MAX_SPACES: usize = 1000;

/// A sheet: its name, whether it is hidden, and its table with at most as many records as asked for.
pub struct OdsSheet {
    pub name: String,
    pub is_hidden: bool,
    pub table: Option<Grid>,
}

/// Reads the sheets, of each at most so many records, and with columns that go by their numbers where the second of `how` says
/// so; with `only`, the table of this one sheet alone.
///
/// # Errors
/// `data-workbook-broken`, `data-workbook-locked`, `data-too-large`, `data-too-many-columns`, `data-repeated-cells`.
pub fn sheets(bytes: &[u8], file: &str, only: Option<&str>, how: (usize, bool)) -> Outcome<Vec<OdsSheet>> {
    let (most, is_headless) = how;
    let failed = |error: &dyn std::fmt::Display| broken(file, error);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| failed(&error))?;
    if let Ok(manifest) = archive.by_name("META-INF/manifest.xml")
        && std::io::read_to_string(std::io::Read::take(manifest, 1 << 20))
            .is_ok_and(|text| text.contains("encryption-data"))
    {
        return Err(Problem::new("data-workbook-locked").with("file", file));
    }
    let content = archive.by_name("content.xml").map_err(|error| failed(&error))?;
    let mut xml = Xml {
        reader: Reader::from_reader(BufReader::new(std::io::Read::take(content, MAX_BYTES))),
        buffer: Vec::new(),
        repeated_bytes: 0,
        file,
    };
    let (mut sheets, mut hidden, mut style) = (Vec::new(), HashSet::new(), String::new());
    loop {
        match xml.next()? {
            Step::Start(tag) => match tag.name.as_str() {
                "style:style" => style = tag.get("style:name").to_owned(),
                "style:table-properties" if tag.get("table:display") == "false" => {
                    hidden.insert(std::mem::take(&mut style));
                }
                "table:tracked-changes" | "office:annotation" => xml.skip()?,
                "table:table" => {
                    let name = tag.get("table:name").to_owned();
                    let is_hidden = hidden.contains(tag.get("table:style-name"));
                    let most = if only.is_none_or(|only| only == name) { most } else { 0 };
                    let table = xml.table(most, is_headless)?;
                    sheets.push(OdsSheet { name, is_hidden, table });
                }
                _ => {}
            },
            Step::Done => return Ok(sheets),
            Step::End(_) | Step::Text(_) => {}
        }
    }
}

/// What comes next in a document.
enum Step {
    Start(Tag),
    End(String),
    Text(String),
    Done,
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, name: &str) -> &str {
        self.attributes.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// How often the element stands for itself.
    fn repeats(&self, name: &str) -> u32 {
        self.get(name).parse().unwrap_or(1)
    }
}

struct Xml<'f, R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    /// The memory of all repeated cells so far.
    repeated_bytes: usize,
    file: &'f str,
}

impl<R: BufRead> Xml<'_, R> {
    fn next(&mut self) -> Outcome<Step> {
        self.reader.config_mut().expand_empty_elements = true;
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| broken(self.file, &error))?;
        Ok(match event {
            Event::Start(start) => Step::Start(tag(&start)),
            Event::End(end) => Step::End(end.name().as_ref().to_owned()),
            Event::Text(text) => Step::Text(text.xml10_content().into_owned()),
            Event::CData(text) => Step::Text(text.xml10_content().into_owned()),
            Event::GeneralRef(name) => {
                let text = match name.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    _ => quick_xml::escape::resolve_predefined_entity(&name).unwrap_or_default().to_owned(),
                };
                Step::Text(text)
            }
            Event::Eof => Step::Done,
            _ => Step::Text(String::new()),
        })
    }

    /// The next step within an element, where the document may not end.
    fn inner(&mut self) -> Outcome<Step> {
        match self.next()? {
            Step::Done => Err(broken(self.file, &"content.xml")),
            step => Ok(step),
        }
    }

    /// Leaves out the rest of an element that has begun.
    fn skip(&mut self) -> Outcome<()> {
        let mut depth = 1;
        while depth > 0 {
            match self.inner()? {
                Step::Start(_) => depth += 1,
                Step::End(_) => depth -= 1,
                Step::Text(_) | Step::Done => {}
            }
        }
        Ok(())
    }

    /// Notes that something of so many bytes stands for itself so many times.
    fn repeat(&mut self, times: u32, bytes: usize) -> Outcome<()> {
        let more = (times.saturating_sub(1) as usize).saturating_mul(bytes);
        self.repeated_bytes = self.repeated_bytes.saturating_add(more);
        if self.repeated_bytes > MOST_REPEATED_BYTES {
            return Err(Problem::new("data-repeated-cells").with("file", self.file));
        }
        Ok(())
    }

    /// Reads the rows of a sheet that has begun. With `most` 0 they are only passed over.
    fn table(&mut self, most: usize, is_headless: bool) -> Outcome<Option<Grid>> {
        let (mut sheet, mut row, mut is_full) = (Sheet::new(self.file, most, is_headless), 0_u32, most == 0);
        loop {
            match self.inner()? {
                Step::Start(tag) if tag.name == "table:table-row" => {
                    let repeats = tag.repeats("table:number-rows-repeated").min(MAX_ROWS.saturating_sub(row));
                    let cells = self.row()?;
                    if !is_full && !cells.is_empty() {
                        let bytes = cells.iter().map(|(_, text)| text.len() + CELL_BYTES).sum();
                        self.repeat(repeats.min(u32::try_from(most).unwrap_or(u32::MAX)), bytes)?;
                    }
                    for n in 0..if cells.is_empty() || is_full { 0 } else { repeats } {
                        let again =
                            cells.iter().map(|(column, text)| (*column, Cow::Borrowed(text.as_str()))).collect();
                        if sheet.take(row + n, again)?.is_break() {
                            is_full = true;
                            break;
                        }
                    }
                    row = row.saturating_add(repeats);
                }
                Step::Start(tag) if ["table:shapes", "office:forms", "table:table"].contains(&tag.name.as_str()) => {
                    self.skip()?
                }
                Step::End(name) if name == "table:table" => return Ok(sheet.finish()),
                _ => {}
            }
        }
    }

    /// The cells of a row that hold something, with their columns.
    fn row(&mut self) -> Outcome<Vec<(u32, String)>> {
        let (mut cells, mut column) = (Vec::new(), 0_u32);
        loop {
            match self.inner()? {
                Step::Start(tag) if tag.name == "table:table-cell" || tag.name == "table:covered-table-cell" => {
                    let repeats = tag.repeats("table:number-columns-repeated").min(MAX_COLUMNS.saturating_sub(column));
                    let text = self.cell(&tag)?;
                    if !text.is_empty() {
                        self.repeat(repeats, text.len() + CELL_BYTES)?;
                        cells.extend((0..repeats).map(|n| (column + n, text.clone())));
                    }
                    column = column.saturating_add(repeats);
                }
                Step::End(name) if name == "table:table-row" => return Ok(cells),
                _ => {}
            }
        }
    }

    /// What a cell that has begun shows. Numbers, dates and truth values have their value in an attribute, which is as exact
    /// as it gets, whatever the cell's format.
    fn cell(&mut self, tag: &Tag) -> Outcome<String> {
        let is_error = tag.get("calcext:value-type") == "error";
        let value = match tag.get("office:value-type") {
            "float" | "percentage" | "currency" if !is_error => {
                let text = tag.get("office:value");
                Some(text.parse().map_or_else(|_| text.to_owned(), number))
            }
            "date" => Some(tag.get("office:date-value").replace('T', " ").trim_end_matches(" 00:00:00").to_owned()),
            "boolean" => Some(tag.get("office:boolean-value").to_uppercase()),
            _ => None,
        };
        let (mut text, mut paragraphs, mut depth) = (String::new(), 0, 1);
        while depth > 0 {
            match self.inner()? {
                Step::Start(tag) => match tag.name.as_str() {
                    "office:annotation" => self.skip()?,
                    name => {
                        depth += 1;
                        match name {
                            "text:p" | "text:h" => {
                                paragraphs += 1;
                                text.push_str(if paragraphs > 1 { "\n" } else { "" });
                            }
                            "text:s" => text.push_str(&" ".repeat((tag.repeats("text:c") as usize).min(MAX_SPACES))),
                            "text:tab" => text.push('\t'),
                            "text:line-break" => text.push('\n'),
                            _ => {}
                        }
                    }
                },
                Step::Text(part) if depth > 1 => text.push_str(&part),
                Step::End(_) => depth -= 1,
                Step::Text(_) | Step::Done => {}
            }
        }
        Ok(value.filter(|value| !value.is_empty()).unwrap_or(text))
    }
}

fn tag(start: &BytesStart<'_>) -> Tag {
    let mut raw = start.attributes();
    let attributes = raw.with_checks(false).flatten().map(|attribute| {
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map(Cow::into_owned).unwrap_or_default();
        (attribute.key.as_ref().to_owned(), value)
    });
    Tag { name: start.name().as_ref().to_owned(), attributes: attributes.collect() }
}
