//! The instructor's desk: what a class handed in, question by question, as a table and as guesses against the truth.

pub mod histogram;

use std::path::{Path, PathBuf};

use crate::domain::lesson::Grades;
use crate::domain::spreadsheet::Table;
use crate::domain::stored::{OpenedBundle, StoredRun};
use crate::words::class_files::{self, Student};
use crate::words::{Catalogue, Number, class_sheet, shared};

pub use crate::words::class_files::Version;

use super::super::shell::Shell;

/// The pages of the desk, of which it shows one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeskPage {
    /// One question with all answers in full.
    #[default]
    Questions,
    /// A row for each student, and one fact in a cell.
    Table,
    /// The page sets the students' guesses beside what came out.
    Guesses,
}

/// The quantity whose guesses are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Guessed {
    #[default]
    Accuracy,
    Secs,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct DeskState {
    /// In the order in which they were opened.
    pub bundles: Vec<OpenedBundle>,
    /// Who handed in each of them, parallel to `bundles`.
    students: Vec<Student>,
    pub page: DeskPage,
    /// The lesson and the hash of its text that were chosen to be shown.
    version: Option<(String, String)>,
    /// The step whose answers are shown, counted from 0.
    step: usize,
    /// The table shows the facts of this step only.
    pub table_step: Option<usize>,
    pub guessed: Guessed,
    /// Students are numbered instead of named, wherever their work is shown.
    pub hides_names: bool,
    /// A run in a student's file is shown only if it is of this step.
    pub runs_of: Option<usize>,
}

/// What can be done at the desk.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskAction {
    ShowPage(DeskPage),
    /// Show the work on this lesson, whose text has this hash.
    ShowVersion {
        lesson: String,
        hash: String,
    },
    /// Show all answers to the question of a step.
    ShowStep(usize),
    /// Show the facts of one step in the table, or of all.
    ShowTableOf(Option<usize>),
    ShowGuesses(Guessed),
    HideNames(bool),
    /// Show the runs of one step, or of all.
    ShowRunsOf(Option<usize>),
    /// Give points for the answer in this file, or take them back.
    Grade {
        file: PathBuf,
        step: usize,
        points: Option<u32>,
    },
}

impl DeskState {
    /// Takes in a file; one that was read before is replaced.
    pub(super) fn take(&mut self, bundle: OpenedBundle) {
        self.bundles.retain(|old| old.file != bundle.file);
        self.bundles.push(bundle);
        self.students = class_files::students(&self.bundles);
    }

    pub(super) fn clear(&mut self) {
        *self = Self { hides_names: self.hides_names, ..Self::default() };
    }

    /// The texts of lessons that were handed in, sorted by lesson. Within a lesson the text with the most students
    /// comes first.
    pub fn versions(&self) -> Vec<Version<'_>> {
        class_files::versions(&self.bundles, &self.students, self.hides_names)
    }

    /// The version that is shown: the chosen one, else the first.
    pub fn version(&self) -> Option<Version<'_>> {
        let mut versions = self.versions();
        let is_chosen = |version: &Version<'_>| {
            let (lesson, hash) = version.key();
            self.version.as_ref().is_some_and(|(l, h)| (l.as_str(), h.as_str()) == (lesson, hash))
        };
        let at = versions.iter().position(is_chosen).unwrap_or(0);
        (at < versions.len()).then(|| versions.swap_remove(at))
    }

    /// The step whose answers are shown: the chosen one, else the first that asks something.
    pub fn step(&self, version: &Version<'_>) -> usize {
        let asked = version.asked();
        asked.iter().copied().find(|step| *step >= self.step).or(asked.last().copied()).unwrap_or(0)
    }

    fn student(&self, file: &Path) -> Option<&Student> {
        let at = self.bundles.iter().position(|opened| opened.file == file)?;
        self.students.get(at)
    }

    /// What the student who handed in this file is called on the desk.
    pub fn name(&self, file: &Path, words: &Catalogue) -> String {
        self.student(file).map_or_else(String::new, |student| student.name(self.hides_names, words))
    }

    /// The students who handed in more than one file of the same version.
    pub fn repeated(&self, version: &Version<'_>, words: &Catalogue) -> Vec<String> {
        let students = version.files.iter().filter_map(|file| self.student(&file.file));
        students.filter(|student| student.copy == 2).map(|student| student.base(self.hides_names, words)).collect()
    }

    /// The sheet for grading: all versions of the lesson, so that no student is forgotten. It hides names as the desk does.
    pub fn grading_table(&self, shown: &Version<'_>, grades: &Grades, words: &Catalogue) -> Table {
        let versions = self.versions();
        let of_lesson = versions.iter().filter(|version| version.any().lesson == shown.any().lesson);
        let files: Vec<&OpenedBundle> = of_lesson.flat_map(|version| version.files.iter().copied()).collect();
        let hidden = |row: usize| self.hides_names.then(|| self.name(&files[row].file, words));
        class_sheet::table(words, files.iter().map(|file| &*file.bundle).collect(), grades, &hidden)
    }

    /// The student's file that a run came from, and the step of the lesson in which it was trained.
    pub(super) fn origin(&self, run: &StoredRun) -> Option<(&OpenedBundle, usize)> {
        self.bundles.iter().find_map(|opened| Some((opened, *opened.steps_of_runs.get(&run.dir)?)))
    }

    /// Whether the run's name must not be seen anywhere.
    pub fn hides(&self, run: &StoredRun) -> bool {
        self.hides_names && self.origin(run).is_some()
    }

    /// Whether the run is of the step whose runs are shown.
    pub fn shows(&self, run: &StoredRun) -> bool {
        self.runs_of.is_none_or(|step| self.origin(run).is_some_and(|(_, of)| of == step))
    }

    /// The steps in which students trained.
    pub fn steps_of_runs(&self) -> Vec<usize> {
        let mut steps: Vec<usize> =
            self.bundles.iter().flat_map(|opened| opened.steps_of_runs.values().copied()).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    /// "Kim · step 4 · preset 1", with the seed where the step has several runs of the same freezing. `None` for a run
    /// that no student handed in. `all` are the runs that are compared.
    pub fn run_name<'a>(
        &self,
        run: &StoredRun,
        mut all: impl Iterator<Item = &'a StoredRun>,
        words: &Catalogue,
    ) -> Option<String> {
        let (opened, step) = self.origin(run)?;
        let freezing = |run: &StoredRun| shared::freezing(words, &run.config.freeze).to_lowercase();
        let (student, freeze) = (self.name(&opened.file, words), freezing(run));
        let is_twin = |other: &StoredRun| {
            other.dir != run.dir && opened.steps_of_runs.get(&other.dir) == Some(&step) && freezing(other) == freeze
        };
        let name = words.say_with("desk-run", &[("student", &student), ("step", &(step + 1)), ("freeze", &freeze)]);
        if !all.any(is_twin) {
            return Some(name);
        }
        let seed = Number::Plain(run.config.training.seed);
        Some(words.say_with("desk-run-seed", &[("run", &name), ("seed", &seed)]))
    }
}

/// What tells the texts of lessons apart.
pub(super) fn update(state: &mut DeskState, action: DeskAction, shell: &mut Shell) {
    match action {
        DeskAction::ShowPage(page) => state.page = page,
        DeskAction::ShowVersion { lesson, hash } => {
            (state.version, state.step, state.table_step) = (Some((lesson, hash)), 0, None);
        }
        DeskAction::ShowStep(step) => state.step = step,
        DeskAction::ShowTableOf(step) => state.table_step = step,
        DeskAction::ShowGuesses(guessed) => state.guessed = guessed,
        DeskAction::HideNames(hides) => state.hides_names = hides,
        DeskAction::ShowRunsOf(step) => state.runs_of = step,
        DeskAction::Grade { file, step, points } => {
            if let Some(opened) = state.bundles.iter().find(|opened| opened.file == file) {
                shell.settings.grades.set(&opened.bundle, step, points);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use crate::domain::config::RunConfig;
    use crate::domain::freeze::Freeze;
    use crate::domain::lesson::Bundle;
    use crate::words::Language;

    use super::*;

    /// Files of (student, number, hash of the lesson's text).
    fn desk(files: &[(&str, &str, &str)]) -> DeskState {
        let mut desk = DeskState::default();
        for (i, (student, number, hash)) in files.iter().enumerate() {
            let file = PathBuf::from(format!("{i}.thaw-lesson"));
            let bundle = Bundle {
                lesson: "one".into(),
                lesson_hash: (*hash).into(),
                student: (*student).into(),
                student_number: (*number).into(),
                ..Bundle::default()
            };
            let steps_of_runs = BTreeMap::from([(file.join("a"), 3), (file.join("b"), 3)]);
            desk.take(OpenedBundle { file, bundle: Arc::new(bundle), steps_of_runs });
        }
        desk
    }

    fn names(desk: &DeskState) -> Vec<Vec<String>> {
        let words = Catalogue::new(Language::English);
        let of = |version: Version<'_>| version.files.iter().map(|file| desk.name(&file.file, &words)).collect();
        desk.versions().into_iter().map(of).collect()
    }

    #[test]
    fn versions_namesakes_and_second_files_are_told_apart() {
        let mut desk = desk(&[
            ("Lee", "1", "old"),
            ("Kim", "2", "new"),
            ("Kim", "3", "new"),
            ("Bae", "4", "new"),
            ("Bae", "4", "new"),
        ]);
        assert_eq!(names(&desk), [vec!["Bae (1)", "Bae (2)", "Kim (2)", "Kim (3)"], vec!["Lee"]]);
        assert_eq!(desk.versions().iter().map(|version| version.letter).collect::<Vec<_>>(), [Some('A'), Some('B')]);
        let words = Catalogue::new(Language::English);
        assert_eq!(desk.repeated(&desk.versions()[0], &words), ["Bae"]);
        desk.hides_names = true;
        let hidden = names(&desk).concat();
        assert!(hidden.iter().all(|name| name.starts_with("Student ")), "{hidden:?}");
        let mut others = hidden.clone();
        others.dedup();
        assert_eq!(others.len(), 5, "each has a name of its own");
    }

    #[test]
    fn the_same_file_again_replaces_the_first() {
        let mut desk = desk(&[("Kim", "1", "new")]);
        let again = OpenedBundle {
            bundle: Arc::new(Bundle { student: "Lee".into(), ..Bundle::default() }),
            ..desk.bundles[0].clone()
        };
        desk.take(again);
        assert_eq!(names(&desk), [["Lee"]]);
        assert_eq!(desk.versions()[0].letter, None);
    }

    #[test]
    fn runs_are_named_by_student_step_and_freezing_and_by_seed_where_that_is_not_enough() {
        let desk = desk(&[("Kim", "1", "new")]);
        let words = Catalogue::new(Language::English);
        let run = |name: &str, seed: u64| {
            let mut config = RunConfig { freeze: Freeze::Preset1, ..RunConfig::default() };
            config.training.seed = seed;
            StoredRun::new(Path::new("0.thaw-lesson").join(name), config, Vec::new())
        };
        let (a, b, own) = (run("a", 1), run("b", 2), run("elsewhere", 1));
        let name = |run, all: &[&StoredRun]| desk.run_name(run, all.iter().copied(), &words);
        assert_eq!(name(&a, &[&a, &own]).unwrap(), "Kim · step 4 · preset 1");
        assert_eq!(name(&b, &[&a, &b]).unwrap(), "Kim · step 4 · preset 1 · seed 2");
        assert_eq!(name(&own, &[&own]), None);
    }
}
