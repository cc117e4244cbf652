//! A race as the window knows it: what is chosen for the next one, and the runs of the one under way or of the last.

pub mod progress;
mod setup;
mod stored;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::freeze::Freeze;
use crate::domain::history::History;
use crate::domain::message::{
    Answer, AskId, Event, Question, RaceEvent, RunCommand, RunEvent, RunId, RunNotice, RunOutcome,
};
use crate::domain::race::{RaceEnded, RaceMean, RacePlan, RaceRow, RaceRunStarted, RaceStarted, Strategy};
use crate::domain::race_statistics;
use crate::domain::smoothing::Smoothing;

use super::effect::Intent;
use super::run::curves::Curves;
use super::run::{RunPhase, ScreenState};
use super::shell::Shell;
use super::train::TrainState;

pub use setup::{RaceSetup, named};

/// One run of a race.
#[derive(Clone, Debug)]
pub struct RaceRun {
    pub started: RaceRunStarted,
    pub history: History,
    /// `None` while the run is under way, because its curves change with every step.
    pub curves: Option<Curves>,
    pub row: Option<RaceRow>,
}

impl RaceRun {
    /// Its curves as far as they go.
    pub fn curves(&self) -> Cow<'_, Curves> {
        self.curves.as_ref().map_or_else(|| Cow::Owned(Curves::of(&self.history)), Cow::Borrowed)
    }

    fn record(&mut self, events: &[RunEvent]) {
        events.iter().for_each(|event| self.history.record(event));
        self.draw();
    }

    fn draw(&mut self) {
        self.curves = self.history.ended.is_some().then(|| Curves::of(&self.history));
    }
}

/// The race under way, or the last one.
#[derive(Clone, Debug, Default)]
pub struct Race {
    pub id: RunId,
    pub plan: RacePlan,
    /// `None` while data and model are read and the machine is timed.
    pub started: Option<RaceStarted>,
    /// Those that have begun, in order.
    pub runs: Vec<RaceRun>,
    /// What is known of each strategy so far.
    pub means: Vec<RaceMean>,
    /// Pairs of `means` that the tests so far do not tell apart.
    pub undecided: Vec<(usize, usize)>,
    /// Whether Stop was pressed.
    pub is_stopping: bool,
    pub ended: Option<RaceEnded>,
}

impl Race {
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// The run under way.
    pub fn current(&self) -> Option<&RaceRun> {
        self.runs.last().filter(|run| self.is_running() && run.history.ended.is_none())
    }

    /// The folder of one finished run of each strategy, all with one seed and one number of rows, by how much they train.
    pub fn one_of_each(&self) -> Vec<(String, PathBuf)> {
        let mut rows = self.rows();
        let Some(first) = rows.first().map(|row| (row.seed, row.rows_per_class)) else { return Vec::new() };
        rows.retain(|row| (row.seed, row.rows_per_class) == first);
        rows.sort_by_key(|row| row.trainable);
        rows.into_iter().filter_map(|row| Some((row.freeze, row.run_dir?))).collect()
    }

    /// The folders of all finished runs.
    pub fn dirs(&self) -> Vec<PathBuf> {
        self.rows().into_iter().filter_map(|row| row.run_dir).collect()
    }

    pub fn rows(&self) -> Vec<RaceRow> {
        self.runs.iter().filter_map(|run| run.row.clone()).collect()
    }

    /// Takes in the row of a run that has ended, and sums up anew.
    fn take_row(&mut self, row: RaceRow) {
        let is_of = |run: &&mut RaceRun| {
            let run = &run.started;
            (&run.freeze, run.seed, run.rows_per_class) == (&row.freeze, row.seed, row.rows_per_class)
        };
        if let Some(run) = self.runs.iter_mut().find(is_of) {
            run.row = Some(row);
        }
        let rows = self.rows();
        self.means = race_statistics::strategy_means(&self.plan, &rows);
        self.undecided = race_statistics::undecided_pairs(&self.means, &rows);
    }
}

#[derive(Clone, Debug, Default)]
pub struct RaceState {
    pub setup: RaceSetup,
    pub race: Option<Race>,
    /// The race of the disk that is being read.
    opening: Option<AskId>,
    /// Plan files that are to take part.
    plans: BTreeMap<AskId, PathBuf>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RaceAction {
    /// Takes a strategy in, or out when one of its name is there.
    Toggle(Strategy),
    /// A plan file takes part as well.
    AddPlan(PathBuf),
    SetSeeds(usize),
    SetEpochs(Option<usize>),
    SetLearningRate(Option<f64>),
    SetMinutes(Option<f64>),
    SetLadder(Vec<usize>),
    Start,
    /// Ends the run under way, and the next one begins.
    Skip,
    /// Ends the race; what was learned and measured is kept.
    Stop,
    /// Resumes the unfinished race in this folder.
    Resume(PathBuf),
    /// Shows the race in this folder as it ended.
    Open(PathBuf),
}

impl RaceState {
    /// Draws all curves as smooth as this.
    pub(super) fn smooth(&mut self, smoothing: Smoothing) {
        for run in self.race.iter_mut().flat_map(|race| &mut race.runs) {
            if run.history.smooth(smoothing) {
                run.draw();
            }
        }
    }

    pub fn is_running(&self) -> bool {
        self.race.as_ref().is_some_and(Race::is_running)
    }

    /// A plan takes part under its file's name; one of that name gives way to it.
    fn enter(&mut self, path: &Path, freeze: Freeze) {
        let stem = path.file_stem().map_or_else(|| freeze.name(), |stem| stem.to_string_lossy().into_owned());
        // A name that stands for a preset is that preset's.
        let name = if Freeze::parse_name(&stem).is_some() { format!("{stem}.json") } else { stem };
        self.setup.strategies.retain(|other| other.name != name);
        self.setup.strategies.push(Strategy { name, freeze });
    }

    /// Starts a race under a new name.
    pub(super) fn start(&mut self, id: RunId, plan: Box<RacePlan>, run: &mut ScreenState, shell: &mut Shell) {
        self.make_room(id, &plan, run);
        shell.tell_run(RunCommand::StartRace(id, plan));
    }

    fn make_room(&mut self, id: RunId, plan: &RacePlan, run: &mut ScreenState) {
        run.begin_race(id, plan.config.clone());
        self.race = Some(Race { id, plan: plan.clone(), ..Race::default() });
    }

    fn runs_named(&mut self, id: RunId) -> impl Iterator<Item = &mut RaceRun> {
        self.race.iter_mut().flat_map(|race| &mut race.runs).filter(move |run| run.started.run_id == id)
    }
}

/// Applies what the user does. Whether it may be done now was checked before.
pub(super) fn update(
    state: &mut RaceState,
    action: RaceAction,
    train: &TrainState,
    run: &mut ScreenState,
    shell: &mut Shell,
) {
    let setup = &mut state.setup;
    match action {
        RaceAction::Toggle(strategy) if setup.has(&strategy.name) => {
            setup.strategies.retain(|other| other.name != strategy.name);
        }
        RaceAction::Toggle(strategy) => setup.strategies.push(strategy),
        RaceAction::AddPlan(path) => {
            state.plans.insert(shell.ask(Question::Plan(path.clone())), path);
        }
        RaceAction::SetSeeds(seeds) => setup.seeds = seeds.max(1),
        RaceAction::SetEpochs(epochs) => setup.epochs = epochs,
        RaceAction::SetLearningRate(rate) => setup.learning_rate = rate,
        RaceAction::SetMinutes(minutes) => setup.minutes = minutes,
        RaceAction::SetLadder(rows) => setup.rows_per_class = rows,
        RaceAction::Start => {
            let plan = Box::new(state.plan(train));
            state.start(shell.next_run(), plan, run, shell);
        }
        RaceAction::Resume(dir) => {
            let id = shell.next_run();
            shell.withdraw_offers();
            state.make_room(id, &RacePlan::default(), run);
            shell.tell_run(RunCommand::ResumeRace(id, dir));
        }
        RaceAction::Open(dir) => state.opening = Some(shell.ask(Question::Race(dir))),
        RaceAction::Skip if state.is_running() => shell.tell_run(RunCommand::Skip),
        RaceAction::Stop => {
            if let Some(race) = state.race.as_mut().filter(|race| race.is_running()) {
                race.is_stopping = true;
                run.shown.phase = RunPhase::Stopping;
                shell.tell_run(RunCommand::Stop);
            }
        }
        RaceAction::Skip => {}
    }
}

/// Folds in what the worker tells of the race and of its runs.
pub(super) fn reduce(state: &mut RaceState, event: &Event, run: &mut ScreenState, shell: &mut Shell) {
    let race = |id: &RunId| state.race.as_ref().is_some_and(|race| race.id == *id);
    match event {
        Event::Race(id, event) if race(id) => take(state, event, run, shell),
        Event::OfRun(id, RunNotice::Progress(progress)) if race(id) => run.shown.progress = Some(*progress),
        Event::Run(id, events) => state.runs_named(*id).for_each(|run| run.record(events)),
        Event::OfRun(id, notice) => state.runs_named(*id).for_each(|run| run.history.note(notice)),
        Event::Answer(id, answer) if state.opening == Some(*id) => {
            state.opening = None;
            // A run or a race that has begun meanwhile has the screen.
            if let Some(Answer::Race(stored)) = shell.answered(answer)
                && !shell.is_running
            {
                state.race = Some(Race::of(stored, shell.next_run()));
                shell.want(Intent::ShowRace);
            }
        }
        Event::Answer(id, answer) => {
            if let Some(path) = state.plans.remove(id)
                && let Some(Answer::Plan(freeze)) = shell.answered(answer)
            {
                state.enter(&path, freeze.as_ref().clone());
            }
        }
        _ => {}
    }
}

fn take(state: &mut RaceState, event: &RaceEvent, run: &mut ScreenState, shell: &mut Shell) {
    // Stragglers of a race that is over change nothing.
    let Some(race) = state.race.as_mut().filter(|race| race.is_running()) else { return };
    match event {
        RaceEvent::RaceStarted(started) => {
            race.plan = started.plan.as_ref().clone();
            race.started = Some(started.clone());
        }
        RaceEvent::RaceRunStarted(started) => {
            let planned = race.plan.runs().get(started.index).copied();
            let config = planned.map(|run| race.plan.config_of(&run)).unwrap_or_default();
            let phase = if race.is_stopping { RunPhase::Stopping } else { RunPhase::Running };
            run.next(started.run_id, phase, config);
            let (started, history) = (started.clone(), History::default());
            race.runs.push(RaceRun { started, history, curves: None, row: None });
        }
        RaceEvent::RaceRow(row) => race.take_row(row.clone()),
        RaceEvent::RaceEnded(ended) => {
            (race.means, race.undecided) = (ended.means.clone(), ended.undecided.clone());
            race.ended = Some(ended.clone());
            run.show_ended();
            shell.want(Intent::ListRuns);
            if let Some(problem) = &ended.error {
                shell.notify(problem.clone(), ended.outcome == RunOutcome::Failed);
            }
        }
    }
}
