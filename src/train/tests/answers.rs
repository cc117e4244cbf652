//! Rows that are answered together, shortest first, get the answers that each gets alone.

use proptest::prelude::*;

use crate::domain::message::RowTexts;
use crate::domain::params::ParamTree;
use crate::train::evaluate::{answer_rows, predict};

use super::*;

struct Never;

impl RunObserver for Never {
    fn emit(&self, _: RunEvent) {}

    fn stop_requested(&self) -> bool {
        false
    }
}

struct AtOnce;

impl RunObserver for AtOnce {
    fn emit(&self, _: RunEvent) {}

    fn stop_requested(&self) -> bool {
        true
    }
}

fn classifier(pretrained: &PretrainedModel) -> Classifier {
    let labels = ["bad", "good", "so so"].map(str::to_owned);
    let tree: ParamTree = pretrained.tree(&labels);
    let trainable = vec![false; tree.parameters.len()];
    Classifier::on(
        &Engine::cpu(crate::domain::precision::Precision::F32),
        pretrained,
        &labels,
        &trainable,
        DropoutConfig::default(),
        7,
        &|_| (),
    )
    .unwrap()
}

#[test]
fn a_window_gives_each_row_the_answer_that_it_gets_alone() {
    let pretrained = PretrainedModel::open(&ModelSource::Bundled).unwrap();
    let classifier = classifier(&pretrained);
    let tokeniser = &pretrained.tokeniser;
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(6));
    let texts = prop::collection::vec("[a-z 영화]{0,60}", 1..40);
    runner
        .run(&texts, |texts| {
            let rows: Vec<RowTexts> = texts.iter().map(|text| text.as_str().into()).collect();
            let window: Vec<&RowTexts> = rows.iter().collect();
            let told = std::cell::Cell::new(0);
            let answers = answer_rows(&classifier, tokeniser, 16, &window, &Never, &|done| told.set(done)).unwrap();
            let answers = answers.unwrap();
            prop_assert_eq!((answers.len(), told.get()), (rows.len(), rows.len()));
            for (row, answer) in rows.iter().zip(answers) {
                let alone = predict(&classifier, tokeniser, 16, std::slice::from_ref(row)).unwrap();
                for ((_, one), all) in alone[0].probabilities.iter().zip(&answer.probabilities) {
                    prop_assert!((one - all).abs() < 1e-5, "{:?}: {} {}", row, one, all);
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn whoever_stops_gets_no_answers() {
    let pretrained = PretrainedModel::open(&ModelSource::Bundled).unwrap();
    let row = RowTexts::from("a text");
    let answers = answer_rows(&classifier(&pretrained), &pretrained.tokeniser, 16, &[&row], &AtOnce, &|_| ()).unwrap();
    assert_eq!(answers, None);
}
