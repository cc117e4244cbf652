//! The postman brings a window its events in bundles, about ten times a second, on a thread of its own. What the window
//! does not take yet waits in an unbounded channel, so that a run never waits for a window.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use crate::domain::message::{Event, Notice, RunId, RunNotice, SweepEvent, Task};
use crate::domain::problem::{Outcome, Problem};

/// A window is drawn from events of this age at most.
const INTERVAL: Duration = Duration::from_millis(100);

/// The postman calls it after each bundle, so that a sleeping window wakes up.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

struct Postman {
    inbox: Receiver<Event>,
    window: Sender<Event>,
    waker: Waker,
    /// Set when the window no longer listens.
    gone: Arc<AtomicBool>,
    /// The bundle that goes out next.
    bundle: Vec<Event>,
    sent: Instant,
}

/// Starts the postman. It ends, with everything delivered, when no one can send any more.
///
/// # Errors
/// `internal-error` when the system gives no more threads.
pub fn open(window: Sender<Event>, waker: Waker, gone: Arc<AtomicBool>) -> Outcome<Sender<Event>> {
    let (outbox, inbox) = unbounded();
    let postman = Postman { inbox, window, waker, gone, bundle: Vec::new(), sent: Instant::now() };
    thread::Builder::new().name("thaw-postman".into()).spawn(move || postman.serve()).map_err(Problem::internal)?;
    Ok(outbox)
}

impl Postman {
    fn serve(mut self) {
        loop {
            let due = self.sent + INTERVAL;
            let next = match self.bundle.is_empty() {
                true => self.inbox.recv().map_err(RecvTimeoutError::from),
                false => self.inbox.recv_deadline(due),
            };
            match next {
                Ok(event) => {
                    let is_patient = is_patient(&event);
                    add(&mut self.bundle, event);
                    // Under a stream of events the deadline passes without a timeout.
                    if is_patient && Instant::now() < due {
                        continue;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.deliver();
                    return;
                }
            }
            if !self.deliver() {
                return;
            }
        }
    }

    /// Sends the bundle; false when the window no longer listens.
    fn deliver(&mut self) -> bool {
        for event in self.bundle.drain(..) {
            if self.window.send(event).is_err() {
                self.gone.store(true, Ordering::Release);
                return false;
            }
        }
        self.sent = Instant::now();
        (self.waker)();
        true
    }
}

/// Whether an event may wait for its bundle. An answer, for which someone waits, sends the bundle off at once.
fn is_patient(event: &Event) -> bool {
    matches!(event, Event::Run(..) | Event::Sweep(_, SweepEvent::RatePoint(_))) || progress_of(event).is_some()
}

/// Adds an event to a bundle: a run's events become one, and only the newest progress of a task is worth showing.
fn add(bundle: &mut Vec<Event>, event: Event) {
    if let Some(task) = progress_of(&event) {
        let older = std::mem::take(bundle).into_iter().filter(|older| progress_of(older) != Some(task));
        older.for_each(|older| append(bundle, older));
    }
    append(bundle, event);
}

fn append(bundle: &mut Vec<Event>, mut event: Event) {
    if let Event::Run(id, newer) = &mut event
        && let Some(Event::Run(last, events)) = bundle.last_mut()
        && last == id
    {
        events.append(newer);
    } else {
        bundle.push(event);
    }
}

/// The task whose progress an event tells, and the run that it belongs to.
fn progress_of(event: &Event) -> Option<(Option<RunId>, Task)> {
    match event {
        Event::OfRun(id, RunNotice::Progress(progress)) => Some((Some(*id), progress.task)),
        Event::Notice(Notice::Progress(progress)) => Some((None, progress.task)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use crate::domain::message::{Progress, RunEvent, Step};

    use super::super::sink::Sink;
    use super::*;

    const RUN: RunId = RunId(1);

    fn step(step: usize) -> Event {
        let step =
            Step { step, epoch: 1, loss: 1.0, accuracy: 0.5, learning_rate: 1e-3, grad_norm: 1.0, elapsed_secs: 0.1 };
        Event::Run(RUN, vec![RunEvent::Step(step)])
    }

    fn progress(task: Task, done: usize) -> Event {
        Event::OfRun(RUN, RunNotice::Progress(Progress { task, done, total: 9 }))
    }

    fn steps(events: &[Event]) -> Vec<usize> {
        let of = |event: &Event| match event {
            Event::Run(RUN, events) => events.clone(),
            _ => Vec::new(),
        };
        let number = |event| if let RunEvent::Step(step) = event { Some(step.step) } else { None };
        events.iter().flat_map(of).filter_map(number).collect()
    }

    #[test]
    fn a_window_that_never_reads_holds_nothing_up() {
        const STEPS: usize = 100_000;
        let (sender, events) = unbounded();
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let waker = Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let began = Instant::now();
        let sink = Sink::to_window(sender, waker).unwrap();
        (1..=STEPS).for_each(|n| sink.send(step(n)));
        drop(sink);
        let got: Vec<Event> = events.iter().collect();
        assert_eq!(steps(&got), (1..=STEPS).collect::<Vec<_>>());
        let most = began.elapsed().as_millis() / INTERVAL.as_millis() + 2;
        assert!((got.len() as u128) <= most, "{} bundles", got.len());
        assert!(woken.load(Ordering::Relaxed) >= got.len(), "the window is woken for each");
    }

    #[test]
    fn nothing_waits_for_the_next_event() {
        let (sender, events) = unbounded();
        let sink = Sink::to_window(sender, Arc::new(|| {})).unwrap();
        sink.send(progress(Task::Reference, 0));
        let got = events.recv_timeout(Duration::from_secs(30)).unwrap();
        assert!(progress_of(&got) == Some((Some(RUN), Task::Reference)));
        drop(events);
        while !sink.is_gone() {
            sink.send(progress(Task::Reference, 1));
            thread::yield_now();
        }
    }

    #[test]
    fn an_answer_is_brought_at_once_and_nothing_overtakes() {
        let (sender, events) = unbounded();
        let sink = Sink::to_window(sender, Arc::new(|| {})).unwrap();
        (1..=3).for_each(|n| sink.send(step(n)));
        sink.send(Event::OfRun(RUN, RunNotice::Paused(true)));
        sink.send(step(4));
        drop(sink);
        let got: Vec<Event> = events.iter().collect();
        let pause = got.iter().position(|event| matches!(event, Event::OfRun(..))).unwrap();
        assert_eq!((steps(&got[..pause]), steps(&got[pause..])), (vec![1, 2, 3], vec![4]));
    }

    #[test]
    fn of_progress_only_the_newest_is_brought() {
        let mut bundle = Vec::new();
        for n in 1..=9 {
            add(&mut bundle, progress(Task::Validate, n));
            add(&mut bundle, progress(Task::Test, n));
            add(&mut bundle, step(n));
        }
        let newest: Vec<usize> = bundle
            .iter()
            .filter_map(|event| match event {
                Event::OfRun(_, RunNotice::Progress(progress)) => Some(progress.done),
                _ => None,
            })
            .collect();
        assert_eq!((newest, steps(&bundle)), (vec![9, 9], (1..=9).collect()));
        assert_eq!(bundle.len(), 4, "all steps but the last are one event");
    }
}
