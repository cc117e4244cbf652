//! How long a race will take, and how many rows fit into its minutes.

use super::config::{DataConfig, RunConfig};
use super::dataset::SplitCounts;
use super::estimate::{Calibration, Workload};
use super::freeze::lowest_trainable_layer;
use super::meter::CacheRoom;
use super::params::ParamTree;
use super::problem::{Outcome, Problem};
use super::race::RacePlan;

/// Seconds of a run for reading and setting up, beside training and evaluation.
const SETUP_SECS: f64 = 0.5;
/// The speed of writing the weights at a run's end, and after each epoch what trains with its moments.
const DISK_BYTES_PER_SEC: f64 = 300e6;

/// The share of a race's minutes that its plan may fill. The rest is left because other programs want the machine too.
const PLANNED_SHARE: f64 = 0.9;

/// What is known of data, model and machine before a race begins.
#[derive(Clone, Copy, Debug)]
pub struct RaceFacts<'a> {
    pub calibration: &'a Calibration,
    pub tree: &'a ParamTree,
    /// For each strategy, which parameters train, parallel to the tree's.
    pub trainable: &'a [Vec<bool>],
    /// Usable rows of the data file.
    pub rows: usize,
    /// How many labels it has.
    pub classes: usize,
}

/// Seconds of a whole race on `rows` rows of the file.
pub fn race_secs(plan: &RacePlan, facts: RaceFacts<'_>, rows: usize) -> f64 {
    // The kept outputs of frozen layers serve later runs too. These are the lowest trainable layers of the runs so far, with
    // the training rows whose outputs are kept below.
    let mut kept: Vec<(usize, f64)> = Vec::new();
    let mut secs = 0.0;
    for run in plan.runs() {
        let config = plan.config_of(&run);
        let trainable = &facts.trainable[run.strategy];
        let split = split_of(&config.data, facts.classes, rows);
        secs += run_secs(&config, facts, trainable, &split, &mut kept);
    }
    secs
}

/// The most rows of the file with which the race fits into the plan's minutes. `None` when all rows fit, or when the plan has
/// no minutes.
///
/// # Errors
/// `race-minutes-too-few` when not even the fewest rows that can be split fit.
pub fn rows_that_fit(plan: &RacePlan, facts: RaceFacts<'_>) -> Outcome<Option<usize>> {
    let Some(minutes) = plan.minutes else { return Ok(None) };
    let budget_secs = minutes * 60.0 * PLANNED_SHARE;
    let most = plan.config.data.max_rows.unwrap_or(facts.rows).min(facts.rows);
    let secs = |rows| race_secs(plan, facts, rows);
    if secs(most) <= budget_secs {
        return Ok(None);
    }
    let least = (20 * facts.classes).min(most);
    if secs(least) > budget_secs {
        let needed = secs(least) / 60.0 / PLANNED_SHARE;
        return Err(Problem::new("race-minutes-too-few")
            .with("minutes", minutes)
            .with("needed", format!("{:.1}", (needed * 10.0).ceil() / 10.0)));
    }
    let (mut fits, mut too_many) = (least, most);
    while too_many - fits > 1 {
        let middle = fits + (too_many - fits) / 2;
        if secs(middle) <= budget_secs { fits = middle } else { too_many = middle }
    }
    Ok(Some(fits))
}

/// The parts that so many rows of the file would be split into if all classes had the same size.
fn split_of(config: &DataConfig, classes: usize, rows: usize) -> SplitCounts {
    let test = rows as f64 * config.split.test_share;
    let validation = (rows as f64 - test) * config.split.validation_share;
    let train = rows as f64 - test - validation;
    let train = config.rows_per_class.map_or(train, |n| train.min((n * classes) as f64));
    let as_one_class = |rows: f64| vec![rows.round() as usize];
    SplitCounts { train: as_one_class(train), validation: as_one_class(validation), test: as_one_class(test) }
}

fn run_secs(
    config: &RunConfig,
    facts: RaceFacts<'_>,
    trainable: &[bool],
    split: &SplitCounts,
    kept: &mut Vec<(usize, f64)>,
) -> f64 {
    let (tree, training) = (facts.tree, &config.training);
    let lowest = lowest_trainable_layer(tree, trainable);
    let (train, validation, test) = split.totals();
    let workload = Workload { calibration: facts.calibration, tree, split, training };
    let room = CacheRoom::of_rows(workload, lowest, train + validation + test);
    let is_kept = training.prefix_cache.enabled && !training.frozen_dropout && room.is_enough();
    let (train, validation, test) = (train as f64, validation as f64, test as f64);
    let estimate = |split: &SplitCounts| Workload { split, ..workload }.estimate(trainable, is_kept);
    let with_validation = |rows| estimate(&SplitCounts { validation: vec![rows], ..split.clone() });
    let (whole, without) = (estimate(split), with_validation(0));

    // These are the seconds of evaluating one row, first with the frozen layers computed and then with their outputs kept. With
    // so many rows, the looks between the ends of epochs make no difference.
    const MANY: usize = 10_000;
    let (many, twice) = (with_validation(MANY), with_validation(2 * MANY));
    let fresh_row = (twice.first_epoch_secs - many.first_epoch_secs) / MANY as f64;
    let kept_row = (twice.later_epoch_secs - many.later_epoch_secs) / MANY as f64;
    // An earlier run may have kept the outputs of this run's frozen layers, or of some of them.
    let below = kept.iter().filter(|(at, _)| *at <= lowest).max_by_key(|(at, _)| *at).copied();
    let (still_to_compute, known_rows) = match below {
        Some((at, rows)) if is_kept && lowest > 0 => ((lowest - at) as f64 / lowest as f64, rows),
        _ => (1.0, 0.0),
    };
    let known = if below.is_some() { (known_rows / train.max(1.0)).min(1.0) } else { 0.0 };
    let train_part = 1.0 - known * (1.0 - still_to_compute);

    let later = whole.later_epoch_secs * training.epochs as f64;
    let prefix_of_train = without.first_epoch_secs - without.later_epoch_secs;
    let prefix_of_others = (fresh_row - kept_row) * (validation + test) * still_to_compute;
    let written = |numbers: usize, times: f64| numbers as f64 * 4.0 * times / DISK_BYTES_PER_SEC;
    let (on, frozen) = tree.totals(trainable);
    let disk = written(on + frozen, 1.0) + written(3 * on, training.epochs as f64);
    if is_kept {
        match kept.iter_mut().find(|(at, _)| *at == lowest) {
            Some((_, rows)) => *rows = rows.max(train),
            None => kept.push((lowest, train)),
        }
    }
    later + prefix_of_train * train_part + prefix_of_others + test * kept_row + SETUP_SECS + disk
}

#[cfg(test)]
mod tests {
    use crate::domain::estimate::LayerSecs;
    use crate::domain::freeze::Freeze;
    use crate::domain::params::{Block, ModelFacts, Parameter, Part};
    use crate::domain::race::Strategy;

    use super::*;

    fn tree() -> ParamTree {
        let parameter = |name: String, part| Parameter { name, shape: vec![64, 64], part };
        let mut parameters = vec![parameter("embeddings".into(), Part::Embeddings)];
        for index in 0..4 {
            parameters.push(parameter(format!("{index}"), Part::Layer { index, block: Block::FeedForward }));
        }
        parameters.push(parameter("classifier".into(), Part::Classifier));
        ParamTree { facts: ModelFacts { layers: 4, hidden_size: 64, ..ModelFacts::default() }, parameters }
    }

    fn calibration() -> Calibration {
        let even = |secs| LayerSecs {
            forward: secs,
            evaluate: secs,
            backward_input: secs,
            backward_lowest: secs,
            backward_weight: secs,
        };
        Calibration {
            tokens_per_row: 20.0,
            max_length: 128,
            layer: even(1e-4),
            last: even(2e-5),
            embed_secs: 0.0,
            update_secs: 1e-9,
            row_secs: 1e-5,
            step_secs: 1e-4,
            cache_bytes: (4 << 30, 0),
            frozen_share: None,
        }
    }

    fn plan(freezes: &[Freeze], seeds: u64) -> RacePlan {
        let strategies = freezes.iter().map(|f| Strategy { name: f.name(), freeze: f.clone() }).collect();
        RacePlan { strategies, seeds: (0..seeds).collect(), ..RacePlan::default() }
    }

    fn facts<'a>(tree: &'a ParamTree, calibration: &'a Calibration, trainable: &'a [Vec<bool>]) -> RaceFacts<'a> {
        RaceFacts { calibration, tree, trainable, rows: 10_000, classes: 2 }
    }

    fn resolved(plan: &RacePlan, tree: &ParamTree) -> Vec<Vec<bool>> {
        plan.strategies.iter().map(|s| s.freeze.resolve(tree).unwrap()).collect()
    }

    #[test]
    fn what_is_kept_is_paid_once() {
        let (tree, calibration) = (tree(), calibration());
        let secs = |seeds| {
            let plan = plan(&[Freeze::Preset1], seeds);
            race_secs(&plan, facts(&tree, &calibration, &resolved(&plan, &tree)), 1000)
        };
        assert!(secs(2) < 1.5 * secs(1), "{} {}", secs(2), secs(1));
        let full = |seeds| {
            let plan = plan(&[Freeze::Full], seeds);
            race_secs(&plan, facts(&tree, &calibration, &resolved(&plan, &tree)), 1000)
        };
        assert!((full(3) - 3.0 * full(1)).abs() < 1e-6);
    }

    #[test]
    fn as_many_rows_as_fit() {
        let (tree, calibration) = (tree(), calibration());
        let mut plan = plan(&[Freeze::Preset1, Freeze::Full], 2);
        let trainable = resolved(&plan, &tree);
        let facts = facts(&tree, &calibration, &trainable);
        assert_eq!(rows_that_fit(&plan, facts), Ok(None), "without minutes nothing is limited");
        plan.minutes = Some(1.0);
        let rows = rows_that_fit(&plan, facts).unwrap().unwrap();
        let budget = 60.0 * PLANNED_SHARE;
        assert!(race_secs(&plan, facts, rows) <= budget && race_secs(&plan, facts, rows + 1) > budget, "{rows}");
        plan.minutes = Some(600.0);
        assert_eq!(rows_that_fit(&plan, facts), Ok(None), "all rows fit");
        plan.minutes = Some(0.1);
        plan.seeds = (0..20).collect();
        assert_eq!(rows_that_fit(&plan, facts).unwrap_err().id, "race-minutes-too-few");
    }

    #[test]
    fn few_training_rows_cost_less() {
        let (tree, calibration) = (tree(), calibration());
        let mut plan = plan(&[Freeze::Full], 1);
        let trainable = resolved(&plan, &tree);
        let all = race_secs(&plan, facts(&tree, &calibration, &trainable), 2000);
        plan.rows_per_class = vec![8];
        assert!(race_secs(&plan, facts(&tree, &calibration, &trainable), 2000) < all / 2.0);
    }
}
