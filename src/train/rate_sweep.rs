//! The learning-rate finder: a short training whose rate grows step by step, on weights of its own.

use candle_core::Tensor;

use crate::data::batch::{Batch, epoch_order};
use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::RunConfig;
use crate::domain::freeze::check_trainable;
use crate::domain::message::SweepObserver;
use crate::domain::problem::Outcome;
use crate::domain::rate_sweep::RateSweep;
use crate::model::classifier::{Classifier, internal};
use crate::model::encoder::{Pass, mix};

use super::adamw::AdamW;

/// The stream of random numbers that the sweep's dropout draws from.
const DROPOUT_STREAM: u64 = 0x5eeb;

/// Sweeps the rate on the run's training rows in the order of its first epochs. `classifier` is consumed: what it was
/// trained to is of no use. `factors`: on the rate, for each parameter, as a plan has them. `None` when stop was requested.
///
/// # Errors
/// `freeze-nothing-trains`; candle's.
pub fn sweep(
    classifier: Classifier,
    dataset: &Dataset,
    tokens: &TokenStore,
    config: &RunConfig,
    factors: &[f64],
    observer: &dyn SweepObserver,
) -> Outcome<Option<RateSweep>> {
    check_trainable(classifier.trainable())?;
    let t = &config.training;
    let mut optimiser = AdamW::new(&classifier, t.weight_decay).with_factors(factors);
    let mut sweep = RateSweep::default();
    // Rows over and over: little data makes more epochs of it.
    for epoch in 1.. {
        for rows in epoch_order(&dataset.splits.train, t.seed, epoch).chunks(t.batch_size) {
            if observer.stop_requested() {
                return Ok(None);
            }
            let step = sweep.points.len();
            let batch = Batch::pack(tokens, &dataset.labels, rows);
            optimiser.settle(&classifier, Some(&batch.ids))?;
            let pass = Pass::train(mix(mix(t.seed, DROPOUT_STREAM), step as u64));
            let logits = classifier.logits(&batch, pass)?;
            let truth = Tensor::new(batch.labels.as_slice(), logits.device()).map_err(internal)?;
            let loss = candle_nn::loss::cross_entropy(&logits, &truth).map_err(internal)?;
            let goes_on = sweep.take(f64::from(loss.to_scalar::<f32>().map_err(internal)?));
            if let Some(point) = sweep.points.get(step) {
                observer.measured(*point);
            }
            if !goes_on {
                return Ok(Some(sweep));
            }
            classifier.backward(&loss)?;
            if !optimiser.step(&classifier, RateSweep::rate_at(step), t.clip_norm)?.global().is_finite() {
                return Ok(Some(sweep));
            }
        }
    }
    Ok(Some(sweep))
}
