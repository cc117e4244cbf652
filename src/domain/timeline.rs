//! The unfreezing timeline: which parameters train in which epochs, and each one's factor on the learning rate.
//!
//! It is what a plan file says beyond plain rules. Stages begin with an epoch and last until the next one's:
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

mod templates;

use globset::{Glob, GlobMatcher};
use serde::{Deserialize, Serialize};

use super::freeze::{Freeze, Rule, State};
use super::memory::{TextSizes, memory_need};
use super::params::{ParamTree, Parameter};
use super::problem::{Outcome, Problem};

pub use templates::{Rung, Template, stages_of};

/// Each lower layer learns at the rate of the one above divided by so much: ULMFiT (arXiv 1801.06146).
pub const ULMFIT_DIVISOR: f64 = 2.6;
/// Each lower layer learns at the rate of the one above times so much: Sun et al. (arXiv 1905.05583).
pub const SUN_FACTOR: f64 = 0.95;
/// The most that a group's factor may be; more is a slip of the keyboard.
pub const MOST_FACTOR: f64 = 1000.0;

/// Stages one after another, and factors on the learning rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PlanFile", into = "PlanFile")]
pub struct Timeline {
    /// At least one, the first from epoch 1, in the order of their epochs.
    pub stages: Vec<PlannedStage>,
    pub learning_rates: LearningRates,
}

/// What trains from an epoch on.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedStage {
    /// From 1.
    pub from_epoch: usize,
    /// Anything but another timeline.
    pub freeze: Freeze,
}

/// Factors on the learning rate: the schedule's rate of a step is multiplied by them, for each parameter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LearningRates {
    /// Each layer's factor is that of the layer above times this, 0 to 1. The last layer and all above it have 1, the
    /// embeddings are one layer below layer 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_factor: Option<f64>,
    /// The same as a divisor, 1 or more; one of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_divisor: Option<f64>,
    /// Factors of their own for some parameters, on top of their layer's; the last that matches a name decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<RateGroup>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateGroup {
    /// A glob over parameter names, as in a [`Rule`].
    pub parameters: String,
    /// Above 0.
    pub factor: f64,
}

/// A plan file as it is written. What no rule matches stays frozen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The choice of a plan of one stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stages: Option<Vec<StageFile>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rates: Option<LearningRates>,
}

/// A stage of a plan file: what trains is a freezing's name on the command line, or rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageFile {
    pub from_epoch: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
}

impl PlanFile {
    /// The freezing that the file describes: plain rules, a name, or a timeline.
    ///
    /// # Errors
    /// `plan-choice`, `plan-unknown-freeze`, `plan-no-stage`, `plan-first-stage`, `plan-stages-out-of-order`,
    /// `plan-layer-both`, `plan-layer-factor`, `plan-layer-divisor`, `plan-group-factor`: each names its field.
    pub fn freezing(self) -> Outcome<Freeze> {
        let Self { freeze, rules, stages, learning_rates } = self;
        let stages = match stages {
            None => vec![PlannedStage { from_epoch: 1, freeze: choice("", freeze, rules)? }],
            Some(_) if freeze.is_some() || rules.is_some() => return Err(Problem::new("plan-choice").with("place", "")),
            Some(stages) => {
                let stage = |(i, s): (usize, StageFile)| {
                    let freeze = choice(&format!("stages[{i}]."), s.freeze, s.rules)?;
                    Ok(PlannedStage { from_epoch: s.from_epoch, freeze })
                };
                stages.into_iter().enumerate().map(stage).collect::<Outcome<Vec<_>>>()?
            }
        };
        let timeline = Timeline { stages, learning_rates: learning_rates.unwrap_or_default() };
        timeline.check()?;
        Ok(timeline.simplest())
    }

    /// The file of a freezing.
    pub fn of(freeze: &Freeze) -> Self {
        let Freeze::Timeline(timeline) = freeze else {
            let (freeze, rules) = written(freeze);
            return Self { freeze, rules, ..Self::default() };
        };
        let stage = |stage: &PlannedStage| {
            let (freeze, rules) = written(&stage.freeze);
            StageFile { from_epoch: stage.from_epoch, freeze, rules }
        };
        let rates = &timeline.learning_rates;
        Self {
            stages: Some(timeline.stages.iter().map(stage).collect()),
            learning_rates: (*rates != LearningRates::default()).then(|| rates.clone()),
            ..Self::default()
        }
    }
}

impl TryFrom<PlanFile> for Timeline {
    type Error = Problem;

    fn try_from(file: PlanFile) -> Outcome<Self> {
        Ok(match file.freezing()? {
            Freeze::Timeline(timeline) => timeline,
            freeze => Self::of(&freeze),
        })
    }
}

impl From<Timeline> for PlanFile {
    fn from(timeline: Timeline) -> Self {
        Self::of(&Freeze::Timeline(timeline))
    }
}

/// `place` is where the choice stands in the file, as `stages[1].`.
fn choice(place: &str, freeze: Option<String>, rules: Option<Vec<Rule>>) -> Outcome<Freeze> {
    match (freeze, rules) {
        (Some(name), None) => Freeze::parse_name(&name)
            .ok_or_else(|| Problem::new("plan-unknown-freeze").with("place", place).with("name", &name)),
        (None, Some(rules)) => Ok(Freeze::Plan(rules)),
        _ => Err(Problem::new("plan-choice").with("place", place)),
    }
}

fn written(freeze: &Freeze) -> (Option<String>, Option<Vec<Rule>>) {
    match freeze {
        Freeze::Plan(rules) => (None, Some(rules.clone())),
        Freeze::Names(names) => {
            let rule = |name: &String| Rule { parameters: name.clone(), state: State::Trainable };
            (None, Some(names.iter().map(rule).collect()))
        }
        Freeze::Timeline(timeline) => written(&timeline.stages[0].freeze),
        named => (Some(named.name()), None),
    }
}

impl Timeline {
    /// One stage, one rate.
    pub fn of(freeze: &Freeze) -> Self {
        match freeze {
            Freeze::Timeline(timeline) => timeline.clone(),
            freeze => Self {
                stages: vec![PlannedStage { from_epoch: 1, freeze: freeze.clone() }],
                learning_rates: LearningRates::default(),
            },
        }
    }

    /// The timeline as a freezing: a plain one where there is one stage and one rate.
    pub fn simplest(mut self) -> Freeze {
        match self.stages.len() {
            1 if self.learning_rates == LearningRates::default() => self.stages.remove(0).freeze,
            _ => Freeze::Timeline(self),
        }
    }

    /// # Errors
    /// As [`PlanFile::freezing`].
    pub fn check(&self) -> Outcome<()> {
        let Some(first) = self.stages.first() else { return Err(Problem::new("plan-no-stage")) };
        if first.from_epoch != 1 {
            return Err(Problem::new("plan-first-stage").with_count("epoch", first.from_epoch));
        }
        let out_of_order = self.stages.windows(2).position(|two| two[1].from_epoch <= two[0].from_epoch);
        if let Some(i) = out_of_order {
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
        if let Some(factor) = self.layer_factor
            && !(factor > 0.0 && factor <= 1.0)
        {
            return Err(Problem::new("plan-layer-factor").with("value", factor));
        }
        if let Some(divisor) = self.layer_divisor
            && !(1.0..=MOST_FACTOR).contains(&divisor)
        {
            return Err(Problem::new("plan-layer-divisor").with("value", divisor));
        }
        for (i, group) in self.groups.iter().enumerate() {
            if !(group.factor > 0.0 && group.factor <= MOST_FACTOR) {
                return Err(Problem::new("plan-group-factor")
                    .with("group", i)
                    .with("parameters", &group.parameters)
                    .with("value", group.factor)
                    .with("most", MOST_FACTOR));
            }
        }
        Ok(())
    }

    /// The factor from a layer to the one below.
    pub fn per_layer(&self) -> f64 {
        self.layer_factor.or(self.layer_divisor.map(|divisor| 1.0 / divisor)).unwrap_or(1.0)
    }

    /// The factor of a rung of the network by its height alone.
    pub fn of_rung(&self, rung: Rung, layers: usize) -> f64 {
        let below_last = match rung {
            Rung::Embeddings => layers,
            Rung::Layer(index) => layers.saturating_sub(index + 1),
            Rung::Pooler | Rung::Classifier => 0,
        };
        self.per_layer().powi(i32::try_from(below_last).unwrap_or(i32::MAX))
    }

    /// Of each parameter, parallel to `tree.parameters`.
    ///
    /// # Errors
    /// `freeze-bad-glob`, `plan-group-matches-nothing`.
    fn factors(&self, tree: &ParamTree) -> Outcome<Vec<f64>> {
        let mut own = vec![1.0; tree.parameters.len()];
        for (i, group) in self.groups.iter().enumerate() {
            let matches = NameGlob::new(&group.parameters, tree)?;
            let mut any = false;
            for (_, factor) in tree.parameters.iter().zip(&mut own).filter(|(p, _)| matches.is_match(p)) {
                (*factor, any) = (group.factor, true);
            }
            if !any {
                let problem = Problem::new("plan-group-matches-nothing").with("group", i);
                return Err(problem.with("parameters", &group.parameters));
            }
        }
        let of_rung = |p: &Parameter| self.of_rung(p.part.into(), tree.facts.layers);
        Ok(tree.parameters.iter().zip(own).map(|(p, own)| of_rung(p) * own).collect())
    }
}

/// A glob over parameter names, which may have the model's own prefix (`bert.`) or not.
pub(super) struct NameGlob {
    glob: GlobMatcher,
    prefix: String,
}

impl NameGlob {
    /// # Errors
    /// `freeze-bad-glob`.
    pub fn new(pattern: &str, tree: &ParamTree) -> Outcome<Self> {
        let glob = Glob::new(pattern)
            .map_err(|e| Problem::new("freeze-bad-glob").with("rule", pattern).with("error", e))?
            .compile_matcher();
        Ok(Self { glob, prefix: tree.facts.prefix() })
    }

    pub fn is_match(&self, parameter: &Parameter) -> bool {
        self.glob.is_match(&parameter.name) || self.glob.is_match(format!("{}{}", self.prefix, parameter.name))
    }
}

/// A freezing worked out on a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unfreezing {
    /// At least one, the first from epoch 1.
    pub stages: Vec<Stage>,
    /// On the learning rate of each parameter, parallel to the tree's.
    pub factors: Vec<f64>,
}

/// One stage on a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// From 1.
    pub from_epoch: usize,
    /// Parallel to the tree's parameters.
    pub trainable: Vec<bool>,
}

impl Freeze {
    /// What trains in which epochs, and at which share of the learning rate. Stages in which nothing trains are no error
    /// here (the timeline can show them); `Unfreezing::check` refuses them before training.
    ///
    /// # Errors
    /// Those of [`Freeze::resolve`]; `plan-group-matches-nothing`.
    pub fn unfreezing(&self, tree: &ParamTree) -> Outcome<Unfreezing> {
        let Self::Timeline(timeline) = self else {
            let stage = Stage { from_epoch: 1, trainable: self.resolve(tree)? };
            return Ok(Unfreezing { stages: vec![stage], factors: vec![1.0; tree.parameters.len()] });
        };
        timeline.check()?;
        let stage =
            |stage: &PlannedStage| Ok(Stage { from_epoch: stage.from_epoch, trainable: stage.freeze.resolve(tree)? });
        let stages = timeline.stages.iter().map(stage).collect::<Outcome<_>>()?;
        Ok(Unfreezing { stages, factors: timeline.learning_rates.factors(tree)? })
    }
}

impl Unfreezing {
    /// The place of the stage that an epoch (from 1) belongs to.
    pub fn stage_of(&self, epoch: usize) -> usize {
        self.stages.iter().rposition(|stage| stage.from_epoch <= epoch).unwrap_or(0)
    }

    /// What trains in some stage, parallel to the tree's parameters.
    pub fn ever(&self) -> Vec<bool> {
        (0..self.factors.len()).map(|i| self.stages.iter().any(|stage| stage.trainable[i])).collect()
    }

    /// The stages that a run of so many epochs reaches, each with its number of epochs.
    pub fn within(&self, epochs: usize) -> impl Iterator<Item = (&Stage, usize)> {
        let ends = self.stages.iter().skip(1).map(|stage| stage.from_epoch - 1).chain([usize::MAX]);
        let reached = self.stages.iter().zip(ends).take_while(move |(stage, _)| stage.from_epoch <= epochs);
        reached.map(move |(stage, end)| (stage, end.min(epochs) + 1 - stage.from_epoch))
    }

    /// What trains in the stage, of those a run of so many epochs reaches, that takes the most memory.
    pub fn fullest(&self, tree: &ParamTree, texts: TextSizes, epochs: usize) -> &[bool] {
        let bytes = |trainable: &&[bool]| memory_need(tree, trainable, texts).total_bytes();
        let reached = self.within(epochs).map(|(stage, _)| stage.trainable.as_slice());
        reached.max_by_key(bytes).unwrap_or_default()
    }

    /// # Errors
    /// `freeze-nothing-trains`, or `plan-stage-nothing-trains` naming the stage where there are several.
    pub fn check(&self) -> Outcome<()> {
        let Some(idle) = self.stages.iter().position(|stage| !stage.trainable.contains(&true)) else { return Ok(()) };
        if self.stages.len() == 1 {
            return Err(Problem::new("freeze-nothing-trains"));
        }
        let epoch = self.stages[idle].from_epoch;
        Err(Problem::new("plan-stage-nothing-trains").with_count("stage", idle).with_count("epoch", epoch))
    }
}

#[cfg(test)]
mod tests;
