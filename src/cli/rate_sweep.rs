//! `thaw find-rate`: the loss against the learning rate, and the rate that it suggests.

use std::io;
use std::sync::atomic::Ordering;

use anyhow::Result;

use crate::domain::freeze::Freeze;
use crate::domain::message::{Command, Event, RunCommand, RunId, RunNotice, RunOutcome, SweepEvent};
use crate::domain::problem::Problem;
use crate::domain::rate_sweep::{LearningRateSwept, two_digits};
use crate::words::Number;
use crate::words::numbers::{learning_rate, ratio};
use crate::worker::Worker;

use super::args::FindRate;
use super::ask::wait;
use super::bars::Bars;
use super::models::{self, Obtained};
use super::output::{Exit, Output, english, is_closed_pipe};
use super::report;
use super::table::{Align, Table};
use super::training::stop_on_interrupt;

/// One of so many points is a row of the table.
const STRIDE: usize = 4;

pub fn find_rate(output: &Output, args: FindRate) -> Result<Exit> {
    let model = args.settings.model.clone();
    let refuse = |error: anyhow::Error| -> Result<Exit> {
        if let Some(problem) = error.downcast_ref::<Problem>().filter(|_| output.json) {
            let usual = Freeze::default().suggested_learning_rate();
            json_end(output, &LearningRateSwept::of(Err(problem.clone()), usual))?;
        }
        Err(error)
    };
    let mut config = match args.into_config() {
        Ok(config) => config,
        Err(problem) => return refuse(problem.into()),
    };
    let worker = Worker::spawn_for_terminal()?;
    let interrupts = stop_on_interrupt(&worker)?;
    match models::obtain(output, &worker, model) {
        Ok(Obtained::Source(source)) => config.model = source,
        Ok(Obtained::Cancelled) => return Ok(Exit::Interrupted),
        Err(error) => return refuse(error),
    }
    worker.commands.send(Command::Run(RunCommand::FindRate(RunId(1), Box::new(config))))?;
    let mut bars = Bars::new(output);
    let swept = wait(&worker, |event| {
        bars.follow(&event);
        match event {
            Event::OfRun(_, RunNotice::DatasetRead(summary)) => bars.suspend(|| report::skipped(output, &summary)),
            Event::OfRun(_, RunNotice::Warning(problem)) => bars.suspend(|| output.warning(&problem)),
            Event::Sweep(_, SweepEvent::LearningRateSwept(swept)) => return Ok(Some(swept)),
            _ => {}
        }
        Ok(None)
    })?;
    let printed = if output.json { json_end(output, &swept) } else { print(output, &swept) };
    if let Some(problem) = &swept.error {
        output.error(problem);
    }
    match printed {
        Err(error) if !is_closed_pipe(&error) => Err(error.into()),
        _ => Ok(match swept.outcome {
            RunOutcome::Completed => Exit::Done,
            RunOutcome::Stopped if interrupts.load(Ordering::Acquire) > 0 => Exit::Interrupted,
            _ => Exit::Failed,
        }),
    }
}

fn print(output: &Output, swept: &LearningRateSwept) -> io::Result<()> {
    let words = &output.words;
    if swept.outcome != RunOutcome::Completed {
        let is_stopped = swept.outcome == RunOutcome::Stopped;
        return if is_stopped { output.line(&words.say("cli-find-rate-stopped")) } else { Ok(()) };
    }
    let ids = ["cli-find-rate-rate", "cli-find-rate-loss", "cli-find-rate-smoothed"];
    let mut table = Table::new(ids.map(|id| (words.say(id), Align::Right)).to_vec());
    let last = swept.points.len().saturating_sub(1);
    for (i, point) in swept.points.iter().enumerate() {
        if i % STRIDE == 0 || i == last {
            table.row(vec![learning_rate(two_digits(point.learning_rate)), ratio(point.loss), ratio(point.smoothed)]);
        }
    }
    let rate = |rate| Number::LearningRate(two_digits(rate));
    let usual = rate(swept.usual);
    let result = match swept.suggestion {
        Some(suggestion) => words.say_with("rate-suggests", &[("rate", &rate(suggestion)), ("usual", &usual)]),
        None => words.say_with("rate-none", &[("usual", &usual)]),
    };
    output.line(&format!("{table}\n\n{result}"))
}

/// Prints the line of a sweep's end, in which the error is an English sentence.
fn json_end(output: &Output, swept: &LearningRateSwept) -> io::Result<()> {
    let mut line = serde_json::to_value(SweepEvent::LearningRateSwept(swept.clone().into()))?;
    line["error"] = swept.error.as_ref().map(english).into();
    output.json_line(&line)
}
