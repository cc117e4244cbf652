//! What trains and what is frozen, worked out on the loaded model.

use std::collections::BTreeSet;

use crate::domain::freeze::Freeze;
use crate::domain::problem::Outcome;

use super::super::shell::Shell;
use super::{TrainState, timeline};

/// Takes another freezing for the runs to come, as far as it fits the model; the tree shows its first stage.
///
/// # Errors
/// Those of [`Freeze::unfreezing`]; the freezing is then as it was.
pub fn adopt(state: &mut TrainState, freeze: Freeze) -> Outcome<()> {
    state.timeline.plan = match (state.model.latest(), &freeze) {
        (Some(tree), Freeze::Timeline(_)) => Some(freeze.unfreezing(tree)?),
        (Some(tree), _) => {
            state.trainable = freeze.resolve(tree)?;
            None
        }
        (None, _) => None,
    };
    state.config.freeze = freeze;
    timeline::show_stage(state, 0);
    Ok(())
}

/// Takes another freezing, or says why it cannot be.
pub fn set(state: &mut TrainState, freeze: Freeze, shell: &mut Shell) {
    if let Err(problem) = adopt(state, freeze) {
        shell.notify(problem, true);
    }
}

pub fn set_trainable(state: &mut TrainState, names: &[String], on: bool, shell: &mut Shell) {
    let Some(tree) = state.model.latest() else { return };
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    for (parameter, trains) in tree.parameters.iter().zip(&mut state.trainable) {
        if names.contains(parameter.name.as_str()) {
            *trains = on;
        }
    }
    if state.timeline.plan.is_some() {
        timeline::set_stage(state, shell);
    } else {
        state.config.freeze = Freeze::of_choice(tree, &state.trainable);
    }
}
