//! A table of texts and labels that is checked, counted and split: everything between a data file and its tokens.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::reader::shorten;
use super::rows::{File, HEAD_ROWS, Loaded, Rows, SHOWN_CHARS, SHOWN_SKIPPED, head_cells};
use super::source::Content;
pub use super::split::Splits;
use super::split::{class_sizes, few_of_each, split, stratified_sample};
pub use super::texts::{Texts, clean_text};
use crate::domain::config::DataConfig;
use crate::domain::dataset::{DatasetSummary, LabelCount, TableHead};
use crate::domain::problem::{Outcome, Problem};

const MAX_CLASSES: usize = 150;

/// Texts with labels, ready to be tokenised.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub summary: DatasetSummary,
    /// The texts of all files within the row limit. Those that `rows_per_class` leaves out are here, but in no part.
    pub texts: Arc<Texts>,
    /// The label id of each text, which is an index into `summary.labels`.
    pub labels: Vec<u32>,
    /// Each text's row number in its own file, where the header is row 1.
    pub row_numbers: Vec<u32>,
    pub splits: Splits,
}

impl Dataset {
    /// Reads the files of `config`, guesses what it leaves open, applies the row limit and splits the rows. `progress` gets
    /// the bytes read so far and the bytes of all files.
    ///
    /// # Errors
    /// `data-*`, naming the file and the place in it, for everything that cannot be trained on; `file-error`.
    pub fn open(config: &DataConfig, progress: &(dyn Fn(usize, usize) + Sync)) -> Outcome<Self> {
        let main = File::read(&config.source)?;
        let validation = config.validation.as_deref().map(File::at).transpose()?;
        let test = config.test.as_deref().map(File::at).transpose()?;
        let total =
            [Some(&main), validation.as_ref(), test.as_ref()].into_iter().flatten().map(|f| f.bytes.len()).sum();

        let mut rows = Rows::default();
        let mut loaded = rows.load(&main, config, None, &|done| progress(done, total))?;
        rows.order_labels();
        let classes = rows.names.len();
        check_classes(&loaded, &rows)?;
        let label_counts = count_labels(&rows);

        let main_rows = rows.labels.len();
        let column = |index: usize| loaded.summary.columns[index].as_str();
        let columns = Some((column(loaded.summary.text_column), column(loaded.summary.label_column)));
        let (mut before, skipped) = (main.bytes.len(), &mut loaded.summary.skipped);
        let mut load_part = |file: Option<&File>| -> Outcome<Vec<u32>> {
            let Some(file) = file else { return Ok(Vec::new()) };
            let first = rows.labels.len() as u32;
            let part = rows.load(file, config, columns, &|done| progress(before + done, total))?;
            before += file.bytes.len();
            skipped.count += part.summary.skipped.count;
            skipped.first.extend(part.summary.skipped.first);
            Ok((first..rows.labels.len() as u32).collect())
        };
        let validation_rows = load_part(validation.as_ref())?;
        let test_rows = load_part(test.as_ref())?;
        loaded.summary.skipped.first.truncate(SHOWN_SKIPPED);
        let content_hash = rows.content_hash(&[main_rows, validation_rows.len(), test_rows.len()]);

        let mut kept: Vec<u32> = (0..main_rows as u32).collect();
        if let Some(limit) = config.max_rows {
            kept = stratified_sample(&kept, &rows.labels, limit, config.split.seed);
        }
        let mut splits = split(&kept, &rows.labels, classes, &config.split, validation.is_none(), test.is_none());
        splits.validation.extend(validation_rows);
        splits.test.extend(test_rows);
        if let Some(n) = config.rows_per_class {
            splits.train = few_of_each(&splits.train, &rows.labels, classes, n, config.split.seed);
        }
        let counts = splits.counts(&rows.labels, classes);
        let cut = [
            Some(&counts.train),
            validation.is_none().then_some(&counts.validation),
            test.is_none().then_some(&counts.test),
        ];
        check_parts(&main.name, &rows, &kept, &cut)?;
        if kept.len() < main_rows {
            rows.keep(&kept, main_rows, &mut splits);
        }

        let summary =
            DatasetSummary { rows: main_rows, labels: label_counts, split: counts, content_hash, ..loaded.summary };
        Ok(Self::of(summary, rows, splits))
    }

    /// The columns of a file and its first rows, so that the user can choose other columns when [`Dataset::open`] has
    /// refused the guessed ones.
    ///
    /// # Errors
    /// `data-*` when the file is not a table; `file-error`.
    pub fn head_of(config: &DataConfig) -> Outcome<TableHead> {
        let file = File::read(&config.source)?;
        let content = Content::of(&file, config)?;
        let table = content.table(config)?;
        let mut rows = Vec::new();
        table.visit(&mut |record| {
            rows.push(head_cells(record, table.columns().len()));
            Ok(if rows.len() < HEAD_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        let (columns, delimiter) = (table.columns().to_vec(), table.delimiter().unwrap_or_default().0);
        Ok(TableHead { rows, columns, delimiter, encoding: content.reading.encoding.clone() })
    }

    /// Puts a data set together from its parts.
    pub(super) fn of(summary: DatasetSummary, mut rows: Rows, splits: Splits) -> Self {
        rows.texts.shrink();
        Self { summary, texts: Arc::new(rows.texts), labels: rows.labels, row_numbers: rows.row_numbers, splits }
    }

    /// The names of the labels, by id.
    pub fn label_names(&self) -> Vec<String> {
        self.summary.labels.iter().map(|l| l.label.clone()).collect()
    }
}

/// Refuses labels that cannot be classes.
fn check_classes(loaded: &Loaded, rows: &Rows) -> Outcome<()> {
    let (classes, usable, file) = (rows.names.len(), rows.labels.len(), &loaded.summary.name);
    let column = &loaded.summary.columns[loaded.summary.label_column];
    if loaded.by_content && rows.ids.contains_key(column) {
        return Err(Problem::new("data-no-header").with("file", file).with("label", column));
    }
    let problem = |id| Problem::new(id).with("file", file).with("column", column);
    if classes == 1 {
        return Err(problem("data-one-class").with("label", shorten(&rows.names[0], SHOWN_CHARS)));
    }
    if classes == usable {
        return Err(problem("data-labels-all-differ").with_count("rows", usable));
    }
    if classes > MAX_CLASSES {
        return Err(problem("data-too-many-classes").with_count("classes", classes).with_count("most", MAX_CLASSES));
    }
    Ok(())
}

/// Refuses a split in which a part has no row of some class. `cut` are the parts that come out of the main file; `None`
/// stands for a part that has a file of its own.
fn check_parts(file: &str, rows: &Rows, kept: &[u32], cut: &[Option<&Vec<usize>>]) -> Outcome<()> {
    let sizes = class_sizes(kept.iter().map(|row| rows.labels[*row as usize]), rows.names.len());
    let missing = |class: &usize| cut.iter().flatten().any(|part| part[*class] == 0);
    let Some(class) = (0..sizes.len()).filter(missing).min_by_key(|class| sizes[*class]) else { return Ok(()) };
    Err(Problem::new("data-class-too-small")
        .with("file", file)
        .with("label", shorten(&rows.names[class], SHOWN_CHARS))
        .with_count("count", sizes[class])
        .with_count("parts", cut.iter().flatten().count()))
}

/// The number of usable rows of each label, in the order of the labels' ids.
pub(super) fn count_labels(rows: &Rows) -> Vec<LabelCount> {
    let sizes = class_sizes(rows.labels.iter().copied(), rows.names.len());
    rows.names.iter().zip(sizes).map(|(label, count)| LabelCount { label: label.clone(), count }).collect()
}

#[cfg(test)]
mod tests;
