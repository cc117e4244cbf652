//! Timing the machine on a configuration, so that a face can tell how long a run will take.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use crate::data::tokens::TokenStore;
use crate::domain::config::RunConfig;
use crate::domain::estimate::Calibration;
use crate::domain::message::{Answer, AskId, Notice};
use crate::domain::problem::Outcome;
use crate::train::calibrate::calibrate;

use super::lane::guarded;
use super::session::{OpenData, OpenModel, check_max_length};
use super::shared::Shared;
use super::system::thread_pool;

/// The calibration that was asked for during a run, to be answered after it.
#[derive(Debug, Default)]
pub struct Postponed(Mutex<Option<(AskId, Box<RunConfig>)>>);

impl Postponed {
    fn replace(&self, asked: Option<(AskId, Box<RunConfig>)>) -> Option<(AskId, Box<RunConfig>)> {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), asked)
    }
}

/// Times the model on the data when no run is under way; during one, afterwards. A newer question replaces this one.
pub fn take(shared: &Arc<Shared>, id: AskId, config: Box<RunConfig>) {
    let turn = shared.calibration_turns.next();
    shared.seed.store(config.training.seed, Ordering::Release);
    let asked = Arc::clone(shared);
    shared.lanes.calibration.push(move || {
        if !turn.is_newest() {
            return;
        }
        let runs_before = asked.runs_started();
        if asked.running().is_some() {
            return postpone(&asked, id, config);
        }
        let timed = asked.undisturbed(|| guarded(|| open_and_time(&asked, &config)));
        if !turn.is_newest() {
            return;
        }
        // A run that started meanwhile took a share of the machine, so that the times say nothing.
        if asked.runs_started() != runs_before {
            return postpone(&asked, id, config);
        }
        asked.answer(id, timed.map(Answer::Calibration));
    });
}

/// Keeps a question until the run under way has ended. It is taken again at once when that just has.
fn postpone(shared: &Arc<Shared>, id: AskId, config: Box<RunConfig>) {
    shared.postponed.replace(Some((id, config)));
    if shared.running().is_none() {
        after_run(shared);
    }
}

/// Does what waited for the end of a run.
pub fn after_run(shared: &Arc<Shared>) {
    if let Some((id, config)) = shared.postponed.replace(None) {
        take(shared, id, config);
    }
    shared.fill_tokens();
}

fn open_and_time(shared: &Shared, config: &RunConfig) -> Outcome<Calibration> {
    let (data, _) = shared.open_data(&config.data, &|progress| shared.notify(Notice::Progress(progress)))?;
    let (model, _) = shared.open_model(&config.model)?;
    check_max_length(&model, config.training.max_length)?;
    let tokens = shared.tokens_of(&data, &model, config.training.max_length);
    time(shared, config, &data, &model, &tokens)
}

/// Times the machine on data and model of a configuration.
///
/// # Errors
/// `internal-error` when the system gives no more threads; those of the model's operations.
pub fn time(
    shared: &Shared,
    config: &RunConfig,
    data: &OpenData,
    model: &OpenModel,
    tokens: &TokenStore,
) -> Outcome<Calibration> {
    let pool = thread_pool(config.training.threads)?;
    let budget = shared.prefix_cache.own_budget;
    pool.install(|| calibrate(&model.pretrained, tokens, &data.dataset.splits.train, config, budget))
}
