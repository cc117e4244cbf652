//! The coach in the window: what it has to say of the run that is shown.

use crate::domain::coach::{Advice, AdvicePlace, advise};

use super::action::Action;
use super::state::{AppState, Panel, SideChart, View};

#[derive(Clone, Debug, Default)]
pub struct CoachState {
    pub advice: Vec<Advice>,
    /// Whether all of it is shown, or only that there is some.
    pub is_open: bool,
    /// What a link led to: framed until the next thing is done.
    pub marked: Option<AdvicePlace>,
}

/// Looks at the run's numbers again; at looks at validation and ends, so that advice does not flicker with every step.
pub fn look(state: &mut AppState) {
    state.coach.advice = advise(&state.run.history, &state.run.config);
}

/// Brings what a sign is seen in before the eyes.
pub fn show(state: &mut AppState, place: AdvicePlace) {
    match place {
        AdvicePlace::Loss | AdvicePlace::Matrix => state.view = View::Live,
        AdvicePlace::LearningRate => (state.view, state.side_chart) = (View::Live, SideChart::LearningRate),
        AdvicePlace::Data => state.panel = Panel::Data,
        AdvicePlace::Freeze => state.panel = Panel::Freeze,
    }
}

/// What the coach's line and links do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoachAction {
    Open(bool),
    Show(AdvicePlace),
}

impl From<CoachAction> for Action {
    fn from(action: CoachAction) -> Self {
        Self::Coach(action)
    }
}

pub(super) fn update(state: &mut AppState, action: CoachAction) {
    match action {
        CoachAction::Open(is_open) => state.coach.is_open = is_open,
        CoachAction::Show(place) => {
            show(state, place);
            state.coach.marked = Some(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::update;
    use super::*;

    #[test]
    fn what_a_link_leads_to_is_framed_until_the_next_thing_is_done() {
        let mut state = AppState { view: View::Results, ..AppState::default() };
        update::update(&mut state, CoachAction::Show(AdvicePlace::LearningRate).into());
        assert_eq!((state.view, state.side_chart), (View::Live, SideChart::LearningRate));
        update::update(&mut state, CoachAction::Open(true).into());
        assert_eq!(state.coach.marked, Some(AdvicePlace::LearningRate));
        update::update(&mut state, Action::ShowSideChart(SideChart::Layers));
        assert_eq!(state.coach.marked, None);
    }
}
