//! How the worker's events change what the window knows.

use std::sync::Arc;

use crate::domain::freeze::Freeze;
use crate::domain::message::{Command, Event, EventKind, PlanPurpose, RunEnded, RunOutcome};
use crate::domain::params::ParamTree;
use crate::domain::problem::Problem;

use super::coach;
use super::compare;
use super::hub;
use super::run_list;
use super::state::{AppState, Loading, Panel, RunPhase};
use super::timeline;
use super::update::{calibrate, inspect_data, set_freeze};
use super::{lesson, race, rate_sweep};

/// Folds one event into the state; an event of another run than the current one changes nothing. What comes back is
/// asked of the worker in turn.
pub fn reduce(state: &mut AppState, event: Event) -> Vec<Command> {
    let mut commands = Vec::new();
    commands.extend(lesson::reduce(state, &event));
    if let Some(id) = event.run_id {
        race::record(state, id, &event.kind);
    }
    match event.run_id {
        Some(id) if state.race.race.as_ref().is_some_and(|race| race.id == id) => {
            commands.extend(race::reduce(state, event.kind));
        }
        Some(id) if id != state.run.id => return commands,
        Some(_) => commands.extend(reduce_run(state, event.kind)),
        None => commands.extend(reduce_request(state, event.kind)),
    }
    commands.extend(calibrate(state));
    commands
}

fn reduce_run(state: &mut AppState, kind: EventKind) -> Vec<Command> {
    let run = &mut state.run;
    run.history.record(&kind);
    if matches!(kind, EventKind::LiveValidation(_) | EventKind::EpochEnded(_) | EventKind::RunEnded(_)) {
        coach::look(state);
    }
    let run = &mut state.run;
    match kind {
        EventKind::Progress { stage, done, total } => run.progress = Some((stage, done, total)),
        EventKind::Step(_) => run.progress = None,
        EventKind::RunPlanned(config) => run.config = *config,
        EventKind::Paused if run.phase == RunPhase::Running => run.phase = RunPhase::Paused,
        EventKind::Resumed if run.phase == RunPhase::Paused => run.phase = RunPhase::Running,
        EventKind::Warning(problem) => state.notify(problem, false),
        EventKind::RunEnded(ended) => return end_run(state, ended),
        _ => {}
    }
    Vec::new()
}

fn end_run(state: &mut AppState, ended: RunEnded) -> Vec<Command> {
    state.run.phase = RunPhase::Ended;
    state.run.progress = None;
    if let Some(problem) = ended.error {
        state.notify(problem, ended.outcome == RunOutcome::Failed);
    }
    if ended.outcome != RunOutcome::Failed && ended.run_dir.is_some() {
        state.last_run_dir = ended.run_dir;
        state.trained_run_dir.clone_from(&state.last_run_dir);
    }
    let mut commands = vec![run_list::refresh(state)];
    // Its values have changed by training.
    if let Some((name, view)) = state.opened_parameter.as_mut() {
        view.wait();
        commands.push(Command::InspectParameter { name: name.clone() });
    }
    commands
}

fn reduce_request(state: &mut AppState, kind: EventKind) -> Vec<Command> {
    match kind {
        EventKind::DatasetReady(summary) => {
            if let Some(path) = &summary.path {
                state.settings.remember_file(path);
            }
            let labels = summary.labels.len();
            state.dataset = Loading::Ready(summary);
            state.loading_progress = None;
            if let Loading::Ready(tree) = &mut state.model {
                fit_head(tree, labels);
            }
        }
        EventKind::DatasetFailed(problem) => {
            state.dataset = Loading::Failed(problem);
            state.loading_progress = None;
            state.panel = Panel::Data;
        }
        EventKind::TokenLengths(lengths) => {
            if lengths.done >= lengths.total {
                state.loading_progress = None;
            }
            state.token_lengths = Some(lengths);
        }
        EventKind::ModelReady(tree) => return take_model(state, tree).into_iter().collect(),
        EventKind::ModelFailed(problem) => {
            state.model = Loading::Failed(problem);
            state.trainable.clear();
            state.loading_progress = None;
            state.panel = Panel::Model;
        }
        EventKind::Hub(event) => return hub::reduce(state, event),
        EventKind::ParameterReady(view) => {
            if let Some((name, opened)) = &mut state.opened_parameter
                && *name == view.name
            {
                *opened = Loading::Ready(*view);
            }
        }
        // One that was timed for settings that have changed since says nothing.
        EventKind::Calibrated(calibration) if state.calibration_key.as_ref() == Some(&state.wanted_calibration()) => {
            state.calibration = Some(calibration);
        }
        EventKind::ReferenceAhead { data, reference } => state.reference = Some((*data, *reference)),
        EventKind::Progress { stage, done, total } => {
            state.loading_progress = (done < total).then_some((stage, done, total));
        }
        EventKind::RunsListed(entries) => run_list::take_list(state, entries),
        EventKind::RunOpened(run) => return run_list::take_run(state, &run),
        EventKind::RunsOpened(opened) => compare::take(state, opened),
        EventKind::RunLabelled(_) => return vec![run_list::refresh(state)],
        EventKind::RunDeleted(dir) => {
            if state.last_run_dir.as_ref() == Some(&dir) {
                state.last_run_dir = None;
            }
            return vec![run_list::refresh(state)];
        }
        EventKind::PlanOpened { path, freeze, purpose: PlanPurpose::Race } => race::enter(state, &path, *freeze),
        EventKind::PlanOpened { freeze, .. } if !state.is_running() => set_freeze(state, *freeze),
        EventKind::PlanSaved(path) => state.notify(Problem::new("plan-saved").with("file", path.display()), false),
        EventKind::PlanFailed(problem) => state.notify(problem, true),
        EventKind::RunExported(folder) => {
            state.notify(Problem::new("run-exported").with("folder", folder.display()), false);
        }
        EventKind::RatePoint(point) => state.rate.points.push(point),
        EventKind::LearningRateSwept(swept) => rate_sweep::end(state, swept),
        EventKind::Predicted(predictions) => state.prediction = Loading::Ready(predictions),
        EventKind::TestEvaluated(report) if state.evaluating => {
            state.evaluating = false;
            state.run.history.test = Some(report);
        }
        EventKind::RequestFailed(problem) => {
            if std::mem::take(&mut state.evaluating) || state.run_list.opening.take().is_some() {
                state.notify(problem, true);
            } else if compare::take_problem(state, &problem) {
                // It has been told.
            } else if state.prediction.is_waiting() {
                state.prediction = Loading::Failed(problem);
            } else if let Some((_, opened @ Loading::Waiting(_))) = &mut state.opened_parameter {
                *opened = Loading::Failed(problem);
            } else {
                state.notify(problem, true);
            }
        }
        EventKind::Warning(problem) => state.notify(problem, false),
        _ => {}
    }
    Vec::new()
}

/// Takes in a model: the freezing is resolved on it, and a length it cannot read is shortened.
fn take_model(state: &mut AppState, mut tree: Arc<ParamTree>) -> Option<Command> {
    if let Some(data) = state.dataset.latest() {
        fit_head(&mut tree, data.labels.len());
    }
    let positions = tree.facts.positions;
    state.model = Loading::Ready(tree);
    if let Err(problem) = timeline::adopt(state, state.config.freeze.clone()) {
        // A choice made on another model does not fit this one.
        state.notify(problem, false);
        set_freeze(state, Freeze::default());
    }
    state.loading_progress = None;
    if positions > 0 && state.config.training.max_length > positions {
        state.config.training.max_length = positions;
        return Some(inspect_data(state));
    }
    None
}

/// The head has one output for each label of the data, whatever the checkpoint had.
fn fit_head(tree: &mut Arc<ParamTree>, labels: usize) {
    if tree.classes().is_some_and(|n| n != labels) {
        Arc::make_mut(tree).set_classes(labels);
    }
}
