//! A question of a lesson: what counts as an answer to it, and which answer is right.

use serde::{Deserialize, Serialize};

use super::Text;

/// A question that the student answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub kind: QuestionKind,
    /// The answers to choose from, if it is a choice.
    #[serde(default)]
    pub choices: Vec<Text>,
    /// The right number, or for a choice the place of the right answer, counted from 1.
    pub right: Option<f64>,
    /// A number that is at most so far from `right` is right as well.
    pub tolerance: Option<f64>,
    /// What the right answer is worth. A text has no right answer, so that its points are the instructor's to give.
    pub points: Option<u32>,
    /// What is shown once an answer has been given.
    pub explanation: Option<Text>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    Text,
    Number,
    Choice,
}

impl Question {
    /// Whether this can be given as an answer: a text that is not empty, a number, or the place of a choice.
    pub fn takes(&self, answer: &str) -> bool {
        match self.kind {
            QuestionKind::Text => !answer.trim().is_empty(),
            QuestionKind::Number => number(answer).is_some(),
            QuestionKind::Choice => self.chosen(answer).is_some(),
        }
    }

    /// The choice that this answer stands for.
    pub fn chosen(&self, answer: &str) -> Option<&Text> {
        self.choices.get(answer.trim().parse::<usize>().ok()?.checked_sub(1)?)
    }

    /// The right answer as a student would give it, if the question has one.
    pub fn right_answer(&self) -> Option<String> {
        self.right.map(|right| right.to_string())
    }

    /// Whether this answer is right. `None` for a question without a right answer.
    pub fn is_right(&self, answer: &str) -> Option<bool> {
        let right = self.right?;
        // A decimal fraction such as 0.1 is not exact in binary, so that the edge of the tolerance needs a little room.
        let room = self.tolerance.unwrap_or_default() + 1e-9 * right.abs().max(1.0);
        Some(self.takes(answer) && number(answer).is_some_and(|number| (number - right).abs() <= room))
    }

    /// What this answer earns; `None` where no points are set, or the instructor gives them.
    pub fn earns(&self, answer: &str) -> Option<u32> {
        let is_right = self.is_right(answer)?;
        self.points.map(|points| if is_right { points } else { 0 })
    }
}

/// A number as a student writes it; the decimal comma is taken for a point.
fn number(answer: &str) -> Option<f64> {
    answer.trim().replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: QuestionKind, right: Option<f64>) -> Question {
        let choices = if kind == QuestionKind::Choice { vec![Text::default(), Text::default()] } else { Vec::new() };
        Question { kind, choices, right, tolerance: Some(0.1), points: Some(2), explanation: None }
    }

    #[test]
    fn a_number_within_the_tolerance_is_right() {
        let asked = question(QuestionKind::Number, Some(0.5));
        for (answer, right) in [("0.5", true), ("0,6", true), (" .4 ", true), ("0.61", false), ("-0.5", false)] {
            assert!(asked.takes(answer), "{answer}");
            assert_eq!(asked.is_right(answer), Some(right), "{answer}");
            assert_eq!(asked.earns(answer), Some(if right { 2 } else { 0 }));
        }
        assert!(!asked.takes("half") && !asked.takes("") && !asked.takes("inf"));
        let open = question(QuestionKind::Text, None);
        assert!(open.takes("Because.") && open.is_right("Because.").is_none() && open.earns("Because.").is_none());
        let choice = question(QuestionKind::Choice, Some(2.0));
        assert!(choice.takes("2") && !choice.takes("3") && !choice.takes("0") && !choice.takes("1.5"));
        assert_eq!((choice.is_right("2"), choice.is_right("1")), (Some(true), Some(false)));
        assert_eq!(choice.is_right("2,"), Some(false), "what is no answer is not the right one");
    }
}
