//! Stop and Pause of one run, set by the desk and read by the run between batches.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

/// Shared by the desk and the thread of one run.
#[derive(Debug)]
pub struct Control {
    stop: AtomicBool,
    /// Held until Stop; its receiver's end then tells whoever waits for something else as well.
    stop_signal: Mutex<Option<Sender<()>>>,
    stopped: Receiver<()>,
    pause: Mutex<Pause>,
    changed: Condvar,
    /// Set just before `RunEnded` goes out, so that whoever hears of the end may start the next run at once.
    ended: AtomicBool,
}

#[derive(Debug, Default)]
struct Pause {
    wanted: bool,
    /// Whether the run has told that it stands still.
    told: bool,
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
        }
    }
}

impl Control {
    /// Ends the run within a batch, a paused one too.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        *self.stop_signal.lock().unwrap_or_else(PoisonError::into_inner) = None;
        drop(self.pause.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
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
    }

    /// Stands still while the run is paused. `tell(true)` is called when it begins to, `tell(false)` when it goes on.
    pub fn wait_while_paused(&self, tell: impl Fn(bool)) {
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        while pause.wanted && !self.is_stopped() {
            if !pause.told {
                pause.told = true;
                // Telling may block on a full channel, and Stop and Resume must get through meanwhile.
                drop(pause);
                tell(true);
                pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            pause = self.changed.wait(pause).unwrap_or_else(PoisonError::into_inner);
        }
        if std::mem::take(&mut pause.told) {
            drop(pause);
            tell(false);
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
        let (told, hear) = bounded(4);
        let control = Arc::clone(control);
        let thread = thread::spawn(move || control.wait_while_paused(|still| told.send(still).unwrap()));
        (thread, hear)
    }

    #[test]
    fn a_paused_run_goes_on_when_told() {
        let control = Arc::new(Control::default());
        control.set_paused(true);
        let (thread, hear) = paused_thread(&control);
        assert_eq!(hear.recv(), Ok(true));
        control.set_paused(false);
        assert_eq!(hear.recv(), Ok(false));
        thread.join().unwrap();
        assert!(!control.is_stopped());
    }

    #[test]
    fn stop_ends_a_pause() {
        let control = Arc::new(Control::default());
        control.set_paused(true);
        let (thread, hear) = paused_thread(&control);
        assert_eq!(hear.recv(), Ok(true));
        control.stop();
        thread.join().unwrap();
        assert!(control.stopped().recv().is_err(), "waiting for the stop ends");
    }
}
