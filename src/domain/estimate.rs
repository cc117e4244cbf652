//! How long a run will take, from a short calibration on this machine with this model and data.

use super::config::TrainingConfig;
use super::dataset::{SplitCounts, TokenLengths};
use super::layers::MOST_KEPT;
use super::params::{ParamTree, Parameter, Part};

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
use super::timeline::Unfreezing;

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

/// Whether something in the embeddings trains, so that backward goes through all layers and nothing can be kept.
pub fn embeddings_train(tree: &ParamTree, trainable: &[bool]) -> bool {
    tree.parameters.iter().zip(trainable).any(|(p, on)| *on && p.part == Part::Embeddings)
}

/// For each encoder layer the share of the numbers in its weight matrices that trains.
pub fn trainable_matrices(tree: &ParamTree, trainable: &[bool]) -> Vec<f64> {
    let mut sums = vec![(0usize, 0usize); tree.facts.layers];
    for (parameter, on) in tree.parameters.iter().zip(trainable) {
        if let (Part::Layer { index, .. }, [_, _]) = (parameter.part, &parameter.shape[..])
            && let Some((all, of_them)) = sums.get_mut(index)
        {
            *all += parameter.count();
            *of_them += if *on { parameter.count() } else { 0 };
        }
    }
    sums.into_iter().map(|(all, of_them)| of_them as f64 / all.max(1) as f64).collect()
}

/// Numbers of a trainable parameter that a step moves: of the table of words the rows of those that have occurred.
fn updated(parameter: &Parameter, train_tokens: usize) -> f64 {
    if is_word_table(parameter) {
        (parameter.shape[0].min(different_words(train_tokens)) * parameter.shape[1]) as f64
    } else {
        parameter.count() as f64
    }
}

fn is_word_table(parameter: &Parameter) -> bool {
    parameter.name.ends_with("word_embeddings.weight")
}

/// Words that are new get rarer with every text (Heaps' law, with a generous constant).
fn different_words(tokens: usize) -> usize {
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
    /// Texts are given as (tokens, how many texts have so many): `longest_first` are those of which the fullest batch of
    /// `batch_size` rows is made, and the mean over `sample` stands for all `train_rows`.
    pub fn new(
        longest_first: impl Iterator<Item = (usize, usize)>,
        sample: impl Iterator<Item = (usize, usize)>,
        batch_size: usize,
        train_rows: usize,
    ) -> Self {
        let (mut batch_tokens, mut longest, mut left) = (0, 0, batch_size);
        for (tokens, rows) in longest_first.filter(|(_, rows)| *rows > 0) {
            if left == 0 {
                break;
            }
            let taken = left.min(rows);
            left -= taken;
            batch_tokens += taken * tokens;
            longest = longest.max(tokens);
        }
        let (tokens, rows) = sample.fold((0, 0), |(all, n), (tokens, rows)| (all + tokens * rows, n + rows));
        Self { batch_tokens, longest, train_tokens: tokens * train_rows / rows.max(1) }
    }

    /// The sizes of texts that are counted, in batches of `batch_size` rows.
    pub fn counted(lengths: &TokenLengths, batch_size: usize, train_rows: usize) -> Self {
        let counts = lengths.counts.iter().copied().enumerate();
        Self::new(counts.clone().rev(), counts, batch_size, train_rows)
    }

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
    let words = different_words(texts.train_tokens);
    let on = tree.parameters.iter().zip(trainable).filter(|(_, on)| **on).map(|(parameter, _)| parameter);
    let optimiser = on.map(|parameter| {
        if is_word_table(parameter) {
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
    use crate::domain::params::{Block, ModelFacts};

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
    fn the_longest_texts_make_the_fullest_batch() {
        let lengths = TokenLengths { counts: vec![0, 0, 4, 1, 0, 2, 0], done: 7, total: 7, max_length: 5, cut: 0 };
        let sizes = TextSizes::counted(&lengths, 4, 14);
        assert_eq!(sizes, TextSizes { batch_tokens: 5 + 5 + 3 + 2, longest: 5, train_tokens: 21 * 2 });
        assert_eq!(TextSizes::counted(&TokenLengths::default(), 4, 14).train_tokens, 0);
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
