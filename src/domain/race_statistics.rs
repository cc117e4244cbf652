//! What a race's rows say: the means over seeds, their intervals, and which differences are decided.
//!
//! An accuracy varies for two reasons, and an interval here covers both: other test rows would have had other answers, and
//! another training seed would have made another model. All runs of a race are tested on the same rows.
//!
//! - With one seed it is Wilson's 95 % interval of the test rows. What another seed would give is unknown and not covered.
//! - With several seeds it is `mean ± sqrt((z² p (1 - p) / n) + (t² s² / k))`, where n is the number of test rows, s the
//!   sample standard deviation of the accuracies of k seeds, and t the quantile of Student's distribution with k - 1 degrees
//!   of freedom.
//! - The difference of two strategies is judged seed by seed and row by row, because both had the same seeds and rows. Its
//!   variance over rows is that of the differences at single rows (with one seed this is McNemar's test, with its correction
//!   for continuity), and its variance over seeds is that of the differences at single seeds. Other splits were not tried,
//!   so nothing is said about them.

use super::metrics::wilson_interval;
use super::race::{RaceMean, RacePlan, RaceRow};

/// The 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The 97.5 % quantiles of Student's distribution with 1, 2, 3, ... degrees of freedom.
const T: [f64; 10] =
    [12.706_205, 4.302_653, 3.182_446, 2.776_445, 2.570_582, 2.446_912, 2.364_624, 2.306_004, 2.262_157, 2.228_139];

/// The means of the strategies in the plan's order, on a ladder for each number of rows. A strategy without rows has none.
pub fn strategy_means(plan: &RacePlan, rows: &[RaceRow]) -> Vec<RaceMean> {
    let steps = plan.steps();
    let groups = steps.iter().flat_map(|step| plan.strategies.iter().map(move |strategy| (&strategy.name, step)));
    let mean_of_group = |(name, step): (&String, &Option<usize>)| {
        let is_in_group = |row: &&RaceRow| row.freeze == *name && row.rows_per_class == *step;
        mean_of(&rows.iter().filter(is_in_group).collect::<Vec<_>>())
    };
    groups.filter_map(mean_of_group).collect()
}

fn mean_of(rows: &[&RaceRow]) -> Option<RaceMean> {
    let first = rows.first()?;
    let mean_value = |value: fn(&RaceRow) -> f64| mean(rows.iter().map(|row| value(row)));
    let accuracy = mean_value(|row| row.accuracy);
    let spread = deviation(rows.iter().map(|row| row.accuracy));
    Some(RaceMean {
        freeze: first.freeze.clone(),
        rows_per_class: first.rows_per_class,
        runs: rows.len(),
        train_rows: first.train_rows,
        trainable: first.trainable,
        learning_rate: first.learning_rate,
        accuracy,
        accuracy_spread: spread,
        accuracy_interval: interval(accuracy, spread, rows.len(), first.test_rows),
        macro_f1: mean_value(|row| row.macro_f1),
        train_secs: mean_value(|row| row.train_secs),
        shared_secs: mean_value(|row| row.shared_secs),
        peak_memory_bytes: rows.iter().map(|row| row.peak_memory_bytes).max().unwrap_or(0),
    })
}

/// The 95 % interval of a mean accuracy over `seeds` runs that were tested on the same `test_rows`.
fn interval(accuracy: f64, spread: Option<f64>, seeds: usize, test_rows: usize) -> (f64, f64) {
    let Some(spread) = spread else {
        return wilson_interval((accuracy * test_rows as f64).round() as u64, test_rows as u64);
    };
    let row_part = Z * Z * accuracy * (1.0 - accuracy) / (test_rows.max(1)) as f64;
    let half = (row_part + seed_part(spread, seeds)).sqrt();
    ((accuracy - half).max(0.0), (accuracy + half).min(1.0))
}

/// The pairs of means on the same number of rows, by their places, whose difference is within its 95 % interval.
pub fn undecided_pairs(means: &[RaceMean], rows: &[RaceRow]) -> Vec<(usize, usize)> {
    let pairs = (0..means.len()).flat_map(|a| (a + 1..means.len()).map(move |b| (a, b)));
    let is_undecided = |(a, b): &(usize, usize)| {
        let (a, b) = (&means[*a], &means[*b]);
        a.rows_per_class == b.rows_per_class && !is_decided(a, b, rows)
    };
    pairs.filter(is_undecided).collect()
}

/// Whether two strategies differ by more than rows and seeds explain. Nothing is decided without a seed that both have.
fn is_decided(a: &RaceMean, b: &RaceMean, rows: &[RaceRow]) -> bool {
    let rows_of = |mean: &RaceMean| {
        let is_its_row = |row: &&RaceRow| row.freeze == mean.freeze && row.rows_per_class == mean.rows_per_class;
        rows.iter().filter(is_its_row).collect::<Vec<_>>()
    };
    let rows_of_b = rows_of(b);
    let pairs: Vec<(&RaceRow, &RaceRow)> =
        rows_of(a).into_iter().filter_map(|a| rows_of_b.iter().find(|b| b.seed == a.seed).map(|b| (a, *b))).collect();
    let Some((first, _)) = pairs.first() else { return false };
    let n = first.test_rows.max(1) as f64;
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| a.accuracy - b.accuracy).collect();
    let seed_part = deviation(differences.iter().copied()).map_or(0.0, |spread| seed_part(spread, pairs.len()));
    let row_part = Z * Z * row_variance(&pairs) / n;
    // The correction for continuity: accuracies cannot differ by less than one answer.
    let difference = mean(differences.iter().copied()).abs() - 1.0 / n;
    difference > (row_part + seed_part).sqrt()
}

/// The variance, over test rows, of how much more often one strategy is right than the other.
fn row_variance(pairs: &[(&RaceRow, &RaceRow)]) -> f64 {
    let rows = pairs.first().map_or(0, |(a, _)| a.hits.0.len());
    let is_known = rows > 0 && pairs.iter().all(|(a, b)| a.hits.0.len() == rows && b.hits.0.len() == rows);
    if !is_known {
        // Without the answers to single rows, the two tests count as made on different rows.
        let variance = |accuracy: f64| accuracy * (1.0 - accuracy);
        return mean(pairs.iter().map(|(a, b)| variance(a.accuracy) + variance(b.accuracy)));
    }
    let difference = |row: usize| {
        mean(pairs.iter().map(|(a, b)| f64::from(u8::from(a.hits.0[row])) - f64::from(u8::from(b.hits.0[row]))))
    };
    let centre = mean((0..rows).map(difference));
    mean((0..rows).map(|row| (difference(row) - centre).powi(2)))
}

/// What the seeds add to the square of an interval's half width.
fn seed_part(spread: f64, seeds: usize) -> f64 {
    (t_quantile(seeds - 1) * spread).powi(2) / seeds as f64
}

/// The 97.5 % quantile of Student's distribution. Beyond the table it is expanded about the normal distribution (Cornish and
/// Fisher).
fn t_quantile(degrees: usize) -> f64 {
    if let Some(t) = degrees.checked_sub(1).and_then(|at| T.get(at)) {
        return *t;
    }
    let n = degrees.max(1) as f64;
    let (z3, z5, z7) = (Z.powi(3), Z.powi(5), Z.powi(7));
    let third = 3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * Z;
    Z + (z3 + Z) / (4.0 * n) + (5.0 * z5 + 16.0 * z3 + 3.0 * Z) / (96.0 * n * n) + third / (384.0 * n.powi(3))
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len().max(1) as f64;
    values.sum::<f64>() / n
}

/// The sample standard deviation. `None` for fewer than two values.
fn deviation(values: impl ExactSizeIterator<Item = f64> + Clone) -> Option<f64> {
    let n = values.len();
    let centre = mean(values.clone());
    (n > 1).then(|| (values.map(|x| (x - centre).powi(2)).sum::<f64>() / (n - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::domain::freeze::Freeze;
    use crate::domain::race::{Hits, Strategy as Competitor};

    use super::*;

    fn plan(names: &[&str], seeds: usize) -> RacePlan {
        let strategies =
            names.iter().map(|name| Competitor { name: (*name).to_owned(), freeze: Freeze::Preset1 }).collect();
        RacePlan { strategies, seeds: (0..seeds as u64).collect(), ..RacePlan::default() }
    }

    fn row(freeze: &str, seed: u64, hits: Vec<bool>) -> RaceRow {
        RaceRow {
            freeze: freeze.into(),
            seed,
            rows_per_class: None,
            train_rows: 100,
            trainable: 10,
            learning_rate: 1e-3,
            accuracy: hits.iter().filter(|hit| **hit).count() as f64 / hits.len() as f64,
            macro_f1: 0.5,
            train_secs: 2.0 + seed as f64,
            shared_secs: seed as f64,
            peak_memory_bytes: 100 + seed,
            test_rows: hits.len(),
            run_dir: None,
            hits: Hits(hits.into()),
        }
    }

    /// Answers to 1000 rows, of which `right` are right, from row `from` on.
    fn answers(from: usize, right: usize) -> Vec<bool> {
        (0..1000).map(|i| i >= from && i < from + right).collect()
    }

    /// Quantiles from `scipy.stats.t.ppf(0.975, df)`.
    #[test]
    fn student_matches_reference() {
        let reference = [(1, 12.7062), (2, 4.3027), (10, 2.2281), (11, 2.2010), (30, 2.0423), (99, 1.9842)];
        for (degrees, t) in reference {
            assert!((t_quantile(degrees) - t).abs() < 2e-4, "{degrees}: {}", t_quantile(degrees));
        }
    }

    /// Worked by hand: accuracies 0.7, 0.72, 0.74: s = 0.02; half width² = 3.8415 * 0.72 * 0.28 / 1000 + 4.3027² * 0.0004 / 3.
    #[test]
    fn means_over_seeds_have_spread_and_interval() {
        let plan = plan(&["1", "2"], 3);
        let rows: Vec<RaceRow> = (0..3).map(|seed| row("1", seed, answers(0, 700 + 20 * seed as usize))).collect();
        let means = strategy_means(&plan, &rows);
        let [mean] = &means[..] else { panic!("one strategy has rows: {means:?}") };
        assert_eq!((mean.runs, mean.peak_memory_bytes), (3, 102));
        assert!((mean.accuracy - 0.72).abs() < 1e-12 && (mean.train_secs - 3.0).abs() < 1e-12);
        assert!((mean.shared_secs - 1.0).abs() < 1e-12);
        assert!((mean.accuracy_spread.unwrap() - 0.02).abs() < 1e-9);
        let half = (3.841_459 * 0.72 * 0.28 / 1000.0 + 4.302_653_f64.powi(2) * 0.0004 / 3.0).sqrt();
        assert!((mean.accuracy_interval.1 - 0.72 - half).abs() < 1e-6, "{:?}", mean.accuracy_interval);

        let one = strategy_means(&plan, &rows[..1]);
        assert_eq!((one[0].accuracy_spread, one[0].accuracy_interval), (None, wilson_interval(700, 1000)));
    }

    #[test]
    fn a_paired_difference_is_decided_where_an_unpaired_is_not() {
        let plan = plan(&["a", "b", "c"], 1);
        // b is right wherever a is, and on 12 rows more: McNemar's (12 - 1)² / 12 = 10.1 > 3.84.
        let mut rows = vec![row("a", 0, answers(0, 700)), row("b", 0, answers(0, 712)), row("c", 0, answers(288, 712))];
        let undecided = |rows: &[RaceRow]| undecided_pairs(&strategy_means(&plan, rows), rows);
        // c is as often right as b, on other rows.
        assert_eq!(undecided(&rows), [(0, 2), (1, 2)]);
        rows.iter_mut().for_each(|row| row.hits = Hits::default());
        assert_eq!(undecided(&rows), [(0, 1), (0, 2), (1, 2)], "1.2 points of 1000 rows each are nothing");
        // b - c = 5 rows alone: (5 - 1)² / 5 = 3.2 < 3.84.
        let few = [row("a", 0, answers(0, 700)), row("b", 0, answers(0, 705))];
        assert_eq!(undecided(&few), [(0, 1)]);
        assert_eq!(undecided(&[row("a", 0, answers(0, 700)), row("b", 0, answers(0, 706))]), [], "(6 - 1)² / 6 = 4.2");
    }

    #[test]
    fn seeds_that_disagree_leave_it_undecided() {
        let plan = plan(&["a", "b"], 3);
        let rows = |right_of_b: [usize; 3]| -> Vec<RaceRow> {
            let rows_of = |name, right: [usize; 3]| (0..3).map(move |s| row(name, s as u64, answers(0, right[s])));
            rows_of("a", [700, 700, 700]).chain(rows_of("b", right_of_b)).collect()
        };
        let undecided = |rows: &[RaceRow]| undecided_pairs(&strategy_means(&plan, rows), rows);
        assert_eq!(undecided(&rows([740, 742, 741])), []);
        assert_eq!(undecided(&rows([640, 760, 820])), [(0, 1)]);
        let apart = [row("a", 0, answers(0, 700)), row("b", 1, answers(0, 900))];
        assert_eq!(undecided(&apart), [(0, 1)], "no seed in common");
    }

    proptest! {
        #[test]
        fn intervals_hold_their_means_and_equals_are_undecided(
            hits in prop::collection::vec(prop::collection::vec(any::<bool>(), 40), 1..6),
        ) {
            let plan = plan(&["a", "b"], hits.len());
            let rows_of = |name| hits.iter().enumerate().map(move |(seed, hits)| row(name, seed as u64, hits.clone()));
            let rows: Vec<RaceRow> = rows_of("a").chain(rows_of("b")).collect();
            let means = strategy_means(&plan, &rows);
            prop_assert_eq!(means.len(), 2);
            for mean in &means {
                let (low, high) = mean.accuracy_interval;
                prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high));
                prop_assert!(low <= mean.accuracy + 1e-12 && mean.accuracy <= high + 1e-12);
            }
            prop_assert_eq!(undecided_pairs(&means, &rows), vec![(0, 1)]);
            let text = serde_json::to_string(&rows[0].hits).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Hits>(&text).unwrap(), &rows[0].hits);
        }
    }
}
