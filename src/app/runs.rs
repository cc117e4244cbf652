//! The runs on disk as the window lists them, and what is done with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::message::{Answer, AskId, Command, Continuation, Event, Question, RunCommand, RunId};
use crate::domain::problem::Problem;
use crate::domain::stored::{RunEntry, RunState, StoredRun};

use super::effect::{Effect, Intent, Notice, Offer, View, World};
use super::loading::{Loading, Pending};

/// What a run is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Its curves and results.
    Show,
    Replay,
    /// Its model and settings, for another run.
    StartFrom,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct RunsState {
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
    opening: Option<(AskId, Purpose)>,
    /// Runs being named, deleted or exported.
    changing: Pending,
    /// Whether runs that were interrupted have been told of; once a session is enough.
    has_offered: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RunsAction {
    Select(PathBuf),
    /// Name and note of the selected run as they are typed; `SaveLabel` keeps them.
    EditLabel {
        name: String,
        note: String,
    },
    SaveLabel,
    Open {
        dir: PathBuf,
        purpose: Purpose,
    },
    /// Resume an interrupted run.
    Resume(PathBuf),
    /// Train a finished run's model for `more_epochs`, as a new run.
    TrainOn(PathBuf),
    SetMoreEpochs(usize),
    /// Ask whether the selected run may go, or take that back; `Delete` does it.
    AskToDelete(bool),
    Delete,
    Export {
        dir: PathBuf,
        to: PathBuf,
    },
}

impl RunsState {
    /// The selected run, while there is one.
    pub fn selected(&self) -> Option<&RunEntry> {
        let selected = self.selected.as_ref()?;
        self.entries.latest()?.iter().find(|entry| entry.dir == *selected)
    }

    /// Asks for the list anew, of the user's own folder with `None`.
    pub(super) fn list(&mut self, folder: Option<PathBuf>, world: &mut World<'_>) -> Effect {
        self.entries.ask(world.ids, Question::Runs { folder, others: world.settings.runs_elsewhere.clone() })
    }

    fn select(&mut self, dir: PathBuf) {
        self.asks_to_delete = false;
        self.selected = Some(dir);
        if let Some(entry) = self.selected() {
            (self.name, self.note) = (entry.name.clone(), entry.note.clone());
        }
    }

    /// Whether name and note are as the list has them, so that nothing typed is lost with another list.
    fn is_label_untouched(&self) -> bool {
        self.selected().is_none_or(|entry| (&entry.name, &entry.note) == (&self.name, &self.note))
    }

    /// Takes in the list. The first one of a session tells of the newest run that was interrupted.
    fn take_list(&mut self, entries: Vec<RunEntry>, is_running: bool) -> Option<Effect> {
        let interrupted = |entry: &&RunEntry| entry.state == RunState::Unfinished && entry.can_resume;
        let is_first = !std::mem::replace(&mut self.has_offered, true);
        let offer = entries.iter().find(interrupted).filter(|_| is_first && !is_running).map(|entry| {
            let problem = Problem::new("runs-interrupted").with("name", &entry.name);
            let problem = problem.with_count("step", entry.step).with_count("total", entry.total_steps);
            let offer = match &entry.race {
                Some(race) => Offer::ResumeRace(race.clone()),
                None => Offer::ResumeRun(entry.dir.clone()),
            };
            Effect::Do(Intent::Notify(Notice { problem, is_error: false, offer: Some(offer) }))
        });
        let is_untouched = self.is_label_untouched();
        self.entries = Loading::Ready(entries);
        match self.selected().map(|entry| entry.dir.clone()) {
            Some(dir) if is_untouched => {
                let asks_to_delete = self.asks_to_delete;
                self.select(dir);
                self.asks_to_delete = asks_to_delete;
            }
            Some(_) => {}
            None => self.selected = None,
        }
        offer
    }

    /// Takes in a run that was opened.
    fn take_run(&mut self, run: &Arc<StoredRun>, purpose: Purpose, world: &mut World<'_>) -> Vec<Effect> {
        if world.is_running {
            return Vec::new();
        }
        let run = Arc::clone(run);
        match purpose {
            Purpose::Replay => vec![Effect::Do(Intent::Replay(run))],
            Purpose::StartFrom => vec![Effect::Do(Intent::StartFrom(run))],
            Purpose::Show => {
                let mut effects = vec![Effect::Do(Intent::ShowStored(Arc::clone(&run)))];
                // One that lies elsewhere is listed from now on.
                if !self.entries.latest().is_some_and(|entries| entries.iter().any(|entry| entry.dir == run.dir)) {
                    world.settings.runs_elsewhere.push(run.dir.clone());
                    self.selected = Some(run.dir.clone());
                    effects.push(Effect::Do(Intent::ListRuns));
                }
                effects
            }
        }
    }
}

/// Applies what the user does. Whether it may be done now was checked before.
pub(super) fn update(state: &mut RunsState, action: RunsAction, world: &mut World<'_>) -> Vec<Effect> {
    match action {
        RunsAction::Select(dir) => state.select(dir),
        RunsAction::EditLabel { name, note } => (state.name, state.note) = (name, note),
        RunsAction::SaveLabel => return save_label(state, world).into_iter().collect(),
        RunsAction::Open { dir, purpose } if state.opening.is_none() => {
            let (id, effect) = world.ids.ask(Question::Run(dir));
            state.opening = Some((id, purpose));
            return vec![effect];
        }
        RunsAction::Open { .. } => {}
        RunsAction::Resume(dir) => return begin(world, |id| RunCommand::Resume(id, dir)),
        RunsAction::TrainOn(dir) => {
            let epochs = state.more_epochs.unwrap_or(1);
            let continuation = Continuation { dir, epochs, learning_rate: None, out: None };
            return begin(world, |id| RunCommand::Continue(id, Box::new(continuation)));
        }
        RunsAction::SetMoreEpochs(epochs) => state.more_epochs = Some(epochs),
        RunsAction::AskToDelete(asks) => state.asks_to_delete = asks,
        RunsAction::Delete => {
            state.asks_to_delete = false;
            if let Some(dir) = state.selected().map(|entry| entry.dir.clone()) {
                return vec![state.changing.ask(world.ids, Question::DeleteRun(dir), ())];
            }
        }
        RunsAction::Export { dir, to } => {
            return vec![state.changing.ask(world.ids, Question::ExportRun { dir, to }, ())];
        }
    }
    Vec::new()
}

/// Begins a training whose settings its folder has; the worker tells them.
fn begin(world: &mut World<'_>, command: impl FnOnce(RunId) -> RunCommand) -> Vec<Effect> {
    let id = world.ids.next_run();
    vec![
        Effect::Do(Intent::WithdrawOffers),
        Effect::Do(Intent::BeginRun(id, Box::default())),
        Effect::show(View::Live),
        Effect::Tell(Command::Run(command(id))),
    ]
}

/// Saves name and note of the selected run when they were changed.
fn save_label(state: &mut RunsState, world: &mut World<'_>) -> Option<Effect> {
    let entry = state.selected()?;
    let (name, note) = (state.name.trim().to_owned(), state.note.trim().to_owned());
    if (&name, &note) == (&entry.name, &entry.note) {
        return None;
    }
    let question = Question::LabelRun { dir: entry.dir.clone(), name, note };
    Some(state.changing.ask(world.ids, question, ()))
}

/// Folds in what the worker answers.
pub(super) fn reduce(state: &mut RunsState, event: &Event, world: &mut World<'_>) -> Vec<Effect> {
    let Event::Answer(id, answer) = event else { return Vec::new() };
    if state.entries.waits_for(id) {
        match answer {
            Ok(Answer::Runs(entries)) => {
                return state.take_list(entries.clone(), world.is_running).into_iter().collect();
            }
            Ok(_) => {}
            Err(problem) => state.entries = Loading::Failed(problem.clone()),
        }
    } else if let Some((_, purpose)) = state.opening.take_if(|(own, _)| own == id) {
        match answer {
            Ok(Answer::Run(run)) => return state.take_run(run, purpose, world),
            Ok(_) => {}
            Err(problem) => return vec![Effect::error(problem.clone())],
        }
    } else if state.changing.take(*id).is_some() {
        match answer {
            Ok(Answer::RunDeleted(dir)) => {
                return vec![Effect::Do(Intent::ForgetRun(dir.clone())), Effect::Do(Intent::ListRuns)];
            }
            Ok(Answer::RunExported(folder)) => {
                return vec![Effect::notify(Problem::new("run-exported").with("folder", folder.display()), false)];
            }
            Ok(_) => return vec![Effect::Do(Intent::ListRuns)],
            Err(problem) => return vec![Effect::error(problem.clone())],
        }
    }
    Vec::new()
}

/// Where an exported model goes: into a folder of the run's name in the chosen one.
pub fn export_to(dir: &Path, chosen: &Path) -> PathBuf {
    chosen.join(dir.file_name().unwrap_or_else(|| "model".as_ref()))
}
