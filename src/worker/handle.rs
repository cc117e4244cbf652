//! The worker as a face holds it.

use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, never, unbounded};

use crate::domain::message::{Command, Event};
use crate::domain::problem::{Outcome, Problem};

use super::desk::serve;
use super::shared::Shared;
use super::sink::{Sink, Waker};
use super::system::keep_freed_memory;

/// A face never sends so many commands between two looks at the events.
const COMMANDS: usize = 256;
/// A terminal may be behind by so many events before it holds the work up.
const EVENTS: usize = 4096;

/// The background thread between the engine and a face: it takes commands and sends events.
///
/// Dropping it stops a run under way and waits until what was learned is saved.
#[derive(Debug)]
pub struct Worker {
    pub commands: Sender<Command>,
    pub events: Receiver<Event>,
    /// Disconnected when the desk has closed.
    closed: Receiver<()>,
}

impl Worker {
    /// A worker for a window. Events come in bundles about ten times a second, an answer at once; `waker` is called after
    /// each bundle. However long the window takes nothing, no work waits for it.
    ///
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn spawn(waker: Waker) -> Outcome<Self> {
        let (window, events) = unbounded();
        Self::open(Sink::to_window(window, waker)?, events)
    }

    /// A worker for a terminal. Every event comes at once and in order; a terminal that takes none holds the work up.
    ///
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn spawn_for_terminal() -> Outcome<Self> {
        let (terminal, events) = bounded(EVENTS);
        Self::open(Sink::to_terminal(terminal), events)
    }

    fn open(sink: Sink, events: Receiver<Event>) -> Outcome<Self> {
        keep_freed_memory();
        let (commands, inbox) = bounded(COMMANDS);
        let (closing, closed) = bounded(0);
        let shared = Arc::new(Shared::new(sink)?);
        let work = move || {
            serve(&shared, &inbox);
            // What the worker holds is let go of before it counts as closed.
            drop(shared);
            drop(closing);
        };
        thread::Builder::new().name("thaw-desk".into()).spawn(work).map_err(Problem::internal)?;
        Ok(Self { commands, events, closed })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // With no one to read the events, no thread waits for ever on a full channel.
        self.events = never();
        self.commands.send(Command::Shutdown).ok();
        self.closed.recv().ok();
    }
}
