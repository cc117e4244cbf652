//! The selection: some rows, chosen step by step, that every view of Explore shows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::health::PartName;
use super::predictions::{ExploredRows, PredictedRow};
use super::tags::{Tag, Tags};

/// One step of a selection. Runs are named by their places among those that are looked at; labels by their ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Condition {
    /// The rows of one part.
    Split {
        split: PartName,
    },
    TrueLabel {
        label: u32,
    },
    PredictedLabel {
        label: u32,
    },
    /// A cell of the confusion matrix.
    Cell {
        label: u32,
        predicted: u32,
    },
    /// The answer is right or, with `false`, wrong.
    Correct {
        is: bool,
    },
    /// A range of the confidence, its ends included.
    Confidence {
        from: f64,
        to: f64,
    },
    /// A range of the probability of a label, its ends included.
    Probability {
        label: u32,
        from: f64,
        to: f64,
    },
    /// Rows by their parts and numbers, such as the points in a lasso.
    Rows {
        rows: BTreeSet<(String, u32)>,
    },
    /// Texts that hold this, in upper or lower case.
    Search {
        text: String,
    },
    /// Texts that hold this as a whole word, in upper or lower case.
    Word {
        word: String,
    },
    Tag {
        tag: Tag,
    },
    /// Rows that some runs answer rightly and others wrongly.
    Answered {
        right: Vec<usize>,
        wrong: Vec<usize>,
    },
}

/// One row with all that a condition may ask of it.
#[derive(Clone, Copy, Debug)]
pub struct RowSeen<'a> {
    pub text: &'a str,
    pub second: Option<&'a str>,
    pub tags: Tags,
    /// The answers of the runs, in their order; the first is that of the run that is explored.
    pub runs: &'a dyn Answers,
}

/// The answers of several runs on one row.
pub trait Answers: std::fmt::Debug {
    /// That of the run at this place, where there is one.
    fn of(&self, run: usize) -> Option<&PredictedRow>;
}

impl<const N: usize> Answers for [&PredictedRow; N] {
    fn of(&self, run: usize) -> Option<&PredictedRow> {
        self.get(run).copied()
    }
}

/// The answers on one of the rows that are explored.
#[derive(Debug)]
struct AnswersAt<'a> {
    all: &'a ExploredRows,
    i: usize,
}

impl Answers for AnswersAt<'_> {
    fn of(&self, run: usize) -> Option<&PredictedRow> {
        self.all.runs.get(run).and_then(|run| run.rows.get(self.i))
    }
}

/// A word for comparison, prepared once for many texts.
fn lowered(text: &str) -> String {
    text.to_lowercase()
}

impl Condition {
    /// Returns whether the row is among those that are meant. Where a run that is named has no answer, it is not.
    pub fn matches(&self, row: &RowSeen<'_>) -> bool {
        let Some(answer) = row.runs.of(0) else { return false };
        let texts = || std::iter::once(row.text).chain(row.second);
        match self {
            Self::Split { split } => answer.split == *split,
            Self::TrueLabel { label } => answer.label == *label,
            Self::PredictedLabel { label } => answer.predicted() == *label,
            Self::Cell { label, predicted } => answer.label == *label && answer.predicted() == *predicted,
            Self::Correct { is } => answer.is_correct() == *is,
            Self::Confidence { from, to } => (*from..=*to).contains(&answer.confidence()),
            Self::Probability { label, from, to } => (*from..=*to).contains(&answer.probability(*label)),
            Self::Rows { rows } => rows.contains(&(answer.split.name().to_owned(), answer.row)),
            Self::Search { text } => {
                let wanted = lowered(text);
                texts().any(|text| lowered(text).contains(&wanted))
            }
            Self::Word { word } => {
                let wanted = lowered(word);
                texts().any(|text| words(&lowered(text)).any(|word| word == wanted))
            }
            Self::Tag { tag } => row.tags.of_answer(answer).has(*tag),
            Self::Answered { right, wrong } => {
                let all = |runs: &[usize], is: bool| {
                    runs.iter().all(|run| row.runs.of(*run).is_some_and(|answer| answer.is_correct() == is))
                };
                all(right, true) && all(wrong, false)
            }
        }
    }
}

/// The words of a text: letters and digits of any script, with the apostrophes and hyphens within.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_within = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '-' | '_');
    let parts = text.split(move |c: char| !is_within(c));
    parts.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).filter(|word| !word.is_empty())
}

/// Rows that meet every one of its conditions. Without any it is all rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Selection {
    /// They are in the order in which they were chosen: the breadcrumb.
    pub steps: Vec<Condition>,
}

impl Selection {
    pub fn matches(&self, row: &RowSeen<'_>) -> bool {
        self.steps.iter().all(|step| step.matches(row))
    }

    /// The same with one more condition. A condition that is there already is not added twice, and a search takes the
    /// place of the search before it.
    #[must_use]
    pub fn narrowed(&self, step: Condition) -> Self {
        let mut steps = self.steps.clone();
        match (&step, steps.last()) {
            _ if steps.contains(&step) => {}
            (Condition::Search { .. }, Some(Condition::Search { .. })) => {
                steps.pop();
                steps.push(step);
            }
            _ => steps.push(step),
        }
        Self { steps }
    }

    /// The first `steps` conditions.
    #[must_use]
    pub fn widened(&self, steps: usize) -> Self {
        Self { steps: self.steps[..steps.min(self.steps.len())].to_vec() }
    }

    /// The same without the condition at this place.
    #[must_use]
    pub fn without(&self, step: usize) -> Self {
        let kept = self.steps.iter().enumerate().filter(|(i, _)| *i != step);
        Self { steps: kept.map(|(_, step)| step.clone()).collect() }
    }

    /// The places of the rows that it holds, in their order.
    pub fn of(&self, rows: &ExploredRows) -> Vec<u32> {
        let holds = |i: &u32| {
            let i = *i as usize;
            let RowTextsOf { text, second } = texts_at(rows, i);
            let tags = rows.tags.get(i).copied().unwrap_or_default();
            self.matches(&RowSeen { text, second, tags, runs: &AnswersAt { all: rows, i } })
        };
        (0..rows.len() as u32).filter(holds).collect()
    }
}

struct RowTextsOf<'a> {
    text: &'a str,
    second: Option<&'a str>,
}

fn texts_at(rows: &ExploredRows, i: usize) -> RowTextsOf<'_> {
    let texts = &rows.texts[i];
    RowTextsOf { text: &texts.text, second: texts.second.as_deref() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(row: u32, label: u32, probability: f64) -> PredictedRow {
        let split = if row.is_multiple_of(2) { PartName::Test } else { PartName::Validation };
        PredictedRow { row, split, label, probabilities: vec![1.0 - probability, probability] }
    }

    fn condition() -> impl Strategy<Value = Condition> {
        let label = 0_u32..2;
        prop_oneof![
            any::<bool>().prop_map(|is| Condition::Correct { is }),
            label.clone().prop_map(|label| Condition::TrueLabel { label }),
            label.clone().prop_map(|label| Condition::PredictedLabel { label }),
            (label.clone(), label).prop_map(|(label, predicted)| Condition::Cell { label, predicted }),
            (0.5..1.0_f64, 0.5..1.0_f64).prop_map(|(from, to)| Condition::Confidence { from, to }),
            (0_u32..2, 0.0..1.0_f64, 0.0..1.0_f64).prop_map(|(label, from, to)| Condition::Probability {
                label,
                from,
                to
            }),
            Just(Condition::Split { split: PartName::Test }),
            "[a-c]{0,2}".prop_map(|text| Condition::Search { text }),
            "[a-c]{1,2}".prop_map(|word| Condition::Word { word }),
            Just(Condition::Tag { tag: Tag::AlmostRight }),
            prop::collection::btree_set((Just("test".to_owned()), 0_u32..20), 0..9)
                .prop_map(|rows| Condition::Rows { rows }),
            (prop::collection::vec(0_usize..3, 0..3), prop::collection::vec(0_usize..3, 0..3))
                .prop_map(|(right, wrong)| Condition::Answered { right, wrong }),
        ]
    }

    proptest! {
        /// Each step keeps some of the rows of the step before, and widening brings exactly those back.
        #[test]
        fn narrowing_never_adds_rows(
            steps in prop::collection::vec(condition(), 0..5),
            rows in prop::collection::vec((0_u32..2, 0.0..1.0_f64, 0.0..1.0_f64, "[a-c ]{0,6}"), 1..20),
        ) {
            let answers = |which: usize| -> Vec<PredictedRow> {
                let p = |row: &(u32, f64, f64, String)| if which == 0 { row.1 } else { row.2 };
                rows.iter().enumerate().map(|(i, r)| row(i as u32, r.0, p(r))).collect()
            };
            let all = ExploredRows {
                labels: vec!["a".into(), "b".into()],
                runs: [0, 1].map(|i| super::super::predictions::RunAnswers { rows: answers(i).into(), ..Default::default() }).into(),
                texts: rows.iter().map(|row| row.3.clone().into()).collect(),
                ..ExploredRows::default()
            };
            let mut selection = Selection::default();
            let mut before = selection.of(&all);
            prop_assert_eq!(before.len(), rows.len());
            for step in steps {
                // A search takes the place of another one.
                let narrowed = selection.narrowed(step.clone());
                if narrowed.steps.len() > selection.steps.len() {
                    let held = narrowed.of(&all);
                    prop_assert!(held.iter().all(|i| before.contains(i)));
                    prop_assert_eq!(narrowed.widened(selection.steps.len()), selection.clone());
                    (selection, before) = (narrowed, held);
                }
            }
            let written = serde_json::to_string(&selection).unwrap();
            prop_assert_eq!(serde_json::from_str::<Selection>(&written).unwrap(), selection);
        }
    }

    #[test]
    fn a_word_is_whole_and_a_search_is_not() {
        let answer = row(2, 0, 0.1);
        let seen = RowSeen { text: "It wasn't Good-natured.", second: None, tags: Tags::default(), runs: &[&answer] };
        let word = |word: &str| Condition::Word { word: word.into() }.matches(&seen);
        let search = |text: &str| Condition::Search { text: text.into() }.matches(&seen);
        assert!(word("WASN'T") && word("good-natured") && !word("good") && !word("was"));
        assert!(search("good") && search("T WAS") && !search("bad"));
    }

    #[test]
    fn what_one_run_gets_right_and_another_wrong() {
        let (right, wrong) = (row(2, 1, 0.9), row(2, 1, 0.1));
        let seen =
            |a, b| RowSeen { text: "", second: None, tags: Tags::default(), runs: &[&right, &wrong] }.runs_of(a, b);
        assert!(seen(vec![0], vec![1]) && !seen(vec![1], vec![0]) && !seen(vec![0], vec![1, 7]));
    }

    impl RowSeen<'_> {
        fn runs_of(self, right: Vec<usize>, wrong: Vec<usize>) -> bool {
            Condition::Answered { right, wrong }.matches(&self)
        }
    }

    #[test]
    fn a_search_is_typed_letter_by_letter() {
        let search = |text: &str| Condition::Search { text: text.into() };
        let selection = Selection::default().narrowed(Condition::Correct { is: false }).narrowed(search("g"));
        let selection = selection.narrowed(search("go"));
        assert_eq!(selection.steps, [Condition::Correct { is: false }, search("go")]);
        assert_eq!(selection.without(0).steps, [search("go")]);
        assert_eq!(selection.widened(1).steps, [Condition::Correct { is: false }]);
    }
}
