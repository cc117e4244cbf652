//! The runs on disk as the window lists them, and what is done with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::config::{ModelSource, RunConfig};
use crate::domain::message::{Command, RunId};
use crate::domain::problem::Problem;
use crate::domain::stored::{RunEntry, RunState, StoredRun};

use super::action::Action;
use super::coach;
use super::race::RaceAction;
use super::replay;
use super::state::{AppState, Loading, Notice, Panel, RunPhase, RunView, View};
use super::update::{inspect_data, load_model};

/// What a run is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Its curves and results.
    Show,
    Replay,
    /// Its model and settings, for another run.
    StartFrom,
}

#[derive(Clone, Debug, Default)]
pub struct RunList {
    pub entries: Loading<Vec<RunEntry>>,
    pub selected: Option<PathBuf>,
    /// Name and note of the selected run as they are being typed.
    pub name: String,
    pub note: String,
    /// Whether it was asked whether the selected run may be deleted.
    pub asks_to_delete: bool,
    /// Epochs that a finished run is trained on for, when it is not one.
    pub more_epochs: Option<usize>,
    /// The run that is being read.
    pub opening: Option<Purpose>,
    /// Whether runs that were interrupted have been told of; once a session is enough.
    has_offered: bool,
}

impl RunList {
    /// The selected run, while there is one.
    pub fn selected(&self) -> Option<&RunEntry> {
        let selected = self.selected.as_ref()?;
        self.entries.latest()?.iter().find(|entry| entry.dir == *selected)
    }
}

/// Asks for the list anew.
pub fn refresh(state: &mut AppState) -> Command {
    state.run_list.entries.wait();
    Command::ListRuns { folder: state.config.runs_dir.clone(), others: state.settings.runs_elsewhere.clone() }
}

pub fn select(state: &mut AppState, dir: PathBuf) {
    let list = &mut state.run_list;
    list.asks_to_delete = false;
    list.selected = Some(dir);
    if let Some(entry) = list.selected() {
        (list.name, list.note) = (entry.name.clone(), entry.note.clone());
    }
}

/// Asks for all that a run has told.
pub fn open(state: &mut AppState, dir: PathBuf, purpose: Purpose) -> Option<Command> {
    if state.is_running() || state.run_list.opening.is_some() {
        return None;
    }
    state.run_list.opening = Some(purpose);
    Some(Command::OpenRun { dir })
}

/// Goes on with an interrupted run.
pub fn resume(state: &mut AppState, dir: PathBuf) -> Option<Command> {
    if state.is_running() {
        return None;
    }
    replay::end(state);
    state.notices.retain(|notice| notice.offer.is_none());
    let run_id = next_run(state, RunPhase::Running, RunConfig::default());
    state.view = View::Live;
    Some(Command::ResumeRun { run_id, dir })
}

/// Trains a finished run's model for more epochs, as a new run.
pub fn train_on(state: &mut AppState, dir: PathBuf) -> Option<Command> {
    if state.is_running() {
        return None;
    }
    replay::end(state);
    let epochs = state.run_list.more_epochs.unwrap_or(1);
    let run_id = next_run(state, RunPhase::Running, RunConfig::default());
    state.view = View::Live;
    Some(Command::ContinueRun { run_id, dir, epochs, learning_rate: None, out: None })
}

/// Saves name and note of the selected run when they were changed.
pub fn save_label(state: &mut AppState) -> Option<Command> {
    let list = &state.run_list;
    let entry = list.selected()?;
    let (name, note) = (list.name.trim(), list.note.trim());
    let is_same = (name, note) == (entry.name.as_str(), entry.note.as_str());
    (!is_same).then(|| Command::LabelRun { dir: entry.dir.clone(), name: name.to_owned(), note: note.to_owned() })
}

pub fn delete(state: &mut AppState) -> Option<Command> {
    state.run_list.asks_to_delete = false;
    let dir = state.run_list.selected()?.dir.clone();
    Some(Command::DeleteRun { dir })
}

/// Takes in the list. The first one of a session tells of the newest run that was interrupted.
pub fn take_list(state: &mut AppState, entries: Vec<RunEntry>) {
    let interrupted = |entry: &&RunEntry| entry.state == RunState::Unfinished && entry.can_resume;
    if !std::mem::replace(&mut state.run_list.has_offered, true)
        && !state.is_running()
        && let Some(entry) = entries.iter().find(interrupted)
    {
        let problem = Problem::new("runs-interrupted").with("name", &entry.name);
        let problem = problem.with_count("step", entry.step).with_count("total", entry.total_steps);
        let offer = Some(match &entry.race {
            Some(race) => Action::Race(RaceAction::Resume(race.clone())),
            None => Action::ResumeRun(entry.dir.clone()),
        });
        state.notices.push(Notice { problem, is_error: false, offer });
    }
    state.run_list.entries = Loading::Ready(entries);
    let selected = state.run_list.selected().map(|entry| entry.dir.clone());
    match selected {
        Some(dir) => select(state, dir),
        None => state.run_list.selected = None,
    }
}

/// Takes in a run that was opened.
pub fn take_run(state: &mut AppState, run: &Arc<StoredRun>) -> Vec<Command> {
    let Some(purpose) = state.run_list.opening.take().filter(|_| !state.is_running()) else { return Vec::new() };
    match purpose {
        Purpose::Replay => replay::begin(state, run),
        Purpose::Show => {
            show(state, run);
            // One that lies elsewhere is listed from now on.
            let is_listed = |entries: &Vec<RunEntry>| entries.iter().any(|entry| entry.dir == run.dir);
            if !state.run_list.entries.latest().is_some_and(is_listed) {
                state.settings.runs_elsewhere.push(run.dir.clone());
                state.run_list.selected = Some(run.dir.clone());
                return vec![refresh(state)];
            }
        }
        Purpose::StartFrom => return start_from(state, run),
    }
    Vec::new()
}

fn show(state: &mut AppState, run: &StoredRun) {
    replay::end(state);
    next_run(state, RunPhase::Ended, run.config.clone());
    state.run.history = run.history_at(f64::INFINITY);
    coach::look(state);
    state.last_run_dir = Some(run.dir.clone());
    state.view = if state.run.history.test.is_some() { View::Results } else { View::Live };
}

/// The run's data and settings, with its model to begin from; what trains is the user's to choose.
fn start_from(state: &mut AppState, run: &StoredRun) -> Vec<Command> {
    replay::end(state);
    let runs_dir = state.config.runs_dir.take();
    state.config = RunConfig { model: ModelSource::Folder(run.dir.clone()), out: None, runs_dir, ..run.config.clone() };
    (state.panel, state.view) = (Panel::Freeze, View::Live);
    vec![inspect_data(state), load_model(state)]
}

/// Makes room for another run in the views.
pub(super) fn next_run(state: &mut AppState, phase: RunPhase, config: RunConfig) -> RunId {
    state.next_run += 1;
    let id = RunId(state.next_run);
    state.run = RunView { id, phase, config, ..RunView::default() };
    state.prediction = Loading::Nothing;
    state.evaluating = false;
    state.coach.advice.clear();
    id
}

/// Where an exported model goes: into a folder of the run's name in the chosen one.
pub fn export_to(dir: &Path, chosen: &Path) -> PathBuf {
    chosen.join(dir.file_name().unwrap_or_else(|| "model".as_ref()))
}
