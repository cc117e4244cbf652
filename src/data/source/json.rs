//! JSON as a table: lines that are records each, a list of records, and the wrapped forms that pandas and labelling tools
//! write.

mod list;

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Map, Value};

use super::grid::{Cell, Grid};
use crate::data::columns::is_usual_name;
use crate::domain::problem::{Outcome, Problem};

/// Whether a file is JSON lines is decided by so many of its lines.
const LOOK_LINES: usize = 20;
/// A longer line is no record, but a whole document.
const MAX_LINE_BYTES: usize = 1 << 24;
/// A document that is no list is held in memory as a tree, which takes many times its size.
const MAX_DOCUMENT_BYTES: usize = 1 << 30;
/// Objects within objects become columns such as `meta.id` down to this depth. What lies deeper stays JSON.
const MAX_DEPTH: usize = 8;
/// Lists of Label Studio, in which the one that labelled a text has an object.
const OF_LABELLING: [&str; 3] = ["annotations", "completions", "result"];
/// A header that is a list is told from records by so many of these.
const LOOK_RECORDS: usize = 50;

/// What a text that begins with a brace or a bracket is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JsonForm {
    /// One record a line.
    Lines,
    /// Records one after another, each over several lines.
    Stream,
    /// A list of records.
    List,
    /// One object, in which the records are.
    Document,
}

/// The form of a text if it is JSON; `None` for all that only begins alike.
pub fn form(text: &str) -> Option<JsonForm> {
    let text = text.trim_start();
    let is_list = text.starts_with('[');
    let second = text.get(1..)?.trim_start().chars().next()?;
    let is_record = |line: &str| {
        let line = without_comma(line);
        line.len() <= MAX_LINE_BYTES && parse(line).is_some_and(|v| v.is_object() || v.is_array())
    };
    let is_json = match second {
        '"' => !is_list || is_record(text.lines().next()?),
        '}' => !is_list,
        '{' | '[' | ']' => is_list,
        _ => false,
    };
    if !is_json {
        return None;
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(LOOK_LINES);
    let whole: Vec<bool> = lines.map(is_record).collect();
    let read = whole.iter().filter(|is_whole| **is_whole).count();
    if whole.len() > 1 && read * 2 >= whole.len() && (whole[0] || !is_list) {
        return Some(JsonForm::Lines);
    }
    if is_list {
        return Some(JsonForm::List);
    }
    let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let is_first_whole = matches!(values.next(), Some(Ok(_)));
    let rest = text[values.byte_offset().min(text.len())..].trim_start();
    Some(if is_first_whole && rest.starts_with('{') { JsonForm::Stream } else { JsonForm::Document })
}

/// Reads a text of this form into a table. Of records that are lists, `header` says whether the first names the columns.
///
/// # Errors
/// `data-json-broken` with line and column, `data-json-no-records`, `data-too-many-columns`, `data-too-large`.
pub fn read(text: &str, form: JsonForm, header: Option<bool>, file: &str) -> Outcome<Grid> {
    let mut records = Records::new(file, header);
    match form {
        JsonForm::Lines => lines(text, 0, &mut records)?,
        JsonForm::Stream => stream(text, &mut records)?,
        JsonForm::List => list::read(text, file, &mut records)?,
        JsonForm::Document => document(text, file, &mut records)?,
    }
    let grid = records.finish()?;
    if grid.records() == 0 { Err(Problem::new("data-json-no-records").with("file", file)) } else { Ok(grid) }
}

/// A line without the comma at its end, which is left where a list was cut into lines.
fn without_comma(line: &str) -> &str {
    let line = line.trim();
    line.strip_suffix(',').map_or(line, str::trim_end)
}

/// One value of a text, where Python's `NaN` and `Infinity` mean that there is none.
fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&without_nan(text)?).ok())
}

/// The text with `null` in place of `NaN`, `Infinity` and `-Infinity`, each padded so that nothing moves; `None` where there
/// are none.
fn without_nan(text: &str) -> Option<String> {
    let (mut bytes, mut at, mut is_string, mut found) = (text.as_bytes().to_vec(), 0, false, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if is_string => at += 1,
            b'"' => is_string = !is_string,
            b'N' | b'I' | b'-' if !is_string => {
                if let Some(word) =
                    ["-Infinity", "Infinity", "NaN"].iter().find(|word| bytes[at..].starts_with(word.as_bytes()))
                {
                    // `NaN` is one letter shorter than `null`, and a number that means nothing just as well.
                    let instead: &[u8] = if word.len() == 3 { b"\"\" " } else { b"null" };
                    bytes[at..at + word.len()].fill(b' ');
                    bytes[at..at + instead.len()].copy_from_slice(instead);
                    at += word.len() - 1;
                    found = true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found.then(|| String::from_utf8(bytes).ok()).flatten()
}

/// Takes records from lines, above which there are so many.
fn lines(text: &str, above: usize, records: &mut Records) -> Outcome<()> {
    for (index, line) in text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = above + index + 1;
        match serde_json::from_str::<Value>(line) {
            Ok(value) => records.push(number, value)?,
            Err(error) => match parse(without_comma(line)) {
                Some(value) => records.push(number, value)?,
                None => {
                    let fault = Problem::new("data-skip-json").with_count("column", error.column());
                    records.skip(number, fault.with_original(error));
                }
            },
        }
    }
    Ok(())
}

/// Lines of JSON that come piece by piece.
pub struct LinesOfJson(Records);

impl LinesOfJson {
    /// A table that has these columns already. Of records that are lists, `header` says whether the first names the columns.
    ///
    /// # Errors
    /// `data-too-many-columns`.
    pub fn new(file: &str, header: Option<bool>, columns: &[String]) -> Outcome<Self> {
        let mut records = Records::new(file, header);
        columns.iter().try_for_each(|name| records.grid.column(name).map(drop))?;
        Ok(Self(records))
    }

    /// The records of whole lines, above which there are so many. The next call forgets them. Lists wait until it is known
    /// whether the first of them is a header, or until the lines are the last ones.
    ///
    /// # Errors
    /// `data-too-many-columns`, `data-too-large`.
    pub fn next(&mut self, text: &str, above: usize, is_last: bool) -> Outcome<&Grid> {
        self.0.grid.clear();
        lines(text, above, &mut self.0)?;
        if is_last && self.0.is_first {
            self.0.settle_header()?;
        }
        Ok(&self.0.grid)
    }
}

fn stream(text: &str, records: &mut Records) -> Outcome<()> {
    let (mut at, mut line) = (0, 1);
    while !text[at..].trim_start().is_empty() {
        let start = at + text[at..].len() - text[at..].trim_start().len();
        line += newlines(&text[at..start]);
        let mut values = Deserializer::from_str(&text[start..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => records.push(line, value)?,
            Some(Err(error)) => return Err(broken(records.grid_file(), line + error.line() - 1, &error)),
            None => break,
        }
        at = start + values.byte_offset();
        line += newlines(&text[start..at]);
    }
    Ok(())
}

fn document(text: &str, file: &str, records: &mut Records) -> Outcome<()> {
    if text.len() > MAX_DOCUMENT_BYTES {
        return Err(Problem::new("data-json-document-too-large").with("file", file));
    }
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        Err(error) => parse(text).ok_or_else(|| broken(file, error.line(), &error))?,
    };
    let Value::Object(members) = value else { return Ok(()) };
    in_document(members, file, records)
}

/// Finds the records in an object: `{"columns": […], "data": [[…]]}` and `{"data": [{…}]}` as pandas writes them, a list for
/// each column, an object for each column or record by its index, or the one record that the object itself is.
fn in_document(mut members: Map<String, Value>, file: &str, records: &mut Records) -> Outcome<()> {
    if let (Some(Value::Array(columns)), Some(Value::Array(_))) = (members.get("columns"), members.get("data")) {
        let names: Option<Vec<String>> = columns.iter().map(|name| scalar(name).map(Cow::into_owned)).collect();
        if let (Some(names), Some(Value::Array(rows))) = (names, members.remove("data")) {
            records.of_lists = names;
            records.is_first = false;
            return rows.into_iter().enumerate().try_for_each(|(i, row)| records.push(i + 1, row));
        }
    }
    let is_record = |value: &Value| value.is_object();
    let holds_records =
        |value: &Value| value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_record));
    let lists: Vec<String> = members.iter().filter(|(_, v)| holds_records(v)).map(|(name, _)| name.clone()).collect();
    let known = ["data", "rows", "records", "examples", "items"];
    let chosen = match lists.as_slice() {
        [only] => Some(only.clone()),
        [] => None,
        [..] => Some(lists.iter().find(|name| known.contains(&name.as_str())).cloned().ok_or_else(|| {
            Problem::new("data-json-several-lists").with("file", file).with("names", lists.join(", "))
        })?),
    };
    if let Some(Value::Array(list)) = chosen.and_then(|name| members.remove(&name)) {
        return list.into_iter().enumerate().try_for_each(|(i, record)| records.push(i + 1, record));
    }
    let length = members.values().next().and_then(Value::as_array).map(Vec::len);
    if length.is_some_and(|n| n > 0) && members.values().all(|v| v.as_array().map(Vec::len) == length) {
        let columns = members.into_iter().map(|(name, list)| (name, list.as_array().cloned().unwrap_or_default()));
        return by_columns(columns.collect(), records);
    }
    // What wraps the rest is no record.
    if members.len() == 1
        && let Some(Value::Object(inner)) = members.values().next()
        && inner.values().any(holds_records)
    {
        let inner = inner.clone();
        return in_document(inner, file, records);
    }
    let is_index = |name: &String| name.parse::<i64>().is_ok();
    if !members.is_empty() && members.values().all(Value::is_object) {
        let mut inner = members.values().filter_map(Value::as_object);
        let are_columns = !members.keys().all(is_index) && inner.all(|m| !m.is_empty() && m.keys().all(is_index));
        if !are_columns {
            return members.into_iter().enumerate().try_for_each(|(i, (_, record))| records.push(i + 1, record));
        }
        let keys: Vec<String> =
            members.values().next().and_then(Value::as_object).into_iter().flatten().map(|(k, _)| k.clone()).collect();
        let column =
            |mut list: Value| keys.iter().map(|key| list.get_mut(key).map_or(Value::Null, Value::take)).collect();
        return by_columns(members.into_iter().map(|(name, list)| (name, column(list))).collect(), records);
    }
    if members.values().any(|value| value.is_string() || value.is_number() || value.is_boolean()) {
        return records.push(1, Value::Object(members));
    }
    Err(Problem::new("data-json-no-records").with("file", file))
}

/// Takes records from columns of one length.
fn by_columns(mut columns: Vec<(String, Vec<Value>)>, records: &mut Records) -> Outcome<()> {
    let rows = columns.first().map_or(0, |(_, list)| list.len());
    for row in 0..rows {
        let cell = |(name, list): &mut (String, Vec<Value>)| {
            (name.clone(), list.get_mut(row).map_or(Value::Null, Value::take))
        };
        let record: Map<String, Value> = columns.iter_mut().map(cell).collect();
        records.push(row + 1, Value::Object(record))?;
    }
    Ok(())
}

fn broken(file: &str, line: usize, error: &serde_json::Error) -> Problem {
    let problem = Problem::new("data-json-broken").with("file", file).with_count("line", line);
    problem.with_count("column", error.column()).with_original(error)
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|b| *b == b'\n').count()
}

/// A value that is written in one cell; nothing for a list or an object.
fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => Some(Cow::Borrowed("")),
        Value::Bool(is_true) => Some(Cow::Borrowed(if *is_true { "true" } else { "false" })),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::String(text) => Some(Cow::Borrowed(text)),
        // Labelling tools write the one label of a text as a list.
        Value::Array(list) => match list.as_slice() {
            [] => Some(Cow::Borrowed("")),
            [only] if !only.is_array() => scalar(only),
            _ => None,
        },
        Value::Object(_) => None,
    }
}

/// Records on their way into a table.
struct Records {
    grid: Grid,
    /// The first records that are lists, until it is known whether the first of them is a header.
    waiting: Vec<(usize, Vec<Value>)>,
    is_first: bool,
    /// The columns of records that are lists.
    of_lists: Vec<String>,
    /// Whether the first of these is known to be a header, or none.
    header: Option<bool>,
}

impl Records {
    fn new(file: &str, header: Option<bool>) -> Self {
        Self { grid: Grid::new(file), waiting: Vec::new(), is_first: true, of_lists: Vec::new(), header }
    }

    fn grid_file(&self) -> &str {
        use super::Table as _;
        self.grid.file()
    }

    fn grid_columns(&self) -> &[String] {
        use super::Table as _;
        self.grid.columns()
    }

    fn skip(&mut self, number: usize, fault: Problem) {
        self.grid.push_fault(number, fault, None);
    }

    fn push(&mut self, number: usize, record: Value) -> Outcome<()> {
        match record {
            Value::Object(members) => {
                let mut cells = Vec::with_capacity(members.len());
                self.flatten("", &members, 0, &mut cells)?;
                self.grid.push(number, cells)
            }
            Value::Array(list) if self.is_first => {
                self.waiting.push((number, list));
                if self.waiting.len() < LOOK_RECORDS { Ok(()) } else { self.settle_header() }
            }
            Value::Array(list) => self.push_list(number, &list),
            _ => {
                self.skip(number, Problem::new("data-skip-json-value"));
                Ok(())
            }
        }
    }

    fn flatten<'v>(
        &mut self,
        before: &str,
        members: &'v Map<String, Value>,
        depth: usize,
        cells: &mut Vec<Cell<'v>>,
    ) -> Outcome<()> {
        for (key, value) in members {
            let name = if before.is_empty() { Cow::Borrowed(key) } else { Cow::Owned(format!("{before}.{key}")) };
            match value {
                Value::Object(inner) if depth < MAX_DEPTH && !inner.is_empty() => {
                    self.flatten(&name, inner, depth + 1, cells)?
                }
                Value::Array(list) if depth < MAX_DEPTH && OF_LABELLING.contains(&key.as_str()) => {
                    match list.as_slice() {
                        [Value::Object(inner)] => self.flatten(&name, inner, depth + 1, cells)?,
                        _ => cells.push(cell(self.grid.column(&name)?, value)),
                    }
                }
                value => cells.push(cell(self.grid.column(&name)?, value)),
            }
        }
        Ok(())
    }

    fn push_list(&mut self, number: usize, list: &[Value]) -> Outcome<()> {
        while self.of_lists.len() < list.len() {
            self.of_lists.push((self.of_lists.len() + 1).to_string());
        }
        let mut cells = Vec::with_capacity(list.len());
        for (name, value) in self.of_lists.iter().zip(list) {
            cells.push(cell(self.grid.column(name)?, value));
        }
        self.grid.push(number, cells)
    }

    /// Decides whether the first of several lists is a header: it is all text, and has a usual name or stands above a number.
    fn settle_header(&mut self) -> Outcome<()> {
        self.is_first = false;
        let mut waiting = std::mem::take(&mut self.waiting);
        let (first, rest) =
            waiting.split_first().map_or((&[][..], &[][..]), |(first, rest)| (first.1.as_slice(), rest));
        let names: Vec<String> = first.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let is_above_another =
            (0..first.len()).any(|i| rest.iter().any(|(_, list)| list.get(i).is_some_and(|v| !v.is_string())));
        let looks_like_one = || is_above_another || names.iter().any(|name| is_usual_name(name));
        if !names.is_empty() && names.len() == first.len() && self.header.unwrap_or_else(looks_like_one) {
            self.of_lists = names;
            waiting.remove(0);
        }
        waiting.into_iter().try_for_each(|(number, list)| self.push_list(number, &list))
    }

    fn finish(mut self) -> Outcome<Grid> {
        if self.is_first {
            self.settle_header()?;
        }
        Ok(self.grid)
    }
}

fn cell(column: u32, value: &Value) -> Cell<'_> {
    match scalar(value) {
        Some(text) => Cell { column, text, is_nested: false },
        None => Cell { column, text: Cow::Owned(value.to_string()), is_nested: true },
    }
}
