//! Files and folders are chosen in the system's dialog or, where it has none, in the window's own.

mod request;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf, is_separator};

use crate::domain::folder::{FolderEntry, FolderListing};
use crate::domain::message::{Answer, Event, Question};
use crate::domain::problem::Problem;

use super::effect::{Dialog, Effect};
use super::loading::Loading;
use super::shell::Shell;

#[cfg(test)]
pub use request::every_dialog;
pub use request::{Filter, Pick, Place, has_extension};

#[derive(Clone, Debug, Default)]
pub struct FilesState {
    /// The system has no file dialog, so that the window's own serves.
    pub serves: bool,
    /// The window's own dialog while it is open.
    pub browser: Option<Browser>,
}

/// The window's own file dialog.
#[derive(Clone, Debug)]
pub struct Browser {
    pub dialog: Dialog,
    pub folder: PathBuf,
    pub listing: Loading<FolderListing>,
    /// Why a folder could not be listed. The one before is still shown.
    pub problem: Option<Problem>,
    /// The text in the field: the name of the file to be written, or else a part of the names to be shown.
    pub name: String,
    /// The head of a typed path, which leaves the field once its folder is listed.
    head: String,
    /// Which of the dialog's filters is on.
    pub filter: usize,
    /// The names that are chosen where several may be.
    pub marked: BTreeSet<String>,
    /// The row that the keys have come to, among those shown.
    pub at: Option<usize>,
    /// There is such a file already, and the user is asked.
    pub overwrites: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum FilesAction {
    /// The system's dialog could not be shown: the window's own takes its place, from now on.
    Serve(Dialog),
    /// This was chosen in the system's dialog.
    Chosen(Dialog, Vec<PathBuf>),
    /// Type into the field.
    Write(String),
    /// Show only files that this filter lets through.
    Filter(usize),
    /// Go to the folder around the one that is shown.
    GoUp,
    /// Come to a row, among those shown.
    MoveTo(usize),
    /// Choose a name beside others, or no longer.
    Mark(String, bool),
    /// Choose all that is shown, where several may be chosen.
    MarkAll,
    /// Go into the folder of the row that the keys have come to; else choose.
    Enter,
    /// Choose what is marked, named or shown.
    Choose,
    /// Write over the file that is there, or don't.
    Overwrite(bool),
    /// Close the dialog without a choice.
    Cancel,
}

impl Browser {
    fn open(dialog: Dialog, shell: &mut Shell) -> Self {
        let folder = dialog.folder(&shell.settings);
        let name = if let Pick::Save(name) = dialog.pick() { name } else { String::new() };
        let mut browser = Self {
            dialog,
            folder: folder.clone(),
            listing: Loading::Nothing,
            problem: None,
            name,
            head: String::new(),
            filter: 0,
            marked: BTreeSet::new(),
            at: None,
            overwrites: None,
        };
        browser.go(folder, shell);
        browser
    }

    fn go(&mut self, folder: PathBuf, shell: &mut Shell) {
        self.listing.wait(shell.ask(Question::Folder(folder)));
    }

    fn entries(&self) -> &[FolderEntry] {
        self.listing.latest().map_or(&[], |listing| &listing.entries)
    }

    /// The rows of the list: all folders, and files that the filter lets through. Hidden ones are shown to who types a
    /// point. While something is opened, what is typed narrows the list.
    pub fn shown(&self) -> Vec<&FolderEntry> {
        let pick = self.dialog.pick();
        let typed = if pick.is_save() { String::new() } else { self.name.trim().to_lowercase() };
        let extensions = self.dialog.filters().get(self.filter).map(|(_, extensions)| *extensions);
        let is_shown = |entry: &&FolderEntry| {
            let of_kind = extensions.is_none_or(|extensions| has_extension(&entry.name, extensions));
            (entry.is_folder || !pick.is_folder() && of_kind)
                && (!entry.name.starts_with('.') || self.name.starts_with('.'))
                && entry.name.to_lowercase().contains(&typed)
        };
        self.entries().iter().filter(is_shown).collect()
    }

    fn row(&self) -> Option<&FolderEntry> {
        self.shown().get(self.at?).copied()
    }

    /// Returns what the button would choose now; `None` where the user must say more first.
    pub fn choice(&self) -> Option<Vec<PathBuf>> {
        let file = || self.row().filter(|entry| !entry.is_folder).map(|entry| vec![self.folder.join(&entry.name)]);
        let marked = || Some(self.marked.iter().map(|name| self.folder.join(name)).collect::<Vec<_>>());
        let marked = || marked().filter(|marked| !marked.is_empty());
        // Before the first listing has come, the folder may be no whole path yet.
        let folder = || self.listing.latest().map(|listing| vec![listing.folder.clone()]);
        match self.dialog.pick() {
            Pick::File => file(),
            Pick::Files => marked().or_else(file),
            Pick::Folder => folder(),
            Pick::Folders => marked().or_else(folder),
            Pick::Save(_) => {
                let name = self.name.trim();
                let is_name = !name.is_empty() && !name.contains(is_separator) && name != "." && name != "..";
                (is_name && self.listing.latest().is_some()).then(|| vec![self.dialog.file_named(&self.folder, name)])
            }
        }
    }

    fn there_is(&self, file: &Path) -> Option<&FolderEntry> {
        let name = file.file_name()?.to_str()?.to_lowercase();
        // Some systems don't tell small letters from capitals.
        self.entries().iter().find(|entry| entry.name.to_lowercase() == name)
    }

    fn write(&mut self, name: String, shell: &mut Shell) {
        (self.at, self.problem, self.overwrites) = (None, None, None);
        self.name = name;
        if let Some(end) = self.name.rfind(is_separator) {
            // All separators are one byte long.
            self.head = self.name[..=end].to_owned();
            let is_home = self.head.starts_with('~');
            let folder = if is_home { PathBuf::from(&self.head) } else { self.folder.join(&self.head) };
            self.go(folder, shell);
        } else if !self.dialog.pick().is_save() && !self.name.is_empty() {
            let shown = self.shown();
            let same = shown.iter().position(|entry| entry.name == self.name);
            self.at = same.or((!shown.is_empty()).then_some(0));
        }
    }

    fn move_to(&mut self, row: usize) {
        self.at = Some(row);
        self.overwrites = None;
        let file = self.row().filter(|entry| !entry.is_folder).map(|entry| entry.name.clone());
        if let Some(name) = file.filter(|_| self.dialog.pick().is_save()) {
            self.name = name;
        }
    }

    fn take(&mut self, listing: FolderListing) {
        let is_other = listing.folder != self.folder || self.listing.latest().is_none();
        self.name = self.name.strip_prefix(&self.head).map_or_else(|| self.name.clone(), str::to_owned);
        if is_other && self.head.is_empty() && !self.dialog.pick().is_save() {
            self.name.clear();
        }
        self.head.clear();
        self.folder.clone_from(&listing.folder);
        self.marked.clear();
        (self.at, self.problem, self.overwrites) = (None, None, None);
        self.listing = Loading::Ready(listing);
    }
}

/// Shows a dialog, of which only one is open at a time.
pub(super) fn open(state: &mut FilesState, dialog: Dialog, shell: &mut Shell) {
    if std::mem::replace(&mut shell.dialog_open, true) {
        return;
    }
    if state.serves {
        state.browser = Some(Browser::open(dialog, shell));
    } else {
        shell.effects.push(Effect::OpenDialog(dialog));
    }
}

/// Returns what was chosen, for which dialog.
pub(super) fn update(state: &mut FilesState, action: FilesAction, shell: &mut Shell) -> Option<(Dialog, Vec<PathBuf>)> {
    match action {
        FilesAction::Serve(dialog) => {
            (state.serves, shell.dialog_open) = (true, true);
            state.browser = Some(Browser::open(dialog, shell));
            return None;
        }
        FilesAction::Chosen(dialog, paths) => return Some(remembered(dialog, paths, shell)),
        FilesAction::Cancel => {
            state.browser = None;
            shell.dialog_open = false;
            return None;
        }
        _ => {}
    }
    let browser = state.browser.as_mut()?;
    let mut choice = None;
    match action {
        FilesAction::Write(name) => browser.write(name, shell),
        FilesAction::Filter(filter) => (browser.filter, browser.at) = (filter, None),
        FilesAction::GoUp => {
            if let Some(parent) = browser.folder.parent().map(Path::to_owned) {
                browser.go(parent, shell);
            }
        }
        FilesAction::MoveTo(row) => browser.move_to(row),
        FilesAction::Mark(name, true) => drop(browser.marked.insert(name)),
        FilesAction::Mark(name, false) => drop(browser.marked.remove(&name)),
        FilesAction::MarkAll => {
            let folders = browser.dialog.pick().is_folder();
            let all = browser.shown().into_iter().filter(|entry| entry.is_folder == folders);
            browser.marked = all.map(|entry| entry.name.clone()).collect();
        }
        FilesAction::Enter => match browser.row() {
            Some(entry) if entry.is_folder => {
                let folder = browser.folder.join(&entry.name);
                browser.go(folder, shell);
            }
            // A name that is nowhere must not choose the folder around it.
            None if browser.dialog.pick().is_folder() && !browser.name.is_empty() => {}
            _ => choice = browser.choice(),
        },
        FilesAction::Choose => choice = browser.choice(),
        FilesAction::Overwrite(true) => choice = browser.overwrites.clone().map(|file| vec![file]),
        FilesAction::Overwrite(false) => browser.overwrites = None,
        FilesAction::Serve(_) | FilesAction::Chosen(..) | FilesAction::Cancel => {}
    }
    let choice = choice?;
    if let Some(file) = choice.first().filter(|_| browser.dialog.pick().is_save())
        && browser.overwrites.is_none()
        && let Some(entry) = browser.there_is(file)
    {
        if entry.is_folder {
            let folder = file.clone();
            browser.go(folder, shell);
        } else {
            browser.overwrites = Some(file.clone());
        }
        return None;
    }
    let browser = state.browser.take()?;
    shell.dialog_open = false;
    Some(remembered(browser.dialog, choice, shell))
}

fn remembered(dialog: Dialog, paths: Vec<PathBuf>, shell: &mut Shell) -> (Dialog, Vec<PathBuf>) {
    dialog.remember(&paths, &mut shell.settings);
    (dialog, paths)
}

pub(super) fn reduce(state: &mut FilesState, event: &Event) {
    let Some(browser) = &mut state.browser else { return };
    let Event::Answer(id, answer) = event else { return };
    if !browser.listing.waits_for(id) {
        return;
    }
    match answer {
        Ok(Answer::Folder(listing)) => browser.take(listing.clone()),
        Ok(_) => {}
        Err(problem) => {
            let former = browser.listing.latest().cloned();
            browser.listing = former.map_or(Loading::Nothing, Loading::Ready);
            browser.head.clear();
            browser.problem = Some(problem.clone());
        }
    }
}
