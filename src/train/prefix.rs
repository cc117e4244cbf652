//! The cache of the frozen prefix. What the layers below the lowest trainable one make of a text is the same in every epoch
//! and in every run that freezes them, so it is computed once and kept, and training starts above it.
//!
//! States are found by a hash of everything that decides them (weights, settings of the network, device), by the layer that
//! they enter and by the tokens of their text, so a change of any of these never finds stale ones. A text's states do not
//! depend on the other texts of its batch, so kept states have the same bits as fresh ones: losing some changes speed, never
//! results.
//!
//! What computing the states of a text cost is remembered with them. A run that takes over what another run has computed is
//! charged for it once, as if it had done the work itself, so that the times of runs follow their freezing and not their
//! order.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use candle_core::{Device, Tensor};

use crate::data::batch::Batch;
use crate::domain::config::PrefixCacheConfig;
use crate::domain::message::{CachedPrefix, PrefixStatus, WhyNotCached};
use crate::domain::params::Part;
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::model::encoder::Pass;
use crate::model::hashes::prefix_checksum;
use crate::model::host;

use super::scratch::Scratch;

/// How much the cache may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub memory_bytes: u64,
    /// The size of a temporary file that is mapped into memory, once the memory budget is used up.
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
}

/// States of texts at the layers where runs have begun. All runs of a session share one.
pub struct PrefixCache {
    states: Mutex<CachedStates>,
    /// What it may take where a run asks for nothing else.
    pub own_budget: Budget,
    accounts: AtomicU64,
}

/// What one run is charged for work that was done before it or beside it.
#[derive(Debug, Default)]
pub struct Account {
    /// Tells the accounts of a cache apart. No account has 0.
    number: u64,
    taken_over_nanos: AtomicU64,
}

impl Account {
    /// Seconds that the work took which the run has taken over so far.
    pub fn taken_over_secs(&self) -> f64 {
        Duration::from_nanos(self.taken_over_nanos.load(Ordering::Relaxed)).as_secs_f64()
    }

    /// Charges the run for work that took so many seconds.
    pub fn charge(&self, secs: f64) {
        self.taken_over_nanos.fetch_add((secs * 1e9) as u64, Ordering::Relaxed);
    }
}

struct CachedStates {
    budget: Budget,
    /// By the layer that the states enter.
    levels: BTreeMap<usize, Level>,
    memory_bytes: u64,
    scratch: Option<Scratch>,
    /// Whether some states could not be kept for lack of room.
    is_full: bool,
}

/// The states that enter one layer.
struct Level {
    /// Hashes of everything that decides the embeddings' output, and the output of all that lies below the level.
    embeddings_hash: u64,
    prefix_hash: u64,
    texts: HashMap<TextKey, Kept>,
}

/// The states of a text.
struct Kept {
    place: Place,
    /// What computing them cost, from the text's tokens on.
    secs: f32,
    /// The account that paid for them last, by computing them or by being charged. One run is under way at a time.
    paid_by: u64,
}

/// Two independent hashes of a text's token ids.
type TextKey = (u64, u64);

/// Where the states of a text are.
enum Place {
    Memory(Box<[f32]>),
    /// Index of the first number in the scratch file, and how many they are.
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
        let states = CachedStates { budget, levels: BTreeMap::new(), memory_bytes: 0, scratch: None, is_full: false };
        Self { states: Mutex::new(states), own_budget: budget, accounts: AtomicU64::new(0) }
    }

    /// The account of a run that begins.
    pub fn account(&self) -> Arc<Account> {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(Account { number, ..Account::default() })
    }

    /// A cache that keeps nothing.
    pub fn off() -> Self {
        Self::new(Budget::NOTHING)
    }

    /// The cache as one run sees it. What earlier runs have put in stays, even where this run's budget is smaller.
    pub fn for_run<'a>(&'a self, classifier: &Classifier, config: &PrefixCacheConfig) -> Prefix<'a> {
        self.for_stage(classifier, config, &self.account())
    }

    /// The cache as one stage of a run sees it; all stages of a run have one account.
    pub fn for_stage<'a>(
        &'a self,
        classifier: &Classifier,
        config: &PrefixCacheConfig,
        account: &Arc<Account>,
    ) -> Prefix<'a> {
        let at = |level| At { cache: self, level, account: Arc::clone(account) };
        Prefix { at: self.level_for_run(classifier, config).map(at) }
    }

    fn level_for_run(&self, classifier: &Classifier, config: &PrefixCacheConfig) -> Result<usize, WhyNotCached> {
        const MIB: u64 = 1 << 20;
        let budget = Budget {
            memory_bytes: config.memory_mib.map_or(self.own_budget.memory_bytes, |mib| mib as u64 * MIB),
            file_bytes: config.file_mib.map_or(self.own_budget.file_bytes, |mib| mib as u64 * MIB),
        };
        if !classifier.has_frozen_prefix() {
            return Err(WhyNotCached::EmbeddingsTrain);
        } else if classifier.network().dropout.in_frozen_prefix {
            return Err(WhyNotCached::FrozenDropout);
        } else if !config.enabled || [self.own_budget, budget].contains(&Budget::NOTHING) {
            return Err(WhyNotCached::SwitchedOff);
        }
        // A device that does not give its values will end the training itself.
        let hashes = prefix_hashes(classifier).map_err(|_failed| WhyNotCached::SwitchedOff)?;
        let (boundary, mut states) = (classifier.boundary(), self.lock());
        let (embeddings_hash, prefix_hash) = (hashes[0], hashes[boundary]);
        states.set_budget(budget);
        // Levels of another model, or of weights that were trained meanwhile, are stale.
        states.forget(|at, level| {
            level.embeddings_hash != embeddings_hash || hashes.get(at).is_some_and(|hash| *hash != level.prefix_hash)
        });
        // Where there is no more room, a run that begins at another layer makes room for itself.
        if states.is_full && !states.levels.contains_key(&boundary) {
            states.forget(|_, _| true);
        }
        let level = Level { embeddings_hash, prefix_hash, texts: HashMap::new() };
        states.levels.entry(boundary).or_insert(level);
        Ok(boundary)
    }

    /// Bytes of all states that are kept in memory.
    pub fn memory_bytes(&self) -> u64 {
        self.lock().memory_bytes
    }

    fn lock(&self) -> MutexGuard<'_, CachedStates> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CachedStates {
    fn set_budget(&mut self, budget: Budget) {
        if self.budget != budget {
            (self.budget, self.is_full) = (budget, false);
            if let Some(scratch) = &mut self.scratch {
                scratch.set_budget(budget.file_bytes);
            }
        }
    }

    fn get(&self, level: usize, key: &TextKey) -> Option<&[f32]> {
        match &self.levels.get(&level)?.texts.get(key)?.place {
            Place::Memory(states) => Some(states),
            Place::File(from, len) => self.scratch.as_ref()?.get(*from, *len),
        }
    }

    /// Keeps the states of a text, which cost `secs` of the account's run.
    fn put(&mut self, level: usize, key: TextKey, Fresh { states, secs }: &Fresh, account: &Account) {
        // Another run may have made the cache forget the level.
        if !self.levels.contains_key(&level) {
            return;
        }
        let bytes = size_of_val(states.as_slice()) as u64;
        let place = if self.memory_bytes + bytes <= self.budget.memory_bytes {
            self.memory_bytes += bytes;
            Place::Memory(states.as_slice().into())
        } else {
            if self.scratch.is_none() && !self.is_full && self.budget.file_bytes > 0 {
                self.scratch = Scratch::create(self.budget.file_bytes);
            }
            match self.scratch.as_mut().and_then(|s| s.put(states)) {
                Some(from) => Place::File(from, states.len()),
                None => {
                    self.is_full = true;
                    return;
                }
            }
        };
        if let Some(level) = self.levels.get_mut(&level) {
            level.texts.insert(key, Kept { place, secs: *secs, paid_by: account.number });
        }
    }

    /// Charges a run for the states of a text that it takes instead of computing them, less what it has paid already for
    /// shallower states of the same text, from which it would have gone on. It returns what the states cost in all.
    fn charge(&self, level: usize, key: &TextKey, account: &Account) -> f32 {
        let kept = |level: &Level| level.texts.get(key).map(|kept| (kept.secs, kept.paid_by == account.number));
        let Some((secs, is_paid)) = self.levels.get(&level).and_then(kept) else { return 0.0 };
        if !is_paid {
            let mut below = self.levels.range(..level).rev().filter_map(|(_, level)| kept(level));
            let paid = below.find(|(_, is_paid)| *is_paid).map_or(0.0, |(secs, _)| secs);
            account.charge(f64::from((secs - paid).max(0.0)));
        }
        secs
    }

    /// The same for states that the run takes again and again: it pays for them once.
    fn charge_once(&mut self, level: usize, key: &TextKey, account: &Account) {
        self.charge(level, key, account);
        if let Some(kept) = self.levels.get_mut(&level).and_then(|level| level.texts.get_mut(key)) {
            kept.paid_by = account.number;
        }
    }

    /// The rows that have no states at `level`, by the deepest shallower level that has them.
    fn missing(&self, level: usize, keys: &[TextKey]) -> BTreeMap<Option<usize>, Vec<usize>> {
        let mut missing: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for (row, key) in keys.iter().enumerate() {
            if self.get(level, key).is_none() {
                let start = self.levels.range(..level).rev().map(|(l, _)| *l).find(|l| self.get(*l, key).is_some());
                missing.entry(start).or_default().push(row);
            }
        }
        missing
    }

    /// States of one text after another, from what was just computed or from the cache. `None` where some are in neither,
    /// since another run may have made the cache forget them at any moment.
    fn gather<'k>(
        &self,
        level: usize,
        keys: impl Iterator<Item = &'k TextKey>,
        fresh: &HashMap<TextKey, Fresh>,
    ) -> Option<Vec<f32>> {
        let mut values = Vec::new();
        for key in keys {
            values.extend_from_slice(fresh.get(key).map(|fresh| &*fresh.states).or_else(|| self.get(level, key))?);
        }
        Some(values)
    }

    /// Drops the levels that are stale.
    fn forget(&mut self, is_stale: impl Fn(usize, &Level) -> bool) {
        self.levels.retain(|at, level| !is_stale(*at, level));
        self.memory_bytes =
            self.levels.values().flat_map(|level| level.texts.values()).map(|kept| kept.place.memory_bytes()).sum();
        if self.levels.is_empty() {
            (self.scratch, self.is_full) = (None, false);
        }
    }
}

/// The states of a text that were just computed, and what they cost from its tokens on.
struct Fresh {
    states: Vec<f32>,
    secs: f32,
}

/// The cache with one run's frozen prefix.
pub struct Prefix<'a> {
    /// Where this run's training starts, or why nothing is kept.
    at: Result<At<'a>, WhyNotCached>,
}

struct At<'a> {
    cache: &'a PrefixCache,
    level: usize,
    account: Arc<Account>,
}

impl Prefix<'_> {
    /// The prefix of a run that keeps nothing.
    pub const NONE: Self = Self { at: Err(WhyNotCached::SwitchedOff) };

    /// How much is kept of this run's prefix, and where.
    pub fn status(&self) -> PrefixStatus {
        let (cache, layers) = match &self.at {
            Ok(at) => (at.cache, at.level),
            Err(why) => return PrefixStatus::NotCached(*why),
        };
        let states = cache.lock();
        PrefixStatus::Cached(CachedPrefix {
            layers,
            memory_bytes: states.memory_bytes,
            file_bytes: states.scratch.as_ref().map_or(0, Scratch::used_bytes),
            is_full: states.is_full,
        })
    }

    /// The states that enter the lowest trainable layer, as `Classifier::prefix` gives them: `[tokens, hidden]`, or
    /// `[rows, hidden]` where the whole encoder is frozen. They are computed only for texts of which none are kept, and
    /// there from the nearest shallower states that are.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn states(&self, classifier: &Classifier, batch: &Batch, pass: Pass) -> Outcome<Tensor> {
        let Ok(At { cache, level, account }) = &self.at else { return classifier.prefix(batch, pass) };
        let (cache, level) = (*cache, *level);
        let width = classifier.tree().facts.hidden_size;
        let first_only = level == classifier.network().layers.len();
        let texts: Vec<&[u32]> = batch.offsets.windows(2).map(|w| &batch.ids[w[0]..w[1]]).collect();
        let keys: Vec<TextKey> = texts.iter().map(|ids| text_key(ids)).collect();

        let missing = cache.lock().missing(level, &keys);
        let mut fresh: HashMap<TextKey, Fresh> = HashMap::new();
        for (start, rows) in missing {
            let began = Instant::now();
            let part = Batch::from_ids(&rows.iter().map(|row| texts[*row].to_vec()).collect::<Vec<_>>());
            let gather = |start| cache.lock().gather(start, rows.iter().map(|row| &keys[*row]), &HashMap::new());
            let below = start.and_then(|start| Some((start, gather(start)?)));
            let from = below.as_ref().map(|(start, _)| *start);
            let states = match below {
                None => classifier.prefix(&part, Pass::EVALUATE)?,
                Some((start, states)) => {
                    classifier.prefix_from(tensor(states, width, classifier.device())?, start, &part)?
                }
            };
            let states = host::values(&states)?;
            let secs_of_token = began.elapsed().as_secs_f32() / part.ids.len().max(1) as f32;
            let kept = cache.lock();
            let mut at = 0;
            for row in rows {
                let to = at + if first_only { 1 } else { texts[row].len() } * width;
                // A run by itself would have computed the shallower states as well.
                let secs_below = from.map_or(0.0, |from| kept.charge(from, &keys[row], account));
                let secs = secs_below + secs_of_token * texts[row].len() as f32;
                fresh.insert(keys[row], Fresh { states: states[at..to].to_vec(), secs });
                at = to;
            }
        }
        let mut states = cache.lock();
        let Some(values) = states.gather(level, keys.iter(), &fresh) else {
            drop(states);
            return classifier.prefix(batch, Pass::EVALUATE);
        };
        for key in &keys {
            match fresh.remove(key) {
                Some(fresh) => states.put(level, *key, &fresh, account),
                None => states.charge_once(level, key, account),
            }
        }
        drop(states);
        tensor(values, width, classifier.device())
    }
}

fn tensor(values: Vec<f32>, width: usize, device: &Device) -> Outcome<Tensor> {
    let rows = values.len() / width;
    Ok(Tensor::from_vec(values, (rows, width), device)?)
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

/// For each layer up to the boundary, a hash of everything that decides the states that enter it.
fn prefix_hashes(classifier: &Classifier) -> Outcome<Vec<u64>> {
    let (tree, network) = (classifier.tree(), classifier.network());
    let of_weights: Outcome<Vec<u64>> = classifier.weights().iter().map(|w| prefix_checksum(&w.tensor)).collect();
    let of_weights = of_weights?;
    let mut hasher = DefaultHasher::new();
    (tree.facts.heads, tree.facts.hidden_size, &tree.facts.family).hash(&mut hasher);
    // All LayerNorms of a network have one epsilon.
    (network.embeddings.norm.eps.to_bits(), network.embeddings.padding_id).hash(&mut hasher);
    format!("{:?} {:?}", network.activation, classifier.device().location()).hash(&mut hasher);
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
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_forgotten_is_not_an_empty_one() {
        let cache = PrefixCache::new(Budget { memory_bytes: 1 << 10, file_bytes: 0 });
        cache.lock().levels.insert(1, Level { embeddings_hash: 0, prefix_hash: 0, texts: HashMap::new() });
        let states = |values: &[f32]| Fresh { states: values.to_vec(), secs: 1.0 };
        cache.lock().put(1, (1, 1), &states(&[1.0, 2.0]), &cache.account());
        let fresh = HashMap::from([((2, 2), states(&[3.0]))]);
        let gather = |keys: &[TextKey]| cache.lock().gather(1, keys.iter(), &fresh);
        assert_eq!(gather(&[(2, 2), (1, 1)]), Some(vec![3.0, 1.0, 2.0]));
        assert_eq!(gather(&[(1, 1), (3, 3)]), None);
        cache.lock().forget(|_, _| true);
        assert_eq!(gather(&[(1, 1)]), None);
    }

    #[test]
    fn a_run_pays_once_for_what_another_has_computed() {
        let cache = PrefixCache::new(Budget { memory_bytes: 1 << 10, file_bytes: 0 });
        for level in [1, 3] {
            let level_of = Level { embeddings_hash: 0, prefix_hash: 0, texts: HashMap::new() };
            cache.lock().levels.insert(level, level_of);
        }
        let (first, second, third) = (cache.account(), cache.account(), cache.account());
        let (text, other) = ((1, 1), (2, 2));
        let states = |secs| Fresh { states: vec![1.0], secs };
        cache.lock().put(1, text, &states(2.0), &first);
        cache.lock().put(3, text, &states(5.0), &first);
        for account in [&first, &second] {
            for _ in 0..3 {
                cache.lock().charge_once(3, &text, account);
                cache.lock().charge_once(3, &other, account);
            }
        }
        assert_eq!((first.taken_over_secs(), second.taken_over_secs()), (0.0, 5.0));
        // Who has paid for the shallower states would have gone on from them.
        cache.lock().charge_once(1, &text, &third);
        cache.lock().charge_once(3, &text, &third);
        assert_eq!(third.taken_over_secs(), 5.0);
    }
}
