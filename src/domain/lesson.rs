//! A lesson: what it fixes, and its steps in order. A lesson file is TOML with these fields as keys.

mod grades;
mod question;
pub mod sheet;
mod stated;
mod work;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::class_weights::ClassWeights;
use super::config::{DataConfig, DataSource, ModelSource, ReadingConfig, RunConfig, TrainingConfig};
use super::freeze::{Freeze, Rule};
use super::hub::ModelId;
use super::labels::LabelPair;
use super::precision::{FrozenPrecision, Precision};
use super::problem::{Outcome, Problem};
use super::race::{RacePlan, Strategy};
use super::timeline::{LearningRates, PlanFile, StageFile};

pub use grades::Grades;
pub use question::{Question, QuestionKind};
pub use work::{BUNDLE_EXTENSION, Bundle, BundledRun, BundledStep, LessonWork, Points, StepWork};

/// A text in one or both languages of the program. One alone serves both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Empty where there is only a Korean text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub en: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ko: Option<String>,
}

impl Text {
    /// The text in the language with this tag (`en`, `ko`), or in the other where there is none.
    pub fn tongue(&self, tag: &str) -> &str {
        let (english, korean) = (self.en.trim(), self.ko.as_deref().unwrap_or_default().trim());
        if korean.is_empty() || tag != "ko" && !english.is_empty() { english } else { korean }
    }

    /// Whether it says anything in some language.
    pub fn is_there(&self) -> bool {
        !self.tongue("en").is_empty()
    }
}

/// A panel on the left side of the window. A lesson says which ones the student may change; all others are locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Panel {
    Data,
    Model,
    #[default]
    Freeze,
    Training,
}

/// A lesson as its file describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// The name on the command line and in bundles, of small letters, digits and hyphens.
    pub id: String,
    pub title: Text,
    /// One sentence for the list of lessons.
    pub about: Text,
    /// `bundled`, or the name of a data file or folder beside the lesson file.
    #[serde(default = "bundled")]
    pub data: String,
    /// How the data are read. In the file these settings stand among the other keys, from which the file's reader takes
    /// them, so that it can tell the line of what is wrong in each.
    #[serde(skip)]
    pub reading: ReadingConfig,
    /// The classes of the model that labels of the data stand for.
    #[serde(default, deserialize_with = "stated::label_map", skip_serializing_if = "Vec::is_empty")]
    pub label_map: Vec<LabelPair>,
    /// Whether a new head begins even where the model's own could be kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_head: bool,
    /// What the rows of each class count in the loss.
    #[serde(default, deserialize_with = "stated::class_weights", skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// `bundled`, the name of a folder beside the lesson file, or else a model on the Hub as `owner/name@revision`.
    #[serde(default = "bundled")]
    pub model: String,
    /// The seed of split, head initialisation, row order and dropout.
    #[serde(default = "seed")]
    pub seed: u64,
    /// How many rows of the data are used, so that a run fits into a lesson.
    pub max_rows: Option<usize>,
    /// The share of rows whose label is made wrong, to be hunted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flip_labels: Option<f32>,
    pub batch_size: Option<usize>,
    pub max_length: Option<usize>,
    /// What the operands of products are rounded to.
    #[serde(default, skip_serializing_if = "Precision::is_default")]
    pub precision: Precision,
    /// How the layers below the lowest trainable one are held.
    #[serde(default, skip_serializing_if = "FrozenPrecision::is_default")]
    pub frozen_precision: FrozenPrecision,
    /// What the student may change.
    #[serde(default)]
    pub open: Vec<Panel>,
    #[serde(rename = "step")]
    pub steps: Vec<LessonStep>,
    /// A hash of 16 hexadecimal digits, which changes with any byte of the lesson file.
    #[serde(skip)]
    pub hash: String,
    /// The folder in which `data` and `model` are looked for. `None` for a lesson that comes with the program.
    #[serde(skip)]
    pub folder: Option<PathBuf>,
    /// The folder of a model that is not bundled, once it is on this machine.
    #[serde(skip)]
    pub model_folder: Option<PathBuf>,
    /// The pictures that the texts show, by their names beside the lesson file.
    #[serde(skip)]
    pub pictures: BTreeMap<String, Arc<[u8]>>,
}

fn bundled() -> String {
    "bundled".into()
}

fn seed() -> u64 {
    42
}

/// A step has something to read, and at most one thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonStep {
    pub title: Text,
    pub text: Text,
    pub question: Option<Question>,
    pub run: Option<RunStep>,
    pub race: Option<RaceStep>,
}

/// A run that the student starts, in which all that matters is fixed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunStep {
    /// What trains, as on the command line: `1`, `2`, `3`, `full`, `top:K`, `biases`. One of the next two may take its place.
    pub freeze: Option<String>,
    /// The rules of a plan file.
    pub rules: Option<Vec<Rule>>,
    /// The stages of a plan file.
    pub stages: Option<Vec<StageFile>>,
    /// The factors of a plan file, which go with any of the three.
    pub learning_rates: Option<LearningRates>,
    #[serde(default = "epochs")]
    pub epochs: usize,
    pub learning_rate: Option<f64>,
    /// Whether the student guesses accuracy and seconds first.
    #[serde(default)]
    pub guess: bool,
}

/// A race that the student starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaceStep {
    pub freeze: Vec<String>,
    /// The training seeds. `None` is the lesson's own.
    pub seeds: Option<Vec<u64>>,
    #[serde(default = "epochs")]
    pub epochs: usize,
    pub learning_rate: Option<f64>,
    /// The minutes that the whole race may take; the rows are limited so that it fits.
    pub minutes: Option<f64>,
}

fn epochs() -> usize {
    3
}

/// Refuses the value of a field unless it is right.
fn require(is_right: bool, step: usize, field: &str, value: impl Display) -> Outcome<()> {
    let problem =
        || Problem::new("lesson-bad-field").with_count("step", step).with("field", field).with("value", value);
    if is_right { Ok(()) } else { Err(problem()) }
}

fn count(are_there: [bool; 3]) -> usize {
    are_there.iter().filter(|is_there| **is_there).count()
}

fn check_question(question: &Question, step: usize) -> Outcome<()> {
    let Question { kind, choices, right, tolerance, points, .. } = question;
    require((*kind == QuestionKind::Choice) == (choices.len() > 1), step, "choices", choices.len())?;
    let is_right = right.is_none_or(|right| match kind {
        QuestionKind::Text => false,
        QuestionKind::Number => right.is_finite(),
        QuestionKind::Choice => question.chosen(&right.to_string()).is_some(),
    });
    require(is_right, step, "right", right.unwrap_or_default())?;
    let has_numbers = *kind == QuestionKind::Number && right.is_some();
    let is_tolerant = tolerance.is_none_or(|tolerance| has_numbers && tolerance.is_finite() && tolerance >= 0.0);
    require(is_tolerant, step, "tolerance", tolerance.unwrap_or_default())?;
    require(points.is_none_or(|points| (1..=1000).contains(&points)), step, "points", points.unwrap_or_default())
}

impl Lesson {
    /// Checks what the types of the fields leave open.
    ///
    /// # Errors
    /// `lesson-bad-field` with the number of the step and what is wrong in it; `lesson-refused` with a problem of
    /// `PlanFile::freezing` or `RunConfig::check`.
    pub fn check(&self) -> Outcome<()> {
        let is_of_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_id = (1..=64).contains(&self.id.len()) && self.id.chars().all(is_of_id);
        require(is_id, 0, "id", &self.id)?;
        for (name, text) in [("title", &self.title), ("about", &self.about)] {
            require(text.is_there(), 0, name, "\"\"")?;
        }
        require(!self.steps.is_empty(), 0, "step", 0)?;
        require(self.label_map.is_empty() || !self.new_head, 0, "new_head", self.new_head)?;
        self.class_weights.as_ref().map_or(Ok(()), ClassWeights::check).map_err(|problem| {
            let refused = Problem::new("lesson-refused").with_count("step", 0_u64).with("field", "class_weights");
            refused.with_problem("problem", problem)
        })?;
        self.steps.iter().enumerate().try_for_each(|(i, step)| self.check_step(i + 1, step))
    }

    fn check_step(&self, number: usize, step: &LessonStep) -> Outcome<()> {
        let tasks = count([step.question.is_some(), step.run.is_some(), step.race.is_some()]);
        require(tasks <= 1, number, "question, run, race", tasks)?;
        for (name, text) in [("title", &step.title), ("text", &step.text)] {
            require(text.is_there(), number, name, "\"\"")?;
        }
        if let Some(question) = &step.question {
            check_question(question, number)?;
        }
        let refused = |field| {
            move |problem| {
                let refused = Problem::new("lesson-refused").with_count("step", number).with("field", field);
                refused.with_problem("problem", problem)
            }
        };
        let require_names = |names: &[String]| {
            names.iter().try_for_each(|name| require(Freeze::parse_name(name).is_some(), number, "freeze", name))
        };
        if let Some(run) = &step.run {
            require_names(run.freeze.as_slice())?;
            let ways = count([run.freeze.is_some(), run.rules.is_some(), run.stages.is_some()]);
            require(ways == 1, number, "run", "freeze, rules, stages")?;
            run.plan().freezing().map_err(refused("run"))?;
            self.run_config(&RunConfig::default(), run).check().map_err(refused("run"))?;
        }
        if let Some(race) = &step.race {
            require_names(&race.freeze)?;
            let plan = self.race_plan(&RunConfig::default(), race);
            require(!plan.strategies.is_empty() && !plan.seeds.is_empty(), number, "freeze, seeds", 0)?;
            let is_short = race.minutes.is_none_or(|minutes| (0.1..=600.0).contains(&minutes));
            require(is_short, number, "minutes", race.minutes.unwrap_or_default())?;
            plan.check().map_err(refused("race"))?;
        }
        Ok(())
    }

    /// All texts that a student may read.
    pub fn texts(&self) -> Vec<&Text> {
        let mut texts = vec![&self.title, &self.about];
        for step in &self.steps {
            texts.extend([&step.title, &step.text]);
            texts
                .extend(step.question.iter().flat_map(|question| question.choices.iter().chain(&question.explanation)));
        }
        texts
    }

    /// The path of a file or folder that the lesson file names.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.as_deref().unwrap_or(Path::new("")).join(name)
    }

    /// The model on the Hub that has to be downloaded before anything trains, if there is one.
    pub fn lacks_model(&self) -> Option<ModelId> {
        let is_here = self.model == "bundled" || self.model_folder.is_some();
        (!is_here).then(|| ModelId::parse(&self.model).ok()).flatten()
    }

    /// The settings of the lesson: its data, model and seed. The runs folder and the number of threads stay the user's.
    pub fn config(&self, own: &RunConfig) -> RunConfig {
        let source =
            if self.data == "bundled" { DataSource::Bundled } else { DataSource::File(self.beside(&self.data)) };
        let model = self.model_folder.clone().map_or(ModelSource::Bundled, ModelSource::Folder);
        let reading = self.reading.clone();
        let (label_map, new_head, max_rows) = (self.label_map.clone(), self.new_head, self.max_rows);
        let flip_labels = self.flip_labels;
        let mut data =
            DataConfig { source, reading, label_map, new_head, max_rows, flip_labels, ..DataConfig::default() };
        data.split.seed = self.seed;
        let defaults = TrainingConfig::default();
        let training = TrainingConfig {
            seed: self.seed,
            batch_size: self.batch_size.unwrap_or(defaults.batch_size),
            max_length: self.max_length.unwrap_or(defaults.max_length),
            threads: own.training.threads,
            class_weights: self.class_weights.clone(),
            precision: self.precision,
            frozen_precision: self.frozen_precision,
            ..defaults
        };
        RunConfig { data, model, training, runs_dir: own.runs_dir.clone(), ..RunConfig::default() }
    }

    /// The settings of a step's run.
    pub fn run_config(&self, own: &RunConfig, run: &RunStep) -> RunConfig {
        let mut config = self.config(own);
        config.freeze = run.freeze();
        (config.training.epochs, config.training.learning_rate) = (run.epochs, run.learning_rate);
        config
    }

    /// The plan of a step's race.
    pub fn race_plan(&self, own: &RunConfig, race: &RaceStep) -> RacePlan {
        let mut config = self.config(own);
        config.training.epochs = race.epochs;
        let strategy = |name: &String| Some(Strategy { name: name.clone(), freeze: Freeze::parse_name(name)? });
        RacePlan {
            config,
            strategies: race.freeze.iter().filter_map(strategy).collect(),
            seeds: race.seeds.clone().unwrap_or_else(|| vec![self.seed]),
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

    /// The freezing of a step in a lesson that was checked.
    pub fn freeze(&self) -> Freeze {
        self.plan().freezing().unwrap_or_default()
    }
}
