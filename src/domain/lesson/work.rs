//! A student's work on a lesson, and the file that it is handed in as.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::config::{Guess, RunConfig};
use crate::domain::message::RunEvent;
use crate::domain::problem::Problem;
use crate::domain::race::{RaceMean, RaceRow};

use super::{Lesson, Question, Text};

/// What a student has done in one step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StepWork {
    /// The answer as it was typed. For a choice it is the place of the answer, counted from 1.
    pub answer: String,
    /// Whether the answer is right. `None` for a question without a right answer.
    pub right: Option<bool>,
    pub guess: Option<Guess>,
    /// The test accuracy of the step's run.
    pub accuracy: Option<f64>,
    /// Its seconds of training.
    pub train_secs: Option<f64>,
    /// The folder of the step's run, or those of its race's runs.
    pub run_dirs: Vec<PathBuf>,
    pub race_rows: Vec<RaceRow>,
    pub race_means: Vec<RaceMean>,
    /// Why the step's run was refused.
    pub refused: Option<Problem>,
}

impl StepWork {
    /// The test accuracy of the step's run, or of the best run of its race.
    pub fn best_accuracy(&self) -> Option<f64> {
        self.accuracy.or_else(|| self.race_rows.iter().map(|row| row.accuracy).reduce(f64::max))
    }
}

/// A student's work under way. It is kept with the program's settings until the bundle is saved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LessonWork {
    pub lesson: String,
    pub lesson_hash: String,
    pub student: String,
    /// The step that is shown, counted from 0.
    pub at: usize,
    /// What was done in each step, parallel to the steps of the lesson.
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

    /// Takes in an answer, and whether it is right where that is known.
    pub fn answer(&mut self, step: usize, question: &Question, answer: String) {
        let Some(work) = self.steps.get_mut(step) else { return };
        let chosen = answer.trim().parse::<usize>().ok();
        work.right = question.right.filter(|_| chosen.is_some()).map(|right| chosen == Some(right));
        work.answer = answer;
    }
}

/// The extension of a bundle's file name, without the dot.
pub const BUNDLE_EXTENSION: &str = "thaw-lesson";

/// A student's finished work in one file. It holds no weights, no texts of the data, and no paths of the machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The version of the format, which is 1.
    pub thaw_lesson: u32,
    /// The version of Thaw that wrote it.
    pub thaw: String,
    pub lesson: String,
    pub lesson_hash: String,
    pub title: Text,
    pub student: String,
    /// When it was saved, as `2026-11-24 15:04` in local time.
    pub saved: String,
    pub steps: Vec<BundledStep>,
}

/// A step of the lesson, and what the student did in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledStep {
    pub title: Text,
    pub work: StepWork,
    pub runs: Vec<BundledRun>,
}

/// The settings of a run, and the lines of its log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledRun {
    pub config: RunConfig,
    pub events: Vec<RunEvent>,
}
