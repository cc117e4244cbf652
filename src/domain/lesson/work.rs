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
    /// The text in the field, as long as the student has not given it as an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// The answer that was given last. For a choice it is the place of the answer, counted from 1.
    pub answer: String,
    /// Whether the last answer is right. `None` for a question without a right answer.
    pub right: Option<bool>,
    /// The answer that was given first, before the explanation was seen.
    pub first_answer: String,
    /// Whether the first answer is right. `None` for a question without a right answer.
    pub first_right: Option<bool>,
    /// How many answers were given.
    pub attempts: usize,
    /// Seconds for which the step was on the screen before the first answer was given.
    pub secs: f64,
    /// The points of the first answer; those of later ones do not count. `None` where the question has no points, or the
    /// instructor gives them.
    pub points: Option<u32>,
    pub guess: Option<Guess>,
    /// The test accuracy of the step's run.
    pub accuracy: Option<f64>,
    /// Its seconds of training.
    pub train_secs: Option<f64>,
    /// How many of them were taken over from other runs.
    pub shared_secs: f64,
    /// The folder of the step's run, or those of its race's runs.
    pub run_dirs: Vec<PathBuf>,
    pub race_rows: Vec<RaceRow>,
    pub race_means: Vec<RaceMean>,
    /// Why the step's run was refused.
    pub refused: Option<Problem>,
}

impl StepWork {
    /// Whether the student has done anything in this step.
    pub fn is_begun(&self) -> bool {
        let untouched = Self { secs: self.secs, ..Self::default() };
        *self != untouched
    }

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
    /// The number by which a school knows the student.
    pub student_number: String,
    /// Whether all of this is in a file that was saved to hand in.
    pub is_handed_in: bool,
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

    /// Takes in an answer that was given; one that the question does not take changes nothing.
    pub fn answer(&mut self, step: usize, question: &Question, answer: &str) {
        let Some(work) = self.steps.get_mut(step).filter(|_| question.takes(answer)) else { return };
        let answer = answer.trim().to_owned();
        work.right = question.is_right(&answer);
        if work.attempts == 0 {
            (work.first_right, work.points) = (work.right, question.earns(&answer));
            work.first_answer.clone_from(&answer);
        }
        work.attempts += 1;
        (work.answer, work.draft) = (answer, None);
    }

    /// Whether the student has done anything in this lesson.
    pub fn is_begun(&self) -> bool {
        self.steps.iter().any(StepWork::is_begun)
    }

    /// Whether there is work that is in no file yet.
    pub fn is_unsaved(&self) -> bool {
        self.is_begun() && !self.is_handed_in
    }

    /// The points of all steps; `None` in a lesson without points.
    pub fn points(&self, lesson: &Lesson) -> Option<Points> {
        let questions = lesson.steps.iter().map(|step| step.question.as_ref());
        Points::sum(questions.zip(&self.steps))
    }

    /// A name for the file to hand in, which tells students apart: `lesson_number_name.thaw-lesson`.
    pub fn file_name(&self) -> String {
        let tame = |text: &str| {
            let allowed = |c: char| if c.is_alphanumeric() || "-.".contains(c) { c } else { '-' };
            text.trim().chars().take(40).map(allowed).collect::<String>()
        };
        let parts = [&self.lesson, &self.student_number, &self.student].map(|part| tame(part));
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}.{BUNDLE_EXTENSION}", parts.join("_"))
    }
}

/// Points of a lesson's questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// Those that right answers have earned.
    pub earned: u32,
    /// Those that the instructor has yet to give or not, for answers in words.
    pub open: u32,
    /// All that can be had.
    pub most: u32,
}

impl Points {
    fn sum<'a>(steps: impl Iterator<Item = (Option<&'a Question>, &'a StepWork)>) -> Option<Self> {
        let mut sum = Self::default();
        for (question, work) in steps {
            let Some(points) = question.and_then(|question| question.points) else { continue };
            // Work is kept in a file, in which any number may stand.
            sum.earned = sum.earned.saturating_add(work.points.unwrap_or_default().min(points));
            sum.most = sum.most.saturating_add(points);
            if question.is_some_and(|question| question.right.is_none()) {
                sum.open = sum.open.saturating_add(points);
            }
        }
        (sum.most > 0).then_some(sum)
    }
}

/// The extension of a bundle's file name, without the dot.
pub const BUNDLE_EXTENSION: &str = "thaw-lesson";

/// A student's finished work in one file. It holds no weights, no texts of the data, and no paths of the machine.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The version of the format. In version 1 answers had no first one, no attempts, no time and no points.
    pub thaw_lesson: u32,
    /// The version of Thaw that wrote it.
    pub thaw: String,
    pub lesson: String,
    pub lesson_hash: String,
    pub title: Text,
    pub student: String,
    #[serde(default)]
    pub student_number: String,
    /// The points of all steps; `None` in a lesson without points.
    #[serde(default)]
    pub points: Option<Points>,
    /// When it was saved, as `2026-11-24 15:04` in local time.
    pub saved: String,
    pub steps: Vec<BundledStep>,
}

/// A step of the lesson, and what the student did in it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledStep {
    pub title: Text,
    /// What the student read.
    #[serde(default)]
    pub text: Text,
    /// The question with its choices and points.
    #[serde(default)]
    pub question: Option<Question>,
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

#[cfg(test)]
mod tests {
    use super::super::QuestionKind;
    use super::*;

    fn question(right: Option<f64>, points: u32) -> Question {
        let kind = if right.is_some() { QuestionKind::Number } else { QuestionKind::Text };
        Question { kind, choices: Vec::new(), right, tolerance: None, points: Some(points), explanation: None }
    }

    fn lesson() -> Lesson {
        let text = "id = \"one\"\ntitle = { ko = \"하나\" }\nabout = { ko = \"하나\" }\n\
                    [[step]]\ntitle = { ko = \"수\" }\ntext = { ko = \"얼마?\" }\n\
                    question = { kind = \"number\", right = 4, points = 3 }\n\
                    [[step]]\ntitle = { ko = \"말\" }\ntext = { ko = \"왜?\" }\n\
                    question = { kind = \"text\", points = 2 }\n";
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_first_answer_counts_and_the_attempts_are_told() {
        let mut work = LessonWork::new(&lesson());
        work.answer(0, &question(Some(4.0), 3), "four");
        assert!(!work.is_begun(), "what is no answer is not taken");
        work.answer(0, &question(Some(4.0), 3), "5");
        work.answer(0, &question(Some(4.0), 3), " 4 ");
        work.answer(1, &question(None, 2), "Because.");
        let step = &work.steps[0];
        assert_eq!((step.first_answer.as_str(), step.first_right, step.attempts), ("5", Some(false), 2));
        assert_eq!((step.answer.as_str(), step.right, step.points), ("4", Some(true), Some(0)));
        assert_eq!(work.steps[1].points, None, "the instructor gives these");
        assert_eq!(work.points(&lesson()), Some(Points { earned: 0, open: 2, most: 5 }));
        work.steps.iter_mut().for_each(|step| step.points = Some(u32::MAX));
        assert_eq!(work.points(&lesson()), Some(Points { earned: 5, open: 2, most: 5 }), "no more than there are");
    }

    #[test]
    fn a_file_to_hand_in_is_named_after_lesson_number_and_name() {
        let mut work = LessonWork::new(&lesson());
        assert_eq!(work.file_name(), "one.thaw-lesson");
        (work.student, work.student_number) = ("김 철수/1".into(), "20231234".into());
        assert_eq!(work.file_name(), "one_20231234_김-철수-1.thaw-lesson");
    }

    #[test]
    fn one_language_alone_serves_both() {
        let lesson = lesson();
        assert_eq!(lesson.title.tongue("en"), "하나");
        let english = Text { en: "One".into(), ko: None };
        assert_eq!((english.tongue("ko"), english.is_there(), Text::default().is_there()), ("One", true, false));
    }
}
