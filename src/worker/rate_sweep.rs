//! The learning-rate finder on the thread of runs, with a classifier of its own.

use std::sync::Arc;

use crate::domain::config::RunConfig;
use crate::domain::message::{Event, SweepEvent, SweepObserver};
use crate::domain::problem::Outcome;
use crate::domain::rate_sweep::{LearningRateSwept, RatePoint, RateSweep};
use crate::train::rate_sweep;

use super::calibration;
use super::lane::guarded;
use super::prelude::Material;
use super::work::Work;

/// Sweeps. The last event of a sweep is its one `LearningRateSwept`, whatever happens.
pub fn execute(work: Work<'_>, config: &RunConfig) {
    let swept = guarded(|| sweep(work, config));
    let swept = LearningRateSwept::of(swept, config.freeze.suggested_learning_rate());
    work.control.end();
    work.shared.sink.send(Event::Sweep(work.id, SweepEvent::LearningRateSwept(Arc::new(swept))));
    calibration::after_run(work.shared);
}

/// `None` when Stop came first.
fn sweep(work: Work<'_>, config: &RunConfig) -> Outcome<Option<RateSweep>> {
    config.check()?;
    let Some(material) = Material::open(work, config)? else { return Ok(None) };
    let plan = material.plan(&config.freeze)?;
    let bench = material.bench(work.shared, config, &plan)?;
    let classifier = bench.classifier()?;
    let dataset = &material.data.dataset;
    bench.pool.install(|| rate_sweep::sweep(classifier, dataset, &bench.tokens, config, &plan.factors, &Watch(work)))
}

struct Watch<'a>(Work<'a>);

impl SweepObserver for Watch<'_> {
    fn measured(&self, point: RatePoint) {
        self.0.shared.sink.send(Event::Sweep(self.0.id, SweepEvent::RatePoint(point)));
        self.0.stop_if_unheard();
    }

    fn stop_requested(&self) -> bool {
        self.0.stop_requested()
    }
}
