//! The numbers of one run as they arrive, ready to be drawn or read back from a run folder.

use std::sync::Arc;

use super::coach::RunFacts;
use super::curve::RunCurves;
use super::engine::TrainerFacts;
use super::health::Found;
use super::layers::{LayerStats, MeasuredParameter};
use super::message::{
    EpochEnded, LiveValidation, PrefixStatus, RunEnded, RunEvent, RunNotice, RunStarted, StageStarted, TestEvaluated,
};
use super::metrics::Confusion;
use super::proof::FreezeProof;
use super::reference::Reference;
use super::smoothing::Smoothing;
use super::steps::Steps;

/// Everything a run has told so far.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub started: Option<RunStarted>,
    /// The stages so far; empty where the same parameters train throughout.
    pub stages: Vec<StageStarted>,
    pub steps: Steps,
    /// The numbers of the steps and of the looks at validation as curves, thinned for drawing.
    pub curves: RunCurves,
    /// Samples of every parameter's drift and gradient.
    pub layers: Vec<LayerStats>,
    pub live: Vec<LiveValidation>,
    pub epochs: Vec<EpochEnded>,
    /// What is kept of the frozen layers' outputs at present.
    pub prefix: Option<PrefixStatus>,
    pub test: Option<TestEvaluated>,
    pub reference: Option<Reference>,
    pub facts: Option<RunFacts>,
    /// What is known of a run that Hugging Face's `Trainer` logged.
    pub trainer: Option<TrainerFacts>,
    /// What the training changed; it is known once the weights are saved.
    pub proof: Option<Arc<FreezeProof>>,
    pub ended: Option<RunEnded>,
}

impl History {
    /// What the run told of its data's health; nothing before it has started.
    pub fn findings(&self) -> &[Found] {
        self.started.as_ref().map_or(&[], |started| &started.findings)
    }

    /// Takes in one event of the run.
    pub fn record(&mut self, event: &RunEvent) {
        match event {
            RunEvent::RunStarted(e) => self.started = Some(e.clone()),
            RunEvent::StageStarted(e) => self.stages.push(*e),
            RunEvent::Step(e) => {
                self.steps.push(*e);
                self.curves.push_step(e);
            }
            RunEvent::LayerStats(e) => self.layers.push(e.clone()),
            RunEvent::LiveValidation(e) => {
                self.curves.push_look(e, self.steps.secs_at(e.step));
                self.live.push(e.clone());
            }
            RunEvent::EpochEnded(e) => self.epochs.push(e.clone()),
            RunEvent::FreezeProven(e) => self.proof = Some(Arc::clone(e)),
            RunEvent::TestEvaluated(e) => self.test = Some(e.clone()),
            RunEvent::ReferenceReady(e) => self.reference = Some(Reference::clone(e)),
            RunEvent::RunEnded(e) => self.ended = Some(e.clone()),
        }
    }

    /// Optimiser steps of the whole run, once they are known.
    pub fn total_steps(&self) -> Option<usize> {
        let of_trainer = || self.trainer.as_ref().map(|trainer| trainer.total_steps);
        self.started.as_ref().map(|started| started.total_steps).or_else(of_trainer)
    }

    /// Whether the looks at validation within epochs are at all of its rows, as they are with Hugging Face's `Trainer`.
    pub fn looks_are_whole(&self) -> bool {
        self.trainer.is_some()
    }

    /// Smooths the curves like this from now on. Returns whether they were smoothed otherwise before.
    pub fn smooth(&mut self, smoothing: Smoothing) -> bool {
        let changes = self.curves.smoothing() != smoothing;
        if changes {
            self.curves.smooth(smoothing, &self.steps);
        }
        changes
    }

    /// Takes in what is shown of the run but is in no log.
    pub fn note(&mut self, notice: &RunNotice) {
        match notice {
            RunNotice::Resumed(before) => *self = History::clone(before),
            RunNotice::PrefixCached(status) => self.prefix = Some(*status),
            RunNotice::FactsFound(facts) => self.facts = Some(*facts),
            _ => {}
        }
    }

    /// The parameters that the samples of the layers measure; `None` before the first sample.
    pub fn measured(&self) -> Option<&[MeasuredParameter]> {
        self.layers.first()?.parameters.as_deref()
    }

    /// The newest validation matrix with the step it belongs to, and whether it is of the whole validation part.
    pub fn newest_confusion(&self) -> Option<(usize, &Confusion, bool)> {
        let whole = self.epochs.last().map(|e| (self.step_at_end_of(e.epoch), &e.validation_confusion, true));
        // A log of another program may have no matrix.
        let sample = self.live.last().filter(|l| l.confusion.rows() > 0).map(|l| (l.step, &l.confusion, false));
        // Of two at the same step the whole part says more, and `max_by_key` returns the last of equals.
        sample.into_iter().chain(whole).max_by_key(|(step, ..)| *step)
    }

    /// The last optimiser step of an epoch that has ended.
    pub fn step_at_end_of(&self, epoch: usize) -> usize {
        epoch * self.trainer.as_ref().map_or_else(|| self.steps.per_epoch(), |trainer| trainer.steps_per_epoch)
    }
}
