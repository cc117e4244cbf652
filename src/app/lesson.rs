//! A lesson in the window: its steps, what the student does in them, and the way back to the user's own settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::config::{Guess, RunConfig};
use crate::domain::hub::ModelId;
use crate::domain::lesson::{Control, Lesson, LessonWork, StepWork};
use crate::domain::message::{Command, Event, EventKind, RunId, RunOutcome};
use crate::domain::problem::Problem;

use super::action::Action;
use super::hub::{self, HubAction};
use super::run_list::next_run;
use super::state::{AppState, Panel, RunPhase, View};
use super::timeline::{self, TimelineAction};
use super::update::{inspect_data, load_model};
use super::{race, replay};

/// What the fields of a guess begin with.
pub const FIRST_GUESS: Guess = Guess { accuracy: 0.5, secs: 10.0 };
/// So many unfinished lessons are remembered.
const MOST_KEPT: usize = 8;

#[derive(Clone, Debug, Default)]
pub struct LessonState {
    /// Whether the list of lessons is open.
    pub shows_list: bool,
    pub listed: Vec<Arc<Lesson>>,
    /// The lesson being taken.
    pub current: Option<Arc<Lesson>>,
    /// The user's own settings, to which leaving the lesson goes back.
    pub own: Option<RunConfig>,
    /// A lesson that begins once its model has come.
    pub awaited: Option<Arc<Lesson>>,
    /// The step whose run or race is under way.
    pub running: Option<(RunId, usize)>,
    pub saved: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LessonAction {
    ShowList(bool),
    /// Show the native dialog for a lesson file; the shell answers with `Open`.
    AskForFile,
    /// A lesson of the program by its id, or a lesson file.
    Open(PathBuf),
    /// Turn to a step, from 0.
    Turn(usize),
    Answer(String),
    SetGuess(Option<Guess>),
    /// Start the step's run or race.
    Do,
    SetStudent(String),
    /// Show the native dialog for the bundle's file; the shell answers with `Save`.
    AskForBundle,
    Save(PathBuf),
    Leave,
}

impl AppState {
    /// The lesson being taken, with the work on it.
    pub fn lesson(&self) -> Option<(&Arc<Lesson>, &LessonWork)> {
        let lesson = self.lesson.current.as_ref()?;
        let work = self.settings.lessons.iter().find(|work| is_on(work, lesson))?;
        Some((lesson, work))
    }

    /// Whether the lesson keeps this panel from being changed.
    pub fn lesson_locks(&self, panel: Panel) -> bool {
        let control = match panel {
            Panel::Data => Control::Data,
            Panel::Model => Control::Model,
            Panel::Freeze => Control::Freeze,
            Panel::Training => Control::Training,
        };
        self.lesson.current.as_ref().is_some_and(|lesson| !lesson.open.contains(&control))
    }

    /// Whether nothing but the lesson's own steps may train.
    pub fn lesson_locks_training(&self) -> bool {
        self.lesson.current.as_ref().is_some_and(|lesson| lesson.open.is_empty())
    }

    /// Whether the lesson forbids this; so that a dropped file or a key gets no further than a locked button.
    pub(super) fn lesson_forbids(&self, action: &Action) -> bool {
        let panels: &[Panel] = match action {
            Action::PickData(_) | Action::UseBundledData | Action::ChangeData(_) | Action::ChangeSplit(_) => {
                &[Panel::Data]
            }
            Action::PickModel(_) => &[Panel::Model],
            Action::SetFreeze(_) | Action::SetTrainable { .. } => &[Panel::Freeze],
            Action::Timeline(action) if changes_plan(action) => &[Panel::Freeze],
            Action::ChangeTraining(_) => &[Panel::Training],
            Action::FitBudget => &[Panel::Data, Panel::Training],
            _ => &[],
        };
        panels.iter().any(|panel| self.lesson_locks(*panel))
    }
}

/// Whether it changes what trains, rather than what is shown or saved.
fn changes_plan(action: &TimelineAction) -> bool {
    !matches!(
        action,
        TimelineAction::Show(_)
            | TimelineAction::ShowStage(_)
            | TimelineAction::AskToSave
            | TimelineAction::AskToOpen
            | TimelineAction::Save(_)
    )
}

fn is_on(work: &LessonWork, lesson: &Lesson) -> bool {
    work.lesson == lesson.id
        && work.lesson_hash == lesson.hash
        && work.steps.len() == lesson.steps.len()
        && work.at < lesson.steps.len()
}

/// The work on the current lesson.
fn work(state: &mut AppState) -> Option<&mut LessonWork> {
    let lesson = state.lesson.current.clone()?;
    state.settings.lessons.iter_mut().find(|work| is_on(work, &lesson))
}

fn step(state: &mut AppState) -> Option<&mut StepWork> {
    let work = work(state)?;
    work.steps.get_mut(work.at)
}

pub fn update(state: &mut AppState, action: LessonAction) -> Vec<Command> {
    match action {
        LessonAction::ShowList(shown) => {
            state.lesson.shows_list = shown;
            if shown {
                return vec![Command::ListLessons];
            }
        }
        LessonAction::AskForFile | LessonAction::AskForBundle => state.dialog_open = true,
        LessonAction::Open(source) if !state.is_running() => return vec![Command::OpenLesson { source }],
        LessonAction::Turn(to) => {
            if let Some(work) = work(state) {
                work.at = to.min(work.steps.len().saturating_sub(1));
            }
        }
        LessonAction::Answer(answer) => {
            let Some(lesson) = state.lesson.current.clone() else { return Vec::new() };
            if let Some(work) = work(state)
                && let Some(question) = &lesson.steps[work.at].question
            {
                work.answer(work.at, question, answer);
            }
        }
        LessonAction::SetGuess(guess) => {
            if let Some(step) = step(state) {
                step.guess = guess;
            }
        }
        LessonAction::Do => return start(state),
        LessonAction::SetStudent(name) => {
            if let Some(work) = work(state) {
                work.student = name;
            }
        }
        LessonAction::Save(to) => {
            if let Some((lesson, work)) = state.lesson() {
                return vec![Command::SaveBundle { lesson: Arc::clone(lesson), work: Box::new(work.clone()), to }];
            }
        }
        LessonAction::Leave if !state.is_running() => {
            state.lesson.current = None;
            if let Some(own) = state.lesson.own.take() {
                state.config = own;
                return vec![inspect_data(state), load_model(state)];
            }
        }
        LessonAction::Open(_) | LessonAction::Leave => {}
    }
    Vec::new()
}

/// Starts the step's run or race with the lesson's settings.
fn start(state: &mut AppState) -> Vec<Command> {
    let Some((lesson, work)) = state.lesson() else { return Vec::new() };
    let (lesson, at) = (Arc::clone(lesson), work.at);
    // What stands there when Start is pressed is the guess.
    let asks = lesson.steps[at].run.as_ref().is_some_and(|run| run.guess);
    let guess = asks.then(|| work.steps[at].guess.unwrap_or(FIRST_GUESS));
    let Some(tree) = state.model.ready().filter(|_| state.dataset.ready().is_some() && !state.is_running()) else {
        return Vec::new();
    };
    let own = state.lesson.own.clone().unwrap_or_default();
    let task = &lesson.steps[at];
    if let Some(run) = &task.run {
        let config = RunConfig { guess, ..lesson.run_config(&own, run) };
        let fits = config.freeze.unfreezing(tree).and_then(|plan| plan.check());
        // What is refused is a result as well.
        if let Err(problem) = fits.and_then(|()| timeline::adopt(state, config.freeze.clone())) {
            if let Some(step) = step(state) {
                step.refused = Some(problem);
            }
            return Vec::new();
        }
        replay::end(state);
        state.config = config.clone();
        (state.panel, state.view) = (Panel::Freeze, View::Live);
        let run_id = next_run(state, RunPhase::Running, config.clone());
        begin(state, run_id, at, guess);
        return vec![Command::Start { run_id, config: Box::new(config) }];
    }
    if let Some(race) = &task.race {
        let plan = lesson.race_plan(&own, race);
        replay::end(state);
        state.view = View::Live;
        let run_id = race::begin(state, plan.clone());
        begin(state, run_id, at, None);
        return vec![Command::StartRace { run_id, plan: Box::new(plan) }];
    }
    Vec::new()
}

fn begin(state: &mut AppState, run_id: RunId, at: usize, guess: Option<Guess>) {
    state.lesson.running = Some((run_id, at));
    if let Some(step) = step(state) {
        *step = StepWork { guess, ..StepWork::default() };
    }
}

/// Takes in what concerns lessons; everything else is for others as well.
pub fn reduce(state: &mut AppState, event: &Event) -> Vec<Command> {
    match &event.kind {
        EventKind::LessonsListed(lessons) => state.lesson.listed.clone_from(lessons),
        EventKind::LessonOpened(lesson) => return open_with_model(state, lesson),
        EventKind::BundleSaved(file) => state.lesson.saved = Some(file.clone()),
        kind => record(state, event.run_id, kind),
    }
    Vec::new()
}

/// Opens a lesson, or first has its model fetched.
fn open_with_model(state: &mut AppState, lesson: &Arc<Lesson>) -> Vec<Command> {
    let Some(id) = lesson.lacks_model() else { return open(state, lesson) };
    if state.hub.is_pulling() {
        state.notify(Problem::new("lesson-model-waits").with("id", id), true);
        return Vec::new();
    }
    let fetch = hub::update(state, HubAction::Pull(id));
    (state.lesson.awaited, state.lesson.shows_list) = (Some(Arc::clone(lesson)), false);
    state.panel = Panel::Model;
    fetch.into_iter().collect()
}

/// Opens the lesson that waited for this model; `None` when none did.
pub(super) fn begin_awaited(state: &mut AppState, id: &ModelId, folder: &Path) -> Option<Vec<Command>> {
    let lesson = state.lesson.awaited.take_if(|lesson| lesson.lacks_model().as_ref() == Some(id))?;
    let lesson = Lesson { model_folder: Some(folder.to_owned()), ..Arc::unwrap_or_clone(lesson) };
    Some(open(state, &Arc::new(lesson)))
}

fn open(state: &mut AppState, lesson: &Arc<Lesson>) -> Vec<Command> {
    if state.is_running() {
        return Vec::new();
    }
    replay::end(state);
    let own = state.lesson.own.get_or_insert_with(|| state.config.clone()).clone();
    let kept = &mut state.settings.lessons;
    if !kept.iter().any(|work| is_on(work, lesson)) {
        kept.insert(0, LessonWork::new(lesson));
        kept.truncate(MOST_KEPT);
    }
    state.config = lesson.config(&own);
    state.lesson = LessonState { current: Some(Arc::clone(lesson)), own: Some(own), ..LessonState::default() };
    (state.panel, state.view) = (Panel::Freeze, View::Live);
    vec![inspect_data(state), load_model(state)]
}

/// Keeps what came of the step's run or race.
fn record(state: &mut AppState, id: Option<RunId>, kind: &EventKind) {
    let Some((own, at)) = state.lesson.running.filter(|(own, _)| id == Some(*own)) else { return };
    let is_run =
        state.lesson.current.as_ref().is_some_and(|lesson| lesson.steps.get(at).is_some_and(|s| s.run.is_some()));
    let ends = matches!(kind, EventKind::RunEnded(_) | EventKind::RaceEnded(_));
    let Some(step) = work(state).and_then(|work| work.steps.get_mut(at)) else { return };
    match kind {
        EventKind::TestEvaluated(test) if is_run => step.accuracy = Some(test.accuracy),
        EventKind::RunEnded(ended) => {
            step.train_secs = Some(ended.train_secs).filter(|_| is_run && ended.outcome == RunOutcome::Completed);
            step.run_dirs.extend(ended.run_dir.clone());
            step.refused = ended.error.clone().filter(|_| ended.outcome == RunOutcome::Failed);
        }
        EventKind::RaceRow(row) => {
            step.run_dirs.extend(row.run_dir.clone());
            step.race_rows.push(row.clone());
        }
        EventKind::RaceEnded(ended) => {
            step.race_means.clone_from(&ended.means);
            step.refused = ended.error.clone().filter(|_| ended.outcome == RunOutcome::Failed);
        }
        _ => {}
    }
    if ends {
        log::debug!("the lesson's {own:?} ended");
        state.lesson.running = None;
    }
}
