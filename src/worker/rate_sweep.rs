//! The learning-rate finder on the thread of runs, with a classifier of its own.

use std::sync::Arc;

use crate::domain::config::{DeviceKind, RunConfig};
use crate::domain::message::{EventKind, RunObserver};
use crate::domain::problem::Outcome;
use crate::domain::rate_sweep::{LearningRateSwept, RateSweep};
use crate::model::classifier::Classifier;
use crate::model::device;
use crate::train::rate_sweep;
use crate::train::trainer::dropout_config;

use super::control::Control;
use super::lane::guarded;
use super::memory::check_memory;
use super::questions;
use super::run::unless_stopped;
use super::session::check_max_length;
use super::shared::Shared;
use super::system::thread_pool;

/// Sweeps and tells of it; the last thing it tells is its one `LearningRateSwept`, whatever happens.
pub fn execute(shared: &Arc<Shared>, control: &Control, config: &RunConfig) {
    let swept = guarded(|| sweep(shared, control, config));
    let swept = LearningRateSwept::of(swept, config.freeze.suggested_learning_rate());
    control.end();
    shared.tell(EventKind::LearningRateSwept(Arc::new(swept)));
    questions::after_run(shared);
}

/// `None` when Stop came first.
///
/// # Errors
/// As a run's.
fn sweep(shared: &Arc<Shared>, control: &Control, config: &RunConfig) -> Outcome<Option<RateSweep>> {
    config.check()?;
    let (opens, of_data) = (Arc::clone(shared), config.data.clone());
    let Some((data, was_open)) = unless_stopped(control, move || opens.open_data(&of_data, None))? else {
        return Ok(None);
    };
    if !was_open {
        shared.tell(EventKind::DatasetReady(Arc::new(data.dataset.summary.clone())));
    }
    let (opens, source) = (Arc::clone(shared), config.model.clone());
    let Some((model, _)) = unless_stopped(control, move || opens.open_model(&source))? else {
        return Ok(None);
    };
    check_max_length(&model, config.training.max_length)?;
    let label_names = data.dataset.label_names();
    let plan = config.freeze.unfreezing(&model.pretrained.tree(&label_names))?;
    plan.check()?;
    let tokens = shared.session().tokens_of(&data, &model, config.training.max_length);
    let pool = thread_pool(config.training.threads)?;
    if config.training.device == DeviceKind::Cpu {
        pool.install(|| check_memory(config, &data, &model, &tokens, &plan))?;
    }
    let (device, ops) = device::open(config.training.device)?;
    let dropout = dropout_config(&model.pretrained, config);
    let (trainable, seed) = (plan.ever(), config.training.seed);
    pool.install(|| {
        let classifier = Classifier::on(&device, ops, &model.pretrained, &label_names, &trainable, dropout, seed)?;
        rate_sweep::sweep(classifier, &data.dataset, &tokens, config, &plan.factors, &Watch { shared, control })
    })
}

struct Watch<'a> {
    shared: &'a Shared,
    control: &'a Control,
}

impl RunObserver for Watch<'_> {
    fn emit(&self, event: EventKind) {
        self.shared.tell(event);
        if self.shared.sink.is_gone() {
            self.control.stop();
        }
    }

    fn stop_requested(&self) -> bool {
        self.shared.sink.tick();
        self.control.wait_while_paused(|is_still| {
            self.shared.tell(if is_still { EventKind::Paused } else { EventKind::Resumed });
        });
        self.control.is_stopped()
    }
}
