//! How the worker's events change what the window knows: every feature takes what it waits for.

use crate::domain::message::{Answer, Event, Notice};
use crate::domain::problem::Problem;

use super::effect::{Effect, World};
use super::state::AppState;
use super::update::{carry_out, with_world};
use super::{compare, hub, lessons, race, run, runs, train};

/// Folds one event into the state. An answer that no feature waits for any more, and what another run tells, change
/// nothing. What comes back is for the window to carry out.
pub fn reduce(state: &mut AppState, event: &Event) -> Vec<Effect> {
    let is_pulling = state.hub.is_pulling();
    let mut effects = take(state, event);
    effects.extend(with_world!(state, world =>
        lessons::reduce(&mut state.lessons, event, &state.train, is_pulling, world)));
    effects.extend(race::reduce(&mut state.race, event));
    effects.extend(run::reduce(&mut state.run, event));
    effects.extend(with_world!(state, world => runs::reduce(&mut state.runs, event, world)));
    effects.extend(compare::reduce(&mut state.compare, event, &mut state.settings));
    effects.extend(with_world!(state, world => train::reduce(&mut state.train, event, world)));
    effects.extend(hub::reduce(&mut state.hub, event, &mut state.settings));
    let mut effects = carry_out(state, effects);
    let is_running = state.is_running();
    effects.extend(state.train.calibrate(&mut state.ids, is_running));
    effects
}

/// What concerns no feature but the window as a whole.
fn take(state: &mut AppState, event: &Event) -> Vec<Effect> {
    match event {
        Event::Notice(Notice::Warning(problem)) => vec![Effect::notify(problem.clone(), false)],
        Event::Answer(id, answer) if state.saving.take(*id).is_some() => match answer {
            Ok(Answer::FileSaved(path)) => {
                vec![Effect::notify(Problem::new("plot-saved").with("file", path.display()), false)]
            }
            Ok(_) => Vec::new(),
            Err(problem) => vec![Effect::error(problem.clone())],
        },
        _ => Vec::new(),
    }
}
