//! A file of lines that is read piece by piece, so that it may be longer than memory: tables of delimited text, JSON lines and
//! fastText's lines, also gzipped. What the whole file has to tell, its encoding and the columns of its JSON, is found in a
//! look at all of it before; the rest is judged by its beginning.

mod pieces;
mod survey;

use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::fasttext;
use super::json::{self, JsonForm, LinesOfJson};
use super::{Each, Grid, Reading, Record, Table, above};
use crate::data::decode::decode;
use crate::data::reader::{Delimited, Dialect, Rest, Told};
use crate::domain::config::{DataConfig, Quoting};
use crate::domain::dataset::TableFormat;
use crate::domain::problem::{Outcome, Problem};

use pieces::{Bytes, Pieces};
use survey::Survey;

/// How much of a file is looked at together.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// The beginning of a file from which its form is told. Files that are not longer are read whole.
    head_bytes: usize,
    /// A text is parsed in pieces of so many bytes.
    piece_bytes: usize,
    /// A record that is longer than this is judged by so much of it.
    most_record_bytes: usize,
}

const USUAL: Sizes = Sizes { head_bytes: 4 << 20, piece_bytes: 1 << 20, most_record_bytes: 64 << 20 };

/// Is called with (bytes done, bytes in all); an error ends the work.
pub type ToldBytes<'t> = &'t dyn Fn(u64, u64) -> Outcome<()>;

/// Takes the records of some lines, and where these begin and end in the file.
type EachGrid<'g> = dyn FnMut(&Grid, (u64, u64)) -> Outcome<ControlFlow<()>> + 'g;

/// A file whose rows are read in a stream. As a table its length and the places of its records are in bytes of the file as it
/// lies on the disk.
pub struct Stream {
    path: PathBuf,
    name: String,
    file_bytes: u64,
    encoding: &'static Encoding,
    form: Form,
    columns: Vec<String>,
    header: (bool, bool),
    pub reading: Reading,
    sizes: Sizes,
}

enum Form {
    Delimited(Dialect),
    /// Lines of JSON, and what is told of the first one where they are lists.
    Json(Option<bool>),
    FastText,
}

impl Stream {
    /// Looks at all of a file that is read in a stream; `None` for one that is read whole, because it is short or of a form
    /// that has no lines.
    ///
    /// # Errors
    /// `file-error`; `data-*`, naming the file, for what is no table; what `progress` returns.
    pub fn open(path: &Path, config: &DataConfig, progress: ToldBytes<'_>) -> Outcome<Option<Self>> {
        Self::open_by(path, config, USUAL, progress)
    }

    fn open_by(path: &Path, config: &DataConfig, sizes: Sizes, progress: ToldBytes<'_>) -> Outcome<Option<Self>> {
        let metadata = std::fs::metadata(path).map_err(|e| Problem::file(path, &e))?;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        if !metadata.is_file() {
            return Ok(None);
        }
        let mut bytes = Bytes::open(path, &name)?;
        let head = bytes.head(sizes.head_bytes)?;
        if head.len() < sizes.head_bytes || pieces::is_packed(&head) {
            return Ok(None);
        }
        let head = match head.iter().rposition(|b| *b == b'\n') {
            Some(end) => &head[..=end],
            None => return Ok(None),
        };
        let label = config.reading.encoding.as_deref();
        let is_utf16 = |encoding: &'static Encoding| encoding == UTF_16LE || encoding == UTF_16BE;
        // Lines of UTF-16 do not end at a byte.
        if is_utf16(decode(head, label, &name)?.encoding) {
            return Ok(None);
        }
        let survey = Survey::of(path, &name, metadata.len(), progress)?;
        let encoding = match label.map(str::trim).filter(|label| !label.is_empty()) {
            Some(label) => decode(b"", Some(label), &name)?.encoding,
            None => survey.encoding(),
        };
        let decoded = decode(head, Some(encoding.name()), &name)?;
        let text = decoded.text.as_ref();
        let reading = Reading {
            encoding: encoding.name().to_owned(),
            encoding_guessed: label.is_none(),
            // What means nothing in another encoding is seen only once it is read.
            is_damaged: encoding != UTF_8 || survey.is_broken(),
            ..Reading::default()
        };
        let mut stream = Self {
            path: path.to_owned(),
            name,
            file_bytes: metadata.len(),
            encoding,
            form: Form::FastText,
            columns: ["label", "text"].map(str::to_owned).to_vec(),
            header: (true, false),
            reading,
            sizes,
        };
        let is_told = config.reading.delimiter.is_some();
        match if is_told { None } else { json::form(text) } {
            Some(JsonForm::Lines) => stream.open_json(config.reading.header, progress)?,
            Some(_) => return Ok(None),
            None if !is_told && fasttext::is_fasttext(text) => stream.reading.format = TableFormat::FastText,
            None => stream.open_delimited(text, config, survey.are_quotes_paired())?,
        }
        Ok(Some(stream))
    }

    fn open_delimited(&mut self, text: &str, config: &DataConfig, are_paired: bool) -> Outcome<()> {
        let (above, note) = above(text, config, &self.name)?;
        let (delimiter, quoting, header) = (config.reading.delimiter, config.reading.quoting, config.reading.header);
        let told = Told { delimiter, quoting, header };
        let (table, dialect) = match Delimited::open_part(text, above, told, &self.name, Rest::More) {
            Err(problem) if problem.id == "data-one-column" => {
                Delimited::one_column(text, (are_paired, header != Some(false)), &self.name, Rest::More)?
            }
            opened => opened?,
        };
        (self.columns, self.header) = (table.columns().to_vec(), table.header());
        self.reading.notes.extend(note);
        self.form = Form::Delimited(dialect);
        Ok(())
    }

    /// Lines of JSON may have a column of their own anywhere, so that all are looked at before the first is used.
    fn open_json(&mut self, header: Option<bool>, progress: ToldBytes<'_>) -> Outcome<()> {
        self.reading.format = TableFormat::JsonLines;
        self.columns = Vec::new();
        let mut columns = Vec::new();
        self.visit_json(header, &mut |grid, (_, done)| {
            if columns.len() < grid.columns().len() {
                columns = grid.columns().to_vec();
            }
            progress(done, self.file_bytes).map(ControlFlow::Continue)
        })?;
        (self.columns, self.form) = (columns, Form::Json(header));
        Ok(())
    }

    fn pieces(&self) -> Outcome<Pieces<'_>> {
        Ok(Pieces::new(Bytes::open(&self.path, &self.name)?, self.encoding))
    }

    /// Calls `read` with some whole lines after others, with how many lines are above them, and with whether they are the last.
    /// `done` is where they begin and end in the file.
    fn visit_lines(
        &self,
        mut read: impl FnMut(&str, usize, bool) -> Outcome<ControlFlow<()>>,
        done: &Cell<(u64, u64)>,
    ) -> Outcome<()> {
        let (mut pieces, mut above) = (self.pieces()?, 0);
        loop {
            pieces.more(self.sizes.piece_bytes)?;
            let text = pieces.text();
            let end = if pieces.is_at_end() { text.len() } else { text.rfind('\n').map_or(0, |end| end + 1) };
            if end == 0 && !pieces.is_at_end() {
                if text.len() > self.sizes.most_record_bytes {
                    let problem = Problem::new("data-line-too-long").with("file", &self.name);
                    return Err(problem.with_count("row", above + 1));
                }
                continue;
            }
            done.set((pieces.place(0), pieces.place(end)));
            let is_last = pieces.is_at_end();
            if read(&text[..end], above, is_last)?.is_break() || is_last {
                return Ok(());
            }
            above += text[..end].bytes().filter(|b| *b == b'\n').count();
            pieces.drop_front(end);
        }
    }

    fn visit_json(&self, header: Option<bool>, each: &mut EachGrid<'_>) -> Outcome<()> {
        let (mut lines, done) = (LinesOfJson::new(&self.name, header, &self.columns)?, Cell::new((0, 0)));
        self.visit_lines(|text, above, is_last| each(lines.next(text, above, is_last)?, done.get()), &done)
    }

    fn visit_fasttext(&self, each: &mut Each<'_>) -> Outcome<()> {
        let (mut grid, done) = (Grid::new(&self.name), Cell::new((0, 0)));
        self.visit_lines(
            |text, above, _| {
                grid.clear();
                fasttext::push(text, above, &mut grid)?;
                at(&grid, done.get(), each)
            },
            &done,
        )
    }

    fn visit_delimited(&self, dialect: &Dialect, each: &mut Each<'_>) -> Outcome<()> {
        let (mut pieces, mut row, mut dialect) = (self.pieces()?, dialect.above.lines, dialect.clone());
        pieces.more(self.sizes.piece_bytes.max(2 * dialect.above.bytes))?;
        pieces.drop_front(dialect.above.bytes);
        loop {
            let rest = match pieces.is_at_end() {
                true => Rest::Nothing,
                false if pieces.text().len() > self.sizes.most_record_bytes => Rest::MoreOfTooMuch,
                false => Rest::More,
            };
            let table = Delimited::going_on(pieces.text(), &dialect, &self.name, row, rest)?;
            let (mut end, mut flow) = (0, ControlFlow::Continue(()));
            table.visit(&mut |record| {
                (row, end) = (record.row(), record.end());
                flow = each(&Placed { record, end: pieces.place(end) as usize })?;
                Ok(flow)
            })?;
            if flow.is_break() || pieces.is_at_end() {
                return Ok(());
            }
            let end = table.place_in(pieces.text(), end);
            drop(table);
            if end > 0 {
                // The header went with the first records.
                dialect.header = false;
                pieces.drop_front(end);
            }
            // A record that goes on for long is parsed again only each time that the text has doubled.
            pieces.more(self.sizes.piece_bytes.max(pieces.text().len()))?;
        }
    }
}

/// Hands the records of a grid on, each with its place between the two in the file where those of the grid begin and end.
fn at(grid: &Grid, (from, to): (u64, u64), each: &mut Each<'_>) -> Outcome<ControlFlow<()>> {
    let (mut flow, all) = (ControlFlow::Continue(()), grid.records().max(1) as u64);
    grid.visit(&mut |record| {
        let end = from + (to - from) * record.end() as u64 / all;
        flow = each(&Placed { record, end: end as usize })?;
        Ok(flow)
    })?;
    Ok(flow)
}

impl Table for Stream {
    fn file(&self) -> &str {
        &self.name
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn len(&self) -> usize {
        self.file_bytes as usize
    }

    fn delimiter(&self) -> Option<(char, bool)> {
        if let Form::Delimited(dialect) = &self.form { Some((char::from(dialect.delimiter), true)) } else { None }
    }

    fn quoting(&self) -> Option<(Quoting, bool)> {
        if let Form::Delimited(dialect) = &self.form { Some((dialect.quoting, true)) } else { None }
    }

    fn header(&self) -> (bool, bool) {
        self.header
    }

    fn visit(&self, each: &mut Each<'_>) -> Outcome<()> {
        // Places in the file are estimates, of which a later one may lie before an earlier one.
        let mut reached = 0;
        let mut each = |record: &dyn Record| {
            reached = record.end().max(reached);
            each(&Placed { record, end: reached })
        };
        match &self.form {
            Form::Delimited(dialect) => self.visit_delimited(dialect, &mut each),
            Form::Json(header) => self.visit_json(*header, &mut |grid, done| at(grid, done, &mut each)),
            Form::FastText => self.visit_fasttext(&mut each),
        }
    }
}

/// A record of a piece, with its place in the whole file.
struct Placed<'r> {
    record: &'r dyn Record,
    end: usize,
}

impl Record for Placed<'_> {
    fn row(&self) -> usize {
        self.record.row()
    }

    fn end(&self) -> usize {
        self.end
    }

    fn len(&self) -> usize {
        self.record.len()
    }

    fn get(&self, i: usize) -> std::borrow::Cow<'_, str> {
        self.record.get(i)
    }

    fn exceeds(&self, columns: usize) -> bool {
        self.record.exceeds(columns)
    }

    fn has_nul(&self) -> bool {
        self.record.has_nul()
    }

    fn is_nested(&self, i: usize) -> bool {
        self.record.is_nested(i)
    }

    fn fault(&self) -> Option<&Problem> {
        self.record.fault()
    }

    fn place(&self) -> Option<&str> {
        self.record.place()
    }
}

#[cfg(test)]
mod tests;
