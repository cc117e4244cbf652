//! The parameter tree is shown as rows: groups and their members, which rows are visible, and how much of a group
//! trains.

use std::collections::BTreeSet;

use crate::domain::params::{Block, ParamTree, Part};

/// What a box of the tree stands for, apart from single parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Embeddings,
    Encoder,
    Layer(usize),
    Block(usize, Block),
    Pooler,
    Classifier,
}

impl Group {
    pub fn contains(self, part: Part) -> bool {
        match (self, part) {
            (Self::Embeddings, Part::Embeddings)
            | (Self::Encoder, Part::Layer { .. })
            | (Self::Pooler, Part::Pooler)
            | (Self::Classifier, Part::Classifier) => true,
            (Self::Layer(wanted), Part::Layer { index, .. }) => wanted == index,
            (Self::Block(wanted, of), Part::Layer { index, block }) => wanted == index && of == block,
            _ => false,
        }
    }

    /// Returns the path under which the window remembers whether the group is unfolded.
    pub fn path(self) -> String {
        match self {
            Self::Embeddings => "embeddings".into(),
            Self::Encoder => "encoder".into(),
            Self::Layer(index) => format!("encoder.layer.{index}"),
            Self::Block(index, Block::Attention) => format!("encoder.layer.{index}.attention"),
            Self::Block(index, Block::FeedForward) => format!("encoder.layer.{index}.feed_forward"),
            Self::Block(index, Block::Norms) => format!("encoder.layer.{index}.norms"),
            Self::Pooler => "pooler".into(),
            Self::Classifier => "classifier".into(),
        }
    }

    pub fn depth(self) -> usize {
        match self {
            Self::Embeddings | Self::Encoder | Self::Pooler | Self::Classifier => 0,
            Self::Layer(_) => 1,
            Self::Block(..) => 2,
        }
    }

    /// Shortens a parameter's name to what the groups above it do not say already. A layer is called `encoder.layer.0`,
    /// or `transformer.layer.0` in DistilBERT.
    pub fn shorten(self, name: &str) -> &str {
        let within = |index: usize| {
            let (_, rest) = name.split_once('.')?;
            rest.strip_prefix(&format!("layer.{index}."))
        };
        let short = match self {
            Self::Block(index, Block::Attention) => within(index).map(|n| n.strip_prefix("attention.").unwrap_or(n)),
            Self::Block(index, _) | Self::Layer(index) => within(index),
            Self::Encoder | Self::Embeddings | Self::Pooler | Self::Classifier => {
                name.strip_prefix(&format!("{}.", self.path()))
            }
        };
        short.unwrap_or(name)
    }
}

/// One line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// `members` are the indices of the parameters that the group stands for. Only those that pass the filter are
    /// included.
    Group { group: Group, open: bool, members: Vec<usize> },
    /// `within` is the innermost group around the parameter.
    Parameter { index: usize, within: Group },
}

impl Row {
    pub fn depth(&self) -> usize {
        match self {
            Self::Group { group, .. } => group.depth(),
            Self::Parameter { within, .. } => within.depth() + 1,
        }
    }
}

/// Returns the visible lines from top to bottom. A filter (in any case, anywhere in a name) leaves only the parameters
/// that match, with every group around them open.
pub fn visible_rows(tree: &ParamTree, unfolded: &BTreeSet<String>, filter: &str) -> Vec<Row> {
    let needle = filter.trim().to_lowercase();
    let matches: Vec<usize> = (0..tree.parameters.len())
        .filter(|&i| needle.is_empty() || tree.parameters[i].name.to_lowercase().contains(&needle))
        .collect();
    let mut rows = Vec::new();
    let walk = Walk { tree, unfolded, all_open: !needle.is_empty() };
    for group in [Group::Embeddings, Group::Encoder, Group::Pooler, Group::Classifier] {
        walk.add(group, &matches, &mut rows);
    }
    rows
}

struct Walk<'a> {
    tree: &'a ParamTree,
    unfolded: &'a BTreeSet<String>,
    all_open: bool,
}

impl Walk<'_> {
    /// Adds a group and the visible lines below it. `among` are the parameters that its parent stands for.
    fn add(&self, group: Group, among: &[usize], rows: &mut Vec<Row>) {
        let part = |i: usize| self.tree.parameters[i].part;
        let members: Vec<usize> = among.iter().copied().filter(|&i| group.contains(part(i))).collect();
        if members.is_empty() {
            return;
        }
        let open = self.all_open || self.unfolded.contains(&group.path());
        rows.push(Row::Group { group, open, members: members.clone() });
        if !open {
            return;
        }
        let children: Vec<Group> = match group {
            Group::Encoder => (0..self.tree.facts.layers).map(Group::Layer).collect(),
            Group::Layer(index) => {
                [Block::Attention, Block::FeedForward, Block::Norms].map(|block| Group::Block(index, block)).to_vec()
            }
            _ => {
                rows.extend(members.iter().map(|&index| Row::Parameter { index, within: group }));
                return;
            }
        };
        for child in children {
            self.add(child, &members, rows);
        }
    }
}

/// Whether several parameters are frozen, trainable, or some of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriState {
    Frozen,
    Mixed,
    Trainable,
}

/// What a row's box shows, with the number of values in all its parameters and in those that train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub state: TriState,
    pub count: usize,
    pub trainable: usize,
}

impl Standing {
    /// Counts these parameters, which are indices into the tree. `trainable` runs parallel to the tree's parameters.
    pub fn of(tree: &ParamTree, trainable: &[bool], members: &[usize]) -> Self {
        let is_on = |i: &usize| trainable.get(*i).copied().unwrap_or(false);
        let numbers = |i: &usize| tree.parameters[*i].count();
        let on = members.iter().filter(|i| is_on(i)).count();
        let state = match on {
            0 => TriState::Frozen,
            n if n == members.len() => TriState::Trainable,
            _ => TriState::Mixed,
        };
        let trainable = members.iter().filter(|i| is_on(i)).map(numbers).sum();
        Self { state, count: members.iter().map(numbers).sum(), trainable }
    }

    /// Returns the share of the values that trains, from 0 to 1.
    pub fn share(&self) -> f32 {
        if self.count == 0 { 0.0 } else { self.trainable as f32 / self.count as f32 }
    }
}

/// Writes a shape for the window: `1536×384`.
pub fn shape_text(shape: &[usize]) -> String {
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}

#[cfg(test)]
mod tests {
    use super::super::samples::bert_tree;
    use super::*;

    fn paths(open: &[&str]) -> BTreeSet<String> {
        open.iter().map(|p| (*p).to_owned()).collect()
    }

    #[test]
    fn the_bundled_model_has_the_numbers_of_its_checkpoint() {
        let tree = bert_tree(6, 384, 2);
        assert_eq!(tree.parameters.len(), 105);
        assert_eq!(tree.count(), 22_713_986);
    }

    #[test]
    fn a_closed_tree_shows_its_four_parts() {
        let tree = bert_tree(6, 384, 2);
        let rows = visible_rows(&tree, &BTreeSet::new(), "");
        let groups: Vec<_> = rows.iter().map(|r| r.depth()).collect();
        assert_eq!(groups, [0, 0, 0, 0]);
        let sizes: Vec<_> =
            rows.iter().map(|r| if let Row::Group { members, .. } = r { members.len() } else { 0 }).collect();
        assert_eq!(sizes, [5, 96, 2, 2]);
    }

    #[test]
    fn unfolding_reaches_every_parameter_once() {
        let tree = bert_tree(24, 1024, 3);
        let mut open = paths(&["embeddings", "encoder", "pooler", "classifier"]);
        for layer in 0..24 {
            open.insert(Group::Layer(layer).path());
            for block in [Block::Attention, Block::FeedForward, Block::Norms] {
                open.insert(Group::Block(layer, block).path());
            }
        }
        let rows = visible_rows(&tree, &open, "");
        let mut seen: Vec<usize> = rows
            .iter()
            .filter_map(|r| if let Row::Parameter { index, .. } = r { Some(*index) } else { None })
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..tree.parameters.len()).collect::<Vec<_>>());
    }

    #[test]
    fn a_filter_leaves_matches_with_their_groups_open() {
        let tree = bert_tree(6, 384, 2);
        let rows = visible_rows(&tree, &BTreeSet::new(), "  LAYER.5.Attention.self.query ");
        let names: Vec<_> = rows
            .iter()
            .map(|r| match r {
                Row::Group { group, members, open } => {
                    assert!(*open && members.len() == 2);
                    group.path()
                }
                Row::Parameter { index, within } => within.shorten(&tree.parameters[*index].name).to_owned(),
            })
            .collect();
        let expected =
            ["encoder", "encoder.layer.5", "encoder.layer.5.attention", "self.query.weight", "self.query.bias"];
        assert_eq!(names, expected);
        assert!(visible_rows(&tree, &BTreeSet::new(), "no such name").is_empty());
    }

    #[test]
    fn names_are_shortened_by_what_the_groups_say() {
        let name = "encoder.layer.1.attention.output.LayerNorm.weight";
        assert_eq!(Group::Block(1, Block::Norms).shorten(name), "attention.output.LayerNorm.weight");
        assert_eq!(
            Group::Block(1, Block::FeedForward).shorten("encoder.layer.1.output.dense.bias"),
            "output.dense.bias"
        );
        let distilbert = "transformer.layer.1.attention.q_lin.weight";
        assert_eq!(Group::Block(1, Block::Attention).shorten(distilbert), "q_lin.weight");
        assert_eq!(
            Group::Block(1, Block::Norms).shorten("transformer.layer.1.sa_layer_norm.bias"),
            "sa_layer_norm.bias"
        );
        assert_eq!(Group::Classifier.shorten("classifier.dense.weight"), "dense.weight");
        assert_eq!(Group::Classifier.shorten("pre_classifier.weight"), "pre_classifier.weight");
        // A name in layer 11 must not be shortened as if it were in layer 1.
        assert_eq!(Group::Layer(1).shorten("encoder.layer.11.output.dense.bias"), "encoder.layer.11.output.dense.bias");
        assert_eq!(Group::Embeddings.shorten("embeddings.word_embeddings.weight"), "word_embeddings.weight");
    }

    #[test]
    fn a_group_is_mixed_until_all_agree() {
        let tree = bert_tree(2, 8, 2);
        let members: Vec<usize> =
            (0..tree.parameters.len()).filter(|&i| Group::Pooler.contains(tree.parameters[i].part)).collect();
        let mut trainable = vec![false; tree.parameters.len()];
        assert_eq!(Standing::of(&tree, &trainable, &members).state, TriState::Frozen);
        trainable[members[0]] = true;
        let mixed = Standing::of(&tree, &trainable, &members);
        assert_eq!((mixed.state, mixed.count, mixed.trainable), (TriState::Mixed, 72, 64));
        trainable[members[1]] = true;
        assert_eq!(Standing::of(&tree, &trainable, &members).state, TriState::Trainable);
        // Before the freezing of a new model is known, everything counts as frozen.
        assert_eq!(Standing::of(&tree, &[], &members).state, TriState::Frozen);
    }

    #[test]
    fn shapes_are_written_with_times() {
        assert_eq!(shape_text(&[1536, 384]), "1536×384");
        assert_eq!(shape_text(&[384]), "384");
    }
}
