//! What all threads of the worker share, and the readings that both the window's questions and the runs need.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::{DataConfig, ModelSource};
use crate::domain::dataset::TokenLengths;
use crate::domain::message::{Answer, AskId, Event, Notice, Progress, RunEvent, RunId, RunNotice, Task};
use crate::domain::problem::Outcome;
use crate::model::pretrained::PretrainedModel;
use crate::train::prefix::{Budget, PrefixCache};

use super::calibration::Postponed;
use super::control::Control;
use super::lane::{Lanes, Turns};
use super::models::Models;
use super::reference::{Fitting, References};
use super::session::{OpenData, OpenModel, OpenTokens, Session, Stamp};
use super::sink::Sink;
use super::system::thread_pool;

/// How often a window hears of token lengths while they are counted.
const LENGTHS_INTERVAL: Duration = Duration::from_millis(200);

pub struct Shared {
    pub sink: Sink,
    session: Mutex<Session>,
    /// The seed that the window would train with: a fresh head's values follow from it.
    pub seed: AtomicU64,
    /// The run under way, or the last one.
    run: Mutex<Option<Arc<Control>>>,
    runs_started: AtomicU64,
    pub lanes: Lanes,
    pub models: Models,
    pub references: References,
    /// The reference lines of the data at hand are fitted while there is nothing else to do.
    fitting: Mutex<Option<Fitting>>,
    pub data_turns: Turns,
    pub model_turns: Turns,
    pub calibration_turns: Turns,
    pub postponed: Postponed,
    /// Stops the tokenising under way.
    filling: Mutex<Arc<AtomicBool>>,
    /// How many measurements tokenising ahead would disturb.
    measuring: AtomicUsize,
    /// The frozen layers' outputs, kept from run to run.
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
            seed: AtomicU64::new(0),
            run: Mutex::default(),
            runs_started: AtomicU64::new(0),
            lanes: Lanes::open()?,
            models: Models::new()?,
            references: References::new()?,
            fitting: Mutex::default(),
            data_turns: Turns::default(),
            model_turns: Turns::default(),
            calibration_turns: Turns::default(),
            postponed: Postponed::default(),
            filling: Mutex::default(),
            measuring: AtomicUsize::new(0),
            prefix_cache: PrefixCache::new(Budget::of_this_machine()),
            pool: OnceLock::new(),
        })
    }

    pub fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn answer(&self, id: AskId, answer: Outcome<Answer>) {
        self.sink.send(Event::Answer(id, answer));
    }

    pub fn notify(&self, notice: Notice) {
        self.sink.send(Event::Notice(notice));
    }

    pub fn send_of_run(&self, id: RunId, event: RunEvent) {
        self.sink.send(Event::Run(id, vec![event]));
    }

    pub fn notify_of_run(&self, id: RunId, notice: RunNotice) {
        self.sink.send(Event::OfRun(id, notice));
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

    /// The data of a configuration, and whether they were at hand. Data that are read anew do not become the data at hand
    /// by this: whoever asked may no longer want them when they are read.
    ///
    /// # Errors
    /// Those of reading the data.
    pub fn open_data(
        &self,
        config: &DataConfig,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Outcome<(Arc<OpenData>, bool)> {
        let at_hand = self.session().data.clone().filter(|data| data.config == *config);
        let stamp = Stamp::of_data(config);
        if let Some(data) = at_hand.filter(|data| data.stamp == stamp) {
            return Ok((data, true));
        }
        let dataset = Dataset::open(config, &|done, total| progress(Progress { task: Task::ReadData, done, total }))?;
        Ok((Arc::new(OpenData { config: config.clone(), stamp, dataset }), false))
    }

    /// The model of a source, and whether it was at hand. As with data, a model that is read anew does not become the one
    /// at hand by this.
    ///
    /// # Errors
    /// Those of reading the model.
    pub fn open_model(&self, source: &ModelSource) -> Outcome<(Arc<OpenModel>, bool)> {
        let at_hand = self.session().model.clone().filter(|model| model.source == *source);
        let stamp = Stamp::of_model(source);
        if let Some(model) = at_hand.filter(|model| model.stamp == stamp) {
            return Ok((model, true));
        }
        let pretrained = PretrainedModel::open(source)?;
        Ok((Arc::new(OpenModel { source: source.clone(), stamp, pretrained }), false))
    }

    /// The tokens of the data for the model. They are kept when both are at hand.
    pub fn tokens_of(&self, data: &Arc<OpenData>, model: &Arc<OpenModel>, max_length: usize) -> Arc<TokenStore> {
        let at_hand = self.session().tokens.clone();
        if let Some(tokens) = at_hand.filter(|tokens| tokens.fit(data, model, max_length)) {
            return tokens.store;
        }
        let tokens = OpenTokens::new(data, model, max_length);
        let store = Arc::clone(&tokens.store);
        let mut session = self.session();
        if session.has(data, model) {
            session.tokens = Some(tokens);
        }
        store
    }

    /// Stops tokenising and fitting ahead: a run does what it needs when it needs it.
    pub fn stop_filling(&self) {
        *self.fitting.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.filling.lock().unwrap_or_else(PoisonError::into_inner).store(true, Ordering::Release);
    }

    /// Does the work while nothing is tokenised ahead.
    pub fn undisturbed<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        self.measuring.fetch_add(1, Ordering::AcqRel);
        self.stop_filling();
        let done = work();
        self.measuring.fetch_sub(1, Ordering::AcqRel);
        self.fill_tokens();
        done
    }

    /// Tokenises the data at hand for the model at hand in the background and sends the lengths as they become known; then
    /// fits the reference lines.
    pub fn fill_tokens(self: &Arc<Self>) {
        if self.running().is_some() || self.measuring.load(Ordering::Acquire) > 0 {
            return;
        }
        let (data, model, max_length) = {
            let session = self.session();
            let (Some(data), Some(model)) = (session.data.clone(), session.model.clone()) else {
                return;
            };
            (data, model, session.max_length)
        };
        let tokens = self.tokens_of(&data, &model, max_length.min(model.pretrained.facts.positions));
        let stop = Arc::new(AtomicBool::new(false));
        let older =
            std::mem::replace(&mut *self.filling.lock().unwrap_or_else(PoisonError::into_inner), Arc::clone(&stop));
        older.store(true, Ordering::Release);
        let shared = Arc::clone(self);
        self.lanes.tokens.push(move || {
            if stop.load(Ordering::Acquire) {
                return;
            }
            let sent = Cell::new(Instant::now());
            let send = |lengths: TokenLengths| shared.notify(Notice::TokenLengths(Arc::new(lengths)));
            tokens.fill(&stop, &|lengths| {
                if sent.get().elapsed() >= LENGTHS_INTERVAL {
                    sent.set(Instant::now());
                    send(lengths);
                }
            });
            if !stop.load(Ordering::Acquire) {
                send(tokens.lengths());
                let fitting = References::begin(&shared, &data);
                *shared.fitting.lock().unwrap_or_else(PoisonError::into_inner) = Some(fitting);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::unbounded;

    use super::*;

    #[test]
    fn a_measurement_that_ends_leaves_another_undisturbed() {
        let (sender, _events) = unbounded();
        let shared = Arc::new(Shared::new(Sink::to_terminal(sender)).unwrap());
        let still_measuring = || shared.measuring.load(Ordering::Acquire) > 0;
        shared.undisturbed(|| {
            shared.undisturbed(|| ());
            assert!(still_measuring());
        });
        assert!(!still_measuring());
    }
}
