//! Progress bars on standard error, where someone watches.

use std::fmt::Write;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::domain::answered::AnsweringRows;
use crate::domain::message::{Event, Notice, Progress, RunEvent, RunNotice, SweepEvent, Task};
use crate::domain::rate_sweep::{SWEEP_STEPS, two_digits};
use crate::words::{Catalogue, Fill, Number, answered};

use super::output::Output;

/// The bar of a training counts so many parts of each step, so that it moves within long ones and tells the time that is left.
const PARTS: u64 = 100;
/// The bar of a file whose rows are answered has so many parts.
const ROW_PARTS: u64 = 1000;

/// One progress bar that follows the work.
pub struct Bars<'a> {
    words: &'a Catalogue,
    bar: ProgressBar,
    /// Optimiser steps of the whole run, once they are known.
    total_steps: Option<usize>,
    in_training: bool,
    task: Option<Task>,
    of_rows: bool,
}

impl<'a> Bars<'a> {
    pub fn new(output: &'a Output) -> Self {
        let bar = bar(output, "{msg}");
        Self { words: &output.words, bar, total_steps: None, in_training: false, task: None, of_rows: false }
    }

    /// Moves the bar to where the event says.
    pub fn follow(&mut self, event: &Event) {
        match event {
            Event::Run(_, events) => events.iter().for_each(|event| self.follow_run(event)),
            Event::OfRun(_, RunNotice::Resumed(before)) => {
                self.total_steps = before.started.as_ref().map(|run| run.total_steps);
            }
            Event::Sweep(_, SweepEvent::RatePoint(point)) => {
                self.total_steps = Some(SWEEP_STEPS);
                self.begin_training();
                self.bar.inc(PARTS);
                let rate = Number::LearningRate(two_digits(point.learning_rate));
                let loss = Number::Ratio(point.smoothed);
                self.bar.set_message(self.words.say_with("cli-bar-rate", &[("rate", &rate), ("loss", &loss)]));
            }
            Event::OfRun(_, RunNotice::Progress(progress)) | Event::Notice(Notice::Progress(progress)) => {
                self.follow_task(*progress);
            }
            Event::Notice(Notice::AnsweringRows(far)) => self.follow_rows(far),
            Event::OfRun(_, RunNotice::WithinStep(within)) => {
                self.begin_training();
                let parts = (within.share * PARTS as f64) as u64;
                self.bar.set_position((within.step as u64).saturating_sub(1) * PARTS + parts.min(PARTS - 1));
                let (step, percent) = (&within.step, &Number::Progress(within.share));
                self.bar.set_message(match within.loss.map(Number::Ratio) {
                    Some(loss) => {
                        let args: [(&str, &dyn Fill); 3] = [("step", step), ("percent", percent), ("loss", &loss)];
                        self.words.say_with("cli-bar-within-step", &args)
                    }
                    None => self.words.say_with("cli-bar-step-begun", &[("step", step), ("percent", percent)]),
                });
            }
            Event::Sweep(_, SweepEvent::LearningRateSwept(_)) | Event::Answer(..) => self.bar.finish_and_clear(),
            _ => {}
        }
    }

    fn follow_run(&mut self, event: &RunEvent) {
        match event {
            RunEvent::RunStarted(run) => {
                self.total_steps = Some(run.total_steps);
                self.begin_training();
            }
            RunEvent::Step(step) => {
                self.begin_training();
                self.bar.set_position(step.step as u64 * PARTS);
                self.bar.set_message(self.words.say_with(
                    "cli-bar-step",
                    &[
                        ("epoch", &step.epoch),
                        ("loss", &Number::Ratio(step.loss)),
                        ("accuracy", &Number::Decimal(step.accuracy, 2)),
                    ],
                ));
            }
            RunEvent::RunEnded(_) => self.bar.finish_and_clear(),
            RunEvent::TestEvaluated(_) => self.bar.set_position(self.bar.length().unwrap_or(0)),
            _ => {}
        }
    }

    /// Shows how far the rows of a file are answered.
    fn follow_rows(&mut self, far: &AnsweringRows) {
        if !std::mem::replace(&mut self.of_rows, true) {
            self.bar.set_style(style("{bar:30} {percent:>3} %  {msg}"));
            self.bar.set_length(ROW_PARTS);
        }
        self.bar.set_position((far.share * ROW_PARTS as f64) as u64);
        self.bar.set_message(answered::answering(self.words, far));
    }

    /// Prints while the bar is hidden, so that neither tears the other.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    fn begin_training(&mut self) {
        if std::mem::replace(&mut self.in_training, true) {
            return;
        }
        self.task = None;
        self.bar.set_message("");
        self.bar.set_length(self.total_steps.unwrap_or(0) as u64 * PARTS);
        let steps = |parts: u64| HumanCount(parts / PARTS);
        let write = move |to: &mut dyn Write, parts: u64| {
            write!(to, "{}", steps(parts)).ok();
        };
        let done = move |state: &ProgressState, to: &mut dyn Write| write(to, state.pos());
        let all = move |state: &ProgressState, to: &mut dyn Write| write(to, state.len().unwrap_or(0));
        let style = style("{bar:30} {done}/{all}  {msg}  {eta}").with_key("done", done).with_key("all", all);
        self.bar.set_style(style);
        self.bar.reset();
    }

    /// Shows a task with its own bar. Validation and saving during training are shown beside the steps.
    fn follow_task(&mut self, Progress { task, done, total }: Progress) {
        if task == Task::Validate && self.in_training {
            self.bar.set_message(self.words.say_with("cli-bar-validate", &[("done", &done), ("total", &total)]));
            return;
        }
        // A checkpoint is written between two steps.
        if task == Task::Save && self.in_training {
            self.bar.set_message(self.words.say("cli-stage-save"));
            return;
        }
        if self.task != Some(task) {
            self.task = Some(task);
            self.in_training = false;
            self.bar.set_style(style("{bar:30} {percent:>3} %  {msg}"));
            self.bar.set_message(self.words.say(match task {
                Task::ReadData => "cli-stage-read-data",
                Task::Tokenise => "cli-stage-tokenise",
                Task::LoadModel => "cli-stage-load-model",
                Task::LoadWeights => "cli-stage-load-weights",
                Task::Fingerprint => "cli-stage-fingerprint",
                Task::Validate => "cli-stage-validate",
                Task::Test => "cli-stage-test",
                Task::Reference => "cli-stage-reference",
                Task::Behaviour => "cli-stage-behaviour",
                Task::Suspects => "cli-stage-suspects",
                Task::TextMap => "cli-stage-text-map",
                Task::Words => "cli-stage-words",
                Task::Report => "cli-stage-report",
                Task::Save => "cli-stage-save",
            }));
            self.bar.reset();
        }
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
    }
}

/// A bar on standard error, drawn where someone watches.
pub fn bar(output: &Output, template: &str) -> ProgressBar {
    let target = if output.is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    ProgressBar::with_draw_target(Some(0), target).with_style(style(template))
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("━╸─")
}
