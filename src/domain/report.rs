//! What a report is made of, as it was read from runs, races, and what a class handed in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config::RunConfig;
use super::data_facts::DataFacts;
use super::history::History;
use super::lesson::{Grades, Lesson};
use super::message::{RowTexts, RunOutcome};
use super::params::{ModelFacts, Parameter};
use super::problem::{Outcome, Problem};
use super::race::{RaceMean, RacePlan, RaceRow};
use super::stored::{OpenedBundle, RunEntry};

/// What is asked for: a report of something, in a file, in a language.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportRequest {
    pub subject: ReportSubject,
    /// Its extension says which kind of file is written.
    pub to: PathBuf,
    /// `en` or `ko`.
    pub language: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ReportSubject {
    /// The folders of runs and of races.
    Runs(Vec<PathBuf>),
    /// Lesson files that were handed in, and folders with such files, with the points that the instructor gave.
    Class { files: Vec<PathBuf>, hides_names: bool, grades: Grades },
    /// A lesson of the program by its id, or a lesson file, to be worked on with a pen.
    Handout { lesson: PathBuf, with_solutions: bool },
}

/// The kinds of files that a report can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    Html,
    Pdf,
}

impl ReportFormat {
    /// The extensions of their files, that for handing in first.
    pub const EXTENSIONS: [&'static str; 2] = ["pdf", "html"];

    /// The kind that a file's name asks for.
    ///
    /// # Errors
    /// `report-other-kind` for another extension.
    pub fn of(path: &Path) -> Outcome<Self> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "html" | "htm" => Ok(Self::Html),
            "pdf" => Ok(Self::Pdf),
            _ => Err(Problem::new("report-other-kind").with("file", path.display())),
        }
    }
}

/// What a report tells of.
#[derive(Clone, Debug)]
pub enum Reported {
    Runs { races: Vec<ReportedRace>, runs: Vec<ReportedRun> },
    Class { files: Vec<OpenedBundle>, hides_names: bool, grades: Grades },
    Handout { lesson: Arc<Lesson>, with_solutions: bool },
}

/// One run.
#[derive(Clone, Debug)]
pub struct ReportedRun {
    pub entry: RunEntry,
    /// The version of Thaw that made it.
    pub thaw: String,
    pub config: RunConfig,
    /// The peak learning rate, whether it was given or suggested.
    pub learning_rate: f64,
    pub labels: Vec<String>,
    /// What the rows of each label count in the loss; none where all count the same.
    pub class_weights: Vec<f64>,
    pub model: ModelFacts,
    pub data: DataFacts,
    pub history: Arc<History>,
    /// All parameters in the order of the tree, with whether they train in some stage. Empty where the model's files are
    /// gone.
    pub parameters: Vec<(Parameter, bool)>,
    pub mistakes: Mistakes,
    /// The Python that trains the same, where it is known.
    pub python: Option<String>,
}

/// The mistakes on the test rows.
#[derive(Clone, Debug, Default)]
pub struct Mistakes {
    /// The most confident ones come first; they are not all.
    pub rows: Vec<ReportedMistake>,
    /// How many there are.
    pub count: usize,
    /// Why the texts are missing, or all of it.
    pub missing: Option<Problem>,
}

/// A test row that was answered wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedMistake {
    /// Its number in its file.
    pub row: u32,
    /// `None` where the data are not at hand.
    pub texts: Option<RowTexts>,
    pub truth: String,
    pub predicted: String,
    /// The probability that the model gave to its answer.
    pub confidence: f64,
}

/// A race with its runs.
#[derive(Clone, Debug)]
pub struct ReportedRace {
    /// The name of its folder.
    pub name: String,
    pub thaw: String,
    /// When it began, as `2026-11-24 15:04` in local time.
    pub started: String,
    pub plan: RacePlan,
    pub rows: Vec<RaceRow>,
    pub means: Vec<RaceMean>,
    /// Pairs of means whose difference is not decided.
    pub undecided: Vec<(usize, usize)>,
    pub skipped: usize,
    pub failed: usize,
    /// `None` for a race that is under way or was interrupted.
    pub outcome: Option<RunOutcome>,
    /// Those of its runs that can be read, in the order of the plan.
    pub runs: Vec<ReportedRun>,
}
