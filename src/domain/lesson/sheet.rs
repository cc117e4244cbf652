//! What students handed in as a sheet for grading: a row for each file, a column for each fact.

use std::collections::HashSet;

use crate::domain::problem::Problem;

use super::{Bundle, BundledStep, Grades, Question, Text};

/// One thing that is known of a student's step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    Answer,
    /// Whether the last answer is right.
    Right,
    FirstAnswer,
    Attempts,
    /// Seconds before the first answer.
    AnswerSecs,
    Points,
    GuessedAccuracy,
    Accuracy,
    GuessedSecs,
    TrainSecs,
    /// The mean accuracy of this strategy in the step's race.
    Race(String),
    /// Why the step's run was refused.
    Refused,
}

/// A fact of a step. Students of two versions of a lesson share a column when the step has the same title in both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// Counted from 0.
    pub step: usize,
    pub title: Text,
    pub fact: Fact,
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// One of the answers to choose from: its number and its text.
    Choice(usize, Text),
    Count(u64),
    /// A share, such as an accuracy.
    Ratio(f64),
    Secs(f64),
    IsRight(bool),
    Refused(Problem),
}

/// The points of a student.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub earned: u32,
    /// All that can be had.
    pub most: u32,
    /// Answers that the instructor has not given points for yet.
    pub ungraded: usize,
}

/// Rows and columns; what stands where both meet is told by [`Sheet::cell`].
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    pub bundles: Vec<&'a Bundle>,
    pub columns: Vec<Column>,
    grades: &'a Grades,
}

impl<'a> Sheet<'a> {
    /// Makes a column of every fact that at least one student has.
    pub fn of(bundles: Vec<&'a Bundle>, grades: &'a Grades) -> Self {
        let mut sheet = Self { bundles, columns: Vec::new(), grades };
        let (mut columns, mut seen) = (Vec::new(), HashSet::new());
        for bundle in &sheet.bundles {
            for (step, bundled) in bundle.steps.iter().enumerate() {
                for fact in facts(bundled) {
                    let column = Column { step, title: bundled.title.clone(), fact };
                    if sheet.value(bundle, &column) != Cell::Empty && seen.insert(column.clone()) {
                        columns.push(column);
                    }
                }
            }
        }
        // The facts of a step are found in their order for one student, but not for all.
        columns.sort_by_cached_key(|column| {
            (column.step, column.title.en.clone(), column.title.ko.clone(), rank(&column.fact))
        });
        sheet.columns = columns;
        sheet
    }

    pub fn cell(&self, row: usize, column: usize) -> Cell {
        self.value(self.bundles[row], &self.columns[column])
    }

    fn value(&self, bundle: &Bundle, column: &Column) -> Cell {
        let step = bundle.steps.get(column.step).filter(|step| step.title == column.title);
        step.map_or(Cell::Empty, |step| value(bundle, column.step, step, &column.fact, self.grades))
    }
}

/// Returns the value of a fact of a student's step.
pub fn value(bundle: &Bundle, at: usize, step: &BundledStep, fact: &Fact, grades: &Grades) -> Cell {
    let work = &step.work;
    let answer = |answer: &str| {
        let chosen = step.question.as_ref().and_then(|question| choice(question, answer));
        match chosen {
            Some((number, text)) => Cell::Choice(number, text),
            None if answer.trim().is_empty() => Cell::Empty,
            None => Cell::Text(answer.trim().to_owned()),
        }
    };
    let of = |value: Option<f64>, cell: fn(f64) -> Cell| value.map_or(Cell::Empty, cell);
    match fact {
        Fact::Answer => answer(&work.answer),
        Fact::Right => work.right.map_or(Cell::Empty, Cell::IsRight),
        Fact::FirstAnswer => answer(&work.first_answer),
        Fact::Attempts if work.attempts > 0 => Cell::Count(work.attempts as u64),
        Fact::Attempts => Cell::Empty,
        Fact::AnswerSecs => of(Some(work.secs).filter(|secs| work.attempts > 0 && *secs > 0.0), Cell::Secs),
        Fact::Points => points(bundle, at, grades).map_or(Cell::Empty, |points| Cell::Count(points.into())),
        Fact::GuessedAccuracy => of(work.guess.and_then(|guess| guess.accuracy), Cell::Ratio),
        Fact::Accuracy if work.race_means.is_empty() => of(work.best_accuracy(), Cell::Ratio),
        Fact::Accuracy => Cell::Empty,
        Fact::GuessedSecs => of(work.guess.and_then(|guess| guess.secs), Cell::Secs),
        Fact::TrainSecs => of(work.train_secs, Cell::Secs),
        Fact::Race(name) => {
            let mean = work.race_means.iter().find(|mean| mean.freeze == *name);
            of(mean.map(|mean| mean.accuracy), Cell::Ratio)
        }
        Fact::Refused => work.refused.clone().map_or(Cell::Empty, Cell::Refused),
    }
}

/// The choice that an answer stands for, with its number.
pub fn choice(question: &Question, answer: &str) -> Option<(usize, Text)> {
    let number: usize = answer.trim().parse().ok()?;
    Some((number, question.choices.get(number.checked_sub(1)?)?.clone()))
}

/// The points of a step: those of the answer, else those that the instructor gave. `None` while there are none.
pub fn points(bundle: &Bundle, at: usize, grades: &Grades) -> Option<u32> {
    let step = bundle.steps.get(at)?;
    let most = step.question.as_ref()?.points?;
    step.work.points.or_else(|| grades.get(bundle, at)).map(|points| points.min(most))
}

/// How many points the instructor may give for a step; `None` where the answer earns them by itself, or where there are
/// none.
pub fn to_grade(step: &BundledStep) -> Option<u32> {
    step.question.as_ref().filter(|question| question.right.is_none()).and_then(|question| question.points)
}

/// A student's points; `None` in a lesson without points. A student who answered nothing waits for no grade.
pub fn total(bundle: &Bundle, grades: &Grades) -> Option<Total> {
    let mut total = Total::default();
    for (at, step) in bundle.steps.iter().enumerate() {
        // A file that was written by hand may promise any number of points.
        let most = step.question.as_ref().and_then(|question| question.points).unwrap_or_default();
        total.most = total.most.saturating_add(most);
        let given = points(bundle, at, grades);
        total.earned = total.earned.saturating_add(given.unwrap_or_default());
        let waits = given.is_none() && to_grade(step).is_some() && !step.work.answer.trim().is_empty();
        total.ungraded += usize::from(waits);
    }
    (total.most > 0).then_some(total)
}

/// Whether the step asks or runs something, in this student's file.
pub fn is_asked(step: &BundledStep) -> bool {
    let work = &step.work;
    step.question.is_some() || !work.answer.is_empty() || work.refused.is_some() || work.best_accuracy().is_some()
}

/// All facts that a step may have, in their order.
fn facts(step: &BundledStep) -> Vec<Fact> {
    let mut facts = vec![Fact::Answer, Fact::Right, Fact::FirstAnswer, Fact::Attempts, Fact::AnswerSecs, Fact::Points];
    facts.extend([Fact::GuessedAccuracy, Fact::Accuracy, Fact::GuessedSecs, Fact::TrainSecs]);
    facts.extend(step.work.race_means.iter().map(|mean| Fact::Race(mean.freeze.clone())));
    facts.push(Fact::Refused);
    facts
}

/// The place of a fact among those of its step.
fn rank(fact: &Fact) -> (usize, String) {
    let order = [
        Fact::Answer,
        Fact::Right,
        Fact::FirstAnswer,
        Fact::Attempts,
        Fact::AnswerSecs,
        Fact::Points,
        Fact::GuessedAccuracy,
        Fact::Accuracy,
        Fact::GuessedSecs,
        Fact::TrainSecs,
    ];
    let at = order.iter().position(|one| one == fact);
    match fact {
        Fact::Race(name) => (order.len(), name.clone()),
        _ => (at.unwrap_or(order.len() + 1), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{QuestionKind, StepWork};
    use super::*;

    #[test]
    fn a_file_that_promises_too_many_points_is_summed_up_all_the_same() {
        let question = Question {
            kind: QuestionKind::Number,
            choices: Vec::new(),
            right: Some(1.0),
            tolerance: None,
            points: Some(u32::MAX),
            explanation: None,
        };
        let work = StepWork { points: Some(u32::MAX), ..StepWork::default() };
        let step = BundledStep { question: Some(question), work, ..BundledStep::default() };
        let bundle = Bundle { steps: vec![step.clone(), step], ..Bundle::default() };
        let total = total(&bundle, &Grades::default()).unwrap();
        assert_eq!((total.earned, total.most, total.ungraded), (u32::MAX, u32::MAX, 0));
    }
}
