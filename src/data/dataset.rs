//! A table of texts and labels, checked, counted and divided: everything between a data file and its tokens.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::columns::{self, Chosen};
use super::decode;
use super::reader::{Record, Table, Visit, shorten};
pub use super::split::Splits;
use super::split::{class_sizes, split, stratified_sample};
use crate::domain::config::{DataConfig, DataSource};
use crate::domain::dataset::{DatasetSummary, LabelCount, Skipped, SkippedRow, SplitCounts};
use crate::domain::problem::{Outcome, Problem};

/// The review sentences that the program carries (`assets/data/SOURCE.md`).
const BUNDLED: &[u8] = include_bytes!("../../assets/data/movie_reviews.csv");
const BUNDLED_NAME: &str = "movie_reviews.csv";

const MAX_CLASSES: usize = 100;
const MAX_FILE_BYTES: u64 = 4 << 30;
const HEAD_ROWS: usize = 50;
const HEAD_CELL_CHARS: usize = 200;
const SHOWN_SKIPPED: usize = 5;
/// Characters of a label, a column name or a cell in a message.
const SHOWN_CHARS: usize = 60;
/// Records between two reports of progress.
const REPORT_RECORDS: usize = 2000;

/// Texts with labels, ready to be tokenised.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub summary: DatasetSummary,
    /// Of all files, after the row limit.
    pub texts: Arc<Texts>,
    /// The label id of each text: an index into `summary.labels`.
    pub labels: Vec<u32>,
    /// Each text's record number in its own file, the header being 1.
    pub row_numbers: Vec<u32>,
    pub splits: Splits,
}

impl Dataset {
    /// Reads the files of `config`, guesses what it leaves open, applies the row limit and divides the rows.
    /// `progress` hears of (bytes read, bytes of all files).
    ///
    /// # Errors
    /// A `data-*` problem for everything that cannot be trained on, naming file and place; `file-error`.
    pub fn open(config: &DataConfig, progress: &(dyn Fn(usize, usize) + Sync)) -> Outcome<Self> {
        let main = File::read(&config.source)?;
        let validation = config.validation.as_deref().map(File::at).transpose()?;
        let test = config.test.as_deref().map(File::at).transpose()?;
        let total = [Some(&main), validation.as_ref(), test.as_ref()].into_iter().flatten().map(|f| f.bytes.len()).sum();

        let mut rows = Rows::default();
        let mut loaded = rows.load(&main, config, None, &|done| progress(done, total))?;
        rows.order_labels();
        let classes = rows.names.len();
        check_classes(&main.name, &loaded, &rows)?;
        let label_counts = count_labels(&rows);

        let main_rows = rows.labels.len();
        let columns = (&loaded.columns[loaded.chosen.text], &loaded.columns[loaded.chosen.label]);
        let columns = Some((columns.0.as_str(), columns.1.as_str()));
        let mut before = main.bytes.len();
        let mut load_part = |file: Option<&File>| -> Outcome<Vec<u32>> {
            let Some(file) = file else { return Ok(Vec::new()) };
            let first = rows.labels.len() as u32;
            let part = rows.load(file, config, columns, &|done| progress(before + done, total))?;
            before += file.bytes.len();
            loaded.skipped.count += part.skipped.count;
            loaded.skipped.first.extend(part.skipped.first);
            Ok((first..rows.labels.len() as u32).collect())
        };
        let validation_rows = load_part(validation.as_ref())?;
        let test_rows = load_part(test.as_ref())?;
        loaded.skipped.first.truncate(SHOWN_SKIPPED);
        let fingerprint = rows.fingerprint(&[main_rows, validation_rows.len(), test_rows.len()]);

        let mut kept: Vec<u32> = (0..main_rows as u32).collect();
        if let Some(limit) = config.max_rows {
            kept = stratified_sample(&kept, &rows.labels, limit, config.split.seed);
        }
        let mut splits = split(&kept, &rows.labels, classes, &config.split, validation.is_none(), test.is_none());
        splits.validation.extend(validation_rows);
        splits.test.extend(test_rows);
        let counts = splits.counts(&rows.labels, classes);
        let cut = [Some(&counts.train), validation.is_none().then_some(&counts.validation), test.is_none().then_some(&counts.test)];
        check_parts(&main.name, &rows, &kept, &cut)?;
        if kept.len() < main_rows {
            rows.keep(&kept, main_rows, &mut splits);
        }
        rows.texts.shrink();

        let summary = summarise(&main, loaded, main_rows, label_counts, counts, fingerprint);
        Ok(Self { summary, texts: Arc::new(rows.texts), labels: rows.labels, row_numbers: rows.row_numbers, splits })
    }

    /// The names of the labels, by id.
    pub fn label_names(&self) -> Vec<String> {
        self.summary.labels.iter().map(|l| l.label.clone()).collect()
    }
}

/// A text as the model sees it: HTML line breaks (`<br />`, as in the IMDB reviews) are spaces, and none are at the ends.
pub fn clean_text(text: &str) -> Cow<'_, str> {
    let mut cleaned = String::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(at) = rest[from..].find('<').map(|at| from + at) {
        match line_break_length(&rest[at..]) {
            Some(length) => {
                cleaned.push_str(&rest[..at]);
                cleaned.push(' ');
                rest = &rest[at + length..];
                from = 0;
            }
            None => from = at + 1,
        }
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text.trim());
    }
    cleaned.push_str(rest);
    Cow::Owned(cleaned.trim().to_owned())
}

/// The length of the `<br>`, `<br/>` or `<br />` that `text` begins with, in either case.
fn line_break_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !bytes.get(..3)?.eq_ignore_ascii_case(b"<br") {
        return None;
    }
    let inner = bytes[3..].iter().position(|b| !matches!(b, b' ' | b'/'))?;
    (bytes[3 + inner] == b'>').then_some(3 + inner + 1)
}

/// Many texts in one piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    joined: String,
    /// Where each text ends in `joined`.
    ends: Vec<usize>,
}

impl Texts {
    pub fn push(&mut self, text: &str) {
        self.joined.push_str(text);
        self.ends.push(self.joined.len());
    }

    /// # Panics
    /// When there is no text `i`.
    pub fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.joined[start..self.ends[i]]
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }

    pub(super) fn shrink(&mut self) {
        self.joined.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(iter: I) -> Self {
        let mut texts = Self::default();
        iter.into_iter().for_each(|text| texts.push(text));
        texts
    }
}

/// A data file's bytes.
pub(super) struct File<'a> {
    pub name: String,
    path: Option<&'a Path>,
    pub bytes: Cow<'static, [u8]>,
}

impl<'a> File<'a> {
    pub fn read(source: &'a DataSource) -> Outcome<Self> {
        match source {
            DataSource::Bundled => {
                Ok(Self { name: BUNDLED_NAME.to_owned(), path: None, bytes: Cow::Borrowed(BUNDLED) })
            }
            DataSource::File(path) => Self::at(path),
        }
    }

    fn at(path: &'a Path) -> Outcome<Self> {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let size = std::fs::metadata(path).map_err(|e| Problem::file(path, &e))?.len();
        if size > MAX_FILE_BYTES {
            let gigabytes = format!("{:.1}", size as f64 / 1e9);
            return Err(Problem::new("data-too-large").with("file", name).with("gigabytes", gigabytes));
        }
        let bytes = std::fs::read(path).map_err(|e| Problem::file(path, &e))?;
        Ok(Self { name, path: Some(path), bytes: Cow::Owned(bytes) })
    }
}

/// The usable rows of all files read so far.
#[derive(Default)]
pub(super) struct Rows {
    pub texts: Texts,
    pub labels: Vec<u32>,
    pub row_numbers: Vec<u32>,
    pub names: Vec<String>,
    ids: HashMap<String, u32>,
    /// After the first file no label may be new.
    names_are_final: bool,
}

/// What else one file told.
pub(super) struct Loaded {
    encoding: String,
    encoding_guessed: bool,
    delimiter: char,
    delimiter_guessed: bool,
    columns: Vec<String>,
    chosen: Chosen,
    head: Vec<Vec<String>>,
    skipped: Skipped,
    /// Records below the header.
    records: usize,
    numeric_texts: usize,
}

impl Rows {
    /// No rows yet, of these labels and no others.
    pub fn of_labels(names: &[String]) -> Self {
        let ids = names.iter().enumerate().map(|(id, name)| (name.clone(), id as u32)).collect();
        Self { names: names.to_vec(), ids, names_are_final: true, ..Self::default() }
    }

    /// Adds the usable rows of `file`. `columns`: the names of the text and label columns where an earlier file
    /// settled them.
    pub fn load(
        &mut self,
        file: &File<'_>,
        config: &DataConfig,
        columns: Option<(&str, &str)>,
        progress: &dyn Fn(usize),
    ) -> Outcome<Loaded> {
        let decoded = decode::decode(&file.bytes, config.encoding.as_deref(), &file.name)?;
        let table = Table::open(&decoded.text, config.delimiter, &file.name)?;
        let (text, label) = match columns {
            Some((text, label)) => (Some(text), Some(label)),
            None => (config.text_column.as_deref(), config.label_column.as_deref()),
        };
        let chosen = columns::choose(&table, text, label)?;
        let mut loaded = Loaded {
            encoding: decoded.encoding.name().to_owned(),
            encoding_guessed: decoded.guessed,
            delimiter: table.delimiter,
            delimiter_guessed: table.delimiter_guessed,
            columns: table.columns.clone(),
            chosen,
            head: Vec::new(),
            skipped: Skipped::default(),
            records: 0,
            numeric_texts: 0,
        };
        // A file beside the first one names itself in the reasons of its skipped rows.
        let place = columns.map_or_else(String::new, |_| format!(" ({})", file.name));
        let damaged = decoded.damaged.then(|| decoded.encoding.name());
        let mut undecodable: Option<(usize, usize)> = None;
        let width = table.columns.len();
        table.visit(&mut |record| {
            loaded.records += 1;
            if loaded.records.is_multiple_of(REPORT_RECORDS) {
                progress(file.bytes.len().min(file.bytes.len() * record.end / table.len()));
            }
            if loaded.head.len() < HEAD_ROWS {
                let cell = |i| if i < record.len() { shorten(&record.get(i), HEAD_CELL_CHARS) } else { String::new() };
                loaded.head.push((0..width).map(cell).collect());
            }
            match usable(record, width, chosen, damaged) {
                Ok((text, label)) => {
                    loaded.numeric_texts += usize::from(is_number(&text));
                    self.add(&text, &label, record.row, file)?;
                }
                Err(reason) => {
                    if reason.id == "data-skip-undecodable" {
                        undecodable = Some(undecodable.map_or((1, record.row), |(n, first)| (n + 1, first)));
                    }
                    loaded.skipped.count += 1;
                    if loaded.skipped.first.len() < SHOWN_SKIPPED {
                        loaded.skipped.first.push(SkippedRow { row: record.row, reason: reason.with("place", &place) });
                    }
                }
            }
            Ok(Visit::Next)
        })?;
        progress(file.bytes.len());
        if let Some((_, row)) = undecodable.filter(|(n, _)| *n > 1.max(loaded.records / 100)) {
            return Err(Problem::new("data-wrong-encoding")
                .with("file", &file.name)
                .with("encoding", &loaded.encoding)
                .with("row", row));
        }
        check_table(&file.name, &loaded)?;
        Ok(loaded)
    }

    fn add(&mut self, text: &str, label: &str, row: usize, file: &File<'_>) -> Outcome<()> {
        let id = match self.ids.get(label) {
            Some(id) => *id,
            None if self.names_are_final => {
                return Err(Problem::new("data-unknown-label")
                    .with("file", &file.name)
                    .with("row", row)
                    .with("label", shorten(label, SHOWN_CHARS))
                    .with("labels", self.names.join(", ")));
            }
            None => {
                let id = self.names.len() as u32;
                self.names.push(label.to_owned());
                self.ids.insert(label.to_owned(), id);
                id
            }
        };
        self.texts.push(text);
        self.labels.push(id);
        self.row_numbers.push(u32::try_from(row).unwrap_or(u32::MAX));
        Ok(())
    }

    /// Gives label ids their final order: numbers as numbers, when all labels are, else by text.
    pub fn order_labels(&mut self) {
        let numbers: Option<Vec<f64>> = self.names.iter().map(|n| n.parse().ok().filter(|x: &f64| x.is_finite())).collect();
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_by(|a, b| {
            let by_number = numbers.as_ref().map_or(std::cmp::Ordering::Equal, |n| n[*a].total_cmp(&n[*b]));
            by_number.then_with(|| self.names[*a].cmp(&self.names[*b]))
        });
        let mut new_ids = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            new_ids[*old] = new as u32;
        }
        self.labels.iter_mut().for_each(|label| *label = new_ids[*label as usize]);
        self.names = order.iter().map(|old| std::mem::take(&mut self.names[*old])).collect();
        self.ids = self.names.iter().enumerate().map(|(id, name)| (name.clone(), id as u32)).collect();
        self.names_are_final = true;
    }

    /// FNV-1a (64 bit) over the sizes of the files, then every text and label with its end marked by a byte that
    /// UTF-8 never has.
    pub fn fingerprint(&self, sizes: &[usize]) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut feed = |bytes: &[u8]| {
            for b in bytes.iter().chain(&[0xff]) {
                hash = (hash ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        sizes.iter().for_each(|size| feed(&size.to_le_bytes()));
        for (text, label) in self.texts.iter().zip(&self.labels) {
            feed(text.as_bytes());
            feed(self.names[*label as usize].as_bytes());
        }
        hash
    }

    /// Drops the rows of the first file that the row limit left out; `splits` then points to the rows' new places.
    fn keep(&mut self, kept: &[u32], main_rows: usize, splits: &mut Splits) {
        let all: Vec<u32> = kept.iter().copied().chain(main_rows as u32..self.labels.len() as u32).collect();
        let mut places = vec![0; self.labels.len()];
        for (new, old) in all.iter().enumerate() {
            places[*old as usize] = new as u32;
        }
        for part in [&mut splits.train, &mut splits.validation, &mut splits.test] {
            part.iter_mut().for_each(|row| *row = places[*row as usize]);
        }
        self.texts = all.iter().map(|i| self.texts.get(*i as usize)).collect();
        self.labels = all.iter().map(|i| self.labels[*i as usize]).collect();
        self.row_numbers = all.iter().map(|i| self.row_numbers[*i as usize]).collect();
    }
}

/// The text and label of a record, or why it has none. `damaged`: the encoding's name when bytes could not be read.
fn usable<'r>(
    record: &'r Record<'_>,
    width: usize,
    chosen: Chosen,
    damaged: Option<&str>,
) -> Result<(String, Cow<'r, str>), Problem> {
    if record.has_nul() {
        return Err(Problem::new("data-skip-nul"));
    }
    if record.len() != width {
        return Err(Problem::new("data-skip-fields").with("fields", record.len()).with("columns", width));
    }
    let text = record.get(chosen.text);
    let label = record.get(chosen.label);
    if let Some(encoding) = damaged.filter(|_| text.contains('\u{fffd}') || label.contains('\u{fffd}')) {
        return Err(Problem::new("data-skip-undecodable").with("encoding", encoding));
    }
    let text = clean_text(&text).into_owned();
    if text.is_empty() {
        return Err(Problem::new("data-skip-empty-text"));
    }
    let label = match label {
        Cow::Borrowed(label) => Cow::Borrowed(label.trim()),
        Cow::Owned(label) => Cow::Owned(label.trim().to_owned()),
    };
    if label.is_empty() { Err(Problem::new("data-skip-empty-label")) } else { Ok((text, label)) }
}

fn is_number(text: &str) -> bool {
    text.len() <= 40 && text.contains(|c: char| c.is_ascii_digit()) && text.replace(',', "").parse::<f64>().is_ok()
}

/// A table that gives usable rows, with texts in its text column.
fn check_table(file: &str, loaded: &Loaded) -> Outcome<()> {
    if loaded.records == 0 {
        return Err(Problem::new("data-header-only").with("file", file));
    }
    let usable = loaded.records - loaded.skipped.count;
    if usable == 0 {
        return Err(Problem::new("data-all-skipped")
            .with("file", file)
            .with("rows", loaded.records)
            .with("row", loaded.skipped.first.first().map_or(2, |s| s.row))
            .with("fields", loaded.columns.len())
            .with("columns", loaded.columns.join(", ")));
    }
    if loaded.numeric_texts * 20 >= usable * 19 {
        return Err(Problem::new("data-numeric-text")
            .with("file", file)
            .with("column", &loaded.columns[loaded.chosen.text])
            .with("columns", loaded.columns.join(", ")));
    }
    Ok(())
}

/// Labels that can be classes.
fn check_classes(file: &str, loaded: &Loaded, rows: &Rows) -> Outcome<()> {
    let (classes, usable) = (rows.names.len(), rows.labels.len());
    let column = &loaded.columns[loaded.chosen.label];
    let header_cell = column.trim();
    if loaded.chosen.by_content && rows.ids.contains_key(header_cell) {
        return Err(Problem::new("data-no-header").with("file", file).with("label", header_cell));
    }
    let problem = |id| Problem::new(id).with("file", file).with("column", column);
    if classes == 1 {
        return Err(problem("data-one-class").with("label", shorten(&rows.names[0], SHOWN_CHARS)));
    }
    if classes == usable {
        return Err(problem("data-labels-all-differ").with("rows", usable));
    }
    if classes > MAX_CLASSES {
        return Err(problem("data-too-many-classes").with("classes", classes).with("most", MAX_CLASSES));
    }
    Ok(())
}

/// Every class has a row in every part that is cut out of the file (`None`: a part that has its own file).
fn check_parts(file: &str, rows: &Rows, kept: &[u32], cut: &[Option<&Vec<usize>>]) -> Outcome<()> {
    let sizes = class_sizes(kept.iter().map(|row| rows.labels[*row as usize]), rows.names.len());
    let missing = |class: &usize| cut.iter().flatten().any(|part| part[*class] == 0);
    let Some(class) = (0..sizes.len()).filter(missing).min_by_key(|class| sizes[*class]) else { return Ok(()) };
    Err(Problem::new("data-class-too-small")
        .with("file", file)
        .with("label", shorten(&rows.names[class], SHOWN_CHARS))
        .with("count", sizes[class])
        .with("parts", cut.iter().flatten().count()))
}

/// What is told of a data file: of the first one, when there are several.
pub(super) fn summarise(
    file: &File<'_>,
    loaded: Loaded,
    rows: usize,
    labels: Vec<LabelCount>,
    split: SplitCounts,
    fingerprint: u64,
) -> DatasetSummary {
    DatasetSummary {
        name: file.name.clone(),
        path: file.path.map(Path::to_owned),
        bytes: file.bytes.len() as u64,
        encoding: loaded.encoding,
        encoding_guessed: loaded.encoding_guessed,
        delimiter: loaded.delimiter,
        delimiter_guessed: loaded.delimiter_guessed,
        columns: loaded.columns,
        text_column: loaded.chosen.text,
        label_column: loaded.chosen.label,
        head: loaded.head,
        rows,
        skipped: loaded.skipped,
        labels,
        split,
        fingerprint,
    }
}

pub(super) fn count_labels(rows: &Rows) -> Vec<LabelCount> {
    let sizes = class_sizes(rows.labels.iter().copied(), rows.names.len());
    rows.names.iter().zip(sizes).map(|(label, count)| LabelCount { label: label.clone(), count }).collect()
}
