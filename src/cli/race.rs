//! `thaw race`: several trainings beside each other, a line for each and a table at the end.

use std::io;
use std::sync::Arc;

use anyhow::Result;

use crate::domain::message::{Command, Event, RaceEvent, RunCommand, RunEvent, RunId, RunNotice, RunOutcome};
use crate::domain::problem::Problem;
use crate::domain::race::{RaceEnded, RaceMean, RacePlan, RaceRow, RaceStarted};
use crate::words::numbers::{clock, count, fine_percent_digits, learning_rate};
use crate::words::{Catalogue, Fill, Number};
use crate::worker::Worker;

use super::args::Race;
use super::bars::Bars;
use super::models::{self, Obtained};
use super::output::{Exit, Output, english};
use super::report;
use super::table::{Align, Table};
use super::training::{print_to_the_end, stop_on_interrupt};

pub fn race(output: &Output, args: Race) -> Result<Exit> {
    let model = args.settings.model.clone();
    let refuse = |error: anyhow::Error| -> Result<Exit> {
        if let Some(problem) = error.downcast_ref().filter(|_| output.json) {
            json_end(output, &refused(problem))?;
        }
        Err(error)
    };
    let worker = Worker::spawn_for_terminal()?;
    let interrupts = stop_on_interrupt(&worker)?;
    let run_id = RunId(1);
    let command = match args.resume.clone() {
        Some(dir) => RunCommand::ResumeRace(run_id, dir),
        None => {
            let mut plan = match args.into_plan() {
                Ok(plan) => plan,
                Err(problem) => return refuse(problem.into()),
            };
            match models::obtain(output, &worker, model) {
                Ok(Obtained::Source(source)) => plan.config.model = source,
                Ok(Obtained::Cancelled) => return Ok(Exit::Interrupted),
                Err(error) => return refuse(error),
            }
            RunCommand::StartRace(run_id, Box::new(plan))
        }
    };
    worker.commands.send(Command::Run(command))?;
    let mut printer = Printer { output, bars: Bars::new(output), plan: Arc::default(), runs: 0, begun: 0 };
    let print = |event: &Event| {
        printer.bars.follow(event);
        printer.print(event)
    };
    print_to_the_end(output, &worker, &interrupts, print, |event| match event {
        Event::Race(_, RaceEvent::RaceEnded(ended)) => Some((ended.outcome, ended.error.as_ref())),
        _ => None,
    })
}

struct Printer<'a> {
    output: &'a Output,
    bars: Bars<'a>,
    plan: Arc<RacePlan>,
    runs: usize,
    /// The number of the run under way, from 1.
    begun: usize,
}

impl Printer<'_> {
    fn print(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::OfRun(_, RunNotice::DatasetRead(summary)) if self.begun == 0 => {
                self.bars.suspend(|| report::skipped(self.output, summary));
            }
            Event::OfRun(_, RunNotice::Warning(problem)) if self.begun <= 1 => {
                self.bars.suspend(|| self.output.warning(problem));
            }
            Event::Run(_, events) => {
                for event in events {
                    if let RunEvent::RunEnded(ended) = event
                        && let Some(problem) = &ended.error
                    {
                        let line = Problem::new("cli-race-run-failed").with_count("run", self.begun);
                        let line = line.with("error", self.output.words.problem(problem));
                        self.bars.suspend(|| self.output.warning(&line));
                    }
                }
            }
            Event::Race(_, event) => {
                match event {
                    RaceEvent::RaceRunStarted(started) => {
                        self.begun = started.index + 1;
                        // A bar follows one run, so each run gets its own.
                        self.bars = Bars::new(self.output);
                    }
                    RaceEvent::RaceStarted(started) => {
                        (self.plan, self.runs) = (Arc::clone(&started.plan), started.runs);
                    }
                    _ => {}
                }
                return if self.output.json { self.print_json(event) } else { self.print_report(event) };
            }
            _ => {}
        }
        Ok(())
    }

    fn print_json(&self, event: &RaceEvent) -> io::Result<()> {
        match event {
            RaceEvent::RaceStarted(_) | RaceEvent::RaceRow(_) => self.output.json_line(event),
            RaceEvent::RaceEnded(ended) => json_end(self.output, ended),
            RaceEvent::RaceRunStarted(_) => Ok(()),
        }
    }

    fn print_report(&self, event: &RaceEvent) -> io::Result<()> {
        let words = &self.output.words;
        let text = match event {
            RaceEvent::RaceStarted(started) => beginning(words, &self.plan, started),
            RaceEvent::RaceRow(row) => self.row(row),
            RaceEvent::RaceEnded(ended) if !ended.means.is_empty() => ending(words, self.plan.is_ladder(), ended),
            RaceEvent::RaceEnded(ended) if ended.outcome == RunOutcome::Stopped => match &ended.race_dir {
                Some(dir) => words.say_with("cli-race-stopped", &[("folder", &dir.display())]),
                None => words.say("cli-ended-nothing"),
            },
            _ => return Ok(()),
        };
        self.bars.suspend(|| self.output.line(&text))
    }

    fn row(&self, row: &RaceRow) -> String {
        let words = &self.output.words;
        let mut line = words.say_with(
            "cli-race-row",
            &[
                ("run", &self.begun),
                ("runs", &self.runs),
                ("freeze", &row.freeze),
                ("seed", &Number::Plain(row.seed)),
                ("accuracy", &Number::Ratio(row.accuracy)),
                ("f1", &Number::Ratio(row.macro_f1)),
                ("time", &Number::Clock(row.train_secs)),
            ],
        );
        if self.plan.is_ladder() {
            line += &words.say_with("cli-race-row-rows", &[("rows", &row.train_rows)]);
        }
        line
    }
}

fn beginning(words: &Catalogue, plan: &RacePlan, started: &RaceStarted) -> String {
    let names: Vec<&str> = plan.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    let mut text = words.say_with(
        "cli-race-beginning",
        &[
            ("runs", &started.runs),
            ("names", &names.join(", ")),
            ("seeds", &plan.seeds.len()),
            ("epochs", &plan.config.training.epochs),
        ],
    );
    if let Some(rows) = started.max_rows {
        let minutes = plan.minutes.unwrap_or_default();
        text += "\n";
        text += &words.say_with("cli-race-fitted", &[("rows", &rows), ("minutes", &minutes)]);
    }
    if let Some(secs) = started.estimated_secs {
        text += "\n";
        text += &words.say_with("cli-race-expected", &[("time", &Number::Clock(secs))]);
    }
    text
}

/// The table of means, and which differences are within chance. The text begins with an empty line.
fn ending(words: &Catalogue, is_ladder: bool, ended: &RaceEnded) -> String {
    let column = |id| (words.say(id), Align::Right);
    let mut columns = vec![(words.say("cli-race-column-freeze"), Align::Left)];
    if is_ladder {
        columns.push(column("cli-race-rows"));
    }
    let ids = [
        "cli-race-runs",
        "cli-race-rate",
        "cli-race-accuracy",
        "cli-race-spread",
        "cli-race-interval",
        "cli-race-f1",
        "cli-race-time",
        "cli-race-memory",
        "cli-race-trainable",
    ];
    columns.extend(ids.map(column));
    let mut table = Table::new(columns);
    for mean in &ended.means {
        let mut cells = vec![mean.freeze.clone()];
        if is_ladder {
            cells.push(count(mean.train_rows));
        }
        let (low, high) = mean.accuracy_interval;
        cells.extend([
            mean.runs.to_string(),
            learning_rate(mean.learning_rate),
            fine_percent_digits(mean.accuracy),
            mean.accuracy_spread.map_or_else(|| "–".to_owned(), |spread| format!("{:.1}", spread * 100.0)),
            words.say_with(
                "cli-race-range",
                &[("low", &fine_percent_digits(low)), ("high", &fine_percent_digits(high))],
            ),
            format!("{:.3}", mean.macro_f1),
            clock(mean.train_secs),
            words.write(Number::Megabytes(mean.peak_memory_bytes)),
            count(mean.trainable),
        ]);
        table.row(cells);
    }
    let mut text = format!("\n{table}");
    for (a, b) in &ended.undecided {
        if let (Some(a), Some(b)) = (ended.means.get(*a), ended.means.get(*b)) {
            text += "\n";
            text += &undecided(words, is_ladder, a, b);
        }
    }
    if let Some(dir) = &ended.race_dir {
        let id = if ended.outcome == RunOutcome::Stopped { "cli-race-stopped" } else { "cli-race-ended" };
        text += "\n\n";
        text += &words.say_with(id, &[("folder", &dir.display())]);
    }
    text
}

fn undecided(words: &Catalogue, is_ladder: bool, a: &RaceMean, b: &RaceMean) -> String {
    let difference = Number::Decimal((a.accuracy - b.accuracy).abs() * 100.0, 1);
    let mut args: Vec<(&str, &dyn Fill)> = vec![("a", &a.freeze), ("b", &b.freeze), ("difference", &difference)];
    if !is_ladder {
        return words.say_with("cli-race-undecided", &args);
    }
    args.push(("rows", &a.train_rows));
    words.say_with("cli-race-undecided-rows", &args)
}

/// The end of a race that never began.
fn refused(problem: &Problem) -> RaceEnded {
    RaceEnded {
        outcome: RunOutcome::Failed,
        error: Some(problem.clone()),
        means: Vec::new(),
        undecided: Vec::new(),
        skipped: 0,
        failed: 0,
        race_dir: None,
    }
}

/// Prints the line of a race's end, in which the error is an English sentence.
fn json_end(output: &Output, ended: &RaceEnded) -> io::Result<()> {
    let mut line = serde_json::to_value(RaceEvent::RaceEnded(ended.clone()))?;
    line["error"] = ended.error.as_ref().map(english).into();
    output.json_line(&line)
}
