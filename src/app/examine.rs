//! Two questions about the run on the screen: which labels of its data are probably wrong, and whether its model answers
//! changed texts as it should.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::behaviour::Behaviour;
use crate::domain::data_map::DataMap;
use crate::domain::message::{Answer, AskId, Command, Event, Notice, Progress, Question, Task};
use crate::domain::suspects::{Suspect, Suspects};

use super::effect::{Dialog, Intent};
use super::loading::Loading;
use super::shell::Shell;

/// The pages of Explore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExaminePage {
    /// The rows behind the numbers, which are another feature's.
    #[default]
    Rows,
    Labels,
    Behaviour,
}

/// See the module. What was found stays until another run is on the screen.
#[derive(Clone, Debug, Default)]
pub struct ExamineState {
    pub page: ExaminePage,
    /// The run that was asked about.
    dir: Option<PathBuf>,
    pub suspects: Loading<Arc<Suspects>>,
    pub map: Loading<Option<Arc<DataMap>>>,
    pub behaviour: Loading<Arc<Behaviour>>,
    /// The suspects whose suggested label is taken, by their places among all rows.
    pub fixed: BTreeSet<u32>,
    /// The copy with the fixed labels, which is being made.
    copying: Option<AskId>,
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
    /// Save a copy of the data with the fixed labels.
    SaveCopy,
    /// Make the behaviour tests of the run on the screen.
    CheckBehaviour,
}

impl ExamineState {
    /// Whether a copy with fixed labels is being made.
    pub fn is_copying(&self) -> bool {
        self.copying.is_some()
    }

    /// Whether what was found is of this run.
    pub fn is_of(&self, dir: Option<&Path>) -> bool {
        self.dir.as_deref() == dir
    }

    /// Forgets what was found of another run.
    fn turn_to(&mut self, dir: &Path) {
        if self.dir.as_deref() != Some(dir) {
            *self = Self { page: self.page, dir: Some(dir.to_owned()), ..Self::default() };
        }
    }

    /// The suspects whose suggested label is taken.
    fn fixes(&self) -> impl Iterator<Item = &Suspect> {
        let suspects = self.suspects.latest().into_iter().flat_map(|found| &found.suspects);
        suspects.filter(|suspect| self.fixed.contains(&suspect.place))
    }
}

/// Applies what the user does. `screen` is the folder of the run on the screen.
pub(super) fn update(state: &mut ExamineState, action: ExamineAction, screen: Option<&Path>, shell: &mut Shell) {
    if let ExamineAction::ShowPage(page) = action {
        state.page = page;
    }
    let Some(dir) = screen.filter(|_| !shell.is_running) else { return };
    state.turn_to(dir);
    match action {
        ExamineAction::FindSuspects if !state.suspects.is_waiting() => {
            state.fixed.clear();
            state.suspects.wait(shell.ask(Question::Suspects(dir.to_owned())));
            state.map.wait(shell.ask(Question::DataMap(dir.to_owned())));
        }
        ExamineAction::CheckBehaviour if !state.behaviour.is_waiting() => {
            state.behaviour.wait(shell.ask(Question::Behaviour { run: dir.to_owned(), templates: None }));
        }
        ExamineAction::Cancel => {
            let ids = [waited(&state.suspects), waited(&state.behaviour)];
            ids.into_iter().flatten().for_each(|id| shell.tell(Command::Cancel(id)));
        }
        ExamineAction::FindSuspects | ExamineAction::CheckBehaviour | ExamineAction::ShowPage(_) => {}
        ExamineAction::Fix { place, is_fixed } => {
            state.fixed.retain(|fixed| *fixed != place);
            state.fixed.extend(is_fixed.then_some(place));
        }
        ExamineAction::SaveCopy => {
            let labels: BTreeMap<u32, String> =
                state.fixes().map(|suspect| (suspect.place, suspect.suggested.clone())).collect();
            if !labels.is_empty() && state.copying.is_none() {
                state.copying = Some(shell.ask(Question::Relabelled { run: dir.to_owned(), labels }));
            }
        }
    }
}

/// The question that something is waited for.
fn waited<T>(loading: &Loading<T>) -> Option<AskId> {
    if let Loading::Waiting(id, _) = loading { Some(*id) } else { None }
}

/// Folds in what the worker tells.
pub(super) fn reduce(state: &mut ExamineState, event: &Event, shell: &mut Shell) {
    match event {
        Event::Notice(Notice::Progress(progress)) if [Task::Suspects, Task::Behaviour].contains(&progress.task) => {
            state.progress = Some(*progress);
        }
        Event::Answer(id, answer) if state.suspects.waits_for(id) => {
            state.progress = None;
            match answer {
                Ok(Answer::Suspects(found)) => state.suspects = Loading::Ready(Arc::clone(found)),
                Ok(_) => {}
                Err(problem) => state.suspects = Loading::Failed(problem.clone()),
            }
        }
        Event::Answer(id, answer) if state.map.waits_for(id) => match answer {
            Ok(Answer::DataMap(map)) => state.map = Loading::Ready(map.clone()),
            Ok(_) => {}
            // The list of suspects says the same.
            Err(problem) => state.map = Loading::Failed(problem.clone()),
        },
        Event::Answer(id, answer) if state.behaviour.waits_for(id) => {
            state.progress = None;
            match answer {
                Ok(Answer::Behaviour(found)) => state.behaviour = Loading::Ready(Arc::clone(found)),
                Ok(_) => {}
                Err(problem) => state.behaviour = Loading::Failed(problem.clone()),
            }
        }
        Event::Answer(id, answer) if state.copying == Some(*id) => {
            state.copying = None;
            if let Some(Answer::Relabelled(file)) = shell.answered(answer) {
                let (name, bytes) = ("fixed-labels".to_owned(), Arc::clone(file));
                shell.want(Intent::OpenDialog(Dialog::SaveFile { name, extension: "csv", bytes }));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::problem::Problem;

    use super::super::effect::Effect;
    use super::*;

    /// What was asked last.
    fn asked(shell: &mut Shell) -> (AskId, Question) {
        match shell.effects.pop() {
            Some(Effect::Tell(Command::Ask(id, question))) => (id, question),
            other => panic!("{other:?}"),
        }
    }

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

    #[test]
    fn only_what_was_chosen_is_changed_in_the_copy() {
        let (mut state, mut shell, dir) = (ExamineState::default(), Shell::default(), Path::new("run"));
        update(&mut state, ExamineAction::FindSuspects, Some(dir), &mut shell);
        asked(&mut shell);
        let (id, question) = asked(&mut shell);
        assert!(matches!(question, Question::Suspects(run) if run == dir));
        let found = Suspects { suspects: vec![suspect(3), suspect(7)], ..Suspects::default() };
        reduce(&mut state, &Event::Answer(id, Ok(Answer::Suspects(Arc::new(found)))), &mut shell);
        update(&mut state, ExamineAction::SaveCopy, Some(dir), &mut shell);
        assert!(shell.effects.is_empty(), "nothing is fixed yet");
        for (place, is_fixed) in [(3, true), (7, true), (3, false)] {
            update(&mut state, ExamineAction::Fix { place, is_fixed }, Some(dir), &mut shell);
        }
        update(&mut state, ExamineAction::SaveCopy, Some(dir), &mut shell);
        let (id, question) = asked(&mut shell);
        let Question::Relabelled { labels, .. } = question else { panic!("{question:?}") };
        assert_eq!(labels.into_iter().collect::<Vec<_>>(), [(7, "bad".to_owned())]);
        reduce(&mut state, &Event::Answer(id, Ok(Answer::Relabelled(b"text".as_slice().into()))), &mut shell);
        let wanted = shell.intents.pop_front();
        assert!(matches!(wanted, Some(Intent::OpenDialog(Dialog::SaveFile { bytes, .. })) if *bytes == *b"text"));
        assert!(!state.is_copying());
    }

    #[test]
    fn another_run_has_its_own_answers() {
        let (mut state, mut shell) = (ExamineState::default(), Shell::default());
        update(&mut state, ExamineAction::CheckBehaviour, Some(Path::new("a")), &mut shell);
        let (first, _) = asked(&mut shell);
        update(&mut state, ExamineAction::CheckBehaviour, Some(Path::new("b")), &mut shell);
        let (second, _) = asked(&mut shell);
        let answer = |id| Event::Answer(id, Ok(Answer::Behaviour(Arc::default())));
        reduce(&mut state, &answer(first), &mut shell);
        assert!(state.behaviour.is_waiting());
        reduce(&mut state, &answer(second), &mut shell);
        assert!(state.behaviour.ready().is_some() && state.is_of(Some(Path::new("b"))));
        update(&mut state, ExamineAction::CheckBehaviour, Some(Path::new("b")), &mut shell);
        let (id, _) = asked(&mut shell);
        reduce(&mut state, &Event::Answer(id, Err(Problem::new("run-not-found"))), &mut shell);
        assert!(state.behaviour.failed().is_some());
        shell.is_running = true;
        update(&mut state, ExamineAction::FindSuspects, Some(Path::new("b")), &mut shell);
        assert!(shell.effects.is_empty(), "a run under way has the machine");
    }
}
