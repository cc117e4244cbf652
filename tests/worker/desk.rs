//! A test has the window's side of the conversation: it asks, and waits for what is told.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::iter;

use super::*;

pub struct Desk {
    pub worker: Worker,
    pub place: tempfile::TempDir,
    pub woken: Arc<AtomicUsize>,
    asked: Cell<u64>,
    /// Events that were brought and not looked at yet, each event of a run by itself.
    brought: RefCell<VecDeque<Event>>,
}

impl Desk {
    pub fn new() -> Self {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let waker = move || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        Self {
            worker: Worker::spawn(Arc::new(waker)).unwrap(),
            place: tempfile::tempdir().unwrap(),
            woken,
            asked: Cell::new(0),
            brought: RefCell::default(),
        }
    }

    pub fn config(&self, freeze: Freeze, epochs: usize) -> Box<RunConfig> {
        let training = TrainingConfig { epochs, batch_size: 8, max_length: 16, ..TrainingConfig::default() };
        let data = DataConfig { max_rows: Some(60), ..DataConfig::default() };
        Box::new(RunConfig { data, freeze, training, out: Some(self.out()), ..RunConfig::default() })
    }

    pub fn out(&self) -> PathBuf {
        self.place.path().join("run")
    }

    /// A data file of the test's own.
    pub fn file(&self, name: &str, text: &str) -> DataConfig {
        let path = self.place.path().join(name);
        std::fs::write(&path, text).unwrap();
        DataConfig { source: DataSource::File(path), ..DataConfig::default() }
    }

    pub fn run(&self, command: RunCommand) {
        self.worker.commands.send(Command::Run(command)).unwrap();
    }

    pub fn send(&self, question: Question) -> AskId {
        self.asked.set(self.asked.get() + 1);
        let id = AskId(self.asked.get());
        self.worker.commands.send(Command::Ask(id, question)).unwrap();
        id
    }

    /// Asks, and waits for the answer to this question.
    pub fn ask(&self, question: Question) -> Outcome<Answer> {
        let id = self.send(question);
        self.wait(|event| if let Event::Answer(of, answer) = event { (of == id).then_some(answer) } else { None })
    }

    pub fn values(&self, name: &str, of: ValuesOf) -> ParameterView {
        let Ok(Answer::Parameter(view)) = self.ask(Question::Parameter { name: name.into(), of }) else { panic!() };
        *view
    }

    fn next(&self, deadline: Instant) -> Option<Event> {
        if let Some(event) = self.brought.borrow_mut().pop_front() {
            return Some(event);
        }
        match self.worker.events.recv_deadline(deadline).ok()? {
            Event::Run(id, events) => {
                let mut brought = self.brought.borrow_mut();
                brought.extend(events.into_iter().map(|event| Event::Run(id, vec![event])));
                brought.pop_front()
            }
            event => Some(event),
        }
    }

    /// Waits for the event that `found` answers to.
    pub fn wait<T>(&self, mut found: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            let event = self.next(Instant::now() + Duration::from_secs(60)).expect("an answer within a minute");
            if let Some(found) = found(event) {
                return found;
            }
        }
    }

    pub fn wait_for_step(&self) {
        self.wait(|event| is_step(&event).then_some(()));
    }

    pub fn wait_for_pause(&self, wanted: bool) {
        self.wait(|event| match event {
            Event::OfRun(_, RunNotice::Paused(is_paused)) => (is_paused == wanted).then_some(()),
            _ => None,
        });
    }

    /// Whether a step is told within `time`; other news may come at any moment.
    pub fn steps_within(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        iter::from_fn(|| self.next(deadline)).any(|event| is_step(&event))
    }

    pub fn wait_for_end(&self) -> (RunId, RunEnded) {
        self.wait(|event| match of_run(event)? {
            (id, RunEvent::RunEnded(ended)) => Some((id, ended)),
            _ => None,
        })
    }
}

pub fn of_run(event: Event) -> Option<(RunId, RunEvent)> {
    if let Event::Run(id, mut events) = event { Some((id, events.remove(0))) } else { None }
}

fn is_step(event: &Event) -> bool {
    matches!(event, Event::Run(_, events) if matches!(events[..], [RunEvent::Step(_)]))
}
