//! What the window remembers between sessions: one small JSON file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::config::{DataSource, ModelSource, RunConfig};
use crate::domain::lesson::{Grades, LessonWork};
use crate::domain::message::RowTexts;
use crate::domain::problem::{Outcome, Problem};

use super::files::Place;
use super::first_steps::FirstStep;
use super::plots::PlotSettings;
use super::sentences;

pub use crate::words::Language;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// How many recent files and models are kept.
const RECENT: usize = 8;
/// How many runs keep their colour.
pub const MOST_PINS: usize = 28;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `None` follows the system's language.
    pub language: Option<Language>,
    pub theme: Theme,
    /// Newest first, at most 8.
    pub recent_files: Vec<PathBuf>,
    pub recent_models: Vec<PathBuf>,
    /// Where files and folders of each kind were last chosen.
    pub folders: BTreeMap<Place, PathBuf>,
    /// Runs that lie outside the runs folder and were opened; listed with the others while they are there.
    pub runs_elsewhere: Vec<PathBuf>,
    /// What Train would have started when the window was closed.
    pub config: RunConfig,
    /// Minutes that "make it fit" aims at.
    pub budget_minutes: Option<u32>,
    /// Large type, thick lines and strong contrast.
    pub projector: bool,
    /// The left side is folded away, which leaves the whole window to the view.
    pub left_folded: bool,
    /// The colour and dashes that runs keep in comparisons, by folder; the newest last, at most `MOST_PINS`.
    pub pins: Vec<(PathBuf, usize)>,
    /// How plots are drawn.
    pub plots: PlotSettings,
    /// Work on lessons, so that nothing typed is lost; the newest first.
    pub lessons: Vec<LessonWork>,
    /// The sentences that Try keeps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sentences: Vec<RowTexts>,
    /// Points that were given for students' answers in words.
    pub grades: Grades,
    /// The step of the first minute that is pointed at. `None` when they are over or skipped, as for everything that opens
    /// the window without a settings file; see `read`.
    pub first_step: Option<FirstStep>,
    /// How large the window was last.
    pub window: Option<WindowSize>,
    /// The user's own zoom; `None` follows the display.
    pub zoom: Option<f32>,
}

/// The size of a window in points without zoom.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowSize {
    pub width: f32,
    pub height: f32,
    /// Whether it fills the screen; it goes back to its size from there.
    pub is_maximised: bool,
}

impl WindowSize {
    pub const fn of(width: f32, height: f32) -> Self {
        Self { width, height, is_maximised: false }
    }
}

impl Settings {
    /// The language to speak: the chosen one, else the system's.
    pub fn language(&self) -> Language {
        self.language.unwrap_or_else(Language::of_system)
    }

    /// Gives a run its colour and dashes for good.
    pub fn pin(&mut self, run: &Path, style: usize) {
        self.pins.retain(|(pinned, _)| pinned != run);
        self.pins.push((run.to_owned(), style));
        let surplus = self.pins.len().saturating_sub(MOST_PINS);
        self.pins.drain(..surplus);
    }

    /// Where the settings lie: `settings.json` in `THAW_CONFIG_DIR`, else in the user's configuration folder; `None`
    /// on a system that has no such folder.
    pub fn path() -> Option<PathBuf> {
        let folder = match std::env::var_os("THAW_CONFIG_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => dirs::config_dir()?.join("thaw"),
        };
        Some(folder.join("settings.json"))
    }

    /// What an earlier session left in the file's text. A missing or broken file, or a part of it that this version
    /// does not understand, counts as never set; files that have gone since are forgotten. A user who has no settings
    /// file yet is new, and begins with the first steps.
    pub fn read(text: &str) -> Self {
        let mut settings = Self::parse(text);
        if text.trim().is_empty() {
            settings.first_step = Some(FirstStep::RowLimit);
        }
        settings.recent_files.retain(|file| file.exists());
        settings.recent_models.retain(|folder| folder.is_dir());
        settings.runs_elsewhere.retain(|folder| folder.is_dir());
        settings.folders.retain(|_, folder| folder.is_dir());
        forget_missing_files(&mut settings.config);
        settings
    }

    fn parse(text: &str) -> Self {
        let mut parts: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        let read = |parts: Map<String, Value>| Self::deserialize(Value::Object(parts));
        parts.retain(|name, value| read(Map::from_iter([(name.clone(), value.clone())])).is_ok());
        let mut settings = read(parts).unwrap_or_default();
        if settings.config.check().is_err() {
            settings.config = RunConfig::default();
        }
        // A run that is begun in a new session is split as new runs are.
        settings.config.data.split.copies_together = true;
        settings.sentences.truncate(sentences::MOST);
        settings.zoom = settings.zoom.filter(|zoom| (0.2..=5.0).contains(zoom));
        settings.window = settings.window.filter(|w| [w.width, w.height].iter().all(|x| (1.0..=1e5).contains(x)));
        settings
    }

    /// The text of the file.
    ///
    /// # Errors
    /// `internal-error` when a path is no Unicode.
    pub fn text(&self) -> Outcome<String> {
        serde_json::to_string_pretty(self).map_err(Problem::internal)
    }
}

/// Puts a file or folder at the head of the recent ones.
pub fn remember(recent: &mut Vec<PathBuf>, path: &Path) {
    recent.retain(|p| p != path);
    recent.insert(0, path.to_owned());
    recent.truncate(RECENT);
}

/// Goes back to the bundled data or model when the chosen one is no longer there.
fn forget_missing_files(config: &mut RunConfig) {
    // Data may also be a folder.
    let gone = |file: &Option<PathBuf>| file.as_ref().is_some_and(|f| !f.exists());
    let data = &config.data;
    let main_gone = matches!(&data.source, DataSource::File(file) if !file.exists());
    if main_gone || gone(&data.validation) || gone(&data.test) {
        config.data = data.for_source(DataSource::Bundled);
    }
    if matches!(&config.model, ModelSource::Folder(folder) if !folder.is_dir()) {
        config.model = ModelSource::Bundled;
        config.data.forget_head();
    }
}

#[cfg(test)]
mod tests {
    use super::super::plots::Plotted;
    use super::*;

    #[test]
    fn what_was_saved_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("reviews.csv");
        std::fs::write(&data, "text,label\n").unwrap();
        let mut settings = Settings { language: Some(Language::Korean), theme: Theme::Dark, ..Settings::default() };
        remember(&mut settings.recent_files, &data);
        settings.config.training.epochs = 7;
        settings.folders.insert(Place::Pictures, folder.path().to_owned());
        settings.sentences.push("a fine film".into());
        settings.plots.smoothing = 0.6.into();
        settings.plots.log.insert(Plotted::Loss);
        (settings.window, settings.zoom) = (Some(WindowSize::of(1400.0, 900.0)), Some(1.3));
        assert_eq!(Settings::read(&settings.text().unwrap()), settings);
    }

    #[test]
    fn only_who_is_new_begins_with_the_first_steps() {
        let new = Settings::read("");
        assert_eq!(new.first_step, Some(FirstStep::RowLimit));
        assert_eq!(Settings::read("{}").first_step, None, "the settings of an earlier version");
        let further = Settings { first_step: Some(FirstStep::Results), ..new };
        for settings in [further, Settings::default()] {
            assert_eq!(Settings::read(&settings.text().unwrap()).first_step, settings.first_step);
        }
    }

    #[test]
    fn a_broken_part_counts_as_never_set() {
        assert_eq!(Settings::parse("{ not json"), Settings::default());
        let partly = Settings::parse(r#"{"language":"ko","theme":"plaid","config":{"data":3}}"#);
        assert_eq!(partly, Settings { language: Some(Language::Korean), ..Settings::default() });
        let sizes = Settings::parse(r#"{"zoom":0,"window":{"width":-3,"height":5,"is_maximised":false}}"#);
        assert_eq!(sizes, Settings::default());
    }

    #[test]
    fn files_that_have_gone_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        remember(&mut settings.recent_files, &folder.path().join("gone.csv"));
        settings.config.data.source = DataSource::File(folder.path().join("gone.csv"));
        settings.folders.insert(Place::Plans, folder.path().join("gone"));
        assert_eq!(Settings::read(&settings.text().unwrap()), Settings::default());
    }

    #[test]
    fn recent_files_are_few_and_newest_first() {
        let mut settings = Settings::default();
        for i in 0..12 {
            remember(&mut settings.recent_files, Path::new(&format!("{i}.csv")));
        }
        remember(&mut settings.recent_files, Path::new("9.csv"));
        assert_eq!(settings.recent_files.len(), RECENT);
        assert_eq!(settings.recent_files[0], Path::new("9.csv"));
        assert_eq!(settings.recent_files[1], Path::new("11.csv"));
    }
}
