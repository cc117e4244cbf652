//! The temperature at which any probability is told is decided here and nowhere else.

use std::path::Path;

use crate::domain::config::{ClassifierSource, ModelSource};
use crate::domain::problem::Outcome;
use crate::model::pretrained::PretrainedModel;
use crate::model::save::temperature_of;
use crate::runs::temperature;

/// The temperature of a model for which none was fitted, and the one at which answers are kept, since another may be fitted
/// later.
pub const PLAIN: f64 = 1.0;

/// The temperature that was fitted for the model of the run in `dir`; `None` where none was.
///
/// # Errors
/// `run-unreadable` for a kept temperature that is none.
pub fn of_run(dir: &Path) -> Outcome<Option<f64>> {
    Ok(temperature(dir)?.map(|fitted| fitted.temperature))
}

/// The temperature of a run's model, or the one that a model was exported with. It belongs to the head, so that with the
/// head of a run it is that run's.
///
/// # Errors
/// Those of [`of_run`].
pub fn of_source(source: &ClassifierSource, pretrained: &PretrainedModel) -> Outcome<Option<f64>> {
    match (&source.model, &source.head) {
        (_, Some(head)) if head.is_dir() => of_run(head),
        (_, Some(_)) => Ok(None),
        (ModelSource::Folder(dir), None) => Ok(of_run(dir)?.or_else(|| temperature_of(pretrained))),
        (ModelSource::Bundled, None) => Ok(None),
    }
}
