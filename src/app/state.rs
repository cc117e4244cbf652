//! All that the window knows, without any drawing: the features' states, and what they are about together.

use crate::domain::lesson::{Lesson, LessonWork};
use crate::domain::problem::Problem;
use std::sync::Arc;

use super::compare::CompareState;
use super::hub::HubState;
use super::lessons::LessonState;
use super::loading::{Ids, Pending};
use super::race::RaceState;
use super::run::ScreenState;
use super::runs::RunsState;
use super::settings::Settings;
use super::train::TrainState;

pub use super::effect::{Notice, Offer, Panel, View};
pub use super::loading::Loading;

#[derive(Clone, Debug, Default)]
pub struct AppState {
    /// Kept between sessions: language, theme, recent files, the last choices.
    pub settings: Settings,
    /// What Train would start.
    pub train: TrainState,
    /// The run on the screen.
    pub run: ScreenState,
    /// The runs on disk.
    pub runs: RunsState,
    pub compare: CompareState,
    pub race: RaceState,
    pub lessons: LessonState,
    pub hub: HubState,
    pub panel: Panel,
    pub view: View,
    pub notices: Vec<Notice>,
    /// Whether a native dialog is open; only one is at a time.
    pub dialog_open: bool,
    /// Files that the window has made and that are being written.
    pub saving: Pending,
    pub ids: Ids,
}

impl AppState {
    /// The window as the last session left it; nothing has been read yet.
    pub fn new(settings: Settings) -> Self {
        Self { train: TrainState::new(&settings), settings, ..Self::default() }
    }

    /// Whether a run or a race is under way, paused and stopping included.
    pub fn is_running(&self) -> bool {
        self.run.is_running() || self.race.is_running()
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
        if self.train.rate.is_sweeping() {
            return Some(Problem::new("train-blocked-sweeping"));
        }
        if self.run.replay.is_some() {
            return Some(Problem::new("train-blocked-replay"));
        }
        if self.lessons.locks_training() {
            return Some(Problem::new("train-blocked-lesson"));
        }
        self.train.blocker()
    }

    /// Why a race cannot be started.
    pub fn race_blocker(&self) -> Option<Problem> {
        if self.lessons.current.is_some() {
            return Some(Problem::new("train-blocked-lesson"));
        }
        // A race brings its own freezings, so that of the window may be anything.
        let problem = self.train_blocker().filter(|problem| problem.id.starts_with("train-blocked"));
        problem.or_else(|| self.race.blocker(&self.train))
    }

    /// Whether there is a suggestion to train at, and the rate may be changed.
    pub fn can_use_rate(&self) -> bool {
        !self.is_running() && !self.lesson_locks(Panel::Training) && self.train.has_suggestion()
    }

    /// Whether there is a trained model to ask.
    pub fn can_predict(&self) -> bool {
        self.run.last_dir.is_some() && !self.is_running()
    }

    /// The lesson being taken, with the work on it.
    pub fn lesson(&self) -> Option<(&Arc<Lesson>, &LessonWork)> {
        self.lessons.with_work(&self.settings)
    }

    /// Whether the lesson keeps this panel from being changed.
    pub fn lesson_locks(&self, panel: Panel) -> bool {
        self.lessons.locks(panel)
    }

    /// What the next session should find. A lesson's settings are not the user's own.
    pub fn settings_to_save(&self) -> Settings {
        let config = self.lessons.own.clone().unwrap_or_else(|| self.train.config_to_save());
        Settings { config, budget_minutes: Some(self.train.budget_minutes), ..self.settings.clone() }
    }

    /// Shows a message until it is dismissed; one that is already shown is not repeated.
    pub fn notify(&mut self, problem: Problem, is_error: bool) {
        self.add_notice(Notice { problem, is_error, offer: None });
    }

    pub(super) fn add_notice(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}
