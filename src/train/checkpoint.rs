//! Checkpoints: where a training stands between two steps, kept on disk so that an interrupted run can be resumed.
//!
//! A resumed run computes the same bits as one that was never interrupted. The random generators have no state to keep:
//! the order of an epoch's rows is a function of seed and epoch, and dropout is one of seed and step. Frozen weights are
//! not kept either, because they come from the pretrained model; a checksum tells whether that is still the same.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::hashes::resume_checksum;
use crate::model::tensor_file::{Piece, TensorFile};

/// The version of the format. It changes whenever an older checkpoint could no longer be resumed bit for bit.
pub const FORMAT: u32 = 1;

/// Where a training stands, between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub format: u32,
    /// Optimiser steps that are done.
    pub step: usize,
    /// Optimiser steps of the whole run.
    pub total_steps: usize,
    /// The epoch under way, from 1. How much of it is done follows from `step`.
    pub epoch: usize,
    /// Whether the look at validation that may be due after `step` was taken.
    pub looked: bool,
    pub sums: EpochSums,
    pub patience: Patience,
    /// The best epoch so far, where the run is to end with its weights.
    pub best: Option<BestEpoch>,
    /// Seconds since the first batch began, without the time in which the run was paused or interrupted, as in `Step`.
    pub elapsed_secs: f64,
    #[serde(default)]
    pub shared_secs: f64,
    /// The checksum of all weights that the run began with, the pretrained model's and the head's.
    #[serde(rename = "fingerprint")]
    pub initial_weights: u64,
    /// What the run computes in, which its settings do not decide alone: a processor without the instructions stays at
    /// f32.
    #[serde(default, skip_serializing_if = "Precision::is_default")]
    pub precision: Precision,
    #[serde(default, skip_serializing_if = "FrozenPrecision::is_default")]
    pub frozen_precision: FrozenPrecision,
}

/// Sums over those rows of an epoch that are trained on already.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochSums {
    /// The rows' cross-entropies, in nats, each times what the row counts.
    pub loss: f64,
    /// What the rows count together. Checkpoints of older versions, which knew no class weights, have none.
    #[serde(default)]
    pub mass: f64,
    /// Rows that were predicted right.
    pub correct: usize,
    pub rows: usize,
    /// The time that training took, without looks at validation.
    pub training: Duration,
}

/// The epoch whose weights the run is to end with, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BestEpoch {
    /// From 1.
    pub epoch: usize,
    /// Its validation accuracy, 0 to 1.
    pub accuracy: f64,
}

/// Early stopping on the validation loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patience {
    epochs: Option<usize>,
    lowest: Option<f64>,
    waited: usize,
}

impl Patience {
    /// Patience for so many epochs without a lower loss; endless with `None`.
    pub fn new(epochs: Option<usize>) -> Self {
        Self { epochs, lowest: None, waited: 0 }
    }

    /// Takes in an epoch's validation loss.
    pub fn take(&mut self, loss: f64) {
        if self.lowest.is_none_or(|lowest| loss < lowest) {
            (self.lowest, self.waited) = (Some(loss), 0);
        } else {
            self.waited += 1;
        }
    }

    /// Whether there were enough epochs without a lower loss.
    pub fn is_over(&self) -> bool {
        self.epochs.is_some_and(|epochs| self.waited >= epochs)
    }
}

/// A checkpoint that was read back.
#[derive(Debug)]
pub struct Checkpoint {
    pub position: Position,
    /// Whether all epochs are done, so that only what comes after the training is left.
    pub is_over: bool,
    /// The weights and the optimiser's state, as `AdamW::pieces` gave them. Where the training is over, only the weights that
    /// it ended with, as `weight_pieces` or the saved model has them.
    pub state: TensorFile,
    /// The weights of `position.best`, unless the training is over.
    pub best: Option<TensorFile>,
}

/// Where a training's checkpoints go. A new one replaces the one before only once it is whole on disk.
pub trait CheckpointStore: Sync {
    /// Writes the newest checkpoint.
    ///
    /// # Errors
    /// `file-error` when it cannot be written; the one before is then still there.
    fn write(&self, position: &Position, pieces: &[Piece<'_>]) -> Outcome<()>;

    /// Writes the weights of the best epoch so far, before a checkpoint that names it. They are read from the file that it
    /// returns, which stays readable whatever becomes of its folder.
    ///
    /// # Errors
    /// `file-error`, `disk-full` when they cannot be written.
    fn write_best(&self, best: &BestEpoch, pieces: &[Piece<'_>]) -> Outcome<TensorFile>;

    /// The newest checkpoint, if there is one.
    ///
    /// # Errors
    /// `checkpoint-damaged`, `file-error` when it cannot be read.
    fn newest(&self) -> Outcome<Option<Checkpoint>>;
}

/// Refuses a checkpoint that grew from other weights than the classifier's, which are those that the run begins with, or
/// in another precision than the classifier's.
///
/// # Errors
/// `resume-model-changed`, `resume-other-format`, `resume-other-precision`.
pub fn check_resumable(position: &Position, classifier: &Classifier) -> Outcome<()> {
    if position.format != FORMAT {
        return Err(Problem::new("resume-other-format"));
    }
    let (products, frozen) = (classifier.precision(), classifier.frozen_precision());
    if (position.precision, position.frozen_precision) != (products, frozen) {
        return Err(Problem::new("resume-other-precision")
            .with("precision", position.precision.name())
            .with("frozen", position.frozen_precision.name())
            .with("here", products.name())
            .with("held", frozen.name()));
    }
    if position.initial_weights != resume_checksum(classifier)? {
        return Err(Problem::new("resume-model-changed").with("model", &classifier.tree().facts.name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_counts_epochs_without_progress() {
        let mut patience = Patience::new(Some(2));
        let over = [1.0, 0.9, 0.95, 0.8, 0.8, 0.9].map(|loss| {
            patience.take(loss);
            patience.is_over()
        });
        assert_eq!(over, [false, false, false, false, false, true]);
        let mut endless = Patience::new(None);
        endless.take(f64::NAN);
        assert!(!endless.is_over());
    }

    #[test]
    fn a_position_comes_back_from_json_bit_for_bit() {
        let mut patience = Patience::new(Some(3));
        patience.take(0.1 + 0.2);
        let sums = EpochSums {
            loss: 1.0 / 3.0,
            mass: 7.0,
            correct: 3,
            rows: 7,
            training: Duration::from_nanos(123_456_789_012),
        };
        let position = Position {
            format: FORMAT,
            step: 41,
            total_steps: 90,
            epoch: 2,
            looked: true,
            sums,
            patience,
            best: Some(BestEpoch { epoch: 1, accuracy: 2.0 / 3.0 }),
            elapsed_secs: 12.345_678_901_234_567,
            shared_secs: 1.1,
            initial_weights: u64::MAX - 12_345,
            precision: Precision::F32,
            frozen_precision: FrozenPrecision::F32,
        };
        let text = serde_json::to_string(&position).unwrap();
        assert!(!text.contains("precision"), "f32 is what checkpoints of older versions do not state: {text}");
        assert!(text.contains(r#""fingerprint":18446744073709539270"#), "checkpoints of older versions are still read");
        assert_eq!(serde_json::from_str::<Position>(&text).unwrap(), position);
        let rounded = Position { precision: Precision::Bf16, frozen_precision: FrozenPrecision::Int8, ..position };
        let text = serde_json::to_string(&rounded).unwrap();
        assert_eq!(serde_json::from_str::<Position>(&text).unwrap(), rounded);
    }
}
