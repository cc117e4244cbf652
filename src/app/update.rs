//! What each action changes, and what it asks of the worker.

use std::collections::BTreeSet;

use crate::domain::config::{DataConfig, DataSource, ModelSource, TrainingConfig};
use crate::domain::freeze::Freeze;
use crate::domain::hub::HubRequest;
use crate::domain::message::Command;
use crate::domain::problem::Problem;

use super::action::Action;
use super::lesson::LessonAction;
use super::state::{AppState, Loading, Panel, RunPhase, View};
use super::timeline::TimelineAction;
use super::{budget, coach, compare, hub, layers, lesson, race, rate_sweep, replay, run_list, timeline};

/// What the window asks for when it opens.
pub fn startup(state: &mut AppState) -> Vec<Command> {
    vec![inspect_data(state), load_model(state), Command::Hub(HubRequest::FindCached), run_list::refresh(state)]
}

/// Applies one action. Dialogs, the clipboard and the file manager are the shell's.
pub fn update(state: &mut AppState, action: Action) -> Vec<Command> {
    if state.lesson_forbids(&action) {
        state.notify(Problem::new("lesson-locked"), false);
        return Vec::new();
    }
    // A plan or a lesson that is dropped during a run.
    let opens = matches!(action, Action::Timeline(TimelineAction::Open(_)) | Action::Lesson(LessonAction::Open(_)));
    if opens && state.is_running() {
        state.notify(Problem::new("panel-locked"), false);
        return Vec::new();
    }
    if !matches!(action, Action::Coach(_) | Action::AdvanceReplay(_)) {
        state.coach.marked = None;
    }
    let mut commands = Vec::new();
    match action {
        Action::AskForData
        | Action::AskForModel
        | Action::AskForRun
        | Action::AskForExport(_)
        | Action::DialogOpened => state.dialog_open = true,
        Action::DialogClosed => state.dialog_open = false,
        Action::PickData(path) => commands.push(use_data(state, DataSource::File(path))),
        Action::UseBundledData => commands.push(use_data(state, DataSource::Bundled)),
        Action::ChangeData(data) => commands.extend(change_data(state, data)),
        Action::ChangeSplit(split) => {
            let data = DataConfig { split, ..state.config.data.clone() };
            commands.extend(change_data(state, data));
        }
        Action::PickModel(source) => commands.push(pick_model(state, source)),
        Action::Hub(action) => commands.extend(hub::update(state, action)),
        Action::Lesson(action) => commands.extend(lesson::update(state, action)),
        Action::SetFreeze(freeze) => set_freeze(state, freeze),
        Action::Timeline(action) => commands.extend(timeline::update(state, action)),
        Action::SetTrainable { names, on } => set_trainable(state, &names, on),
        Action::SetFilter(filter) => state.filter = filter,
        Action::SetUnfolded { path, open } => {
            if open {
                state.unfolded.insert(path);
            } else {
                state.unfolded.remove(&path);
            }
        }
        Action::OpenParameter(name) => {
            commands.extend(name.clone().map(|name| Command::InspectParameter { name }));
            state.opened_parameter = name.map(|name| (name, Loading::Waiting(None)));
        }
        Action::Coach(action) => coach::update(state, action),
        Action::SetGuess(guess) => state.config.guess = guess,
        Action::ChangeTraining(training) => commands.extend(change_training(state, training)),
        Action::SetBudget(minutes) => state.budget_minutes = minutes.max(1),
        Action::FitBudget => {
            if let Some(fit) = budget::fit(state) {
                let data = DataConfig { max_rows: fit.max_rows, ..state.config.data.clone() };
                let training = TrainingConfig { max_length: fit.max_length, ..state.config.training.clone() };
                state.config.training = training;
                state.config.data = data;
                commands.push(inspect_data(state));
            }
        }
        Action::Train => commands.extend(train(state)),
        Action::Pause if state.run.phase == RunPhase::Running => commands.push(Command::Pause),
        Action::Resume if state.run.phase == RunPhase::Paused => commands.push(Command::Resume),
        Action::Stop if !state.race.is_running() && matches!(state.run.phase, RunPhase::Running | RunPhase::Paused) => {
            state.run.phase = RunPhase::Stopping;
            commands.push(Command::Stop);
        }
        Action::Stop => commands.extend(race::stop(state)),
        Action::Pause | Action::Resume => {}
        Action::Race(action) => commands.extend(race::update(state, action)),
        Action::Rate(action) => commands.extend(rate_sweep::update(state, action)),
        Action::EvaluateRun => commands.extend(evaluate(state)),
        Action::SetSentence(sentence) => state.sentence = sentence,
        Action::Predict => commands.extend(predict(state)),
        Action::ShowPanel(panel) => state.panel = panel,
        Action::ShowView(view) => {
            state.view = view;
            if view == View::Runs {
                commands.push(run_list::refresh(state));
            }
        }
        Action::SelectRun(dir) => run_list::select(state, dir),
        Action::EditRunLabel { name, note } => (state.run_list.name, state.run_list.note) = (name, note),
        Action::SaveRunLabel => commands.extend(run_list::save_label(state)),
        Action::OpenRun { dir, purpose } => commands.extend(run_list::open(state, dir, purpose)),
        Action::ResumeRun(dir) => commands.extend(run_list::resume(state, dir)),
        Action::TrainOn(dir) => commands.extend(run_list::train_on(state, dir)),
        Action::SetMoreEpochs(epochs) => state.run_list.more_epochs = Some(epochs),
        Action::AskToDeleteRun(asks) => state.run_list.asks_to_delete = asks,
        Action::DeleteRun => commands.extend(run_list::delete(state)),
        Action::ExportRun { dir, to } => commands.push(Command::ExportRun { dir, to }),
        Action::Compare(action) => commands.extend(compare::update(state, action)),
        Action::PlayReplay(is_playing) => replay::play(state, is_playing),
        Action::SetReplaySpeed(speed) => {
            if let Some(replay) = &mut state.replay {
                replay.speed = speed;
            }
        }
        Action::SeekReplay(secs) => replay::seek(state, secs),
        Action::AdvanceReplay(secs) => replay::advance(state, secs),
        Action::EndReplay => {
            replay::end(state);
            state.view = View::Runs;
        }
        Action::ShowSideChart(chart) => state.side_chart = chart,
        Action::Layers(action) => layers::update(&mut state.layers, action),
        Action::ZoomMatrix(zoomed) => state.matrix_zoomed = zoomed,
        Action::SetLanguage(language) => state.settings.language = Some(language),
        Action::SetTheme(theme) => state.settings.theme = theme,
        Action::SetProjector(projector) => state.settings.projector = projector,
        Action::DismissNotice(index) => {
            if index < state.notices.len() {
                state.notices.remove(index);
            }
        }
        Action::OpenRunFolder | Action::OpenFolder(_) => {}
    }
    commands.extend(calibrate(state));
    commands
}

/// Asks for the machine to be timed once data and model are there, and again when they or the length change. Nothing is
/// timed beside a run.
pub(super) fn calibrate(state: &mut AppState) -> Option<Command> {
    let wanted = state.wanted_calibration();
    if state.calibration_key.as_ref().is_some_and(|asked| *asked != wanted) {
        state.calibration_key = None;
        state.calibration = None;
    }
    let ready = state.dataset.ready().is_some() && state.model.ready().is_some() && !state.is_running();
    if !ready || state.calibration_key.is_some() || state.config.check().is_err() {
        return None;
    }
    state.calibration_key = Some(wanted);
    Some(Command::Calibrate { config: Box::new(state.config.clone()) })
}

pub(super) fn inspect_data(state: &mut AppState) -> Command {
    state.dataset.wait();
    state.token_lengths = None;
    Command::InspectData { config: state.config.data.clone(), max_length: state.config.training.max_length }
}

pub(super) fn pick_model(state: &mut AppState, source: ModelSource) -> Command {
    if let ModelSource::Folder(folder) = &source {
        state.settings.remember_model(folder);
    }
    state.config.model = source;
    load_model(state)
}

pub(super) fn load_model(state: &mut AppState) -> Command {
    state.model.wait();
    state.opened_parameter = None;
    Command::LoadModel { source: state.config.model.clone() }
}

/// Another file: what was chosen for the former one (columns, encoding, limit) does not apply; the split does.
fn use_data(state: &mut AppState, source: DataSource) -> Command {
    state.config.data = DataConfig { source, split: state.config.data.split, ..DataConfig::default() };
    state.panel = Panel::Data;
    inspect_data(state)
}

fn change_data(state: &mut AppState, data: DataConfig) -> Option<Command> {
    if data == state.config.data {
        return None;
    }
    state.config.data = data;
    Some(inspect_data(state))
}

fn change_training(state: &mut AppState, training: TrainingConfig) -> Option<Command> {
    let new_length = training.max_length != state.config.training.max_length;
    state.config.training = training;
    new_length.then(|| inspect_data(state))
}

pub(super) fn set_freeze(state: &mut AppState, freeze: Freeze) {
    if let Err(problem) = timeline::adopt(state, freeze) {
        state.notify(problem, true);
    }
}

fn set_trainable(state: &mut AppState, names: &[String], on: bool) {
    let Some(tree) = state.model.latest() else { return };
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    for (parameter, trains) in tree.parameters.iter().zip(&mut state.trainable) {
        if names.contains(parameter.name.as_str()) {
            *trains = on;
        }
    }
    if state.timeline.plan.is_some() {
        let trainable = state.trainable.clone();
        return timeline::set_stage(state, &trainable);
    }
    state.config.freeze = Freeze::of_choice(tree, &state.trainable);
}

fn train(state: &mut AppState) -> Option<Command> {
    if !state.can_train() {
        return None;
    }
    let mut config = state.config.clone();
    config.estimated_secs = config.guess.and(state.estimate()).map(|estimate| estimate.total_secs);
    let id = run_list::next_run(state, RunPhase::Running, config.clone());
    state.view = View::Live;
    Some(Command::Start { run_id: id, config: Box::new(config) })
}

fn evaluate(state: &mut AppState) -> Option<Command> {
    let run_dir = state.last_run_dir.clone()?;
    if state.is_running() || state.evaluating {
        return None;
    }
    state.evaluating = true;
    Some(Command::Evaluate { run_dir, data: None })
}

/// Whether there is a trained model of this session to ask.
pub fn can_predict(state: &AppState) -> bool {
    state.last_run_dir.is_some() && !state.is_running()
}

fn predict(state: &mut AppState) -> Option<Command> {
    let sentence = state.sentence.trim();
    if sentence.is_empty() || !can_predict(state) || state.prediction.is_waiting() {
        return None;
    }
    let texts = vec![sentence.to_owned()];
    state.prediction.wait();
    // The model at hand needs no reading.
    let run_dir = state.last_run_dir.clone().filter(|dir| state.trained_run_dir.as_ref() != Some(dir));
    Some(Command::Predict { texts, run_dir })
}
