//! A lesson: what it fixes, its steps in order, and a student's work on it. The lesson file is TOML with these very keys.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::config::{DataConfig, DataSource, Guess, ModelSource, RunConfig, TrainingConfig};
use super::freeze::{Freeze, Rule};
use super::hub::ModelId;
use super::message::RunEvent;
use super::problem::{Outcome, Problem};
use super::race::{RaceMean, RacePlan, RaceRow, Strategy};
use super::timeline::{LearningRates, PlanFile, StageFile};

/// What one reads, in both languages of the program. A lesson in one language says the same in both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub en: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ko: Option<String>,
}

impl Text {
    /// In the language with this tag (`en`, `ko`); English where it does not speak that.
    pub fn tongue(&self, tag: &str) -> &str {
        match &self.ko {
            Some(korean) if tag == "ko" => korean.trim(),
            _ => self.en.trim(),
        }
    }
}

/// A panel of the window that the student may change; all others are locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    Data,
    Model,
    Freeze,
    Training,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Small letters, digits and hyphens; the name on the command line and in bundles.
    pub id: String,
    pub title: Text,
    /// One sentence for the list of lessons.
    pub about: Text,
    /// `bundled`, or a table of texts beside the lesson file.
    #[serde(default = "bundled")]
    pub data: String,
    #[serde(default)]
    pub text_column: Option<String>,
    #[serde(default)]
    pub label_column: Option<String>,
    /// `bundled`, a folder beside the lesson file, or else a model on the Hub, as `owner/name@revision`.
    #[serde(default = "bundled")]
    pub model: String,
    /// Of split, head, order and dropout.
    #[serde(default = "seed")]
    pub seed: u64,
    /// The budget of a single run: rows of the data that are used.
    #[serde(default)]
    pub max_rows: Option<usize>,
    #[serde(default)]
    pub batch_size: Option<usize>,
    #[serde(default)]
    pub max_length: Option<usize>,
    #[serde(default)]
    pub open: Vec<Control>,
    #[serde(rename = "step")]
    pub steps: Vec<LessonStep>,
    /// 16 hexadecimal digits that change with any byte of the lesson file.
    #[serde(skip)]
    pub hash: String,
    /// Where `data` and `model` are looked for; `None` for a lesson of the program.
    #[serde(skip)]
    pub folder: Option<PathBuf>,
    /// Of a model that is not bundled, once it is on this machine.
    #[serde(skip)]
    pub model_folder: Option<PathBuf>,
}

fn bundled() -> String {
    "bundled".into()
}

fn seed() -> u64 {
    42
}

/// Something to read, and at most one thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonStep {
    pub title: Text,
    pub text: Text,
    #[serde(default)]
    pub question: Option<Question>,
    #[serde(default)]
    pub run: Option<RunStep>,
    #[serde(default)]
    pub race: Option<RaceStep>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub kind: QuestionKind,
    /// Of a choice: what there is to choose from.
    #[serde(default)]
    pub choices: Vec<Text>,
    /// Of a choice: the place of the right one, from 1.
    #[serde(default)]
    pub right: Option<usize>,
    /// Shown once it is answered.
    #[serde(default)]
    pub explanation: Option<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    Text,
    Number,
    Choice,
}

/// A run with all that matters fixed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunStep {
    /// As on the command line: `1`, `2`, `3`, `full`, `top:K`, `biases`; or one of the next two instead.
    #[serde(default)]
    pub freeze: Option<String>,
    /// Rules of a plan file.
    #[serde(default)]
    pub rules: Option<Vec<Rule>>,
    /// Stages of a plan file.
    #[serde(default)]
    pub stages: Option<Vec<StageFile>>,
    /// Those of a plan file, with any of the three.
    #[serde(default)]
    pub learning_rates: Option<LearningRates>,
    #[serde(default = "epochs")]
    pub epochs: usize,
    #[serde(default)]
    pub learning_rate: Option<f64>,
    /// Whether accuracy and seconds are to be guessed before it.
    #[serde(default)]
    pub guess: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaceStep {
    pub freeze: Vec<String>,
    #[serde(default = "seeds")]
    pub seeds: Vec<u64>,
    #[serde(default = "epochs")]
    pub epochs: usize,
    #[serde(default)]
    pub learning_rate: Option<f64>,
    /// Budget of the whole race; the rows are limited to fit.
    #[serde(default)]
    pub minutes: Option<f64>,
}

fn epochs() -> usize {
    3
}

fn seeds() -> Vec<u64> {
    vec![42]
}

impl Lesson {
    /// Checks what the keys alone cannot.
    ///
    /// # Errors
    /// `lesson-bad-field` with the step's number and what is wrong; those of `RunConfig::check`.
    pub fn check(&self) -> Outcome<()> {
        let bad = |step: usize, field: &str, value: &dyn std::fmt::Display| {
            Err(Problem::new("lesson-bad-field").with_count("step", step).with("field", field).with("value", value))
        };
        let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || self.id.len() > 64 || !self.id.chars().all(is_id) {
            return bad(0, "id", &self.id);
        }
        if self.steps.is_empty() {
            return bad(0, "step", &0);
        }
        for (i, step) in self.steps.iter().enumerate() {
            let number = i + 1;
            let tasks = [step.question.is_some(), step.run.is_some(), step.race.is_some()];
            if tasks.iter().filter(|on| **on).count() > 1 {
                return bad(number, "question, run, race", &tasks.iter().filter(|on| **on).count());
            }
            if let Some(question) = &step.question {
                let is_choice = question.kind == QuestionKind::Choice;
                if is_choice != (question.choices.len() > 1) {
                    return bad(number, "choices", &question.choices.len());
                }
                if let Some(right) = question.right
                    && !(1..=question.choices.len()).contains(&right)
                {
                    return bad(number, "right", &right);
                }
            }
            if let Some(run) = &step.run {
                if let Some(name) = run.freeze.as_ref().filter(|name| Freeze::parse_name(name).is_none()) {
                    return bad(number, "freeze", name);
                }
                if [run.freeze.is_some(), run.rules.is_some(), run.stages.is_some()].iter().filter(|on| **on).count()
                    != 1
                {
                    return bad(number, "run", &"freeze, rules, stages");
                }
                run.plan().freezing()?;
                self.run_config(&RunConfig::default(), run).check()?;
            }
            if let Some(race) = &step.race {
                if let Some(name) = race.freeze.iter().find(|name| Freeze::parse_name(name).is_none()) {
                    return bad(number, "freeze", name);
                }
                if race.freeze.is_empty() || race.seeds.is_empty() {
                    return bad(number, "freeze, seeds", &0);
                }
                if race.minutes.is_some_and(|minutes| !(0.1..=600.0).contains(&minutes)) {
                    return bad(number, "minutes", &race.minutes.unwrap_or_default());
                }
                self.race_plan(&RunConfig::default(), race).config.check()?;
            }
        }
        Ok(())
    }

    /// A name in the lesson file, as a path.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.as_deref().unwrap_or(Path::new("")).join(name)
    }

    /// The model on the Hub that must be at hand before anything trains.
    pub fn lacks_model(&self) -> Option<ModelId> {
        let is_here = self.model == "bundled" || self.model_folder.is_some();
        (!is_here).then(|| ModelId::parse(&self.model).ok()).flatten()
    }

    /// Data, model and seed of the lesson; where runs lie, and with how many threads, is the user's.
    pub fn config(&self, own: &RunConfig) -> RunConfig {
        let source =
            if self.data == "bundled" { DataSource::Bundled } else { DataSource::File(self.beside(&self.data)) };
        let model = self.model_folder.clone().map_or(ModelSource::Bundled, ModelSource::Folder);
        let mut data = DataConfig { source, max_rows: self.max_rows, ..DataConfig::default() };
        (data.text_column, data.label_column) = (self.text_column.clone(), self.label_column.clone());
        data.split.seed = self.seed;
        let defaults = TrainingConfig::default();
        let training = TrainingConfig {
            seed: self.seed,
            batch_size: self.batch_size.unwrap_or(defaults.batch_size),
            max_length: self.max_length.unwrap_or(defaults.max_length),
            threads: own.training.threads,
            ..defaults
        };
        RunConfig { data, model, training, runs_dir: own.runs_dir.clone(), ..RunConfig::default() }
    }

    pub fn run_config(&self, own: &RunConfig, run: &RunStep) -> RunConfig {
        let mut config = self.config(own);
        config.freeze = run.freeze();
        (config.training.epochs, config.training.learning_rate) = (run.epochs, run.learning_rate);
        config
    }

    pub fn race_plan(&self, own: &RunConfig, race: &RaceStep) -> RacePlan {
        let mut config = self.config(own);
        config.training.epochs = race.epochs;
        let strategy = |name: &String| Some(Strategy { name: name.clone(), freeze: Freeze::parse_name(name)? });
        RacePlan {
            config,
            strategies: race.freeze.iter().filter_map(strategy).collect(),
            seeds: race.seeds.clone(),
            learning_rate: race.learning_rate,
            rows_per_class: Vec::new(),
            minutes: race.minutes,
        }
    }
}

impl RunStep {
    fn plan(&self) -> PlanFile {
        let Self { freeze, rules, stages, learning_rates, .. } = self.clone();
        PlanFile { freeze, rules, stages, learning_rates }
    }

    /// Of a lesson that was checked.
    pub fn freeze(&self) -> Freeze {
        self.plan().freezing().unwrap_or_default()
    }
}

/// What a student has done in one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StepWork {
    /// The answer as it was typed; of a choice its place, from 1.
    pub answer: String,
    /// Of a choice that has a right answer.
    pub right: Option<bool>,
    pub guess: Option<Guess>,
    /// Of the step's run: accuracy on the test rows, and seconds of training.
    pub accuracy: Option<f64>,
    pub train_secs: Option<f64>,
    /// Where the step's run lies, and those of a race.
    pub run_dirs: Vec<PathBuf>,
    pub race_rows: Vec<RaceRow>,
    pub race_means: Vec<RaceMean>,
    /// Why the step's run was refused.
    pub refused: Option<Problem>,
}

impl StepWork {
    /// Test accuracy of the step's run, or of the best of its race.
    pub fn best_accuracy(&self) -> Option<f64> {
        self.accuracy.or_else(|| self.race_rows.iter().map(|row| row.accuracy).reduce(f64::max))
    }
}

/// A student's work under way; it is kept with the settings until the bundle is saved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LessonWork {
    pub lesson: String,
    pub lesson_hash: String,
    pub student: String,
    /// The step shown, from 0.
    pub at: usize,
    /// Parallel to the lesson's steps.
    pub steps: Vec<StepWork>,
}

impl LessonWork {
    pub fn new(lesson: &Lesson) -> Self {
        Self {
            lesson: lesson.id.clone(),
            lesson_hash: lesson.hash.clone(),
            steps: vec![StepWork::default(); lesson.steps.len()],
            ..Self::default()
        }
    }

    /// Takes an answer, and tells whether it is right where that is known.
    pub fn answer(&mut self, step: usize, question: &Question, answer: String) {
        let Some(work) = self.steps.get_mut(step) else { return };
        let chosen = answer.trim().parse::<usize>().ok();
        work.right = question.right.filter(|_| chosen.is_some()).map(|right| chosen == Some(right));
        work.answer = answer;
    }
}

/// How a bundle's name ends, without the dot.
pub const BUNDLE_EXTENSION: &str = "thaw-lesson";

/// A student's finished work in one file: no weights, no texts of the data, no paths of the machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Version of the format: 1.
    pub thaw_lesson: u32,
    /// Version of Thaw that wrote it.
    pub thaw: String,
    pub lesson: String,
    pub lesson_hash: String,
    pub title: Text,
    pub student: String,
    /// As `2026-11-24 15:04` in local time.
    pub saved: String,
    pub steps: Vec<BundledStep>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledStep {
    pub title: Text,
    pub work: StepWork,
    pub runs: Vec<BundledRun>,
}

/// A run's settings and all that it has told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledRun {
    pub config: RunConfig,
    pub events: Vec<RunEvent>,
}
