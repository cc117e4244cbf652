//! What the window waits for: each question has a number, and only the answer with that number is taken.

use crate::domain::message::AskId;
use crate::domain::problem::Problem;

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

    /// Notes that a newer value was asked for; an answer with another key than this will be taken for nothing.
    pub fn wait(&mut self, key: Key) {
        let former = match std::mem::take(self) {
            Self::Ready(value) | Self::Waiting(_, Some(value)) => Some(value),
            _ => None,
        };
        *self = Self::Waiting(key, former);
    }
}
