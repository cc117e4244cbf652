//! What all threads of the worker share, and the readings that both the window's questions and the runs need.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use crate::data::dataset::Dataset;
use crate::domain::config::{DataConfig, ModelSource, RunConfig};
use crate::domain::dataset::TokenLengths;
use crate::domain::message::{Event, EventKind, RunId, Stage};
use crate::domain::problem::Outcome;
use crate::model::pretrained::PretrainedModel;
use crate::train::prefix::{Budget, PrefixCache};

use super::control::Control;
use super::lane::Lane;
use super::models::Models;
use super::questions;
use super::reference::{Fitting, References};
use super::session::{OpenData, OpenModel, Session, Stamp};
use super::sink::Sink;
use super::system::thread_pool;

/// How often a window hears of token lengths while they are counted.
const LENGTHS_INTERVAL: Duration = Duration::from_millis(200);

pub struct Shared {
    pub sink: Sink,
    session: Mutex<Session>,
    /// The run under way, or the last one.
    run: Mutex<Option<Arc<Control>>>,
    /// One lane for each kind of question, so that a slow one holds up only its own kind.
    pub data_lane: Lane,
    pub model_lane: Lane,
    pub tokens_lane: Lane,
    pub calibration_lane: Lane,
    pub question_lane: Lane,
    pub models: Models,
    pub references: References,
    /// Those of the data at hand, fitted while nothing else is to be done.
    fitting: Mutex<Option<Fitting>>,
    /// Numbers of the newest question of a kind that replaces its older ones.
    pub data_turn: AtomicU64,
    pub model_turn: AtomicU64,
    pub calibration_turn: AtomicU64,
    /// Stops the tokenising under way.
    filling: Mutex<Arc<AtomicBool>>,
    /// Tokenising ahead would disturb what a calibration measures.
    is_calibrating: AtomicBool,
    /// Asked during a run, to be answered after it.
    postponed_calibration: Mutex<Option<Box<RunConfig>>>,
    runs_started: AtomicU64,
    /// What the frozen layers made of texts: kept from run to run.
    pub prefix_cache: PrefixCache,
    pool: OnceLock<ThreadPool>,
}

impl Shared {
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn new(sink: Sink) -> Outcome<Self> {
        Ok(Self {
            sink,
            session: Mutex::default(),
            run: Mutex::default(),
            data_lane: Lane::open("data")?,
            model_lane: Lane::open("model")?,
            tokens_lane: Lane::open("tokens")?,
            calibration_lane: Lane::open("calibration")?,
            question_lane: Lane::open("questions")?,
            models: Models::new()?,
            references: References::new()?,
            fitting: Mutex::default(),
            data_turn: AtomicU64::new(0),
            model_turn: AtomicU64::new(0),
            calibration_turn: AtomicU64::new(0),
            filling: Mutex::default(),
            is_calibrating: AtomicBool::new(false),
            postponed_calibration: Mutex::default(),
            runs_started: AtomicU64::new(0),
            prefix_cache: PrefixCache::new(Budget::of_this_machine()),
            pool: OnceLock::new(),
        })
    }

    pub fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what belongs to no run.
    pub fn tell(&self, kind: EventKind) {
        self.sink.send(Event { run_id: None, kind });
    }

    /// The run under way.
    pub fn running(&self) -> Option<Arc<Control>> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner).clone().filter(|control| !control.is_ended())
    }

    pub fn set_running(&self, control: &Arc<Control>) {
        self.runs_started.fetch_add(1, Ordering::AcqRel);
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(control));
    }

    pub fn runs_started(&self) -> u64 {
        self.runs_started.load(Ordering::Acquire)
    }

    /// Keeps a calibration until the run under way has ended; does it again at once when that just has.
    pub fn postpone_calibration(self: &Arc<Self>, config: Box<RunConfig>) {
        *self.postponed_calibration.lock().unwrap_or_else(PoisonError::into_inner) = Some(config);
        if self.running().is_none() {
            questions::after_run(self);
        }
    }

    pub fn take_postponed_calibration(&self) -> Option<Box<RunConfig>> {
        self.postponed_calibration.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Threads for everything but runs, which have their own number of threads.
    ///
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn pool(&self) -> Outcome<&ThreadPool> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool);
        }
        let pool = thread_pool(None)?;
        Ok(self.pool.get_or_init(|| pool))
    }

    /// The data of a configuration, read anew unless it is at hand, and whether it was.
    ///
    /// # Errors
    /// The data room's.
    pub fn open_data(&self, config: &DataConfig, run_id: Option<RunId>) -> Outcome<(Arc<OpenData>, bool)> {
        if let Some(data) = self.session().data_of(config) {
            return Ok((data, true));
        }
        let stamp = Stamp::of_data(config);
        let dataset = Dataset::open(config, &|done, total| {
            self.sink.send(Event { run_id, kind: EventKind::Progress { stage: Stage::ReadData, done, total } });
        })?;
        let data = Arc::new(OpenData { config: config.clone(), stamp, dataset });
        self.session().data = Some(Arc::clone(&data));
        Ok((data, false))
    }

    /// The model of a source, read anew unless it is at hand, and whether it was.
    ///
    /// # Errors
    /// The model room's.
    pub fn open_model(&self, source: &ModelSource) -> Outcome<(Arc<OpenModel>, bool)> {
        if let Some(model) = self.session().model_of(source) {
            return Ok((model, true));
        }
        let stamp = Stamp::of_model(source);
        let pretrained = PretrainedModel::open(source)?;
        let model = Arc::new(OpenModel { source: source.clone(), stamp, pretrained });
        self.session().model = Some(Arc::clone(&model));
        Ok((model, false))
    }

    /// Tells the model's parameters, the head's for the labels of the data at hand.
    pub fn show_model(&self, model: &OpenModel, run_id: Option<RunId>) {
        let tree = {
            let mut session = self.session();
            session.shown_labels = session.labels_for(model);
            model.pretrained.tree(&session.shown_labels)
        };
        self.sink.send(Event { run_id, kind: EventKind::ModelReady(Arc::new(tree)) });
    }

    /// Stops tokenising and fitting ahead: a run does what it needs, when it needs it.
    pub fn stop_filling(&self) {
        *self.fitting.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.filling.lock().unwrap_or_else(PoisonError::into_inner).store(true, Ordering::Release);
    }

    /// Does the work while nothing is tokenised ahead.
    pub fn undisturbed<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        self.is_calibrating.store(true, Ordering::Release);
        self.stop_filling();
        let done = work();
        self.is_calibrating.store(false, Ordering::Release);
        self.fill_tokens();
        done
    }

    /// Tokenises the data at hand for the model at hand in the background, telling the lengths as they become known; then
    /// fits the reference lines.
    pub fn fill_tokens(self: &Arc<Self>) {
        if self.running().is_some() || self.is_calibrating.load(Ordering::Acquire) {
            return;
        }
        let (data, tokens) = {
            let mut session = self.session();
            let (Some(data), Some(model)) = (session.data.clone(), session.model.clone()) else {
                return;
            };
            let max_length = session.max_length.min(model.pretrained.facts.positions);
            let tokens = session.tokens_of(&data, &model, max_length);
            (data, tokens)
        };
        let stop = Arc::new(AtomicBool::new(false));
        let older =
            std::mem::replace(&mut *self.filling.lock().unwrap_or_else(PoisonError::into_inner), Arc::clone(&stop));
        older.store(true, Ordering::Release);
        let shared = Arc::clone(self);
        self.tokens_lane.push(move || {
            if stop.load(Ordering::Acquire) {
                return;
            }
            let told = Cell::new(Instant::now());
            let tell = |lengths: TokenLengths| shared.tell(EventKind::TokenLengths(Arc::new(lengths)));
            tokens.fill(&stop, &|lengths| {
                if told.get().elapsed() >= LENGTHS_INTERVAL {
                    told.set(Instant::now());
                    tell(lengths);
                }
            });
            if !stop.load(Ordering::Acquire) {
                tell(tokens.lengths());
                let fitting = References::begin(&shared, &data);
                *shared.fitting.lock().unwrap_or_else(PoisonError::into_inner) = Some(fitting);
            }
        });
    }
}
