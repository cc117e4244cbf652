//! One run from its settings to its folder: read, train, save, test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use crossbeam_channel::{bounded, select};

use crate::domain::config::{DeviceKind, RunConfig};
use crate::domain::history::History;
use crate::domain::message::{Event, EventKind, RunEnded, RunId, RunObserver, RunOutcome, Stage};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::proof::{Fingerprint, FreezeProof, ParameterProof};
use crate::domain::timeline::Unfreezing;
use crate::model::classifier::Classifier;
use crate::model::device;
use crate::model::hashes;
use crate::model::save::save_folder;
use crate::model::tensor_file::Piece;
use crate::runs::{Interrupted, RunWriter, check_free, continued};
use crate::train::checkpoint::{BestEpoch, Checkpoint, CheckpointStore, Position, check_resumable};
use crate::train::evaluate::evaluate_with;
use crate::train::trainer::{Job, dropout_config, train};

use super::control::Control;
use super::lane::guarded;
use super::memory::check_memory;
use super::questions;
use super::records::{check_same_data, facts, settings, splits};
use super::reference::{Fitting, References};
use super::session::{OpenData, OpenModel, ReadyModel, check_max_length};
use super::shared::Shared;
use super::system::{peak_memory_bytes, reset_peak_memory, thread_pool};

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
    let ended = perform(shared, control, run_id, beginning).ended;
    control.end();
    shared.sink.send(Event { run_id: Some(run_id), kind: EventKind::RunEnded(ended) });
    questions::after_run(shared);
}

/// What came of a run.
pub struct Performed {
    pub ended: RunEnded,
    /// All that it has told.
    pub history: History,
    /// Whether each test row was predicted right; empty of a run without its test.
    pub hits: Vec<bool>,
}

/// Does the run; its `RunEnded` is yet to be told.
pub fn perform(shared: &Arc<Shared>, control: &Control, run_id: RunId, beginning: Beginning) -> Performed {
    reset_peak_memory();
    let run = Run {
        shared,
        control,
        run_id,
        writer: Mutex::new(None),
        log_failed: AtomicBool::new(false),
        train_secs: Mutex::new(0.0),
        data: OnceLock::new(),
        fitting: OnceLock::new(),
        kept_for_others: AtomicU64::new(0),
        hits: Mutex::default(),
    };
    let result = guarded(|| run.begin(beginning));
    let (ended, history) = guarded(|| Ok(run.close(result))).unwrap_or_else(|problem| {
        let ended = RunEnded { error: Some(problem), ..ended(RunOutcome::Failed) };
        (ended, History::default())
    });
    Performed { ended, history, hits: run.hits.into_inner().unwrap_or_else(PoisonError::into_inner) }
}

/// Whether the folder is of a run that can go on.
pub fn can_resume(dir: &Path) -> bool {
    Interrupted::open(dir).is_ok()
}

/// An end before the first step.
pub fn ended(outcome: RunOutcome) -> RunEnded {
    RunEnded { outcome, error: None, run_dir: None, train_secs: 0.0, peak_memory_bytes: peak_memory_bytes() }
}

/// Does what can't be interrupted on a thread of its own, and leaves it alone when Stop comes first.
pub fn unless_stopped<T: Send + 'static>(
    control: &Control,
    work: impl FnOnce() -> Outcome<T> + Send + 'static,
) -> Outcome<Option<T>> {
    let (done, result) = bounded(1);
    let work = move || drop(done.send(guarded(work)));
    thread::Builder::new().name("thaw-open".into()).spawn(work).map_err(Problem::internal)?;
    select! {
        recv(result) -> result => result.map_err(Problem::internal)?.map(Some),
        recv(control.stopped()) -> _ => Ok(None),
    }
}

struct Run<'a> {
    shared: &'a Arc<Shared>,
    control: &'a Control,
    run_id: RunId,
    /// From the moment that there is something to log.
    writer: Mutex<Option<RunWriter>>,
    log_failed: AtomicBool,
    train_secs: Mutex<f64>,
    data: OnceLock<Arc<OpenData>>,
    /// The reference lines, which begin to be fitted with the first step.
    fitting: OnceLock<Fitting>,
    /// Bytes of other runs' frozen layers that this one found in memory and left there.
    kept_for_others: AtomicU64,
    hits: Mutex<Vec<bool>>,
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
        let plan = config.freeze.unfreezing(&model.pretrained.tree(&label_names))?;
        plan.check()?;
        let trainable = plan.ever();
        self.tell_notes(&model);
        self.tell_unreached(&plan, config.training.epochs);
        let tokens = {
            let mut session = self.shared.session();
            session.seed = config.training.seed;
            session.tokens_of(&data, &model, max_length)
        };
        let pool = thread_pool(config.training.threads)?;
        if config.training.device == DeviceKind::Cpu {
            pool.install(|| check_memory(&config, &data, &model, &tokens, &plan))?;
        }
        let (device, ops) = device::open(config.training.device)?;
        let dropout = dropout_config(&model.pretrained, &config);
        let seed = config.training.seed;
        let fresh = || {
            let ops = Arc::clone(&ops);
            pool.install(|| Classifier::on(&device, ops, &model.pretrained, &label_names, &trainable, dropout, seed))
        };
        let mut classifier = fresh()?;
        if self.control.is_stopped() {
            return Ok(RunOutcome::Stopped);
        }
        let saved = interrupted.as_mut().and_then(|run| run.saved.take());
        if let Some(saved) = &saved {
            // Before anything in the folder is touched.
            pool.install(|| check_resumable(&saved.position, &classifier))?;
        }
        let facts = pool.install(|| facts(&data, &tokens, &classifier, &trainable));
        let writer = match interrupted {
            Some(run) => RunWriter::reopen(run)?,
            None => RunWriter::create(&settings(&config, &data, &classifier, facts), &splits(&data))?,
        };
        if saved.is_some() {
            self.tell(EventKind::RunResumed(Arc::new(writer.history().clone())));
        }
        *self.writer() = Some(writer);
        self.tell(EventKind::RunFactsFound(facts));

        let data = self.data.get_or_init(|| data);
        // Of a run that goes on these are still the weights that it began with.
        let before = pool.install(|| hashes::proof_digests(&classifier))?;
        let dataset = &data.dataset;
        let job = Job {
            classifier: &mut classifier,
            dataset,
            tokens: &tokens,
            config: &config,
            prefix_cache: &self.shared.prefix_cache,
            observer: self,
            checkpoints: Some(self),
            fresh: &fresh,
            resume: saved,
            samples_layers: true,
        };
        let trained = pool.install(|| train(job))?;
        let beside = self.shared.prefix_cache.bytes_beside(&classifier);
        self.kept_for_others.store(beside, Ordering::Relaxed);
        *self.train_secs.lock().unwrap_or_else(PoisonError::into_inner) = trained.train_secs;
        if let Some(failure) = trained.failure {
            if trained.is_usable {
                self.save(&model, &classifier)?;
                pool.install(|| self.prove(&classifier, &before))?;
            }
            // Gone on with, it would come to the same end.
            self.writer().as_ref().iter().for_each(|writer| writer.forget_checkpoints());
            return Err(failure);
        }
        if !trained.is_usable {
            return Ok(trained.outcome);
        }
        // Saved before it is tested: whatever happens then, what was learned is kept.
        let saved = self.save(&model, &classifier).and_then(|()| pool.install(|| self.prove(&classifier, &before)));
        let tokeniser = Arc::clone(&model.pretrained.tokeniser);
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
                let hits =
                    rows.iter().zip(&test.predictions).map(|(row, label)| dataset.labels[*row as usize] == *label);
                *self.hits.lock().unwrap_or_else(PoisonError::into_inner) = hits.collect();
                self.emit(EventKind::TestEvaluated(test.report(&label_names)));
                self.tell_reference();
            }
        }
        saved.map(|()| outcome)
    }

    /// The run's data, or `None` when Stop came first.
    fn open_data(&self, config: &RunConfig) -> Outcome<Option<Arc<OpenData>>> {
        let (shared, config, run_id) = (Arc::clone(self.shared), config.data.clone(), self.run_id);
        let opened = unless_stopped(self.control, move || shared.open_data(&config, Some(run_id)))?;
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
        let opened = unless_stopped(self.control, move || shared.open_model(&source))?;
        Ok(opened.map(|(model, was_open)| {
            if !was_open {
                self.shared.show_model(&model, Some(self.run_id));
            }
            model
        }))
    }

    /// The reference lines, as soon as they are fitted; nothing when Stop comes first, or where they can't be.
    fn tell_reference(&self) {
        let Some(fitting) = self.fitting.get() else { return };
        if fitting.result().is_empty() {
            self.tell(EventKind::Progress { stage: Stage::Reference, done: 0, total: 1 });
        }
        let fitted = select! {
            recv(fitting.result()) -> fitted => fitted.unwrap_or(Ok(None)),
            recv(self.control.stopped()) -> _ => Ok(None),
        };
        match fitted {
            Ok(Some(reference)) => self.emit(EventKind::ReferenceReady(Box::new(reference))),
            Ok(None) => {}
            Err(problem) => self.tell(EventKind::Warning(problem)),
        }
    }

    fn tell_notes(&self, model: &OpenModel) {
        for note in &model.pretrained.facts.notes {
            self.tell(EventKind::Warning(note.clone()));
        }
    }

    /// Stages of the plan that begin after the last epoch are no mistake, but should not surprise.
    fn tell_unreached(&self, plan: &Unfreezing, epochs: usize) {
        if let Some(stage) = plan.stages.iter().position(|stage| stage.from_epoch > epochs) {
            let problem = Problem::new("plan-stage-not-reached").with_count("stage", stage + 1);
            let from_epoch = plan.stages[stage].from_epoch;
            self.tell(EventKind::Warning(problem.with_count("epoch", from_epoch).with_count("epochs", epochs)));
        }
    }

    fn save(&self, model: &OpenModel, classifier: &Classifier) -> Outcome<()> {
        let Some(dir) = self.writer().as_ref().map(|writer| writer.dir().to_owned()) else {
            return Ok(());
        };
        self.tell(EventKind::Progress { stage: Stage::Save, done: 0, total: 1 });
        let values = |name: &str| classifier.values(name);
        save_folder(&dir, &model.pretrained, &values, classifier.tree(), classifier.label_names())?;
        self.tell(EventKind::Progress { stage: Stage::Save, done: 1, total: 1 });
        Ok(())
    }

    /// Sets the weights that were saved beside those that the run began with.
    fn prove(&self, classifier: &Classifier, before: &[Fingerprint]) -> Outcome<()> {
        let after = hashes::proof_digests(classifier)?;
        let parameters = classifier.tree().parameters.iter().zip(classifier.trainable()).zip(before.iter().zip(after));
        let parameters = parameters.map(|((p, trainable), (before, after))| ParameterProof {
            name: p.name.clone(),
            trainable: *trainable,
            before: before.clone(),
            after,
        });
        let proof = FreezeProof::of(parameters.collect());
        self.with_writer(|writer| writer.keep_proof(&proof))?;
        self.emit(EventKind::FreezeProven(Arc::new(proof)));
        Ok(())
    }

    /// Closes the run folder, or takes it back when nothing was learned.
    fn close(&self, result: Outcome<RunOutcome>) -> (RunEnded, History) {
        let mut ended = match result {
            Ok(outcome) => ended(outcome),
            Err(problem) => RunEnded { error: Some(problem), ..ended(RunOutcome::Failed) },
        };
        let beside = self.kept_for_others.load(Ordering::Relaxed);
        ended.peak_memory_bytes = ended.peak_memory_bytes.saturating_sub(beside);
        let Some(mut writer) = self.writer().take() else {
            return (ended, History::default());
        };
        if writer.history().steps.is_empty() {
            writer.discard();
            return (ended, History::default());
        }
        ended.run_dir = Some(writer.dir().to_owned());
        ended.train_secs = *self.train_secs.lock().unwrap_or_else(PoisonError::into_inner);
        let recorded = writer.record(&EventKind::RunEnded(ended.clone()));
        let history = writer.history().clone();
        if let Err(problem) = recorded.and_then(|()| writer.finish()) {
            ended.outcome = RunOutcome::Failed;
            ended.error.get_or_insert(problem);
        }
        (ended, history)
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
        if let (EventKind::Step(_), Some(data)) = (&event, self.data.get()) {
            self.fitting.get_or_init(|| References::begin(self.shared, data));
        }
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

impl CheckpointStore for Run<'_> {
    fn write(&self, position: &Position, pieces: &[Piece<'_>]) -> Outcome<()> {
        self.with_writer(|writer| writer.keep(position, pieces))
    }

    fn write_best(&self, best: &BestEpoch, pieces: &[Piece<'_>]) -> Outcome<()> {
        self.with_writer(|writer| writer.keep_best(best, pieces))
    }

    fn newest(&self) -> Outcome<Option<Checkpoint>> {
        self.with_writer(|writer| writer.newest_checkpoint())
    }
}
