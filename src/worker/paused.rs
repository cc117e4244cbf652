//! The model of a run under way. It answers while the run is paused, with the weights that it has then.

use std::sync::Arc;

use crate::domain::interrupt::Interrupt;
use crate::domain::message::{Prediction, RowTexts};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;

use super::control::Control;
use super::lane::lock;
use super::questions::{check_pairs, predict_with};
use super::session::ReadyModel;
use super::shared::Shared;

/// The model that trains, and what says whether it stands still.
#[derive(Clone)]
pub struct Training {
    pub ready: Arc<ReadyModel>,
    pub control: Arc<Control>,
}

/// A copy of a classifier that trains, with the same weights in the same memory. It does not ask the run between its layers
/// whether it may go on, which would have it wait until the pause is over.
pub fn copy_of(classifier: &Classifier) -> Classifier {
    classifier.interruptible(Interrupt::never())
}

/// Classifies texts with the model of the run under way.
///
/// # Errors
/// `predict-run-not-paused`; `predict-needs-second`, `predict-one-text` for rows of another number of texts than the run trains
/// on; `tokeniser-no-pairs`.
pub fn predict(shared: &Shared, texts: &[RowTexts]) -> Outcome<Vec<Prediction>> {
    let goes_on = || Problem::new("predict-run-not-paused");
    let training = lock(&shared.training).clone().ok_or_else(goes_on)?;
    let Training { ready, control } = training;
    texts.iter().try_for_each(|row| ready.reads.check(row))?;
    check_pairs(&ready, texts.iter().any(|row| row.second.is_some()))?;
    control.at_rest(|| predict_with(shared, &ready, texts)).unwrap_or_else(|| Err(goes_on()))
}
