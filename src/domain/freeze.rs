//! Which parameters train: the lecture's presets, and whatever else was toggled.

use std::collections::BTreeSet;

use globset::Glob;
use serde::{Deserialize, Serialize};

use super::params::{ParamTree, Part};
use super::problem::{Outcome, Problem};

/// A freezing strategy. The classifier's head trains in all of them but `Names` and `Plan`, which say it themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freeze {
    /// Preset 1: all of the base model is frozen.
    Preset1,
    /// Preset 2: the pooler trains. Only BERT has one; elsewhere this is preset 1.
    Preset2,
    /// Preset 3: the pooler, if there is one, and the model's last encoder layer train.
    #[default]
    Preset3,
    /// Everything trains.
    Full,
    /// The pooler and the last k encoder layers train: 0 is preset 2, 1 is preset 3.
    Top(usize),
    /// Every bias trains (BitFit, arXiv 2106.10199).
    Biases,
    /// Exactly these parameters train.
    Names(BTreeSet<String>),
    /// Rules of a plan file; the last one that matches a name decides.
    Plan(Vec<Rule>),
}

/// One line of a plan file: `{"parameters": "encoder.layer.5.*", "state": "trainable"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A glob over parameter names (`*` any characters, `?` one, `[..]`, `{a,b}`), with or without the model's own prefix (`bert.`).
    pub parameters: String,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Frozen,
    Trainable,
}

/// A plan file: `{"rules": [..]}`. What no rule matches stays frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    pub rules: Vec<Rule>,
}

impl Freeze {
    /// Which of the tree's parameters train, parallel to `tree.parameters`.
    ///
    /// # Errors
    /// `freeze-too-many-layers` for a top k above the model's layers, `freeze-unknown-name`, `freeze-bad-glob` and
    /// `freeze-rule-matches-nothing` for names and rules that do not fit the model. An empty choice is no error here
    /// (the tree can show it); `check_trainable` refuses it before training.
    pub fn resolve(&self, tree: &ParamTree) -> Outcome<Vec<bool>> {
        let layers = tree.facts.layers;
        let top = |k: usize| {
            move |part: Part| match part {
                Part::Embeddings => false,
                Part::Layer { index, .. } => index + k >= layers,
                Part::Pooler | Part::Classifier => true,
            }
        };
        let by_part = |wanted: &dyn Fn(Part) -> bool| tree.parameters.iter().map(|p| wanted(p.part)).collect();
        Ok(match self {
            Self::Preset1 => by_part(&|part| part == Part::Classifier),
            Self::Preset2 => by_part(&top(0)),
            Self::Preset3 => by_part(&top(1)),
            Self::Full => by_part(&|_| true),
            Self::Top(k) if *k > layers => {
                return Err(Problem::new("freeze-too-many-layers").with("k", k).with("layers", layers));
            }
            Self::Top(k) => by_part(&top(*k)),
            Self::Biases => tree.parameters.iter().map(|p| p.is_bias() || p.part == Part::Classifier).collect(),
            Self::Names(names) => {
                let known = |name: &String| tree.parameters.iter().any(|p| p.name == *name);
                if let Some(name) = names.iter().find(|name| !known(name)) {
                    return Err(Problem::new("freeze-unknown-name").with("name", name).with("model", &tree.facts.name));
                }
                tree.parameters.iter().map(|p| names.contains(&p.name)).collect()
            }
            Self::Plan(rules) => resolve_rules(rules, tree)?,
        })
    }

    /// The learning rate that suits how much trains: higher for the fewer, later parameters.
    pub fn suggested_learning_rate(&self) -> f64 {
        match self {
            Self::Preset1 | Self::Preset2 | Self::Top(0) => 1e-3,
            Self::Preset3 | Self::Top(1 | 2) | Self::Names(_) | Self::Plan(_) => 1e-4,
            Self::Biases => 5e-4,
            Self::Full | Self::Top(_) => 5e-5,
        }
    }

    /// Whether it asks for nothing but a pooler that the model does not have, and so is preset 1.
    pub fn is_preset_1_here(&self, tree: &ParamTree) -> bool {
        matches!(self, Self::Preset2 | Self::Top(0)) && !tree.has_pooler()
    }

    /// Reads what `--freeze` takes, a plan file's content excepted: `1`, `2`, `3`, `full`, `top:K`, `biases`.
    pub fn parse_name(name: &str) -> Option<Self> {
        Some(match name {
            "1" => Self::Preset1,
            "2" => Self::Preset2,
            "3" => Self::Preset3,
            "full" => Self::Full,
            "biases" => Self::Biases,
            _ => Self::Top(name.strip_prefix("top:")?.parse().ok()?),
        })
    }

    /// The inverse of `parse_name`; `custom` for what has no name.
    pub fn name(&self) -> String {
        match self {
            Self::Preset1 => "1".into(),
            Self::Preset2 => "2".into(),
            Self::Preset3 => "3".into(),
            Self::Full => "full".into(),
            Self::Top(k) => format!("top:{k}"),
            Self::Biases => "biases".into(),
            Self::Names(_) | Self::Plan(_) => "custom".into(),
        }
    }
}

/// # Errors
/// `freeze-nothing-trains` when every parameter is frozen: there would be nothing to learn.
pub fn check_trainable(trainable: &[bool]) -> Outcome<()> {
    if trainable.contains(&true) { Ok(()) } else { Err(Problem::new("freeze-nothing-trains")) }
}

fn resolve_rules(rules: &[Rule], tree: &ParamTree) -> Outcome<Vec<bool>> {
    let prefix = tree.facts.prefix();
    let mut trainable = vec![false; tree.parameters.len()];
    for rule in rules {
        let glob = Glob::new(&rule.parameters)
            .map_err(|e| Problem::new("freeze-bad-glob").with("rule", &rule.parameters).with("error", e))?
            .compile_matcher();
        let mut matched = false;
        for (parameter, on) in tree.parameters.iter().zip(&mut trainable) {
            if glob.is_match(&parameter.name) || glob.is_match(format!("{prefix}{}", parameter.name)) {
                *on = rule.state == State::Trainable;
                matched = true;
            }
        }
        if !matched {
            return Err(Problem::new("freeze-rule-matches-nothing").with("rule", &rule.parameters));
        }
    }
    Ok(trainable)
}
