//! A table of texts and labels that is checked, counted and split: everything between a data file and its tokens.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

pub use super::ahead::Ahead;
use super::classes::{check_classes, check_parts};
use super::flip::flip;
use super::health::Read;
use super::loaded::{HEAD_ROWS, SHOWN_SKIPPED, after_skipped, head_cells};
use super::rows::{Rows, Settled};
use super::source::{Content, File, Reading, sheets};
pub use super::split::Splits;
use super::split::{class_sizes, few_of_each, split, stratified_sample};
use super::strata::Strata;
pub use super::texts::{Texts, clean_places, clean_text};
use super::tokens::TokenStore;
use crate::domain::config::DataConfig;
use crate::domain::dataset::{DatasetSummary, LabelCount, TableFormat, TableHead};
use crate::domain::health::PartName;
use crate::domain::problem::Outcome;

/// What is wrong with a workbook until another of its sheets is chosen.
const SHEET_PROBLEMS: [&str; 5] =
    ["data-several-sheets", "data-no-sheet", "data-empty-sheet", "data-archive-several", "data-archive-no-table"];

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
    /// The rows that were given another label on purpose, in ascending order.
    pub flipped: Vec<u32>,
    pub splits: Splits,
}

impl Dataset {
    /// Reads the files of `config`, guesses what it leaves open, applies the row limit and splits the rows. `progress` gets
    /// the bytes read so far and the bytes of all files.
    ///
    /// # Errors
    /// `data-*`, naming the file and the place in it, for everything that cannot be trained on; `file-error`.
    pub fn open(config: &DataConfig, progress: &(dyn Fn(usize, usize) + Sync)) -> Outcome<Self> {
        Self::open_ahead(config, None, progress).map(|(dataset, _)| dataset)
    }

    /// The same as [`Dataset::open`], while `ahead` tokenises what is read; its tokens come with the data set.
    ///
    /// # Errors
    /// Those of [`Dataset::open`].
    pub fn open_ahead<'c>(
        config: &'c DataConfig,
        ahead: Option<Ahead>,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Outcome<(Self, Option<TokenStore>)> {
        let mut main = File::read(config, progress)?;
        // A file of its own comes before a part that lies beside the training texts.
        let part = |path: Option<&'c Path>, beside: Option<Box<File<'c>>>| match path {
            Some(path) => File::part_at(path, config.reading.sheet.as_deref(), progress).map(Some),
            None => Ok(beside.map(|file| *file)),
        };
        let validation = part(config.validation.as_deref(), main.validation.take())?;
        let test = part(config.test.as_deref(), main.test.take())?;
        let total =
            [Some(&main), validation.as_ref(), test.as_ref()].into_iter().flatten().map(|f| f.bytes.len()).sum();

        let mut rows = Rows::read_with(ahead);
        let mut loaded = rows.load(&main, config, None, &|done| progress(done, total))?;
        let mut findings = loaded.findings(PartName::Train);
        let checked = check_classes(&loaded, &mut rows, config);
        checked.map_err(|problem| after_skipped(problem, &loaded.summary.skipped))?;
        let classes = rows.names.len();
        if let Some(share) = config.flip_labels {
            rows.flipped = flip(&mut rows.labels, classes, f64::from(share), config.split.seed);
        }
        let label_counts = count_labels(&rows);

        let main_rows = rows.labels.len();
        let column = |index: usize| loaded.summary.columns[index].as_str();
        let settled = Settled {
            text: column(loaded.summary.text_column),
            second: loaded.summary.second_text_column.map(column),
            label: column(loaded.summary.label_column),
            header: !loaded.summary.headless,
        };
        let (mut before, skipped, notes) = (main.bytes.len(), &mut loaded.summary.skipped, &mut loaded.summary.notes);
        let mut load_part = |file: Option<&File>, part: PartName| -> Outcome<Vec<u32>> {
            let Some(file) = file else { return Ok(Vec::new()) };
            let first = rows.labels.len() as u32;
            let mut loaded = rows.load(file, config, Some(settled), &|done| progress(before + done, total))?;
            before += file.bytes.len();
            findings.extend(loaded.findings(part));
            skipped.extend(loaded.summary.skipped);
            notes.extend(loaded.summary.notes);
            Ok((first..rows.labels.len() as u32).collect())
        };
        let validation_rows = load_part(validation.as_ref(), PartName::Validation)?;
        let test_rows = load_part(test.as_ref(), PartName::Test)?;
        let own_validation = validation_rows.len();
        loaded.summary.skipped.first.truncate(SHOWN_SKIPPED);
        let content_hash = rows.content_hash(&[main_rows, validation_rows.len(), test_rows.len()]);

        let mut strata = rows.strata.take();
        strata.iter_mut().for_each(Strata::order);
        let (by, groups) = strata.as_ref().map_or((&rows.labels, classes), |strata| (&strata.ids, strata.count()));
        let mut kept: Vec<u32> = (0..main_rows as u32).collect();
        if let Some(limit) = config.max_rows {
            kept = stratified_sample(&kept, by, limit, config.split.seed);
        }
        let copies = rows.copies();
        let (cut_validation, cut_test) = (validation.is_none(), test.is_none());
        let mut splits = split(&kept, by, groups, &config.split, cut_validation, cut_test, Some(&copies));
        splits.validation.extend(validation_rows);
        splits.test.extend(test_rows);
        if let Some(n) = config.rows_per_class {
            splits.train = few_of_each(&splits.train, by, groups, n, config.split.seed);
        }
        let counts = splits.counts(&rows.labels, classes);
        let cut = [
            Some(&counts.train),
            validation.is_none().then_some(&counts.validation),
            test.is_none().then_some(&counts.test),
        ];
        let checked = check_parts(&main.name, &rows, &kept, &cut);
        checked.map_err(|problem| after_skipped(problem, &loaded.summary.skipped))?;
        let ends = (main_rows, main_rows + own_validation);
        let read = Read { rows: &rows, copies: &copies, ends, splits: &splits, cut: cut.iter().flatten().count() };
        findings.extend(read.findings());
        findings.sort_by_key(|finding| finding.found.rank());
        if kept.len() < main_rows {
            rows.keep(&kept, main_rows, &mut splits);
        }

        let summary =
            DatasetSummary { rows: main_rows, labels: label_counts, split: counts, content_hash, ..loaded.summary };
        let summary = DatasetSummary { merged: std::mem::take(&mut rows.merged), findings, ..summary };
        let ahead = rows.ahead.take();
        let dataset = Self::of(summary, rows, splits);
        let tokens = ahead.map(|ahead| ahead.into_store(&dataset.texts));
        Ok((dataset, tokens))
    }

    /// The columns of a file and its first rows, so that the user can choose other columns when [`Dataset::open`] has
    /// refused the guessed ones.
    ///
    /// # Errors
    /// `data-*` when the file is not a table; `file-error`.
    pub fn head_of(config: &DataConfig) -> Outcome<TableHead> {
        let file = File::read(config, &|_, _| {})?;
        let content = match Content::of(&file, config) {
            // The user is to choose among the sheets first.
            Err(problem) if SHEET_PROBLEMS.contains(&problem.id.as_ref()) => {
                return Ok(TableHead { format: TableFormat::Workbook, sheets: sheets(&file), ..TableHead::default() });
            }
            content => content?,
        };
        let table = content.table(config, config.reading.header)?;
        let mut rows = Vec::new();
        table.visit(&mut |record| {
            rows.push(head_cells(record, table.columns().len()));
            Ok(if rows.len() < HEAD_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        let Reading { format, encoding, sheets, .. } = content.reading.clone();
        Ok(TableHead {
            rows,
            format,
            encoding,
            sheets,
            columns: table.columns().to_vec(),
            delimiter: table.delimiter().unwrap_or_default().0,
            quoting: table.quoting().unwrap_or_default().0,
            headless: !table.header().0,
        })
    }

    /// Puts a data set together from its parts.
    pub(super) fn of(summary: DatasetSummary, mut rows: Rows, splits: Splits) -> Self {
        rows.texts.shrink();
        let Rows { texts, labels, row_numbers, flipped, .. } = rows;
        Self { summary, texts: Arc::new(texts), labels, row_numbers, flipped, splits }
    }

    /// The names of the labels, by id.
    pub fn label_names(&self) -> Vec<String> {
        self.summary.labels.iter().map(|l| l.label.clone()).collect()
    }
}

/// The number of usable rows of each label, in the order of the labels' ids.
pub(super) fn count_labels(rows: &Rows) -> Vec<LabelCount> {
    let sizes = class_sizes(rows.labels.iter().copied(), rows.names.len());
    rows.names.iter().zip(sizes).map(|(label, count)| LabelCount { label: label.clone(), count }).collect()
}

#[cfg(test)]
mod tests;
