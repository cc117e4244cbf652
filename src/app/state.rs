//! All that the window knows, without any drawing.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::config::RunConfig;
use crate::domain::dataset::{DatasetSummary, TokenLengths};
use crate::domain::estimate::Calibration;
use crate::domain::history::History;
use crate::domain::message::{CachedModel, Prediction, RunId, Stage};
use crate::domain::params::{ParamTree, ParameterView};
use crate::domain::problem::Problem;

use super::settings::Settings;

/// Something asked of the worker.
#[derive(Clone, Debug, Default)]
pub enum Loading<T> {
    #[default]
    Nothing,
    Waiting,
    Ready(T),
    Failed(Problem),
}

impl<T> Loading<T> {
    pub fn ready(&self) -> Option<&T> {
        if let Self::Ready(value) = self { Some(value) } else { None }
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
}

/// The current run, or the last one.
#[derive(Clone, Debug, Default)]
pub struct RunView {
    pub id: RunId,
    pub phase: RunPhase,
    pub config: RunConfig,
    pub history: History,
    /// The stage a long-running part of the run is in, with what is done of what.
    pub progress: Option<(Stage, usize, usize)>,
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
}

/// A message in the window until it is dismissed.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub problem: Problem,
    pub is_error: bool,
}

#[derive(Clone, Debug, Default)]
pub struct AppState {
    /// Kept between sessions: language, theme, recent files, the last choices.
    pub settings: Settings,
    /// What Train would start.
    pub config: RunConfig,
    pub dataset: Loading<Arc<DatasetSummary>>,
    pub token_lengths: Option<Arc<TokenLengths>>,
    pub model: Loading<Arc<ParamTree>>,
    /// `config.freeze` on the loaded model, parallel to its parameters.
    pub trainable: Vec<bool>,
    pub cached_models: Vec<CachedModel>,
    pub calibration: Option<Calibration>,
    /// The parameter whose values are open.
    pub opened_parameter: Option<(String, Loading<ParameterView>)>,
    pub run: RunView,
    pub panel: Panel,
    pub view: View,
    /// Text in the tree's filter box.
    pub filter: String,
    /// Groups of the tree that are unfolded, by their path (`encoder.layer.5`).
    pub unfolded: BTreeSet<String>,
    /// The sentence being typed in Try, and what the model said of the last one sent.
    pub sentence: String,
    pub prediction: Loading<Vec<Prediction>>,
    pub notices: Vec<Notice>,
    /// Files chosen by the dialog that is open, if one is.
    pub dialog_open: bool,
    pub next_run: u64,
    /// The chosen time budget for "make it fit", minutes.
    pub budget_minutes: u32,
    pub last_run_dir: Option<PathBuf>,
}

impl AppState {
    /// Whether a run is under way, paused and stopping included.
    pub fn is_running(&self) -> bool {
        matches!(self.run.phase, RunPhase::Running | RunPhase::Paused | RunPhase::Stopping)
    }

    /// Whether Train can be pressed.
    pub fn can_train(&self) -> bool {
        !self.is_running()
            && self.dataset.ready().is_some()
            && self.model.ready().is_some()
            && self.trainable.contains(&true)
            && self.config.check().is_ok()
    }
}
