//! A race as the window knows it: what is chosen for the next one, and the runs of the one under way or of the last.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::domain::config::RunConfig;
use crate::domain::freeze::Freeze;
use crate::domain::history::History;
use crate::domain::message::{Command, EventKind, PlanPurpose, RunEnded, RunId, RunOutcome};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::race::{RaceEnded, RaceMean, RacePlan, RaceRow, RaceRunStarted, RaceStarted, Strategy};
use crate::domain::race_statistics;
use crate::domain::race_time::{RaceFacts, race_secs, rows_that_fit};

use super::curves::Curves;
use super::replay;
use super::run_list;
use super::state::{AppState, RunPhase, RunView};

/// What the next race will run.
#[derive(Clone, Debug, PartialEq)]
pub struct RaceSetup {
    pub strategies: Vec<Strategy>,
    /// So many seeds, from the training seed upwards.
    pub seeds: usize,
    /// `None`: as Training says.
    pub epochs: Option<usize>,
    /// One for all; `None` gives each strategy the one suggested for it.
    pub learning_rate: Option<f64>,
    /// `None`: as long as it takes.
    pub minutes: Option<f64>,
    /// Steps of a ladder, `race::ALL_ROWS` for all rows; empty for a race.
    pub rows_per_class: Vec<usize>,
}

impl Default for RaceSetup {
    fn default() -> Self {
        let presets = [Freeze::Preset1, Freeze::Preset2, Freeze::Preset3, Freeze::Full];
        Self {
            strategies: presets.map(named).to_vec(),
            seeds: 1,
            epochs: None,
            learning_rate: None,
            minutes: None,
            rows_per_class: Vec::new(),
        }
    }
}

/// A strategy under its own name.
pub fn named(freeze: Freeze) -> Strategy {
    Strategy { name: freeze.name(), freeze }
}

impl RaceSetup {
    pub fn has(&self, name: &str) -> bool {
        self.strategies.iter().any(|strategy| strategy.name == name)
    }
}

/// One run of a race.
#[derive(Clone, Debug)]
pub struct RaceRun {
    pub started: RaceRunStarted,
    pub config: RunConfig,
    pub history: History,
    /// `None` while the run is under way, because its curves change with every step.
    pub curves: Option<Curves>,
    pub row: Option<RaceRow>,
}

impl RaceRun {
    /// Its curves as far as they go.
    pub fn curves(&self) -> Cow<'_, Curves> {
        self.curves.as_ref().map_or_else(|| Cow::Owned(Curves::so_far(&self.history)), Cow::Borrowed)
    }

    /// How it ended without a row: `Stopped` when it was skipped.
    pub fn ended_without_row(&self) -> Option<&RunEnded> {
        self.history.ended.as_ref().filter(|_| self.row.is_none())
    }
}

/// The race under way, or the last one.
#[derive(Clone, Debug)]
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
    fn new(id: RunId, plan: RacePlan) -> Self {
        let (means, undecided) = (Vec::new(), Vec::new());
        Self { id, plan, started: None, runs: Vec::new(), means, undecided, is_stopping: false, ended: None }
    }

    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// The run under way.
    pub fn current(&self) -> Option<&RaceRun> {
        self.runs.last().filter(|run| self.is_running() && run.history.ended.is_none())
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
}

impl RaceState {
    pub fn is_running(&self) -> bool {
        self.race.as_ref().is_some_and(Race::is_running)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum RaceAction {
    /// Takes a strategy in, or out when one of its name is there.
    Toggle(Strategy),
    /// Show the native dialog for a plan file; the shell answers with `AddPlan`, and `DialogClosed`.
    AskForPlan,
    /// A plan file takes part as well.
    AddPlan(PathBuf),
    SetSeeds(usize),
    SetEpochs(Option<usize>),
    SetLearningRate(Option<f64>),
    SetMinutes(Option<f64>),
    SetLadder(Vec<usize>),
    Start,
    /// Ends the run under way and goes on with the next.
    Skip,
    /// Ends the race; what was learned and measured is kept.
    Stop,
    /// Goes on with the unfinished race in this folder.
    Resume(PathBuf),
}

pub fn update(state: &mut AppState, action: RaceAction) -> Option<Command> {
    let setup = &mut state.race.setup;
    match action {
        RaceAction::Toggle(strategy) if setup.has(&strategy.name) => {
            setup.strategies.retain(|other| other.name != strategy.name);
        }
        RaceAction::Toggle(strategy) => setup.strategies.push(strategy),
        RaceAction::AskForPlan => state.dialog_open = true,
        RaceAction::AddPlan(path) => return Some(Command::OpenPlan { path, purpose: PlanPurpose::Race }),
        RaceAction::SetSeeds(seeds) => setup.seeds = seeds.max(1),
        RaceAction::SetEpochs(epochs) => setup.epochs = epochs,
        RaceAction::SetLearningRate(rate) => setup.learning_rate = rate,
        RaceAction::SetMinutes(minutes) => setup.minutes = minutes,
        RaceAction::SetLadder(rows) => setup.rows_per_class = rows,
        RaceAction::Start if blocker(state).is_none() => {
            let plan = plan(state);
            let run_id = begin(state, plan.clone());
            return Some(Command::StartRace { run_id, plan: Box::new(plan) });
        }
        RaceAction::Resume(dir) if !state.is_running() => {
            replay::end(state);
            state.notices.retain(|notice| notice.offer.is_none());
            let run_id = begin(state, RacePlan::default());
            return Some(Command::ResumeRace { run_id, dir });
        }
        RaceAction::Skip if state.race.is_running() => return Some(Command::Skip),
        RaceAction::Stop => return stop(state),
        RaceAction::Start | RaceAction::Resume(_) | RaceAction::Skip => {}
    }
    None
}

/// A plan takes part under its file's name; one of that name gives way to it.
pub(super) fn enter(state: &mut AppState, path: &Path, freeze: Freeze) {
    let stem = path.file_stem().map_or_else(|| freeze.name(), |stem| stem.to_string_lossy().into_owned());
    // A name that stands for a preset is that preset's.
    let name = if Freeze::parse_name(&stem).is_some() { format!("{stem}.json") } else { stem };
    let setup = &mut state.race.setup;
    setup.strategies.retain(|other| other.name != name);
    setup.strategies.push(Strategy { name, freeze });
}

/// Stops the race under way, if there is one.
pub(super) fn stop(state: &mut AppState) -> Option<Command> {
    let race = state.race.race.as_mut().filter(|race| race.is_running())?;
    race.is_stopping = true;
    state.run.phase = RunPhase::Stopping;
    Some(Command::Stop)
}

pub(super) fn begin(state: &mut AppState, plan: RacePlan) -> RunId {
    let id = run_list::next_run(state, RunPhase::Running, plan.config.clone());
    // The worker lets go of the model at hand, so that each run's memory is its own.
    state.trained_run_dir = None;
    state.race.race = Some(Race::new(id, plan));
    id
}

/// What Start would race.
pub fn plan(state: &AppState) -> RacePlan {
    let setup = &state.race.setup;
    let mut config = state.config.clone();
    config.training.epochs = setup.epochs.unwrap_or(config.training.epochs);
    let first = config.training.seed;
    RacePlan {
        config,
        strategies: setup.strategies.clone(),
        seeds: (0..setup.seeds as u64).map(|n| first.wrapping_add(n)).collect(),
        learning_rate: setup.learning_rate,
        rows_per_class: setup.rows_per_class.clone(),
        minutes: setup.minutes,
    }
}

/// Why Start cannot be pressed.
pub fn blocker(state: &AppState) -> Option<Problem> {
    if state.lesson.current.is_some() {
        return Some(Problem::new("train-blocked-lesson"));
    }
    // Of the window's own freezing nothing is asked here.
    let problem = state.train_blocker().filter(|problem| problem.id.starts_with("train-blocked"));
    problem.or_else(|| plan(state).check().err()).or_else(|| trainable(state)?.err())
}

/// What each strategy trains; `None` before a model is there.
fn trainable(state: &AppState) -> Option<Outcome<Vec<Vec<bool>>>> {
    let tree = state.model.ready()?;
    let of = |strategy: &Strategy| {
        let plan = strategy.freeze.unfreezing(tree)?;
        plan.check().map(|()| plan.ever())
    };
    Some(state.race.setup.strategies.iter().map(of).collect())
}

/// Seconds that Start would take, and the row limit that its minutes lead to; `None` before the machine was timed.
pub fn estimate(state: &AppState) -> Option<Outcome<(f64, Option<usize>)>> {
    let (calibration, data) = (state.calibration.as_ref()?, state.dataset.ready()?);
    let trainable = trainable(state)?.ok()?;
    let plan = plan(state);
    let facts = RaceFacts {
        calibration,
        tree: state.model.ready()?,
        trainable: &trainable,
        rows: data.rows,
        classes: data.labels.len(),
    };
    let fitted = rows_that_fit(&plan, facts).map(|fitted| {
        let rows = fitted.or(plan.config.data.max_rows).unwrap_or(data.rows).min(data.rows);
        (race_secs(&plan, facts, rows), fitted)
    });
    Some(fitted)
}

/// Folds in an event of the race itself.
pub(super) fn reduce(state: &mut AppState, kind: EventKind) -> Vec<Command> {
    let Some(race) = &mut state.race.race else { return Vec::new() };
    match kind {
        EventKind::Progress { stage, done, total } => state.run.progress = Some((stage, done, total)),
        EventKind::RaceStarted(started) => {
            race.plan = started.plan.as_ref().clone();
            race.started = Some(started);
        }
        EventKind::RaceRunStarted(started) => begin_run(state, started),
        EventKind::RaceRow(row) => race.take_row(row),
        EventKind::RaceEnded(ended) => {
            (state.run.phase, state.run.progress) = (RunPhase::Ended, None);
            let is_error = ended.outcome == RunOutcome::Failed;
            let error = ended.error.clone();
            (race.means, race.undecided) = (ended.means.clone(), ended.undecided.clone());
            race.ended = Some(ended);
            if let Some(problem) = error {
                state.notify(problem, is_error);
            }
            return vec![run_list::refresh(state)];
        }
        _ => {}
    }
    Vec::new()
}

/// The race's next run is the one that Live shows.
fn begin_run(state: &mut AppState, started: RaceRunStarted) {
    let Some(race) = &mut state.race.race else { return };
    let planned = race.plan.runs().get(started.index).copied();
    let config = planned.map(|run| race.plan.config_of(&run)).unwrap_or_default();
    let phase = if race.is_stopping { RunPhase::Stopping } else { RunPhase::Running };
    state.run = RunView { id: started.run_id, phase, config: config.clone(), ..RunView::default() };
    race.runs.push(RaceRun { started, config, history: History::default(), curves: None, row: None });
}

/// Takes in what a run of the race tells.
pub(super) fn record(state: &mut AppState, id: RunId, kind: &EventKind) {
    if let Some(race) = &mut state.race.race
        && let Some(run) = race.runs.iter_mut().find(|run| run.started.run_id == id)
    {
        run.history.record(kind);
        run.curves = run.history.ended.is_some().then(|| Curves::of(&run.history));
    }
}
