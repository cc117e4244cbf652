//! The time of a run, which stands still while the run is paused.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::domain::message::{RunEvent, RunNotice, RunObserver};

/// The run's observer, with its pauses timed. It blocks while the run is paused, so the time in it is no training time.
pub struct Clock<'a> {
    observer: &'a dyn RunObserver,
    began: Instant,
    paused_micros: AtomicU64,
}

impl<'a> Clock<'a> {
    /// A clock that starts now.
    pub fn new(observer: &'a dyn RunObserver) -> Self {
        Self { observer, began: Instant::now(), paused_micros: AtomicU64::new(0) }
    }

    /// The time since the clock was made, without pauses.
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

/// How long a training has been under way, over all its interruptions.
pub struct Stopwatch<'a> {
    pub clock: &'a Clock<'a>,
    /// What the clock showed at the first batch.
    began: Duration,
    /// Seconds that had gone when the checkpoint was written that the training resumed from.
    secs_before: f64,
    /// Seconds that had gone at the last lap.
    pub lap_secs: f64,
}

impl<'a> Stopwatch<'a> {
    /// Begins to count, after the seconds of the run before it was interrupted.
    pub fn new(clock: &'a Clock<'a>, secs_before: f64) -> Self {
        Self { clock, began: clock.elapsed(), secs_before, lap_secs: secs_before }
    }

    /// Seconds of training so far.
    pub fn elapsed_secs(&self) -> f64 {
        self.secs_before + (self.clock.elapsed() - self.began).as_secs_f64()
    }

    /// Remembers the seconds of training so far.
    pub fn lap(&mut self) {
        self.lap_secs = self.elapsed_secs();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pauses(Duration);

    impl RunObserver for Pauses {
        fn emit(&self, _: RunEvent) {}

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
