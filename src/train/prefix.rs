//! The frozen prefix, computed once: what the layers below the lowest trainable one make of a text is the same in
//! every epoch and in every run that freezes them, so it is kept, and training starts there.
//!
//! An entry is found by the weights it was computed with, the layer it enters and the tokens of its text, so a changed
//! weight, boundary or token never finds a stale one. A text's states do not depend on its batch neighbours, so a kept
//! entry has the same bits as a fresh one: losing it changes speed, never results.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, Device, Storage, Tensor};
use rayon::prelude::*;

use crate::data::batch::Batch;
use crate::domain::config::PrefixCacheConfig;
use crate::domain::message::{CachedPrefix, PrefixStatus, WhyNotCached};
use crate::domain::problem::Outcome;
use crate::model::classifier::{Classifier, internal};
use crate::model::encoder::Pass;

use super::scratch::Scratch;

/// How much the cache may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub memory_bytes: u64,
    /// Of a temporary file that is mapped into memory, once the memory budget is used up.
    pub file_bytes: u64,
}

impl Budget {
    /// A quarter of the memory that is free now, and half of the free space for temporary files.
    pub fn of_this_machine() -> Self {
        // A system that does not tell gets a modest share.
        let available = sysinfo::System::new().ok().map(|mut system| {
            system.refresh_memory();
            system.available_memory()
        });
        let memory_bytes = available.filter(|bytes| *bytes > 0).unwrap_or(2 << 30) / 4;
        Self { memory_bytes, file_bytes: Scratch::free_space_bytes() / 2 }
    }

    const NOTHING: Self = Self { memory_bytes: 0, file_bytes: 0 };

    fn is_nothing(&self) -> bool {
        *self == Self::NOTHING
    }
}

/// States of texts at the layers where runs have begun; shared by all runs of a session.
pub struct PrefixCache {
    kept: Mutex<Kept>,
    /// What this machine gives where a run asks for nothing else.
    own_budget: Budget,
}

struct Kept {
    budget: Budget,
    /// By the layer that the states enter.
    levels: BTreeMap<usize, Level>,
    memory_bytes: u64,
    scratch: Option<Scratch>,
    /// Whether some entry had to be let go for lack of room.
    full: bool,
}

struct Level {
    /// Of the embeddings alone, and of everything below the level.
    embeddings: u64,
    fingerprint: u64,
    entries: HashMap<TextKey, Place>,
}

/// Two independent hashes of a text's token ids.
type TextKey = (u64, u64);

enum Place {
    Memory(Box<[f32]>),
    /// First element and length in the scratch file.
    File(usize, usize),
}

impl Place {
    fn memory_bytes(&self) -> u64 {
        match self {
            Self::Memory(states) => size_of_val(&**states) as u64,
            Self::File(..) => 0,
        }
    }
}

impl PrefixCache {
    pub fn new(budget: Budget) -> Self {
        let kept = Kept { budget, levels: BTreeMap::new(), memory_bytes: 0, scratch: None, full: false };
        Self { kept: Mutex::new(kept), own_budget: budget }
    }

    /// What it takes where a run asks for nothing else.
    pub fn own_budget(&self) -> Budget {
        self.own_budget
    }

    /// A cache that keeps nothing.
    pub fn off() -> Self {
        Self::new(Budget::NOTHING)
    }

    /// The cache as one run sees it. What earlier runs have put in stays, even where this run's budget is smaller.
    pub fn for_run<'a>(&'a self, classifier: &Classifier, config: &PrefixCacheConfig) -> Prefix<'a> {
        const MIB: u64 = 1 << 20;
        let budget = Budget {
            memory_bytes: config.memory_mib.map_or(self.own_budget.memory_bytes, |mib| mib as u64 * MIB),
            file_bytes: config.file_mib.map_or(self.own_budget.file_bytes, |mib| mib as u64 * MIB),
        };
        let why_not = if !classifier.has_frozen_prefix() {
            Some(WhyNotCached::EmbeddingsTrain)
        } else if classifier.network().dropout.in_frozen_prefix {
            Some(WhyNotCached::FrozenDropout)
        } else if !config.enabled || self.own_budget.is_nothing() || budget.is_nothing() {
            Some(WhyNotCached::SwitchedOff)
        } else {
            None
        };
        if let Some(why) = why_not {
            return Prefix { cache: self, level: Err(why) };
        }
        let fingerprints = fingerprints(classifier);
        let mut kept = self.lock();
        kept.set_budget(budget);
        if let (Some(embeddings), Some(fingerprint)) = (fingerprints.first(), fingerprints.last()) {
            // Levels of another model, or of weights that have been trained since.
            let is_stale = |(at, level): (&usize, &Level)| {
                level.embeddings != *embeddings || fingerprints.get(*at).is_some_and(|f| *f != level.fingerprint)
            };
            let stale: Vec<usize> = kept.levels.iter().filter(|l| is_stale(*l)).map(|(at, _)| *at).collect();
            stale.into_iter().for_each(|at| kept.forget(at));
            // Where there is no more room, a boundary that has moved makes room for the new one.
            if kept.full && !kept.levels.contains_key(&classifier.boundary()) {
                let others: Vec<usize> = kept.levels.keys().copied().collect();
                others.into_iter().for_each(|at| kept.forget(at));
            }
            let level = Level { embeddings: *embeddings, fingerprint: *fingerprint, entries: HashMap::new() };
            kept.levels.entry(classifier.boundary()).or_insert(level);
        }
        Prefix { cache: self, level: Ok(classifier.boundary()) }
    }

    /// Bytes in memory that are kept for runs which begin elsewhere than this classifier's training does.
    pub fn bytes_beside(&self, classifier: &Classifier) -> u64 {
        let own = classifier.has_frozen_prefix().then(|| classifier.boundary());
        let kept = self.lock();
        let others =
            kept.levels.iter().filter(|(at, _)| Some(**at) != own).flat_map(|(_, level)| level.entries.values());
        others.map(Place::memory_bytes).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn set_budget(&mut self, budget: Budget) {
        if self.budget != budget {
            (self.budget, self.full) = (budget, false);
            if let Some(scratch) = &mut self.scratch {
                scratch.set_budget(budget.file_bytes);
            }
        }
    }

    fn get(&self, level: usize, key: &TextKey) -> Option<&[f32]> {
        match self.levels.get(&level)?.entries.get(key)? {
            Place::Memory(states) => Some(states),
            Place::File(from, len) => self.scratch.as_ref()?.get(*from, *len),
        }
    }

    fn put(&mut self, level: usize, key: TextKey, states: &[f32]) {
        let bytes = size_of_val(states) as u64;
        let place = if self.memory_bytes + bytes <= self.budget.memory_bytes {
            self.memory_bytes += bytes;
            Place::Memory(states.into())
        } else {
            if self.scratch.is_none() && !self.full && self.budget.file_bytes > 0 {
                self.scratch = Scratch::create(self.budget.file_bytes);
            }
            match self.scratch.as_mut().and_then(|s| s.put(states)) {
                Some(from) => Place::File(from, states.len()),
                None => {
                    self.full = true;
                    return;
                }
            }
        };
        if let Some(level) = self.levels.get_mut(&level) {
            level.entries.insert(key, place);
        }
    }

    fn forget(&mut self, level: usize) {
        if let Some(level) = self.levels.remove(&level) {
            self.memory_bytes -= level.entries.values().map(Place::memory_bytes).sum::<u64>();
        }
        if self.levels.is_empty() {
            (self.scratch, self.full) = (None, false);
        }
    }
}

/// The cache with one run's frozen prefix.
pub struct Prefix<'a> {
    cache: &'a PrefixCache,
    /// The layer where this run's training starts, or why nothing is kept.
    level: Result<usize, WhyNotCached>,
}

impl Prefix<'_> {
    /// How much is kept of this run's prefix, and where.
    pub fn status(&self) -> PrefixStatus {
        let layers = match self.level {
            Ok(level) => level,
            Err(why) => return PrefixStatus::NotCached(why),
        };
        let kept = self.cache.lock();
        PrefixStatus::Cached(CachedPrefix {
            layers,
            memory_bytes: kept.memory_bytes,
            file_bytes: kept.scratch.as_ref().map_or(0, Scratch::used_bytes),
            is_full: kept.full,
        })
    }

    /// What `Classifier::prefix` gives for the batch, computed only for texts that are not kept; those start from the
    /// nearest shallower states that are.
    ///
    /// # Errors
    /// As `Classifier::prefix`.
    pub fn states(&self, classifier: &Classifier, batch: &Batch, pass: Pass) -> Outcome<Tensor> {
        let Ok(level) = self.level else {
            return classifier.prefix(batch, pass);
        };
        let width = classifier.tree().facts.hidden_size;
        let first_only = level == classifier.network().layers.len();
        let texts: Vec<&[u32]> = batch.offsets.windows(2).map(|w| &batch.ids[w[0]..w[1]]).collect();
        let keys: Vec<TextKey> = texts.iter().map(|ids| text_key(ids)).collect();

        let missing = self.missing(level, &keys);
        let mut fresh: HashMap<TextKey, Vec<f32>> = HashMap::new();
        for (start, rows) in missing {
            let part = Batch::from_ids(&rows.iter().map(|row| texts[*row].to_vec()).collect::<Vec<_>>());
            let states = match start {
                None => classifier.prefix(&part, Pass::EVALUATE)?,
                Some(shallower) => {
                    let states = self.gather(shallower, rows.iter().map(|row| &keys[*row]), &HashMap::new());
                    classifier.prefix_from(tensor(states, width, classifier.device())?, shallower, &part)?
                }
            };
            let states: Vec<f32> = states.flatten_all().and_then(|t| t.to_vec1()).map_err(internal)?;
            let mut from = 0;
            for row in rows {
                let to = from + if first_only { 1 } else { texts[row].len() } * width;
                fresh.insert(keys[row], states[from..to].to_vec());
                from = to;
            }
        }
        let values = self.gather(level, keys.iter(), &fresh);
        let mut kept = self.cache.lock();
        for key in &keys {
            if let Some(states) = fresh.remove(key) {
                kept.put(level, *key, &states);
            }
        }
        drop(kept);
        tensor(values, width, classifier.device())
    }

    /// The rows that have no states at `level`, by the deepest shallower level that has them.
    fn missing(&self, level: usize, keys: &[TextKey]) -> BTreeMap<Option<usize>, Vec<usize>> {
        let kept = self.cache.lock();
        let mut missing: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for (row, key) in keys.iter().enumerate() {
            if kept.get(level, key).is_none() {
                let start = kept.levels.range(..level).rev().map(|(l, _)| *l).find(|l| kept.get(*l, key).is_some());
                missing.entry(start).or_default().push(row);
            }
        }
        missing
    }

    /// States one text after another, from the cache or from what was just computed.
    fn gather<'k>(
        &self,
        level: usize,
        keys: impl Iterator<Item = &'k TextKey>,
        fresh: &HashMap<TextKey, Vec<f32>>,
    ) -> Vec<f32> {
        let kept = self.cache.lock();
        let mut values = Vec::new();
        for key in keys {
            let states = fresh.get(key).map(Vec::as_slice).or_else(|| kept.get(level, key));
            values.extend_from_slice(states.unwrap_or_default());
        }
        values
    }
}

fn tensor(values: Vec<f32>, width: usize, device: &Device) -> Outcome<Tensor> {
    let rows = values.len() / width;
    Tensor::from_vec(values, (rows, width), device).map_err(internal)
}

fn text_key(ids: &[u32]) -> TextKey {
    let hash = |salt: u64| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        ids.hash(&mut hasher);
        hasher.finish()
    };
    (hash(0), hash(1))
}

/// For each layer up to the boundary, a hash of all weights below it and of what else decides their result.
fn fingerprints(classifier: &Classifier) -> Vec<u64> {
    use crate::domain::params::Part;

    let tree = classifier.tree();
    let of_weights: Vec<u64> = classifier.weights().iter().map(|w| fingerprint(&w.tensor)).collect();
    let mut hasher = DefaultHasher::new();
    (tree.facts.heads, tree.facts.hidden_size, &tree.facts.family).hash(&mut hasher);
    let mut add = |wanted: &dyn Fn(Part) -> bool| {
        for (parameter, hash) in tree.parameters.iter().zip(&of_weights) {
            if wanted(parameter.part) {
                hash.hash(&mut hasher);
            }
        }
        hasher.finish()
    };
    let mut all = vec![add(&|part| part == Part::Embeddings)];
    for layer in 0..classifier.boundary() {
        all.push(add(&|part| matches!(part, Part::Layer { index, .. } if index == layer)));
    }
    all
}

/// A hash of a tensor's bits, its chunks hashed on all threads; nothing is copied, since a table of words can be huge.
fn fingerprint(tensor: &Tensor) -> u64 {
    let (storage, layout) = tensor.storage_and_layout();
    match (&*storage, layout.contiguous_offsets()) {
        (Storage::Cpu(CpuStorage::F32(values)), Some((from, to))) => hash_of(&values[from..to]),
        _ => hash_of(&tensor.flatten_all().and_then(|t| t.to_vec1()).unwrap_or_default()),
    }
}

fn hash_of(values: &[f32]) -> u64 {
    let of_chunk = |chunk: &[f32]| {
        chunk.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, x| {
            (hash.rotate_left(5) ^ u64::from(x.to_bits())).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        })
    };
    let chunks: Vec<u64> = values.par_chunks(1 << 16).map(of_chunk).collect();
    let mut hasher = DefaultHasher::new();
    chunks.hash(&mut hasher);
    hasher.finish()
}
