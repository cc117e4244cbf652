//! The run on the screen: one under way, the last one, or one of the disk that is shown again; with all that is seen of it.

pub mod classes;
pub mod coach;
pub mod curves;
pub mod layers;
pub mod replay;
pub mod results;

use std::path::PathBuf;

use crate::domain::config::{ClassifierSource, RunConfig};
use crate::domain::history::History;
use crate::domain::message::{
    Answer, AskId, Event, Prediction, Progress, Question, RowTexts, RunCommand, RunEnded, RunEvent, RunId, RunNotice,
    RunOutcome, WithinStep,
};
use crate::domain::stored::StoredRun;

use super::effect::{Effect, Intent};
use super::loading::Loading;
use super::shell::{Shell, View};
use classes::{ClassesAction, ClassesState};
use coach::{CoachAction, CoachState};
use layers::{LayersAction, LayersState};
use replay::{Replay, ReplayAction};
use results::{ResultsAction, ResultsState};

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunPhase {
    /// No run yet in this session.
    #[default]
    Idle,
    Running,
    Paused,
    /// Stop was pressed; the worker is ending the run and saving.
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
    /// How far the step under way has come, if it takes long.
    pub within_step: Option<WithinStep>,
}

impl RunView {
    /// Optimiser steps in each epoch; 0 before the run has started.
    pub fn steps_per_epoch(&self) -> usize {
        if let Some(trainer) = &self.history.trainer {
            return trainer.steps_per_epoch;
        }
        let total = self.history.started.as_ref().map_or(0, |s| s.total_steps);
        total / self.config.training.epochs.max(1)
    }

    /// Training rows per second over the last steps.
    pub fn rows_per_sec(&self) -> Option<f64> {
        let recent = self.history.steps.recent();
        let (first, last) = (recent.front()?, recent.back()?);
        let secs = last.spent_secs() - first.spent_secs();
        (secs > 0.0).then(|| (last.step - first.step) as f64 * self.config.training.rows_per_step() as f64 / secs)
    }

    /// Seconds to the last step, if the run goes on as until now.
    pub fn remaining_secs(&self) -> Option<f64> {
        let (started, last) = (self.history.started.as_ref()?, self.history.steps.last()?);
        let left = started.total_steps.saturating_sub(last.step) as f64;
        Some(last.spent_secs() / last.step as f64 * left)
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
    pub classes: ClassesState,
    pub results: ResultsState,
    /// The sentence being typed in Try, and what the model said of the last one sent.
    pub sentence: String,
    /// The second text, where the model reads two.
    pub second_sentence: String,
    pub prediction: Loading<Vec<Prediction>>,
    /// The step of the run under way that said so while it was paused; `None` for a run that has ended.
    pub asked_at: Option<usize>,
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
    SetSecondSentence(String),
    Predict,
    ShowSideChart(SideChart),
    /// The heat map of the layers.
    Layers(LayersAction),
    ZoomMatrix(bool),
    /// The classes of the test.
    Classes(ClassesAction),
    /// The pages of Results.
    Results(ResultsAction),
    Coach(CoachAction),
    Replay(ReplayAction),
    /// Show the run's folder in the system's file manager.
    OpenFolder,
}

impl ScreenState {
    /// Shows no run any more.
    pub(super) fn forget(&mut self) {
        *self = Self { trained_dir: self.trained_dir.take(), ..Self::default() };
    }

    /// Whether a run is under way, paused and stopping included.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.shown.phase, RunPhase::Running | RunPhase::Paused | RunPhase::Stopping)
    }

    /// Returns true if the model of the run on the screen classifies pairs of texts.
    pub fn reads_pairs(&self) -> bool {
        self.shown.config.data.reading.second_text_column.is_some()
    }

    /// Returns what is written in Try, where it is whole.
    pub fn texts_written(&self) -> Option<RowTexts> {
        let text = self.sentence.trim().to_owned();
        let second = self.reads_pairs().then(|| self.second_sentence.trim().to_owned());
        let is_whole = !text.is_empty() && !second.as_ref().is_some_and(String::is_empty);
        is_whole.then_some(RowTexts { text, second })
    }

    /// The same where the run on the screen has a model.
    pub(super) fn texts_to_ask(&self) -> Option<RowTexts> {
        self.texts_written().filter(|_| self.last_dir.is_some())
    }

    /// The last step of the run under way, while it is paused and its model can be asked.
    pub fn paused_step(&self) -> Option<usize> {
        let step = self.shown.history.steps.last().map(|step| step.step);
        step.filter(|_| self.shown.phase == RunPhase::Paused)
    }

    /// The model of the run on the screen; `None` for the one that the worker has at hand, which needs no reading.
    pub(super) fn model_to_ask(&self) -> Option<ClassifierSource> {
        self.last_dir.clone().filter(|dir| self.trained_dir.as_ref() != Some(dir)).map(Into::into)
    }

    /// Whether the test that was asked for is under way.
    pub fn is_evaluating(&self) -> bool {
        self.evaluation.is_some()
    }

    /// Makes room for a training that begins.
    pub(super) fn begin(&mut self, id: RunId, config: RunConfig) {
        self.end_replay();
        self.next(id, RunPhase::Running, config);
    }

    /// Makes room for a race that begins. The worker lets go of the model at hand, so that each run's memory is its own.
    pub(super) fn begin_race(&mut self, id: RunId, config: RunConfig) {
        self.begin(id, config);
        self.trained_dir = None;
    }

    /// Nothing is under way any more, whatever the screen still shows.
    pub(super) fn show_ended(&mut self) {
        (self.shown.phase, self.shown.progress, self.shown.within_step) = (RunPhase::Ended, None, None);
    }

    /// Shows a run of the disk as it ended.
    pub(super) fn show_stored(&mut self, run: &StoredRun, shell: &mut Shell) {
        self.end_replay();
        self.next(shell.next_run(), RunPhase::Ended, run.config.clone());
        self.shown.history = run.history_at(f64::INFINITY);
        self.coach.look(&self.shown);
        self.last_dir = Some(run.dir.clone());
        shell.view = if self.shown.history.test.is_some() { View::Results } else { View::Live };
    }

    /// Shows another run. What was asked about the former one is waited for no longer.
    pub(super) fn next(&mut self, id: RunId, phase: RunPhase, config: RunConfig) {
        self.shown = RunView { id, phase, config, ..RunView::default() };
        self.prediction = Loading::Nothing;
        self.evaluation = None;
        self.coach.clear();
        self.classes.forget();
        self.results.forget();
    }

    fn end(&mut self, ended: &RunEnded, shell: &mut Shell) {
        self.show_ended();
        if self.asked_at.take().is_some() {
            // The weights that are kept may be those of another step.
            self.prediction = Loading::Nothing;
        }
        let has_failed = ended.outcome == RunOutcome::Failed;
        if !has_failed && ended.run_dir.is_some() {
            self.last_dir.clone_from(&ended.run_dir);
            self.trained_dir.clone_from(&ended.run_dir);
            shell.want(Intent::ShowTrainedValues);
        }
        if let Some(problem) = &ended.error {
            shell.notify(problem.clone(), has_failed);
        }
        shell.want(Intent::ListRuns);
    }

    fn record(&mut self, event: &RunEvent, shell: &mut Shell) {
        self.shown.history.record(event);
        if coach::is_occasion(event) {
            self.coach.look(&self.shown);
        }
        match event {
            RunEvent::Step(step) => {
                self.shown.progress = None;
                let has_next = self.shown.history.started.as_ref().is_some_and(|run| step.step < run.total_steps);
                let was_long = self.shown.within_step.is_some_and(|within| within.share > 0.0);
                // The next step will take as long, so that what shows its progress stays where it is.
                let next = WithinStep { step: step.step + 1, share: 0.0, loss: None };
                self.shown.within_step = (has_next && was_long).then_some(next);
            }
            // The work before the first step is over, and its name would stand beside the steps.
            RunEvent::RunStarted(_) => self.shown.progress = None,
            RunEvent::RunEnded(ended) => self.end(ended, shell),
            _ => {}
        }
    }

    fn note(&mut self, notice: &RunNotice, shell: &mut Shell) {
        self.shown.history.note(notice);
        match notice {
            RunNotice::Planned(config) => self.shown.config = config.as_ref().clone(),
            RunNotice::Progress(progress) => self.shown.progress = Some(*progress),
            RunNotice::WithinStep(within) => (self.shown.progress, self.shown.within_step) = (None, Some(*within)),
            RunNotice::Paused(true) if self.shown.phase == RunPhase::Running => self.shown.phase = RunPhase::Paused,
            RunNotice::Paused(false) if self.shown.phase == RunPhase::Paused => {
                // An answer from the pause is no longer what the model answers, because it is trained further.
                (self.shown.phase, self.prediction) = (RunPhase::Running, Loading::Nothing);
            }
            RunNotice::Warning(problem) => shell.notify(problem.clone(), false),
            _ => {}
        }
    }
}

/// Applies what the user does. Whether it may be done now was checked before.
pub(super) fn update(state: &mut ScreenState, action: RunAction, shell: &mut Shell) {
    match action {
        RunAction::Pause if state.shown.phase == RunPhase::Running => shell.tell_run(RunCommand::SetPaused(true)),
        RunAction::Resume if state.shown.phase == RunPhase::Paused => shell.tell_run(RunCommand::SetPaused(false)),
        RunAction::Stop if matches!(state.shown.phase, RunPhase::Running | RunPhase::Paused) => {
            state.shown.phase = RunPhase::Stopping;
            shell.tell_run(RunCommand::Stop);
        }
        RunAction::Pause | RunAction::Resume | RunAction::Stop => {}
        RunAction::Evaluate => {
            if let Some(run_dir) = state.last_dir.clone().filter(|_| !shell.is_running && !state.is_evaluating()) {
                state.evaluation = Some(shell.ask(Question::Evaluation { model: run_dir.into(), data: None }));
            }
        }
        RunAction::SetSentence(sentence) => state.sentence = sentence,
        RunAction::SetSecondSentence(sentence) => state.second_sentence = sentence,
        RunAction::Predict => predict(state, shell),
        RunAction::ShowSideChart(chart) => state.side_chart = chart,
        RunAction::Layers(action) => layers::update(&mut state.layers, action),
        RunAction::ZoomMatrix(zoomed) => state.matrix_zoomed = zoomed,
        RunAction::Classes(action) => {
            state.matrix_zoomed |= matches!(action, ClassesAction::OpenCell { .. });
            state.classes.update(action);
        }
        RunAction::Results(action) => results::update(state, action, shell),
        RunAction::Coach(action) => coach::update(state, action, shell),
        RunAction::Replay(action) => replay::update(state, action, shell),
        RunAction::OpenFolder => shell.effects.extend(state.last_dir.clone().map(Effect::OpenFolder)),
    }
}

fn predict(state: &mut ScreenState, shell: &mut Shell) {
    state.asked_at = state.paused_step();
    if let (Some(_), Some(texts)) = (state.asked_at, state.texts_written()) {
        state.prediction.wait(shell.ask(Question::PausedPredictions(vec![texts])));
        return;
    }
    let Some(texts) = state.texts_to_ask().filter(|_| !shell.is_running && !state.prediction.is_waiting()) else {
        return;
    };
    let (texts, model) = (vec![texts], state.model_to_ask());
    state.prediction.wait(shell.ask(Question::Predictions { texts, model }));
}

/// Folds in what the worker tells of the run that is shown; what it tells of another one changes nothing here.
pub(super) fn reduce(state: &mut ScreenState, event: &Event, shell: &mut Shell) {
    results::reduce(state, event, shell);
    match event {
        Event::Run(id, events) if *id == state.shown.id => {
            events.iter().for_each(|event| state.record(event, shell));
        }
        Event::OfRun(id, notice) if *id == state.shown.id => state.note(notice, shell),
        Event::Answer(id, answer) if state.prediction.waits_for(id) => match answer {
            Ok(Answer::Predictions(predictions)) => state.prediction = Loading::Ready(predictions.clone()),
            Ok(_) => {}
            Err(problem) => state.prediction = Loading::Failed(problem.clone()),
        },
        Event::Answer(id, answer) if state.evaluation == Some(*id) => {
            state.evaluation = None;
            if let Some(Answer::Evaluation { test, .. }) = shell.answered(answer) {
                state.shown.history.test = Some(test.clone());
            }
        }
        _ => {}
    }
}
