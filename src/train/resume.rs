//! Checkpoints: where a training stands between two steps, kept on disk and gone on from.
//!
//! The generators of random numbers have no state to keep: the order of an epoch's rows is a function of seed and epoch,
//! and dropout one of seed and step. What is frozen is not kept either; it comes from the base model, and a fingerprint
//! tells whether that is still the same.

use std::time::Duration;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::{Classifier, internal};
use crate::model::tensor_file::{Piece, TensorFile};

/// Changes whenever an older checkpoint could no longer be gone on from bit for bit.
pub const FORMAT: u32 = 1;

/// Where a training stands, between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub format: u32,
    /// Optimiser steps done, of how many.
    pub step: usize,
    pub total_steps: usize,
    /// The epoch under way, from 1. How far it has come follows from `step`.
    pub epoch: usize,
    /// Whether the look at validation that may be due after `step` was taken.
    pub looked: bool,
    pub sums: EpochSums,
    pub patience: Patience,
    /// The best epoch so far, where its weights are asked for.
    pub best: Option<BestEpoch>,
    /// Since the first batch began, without the time in which nothing ran.
    pub elapsed_secs: f64,
    /// Of all weights as the run began: base model and head.
    pub fingerprint: u64,
}

/// Sums over the rows of an epoch, as far as it has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochSums {
    pub loss: f64,
    pub correct: usize,
    pub rows: usize,
    /// Time spent on training alone.
    pub training: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BestEpoch {
    /// From 1.
    pub epoch: usize,
    pub accuracy: f64,
}

/// Early stopping on validation loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patience {
    epochs: Option<usize>,
    lowest: Option<f64>,
    waited: usize,
}

impl Patience {
    pub fn new(epochs: Option<usize>) -> Self {
        Self { epochs, lowest: None, waited: 0 }
    }

    /// Takes an epoch's loss.
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

/// A checkpoint read back.
#[derive(Debug)]
pub struct Saved {
    pub position: Position,
    /// What `AdamW::pieces` gave.
    pub state: TensorFile,
    /// The weights of `position.best`.
    pub best: Option<TensorFile>,
}

/// Where a training's checkpoints go. The newest takes the place of the one before only once it is whole on disk.
pub trait Keeper: Sync {
    /// # Errors
    /// When it cannot be written; the one before is then still there.
    fn keep(&self, position: &Position, pieces: &[Piece<'_>]) -> Outcome<()>;

    /// Keeps the weights of the best epoch so far, before a checkpoint that names it.
    ///
    /// # Errors
    /// When they cannot be written.
    fn keep_best(&self, best: &BestEpoch, pieces: &[Piece<'_>]) -> Outcome<()>;

    /// The newest checkpoint, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    fn newest(&self) -> Outcome<Option<Saved>>;
}

/// Refuses to go on from a checkpoint that grew from other weights.
///
/// # Errors
/// `resume-model-changed`, `resume-other-format`.
pub fn check(position: &Position, classifier: &Classifier) -> Outcome<()> {
    if position.format != FORMAT {
        return Err(Problem::new("resume-other-format"));
    }
    if position.fingerprint != fingerprint(classifier)? {
        return Err(Problem::new("resume-model-changed").with("model", &classifier.tree().facts.name));
    }
    Ok(())
}

/// A hash of the bits of all weights, the same in every build.
///
/// # Errors
/// candle's.
pub fn fingerprint(classifier: &Classifier) -> Outcome<u64> {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    let fold = |hash: u64, bits: u64| (hash.rotate_left(5) ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut all = START;
    for weight in classifier.weights() {
        let values: Vec<f32> = weight.tensor.flatten_all().and_then(|t| t.to_vec1()).map_err(internal)?;
        let of_chunk = |chunk: &[f32]| chunk.iter().fold(START, |hash, x| fold(hash, u64::from(x.to_bits())));
        let chunks: Vec<u64> = values.par_chunks(1 << 16).map(of_chunk).collect();
        all = chunks.into_iter().fold(all, fold);
    }
    Ok(all)
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
        let sums = EpochSums { loss: 1.0 / 3.0, correct: 3, rows: 7, training: Duration::from_nanos(123_456_789_012) };
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
            fingerprint: u64::MAX - 12_345,
        };
        let text = serde_json::to_string(&position).unwrap();
        assert_eq!(serde_json::from_str::<Position>(&text).unwrap(), position);
    }
}
