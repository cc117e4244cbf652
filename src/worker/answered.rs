//! Every row of a file is answered by a model, and written with its answer. The rows of one window are in memory at a time.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::data::answer_file::{AnswerFile, added_columns, usual_names};
use crate::data::every_row::{EveryRow, RowsBegin, TakesRows, every_row};
use crate::domain::answered::{AnsweredFile, AnsweringRows, FileToAnswer};
use crate::domain::config::{ClassifierSource, ModelSource};
use crate::domain::message::{AskId, Notice, Progress, RowReads, RowTexts, RunObserver as _, Task};
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::{write_new, write_with};
use crate::runs::{RunReader, RunSettings};
use crate::train::evaluate::answer_rows;

use super::disk::check_room;
use super::lane::lock;
use super::questions::{Quiet, check_pairs, open_classifier, trained_model};
use super::session::ReadyModel;
use super::shared::Shared;
use super::suspects::is_of_data;

/// The rows of a window are answered together, shortest first. It ends after so many rows or bytes of cells.
const WINDOW_ROWS: usize = 8192;
const WINDOW_BYTES: usize = 16 << 20;
/// How often it is told how far the work is.
const TELL_INTERVAL: Duration = Duration::from_millis(200);

/// Writes the answers to all rows of a file into a new one, which appears whole or not at all.
///
/// # Errors
/// `answers-file-exists`; `disk-too-small` once it is seen that the rest will not fit; `cancelled`; `nothing-trained-yet`,
/// `predict-needs-second`, `predict-one-text`, `tokeniser-no-pairs`; those of opening a model and of reading the rows.
pub fn answer_file(shared: &Arc<Shared>, id: AskId, asked: &FileToAnswer) -> Outcome<AnsweredFile> {
    let is_taken = asked.to.symlink_metadata().is_ok();
    if is_taken && (!asked.replaces || is_of_data(&asked.to, &asked.data)) {
        return Err(exists(&asked.to));
    }
    let (model, dir) = match &asked.model {
        Some(source) => (open_classifier(shared, source)?, run_of(source)),
        None => (trained_model(shared)?, shared.session().trained.as_ref().map(|trained| trained.dir.clone())),
    };
    let of_run = dir.map(|dir| RunReader::settings_in(&dir)).transpose()?.flatten();
    let mut config = (*asked.data).clone();
    model.reads.complete(&mut config.reading)?;
    check_pairs(&model, config.reading.second_text_column.is_some())?;
    if let Some(RunSettings { data, .. }) = &of_run {
        config.reading.header = config.reading.header.or(data.headless.then_some(false));
    }
    let is_single = model.reads == RowReads::OneText;
    let own_column = of_run.as_ref().filter(|_| is_single).map(|run| run.data.text_column.as_str());
    let quiet = Quiet { shared, asked: Some(id) };
    let looked = |done: u64, total: u64| {
        let (done, total) = (done as usize, total as usize);
        shared.notify(Notice::Progress(Progress { task: Task::ReadData, done, total }));
        if quiet.stop_requested() { Err(cancelled()) } else { Ok(()) }
    };
    looked(0, 1)?;
    let mut answered = AnsweredFile::default();
    let write = |file: &mut dyn Write| {
        let mut answering = Answering::new(shared, &quiet, &model, &asked.to, file);
        let without = every_row(&config, own_column, &looked, &mut answering)?;
        answered = AnsweredFile { without, ..answering.finish()? };
        Ok(())
    };
    match if asked.replaces { write_with(&asked.to, write) } else { write_new(&asked.to, write) } {
        Ok(()) => Ok(answered),
        Err(problem) if problem.id == "file-exists" => Err(exists(&asked.to)),
        Err(problem) => Err(problem),
    }
}

fn exists(file: &Path) -> Problem {
    Problem::new("answers-file-exists").with("file", file.display())
}

fn cancelled() -> Problem {
    Problem::new("cancelled")
}

/// The folder of the run whose head answers, if it is a run's.
fn run_of(source: &ClassifierSource) -> Option<PathBuf> {
    match source {
        ClassifierSource { head: Some(dir), .. } => dir.is_dir().then(|| dir.clone()),
        ClassifierSource { model: ModelSource::Folder(dir), head: None, .. } => Some(dir.clone()),
        _ => None,
    }
}

/// Rows on their way from one file to the other.
struct Answering<'a> {
    shared: &'a Arc<Shared>,
    quiet: &'a Quiet<'a>,
    model: &'a ReadyModel,
    to: &'a Path,
    /// What is written to, until the header is.
    file: Option<&'a mut dyn Write>,
    rows: Option<AnswerFile<&'a mut dyn Write>>,
    begin: RowsBegin,
    window: Vec<EveryRow>,
    window_bytes: usize,
    far: Far<'a>,
}

/// How far the work is.
struct Far<'a> {
    shared: &'a Shared,
    /// What is done before the window.
    done: AnsweringRows,
    /// How much of the input lies before the end of the window.
    share: f64,
    began: Instant,
    told_at: Mutex<Instant>,
}

impl Far<'_> {
    /// Tells how far the work is when this share of a window of so many rows is answered, unless it was told just now.
    fn tell_sometimes(&self, rows: usize, of_window: f64) {
        let mut told_at = lock(&self.told_at);
        if told_at.elapsed() >= TELL_INTERVAL {
            *told_at = Instant::now();
            self.tell(rows, of_window);
        }
    }

    fn tell(&self, rows: usize, of_window: f64) {
        let secs = self.began.elapsed().as_secs_f64();
        let rows = self.done.rows + (rows as f64 * of_window) as u64;
        let share = self.done.share + (self.share - self.done.share) * of_window;
        let rows_per_sec = if secs > 0.0 { rows as f64 / secs } else { 0.0 };
        let left_secs = (share > 0.0).then(|| secs * (1.0 - share) / share);
        let told = AnsweringRows { rows, share, rows_per_sec, left_secs, ..self.done };
        self.shared.notify(Notice::AnsweringRows(told));
    }
}

impl<'a> Answering<'a> {
    fn new(
        shared: &'a Arc<Shared>,
        quiet: &'a Quiet<'a>,
        model: &'a ReadyModel,
        to: &'a Path,
        file: &'a mut dyn Write,
    ) -> Self {
        Self {
            shared,
            quiet,
            model,
            to,
            file: Some(file),
            rows: None,
            begin: RowsBegin::default(),
            window: Vec::new(),
            window_bytes: 0,
            far: Far {
                shared,
                done: AnsweringRows::default(),
                share: 0.0,
                began: Instant::now(),
                told_at: Mutex::new(Instant::now()),
            },
        }
    }

    /// Answers the rows of the window and writes them.
    fn write_window(&mut self) -> Outcome<()> {
        let ReadyModel { classifier, tokeniser, max_length, .. } = self.model;
        let texts: Vec<&RowTexts> = self.window.iter().filter_map(|row| row.texts.as_ref()).collect();
        let (far, quiet, rows) = (&self.far, self.quiet, self.window.len());
        let tell = |answered: usize| far.tell_sometimes(rows, answered as f64 / texts.len().max(1) as f64);
        let answers =
            self.shared.pool()?.install(|| answer_rows(classifier, tokeniser, *max_length, &texts, quiet, &tell))?;
        let mut answers = answers.ok_or_else(cancelled)?.into_iter();
        let Some(file) = &mut self.rows else { return Err(Problem::internal("rows before their columns")) };
        let label = |class: usize| classifier.label_names().get(class).map_or("", String::as_str);
        for EveryRow { cells, texts } in &self.window {
            let answer = texts.as_ref().and_then(|_| answers.next());
            self.far.done.without += u64::from(answer.is_none());
            file.write(cells, answer.as_ref().map(|answer| (label(answer.class), answer.probabilities.as_slice())))?;
        }
        self.far.done.rows += self.window.len() as u64;
        self.far.done.share = self.far.share;
        self.window.clear();
        self.window_bytes = 0;
        self.check_room()
    }

    /// Refuses to go on where the rest will not fit on the disk, as far as that can be told by what was written.
    ///
    /// # Errors
    /// `disk-too-small`.
    fn check_room(&self) -> Outcome<()> {
        let written = self.rows.as_ref().map_or(0, AnswerFile::bytes) as f64;
        let share = self.far.share;
        let need = if share > 0.0 { written * (1.0 - share) / share } else { 0.0 };
        let folder = self.to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        check_room(folder, need as u64)
    }

    /// Answers the last rows. What is returned lacks only the rows without an answer.
    fn finish(mut self) -> Outcome<AnsweredFile> {
        self.far.share = 1.0;
        self.write_window()?;
        self.far.tell(0, 1.0);
        let secs = self.far.began.elapsed().as_secs_f64();
        self.rows.take().map_or(Ok(()), AnswerFile::finish)?;
        let RowsBegin { file, columns, text_column, second_column, is_guess, is_streamed, notes } = self.begin;
        let classes = self.model.classifier.label_names();
        let added = added_columns(&columns, classes);
        let is_other = |(name, usual): (&String, String)| (*name != usual).then(|| name.clone());
        let renamed = added.iter().zip(usual_names(classes)).filter_map(is_other).collect();
        Ok(AnsweredFile {
            file: self.to.to_owned(),
            data: file,
            rows: self.far.done.rows,
            text_column,
            second_text_column: second_column,
            is_guess,
            added,
            renamed,
            is_streamed,
            notes,
            temperature: self.model.is_fitted.then(|| self.model.classifier.temperature()),
            precision: self.model.classifier.precision(),
            secs,
            ..AnsweredFile::default()
        })
    }
}

impl TakesRows for Answering<'_> {
    fn begin(&mut self, begin: &RowsBegin) -> Outcome<()> {
        let Some(file) = self.file.take() else { return Err(Problem::internal("two tables")) };
        self.rows = Some(AnswerFile::new(file, self.to, &begin.columns, self.model.classifier.label_names())?);
        self.begin = begin.clone();
        // What came before is a look at the file.
        self.far.began = Instant::now();
        Ok(())
    }

    fn take(&mut self, row: EveryRow, done: usize, total: usize) -> Outcome<()> {
        self.far.share = (done as f64 / total.max(1) as f64).min(1.0);
        self.window_bytes += row.cells.iter().map(String::len).sum::<usize>();
        self.window.push(row);
        if self.window.len() < WINDOW_ROWS && self.window_bytes < WINDOW_BYTES {
            return Ok(());
        }
        self.write_window()
    }
}
