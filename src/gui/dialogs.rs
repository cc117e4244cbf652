//! What the operating system does for the window: native file dialogs and the file manager. None of it blocks a frame.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use eframe::egui::{self, ColorImage};

use crate::app::action::Action;
use crate::app::compare::CompareAction;
use crate::app::hub::HubAction;
use crate::app::lesson::LessonAction;
use crate::app::race::RaceAction;
use crate::app::run_list::{Purpose, export_to};
use crate::app::timeline::TimelineAction;
use crate::domain::config::ModelSource;
use crate::domain::lesson::BUNDLE_EXTENSION;
use crate::domain::problem::{Outcome, Problem};
use crate::words::Catalogue;

use super::save_plot::file_name;

/// What came of a dialog or of the file manager.
pub enum Answer {
    Act(Action),
    Failed(Problem),
    /// Something went well that the user should know of.
    Told(Problem),
    /// The window as it was drawn for a plot's picture.
    Drawn {
        name: String,
        rect: egui::Rect,
        window: Arc<ColorImage>,
    },
}

/// Asks the system for files and folders; answers come over a channel.
pub struct Dialogs {
    answers: Receiver<Answer>,
    answer: Sender<Answer>,
    ctx: egui::Context,
}

/// No one closes a dialog faster; what ends sooner was never shown.
const SHORTEST_LOOK: Duration = Duration::from_millis(250);

impl Dialogs {
    pub fn new(ctx: egui::Context) -> Self {
        let (answer, answers) = unbounded();
        Self { answers, answer, ctx }
    }

    /// The answers that have come since the last frame.
    pub fn answers(&self) -> impl Iterator<Item = Answer> + '_ {
        self.answers.try_iter()
    }

    pub fn ask_for_data(&self, words: &Catalogue) {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title(words.say("dialog-data"))
            .add_filter(words.say("dialog-tables"), &["csv", "tsv", "txt", "CSV", "TSV", "TXT"])
            .add_filter(words.say("dialog-all-files"), &["*"]);
        self.show(dialog.pick_file(), Action::PickData);
    }

    pub fn ask_for_model(&self, words: &Catalogue) {
        let dialog = rfd::AsyncFileDialog::new().set_title(words.say("dialog-model"));
        self.show(dialog.pick_folder(), |folder| Action::PickModel(ModelSource::Folder(folder)));
    }

    pub fn ask_for_import(&self, words: &Catalogue) {
        let dialog = rfd::AsyncFileDialog::new().set_title(words.say("dialog-import"));
        self.show(dialog.pick_folder(), |folder| Action::Hub(HubAction::Import(folder)));
    }

    pub fn ask_for_run(&self, words: &Catalogue) {
        let dialog = rfd::AsyncFileDialog::new().set_title(words.say("dialog-run"));
        self.show(dialog.pick_folder(), |dir| Action::OpenRun { dir, purpose: Purpose::Show });
    }

    pub fn ask_for_export(&self, words: &Catalogue, dir: &Path) {
        let dialog = rfd::AsyncFileDialog::new().set_title(words.say("dialog-export"));
        let dir = dir.to_owned();
        self.show(dialog.pick_folder(), move |chosen| Action::ExportRun { to: export_to(&dir, &chosen), dir });
    }

    pub fn ask_for_runs(&self, words: &Catalogue) {
        let dialog = rfd::AsyncFileDialog::new().set_title(words.say("dialog-runs"));
        self.show_any(dialog.pick_folders(), |folders| Answer::Act(open_runs(&folders)));
    }

    pub fn ask_for_bundles(&self, words: &Catalogue) {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title(words.say("dialog-bundles"))
            .add_filter(words.say("lesson-bundles"), &[BUNDLE_EXTENSION])
            .add_filter(words.say("dialog-all-files"), &["*"]);
        self.show_any(dialog.pick_files(), |files| Answer::Act(open_runs(&files)));
    }

    /// Asks where a file should go, and writes it there.
    pub fn save(
        &self,
        words: &Catalogue,
        name: &str,
        extension: &str,
        write: impl FnOnce(&Path) -> Outcome<()> + Send + 'static,
    ) {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title(words.say_with("dialog-save", &[("name", &name)]))
            .set_file_name(file_name(name, extension))
            .add_filter(extension.to_uppercase(), &[extension]);
        self.show_any(dialog.save_file(), move |file| {
            let path = file.path();
            match write(path) {
                Ok(()) => Answer::Told(Problem::new("plot-saved").with("file", path.display())),
                Err(problem) => Answer::Failed(problem),
            }
        });
    }

    /// Asks for a picture of the window as it is drawn in this frame.
    pub fn picture(&self, name: String, rect: egui::Rect) {
        let (answer, ctx) = (self.answer.clone(), self.ctx.clone());
        self.ctx.request_screenshot(move |window| {
            drop(answer.send(Answer::Drawn { name, rect, window }));
            ctx.request_repaint();
        });
    }

    pub fn ask_to_save_plan(&self, words: &Catalogue) {
        let dialog = plan_dialog(words, "dialog-plan-save").set_file_name("plan.json");
        self.show(dialog.save_file(), |mut path| {
            if path.extension().is_none() {
                path.set_extension("json");
            }
            Action::Timeline(TimelineAction::Save(path))
        });
    }

    pub fn ask_to_open_plan(&self, words: &Catalogue) {
        let dialog = plan_dialog(words, "dialog-plan-open");
        self.show(dialog.pick_file(), |path| Action::Timeline(TimelineAction::Open(path)));
    }

    pub fn ask_for_race_plan(&self, words: &Catalogue) {
        let dialog = plan_dialog(words, "dialog-plan-open");
        self.show(dialog.pick_file(), |path| Action::Race(RaceAction::AddPlan(path)));
    }

    pub fn ask_for_lesson(&self, words: &Catalogue) {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title(words.say("lesson-open-file"))
            .add_filter(words.say("lesson-files"), &["toml"]);
        self.show(dialog.pick_file(), |file| Action::Lesson(LessonAction::Open(file)));
    }

    pub fn ask_for_bundle(&self, words: &Catalogue) {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title(words.say("lesson-save"))
            .add_filter(words.say("lesson-bundles"), &[BUNDLE_EXTENSION]);
        self.show(dialog.save_file(), |file| Action::Lesson(LessonAction::Save(file)));
    }

    /// Opens a folder in the system's file manager.
    pub fn open_folder(&self, folder: &Path) {
        let folder = folder.to_owned();
        self.background(move || match open_in_file_manager(&folder) {
            Ok(()) => Vec::new(),
            Err(problem) => vec![Answer::Failed(problem)],
        });
    }

    /// Waits for the dialog on a thread of its own (macOS wants it begun on this one).
    fn show(
        &self,
        dialog: impl Future<Output = Option<rfd::FileHandle>> + Send + 'static,
        chosen: impl FnOnce(PathBuf) -> Action + Send + 'static,
    ) {
        self.show_any(dialog, |file| Answer::Act(chosen(file.path().to_owned())));
    }

    fn show_any<T>(
        &self,
        dialog: impl Future<Output = Option<T>> + Send + 'static,
        chosen: impl FnOnce(T) -> Answer + Send + 'static,
    ) {
        self.background(move || {
            let begun = Instant::now();
            let answer = match block_on(dialog) {
                Some(picked) => Some(chosen(picked)),
                None if begun.elapsed() < SHORTEST_LOOK => Some(Answer::Failed(Problem::new("dialog-unavailable"))),
                None => None,
            };
            answer.into_iter().chain([Answer::Act(Action::DialogClosed)]).collect()
        });
    }

    fn background(&self, work: impl FnOnce() -> Vec<Answer> + Send + 'static) {
        let (answer, ctx) = (self.answer.clone(), self.ctx.clone());
        thread::spawn(move || {
            for one in work() {
                // With the window gone, no one waits for it.
                drop(answer.send(one));
            }
            ctx.request_repaint();
        });
    }
}

fn open_runs(picked: &[rfd::FileHandle]) -> Action {
    Action::Compare(CompareAction::Open(picked.iter().map(|one| one.path().to_owned()).collect()))
}

fn plan_dialog(words: &Catalogue, title: &'static str) -> rfd::AsyncFileDialog {
    rfd::AsyncFileDialog::new().set_title(words.say(title)).add_filter(words.say("dialog-plans"), &["json", "JSON"])
}

/// Drives a future on this thread, which sleeps meanwhile.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

fn open_in_file_manager(folder: &Path) -> Outcome<()> {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(target_os = "windows") {
        "explorer"
    } else {
        "xdg-open"
    };
    let failed = || Problem::new("folder-not-opened").with("folder", folder.display());
    let status = Command::new(program)
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|e| {
            log::warn!("{program}: {e}");
            failed()
        })?;
    // Windows' explorer answers 1 even when all went well.
    if status.success() || cfg!(target_os = "windows") { Ok(()) } else { Err(failed()) }
}
