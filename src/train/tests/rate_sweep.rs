//! The learning-rate finder.

use super::*;
use crate::domain::message::SweepObserver;
use crate::domain::rate_sweep::{RatePoint, RateSweep};
use crate::train::rate_sweep::sweep;

struct Deaf;

impl SweepObserver for Deaf {
    fn measured(&self, _: RatePoint) {}

    fn stop_requested(&self) -> bool {
        false
    }
}

fn swept(bed: &Bed, config: &RunConfig) -> RateSweep {
    let classifier = bed.classifier(config);
    let factors = vec![1.0; classifier.trainable().len()];
    sweep(classifier, &bed.dataset, &bed.tokens, config, &factors, &Deaf).unwrap().unwrap()
}

const FREEZINGS: [Freeze; 3] = [Freeze::Preset1, Freeze::Preset3, Freeze::Full];

#[test]
fn a_sweep_suggests_rates_that_train() {
    let bed = Bed::new(400);
    // Full fine-tuning takes as many steps as these, and each takes three times as long.
    for freeze in [Freeze::Preset1, Freeze::Preset3] {
        let training = TrainingConfig { batch_size: 8, max_length: 32, ..TrainingConfig::default() };
        let sweep = swept(&bed, &RunConfig { freeze: freeze.clone(), training, ..RunConfig::default() });
        let (suggestion, usual) = (sweep.suggestion(), freeze.suggested_learning_rate());
        println!("{freeze:?}: {} steps, suggested {suggestion:?}, usual {usual:e}", sweep.points.len());
        let suggestion = suggestion.unwrap();
        assert!((usual / 30.0..usual * 30.0).contains(&suggestion), "{freeze:?}: {suggestion:e}, usual {usual:e}");
    }
}

#[test]
fn a_sweep_comes_out_the_same_again_and_changes_nothing_else() {
    let bed = Bed::tiny();
    for freeze in FREEZINGS {
        let before = bed.losses(freeze.clone(), &PrefixCache::off(), 4);
        let config = RunConfig { freeze: freeze.clone(), ..RunConfig::default() };
        let sweep = swept(&bed, &config);
        assert!(sweep.points.len() > 20, "{} steps", sweep.points.len());
        assert_eq!(sweep, swept(&bed, &config), "the same sweep again");
        assert_eq!(bed.losses(freeze, &PrefixCache::off(), 4), before);
    }
}

#[test]
fn its_steps_add_up_batches_as_those_of_the_run_do() {
    let bed = Bed::tiny();
    let losses = |batch_size, accumulation_steps| -> Vec<f64> {
        let training =
            TrainingConfig { batch_size, accumulation_steps, dropout: Some(0.0), ..TrainingConfig::default() };
        let config = RunConfig { freeze: Freeze::Preset1, training, ..RunConfig::default() };
        swept(&bed, &config).points.iter().map(|point| point.loss).collect()
    };
    // The rows are no multiple of 4, so that each epoch ends with a short step.
    assert_ne!(bed.dataset.splits.train.len() % 4, 0);
    let (whole, in_parts, small) = (losses(4, 1), losses(2, 2), losses(2, 1));
    assert!(whole.iter().zip(&small).any(|(a, b)| (a - b).abs() > 0.01), "another batch size has other losses");
    // In later steps the rates are so high that rounding errors grow.
    for (a, b) in whole.iter().zip(&in_parts).take(40) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}
