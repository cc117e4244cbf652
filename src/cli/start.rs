//! What a training, a race and a sweep have in common: they start with the model that the command line names, are followed
//! to their end, and stop at Ctrl-C.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Result;
use serde::Serialize;

use crate::domain::hub::HubRequest;
use crate::domain::message::{Command, Event, RaceEvent, RunCommand, RunEvent, RunOutcome, SweepEvent};
use crate::domain::problem::{Outcome, Problem};
use crate::worker::Worker;

use super::args::ModelArg;
use super::ask::{newest, wait};
use super::models::obtain;
use super::output::{Exit, Output, output_failed};

/// How often Ctrl-C was pressed. The system calls one handler for the whole program.
static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);

/// The first Ctrl-C or termination signal stops a download, the run, which is then saved, or the work on a question; the second
/// ends the program.
pub fn stop_on_interrupt(worker: &Worker) -> Result<()> {
    static IS_SET: AtomicBool = AtomicBool::new(false);
    if IS_SET.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let commands = worker.commands.clone();
    ctrlc::set_handler(move || {
        let is_first = INTERRUPTS.fetch_add(1, Ordering::AcqRel) == 0;
        let is_sent = |command| commands.try_send(command).is_ok();
        let is_cancelled = || newest().is_none_or(|id| is_sent(Command::Cancel(id)));
        let is_stopped = || is_sent(Command::Hub(HubRequest::CancelPull)) && is_sent(Command::Run(RunCommand::Stop));
        if !(is_first && is_stopped() && is_cancelled()) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })?;
    Ok(())
}

pub fn is_interrupted() -> bool {
    INTERRUPTS.load(Ordering::Acquire) > 0
}

/// How the work ended, if this event is its end. A race goes on after the end of one of its runs.
pub fn end_of(event: &Event) -> Option<(RunOutcome, Option<&Problem>)> {
    match event {
        Event::Run(id, events) if id.race().is_none() => events.iter().find_map(|event| match event {
            RunEvent::RunEnded(ended) => Some((ended.outcome, ended.error.as_ref())),
            _ => None,
        }),
        Event::Race(_, RaceEvent::RaceEnded(ended)) => Some((ended.outcome, ended.error.as_ref())),
        Event::Sweep(_, SweepEvent::LearningRateSwept(swept)) => Some((swept.outcome, swept.error.as_ref())),
        _ => None,
    }
}

/// Starts the command with the model that the command line names, and prints its events to the end. `refused` makes the
/// JSON line of an end before the beginning. The work goes on to its end when no one reads any more, and also when standard
/// output takes no more, as a file on a full disk does; the latter is told, and fails the command.
pub fn perform<E: Serialize>(
    output: &Output,
    model: Option<ModelArg>,
    command: Outcome<RunCommand>,
    refused: impl FnOnce(Problem) -> E,
    mut print: impl FnMut(&Event) -> io::Result<()>,
) -> Result<Exit> {
    output.outlives_reader.set(true);
    let started = start(output, model, command);
    if let Err(error) = &started
        && let Some(problem) = error.downcast_ref::<Problem>().filter(|_| output.json)
    {
        output.json_end(&refused(problem.clone()), Some(problem))?;
    }
    let Some(worker) = started? else { return Ok(Exit::Interrupted) };
    let mut is_full = false;
    wait(&worker, |event| {
        if !is_full && let Err(error) = print(&event) {
            is_full = true;
            output.error(&output_failed(&error));
        }
        Ok(end_of(&event).map(|(outcome, error)| {
            if let Some(problem) = error {
                output.error(problem);
            }
            match outcome {
                RunOutcome::Completed if !is_full => Exit::Done,
                RunOutcome::Stopped if is_interrupted() => Exit::Interrupted,
                _ => Exit::Failed,
            }
        }))
    })
}

/// The worker that was sent the command; `None` when Ctrl-C came while its model was fetched.
fn start(output: &Output, model: Option<ModelArg>, command: Outcome<RunCommand>) -> Result<Option<Worker>> {
    let mut command = command?;
    let worker = Worker::spawn_for_terminal()?;
    stop_on_interrupt(&worker)?;
    let needed = match &mut command {
        RunCommand::Start(_, config) | RunCommand::FindRate(_, config) => Some(&mut config.model),
        RunCommand::StartRace(_, plan) => Some(&mut plan.config.model),
        // A run or race that goes on has its model.
        _ => None,
    };
    if let Some(needed) = needed {
        let Some(source) = obtain(output, &worker, model)? else { return Ok(None) };
        *needed = source;
    }
    worker.commands.send(Command::Run(command))?;
    Ok(Some(worker))
}
