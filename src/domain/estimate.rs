//! How long a run will take, from a short calibration on this machine with this model and data.

use super::config::TrainingConfig;
use super::dataset::SplitCounts;
use super::freeze::{embeddings_train, lowest_trainable_layer, trainable_matrices};
use super::params::{ParamTree, Parameter, Part};
use super::timeline::Unfreezing;

/// One token through one encoder layer, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerSecs {
    /// Forward in a training batch.
    pub forward: f64,
    /// The same in the larger batches of validation.
    pub evaluate: f64,
    /// What training adds whatever is frozen: keeping results, dropout, and the gradient with respect to the input.
    pub backward_input: f64,
    /// The same for the lowest trainable layer, below which no gradient has to go.
    pub backward_lowest: f64,
    /// The gradients of all its weight matrices.
    pub backward_weight: f64,
}

impl LayerSecs {
    /// Every part equally long.
    pub fn even(secs: f64) -> Self {
        Self { forward: secs, evaluate: secs, backward_input: secs, backward_lowest: secs, backward_weight: secs }
    }

    /// Every part so many times as long.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            forward: self.forward * factor,
            evaluate: self.evaluate * factor,
            backward_input: self.backward_input * factor,
            backward_lowest: self.backward_lowest * factor,
            backward_weight: self.backward_weight * factor,
        }
    }
}
/// What a few timed batches told. All times are seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Mean tokens of a text after cutting at `max_length`.
    pub tokens_per_row: f64,
    pub max_length: usize,
    /// Any encoder layer but the last.
    pub layer: LayerSecs,
    /// The last one, which computes keys and values of all tokens but the rest for the first token alone.
    pub last: LayerSecs,
    /// Of one token in the embeddings.
    pub embed_secs: f64,
    /// Of one number that trains, in the optimiser.
    pub update_secs: f64,
    /// Of one row above the encoder layers, forward: pooler and head.
    pub row_secs: f64,
    /// Of one training step whatever its rows: the head's backward, the loss, the optimiser's rounds.
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

/// Rows of the fixed validation sample that is looked at between epochs' ends, and how often in a run.
pub const LIVE_ROWS: usize = 256;
pub const LIVE_LOOKS: usize = 12;

/// Seconds of a run with these settings. `prefix_cached` says that frozen prefixes are computed once and kept.
pub fn estimate(
    calibration: &Calibration,
    tree: &ParamTree,
    trainable: &[bool],
    split: &SplitCounts,
    training: &TrainingConfig,
    prefix_cached: bool,
) -> Estimate {
    let layers = tree.facts.layers;
    let secs_of = |index: usize| if index + 1 == layers { &calibration.last } else { &calibration.layer };
    let tokens = calibration.tokens_per_row;
    let lowest = lowest_trainable_layer(tree, trainable);
    let embeddings_train = embeddings_train(tree, trainable);

    // What is below is the same in every epoch; where the embeddings train, nothing is.
    let (mut prefix_train, mut prefix_evaluated) = (calibration.embed_secs, calibration.embed_secs);
    for secs in (0..lowest).map(secs_of) {
        prefix_train += secs.forward;
        prefix_evaluated += secs.evaluate;
    }
    let (mut train, mut evaluated) = (0.0, 0.0);
    for (index, share) in trainable_matrices(tree, trainable).into_iter().enumerate().skip(lowest) {
        let secs = secs_of(index);
        let goes_on = index > lowest || embeddings_train;
        let input = if goes_on { secs.backward_input } else { secs.backward_lowest };
        train += secs.forward + input + share * secs.backward_weight;
        evaluated += secs.evaluate;
    }
    let row = |token_secs: f64| tokens * token_secs;

    let (train_rows, validation_rows, _) = split.totals();
    let batches = train_rows.div_ceil(training.batch_size.max(1)) as f64;
    let steps = train_rows.div_ceil(training.rows_per_step().max(1));
    let train_tokens = (train_rows as f64 * tokens) as usize;
    let updated: f64 =
        tree.parameters.iter().zip(trainable).filter(|(_, on)| **on).map(|(p, _)| updated(p, train_tokens)).sum();
    let step_secs = batches * calibration.step_secs + steps as f64 * updated * calibration.update_secs;
    let (train_rows, validation_rows) = (train_rows as f64, validation_rows as f64);
    let epochs = training.epochs.max(1) as f64;
    // An early look, then some spread evenly over the run.
    let looks = 1.0 + (LIVE_LOOKS as f64).min(steps as f64 * epochs);
    let live_rows = validation_rows.min(LIVE_ROWS as f64) * looks / epochs;

    let prefix_cached = prefix_cached && !embeddings_train;
    let train_secs = |prefix: f64| train_rows * (row(prefix + train) + calibration.row_secs) + step_secs;
    let evaluate_secs = |rows: f64, prefix: f64| rows * (row(prefix + evaluated) + calibration.row_secs);
    let epoch = |train_prefix: f64, validation_prefix: f64| {
        train_secs(train_prefix)
            + evaluate_secs(validation_rows, validation_prefix)
            + evaluate_secs(live_rows, if prefix_cached { 0.0 } else { validation_prefix })
    };
    let first = epoch(prefix_train, prefix_evaluated);
    let later = if prefix_cached { epoch(0.0, 0.0) } else { first };
    Estimate {
        first_epoch_secs: first,
        later_epoch_secs: later,
        total_secs: first + later * (epochs - 1.0),
        rows_per_sec: train_rows / train_secs(prefix_train).max(1e-9),
    }
}

/// Numbers of a trainable parameter that a step moves: of the table of words the rows of those that have occurred.
fn updated(parameter: &Parameter, train_tokens: usize) -> f64 {
    if parameter.is_word_table() {
        (parameter.shape[0].min(different_words(train_tokens)) * parameter.shape[1]) as f64
    } else {
        parameter.count() as f64
    }
}

/// Words that are new get rarer with every text (Heaps' law, with a generous constant).
pub(super) fn different_words(tokens: usize) -> usize {
    (10.0 * (tokens as f64).powf(0.6)) as usize
}

/// Seconds of a run in stages. `is_cached` tells of what a stage trains whether its frozen prefix is kept; `later` epochs
/// are given as their mean.
pub fn estimate_stages(
    calibration: &Calibration,
    tree: &ParamTree,
    plan: &Unfreezing,
    split: &SplitCounts,
    training: &TrainingConfig,
    is_cached: &dyn Fn(&[bool]) -> bool,
) -> Estimate {
    let (mut first, mut later_secs, mut boundary) = (None, 0.0, None);
    for (stage, epochs) in plan.within(training.epochs) {
        let cached = is_cached(&stage.trainable);
        let own = estimate(calibration, tree, &stage.trainable, split, training, cached);
        let lowest = lowest_trainable_layer(tree, &stage.trainable);
        // What an earlier stage has kept of the same layers is used again.
        let is_kept = cached && boundary == Some(lowest);
        boundary = Some(lowest);
        let first_secs = if is_kept { own.later_epoch_secs } else { own.first_epoch_secs };
        later_secs += own.later_epoch_secs * (epochs as f64 - 1.0);
        match &first {
            None => first = Some(own),
            Some(_) => later_secs += first_secs,
        }
    }
    let first =
        first.unwrap_or(Estimate { first_epoch_secs: 0.0, later_epoch_secs: 0.0, total_secs: 0.0, rows_per_sec: 0.0 });
    let later_epoch_secs = match training.epochs {
        0 | 1 => first.later_epoch_secs,
        epochs => later_secs / (epochs as f64 - 1.0),
    };
    Estimate { later_epoch_secs, total_secs: first.first_epoch_secs + later_secs, ..first }
}
