//! What the runs are charged for the states that they share, so that a run's time follows its freezing and not its place
//! among the runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::states::{CachedStates, Level, TextKey};

/// What one run is charged for work that was done before it or beside it.
#[derive(Debug, Default)]
pub struct Account {
    /// Tells the accounts of a cache apart. No account has 0.
    pub(super) number: u64,
    taken_over_nanos: AtomicU64,
}

impl Account {
    pub(super) fn new(number: u64) -> Self {
        Self { number, ..Self::default() }
    }

    /// Seconds that the work took which the run has taken over so far.
    pub fn taken_over_secs(&self) -> f64 {
        Duration::from_nanos(self.taken_over_nanos.load(Ordering::Relaxed)).as_secs_f64()
    }

    /// Charges the run for work that took so many seconds.
    pub fn charge(&self, secs: f64) {
        self.taken_over_nanos.fetch_add((secs * 1e9) as u64, Ordering::Relaxed);
    }
}

impl CachedStates {
    /// Charges a run for the states of a text that it takes instead of computing them, less what it has paid already for
    /// shallower states of the same text, from which it would have gone on. It returns what the states cost in all.
    pub(super) fn charge(&self, level: usize, key: &TextKey, account: &Account) -> f32 {
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
    pub(super) fn charge_once(&mut self, level: usize, key: &TextKey, account: &Account) {
        self.charge(level, key, account);
        if let Some(kept) = self.levels.get_mut(&level).and_then(|level| level.texts.get_mut(key)) {
            kept.paid_by = account.number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::states::Fresh;
    use super::super::{Budget, PrefixCache};
    use super::*;

    #[test]
    fn a_run_pays_once_for_what_another_has_computed() {
        let cache = PrefixCache::new(Budget { memory_bytes: 1 << 10, file_bytes: 0 });
        for level in [1, 3] {
            cache.lock().levels.insert(level, Level::new(0, 0));
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
        // A run that has paid for the shallower states would have gone on from them.
        cache.lock().charge_once(1, &text, &third);
        cache.lock().charge_once(3, &text, &third);
        assert_eq!(third.taken_over_secs(), 5.0);
    }
}
