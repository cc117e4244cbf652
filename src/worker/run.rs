//! One run from its settings to its folder: read, train, save, test.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{bounded, select};

use crate::domain::config::{DataSource, ModelSource, RunConfig};
use crate::domain::freeze::check_trainable;
use crate::domain::message::{Event, EventKind, RunEnded, RunId, RunObserver, RunOutcome, Stage};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::device;
use crate::model::save::save_folder;
use crate::runs::{DataFacts, RunSettings, RunWriter, SplitFiles, SplitRows, check_free, portable};
use crate::train::evaluate::evaluate_with;
use crate::train::trainer::{Job, dropout_config, train};

use super::control::Control;
use super::lane::guarded;
use super::questions;
use super::session::{OpenData, OpenModel, ReadyModel, check_max_length};
use super::shared::Shared;
use super::system::{peak_memory_bytes, thread_pool};

/// Does the run and tells of it; the last thing it tells is its one `RunEnded`, whatever happens.
pub fn execute(shared: &Arc<Shared>, control: &Control, run_id: RunId, config: RunConfig) {
    let run = Run {
        shared,
        control,
        run_id,
        writer: Mutex::new(None),
        log_failed: AtomicBool::new(false),
        train_secs: Mutex::new(0.0),
    };
    let result = guarded(|| run.conduct(config));
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
    fn conduct(&self, config: RunConfig) -> Outcome<RunOutcome> {
        config.check()?;
        if let Some(out) = &config.out {
            check_free(out)?;
        }
        let (Some(data), Some(model)) = (self.open_data(&config)?, self.open_model(&config)?) else {
            return Ok(RunOutcome::Stopped);
        };
        let max_length = config.training.max_length;
        check_max_length(&model, max_length)?;
        let label_names = data.dataset.label_names();
        let trainable = config.freeze.resolve(&model.checkpoint.tree(&label_names))?;
        check_trainable(&trainable)?;
        self.tell_notes(&model);
        let tokens = {
            let mut session = self.shared.session();
            session.seed = config.training.seed;
            session.tokens_of(&data, &model, max_length)
        };
        let pool = thread_pool(config.training.threads)?;
        let (device, ops) = device::open(config.training.device)?;
        let dropout = dropout_config(&model.checkpoint, &config);
        let seed = config.training.seed;
        let mut classifier =
            pool.install(|| Classifier::on(&device, ops, &model.checkpoint, &label_names, &trainable, dropout, seed))?;
        if self.control.is_stopped() {
            return Ok(RunOutcome::Stopped);
        }
        *self.writer() = Some(RunWriter::create(&settings(&config, &data, &classifier), &splits(&data))?);

        let dataset = &data.dataset;
        let job = Job {
            classifier: &mut classifier,
            dataset,
            tokens: &tokens,
            config: &config,
            prefix_cache: &self.shared.prefix_cache,
            observer: self,
        };
        let trained = pool.install(|| train(job))?;
        *self.train_secs.lock().unwrap_or_else(PoisonError::into_inner) = trained.train_secs;
        if self.steps() == 0 {
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

    fn tell_notes(&self, model: &OpenModel) {
        for note in &model.checkpoint.facts.notes {
            self.tell(EventKind::Warning(note.clone()));
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

    fn steps(&self) -> usize {
        self.writer().as_ref().map_or(0, |writer| writer.history().steps.len())
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

fn settings(config: &RunConfig, data: &OpenData, classifier: &Classifier) -> RunSettings {
    let (tree, summary) = (classifier.tree(), &data.dataset.summary);
    let names = tree.parameters.iter().zip(classifier.trainable()).filter(|(_, on)| **on).map(|(p, _)| p.name.clone());
    RunSettings {
        thaw: env!("CARGO_PKG_VERSION").to_owned(),
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
            fingerprint: format!("{:016x}", summary.fingerprint),
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
    for path in [&mut config.data.validation, &mut config.data.test, &mut config.out].into_iter().flatten() {
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
