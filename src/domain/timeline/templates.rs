//! The rungs of the network, which a timeline is painted on, and known timelines made of them.

use crate::domain::freeze::{Freeze, Rule, State};
use crate::domain::params::{ParamTree, Part};

use super::PlannedStage;

/// A rung of the network, in order from the input to the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    Embeddings,
    Layer(usize),
    Pooler,
    Classifier,
}

impl From<Part> for Rung {
    fn from(part: Part) -> Self {
        match part {
            Part::Embeddings => Self::Embeddings,
            Part::Layer { index, .. } => Self::Layer(index),
            Part::Pooler => Self::Pooler,
            Part::Classifier => Self::Classifier,
        }
    }
}

impl Rung {
    /// The rungs that a model has, from the top.
    pub fn all(tree: &ParamTree) -> Vec<Self> {
        let mut rungs: Vec<Self> = tree.parameters.iter().map(|p| p.part.into()).collect();
        rungs.sort_unstable_by(|a, b| b.cmp(a));
        rungs.dedup();
        rungs
    }

    /// The places of its parameters in the tree.
    pub fn members(self, tree: &ParamTree) -> impl Iterator<Item = usize> {
        tree.parameters.iter().enumerate().filter(move |(_, p)| Self::from(p.part) == self).map(|(i, _)| i)
    }

    /// Globs that match its parameters and no others, such as `encoder.layer.5.*`.
    pub fn globs(self, tree: &ParamTree) -> Vec<String> {
        let segments = if matches!(self, Self::Layer(_)) { 3 } else { 1 };
        let glob = |i: usize| {
            let name: Vec<&str> = tree.parameters[i].name.split('.').take(segments).collect();
            format!("{}.*", name.join("."))
        };
        let mut globs: Vec<String> = self.members(tree).map(glob).collect();
        globs.dedup();
        globs
    }
}

/// The stages of a training for which every epoch has its choice of parameters. Neighbouring epochs with the same choice are
/// one stage.
pub fn stages_of(tree: &ParamTree, by_epoch: &[Vec<bool>]) -> Vec<PlannedStage> {
    let begins = |i: &usize| *i == 0 || by_epoch[*i] != by_epoch[*i - 1];
    let stage = |i: usize| PlannedStage { from_epoch: i + 1, freeze: freeze_of(tree, &by_epoch[i]) };
    (0..by_epoch.len()).filter(begins).map(stage).collect()
}

/// The freezing that trains exactly these parameters: one with a name, or else rules, with one rule for a rung that trains as
/// a whole.
fn freeze_of(tree: &ParamTree, trainable: &[bool]) -> Freeze {
    let named = Freeze::of_choice(tree, trainable);
    if !matches!(named, Freeze::Names(_)) {
        return named;
    }
    let rule = |parameters: String| Rule { parameters, state: State::Trainable };
    let mut rules = Vec::new();
    for rung in Rung::all(tree) {
        if rung.members(tree).all(|i| trainable[i]) {
            rules.extend(rung.globs(tree).into_iter().map(rule));
        } else {
            let on = rung.members(tree).filter(|i| trainable[*i]);
            rules.extend(on.map(|i| rule(tree.parameters[i].name.clone())));
        }
    }
    Freeze::Plan(rules)
}

/// Known timelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    /// The head trains first, and with each epoch one more rung from the top (ULMFiT, arXiv 1801.06146), or several when there
    /// are fewer epochs than rungs.
    FromTop,
    /// The head trains for half of the epochs, then everything (LP-FT, arXiv 2202.10054).
    HeadFirst,
    /// The head trains throughout, and with each epoch one more rung from the input upwards.
    FromBottom,
}

impl Template {
    pub const ALL: [Self; 3] = [Self::FromTop, Self::HeadFirst, Self::FromBottom];

    /// The stages in a run of so many epochs. With fewer than 2 epochs there is room for one stage alone.
    pub fn stages(self, tree: &ParamTree, epochs: usize) -> Vec<PlannedStage> {
        let is_head = |rung: &Rung| matches!(rung, Rung::Pooler | Rung::Classifier);
        let mut body: Vec<Rung> = Rung::all(tree).into_iter().filter(|rung| !is_head(rung)).collect();
        if self == Self::FromBottom {
            body.reverse();
        }
        let first = usize::from(self == Self::FromBottom);
        let open_in = |epoch: usize| match self {
            Self::HeadFirst if epoch <= (epochs / 2).max(1) => 0,
            Self::HeadFirst => body.len(),
            _ if epochs > body.len() => (first + epoch - 1).min(body.len()),
            // The rungs open evenly, so that all of them train in the last epoch.
            _ => first + ((epoch - 1) * (body.len() - first)).div_ceil((epochs - 1).max(1)),
        };
        let trainable = |epoch: usize| -> Vec<bool> {
            let open = &body[..open_in(epoch)];
            tree.parameters.iter().map(|p| is_head(&p.part.into()) || open.contains(&p.part.into())).collect()
        };
        let by_epoch: Vec<Vec<bool>> = (1..=epochs.max(1)).map(trainable).collect();
        stages_of(tree, &by_epoch)
    }
}
