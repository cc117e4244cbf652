//! How the worker's events change what the window knows: every feature takes what it waits for.

use crate::domain::message::{Answer, Event, Notice};
use crate::domain::problem::Problem;

use super::effect::Effect;
use super::shell::{Shell, View};
use super::state::AppState;
use super::update::{look_at_other_tests, settle};
use super::{
    answered, code, compare, doctor, examine, explore, files, hub, lessons, other_tests, race, reports, run, runs,
    sentences, text_map, train, why,
};

/// Folds one event into the state. An answer that no feature waits for any more, and what another run tells, change
/// nothing. What comes back is for the window to carry out.
pub fn reduce(state: &mut AppState, event: &Event) -> Vec<Effect> {
    state.shell.is_running = state.is_running();
    let shell = &mut state.shell;
    take(shell, event);
    lessons::reduce(&mut state.lessons, event, &mut state.train, &mut state.hub, shell);
    race::reduce(&mut state.race, event, &mut state.run, shell);
    run::reduce(&mut state.run, event, shell);
    runs::reduce(&mut state.runs, event, &mut state.run, shell);
    reports::reduce(&mut state.reports, event, shell);
    explore::reduce(&mut state.explore, event, shell);
    if shell.view == View::Explore {
        // Whoever watches it sees the rows of a run that has just ended.
        state.explore.follow(state.run.last_dir.as_deref(), shell);
    }
    compare::reduce(&mut state.compare, event, shell);
    other_tests::reduce(&mut state.other_tests, event, shell);
    answered::reduce(&mut state.answered, event, shell);
    train::reduce(&mut state.train, event, shell);
    code::reduce(&mut state.code, event, shell);
    hub::reduce(&mut state.hub, event, shell);
    files::reduce(&mut state.files, event);
    doctor::reduce(&mut state.doctor, event);
    // The event may have ended the run, whose model answers from now on.
    shell.is_running = state.run.is_running() || state.race.is_running();
    why::reduce(&mut state.why, event, &state.run, shell);
    sentences::reduce(&mut state.sentences, event, &state.run, &state.why, shell);
    examine::reduce(&mut state.examine, event, shell);
    text_map::reduce(&mut state.text_map, event, shell);
    // The runs that are compared may have been read just now.
    look_at_other_tests(state);
    settle(state)
}

/// What concerns no feature but the window as a whole.
fn take(shell: &mut Shell, event: &Event) {
    match event {
        Event::Notice(Notice::Warning(problem)) => shell.notify(problem.clone(), false),
        Event::Answer(id, answer) if shell.saving.remove(id) => {
            if let Some(Answer::FileSaved(path)) = shell.answered(answer) {
                shell.tell_done(Problem::new("plot-saved").with("file", path.display()));
            }
        }
        _ => {}
    }
}
