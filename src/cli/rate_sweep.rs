//! `thaw find-rate`: the loss against the learning rate, and the rate that it suggests.

use std::io;

use anyhow::Result;

use crate::domain::freeze::Freeze;
use crate::domain::message::{Event, RunNotice, RunOutcome, SweepEvent};
use crate::domain::rate_sweep::{LearningRateSwept, two_digits};
use crate::words::Number;
use crate::words::numbers::{learning_rate, ratio};

use super::args::OneRun;
use super::bars::Bars;
use super::output::{Exit, Output};
use super::report;
use super::start::perform;
use super::table::Table;

/// One of so many points is a row of the table.
const STRIDE: usize = 4;

pub fn find_rate(output: &Output, args: OneRun) -> Result<Exit> {
    let refused = |problem| {
        let usual = Freeze::default().suggested_learning_rate();
        SweepEvent::LearningRateSwept(LearningRateSwept::of(Err(problem), usual).into())
    };
    let mut bars = Bars::new(output);
    perform(output, args.settings.model.clone(), args.into_sweep(), refused, |event| {
        bars.follow(event);
        match event {
            Event::OfRun(_, RunNotice::DatasetRead(summary)) => bars.suspend(|| report::reading(output, summary)),
            Event::OfRun(_, RunNotice::ModelRead(tree)) => bars.suspend(|| report::note_labels(output, tree)),
            Event::OfRun(_, RunNotice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
            Event::Sweep(_, end @ SweepEvent::LearningRateSwept(swept)) => {
                return if output.json { output.json_end(end, swept.error.as_ref()) } else { print(output, swept) };
            }
            _ => {}
        }
        Ok(())
    })
}

fn print(output: &Output, swept: &LearningRateSwept) -> io::Result<()> {
    let words = &output.words;
    match swept.outcome {
        RunOutcome::Completed => {}
        RunOutcome::Stopped => return output.line(&words.say("cli-find-rate-stopped")),
        RunOutcome::Failed => return Ok(()),
    }
    let last = swept.points.len().saturating_sub(1);
    let shown = swept.points.iter().enumerate().filter(|(i, _)| i % STRIDE == 0 || *i == last);
    let table = Table::of(shown.map(|(_, point)| point))
        .right(words.say("cli-find-rate-rate"), |point| learning_rate(two_digits(point.learning_rate)))
        .right(words.say("cli-find-rate-loss"), |point| ratio(point.loss))
        .right(words.say("cli-find-rate-smoothed"), |point| ratio(point.smoothed));
    let rate = |rate| Number::LearningRate(two_digits(rate));
    let usual = rate(swept.usual);
    let result = match swept.suggestion {
        Some(suggestion) => words.say_with("rate-suggests", &[("rate", &rate(suggestion)), ("usual", &usual)]),
        None => words.say_with("rate-none", &[("usual", &usual)]),
    };
    output.line(&format!("{}\n\n{result}", table.text()))
}
