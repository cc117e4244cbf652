//! Behaviour tests (CheckList; Ribeiro et al., ACL 2020): texts are changed in a way of which the right answer to the
//! change is known, whatever the right answer to the text is, and the model is asked again.
//!
//! A test of the first kind changes what means nothing to the label (a typo, a full stop, capitals, a name, a neutral
//! sentence), so that the label must stay. One of the second kind turns the meaning ("is" to "is not"), so that the label
//! must change. Texts come from rows of the run, or from templates.

mod changes;
mod sheet;

use std::collections::HashMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::domain::behaviour::{Behaviour, BehaviourTest, Expects, Failure, TextLanguage};
use crate::domain::message::{Prediction, RowTexts};
use crate::domain::problem::{Outcome, Problem};

use changes::{TESTS, Words, are_opinions, language_of};
use sheet::Template;

pub use sheet::Sheet;

/// Cases of one test, at most. The rate of so many has a 95 % interval of 7 points to either side, or less.
const MOST_CASES: usize = 200;
/// Failures that are shown of one test.
const EXAMPLES: usize = 20;
/// Rows that the language is judged by.
const LOOK_ROWS: usize = 200;
/// The rows and what is changed in them are drawn with this seed, so that all runs on the same data are asked the same.
const SEED: u64 = 0;

/// A text before and after its change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Case {
    before: RowTexts,
    after: RowTexts,
}

/// The cases of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cases {
    test: String,
    expects: Expects,
    cases: Vec<Case>,
}

/// A plan says what a model will be asked.
#[derive(Clone, Debug)]
pub struct Plan {
    tests: Vec<Cases>,
    language: TextLanguage,
    has_opinions: bool,
}

impl Plan {
    /// Makes the cases from `rows`, of which each test takes those that it applies to, and from the templates of the program
    /// and of `own`. `labels` are those of the model.
    ///
    /// # Errors
    /// `check-label-unknown` for a template that expects another label than one of these.
    pub fn of(rows: &[RowTexts], labels: &[String], own: Option<&Sheet>) -> Outcome<Self> {
        let language = language_of(rows.iter().take(LOOK_ROWS).map(|row| row.text.as_str()))?;
        let (known, has_opinions) = (Words::of(language)?, are_opinions(labels)?);
        let mut order: Vec<&RowTexts> = rows.iter().collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(SEED));
        let of_rows = TESTS.iter().map(|test| {
            let mut random = ChaCha8Rng::seed_from_u64(SEED);
            let applies = has_opinions || test.expects == Expects::Same;
            let cases = order.iter().filter(|_| applies).filter_map(|row| {
                // A second text may say the opposite of the first one, so that what "not" does to a pair is not known.
                let is_known = row.second.is_none() || test.expects == Expects::Same;
                let text = (test.change)(&row.text, &known, &mut random).filter(|_| is_known)?;
                let after = RowTexts { text, second: row.second.clone() };
                (after.text != row.text).then(|| Case { before: (*row).clone(), after })
            });
            Cases { test: test.name.into(), expects: test.expects.clone(), cases: cases.take(MOST_CASES).collect() }
        });
        let mut tests: Vec<Cases> = of_rows.collect();
        let are_pairs = rows.iter().any(|row| row.second.is_some());
        let bundled = Sheet::bundled(language)?;
        let sheets = std::iter::once(&bundled).chain(own);
        for (sheet, template) in sheets.flat_map(|sheet| sheet.templates.iter().map(move |template| (sheet, template)))
        {
            if let Expects::Label(label) = &template.expects
                && !labels.contains(label)
            {
                let problem = Problem::new("check-label-unknown").with("label", label).with("test", &template.test);
                return Err(problem.with("labels", labels.join(", ")));
            }
            let is_known = language != TextLanguage::Other;
            let applies = !are_pairs && (!template.opinion || has_opinions && is_known);
            let cases = if applies { filled(sheet, template) } else { Vec::new() };
            match tests.iter_mut().find(|known| known.test == template.test && known.expects == template.expects) {
                Some(known) => known.cases.extend(cases),
                None => {
                    tests.push(Cases { test: template.test.clone(), expects: template.expects.clone(), cases });
                }
            }
        }
        tests.iter_mut().for_each(|test| test.cases.truncate(MOST_CASES));
        Ok(Self { tests, language, has_opinions })
    }

    /// Asks the model and counts where it does not answer as it should. `answer` classifies texts; each is asked once.
    ///
    /// # Errors
    /// Those of `answer`.
    pub fn check(&self, answer: impl FnOnce(&[RowTexts]) -> Outcome<Vec<Prediction>>) -> Outcome<Behaviour> {
        let mut places: HashMap<(&str, Option<&str>), usize> = HashMap::new();
        let mut asked: Vec<RowTexts> = Vec::new();
        for row in self.tests.iter().flat_map(|test| &test.cases).flat_map(|case| [&case.before, &case.after]) {
            places.entry(key(row)).or_insert_with(|| {
                asked.push(row.clone());
                asked.len() - 1
            });
        }
        let answers = answer(&asked)?;
        let find = |row: &RowTexts| places.get(&key(row)).and_then(|place| answers.get(*place));
        let tests = self.tests.iter().map(|Cases { test, expects, cases }| {
            let mut failures: Vec<(f64, Failure)> = cases
                .iter()
                .filter_map(|case| {
                    let (before, after) = (find(&case.before)?, find(&case.after)?);
                    let was = if let Expects::Label(label) = expects { label } else { &before.label };
                    let is_same = *was == after.label;
                    (is_same == (*expects == Expects::Other)).then(|| {
                        let failure = Failure {
                            before: case.before.text.clone(),
                            after: case.after.text.clone(),
                            was: was.clone(),
                            became: after.label.clone(),
                        };
                        (surety(before).min(surety(after)), failure)
                    })
                })
                .collect();
            failures.sort_by(|a, b| b.0.total_cmp(&a.0));
            let found = failures.len();
            let examples = failures.into_iter().take(EXAMPLES).map(|(_, failure)| failure).collect();
            let (test, expects) = (test.clone(), expects.clone());
            BehaviourTest { test, expects, cases: cases.len(), failures: found, examples }
        });
        Ok(Behaviour { tests: tests.collect(), language: self.language, has_opinions: self.has_opinions })
    }
}

fn key(row: &RowTexts) -> (&str, Option<&str>) {
    (&row.text, row.second.as_deref())
}

/// The probability of the label that was answered.
fn surety(prediction: &Prediction) -> f64 {
    prediction.probabilities.iter().map(|(_, p)| *p).fold(0.0, f64::max)
}

/// A template with every choice of words, or so many of them as are asked, drawn evenly.
fn filled(sheet: &Sheet, template: &Template) -> Vec<Case> {
    let after = template.after.as_deref().unwrap_or(&template.before);
    let mut texts = vec![(template.before.clone(), after.to_owned())];
    for (blank, words) in sheet.blanks_of(template) {
        let fill = |(before, after): &(String, String)| {
            let with = |word: &String| (before.replace(&blank, word), after.replace(&blank, word));
            words.iter().map(with).collect::<Vec<_>>()
        };
        texts = texts.iter().flat_map(fill).collect();
        texts.shuffle(&mut ChaCha8Rng::seed_from_u64(SEED));
        // Whatever the other blanks add, more would not be asked.
        texts.truncate(MOST_CASES);
    }
    texts.into_iter().map(|(before, after)| Case { before: before.into(), after: after.into() }).collect()
}

#[cfg(test)]
mod tests;
