//! The runs on disk as the window lists them, and what is done with them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::config::RunConfig;
use crate::domain::engine::Engine;
use crate::domain::half::{ExportAs, Rounded};
use crate::domain::message::{
    Answer, AskId, Command, Continuation, Event, Notice as WorkerNotice, Progress, Question, RunCommand, RunId, Task,
};
use crate::domain::problem::Problem;
use crate::domain::program::TrainingSource;
use crate::domain::stored::{RunEntry, RunState, StoredRun};

use super::effect::Intent;
use super::explore::RowAsked;
use super::loading::Loading;
use super::race::RaceAction;
use super::run::ScreenState;
use super::shell::{Lasts, Notice, Shell, View};

/// What a run is opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Its curves and results.
    Show,
    Replay,
    /// Its model and settings, for another run.
    StartFrom,
    /// Its answer on one of the rows that are explored.
    Ask(RowAsked),
}

/// See the module.
#[derive(Clone, Debug)]
pub struct RunsState {
    pub entries: Loading<Vec<RunEntry>>,
    pub selected: Option<PathBuf>,
    /// Name and note of the selected run as they are being typed.
    pub name: String,
    pub note: String,
    /// The runs whose boxes are ticked, to be compared or deleted together.
    pub ticked: BTreeSet<PathBuf>,
    /// The column that the list is sorted by, and whether the largest stands first.
    pub sort: (RunColumn, bool),
    pub filter: String,
    /// Epochs that a finished run is trained on for, when it is not one.
    pub more_epochs: Option<usize>,
    /// The run that is being read.
    opening: Option<(AskId, Purpose)>,
    /// Runs being named, deleted or exported.
    changing: BTreeSet<AskId>,
    /// The folder for a cluster that is being written, and how far it is.
    exporting: Option<(AskId, Option<Progress>)>,
    /// Whether runs that were interrupted have been told of; once a session is enough.
    has_offered: bool,
}

/// A column of the list, and what it is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunColumn {
    Name,
    Model,
    Accuracy,
    Secs,
    Started,
}

impl RunColumn {
    /// Whether the largest stands first unless turned round.
    fn falls(self) -> bool {
        matches!(self, Self::Accuracy | Self::Started)
    }
}

impl Default for RunsState {
    fn default() -> Self {
        Self {
            entries: Loading::default(),
            selected: None,
            name: String::new(),
            note: String::new(),
            ticked: BTreeSet::new(),
            sort: (RunColumn::Started, true),
            filter: String::new(),
            more_epochs: None,
            opening: None,
            changing: BTreeSet::new(),
            exporting: None,
            has_offered: false,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum RunsAction {
    /// Choose the run whose name and note can be edited.
    Select(PathBuf),
    /// Name and note of the selected run as they are typed; `SaveLabel` keeps them.
    EditLabel { name: String, note: String },
    /// Keep name and note.
    SaveLabel,
    /// Read a run for this purpose.
    Open { dir: PathBuf, purpose: Purpose },
    /// Resume an interrupted run.
    Resume(PathBuf),
    /// Train a finished run's model for `more_epochs`, as a new run.
    TrainOn(PathBuf),
    /// Choose for how many epochs a finished run is trained on.
    SetMoreEpochs(usize),
    /// Choose runs for what is done with several, or leave them out again.
    Tick { dirs: Vec<PathBuf>, on: bool },
    /// Set these runs side by side.
    Compare(Vec<PathBuf>),
    /// Sort by a column; by the same one again turns the order round.
    Sort(RunColumn),
    /// Show only runs that have this text in their name, data, model or note.
    SetFilter(String),
    /// Move runs to the trash.
    Delete(Vec<PathBuf>),
    /// Bring runs back from the trash.
    Restore(Vec<PathBuf>),
    /// Write a run's model into a folder of its own.
    Export { dir: PathBuf, to: PathBuf, what: ExportAs },
    /// End an export that is under way.
    CancelExport,
}

impl RunsState {
    /// The selected run, while there is one.
    pub fn selected(&self) -> Option<&RunEntry> {
        let selected = self.selected.as_ref()?;
        self.entries.latest()?.iter().find(|entry| entry.dir == *selected)
    }

    /// Returns how far an export is, while one is under way.
    pub fn exporting(&self) -> Option<Option<Progress>> {
        self.exporting.as_ref().map(|(_, progress)| *progress)
    }

    /// The name that the user gave the run of this folder, if it is listed and has one.
    pub fn name_of(&self, dir: &Path) -> Option<&str> {
        let named = |entry: &&RunEntry| entry.dir == dir && !entry.name.is_empty();
        self.entries.latest()?.iter().find(named).map(|entry| entry.name.as_str())
    }

    /// Asks for the list anew, of the user's own folder with `None`.
    pub(super) fn list(&mut self, folder: Option<PathBuf>, shell: &mut Shell) {
        let others = shell.settings.runs_elsewhere.clone();
        self.entries.wait(shell.ask(Question::Runs { folder, others }));
    }

    fn select(&mut self, dir: PathBuf) {
        self.selected = Some(dir);
        if let Some(entry) = self.selected() {
            (self.name, self.note) = (entry.name.clone(), entry.note.clone());
        }
    }

    /// Takes in the list. The first one of a session tells of the newest run that was interrupted.
    fn take_list(&mut self, entries: Vec<RunEntry>, shell: &mut Shell) {
        let interrupted = |entry: &&RunEntry| entry.state == RunState::Unfinished && entry.can_resume;
        let is_first = !std::mem::replace(&mut self.has_offered, true);
        if let Some(entry) = entries.iter().find(interrupted).filter(|_| is_first && !shell.is_running) {
            let problem = match &*entry.name {
                "" => {
                    Problem::new("runs-interrupted-unnamed").with("data", &entry.data).with("started", &entry.started)
                }
                name => Problem::new("runs-interrupted").with("name", name),
            };
            let problem = problem.with_count("step", entry.step).with_count("total", entry.total_steps);
            let offer = match &entry.race {
                Some(race) => RaceAction::Resume(race.clone()).into(),
                None => RunsAction::Resume(entry.dir.clone()).into(),
            };
            shell.add_notice(Notice { problem, is_error: false, offer: Some(offer), lasts: Lasts::UntilDismissed });
        }
        // A new list does not wipe the name or the note that is being typed.
        let is_untouched = self.selected().is_none_or(|entry| (&entry.name, &entry.note) == (&self.name, &self.note));
        self.ticked.retain(|dir| entries.iter().any(|entry| entry.dir == *dir));
        self.entries = Loading::Ready(entries);
        match self.selected().map(|entry| entry.dir.clone()) {
            Some(dir) if is_untouched => self.select(dir),
            Some(_) => {}
            None => self.selected = None,
        }
    }

    /// Takes in a run that was opened.
    fn take_run(&mut self, opened: Arc<StoredRun>, purpose: Purpose, run: &mut ScreenState, shell: &mut Shell) {
        match purpose {
            _ if shell.is_running => {}
            Purpose::Replay | Purpose::StartFrom if opened.trainer.is_some() => {
                shell.notify(Problem::new("run-of-trainer").with("folder", opened.dir.display()), false);
            }
            Purpose::Replay => run.begin_replay(opened, shell),
            Purpose::StartFrom => shell.want(Intent::StartFrom(opened)),
            Purpose::Ask(asked) => {
                run.show_stored(&opened, shell);
                shell.want(Intent::AskRow(asked));
            }
            Purpose::Show => {
                run.show_stored(&opened, shell);
                // One that lies elsewhere is listed from now on.
                if self.entries.latest().is_none_or(|entries| entries.iter().all(|entry| entry.dir != opened.dir)) {
                    shell.settings.runs_elsewhere.retain(|dir| *dir != opened.dir);
                    shell.settings.runs_elsewhere.push(opened.dir.clone());
                    self.selected = Some(opened.dir.clone());
                    shell.want(Intent::ListRuns);
                }
            }
        }
    }

    fn change(&mut self, question: Question, shell: &mut Shell) {
        self.changing.insert(shell.ask(question));
    }
}

/// Applies what the user does. Whether it may be done now was checked before.
pub(super) fn update(state: &mut RunsState, action: RunsAction, run: &mut ScreenState, shell: &mut Shell) {
    match action {
        RunsAction::Select(dir) => state.select(dir),
        RunsAction::EditLabel { name, note } => (state.name, state.note) = (name, note),
        RunsAction::SaveLabel => save_label(state, shell),
        RunsAction::Open { dir, purpose } => {
            if state.opening.is_none() {
                state.opening = Some((shell.ask(Question::Run(dir)), purpose));
            }
        }
        RunsAction::Resume(dir) => begin(|id| RunCommand::Resume(id, dir), run, shell),
        RunsAction::TrainOn(dir) => {
            let epochs = state.more_epochs.unwrap_or(1);
            let continuation = Box::new(Continuation { dir, epochs, learning_rate: None, out: None });
            begin(|id| RunCommand::Continue(id, continuation), run, shell);
        }
        RunsAction::SetMoreEpochs(epochs) => state.more_epochs = Some(epochs),
        RunsAction::Tick { dirs, on: true } => state.ticked.extend(dirs),
        RunsAction::Tick { dirs, on: false } => state.ticked.retain(|dir| !dirs.contains(dir)),
        RunsAction::Compare(dirs) => shell.want(Intent::Compare(dirs)),
        RunsAction::Sort(column) => {
            let (same, falls) = state.sort;
            state.sort = (column, if same == column { !falls } else { column.falls() });
        }
        RunsAction::SetFilter(filter) => state.filter = filter,
        RunsAction::Delete(dirs) => delete(state, dirs, shell),
        RunsAction::Restore(dirs) => {
            let undo = RunsAction::Restore(dirs.clone()).into();
            shell.notices.retain(|notice| notice.offer.as_ref() != Some(&undo));
            state.change(Question::RestoreRuns(dirs), shell);
        }
        RunsAction::Export { dir, to, what } => {
            if state.exporting.is_none() {
                let question = match what {
                    ExportAs::Model(half) => Question::ExportRun { dir, to, half },
                    ExportAs::Board => Question::ExportBoard { dir, to },
                    ExportAs::Tables => Question::ExportTables { dir, to },
                    ExportAs::Cluster => Question::ExportCluster { source: TrainingSource::Run(dir), to },
                };
                state.exporting = Some((shell.ask(question), None));
            }
        }
        RunsAction::CancelExport => {
            if let Some((id, _)) = &state.exporting {
                shell.tell(Command::Cancel(*id));
            }
        }
    }
}

/// Moves runs to the trash. Those that another program wrote are not Thaw's to delete: they only leave the list, where they
/// were added to it.
fn delete(state: &mut RunsState, dirs: Vec<PathBuf>, shell: &mut Shell) {
    let entries = state.entries.latest().map(Vec::as_slice).unwrap_or_default();
    let is_foreign = |dir: &PathBuf| entries.iter().any(|e| e.dir == *dir && e.engine == Engine::Trainer);
    let is_added = |dir: &PathBuf| shell.settings.runs_elsewhere.contains(dir);
    let (left, deleted): (Vec<_>, Vec<_>) = dirs.into_iter().partition(|dir| is_foreign(dir) && is_added(dir));
    if !left.is_empty() {
        shell.settings.runs_elsewhere.retain(|dir| !left.contains(dir));
        state.ticked.retain(|dir| !left.contains(dir));
        shell.notify(Problem::new("runs-left-list").with_count("count", left.len()), false);
        shell.want(Intent::ListRuns);
    }
    if !deleted.is_empty() {
        state.change(Question::DeleteRuns(deleted), shell);
    }
}

/// Begins a training whose settings its folder has; the worker tells them.
fn begin(command: impl FnOnce(RunId) -> RunCommand, run: &mut ScreenState, shell: &mut Shell) {
    let id = shell.next_run();
    shell.withdraw_offers();
    run.begin(id, RunConfig::default());
    shell.view = View::Live;
    shell.tell_run(command(id));
}

/// Saves name and note of the selected run when they were changed.
fn save_label(state: &mut RunsState, shell: &mut Shell) {
    let (name, note) = (state.name.trim().to_owned(), state.note.trim().to_owned());
    if let Some(entry) = state.selected()
        && (&name, &note) != (&entry.name, &entry.note)
    {
        state.change(Question::LabelRun { dir: entry.dir.clone(), name, note }, shell);
    }
}

/// Folds in what the worker answers.
pub(super) fn reduce(state: &mut RunsState, event: &Event, run: &mut ScreenState, shell: &mut Shell) {
    if let (Event::Notice(WorkerNotice::Progress(progress)), Some((_, told))) = (event, &mut state.exporting)
        && [Task::ReadData, Task::LoadModel, Task::Save, Task::Test].contains(&progress.task)
    {
        *told = Some(*progress);
    }
    let Event::Answer(id, answer) = event else { return };
    if state.exporting.take_if(|(own, _)| own == id).is_some() {
        match answer {
            Err(problem) if problem.id == "cancelled" => {}
            answer => {
                if let Some(answer) = shell.answered(answer) {
                    tell_exported(answer, shell);
                }
            }
        }
        return;
    }
    if state.entries.waits_for(id) {
        match answer {
            Ok(Answer::Runs(entries)) => state.take_list(entries.clone(), shell),
            Ok(_) => {}
            Err(problem) => state.entries = Loading::Failed(problem.clone()),
        }
    } else if let Some((_, purpose)) = state.opening.take_if(|(own, _)| own == id) {
        if let Some(Answer::Run(opened)) = shell.answered(answer) {
            state.take_run(Arc::clone(opened), purpose, run, shell);
        }
    } else if state.changing.remove(id)
        && let Some(answer) = shell.answered(answer)
    {
        if let Answer::RunsDeleted { dirs, can_restore } = answer {
            // The model has gone with the folder.
            drop(run.last_dir.take_if(|last| dirs.contains(last)));
            state.ticked.retain(|dir| !dirs.contains(dir));
            let problem = Problem::new("runs-deleted").with_count("count", dirs.len());
            match can_restore {
                true => shell.offer_undo(problem, RunsAction::Restore(dirs.clone())),
                false => shell.notify(problem, false),
            }
        }
        shell.want(Intent::ListRuns);
    }
}

/// Returns where an export goes: into a folder of the run's name, and of what is exported, in the chosen one.
pub fn export_to(dir: &Path, chosen: &Path, what: ExportAs) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_else(|| "model".as_ref()).to_owned();
    name.push(what.suffix());
    chosen.join(name)
}

/// Says where an export is.
fn tell_exported(answer: &Answer, shell: &mut Shell) {
    let told = |id: &'static str, folder: &Path| Problem::new(id).with("folder", folder.display());
    match answer {
        // A notice stays until it is read, because rounding may have changed the accuracy.
        Answer::RunExported { folder, rounded: Some(rounded) } => {
            shell.notify(rounded_as_problem(folder, rounded), false);
        }
        Answer::RunExported { folder, rounded: None } => shell.tell_done(told("run-exported", folder)),
        Answer::BoardExported(folder) => shell.tell_done(told("board-exported", folder)),
        Answer::TablesExported(folder) => shell.tell_done(told("tables-exported", folder)),
        Answer::ClusterExported(folder) => shell.tell_done(told("cluster-exported", folder)),
        _ => {}
    }
}

/// Says where a model with rounded weights is, and what rounding changed.
fn rounded_as_problem(folder: &Path, rounded: &Rounded) -> Problem {
    let half = rounded.half.name();
    match &rounded.measured {
        Ok(measured) => Problem::new("run-exported-rounded")
            .with("folder", folder.display())
            .with("half", half)
            .with_count("rows", measured.rows as usize)
            .with("accuracy_before", format!("{:.4}", measured.accuracy_before))
            .with("accuracy", format!("{:.4}", measured.accuracy))
            .with("difference", format!("{:.1e}", measured.largest_difference)),
        Err(problem) => Problem::new("run-exported-unmeasured")
            .with("folder", folder.display())
            .with("half", half)
            .with_problem("problem", problem.clone()),
    }
}
