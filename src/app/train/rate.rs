//! The learning-rate finder as the window knows it.

use std::sync::Arc;

use crate::domain::config::{RunConfig, TrainingConfig};
use crate::domain::message::{RunCommand, RunId, SweepEvent};
use crate::domain::rate_sweep::{LearningRateSwept, RatePoint};

use super::super::shell::Shell;
use super::TrainState;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct RateState {
    /// Whether its window is open.
    pub open: bool,
    pub phase: RatePhase,
    /// The points of the sweep, in the order in which they are measured.
    pub points: Vec<RatePoint>,
    /// How the last sweep ended.
    pub swept: Option<Arc<LearningRateSwept>>,
    /// The last sweep's name, and what it was of.
    id: RunId,
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
    let t = &config.training;
    let training = TrainingConfig {
        batch_size: t.batch_size,
        weight_decay: t.weight_decay,
        clip_norm: t.clip_norm,
        max_length: t.max_length,
        dropout: t.dropout,
        frozen_dropout: t.frozen_dropout,
        precision: t.precision,
        frozen_precision: t.frozen_precision,
        seed: t.seed,
        ..TrainingConfig::default()
    };
    let (data, model, freeze) = (config.data.clone(), config.model.clone(), config.freeze.clone());
    RunConfig { data, model, freeze, training, ..RunConfig::default() }
}

pub(super) fn update(state: &mut TrainState, action: RateAction, shell: &mut Shell) {
    match action {
        RateAction::Show(open) => {
            state.rate.open = open;
            if !open {
                // Nobody waits for it any more.
                stop(&mut state.rate, shell);
            }
        }
        RateAction::Start => {
            let (open, id, config) = (state.rate.open, shell.next_run(), Box::new(state.config.clone()));
            let (phase, of) = (RatePhase::Sweeping, Some(config.clone()));
            state.rate = RateState { open, phase, id, of, ..RateState::default() };
            shell.tell_run(RunCommand::FindRate(id, config));
        }
        RateAction::Stop => stop(&mut state.rate, shell),
        RateAction::Use => state.config.training.learning_rate = state.rate.suggestion(),
    }
}

fn stop(rate: &mut RateState, shell: &mut Shell) {
    if rate.phase == RatePhase::Sweeping {
        rate.phase = RatePhase::Stopping;
        shell.tell_run(RunCommand::Stop);
    }
}

/// Takes in what a sweep tells.
pub(super) fn reduce(rate: &mut RateState, id: RunId, event: &SweepEvent, shell: &mut Shell) {
    match event {
        _ if id != rate.id => {}
        SweepEvent::RatePoint(point) => rate.points.push(*point),
        SweepEvent::LearningRateSwept(swept) => {
            rate.phase = RatePhase::Idle;
            rate.swept = Some(Arc::clone(swept));
            if let Some(problem) = &swept.error {
                shell.notify(problem.clone(), true);
            }
        }
    }
}
