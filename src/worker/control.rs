//! Stop and Pause of one run, set by the desk and read by the run between batches.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

/// Shared by the desk and the thread of one run, or of a race, which has one of its own for each of its runs.
#[derive(Debug)]
pub struct Control {
    stop: AtomicBool,
    /// Dropped at Stop, which wakes whoever waits at its receiver beside something else.
    stop_signal: Mutex<Option<Sender<()>>>,
    stopped: Receiver<()>,
    pause: Mutex<Pause>,
    changed: Condvar,
    /// Set just before the last event goes out, so that whoever hears of the end may start the next run at once.
    ended: AtomicBool,
    /// The run under way of a race; `None` in a run by itself.
    race_run: Mutex<Option<Arc<Control>>>,
}

#[derive(Debug, Default)]
struct Pause {
    wanted: bool,
    /// Whether it was said that the run stands still.
    is_told: bool,
}

impl Default for Control {
    fn default() -> Self {
        let (stop_signal, stopped) = bounded(0);
        Self {
            stop: AtomicBool::new(false),
            stop_signal: Mutex::new(Some(stop_signal)),
            stopped,
            pause: Mutex::default(),
            changed: Condvar::new(),
            ended: AtomicBool::new(false),
            race_run: Mutex::default(),
        }
    }
}

impl Control {
    /// Ends the run within a batch, even while it is paused.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        *self.stop_signal.lock().unwrap_or_else(PoisonError::into_inner) = None;
        drop(self.pause.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
        self.skip();
    }

    /// Ends the race's run under way, if there is one.
    pub fn skip(&self) {
        if let Some(run) = &*self.race_run.lock().unwrap_or_else(PoisonError::into_inner) {
            run.stop();
        }
    }

    /// The control of a race's next run, which stops with the race and stands still with it.
    pub fn next_run(&self) -> Arc<Self> {
        let run = Arc::new(Self::default());
        *self.race_run.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&run));
        // Whoever stops or pauses the race from here on finds the run.
        run.set_paused(self.pause.lock().unwrap_or_else(PoisonError::into_inner).wanted);
        if self.is_stopped() {
            run.stop();
        }
        run
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Becomes disconnected when the run is stopped.
    pub fn stopped(&self) -> &Receiver<()> {
        &self.stopped
    }

    pub fn set_paused(&self, wanted: bool) {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner).wanted = wanted;
        self.changed.notify_all();
        if let Some(run) = &*self.race_run.lock().unwrap_or_else(PoisonError::into_inner) {
            run.set_paused(wanted);
        }
    }

    /// Stands still while the run is paused. `on_change(true)` is called when the pause begins, `on_change(false)` when it
    /// ends.
    pub fn wait_while_paused(&self, on_change: impl Fn(bool)) {
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        while pause.wanted && !self.is_stopped() {
            if !pause.is_told {
                pause.is_told = true;
                // The call may block on a full channel, and Stop and Resume must get through meanwhile.
                drop(pause);
                on_change(true);
                pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            pause = self.changed.wait(pause).unwrap_or_else(PoisonError::into_inner);
        }
        if std::mem::take(&mut pause.is_told) {
            drop(pause);
            on_change(false);
        }
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
        control.set_paused(false);
        assert_eq!(seen.recv(), Ok(false));
        thread.join().unwrap();
        assert!(!control.is_stopped());
    }

    #[test]
    fn a_race_hands_on_to_its_run() {
        let race = Control::default();
        let first = race.next_run();
        race.skip();
        assert!(first.is_stopped() && !race.is_stopped());
        race.set_paused(true);
        let second = race.next_run();
        assert!(!second.is_stopped() && second.pause.lock().unwrap().wanted, "a run of a paused race waits");
        race.set_paused(false);
        assert!(!second.pause.lock().unwrap().wanted);
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
        assert!(control.stopped().recv().is_err(), "waiting for the stop ends");
    }
}
