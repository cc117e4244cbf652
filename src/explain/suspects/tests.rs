use std::sync::Arc;

use super::*;
use crate::data::tokeniser::bundled_for_tests;
use crate::domain::config::ModelSource;
use crate::domain::message::RunEvent;
use crate::domain::suspects::ConfidentJoint;
use crate::model::encoder::DropoutConfig;
use crate::model::pretrained::PretrainedModel;

/// Hears nothing, and may stop at once.
struct Deaf {
    stops: bool,
}

impl RunObserver for Deaf {
    fn emit(&self, _: RunEvent) {}
    fn notify(&self, _: RunNotice) {}
    fn stop_requested(&self) -> bool {
        self.stops
    }
}

#[test]
fn classes_are_spread_over_the_folds_and_copies_stay_together() {
    let texts: Texts =
        (0..50).map(|i| ["same text", "a", "b", "c", "d"][if i % 10 == 0 { 0 } else { i % 5 }]).collect();
    let all: Vec<u32> = (0..50).collect();
    let copies = folds(&texts, &all, &[0; 50], 1, 7);
    for i in 0..50 {
        for j in 0..50 {
            assert!(texts.get(i) != texts.get(j) || copies[i] == copies[j]);
        }
    }
    let own: Vec<String> = (0..50).map(|i| format!("text {i}")).collect();
    let texts: Texts = own.iter().map(String::as_str).collect();
    let labels: Vec<u32> = (0..50).map(|i| u32::from(i < 20)).collect();
    let folds = folds(&texts, &all, &labels, 2, 7);
    for fold in 0..FOLDS {
        let of = |label| (0..50).filter(|i| folds[*i] == fold && labels[*i] == label).count();
        assert_eq!((of(1), of(0)), (4, 6));
    }
}

/// Sixty rows of two kinds, of which three have the wrong label.
#[test]
fn flipped_labels_come_first() {
    let (praise, blame) = (["a warm and moving film", "wonderful acting"], ["a dull and empty film", "awful acting"]);
    let own: Vec<String> =
        (0..60).map(|i| format!("{}, number {i}", if i % 2 == 0 { praise } else { blame }[i / 2 % 2])).collect();
    let texts: Arc<Texts> = Arc::new(own.iter().map(String::as_str).collect());
    let flipped = [6, 23, 41];
    let labels: Vec<u32> = (0..60).map(|i| (i % 2) ^ u32::from(flipped.contains(&i))).collect();
    let tokens = TokenStore::new(Arc::clone(&texts), Arc::new(bundled_for_tests()), 32);
    let model = PretrainedModel::open(&ModelSource::Bundled).unwrap();
    let names = ["good".to_owned(), "bad".to_owned()];
    let trainable = vec![false; model.tree(&names).parameters.len()];
    let classifier = Classifier::new(&model, &names, &trainable, DropoutConfig::default(), 0).unwrap();
    let rows: Vec<u32> = (0..60).collect();
    let labelled = Labelled { tokens: &tokens, texts: &texts, labels: &labels, classes: 2, rows: &rows };
    let judge = |stops| out_of_sample(&classifier, labelled, 0, &Deaf { stops }).unwrap();
    let probabilities = judge(false).unwrap();
    assert_eq!(judge(false), Some(probabilities.clone()), "each time the same");
    assert_eq!(judge(true), None);
    let joint = ConfidentJoint::of(&labels, &probabilities, 2);
    let mut scores: Vec<(u32, f64)> = rows
        .iter()
        .filter_map(|row| Some((*row, joint.suspect(labels[*row as usize] as usize, &probabilities[*row as usize])?.1)))
        .collect();
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut first: Vec<u32> = scores[..3].iter().map(|(row, _)| *row).collect();
    first.sort_unstable();
    assert_eq!(first, flipped);
}
