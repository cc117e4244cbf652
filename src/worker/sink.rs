//! The way of events to a face: at its pace, in order, none lost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use crate::domain::message::{Event, EventKind};

/// How often a face wants to hear of steps and progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Steps come in bundles about ten times a second, and of progress only the newest: for a screen.
    Screen,
    /// Every event at once: for a terminal.
    Every,
}

const SCREEN_INTERVAL: Duration = Duration::from_millis(100);

/// Called after events were sent, so that a sleeping window wakes up.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// Sends events; shared by all threads of the worker.
pub struct Sink {
    events: Sender<Event>,
    waker: Waker,
    pace: Pace,
    held: Mutex<Held>,
    gone: AtomicBool,
}

/// Events that wait for the next bundle.
struct Held {
    events: Vec<Event>,
    sent: Instant,
}

impl Sink {
    pub fn new(events: Sender<Event>, waker: Waker, pace: Pace) -> Self {
        let held = Mutex::new(Held { events: Vec::new(), sent: Instant::now() });
        Self { events, waker, pace, held, gone: AtomicBool::new(false) }
    }

    /// Sends an event; blocks while the channel is full.
    pub fn send(&self, event: Event) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let can_wait =
            self.pace == Pace::Screen && matches!(event.kind, EventKind::Step(_) | EventKind::Progress { .. });
        if let (EventKind::Progress { stage, .. }, Some(last)) = (&event.kind, held.events.last_mut())
            && matches!(&last.kind, EventKind::Progress { stage: s, .. } if s == stage && last.run_id == event.run_id)
        {
            *last = event;
        } else {
            held.events.push(event);
        }
        if !can_wait || held.sent.elapsed() >= SCREEN_INTERVAL {
            self.flush(&mut held);
        }
    }

    /// Sends what is held when it is time; called between batches, so that nothing waits for the next event.
    pub fn tick(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !held.events.is_empty() && held.sent.elapsed() >= SCREEN_INTERVAL {
            self.flush(&mut held);
        }
    }

    /// Whether the face no longer listens.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    fn flush(&self, held: &mut Held) {
        for event in held.events.drain(..) {
            if self.events.send(event).is_err() {
                self.gone.store(true, Ordering::Release);
            }
        }
        held.sent = Instant::now();
        (self.waker)();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use crossbeam_channel::{Receiver, bounded};

    use crate::domain::message::{Stage, Step};

    use super::*;

    fn sink(pace: Pace) -> (Sink, Receiver<Event>, Arc<AtomicUsize>) {
        let (sender, events) = bounded(1024);
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let waker = Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        (Sink::new(sender, waker, pace), events, woken)
    }

    fn step(step: usize) -> Event {
        let step =
            Step { step, epoch: 1, loss: 1.0, accuracy: 0.5, learning_rate: 1e-3, grad_norm: 1.0, elapsed_secs: 0.1 };
        Event { run_id: None, kind: EventKind::Step(step) }
    }

    fn progress(done: usize) -> Event {
        Event { run_id: None, kind: EventKind::Progress { stage: Stage::Test, done, total: 9 } }
    }

    #[test]
    fn a_screen_gets_steps_in_bundles_and_in_order() {
        let (sink, events, woken) = sink(Pace::Screen);
        for n in 1..=200 {
            sink.send(step(n));
        }
        sink.send(Event { run_id: None, kind: EventKind::Paused });
        let got: Vec<_> = events.try_iter().collect();
        let steps: Vec<usize> =
            got.iter().filter_map(|e| if let EventKind::Step(s) = &e.kind { Some(s.step) } else { None }).collect();
        assert_eq!(steps, (1..=200).collect::<Vec<_>>());
        assert!(matches!(got.last().unwrap().kind, EventKind::Paused));
        assert!(woken.load(Ordering::Relaxed) < 100, "bundled");
    }

    #[test]
    fn of_progress_only_the_newest_waits() {
        let (sink, events, _) = sink(Pace::Screen);
        for done in 1..=9 {
            sink.send(progress(done));
        }
        sink.send(Event { run_id: None, kind: EventKind::Resumed });
        let got: Vec<_> = events.try_iter().collect();
        assert!(matches!(got[got.len() - 2].kind, EventKind::Progress { done: 9, .. }));
        assert!(got.len() < 9);
    }

    #[test]
    fn a_terminal_gets_all_at_once() {
        let (sink, events, _) = sink(Pace::Every);
        for done in 1..=9 {
            sink.send(progress(done));
            assert_eq!(events.len(), done);
        }
    }

    #[test]
    fn a_closed_window_is_noticed() {
        let (sink, events, _) = sink(Pace::Every);
        assert!(!sink.is_gone());
        drop(events);
        sink.send(step(1));
        assert!(sink.is_gone());
    }
}
