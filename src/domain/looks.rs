//! A plan of looks: it says when a training looks at validation between the ends of its epochs, and at how many rows.
//!
//! Looks cost time that does not train, so that together they may take a twentieth of the training's. Time is not known
//! before it is spent, and would differ each time, so that multiplications are counted instead: those of the rows that train,
//! forward and backward, against those of the rows that are looked at, forward. Equal runs so take equal looks.

use super::config::TrainingConfig;
use super::freeze::{embeddings_train, lowest_trainable_layer, trainable_matrices};
use super::params::ParamTree;
use super::work::{forward_work, matrix_work};

/// The most rows of the fixed validation sample that looks classify.
pub const MOST_ROWS: usize = 256;
/// The most looks of a run.
pub const MOST_LOOKS: usize = 13;
/// A run of so many steps takes at least so many looks.
pub const LEAST_LOOKS: usize = 3;
/// Looks get rarer before their sample gets smaller than this.
const FEW_ROWS: usize = 32;
/// All looks together may cost this share of what the training costs.
pub const SHARE: f64 = 0.05;
/// The multiplications that go before the first look, and those that it may take itself: a fifth of a second each on two
/// cores of a laptop. More are taken only where a single step or a single row needs them.
const EARLY_WORK: f64 = 1e10;

/// A training as far as its looks depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    pub tree: &'a ParamTree,
    /// The stages, each with the parameters that train in it and the number of its epochs.
    pub stages: &'a [(&'a [bool], usize)],
    pub training: &'a TrainingConfig,
    pub train_rows: usize,
    pub validation_rows: usize,
    /// Mean tokens of a training row and of a validation row.
    pub tokens: (f64, f64),
}

/// The looks of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookPlan {
    /// The steps, counted from 1, that a look follows, in order.
    pub steps: Vec<usize>,
    /// How many validation rows a look classifies.
    pub rows: usize,
    /// How many the first look classifies, which comes early and must be quick.
    pub first_rows: usize,
}

/// The multiplications of one row of an epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
struct RowWork {
    /// The cost of a training row, forward and backward.
    trained: f64,
    /// The cost of a validation row in a look.
    looked_at: f64,
    /// The cost of a validation row through all layers, kept ones as well.
    whole: f64,
}

impl LookPlan {
    /// The looks of a training: as many and as large ones as fit into the [`SHARE`], up to [`MOST_LOOKS`] at [`MOST_ROWS`]. There
    /// are at least [`LEAST_LOOKS`], where there are so many steps, of at least one row.
    pub fn of(looked: Looked<'_>) -> Self {
        let epochs = work_of_epochs(looked);
        let rows_per_step = looked.training.rows_per_step().max(1);
        let steps_per_epoch = looked.train_rows.div_ceil(rows_per_step);
        let Some(first) = epochs.first().filter(|_| steps_per_epoch > 0) else { return Self::default() };
        let total_steps = steps_per_epoch * epochs.len();
        let early = (EARLY_WORK / (first.trained * rows_per_step as f64)) as usize;
        let early = (steps_per_epoch / 20).min(10).min(early).max(1);

        let most = MOST_ROWS.min(looked.validation_rows);
        let budget = SHARE * epochs.iter().map(|epoch| epoch.trained * looked.train_rows as f64).sum::<f64>();
        let rows_within_budget = |steps: &[usize]| {
            let each = steps.iter().map(|step| epochs[(step - 1) / steps_per_epoch].looked_at);
            (budget / each.sum::<f64>()) as usize
        };
        let plans = (1..MOST_LOOKS).rev().map(|spread| {
            let steps = steps(early, spread, total_steps);
            let rows = rows_within_budget(&steps);
            (steps, rows)
        });
        // The last of these plans has the fewest looks.
        let mut plans = plans.take_while(|(steps, _)| steps.len() >= LEAST_LOOKS.min(total_steps));
        let mut chosen = plans.next().unwrap_or_default();
        for fewer in plans {
            if chosen.1 >= FEW_ROWS.min(most) {
                break;
            }
            chosen = fewer;
        }
        let (steps, rows) = chosen;
        let rows = rows.clamp(1, most.max(1)).min(looked.validation_rows);
        let first_rows = ((EARLY_WORK / first.whole) as usize).max(1).min(rows);
        Self { steps, rows, first_rows }
    }

    /// Whether a look follows this step.
    pub fn is_due(&self, step: usize) -> bool {
        self.steps.binary_search(&step).is_ok()
    }

    /// Whether the look after this step is the run's first.
    pub fn is_first(&self, step: usize) -> bool {
        self.steps.first() == Some(&step)
    }

    /// The rows of all looks.
    pub fn all_rows(&self) -> usize {
        self.first_rows + self.rows * self.steps.len().saturating_sub(1)
    }
}

/// An early step, and `spread` steps in the middles of as many equal parts of the run, so that hardly any is the last step of an
/// epoch, where all validation rows are classified anyway.
fn steps(early: usize, spread: usize, total: usize) -> Vec<usize> {
    let middles = (0..spread).map(|i| ((2 * i + 1) * total).div_ceil(2 * spread));
    let mut steps: Vec<usize> = std::iter::once(early).chain(middles).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// The cost of the rows of each epoch.
fn work_of_epochs(looked: Looked<'_>) -> Vec<RowWork> {
    let mut epochs = Vec::new();
    let mut kept = None;
    for (trainable, n) in looked.stages {
        let lowest = lowest_trainable_layer(looked.tree, trainable);
        let keeps = keeps_prefix(looked, trainable);
        for _ in 0..*n {
            // The stage before may have kept the outputs of the same layers.
            let is_kept = keeps && kept == Some(lowest);
            epochs.push(work_of_rows(looked, trainable, keeps, is_kept));
            kept = keeps.then_some(lowest);
        }
    }
    epochs
}

/// Whether the outputs of frozen layers are kept, as far as the settings decide it.
fn keeps_prefix(Looked { tree, training, .. }: Looked<'_>, trainable: &[bool]) -> bool {
    let cache = &training.prefix_cache;
    let has_room = [cache.memory_mib, cache.file_mib] != [Some(0), Some(0)];
    cache.enabled && has_room && !training.frozen_dropout && !embeddings_train(tree, trainable)
}

/// The cost of the rows of an epoch. Frozen layers count in training where their outputs are not kept yet. In looks they
/// count only where they are never kept: the epoch's own validation needs them of the same rows.
fn work_of_rows(looked: Looked<'_>, trainable: &[bool], keeps: bool, is_kept: bool) -> RowWork {
    let Looked { tree, tokens: (train, validation), .. } = looked;
    let facts = &tree.facts;
    let lowest = lowest_trainable_layer(tree, trainable);
    let goes_below = embeddings_train(tree, trainable);
    let prefix = |tokens| forward_work(facts, 0..lowest, tokens);
    let shares = trainable_matrices(tree, trainable);
    let above = (lowest..facts.layers).map(|layer| {
        let forward = forward_work(facts, layer..layer + 1, train);
        let gradient = if layer > lowest || goes_below { forward } else { 0.0 };
        forward + gradient + shares[layer] * matrix_work(facts, layer, train)
    });
    let above = above.sum::<f64>();
    // The head has one matrix over each row's first token, whose gradients cost as much again.
    let head = (facts.hidden_size as f64).powi(2);
    let looked_above = forward_work(facts, lowest..facts.layers, validation) + head;
    let whole = prefix(validation) + looked_above;
    RowWork {
        trained: above + 2.0 * head + if is_kept { 0.0 } else { prefix(train) },
        looked_at: if keeps { looked_above } else { whole },
        whole,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::params::{Block, ModelFacts, Parameter, Part};

    /// A model of this size, of which as many layers from the top train, or everything.
    fn tree(layers: usize, hidden: usize) -> ParamTree {
        let parameter =
            |name: &str, shape: &[usize], part| Parameter { name: name.into(), shape: shape.to_vec(), part };
        let layer = |index| {
            let part = Part::Layer { index, block: Block::FeedForward };
            parameter(&format!("encoder.layer.{index}.output.dense.weight"), &[hidden, 12 * hidden], part)
        };
        let mut parameters = vec![parameter("embeddings.word_embeddings.weight", &[30_000, hidden], Part::Embeddings)];
        parameters.extend((0..layers).map(layer));
        parameters.push(parameter("pooler.dense.weight", &[hidden, hidden], Part::Pooler));
        let facts = ModelFacts {
            layers,
            hidden_size: hidden,
            intermediate_size: 4 * hidden,
            heads: 12,
            ..ModelFacts::default()
        };
        ParamTree { facts, parameters }
    }

    fn top(tree: &ParamTree, layers: usize) -> Vec<bool> {
        let trains = |p: &Parameter| layers > tree.facts.layers || p.part.is_in_top(layers, tree.facts.layers);
        tree.parameters.iter().map(trains).collect()
    }

    /// The counted cost of all looks over that of the training.
    fn share(looked: Looked<'_>, plan: &LookPlan) -> f64 {
        let epochs = work_of_epochs(looked);
        let steps = looked.train_rows.div_ceil(looked.training.rows_per_step());
        let looks = plan.steps.iter().map(|step| epochs[(step - 1) / steps].looked_at * plan.rows as f64);
        let trained: f64 = epochs.iter().map(|epoch| epoch.trained * looked.train_rows as f64).sum();
        looks.sum::<f64>() / trained
    }

    proptest! {
        /// Three looks of one row are taken whatever they cost; all that is more has to fit.
        #[test]
        fn looks_take_a_twentieth_of_the_training_at_most(
            layers in 1usize..25,
            hidden in prop::sample::select(vec![128usize, 384, 768, 1024]),
            trained in prop::collection::vec((0usize..30, 1usize..4), 1..4),
            rows in (1usize..20_000, 1usize..3000),
            batch_size in 1usize..65,
            tokens in (3.0f64..512.0, 3.0f64..512.0),
            is_cached in any::<bool>(),
        ) {
            let tree = tree(layers, hidden);
            let stages: Vec<(Vec<bool>, usize)> = trained.iter().map(|(n, epochs)| (top(&tree, *n), *epochs)).collect();
            let stages: Vec<(&[bool], usize)> = stages.iter().map(|(on, epochs)| (on.as_slice(), *epochs)).collect();
            let mut training = TrainingConfig { batch_size, ..TrainingConfig::default() };
            training.prefix_cache.enabled = is_cached;
            let (train_rows, validation_rows) = rows;
            let looked = Looked { tree: &tree, stages: &stages, training: &training, train_rows, validation_rows, tokens };
            let plan = LookPlan::of(looked);

            let total = train_rows.div_ceil(batch_size) * stages.iter().map(|(_, epochs)| epochs).sum::<usize>();
            prop_assert!(plan.steps.len() >= LEAST_LOOKS.min(total) && plan.steps.len() <= MOST_LOOKS);
            prop_assert!(plan.steps.iter().all(|step| (1..=total).contains(step)));
            prop_assert!((1..=MOST_ROWS.min(validation_rows)).contains(&plan.rows));
            prop_assert!((1..=plan.rows).contains(&plan.first_rows));
            let is_least = plan.rows == 1;
            prop_assert!(is_least || share(looked, &plan) <= SHARE + 1e-9, "{} of {plan:?}", share(looked, &plan));
        }
    }

    /// 67 texts of 256 tokens train a BERT-base for one epoch. Twelve looks at 29 rows took longer than the training.
    #[test]
    fn a_large_model_on_few_texts_looks_three_times_at_few_rows() {
        let tree = tree(12, 768);
        let full = top(&tree, 13);
        let training = TrainingConfig { batch_size: 8, epochs: 1, ..TrainingConfig::default() };
        let stages = [(full.as_slice(), 1)];
        let looked = Looked {
            tree: &tree,
            stages: &stages,
            training: &training,
            train_rows: 67,
            validation_rows: 29,
            tokens: (245.0, 245.0),
        };
        let plan = LookPlan::of(looked);
        assert_eq!((plan.steps.as_slice(), plan.rows, plan.first_rows), (&[1, 3, 7][..], 3, 1));
        // With a hundred times the rows, everything fits but the first look, which must be quick.
        let many = LookPlan::of(Looked { train_rows: 6700, validation_rows: 2900, ..looked });
        assert_eq!((many.steps.len(), many.steps[0], many.rows, many.first_rows), (13, 1, 76, 1));
        // The outputs of frozen layers are kept, so that a look costs only what lies above.
        let last = top(&tree, 1);
        let stages = [(last.as_slice(), 3)];
        let frozen = LookPlan::of(Looked { stages: &stages, ..looked });
        assert!(frozen.rows == 29 && frozen.steps.len() > 5, "{frozen:?}");
    }

    #[test]
    fn looks_are_spread_and_keep_away_from_the_ends_of_epochs() {
        assert_eq!(steps(2, 12, 300), [2, 13, 38, 63, 88, 113, 138, 163, 188, 213, 238, 263, 288]);
        assert_eq!(steps(1, 2, 9), [1, 3, 7]);
        assert_eq!(steps(1, 12, 2), [1, 2]);
    }
}
