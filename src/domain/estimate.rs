//! How long a run will take, from a short calibration on this machine with this model and data.

use super::config::TrainingConfig;
use super::dataset::SplitCounts;
use super::params::{ParamTree, Part};

/// What a few timed batches told. All times are seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Mean tokens of a text after cutting at `max_length`.
    pub tokens_per_row: f64,
    pub max_length: usize,
    /// Of one token through one encoder layer: forward; gradient with respect to the input; gradient of its weights.
    pub forward_secs: f64,
    pub backward_input_secs: f64,
    pub backward_weight_secs: f64,
    /// Of one number that trains, in the optimiser.
    pub update_secs: f64,
    /// Of one row outside the encoder layers: embeddings, pooler, head.
    pub row_secs: f64,
    /// Of one step whatever its size.
    pub step_secs: f64,
}

/// A run's expected time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub first_epoch_secs: f64,
    pub later_epoch_secs: f64,
    pub total_secs: f64,
    /// Rows per second of training in the first epoch.
    pub rows_per_sec: f64,
}

/// The lowest encoder layer that must be computed with gradients: 0 when the embeddings train, `layers` when only what
/// is above the encoder does. Everything below is a frozen prefix.
pub fn lowest_trainable_layer(tree: &ParamTree, trainable: &[bool]) -> usize {
    let parts = tree.parameters.iter().zip(trainable).filter(|(_, t)| **t).map(|(p, _)| p.part);
    parts
        .map(|part| match part {
            Part::Embeddings => 0,
            Part::Layer { index, .. } => index,
            Part::Pooler | Part::Classifier => tree.facts.layers,
        })
        .min()
        .unwrap_or(tree.facts.layers)
}

/// Seconds of a run with these settings. `prefix_cached` says that frozen prefixes are computed once and kept.
pub fn estimate(
    calibration: &Calibration,
    tree: &ParamTree,
    trainable: &[bool],
    split: &SplitCounts,
    training: &TrainingConfig,
    prefix_cached: bool,
) -> Estimate {
    let layers = tree.facts.layers as f64;
    let lowest = lowest_trainable_layer(tree, trainable) as f64;
    let (train_rows, validation_rows, _) = split.totals();
    let (train_rows, validation_rows) = (train_rows as f64, validation_rows as f64);
    let steps = (train_rows / training.batch_size as f64).ceil();
    let tokens = calibration.tokens_per_row;
    let mut weight_layers = vec![false; tree.facts.layers];
    for (parameter, on) in tree.parameters.iter().zip(trainable) {
        if let (Part::Layer { index, .. }, true, false) = (parameter.part, *on, parameter.is_bias()) {
            weight_layers[index] = true;
        }
    }
    let weight_layers = weight_layers.iter().filter(|on| **on).count() as f64;
    let (updated, _) = tree.totals(trainable);

    let prefix_row = tokens * lowest * calibration.forward_secs;
    let rest_row = tokens * (layers - lowest) * calibration.forward_secs + calibration.row_secs;
    let backward_row = tokens
        * ((layers - lowest) * calibration.backward_input_secs + weight_layers * calibration.backward_weight_secs);
    let train_secs = |prefix: f64| {
        train_rows * (prefix + rest_row + backward_row)
            + steps * (calibration.step_secs + updated as f64 * calibration.update_secs)
    };
    let first_train = train_secs(prefix_row);
    let first = first_train + validation_rows * (prefix_row + rest_row);
    let later_prefix = if prefix_cached { 0.0 } else { prefix_row };
    let later = train_secs(later_prefix) + validation_rows * (later_prefix + rest_row);
    Estimate {
        first_epoch_secs: first,
        later_epoch_secs: later,
        total_secs: first + later * (training.epochs as f64 - 1.0),
        rows_per_sec: train_rows / first_train.max(1e-9),
    }
}
