//! `thaw race`: several trainings beside each other, a line for each and a table at the end.

use std::io;
use std::sync::Arc;

use anyhow::Result;

use crate::domain::message::{Event, RaceEvent, RunEvent, RunNotice, RunOutcome};
use crate::domain::problem::Problem;
use crate::domain::race::{RaceEnded, RaceMean, RacePlan, RaceRow, RaceStarted};
use crate::words::numbers::{clock, count, fine_percent_digits, learning_rate};
use crate::words::{Catalogue, Fill, Number, shared};

use super::args::Race;
use super::bars::Bars;
use super::output::{Exit, Output};
use super::report;
use super::start::perform;
use super::table::Table;

pub fn race(output: &Output, args: Race) -> Result<Exit> {
    let mut printer = Printer { output, bars: Bars::new(output), plan: Arc::default(), runs: 0, begun: 0 };
    perform(output, args.settings.model.clone(), args.into_command(), refused, |event| {
        printer.bars.follow(event);
        printer.print(event)
    })
}

/// The end of a race that never began.
fn refused(problem: Problem) -> RaceEvent {
    RaceEvent::RaceEnded(RaceEnded {
        outcome: RunOutcome::Failed,
        error: Some(problem),
        means: Vec::new(),
        undecided: Vec::new(),
        skipped: 0,
        failed: 0,
        race_dir: None,
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
                self.bars.suspend(|| report::reading(self.output, summary));
            }
            Event::OfRun(_, RunNotice::Warning(problem)) if self.begun <= 1 => {
                self.bars.suspend(|| self.output.warning(problem));
            }
            Event::OfRun(_, RunNotice::ModelRead(tree)) if self.begun <= 1 => {
                self.bars.suspend(|| report::note_labels(self.output, tree));
            }
            Event::Run(_, events) => {
                for event in events {
                    if let RunEvent::RunEnded(ended) = event
                        && let Some(problem) = &ended.error
                    {
                        let line = Problem::new("cli-race-run-failed")
                            .with_count("run", self.begun)
                            .with_problem("problem", problem.clone());
                        self.bars.suspend(|| self.output.warning(&line));
                    }
                }
            }
            Event::Race(_, event) => return self.print_race(event),
            _ => {}
        }
        Ok(())
    }

    fn print_race(&mut self, event: &RaceEvent) -> io::Result<()> {
        let words = &self.output.words;
        let text = match event {
            RaceEvent::RaceRunStarted(started) => {
                self.begun = started.index + 1;
                // A bar follows one run, so each run gets its own.
                self.bars = Bars::new(self.output);
                return Ok(());
            }
            RaceEvent::RaceStarted(started) => {
                (self.plan, self.runs) = (Arc::clone(&started.plan), started.runs);
                beginning(words, &self.plan, started)
            }
            RaceEvent::RaceRow(row) => self.row(row),
            RaceEvent::RaceEnded(ended) if self.output.json => {
                return self.output.json_end(event, ended.error.as_ref());
            }
            RaceEvent::RaceEnded(ended) if !ended.means.is_empty() => ending(words, self.plan.is_ladder(), ended),
            RaceEvent::RaceEnded(ended) if ended.outcome == RunOutcome::Stopped => match &ended.race_dir {
                Some(dir) => words.say_with("cli-race-stopped", &[("folder", &dir.display())]),
                None => words.say("cli-ended-nothing"),
            },
            RaceEvent::RaceEnded(_) => return Ok(()),
        };
        self.bars.suspend(|| self.output.result(event, &text))
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
                ("time", &shared::training_time(words, row.train_secs, row.shared_secs)),
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
    let mut lines = vec![words.say_with(
        "cli-race-beginning",
        &[
            ("runs", &started.runs),
            ("names", &names.join(", ")),
            ("seeds", &plan.seeds.len()),
            ("epochs", &plan.config.training.epochs),
        ],
    )];
    if let Some(rows) = started.max_rows {
        let minutes = plan.minutes.unwrap_or_default();
        lines.push(words.say_with("cli-race-fitted", &[("rows", &rows), ("minutes", &minutes)]));
    }
    if let Some(secs) = started.estimated_secs {
        lines.push(words.say_with("cli-race-expected", &[("time", &Number::Clock(secs))]));
    }
    lines.join("\n")
}

/// The table of means, and which differences are within chance. The text begins with an empty line.
fn ending(words: &Catalogue, is_ladder: bool, ended: &RaceEnded) -> String {
    let say = |id| words.say(id);
    let spread = |spread: f64| format!("{:.1}", spread * 100.0);
    let interval = |(low, high)| {
        let (low, high) = (fine_percent_digits(low), fine_percent_digits(high));
        words.say_with("cli-race-range", &[("low", &low), ("high", &high)])
    };
    let mut table = Table::of(&ended.means).left(say("cli-race-column-freeze"), |mean| mean.freeze.clone());
    if is_ladder {
        table = table.right(say("cli-race-rows"), |mean| count(mean.train_rows));
    }
    let table = table
        .right(say("cli-race-runs"), |mean| mean.runs.to_string())
        .right(say("cli-race-rate"), |mean| learning_rate(mean.learning_rate))
        .right(say("cli-race-accuracy"), |mean| fine_percent_digits(mean.accuracy))
        .right(say("cli-race-spread"), |mean| mean.accuracy_spread.map_or_else(|| "–".to_owned(), spread))
        .right(say("cli-race-interval"), |mean| interval(mean.accuracy_interval))
        .right(say("cli-race-f1"), |mean| format!("{:.3}", mean.macro_f1))
        .right(say("cli-race-time"), |mean| clock(mean.train_secs))
        .right(say("cli-race-shared"), |mean| clock(mean.shared_secs))
        .right(say("cli-race-memory"), |mean| words.write(Number::Megabytes(mean.peak_memory_bytes)))
        .right(say("cli-race-trainable"), |mean| count(mean.trainable));
    let mut text = format!("\n{}", table.text());
    for (a, b) in &ended.undecided {
        if let (Some(a), Some(b)) = (ended.means.get(*a), ended.means.get(*b)) {
            text += &format!("\n{}", undecided(words, is_ladder, a, b));
        }
    }
    if let Some(dir) = &ended.race_dir {
        let id = if ended.outcome == RunOutcome::Stopped { "cli-race-stopped" } else { "cli-race-ended" };
        text += &format!("\n\n{}", words.say_with(id, &[("folder", &dir.display())]));
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
