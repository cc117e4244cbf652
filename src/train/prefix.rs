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

mod account;
mod key;
mod states;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use candle_core::{Device, Tensor};

use crate::data::batch::Batch;
use crate::data::tokens::Row;
use crate::domain::config::PrefixCacheConfig;
use crate::domain::message::{CachedPrefix, PrefixStatus, WhyNotCached};
use crate::domain::problem::Outcome;
use crate::domain::work::forward_work;
use crate::model::classifier::Classifier;
use crate::model::encoder::Pass;
use crate::model::host;

use super::parts::PART_WORK;
use super::scratch::Scratch;
use key::{prefix_hashes, text_key};
use states::{CachedStates, Fresh, Level, TextKey};

pub use account::Account;

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

impl PrefixCache {
    /// An empty cache with the budget that holds where a run asks for no other.
    pub fn new(budget: Budget) -> Self {
        Self { states: Mutex::new(CachedStates::new(budget)), own_budget: budget, accounts: AtomicU64::new(0) }
    }

    /// The account of a run that begins.
    pub fn account(&self) -> Arc<Account> {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(Account::new(number))
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
        states.levels.entry(boundary).or_insert_with(|| Level::new(embeddings_hash, prefix_hash));
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

    /// Whether the outputs of frozen layers are kept.
    pub fn is_kept(&self) -> bool {
        self.at.is_ok()
    }

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
    /// there from the nearest shallower states that are. `computed` is told how many texts were computed so far, of which one
    /// under way counts as the share of its layers that is done.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn states(
        &self,
        classifier: &Classifier,
        batch: &Batch,
        pass: Pass,
        computed: &(impl Fn(f64) + Clone + Send + 'static),
    ) -> Outcome<Tensor> {
        let interrupt = classifier.interrupt();
        let Ok(At { cache, level, account }) = &self.at else {
            let (rows, tell) = (batch.len() as f64, computed.clone());
            let states = interrupt.telling(
                classifier.boundary(),
                move |share| tell(share * rows),
                || classifier.prefix(batch, pass),
            );
            if classifier.boundary() > 0 {
                computed(rows);
            }
            return states;
        };
        let (cache, level) = (*cache, *level);
        let width = classifier.tree().facts.hidden_size;
        let first_only = level == classifier.network().layers.len();
        let texts: Vec<Row<'_>> = batch.each_row().collect();
        let keys: Vec<TextKey> = texts.iter().map(|row| text_key(*row)).collect();

        let missing = cache.lock().missing(level, &keys);
        let mut fresh: HashMap<TextKey, Fresh> = HashMap::new();
        let facts = &classifier.tree().facts;
        let work = |row: &usize, from: Option<usize>| {
            forward_work(facts, from.unwrap_or(0)..level, texts[*row].ids.len() as f64)
        };
        let missing = missing.iter().flat_map(|(start, rows)| {
            let parts = cut(rows, PART_WORK, |row| work(row, *start));
            parts.into_iter().map(|rows| (*start, rows))
        });
        let mut done = 0.0;
        for (start, rows) in missing {
            let (began, paused) = (Instant::now(), interrupt.blocked());
            let part = Batch::from_rows(rows.iter().map(|row| texts[*row]));
            let gather = |start| cache.lock().gather(start, rows.iter().map(|row| &keys[*row]), &HashMap::new());
            let below = start.and_then(|start| Some((start, gather(start)?)));
            let from = below.as_ref().map(|(start, _)| *start);
            let (tell, of_part) = (computed.clone(), rows.len() as f64);
            let compute = || match below {
                None => classifier.prefix(&part, Pass::EVALUATE),
                Some((start, states)) => {
                    classifier.prefix_from(tensor(states, width, classifier.device())?, start, &part)
                }
            };
            let layers = level - from.unwrap_or(0);
            let states = interrupt.telling(layers, move |share| tell(done + share * of_part), compute)?;
            let states = host::values(&states)?;
            let spent = began.elapsed().saturating_sub(interrupt.blocked() - paused);
            let secs_of_token = spent.as_secs_f32() / part.ids.len().max(1) as f32;
            let kept = cache.lock();
            let mut at = 0;
            for &row in rows {
                let to = at + if first_only { 1 } else { texts[row].ids.len() } * width;
                // A run by itself would have computed the shallower states as well.
                let secs_below = from.map_or(0.0, |from| kept.charge(from, &keys[row], account));
                let secs = secs_below + secs_of_token * texts[row].ids.len() as f32;
                fresh.insert(keys[row], Fresh { states: states[at..to].to_vec(), secs });
                at = to;
            }
            drop(kept);
            done += of_part;
            computed(done);
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

/// Cuts items in order into parts of at most so much work, and of one at least.
fn cut<T>(items: &[T], most: f64, work: impl Fn(&T) -> f64) -> Vec<&[T]> {
    let (mut parts, mut first, mut done) = (Vec::new(), 0, 0.0);
    for (i, item) in items.iter().enumerate() {
        let own = work(item);
        if i > first && done + own > most {
            parts.push(&items[first..i]);
            (first, done) = (i, 0.0);
        }
        done += own;
    }
    parts.push(&items[first..]);
    parts
}

fn tensor(values: Vec<f32>, width: usize, device: &Device) -> Outcome<Tensor> {
    let rows = values.len() / width;
    Ok(Tensor::from_vec(values, (rows, width), device)?)
}
