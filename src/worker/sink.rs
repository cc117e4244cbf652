//! The way of events to a face: straight to a terminal; to a window in bundles, about ten times a second, which a postman
//! brings on a thread of its own. What the window does not take yet waits in an unbounded channel, so that a run never waits
//! for a window.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::domain::message::{Event, Notice, RunId, RunNotice, SweepEvent, Task};
use crate::domain::problem::{Outcome, Problem};

/// A window is drawn from events of this age at most.
const INTERVAL: Duration = Duration::from_millis(100);

/// The postman calls it after each bundle, so that a sleeping window wakes up.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// Sends events in order and loses none. All threads of the worker share it, and it holds no lock.
#[derive(Debug)]
pub struct Sink {
    events: Sender<Event>,
    gone: AtomicBool,
}

impl Sink {
    /// Every event reaches a terminal at once. A full channel holds the sender up, so that a run waits for a slow pipe.
    pub fn to_terminal(events: Sender<Event>) -> Self {
        Self { events, gone: AtomicBool::default() }
    }

    /// A postman brings a window its events in bundles, so that a run never waits for a window that draws nothing.
    ///
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn to_window(window: Sender<Event>, waker: Waker) -> Outcome<Self> {
        let (events, inbox) = unbounded();
        let postman = move || bring(&inbox, &window, &waker);
        thread::Builder::new().name("thaw-postman".into()).spawn(postman).map_err(Problem::internal)?;
        Ok(Self::to_terminal(events))
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

/// Brings a window its events. It ends when no one can send any more, with everything delivered, or when the window no
/// longer listens, which whoever sends next finds out.
fn bring(inbox: &Receiver<Event>, window: &Sender<Event>, waker: &Waker) {
    let mut due = Instant::now() + INTERVAL;
    for event in inbox {
        let mut may_wait = is_patient(&event);
        let mut bundle = vec![event];
        // Under a stream of events the deadline passes without a timeout.
        while may_wait
            && Instant::now() < due
            && let Ok(event) = inbox.recv_deadline(due)
        {
            may_wait = is_patient(&event);
            add(&mut bundle, event);
        }
        if bundle.into_iter().any(|event| window.send(event).is_err()) {
            return;
        }
        waker();
        due = Instant::now() + INTERVAL;
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

    use crossbeam_channel::bounded;

    use crate::domain::message::{Progress, RunEvent, Step};

    use super::*;

    const RUN: RunId = RunId(1);

    fn step(step: usize) -> Event {
        let step = Step { step, epoch: 1, ..Step::default() };
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
    fn a_terminal_gets_all_at_once_and_its_end_is_noticed() {
        let (sender, events) = bounded(16);
        let sink = Sink::to_terminal(sender);
        for n in 1..=9 {
            sink.send(Event::OfRun(RUN, RunNotice::Paused(true)));
            assert_eq!(events.len(), n);
        }
        assert!(!sink.is_gone());
        drop(events);
        sink.send(Event::OfRun(RUN, RunNotice::Paused(false)));
        assert!(sink.is_gone());
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
