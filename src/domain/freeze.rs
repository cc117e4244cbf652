//! Freezing: which parameters train, and what follows from it for forward and backward.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::params::{ParamTree, Parameter, Part};
use super::precision::FrozenPrecision;
use super::problem::{Outcome, Problem};
use super::timeline::{Timeline, matching};

/// A freezing strategy. The head of the classifier trains in all of them but `Names`, `Plan` and `Timeline`, which say
/// themselves whether it does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freeze {
    /// Preset 1: the whole base model is frozen.
    Preset1,
    /// Preset 2: the pooler trains. Only BERT has one; in other families this is preset 1.
    Preset2,
    /// Preset 3: the pooler, if there is one, and the last encoder layer train.
    #[default]
    Preset3,
    /// Everything trains.
    Full,
    /// The pooler and the last `k` encoder layers train: 0 is preset 2, 1 is preset 3.
    Top(usize),
    /// Every bias trains (BitFit, arXiv 2106.10199).
    Biases,
    /// Exactly these parameters train.
    Names(BTreeSet<String>),
    /// The rules of a plan file decide; for each name it is the last rule that matches.
    Plan(Vec<Rule>),
    /// What trains changes from epoch to epoch, or some parameters have rates of their own: a plan file with `stages` or
    /// `learning_rates`.
    Timeline(Timeline),
}

/// One line of a plan file: `{"parameters": "encoder.layer.5.*", "state": "trainable"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A glob over parameter names (`*` any characters, `?` one, `[..]`, `{a,b}`), with or without the prefix of the model
    /// (`bert.`).
    pub parameters: String,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Frozen,
    Trainable,
}

impl Freeze {
    /// The freezings that have a name of their own on the command line.
    const NAMED: [(&str, Self); 5] = [
        ("1", Self::Preset1),
        ("2", Self::Preset2),
        ("3", Self::Preset3),
        ("full", Self::Full),
        ("biases", Self::Biases),
    ];

    /// Which parameters train, parallel to `tree.parameters`. For a timeline these are the ones that train in any of its
    /// stages; [`Freeze::unfreezing`] tells the stages apart.
    ///
    /// # Errors
    /// `freeze-too-many-layers` when `Top` asks for more layers than the model has; `freeze-unknown-name`,
    /// `freeze-bad-glob`, `freeze-rule-matches-nothing` for names and rules that do not fit the model; those of
    /// [`Timeline::check`] and `plan-group-matches-nothing` for a timeline. That nothing trains is no error here, because
    /// the tree can show it; `check_trainable` refuses it before training.
    pub fn resolve(&self, tree: &ParamTree) -> Outcome<Vec<bool>> {
        let layers = tree.facts.layers;
        let top = |k: usize| move |part: Part| part.is_in_top(k, layers);
        let by_part = |wanted: &dyn Fn(Part) -> bool| tree.parameters.iter().map(|p| wanted(p.part)).collect();
        Ok(match self {
            Self::Preset1 => by_part(&|part| part == Part::Classifier),
            Self::Preset2 => by_part(&top(0)),
            Self::Preset3 => by_part(&top(1)),
            Self::Full => by_part(&|_| true),
            Self::Top(k) if *k > layers => {
                return Err(Problem::new("freeze-too-many-layers").with_count("k", *k).with_count("layers", layers));
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
            Self::Timeline(_) => self.unfreezing(tree)?.ever(),
        })
    }

    /// The learning rate that suits how much trains: the fewer parameters train and the nearer they are to the head, the
    /// higher it is.
    pub fn suggested_learning_rate(&self) -> f64 {
        match self {
            Self::Preset1 | Self::Preset2 | Self::Top(0) => 1e-3,
            Self::Preset3 | Self::Top(1 | 2) | Self::Names(_) | Self::Plan(_) => 1e-4,
            Self::Biases => 5e-4,
            Self::Full | Self::Top(_) => 5e-5,
            // The stage in which the most delicate weights train sets the rate. Where the lower layers learn at far lower
            // rates than the peak anyway, the peak may be what suits the last layer.
            Self::Timeline(timeline) => {
                let of_stages = timeline.stages.iter().map(|stage| stage.freeze.suggested_learning_rate());
                let lowest = of_stages.fold(f64::INFINITY, f64::min);
                let falls_steeply = timeline.learning_rates.per_layer() < 0.7;
                if falls_steeply { lowest.max(Self::Preset3.suggested_learning_rate()) } else { lowest }
            }
        }
    }

    /// Whether this asks for nothing but a pooler, which the model lacks, and so comes to preset 1.
    pub fn is_preset_1_here(&self, tree: &ParamTree) -> bool {
        matches!(self, Self::Preset2 | Self::Top(0)) && !tree.has_pooler()
    }

    /// Reads the names that `--freeze` takes: `1`, `2`, `3`, `full`, `top:K`, `biases`.
    pub fn parse_name(name: &str) -> Option<Self> {
        let named = Self::NAMED.into_iter().find(|(known, _)| *known == name);
        named.map(|(_, freeze)| freeze).or_else(|| Some(Self::Top(name.strip_prefix("top:")?.parse().ok()?)))
    }

    /// The inverse of `parse_name`. A freezing that has no name on the command line is `custom`, or `timeline`.
    pub fn name(&self) -> String {
        match self {
            Self::Top(k) => format!("top:{k}"),
            Self::Timeline(_) => "timeline".into(),
            other => Self::NAMED.iter().find(|(_, freeze)| freeze == other).map_or("custom", |(name, _)| *name).into(),
        }
    }

    /// The preset that trains exactly these parameters of the tree, or their names when no preset does.
    pub fn of_choice(tree: &ParamTree, trainable: &[bool]) -> Self {
        let presets = Self::NAMED.into_iter().map(|(_, freeze)| freeze);
        let tops = (2..=tree.facts.layers).map(Self::Top);
        let trains_the_same = |freeze: &Self| freeze.resolve(tree).is_ok_and(|t| t == trainable);
        let names = || Self::Names(tree.trained(trainable).map(|p| p.name.clone()).collect());
        presets.chain(tops).find(trains_the_same).unwrap_or_else(names)
    }
}

/// # Errors
/// `freeze-nothing-trains` when every parameter is frozen, because then there is nothing to learn.
pub fn check_trainable(trainable: &[bool]) -> Outcome<()> {
    if trainable.contains(&true) { Ok(()) } else { Err(Problem::new("freeze-nothing-trains")) }
}

/// The lowest encoder layer that must be computed with gradients: 0 when the embeddings train, the number of layers when
/// only something above the encoder does. All below it is the frozen prefix, whose outputs never change.
pub fn lowest_trainable_layer(tree: &ParamTree, trainable: &[bool]) -> usize {
    let layer = |parameter: &Parameter| match parameter.part {
        Part::Embeddings => 0,
        Part::Layer { index, .. } => index,
        Part::Pooler | Part::Classifier => tree.facts.layers,
    };
    tree.trained(trainable).map(layer).min().unwrap_or(tree.facts.layers)
}

/// Whether something in the embeddings trains. Then backward goes through all layers, and there is no frozen prefix.
pub fn embeddings_train(tree: &ParamTree, trainable: &[bool]) -> bool {
    tree.trained(trainable).any(|p| p.part == Part::Embeddings)
}

/// Which parameters are held in fewer bits where frozen layers are: the matrices of the layers below the lowest trainable one
/// and the table of words, which are nearly all of what is below it.
pub fn held_compact(tree: &ParamTree, trainable: &[bool], frozen: FrozenPrecision) -> Vec<bool> {
    let lowest = lowest_trainable_layer(tree, trainable);
    let is_wanted = !frozen.is_default() && !embeddings_train(tree, trainable);
    let is_held = |parameter: &Parameter| {
        let is_below = match parameter.part {
            Part::Layer { index, .. } => index < lowest,
            Part::Embeddings => parameter.is_word_table(),
            Part::Pooler | Part::Classifier => false,
        };
        is_wanted && is_below && parameter.shape.len() == 2
    };
    tree.parameters.iter().map(is_held).collect()
}

/// For each encoder layer the share of the numbers in its weight matrices that trains.
pub fn trainable_matrices(tree: &ParamTree, trainable: &[bool]) -> Vec<f64> {
    let mut sums = vec![(0usize, 0usize); tree.facts.layers];
    for (parameter, on) in tree.parameters.iter().zip(trainable) {
        if let (Part::Layer { index, .. }, [_, _]) = (parameter.part, &parameter.shape[..])
            && let Some((all, of_them)) = sums.get_mut(index)
        {
            *all += parameter.count();
            *of_them += if *on { parameter.count() } else { 0 };
        }
    }
    sums.into_iter().map(|(all, of_them)| of_them as f64 / all.max(1) as f64).collect()
}

fn resolve_rules(rules: &[Rule], tree: &ParamTree) -> Outcome<Vec<bool>> {
    let mut trainable = vec![false; tree.parameters.len()];
    for rule in rules {
        let matched = matching(&rule.parameters, tree)?;
        if matched.is_empty() {
            return Err(Problem::new("freeze-rule-matches-nothing").with("rule", &rule.parameters));
        }
        matched.into_iter().for_each(|place| trainable[place] = rule.state == State::Trainable);
    }
    Ok(trainable)
}
