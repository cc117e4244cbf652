//! A plan file: a freezing as people write it down.

use serde::{Deserialize, Serialize};

use crate::domain::freeze::{Freeze, Rule, State};
use crate::domain::problem::{Outcome, Problem};

use super::{LearningRates, PlannedStage, Timeline};

/// The content of a plan file. A parameter that no rule matches stays frozen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// What trains, by name, in a plan of one stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze: Option<String>,
    /// The same by rules. It is one of the two, or else `stages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stages: Option<Vec<StageFile>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rates: Option<LearningRates>,
}

/// A stage of a plan file. What trains in it is said by a freezing's name on the command line, or by rules.
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

    /// The plan file of a freezing.
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
        Ok(Self::of(&file.freezing()?))
    }
}

impl From<Timeline> for PlanFile {
    fn from(timeline: Timeline) -> Self {
        Self::of(&Freeze::Timeline(timeline))
    }
}

/// What trains, of which `place` says where it stands in the file, such as `stages[1].`.
fn choice(place: &str, freeze: Option<String>, rules: Option<Vec<Rule>>) -> Outcome<Freeze> {
    match (freeze, rules) {
        (Some(name), None) => Freeze::parse_name(&name)
            .ok_or_else(|| Problem::new("plan-unknown-freeze").with("place", place).with("name", &name)),
        (None, Some(rules)) => Ok(Freeze::Plan(rules)),
        _ => Err(Problem::new("plan-choice").with("place", place)),
    }
}

/// A freezing as a name, or as rules where it has none.
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
