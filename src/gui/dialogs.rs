//! What the operating system does for the window: native file dialogs and the file manager. None of it blocks a frame.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use eframe::egui;

use crate::app::action::Action;
use crate::app::compare::CompareAction;
use crate::app::effect::Dialog;
use crate::app::hub::HubAction;
use crate::app::lessons::LessonAction;
use crate::app::race::RaceAction;
use crate::app::runs::{Purpose, RunsAction, export_to};
use crate::app::train::TrainAction;
use crate::app::train::timeline::TimelineAction;
use crate::domain::config::ModelSource;
use crate::domain::lesson::BUNDLE_EXTENSION;
use crate::domain::problem::Problem;
use crate::words::Catalogue;

use super::save_plot::{file_name, png_of};

/// What came of a dialog, of the file manager or of a plot's picture.
pub enum Answer {
    Act(Action),
    Failed(Problem),
}

/// Asks the system for files and folders; answers come over a channel.
pub struct Dialogs {
    answers: Receiver<Answer>,
    answer: Sender<Answer>,
    ctx: egui::Context,
}

/// No one closes a dialog faster; what ends sooner was never shown.
const SHORTEST_LOOK: Duration = Duration::from_millis(250);

/// What a dialog is for.
#[derive(Clone, Debug, PartialEq)]
enum Pick {
    File,
    Files,
    Folder,
    Folders,
    /// A file to be written, with the name that is proposed for it.
    Save(String),
}

type Picked = Pin<Box<dyn Future<Output = Option<Vec<PathBuf>>> + Send>>;
type Chosen = Box<dyn FnOnce(Vec<PathBuf>) -> Action + Send>;

/// One dialog: its title, what it picks, which files it shows, and the action that the choice stands for.
struct Shown {
    title: String,
    pick: Pick,
    filters: Vec<(String, Vec<&'static str>)>,
    chosen: Chosen,
}

const TABLES: &[&str] = &["csv", "tsv", "txt", "CSV", "TSV", "TXT"];
const PLANS: &[&str] = &["json", "JSON"];
const BUNDLES: &[&str] = &[BUNDLE_EXTENSION];
const ANY: &[&str] = &["*"];

impl Shown {
    fn new(
        title: String,
        pick: Pick,
        filters: &[(&'static str, &'static [&'static str])],
        words: &Catalogue,
        chosen: impl FnOnce(Vec<PathBuf>) -> Action + Send + 'static,
    ) -> Self {
        let filters = filters.iter().map(|(id, extensions)| (words.say(id), extensions.to_vec())).collect();
        Self { title, pick, filters, chosen: Box::new(chosen) }
    }

    fn of(dialog: Dialog, words: &Catalogue) -> Self {
        let (tables, plans) = (("dialog-tables", TABLES), ("dialog-plans", PLANS));
        let (bundles, any) = (("lesson-bundles", BUNDLES), ("dialog-all-files", ANY));
        let shown = |title: &'static str, pick, filters: &[_], chosen: fn(PathBuf) -> Action| {
            Self::new(words.say(title), pick, filters, words, move |paths| chosen(first(paths)))
        };
        let several = |title: &'static str, pick, filters: &[_]| {
            Self::new(words.say(title), pick, filters, words, |paths| CompareAction::Open(paths).into())
        };
        match dialog {
            Dialog::Data => shown("dialog-data", Pick::File, &[tables, any], |file| TrainAction::PickData(file).into()),
            Dialog::Model => shown("dialog-model", Pick::Folder, &[], |folder| {
                TrainAction::PickModel(ModelSource::Folder(folder)).into()
            }),
            Dialog::Import => shown("dialog-import", Pick::Folder, &[], |folder| HubAction::Import(folder).into()),
            Dialog::Run => {
                shown("dialog-run", Pick::Folder, &[], |dir| RunsAction::Open { dir, purpose: Purpose::Show }.into())
            }
            Dialog::Export(dir) => Self::new(words.say("dialog-export"), Pick::Folder, &[], words, move |folders| {
                RunsAction::Export { to: export_to(&dir, &first(folders)), dir }.into()
            }),
            Dialog::RunFolders => several("dialog-runs", Pick::Folders, &[]),
            Dialog::LessonWorks => several("dialog-bundles", Pick::Files, &[bundles, any]),
            Dialog::SavePlan => shown("dialog-plan-save", Pick::Save("plan.json".to_owned()), &[plans], |mut file| {
                if file.extension().is_none() {
                    file.set_extension("json");
                }
                TrainAction::Timeline(TimelineAction::Save(file)).into()
            }),
            Dialog::OpenPlan => shown("dialog-plan-open", Pick::File, &[plans], |file| {
                TrainAction::Timeline(TimelineAction::Open(file)).into()
            }),
            Dialog::RacePlan => {
                shown("dialog-plan-open", Pick::File, &[plans], |file| RaceAction::AddPlan(file).into())
            }
            Dialog::Lesson => shown("lesson-open-file", Pick::File, &[("lesson-files", &["toml"])], |file| {
                LessonAction::Open(file).into()
            }),
            Dialog::SaveLessonWork { name } => {
                shown("lesson-save", Pick::Save(name), &[bundles], |file| LessonAction::Save(file).into())
            }
            Dialog::SaveFile { name, extension, bytes } => {
                let title = words.say_with("dialog-save", &[("name", &name)]);
                let pick = Pick::Save(file_name(&name, extension));
                let mut shown =
                    Self::new(title, pick, &[], words, move |files| Action::SaveFile { path: first(files), bytes });
                shown.filters = vec![(extension.to_uppercase(), vec![extension])];
                shown
            }
        }
    }

    /// Opens the dialog, which macOS wants begun on this thread.
    fn open(self) -> (Picked, Chosen) {
        let mut dialog = rfd::AsyncFileDialog::new().set_title(self.title);
        for (name, extensions) in self.filters {
            dialog = dialog.add_filter(name, &extensions);
        }
        let picked = match self.pick {
            Pick::File => one(dialog.pick_file()),
            Pick::Folder => one(dialog.pick_folder()),
            Pick::Files => any(dialog.pick_files()),
            Pick::Folders => any(dialog.pick_folders()),
            Pick::Save(name) if name.is_empty() => one(dialog.save_file()),
            Pick::Save(name) => one(dialog.set_file_name(name).save_file()),
        };
        (picked, self.chosen)
    }
}

fn first(paths: Vec<PathBuf>) -> PathBuf {
    paths.into_iter().next().unwrap_or_default()
}

fn one(picked: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static) -> Picked {
    Box::pin(async { picked.await.map(|file| vec![file.path().to_owned()]) })
}

fn any(picked: impl Future<Output = Option<Vec<rfd::FileHandle>>> + Send + 'static) -> Picked {
    Box::pin(async { picked.await.map(|files| files.iter().map(|file| file.path().to_owned()).collect()) })
}

impl Dialogs {
    pub fn new(ctx: egui::Context) -> Self {
        let (answer, answers) = unbounded();
        Self { answers, answer, ctx }
    }

    /// The answers that have come since the last frame.
    pub fn answers(&self) -> impl Iterator<Item = Answer> + '_ {
        self.answers.try_iter()
    }

    pub fn open(&self, dialog: Dialog, words: &Catalogue) {
        let (picked, chosen) = Shown::of(dialog, words).open();
        self.wait_for(picked, chosen);
    }

    /// Asks for a picture of the window as it is drawn in this frame, of which `rect` is kept.
    pub fn take_picture(&self, name: String, rect: egui::Rect) {
        let (answer, ctx, scale) = (self.answer.clone(), self.ctx.clone(), self.ctx.pixels_per_point());
        self.ctx.request_screenshot(move |window| {
            in_background(answer, ctx, move || {
                let answer = match png_of(&window, rect, scale) {
                    Ok(png) => {
                        let dialog = Dialog::SaveFile { name, extension: "png", bytes: png.into() };
                        Answer::Act(Action::OpenDialog(dialog))
                    }
                    Err(problem) => Answer::Failed(problem),
                };
                vec![answer]
            });
        });
    }

    /// Opens a folder in the system's file manager.
    pub fn open_folder(&self, folder: &Path) {
        let folder = folder.to_owned();
        in_background(self.answer.clone(), self.ctx.clone(), move || {
            let opened = open::that(&folder).inspect_err(|e| log::warn!("{}: {e}", folder.display()));
            let failed = |_| Answer::Failed(Problem::new("folder-not-opened").with("folder", folder.display()));
            opened.err().map(failed).into_iter().collect()
        });
    }

    /// Waits for the dialog on a thread of its own. Whatever becomes of it, the window learns that it is closed.
    fn wait_for(&self, picked: Picked, chosen: impl FnOnce(Vec<PathBuf>) -> Action + Send + 'static) {
        in_background(self.answer.clone(), self.ctx.clone(), move || {
            let begun = Instant::now();
            let unavailable = || Some(Answer::Failed(Problem::new("dialog-unavailable")));
            let answer = match catch_unwind(AssertUnwindSafe(|| pollster::block_on(picked))) {
                Ok(Some(paths)) => Some(Answer::Act(chosen(paths))),
                Ok(None) if begun.elapsed() >= SHORTEST_LOOK => None,
                Ok(None) | Err(_) => unavailable(),
            };
            answer.into_iter().chain([Answer::Act(Action::DialogClosed)]).collect()
        });
    }
}

fn in_background(answer: Sender<Answer>, ctx: egui::Context, work: impl FnOnce() -> Vec<Answer> + Send + 'static) {
    thread::spawn(move || {
        for one in work() {
            // Once the window is gone, no one waits for the answer.
            drop(answer.send(one));
        }
        ctx.request_repaint();
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn answers(picked: Picked) -> Vec<Answer> {
        let dialogs = Dialogs::new(egui::Context::default());
        dialogs.wait_for(picked, |files| TrainAction::PickData(first(files)).into());
        let mut answers = Vec::new();
        while !matches!(answers.last(), Some(Answer::Act(Action::DialogClosed))) {
            answers.push(dialogs.answers.recv_timeout(Duration::from_secs(60)).unwrap());
        }
        answers
    }

    #[test]
    fn a_dialog_that_panics_is_closed_and_says_so() {
        let told = answers(Box::pin(async { panic!("the portal is broken") }));
        let [Answer::Failed(problem), Answer::Act(Action::DialogClosed)] = &told[..] else { panic!() };
        assert_eq!(problem.id, "dialog-unavailable");
    }

    #[test]
    fn a_choice_becomes_its_action_and_then_the_dialog_is_closed() {
        let told = answers(Box::pin(async { Some(vec!["a.csv".into()]) }));
        let [Answer::Act(chosen), Answer::Act(Action::DialogClosed)] = &told[..] else { panic!() };
        assert_eq!(*chosen, TrainAction::PickData("a.csv".into()).into());
    }

    #[test]
    fn every_dialog_has_a_title_and_an_action() {
        let words = Catalogue::new(Language::English);
        let bytes = b"a".as_slice().into();
        for dialog in [
            Dialog::Data,
            Dialog::Model,
            Dialog::Import,
            Dialog::Run,
            Dialog::Export("runs/one".into()),
            Dialog::RunFolders,
            Dialog::LessonWorks,
            Dialog::SavePlan,
            Dialog::OpenPlan,
            Dialog::RacePlan,
            Dialog::Lesson,
            Dialog::SaveLessonWork { name: "one.thaw-lesson".into() },
            Dialog::SaveFile { name: "Loss".into(), extension: "csv", bytes },
        ] {
            let shown = Shown::of(dialog.clone(), &words);
            assert!(shown.title.contains(' ') && shown.filters.iter().all(|(name, _)| !name.contains("dialog-")));
            let action = (shown.chosen)(vec!["there/one".into()]);
            assert!(format!("{action:?}").contains("one"), "{dialog:?}: {action:?}");
            let is_saving =
                matches!(dialog, Dialog::SavePlan | Dialog::SaveLessonWork { .. } | Dialog::SaveFile { .. });
            assert_eq!(matches!(shown.pick, Pick::Save(_)), is_saving);
        }
    }
}
