//! Stop and Pause of one run, set by the desk and read by the run between batches and between layers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::lane::lock;

/// Shared by the desk and the thread of one run, or of a race, which has one of its own for each of its runs.
#[derive(Debug)]
pub struct Control {
    stop: AtomicBool,
    /// Dropped at Stop, which wakes whoever waits at its receiver beside something else.
    stop_signal: Mutex<Option<Sender<()>>>,
    /// Becomes disconnected when the run is stopped.
    pub stopped: Receiver<()>,
    is_paused: Mutex<bool>,
    changed: Condvar,
    /// This is true while the run's thread stands still. Whoever holds the lock keeps it from going on.
    is_at_rest: Mutex<bool>,
    /// Set just before the last event goes out, so that whoever hears of the end may start the next run at once.
    ended: AtomicBool,
    /// The run under way of a race; `None` in a run by itself.
    race_run: Mutex<Option<Arc<Control>>>,
}

impl Default for Control {
    fn default() -> Self {
        let (stop_signal, stopped) = bounded(0);
        Self {
            stop: AtomicBool::default(),
            stop_signal: Mutex::new(Some(stop_signal)),
            stopped,
            is_paused: Mutex::default(),
            changed: Condvar::default(),
            is_at_rest: Mutex::default(),
            ended: AtomicBool::default(),
            race_run: Mutex::default(),
        }
    }
}

impl Control {
    /// Ends the run within a batch, even while it is paused.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        *lock(&self.stop_signal) = None;
        drop(lock(&self.is_paused));
        self.changed.notify_all();
        self.skip();
    }

    /// Ends the race's run under way, if there is one.
    pub fn skip(&self) {
        if let Some(run) = &*lock(&self.race_run) {
            run.stop();
        }
    }

    /// The control of a race's next run, which stops with the race and stands still with it.
    pub fn next_run(&self) -> Arc<Self> {
        let run = Arc::new(Self::default());
        *lock(&self.race_run) = Some(Arc::clone(&run));
        // Whoever stops or pauses the race from here on finds the run.
        run.set_paused(*lock(&self.is_paused));
        if self.is_stopped() {
            run.stop();
        }
        run
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    pub fn set_paused(&self, wanted: bool) {
        *lock(&self.is_paused) = wanted;
        self.changed.notify_all();
        if let Some(run) = &*lock(&self.race_run) {
            run.set_paused(wanted);
        }
    }

    /// Stands still while the run is paused. `on_change(true)` is called when the pause begins, `on_change(false)` when it
    /// ends.
    pub fn wait_while_paused(&self, on_change: impl Fn(bool)) {
        if !*lock(&self.is_paused) || self.is_stopped() {
            return;
        }
        // The lock is not held while `on_change` blocks on a full channel, so that Stop and Resume get through meanwhile.
        *lock(&self.is_at_rest) = true;
        on_change(true);
        drop(self.changed.wait_while(lock(&self.is_paused), |is_paused| *is_paused && !self.is_stopped()));
        *lock(&self.is_at_rest) = false;
        on_change(false);
    }

    /// Does something while the run stands still and has it wait until that is done; `None` where the run is not paused.
    pub fn at_rest<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let is_at_rest = lock(&self.is_at_rest);
        is_at_rest.then(work)
    }

    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    fn paused_thread(control: &Arc<Control>) -> (thread::JoinHandle<()>, Receiver<bool>) {
        let (changes, seen) = bounded(4);
        let control = Arc::clone(control);
        let thread = thread::spawn(move || control.wait_while_paused(|is_paused| changes.send(is_paused).unwrap()));
        (thread, seen)
    }

    #[test]
    fn a_paused_run_goes_on_when_told() {
        let control = Arc::new(Control::default());
        control.set_paused(true);
        let (thread, seen) = paused_thread(&control);
        assert_eq!(seen.recv(), Ok(true));
        // Whoever looks at what the run works on keeps it still, also when it is told to go on meanwhile.
        let looked = control.at_rest(|| {
            control.set_paused(false);
            seen.try_recv().is_err()
        });
        assert_eq!(looked, Some(true));
        assert_eq!(seen.recv(), Ok(false));
        thread.join().unwrap();
        assert!(!control.is_stopped() && control.at_rest(|| ()).is_none());
    }

    #[test]
    fn a_race_hands_on_to_its_run() {
        let race = Control::default();
        let first = race.next_run();
        race.skip();
        assert!(first.is_stopped() && !race.is_stopped());
        race.set_paused(true);
        let second = race.next_run();
        assert!(!second.is_stopped() && *second.is_paused.lock().unwrap(), "a run of a paused race waits");
        race.set_paused(false);
        assert!(!*second.is_paused.lock().unwrap());
        race.stop();
        assert!(second.is_stopped() && race.next_run().is_stopped());
    }

    #[test]
    fn stop_ends_a_pause() {
        let control = Arc::new(Control::default());
        control.set_paused(true);
        let (thread, seen) = paused_thread(&control);
        assert_eq!(seen.recv(), Ok(true));
        control.stop();
        thread.join().unwrap();
        assert!(control.stopped.recv().is_err(), "waiting for the stop ends");
    }
}
