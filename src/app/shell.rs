//! What all features share: the settings, what is open in the window, and what they want done outside themselves.

use std::collections::{BTreeSet, VecDeque};

use crate::domain::message::{Answer, AskId, Command, Question, RunCommand, RunId};
use crate::domain::problem::{Outcome, Problem};

use super::action::Action;
use super::effect::{Effect, Intent};
use super::settings::Settings;

pub use crate::domain::lesson::Panel;

/// A feature may use this beside its own state.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Kept between sessions: language, theme, recent files, the last choices.
    pub settings: Settings,
    /// The panel of the left side that is open.
    pub panel: Panel,
    pub view: View,
    pub notices: Vec<Notice>,
    /// Whether a file dialog is open, the system's or the window's own; only one is at a time.
    pub dialog_open: bool,
    /// Whether a run or a race is under way, as it was when the feature was called.
    pub(super) is_running: bool,
    /// Files that the window has made and that are being written.
    pub(super) saving: BTreeSet<AskId>,
    pub(super) effects: Vec<Effect>,
    pub(super) intents: VecDeque<Intent>,
    /// How many questions were asked and how many runs were named so far.
    pub(super) asked: u64,
    pub(super) named: u64,
}

impl Shell {
    pub(super) fn tell(&mut self, command: Command) {
        self.effects.push(Effect::Tell(command));
    }

    pub(super) fn tell_run(&mut self, command: RunCommand) {
        self.tell(Command::Run(command));
    }

    /// Asks the worker. Only the answer with this number is the answer to this question.
    pub(super) fn ask(&mut self, question: Question) -> AskId {
        self.asked += 1;
        self.tell(Command::Ask(AskId(self.asked), question));
        AskId(self.asked)
    }

    /// The answer. Where there is none, a notice says why.
    pub(super) fn answered<'a>(&mut self, answer: &'a Outcome<Answer>) -> Option<&'a Answer> {
        answer.as_ref().inspect_err(|problem| self.notify((*problem).clone(), true)).ok()
    }

    pub(super) fn next_run(&mut self) -> RunId {
        self.named += 1;
        RunId(self.named)
    }

    /// Has another feature do something, after this one.
    pub(super) fn want(&mut self, intent: Intent) {
        self.intents.push_back(intent);
    }

    /// Shows a message until it is dismissed; one that is already shown is not repeated.
    pub fn notify(&mut self, problem: Problem, is_error: bool) {
        self.add_notice(Notice { problem, is_error, offer: None, lasts: Lasts::UntilDismissed });
    }

    /// Says that what was asked for is done. The message goes by itself.
    pub(super) fn tell_done(&mut self, problem: Problem) {
        self.add_notice(Notice { problem, is_error: false, offer: None, lasts: Lasts::Briefly });
    }

    pub(super) fn add_notice(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// An interrupted run is offered no longer. What can be taken back still can.
    pub(super) fn withdraw_offers(&mut self) {
        self.notices.retain(|notice| notice.offer.as_ref().is_none_or(Action::takes_back));
    }

    /// Says what was done, and offers to take it back. Only the last of its kind can be.
    pub(super) fn offer_undo(&mut self, problem: Problem, undo: impl Into<Action>) {
        let undo = undo.into();
        let lasts = if undo.brings_back() { Lasts::UntilDismissed } else { Lasts::AWhile };
        let offer = Some(undo);
        self.notices.retain(|notice| notice.offer != offer);
        self.add_notice(Notice { problem, is_error: false, offer, lasts });
    }
}

/// The views of the right side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum View {
    #[default]
    Live,
    Results,
    /// The rows behind the numbers.
    Explore,
    Try,
    Runs,
    Compare,
}

/// How long a message stays in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// An error or a warning, and what could be lost for good.
    UntilDismissed,
    /// It tells of something that can be taken back, and that could as well be done again.
    AWhile,
    /// Good news, which needs no answer.
    Briefly,
}

/// A message in the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub problem: Problem,
    pub is_error: bool,
    /// The notice offers this with one click: to resume an interrupted run or race, or to take back what was done.
    pub offer: Option<Action>,
    pub lasts: Lasts,
}
