//! All that the window knows, without any drawing: the features' states, and what they share.

use std::sync::Arc;

use crate::domain::lesson::{Lesson, LessonWork};
use crate::domain::problem::Problem;

use super::answered::AnsweredState;
use super::code::CodeState;
use super::compare::CompareState;
use super::doctor::DoctorState;
use super::examine::ExamineState;
use super::explore::ExploreState;
use super::files::FilesState;
use super::first_steps;
use super::guide::GuideState;
use super::hub::HubState;
use super::lessons::LessonState;
use super::other_tests::OtherTestsState;
use super::palette::PaletteState;
use super::race::RaceState;
use super::reports::ReportsState;
use super::run::ScreenState;
use super::runs::RunsState;
use super::sentences::SentencesState;
use super::settings::Settings;
use super::text_map::TextMapState;
use super::train::TrainState;
use super::why::WhyState;

pub use super::loading::Loading;
pub use super::shell::{Panel, Shell, View};

#[derive(Clone, Debug, Default)]
pub struct AppState {
    /// What Train would start.
    pub train: TrainState,
    /// The Python of it.
    pub code: CodeState,
    /// The run on the screen.
    pub run: ScreenState,
    /// The runs on disk.
    pub runs: RunsState,
    pub explore: ExploreState,
    pub compare: CompareState,
    /// Runs on another file than their own data.
    pub other_tests: OtherTestsState,
    pub race: RaceState,
    pub reports: ReportsState,
    pub lessons: LessonState,
    pub hub: HubState,
    pub palette: PaletteState,
    pub files: FilesState,
    pub guide: GuideState,
    pub doctor: DoctorState,
    /// Why the run on the screen predicts what it does for the sentence in Try.
    pub why: WhyState,
    /// The sentences that Try keeps, with their answers.
    pub sentences: SentencesState,
    /// A file whose rows the model of the run on the screen answers.
    pub answered: AnsweredState,
    pub examine: ExamineState,
    pub text_map: TextMapState,
    pub(super) first_steps: first_steps::Seen,
    pub shell: Shell,
}

impl AppState {
    /// The window as the last session left it; nothing has been read yet.
    pub fn new(settings: Settings) -> Self {
        let train = TrainState::new(&settings);
        Self { train, shell: Shell { settings, ..Shell::default() }, ..Self::default() }
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
        let blocked = [
            (self.is_running(), "train-blocked-running"),
            (self.train.rate.is_sweeping(), "train-blocked-sweeping"),
            (self.run.replay.is_some(), "train-blocked-replay"),
            (self.lessons.locks_training(), "train-blocked-lesson"),
        ];
        let blocked = blocked.into_iter().find(|(is_so, _)| *is_so);
        blocked.map(|(_, id)| Problem::new(id)).or_else(|| self.train.blocker())
    }

    /// Why a race cannot be started.
    pub fn race_blocker(&self) -> Option<Problem> {
        if self.lessons.current.is_some() {
            return Some(Problem::new("train-blocked-lesson"));
        }
        // A race brings its own freezings, so the window's freezing may be anything.
        let problem = self.train_blocker().filter(|problem| problem.id.starts_with("train-blocked"));
        problem.or_else(|| self.race.blocker(&self.train))
    }

    /// Whether there is a suggestion to train at, and the rate may be changed.
    pub fn can_use_rate(&self) -> bool {
        let rate = &self.train.rate;
        let has_suggestion = rate.suggestion().is_some() && !rate.is_stale(&self.train.config);
        has_suggestion && !self.is_running() && !self.lessons.locks(Panel::Training)
    }

    /// Whether there is a trained model to ask.
    pub fn can_predict(&self) -> bool {
        self.run.paused_step().is_some() || (self.run.last_dir.is_some() && !self.is_running())
    }

    /// Returns whether a run that is explored can be asked about a row: the run on the screen, or one that can be opened now.
    pub fn can_ask_row(&self) -> bool {
        let is_on_screen = self.run.last_dir.as_ref().is_some_and(|screen| self.explore.runs.contains(screen));
        if is_on_screen { self.can_predict() } else { !self.explore.runs.is_empty() && !self.is_running() }
    }

    /// The lesson being taken, with the work on it.
    pub fn lesson(&self) -> Option<(&Arc<Lesson>, &LessonWork)> {
        self.lessons.with_work(&self.shell.settings)
    }

    /// What the next session should find. A lesson's settings are not the user's own.
    pub fn settings_to_save(&self) -> Settings {
        let config = self.lessons.own.clone().unwrap_or_else(|| self.train.config_to_save());
        Settings { config, budget_minutes: Some(self.train.budget_minutes), ..self.shell.settings.clone() }
    }
}
