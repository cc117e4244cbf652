//! What a run tells of itself.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::super::finite::or_nan;
use super::super::metrics::{ClassReport, Confusion};
use super::super::params::HeadStart;
use super::super::problem::Problem;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    pub train_rows: usize,
    pub validation_rows: usize,
    pub test_rows: usize,
    pub skipped_rows: usize,
    /// Numbers that train (in some stage of the run), and that are frozen throughout.
    pub trainable: usize,
    pub frozen: usize,
    /// Optimiser steps of the whole run.
    pub total_steps: usize,
    pub device: String,
    pub seed: u64,
    pub labels: Vec<String>,
    /// Whether the model's own head was kept or replaced; left out of the lines where it has none.
    #[serde(default, skip_serializing_if = "HeadStart::is_new")]
    pub head: HeadStart,
}

/// A stage of an unfreezing plan begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageStarted {
    /// From 1, of how many the plan has.
    pub stage: usize,
    pub stages: usize,
    /// Its first optimiser step, and the epoch that begins with it; both from 1.
    pub step: usize,
    pub epoch: usize,
    /// Numbers that train in it, and that are frozen.
    pub trainable: usize,
    pub frozen: usize,
}

/// One optimiser step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// From 1.
    pub step: usize,
    /// From 1.
    pub epoch: usize,
    /// Mean cross-entropy of the batch, before the step.
    #[serde(deserialize_with = "or_nan")]
    pub loss: f64,
    /// Share of the batch predicted right, before the step.
    pub accuracy: f64,
    /// The learning rate this step used.
    pub learning_rate: f64,
    /// Global norm of the gradient, before clipping.
    #[serde(deserialize_with = "or_nan")]
    pub grad_norm: f64,
    /// Since the first batch began.
    pub elapsed_secs: f64,
}

/// Whether the frozen layers at the bottom are computed once for all epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrefixStatus {
    Kept(PrefixKept),
    NotKept(WhyNotKept),
}

/// Why every epoch computes all layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNotKept {
    /// Something in the embeddings trains, so that nothing below it is frozen.
    EmbeddingsTrain,
    /// Dropout acts in the frozen layers, so that they give something else each time.
    FrozenDropout,
    /// Switched off, or its budgets are 0.
    SwitchedOff,
}

/// The frozen layers computed once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrefixKept {
    /// Encoder layers whose results are kept, counted from the bottom; 0 keeps the embeddings' results.
    pub layers: usize,
    pub memory_bytes: u64,
    /// In a temporary file, when memory's share was used up.
    pub file_bytes: u64,
    /// Whether there was no room for everything, so that the rest is computed again in every epoch.
    pub is_full: bool,
}

/// The fixed sample of validation rows, seen between epochs' ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveValidation {
    pub step: usize,
    pub rows: usize,
    #[serde(deserialize_with = "or_nan")]
    pub loss: f64,
    pub accuracy: f64,
    pub confusion: Confusion,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochEnded {
    /// From 1.
    pub epoch: usize,
    /// Means over the rows of the epoch, as they were met in training.
    #[serde(deserialize_with = "or_nan")]
    pub train_loss: f64,
    pub train_accuracy: f64,
    #[serde(deserialize_with = "or_nan")]
    pub validation_loss: f64,
    pub validation_accuracy: f64,
    pub validation_confusion: Confusion,
    /// Training rows over the epoch's training time.
    #[serde(deserialize_with = "or_nan")]
    pub rows_per_sec: f64,
    pub elapsed_secs: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestEvaluated {
    pub accuracy: f64,
    pub macro_f1: f64,
    #[serde(deserialize_with = "or_nan")]
    pub loss: f64,
    pub confusion: Confusion,
    pub labels: Vec<String>,
    pub per_class: Vec<ClassReport>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEnded {
    pub outcome: RunOutcome,
    pub error: Option<Problem>,
    pub run_dir: Option<PathBuf>,
    /// From the first batch to the end of the last epoch's validation.
    pub train_secs: f64,
    /// The process's largest resident memory during the run, less the frozen layers' results that it keeps for other
    /// runs; where the system cannot begin anew (elsewhere than on Linux), during its whole life; 0 where it does not tell.
    pub peak_memory_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    Completed,
    Stopped,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    pub text: String,
    pub label: String,
    /// By label, in label order; sums to 1.
    pub probabilities: Vec<(String, f64)>,
}

impl Prediction {
    /// The terminal's JSON line: probabilities as an object by label.
    pub fn to_json(&self) -> serde_json::Value {
        let probabilities: serde_json::Map<_, _> =
            self.probabilities.iter().map(|(label, p)| (label.clone(), (*p).into())).collect();
        serde_json::json!({ "text": self.text, "label": self.label, "probabilities": probabilities })
    }
}
