//! The time of a run, which stands still while the run is paused.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::domain::message::{RunEvent, RunNotice, RunObserver};

/// The run's observer, whose pauses are timed: it blocks while the run is paused.
pub struct Clock<'a> {
    observer: &'a dyn RunObserver,
    began: Instant,
    paused_micros: AtomicU64,
}

impl<'a> Clock<'a> {
    pub fn new(observer: &'a dyn RunObserver) -> Self {
        Self { observer, began: Instant::now(), paused_micros: AtomicU64::new(0) }
    }

    /// Since it was made, without pauses.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_micros(self.paused_micros.load(Ordering::Relaxed)))
    }
}

impl RunObserver for Clock<'_> {
    fn emit(&self, event: RunEvent) {
        self.observer.emit(event);
    }

    fn notify(&self, notice: RunNotice) {
        self.observer.notify(notice);
    }

    fn stop_requested(&self) -> bool {
        let asked = Instant::now();
        let stops = self.observer.stop_requested();
        let micros = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.paused_micros.fetch_add(micros, Ordering::Relaxed);
        stops
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pauses(Duration);

    impl RunObserver for Pauses {
        fn emit(&self, _: RunEvent) {}

        fn notify(&self, _: RunNotice) {}

        fn stop_requested(&self) -> bool {
            std::thread::sleep(self.0);
            true
        }
    }

    #[test]
    fn it_stands_still_while_the_run_is_paused() {
        let began = Instant::now();
        let pause = Duration::from_millis(20);
        let observer = Pauses(pause);
        let clock = Clock::new(&observer);
        assert!(clock.stop_requested() && clock.stop_requested());
        assert!(clock.elapsed() + 2 * pause <= began.elapsed());
    }
}
