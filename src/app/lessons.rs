//! A lesson in the window: its steps, what the student does in them, and the way back to the user's own settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::config::{Guess, RunConfig};
use crate::domain::hub::ModelId;
use crate::domain::lesson::{Control, Lesson, LessonWork, StepWork};
use crate::domain::message::{
    Answer, AskId, Command, Event, Question, RaceEvent, RunCommand, RunEvent, RunId, RunOutcome,
};
use crate::domain::problem::Problem;
use crate::domain::race::RacePlan;

use super::effect::{Effect, Intent, Panel, View, World};
use super::loading::Pending;
use super::settings::Settings;
use super::train::TrainState;

/// The fields of a guess begin with these values.
pub const FIRST_GUESS: Guess = Guess { accuracy: 0.5, secs: 10.0 };
/// The settings remember this many unfinished lessons.
const MOST_KEPT: usize = 8;

/// See the module.
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
    /// The lesson that was asked for last.
    opening: Option<AskId>,
    /// Lists and students' files being read or written.
    pending: Pending,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LessonAction {
    ShowList(bool),
    /// A lesson of the program by its id, or a lesson file.
    Open(PathBuf),
    /// Turn to a step, from 0.
    Turn(usize),
    Answer(String),
    SetGuess(Option<Guess>),
    /// Start the step's run or race.
    Do,
    SetStudent(String),
    /// Write the student's work into a file to hand in.
    Save(PathBuf),
    Leave,
}

impl LessonState {
    /// The lesson being taken, with the work on it.
    pub(super) fn with_work<'a>(&'a self, settings: &'a Settings) -> Option<(&'a Arc<Lesson>, &'a LessonWork)> {
        let lesson = self.current.as_ref()?;
        let work = settings.lessons.iter().find(|work| is_on(work, lesson))?;
        Some((lesson, work))
    }

    /// Whether the lesson keeps this panel from being changed.
    pub(super) fn locks(&self, panel: Panel) -> bool {
        let control = match panel {
            Panel::Data => Control::Data,
            Panel::Model => Control::Model,
            Panel::Freeze => Control::Freeze,
            Panel::Training => Control::Training,
        };
        self.current.as_ref().is_some_and(|lesson| !lesson.open.contains(&control))
    }

    /// Whether nothing but the lesson's own steps may train.
    pub(super) fn locks_training(&self) -> bool {
        self.current.as_ref().is_some_and(|lesson| lesson.open.is_empty())
    }

    /// Whether a lesson waits for this model.
    pub(super) fn awaits(&self, id: &ModelId) -> bool {
        self.awaited.as_ref().is_some_and(|lesson| lesson.lacks_model().as_ref() == Some(id))
    }

    /// Opens the lesson that waited for its model, which has come.
    pub(super) fn begin_awaited(&mut self, folder: &Path, train: &TrainState, world: &mut World<'_>) -> Vec<Effect> {
        let Some(lesson) = self.awaited.take() else { return Vec::new() };
        let lesson = Lesson { model_folder: Some(folder.to_owned()), ..Arc::unwrap_or_clone(lesson) };
        self.open(&Arc::new(lesson), train, world)
    }

    fn open(&mut self, lesson: &Arc<Lesson>, train: &TrainState, world: &mut World<'_>) -> Vec<Effect> {
        if world.is_running {
            return Vec::new();
        }
        let own = self.own.take().unwrap_or_else(|| train.config.clone());
        let kept = &mut world.settings.lessons;
        if !kept.iter().any(|work| is_on(work, lesson)) {
            kept.insert(0, LessonWork::new(lesson));
            kept.truncate(MOST_KEPT);
        }
        let config = Box::new(lesson.config(&own));
        *self = Self { current: Some(Arc::clone(lesson)), own: Some(own), ..Self::default() };
        vec![
            Effect::Do(Intent::EndReplay),
            Effect::open(Panel::Freeze),
            Effect::show(View::Live),
            Effect::Do(Intent::Configure(config)),
        ]
    }

    /// Opens a lesson, or first has its model fetched.
    fn open_with_model(
        &mut self,
        lesson: &Arc<Lesson>,
        train: &TrainState,
        is_pulling: bool,
        world: &mut World<'_>,
    ) -> Vec<Effect> {
        let Some(id) = lesson.lacks_model() else { return self.open(lesson, train, world) };
        if is_pulling {
            return vec![Effect::error(Problem::new("lesson-model-waits").with("id", id))];
        }
        (self.awaited, self.shows_list) = (Some(Arc::clone(lesson)), false);
        vec![Effect::open(Panel::Model), Effect::Do(Intent::Fetch(id))]
    }

    /// What the student has done in the step of this place, from 0.
    fn step<'a>(&self, at: usize, settings: &'a mut Settings) -> Option<&'a mut StepWork> {
        work(self, settings)?.steps.get_mut(at)
    }
}

fn is_on(work: &LessonWork, lesson: &Lesson) -> bool {
    work.lesson == lesson.id
        && work.lesson_hash == lesson.hash
        && work.steps.len() == lesson.steps.len()
        && work.at < lesson.steps.len()
}

/// The work on the current lesson.
fn work<'a>(state: &LessonState, settings: &'a mut Settings) -> Option<&'a mut LessonWork> {
    let lesson = state.current.as_ref()?;
    settings.lessons.iter_mut().find(|work| is_on(work, lesson))
}

/// Applies what the user does. Whether it may be done now was checked before.
pub(super) fn update(
    state: &mut LessonState,
    action: LessonAction,
    train: &TrainState,
    world: &mut World<'_>,
) -> Vec<Effect> {
    match action {
        LessonAction::ShowList(shown) => {
            state.shows_list = shown;
            if shown {
                return vec![state.pending.ask(world.ids, Question::Lessons, ())];
            }
        }
        LessonAction::Open(source) => {
            let (id, effect) = world.ids.ask(Question::Lesson(source));
            state.opening = Some(id);
            return vec![effect];
        }
        LessonAction::Turn(to) => {
            if let Some(work) = work(state, world.settings) {
                work.at = to.min(work.steps.len().saturating_sub(1));
            }
        }
        LessonAction::Answer(answer) => {
            if let Some(lesson) = &state.current
                && let Some(work) = work(state, world.settings)
                && let Some(question) = &lesson.steps[work.at].question
            {
                work.answer(work.at, question, answer);
            }
        }
        LessonAction::SetGuess(guess) => {
            if let Some(step) = work(state, world.settings).and_then(|work| work.steps.get_mut(work.at)) {
                step.guess = guess;
            }
        }
        LessonAction::Do => return start(state, train, world),
        LessonAction::SetStudent(name) => {
            if let Some(work) = work(state, world.settings) {
                work.student = name;
            }
        }
        LessonAction::Save(to) => {
            if let Some((lesson, work)) = state.with_work(world.settings) {
                let (lesson, work) = (Arc::clone(lesson), Box::new(work.clone()));
                return vec![state.pending.ask(world.ids, Question::SaveLessonWork { lesson, work, to }, ())];
            }
        }
        LessonAction::Leave if !world.is_running => {
            state.current = None;
            return state.own.take().map(|own| Effect::Do(Intent::Configure(Box::new(own)))).into_iter().collect();
        }
        LessonAction::Leave => {}
    }
    Vec::new()
}

/// Starts the step's run or race with the lesson's settings.
fn start(state: &mut LessonState, train: &TrainState, world: &mut World<'_>) -> Vec<Effect> {
    let Some((lesson, work)) = state.with_work(world.settings) else { return Vec::new() };
    let (lesson, at) = (Arc::clone(lesson), work.at);
    let task = &lesson.steps[at];
    // What stands there when Start is pressed is the guess.
    let asks = task.run.as_ref().is_some_and(|run| run.guess);
    let guess = asks.then(|| work.steps[at].guess.unwrap_or(FIRST_GUESS));
    let (Some(tree), Some(_), false) = (train.model.ready(), train.dataset.ready(), world.is_running) else {
        return Vec::new();
    };
    let own = state.own.clone().unwrap_or_default();
    if let Some(run) = &task.run {
        let config = Box::new(RunConfig { guess, ..lesson.run_config(&own, run) });
        // What is refused is a result as well.
        if let Err(problem) = config.freeze.unfreezing(tree).and_then(|plan| plan.check()) {
            if let Some(step) = state.step(at, world.settings) {
                step.refused = Some(problem);
            }
            return Vec::new();
        }
        let id = world.ids.next_run();
        begin(state, id, at, guess, world.settings);
        return vec![
            Effect::Do(Intent::Adopt(config.clone())),
            Effect::open(Panel::Freeze),
            Effect::show(View::Live),
            Effect::Do(Intent::BeginRun(id, config.clone())),
            Effect::Tell(Command::Run(RunCommand::Start(id, config))),
        ];
    }
    if let Some(race) = &task.race {
        let id = world.ids.next_run();
        begin(state, id, at, None, world.settings);
        let plan: Box<RacePlan> = Box::new(lesson.race_plan(&own, race));
        return vec![Effect::show(View::Live), Effect::Do(Intent::StartRace(id, plan))];
    }
    Vec::new()
}

fn begin(state: &mut LessonState, id: RunId, at: usize, guess: Option<Guess>, settings: &mut Settings) {
    state.running = Some((id, at));
    if let Some(step) = state.step(at, settings) {
        *step = StepWork { guess, ..StepWork::default() };
    }
}

/// Folds in what the worker tells of lessons, and of a step's run or race.
pub(super) fn reduce(
    state: &mut LessonState,
    event: &Event,
    train: &TrainState,
    is_pulling: bool,
    world: &mut World<'_>,
) -> Vec<Effect> {
    match event {
        Event::Answer(id, answer) if state.opening == Some(*id) => {
            state.opening = None;
            match answer {
                Ok(Answer::Lesson(lesson)) => return state.open_with_model(lesson, train, is_pulling, world),
                Ok(_) => {}
                Err(problem) => return vec![Effect::error(problem.clone())],
            }
        }
        Event::Answer(id, answer) if state.pending.take(*id).is_some() => match answer {
            Ok(Answer::Lessons(lessons)) => state.listed.clone_from(lessons),
            Ok(Answer::LessonWorkSaved(file)) => state.saved = Some(file.clone()),
            Ok(_) => {}
            Err(problem) => return vec![Effect::error(problem.clone())],
        },
        Event::Run(id, events) => record_run(state, *id, events, world.settings),
        Event::Race(id, event) => record_race(state, *id, event, world.settings),
        _ => {}
    }
    Vec::new()
}

/// Keeps what came of the step's run.
fn record_run(state: &mut LessonState, id: RunId, events: &[RunEvent], settings: &mut Settings) {
    let Some(step) = state.running.filter(|(own, _)| *own == id).and_then(|(_, at)| state.step(at, settings)) else {
        return;
    };
    for event in events {
        match event {
            RunEvent::TestEvaluated(test) => step.accuracy = Some(test.accuracy),
            RunEvent::RunEnded(ended) => {
                step.train_secs = Some(ended.train_secs).filter(|_| ended.outcome == RunOutcome::Completed);
                step.run_dirs.extend(ended.run_dir.clone());
                step.refused = ended.error.clone().filter(|_| ended.outcome == RunOutcome::Failed);
                state.running = None;
            }
            _ => {}
        }
    }
}

/// Keeps what came of the step's race.
fn record_race(state: &mut LessonState, id: RunId, event: &RaceEvent, settings: &mut Settings) {
    let Some(step) = state.running.filter(|(own, _)| *own == id).and_then(|(_, at)| state.step(at, settings)) else {
        return;
    };
    match event {
        RaceEvent::RaceRow(row) => {
            step.run_dirs.extend(row.run_dir.clone());
            step.race_rows.push(row.clone());
        }
        RaceEvent::RaceEnded(ended) => {
            step.race_means.clone_from(&ended.means);
            step.refused = ended.error.clone().filter(|_| ended.outcome == RunOutcome::Failed);
            state.running = None;
        }
        RaceEvent::RaceStarted(_) | RaceEvent::RaceRunStarted(_) => {}
    }
}
