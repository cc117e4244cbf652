//! What each action changes: whether it may be done now, which feature does it, and what features have each other do.

use std::collections::VecDeque;

use crate::domain::config::ModelSource;
use crate::domain::hub::HubRequest;
use crate::domain::message::{Command, Question};
use crate::domain::problem::Problem;

use super::action::Action;
use super::effect::{Effect, Intent, Offer, Panel, View, World};
use super::hub::{self, HubAction};
use super::lessons::LessonAction;
use super::race::RaceAction;
use super::run::replay::ReplayAction;
use super::run::{RunAction, replay};
use super::runs::{Purpose, RunsAction};
use super::state::AppState;
use super::train::TrainAction;
use super::train::rate::RateAction;
use super::train::timeline::TimelineAction;
use super::{compare, lessons, race, run, runs, train};

/// What the window asks for when it opens.
pub fn startup(state: &mut AppState) -> Vec<Effect> {
    let effects = vec![
        state.train.read_data(&mut state.ids),
        state.train.read_model(&mut state.ids),
        Effect::Tell(Command::Hub(HubRequest::FindCached)),
        Effect::Do(Intent::ListRuns),
    ];
    carry_out(state, effects)
}

/// Applies one action. What comes back is for the window to carry out.
pub fn update(state: &mut AppState, action: Action) -> Vec<Effect> {
    match refusal(state, &action) {
        None => {}
        Some(Refusal::Silent) => return Vec::new(),
        Some(Refusal::Told(problem)) => {
            state.notify(problem, false);
            return Vec::new();
        }
    }
    let keeps_mark = matches!(action, Action::Run(RunAction::Coach(_) | RunAction::Replay(ReplayAction::Advance(_))));
    if !keeps_mark {
        state.run.coach.marked = None;
    }
    let effects = apply(state, action);
    let mut effects = carry_out(state, effects);
    let is_running = state.is_running();
    effects.extend(state.train.calibrate(&mut state.ids, is_running));
    effects
}

/// Runs a feature's function with the feature's state and with what it may use beside that.
macro_rules! with_world {
    ($state:ident, $world:ident => $call:expr) => {{
        let is_running = $state.is_running();
        let $world = &mut World { settings: &mut $state.settings, ids: &mut $state.ids, is_running };
        $call
    }};
}
pub(super) use with_world;

fn apply(state: &mut AppState, action: Action) -> Vec<Effect> {
    match action {
        Action::Train(action) => with_world!(state, world => train::update(&mut state.train, action, world)),
        // Stop ends the whole race, not only its run.
        Action::Run(RunAction::Stop) if state.race.is_running() => apply(state, Action::Race(RaceAction::Stop)),
        Action::Run(action) => with_world!(state, world => run::update(&mut state.run, action, world)),
        Action::Runs(action) => with_world!(state, world => runs::update(&mut state.runs, action, world)),
        Action::Compare(action) => with_world!(state, world => compare::update(&mut state.compare, action, world)),
        Action::Race(action) => with_world!(state, world => race::update(&mut state.race, action, &state.train, world)),
        Action::Lesson(action) => {
            with_world!(state, world => lessons::update(&mut state.lessons, action, &state.train, world))
        }
        Action::Hub(action) => {
            if matches!(action, HubAction::Pull(_) | HubAction::Dismiss) {
                state.lessons.awaited = None;
            }
            hub::update(&mut state.hub, action)
        }
        Action::ShowPanel(panel) => vec![Effect::open(panel)],
        Action::ShowView(View::Runs) => vec![Effect::show(View::Runs), Effect::Do(Intent::ListRuns)],
        Action::ShowView(view) => vec![Effect::show(view)],
        Action::Accept(Offer::ResumeRun(dir)) => apply(state, Action::Runs(RunsAction::Resume(dir))),
        Action::Accept(Offer::ResumeRace(dir)) => apply(state, Action::Race(RaceAction::Resume(dir))),
        Action::OpenDialog(dialog) => vec![Effect::OpenDialog(dialog)],
        Action::OpenFolder(folder) => vec![Effect::OpenFolder(folder)],
        Action::TakePicture { name, rect } => vec![Effect::TakePicture { name, rect }],
        Action::SaveFile { path, bytes } => {
            vec![state.saving.ask(&mut state.ids, Question::SaveFile { path, bytes }, ())]
        }
        action => {
            change_window(state, action);
            Vec::new()
        }
    }
}

/// What changes nothing but how the window looks.
fn change_window(state: &mut AppState, action: Action) {
    match action {
        Action::SetLanguage(language) => state.settings.language = Some(language),
        Action::SetTheme(theme) => state.settings.theme = theme,
        Action::SetProjector(projector) => state.settings.projector = projector,
        Action::DismissNotice(index) if index < state.notices.len() => drop(state.notices.remove(index)),
        Action::DialogClosed => state.dialog_open = false,
        _ => {}
    }
}

/// Why an action may not be done now.
enum Refusal {
    /// Its button is off, and says why.
    Silent,
    Told(Problem),
}

/// Decides it in one place, so that a dropped file or a key gets no further than a button that is off.
fn refusal(state: &AppState, action: &Action) -> Option<Refusal> {
    let (is_running, is_sweeping) = (state.is_running(), state.train.rate.is_sweeping());
    if is_locked(state, action) {
        return Some(Refusal::Told(Problem::new("lesson-locked")));
    }
    let is_off = match action {
        Action::Train(TrainAction::Timeline(TimelineAction::Open(_))) | Action::Lesson(LessonAction::Open(_)) => {
            return is_running.then(|| Refusal::Told(Problem::new("panel-locked")));
        }
        // One run, race or sweep is under way at a time.
        Action::Runs(RunsAction::Resume(_) | RunsAction::TrainOn(_))
        | Action::Race(RaceAction::Resume(_))
        | Action::Accept(_)
        | Action::Lesson(LessonAction::Do)
            if is_sweeping =>
        {
            return Some(Refusal::Told(Problem::new("train-blocked-sweeping")));
        }
        Action::Runs(RunsAction::Open { .. } | RunsAction::Resume(_) | RunsAction::TrainOn(_))
        | Action::Race(RaceAction::Resume(_))
        | Action::Accept(_) => is_running,
        Action::Train(TrainAction::Start | TrainAction::Rate(RateAction::Start)) => !state.can_train(),
        Action::Train(TrainAction::Rate(RateAction::Use)) => !state.can_use_rate(),
        Action::Race(RaceAction::Start) => state.race_blocker().is_some(),
        _ => false,
    };
    is_off.then_some(Refusal::Silent)
}

/// Whether the lesson being taken keeps this from being done: a panel that it locks, or a run that is not its own.
fn is_locked(state: &AppState, action: &Action) -> bool {
    let panels: &[Panel] = match action {
        Action::Train(action) => match action {
            TrainAction::PickData(_)
            | TrainAction::UseBundledData
            | TrainAction::ChangeData(_)
            | TrainAction::ChangeSplit(_) => &[Panel::Data],
            TrainAction::PickModel(_) => &[Panel::Model],
            TrainAction::SetFreeze(_) | TrainAction::SetTrainable { .. } => &[Panel::Freeze],
            TrainAction::Timeline(action) if action.changes_plan() => &[Panel::Freeze],
            TrainAction::ChangeTraining(_) => &[Panel::Training],
            TrainAction::FitBudget => &[Panel::Data, Panel::Training],
            _ => &[],
        },
        Action::Runs(RunsAction::Resume(_) | RunsAction::TrainOn(_))
        | Action::Runs(RunsAction::Open { purpose: Purpose::StartFrom, .. })
        | Action::Race(RaceAction::Resume(_))
        | Action::Accept(_) => return state.lessons.current.is_some(),
        _ => &[],
    };
    panels.iter().any(|panel| state.lesson_locks(*panel))
}

/// Has the features do what they want of each other, in order, until only what the window must do is left.
pub(super) fn carry_out(state: &mut AppState, effects: Vec<Effect>) -> Vec<Effect> {
    let mut waiting: VecDeque<Effect> = effects.into();
    let mut outside = Vec::new();
    while let Some(effect) = waiting.pop_front() {
        match effect {
            Effect::Do(intent) => {
                // What it causes comes before what was wanted after it.
                for caused in carry_out_one(state, intent).into_iter().rev() {
                    waiting.push_front(caused);
                }
            }
            Effect::OpenDialog(_) if std::mem::replace(&mut state.dialog_open, true) => {}
            effect => outside.push(effect),
        }
    }
    outside
}

fn carry_out_one(state: &mut AppState, intent: Intent) -> Vec<Effect> {
    // A model that has come or gone meanwhile changes nothing for a run or a lesson with a model of its own.
    let keeps_model = state.is_running() || state.lesson_locks(Panel::Model);
    match intent {
        Intent::Show(view) => state.view = view,
        Intent::OpenPanel(panel) => state.panel = panel,
        Intent::Notify(notice) => state.add_notice(notice),
        Intent::WithdrawOffers => state.notices.retain(|notice| notice.offer.is_none()),
        Intent::BeginRun(id, config) => state.run.begin(id, *config),
        Intent::StartRace(id, plan) => return state.race.start(id, plan),
        Intent::BeginRace(id, config) => state.run.begin_race(id, *config),
        Intent::ShowRaceRun { id, config, is_stopping } => state.run.show_race_run(id, *config, is_stopping),
        Intent::ShowStopping => state.run.show_stopping(),
        Intent::ShowEnded => state.run.show_ended(),
        Intent::ShowProgress(progress) => state.run.shown.progress = Some(progress),
        Intent::ShowStored(run) => state.view = state.run.show_stored(&run, state.ids.next_run()),
        Intent::Replay(run) => {
            replay::begin(&mut state.run, &run, state.ids.next_run());
            state.view = View::Live;
        }
        Intent::EndReplay => replay::end(&mut state.run),
        Intent::ForgetRun(dir) => state.run.forget(&dir),
        Intent::ListRuns => {
            let folder = state.train.config.runs_dir.clone();
            return vec![with_world!(state, world => state.runs.list(folder, world))];
        }
        // A lesson that was opened meanwhile goes on with its own settings.
        Intent::StartFrom(_) if state.lessons.current.is_some() => {
            state.notify(Problem::new("lesson-locked"), false);
        }
        Intent::StartFrom(run) => {
            replay::end(&mut state.run);
            (state.panel, state.view) = (Panel::Freeze, View::Live);
            return state.train.start_from(&run, &mut state.ids);
        }
        Intent::Adopt(config) => return state.train.adopt_config(*config),
        Intent::Configure(config) => return state.train.configure(*config, &mut state.ids),
        Intent::ReadParameterAgain => return state.train.read_parameter_again(&mut state.ids).into_iter().collect(),
        Intent::UseModel(source) => {
            return vec![with_world!(state, world => state.train.pick_model(source, world))];
        }
        Intent::Fetch(id) => return hub::update(&mut state.hub, HubAction::Pull(id)),
        Intent::ModelFetched(id, folder) if state.lessons.awaits(&id) => {
            return with_world!(state, world => state.lessons.begin_awaited(&folder, &state.train, world));
        }
        Intent::ModelFetched(_, folder) if !keeps_model => {
            return vec![Effect::Do(Intent::UseModel(ModelSource::Folder(folder)))];
        }
        Intent::FetchCancelled => state.lessons.awaited = None,
        Intent::ModelRemoved(id) if !keeps_model => {
            if matches!(&state.train.config.model, ModelSource::Folder(f) if hub::is_in_cache_of(&id, f)) {
                return vec![Effect::Do(Intent::UseModel(ModelSource::Bundled))];
            }
        }
        Intent::ModelFetched(..) | Intent::ModelRemoved(_) => {}
    }
    Vec::new()
}
