//! The unfreezing timeline as the window knows it: `config.freeze` worked out on the model, and how painting changes it.

use std::path::PathBuf;

use crate::domain::message::Question;
use crate::domain::params::ParamTree;
use crate::domain::timeline::{
    LearningRates, MOST_FACTOR, RateGroup, Rung, SUN_FACTOR, Template, Timeline, ULMFIT_DIVISOR, Unfreezing, stages_of,
};

use super::super::shell::Shell;
use super::{TrainState, freezing};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct TimelineState {
    /// Whether its window is open.
    pub open: bool,
    /// The stage whose parameters the tree shows, by its place in the plan.
    pub stage: usize,
    /// `config.freeze` on the loaded model, where it is a timeline.
    pub plan: Option<Unfreezing>,
}

/// How the learning rate falls from layer to layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LayerRates {
    /// One rate for all.
    Same,
    /// Divided by 2.6 with each layer down.
    Ulmfit,
    /// Times 0.95 with each layer down.
    Sun,
    /// Anything else that a plan file says.
    Other,
}

/// What can be done about the timeline.
#[derive(Clone, Debug, PartialEq)]
pub enum TimelineAction {
    /// Open its window, or close it.
    Show(bool),
    /// Let a rung of the network train in an epoch (from 1), or freeze it.
    Paint { rung: Rung, epoch: usize, on: bool },
    /// Paint a known way of unfreezing over all epochs.
    UseTemplate(Template),
    /// Choose how the learning rate falls from layer to layer.
    SetLayerRates(LayerRates),
    /// The whole factor on the learning rate of a rung.
    SetFactor { rung: Rung, factor: f64 },
    /// Show a stage's parameters in the tree.
    ShowStage(usize),
    /// Write the freezing as a plan file.
    Save(PathBuf),
    /// Take the freezing of a plan file.
    Open(PathBuf),
}

impl TimelineAction {
    /// Whether it changes what trains, rather than what is shown or saved.
    pub fn changes_plan(&self) -> bool {
        !matches!(self, Self::Show(_) | Self::ShowStage(_) | Self::Save(_))
    }
}

impl LayerRates {
    pub fn of(rates: &LearningRates) -> Self {
        match (rates.layer_factor, rates.layer_divisor) {
            (None, None) => Self::Same,
            (None, Some(divisor)) if divisor == ULMFIT_DIVISOR => Self::Ulmfit,
            (Some(factor), None) if factor == SUN_FACTOR => Self::Sun,
            _ => Self::Other,
        }
    }
}

pub(super) fn update(state: &mut TrainState, action: TimelineAction, shell: &mut Shell) {
    match action {
        TimelineAction::Show(open) => state.timeline.open = open,
        TimelineAction::Save(path) => {
            let freeze = Box::new(state.config.freeze.clone());
            state.plans.insert(shell.ask(Question::SavePlan { path, freeze }));
        }
        TimelineAction::Open(path) => {
            state.plans.insert(shell.ask(Question::Plan(path)));
        }
        TimelineAction::ShowStage(stage) => show_stage(state, stage),
        change if shell.is_running => log::debug!("a run is under way: {change:?} is left"),
        TimelineAction::Paint { rung, epoch, on } => paint(state, rung, epoch, on, shell),
        TimelineAction::UseTemplate(template) => {
            let epochs = state.config.training.epochs;
            change(state, shell, |timeline, tree| timeline.stages = template.stages(tree, epochs));
        }
        TimelineAction::SetLayerRates(rates) => change(state, shell, |timeline, _| {
            let own = &mut timeline.learning_rates;
            (own.layer_factor, own.layer_divisor) = match rates {
                LayerRates::Same => (None, None),
                LayerRates::Ulmfit => (None, Some(ULMFIT_DIVISOR)),
                LayerRates::Sun => (Some(SUN_FACTOR), None),
                LayerRates::Other => return,
            };
        }),
        TimelineAction::SetFactor { rung, factor } => {
            change(state, shell, |timeline, tree| set_factor(&mut timeline.learning_rates, tree, rung, factor));
        }
    }
}

/// The parameters that the tree shows as trainable train in the stage that it shows.
pub(super) fn set_stage(state: &mut TrainState, shell: &mut Shell) {
    let (Some(plan), shown) = (&state.timeline.plan, state.timeline.stage) else { return };
    let choice = |epoch: usize| match plan.stage_of(epoch) {
        stage if stage == shown => state.trainable.clone(),
        stage => plan.stages[stage].trainable.clone(),
    };
    let by_epoch: Vec<Vec<bool>> = (1..=state.config.training.epochs).map(choice).collect();
    let epoch = plan.stages[shown].from_epoch;
    train_by_epoch(state, &by_epoch, epoch, shell);
}

impl TrainState {
    /// What trains in an epoch (from 1), parallel to the tree's parameters.
    pub fn trainable_in(&self, epoch: usize) -> &[bool] {
        match &self.timeline.plan {
            Some(plan) => &plan.stages[plan.stage_of(epoch)].trainable,
            None => &self.trainable,
        }
    }
}

fn paint(state: &mut TrainState, rung: Rung, epoch: usize, on: bool, shell: &mut Shell) {
    let Some(tree) = state.model.latest() else { return };
    let mut by_epoch: Vec<Vec<bool>> =
        (1..=state.config.training.epochs).map(|epoch| state.trainable_in(epoch).to_vec()).collect();
    let Some(painted) = by_epoch.get_mut(epoch - 1) else { return };
    rung.members(tree).for_each(|i| painted[i] = on);
    train_by_epoch(state, &by_epoch, epoch, shell);
}

/// Takes what trains in each epoch, and shows the stage that this epoch (from 1) belongs to.
fn train_by_epoch(state: &mut TrainState, by_epoch: &[Vec<bool>], epoch: usize, shell: &mut Shell) {
    change(state, shell, |timeline, tree| timeline.stages = stages_of(tree, by_epoch));
    show_stage(state, state.timeline.plan.as_ref().map_or(0, |plan| plan.stage_of(epoch)));
}

/// Changes the timeline that the freezing is or would be. What comes of it fits the model, as it was made on it.
fn change(state: &mut TrainState, shell: &mut Shell, change: impl FnOnce(&mut Timeline, &ParamTree)) {
    let Some(tree) = state.model.latest() else { return };
    let mut timeline = Timeline::of(&state.config.freeze);
    change(&mut timeline, tree);
    freezing::set(state, timeline.simplest(), shell);
}

fn set_factor(rates: &mut LearningRates, tree: &ParamTree, rung: Rung, factor: f64) {
    let globs = rung.globs(tree);
    rates.groups.retain(|group| !globs.contains(&group.parameters));
    let own = factor / rates.of_rung(rung, tree.facts.layers);
    // Nobody would write more digits than these.
    let own: f64 = format!("{own:.5e}").parse().unwrap_or(own);
    if own != 1.0 {
        let factor = own.clamp(1e-9, MOST_FACTOR);
        rates.groups.extend(globs.into_iter().map(|parameters| RateGroup { parameters, factor }));
    }
}

/// Shows the parameters of a stage in the tree. A freezing that is no timeline has one stage.
pub(super) fn show_stage(state: &mut TrainState, stage: usize) {
    state.timeline.stage = stage;
    if let Some(plan) = &state.timeline.plan {
        state.timeline.stage = stage.min(plan.stages.len() - 1);
        state.trainable.clone_from(&plan.stages[state.timeline.stage].trainable);
    }
}
