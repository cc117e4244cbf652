//! All that the window knows, without any drawing.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::config::{DataConfig, DeviceKind, ModelSource, RunConfig};
use crate::domain::dataset::{DatasetSummary, SplitCounts, TokenLengths};
use crate::domain::estimate::{self, Calibration, Estimate};
use crate::domain::freeze::check_trainable;
use crate::domain::history::History;
use crate::domain::memory::{MemoryNeed, TextSizes, memory_need};
use crate::domain::message::{Prediction, RunId, Stage};
use crate::domain::meter::{Cache, CacheRoom, Meter};
use crate::domain::metrics::Confusion;
use crate::domain::params::{ParamTree, ParameterView};
use crate::domain::problem::Problem;
use crate::domain::reference::Reference;

use super::action::Action;
use super::coach::CoachState;
use super::compare::CompareState;
use super::hub::HubState;
use super::layers::LayersState;
use super::lesson::LessonState;
use super::race::RaceState;
use super::rate_sweep::RateState;
use super::replay::Replay;
use super::run_list::RunList;
use super::settings::Settings;
use super::timeline::TimelineState;

/// Something asked of the worker.
#[derive(Clone, Debug, Default)]
pub enum Loading<T> {
    #[default]
    Nothing,
    /// Under way; what was there before goes on being shown.
    Waiting(Option<T>),
    Ready(T),
    /// The view that asked for it shows why.
    Failed(Problem),
}

impl<T> Loading<T> {
    /// The value, when nothing newer is on its way.
    pub fn ready(&self) -> Option<&T> {
        if let Self::Ready(value) = self { Some(value) } else { None }
    }

    /// The newest value there is, be a newer one on its way or not.
    pub fn latest(&self) -> Option<&T> {
        match self {
            Self::Ready(value) | Self::Waiting(Some(value)) => Some(value),
            _ => None,
        }
    }

    pub fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting(_))
    }

    pub fn failed(&self) -> Option<&Problem> {
        if let Self::Failed(problem) = self { Some(problem) } else { None }
    }

    /// Notes that a newer value was asked for.
    pub fn wait(&mut self) {
        *self = Self::Waiting(match std::mem::take(self) {
            Self::Ready(value) | Self::Waiting(Some(value)) => Some(value),
            _ => None,
        });
    }
}

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
    /// The stage a long-running part of the run is in, with what is done of what.
    pub progress: Option<(Stage, usize, usize)>,
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

    /// Seconds to the last step, going on as until now.
    pub fn remaining_secs(&self) -> Option<f64> {
        let (started, last) = (self.history.started.as_ref()?, self.history.steps.last()?);
        let left = started.total_steps.saturating_sub(last.step) as f64;
        Some(last.elapsed_secs / last.step as f64 * left)
    }
}

/// The panels of the left side; one is open at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Panel {
    Data,
    Model,
    #[default]
    Freeze,
    Training,
}

/// The views of the right side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum View {
    #[default]
    Live,
    Results,
    Try,
    Runs,
    Compare,
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

/// A message in the window until it is dismissed.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub problem: Problem,
    pub is_error: bool,
    /// What can be done about it with one click.
    pub offer: Option<Action>,
}

/// What a calibration depends on: when it changes, the machine is timed anew.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationKey {
    data: DataConfig,
    model: ModelSource,
    max_length: usize,
    threads: Option<usize>,
    device: DeviceKind,
}

#[derive(Clone, Debug, Default)]
pub struct AppState {
    /// Kept between sessions: language, theme, recent files, the last choices.
    pub settings: Settings,
    /// What Train would start.
    pub config: RunConfig,
    /// When it `Failed`, the data panel opens and shows why.
    pub dataset: Loading<Arc<DatasetSummary>>,
    pub token_lengths: Option<Arc<TokenLengths>>,
    /// When it `Failed`, the model panel opens and shows why.
    pub model: Loading<Arc<ParamTree>>,
    /// How far reading data, tokenising or reading a model has come outside a run: stage, done, total.
    pub loading_progress: Option<(Stage, usize, usize)>,
    /// `config.freeze` on the loaded model, parallel to the parameters of `model.latest()`; of a timeline, the stage that
    /// is shown.
    pub trainable: Vec<bool>,
    pub timeline: TimelineState,
    pub hub: HubState,
    pub calibration: Option<Calibration>,
    pub coach: CoachState,
    /// What simpler methods reach on the data at hand, as soon as that is known.
    pub reference: Option<(DataConfig, Reference)>,
    /// What the last calibration that was asked for is about.
    pub calibration_key: Option<CalibrationKey>,
    /// The parameter whose values are open.
    pub opened_parameter: Option<(String, Loading<ParameterView>)>,
    pub run: RunView,
    pub panel: Panel,
    pub view: View,
    pub side_chart: SideChart,
    pub layers: LayersState,
    /// Whether confusion matrices show every cell's numbers, scrolling when they must, instead of fitting in.
    pub matrix_zoomed: bool,
    /// Text in the tree's filter box.
    pub filter: String,
    /// Groups of the tree that are unfolded, by their path (`encoder.layer.5`).
    pub unfolded: BTreeSet<String>,
    /// The sentence being typed in Try, and what the model said of the last one sent.
    pub sentence: String,
    pub prediction: Loading<Vec<Prediction>>,
    /// Whether the test of the last run was asked for afterwards and is under way.
    pub evaluating: bool,
    pub notices: Vec<Notice>,
    /// Whether a native dialog is open; only one is at a time.
    pub dialog_open: bool,
    pub next_run: u64,
    /// The chosen time budget for "make it fit", minutes.
    pub budget_minutes: u32,
    /// The folder of the run that is shown, once it has a model.
    pub last_run_dir: Option<PathBuf>,
    /// The folder of the run whose model the worker has at hand.
    pub trained_run_dir: Option<PathBuf>,
    pub run_list: RunList,
    pub replay: Option<Replay>,
    pub compare: CompareState,
    pub lesson: LessonState,
    pub race: RaceState,
    pub rate: RateState,
}

/// Runs longer than this are offered a smaller size.
pub const LONG_RUN_SECS: f64 = 600.0;

/// Minutes that "make it fit" aims at unless chosen otherwise.
const DEFAULT_BUDGET_MINUTES: u32 = 5;

impl AppState {
    /// The window as the last session left it; nothing has been read yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            config: settings.config.clone(),
            budget_minutes: settings.budget_minutes.unwrap_or(DEFAULT_BUDGET_MINUTES),
            settings,
            // Layers frozen and not are what the window is about: they are seen at once.
            unfolded: BTreeSet::from(["encoder".to_owned()]),
            ..Self::default()
        }
    }

    /// Whether a run or a race is under way, paused and stopping included.
    pub fn is_running(&self) -> bool {
        matches!(self.run.phase, RunPhase::Running | RunPhase::Paused | RunPhase::Stopping) || self.race.is_running()
    }

    /// Whether Train can be pressed.
    pub fn can_train(&self) -> bool {
        self.train_blocker().is_none()
    }

    /// Why Train cannot be pressed.
    pub fn train_blocker(&self) -> Option<Problem> {
        if self.is_running() {
            return Some(Problem::new("train-blocked-running"));
        }
        if self.rate.is_sweeping() {
            return Some(Problem::new("train-blocked-sweeping"));
        }
        if self.replay.is_some() {
            return Some(Problem::new("train-blocked-replay"));
        }
        if self.lesson_locks_training() {
            return Some(Problem::new("train-blocked-lesson"));
        }
        let waiting =
            |id, failed: Option<&Problem>, failed_id| Problem::new(if failed.is_some() { failed_id } else { id });
        if self.dataset.ready().is_none() {
            return Some(waiting("train-blocked-data-loading", self.dataset.failed(), "train-blocked-data-failed"));
        }
        if self.model.ready().is_none() {
            return Some(waiting("train-blocked-model-loading", self.model.failed(), "train-blocked-model-failed"));
        }
        let trains = self.timeline.plan.as_ref().map_or_else(|| check_trainable(&self.trainable), |plan| plan.check());
        trains.and_then(|()| self.config.check()).err()
    }

    /// Numbers that train, and that are frozen; `None` before a model is there.
    pub fn totals(&self) -> Option<(usize, usize)> {
        self.model.latest().map(|tree| tree.totals(&self.trainable))
    }

    /// How long the run that Train would start will take; `None` before the machine was timed.
    pub fn estimate(&self) -> Option<Estimate> {
        self.estimate_with(&self.dataset.ready()?.split, None)
    }

    /// The estimate for other rows, and for texts of other mean length (in tokens).
    pub fn estimate_with(&self, split: &SplitCounts, tokens_per_row: Option<f64>) -> Option<Estimate> {
        let mut calibration = self.calibration?;
        if let Some(tokens) = tokens_per_row {
            calibration.tokens_per_row = tokens;
        }
        let tree = self.model.ready()?;
        let training = &self.config.training;
        let is_cached = |trainable: &[bool]| {
            let room = CacheRoom::of(&calibration, tree, trainable, split, training);
            matches!(Meter::of(tree, trainable, training, Some(room)).cache, Cache::Kept { .. })
        };
        Some(match &self.timeline.plan {
            Some(plan) => estimate::estimate_stages(&calibration, tree, plan, split, training, &is_cached),
            None => {
                let cached = is_cached(&self.trainable);
                estimate::estimate(&calibration, tree, &self.trainable, split, training, cached)
            }
        })
    }

    /// The memory that the run which Train would start takes; `None` before its texts are counted.
    pub fn memory_need(&self) -> Option<MemoryNeed> {
        let (tree, texts) = (self.model.ready()?, self.text_sizes()?);
        let plan = self.timeline.plan.as_ref();
        let fullest = plan.map(|plan| plan.fullest(tree, texts, self.config.training.epochs));
        Some(memory_need(tree, fullest.unwrap_or(&self.trainable), texts))
    }

    /// The texts as far as memory depends on them; `None` before they are counted.
    pub fn text_sizes(&self) -> Option<TextSizes> {
        let lengths = self.token_lengths.as_ref()?;
        let rows = lengths.done.max(1);
        // The longest texts stand for the fullest batch.
        let mut left = self.config.training.batch_size;
        let longest = lengths.counts.iter().enumerate().rev().map(|(tokens, rows)| {
            let taken = left.min(*rows);
            left -= taken;
            taken * tokens
        });
        let tokens: usize = lengths.counts.iter().enumerate().map(|(tokens, rows)| tokens * rows).sum();
        let train_rows = self.dataset.ready()?.split.totals().0;
        Some(TextSizes {
            batch_tokens: longest.sum(),
            longest: lengths.counts.iter().rposition(|rows| *rows > 0).unwrap_or(0),
            train_tokens: tokens * train_rows / rows,
        })
    }

    /// What a calibration asked for now would be about.
    pub fn wanted_calibration(&self) -> CalibrationKey {
        let split_aside =
            DataConfig { split: Default::default(), max_rows: None, rows_per_class: None, ..self.config.data.clone() };
        CalibrationKey {
            data: split_aside,
            model: self.config.model.clone(),
            max_length: self.config.training.max_length,
            threads: self.config.training.threads,
            device: self.config.training.device,
        }
    }

    /// What the next session should find. Data or a model that could not be read is not chosen again.
    pub fn settings_to_save(&self) -> Settings {
        let mut config = self.config.clone();
        if let Some(own) = &self.lesson.own {
            return Settings {
                config: own.clone(),
                budget_minutes: Some(self.budget_minutes),
                ..self.settings.clone()
            };
        }
        if self.dataset.failed().is_some() {
            config.data = DataConfig { split: config.data.split, ..DataConfig::default() };
        }
        if self.model.failed().is_some() {
            config.model = ModelSource::default();
        }
        Settings { config, budget_minutes: Some(self.budget_minutes), ..self.settings.clone() }
    }

    /// Shows a message until it is dismissed; one that is already shown is not repeated.
    pub fn notify(&mut self, problem: Problem, is_error: bool) {
        let notice = Notice { problem, is_error, offer: None };
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}
