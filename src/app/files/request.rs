//! Each dialog is described once, by what it picks, the files it shows, the folder it begins in, and the action that its
//! choice stands for, so that the system's dialogs and the window's own are the same.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::config::ModelSource;
use crate::domain::lesson::BUNDLE_EXTENSION;
use crate::domain::program::ProgramForm;
use crate::domain::report::{ReportFormat, ReportSubject};

use super::super::action::Action;
use super::super::answered::AnsweredAction;
use super::super::code::CodeAction;
use super::super::compare::CompareAction;
use super::super::effect::Dialog;
use super::super::examine::ExamineAction;
use super::super::hub::HubAction;
use super::super::lessons::LessonAction;
use super::super::other_tests::OtherTestsAction;
use super::super::race::RaceAction;
use super::super::reports::ReportsAction;
use super::super::runs::{Purpose, RunsAction, export_to};
use super::super::settings::Settings;
use super::super::train::TrainAction;
use super::super::train::timeline::TimelineAction;

/// A dialog picks one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    File,
    Files,
    Folder,
    Folders,
    /// A file to be written, with the name that is proposed for it.
    Save(String),
}

impl Pick {
    pub const fn is_folder(&self) -> bool {
        matches!(self, Self::Folder | Self::Folders)
    }

    pub const fn is_save(&self) -> bool {
        matches!(self, Self::Save(_))
    }

    pub const fn is_several(&self) -> bool {
        matches!(self, Self::Files | Self::Folders)
    }
}

/// Files that a dialog shows: the words for them (none for a format, which has the name of its extension), and their
/// extensions. An extension `*` means every file.
pub type Filter = (Option<&'static str>, &'static [&'static str]);

const TABLES: Filter = (
    Some("dialog-tables"),
    &["csv", "tsv", "txt", "tab", "json", "jsonl", "ndjson", "xlsx", "ods", "gz", "tgz", "zip"],
);
const PLANS: Filter = (Some("dialog-plans"), &["json"]);
const LESSONS: Filter = (Some("lesson-files"), &["toml"]);
const TEMPLATES: Filter = (None, &["toml"]);
const WORKS: Filter = (Some("lesson-bundles"), &[BUNDLE_EXTENSION]);
const REPORTS: Filter = (Some("dialog-reports"), &ReportFormat::EXTENSIONS);
const ANY: Filter = (Some("dialog-all-files"), &["*"]);

/// Dialogs of one kind share the folder that they begin in, which is where something was last chosen, because users keep
/// files of a kind together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Data,
    Models,
    Runs,
    Exports,
    Plans,
    Lessons,
    LessonWorks,
    Pictures,
    Tables,
    Programs,
}

impl Dialog {
    pub fn pick(&self) -> Pick {
        match self {
            Self::Data
            | Self::OtherTest(_)
            | Self::FileToAnswer
            | Self::OpenPlan
            | Self::RacePlan
            | Self::Lesson
            | Self::Templates => Pick::File,
            Self::DataFolder | Self::Model | Self::Import | Self::Run | Self::Export { .. } => Pick::Folder,
            Self::RunFolders => Pick::Folders,
            Self::LessonWorks => Pick::Files,
            Self::SavePlan => Pick::Save("plan.json".to_owned()),
            Self::FixedCopy => Pick::Save("fixed-labels.csv".to_owned()),
            Self::Report { subject, .. } => Pick::Save(report_name(subject)),
            Self::SaveProgram { name, form } => Pick::Save(format!("{name}.{}", form.extension())),
            Self::SaveLessonWork { name } | Self::SaveAnswers { name } => Pick::Save(name.clone()),
            Self::SaveFile { name, extension, .. } => Pick::Save(file_name(name, extension)),
        }
    }

    pub const fn filters(&self) -> &'static [Filter] {
        match self {
            Self::Data | Self::OtherTest(_) | Self::FileToAnswer => &[TABLES, ANY],
            Self::LessonWorks => &[WORKS, ANY],
            Self::SaveLessonWork { .. } => &[WORKS],
            Self::SavePlan | Self::OpenPlan | Self::RacePlan => &[PLANS],
            Self::Lesson => &[LESSONS],
            Self::Report { .. } => &[REPORTS],
            Self::Templates => &[TEMPLATES, ANY],
            Self::SaveProgram { form: ProgramForm::Script, .. } => &[(None, &["py"])],
            Self::SaveProgram { form: ProgramForm::Notebook, .. } => &[(None, &["ipynb"])],
            Self::SaveFile { extension, .. } if matches!(extension.as_bytes(), b"png") => &[(None, &["png"])],
            Self::FixedCopy | Self::SaveAnswers { .. } | Self::SaveFile { .. } => &[(None, &["csv"])],
            Self::DataFolder | Self::Model | Self::Import | Self::Run | Self::Export { .. } | Self::RunFolders => &[],
        }
    }

    const fn place(&self) -> Place {
        match self {
            Self::Data | Self::OtherTest(_) | Self::FileToAnswer | Self::DataFolder | Self::FixedCopy => Place::Data,
            Self::Model | Self::Import => Place::Models,
            Self::Run | Self::RunFolders => Place::Runs,
            Self::Export { .. } | Self::Report { .. } => Place::Exports,
            Self::SavePlan | Self::OpenPlan | Self::RacePlan => Place::Plans,
            Self::Lesson | Self::Templates => Place::Lessons,
            Self::LessonWorks | Self::SaveLessonWork { .. } => Place::LessonWorks,
            Self::SaveFile { extension, .. } if matches!(extension.as_bytes(), b"png") => Place::Pictures,
            Self::SaveProgram { .. } => Place::Programs,
            Self::SaveAnswers { .. } | Self::SaveFile { .. } => Place::Tables,
        }
    }

    /// The folder in which the dialog begins: the last one of its kind, else the user's documents, else the home folder.
    pub fn folder(&self, settings: &Settings) -> PathBuf {
        let last = settings.folders.get(&self.place()).cloned();
        let documents = || dirs::document_dir().filter(|folder| folder.is_dir());
        last.or_else(documents).or_else(dirs::home_dir).unwrap_or_else(|| PathBuf::from("."))
    }

    /// Remembers where something was chosen. Of a chosen folder that is the folder around it, where its siblings are; an
    /// export goes into the chosen folder itself.
    pub(super) fn remember(&self, chosen: &[PathBuf], settings: &mut Settings) {
        let inside = matches!(self, Self::Export { .. });
        let folder = chosen.first().and_then(|path| if inside { Some(path.as_path()) } else { path.parent() });
        if let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) {
            settings.folders.insert(self.place(), folder.to_owned());
        }
    }

    /// The file that is written for a typed name: without an extension it gets the one of its format.
    pub(super) fn file_named(&self, folder: &Path, name: &str) -> PathBuf {
        let file = folder.join(name);
        match self.filters().first() {
            Some((_, [extension, ..])) if file.extension().is_none() => file.with_added_extension(extension),
            _ => file,
        }
    }

    /// The action that a choice stands for.
    pub fn chosen(self, paths: Vec<PathBuf>) -> Action {
        if matches!(self, Self::RunFolders | Self::LessonWorks) {
            return CompareAction::Open(paths).into();
        }
        let mut path = paths.into_iter().next().unwrap_or_default();
        match self {
            Self::Data | Self::DataFolder => TrainAction::PickData(path).into(),
            Self::OtherTest(dirs) => OtherTestsAction::Test { dirs, file: path }.into(),
            Self::FileToAnswer => AnsweredAction::Choose(path).into(),
            Self::SaveAnswers { .. } => AnsweredAction::WriteTo(path).into(),
            Self::Model => TrainAction::PickModel(ModelSource::Folder(path)).into(),
            Self::Import => HubAction::Import(path).into(),
            Self::Run => RunsAction::Open { dir: path, purpose: Purpose::Show }.into(),
            Self::Export { dir, what } => RunsAction::Export { to: export_to(&dir, &path, what), dir, what }.into(),
            Self::SavePlan => {
                if path.extension().is_none() {
                    path.set_extension("json");
                }
                TrainAction::Timeline(TimelineAction::Save(path)).into()
            }
            Self::OpenPlan => TrainAction::Timeline(TimelineAction::Open(path)).into(),
            Self::Report { subject, language } => {
                if path.extension().is_none() {
                    path.set_extension(ReportFormat::EXTENSIONS[0]);
                }
                ReportsAction::Write { subject, to: path, language }.into()
            }
            Self::RacePlan => RaceAction::AddPlan(path).into(),
            Self::Lesson => LessonAction::Open(path).into(),
            Self::SaveLessonWork { .. } => LessonAction::Save(path).into(),
            Self::Templates => ExamineAction::UseTemplates(Some(path)).into(),
            Self::FixedCopy => ExamineAction::WriteCopy(path).into(),
            Self::SaveProgram { form, .. } => CodeAction::Save { path, form }.into(),
            Self::SaveFile { bytes, .. } => Action::SaveFile { path, bytes },
            Self::RunFolders | Self::LessonWorks => CompareAction::Open(vec![path]).into(),
        }
    }
}

/// The name that is proposed for a report: that of the folder or lesson that it is of.
fn report_name(subject: &ReportSubject) -> String {
    let path = match subject {
        ReportSubject::Runs(dirs) => dirs.first().filter(|_| dirs.len() == 1).and_then(|dir| dir.file_name()),
        ReportSubject::Handout { lesson, .. } => lesson.file_stem(),
        ReportSubject::Class { .. } => None,
    };
    let name = path.map_or_else(|| "report".to_owned(), |name| name.to_string_lossy().into_owned());
    file_name(&name, ReportFormat::EXTENSIONS[0])
}

/// The name of a file for what is called `name`, without what file systems don't take.
fn file_name(name: &str, extension: &str) -> String {
    let clean: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let parts: Vec<&str> = clean.split('-').filter(|part| !part.is_empty()).collect();
    format!("{}.{extension}", parts.join("-").to_lowercase())
}

/// Returns whether a file has one of these extensions. Capitals count as small letters, because some systems write `.CSV`.
pub fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let own = Path::new(name).extension();
    extensions.iter().any(|extension| *extension == "*" || own.is_some_and(|own| own.eq_ignore_ascii_case(extension)))
}

/// One dialog of each kind, for the tests of those who describe and of those who draw them.
#[cfg(test)]
pub fn every_dialog() -> Vec<Dialog> {
    use crate::domain::half::ExportAs;

    let bytes = b"a".as_slice().into();
    vec![
        Dialog::Data,
        Dialog::DataFolder,
        Dialog::OtherTest(vec!["runs/one".into()]),
        Dialog::FileToAnswer,
        Dialog::SaveAnswers { name: "films-predicted.csv".into() },
        Dialog::Model,
        Dialog::Import,
        Dialog::Run,
        Dialog::Export { dir: "runs/one".into(), what: ExportAs::Model(None) },
        Dialog::RunFolders,
        Dialog::LessonWorks,
        Dialog::SavePlan,
        Dialog::FixedCopy,
        Dialog::Templates,
        Dialog::OpenPlan,
        Dialog::RacePlan,
        Dialog::Lesson,
        Dialog::SaveLessonWork { name: "one.thaw-lesson".into() },
        Dialog::Report { subject: ReportSubject::Runs(vec!["runs/one".into()]), language: "en" },
        Dialog::SaveFile { name: "Loss".into(), extension: "csv", bytes },
        Dialog::SaveProgram { name: "train".into(), form: ProgramForm::Script },
        Dialog::SaveProgram { name: "train".into(), form: ProgramForm::Notebook },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_plain() {
        assert_eq!(file_name("Loss / step: run 1", "csv"), "loss-step-run-1.csv");
        assert_eq!(file_name("혼동 행렬", "png"), "혼동-행렬.png");
    }

    #[test]
    fn every_dialog_has_a_folder_and_an_action_and_every_save_has_a_name() {
        for dialog in every_dialog() {
            let mut settings = Settings::default();
            assert!(!dialog.folder(&settings).as_os_str().is_empty());
            dialog.remember(&["there/in/one".into()], &mut settings);
            let inside = if matches!(dialog, Dialog::Export { .. }) { "there/in/one" } else { "there/in" };
            assert_eq!(dialog.folder(&settings), Path::new(inside));
            if let Pick::Save(name) = dialog.pick() {
                assert!(Path::new(&name).extension().is_some(), "{name}");
                let file = dialog.file_named(Path::new("here"), "mine");
                assert_eq!(file.extension(), Path::new(&name).extension());
                assert_eq!(dialog.file_named(Path::new("here"), "mine.txt"), Path::new("here/mine.txt"));
            }
            let action = dialog.clone().chosen(vec!["there/one".into()]);
            assert!(format!("{action:?}").contains("one"), "{dialog:?}: {action:?}");
        }
    }
}
