//! How the network asks, between two of its layers, whether the work should go on. In a large model a batch takes seconds,
//! and Stop and Pause are to be answered sooner.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Asks whether the work should end. Its copies are one, so that what one of them has met, all know.
#[derive(Clone, Default)]
pub struct Interrupt(Option<Arc<Asked>>);

struct Asked {
    should_end: Box<dyn Fn() -> bool + Send + Sync>,
    has_ended: AtomicBool,
    blocked_micros: AtomicU64,
}

impl Interrupt {
    /// Asks `should_end`, which may block while the work is paused.
    pub fn new(should_end: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let should_end = Box::new(should_end);
        Self(Some(Arc::new(Asked {
            should_end,
            has_ended: AtomicBool::default(),
            blocked_micros: AtomicU64::default(),
        })))
    }

    /// Asks no one; the work goes on to its end.
    pub fn never() -> Self {
        Self::default()
    }

    /// Asks whether the work should end now.
    pub fn ends(&self) -> bool {
        let Some(asked) = &self.0 else { return false };
        let began = Instant::now();
        let ends = (asked.should_end)();
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        asked.blocked_micros.fetch_add(micros, Ordering::Relaxed);
        if ends {
            asked.has_ended.store(true, Ordering::Release);
        }
        ends
    }

    /// Whether it has said that the work should end. An error of work that was under way then means only that.
    pub fn has_ended(&self) -> bool {
        self.0.as_ref().is_some_and(|asked| asked.has_ended.load(Ordering::Acquire))
    }

    /// The time that asking took in all, which is that of the pauses.
    pub fn blocked(&self) -> Duration {
        Duration::from_micros(self.0.as_ref().map_or(0, |asked| asked.blocked_micros.load(Ordering::Relaxed)))
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Interrupt").field(&self.has_ended()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_copies_know_of_an_end_and_of_the_time_that_asking_took() {
        assert!(!Interrupt::never().ends());
        let is_stopped = Arc::new(AtomicBool::default());
        let asked = Arc::clone(&is_stopped);
        let pause = Duration::from_millis(2);
        let interrupt = Interrupt::new(move || {
            let began = Instant::now();
            while began.elapsed() < pause {
                std::hint::spin_loop();
            }
            asked.load(Ordering::Acquire)
        });
        let copy = interrupt.clone();
        assert!(!copy.ends() && !interrupt.has_ended());
        is_stopped.store(true, Ordering::Release);
        assert!(!interrupt.has_ended(), "no one has asked since");
        assert!(copy.ends() && interrupt.has_ended() && interrupt.blocked() >= 2 * pause);
    }
}
