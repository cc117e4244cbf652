//! A lesson in the window: its steps, what the student does in them, and the way back to the user's own settings.

mod departure;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::domain::config::{Guess, RunConfig};
use crate::domain::hub::{HubEvent, HubRequest, ModelId, PullOutcome};
use crate::domain::lesson::{Lesson, LessonWork, StepWork};
use crate::domain::message::{Answer, AskId, Event, Question, RaceEvent, RunCommand, RunEvent, RunId, RunOutcome};
use crate::domain::params::ValuesOf;
use crate::domain::problem::Problem;

use super::effect::Intent;
use super::hub::HubState;
use super::settings::Settings;
use super::shell::{Panel, Shell, View};
use super::train::TrainState;

pub use departure::Departure;
use departure::{carry_out, depart, take_saved};

/// The settings remember this many unfinished lessons.
const MOST_KEPT: usize = 32;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct LessonState {
    /// Whether the list of lessons is open.
    pub shows_list: bool,
    pub listed: Vec<Arc<Lesson>>,
    /// The student has folded the strip, so that only its titles and buttons are left.
    pub is_folded: bool,
    /// The lesson being taken.
    pub current: Option<Arc<Lesson>>,
    /// The user's own settings, to which leaving the lesson goes back.
    pub own: Option<RunConfig>,
    /// A lesson that begins once its model has come.
    pub awaited: Option<Arc<Lesson>>,
    /// The step whose run or race is under way.
    pub running: Option<(RunId, usize)>,
    pub saved: Option<PathBuf>,
    /// The student asked for this while some work was in no file. It waits for their consent, because the work would be lost.
    pub asks: Option<Departure>,
    /// Kept work of someone is hidden until the student says who they are, because the computer may be shared.
    pub asks_whose: bool,
    /// The work as it was when it was last written to a file, and the question that has it written.
    saving: Option<(AskId, LessonWork)>,
    /// When the step on the screen was turned to.
    shown_since: Option<Instant>,
    /// The lesson that was asked for last.
    opening: Option<AskId>,
    /// Lists being read.
    pending: BTreeSet<AskId>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LessonAction {
    ShowList(bool),
    /// Fold the strip with the step away, or show it again.
    Fold(bool),
    /// A lesson of the program by its id, or a lesson file.
    Open(PathBuf),
    /// Turn to a step, from 0.
    Turn(usize),
    /// Type or choose something that is not given as the answer yet.
    Draft(String),
    /// Give what was typed or chosen as the answer.
    Answer,
    SetGuess(Option<Guess>),
    /// Start the step's run or race.
    Do,
    SetStudent(String),
    SetStudentNumber(String),
    /// Write the student's work into a file to hand in.
    Save(PathBuf),
    /// Leave the lesson; asks first where work is in no file.
    Leave,
    /// Begin the lesson anew for someone else; asks first where work is in no file.
    NewStudent,
    /// Do what was asked about.
    DepartAnyway,
    /// Go on with the lesson, or with the work that is kept of it.
    Stay,
}

impl LessonState {
    /// The lesson being taken, with the work on it.
    pub(super) fn with_work<'a>(&'a self, settings: &'a Settings) -> Option<(&'a Arc<Lesson>, &'a LessonWork)> {
        let lesson = self.current.as_ref()?;
        let work = settings.lessons.iter().find(|work| is_on(work, lesson))?;
        Some((lesson, work))
    }

    /// Whether the strip shows no more than its titles and buttons. A question to the student is always shown.
    pub fn hides_step(&self) -> bool {
        self.is_folded && self.asks.is_none() && !self.asks_whose
    }

    /// Whether the lesson keeps this panel from being changed.
    pub fn locks(&self, panel: Panel) -> bool {
        self.current.as_ref().is_some_and(|lesson| !lesson.open.contains(&panel))
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
    pub(super) fn begin_awaited(&mut self, folder: &Path, train: &mut TrainState, shell: &mut Shell) {
        if let Some(lesson) = self.awaited.take() {
            let lesson = Lesson { model_folder: Some(folder.to_owned()), ..Arc::unwrap_or_clone(lesson) };
            self.open(Arc::new(lesson), train, shell);
        }
    }

    fn open(&mut self, lesson: Arc<Lesson>, train: &mut TrainState, shell: &mut Shell) {
        if shell.is_running {
            return;
        }
        let own = self.own.take().unwrap_or_else(|| train.config.clone());
        let kept = &mut shell.settings.lessons;
        // Work that nobody has begun makes room for work that somebody has.
        kept.retain(|work| is_on(work, &lesson) || work.is_begun());
        if !kept.iter().any(|work| is_on(work, &lesson)) {
            kept.insert(0, LessonWork::new(&lesson));
            kept.truncate(MOST_KEPT);
        }
        let is_begun = |work: &LessonWork| work.is_begun() || !work.student.trim().is_empty();
        let asks_whose = kept.iter().any(|work| is_on(work, &lesson) && is_begun(work));
        train.configure(lesson.config(&own), shell);
        let (current, shown_since) = (Some(lesson), Some(Instant::now()));
        *self = Self { current, own: Some(own), shown_since, asks_whose, ..Self::default() };
        (shell.panel, shell.view) = (Panel::Freeze, View::Live);
        shell.want(Intent::EndReplay);
    }

    /// Opens a lesson, or first has its model fetched.
    fn open_with_model(&mut self, lesson: Arc<Lesson>, train: &mut TrainState, hub: &mut HubState, shell: &mut Shell) {
        let Some(id) = lesson.lacks_model() else { return self.open(lesson, train, shell) };
        if hub.is_pulling() {
            return shell.notify(Problem::new("lesson-model-waits").with("id", id), true);
        }
        (self.awaited, self.shows_list) = (Some(lesson), false);
        shell.panel = Panel::Model;
        hub.fetch(HubRequest::Pull { id, refresh: false }, shell);
    }

    /// The work on the current lesson.
    fn work<'a>(&self, settings: &'a mut Settings) -> Option<&'a mut LessonWork> {
        let lesson = self.current.as_ref()?;
        settings.lessons.iter_mut().find(|work| is_on(work, lesson))
    }

    /// The work on the current lesson, to be changed. The file that was handed in then no longer holds all of it.
    fn change<'a>(&self, settings: &'a mut Settings) -> Option<&'a mut LessonWork> {
        let work = self.work(settings)?;
        work.is_handed_in = false;
        Some(work)
    }

    /// What the student has done in the step of this place, from 0, to be changed.
    fn step<'a>(&self, at: usize, settings: &'a mut Settings) -> Option<&'a mut StepWork> {
        self.change(settings)?.steps.get_mut(at)
    }

    /// Counts the seconds for which the shown step was on the screen, unless it is answered already.
    fn stop_clock(&mut self, settings: &mut Settings) {
        let Some(shown) = self.shown_since.replace(Instant::now()) else { return };
        if let Some(work) = self.work(settings)
            && let Some(step) = work.steps.get_mut(work.at).filter(|step| step.attempts == 0)
        {
            step.secs += shown.elapsed().as_secs_f64();
        }
    }

    /// The step whose run or race has this name.
    fn running_step<'a>(&self, id: RunId, settings: &'a mut Settings) -> Option<&'a mut StepWork> {
        let (_, at) = self.running.filter(|(own, _)| *own == id)?;
        self.step(at, settings)
    }
}

fn is_on(work: &LessonWork, lesson: &Lesson) -> bool {
    work.lesson == lesson.id
        && work.lesson_hash == lesson.hash
        && work.steps.len() == lesson.steps.len()
        && work.at < lesson.steps.len()
}

/// Applies what the user does. Whether it may be done now was checked before.
pub(super) fn update(state: &mut LessonState, action: LessonAction, train: &mut TrainState, shell: &mut Shell) {
    match action {
        LessonAction::ShowList(shown) => {
            state.shows_list = shown;
            if shown {
                state.pending.insert(shell.ask(Question::Lessons));
            }
        }
        LessonAction::Fold(is_folded) => state.is_folded = is_folded,
        LessonAction::Open(source) => depart(state, Departure::Open(source), train, shell),
        LessonAction::Leave => depart(state, Departure::Leave, train, shell),
        LessonAction::NewStudent => depart(state, Departure::NewStudent, train, shell),
        LessonAction::DepartAnyway => {
            if !shell.is_running
                && let Some(departure) = state.asks.take()
            {
                carry_out(state, departure, train, shell);
            }
        }
        LessonAction::Stay if state.asks.is_some() => state.asks = None,
        LessonAction::Stay => {
            state.asks_whose = false;
            state.shown_since = Some(Instant::now());
        }
        LessonAction::Turn(to) => {
            state.stop_clock(&mut shell.settings);
            if let Some(work) = state.work(&mut shell.settings) {
                work.at = to.min(work.steps.len().saturating_sub(1));
                // Before the first run of the lesson, the values are those of the model that it is about.
                if work.steps[..=work.at].iter().all(|step| step.run_dirs.is_empty()) {
                    train.show_values_of(ValuesOf::Model, shell);
                }
            }
        }
        LessonAction::Draft(draft) => {
            if let Some(work) = state.change(&mut shell.settings) {
                work.steps[work.at].draft = Some(draft);
            }
        }
        LessonAction::Answer => {
            state.stop_clock(&mut shell.settings);
            if let Some(lesson) = &state.current
                && let Some(work) = state.change(&mut shell.settings)
                && let Some(question) = &lesson.steps[work.at].question
                && let Some(draft) = work.steps[work.at].draft.clone()
            {
                work.answer(work.at, question, &draft);
            }
        }
        LessonAction::SetGuess(guess) => {
            if let Some(work) = state.change(&mut shell.settings) {
                work.steps[work.at].guess = guess;
            }
        }
        LessonAction::Do if !shell.is_running => start(state, train, shell),
        LessonAction::SetStudent(name) => {
            if let Some(work) = state.change(&mut shell.settings) {
                work.student = name;
            }
        }
        LessonAction::SetStudentNumber(number) => {
            if let Some(work) = state.change(&mut shell.settings) {
                work.student_number = number;
            }
        }
        LessonAction::Save(to) => {
            if let Some((lesson, work)) = state.with_work(&shell.settings) {
                let (lesson, work) = (Arc::clone(lesson), work.clone());
                let asked = Question::SaveLessonWork { lesson, work: Box::new(work.clone()), to };
                state.saving = Some((shell.ask(asked), work));
            }
        }
        LessonAction::Do => {}
    }
}

/// Starts the step's run or race with the lesson's settings.
fn start(state: &mut LessonState, train: &mut TrainState, shell: &mut Shell) {
    let Some((lesson, work)) = state.with_work(&shell.settings) else { return };
    let (lesson, at) = (Arc::clone(lesson), work.at);
    let task = &lesson.steps[at];
    // What stands there when Start is pressed is the guess; where nothing was touched, there is none.
    let asks = task.run.as_ref().is_some_and(|run| run.guess);
    let guess = work.steps[at].guess.filter(|_| asks).and_then(Guess::made);
    let (Some(tree), Some(_)) = (train.model.ready(), train.dataset.ready()) else { return };
    let own = state.own.clone().unwrap_or_default();
    if let Some(run) = &task.run {
        let config = RunConfig { guess, ..lesson.run_config(&own, run) };
        // What is refused is a result as well.
        if let Err(problem) = config.freeze.unfreezing(tree).and_then(|plan| plan.check()) {
            if let Some(step) = state.step(at, &mut shell.settings) {
                step.refused = Some(problem);
            }
            return;
        }
        let id = begin(state, at, guess, shell);
        train.adopt_config(config.clone(), shell);
        (shell.panel, shell.view) = (Panel::Freeze, View::Live);
        let config = Box::new(config);
        shell.want(Intent::BeginRun(id, config.clone()));
        shell.tell_run(RunCommand::Start(id, config));
    } else if let Some(race) = &task.race {
        let id = begin(state, at, None, shell);
        shell.view = View::Live;
        shell.want(Intent::StartRace(id, Box::new(lesson.race_plan(&own, race))));
    }
}

/// Names the run or race of the step, and forgets what came of a former one.
fn begin(state: &mut LessonState, at: usize, guess: Option<Guess>, shell: &mut Shell) -> RunId {
    let id = shell.next_run();
    state.running = Some((id, at));
    if let Some(step) = state.step(at, &mut shell.settings) {
        *step = StepWork { guess, ..StepWork::default() };
    }
    id
}

/// Folds in what the worker tells of lessons, and of a step's run or race.
pub(super) fn reduce(
    state: &mut LessonState,
    event: &Event,
    train: &mut TrainState,
    hub: &mut HubState,
    shell: &mut Shell,
) {
    match event {
        Event::Answer(id, answer) if state.opening == Some(*id) => {
            state.opening = None;
            if let Some(Answer::Lesson(lesson)) = shell.answered(answer) {
                state.open_with_model(Arc::clone(lesson), train, hub, shell);
            }
        }
        Event::Answer(id, answer) if state.pending.remove(id) => {
            if let Some(Answer::Lessons(lessons)) = shell.answered(answer) {
                state.listed.clone_from(lessons);
            }
        }
        Event::Answer(id, answer) if state.saving.as_ref().is_some_and(|(saving, _)| saving == id) => {
            let saved = state.saving.take();
            if let (Some((_, saved)), Some(Answer::LessonWorkSaved(file))) = (saved, shell.answered(answer)) {
                state.saved = Some(file.clone());
                take_saved(state, &saved, train, shell);
            }
        }
        Event::Run(id, events) => record_run(state, *id, events, &mut shell.settings),
        Event::Race(id, event) => record_race(state, *id, event, &mut shell.settings),
        Event::Hub(HubEvent::PullEnded { outcome: PullOutcome::Cancelled, .. }) => state.awaited = None,
        _ => {}
    }
}

/// Keeps what came of the step's run.
fn record_run(state: &mut LessonState, id: RunId, events: &[RunEvent], settings: &mut Settings) {
    let Some(step) = state.running_step(id, settings) else { return };
    for event in events {
        match event {
            RunEvent::TestEvaluated(test) => step.accuracy = Some(test.accuracy),
            RunEvent::RunEnded(ended) => {
                step.shared_secs = ended.shared_secs;
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
    let Some(step) = state.running_step(id, settings) else { return };
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
