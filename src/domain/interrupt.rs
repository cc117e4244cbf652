//! How the network asks, between two of its layers, whether the work should go on, and tells how far it is. In a large model
//! a batch takes seconds; Stop and Pause are to be answered sooner, and a bar is to move.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Asks whether the work should end. Its copies are one, so that what one of them has met, all know.
#[derive(Clone, Default)]
pub struct Interrupt(Option<Arc<Asked>>);

struct Asked {
    should_end: Box<dyn Fn() -> bool + Send + Sync>,
    has_ended: AtomicBool,
    blocked_micros: AtomicU64,
    way: Mutex<Way>,
}

/// The layers that the network is on its way through.
struct Way {
    layers: usize,
    /// The number of times that it was asked. The layer before which it was asked last is not done yet.
    asked: usize,
    /// Takes the share that is done, from 0 to 1, where someone wants to know.
    tell: Option<Box<dyn Fn(f64) + Send>>,
    told: Instant,
}

/// The share that is done is told at most this often.
const TELL_EVERY: Duration = Duration::from_millis(100);

impl Asked {
    fn way(&self) -> MutexGuard<'_, Way> {
        self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Way {
    fn pass(&mut self) {
        let Some(tell) = &self.tell else { return };
        let done = self.asked.min(self.layers);
        self.asked += 1;
        if done > 0 && self.told.elapsed() >= TELL_EVERY {
            tell(done as f64 / self.layers as f64);
            self.told = Instant::now();
        }
    }
}

impl Interrupt {
    /// Asks `should_end`, which may block while the work is paused.
    pub fn new(should_end: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        let should_end = Box::new(should_end);
        Self(Some(Arc::new(Asked {
            should_end,
            has_ended: AtomicBool::default(),
            blocked_micros: AtomicU64::default(),
            way: Mutex::new(Way { layers: 0, asked: 0, tell: None, told: Instant::now() }),
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
        asked.way().pass();
        ends
    }

    /// Does work that sends the network through so many layers, forward or backward, and tells meanwhile which share of them
    /// is done, a few times in a second at most. Where no one is asked, no one is told.
    pub fn telling<T>(&self, layers: usize, tell: impl Fn(f64) + Send + 'static, work: impl FnOnce() -> T) -> T {
        let Some(asked) = &self.0 else { return work() };
        let told = asked.way().told;
        *asked.way() = Way { layers, asked: 0, tell: Some(Box::new(tell)), told };
        let done = work();
        asked.way().tell = None;
        done
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

    fn wait(time: Duration) {
        let began = Instant::now();
        while began.elapsed() < time {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn the_share_of_the_layers_that_is_done_is_told_now_and_then() {
        let told: Arc<Mutex<Vec<f64>>> = Arc::default();
        let interrupt = Interrupt::new(|| false);
        let through = |layers: usize, pause: Duration| {
            let to = Arc::clone(&told);
            let go = || {
                for _ in 0..layers {
                    wait(pause);
                    assert!(!interrupt.ends());
                }
                layers
            };
            assert_eq!(interrupt.telling(layers, move |share| to.lock().unwrap().push(share), go), layers);
            std::mem::take(&mut *told.lock().unwrap())
        };
        assert_eq!(through(4, TELL_EVERY), [0.25, 0.5, 0.75], "the layer under way is not done");
        let began = Instant::now();
        let some = through(1000, Duration::ZERO);
        let most = began.elapsed().as_millis() / TELL_EVERY.as_millis();
        assert!(some.len() as u128 <= most, "nobody could read so many: {some:?}");
        wait(TELL_EVERY);
        assert!(!interrupt.ends() && told.lock().unwrap().is_empty(), "what comes later is not told");
        assert_eq!(Interrupt::never().telling(4, |_| panic!("no one asks"), || 7), 7);
    }

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
