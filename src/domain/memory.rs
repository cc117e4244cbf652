//! How much memory a training takes, and what would fit into less.

use super::config::TrainingConfig;
use super::dataset::TokenLengths;
use super::estimate::different_words;
use super::freeze::{held_compact, lowest_trainable_layer};
use super::layers::MOST_KEPT;
use super::params::{ParamTree, Part};
use super::precision::FrozenPrecision;

/// The memory that a training takes at its fullest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryNeed {
    /// All weights of the model, and the initial values that drift is measured from.
    pub weights_bytes: u64,
    /// Gradients of the trainable parameters, and the two moments that the optimiser keeps of each.
    pub optimiser_bytes: u64,
    /// What forward keeps of one batch for backward.
    pub activations_bytes: u64,
    /// The program itself, with texts, tokens and working space.
    pub program_bytes: u64,
}

impl MemoryNeed {
    pub fn total_bytes(&self) -> u64 {
        self.weights_bytes + self.optimiser_bytes + self.activations_bytes + self.program_bytes
    }
}

/// The sizes of a training's texts, as far as memory depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSizes {
    /// Tokens of the fullest batch.
    pub batch_tokens: usize,
    /// Tokens of the longest text.
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

    /// The sizes for batches of `batch_size` rows instead of `old_batch_size`, and texts cut at `max_length`.
    fn resized(self, old_batch_size: usize, batch_size: usize, max_length: usize) -> Self {
        let longest = self.longest.min(max_length);
        let batch_tokens = (self.batch_tokens * batch_size).div_ceil(old_batch_size.max(1)).min(batch_size * longest);
        Self { batch_tokens, longest, ..self }
    }
}

/// Weights, gradients, moments and activations are f32.
const NUMBER_BYTES: usize = 4;
/// The program itself takes about so much: the binary with its model, its threads, the tokeniser.
pub const PROGRAM_BYTES: u64 = 130 << 20;

/// A batch goes through the network in parts that keep at most so much for backward, or of one row where a row needs more.
///
/// Each part reads all weights that train and adds to all their gradients, so that its own work should be large beside that: a
/// part keeps twice the bytes of what trains, within limits. The lower limit is enough for 16 short texts in a small model,
/// whose step is then one part; the upper one for four texts of 256 tokens in a BERT-base.
pub fn part_bytes(tree: &ParamTree, trainable: &[bool]) -> u64 {
    const LEAST: u64 = 384 << 20;
    const MOST: u64 = 768 << 20;
    let trained = tree.totals(trainable).0 * NUMBER_BYTES;
    (2 * trained as u64).clamp(LEAST, MOST)
}

/// The memory of a training with batches of these sizes. In the table of words, only rows whose words occur get gradients
/// and moments. `frozen` is how the layers below the lowest trainable one are held. The kept outputs of frozen layers are not
/// counted, because they take only memory that is free.
pub fn memory_need(tree: &ParamTree, trainable: &[bool], texts: TextSizes, frozen: FrozenPrecision) -> MemoryNeed {
    let bytes = |numbers: usize| (numbers * NUMBER_BYTES) as u64;
    let words = different_words(texts.train_tokens);
    let optimiser = tree.trained(trainable).map(|parameter| {
        if parameter.is_word_table() {
            let (rows, width) = (parameter.shape[0], parameter.shape[1]);
            rows.min(texts.batch_tokens) * width + 2 * rows.min(words) * width
        } else {
            3 * parameter.count()
        }
    });
    let optimiser = optimiser.sum();

    // A batch goes through in parts, of which one is under way at a time.
    let whole = activation_bytes(tree, trainable, texts.batch_tokens, texts.longest);
    let row = activation_bytes(tree, trainable, texts.longest, texts.longest);
    MemoryNeed {
        // The initial values of what trains are kept, so that drift can be measured.
        weights_bytes: held_bytes(tree, trainable, frozen) + bytes(tree.totals(trainable).0.min(MOST_KEPT)),
        optimiser_bytes: bytes(optimiser),
        activations_bytes: whole.min(row.max(part_bytes(tree, trainable))),
        program_bytes: PROGRAM_BYTES,
    }
}

/// The bytes of the model's weights. Where some are held in fewer bits, the largest of them is there once more as it was,
/// when it is saved or tested.
fn held_bytes(tree: &ParamTree, trainable: &[bool], frozen: FrozenPrecision) -> u64 {
    let compact = held_compact(tree, trainable, frozen);
    let (mut held, mut original) = (0, 0);
    for (parameter, is_compact) in tree.parameters.iter().zip(compact) {
        let count = parameter.count();
        held += match (is_compact, frozen) {
            (true, FrozenPrecision::Bf16) => 2 * count,
            // A row has a scale and a sum beside its bytes.
            (true, FrozenPrecision::Int8) => count + 8 * parameter.shape[0],
            _ => NUMBER_BYTES * count,
        };
        original = original.max(if is_compact { NUMBER_BYTES * count } else { 0 });
    }
    (held + original) as u64
}

/// The memory that forward keeps for backward of the rows that go through the network at once, and that backward works with.
/// `longest` is the tokens of the longest row among them.
pub fn activation_bytes(tree: &ParamTree, trainable: &[bool], tokens: usize, longest: usize) -> u64 {
    let facts = &tree.facts;
    let (hidden, inner) = (facts.hidden_size, facts.intermediate_size);
    let lowest = lowest_trainable_layer(tree, trainable);
    // A layer keeps queries, keys, values, the context and two normalised rows with their results (8), the values before
    // and after the activation (2), and attention.
    let of_layer = 8 * hidden + 2 * inner + facts.heads * longest;
    // The last layer has keys and values of all tokens, and everything else of first tokens alone.
    let of_last = 4 * hidden + facts.heads;
    let recorded = match facts.layers.saturating_sub(lowest) {
        0 => 0,
        layers => (layers - 1) * of_layer + of_last,
    };
    // These are the gradients on their way down through one layer, and the embeddings that enter the lowest one.
    let passing = 2 * inner + 6 * hidden;
    (tokens * (recorded + passing) * NUMBER_BYTES) as u64
}

/// How many rows of so many tokens, of which the longest has `longest`, go through the network at once in training.
pub fn rows_at_once(tree: &ParamTree, trainable: &[bool], tokens_per_row: f64, longest: usize) -> usize {
    let row = activation_bytes(tree, trainable, 1, longest) as f64 * tokens_per_row.max(1.0);
    ((part_bytes(tree, trainable) as f64 / row) as usize).max(1)
}

/// A change with which a training needs less memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Smaller {
    /// Fewer rows go through the network at once, and more batches make a step, so that the optimiser's steps stay the
    /// same.
    Batch { batch_size: usize, accumulation_steps: usize },
    /// Texts are cut to fewer tokens.
    MaxLength(usize),
    /// All encoder layers train, the embeddings are frozen.
    FrozenEmbeddings,
    /// Only the last layer, the pooler and the classifier train, which is preset 3.
    Preset3,
}

/// The smallest changes with which a training fits into `free_bytes`; each of them is enough by itself.
pub fn what_fits(
    tree: &ParamTree,
    trainable: &[bool],
    texts: TextSizes,
    training: &TrainingConfig,
    free_bytes: u64,
) -> Vec<Smaller> {
    let frozen = training.frozen_precision;
    let fits = |trainable: &[bool], texts| memory_need(tree, trainable, texts, frozen).total_bytes() <= free_bytes;
    let (batch, length) = (training.batch_size, training.max_length);
    let halves = |n: usize| std::iter::successors(Some(n / 2), |n| Some(n / 2)).take_while(|n| *n > 0);
    let smaller_batch = halves(batch).find(|n| fits(trainable, texts.resized(batch, *n, length)));
    let shorter = halves(length.min(texts.longest)).filter(|n| *n >= 16);
    let shorter = shorter.into_iter().find(|n| fits(trainable, texts.resized(batch, batch, *n)));
    let only = |wanted: &dyn Fn(Part) -> bool| -> Vec<bool> {
        tree.parameters.iter().zip(trainable).map(|(p, on)| *on && wanted(p.part)).collect()
    };
    let less = |smaller, fewer: Vec<bool>| (fewer != trainable && fits(&fewer, texts)).then_some(smaller);
    let frozen_embeddings = less(Smaller::FrozenEmbeddings, only(&|part| part != Part::Embeddings));
    let preset_3 = || less(Smaller::Preset3, only(&|part| part.is_in_top(1, tree.facts.layers)));
    let smaller_batch = smaller_batch.map(|batch_size| Smaller::Batch {
        batch_size,
        accumulation_steps: training.rows_per_step().div_ceil(batch_size),
    });
    let least_freezing = frozen_embeddings.or_else(preset_3);
    [smaller_batch, shorter.map(Smaller::MaxLength), least_freezing].into_iter().flatten().collect()
}

impl Smaller {
    /// The change as flags of `thaw train`, for a model of so many layers.
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

    fn need(tree: &ParamTree, trainable: &[bool], texts: TextSizes) -> MemoryNeed {
        memory_need(tree, trainable, texts, FrozenPrecision::F32)
    }

    #[test]
    fn frozen_layers_in_fewer_bits_take_less_memory() {
        let tree = tree();
        let texts = TextSizes { batch_tokens: 100, longest: 10, train_tokens: 1000 };
        let top: Vec<bool> = tree.parameters.iter().map(|p| p.part.is_in_top(1, 12)).collect();
        let weights = |trainable: &[bool], frozen| memory_need(&tree, trainable, texts, frozen).weights_bytes as f64;
        let (table, layers) = (250_000.0 * 768.0, 11.0 * 768.0 * 9216.0);
        // The table is the largest, and is there as it was while it is saved.
        let saved = |frozen| weights(&top, FrozenPrecision::F32) + 4.0 * table - weights(&top, frozen);
        assert_eq!(saved(FrozenPrecision::Bf16), 2.0 * (table + layers));
        assert_eq!(saved(FrozenPrecision::Int8), 3.0 * (table + layers) - 8.0 * (250_000.0 + 11.0 * 768.0));
        // Where everything trains, there is nothing to hold in fewer bits.
        let full = vec![true; tree.parameters.len()];
        assert_eq!(weights(&full, FrozenPrecision::Int8), weights(&full, FrozenPrecision::F32));
    }

    #[test]
    fn the_longest_texts_make_the_fullest_batch() {
        let lengths = TokenLengths { counts: vec![0, 0, 4, 1, 0, 2, 0], done: 7, total: 7, max_length: 5, cut: 0 };
        let sizes = TextSizes::counted(&lengths, 4, 14);
        assert_eq!(sizes, TextSizes { batch_tokens: 5 + 5 + 3 + 2, longest: 5, train_tokens: 21 * 2 });
        assert_eq!(TextSizes::counted(&TokenLengths::default(), 4, 14).train_tokens, 0);
    }

    #[test]
    fn what_fits_is_what_is_proposed() {
        let tree = tree();
        let full = vec![true; tree.parameters.len()];
        let texts = TextSizes { batch_tokens: 32 * 512, longest: 512, train_tokens: 5_000_000 };
        let training = TrainingConfig { batch_size: 32, max_length: 512, ..TrainingConfig::default() };
        let whole = need(&tree, &full, texts);
        let part = part_bytes(&tree, &full);
        // A batch goes through in parts, so that fewer rows save only what a part has more than a row.
        assert!(whole.activations_bytes == part && whole.optimiser_bytes < 3 << 30, "{whole:?}");
        let more = need(&tree, &full, TextSizes { batch_tokens: 64 * 512, ..texts });
        assert_eq!(more.activations_bytes, part);
        let free = whole.total_bytes() - (450 << 20);
        let all = what_fits(&tree, &full, texts, &training, free);
        let [Smaller::MaxLength(length), Smaller::FrozenEmbeddings] = all[..] else { panic!("{all:?}") };
        let cut = |length| need(&tree, &full, texts.resized(32, 32, length)).total_bytes();
        assert!(cut(length) <= free && cut(2 * length) > free, "{length}");
        assert_eq!(what_fits(&tree, &full, texts, &training, 2 << 30), [Smaller::Preset3]);
        // Short texts are one part, of which fewer rows are less.
        let short = TextSizes { batch_tokens: 32 * 16, longest: 16, train_tokens: 5_000_000 };
        let free = need(&tree, &full, short).total_bytes() - (100 << 20);
        let all = what_fits(&tree, &full, short, &training, free);
        let Some(Smaller::Batch { batch_size, accumulation_steps }) = all.first() else { panic!("{all:?}") };
        assert_eq!((*batch_size, batch_size * accumulation_steps), (16, 32), "{all:?}");
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
        assert!(need(&tree, &full, few).optimiser_bytes < layers + table_moments / 100);
    }
}
