//! A freezing applied to a model: which of its parameters train in which epochs, and at which share of the learning rate.

use crate::domain::config::TrainingConfig;
use crate::domain::freeze::Freeze;
use crate::domain::memory::{TextSizes, memory_need};
use crate::domain::params::ParamTree;
use crate::domain::problem::{Outcome, Problem};

use super::PlannedStage;

/// The stages of a freezing on a model, and the factors on its learning rate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unfreezing {
    /// There is at least one, and the first begins with epoch 1.
    pub stages: Vec<Stage>,
    /// The factor of each parameter on the learning rate, parallel to those of the tree.
    pub factors: Vec<f64>,
}

/// What trains from some epoch on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The first epoch of the stage, counted from 1.
    pub from_epoch: usize,
    /// Whether each parameter trains, parallel to those of the tree.
    pub trainable: Vec<bool>,
}

impl Freeze {
    /// What trains in which epochs, and at which share of the learning rate. That nothing trains in a stage is no error here,
    /// because the timeline can show it; `Unfreezing::check` refuses it before training.
    ///
    /// # Errors
    /// Those of [`Freeze::resolve`].
    pub fn unfreezing(&self, tree: &ParamTree) -> Outcome<Unfreezing> {
        let Self::Timeline(timeline) = self else {
            let stage = Stage { from_epoch: 1, trainable: self.resolve(tree)? };
            return Ok(Unfreezing { stages: vec![stage], factors: vec![1.0; tree.parameters.len()] });
        };
        timeline.check()?;
        let resolve =
            |stage: &PlannedStage| Ok(Stage { from_epoch: stage.from_epoch, trainable: stage.freeze.resolve(tree)? });
        let stages = timeline.stages.iter().map(resolve).collect::<Outcome<_>>()?;
        Ok(Unfreezing { stages, factors: timeline.learning_rates.factors(tree)? })
    }
}

impl Unfreezing {
    /// The place of the stage that an epoch, counted from 1, belongs to.
    pub fn stage_of(&self, epoch: usize) -> usize {
        self.stages.iter().rposition(|stage| stage.from_epoch <= epoch).unwrap_or(0)
    }

    /// Whether each parameter trains in any stage, parallel to those of the tree.
    pub fn ever(&self) -> Vec<bool> {
        (0..self.factors.len()).map(|i| self.stages.iter().any(|stage| stage.trainable[i])).collect()
    }

    /// The stages that a run of so many epochs reaches, with the number of epochs of each.
    pub fn within(&self, epochs: usize) -> impl Iterator<Item = (&Stage, usize)> {
        let ends = self.stages.iter().skip(1).map(|stage| stage.from_epoch - 1).chain([usize::MAX]);
        let reached = self.stages.iter().zip(ends).take_while(move |(stage, _)| stage.from_epoch <= epochs);
        reached.map(move |(stage, end)| (stage, end.min(epochs) + 1 - stage.from_epoch))
    }

    /// What trains in the stage that takes the most memory, among those that a run with these settings reaches.
    pub fn fullest(&self, tree: &ParamTree, texts: TextSizes, training: &TrainingConfig) -> &[bool] {
        let frozen = training.frozen_precision;
        let bytes = |trainable: &&[bool]| memory_need(tree, trainable, texts, frozen).total_bytes();
        let reached = self.within(training.epochs).map(|(stage, _)| stage.trainable.as_slice());
        reached.max_by_key(bytes).unwrap_or_default()
    }

    /// Refuses stages in which nothing trains.
    ///
    /// # Errors
    /// `freeze-nothing-trains`, or with several stages `plan-stage-nothing-trains`, which names the stage.
    pub fn check(&self) -> Outcome<()> {
        let Some(idle) = self.stages.iter().position(|stage| !stage.trainable.contains(&true)) else { return Ok(()) };
        if self.stages.len() == 1 {
            return Err(Problem::new("freeze-nothing-trains"));
        }
        let epoch = self.stages[idle].from_epoch;
        Err(Problem::new("plan-stage-nothing-trains").with_count("stage", idle).with_count("epoch", epoch))
    }
}
