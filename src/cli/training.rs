//! `thaw train` sends the same command as the window's Train button and prints the run's events.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;

use crate::domain::config::RunConfig;
use crate::domain::dataset::DatasetSummary;
use crate::domain::history::History;
use crate::domain::hub::HubRequest;
use crate::domain::message::{
    Command, Event, RunCommand, RunEnded, RunEvent, RunId, RunNotice, RunOutcome, TestEvaluated,
};
use crate::domain::params::ParamTree;
use crate::domain::problem::Problem;
use crate::words::shared;
use crate::worker::Worker;

use super::args::{Train, Training};
use super::ask::wait;
use super::bars::Bars;
use super::models::{self, Obtained};
use super::output::{Exit, Output, english, is_closed_pipe};
use super::report;

pub fn train(output: &Output, args: Train) -> Result<Exit> {
    let model = args.settings.model.clone();
    let refuse = |error: anyhow::Error| -> Result<Exit> {
        if let Some(problem) = error.downcast_ref().filter(|_| output.json) {
            json_end(output, &refused(problem))?;
        }
        Err(error)
    };
    let training = match args.into_training() {
        Ok(training) => training,
        Err(problem) => return refuse(problem.into()),
    };
    let worker = Worker::spawn_for_terminal()?;
    let interrupts = stop_on_interrupt(&worker)?;
    let run_id = RunId(1);
    let (command, config) = match training {
        Training::New(mut config) => {
            match models::obtain(output, &worker, model) {
                Ok(Obtained::Source(source)) => config.model = source,
                Ok(Obtained::Cancelled) => return Ok(Exit::Interrupted),
                Err(error) => return refuse(error),
            }
            (RunCommand::Start(run_id, config.clone()), *config)
        }
        // The worker tells the settings of these once it has found them.
        Training::Resume(dir) => (RunCommand::Resume(run_id, dir), RunConfig::default()),
        Training::Continue(continuation) => (RunCommand::Continue(run_id, continuation), RunConfig::default()),
    };
    worker.commands.send(Command::Run(command))?;
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
    let print = |event: &Event| {
        printer.bars.follow(event);
        printer.print(event)
    };
    print_to_the_end(output, &worker, &interrupts, print, |event| {
        let Event::Run(_, events) = event else { return None };
        events.iter().find_map(|event| match event {
            RunEvent::RunEnded(ended) => Some((ended.outcome, ended.error.as_ref())),
            _ => None,
        })
    })
}

/// Prints events until `end_of` finds the end among them. When no one reads any more, the work is stopped and what was
/// learned is kept.
pub fn print_to_the_end(
    output: &Output,
    worker: &Worker,
    interrupts: &AtomicUsize,
    mut print: impl FnMut(&Event) -> io::Result<()>,
    end_of: impl Fn(&Event) -> Option<(RunOutcome, Option<&Problem>)>,
) -> Result<Exit> {
    let mut is_closed = false;
    wait(worker, |event| {
        if !is_closed && let Err(error) = print(&event) {
            is_closed = true;
            if !is_closed_pipe(&error) {
                output.note("cli-error", &error.to_string());
            }
            worker.commands.send(Command::Run(RunCommand::Stop))?;
        }
        Ok(end_of(&event).map(|(outcome, error)| {
            if let Some(problem) = error {
                output.error(problem);
            }
            match outcome {
                RunOutcome::Completed if !is_closed => Exit::Done,
                RunOutcome::Stopped if interrupts.load(Ordering::Acquire) > 0 => Exit::Interrupted,
                _ => Exit::Failed,
            }
        }))
    })
}

/// The first Ctrl-C or termination signal stops a download or the run, which is then saved; the second ends the program.
pub fn stop_on_interrupt(worker: &Worker) -> Result<Arc<AtomicUsize>> {
    let interrupts = Arc::new(AtomicUsize::new(0));
    let (count, commands) = (Arc::clone(&interrupts), worker.commands.clone());
    ctrlc::set_handler(move || {
        let is_first = count.fetch_add(1, Ordering::AcqRel) == 0;
        let is_sent = |command| commands.try_send(command).is_ok();
        if !(is_first && is_sent(Command::Hub(HubRequest::CancelPull)) && is_sent(Command::Run(RunCommand::Stop))) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })?;
    Ok(interrupts)
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
                self.bars.suspend(|| report::skipped(self.output, summary));
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
            RunNotice::FactsFound(_) | RunNotice::PrefixCached(_) | RunNotice::Progress(_) | RunNotice::Paused(_) => {}
        }
        Ok(())
    }

    fn print_event(&mut self, event: &RunEvent) -> io::Result<()> {
        self.history.record(event);
        match event {
            RunEvent::RunEnded(ended) if self.output.json => json_end(self.output, ended),
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
            RunEvent::EpochEnded(epoch) if self.has_header => report::epoch(words, epoch),
            RunEvent::EpochEnded(epoch) => {
                self.has_header = true;
                format!("{}\n{}", report::epoch_header(words), report::epoch(words, epoch))
            }
            RunEvent::FreezeProven(proof) => {
                let mut text = format!("\n{}", shared::proof_totals(words, proof));
                if !proof.broken.is_empty() {
                    let problem = Problem::new("freeze-broken").with("names", proof.broken.join(", "));
                    text = format!("{text}\n{}", words.problem(&problem));
                }
                text
            }
            RunEvent::TestEvaluated(test) => {
                self.test = Some(test.clone());
                report::test(words, test)
            }
            RunEvent::ReferenceReady(reference) => report::reference(words, reference, self.test.as_ref()),
            RunEvent::RunEnded(ended) => match report::ending(words, ended) {
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

/// The end of a run that never began.
fn refused(problem: &Problem) -> RunEnded {
    let (outcome, error) = (RunOutcome::Failed, Some(problem.clone()));
    RunEnded { outcome, error, run_dir: None, train_secs: 0.0, peak_memory_bytes: 0 }
}

/// Prints the line of a run's end, in which the error is an English sentence.
fn json_end(output: &Output, ended: &RunEnded) -> io::Result<()> {
    let run_dir = ended.run_dir.as_deref().map(|dir| dir.to_string_lossy().into_owned().into());
    let mut line = serde_json::to_value(RunEvent::RunEnded(RunEnded { run_dir, ..ended.clone() }))?;
    line["error"] = ended.error.as_ref().map(english).into();
    output.json_line(&line)
}
