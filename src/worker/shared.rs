//! What all threads of the worker share, and the readings that both the window's questions and the runs need.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use crate::data::dataset::{Ahead, Dataset};
use crate::data::tokens::TokenStore;
use crate::domain::config::{DataConfig, ModelSource, RunConfig};
use crate::domain::dataset::TokenLengths;
use crate::domain::message::{Answer, AskId, Event, Notice, Progress, RunEvent, RunId, RunNotice, Task};
use crate::domain::problem::Outcome;
use crate::model::pretrained::PretrainedModel;
use crate::train::prefix::{Budget, PrefixCache};

use super::control::Control;
use super::doctor::SelfTests;
use super::explanations::Explanations;
use super::lane::{Lanes, lock};
use super::models::Models;
use super::paused::Training;
use super::reference::{Fitting, References};
use super::session::{OpenData, OpenModel, Session, Stamp};
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
    pub runs_started: AtomicU64,
    pub lanes: Lanes,
    pub models: Models,
    pub self_tests: SelfTests,
    pub references: References,
    pub explanations: Explanations,
    /// The model of the run under way.
    pub training: Mutex<Option<Training>>,
    /// The reference lines of the data at hand are fitted while there is nothing else to do.
    fitting: Mutex<Option<Fitting>>,
    /// The calibration that was asked for during a run, to be answered after it.
    pub postponed: Mutex<Option<(AskId, Box<RunConfig>)>>,
    /// Stops the tokenising under way.
    filling: Mutex<Arc<AtomicBool>>,
    /// How many measurements tokenising ahead would disturb.
    measuring: AtomicUsize,
    /// The questions that no one waits for any more; see [`Command::Cancel`](crate::domain::message::Command).
    cancelled: Mutex<BTreeSet<AskId>>,
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
            seed: AtomicU64::default(),
            run: Mutex::default(),
            runs_started: AtomicU64::default(),
            lanes: Lanes::open()?,
            models: Models::default(),
            self_tests: SelfTests::default(),
            references: Mutex::default(),
            explanations: Explanations::default(),
            training: Mutex::default(),
            fitting: Mutex::default(),
            postponed: Mutex::default(),
            filling: Mutex::default(),
            measuring: AtomicUsize::default(),
            cancelled: Mutex::default(),
            prefix_cache: PrefixCache::new(Budget::of_this_machine()),
            pool: OnceLock::default(),
        })
    }

    pub fn session(&self) -> MutexGuard<'_, Session> {
        lock(&self.session)
    }

    /// Takes note that no one waits for the answer to a question any more.
    pub fn cancel(&self, id: AskId) {
        lock(&self.cancelled).insert(id);
    }

    /// Returns whether no one waits for the answer any more, so that its work is to end.
    pub fn is_cancelled(&self, id: AskId) -> bool {
        lock(&self.cancelled).contains(&id)
    }

    pub fn answer(&self, id: AskId, answer: Outcome<Answer>) {
        lock(&self.cancelled).remove(&id);
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
        lock(&self.run).clone().filter(|control| !control.is_ended())
    }

    pub fn set_running(&self, control: &Arc<Control>) {
        self.runs_started.fetch_add(1, Ordering::AcqRel);
        *lock(&self.run) = Some(Arc::clone(control));
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
        let stamp = Stamp::of_data(config);
        let at_hand = self.session().data.clone();
        if let Some(data) = at_hand.filter(|data| data.is_of(config) && data.stamp == stamp) {
            if data.config == *config {
                return Ok((data, true));
            }
            // The texts stay where they are, and so do their tokens.
            let (dataset, tokens) = (data.dataset.clone(), data.tokens.clone());
            return Ok((Arc::new(OpenData { config: config.clone(), stamp, dataset, tokens }), false));
        }
        let progress = |done, total| progress(Progress { task: Task::ReadData, done, total });
        let (dataset, tokens) = Dataset::open_ahead(config, self.ahead(config), &progress)?;
        let tokens = tokens.map(Arc::new);
        Ok((Arc::new(OpenData { config: config.clone(), stamp, dataset, tokens }), false))
    }

    /// What tokenises data while they are read, for the model at hand; nothing where rows will be left out, or where a run
    /// or a measurement would be disturbed.
    fn ahead(&self, config: &DataConfig) -> Option<Ahead> {
        let is_busy = self.running().is_some() || self.measuring.load(Ordering::Acquire) > 0;
        if is_busy || config.max_rows.is_some() {
            return None;
        }
        let session = self.session();
        let model = session.model.as_ref().filter(|_| session.max_length > 0);
        let facts = model.map(|model| (&model.pretrained.tokeniser, model.pretrained.facts.positions));
        facts.map(|(tokeniser, positions)| Ahead::new(Arc::clone(tokeniser), session.max_length.min(positions)))
    }

    /// The model of a source, and whether it was at hand. As with data, a model that is read anew does not become the one
    /// at hand by this.
    ///
    /// # Errors
    /// Those of reading the model.
    pub fn open_model(&self, source: &ModelSource) -> Outcome<(Arc<OpenModel>, bool)> {
        self.open_model_telling(source, &|_| ())
    }

    /// The same; tells the share of the weights that is read.
    ///
    /// # Errors
    /// Those of opening a model.
    pub fn open_model_telling(&self, source: &ModelSource, progress: &dyn Fn(f64)) -> Outcome<(Arc<OpenModel>, bool)> {
        let stamp = Stamp::of_model(source);
        let at_hand = self.session().model.clone();
        if let Some(model) = at_hand.filter(|model| model.source == *source && model.stamp == stamp) {
            return Ok((model, true));
        }
        let pretrained = PretrainedModel::open_telling(source, progress)?;
        Ok((Arc::new(OpenModel { source: source.clone(), stamp, pretrained }), false))
    }

    /// The tokens of the data for the model. They are kept when both are at hand.
    pub fn tokens_of(&self, data: &Arc<OpenData>, model: &Arc<OpenModel>, max_length: usize) -> Arc<TokenStore> {
        let (texts, tokeniser) = (&data.dataset.texts, &model.pretrained.tokeniser);
        let at_hand = self.session().tokens.clone();
        let is_of = |tokens: &Arc<TokenStore>| tokens.is_of(texts, tokeniser, max_length);
        if let Some(tokens) = at_hand.filter(is_of) {
            return tokens;
        }
        let new = || Arc::new(TokenStore::new(Arc::clone(texts), Arc::clone(tokeniser), max_length));
        let tokens = data.tokens.clone().filter(is_of).unwrap_or_else(new);
        let mut session = self.session();
        if session.has(data, model) {
            session.tokens = Some(Arc::clone(&tokens));
        }
        tokens
    }

    /// Stops tokenising and fitting ahead: a run does what it needs when it needs it.
    pub fn stop_filling(&self) {
        *lock(&self.fitting) = None;
        lock(&self.filling).store(true, Ordering::Release);
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
        let session = self.session();
        let (Some(data), Some(model)) = (session.data.clone(), session.model.clone()) else { return };
        let max_length = session.max_length;
        drop(session);
        let tokens = self.tokens_of(&data, &model, max_length.min(model.pretrained.facts.positions));
        let stop = Arc::<AtomicBool>::default();
        std::mem::replace(&mut *lock(&self.filling), Arc::clone(&stop)).store(true, Ordering::Release);
        let shared = Arc::clone(self);
        self.lanes.tokens.push(move || {
            if stop.load(Ordering::Acquire) {
                return;
            }
            shared.notify(Notice::Legibility(Arc::new(tokens.legibility())));
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
                let fitting = Fitting::begin(&shared, &data);
                *lock(&shared.fitting) = Some(fitting);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::unbounded;

    use crate::domain::config::DataSource;

    use super::*;

    #[test]
    fn data_that_are_read_while_a_model_is_at_hand_come_with_its_tokens() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reviews.csv");
        let rows: String = (0..400).map(|i| format!("good movie number {i},{}\n", ["a", "b"][i % 2])).collect();
        std::fs::write(&file, "text,label\n".to_owned() + &rows).unwrap();
        let config = DataConfig { source: DataSource::File(file), ..DataConfig::default() };
        let (sender, _events) = unbounded();
        let shared = Shared::new(Sink::to_terminal(sender)).unwrap();
        let read = |config: &DataConfig| shared.open_data(config, &|_| {}).unwrap().0;
        assert!(read(&config).tokens.is_none(), "there is no model yet");

        let (model, _) = shared.open_model(&ModelSource::Bundled).unwrap();
        let mut session = shared.session();
        (session.model, session.max_length) = (Some(Arc::clone(&model)), 16);
        drop(session);
        let data = read(&config);
        let tokens = data.tokens.clone().unwrap();
        assert!(Arc::ptr_eq(&tokens, &shared.tokens_of(&data, &model, 16)));
        assert_eq!(tokens.row(3), model.pretrained.tokeniser.encode("good movie number 3", 16).ids);
        assert_eq!(shared.tokens_of(&data, &model, 5).row(3).len(), 5);
        let some = DataConfig { max_rows: Some(50), ..config };
        assert!(read(&some).tokens.is_none(), "rows that are left out would be tokenised for nothing");
    }

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
