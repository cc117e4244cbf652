//! What the window waits for: each question has a number, and only the answer with that number is taken.

use crate::domain::message::{AskId, Command, Question, RunId};
use crate::domain::problem::{Outcome, Problem};

use super::effect::Effect;

/// The numbers that the next question and the next run get.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    asked: u64,
    runs: u64,
}

impl Ids {
    /// A question with its number, ready to be sent.
    pub fn ask(&mut self, question: Question) -> (AskId, Effect) {
        self.asked += 1;
        let id = AskId(self.asked);
        (id, Effect::Tell(Command::Ask(id, question)))
    }

    pub fn next_run(&mut self) -> RunId {
        self.runs += 1;
        RunId(self.runs)
    }
}

/// Something asked of the worker. `Key` says which answer is waited for.
#[derive(Clone, Debug, Default)]
pub enum Loading<T, Key = AskId> {
    #[default]
    Nothing,
    /// It is under way, and what was there before is still shown.
    Waiting(Key, Option<T>),
    Ready(T),
    /// The view that asked for it shows why.
    Failed(Problem),
}

impl<T, Key: PartialEq> Loading<T, Key> {
    /// The value, when nothing newer is on its way.
    pub fn ready(&self) -> Option<&T> {
        if let Self::Ready(value) = self { Some(value) } else { None }
    }

    /// The newest value there is, whether or not a newer one is on its way.
    pub fn latest(&self) -> Option<&T> {
        match self {
            Self::Ready(value) | Self::Waiting(_, Some(value)) => Some(value),
            _ => None,
        }
    }

    pub fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting(..))
    }

    pub fn waits_for(&self, key: &Key) -> bool {
        matches!(self, Self::Waiting(own, _) if own == key)
    }

    pub fn failed(&self) -> Option<&Problem> {
        if let Self::Failed(problem) = self { Some(problem) } else { None }
    }

    /// Notes that a newer value was asked for, whose answer will carry this key.
    pub fn wait(&mut self, key: Key) {
        *self = Self::Waiting(
            key,
            match std::mem::take(self) {
                Self::Ready(value) | Self::Waiting(_, Some(value)) => Some(value),
                _ => None,
            },
        );
    }

    pub fn settle(&mut self, outcome: Outcome<T>) {
        *self = outcome.map_or_else(Self::Failed, Self::Ready);
    }
}

impl<T> Loading<T> {
    /// Asks a question and waits for its answer; an answer to an earlier question will be taken for nothing.
    pub fn ask(&mut self, ids: &mut Ids, question: Question) -> Effect {
        let (id, effect) = ids.ask(question);
        self.wait(id);
        effect
    }
}

/// Questions under way whose answers change little more than a notice, each with what it is about.
#[derive(Clone, Debug)]
pub struct Pending<T = ()>(Vec<(AskId, T)>);

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Pending<T> {
    pub fn ask(&mut self, ids: &mut Ids, question: Question, about: T) -> Effect {
        let (id, effect) = ids.ask(question);
        self.0.push((id, about));
        effect
    }

    /// What the question with this number is about; it is waited for no longer.
    pub fn take(&mut self, id: AskId) -> Option<T> {
        let at = self.0.iter().position(|(own, _)| *own == id)?;
        Some(self.0.remove(at).1)
    }

    /// What is waited for, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, about)| about)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
