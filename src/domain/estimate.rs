//! How long a run will take, from a short calibration on this machine with this model and data.

use super::config::TrainingConfig;
use super::dataset::SplitCounts;
use super::layers::MOST_KEPT;
use super::params::{ParamTree, Part};
use super::timeline::Unfreezing;

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

/// What a training takes in memory at its fullest, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryNeed {
    /// All weights of the model.
    pub weights_bytes: u64,
    /// Gradients and the optimiser's two moments of what trains.
    pub optimiser_bytes: u64,
    /// What forward keeps for backward, of one batch.
    pub activations_bytes: u64,
    /// The program itself, with texts, tokens and working space.
    pub program_bytes: u64,
}

impl MemoryNeed {
    pub fn total_bytes(&self) -> u64 {
        self.weights_bytes + self.optimiser_bytes + self.activations_bytes + self.program_bytes
    }
}

/// The texts of a training, as far as memory depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSizes {
    /// Tokens of the longest texts that a batch may hold, together, and of the longest one.
    pub batch_tokens: usize,
    pub longest: usize,
    /// Tokens of all training rows.
    pub train_tokens: usize,
}

impl TextSizes {
    /// Of batches with `batch_size` instead of `of` rows, cut at `max_length`.
    fn resized(self, of: usize, batch_size: usize, max_length: usize) -> Self {
        let longest = self.longest.min(max_length);
        let batch_tokens = (self.batch_tokens * batch_size).div_ceil(of.max(1)).min(batch_size * longest);
        Self { batch_tokens, longest, ..self }
    }
}

/// f32
const NUMBER_BYTES: usize = 4;
/// The binary with its model, threads, the tokeniser and the like.
const PROGRAM_BYTES: u64 = 130 << 20;

/// Memory of a training with batches of these sizes. Of an embedding table, gradients and moments come into being only
/// for the rows whose tokens occur; what is kept of frozen layers is not counted, since it takes only what is free.
pub fn memory(tree: &ParamTree, trainable: &[bool], texts: TextSizes) -> MemoryNeed {
    let facts = &tree.facts;
    let bytes = |numbers: usize| (numbers * NUMBER_BYTES) as u64;
    // Words that are new get rarer with every text (Heaps' law, with a generous constant).
    let words = (10.0 * (texts.train_tokens as f64).powf(0.6)) as usize;
    let on = tree.parameters.iter().zip(trainable).filter(|(_, on)| **on).map(|(parameter, _)| parameter);
    let optimiser = on.map(|parameter| {
        if parameter.name.ends_with("word_embeddings.weight") {
            let (rows, width) = (parameter.shape[0], parameter.shape[1]);
            rows.min(texts.batch_tokens) * width + 2 * rows.min(words) * width
        } else {
            3 * parameter.count()
        }
    });
    let optimiser = optimiser.sum();

    let (hidden, inner) = (facts.hidden_size, facts.intermediate_size);
    let lowest = lowest_trainable_layer(tree, trainable);
    // Queries, keys, values, context, two normalised rows with their results; before and after the activation; attention.
    let of_layer = texts.batch_tokens * (8 * hidden + 2 * inner + facts.heads * texts.longest);
    // The last layer has keys and values of all tokens, the rest of first ones alone.
    let of_last = texts.batch_tokens * (4 * hidden + facts.heads);
    let recorded = match facts.layers.saturating_sub(lowest) {
        0 => 0,
        layers => (layers - 1) * of_layer + of_last,
    };
    // Gradients on their way down through one layer, and the embeddings that enter the lowest.
    let passing = texts.batch_tokens * (2 * inner + 6 * hidden);
    MemoryNeed {
        // What trains is kept as it was, as far as drift is measured with it.
        weights_bytes: bytes(tree.count() + tree.totals(trainable).0.min(MOST_KEPT)),
        optimiser_bytes: bytes(optimiser),
        activations_bytes: bytes(recorded + passing),
        program_bytes: PROGRAM_BYTES,
    }
}

/// What would fit into less memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Smaller {
    /// So many rows at a time, with so many batches a step: the optimiser steps stay the same.
    Batch {
        batch_size: usize,
        accumulation_steps: usize,
    },
    MaxLength(usize),
    /// All encoder layers train, the embeddings are frozen.
    FrozenEmbeddings,
    /// Only the last layer, the pooler and the classifier train.
    Preset3,
}

/// The least changes, each for itself, with which a training fits into `free_bytes`.
pub fn what_fits(
    tree: &ParamTree,
    trainable: &[bool],
    texts: TextSizes,
    training: &TrainingConfig,
    free_bytes: u64,
) -> Vec<Smaller> {
    let fits = |trainable: &[bool], texts| memory(tree, trainable, texts).total_bytes() <= free_bytes;
    let (batch, length) = (training.batch_size, training.max_length);
    let halves = |n: usize| std::iter::successors(Some(n / 2), |n| Some(n / 2)).take_while(|n| *n > 0);
    let smaller_batch = halves(batch).find(|n| fits(trainable, texts.resized(batch, *n, length)));
    let shorter = halves(length.min(texts.longest)).filter(|n| *n >= 16);
    let shorter = shorter.into_iter().find(|n| fits(trainable, texts.resized(batch, batch, *n)));
    let without = |wanted: &dyn Fn(Part) -> bool| -> Vec<bool> {
        tree.parameters.iter().zip(trainable).map(|(p, on)| *on && wanted(p.part)).collect()
    };
    let less = |smaller, fewer: Vec<bool>| (fewer != trainable && fits(&fewer, texts)).then_some(smaller);
    let frozen_embeddings = less(Smaller::FrozenEmbeddings, without(&|part| part != Part::Embeddings));
    let top_only = |part| match part {
        Part::Embeddings => false,
        Part::Layer { index, .. } => index + 1 == tree.facts.layers,
        Part::Pooler | Part::Classifier => true,
    };
    let preset_3 = || less(Smaller::Preset3, without(&top_only));
    let smaller_batch = smaller_batch.map(|batch_size| Smaller::Batch {
        batch_size,
        accumulation_steps: training.rows_per_step().div_ceil(batch_size),
    });
    let least_freezing = frozen_embeddings.or_else(preset_3);
    [smaller_batch, shorter.map(Smaller::MaxLength), least_freezing].into_iter().flatten().collect()
}

impl Smaller {
    /// As flags of `thaw train`, for a model of so many layers.
    pub fn flags(&self, layers: usize) -> String {
        match self {
            Self::Batch { batch_size, accumulation_steps } => {
                format!("--batch-size {batch_size} --accumulate {accumulation_steps}")
            }
            Self::MaxLength(length) => format!("--max-length {length}"),
            Self::FrozenEmbeddings => format!("--freeze top:{layers}"),
            Self::Preset3 => "--freeze 3".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::params::{Block, ModelFacts, Parameter};

    fn tree() -> ParamTree {
        let parameter =
            |name: &str, shape: &[usize], part| Parameter { name: name.into(), shape: shape.to_vec(), part };
        let layer = |index| {
            let part = Part::Layer { index, block: Block::FeedForward };
            parameter(&format!("encoder.layer.{index}.output.dense.weight"), &[768, 3072 * 3], part)
        };
        let mut parameters = vec![parameter("embeddings.word_embeddings.weight", &[250_000, 768], Part::Embeddings)];
        parameters.extend((0..12).map(layer));
        parameters.push(parameter("classifier.weight", &[2, 768], Part::Classifier));
        let facts = ModelFacts {
            layers: 12,
            hidden_size: 768,
            intermediate_size: 3072,
            heads: 12,
            vocabulary: 250_000,
            ..ModelFacts::default()
        };
        ParamTree { facts, parameters }
    }

    #[test]
    fn what_fits_is_what_is_proposed() {
        let tree = tree();
        let full = vec![true; tree.parameters.len()];
        let texts = TextSizes { batch_tokens: 32 * 512, longest: 512, train_tokens: 5_000_000 };
        let training = TrainingConfig { batch_size: 32, max_length: 512, ..TrainingConfig::default() };
        let need = memory(&tree, &full, texts);
        assert!(need.activations_bytes > 8 << 30 && need.optimiser_bytes < 3 << 30, "{need:?}");
        let all = what_fits(&tree, &full, texts, &training, 6 << 30);
        let [Smaller::Batch { batch_size, accumulation_steps }, Smaller::MaxLength(length), Smaller::Preset3] = all[..]
        else {
            panic!("{all:?}");
        };
        assert_eq!((batch_size * accumulation_steps, length), (32, 128), "{all:?}");
        let sized = |batch, length| memory(&tree, &full, texts.resized(32, batch, length)).total_bytes();
        assert!(sized(batch_size, 512) <= 6 << 30 && sized(batch_size * 2, 512) > 6 << 30);
        assert_eq!(what_fits(&tree, &full, texts, &training, 1 << 20), [], "nothing fits into nothing");
        assert_eq!(Smaller::FrozenEmbeddings.flags(12), "--freeze top:12");
    }

    #[test]
    fn a_table_takes_memory_only_for_the_words_that_occur() {
        let tree = tree();
        let full = vec![true; tree.parameters.len()];
        let few = TextSizes { batch_tokens: 100, longest: 10, train_tokens: 1000 };
        let table_moments = 2 * 250_000 * 768 * 4;
        let layers = 12 * 3 * 768 * 9216 * 4 + 3 * 2 * 768 * 4;
        assert!(memory(&tree, &full, few).optimiser_bytes < layers + table_moments / 100);
    }
}
