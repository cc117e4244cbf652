//! `thaw train`: the same command as the window's Train button, its events printed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;

use crate::domain::config::RunConfig;
use crate::domain::dataset::DatasetSummary;
use crate::domain::history::History;
use crate::domain::hub::HubRequest;
use crate::domain::message::{Command, EventKind, RunEnded, RunId, RunOutcome, TestEvaluated};
use crate::domain::params::ParamTree;
use crate::domain::problem::Problem;
use crate::words::shared;
use crate::worker::Worker;

use super::args::{Train, Training};
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
            (Command::Start { run_id, config: config.clone() }, *config)
        }
        // Their settings are told once they are found.
        Training::Resume(dir) => (Command::ResumeRun { run_id, dir }, RunConfig::default()),
        Training::Continue { dir, epochs, learning_rate, out } => {
            (Command::ContinueRun { run_id, dir, epochs, learning_rate, out }, RunConfig::default())
        }
    };
    worker.commands.send(command)?;
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
    let print = |kind: &EventKind| {
        printer.bars.follow(kind);
        printer.print(kind)
    };
    print_to_the_end(output, &worker, &interrupts, print, |kind| match kind {
        EventKind::RunEnded(ended) => Some((ended.outcome, ended.error.as_ref())),
        _ => None,
    })
}

/// Prints what the worker tells until `end_of` finds the end of it. When no one reads any more, the work is stopped and
/// what was learned is kept.
pub fn print_to_the_end(
    output: &Output,
    worker: &Worker,
    interrupts: &AtomicUsize,
    mut print: impl FnMut(&EventKind) -> io::Result<()>,
    end_of: impl Fn(&EventKind) -> Option<(RunOutcome, Option<&Problem>)>,
) -> Result<Exit> {
    let mut is_closed = false;
    loop {
        let kind = worker.events.recv()?.kind;
        if !is_closed && let Err(error) = print(&kind) {
            is_closed = true;
            if !is_closed_pipe(&error) {
                output.note("cli-error", &error.to_string());
            }
            worker.commands.send(Command::Stop)?;
        }
        if let Some((outcome, error)) = end_of(&kind) {
            if let Some(problem) = error {
                output.error(problem);
            }
            return Ok(match outcome {
                RunOutcome::Completed if !is_closed => Exit::Done,
                RunOutcome::Stopped if interrupts.load(Ordering::Acquire) > 0 => Exit::Interrupted,
                _ => Exit::Failed,
            });
        }
    }
}

/// The first Ctrl-C (or termination signal) stops the run, which is then saved, or a download; the second ends the program.
pub fn stop_on_interrupt(worker: &Worker) -> Result<Arc<AtomicUsize>> {
    let interrupts = Arc::new(AtomicUsize::new(0));
    let (count, commands) = (Arc::clone(&interrupts), worker.commands.clone());
    ctrlc::set_handler(move || {
        let is_first = count.fetch_add(1, Ordering::AcqRel) == 0;
        let is_sent = |command| commands.try_send(command).is_ok();
        if !(is_first && is_sent(Command::Hub(HubRequest::CancelPull)) && is_sent(Command::Stop)) {
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
    /// For what is said of it at the end.
    test: Option<TestEvaluated>,
    history: History,
}

impl Printer<'_> {
    fn print(&mut self, event: &EventKind) -> io::Result<()> {
        self.history.record(event);
        match event {
            EventKind::DatasetReady(summary) => {
                self.bars.suspend(|| report::skipped(self.output, summary));
                self.summary = Some(Arc::clone(summary));
            }
            EventKind::RunPlanned(config) => self.config = RunConfig::clone(config),
            EventKind::ModelReady(tree) => self.tree = Some(Arc::clone(tree)),
            EventKind::Warning(problem) => self.bars.suspend(|| self.output.warning(problem)),
            _ => {}
        }
        // What it told before is in its log; here it begins again where it goes on.
        if let EventKind::RunResumed(before) = event
            && let Some(started) = &before.started
        {
            let step = before.steps.last().map_or(0, |step| step.step);
            let line = Problem::new("cli-resumed").with_count("step", step).with_count("total", started.total_steps);
            self.bars.suspend(|| self.output.note("cli-note", &self.output.words.problem(&line)));
            return self.print(&EventKind::RunStarted(started.clone()));
        }
        if self.output.json { self.print_json(event) } else { self.print_report(event) }
    }

    fn print_json(&self, event: &EventKind) -> io::Result<()> {
        match event {
            EventKind::RunStarted(_)
            | EventKind::StageStarted(_)
            | EventKind::Step(_)
            | EventKind::LayerStats(_)
            | EventKind::LiveValidation(_)
            | EventKind::EpochEnded(_)
            | EventKind::FreezeProven(_)
            | EventKind::TestEvaluated(_)
            | EventKind::ReferenceReady(_) => self.output.json_line(event),
            EventKind::RunEnded(ended) => json_end(self.output, ended),
            _ => Ok(()),
        }
    }

    fn print_report(&mut self, event: &EventKind) -> io::Result<()> {
        let words = &self.output.words;
        let text = match event {
            EventKind::RunStarted(started) => {
                report::beginning(words, &self.config, self.summary.as_deref(), self.tree.as_deref(), started)
            }
            EventKind::StageStarted(stage) => report::stage(words, stage),
            EventKind::EpochEnded(epoch) if self.has_header => report::epoch(words, epoch),
            EventKind::EpochEnded(epoch) => {
                self.has_header = true;
                format!("{}\n{}", report::epoch_header(words), report::epoch(words, epoch))
            }
            EventKind::FreezeProven(proof) => {
                let mut text = format!("\n{}", shared::proof_totals(words, proof));
                if !proof.broken.is_empty() {
                    let problem = Problem::new("freeze-broken").with("names", proof.broken.join(", "));
                    text = format!("{text}\n{}", words.problem(&problem));
                }
                text
            }
            EventKind::TestEvaluated(test) => {
                self.test = Some(test.clone());
                report::test(words, test)
            }
            EventKind::ReferenceReady(reference) => report::reference(words, reference, self.test.as_ref()),
            EventKind::RunEnded(ended) => match report::ending(words, ended) {
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

/// The line of a run's end, its error as an English sentence.
fn json_end(output: &Output, ended: &RunEnded) -> io::Result<()> {
    let run_dir = ended.run_dir.as_deref().map(|dir| dir.to_string_lossy().into_owned().into());
    let mut line = serde_json::to_value(EventKind::RunEnded(RunEnded { run_dir, ..ended.clone() }))?;
    line["error"] = ended.error.as_ref().map(english).into();
    output.json_line(&line)
}
