//! The run on the screen: one under way, the last one, or one of the disk that is shown again; with all that is seen of it.

pub mod coach;
pub mod curves;
pub mod layers;
pub mod replay;

use std::path::PathBuf;

use crate::domain::config::RunConfig;
use crate::domain::history::History;
use crate::domain::message::{
    Answer, AskId, Command, Event, Prediction, Progress, Question, RunCommand, RunEnded, RunEvent, RunId, RunNotice,
    RunOutcome,
};
use crate::domain::metrics::Confusion;
use crate::domain::stored::StoredRun;

use super::effect::{Effect, Intent, View, World};
use super::loading::Loading;
use coach::{CoachAction, CoachState};
use layers::{LayersAction, LayersState};
use replay::{Replay, ReplayAction};

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunPhase {
    /// No run yet in this session.
    #[default]
    Idle,
    Running,
    Paused,
    /// Stop was pressed; the worker is finishing its batch and saving.
    Stopping,
    Ended,
    /// A stored run is being shown again; nothing trains.
    Replaying,
}

/// The current run, or the last one.
#[derive(Clone, Debug, Default)]
pub struct RunView {
    pub id: RunId,
    pub phase: RunPhase,
    /// What it was started with; the panels may have moved on since.
    pub config: RunConfig,
    pub history: History,
    /// How far a long part of the run has come.
    pub progress: Option<Progress>,
}

impl RunView {
    /// Optimiser steps in each epoch; 0 before the run has started.
    pub fn steps_per_epoch(&self) -> usize {
        let total = self.history.started.as_ref().map_or(0, |s| s.total_steps);
        total / self.config.training.epochs.max(1)
    }

    /// The newest validation matrix with the step it belongs to, and whether it is of the whole validation part.
    pub fn newest_confusion(&self) -> Option<(usize, &Confusion, bool)> {
        let per_epoch = self.steps_per_epoch();
        let whole = self.history.epochs.last().map(|e| (e.epoch * per_epoch, &e.validation_confusion, true));
        let sample = self.history.live.last().map(|l| (l.step, &l.confusion, false));
        match (whole, sample) {
            (Some(w), Some(s)) => Some(if w.0 >= s.0 { w } else { s }),
            (w, s) => w.or(s),
        }
    }

    /// Training rows per second over the last steps.
    pub fn rows_per_sec(&self) -> Option<f64> {
        let steps = &self.history.steps;
        let last = steps.last()?;
        let first = &steps[steps.len().saturating_sub(30)];
        let secs = last.elapsed_secs - first.elapsed_secs;
        (secs > 0.0).then(|| (last.step - first.step) as f64 * self.config.training.rows_per_step() as f64 / secs)
    }

    /// Seconds to the last step, if the run goes on as until now.
    pub fn remaining_secs(&self) -> Option<f64> {
        let (started, last) = (self.history.started.as_ref()?, self.history.steps.last()?);
        let left = started.total_steps.saturating_sub(last.step) as f64;
        Some(last.elapsed_secs / last.step as f64 * left)
    }
}

/// The chart beside the confusion matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SideChart {
    #[default]
    LearningRate,
    GradientNorm,
    /// Drift and gradient of every layer.
    Layers,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct ScreenState {
    pub shown: RunView,
    /// The folder of the run that is shown, once it has a model.
    pub last_dir: Option<PathBuf>,
    /// The folder of the run whose model the worker has at hand.
    pub trained_dir: Option<PathBuf>,
    pub replay: Option<Replay>,
    pub coach: CoachState,
    pub side_chart: SideChart,
    pub layers: LayersState,
    /// Whether confusion matrices show every cell's numbers, scrolling when they must, instead of fitting in.
    pub matrix_zoomed: bool,
    /// The sentence being typed in Try, and what the model said of the last one sent.
    pub sentence: String,
    pub prediction: Loading<Vec<Prediction>>,
    /// The test of the run that was asked for afterwards and is under way.
    evaluation: Option<AskId>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RunAction {
    Pause,
    Resume,
    Stop,
    /// Measure the shown run's model on its test rows, when the run ended without that.
    Evaluate,
    SetSentence(String),
    Predict,
    ShowSideChart(SideChart),
    /// The heat map of the layers.
    Layers(LayersAction),
    ZoomMatrix(bool),
    Coach(CoachAction),
    Replay(ReplayAction),
    /// Show the run's folder in the system's file manager.
    OpenFolder,
}

impl ScreenState {
    /// Whether a run is under way, paused and stopping included.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.shown.phase, RunPhase::Running | RunPhase::Paused | RunPhase::Stopping)
    }

    /// Whether the test that was asked for is under way.
    pub fn is_evaluating(&self) -> bool {
        self.evaluation.is_some()
    }

    /// Makes room for a training that begins.
    pub(super) fn begin(&mut self, id: RunId, config: RunConfig) {
        replay::end(self);
        self.next(id, RunPhase::Running, config);
    }

    /// Makes room for a race that begins. The worker lets go of the model at hand, so that each run's memory is its own.
    pub(super) fn begin_race(&mut self, id: RunId, config: RunConfig) {
        self.begin(id, config);
        self.trained_dir = None;
    }

    pub(super) fn show_race_run(&mut self, id: RunId, config: RunConfig, is_stopping: bool) {
        self.next(id, if is_stopping { RunPhase::Stopping } else { RunPhase::Running }, config);
    }

    pub(super) fn show_stopping(&mut self) {
        self.shown.phase = RunPhase::Stopping;
    }

    pub(super) fn show_ended(&mut self) {
        (self.shown.phase, self.shown.progress) = (RunPhase::Ended, None);
    }

    /// Shows a run of the disk as it ended.
    pub(super) fn show_stored(&mut self, run: &StoredRun, id: RunId) -> View {
        replay::end(self);
        self.next(id, RunPhase::Ended, run.config.clone());
        self.shown.history = run.history_at(f64::INFINITY);
        self.coach.look(&self.shown);
        self.last_dir = Some(run.dir.clone());
        if self.shown.history.test.is_some() { View::Results } else { View::Live }
    }

    /// The run's folder has gone, and its model with it.
    pub(super) fn forget(&mut self, dir: &PathBuf) {
        self.last_dir.take_if(|last| last == dir);
    }

    /// Shows another run. What was asked about the former one is waited for no longer.
    fn next(&mut self, id: RunId, phase: RunPhase, config: RunConfig) {
        self.shown = RunView { id, phase, config, ..RunView::default() };
        self.prediction = Loading::Nothing;
        self.evaluation = None;
        self.coach.advice.clear();
    }

    fn end(&mut self, ended: &RunEnded) -> Vec<Effect> {
        self.show_ended();
        if ended.outcome != RunOutcome::Failed && ended.run_dir.is_some() {
            self.last_dir.clone_from(&ended.run_dir);
            self.trained_dir.clone_from(&ended.run_dir);
        }
        let is_error = ended.outcome == RunOutcome::Failed;
        let told = ended.error.clone().map(|problem| Effect::notify(problem, is_error));
        told.into_iter().chain([Effect::Do(Intent::ListRuns), Effect::Do(Intent::ReadParameterAgain)]).collect()
    }

    fn record(&mut self, event: &RunEvent) -> Vec<Effect> {
        self.shown.history.record(event);
        if coach::is_occasion(event) {
            self.coach.look(&self.shown);
        }
        match event {
            RunEvent::Step(_) => self.shown.progress = None,
            RunEvent::RunEnded(ended) => return self.end(ended),
            _ => {}
        }
        Vec::new()
    }

    fn note(&mut self, notice: &RunNotice) -> Vec<Effect> {
        self.shown.history.note(notice);
        match notice {
            RunNotice::Planned(config) => self.shown.config = config.as_ref().clone(),
            RunNotice::Progress(progress) => self.shown.progress = Some(*progress),
            RunNotice::Paused(true) if self.shown.phase == RunPhase::Running => self.shown.phase = RunPhase::Paused,
            RunNotice::Paused(false) if self.shown.phase == RunPhase::Paused => self.shown.phase = RunPhase::Running,
            RunNotice::Warning(problem) => return vec![Effect::notify(problem.clone(), false)],
            _ => {}
        }
        Vec::new()
    }
}

/// Applies what the user does. Whether it may be done now was checked before.
pub(super) fn update(state: &mut ScreenState, action: RunAction, world: &mut World<'_>) -> Vec<Effect> {
    let command = |command| vec![Effect::Tell(Command::Run(command))];
    match action {
        RunAction::Pause if state.shown.phase == RunPhase::Running => return command(RunCommand::SetPaused(true)),
        RunAction::Resume if state.shown.phase == RunPhase::Paused => return command(RunCommand::SetPaused(false)),
        RunAction::Stop if matches!(state.shown.phase, RunPhase::Running | RunPhase::Paused) => {
            state.show_stopping();
            return command(RunCommand::Stop);
        }
        RunAction::Pause | RunAction::Resume | RunAction::Stop => {}
        RunAction::Evaluate => return evaluate(state, world).into_iter().collect(),
        RunAction::SetSentence(sentence) => state.sentence = sentence,
        RunAction::Predict => return predict(state, world).into_iter().collect(),
        RunAction::ShowSideChart(chart) => state.side_chart = chart,
        RunAction::Layers(action) => layers::update(&mut state.layers, action),
        RunAction::ZoomMatrix(zoomed) => state.matrix_zoomed = zoomed,
        RunAction::Coach(action) => return coach::update(state, action),
        RunAction::Replay(action) => return replay::update(state, action),
        RunAction::OpenFolder => return state.last_dir.clone().map(Effect::OpenFolder).into_iter().collect(),
    }
    Vec::new()
}

fn evaluate(state: &mut ScreenState, world: &mut World<'_>) -> Option<Effect> {
    let run_dir = state.last_dir.clone()?;
    if world.is_running || state.is_evaluating() {
        return None;
    }
    let (id, effect) = world.ids.ask(Question::Evaluation { run_dir, data: None });
    state.evaluation = Some(id);
    Some(effect)
}

fn predict(state: &mut ScreenState, world: &mut World<'_>) -> Option<Effect> {
    let sentence = state.sentence.trim();
    if sentence.is_empty() || world.is_running || state.last_dir.is_none() || state.prediction.is_waiting() {
        return None;
    }
    let texts = vec![sentence.to_owned()];
    // The model at hand needs no reading.
    let run_dir = state.last_dir.clone().filter(|dir| state.trained_dir.as_ref() != Some(dir));
    Some(state.prediction.ask(world.ids, Question::Predictions { texts, run_dir }))
}

/// Folds in what the worker tells of the run that is shown; what it tells of another one changes nothing here.
pub(super) fn reduce(state: &mut ScreenState, event: &Event) -> Vec<Effect> {
    match event {
        Event::Run(id, events) if *id == state.shown.id => {
            return events.iter().flat_map(|event| state.record(event)).collect();
        }
        Event::OfRun(id, notice) if *id == state.shown.id => return state.note(notice),
        Event::Answer(id, answer) if state.prediction.waits_for(id) => match answer {
            Ok(Answer::Predictions(predictions)) => state.prediction = Loading::Ready(predictions.clone()),
            Ok(_) => {}
            Err(problem) => state.prediction = Loading::Failed(problem.clone()),
        },
        Event::Answer(id, answer) if state.evaluation == Some(*id) => {
            state.evaluation = None;
            match answer {
                Ok(Answer::Evaluation { test, .. }) => state.shown.history.test = Some(test.clone()),
                Ok(_) => {}
                Err(problem) => return vec![Effect::error(problem.clone())],
            }
        }
        _ => {}
    }
    Vec::new()
}
