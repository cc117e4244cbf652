//! The worker as a face holds it.

use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use crate::domain::message::{Command, Event};
use crate::domain::problem::{Outcome, Problem};

use super::desk::Desk;
use super::shared::Shared;
use super::sink::{Pace, Sink, Waker};
use super::system::keep_freed_memory;

/// Far more than a face asks between two looks at the answers.
const COMMANDS: usize = 256;
const EVENTS: usize = 4096;

/// The background thread between the engine and a face: takes commands, sends events.
///
/// Dropping it stops a run under way, and waits until that is saved.
#[derive(Debug)]
pub struct Worker {
    pub commands: Sender<Command>,
    pub events: Receiver<Event>,
    /// Disconnected when the desk has closed.
    closed: Receiver<()>,
}

impl Worker {
    /// A worker for a window: steps and progress come about ten times a second; `waker` is called after each bundle.
    ///
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn spawn(waker: Waker) -> Outcome<Self> {
        Self::spawn_at(Pace::Screen, waker)
    }

    /// A worker for a terminal: every event comes through, at once and in order.
    ///
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn spawn_for_terminal() -> Outcome<Self> {
        Self::spawn_at(Pace::Every, Arc::new(|| {}))
    }

    fn spawn_at(pace: Pace, waker: Waker) -> Outcome<Self> {
        keep_freed_memory();
        let (commands, inbox) = bounded(COMMANDS);
        let (outbox, events) = bounded(EVENTS);
        let (closing, closed) = bounded(0);
        let shared = Arc::new(Shared::new(Sink::new(outbox, waker, pace))?);
        let work = move || {
            Desk::new(shared).serve(&inbox);
            drop(closing);
        };
        thread::Builder::new().name("thaw-desk".into()).spawn(work).map_err(Problem::internal)?;
        Ok(Self { commands, events, closed })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let mut events = self.events.clone();
        let mut is_asked = false;
        // Events are taken and let go meanwhile, so that no thread waits for ever on a full channel.
        loop {
            if is_asked {
                select! {
                    recv(events) -> event => if event.is_err() { events = never() },
                    recv(self.closed) -> _ => return,
                }
            } else {
                select! {
                    send(self.commands, Command::Shutdown) -> _ => is_asked = true,
                    recv(events) -> event => if event.is_err() { events = never() },
                    recv(self.closed) -> _ => return,
                }
            }
        }
    }
}
