//! The unfreezing timeline: which parameters train in which epochs, and the factor of each on the learning rate.
//!
//! A plan file says it where plain rules are not enough. A stage begins with an epoch and lasts until the next stage begins:
//!
//! ```json
//! { "stages": [
//!     { "from_epoch": 1, "freeze": "2" },
//!     { "from_epoch": 2, "rules": [ { "parameters": "{classifier,pooler}.*", "state": "trainable" },
//!                                   { "parameters": "encoder.layer.[45].*", "state": "trainable" } ] },
//!     { "from_epoch": 4, "freeze": "full" } ],
//!   "learning_rates": { "layer_divisor": 2.6, "groups": [ { "parameters": "embeddings.*", "factor": 0.1 } ] } }
//! ```
//!
//! A plan of one stage may leave `stages` out: `{"freeze": "full", "learning_rates": {..}}`, `{"rules": [..]}`.

mod plan_file;
mod templates;
mod unfreezing;

use globset::Glob;
use serde::{Deserialize, Serialize};

use super::freeze::Freeze;
use super::params::{ParamTree, Parameter};
use super::problem::{Outcome, Problem};

pub use plan_file::{PlanFile, StageFile};
pub use templates::{Rung, Template, stages_of};
pub use unfreezing::{Stage, Unfreezing};

/// ULMFiT (arXiv 1801.06146) divides the rate of each layer by this to get that of the layer below.
pub const ULMFIT_DIVISOR: f64 = 2.6;
/// Sun et al. (arXiv 1905.05583) multiply the rate of each layer by this to get that of the layer below.
pub const SUN_FACTOR: f64 = 0.95;
/// The largest factor of a group. A larger one is taken for a typing mistake.
pub const MOST_FACTOR: f64 = 1000.0;

/// The stages of a training, and the factors on the learning rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PlanFile", into = "PlanFile")]
pub struct Timeline {
    /// The stages in the order of their epochs. There is at least one, and the first begins with epoch 1.
    pub stages: Vec<PlannedStage>,
    pub learning_rates: LearningRates,
}

/// What trains from some epoch on.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedStage {
    /// The first epoch of the stage, counted from 1.
    pub from_epoch: usize,
    /// What trains in it. It is no timeline itself.
    pub freeze: Freeze,
}

/// Factors on the learning rate. For each parameter, the rate that the schedule gives a step is multiplied by its factor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LearningRates {
    /// The factor of each layer is that of the layer above times this, which is 0 to 1. The last layer and all above it have
    /// 1, and the embeddings count as the layer below layer 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_factor: Option<f64>,
    /// The same as a divisor of 1 or more. Only one of the two may be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_divisor: Option<f64>,
    /// Further factors for some parameters, which are multiplied with those of their layers. The last group that matches a
    /// name decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<RateGroup>,
}

/// Parameters with a factor of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateGroup {
    /// A glob over parameter names, as in a [`Rule`](crate::domain::freeze::Rule).
    pub parameters: String,
    /// It is above 0 and at most `MOST_FACTOR`.
    pub factor: f64,
}

impl Timeline {
    /// The timeline of any freezing. A plain one becomes a single stage with one rate.
    pub fn of(freeze: &Freeze) -> Self {
        match freeze {
            Freeze::Timeline(timeline) => timeline.clone(),
            freeze => Self {
                stages: vec![PlannedStage { from_epoch: 1, freeze: freeze.clone() }],
                learning_rates: LearningRates::default(),
            },
        }
    }

    /// The timeline as a freezing, which is a plain one when there is a single stage with one rate.
    pub fn simplest(mut self) -> Freeze {
        match self.stages.len() {
            1 if self.learning_rates == LearningRates::default() => self.stages.remove(0).freeze,
            _ => Freeze::Timeline(self),
        }
    }

    /// Checks the order of the stages and the factors.
    ///
    /// # Errors
    /// `plan-no-stage`, `plan-first-stage`, `plan-stages-out-of-order`, `plan-layer-both`, `plan-layer-factor`,
    /// `plan-layer-divisor`, `plan-group-factor`.
    pub fn check(&self) -> Outcome<()> {
        let Some(first) = self.stages.first() else { return Err(Problem::new("plan-no-stage")) };
        if first.from_epoch != 1 {
            return Err(Problem::new("plan-first-stage").with_count("epoch", first.from_epoch));
        }
        if let Some(i) = self.stages.windows(2).position(|two| two[1].from_epoch <= two[0].from_epoch) {
            return Err(Problem::new("plan-stages-out-of-order")
                .with_count("stage", i + 1)
                .with_count("epoch", self.stages[i + 1].from_epoch)
                .with_count("before", self.stages[i].from_epoch));
        }
        self.learning_rates.check()
    }
}

impl LearningRates {
    fn check(&self) -> Outcome<()> {
        if self.layer_factor.is_some() && self.layer_divisor.is_some() {
            return Err(Problem::new("plan-layer-both"));
        }
        if let Some(factor) = self.layer_factor.filter(|factor| !(*factor > 0.0 && *factor <= 1.0)) {
            return Err(Problem::new("plan-layer-factor").with("value", factor));
        }
        if let Some(divisor) = self.layer_divisor.filter(|divisor| !(1.0..=MOST_FACTOR).contains(divisor)) {
            return Err(Problem::new("plan-layer-divisor").with("value", divisor));
        }
        let is_in_bounds = |group: &RateGroup| group.factor > 0.0 && group.factor <= MOST_FACTOR;
        let Some(i) = self.groups.iter().position(|group| !is_in_bounds(group)) else { return Ok(()) };
        let RateGroup { parameters, factor } = &self.groups[i];
        let problem = Problem::new("plan-group-factor").with("group", i).with("parameters", parameters);
        Err(problem.with("value", factor).with("most", MOST_FACTOR))
    }

    /// The factor from one layer to the layer below it.
    pub fn per_layer(&self) -> f64 {
        self.layer_factor.or(self.layer_divisor.map(|divisor| 1.0 / divisor)).unwrap_or(1.0)
    }

    /// The factor of a rung of the network, without those of groups.
    pub fn of_rung(&self, rung: Rung, layers: usize) -> f64 {
        let below_last = match rung {
            Rung::Embeddings => layers,
            Rung::Layer(index) => layers.saturating_sub(index + 1),
            Rung::Pooler | Rung::Classifier => 0,
        };
        self.per_layer().powi(i32::try_from(below_last).unwrap_or(i32::MAX))
    }

    /// The factors of all parameters, parallel to `tree.parameters`.
    ///
    /// # Errors
    /// `freeze-bad-glob`; `plan-group-matches-nothing` for a group that names no parameter of the model.
    fn factors(&self, tree: &ParamTree) -> Outcome<Vec<f64>> {
        let mut own = vec![1.0; tree.parameters.len()];
        for (i, group) in self.groups.iter().enumerate() {
            let matched = matching(&group.parameters, tree)?;
            if matched.is_empty() {
                let problem = Problem::new("plan-group-matches-nothing").with("group", i);
                return Err(problem.with("parameters", &group.parameters));
            }
            matched.into_iter().for_each(|place| own[place] = group.factor);
        }
        let factor = |(p, own): (&Parameter, f64)| self.of_rung(p.part.into(), tree.facts.layers) * own;
        Ok(tree.parameters.iter().zip(own).map(factor).collect())
    }
}

/// The places of the parameters whose names match a glob, with or without the prefix of the model (`bert.`).
///
/// # Errors
/// `freeze-bad-glob` for a pattern that is no glob.
pub(super) fn matching(pattern: &str, tree: &ParamTree) -> Outcome<Vec<usize>> {
    let bad_glob = |error| Problem::new("freeze-bad-glob").with("rule", pattern).with_original(error);
    let (glob, prefix) = (Glob::new(pattern).map_err(bad_glob)?.compile_matcher(), tree.facts.prefix());
    let is_match = |p: &Parameter| glob.is_match(&p.name) || glob.is_match(format!("{prefix}{}", p.name));
    Ok((0..tree.parameters.len()).filter(|place| is_match(&tree.parameters[*place])).collect())
}

#[cfg(test)]
mod tests;
