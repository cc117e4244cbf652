//! The states that are kept, by layer and by text: in memory up to a budget, then in a scratch file.

use std::collections::{BTreeMap, HashMap};

use super::super::scratch::Scratch;
use super::Budget;
use super::account::Account;

pub(super) struct CachedStates {
    pub(super) budget: Budget,
    /// By the layer that the states enter.
    pub(super) levels: BTreeMap<usize, Level>,
    pub(super) memory_bytes: u64,
    pub(super) scratch: Option<Scratch>,
    /// Whether some states could not be kept for lack of room.
    pub(super) is_full: bool,
}

/// The states that enter one layer.
pub(super) struct Level {
    /// Hashes of everything that decides the embeddings' output, and the output of all that lies below the level.
    pub(super) embeddings_hash: u64,
    pub(super) prefix_hash: u64,
    pub(super) texts: HashMap<TextKey, Kept>,
}

/// The states of a text.
pub(super) struct Kept {
    place: Place,
    /// What computing them cost, from the text's tokens on.
    pub(super) secs: f32,
    /// The account that paid for them last, by computing them or by being charged. One run is under way at a time.
    pub(super) paid_by: u64,
}

/// Two independent hashes of a text's token ids.
pub(super) type TextKey = (u64, u64);

/// Where the states of a text are.
pub(super) enum Place {
    Memory(Box<[f32]>),
    /// Index of the first number in the scratch file, and how many they are.
    File(usize, usize),
}

impl Level {
    pub(super) fn new(embeddings_hash: u64, prefix_hash: u64) -> Self {
        Self { embeddings_hash, prefix_hash, texts: HashMap::new() }
    }
}

impl Place {
    fn memory_bytes(&self) -> u64 {
        match self {
            Self::Memory(states) => size_of_val(&**states) as u64,
            Self::File(..) => 0,
        }
    }
}

/// The states of a text that were just computed, and what they cost from its tokens on.
pub(super) struct Fresh {
    pub(super) states: Vec<f32>,
    pub(super) secs: f32,
}

impl CachedStates {
    pub(super) fn new(budget: Budget) -> Self {
        Self { budget, levels: BTreeMap::new(), memory_bytes: 0, scratch: None, is_full: false }
    }

    pub(super) fn set_budget(&mut self, budget: Budget) {
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
    pub(super) fn put(&mut self, level: usize, key: TextKey, Fresh { states, secs }: &Fresh, account: &Account) {
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

    /// The rows that have no states at `level`, by the deepest shallower level that has them.
    pub(super) fn missing(&self, level: usize, keys: &[TextKey]) -> BTreeMap<Option<usize>, Vec<usize>> {
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
    pub(super) fn gather<'k>(
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
    pub(super) fn forget(&mut self, is_stale: impl Fn(usize, &Level) -> bool) {
        self.levels.retain(|at, level| !is_stale(*at, level));
        self.memory_bytes =
            self.levels.values().flat_map(|level| level.texts.values()).map(|kept| kept.place.memory_bytes()).sum();
        if self.levels.is_empty() {
            (self.scratch, self.is_full) = (None, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::PrefixCache;
    use super::*;

    #[test]
    fn a_text_that_was_forgotten_is_not_an_empty_one() {
        let cache = PrefixCache::new(Budget { memory_bytes: 1 << 10, file_bytes: 0 });
        cache.lock().levels.insert(1, Level::new(0, 0));
        let states = |values: &[f32]| Fresh { states: values.to_vec(), secs: 1.0 };
        cache.lock().put(1, (1, 1), &states(&[1.0, 2.0]), &cache.account());
        let fresh = HashMap::from([((2, 2), states(&[3.0]))]);
        let gather = |keys: &[TextKey]| cache.lock().gather(1, keys.iter(), &fresh);
        assert_eq!(gather(&[(2, 2), (1, 1)]), Some(vec![3.0, 1.0, 2.0]));
        assert_eq!(gather(&[(1, 1), (3, 3)]), None);
        cache.lock().forget(|_, _| true);
        assert_eq!(gather(&[(1, 1)]), None);
    }
}
