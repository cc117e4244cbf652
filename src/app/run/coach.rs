//! The coach in the window: what it has to say of the run that is shown.

use crate::domain::coach::{Advice, AdvicePlace, advise};
use crate::domain::message::RunEvent;

use super::super::shell::{Panel, Shell, View};
use super::{RunView, ScreenState, SideChart};

#[derive(Clone, Debug, Default)]
pub struct CoachState {
    pub advice: Vec<Advice>,
    /// If true, the advice lies over the view; otherwise a button tells that there is some.
    pub is_open: bool,
    /// A link led to this place, which is framed until the next thing is done.
    pub marked: Option<AdvicePlace>,
}

impl CoachState {
    /// Looks at the run's numbers again.
    pub(super) fn look(&mut self, run: &RunView) {
        // Without the settings of a run, nothing can be advised.
        let knows_settings = run.history.trainer.is_none();
        self.advice = if knows_settings { advise(&run.history, &run.config) } else { Vec::new() };
        // Advice that comes later must not open by itself, because it would cover what someone reads or clicks.
        self.is_open &= !self.advice.is_empty();
    }

    pub(super) fn clear(&mut self) {
        (self.advice, self.is_open) = (Vec::new(), false);
    }
}

/// Whether the coach looks again after this event: after validation and at the end, so that advice does not flicker with
/// every step.
pub(super) fn is_occasion(event: &RunEvent) -> bool {
    matches!(event, RunEvent::LiveValidation(_) | RunEvent::EpochEnded(_) | RunEvent::RunEnded(_))
}

/// The coach's button and its links do this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoachAction {
    Open(bool),
    Show(AdvicePlace),
}

pub(super) fn update(state: &mut ScreenState, action: CoachAction, shell: &mut Shell) {
    match action {
        CoachAction::Open(is_open) => state.coach.is_open = is_open,
        CoachAction::Show(place) => {
            // The advice closes, because it would lie over the place that it leads to.
            (state.coach.marked, state.coach.is_open) = (Some(place), false);
            match place {
                AdvicePlace::LearningRate => {
                    (state.side_chart, shell.view) = (SideChart::LearningRate, View::Live);
                }
                AdvicePlace::Loss | AdvicePlace::Matrix => shell.view = View::Live,
                AdvicePlace::Data => shell.panel = Panel::Data,
                AdvicePlace::Freeze => shell.panel = Panel::Freeze,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::state::AppState;
    use super::super::super::update::update;
    use super::super::RunAction;
    use super::*;

    #[test]
    fn what_a_link_leads_to_is_framed_until_the_next_thing_is_done() {
        let mut state = AppState::default();
        state.shell.view = View::Results;
        let mut act = |action| {
            update(&mut state, RunAction::into(action));
            (state.shell.view, state.run.side_chart, state.run.coach.marked)
        };
        let there = (View::Live, SideChart::LearningRate, Some(AdvicePlace::LearningRate));
        assert_eq!(act(RunAction::Coach(CoachAction::Show(AdvicePlace::LearningRate))), there);
        assert_eq!(act(RunAction::Coach(CoachAction::Open(true))), there);
        assert_eq!(act(RunAction::ShowSideChart(SideChart::Layers)), (View::Live, SideChart::Layers, None));
    }
}
