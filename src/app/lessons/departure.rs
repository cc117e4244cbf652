//! How a lesson is left, begun anew for someone else, or changed for another, without losing anyone's work.

use std::path::PathBuf;

use crate::domain::lesson::LessonWork;
use crate::domain::message::Question;

use super::super::effect::Intent;
use super::super::shell::Shell;
use super::super::train::TrainState;
use super::{LessonState, is_on};

/// A way on which a student's work is left behind.
#[derive(Clone, Debug, PartialEq)]
pub enum Departure {
    /// Out of the lesson.
    Leave,
    /// Someone else begins this lesson anew.
    NewStudent,
    /// Another lesson.
    Open(PathBuf),
}

/// Departs, unless that has to be asked about first.
pub(super) fn depart(state: &mut LessonState, departure: Departure, train: &mut TrainState, shell: &mut Shell) {
    if shell.is_running {
        return;
    }
    state.stop_clock(&mut shell.settings);
    let loses = state.with_work(&shell.settings).is_some_and(|(_, work)| work.is_unsaved());
    if loses {
        state.asks = Some(departure);
        state.shows_list = false;
    } else {
        carry_out(state, departure, train, shell);
    }
}

pub(super) fn carry_out(state: &mut LessonState, departure: Departure, train: &mut TrainState, shell: &mut Shell) {
    match departure {
        Departure::Leave => {
            (state.current, state.shown_since, state.asks_whose) = (None, None, false);
            if let Some(own) = state.own.take() {
                train.configure(own, shell);
            }
        }
        Departure::NewStudent => {
            let Some(lesson) = state.current.clone() else { return };
            shell.settings.lessons.retain(|work| !is_on(work, &lesson));
            shell.want(Intent::ForgetShownRun);
            state.open(lesson, train, shell);
        }
        Departure::Open(source) => state.opening = Some(shell.ask(Question::Lesson(source))),
    }
}

/// Work that was saved counts as handed in, unless it was changed meanwhile. A departure that waited for the file can
/// then begin.
pub(super) fn take_saved(state: &mut LessonState, saved: &LessonWork, train: &mut TrainState, shell: &mut Shell) {
    let Some(work) = state.work(&mut shell.settings) else { return };
    let is_same =
        (&work.student, &work.student_number, &work.steps) == (&saved.student, &saved.student_number, &saved.steps);
    work.is_handed_in |= is_same;
    if is_same
        && !shell.is_running
        && let Some(departure) = state.asks.take()
    {
        carry_out(state, departure, train, shell);
    }
}
