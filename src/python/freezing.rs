//! Which parameters train, when and how fast, in the words of Python.

use crate::domain::freeze::Freeze;
use crate::domain::params::{ParamTree, Parameter, Part};
use crate::domain::timeline::{LearningRates, Unfreezing};

use super::literal::{number, string, tuple};
use super::names::{cover, parts};

/// The name of a parameter as `model.named_parameters()` of Hugging Face's classifier prints it.
pub fn full_name(tree: &ParamTree, parameter: &Parameter) -> String {
    match parameter.part {
        Part::Classifier => parameter.name.clone(),
        Part::Embeddings | Part::Layer { .. } | Part::Pooler => format!("{}{}", tree.facts.prefix(), parameter.name),
    }
}

/// Beginnings of the names of the parameters that train; the empty one where all do. `trainable` is parallel to the tree's.
pub fn prefixes(tree: &ParamTree, trainable: &[bool]) -> Vec<String> {
    if trainable.iter().all(|on| *on) {
        return vec![String::new()];
    }
    let names = tree.parameters.iter().zip(trainable);
    let names: Vec<_> = names.map(|(p, on)| (full_name(tree, p), on.then_some(()))).collect();
    cover(&names).into_iter().map(|(prefix, ())| prefix).collect()
}

/// A tuple of the beginnings of names, for `str.startswith`.
pub fn prefix_tuple(tree: &ParamTree, trainable: &[bool], indent: usize, before: usize) -> String {
    tuple(&parts(&prefixes(tree, trainable)), indent, before)
}

/// A stage of the run.
pub struct StageView {
    pub from_epoch: usize,
    pub prefixes: String,
}

/// The stages that the run reaches, where there are several.
pub fn stages(tree: &ParamTree, plan: &Unfreezing, epochs: usize) -> Vec<StageView> {
    let reached: Vec<_> = plan.within(epochs).collect();
    if reached.len() < 2 {
        return Vec::new();
    }
    let view = |(stage, _): (&crate::domain::timeline::Stage, usize)| StageView {
        from_epoch: stage.from_epoch,
        prefixes: prefix_tuple(tree, &stage.trainable, 4, 3 + stage.from_epoch.to_string().len()),
    };
    reached.into_iter().map(view).collect()
}

/// What trains in a run of one stage.
pub enum Trained {
    All,
    /// The names of the first kind end so, or begin with one of these.
    Biases(String),
    Prefixes(String),
}

/// How a run of one stage says what trains. `before` is how much of the line stands before the tuple.
pub fn trained(freeze: &Freeze, tree: &ParamTree, trainable: &[bool], indent: usize, before: usize) -> Trained {
    if trainable.iter().all(|on| *on) {
        return Trained::All;
    }
    if *freeze == Freeze::Biases {
        let head: Vec<bool> = tree.parameters.iter().map(|p| p.part == Part::Classifier).collect();
        return Trained::Biases(prefix_tuple(tree, &head, indent, before));
    }
    Trained::Prefixes(prefix_tuple(tree, trainable, indent, before))
}

/// The factors on the learning rate.
#[derive(Debug, PartialEq)]
pub enum Rates {
    /// All train at one rate.
    Same,
    /// Each layer trains at the rate of the layer above it times a factor, or divided by a divisor.
    Layers { last: usize, operation: String, told: String },
    /// Names that begin so train at this share; all others at the whole rate.
    Table(Vec<(String, String)>),
}

impl Rates {
    /// The factors of a plan. `rates` is what the plan says of them, if it is a timeline.
    pub fn of(freeze: &Freeze, tree: &ParamTree, plan: &Unfreezing) -> Self {
        let ever = plan.ever();
        let differ = plan.factors.iter().zip(&ever).any(|(factor, on)| *on && (factor - 1.0).abs() > f64::EPSILON);
        let Freeze::Timeline(timeline) = freeze else { return Self::Same };
        if !differ {
            return Self::Same;
        }
        let LearningRates { layer_factor, layer_divisor, groups } = &timeline.learning_rates;
        let last = tree.facts.layers.saturating_sub(1);
        match (layer_factor, layer_divisor) {
            (Some(factor), None) if groups.is_empty() => {
                let factor = number(*factor);
                Self::Layers { last, operation: format!("* {factor} **"), told: format!("{factor} times") }
            }
            (None, Some(divisor)) if groups.is_empty() => {
                let divisor = number(*divisor);
                Self::Layers { last, operation: format!("/ {divisor} **"), told: format!("1 / {divisor} of") }
            }
            _ => Self::table(tree, &plan.factors, &ever),
        }
    }

    fn table(tree: &ParamTree, factors: &[f64], ever: &[bool]) -> Self {
        let value = |factor: f64, on: bool| on.then_some(factor);
        let all = tree.parameters.iter().zip(factors).zip(ever);
        let names: Vec<_> = all.map(|((p, factor), on)| (full_name(tree, p), value(*factor, *on))).collect();
        let entries = cover(&names).into_iter().filter(|(_, factor)| (*factor - 1.0).abs() > f64::EPSILON);
        Self::Table(entries.map(|(prefix, factor)| (string(&prefix), number(*factor))).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::params::Block;
    use crate::domain::timeline::Timeline;

    use super::*;

    pub fn tree(layers: usize) -> ParamTree {
        crate::python::made::tree("bert", layers)
    }

    #[test]
    fn the_rates_of_layers_are_a_formula_and_those_of_groups_a_table() {
        let tree = tree(2);
        let rates = |json: &str| {
            let freeze = Freeze::Timeline(serde_json::from_str::<Timeline>(json).unwrap());
            Rates::of(&freeze, &tree, &freeze.unfreezing(&tree).unwrap())
        };
        let formula = Rates::Layers { last: 1, operation: "/ 2.6 **".into(), told: "1 / 2.6 of".into() };
        assert_eq!(rates(r#"{"freeze":"full","learning_rates":{"layer_divisor":2.6}}"#), formula);
        let table =
            rates(r#"{"freeze":"full","learning_rates":{"groups":[{"parameters":"embeddings.*","factor":0.1}]}}"#);
        assert_eq!(table, Rates::Table(vec![("\"bert.embeddings.\"".into(), "0.1".into())]));
        let none = rates(r#"{"freeze":"1","learning_rates":{"groups":[{"parameters":"embeddings.*","factor":0.1}]}}"#);
        assert_eq!(none, Rates::Same, "what is frozen has no rate");
    }

    #[test]
    fn blocks_of_layers_are_told_by_their_modules() {
        let tree = tree(12);
        let is_wanted =
            |p: &Parameter| matches!(p.part, Part::Layer { block: Block::Attention, .. } | Part::Classifier);
        let trainable: Vec<bool> = tree.parameters.iter().map(is_wanted).collect();
        assert_eq!(
            prefix_tuple(&tree, &trainable, 0, 0),
            "(*(f\"bert.encoder.layer.{i}.attention.\" for i in range(12)), \"classifier.\")"
        );
    }
}
