//! The cost meter shows what a freezing costs, and why. It needs nothing but the model's shape.

use super::config::TrainingConfig;
use super::estimate::{Estimate, Workload};
use super::freeze::{embeddings_train, lowest_trainable_layer, trainable_matrices};
use super::memory::{MemoryNeed, TextSizes, memory_need};
use super::message::WhyNotCached;
use super::params::{ParamTree, Parameter, Part};

/// What a freezing costs, whatever the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Meter {
    /// How many numbers train.
    pub trainable: usize,
    /// How many numbers the model has.
    pub total: usize,
    pub backward: Backward,
    pub cache: Cache,
    /// Where the costs are not what one would expect; empty when they are.
    pub surprises: Vec<Surprise>,
}

/// How deep the backward pass must go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backward {
    /// Nothing trains, so there is no backward pass.
    Nowhere,
    /// It goes through what is above the encoder.
    Head,
    /// It goes through the encoder layers from `last` down to `lowest`.
    Layers { lowest: usize, last: usize },
    /// It goes through all layers into the embeddings.
    Embeddings { last: usize },
}

/// Whether the outputs of the frozen prefix are computed once for all epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// They are kept, of so many layers from the bottom; with 0 they are those of the embeddings alone.
    Kept { layers: usize },
    /// There is not room for all of them, so that a part is computed again in every epoch.
    NoRoom { layers: usize },
    /// They are not kept.
    Not(WhyNotCached),
}

/// What surprises people about freezing.
#[derive(Clone, Debug, PartialEq)]
pub enum Surprise {
    /// These layers are frozen, but they stand above one that trains, and its gradient comes down through them.
    FrozenAbove { frozen: Vec<usize>, backward: Backward },
    /// Only biases and other small parts of the layers train, and backward goes as deep as if the whole layers did.
    OnlySmallParts { backward: Backward },
}

impl Meter {
    /// The costs of a freezing of this model. `room` is that for the frozen layers' outputs, or `None` before it is known.
    pub fn of(tree: &ParamTree, trainable: &[bool], training: &TrainingConfig, room: Option<CacheRoom>) -> Self {
        let (on, off) = tree.totals(trainable);
        let backward = Backward::of(tree, trainable);
        Self {
            trainable: on,
            total: on + off,
            backward,
            cache: cache(tree, trainable, training, room),
            surprises: surprises(tree, trainable, backward),
        }
    }
}

/// The bytes that the frozen layers' outputs may take, and the bytes that all of them would take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheRoom {
    pub bytes: f64,
    pub needed: f64,
}

impl CacheRoom {
    /// The room on the calibrated machine for what a training looks at in every epoch: training and validation rows.
    pub fn of(workload: Workload<'_>, trainable: &[bool]) -> Self {
        let (train, validation, _) = workload.split.totals();
        Self::of_rows(workload, lowest_trainable_layer(workload.tree, trainable), train + validation)
    }

    /// The room for the outputs of the layers below `lowest` on so many rows.
    pub fn of_rows(Workload { calibration, tree, training, .. }: Workload<'_>, lowest: usize, rows: usize) -> Self {
        const MIB: f64 = (1 << 20) as f64;
        // When all layers are frozen, only each text's first token is kept, because the head reads no other.
        let kept_tokens = if lowest == tree.facts.layers { 1.0 } else { calibration.tokens_per_row };
        let needed = rows as f64 * kept_tokens * tree.facts.hidden_size as f64 * 4.0;
        let (cache, own) = (&training.prefix_cache, calibration.cache_bytes);
        let bytes = |mib: Option<usize>, own: u64| mib.map_or(own as f64, |mib| mib as f64 * MIB);
        Self { bytes: bytes(cache.memory_mib, own.0) + bytes(cache.file_mib, own.1), needed }
    }

    /// Whether all outputs fit.
    pub fn is_enough(&self) -> bool {
        self.needed <= self.bytes
    }
}

fn cache(tree: &ParamTree, trainable: &[bool], training: &TrainingConfig, room: Option<CacheRoom>) -> Cache {
    let layers = lowest_trainable_layer(tree, trainable);
    if embeddings_train(tree, trainable) {
        Cache::Not(WhyNotCached::EmbeddingsTrain)
    } else if training.frozen_dropout {
        Cache::Not(WhyNotCached::FrozenDropout)
    } else if !training.prefix_cache.enabled || room.is_some_and(|room| room.bytes == 0.0) {
        Cache::Not(WhyNotCached::SwitchedOff)
    } else if room.is_some_and(|room| !room.is_enough()) {
        Cache::NoRoom { layers }
    } else {
        Cache::Kept { layers }
    }
}

impl Backward {
    pub fn of(tree: &ParamTree, trainable: &[bool]) -> Self {
        let last = tree.facts.layers.saturating_sub(1);
        match lowest_trainable_layer(tree, trainable) {
            _ if !trainable.contains(&true) => Self::Nowhere,
            _ if embeddings_train(tree, trainable) => Self::Embeddings { last },
            lowest if lowest == tree.facts.layers => Self::Head,
            lowest => Self::Layers { lowest, last },
        }
    }

    /// The lowest encoder layer that the backward pass goes through, if it goes through any.
    pub fn lowest_layer(self) -> Option<usize> {
        match self {
            Self::Nowhere | Self::Head => None,
            Self::Layers { lowest, .. } => Some(lowest),
            Self::Embeddings { .. } => Some(0),
        }
    }
}

fn surprises(tree: &ParamTree, trainable: &[bool], backward: Backward) -> Vec<Surprise> {
    let Some(lowest) = backward.lowest_layer() else { return Vec::new() };
    let mut trains = vec![false; tree.facts.layers];
    let mut tables_train = false;
    for parameter in tree.trained(trainable) {
        match parameter.part {
            Part::Layer { index, .. } if index < trains.len() => trains[index] = true,
            Part::Embeddings => tables_train |= parameter.shape.len() == 2,
            _ => {}
        }
    }
    let frozen: Vec<usize> = (lowest..trains.len()).filter(|index| !trains[*index]).collect();
    let frozen_above = (!frozen.is_empty()).then_some(Surprise::FrozenAbove { frozen, backward });
    let only_small = !tables_train && trainable_matrices(tree, trainable).iter().all(|share| *share == 0.0);
    frozen_above.into_iter().chain(only_small.then_some(Surprise::OnlySmallParts { backward })).collect()
}

/// The share of time that is saved by training only small parts of the layers instead of whole layers. It is little more
/// than the time of the weight gradients. `None` when the freezing trains more than small parts.
pub fn saved_by_small_parts(workload: Workload<'_>, trainable: &[bool]) -> Option<f64> {
    let tree = workload.tree;
    let backward = Backward::of(tree, trainable);
    let is_small = |surprise: &Surprise| matches!(surprise, Surprise::OnlySmallParts { .. });
    let lowest = backward.lowest_layer().filter(|_| surprises(tree, trainable, backward).iter().any(is_small))?;
    let embeddings = embeddings_train(tree, trainable);
    let trains_as_a_whole = |(parameter, on): (&Parameter, &bool)| match parameter.part {
        Part::Embeddings => embeddings,
        Part::Layer { index, .. } => index >= lowest,
        Part::Pooler | Part::Classifier => *on,
    };
    let whole: Vec<bool> = tree.parameters.iter().zip(trainable).map(trains_as_a_whole).collect();
    let secs = |trainable: &[bool]| workload.estimate(trainable, true).total_secs;
    Some((1.0 - secs(trainable) / secs(&whole).max(1e-9)).clamp(0.0, 1.0))
}

/// The time and the memory that a freezing needs, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Needs {
    pub time: Option<Estimate>,
    pub memory: Option<MemoryNeed>,
}

/// The memory of training where there are no texts yet, on full batches of texts of the maximum length.
pub fn memory_of_full_batches(tree: &ParamTree, trainable: &[bool], training: &TrainingConfig) -> MemoryNeed {
    let (longest, batch_tokens) = (training.max_length, training.batch_size * training.max_length);
    let texts = TextSizes { batch_tokens, longest, train_tokens: 100 * batch_tokens };
    memory_need(tree, trainable, texts, training.frozen_precision)
}

/// Numbers in ascending order as ranges: `0–2, 5` for 0, 1, 2, 5.
pub fn ranges(numbers: &[usize]) -> String {
    let range = |run: &[usize]| match run {
        [first, .., last] => format!("{first}–{last}"),
        few => few.iter().map(usize::to_string).collect(),
    };
    numbers.chunk_by(|a, b| a + 1 == *b).map(range).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
