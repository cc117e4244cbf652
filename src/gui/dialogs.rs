//! What the operating system does for the window: file dialogs and the file manager. None of it blocks a frame.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use eframe::egui;

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::files::{FilesAction, Filter, Pick};
use crate::domain::problem::Problem;
use crate::words::Catalogue;

use super::save_plot::png_of;

/// What came of a dialog, of the file manager or of a plot's picture.
pub enum Answer {
    Act(Box<Action>),
    Failed(Problem),
}

/// Asks the system for files and folders; answers come over a channel.
pub struct Dialogs {
    answers: Receiver<Answer>,
    answer: Sender<Answer>,
    ctx: egui::Context,
    /// Whether the user has been in another window since the newest dialog began.
    was_left: Arc<AtomicBool>,
}

/// No one closes a dialog faster; what ends sooner was never shown.
const SHORTEST_LOOK: Duration = Duration::from_millis(250);
/// A desktop that shows none has said so by then: D-Bus itself waits for 25 seconds.
const LONGEST_SEARCH: Duration = Duration::from_secs(30);

type Picked = Pin<Box<dyn Future<Output = Option<Vec<PathBuf>>> + Send>>;

/// The title of a dialog in the user's words.
pub fn title(dialog: &Dialog, words: &Catalogue) -> String {
    words.say(match dialog {
        Dialog::Data | Dialog::OtherTest(_) | Dialog::FileToAnswer => "dialog-data",
        Dialog::SaveAnswers { .. } => "dialog-answers",
        Dialog::DataFolder => "dialog-data-folder",
        Dialog::Model => "dialog-model",
        Dialog::Import => "dialog-import",
        Dialog::Run => "dialog-run",
        Dialog::Export { .. } => "dialog-export",
        Dialog::RunFolders => "dialog-runs",
        Dialog::LessonWorks => "dialog-bundles",
        Dialog::SavePlan => "dialog-plan-save",
        Dialog::OpenPlan | Dialog::RacePlan => "dialog-plan-open",
        Dialog::Lesson => "lesson-open-file",
        Dialog::SaveLessonWork { .. } => "lesson-save",
        Dialog::Report { .. } => "dialog-report",
        Dialog::FixedCopy => "dialog-fixed-copy",
        Dialog::Templates => "dialog-templates",
        Dialog::SaveProgram { .. } => "code-dialog",
        Dialog::SaveFile { name, .. } => return words.say_with("dialog-save", &[("name", name)]),
    })
}

/// The words for the files that a filter shows.
pub fn filter_name(filter: &Filter, words: &Catalogue) -> String {
    let (id, extensions) = filter;
    id.map_or_else(|| extensions.join(", ").to_uppercase(), |id| words.say(id))
}

/// Begins the system's dialog, which macOS wants done on this thread.
fn begin(dialog: &Dialog, folder: &Path, words: &Catalogue) -> Picked {
    let mut native = rfd::AsyncFileDialog::new().set_title(title(dialog, words)).set_directory(folder);
    for filter in dialog.filters() {
        // Some systems tell small letters from capitals.
        let capitals = filter.1.iter().filter(|extension| **extension != "*").map(|extension| extension.to_uppercase());
        let extensions: Vec<String> =
            filter.1.iter().map(|extension| (*extension).to_owned()).chain(capitals).collect();
        native = native.add_filter(filter_name(filter, words), &extensions);
    }
    match dialog.pick() {
        Pick::File => one(native.pick_file()),
        Pick::Folder => one(native.pick_folder()),
        Pick::Files => any(native.pick_files()),
        Pick::Folders => any(native.pick_folders()),
        Pick::Save(name) => one(native.set_file_name(name).save_file()),
    }
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
        Self { answers, answer, ctx, was_left: Arc::default() }
    }

    /// The answers that have come since the last frame. A dialog takes the focus from the window, which shows here.
    pub fn answers(&self) -> impl Iterator<Item = Answer> + '_ {
        if !self.ctx.input(|input| input.focused) {
            self.was_left.store(true, Ordering::Relaxed);
        }
        self.answers.try_iter()
    }

    /// Shows the system's dialog, which begins in this folder.
    pub fn open(&self, dialog: Dialog, folder: &Path, words: &Catalogue) {
        let begun = catch_unwind(AssertUnwindSafe(|| begin(&dialog, folder, words)));
        self.wait_for(begun.unwrap_or_else(|_| Box::pin(async { None })), dialog);
    }

    /// Asks for a picture of the window as it is drawn in this frame, of which `rect` is kept.
    pub fn take_picture(&self, name: String, rect: egui::Rect) {
        let (answer, ctx, scale) = (self.answer.clone(), self.ctx.clone(), self.ctx.pixels_per_point());
        self.ctx.request_screenshot(move |window| {
            in_background(answer, ctx, move || {
                let answer = match png_of(&window, rect, scale) {
                    Ok(png) => {
                        let dialog = Dialog::SaveFile { name, extension: "png", bytes: png.into() };
                        Answer::Act(Action::OpenDialog(dialog).into())
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

    /// Waits for the dialog on a thread of its own. Whatever becomes of it, the window learns that it is closed, or that
    /// its own must take the place of one that the system could not show.
    fn wait_for(&self, picked: Picked, dialog: Dialog) {
        let was_left = self.was_left.clone();
        was_left.store(false, Ordering::Relaxed);
        in_background(self.answer.clone(), self.ctx.clone(), move || {
            let begun = Instant::now();
            let closed = Action::DialogClosed;
            let actions = match catch_unwind(AssertUnwindSafe(|| pollster::block_on(picked))) {
                Ok(Some(paths)) => vec![FilesAction::Chosen(dialog, paths).into(), closed],
                Ok(None) if was_shown(begun.elapsed(), was_left.load(Ordering::Relaxed)) => vec![closed],
                Ok(None) | Err(_) => vec![FilesAction::Serve(dialog).into()],
            };
            actions.into_iter().map(|action| Answer::Act(action.into())).collect()
        });
    }
}

/// Whether a dialog that ended without a choice after this time has been on the screen. Looking for one takes long on a
/// busy Linux that has none, so that there only the focus tells; other systems always have one.
fn was_shown(elapsed: Duration, was_left: bool) -> bool {
    let always_has_one = cfg!(any(windows, target_os = "macos"));
    elapsed >= SHORTEST_LOOK && (always_has_one || was_left || elapsed >= LONGEST_SEARCH)
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
    use crate::app::effect::Effect;
    use crate::app::files::every_dialog;
    use crate::app::state::AppState;
    use crate::app::update::update;
    use crate::domain::config::DataSource;
    use crate::words::Language;

    /// The window's state after a dialog for data of which this came.
    fn after(picked: Picked) -> AppState {
        let mut state = AppState::default();
        update(&mut state, Action::OpenDialog(Dialog::Data));
        assert!(state.shell.dialog_open);
        let dialogs = Dialogs::new(egui::Context::default());
        dialogs.wait_for(picked, Dialog::Data);
        // The channel is closed once all is told.
        let Dialogs { answers, answer, .. } = dialogs;
        drop(answer);
        while let Ok(Answer::Act(action)) = answers.recv_timeout(Duration::from_secs(60)) {
            update(&mut state, *action);
        }
        state
    }

    #[test]
    fn where_the_systems_dialog_panics_the_windows_own_serves_from_then_on() {
        let panics: Picked = Box::pin(async { panic!("the portal is broken") });
        for picked in [panics, Box::pin(async { None })] {
            let mut state = after(picked);
            assert!(state.shell.notices.is_empty());
            assert_eq!(state.files.browser.as_ref().map(|browser| &browser.dialog), Some(&Dialog::Data));
            update(&mut state, FilesAction::Cancel.into());
            assert!(!state.shell.dialog_open && state.files.browser.is_none());
            let effects = update(&mut state, Action::OpenDialog(Dialog::Lesson));
            assert!(effects.iter().all(|effect| !matches!(effect, Effect::OpenDialog(_))), "{effects:?}");
            assert_eq!(state.files.browser.as_ref().map(|browser| &browser.dialog), Some(&Dialog::Lesson));
        }
    }

    #[test]
    #[cfg(not(any(windows, target_os = "macos")))]
    fn a_dialog_that_never_took_the_focus_was_not_shown_however_long_the_search_took() {
        let secs = Duration::from_secs_f64;
        assert!(!was_shown(secs(0.1), true) && !was_shown(secs(0.1), false));
        assert!(!was_shown(secs(1.5), false), "a slow machine looks for a dialog so long");
        assert!(was_shown(secs(1.5), true), "someone has closed it");
        assert!(was_shown(secs(40.0), false), "the window cannot tell");
    }

    #[test]
    fn a_choice_becomes_its_action_and_then_the_dialog_is_closed() {
        let state = after(Box::pin(async { Some(vec!["there/a.csv".into()]) }));
        assert_eq!(state.train.config.data.source, DataSource::File("there/a.csv".into()));
        assert!(!state.shell.dialog_open && !state.files.serves);
        assert_eq!(Dialog::Data.folder(&state.shell.settings), Path::new("there"));
    }

    #[test]
    fn every_dialog_has_a_title_and_words_for_its_files() {
        let words = Catalogue::new(Language::English);
        for dialog in every_dialog() {
            assert!(title(&dialog, &words).contains(' '), "{dialog:?}");
            let mut names = dialog.filters().iter().map(|filter| filter_name(filter, &words));
            assert!(names.all(|name| !name.contains("dialog-")), "{dialog:?}");
        }
    }
}
