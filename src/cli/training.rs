//! `thaw train` sends the same command as the window's Train button and prints the run's events.

use std::io;
use std::sync::Arc;

use anyhow::Result;

use crate::domain::config::RunConfig;
use crate::domain::dataset::DatasetSummary;
use crate::domain::history::History;
use crate::domain::message::{Event, RunCommand, RunEnded, RunEvent, RunNotice, RunOutcome, TestEvaluated};
use crate::domain::params::ParamTree;
use crate::domain::problem::Problem;
use crate::words::shared;

use super::args::Train;
use super::bars::Bars;
use super::output::{Exit, Output};
use super::report;
use super::start::perform;

pub fn train(output: &Output, args: Train) -> Result<Exit> {
    let model = args.run.settings.model.clone();
    let command = args.into_command();
    let config = match &command {
        Ok(RunCommand::Start(_, config)) => RunConfig::clone(config),
        // The worker tells the settings of a run that goes on once it has found them.
        _ => RunConfig::default(),
    };
    let mut printer = Printer {
        output,
        config,
        bars: Bars::new(output),
        summary: None,
        tree: None,
        has_header: false,
        test: None,
        history: History::default(),
    };
    let refused = |problem| {
        let (outcome, error) = (RunOutcome::Failed, Some(problem));
        RunEvent::RunEnded(RunEnded {
            outcome,
            error,
            run_dir: None,
            train_secs: 0.0,
            shared_secs: 0.0,
            peak_memory_bytes: 0,
        })
    };
    perform(output, model, command, refused, |event| {
        printer.bars.follow(event);
        printer.print(event)
    })
}

struct Printer<'a> {
    output: &'a Output,
    config: RunConfig,
    bars: Bars<'a>,
    summary: Option<Arc<DatasetSummary>>,
    tree: Option<Arc<ParamTree>>,
    has_header: bool,
    /// The end of the report compares the test with the guess and the reference.
    test: Option<TestEvaluated>,
    history: History,
}

impl Printer<'_> {
    fn print(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Run(_, events) => events.iter().try_for_each(|event| self.print_event(event)),
            Event::OfRun(_, notice) => self.take(notice),
            _ => Ok(()),
        }
    }

    /// Takes note of what the report needs later, and says on standard error what a reader should know now.
    fn take(&mut self, notice: &RunNotice) -> io::Result<()> {
        self.history.note(notice);
        match notice {
            RunNotice::DatasetRead(summary) => {
                self.bars.suspend(|| report::reading(self.output, summary));
                self.summary = Some(Arc::clone(summary));
            }
            RunNotice::Planned(config) => self.config = RunConfig::clone(config),
            RunNotice::ModelRead(tree) => self.tree = Some(Arc::clone(tree)),
            RunNotice::Warning(problem) => self.bars.suspend(|| self.output.warning(problem)),
            // The log has what happened before the interruption; here a resumed run begins where it is taken up.
            RunNotice::Resumed(before) => {
                if let Some(started) = &before.started {
                    let step = before.steps.last().map_or(0, |step| step.step);
                    let line =
                        Problem::new("cli-resumed").with_count("step", step).with_count("total", started.total_steps);
                    self.bars.suspend(|| self.output.note("cli-note", &self.output.words.problem(&line)));
                    return self.print_event(&RunEvent::RunStarted(started.clone()));
                }
            }
            RunNotice::FactsFound(_)
            | RunNotice::PrefixCached(_)
            | RunNotice::Progress(_)
            | RunNotice::WithinStep(_)
            | RunNotice::Paused(_) => {}
        }
        Ok(())
    }

    fn print_event(&mut self, event: &RunEvent) -> io::Result<()> {
        self.history.record(event);
        match event {
            RunEvent::RunEnded(ended) if self.output.json => {
                // JSON is Unicode, so a path that is not is printed as near as can be.
                let run_dir = ended.run_dir.as_deref().map(|dir| dir.to_string_lossy().into_owned().into());
                let end = RunEvent::RunEnded(RunEnded { run_dir, ..ended.clone() });
                self.output.json_end(&end, ended.error.as_ref())
            }
            event if self.output.json => self.output.json_line(event),
            event => self.print_report(event),
        }
    }

    fn print_report(&mut self, event: &RunEvent) -> io::Result<()> {
        let words = &self.output.words;
        let text = match event {
            RunEvent::RunStarted(started) => {
                report::beginning(words, &self.config, self.summary.as_deref(), self.tree.as_deref(), started)
            }
            RunEvent::StageStarted(stage) => report::stage(words, stage),
            RunEvent::EpochEnded(epoch) => report::epoch(words, epoch, !std::mem::replace(&mut self.has_header, true)),
            RunEvent::FreezeProven(proof) => {
                let mut text = format!("\n{}", shared::proof_totals(words, proof));
                if !proof.broken.is_empty() {
                    let problem = Problem::new("freeze-broken").with("names", proof.broken.join(", "));
                    text += &format!("\n{}", words.problem(&problem));
                }
                text
            }
            RunEvent::TestEvaluated(test) => {
                self.test = Some(test.clone());
                report::test(words, test, self.history.findings())
            }
            RunEvent::ReferenceReady(reference) => report::reference(words, reference, self.test.as_ref()),
            RunEvent::RunEnded(ended) => match report::ending(words, ended, &self.config) {
                Some(ending) => {
                    let guess = report::guess(words, &self.config, self.test.as_ref(), ended);
                    report::coach(words, &self.history, &self.config) + &guess + &ending
                }
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        self.bars.suspend(|| self.output.line(&text))
    }
}
