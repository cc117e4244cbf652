//! Asking the worker, and waiting for what it sends.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;

use crate::domain::message::{Answer, AskId, Command, Event, Question};
use crate::domain::problem::Problem;
use crate::worker::Worker;

/// The number of questions that were asked so far, by which they are called.
static ASKED: AtomicU64 = AtomicU64::new(0);

/// The question that was asked last, if any was.
pub fn newest() -> Option<AskId> {
    ASKED.load(Ordering::Acquire).checked_sub(1).map(AskId)
}

/// Gives `found` one event after the other until it returns something.
pub fn wait<T>(worker: &Worker, mut found: impl FnMut(Event) -> Result<Option<T>>) -> Result<T> {
    loop {
        if let Some(found) = found(worker.events.recv()?)? {
            return Ok(found);
        }
    }
}

/// Asks a question and waits for its answer.
pub fn ask(worker: &Worker, question: Question) -> Result<Answer> {
    ask_and_hear(worker, question, |_| {})
}

/// Asks a question and waits for its answer; `hear` gets every event that comes before it.
pub fn ask_and_hear(worker: &Worker, question: Question, mut hear: impl FnMut(&Event)) -> Result<Answer> {
    let id = AskId(ASKED.fetch_add(1, Ordering::AcqRel));
    worker.commands.send(Command::Ask(id, question))?;
    wait(worker, |event| {
        hear(&event);
        match event {
            Event::Answer(answered, answer) if answered == id => Ok(Some(answer?)),
            _ => Ok(None),
        }
    })
}

/// The worker answered with something else than what was asked, which only a mistake in this program can cause.
pub fn other_answer() -> anyhow::Error {
    Problem::internal("the answer to another question").into()
}
