//! The state of the window that tells what this computer is to the program, and of its self-test.

use crate::domain::doctor::{Check, Machine, SelfTest};
use crate::domain::message::{Answer, Command, Event, Notice, Question};

use super::loading::Loading;
use super::shell::Shell;

#[derive(Clone, Debug, Default)]
pub struct DoctorState {
    pub open: bool,
    pub machine: Loading<Machine>,
    pub test: Loading<SelfTest>,
    /// The self-test under way has made these checks so far.
    pub checks: Vec<Check>,
    /// The checks and measurements that are done, and all of them.
    pub progress: (usize, usize),
    /// OpenGL says this of the card that draws the window.
    pub renderer: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoctorAction {
    /// Open the window and look at the machine anew, or close it, which stops a self-test.
    Show(bool),
    /// Begin the self-test.
    Test,
    /// End it.
    Stop,
    /// The window is drawn by this card.
    DrawnBy(String),
}

impl DoctorState {
    /// The machine with what only an open window knows.
    pub fn machine(&self) -> Option<Machine> {
        let mut machine = self.machine.latest()?.clone();
        machine.graphics.renderer.clone_from(&self.renderer);
        Some(machine)
    }

    /// The checks that are shown: those of the self-test under way, or of the last one.
    pub fn checks(&self) -> &[Check] {
        self.test.ready().map_or(&self.checks, |test| &test.checks)
    }
}

pub(super) fn update(state: &mut DoctorState, action: DoctorAction, shell: &mut Shell) {
    match action {
        DoctorAction::Show(open) => {
            state.open = open;
            if open {
                state.machine.wait(shell.ask(Question::Machine));
            } else if state.test.is_waiting() {
                shell.tell(Command::StopSelfTest);
            }
        }
        DoctorAction::Test if !state.test.is_waiting() => {
            (state.checks, state.progress) = (Vec::new(), (0, 0));
            state.test = Loading::Waiting(shell.ask(Question::SelfTest), None);
        }
        DoctorAction::Test => {}
        DoctorAction::Stop => shell.tell(Command::StopSelfTest),
        DoctorAction::DrawnBy(renderer) => state.renderer = Some(renderer),
    }
}

pub(super) fn reduce(state: &mut DoctorState, event: &Event) {
    match event {
        Event::Answer(id, Ok(Answer::Machine(machine))) if state.machine.waits_for(id) => {
            state.machine = Loading::Ready((**machine).clone());
        }
        Event::Answer(id, Ok(Answer::SelfTest(test))) if state.test.waits_for(id) => {
            state.test = Loading::Ready((**test).clone());
        }
        Event::Answer(id, Err(problem)) if state.machine.waits_for(id) => {
            state.machine = Loading::Failed(problem.clone());
        }
        Event::Answer(id, Err(problem)) if state.test.waits_for(id) => state.test = Loading::Failed(problem.clone()),
        Event::Notice(Notice::SelfTest(step)) if state.test.is_waiting() => {
            state.checks.extend(step.check.clone());
            state.progress = (step.done, step.total);
        }
        _ => {}
    }
}
