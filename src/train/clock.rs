//! The time of a run, which stands still while the run is paused.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::domain::interrupt::Interrupt;
use crate::domain::message::{RunEvent, RunNotice, RunObserver, Teller};

use super::prefix::Account;

/// The run's observer, with its pauses timed. It blocks while the run is paused, so the time in it is no training time.
pub struct Clock<'a> {
    observer: &'a dyn RunObserver,
    began: Instant,
    paused_micros: AtomicU64,
    interrupt: Interrupt,
}

impl<'a> Clock<'a> {
    /// A clock that starts now.
    pub fn new(observer: &'a dyn RunObserver) -> Self {
        let interrupt = observer.interrupt();
        Self { observer, began: Instant::now(), paused_micros: AtomicU64::new(0), interrupt }
    }

    /// The time since the clock was made, without pauses.
    pub fn elapsed(&self) -> Duration {
        let between_batches = Duration::from_micros(self.paused_micros.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(between_batches + self.interrupt.blocked())
    }
}

impl RunObserver for Clock<'_> {
    fn emit(&self, event: RunEvent) {
        self.observer.emit(event);
    }

    fn notify(&self, notice: RunNotice) {
        self.observer.notify(notice);
    }

    fn learn(&self, epoch: usize, confidences: &[(u32, f32)]) {
        self.observer.learn(epoch, confidences);
    }

    fn stop_requested(&self) -> bool {
        let asked = Instant::now();
        let stops = self.observer.stop_requested();
        let micros = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.paused_micros.fetch_add(micros, Ordering::Relaxed);
        stops
    }

    fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    fn teller(&self) -> Teller {
        self.observer.teller()
    }
}

/// The seconds of a training, over all its interruptions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TrainingTime {
    /// What the training is charged: what it spent, and what the work took that it has taken over from others.
    pub secs: f64,
    /// How much of that it has taken over.
    pub shared_secs: f64,
}

/// How long a training has been under way, over all its interruptions.
pub struct Stopwatch<'a> {
    clock: &'a Clock<'a>,
    account: Arc<Account>,
    /// What the clock showed at the first batch.
    began: Duration,
    /// The time when the checkpoint was written that the training resumed from.
    before: TrainingTime,
    /// The time at the last lap.
    pub lap: TrainingTime,
}

impl<'a> Stopwatch<'a> {
    /// Begins to count, after the time of the run before it was interrupted.
    pub fn new(clock: &'a Clock<'a>, account: Arc<Account>, before: TrainingTime) -> Self {
        Self { clock, account, began: clock.elapsed(), before, lap: before }
    }

    /// The time of the training so far.
    pub fn elapsed(&self) -> TrainingTime {
        let (own, taken_over) = ((self.clock.elapsed() - self.began).as_secs_f64(), self.account.taken_over_secs());
        let TrainingTime { secs, shared_secs } = self.before;
        TrainingTime { secs: secs + own + taken_over, shared_secs: shared_secs + taken_over }
    }

    /// Remembers the time of the training so far.
    pub fn lap(&mut self) {
        self.lap = self.elapsed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pauses(Duration);

    fn pass(pause: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < pause {
            std::hint::spin_loop();
        }
        true
    }

    impl RunObserver for Pauses {
        fn emit(&self, _: RunEvent) {}

        fn stop_requested(&self) -> bool {
            pass(self.0)
        }

        fn interrupt(&self) -> Interrupt {
            let pause = self.0;
            Interrupt::new(move || pass(pause))
        }
    }

    #[test]
    fn it_stands_still_while_the_run_is_paused() {
        let began = Instant::now();
        let pause = Duration::from_millis(20);
        let observer = Pauses(pause);
        let clock = Clock::new(&observer);
        assert!(clock.stop_requested() && clock.stop_requested());
        assert!(clock.interrupt().ends(), "between two layers");
        assert!(clock.elapsed() + 3 * pause <= began.elapsed());
    }
}
