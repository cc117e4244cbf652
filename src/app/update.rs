//! What each action changes: whether it may be done now, which feature does it, and what features have each other do.

use std::path::PathBuf;

use crate::domain::config::ModelSource;
use crate::domain::hub::HubRequest;
use crate::domain::message::{Command, Question};
use crate::domain::params::ValuesOf;
use crate::domain::problem::Problem;

use super::action::Action;
use super::compare::CompareAction;
use super::effect::{Dialog, Effect, Intent};
use super::explore::{ExploreAction, RowAsked};
use super::files::FilesAction;
use super::first_steps;
use super::hub::{self, HubAction};
use super::lessons::LessonAction;
use super::palette::{self, PaletteAction};
use super::race::{Race, RaceAction};
use super::run::replay::ReplayAction;
use super::run::results;
use super::run::{RunAction, RunPhase};
use super::runs::{Purpose, RunsAction};
use super::sentences::SentencesAction;
use super::shell::{Panel, View};
use super::state::AppState;
use super::train::TrainAction;
use super::train::rate::RateAction;
use super::train::timeline::TimelineAction;
use super::why::WhyAction;
use super::{
    answered, code, compare, doctor, examine, explore, files, guide, lessons, other_tests, plots, race, reports, run,
    runs, sentences, text_map, train, why,
};

/// What the window asks for when it opens.
pub fn startup(state: &mut AppState) -> Vec<Effect> {
    state.train.read_data(&mut state.shell);
    state.train.read_model(&mut state.shell);
    state.shell.tell(Command::Hub(HubRequest::FindCached));
    state.shell.want(Intent::ListRuns);
    settle(state)
}

/// Applies one action. What comes back is for the window to carry out.
pub fn update(state: &mut AppState, action: Action) -> Vec<Effect> {
    if let Action::Palette(PaletteAction::Do(place)) = action {
        return do_entry(state, place);
    }
    if let Action::Files(action) = action {
        return choose_files(state, action);
    }
    if let Some(why) = refusal(state, &action) {
        state.shell.notify(why, false);
        return Vec::new();
    }
    if is_off(state, &action) {
        return Vec::new();
    }
    let keeps_mark = matches!(action, Action::Run(RunAction::Coach(_) | RunAction::Replay(ReplayAction::Advance(_))));
    if !keeps_mark {
        state.run.coach.marked = None;
    }
    state.shell.is_running = state.is_running();
    apply(state, action);
    settle(state)
}

/// Does what an entry of the palette is about. Where it cannot be done now, the open palette says why, or else a notice,
/// as its keys were pressed then.
fn do_entry(state: &mut AppState, place: usize) -> Vec<Effect> {
    if let Some(problem) = entry_blocker(state, place) {
        if !state.palette.open {
            state.shell.notify(problem, false);
        }
        return Vec::new();
    }
    let actions = palette::actions(state, place);
    state.palette.open = false;
    actions.into_iter().flat_map(|action| update(state, action)).collect()
}

/// Does what a choice of files stands for, as any action is done.
fn choose_files(state: &mut AppState, action: FilesAction) -> Vec<Effect> {
    let chosen = files::update(&mut state.files, action, &mut state.shell);
    let mut effects = settle(state);
    if let Some((dialog, paths)) = chosen {
        effects.extend(update(state, dialog.chosen(paths)));
    }
    effects
}

/// Says why an entry of the palette cannot be done now.
pub fn entry_blocker(state: &AppState, place: usize) -> Option<Problem> {
    palette::actions(state, place).iter().find_map(|action| blocker(state, action))
}

/// Says why an action cannot be done now, whether a button that is off says it or not.
fn blocker(state: &AppState, action: &Action) -> Option<Problem> {
    if let Some(why) = refusal(state, action) {
        return Some(why);
    }
    let phase = state.run.shown.phase;
    let unless = |can: bool, why: &'static str| (!can).then(|| Problem::new(why));
    match action {
        Action::Train(TrainAction::Start | TrainAction::Rate(RateAction::Start)) => state.train_blocker(),
        Action::Race(RaceAction::Start) => state.race_blocker(),
        Action::Train(TrainAction::SetFreeze(_) | TrainAction::UseBundledData)
        | Action::OpenDialog(
            Dialog::Data | Dialog::DataFolder | Dialog::Model | Dialog::OpenPlan | Dialog::Run | Dialog::Lesson,
        ) if state.is_running() => Some(Problem::new("panel-locked")),
        Action::OpenDialog(Dialog::Data | Dialog::DataFolder) if state.lessons.locks(Panel::Data) => {
            Some(Problem::new("lesson-locked"))
        }
        Action::OpenDialog(Dialog::Model) if state.lessons.locks(Panel::Model) => Some(Problem::new("lesson-locked")),
        Action::OpenDialog(_) => unless(!state.shell.dialog_open, "palette-dialog-open"),
        Action::Run(RunAction::Pause) => unless(phase == RunPhase::Running, "button-no-run"),
        Action::Run(RunAction::Resume) => unless(phase == RunPhase::Paused, "palette-not-paused"),
        Action::Run(RunAction::Stop) => unless(state.is_running() && phase != RunPhase::Stopping, "button-no-run"),
        Action::Lesson(LessonAction::Leave) if state.lessons.current.is_none() => {
            Some(Problem::new("palette-no-lesson"))
        }
        Action::Lesson(LessonAction::Leave) => unless(!state.is_running(), "panel-locked"),
        _ => None,
    }
}

fn apply(state: &mut AppState, action: Action) {
    let shell = &mut state.shell;
    match action {
        Action::Train(action) => train::update(&mut state.train, action, shell),
        Action::Code(action) => code::update(&mut state.code, action, shell),
        // Stop ends the whole race, not only its run.
        Action::Run(RunAction::Stop) if state.race.is_running() => apply(state, Action::Race(RaceAction::Stop)),
        Action::Run(action) => {
            let is_sent = action == RunAction::Predict;
            run::update(&mut state.run, action, shell);
            if is_sent {
                // Whoever asks about one sentence looks at that one.
                state.sentences.is_open = false;
                why::follow(&mut state.why, &state.run, shell);
            }
            look_at_other_tests(state);
        }
        Action::Why(action) => {
            why::update(&mut state.why, action, &state.run, shell);
            sentences::follow(&mut state.sentences, &state.run, &state.why, shell);
        }
        Action::Sentences(action) => {
            let is_sent = matches!(action, SentencesAction::Use(_));
            sentences::update(&mut state.sentences, action, &mut state.run, &state.why, shell);
            if is_sent {
                why::follow(&mut state.why, &state.run, shell);
            }
        }
        Action::Runs(action) => runs::update(&mut state.runs, action, &mut state.run, shell),
        Action::Explore(ExploreAction::Ask(asked)) => ask_row(state, asked),
        Action::Explore(action) => {
            explore::update(&mut state.explore, action, state.run.last_dir.as_deref(), shell);
        }
        Action::Compare(action) => {
            compare::update(&mut state.compare, action, shell);
            look_at_other_tests(state);
        }
        Action::Answered(action) => {
            answered::update(&mut state.answered, action, state.run.last_dir.as_deref(), shell);
        }
        Action::OtherTests(action) => other_tests::update(&mut state.other_tests, action, shell),
        Action::Race(action) => race::update(&mut state.race, action, &state.train, &mut state.run, shell),
        Action::Reports(action) => reports::update(&mut state.reports, action, shell),
        Action::Lesson(action) => lessons::update(&mut state.lessons, action, &mut state.train, shell),
        Action::Hub(action) => {
            if matches!(action, HubAction::Pull(_) | HubAction::Dismiss) {
                state.lessons.awaited = None;
            }
            hub::update(&mut state.hub, action, shell);
        }
        Action::Palette(action) => palette::update(&mut state.palette, action),
        Action::Guide(action) => {
            if matches!(action, guide::GuideAction::Show(Some(_))) {
                // The guide takes the place of the list that led to it.
                state.palette.shows_help = false;
            }
            guide::update(&mut state.guide, action);
        }
        Action::Doctor(action) => doctor::update(&mut state.doctor, action, shell),
        Action::Examine(action) => {
            examine::update(&mut state.examine, action, state.run.last_dir.as_deref(), shell);
        }
        Action::TextMap(action) => text_map::update(&mut state.text_map, action, shell),
        Action::FirstSteps(action) => {
            first_steps::update(&mut state.first_steps, action, &state.train, &state.run, shell);
        }
        Action::Plots(action) => plots::update(&mut shell.settings.plots, action),
        Action::ShowPanel(panel) => (shell.panel, shell.settings.left_folded) = (panel, false),
        Action::ShowView(view) => {
            shell.view = view;
            match view {
                View::Runs => shell.want(Intent::ListRuns),
                View::Try => sentences::follow(&mut state.sentences, &state.run, &state.why, shell),
                View::Explore => state.explore.follow(state.run.last_dir.as_deref(), shell),
                _ => {}
            }
        }
        Action::SetLanguage(language) => shell.settings.language = Some(language),
        Action::SetTheme(theme) => shell.settings.theme = theme,
        Action::SetProjector(projector) => shell.settings.projector = projector,
        Action::FoldLeft(folded) => shell.settings.left_folded = folded,
        Action::ToggleFullScreen => shell.effects.push(Effect::ToggleFullScreen),
        Action::DismissNotice(index) if index < shell.notices.len() => drop(shell.notices.remove(index)),
        Action::DismissNotice(_) => {}
        Action::OpenDialog(dialog) => files::open(&mut state.files, dialog, shell),
        // It is not applied but does what was chosen; see `update`.
        Action::Files(_) => {}
        Action::DialogClosed => shell.dialog_open = false,
        Action::OpenFolder(folder) => shell.effects.push(Effect::OpenFolder(folder)),
        Action::TakePicture { name, rect } => shell.effects.push(Effect::TakePicture { name, rect }),
        Action::SaveFile { path, bytes } => {
            let id = shell.ask(Question::SaveFile { path, bytes });
            shell.saving.insert(id);
        }
    }
}

/// Asks a run that is explored about a row. Where none of them is on the screen, the first one is opened before.
fn ask_row(state: &mut AppState, asked: RowAsked) {
    let runs = &state.explore.runs;
    match (&state.run.last_dir, runs.first().cloned()) {
        (Some(screen), _) if runs.contains(screen) => ask_on_screen(state, asked),
        (_, Some(dir)) => apply(state, RunsAction::Open { dir, purpose: Purpose::Ask(asked) }.into()),
        (_, None) => {}
    }
}

/// Shows in Try what the run on the screen answers on a row; where runs are compared, the other one's reasons stand beside.
fn ask_on_screen(state: &mut AppState, RowAsked { texts, with_reasons }: RowAsked) {
    apply(state, RunAction::SetSentence(texts.text).into());
    if let Some(second) = texts.second {
        apply(state, RunAction::SetSecondSentence(second).into());
    }
    apply(state, Action::ShowView(View::Try));
    apply(state, RunAction::Predict.into());
    let screen = state.run.last_dir.as_ref();
    let other = state.explore.runs.iter().find(|dir| Some(*dir) != screen).cloned();
    if let Some(other) = other.filter(|_| with_reasons) {
        apply(state, WhyAction::ShowOther(Some(other)).into());
    }
    apply(state, WhyAction::Open(with_reasons).into());
}

/// Reads which other tests the runs have that are to be seen.
pub(super) fn look_at_other_tests(state: &mut AppState) {
    let dirs: Vec<PathBuf> = match state.shell.view {
        View::Results if state.run.results.page == results::Page::OtherTests => {
            state.run.last_dir.iter().cloned().collect()
        }
        View::Compare => match state.compare.page {
            compare::Page::OtherTests => state.compare.with_folders(),
            compare::Page::Race => state.race.race.as_ref().map(Race::dirs).unwrap_or_default(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    state.other_tests.look(&dirs, &mut state.shell);
}

/// Says why an action may not be done now, where no button that is off says it.
fn refusal(state: &AppState, action: &Action) -> Option<Problem> {
    let id = match action {
        // The keys that start a run are pressed wherever its button is.
        Action::Train(TrainAction::Start) => return state.train_blocker(),
        _ if is_locked(state, action) => Some("lesson-locked"),
        Action::Train(TrainAction::Timeline(TimelineAction::Open(_)) | TrainAction::TakeBack)
        | Action::Lesson(LessonAction::Open(_)) => state.is_running().then_some("panel-locked"),
        // One run, race or sweep is under way at a time.
        _ if goes_on(action) || *action == Action::Lesson(LessonAction::Do) => {
            state.train.rate.is_sweeping().then_some("train-blocked-sweeping")
        }
        _ => None,
    };
    id.map(Problem::new)
}

/// Whether the action's button is off. It is decided here as well, so that a dropped file or a key gets no further.
fn is_off(state: &AppState, action: &Action) -> bool {
    match action {
        Action::Runs(RunsAction::Open { .. }) | Action::Race(RaceAction::Open(_)) => state.is_running(),
        Action::Explore(ExploreAction::Ask(_)) => !state.can_ask_row(),
        Action::Train(TrainAction::Rate(RateAction::Start)) => !state.can_train(),
        Action::Train(TrainAction::Rate(RateAction::Use)) => !state.can_use_rate(),
        Action::Race(RaceAction::Start) => state.race_blocker().is_some(),
        action => goes_on(action) && state.is_running(),
    }
}

/// Whether it trains on from what is on disk.
fn goes_on(action: &Action) -> bool {
    matches!(action, Action::Runs(RunsAction::Resume(_) | RunsAction::TrainOn(_)) | Action::Race(RaceAction::Resume(_)))
}

/// Whether the lesson being taken keeps this from being done: a panel that it locks, or a run that is not its own.
fn is_locked(state: &AppState, action: &Action) -> bool {
    let locks = |panel| state.lessons.locks(panel);
    match action {
        Action::Train(action) => match action {
            TrainAction::PickData(_)
            | TrainAction::PickJson(_)
            | TrainAction::UseBundledData
            | TrainAction::ChangeData(_)
            | TrainAction::ChangeSplit(_) => locks(Panel::Data),
            TrainAction::PickModel(_) => locks(Panel::Model),
            TrainAction::SetFreeze(_) | TrainAction::SetTrainable { .. } => locks(Panel::Freeze),
            TrainAction::Timeline(action) => action.changes_plan() && locks(Panel::Freeze),
            TrainAction::ChangeTraining(_) => locks(Panel::Training),
            TrainAction::TakeBack => state.lessons.current.is_some(),
            TrainAction::FitBudget => locks(Panel::Data) || locks(Panel::Training),
            _ => false,
        },
        Action::Runs(RunsAction::Open { purpose: Purpose::StartFrom, .. }) => state.lessons.current.is_some(),
        action => goes_on(action) && state.lessons.current.is_some(),
    }
}

/// Has the features do what they want of each other, and times the machine when it must be. What is left is for the
/// window.
pub(super) fn settle(state: &mut AppState) -> Vec<Effect> {
    while let Some(intent) = state.shell.intents.pop_front() {
        state.shell.is_running = state.is_running();
        carry_out(state, intent);
    }
    state.shell.is_running = state.is_running();
    follow_smoothing(state);
    state.text_map.follow(&state.explore, &mut state.shell);
    state.train.calibrate(&mut state.shell);
    state.code.follow(&state.train);
    let in_lesson = state.lessons.current.is_some();
    first_steps::follow(&mut state.first_steps, &state.train, &state.run, &mut state.shell, in_lesson);
    std::mem::take(&mut state.shell.effects)
}

/// Smooths all curves as the settings say, those that have just come among them.
fn follow_smoothing(state: &mut AppState) {
    let smoothing = state.shell.settings.plots.smoothing;
    state.run.shown.history.smooth(smoothing);
    state.compare.smooth(smoothing);
    state.race.smooth(smoothing);
}

fn carry_out(state: &mut AppState, intent: Intent) {
    let shell = &mut state.shell;
    // A model that has come or gone meanwhile changes nothing for a run or a lesson with a model of its own.
    let keeps_model = shell.is_running || state.lessons.locks(Panel::Model);
    match intent {
        Intent::BeginRun(id, config) => state.run.begin(id, *config),
        Intent::StartRace(id, plan) => state.race.start(id, plan, &mut state.run, shell),
        Intent::EndReplay => state.run.end_replay(),
        Intent::ForgetShownRun => {
            state.run.forget();
            state.race.race = None;
        }
        Intent::ListRuns => state.runs.list(state.train.config.runs_dir.clone(), shell),
        Intent::ShowRace => {
            shell.view = View::Compare;
            compare::update(&mut state.compare, CompareAction::ShowPage(compare::Page::Race), shell);
            look_at_other_tests(state);
        }
        Intent::AskRow(asked) => ask_on_screen(state, asked),
        Intent::Compare(dirs) => compare::update(&mut state.compare, CompareAction::Open(dirs), shell),
        // A lesson that was opened meanwhile goes on with its own settings.
        Intent::StartFrom(_) if state.lessons.current.is_some() => shell.notify(Problem::new("lesson-locked"), false),
        Intent::StartFrom(run) => {
            state.run.end_replay();
            (shell.panel, shell.view) = (Panel::Freeze, View::Live);
            state.train.start_from(&run, state.runs.name_of(&run.dir), shell);
        }
        Intent::TrainOnCopy(..) if state.lessons.current.is_some() => {
            shell.notify(Problem::new("lesson-locked"), false)
        }
        Intent::TrainOnCopy(run, copy) => {
            state.run.end_replay();
            (shell.panel, shell.view) = (Panel::Training, View::Live);
            state.train.take_copy(&run, &copy, shell);
        }
        Intent::ShowTrainedValues => state.train.show_values_of(ValuesOf::Run, shell),
        Intent::ModelFetched(id, folder) if state.lessons.awaits(&id) => {
            state.lessons.begin_awaited(&folder, &mut state.train, shell);
        }
        Intent::ModelFetched(_, folder) if !keeps_model => state.train.pick_model(ModelSource::Folder(folder), shell),
        Intent::ModelRemoved(id) if !keeps_model => {
            if matches!(&state.train.config.model, ModelSource::Folder(f) if hub::is_in_cache_of(&id, f)) {
                state.train.pick_model(ModelSource::Bundled, shell);
            }
        }
        Intent::ModelFetched(..) | Intent::ModelRemoved(_) => {}
    }
}
