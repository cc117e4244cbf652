//! Stratified splits: every part has its share of every class, exact to one row.

mod together;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::copies::Copies;
use crate::domain::config::SplitConfig;
use crate::domain::dataset::{Parts, SplitCounts};

/// The three parts of the data. Each holds ascending indices into the texts.
pub type Splits = Parts<Vec<u32>>;

impl Splits {
    /// The number of rows of each class in each part. `labels[i]` is the label id of row i.
    pub fn counts(&self, labels: &[u32], classes: usize) -> SplitCounts {
        let count = |rows: &[u32]| class_sizes(rows.iter().map(|r| labels[*r as usize]), classes);
        SplitCounts { train: count(&self.train), validation: count(&self.validation), test: count(&self.test) }
    }
}

/// Takes the test part out of `rows` when `cut_test`, then the validation part out of the rest when `cut_validation`. Both
/// are stratified by class and drawn with the split's seed. `labels[i]` is the label id of row i, below `classes`. The rows
/// that hold the same text come into one part where `copies` tells them and the split keeps them together; without any such
/// rows the split is the same with and without.
pub(super) fn split(
    rows: &[u32],
    labels: &[u32],
    classes: usize,
    config: &SplitConfig,
    cut_validation: bool,
    cut_test: bool,
    copies: Option<&Copies>,
) -> Splits {
    if let Some(copies) = copies.filter(|copies| config.copies_together && copies.are_among(rows)) {
        return together::split_together(rows, labels, classes, config, (cut_validation, cut_test), copies);
    }
    let mut groups = shuffled_groups(rows, labels, classes, config.seed);
    let mut cut = |wanted: bool, share: f64| {
        let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
        let counts = if wanted { share_counts(&sizes, share) } else { vec![0; classes] };
        let part = groups.iter_mut().zip(counts).flat_map(|(group, n)| group.split_off(group.len() - n)).collect();
        sorted(part)
    };
    let test = cut(cut_test, config.test_share);
    let validation = cut(cut_validation, config.validation_share);
    Splits { train: sorted(groups.concat()), validation, test }
}

/// Draws `n` of `rows` with `seed` so that every class keeps its share, in ascending order. When there are no more than `n`,
/// all of them are returned as they are. `labels[i]` is the label id of row i.
pub fn stratified_sample(rows: &[u32], labels: &[u32], n: usize, seed: u64) -> Vec<u32> {
    if n >= rows.len() {
        return rows.to_vec();
    }
    let classes = rows.iter().map(|r| labels[*r as usize] as usize + 1).max().unwrap_or(0);
    let groups = shuffled_groups(rows, labels, classes, seed);
    let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
    let counts = largest_remainder(&sizes, n as f64 / rows.len() as f64, n);
    sorted(groups.iter().zip(counts).flat_map(|(group, n)| group[..n].iter().copied()).collect())
}

/// Draws `n` rows of each class with `seed`, or all rows of a class that has fewer, in ascending order. A larger sample of
/// the same rows contains every smaller one, because each class keeps one fixed order, whose first `n` are taken.
/// `labels[i]` is the label id of row i.
pub fn few_of_each(rows: &[u32], labels: &[u32], classes: usize, n: usize, seed: u64) -> Vec<u32> {
    let groups = shuffled_groups(rows, labels, classes, seed);
    sorted(groups.iter().flat_map(|group| group.iter().take(n).copied()).collect())
}

/// How many rows of each class a share of all rows takes. Their total is the share of the total, rounded to the nearest row.
fn share_counts(sizes: &[usize], share: f64) -> Vec<usize> {
    let rows: usize = sizes.iter().sum();
    largest_remainder(sizes, share, (share * rows as f64).round() as usize)
}

/// Divides `total` rows among classes by the method of the largest remainder: each class gets its share rounded down, then
/// those with the largest remainders get one more, so that no class is a whole row off its share. Classes that have no row
/// yet go first, so that no class is left out without need.
fn largest_remainder(sizes: &[usize], share: f64, total: usize) -> Vec<usize> {
    // Shares are decimal fractions. 0.3 of 10 rows must be 3 rows, although 0.3 has no exact binary form.
    let exact: Vec<f64> = sizes.iter().map(|n| (share * *n as f64 * 1e9).round() / 1e9).collect();
    let mut counts: Vec<usize> = exact.iter().map(|x| x.floor() as usize).collect();
    let mut order: Vec<usize> = (0..sizes.len()).filter(|c| exact[*c].fract() > 0.0).collect();
    order.sort_by(|a, b| {
        let key = |c: usize| (counts[c] > 0, -exact[c].fract());
        key(*a).partial_cmp(&key(*b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let left = total.saturating_sub(counts.iter().sum());
    for class in order.into_iter().take(left) {
        counts[class] += 1;
    }
    counts
}

/// The rows of each class, in an order that is drawn with the seed.
fn shuffled_groups(rows: &[u32], labels: &[u32], classes: usize, seed: u64) -> Vec<Vec<u32>> {
    let mut groups = vec![Vec::new(); classes];
    for row in rows {
        groups[labels[*row as usize] as usize].push(*row);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for group in &mut groups {
        group.shuffle(&mut rng);
    }
    groups
}

/// How often each label id below `classes` occurs.
pub(super) fn class_sizes(labels: impl Iterator<Item = u32>, classes: usize) -> Vec<usize> {
    let mut sizes = vec![0; classes];
    for label in labels {
        sizes[label as usize] += 1;
    }
    sizes
}

fn sorted(mut rows: Vec<u32>) -> Vec<u32> {
    rows.sort_unstable();
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn config(test_share: f64, validation_share: f64, seed: u64) -> SplitConfig {
        SplitConfig { test_share, validation_share, seed, ..SplitConfig::default() }
    }

    #[test]
    fn the_lectures_cuts() {
        let labels: Vec<u32> = (0..1000).map(|i| u32::from(i % 5 == 0)).collect();
        let rows: Vec<u32> = (0..1000).collect();
        let splits = split(&rows, &labels, 2, &SplitConfig::default(), true, true, None);
        let counts = splits.counts(&labels, 2);
        assert_eq!((counts.test, counts.validation, counts.train), (vec![160, 40], vec![192, 48], vec![448, 112]));
        let other = split(&rows, &labels, 2, &config(0.2, 0.3, 43), true, true, None);
        assert_ne!(splits, other);
        let kept = split(&rows, &labels, 2, &SplitConfig::default(), true, false, None);
        assert_eq!((kept.test.len(), kept.validation.len(), kept.train.len()), (0, 300, 700));
    }

    #[test]
    fn small_classes_get_a_row_first() {
        assert_eq!(largest_remainder(&[98, 98, 3], 0.2, 40), [20, 19, 1]);
        assert_eq!(largest_remainder(&[10, 10], 0.3, 6), [3, 3]);
    }

    proptest! {
        #[test]
        fn cuts_are_disjoint_complete_and_fair(
            labels in prop::collection::vec(0_u32..5, 0..400),
            test_share in 1_u32..90,
            validation_share in 1_u32..90,
            seed: u64,
        ) {
            let config = config(f64::from(test_share) / 100.0, f64::from(validation_share) / 100.0, seed);
            let rows: Vec<u32> = (0..labels.len() as u32).collect();
            let splits = split(&rows, &labels, 5, &config, true, true, None);
            prop_assert_eq!(&splits, &split(&rows, &labels, 5, &config, true, true, None));

            let all = sorted([splits.train.clone(), splits.validation.clone(), splits.test.clone()].concat());
            prop_assert_eq!(&all, &rows);

            let counts = splits.counts(&labels, 5);
            let sizes = class_sizes(labels.iter().copied(), 5);
            let rest: Vec<usize> = sizes.iter().zip(&counts.test).map(|(n, t)| n - t).collect();
            for (sizes, counts, share) in
                [(&sizes, &counts.test, config.test_share), (&rest, &counts.validation, config.validation_share)]
            {
                for (size, count) in sizes.iter().zip(counts) {
                    prop_assert!((*count as f64 - share * *size as f64).abs() < 1.0);
                }
                let rows: usize = sizes.iter().sum();
                prop_assert!((counts.iter().sum::<usize>() as f64 - share * rows as f64).abs() <= 0.5 + 1e-6);
            }

            // The order of the rows in the file changes which rows fall where, not how many of each class.
            let reversed: Vec<u32> = labels.iter().rev().copied().collect();
            prop_assert_eq!(&counts, &split(&rows, &reversed, 5, &config, true, true, None).counts(&reversed, 5));
        }

        #[test]
        fn few_rows_of_each_class_are_among_more(
            labels in prop::collection::vec(0_u32..4, 1..300),
            n in 1_usize..64,
            more in 0_usize..64,
            seed: u64,
        ) {
            let rows: Vec<u32> = (0..labels.len() as u32).filter(|row| row % 3 != 0).collect();
            let sizes = class_sizes(rows.iter().map(|r| labels[*r as usize]), 4);
            let few = few_of_each(&rows, &labels, 4, n, seed);
            let counts = class_sizes(few.iter().map(|r| labels[*r as usize]), 4);
            let wanted: Vec<usize> = sizes.iter().map(|size| n.min(*size)).collect();
            prop_assert_eq!(counts, wanted);
            prop_assert!(few.windows(2).all(|w| w[0] < w[1]) && few.iter().all(|row| rows.contains(row)));
            let larger = few_of_each(&rows, &labels, 4, n + more, seed);
            prop_assert!(few.iter().all(|row| larger.contains(row)));
        }

        #[test]
        fn samples_keep_shares(labels in prop::collection::vec(0_u32..4, 1..300), n in 0_usize..320, seed: u64) {
            let rows: Vec<u32> = (0..labels.len() as u32).collect();
            let sample = stratified_sample(&rows, &labels, n, seed);
            prop_assert_eq!(sample.len(), n.min(labels.len()));
            prop_assert_eq!(&sample, &stratified_sample(&rows, &labels, n, seed));
            prop_assert!(sample.windows(2).all(|w| w[0] < w[1]));
            let share = sample.len() as f64 / labels.len() as f64;
            let sizes = class_sizes(labels.iter().copied(), 4);
            let counts = class_sizes(sample.iter().map(|r| labels[*r as usize]), 4);
            for (size, count) in sizes.iter().zip(counts) {
                prop_assert!((count as f64 - share * *size as f64).abs() < 1.0 + 1e-6);
            }
        }
    }
}
