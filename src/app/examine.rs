//! Two questions about the run on the screen: which labels of its data are probably wrong, and whether its model answers
//! changed texts as it should.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::behaviour::Behaviour;
use crate::domain::data_map::DataMap;
use crate::domain::lived_words::{self, LivedWords};
use crate::domain::message::{Answer, AskId, Command, Event, Notice, Progress, Question, RunEvent, Task};
use crate::domain::problem::Problem;
use crate::domain::suspects::{FixedCopy, Hunt, Suspect, Suspects};

use super::effect::Intent;
use super::loading::Loading;
use super::shell::Shell;

/// The pages of Explore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExaminePage {
    /// The rows behind the numbers, which are another feature's.
    #[default]
    Rows,
    /// The words that the model lives by.
    Words,
    Labels,
    Behaviour,
}

/// See the module. What was found of the labels stays until another run is on the screen.
#[derive(Clone, Debug, Default)]
pub struct ExamineState {
    pub page: ExaminePage,
    /// The run whose labels were asked about.
    dir: Option<PathBuf>,
    pub suspects: Loading<Arc<Suspects>>,
    pub map: Loading<Option<Arc<DataMap>>>,
    /// What is known of the behaviour of runs, by their folders.
    behaviour: BTreeMap<PathBuf, Loading<Arc<Behaviour>>>,
    pub words: Loading<Arc<LivedWords>>,
    /// The test rows that are to be explained to find the words, where another number was chosen than the usual one.
    chosen_rows: Option<usize>,
    /// The label whose words are shown.
    pub words_label: usize,
    /// The user's own templates, which are asked about behind the program's.
    pub templates: Option<PathBuf>,
    /// The suspects whose suggested label is taken, by their places among all rows.
    pub fixed: BTreeSet<u32>,
    /// The copy with the fixed labels, which is being written.
    copying: Option<AskId>,
    /// The last copy that was written.
    pub copy: Option<FixedCopy>,
    /// The run whose settings are read, so that another one is trained on the copy with them.
    taking: Option<AskId>,
    /// Whether it is shown which labels were made wrong on purpose.
    pub is_revealed: bool,
    /// How far the search or the tests are.
    pub progress: Option<Progress>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExamineAction {
    ShowPage(ExaminePage),
    /// End what is under way.
    Cancel,
    /// Find the suspicious labels of the run on the screen.
    FindSuspects,
    /// Take the suggested label of a suspect, by its place among all rows, or leave it as it is.
    Fix {
        place: u32,
        is_fixed: bool,
    },
    /// Show which labels were made wrong on purpose.
    Reveal,
    /// Write a copy of the data with the fixed labels.
    WriteCopy(PathBuf),
    /// Take the run's settings, with the copy as data, for the next run.
    TrainOnCopy,
    /// Make the behaviour tests of these runs, unless they are made.
    CheckBehaviour(Vec<PathBuf>),
    /// Find the words that the model of the run on the screen lives by.
    FindWords,
    /// Explain so many test rows for it.
    SetWordsRows(usize),
    /// Show the words of a label.
    ShowWordsOf(usize),
    /// Ask about the templates of this file as well, or about none but the program's; what was found before is forgotten.
    UseTemplates(Option<PathBuf>),
}

impl ExamineState {
    /// Whether a copy with fixed labels is being written.
    pub fn is_copying(&self) -> bool {
        self.copying.is_some()
    }

    /// Whether what was found of the labels is of this run.
    pub fn is_of(&self, dir: Option<&Path>) -> bool {
        self.dir.as_deref() == dir
    }

    /// What is known of the words that a run lives by.
    pub fn words_of(&self, dir: &Path) -> &Loading<Arc<LivedWords>> {
        static UNKNOWN: Loading<Arc<LivedWords>> = Loading::Nothing;
        if self.is_of(Some(dir)) { &self.words } else { &UNKNOWN }
    }

    /// The test rows that are to be explained to find the words.
    pub fn words_rows(&self) -> usize {
        self.chosen_rows.unwrap_or(lived_words::ROWS)
    }

    /// What is known of the behaviour of a run.
    pub fn behaviour_of(&self, dir: &Path) -> &Loading<Arc<Behaviour>> {
        static UNKNOWN: Loading<Arc<Behaviour>> = Loading::Nothing;
        self.behaviour.get(dir).unwrap_or(&UNKNOWN)
    }

    /// Whether the behaviour of some run is being tested.
    pub fn is_checking(&self) -> bool {
        self.behaviour.values().any(Loading::is_waiting)
    }

    /// How many labels that were made wrong on purpose are among those that the user would fix.
    pub fn own_hunt(&self) -> Option<Hunt> {
        let found = self.suspects.ready()?;
        let marked =
            found.suspects.iter().zip(&found.flipped).filter(|(suspect, _)| self.fixed.contains(&suspect.place));
        Some(Hunt::of_marked(found.hunt?.flipped, marked.map(|(_, is_flipped)| *is_flipped)))
    }

    /// Forgets what was found of the labels of another run.
    fn turn_to(&mut self, dir: &Path) {
        if self.dir.as_deref() != Some(dir) {
            let (behaviour, chosen_rows) = (std::mem::take(&mut self.behaviour), self.chosen_rows);
            let (page, dir, templates) = (self.page, Some(dir.to_owned()), self.templates.take());
            *self = Self { page, dir, behaviour, chosen_rows, templates, ..Self::default() };
        }
    }

    /// The suspects whose suggested label is taken.
    fn fixes(&self) -> impl Iterator<Item = &Suspect> {
        let suspects = self.suspects.latest().into_iter().flat_map(|found| &found.suspects);
        suspects.filter(|suspect| self.fixed.contains(&suspect.place))
    }

    fn check_behaviour(&mut self, dirs: Vec<PathBuf>, shell: &mut Shell) {
        for dir in dirs {
            let loading = self.behaviour.entry(dir.clone()).or_default();
            if loading.latest().is_none() && !loading.is_waiting() {
                let templates = self.templates.clone();
                loading.wait(shell.ask(Question::Behaviour { run: dir, templates }));
            }
        }
    }
}

/// Applies what the user does. `screen` is the folder of the run on the screen.
pub(super) fn update(state: &mut ExamineState, action: ExamineAction, screen: Option<&Path>, shell: &mut Shell) {
    match action {
        ExamineAction::ShowPage(page) => state.page = page,
        ExamineAction::Cancel => {
            let behaviour = state.behaviour.values().map(waited);
            let ids: Vec<AskId> = behaviour.chain([waited(&state.suspects), waited(&state.words)]).flatten().collect();
            ids.into_iter().for_each(|id| shell.tell(Command::Cancel(id)));
        }
        // A run that is under way has the machine.
        _ if shell.is_running => {}
        ExamineAction::CheckBehaviour(dirs) => state.check_behaviour(dirs, shell),
        ExamineAction::UseTemplates(file) => {
            let waiting: Vec<AskId> = state.behaviour.values().filter_map(waited).collect();
            waiting.into_iter().for_each(|id| shell.tell(Command::Cancel(id)));
            state.behaviour.clear();
            state.templates = file;
            state.check_behaviour(screen.into_iter().map(Path::to_owned).collect(), shell);
        }
        action => {
            if let Some(dir) = screen {
                state.turn_to(dir);
                update_labels(state, action, dir, shell);
            }
        }
    }
}

fn update_labels(state: &mut ExamineState, action: ExamineAction, dir: &Path, shell: &mut Shell) {
    match action {
        ExamineAction::FindSuspects if !state.suspects.is_waiting() => {
            (state.is_revealed, state.copy) = (false, None);
            state.fixed.clear();
            state.suspects.wait(shell.ask(Question::Suspects(dir.to_owned())));
            state.map.wait(shell.ask(Question::DataMap(dir.to_owned())));
        }
        ExamineAction::Fix { place, is_fixed } => {
            state.fixed.retain(|fixed| *fixed != place);
            state.fixed.extend(is_fixed.then_some(place));
        }
        ExamineAction::Reveal => state.is_revealed = true,
        ExamineAction::WriteCopy(to) => {
            let labels: BTreeMap<u32, String> =
                state.fixes().map(|suspect| (suspect.place, suspect.suggested.clone())).collect();
            if !labels.is_empty() && state.copying.is_none() {
                state.copying = Some(shell.ask(Question::Relabelled { run: dir.to_owned(), labels, to }));
            }
        }
        ExamineAction::FindWords if !state.words.is_waiting() => {
            let (run, rows) = (dir.to_owned(), state.words_rows());
            state.words.wait(shell.ask(Question::LivedWords { run, rows }));
        }
        ExamineAction::SetWordsRows(rows) => state.chosen_rows = Some(rows),
        ExamineAction::ShowWordsOf(label) => state.words_label = label,
        ExamineAction::TrainOnCopy if state.copy.is_some() => {
            state.taking = Some(shell.ask(Question::Run(dir.to_owned())));
        }
        _ => {}
    }
}

/// The work whose progress is shown.
const TASKS: [Task; 3] = [Task::Suspects, Task::Behaviour, Task::Words];

/// The question that something is waited for.
fn waited<T>(loading: &Loading<T>) -> Option<AskId> {
    if let Loading::Waiting(id, _) = loading { Some(*id) } else { None }
}

/// Folds in what the worker tells.
pub(super) fn reduce(state: &mut ExamineState, event: &Event, shell: &mut Shell) {
    let (id, answer) = match event {
        Event::Answer(id, answer) => (id, answer),
        Event::Notice(Notice::Progress(progress)) if TASKS.contains(&progress.task) => {
            state.progress = Some(*progress);
            return;
        }
        Event::Run(_, events) => {
            // The model in the folder is another one now.
            let ended =
                events.iter().filter_map(|e| if let RunEvent::RunEnded(ended) = e { Some(ended) } else { None });
            ended.filter_map(|ended| ended.run_dir.as_ref()).for_each(|dir| drop(state.behaviour.remove(dir)));
            return;
        }
        _ => return,
    };
    if state.suspects.waits_for(id) {
        state.progress = None;
        match answer {
            Ok(Answer::Suspects(found)) => state.suspects = Loading::Ready(Arc::clone(found)),
            Ok(_) => {}
            Err(problem) => state.suspects = Loading::Failed(problem.clone()),
        }
    } else if state.words.waits_for(id) {
        state.progress = None;
        match answer {
            Ok(Answer::LivedWords(found)) => {
                state.words_label = state.words_label.min(found.labels.len().saturating_sub(1));
                state.words = Loading::Ready(Arc::clone(found));
            }
            Ok(_) => {}
            Err(problem) => state.words = Loading::Failed(problem.clone()),
        }
    } else if state.map.waits_for(id) {
        match answer {
            Ok(Answer::DataMap(map)) => state.map = Loading::Ready(map.clone()),
            Ok(_) => {}
            // The list of suspects says the same.
            Err(problem) => state.map = Loading::Failed(problem.clone()),
        }
    } else if let Some(loading) = state.behaviour.values_mut().find(|loading| loading.waits_for(id)) {
        state.progress = None;
        match answer {
            Ok(Answer::Behaviour(found)) => *loading = Loading::Ready(Arc::clone(found)),
            Ok(_) => {}
            Err(problem) => *loading = Loading::Failed(problem.clone()),
        }
    } else if state.copying == Some(*id) {
        state.copying = None;
        if let Some(Answer::Relabelled(copy)) = shell.answered(answer) {
            let told = Problem::new("labels-copied").with_count("fixed", copy.fixed).with("file", copy.file.display());
            shell.tell_done(told);
            state.copy = Some(copy.clone());
        }
    } else if state.taking == Some(*id) {
        state.taking = None;
        if let (Some(Answer::Run(run)), Some(copy)) = (shell.answered(answer), state.copy.clone()) {
            shell.want(Intent::TrainOnCopy(Arc::clone(run), copy));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::config::RunConfig;
    use crate::domain::stored::StoredRun;

    use super::super::effect::Effect;
    use super::super::tests::asked;
    use super::*;

    fn suspect(place: u32) -> Suspect {
        Suspect {
            place,
            row: place + 2,
            text: "a film".into(),
            second: None,
            given: "good".into(),
            suggested: "bad".into(),
            score: 0.9,
        }
    }

    /// A run of which two of five labels that were made wrong are suspected, and two that were not.
    fn found(state: &mut ExamineState, shell: &mut Shell, dir: &Path) {
        update(state, ExamineAction::FindSuspects, Some(dir), shell);
        asked(shell);
        let (id, question) = asked(shell);
        assert!(matches!(question, Question::Suspects(run) if run == dir));
        let (suspects, flipped) = ([3, 7, 8, 9].map(suspect).to_vec(), vec![true, false, true, false]);
        let hunt = Some(Hunt::of(5, flipped.iter().copied()));
        let found = Suspects { suspects, flipped, hunt, ..Suspects::default() };
        reduce(state, &Event::Answer(id, Ok(Answer::Suspects(Arc::new(found)))), shell);
    }

    #[test]
    fn only_what_was_chosen_is_changed_in_the_copy() {
        let (mut state, mut shell, dir) = (ExamineState::default(), Shell::default(), Path::new("run"));
        found(&mut state, &mut shell, dir);
        let write = |state: &mut _, shell: &mut _| {
            update(state, ExamineAction::WriteCopy("copy.csv".into()), Some(dir), shell);
        };
        write(&mut state, &mut shell);
        assert!(shell.effects.is_empty(), "nothing is fixed yet");
        for (place, is_fixed) in [(3, true), (7, true), (3, false)] {
            update(&mut state, ExamineAction::Fix { place, is_fixed }, Some(dir), &mut shell);
        }
        update(&mut state, ExamineAction::TrainOnCopy, Some(dir), &mut shell);
        assert!(shell.effects.is_empty(), "there is no copy yet");
        write(&mut state, &mut shell);
        let (id, question) = asked(&mut shell);
        let Question::Relabelled { labels, to, .. } = question else { panic!("{question:?}") };
        assert_eq!((labels, to), (BTreeMap::from([(7, "bad".to_owned())]), PathBuf::from("copy.csv")));
        let columns = ["text", "label"].map(str::to_owned).to_vec();
        let copy = FixedCopy { file: "copy.csv".into(), fixed: 1, columns, split_column: "label_before".into() };
        reduce(&mut state, &Event::Answer(id, Ok(Answer::Relabelled(copy))), &mut shell);
        assert_eq!((state.is_copying(), &*shell.notices[0].problem.id), (false, "labels-copied"));

        update(&mut state, ExamineAction::TrainOnCopy, Some(dir), &mut shell);
        let (id, question) = asked(&mut shell);
        assert!(matches!(question, Question::Run(run) if run == dir));
        let run = StoredRun::new(dir.to_owned(), RunConfig::default(), Vec::new());
        reduce(&mut state, &Event::Answer(id, Ok(Answer::Run(Arc::new(run)))), &mut shell);
        assert!(matches!(shell.intents.pop_front(), Some(Intent::TrainOnCopy(_, copy)) if copy.fixed == 1));
    }

    #[test]
    fn a_hunt_is_told_by_what_was_ticked() {
        let (mut state, mut shell, dir) = (ExamineState::default(), Shell::default(), Path::new("run"));
        found(&mut state, &mut shell, dir);
        for place in [3, 7, 8] {
            update(&mut state, ExamineAction::Fix { place, is_fixed: true }, Some(dir), &mut shell);
        }
        let hunt = state.own_hunt().unwrap();
        assert_eq!((hunt.flipped, hunt.read, hunt.found), (5, 3, 2));
        assert!((hunt.recall() - 0.4).abs() < 1e-12 && (hunt.precision() - 2.0 / 3.0).abs() < 1e-12);
        assert!(!state.is_revealed);
        update(&mut state, ExamineAction::Reveal, Some(dir), &mut shell);
        assert!(state.is_revealed);
        update(&mut state, ExamineAction::FindSuspects, Some(dir), &mut shell);
        assert!(!state.is_revealed && state.fixed.is_empty(), "a new hunt");
    }

    #[test]
    fn the_words_of_so_many_rows_are_found_and_can_be_cancelled() {
        let (mut state, mut shell, dir) = (ExamineState::default(), Shell::default(), Path::new("run"));
        update(&mut state, ExamineAction::SetWordsRows(50), Some(dir), &mut shell);
        update(&mut state, ExamineAction::FindWords, Some(dir), &mut shell);
        let (id, question) = asked(&mut shell);
        assert!(matches!(question, Question::LivedWords { rows: 50, .. }));
        update(&mut state, ExamineAction::FindWords, Some(dir), &mut shell);
        assert!(shell.effects.is_empty(), "it is under way");
        update(&mut state, ExamineAction::Cancel, Some(dir), &mut shell);
        assert!(matches!(shell.effects.pop(), Some(Effect::Tell(Command::Cancel(of))) if of == id));
        reduce(&mut state, &Event::Answer(id, Err(Problem::new("cancelled"))), &mut shell);
        update(&mut state, ExamineAction::FindWords, Some(dir), &mut shell);
        let (id, _) = asked(&mut shell);
        update(&mut state, ExamineAction::ShowWordsOf(7), Some(dir), &mut shell);
        reduce(&mut state, &Event::Answer(id, Ok(Answer::LivedWords(Arc::default()))), &mut shell);
        assert_eq!((state.words.ready().is_some(), state.words_label), (true, 0), "there is no seventh label");
        update(&mut state, ExamineAction::FindWords, Some(Path::new("other")), &mut shell);
        assert!(state.words.is_waiting() && state.words_rows() == 50);
    }

    #[test]
    fn each_run_is_tested_once() {
        let (mut state, mut shell) = (ExamineState::default(), Shell::default());
        let [a, b] = ["a", "b"].map(PathBuf::from);
        let check = |state: &mut _, shell: &mut _, dirs: &[&PathBuf]| {
            let dirs = dirs.iter().map(|dir| (*dir).clone()).collect();
            update(state, ExamineAction::CheckBehaviour(dirs), None, shell);
        };
        check(&mut state, &mut shell, &[&a]);
        let (first, _) = asked(&mut shell);
        check(&mut state, &mut shell, &[&a, &b]);
        let (second, _) = asked(&mut shell);
        assert!(shell.effects.is_empty() && state.is_checking(), "the first is being tested");
        reduce(&mut state, &Event::Answer(first, Ok(Answer::Behaviour(Arc::default()))), &mut shell);
        reduce(&mut state, &Event::Answer(second, Err(Problem::new("run-not-found"))), &mut shell);
        assert!(state.behaviour_of(&a).ready().is_some() && state.behaviour_of(&b).failed().is_some());
        assert!(!state.is_checking());
        check(&mut state, &mut shell, &[&a, &b]);
        assert!(matches!(asked(&mut shell).1, Question::Behaviour { run, .. } if run == b));
        assert!(shell.effects.is_empty());
        update(&mut state, ExamineAction::UseTemplates(Some("own.toml".into())), Some(&a), &mut shell);
        let (_, question) = asked(&mut shell);
        assert!(matches!(question, Question::Behaviour { run, templates: Some(_) } if run == a));
        assert!(matches!(shell.effects.pop(), Some(Effect::Tell(Command::Cancel(_)))), "b was being tested");
        shell.is_running = true;
        update(&mut state, ExamineAction::FindSuspects, Some(&b), &mut shell);
        assert!(shell.effects.is_empty(), "a run under way has the machine");
    }
}
