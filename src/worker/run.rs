//! One run from its settings to its folder: read, train, save, test.

use std::cmp::Reverse;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{bounded, select};

use crate::data::tokens::TokenStore;
use crate::domain::config::{DataSource, DeviceKind, ModelSource, RunConfig, TrainingConfig};
use crate::domain::estimate::{TextSizes, memory, what_fits};
use crate::domain::freeze::check_trainable;
use crate::domain::message::{Event, EventKind, RunEnded, RunId, RunObserver, RunOutcome, Stage};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::device;
use crate::model::save::save_folder;
use crate::model::tensor_file::Piece;
use crate::runs::{
    DataFacts, Interrupted, RunSettings, RunWriter, SplitFiles, SplitRows, check_free, continued, now, portable,
};
use crate::train::evaluate::evaluate_with;
use crate::train::resume::{self, BestEpoch, Keeper, Position, Saved};
use crate::train::trainer::{Job, KeptModel, dropout_config, restore_weights, train};

use super::control::Control;
use super::lane::guarded;
use super::questions;
use super::session::{OpenData, OpenModel, ReadyModel, check_max_length};
use super::shared::Shared;
use super::system::{available_memory_bytes, peak_memory_bytes, resident_memory_bytes, thread_pool};

/// What a run begins with.
pub enum Beginning {
    New(Box<RunConfig>),
    /// An unfinished run, in its own folder.
    Resume(PathBuf),
    /// A finished run's model and settings, in a new folder.
    Continue {
        dir: PathBuf,
        epochs: usize,
        learning_rate: Option<f64>,
        out: Option<PathBuf>,
    },
}

/// Does the run and tells of it; the last thing it tells is its one `RunEnded`, whatever happens.
pub fn execute(shared: &Arc<Shared>, control: &Control, run_id: RunId, beginning: Beginning) {
    let run = Run {
        shared,
        control,
        run_id,
        writer: Mutex::new(None),
        log_failed: AtomicBool::new(false),
        train_secs: Mutex::new(0.0),
    };
    let result = guarded(|| run.begin(beginning));
    let ended = guarded(|| Ok(run.close(result)))
        .unwrap_or_else(|problem| RunEnded { error: Some(problem), ..ended(RunOutcome::Failed) });
    control.end();
    shared.sink.send(Event { run_id: Some(run_id), kind: EventKind::RunEnded(ended) });
    questions::after_run(shared);
}

/// An end before the first step.
pub fn ended(outcome: RunOutcome) -> RunEnded {
    RunEnded { outcome, error: None, run_dir: None, train_secs: 0.0, peak_memory_bytes: peak_memory_bytes() }
}

struct Run<'a> {
    shared: &'a Arc<Shared>,
    control: &'a Control,
    run_id: RunId,
    /// From the moment that there is something to log.
    writer: Mutex<Option<RunWriter>>,
    log_failed: AtomicBool,
    train_secs: Mutex<f64>,
}

impl Run<'_> {
    fn begin(&self, beginning: Beginning) -> Outcome<RunOutcome> {
        let (config, interrupted) = match beginning {
            Beginning::New(config) => return self.conduct(*config, None),
            Beginning::Resume(dir) => {
                let run = Interrupted::open(&dir)?;
                (run.settings.config.clone(), Some(run))
            }
            Beginning::Continue { dir, epochs, learning_rate, out } => {
                (continued(&dir, epochs, learning_rate, out)?, None)
            }
        };
        self.tell(EventKind::RunPlanned(Box::new(config.clone())));
        self.conduct(config, interrupted)
    }

    /// `interrupted`: the run that goes on, instead of a new one.
    fn conduct(&self, config: RunConfig, mut interrupted: Option<Interrupted>) -> Outcome<RunOutcome> {
        config.check()?;
        if let Some(out) = config.out.as_ref().filter(|_| interrupted.is_none()) {
            check_free(out)?;
        }
        let (Some(data), Some(model)) = (self.open_data(&config)?, self.open_model(&config)?) else {
            return Ok(RunOutcome::Stopped);
        };
        if let Some(run) = &interrupted {
            check_same_data(run, &data)?;
        }
        let max_length = config.training.max_length;
        check_max_length(&model, max_length)?;
        let label_names = data.dataset.label_names();
        let trainable = config.freeze.resolve(&model.checkpoint.tree(&label_names))?;
        check_trainable(&trainable)?;
        self.warn_of_fresh_parameters(&model);
        let tokens = {
            let mut session = self.shared.session();
            session.seed = config.training.seed;
            session.tokens_of(&data, &model, max_length)
        };
        let pool = thread_pool(config.training.threads)?;
        if config.training.device == DeviceKind::Cpu {
            pool.install(|| check_memory(&config, &data, &model, &tokens, &trainable))?;
        }
        let (device, ops) = device::open(config.training.device)?;
        let dropout = dropout_config(&model.checkpoint, &config);
        let seed = config.training.seed;
        let fresh = || {
            let ops = Arc::clone(&ops);
            pool.install(|| Classifier::on(&device, ops, &model.checkpoint, &label_names, &trainable, dropout, seed))
        };
        let mut classifier = fresh()?;
        if self.control.is_stopped() {
            return Ok(RunOutcome::Stopped);
        }
        let saved = interrupted.as_mut().and_then(|run| run.saved.take());
        if let Some(saved) = &saved {
            // Before anything in the folder is touched.
            pool.install(|| resume::check(&saved.position, &classifier))?;
        }
        let writer = match interrupted {
            Some(run) => RunWriter::reopen(run)?,
            None => RunWriter::create(&settings(&config, &data, &classifier), &splits(&data))?,
        };
        if saved.is_some() {
            self.tell(EventKind::RunResumed(Arc::new(writer.history().clone())));
        }
        *self.writer() = Some(writer);

        let dataset = &data.dataset;
        let job = Job {
            classifier: &mut classifier,
            dataset,
            tokens: &tokens,
            config: &config,
            prefix_cache: &self.shared.prefix_cache,
            observer: self,
            keeper: Some(self),
            resume: saved,
        };
        let trained = pool.install(|| train(job))?;
        *self.train_secs.lock().unwrap_or_else(PoisonError::into_inner) = trained.train_secs;
        if let Some(failure) = trained.failure {
            let good = match trained.model {
                KeptModel::AsTrained => Some(classifier),
                KeptModel::OfCheckpoint => self.of_newest_checkpoint(fresh()?, config.training.weight_decay)?,
                KeptModel::Lost => None,
            };
            if let Some(good) = good {
                self.save(&model, &good)?;
            }
            // Gone on with, it would come to the same end.
            self.writer().as_ref().iter().for_each(|writer| writer.forget_checkpoints());
            return Err(failure);
        }
        if trained.model == KeptModel::Lost {
            return Ok(trained.outcome);
        }
        // Saved before it is tested: whatever happens then, what was learned is kept.
        let saved = self.save(&model, &classifier);
        let tokeniser = Arc::clone(&model.checkpoint.tokeniser);
        let ready = Arc::new(ReadyModel { classifier, tokeniser, max_length });
        self.shared.session().trained = Some((Arc::clone(&ready), model));
        let mut outcome = trained.outcome;
        if outcome == RunOutcome::Completed {
            let rows = &dataset.splits.test;
            let test = pool.install(|| {
                let prefix = self.shared.prefix_cache.for_run(&ready.classifier, &config.training.prefix_cache);
                evaluate_with(&ready.classifier, &prefix, &tokens, &dataset.labels, rows, self, Stage::Test)
            })?;
            if test.stopped {
                outcome = RunOutcome::Stopped;
            } else {
                self.emit(EventKind::TestEvaluated(test.report(&label_names)));
            }
        }
        saved.map(|()| outcome)
    }

    /// The run's data, or `None` when Stop came first.
    fn open_data(&self, config: &RunConfig) -> Outcome<Option<Arc<OpenData>>> {
        let (shared, config, run_id) = (Arc::clone(self.shared), config.data.clone(), self.run_id);
        let opened = self.unless_stopped(move || shared.open_data(&config, Some(run_id)))?;
        Ok(opened.map(|(data, was_open)| {
            if !was_open {
                self.tell(EventKind::DatasetReady(Arc::new(data.dataset.summary.clone())));
            }
            data
        }))
    }

    /// The run's model, or `None` when Stop came first.
    fn open_model(&self, config: &RunConfig) -> Outcome<Option<Arc<OpenModel>>> {
        let (shared, source) = (Arc::clone(self.shared), config.model.clone());
        self.tell(EventKind::Progress { stage: Stage::LoadModel, done: 0, total: 1 });
        let opened = self.unless_stopped(move || shared.open_model(&source))?;
        Ok(opened.map(|(model, was_open)| {
            if !was_open {
                self.shared.show_model(&model, Some(self.run_id));
            }
            model
        }))
    }

    fn warn_of_fresh_parameters(&self, model: &OpenModel) {
        let lacking = &model.checkpoint.lacking;
        if !lacking.is_empty() {
            let problem = Problem::new("run-fresh-parameters");
            let problem = problem.with("model", &model.checkpoint.facts.name).with("names", lacking.join(", "));
            self.tell(EventKind::Warning(problem));
        }
    }

    /// Does what can't be interrupted on a thread of its own, and leaves it alone when Stop comes first.
    fn unless_stopped<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Outcome<T> + Send + 'static,
    ) -> Outcome<Option<T>> {
        let (done, result) = bounded(1);
        let work = move || drop(done.send(guarded(work)));
        thread::Builder::new().name("thaw-open".into()).spawn(work).map_err(Problem::internal)?;
        select! {
            recv(result) -> result => result.map_err(Problem::internal)?.map(Some),
            recv(self.control.stopped()) -> _ => Ok(None),
        }
    }

    fn save(&self, model: &OpenModel, classifier: &Classifier) -> Outcome<()> {
        let Some(dir) = self.writer().as_ref().map(|writer| writer.dir().to_owned()) else {
            return Ok(());
        };
        self.tell(EventKind::Progress { stage: Stage::Save, done: 0, total: 1 });
        let values = |name: &str| classifier.values(name);
        save_folder(&dir, &model.checkpoint, &values, classifier.tree(), classifier.label_names())?;
        self.tell(EventKind::Progress { stage: Stage::Save, done: 1, total: 1 });
        Ok(())
    }

    /// Closes the run folder, or takes it back when nothing was learned.
    fn close(&self, result: Outcome<RunOutcome>) -> RunEnded {
        let mut ended = match result {
            Ok(outcome) => ended(outcome),
            Err(problem) => RunEnded { error: Some(problem), ..ended(RunOutcome::Failed) },
        };
        let Some(mut writer) = self.writer().take() else {
            return ended;
        };
        if writer.history().steps.is_empty() {
            writer.discard();
            return ended;
        }
        ended.run_dir = Some(writer.dir().to_owned());
        ended.train_secs = *self.train_secs.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = writer.record(&EventKind::RunEnded(ended.clone())).and_then(|()| writer.finish());
        if let Err(problem) = closed {
            ended.outcome = RunOutcome::Failed;
            ended.error.get_or_insert(problem);
        }
        ended
    }

    /// The classifier with the weights of the newest checkpoint.
    fn of_newest_checkpoint(&self, mut fresh: Classifier, weight_decay: f64) -> Outcome<Option<Classifier>> {
        let Some(saved) = self.newest()? else { return Ok(None) };
        restore_weights(&saved, &mut fresh, weight_decay)?;
        Ok(Some(fresh))
    }

    /// The writer, for the keeping of checkpoints, which begins when there is one.
    fn with_writer<T>(&self, act: impl FnOnce(&mut RunWriter) -> Outcome<T>) -> Outcome<T> {
        act(self.writer().as_mut().ok_or_else(|| Problem::internal("the run has no folder yet"))?)
    }

    fn writer(&self) -> MutexGuard<'_, Option<RunWriter>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends without logging.
    fn tell(&self, kind: EventKind) {
        self.shared.sink.send(Event { run_id: Some(self.run_id), kind });
    }
}

impl RunObserver for Run<'_> {
    fn emit(&self, event: EventKind) {
        let logged = self.writer().as_mut().map_or(Ok(()), |writer| writer.record(&event));
        self.tell(event);
        if let Err(problem) = logged
            && !self.log_failed.swap(true, Ordering::Relaxed)
        {
            self.tell(EventKind::Warning(problem));
        }
        if self.shared.sink.is_gone() {
            self.control.stop();
        }
    }

    fn stop_requested(&self) -> bool {
        self.shared.sink.tick();
        self.control.wait_while_paused(|is_still| {
            self.tell(if is_still { EventKind::Paused } else { EventKind::Resumed });
        });
        self.control.is_stopped()
    }
}

impl Keeper for Run<'_> {
    fn keep(&self, position: &Position, pieces: &[Piece<'_>]) -> Outcome<()> {
        self.with_writer(|writer| writer.keep(position, pieces))
    }

    fn keep_best(&self, best: &BestEpoch, pieces: &[Piece<'_>]) -> Outcome<()> {
        self.with_writer(|writer| writer.keep_best(best, pieces))
    }

    fn newest(&self) -> Outcome<Option<Saved>> {
        self.with_writer(|writer| writer.newest_checkpoint())
    }
}

/// Refuses a run that the memory which is free now cannot hold, with what would fit.
fn check_memory(
    config: &RunConfig,
    data: &OpenData,
    model: &OpenModel,
    tokens: &TokenStore,
    trainable: &[bool],
) -> Outcome<()> {
    let tree = model.checkpoint.tree(&data.dataset.label_names());
    let texts = text_sizes(&config.training, data, tokens);
    // What this program holds already is part of the need.
    let free_bytes = available_memory_bytes().saturating_add(resident_memory_bytes());
    let need = memory(&tree, trainable, texts).total_bytes();
    if need <= free_bytes {
        return Ok(());
    }
    let gigabytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1e9);
    let fitting = what_fits(&tree, trainable, texts, &config.training, free_bytes);
    let fitting: Vec<String> = fitting.iter().map(|smaller| smaller.flags(tree.facts.layers)).collect();
    let id = if fitting.is_empty() { "memory-too-small-for-all" } else { "memory-too-small" };
    let problem = Problem::new(id).with("need", gigabytes(need)).with("free", gigabytes(free_bytes));
    Err(if fitting.is_empty() { problem } else { problem.with("fitting", fitting.join("; ")) })
}

/// How large batches can be: the rows with the longest texts stand for the worst one, a few others for all.
fn text_sizes(training: &TrainingConfig, data: &OpenData, tokens: &TokenStore) -> TextSizes {
    const SAMPLE: usize = 64;
    let dataset = &data.dataset;
    let mut rows = dataset.splits.train.clone();
    rows.sort_by_key(|row| Reverse(dataset.texts.get(*row as usize).len()));
    let length = |row: &u32| tokens.row(*row).len();
    let longest: Vec<usize> = rows.iter().take(training.batch_size).map(length).collect();
    let sample: Vec<usize> = rows.iter().step_by(rows.len().div_ceil(SAMPLE).max(1)).map(length).collect();
    TextSizes {
        batch_tokens: longest.iter().sum(),
        longest: longest.iter().copied().max().unwrap_or(0),
        train_tokens: sample.iter().sum::<usize>() * rows.len() / sample.len().max(1),
    }
}

/// Refuses to go on with other rows than the run began with.
fn check_same_data(run: &Interrupted, data: &OpenData) -> Outcome<()> {
    if fingerprint(data) != run.settings.data.fingerprint || splits(data) != run.splits {
        return Err(Problem::new("resume-data-changed").with("file", &run.settings.data.name));
    }
    Ok(())
}

fn fingerprint(data: &OpenData) -> String {
    format!("{:016x}", data.dataset.summary.fingerprint)
}

fn settings(config: &RunConfig, data: &OpenData, classifier: &Classifier) -> RunSettings {
    let (tree, summary) = (classifier.tree(), &data.dataset.summary);
    let names = tree.parameters.iter().zip(classifier.trainable()).filter(|(_, on)| **on).map(|(p, _)| p.name.clone());
    RunSettings {
        thaw: env!("CARGO_PKG_VERSION").to_owned(),
        started: now(),
        config: anchored(config),
        learning_rate: config.learning_rate(),
        labels: classifier.label_names().to_vec(),
        model: tree.facts.clone(),
        data: DataFacts {
            name: summary.name.clone(),
            rows: summary.rows,
            skipped_rows: summary.skipped.count,
            encoding: summary.encoding.clone(),
            delimiter: summary.delimiter,
            text_column: summary.columns[summary.text_column].clone(),
            label_column: summary.columns[summary.label_column].clone(),
            fingerprint: fingerprint(data),
        },
        trainable: names.collect(),
    }
}

/// The configuration with paths that hold from any folder.
fn anchored(config: &RunConfig) -> RunConfig {
    let mut config = config.clone();
    if let DataSource::File(path) = &mut config.data.source {
        *path = portable(path);
    }
    if let ModelSource::Folder(path) = &mut config.model {
        *path = portable(path);
    }
    for path in [&mut config.data.validation, &mut config.data.test, &mut config.out, &mut config.runs_dir]
        .into_iter()
        .flatten()
    {
        *path = portable(path);
    }
    config
}

fn splits(data: &OpenData) -> SplitRows {
    let (dataset, config) = (&data.dataset, &data.config);
    let numbers = |rows: &[u32]| rows.iter().map(|row| dataset.row_numbers[*row as usize]).collect();
    let main = match &config.source {
        DataSource::Bundled => None,
        DataSource::File(path) => Some(portable(path)),
    };
    let own_or_main = |own: &Option<PathBuf>| own.as_deref().map(portable).or_else(|| main.clone());
    SplitRows {
        train: numbers(&dataset.splits.train),
        validation: numbers(&dataset.splits.validation),
        test: numbers(&dataset.splits.test),
        files: SplitFiles {
            validation: own_or_main(&config.validation),
            test: own_or_main(&config.test),
            train: main.clone(),
        },
    }
}
