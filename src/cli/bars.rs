//! Progress bars on standard error, where someone watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::domain::message::{EventKind, Stage};
use crate::domain::rate_sweep::{SWEEP_STEPS, two_digits};
use crate::words::{Catalogue, Number};

use super::output::Output;

/// One line that follows a run.
pub struct Bars<'a> {
    words: &'a Catalogue,
    bar: ProgressBar,
    /// Optimiser steps, once training has begun; until it ends stages are told beside them.
    total_steps: Option<usize>,
    in_training: bool,
    stage: Option<Stage>,
}

impl<'a> Bars<'a> {
    pub fn new(output: &'a Output) -> Self {
        let target = if output.is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style("{msg}"));
        Self { words: &output.words, bar, total_steps: None, in_training: false, stage: None }
    }

    /// Moves the bar to where the event says.
    pub fn follow(&mut self, event: &EventKind) {
        match event {
            EventKind::RunResumed(before) => self.total_steps = before.started.as_ref().map(|run| run.total_steps),
            EventKind::RunStarted(run) => {
                self.total_steps = Some(run.total_steps);
                self.begin_training();
            }
            EventKind::Step(step) => {
                self.begin_training();
                self.bar.set_position(step.step as u64);
                self.bar.set_message(self.words.say_with(
                    "cli-bar-step",
                    &[
                        ("epoch", &step.epoch),
                        ("loss", &Number::Ratio(step.loss)),
                        ("accuracy", &Number::Decimal(step.accuracy, 2)),
                    ],
                ));
            }
            EventKind::RatePoint(point) => {
                self.total_steps = Some(SWEEP_STEPS);
                self.begin_training();
                self.bar.inc(1);
                let (rate, loss) =
                    (Number::LearningRate(two_digits(point.learning_rate)), Number::Ratio(point.smoothed));
                self.bar.set_message(self.words.say_with("cli-bar-rate", &[("rate", &rate), ("loss", &loss)]));
            }
            EventKind::Progress { stage: Stage::Validate, done, total } if self.in_training => {
                self.bar.set_message(self.words.say_with("cli-bar-validate", &[("done", done), ("total", total)]));
            }
            EventKind::Progress { stage, done, total } => self.stage(*stage, *done, *total),
            EventKind::RunEnded(_) | EventKind::LearningRateSwept(_) | EventKind::RequestFailed(_) => {
                self.bar.finish_and_clear()
            }
            EventKind::TestEvaluated(_) => self.bar.set_position(self.bar.length().unwrap_or(0)),
            _ => {}
        }
    }

    /// Prints without tearing the bar.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    fn begin_training(&mut self) {
        if std::mem::replace(&mut self.in_training, true) {
            return;
        }
        self.stage = None;
        self.bar.set_message("");
        self.bar.set_length(self.total_steps.unwrap_or(0) as u64);
        self.bar.set_style(style("{bar:30} {human_pos}/{human_len}  {msg}  {eta}"));
        self.bar.reset();
    }

    fn stage(&mut self, stage: Stage, done: usize, total: usize) {
        if self.stage != Some(stage) {
            self.stage = Some(stage);
            self.in_training = false;
            self.bar.set_style(style("{bar:30} {percent:>3} %  {msg}"));
            self.bar.set_message(self.words.say(match stage {
                Stage::ReadData => "cli-stage-read-data",
                Stage::Tokenise => "cli-stage-tokenise",
                Stage::LoadModel => "cli-stage-load-model",
                Stage::Validate => "cli-stage-validate",
                Stage::Test => "cli-stage-test",
                Stage::Reference => "cli-stage-reference",
                Stage::Save => "cli-stage-save",
            }));
            self.bar.reset();
        }
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("━╸─")
}
