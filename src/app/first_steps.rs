//! A new user's first minute: four steps, each of which the window points at until the user has done it.

use serde::{Deserialize, Serialize};

use super::run::{RunPhase, ScreenState};
use super::shell::{Shell, View};
use super::train::TrainState;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstStep {
    /// Shorten the run with the row limit.
    RowLimit,
    Train,
    /// See the result.
    Results,
    /// Thaw one more layer.
    Thaw,
}

impl FirstStep {
    pub const ALL: [Self; 4] = [Self::RowLimit, Self::Train, Self::Results, Self::Thaw];

    /// Its place among the steps, from 1.
    pub fn number(self) -> usize {
        1 + self as usize
    }

    fn next(self) -> Option<Self> {
        Self::ALL.get(self.number()).copied()
    }
}

/// A run of at most so many rows is a short one.
const SHORT_ROWS: usize = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstStepsAction {
    /// Show them from the first one.
    Begin,
    /// Show them no more.
    Skip,
}

/// What tells whether a step has been done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    max_rows: Option<usize>,
    is_running: bool,
    sees_result: bool,
    /// How many parameters train, once that is known.
    trainable: Option<usize>,
}

impl Seen {
    fn of(train: &TrainState, run: &ScreenState, shell: &Shell) -> Self {
        Self {
            max_rows: train.config.data.max_rows,
            is_running: run.is_running(),
            sees_result: run.shown.phase == RunPhase::Ended && shell.view == View::Results,
            trainable: train.totals().map(|(trainable, _)| trainable),
        }
    }

    /// The step that comes after `step`, or `step` itself until it has been done. A run that begins early counts.
    fn follow(self, step: FirstStep, now: Self) -> Option<FirstStep> {
        let begins = now.is_running && !self.is_running;
        let is_done = match step {
            FirstStep::RowLimit if begins => return Some(FirstStep::Results),
            FirstStep::RowLimit => now.max_rows.is_some_and(|rows| rows <= SHORT_ROWS) && now.max_rows != self.max_rows,
            FirstStep::Train => begins,
            FirstStep::Results => now.sees_result,
            FirstStep::Thaw => self.trainable.zip(now.trainable).is_some_and(|(before, now)| now > before),
        };
        if is_done { step.next() } else { Some(step) }
    }
}

/// Applies what the user does.
pub(super) fn update(
    seen: &mut Seen,
    action: FirstStepsAction,
    train: &TrainState,
    run: &ScreenState,
    shell: &mut Shell,
) {
    shell.settings.first_step = (action == FirstStepsAction::Begin).then_some(FirstStep::RowLimit);
    if action == FirstStepsAction::Begin && !shows_pointer(shell.view) {
        shell.view = View::Live;
    }
    // What was done before they begin is no step.
    *seen = Seen::of(train, run, shell);
}

/// Returns whether this view has room for the pointer: the other views are for what comes after the first steps, and the
/// pointer would only cover them.
pub fn shows_pointer(view: View) -> bool {
    matches!(view, View::Live | View::Results)
}

/// Goes on to the next step when the user has done one. A lesson has steps of its own.
pub(super) fn follow(seen: &mut Seen, train: &TrainState, run: &ScreenState, shell: &mut Shell, in_lesson: bool) {
    let Some(step) = shell.settings.first_step else { return };
    let now = Seen::of(train, run, shell);
    let before = std::mem::replace(seen, now);
    if !in_lesson {
        shell.settings.first_step = before.follow(step, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_waits_until_it_has_been_done() {
        let start = Seen { trainable: Some(10), ..Seen::default() };
        // The limit as it is when it has just been switched on.
        let long = Seen { max_rows: Some(2_000), ..start };
        let short = Seen { max_rows: Some(600), ..start };
        let running = Seen { is_running: true, ..short };
        let over = Seen { sees_result: true, ..short };
        let thawed = Seen { trainable: Some(20), ..over };
        for (step, before, now, next) in [
            (FirstStep::RowLimit, start, start, Some(FirstStep::RowLimit)),
            (FirstStep::RowLimit, start, long, Some(FirstStep::RowLimit)),
            (FirstStep::RowLimit, long, short, Some(FirstStep::Train)),
            (FirstStep::RowLimit, start, Seen { is_running: true, ..start }, Some(FirstStep::Results)),
            (FirstStep::Train, short, short, Some(FirstStep::Train)),
            (FirstStep::Train, short, running, Some(FirstStep::Results)),
            (FirstStep::Results, running, short, Some(FirstStep::Results)),
            (FirstStep::Results, short, over, Some(FirstStep::Thaw)),
            (FirstStep::Thaw, thawed, over, Some(FirstStep::Thaw)),
            (FirstStep::Thaw, over, thawed, None),
        ] {
            assert_eq!(before.follow(step, now), next, "{step:?}");
        }
    }
}
