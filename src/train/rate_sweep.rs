//! The learning-rate finder: a short training whose rate grows step by step, on weights of its own (Smith 2017, arXiv
//! 1506.01186).

use crate::data::batch::{Batch, epoch_order};
use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::RunConfig;
use crate::domain::freeze::check_trainable;
use crate::domain::message::SweepObserver;
use crate::domain::problem::Outcome;
use crate::domain::rate_sweep::RateSweep;
use crate::model::classifier::Classifier;
use crate::model::encoder::mix;

use super::adamw::AdamW;
use super::loss::Loss;
use super::parts::parts;
use super::prefix::Prefix;
use super::step::{Learner, StepPlan};

/// The stream of random numbers that the sweep's dropout draws from.
const DROPOUT_STREAM: u64 = 0x5eeb;

/// Sweeps the rate over the run's training rows, with the run's own steps: its batch size, gradient accumulation and
/// clipping, and the row order of its first epochs; class weights are left out, so that the
/// losses of sweeps compare with each other. `classifier` is consumed, because what the sweep trains it to is of no
/// use. `factors` multiply the rate of each parameter, as in an unfreezing plan. `None` when stop was requested.
///
/// # Errors
/// `freeze-nothing-trains`; `internal-error` from candle.
pub fn sweep(
    mut classifier: Classifier,
    dataset: &Dataset,
    tokens: &TokenStore,
    config: &RunConfig,
    factors: &[f64],
    observer: &dyn SweepObserver,
) -> Outcome<Option<RateSweep>> {
    check_trainable(classifier.trainable())?;
    classifier.set_interrupt(observer.interrupt());
    let t = &config.training;
    let mut optimiser = AdamW::new(&classifier, t.weight_decay).with_factors(factors);
    let (optimiser, prefix) = (&mut optimiser, &Prefix::NONE);
    let mut learner = Learner { classifier: &classifier, optimiser, loss: &Loss::PLAIN, prefix };
    let mut sweep = RateSweep::default();
    // Few rows are gone through several times, in another order each time.
    for epoch in 1.. {
        for rows in epoch_order(&dataset.splits.train, t.seed, epoch).chunks(t.rows_per_step()) {
            let step = sweep.points.len();
            let plan = StepPlan {
                rows: rows.len(),
                mass: rows.len() as f64,
                learning_rate: RateSweep::rate_at(step),
                clip_norm: t.clip_norm,
                dropout_key: mix(mix(t.seed, DROPOUT_STREAM), step as u64),
            };
            let parts = rows.chunks(t.batch_size).flat_map(|rows| parts(&classifier, tokens, rows, prefix));
            let batches = parts.map_while(|rows| {
                let goes_on = !observer.stop_requested();
                goes_on.then(|| Batch::pack(tokens, &dataset.labels, rows))
            });
            let Some(result) = learner.step(batches, &plan, &|_| ())? else { return Ok(None) };
            let goes_on = sweep.take(result.loss);
            if let Some(point) = sweep.points.get(step) {
                observer.measured(*point);
            }
            if !goes_on || !result.norms.global().is_finite() {
                return Ok(Some(sweep));
            }
        }
    }
    Ok(Some(sweep))
}
