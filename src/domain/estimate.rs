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
    /// What this machine gives to the results of frozen layers, in memory and in a temporary file.
    pub cache_bytes: (u64, u64),
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

/// The last layer computes keys and values of all tokens but the rest for the first token alone: about a fifth of a layer.
const LAST_LAYER_SHARE: f64 = 0.2;

/// Encoder layers from `from` upwards, the last one counted by what it computes.
fn layers_above(tree: &ParamTree, from: usize) -> f64 {
    let layers = tree.facts.layers;
    if from >= layers { 0.0 } else { (layers - from - 1) as f64 + LAST_LAYER_SHARE }
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
    let lowest = lowest_trainable_layer(tree, trainable);
    let (below, above) = (layers_above(tree, 0) - layers_above(tree, lowest), layers_above(tree, lowest));
    let (train_rows, validation_rows, _) = split.totals();
    let (train_rows, validation_rows) = (train_rows as f64, validation_rows as f64);
    let steps = (train_rows / training.batch_size as f64).ceil();
    let tokens = calibration.tokens_per_row;
    // Gradients of weight matrices, in layers: each counts by its share of a layer's numbers.
    let layer_numbers = |on_only: bool| -> f64 {
        let parameters =
            tree.parameters.iter().zip(trainable).filter(|(p, on)| p.shape.len() == 2 && (**on || !on_only));
        let numbers = parameters.map(|(p, _)| match p.part {
            Part::Layer { index, .. } if index + 1 == tree.facts.layers => p.count() as f64 * LAST_LAYER_SHARE,
            Part::Layer { .. } => p.count() as f64,
            _ => 0.0,
        });
        numbers.sum()
    };
    let weight_layers = layers_above(tree, 0) * layer_numbers(true) / layer_numbers(false).max(1.0);
    let (updated, _) = tree.totals(trainable);

    let prefix_row = tokens * below * calibration.forward_secs;
    let rest_row = tokens * above * calibration.forward_secs + calibration.row_secs;
    let backward_row =
        tokens * (above * calibration.backward_input_secs + weight_layers * calibration.backward_weight_secs);
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
