//! The learning-rate finder as the window knows it.

use std::sync::Arc;

use crate::domain::config::{RunConfig, TrainingConfig};
use crate::domain::message::Command;
use crate::domain::problem::Problem;
use crate::domain::rate_sweep::{LearningRateSwept, RatePoint};

use super::state::{AppState, Panel};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct RateState {
    /// Whether its window is open.
    pub open: bool,
    pub phase: RatePhase,
    /// As they are measured.
    pub points: Vec<RatePoint>,
    /// How the last sweep ended.
    pub swept: Option<Arc<LearningRateSwept>>,
    /// What the last sweep was of.
    of: Option<Box<RunConfig>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RatePhase {
    #[default]
    Idle,
    Sweeping,
    Stopping,
}

/// What can be done about the finder.
#[derive(Clone, Debug, PartialEq)]
pub enum RateAction {
    Show(bool),
    Start,
    Stop,
    /// Train at the suggested rate.
    Use,
}

impl RateState {
    pub fn is_sweeping(&self) -> bool {
        self.phase != RatePhase::Idle
    }

    pub fn suggestion(&self) -> Option<f64> {
        self.swept.as_ref()?.suggestion
    }

    /// Whether the last sweep tells nothing of these settings, because what the loss depends on has changed since.
    pub fn is_stale(&self, config: &RunConfig) -> bool {
        self.of.as_ref().is_some_and(|of| swept_part(of) != swept_part(config))
    }
}

/// The settings without those that a sweep does not depend on.
fn swept_part(config: &RunConfig) -> RunConfig {
    let (t, own) = (&config.training, TrainingConfig::default());
    let training = TrainingConfig {
        batch_size: t.batch_size,
        weight_decay: t.weight_decay,
        clip_norm: t.clip_norm,
        max_length: t.max_length,
        dropout: t.dropout,
        frozen_dropout: t.frozen_dropout,
        seed: t.seed,
        ..own
    };
    let (data, model, freeze) = (config.data.clone(), config.model.clone(), config.freeze.clone());
    RunConfig { data, model, freeze, training, ..RunConfig::default() }
}

/// Whether there is a suggestion to train at, and the rate may be changed.
pub fn can_use(state: &AppState) -> bool {
    let is_free = !state.is_running() && !state.lesson_locks(Panel::Training);
    is_free && state.rate.suggestion().is_some() && !state.rate.is_stale(&state.config)
}

/// Why the finder cannot be started.
pub fn blocker(state: &AppState) -> Option<Problem> {
    state.train_blocker()
}

pub(super) fn update(state: &mut AppState, action: RateAction) -> Option<Command> {
    match action {
        RateAction::Show(open) => {
            state.rate.open = open;
            // Nobody waits for it any more.
            return if open { None } else { stop(state) };
        }
        RateAction::Start if blocker(state).is_none() => {
            let config = Box::new(state.config.clone());
            state.rate.phase = RatePhase::Sweeping;
            state.rate.points.clear();
            state.rate.swept = None;
            state.rate.of = Some(config.clone());
            return Some(Command::FindLearningRate { config });
        }
        RateAction::Stop => return stop(state),
        RateAction::Use if can_use(state) => {
            state.config.training.learning_rate = state.rate.suggestion();
        }
        RateAction::Start | RateAction::Use => {}
    }
    None
}

fn stop(state: &mut AppState) -> Option<Command> {
    if state.rate.phase != RatePhase::Sweeping {
        return None;
    }
    state.rate.phase = RatePhase::Stopping;
    Some(Command::Stop)
}

/// Takes in the end of a sweep.
pub(super) fn end(state: &mut AppState, swept: Arc<LearningRateSwept>) {
    state.rate.phase = RatePhase::Idle;
    if let Some(problem) = &swept.error {
        state.notify(problem.clone(), true);
    }
    state.rate.swept = Some(swept);
}
