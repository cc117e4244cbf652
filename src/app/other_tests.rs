//! Tests of runs on another file than their own data: which there are, and the one that is under way.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use crate::domain::config::{DataConfig, DataSource};
use crate::domain::labels::{LabelPair, parse_map};
use crate::domain::message::{Answer, AskId, Command, Event, Notice, Progress, Question, Task};
use crate::domain::other_test::OtherTest;
use crate::domain::problem::Problem;
use crate::domain::race::RaceRow;

use super::shell::Shell;

/// A file that runs are tested on, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    pub file: PathBuf,
    label_map: Vec<LabelPair>,
    /// The run that is tested, and those still to come.
    dir: PathBuf,
    left: VecDeque<PathBuf>,
    pub total: usize,
    asked: AskId,
}

impl UnderWay {
    /// The number of the run that is tested.
    pub fn number(&self) -> usize {
        self.total - self.left.len()
    }
}

/// Why a test could not be made, with what it takes to try again.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub dirs: Vec<PathBuf>,
    pub file: PathBuf,
    pub problem: Problem,
}

impl Refused {
    /// Returns whether the file's labels are not the run's, so that the user must say which stands for which.
    pub fn needs_map(&self) -> bool {
        self.problem.id == "data-labels-not-of-model" || self.problem.id.starts_with("label-map-")
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct OtherTestsState {
    /// The tests of the runs that were looked at, by their folders.
    pub kept: BTreeMap<PathBuf, Vec<OtherTest>>,
    reading: Vec<AskId>,
    pub under_way: Option<UnderWay>,
    pub refused: Option<Refused>,
    /// The user writes here which label stands for which: `label=class, …`.
    pub map: String,
    /// The file whose accuracies a race shows, by its fingerprint; `None` for the runs' own test.
    pub shown: Option<String>,
    /// The test tells here how far it has come.
    pub progress: Option<Progress>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherTestsAction {
    /// Test these runs on a file.
    Test {
        dirs: Vec<PathBuf>,
        file: PathBuf,
    },
    SetMap(String),
    /// Try again what was refused, with the labels as the user has matched them.
    TestMapped,
    /// Take the refusal away.
    Dismiss,
    Cancel,
    /// Show a race's accuracies on this file, or on the runs' own test.
    ShowOn(Option<String>),
}

impl OtherTestsState {
    /// The tests of a run.
    pub fn of(&self, dir: &Path) -> &[OtherTest] {
        self.kept.get(dir).map_or(&[], Vec::as_slice)
    }

    /// The rows of a race's runs as if the chosen file had been their test; none of the runs that were not tested on it.
    /// `None` where the runs' own test is shown.
    pub fn rows_shown(&self, rows: &[RaceRow]) -> Option<Vec<RaceRow>> {
        self.shown.as_ref()?;
        let on_it = |row: &RaceRow| Some(self.shown_of(row)?.in_place_of(row));
        Some(rows.iter().filter_map(on_it).collect()).filter(|rows: &Vec<RaceRow>| !rows.is_empty())
    }

    /// The test of a race's run on the chosen file.
    pub fn shown_of(&self, row: &RaceRow) -> Option<&OtherTest> {
        let shown = self.shown.as_ref()?;
        self.of(row.run_dir.as_deref()?).iter().find(|test| test.fingerprint == *shown)
    }

    /// Reads the tests of runs that were not looked at yet.
    pub(super) fn look(&mut self, dirs: &[PathBuf], shell: &mut Shell) {
        if dirs.iter().any(|dir| !self.kept.contains_key(dir)) {
            // Those whose file cannot be read have none, and are not asked for again.
            for dir in dirs {
                self.kept.entry(dir.clone()).or_default();
            }
            self.reading.push(shell.ask(Question::OtherTests(dirs.to_vec())));
        }
    }

    fn begin(&mut self, dirs: Vec<PathBuf>, file: PathBuf, label_map: Vec<LabelPair>, shell: &mut Shell) {
        let total = dirs.len();
        let mut left: VecDeque<PathBuf> = dirs.into();
        let Some(dir) = left.pop_front().filter(|_| !shell.is_running && self.under_way.is_none()) else { return };
        (self.refused, self.progress) = (None, None);
        let asked = ask(&dir, &file, &label_map, shell);
        self.under_way = Some(UnderWay { file, label_map, dir, left, total, asked });
    }
}

fn ask(dir: &Path, file: &Path, label_map: &[LabelPair], shell: &mut Shell) -> AskId {
    let (source, label_map) = (DataSource::File(file.to_owned()), label_map.to_vec());
    let data = Some(Box::new(DataConfig { source, label_map, ..DataConfig::default() }));
    shell.ask(Question::Evaluation { model: dir.to_owned().into(), data })
}

pub(super) fn update(state: &mut OtherTestsState, action: OtherTestsAction, shell: &mut Shell) {
    match action {
        OtherTestsAction::Test { dirs, file } => state.begin(dirs, file, Vec::new(), shell),
        OtherTestsAction::SetMap(map) => state.map = map,
        OtherTestsAction::TestMapped => {
            if let (Some(map), Some(refused)) = (parse_map(&state.map), state.refused.clone()) {
                state.begin(refused.dirs, refused.file, map, shell);
            }
        }
        OtherTestsAction::Dismiss => state.refused = None,
        OtherTestsAction::Cancel => {
            if let Some(under_way) = &mut state.under_way {
                under_way.left.clear();
                shell.tell(Command::Cancel(under_way.asked));
            }
        }
        OtherTestsAction::ShowOn(shown) => state.shown = shown,
    }
}

pub(super) fn reduce(state: &mut OtherTestsState, event: &Event, shell: &mut Shell) {
    match event {
        Event::Notice(Notice::Progress(progress)) if is_of_test(state, progress) => state.progress = Some(*progress),
        Event::Answer(id, answer) if state.reading.contains(id) => {
            state.reading.retain(|reading| reading != id);
            if let Some(Answer::OtherTests(found)) = shell.answered(answer) {
                state.kept.extend(found.clone());
            }
        }
        Event::Answer(id, answer) if state.under_way.as_ref().is_some_and(|under_way| under_way.asked == *id) => {
            let Some(mut under_way) = state.under_way.take() else { return };
            state.progress = None;
            match answer {
                Ok(_) => {
                    state.reading.push(shell.ask(Question::OtherTests(vec![under_way.dir.clone()])));
                    if let Some(next) = under_way.left.pop_front() {
                        under_way.asked = ask(&next, &under_way.file, &under_way.label_map, shell);
                        under_way.dir = next;
                        state.under_way = Some(under_way);
                    }
                }
                Err(problem) if problem.id == "cancelled" => {}
                Err(problem) => {
                    let dirs = std::iter::once(under_way.dir).chain(under_way.left).collect();
                    if problem.id == "data-labels-not-of-model" {
                        state.map = proposed(problem);
                    }
                    state.refused = Some(Refused { dirs, file: under_way.file, problem: problem.clone() });
                }
            }
        }
        _ => {}
    }
}

fn is_of_test(state: &OtherTestsState, progress: &Progress) -> bool {
    state.under_way.is_some() && [Task::ReadData, Task::Test].contains(&progress.task)
}

/// The labels of the file, each still without the class that it stands for.
fn proposed(problem: &Problem) -> String {
    let labels = problem.args.iter().find(|(name, _)| name == "labels").map(|(_, labels)| labels.to_string());
    labels.unwrap_or_default().split(", ").map(|label| format!("{label}=")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::effect::Effect;
    use super::super::tests::asked;
    use super::*;

    fn test_of(shell: &mut Shell) -> (AskId, PathBuf, Vec<LabelPair>) {
        let (id, question) = asked(shell);
        let Question::Evaluation { model, data: Some(data) } = question else { panic!("{question:?}") };
        let crate::domain::config::ModelSource::Folder(dir) = model.model else { panic!() };
        (id, dir, data.label_map)
    }

    fn test(dirs: &[&str]) -> OtherTestsAction {
        OtherTestsAction::Test { dirs: dirs.iter().map(PathBuf::from).collect(), file: "other.csv".into() }
    }

    #[test]
    fn labels_that_are_not_the_runs_are_matched_by_the_user() {
        let (mut state, mut shell) = (OtherTestsState::default(), Shell::default());
        update(&mut state, test(&["one", "two"]), &mut shell);
        let (id, dir, map) = test_of(&mut shell);
        assert_eq!((dir, map.len()), ("one".into(), 0));
        update(&mut state, test(&["three"]), &mut shell);
        assert!(shell.effects.is_empty(), "one file at a time");
        let problem = Problem::new("data-labels-not-of-model").with("labels", "0, 1").with("classes", "bad, good");
        reduce(&mut state, &Event::Answer(id, Err(problem)), &mut shell);
        let refused = state.refused.clone().unwrap();
        assert!(refused.needs_map() && refused.dirs.len() == 2 && state.under_way.is_none());
        assert_eq!(state.map, "0=, 1=");
        update(&mut state, OtherTestsAction::SetMap("0=bad,1=good".into()), &mut shell);
        update(&mut state, OtherTestsAction::TestMapped, &mut shell);
        let (_, dir, map) = test_of(&mut shell);
        assert_eq!((dir, map[1].class.as_str(), state.refused.is_none()), ("one".into(), "good", true));
    }

    #[test]
    fn what_is_kept_is_read_once_and_a_test_can_be_cancelled() {
        let (mut state, mut shell) = (OtherTestsState::default(), Shell::default());
        let dirs = [PathBuf::from("one")];
        state.look(&dirs, &mut shell);
        let (id, _) = asked(&mut shell);
        let found = BTreeMap::from([(dirs[0].clone(), Vec::new())]);
        reduce(&mut state, &Event::Answer(id, Ok(Answer::OtherTests(found))), &mut shell);
        state.look(&dirs, &mut shell);
        assert!(shell.effects.is_empty() && state.of(&dirs[0]).is_empty());
        state.look(&["two".into()], &mut shell);
        let (id, _) = asked(&mut shell);
        reduce(&mut state, &Event::Answer(id, Err(Problem::new("run-unreadable"))), &mut shell);
        state.look(&["two".into()], &mut shell);
        assert!(shell.effects.is_empty() && shell.notices.len() == 1, "what is broken is told once");
        update(&mut state, test(&["one", "two"]), &mut shell);
        let (id, ..) = test_of(&mut shell);
        assert_eq!(state.under_way.as_ref().map(UnderWay::number), Some(1));
        update(&mut state, OtherTestsAction::Cancel, &mut shell);
        assert!(matches!(shell.effects.pop(), Some(Effect::Tell(Command::Cancel(of))) if of == id));
        reduce(&mut state, &Event::Answer(id, Err(Problem::new("cancelled"))), &mut shell);
        assert!(state.under_way.is_none() && state.refused.is_none() && shell.effects.is_empty());
    }
}
