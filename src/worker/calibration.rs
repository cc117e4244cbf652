//! Timing the machine on a configuration, so that a face can tell how long a run will take.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::config::RunConfig;
use crate::domain::estimate::Calibration;
use crate::domain::interrupt::Interrupt;
use crate::domain::message::{Answer, AskId, Notice};
use crate::domain::problem::Outcome;
use crate::train::calibrate::calibrate;

use super::lane::{guarded, lock};
use super::prelude::Material;
use super::shared::Shared;
use super::system::thread_pool;

/// Times the model on the data when no run is under way; during one, afterwards. A newer question replaces this one.
pub fn take(shared: &Arc<Shared>, id: AskId, config: Box<RunConfig>) {
    let turn = shared.lanes.calibration.next_turn();
    shared.seed.store(config.training.seed, Ordering::Release);
    let asked = Arc::clone(shared);
    shared.lanes.calibration.push(move || {
        if !turn.is_newest() {
            return;
        }
        let runs_before = asked.runs_started.load(Ordering::Acquire);
        if asked.running().is_some() {
            return postpone(&asked, id, config);
        }
        // Work that no one waits for any more makes room for what is wanted.
        let (counted, newer) = (Arc::clone(&asked), turn.clone());
        let interrupt =
            Interrupt::new(move || !newer.is_newest() || counted.runs_started.load(Ordering::Acquire) != runs_before);
        let timed = asked.undisturbed(|| guarded(|| open_and_time(&asked, &config, &interrupt)));
        if !turn.is_newest() {
            return;
        }
        // A run that started meanwhile took a share of the machine, so that the times say nothing.
        if asked.runs_started.load(Ordering::Acquire) != runs_before {
            return postpone(&asked, id, config);
        }
        asked.answer(id, timed.map(Answer::Calibration));
    });
}

/// Keeps a question until the run under way has ended. It is taken again at once when that just has.
fn postpone(shared: &Arc<Shared>, id: AskId, config: Box<RunConfig>) {
    *lock(&shared.postponed) = Some((id, config));
    if shared.running().is_none() {
        after_run(shared);
    }
}

/// Does what waited for the end of a run.
pub fn after_run(shared: &Arc<Shared>) {
    let postponed = lock(&shared.postponed).take();
    if let Some((id, config)) = postponed {
        take(shared, id, config);
    }
    shared.fill_tokens();
}

fn open_and_time(shared: &Shared, config: &RunConfig, interrupt: &Interrupt) -> Outcome<Calibration> {
    let (data, _) = shared.open_data(&config.data, &|progress| shared.notify(Notice::Progress(progress)))?;
    let (model, _) = shared.open_model(&config.model)?;
    time(shared, config, &Material::of(shared, data, model, config)?, interrupt)
}

/// Times the machine on data and model of a configuration, unless it is interrupted.
///
/// # Errors
/// `internal-error` when the system gives no more threads; those of the model's operations.
pub fn time(shared: &Shared, config: &RunConfig, material: &Material, interrupt: &Interrupt) -> Outcome<Calibration> {
    let Material { data, model, tokens, .. } = material;
    let budget = shared.prefix_cache.own_budget;
    thread_pool(config.training.threads)?
        .install(|| calibrate(&model.pretrained, tokens, &data.dataset.splits.train, config, budget, interrupt))
}
