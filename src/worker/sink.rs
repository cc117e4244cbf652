//! The way of events to a face: straight to a terminal, through a postman to a window.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::Sender;

use crate::domain::message::Event;
use crate::domain::problem::Outcome;

use super::postman::{self, Waker};

/// Sends events in order and loses none. All threads of the worker share it, and it holds no lock.
#[derive(Debug)]
pub struct Sink {
    events: Sender<Event>,
    gone: Arc<AtomicBool>,
}

impl Sink {
    /// Every event reaches a terminal at once. A full channel holds the sender up, so that a run waits for a slow pipe.
    pub fn to_terminal(events: Sender<Event>) -> Self {
        Self { events, gone: Arc::default() }
    }

    /// A postman brings a window its events in bundles, so that a run never waits for a window that draws nothing.
    ///
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn to_window(window: Sender<Event>, waker: Waker) -> Outcome<Self> {
        let gone = Arc::default();
        Ok(Self { events: postman::open(window, waker, Arc::clone(&gone))?, gone })
    }

    pub fn send(&self, event: Event) {
        if self.events.send(event).is_err() {
            self.gone.store(true, Ordering::Release);
        }
    }

    /// Whether the face no longer listens.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::bounded;

    use crate::domain::message::{RunId, RunNotice};

    use super::*;

    #[test]
    fn a_terminal_gets_all_at_once_and_its_end_is_noticed() {
        let (sender, events) = bounded(16);
        let sink = Sink::to_terminal(sender);
        for n in 1..=9 {
            sink.send(Event::OfRun(RunId(1), RunNotice::Paused(true)));
            assert_eq!(events.len(), n);
        }
        assert!(!sink.is_gone());
        drop(events);
        sink.send(Event::OfRun(RunId(1), RunNotice::Paused(false)));
        assert!(sink.is_gone());
    }
}
