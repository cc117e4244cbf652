//! The learning-rate finder, with a classifier of its own.

use crate::domain::config::RunConfig;
use crate::domain::interrupt::Interrupt;
use crate::domain::message::{Event, SweepEvent, SweepObserver};
use crate::domain::problem::Outcome;
use crate::domain::rate_sweep::{RatePoint, RateSweep};
use crate::train::rate_sweep;

use super::prelude::{Bench, Material};
use super::work::Work;

/// `None` when Stop came first.
///
/// # Errors
/// Those of the settings, of reading data and model, and of the training steps.
pub fn sweep(work: &Work, config: &RunConfig) -> Outcome<Option<RateSweep>> {
    config.check()?;
    let Some(material) = Material::open(work, config)? else { return Ok(None) };
    let plan = material.plan(&config.freeze)?;
    let bench = Bench::new(work, config, &material, &plan)?;
    let Some(classifier) = bench.classifier_unless_stopped()? else { return Ok(None) };
    let dataset = &material.data.dataset;
    bench.pool.install(|| rate_sweep::sweep(classifier, dataset, &material.tokens, config, &plan.factors, work))
}

impl SweepObserver for Work {
    fn measured(&self, point: RatePoint) {
        self.shared.sink.send(Event::Sweep(self.id, SweepEvent::RatePoint(point)));
        self.stop_if_unheard();
    }

    fn stop_requested(&self) -> bool {
        self.should_end()
    }

    fn interrupt(&self) -> Interrupt {
        Work::interrupt(self)
    }
}
