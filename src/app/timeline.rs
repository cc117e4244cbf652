//! The unfreezing timeline as the window knows it: `config.freeze` worked out on the model, and how painting changes it.

use std::path::PathBuf;

use crate::domain::freeze::Freeze;
use crate::domain::message::{Command, PlanPurpose};
use crate::domain::params::ParamTree;
use crate::domain::problem::Outcome;
use crate::domain::timeline::{
    LearningRates, MOST_FACTOR, RateGroup, Rung, SUN_FACTOR, Template, Timeline, ULMFIT_DIVISOR, Unfreezing, stages_of,
};

use super::state::AppState;

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
    Show(bool),
    /// Let a rung of the network train in an epoch (from 1), or freeze it.
    Paint {
        rung: Rung,
        epoch: usize,
        on: bool,
    },
    UseTemplate(Template),
    SetLayerRates(LayerRates),
    /// The whole factor on the learning rate of a rung.
    SetFactor {
        rung: Rung,
        factor: f64,
    },
    /// Show a stage's parameters in the tree.
    ShowStage(usize),
    /// Show the native dialog for a plan file; the shell answers with `Save` or `Open`, and `DialogClosed`.
    AskToSave,
    Save(PathBuf),
    AskToOpen,
    Open(PathBuf),
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

pub(super) fn update(state: &mut AppState, action: TimelineAction) -> Option<Command> {
    match action {
        TimelineAction::Show(open) => state.timeline.open = open,
        TimelineAction::AskToSave | TimelineAction::AskToOpen => state.dialog_open = true,
        TimelineAction::Save(path) => {
            return Some(Command::SavePlan { path, freeze: Box::new(state.config.freeze.clone()) });
        }
        TimelineAction::Open(path) => return Some(Command::OpenPlan { path, purpose: PlanPurpose::Freeze }),
        TimelineAction::ShowStage(stage) => {
            state.timeline.stage = stage;
            show_stage(state);
        }
        change if state.is_running() => log::debug!("a run is under way: {change:?} is left"),
        TimelineAction::Paint { rung, epoch, on } => paint(state, rung, epoch, on),
        TimelineAction::UseTemplate(template) => use_template(state, template),
        TimelineAction::SetLayerRates(rates) => change(state, |timeline, _| {
            let timeline = &mut timeline.learning_rates;
            (timeline.layer_factor, timeline.layer_divisor) = match rates {
                LayerRates::Same => (None, None),
                LayerRates::Ulmfit => (None, Some(ULMFIT_DIVISOR)),
                LayerRates::Sun => (Some(SUN_FACTOR), None),
                LayerRates::Other => return,
            };
        }),
        TimelineAction::SetFactor { rung, factor } => change(state, |timeline, tree| {
            set_factor(&mut timeline.learning_rates, tree, rung, factor);
        }),
    }
    None
}

/// Takes another freezing for the runs to come, as far as it fits the model; the tree shows its first stage.
///
/// # Errors
/// Those of [`Freeze::unfreezing`]; the freezing is then as it was.
pub(super) fn adopt(state: &mut AppState, freeze: Freeze) -> Outcome<()> {
    state.timeline.plan = match (state.model.latest(), &freeze) {
        (Some(tree), Freeze::Timeline(_)) => Some(freeze.unfreezing(tree)?),
        (Some(tree), _) => {
            state.trainable = freeze.resolve(tree)?;
            None
        }
        (None, _) => None,
    };
    state.config.freeze = freeze;
    state.timeline.stage = 0;
    show_stage(state);
    Ok(())
}

/// Other parameters train in the stage that the tree shows.
pub(super) fn set_stage(state: &mut AppState, trainable: &[bool]) {
    let (Some(plan), Some(tree)) = (&state.timeline.plan, state.model.latest()) else { return };
    let shown = state.timeline.stage;
    let epochs = state.config.training.epochs;
    let choice = |epoch: usize| match plan.stage_of(epoch) {
        stage if stage == shown => trainable.to_vec(),
        stage => plan.stages[stage].trainable.clone(),
    };
    let by_epoch: Vec<Vec<bool>> = (1..=epochs).map(choice).collect();
    let epoch = plan.stages[shown].from_epoch;
    let stages = stages_of(tree, &by_epoch);
    change(state, |timeline, _| timeline.stages = stages);
    show_epoch(state, epoch);
}

/// What trains in an epoch (from 1), parallel to the tree's parameters.
pub fn trainable_in(state: &AppState, epoch: usize) -> &[bool] {
    match &state.timeline.plan {
        Some(plan) => &plan.stages[plan.stage_of(epoch)].trainable,
        None => &state.trainable,
    }
}

fn paint(state: &mut AppState, rung: Rung, epoch: usize, on: bool) {
    let Some(tree) = state.model.latest() else { return };
    let mut by_epoch: Vec<Vec<bool>> =
        (1..=state.config.training.epochs).map(|epoch| trainable_in(state, epoch).to_vec()).collect();
    let Some(painted) = by_epoch.get_mut(epoch - 1) else { return };
    rung.members(tree).for_each(|i| painted[i] = on);
    let stages = stages_of(tree, &by_epoch);
    change(state, |timeline, _| timeline.stages = stages);
    show_epoch(state, epoch);
}

fn use_template(state: &mut AppState, template: Template) {
    let epochs = state.config.training.epochs;
    change(state, |timeline, tree| timeline.stages = template.stages(tree, epochs));
}

/// Changes the timeline that the freezing is or would be. What comes of it fits the model, as it was made on it.
fn change(state: &mut AppState, change: impl FnOnce(&mut Timeline, &ParamTree)) {
    let Some(tree) = state.model.latest() else { return };
    let mut timeline = Timeline::of(&state.config.freeze);
    change(&mut timeline, tree);
    if let Err(problem) = adopt(state, timeline.simplest()) {
        state.notify(problem, true);
    }
}

fn set_factor(rates: &mut LearningRates, tree: &ParamTree, rung: Rung, factor: f64) {
    let globs = rung.globs(tree);
    rates.groups.retain(|group| !globs.contains(&group.parameters));
    let own = factor / rates.of_rung(rung, tree.facts.layers);
    // As many digits as anyone would write.
    let own: f64 = format!("{own:.5e}").parse().unwrap_or(own);
    if own != 1.0 {
        let factor = own.clamp(1e-9, MOST_FACTOR);
        rates.groups.extend(globs.into_iter().map(|parameters| RateGroup { parameters, factor }));
    }
}

fn show_epoch(state: &mut AppState, epoch: usize) {
    state.timeline.stage = state.timeline.plan.as_ref().map_or(0, |plan| plan.stage_of(epoch));
    show_stage(state);
}

fn show_stage(state: &mut AppState) {
    if let Some(plan) = &state.timeline.plan {
        let stage = state.timeline.stage.min(plan.stages.len() - 1);
        state.timeline.stage = stage;
        state.trainable.clone_from(&plan.stages[stage].trainable);
    }
}
