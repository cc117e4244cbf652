//! The split of rows of which some hold the same text: its copies stand in one part, so that no test row was seen in
//! training. Shares and classes are kept as nearly as whole groups of copies allow.

use std::collections::{HashMap, HashSet};

use super::{Splits, share_counts, shuffled_groups, sorted};
use crate::data::copies::Copies;
use crate::domain::config::SplitConfig;

/// The rows of one text.
#[derive(Default)]
struct Group {
    rows: Vec<u32>,
    /// The number of rows of each class that the text is labelled with.
    sizes: Vec<(usize, usize)>,
    is_taken: bool,
}

/// Takes the test part out of `rows` when `cut_test`, then the validation part out of the rest when `cut_validation`, each
/// group of copies as a whole. Groups are taken in the order in which their rows would be without copies. A class that has
/// fewer texts than there are parts is divided row by row, because a part without it would say nothing of it.
pub(super) fn split_together(
    rows: &[u32],
    labels: &[u32],
    classes: usize,
    config: &SplitConfig,
    (cut_validation, cut_test): (bool, bool),
    copies: &Copies,
) -> Splits {
    let lists = shuffled_groups(rows, labels, classes, config.seed);
    let mut left = Left::of(&lists, &|row| copies.first(row));
    let parts = 1 + usize::from(cut_validation) + usize::from(cut_test);
    let few = left.of_class.iter().filter(|groups| groups.len() < parts).flatten();
    let divided: HashSet<u32> = few.map(|place| copies.first(left.groups[*place].rows[0])).collect();
    if !divided.is_empty() {
        left = Left::of(&lists, &|row| if divided.contains(&copies.first(row)) { row } else { copies.first(row) });
    }
    let test = if cut_test { left.cut(config.test_share, 1 + usize::from(cut_validation)) } else { Vec::new() };
    let validation = if cut_validation { left.cut(config.validation_share, 1) } else { Vec::new() };
    let train = left.groups.iter().filter(|group| !group.is_taken).flat_map(|group| group.rows.iter().copied());
    Splits { train: sorted(train.collect()), validation, test }
}

/// The groups, and how many of them are still to be given to a part.
struct Left {
    groups: Vec<Group>,
    /// The groups that hold rows of each class.
    of_class: Vec<Vec<usize>>,
    /// How many of these are not taken.
    open: Vec<usize>,
}

impl Left {
    /// `lists` are the rows of each class, which are taken from their ends. Rows of one group have the same `first` row.
    fn of(lists: &[Vec<u32>], first: &dyn Fn(u32) -> u32) -> Self {
        let (mut groups, mut places): (Vec<Group>, HashMap<u32, usize>) = (Vec::new(), HashMap::new());
        let mut of_class = vec![Vec::new(); lists.len()];
        for (class, list) in lists.iter().enumerate() {
            for row in list.iter().rev() {
                let place = *places.entry(first(*row)).or_insert(groups.len());
                if place == groups.len() {
                    groups.push(Group::default());
                }
                let group = &mut groups[place];
                group.rows.push(*row);
                match group.sizes.last_mut() {
                    Some((known, count)) if *known == class => *count += 1,
                    _ => {
                        group.sizes.push((class, 1));
                        of_class[class].push(place);
                    }
                }
            }
        }
        let open = of_class.iter().map(Vec::len).collect();
        Self { groups, of_class, open }
    }

    /// Takes a share of the rows that are left. `later` parts follow, each of which is to have a text of every class.
    fn cut(&mut self, share: f64, later: usize) -> Vec<u32> {
        let classes = self.of_class.len();
        let mut sizes = vec![0; classes];
        for (class, size) in self.groups.iter().filter(|group| !group.is_taken).flat_map(|group| &group.sizes) {
            sizes[*class] += size;
        }
        let counts = share_counts(&sizes, share);
        let missing = counts.into_iter().map(|n| n as i64).collect();
        let mut part = Part { missing, has: vec![false; classes], later, groups: Vec::new() };
        // First comes what fits without taking more of a class than its share.
        for place in 0..self.groups.len() {
            let fits = |(class, size): &(usize, usize)| *size as i64 <= part.missing[*class];
            if self.groups[place].sizes.iter().all(fits) {
                self.take(place, &mut part);
            }
        }
        // Then one more group of each class whose share is nearer with it than without.
        for class in 0..classes {
            let gain = |place: &&usize| {
                let nearer = |(class, size): &(usize, usize)| {
                    part.missing[*class].abs() - (part.missing[*class] - *size as i64).abs()
                };
                self.groups[**place].sizes.iter().map(nearer).sum::<i64>()
            };
            let open = self.of_class[class].iter().filter(|place| self.may_take(**place, later));
            let best = open.filter(|_| part.missing[class] > 0).rev().max_by_key(gain);
            if let Some(place) = best.copied().filter(|place| gain(&place) > 0) {
                self.take(place, &mut part);
            }
        }
        // At last the smallest group of each class that the part would be without.
        for class in 0..classes {
            if part.has[class] {
                continue;
            }
            let open = self.of_class[class].iter().filter(|place| self.may_take(**place, later));
            if let Some(place) = open.min_by_key(|place| self.groups[**place].rows.len()).copied() {
                self.take(place, &mut part);
            }
        }
        sorted(part.groups.iter().flat_map(|place| self.groups[*place].rows.iter().copied()).collect())
    }

    /// Whether a group is free, and each of its classes has texts enough for the parts that follow.
    fn may_take(&self, place: usize, later: usize) -> bool {
        let group = &self.groups[place];
        !group.is_taken && group.sizes.iter().all(|(class, _)| self.open[*class] > later)
    }

    fn take(&mut self, place: usize, part: &mut Part) {
        if !self.may_take(place, part.later) {
            return;
        }
        self.groups[place].is_taken = true;
        for (class, size) in &self.groups[place].sizes {
            part.missing[*class] -= *size as i64;
            part.has[*class] = true;
            self.open[*class] -= 1;
        }
        part.groups.push(place);
    }
}

/// The part that is being filled.
struct Part {
    /// The rows of each class that its share still lacks; below 0 where it has more than its share.
    missing: Vec<i64>,
    /// Whether it has rows of each class.
    has: Vec<bool>,
    /// The parts that follow.
    later: usize,
    /// The groups that were taken.
    groups: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::split;
    use super::*;
    use crate::data::split::class_sizes;

    /// The parts of rows of which row `i` has the text `texts[i]`.
    fn parts(texts: &[u32], labels: &[u32], classes: usize, config: &SplitConfig) -> Splits {
        let names: Vec<String> = texts.iter().map(ToString::to_string).collect();
        let copies = Copies::of(&names.iter().map(String::as_str).collect());
        let rows: Vec<u32> = (0..labels.len() as u32).collect();
        split_together(&rows, labels, classes, config, (true, true), &copies)
    }

    fn texts_of(part: &[u32], texts: &[u32]) -> Vec<u32> {
        let mut own: Vec<u32> = part.iter().map(|row| texts[*row as usize]).collect();
        own.sort_unstable();
        own.dedup();
        own
    }

    fn are_apart(splits: &Splits, texts: &[u32]) -> bool {
        let all = [&splits.train, &splits.validation, &splits.test].map(|part| texts_of(part, texts)).concat();
        let mut once = all.clone();
        once.sort_unstable();
        once.dedup();
        once.len() == all.len()
    }

    #[test]
    fn sixty_texts_ten_times_each() {
        let texts: Vec<u32> = (0..600).map(|i| i * 7 % 60).collect();
        let labels: Vec<u32> = texts.iter().map(|text| text % 2).collect();
        let splits = parts(&texts, &labels, 2, &SplitConfig::default());
        let counts = splits.counts(&labels, 2);
        assert!(are_apart(&splits, &texts));
        // 20 % of 300 are 60; 30 % of the other 240 are 72, to which 7 texts are nearest.
        assert_eq!((counts.test, counts.validation, counts.train), (vec![60, 60], vec![70, 70], vec![170, 170]));
    }

    #[test]
    fn a_text_that_is_half_a_class_leaves_the_shares_to_the_others() {
        let texts: Vec<u32> = (0..200).map(|i| if i < 50 { 0 } else { i }).collect();
        let labels: Vec<u32> = (0..200).map(|i| u32::from(i >= 100)).collect();
        let splits = parts(&texts, &labels, 2, &SplitConfig::default());
        let counts = splits.counts(&labels, 2);
        assert!(are_apart(&splits, &texts));
        assert_eq!((counts.test, counts.validation, counts.train), (vec![20, 20], vec![24, 24], vec![56, 56]));
    }

    #[test]
    fn three_texts_of_a_class_go_to_three_parts() {
        let texts: Vec<u32> = (0..200).map(|i| if i < 98 { 0 } else { i }).collect();
        let labels: Vec<u32> = (0..200).map(|i| u32::from(i >= 100)).collect();
        for seed in 0..20 {
            let splits = parts(&texts, &labels, 2, &SplitConfig { seed, ..SplitConfig::default() });
            let counts = splits.counts(&labels, 2);
            let of_class: Vec<usize> = [counts.test[0], counts.validation[0], counts.train[0]].into();
            assert!(are_apart(&splits, &texts));
            assert_eq!(of_class, [1, 1, 98], "the text of 98 rows is too large for the smaller parts");
        }
    }

    /// Two texts cannot be in three parts.
    #[test]
    fn a_class_of_too_few_texts_is_divided_row_by_row() {
        let texts: Vec<u32> = (0..200).map(|i| if i < 100 { i % 2 } else { i }).collect();
        let labels: Vec<u32> = (0..200).map(|i| u32::from(i >= 100)).collect();
        let splits = parts(&texts, &labels, 2, &SplitConfig::default());
        let counts = splits.counts(&labels, 2);
        assert_eq!((counts.test, counts.validation, counts.train), (vec![20, 20], vec![24, 24], vec![56, 56]));
    }

    /// Each of a hundred texts has both labels, so that no part can be without either.
    #[test]
    fn texts_under_two_labels() {
        let texts: Vec<u32> = (0..200).map(|i| i / 2).collect();
        let labels: Vec<u32> = (0..200).map(|i| i % 2).collect();
        let splits = parts(&texts, &labels, 2, &SplitConfig::default());
        let counts = splits.counts(&labels, 2);
        assert!(are_apart(&splits, &texts));
        assert_eq!((counts.test, counts.validation, counts.train), (vec![20, 20], vec![24, 24], vec![56, 56]));
    }

    /// A file of many copies takes no longer than one of many texts.
    #[test]
    fn many_rows_are_divided_quickly() {
        let n = 200_000;
        let texts: Vec<u32> = (0..n).map(|i| if i % 3 == 0 { i % 30_000 } else { i }).collect();
        let labels: Vec<u32> = (0..n).map(|i| i % 1000).collect();
        let began = std::time::Instant::now();
        assert!(are_apart(&parts(&texts, &labels, 1000, &SplitConfig::default()), &texts));
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }

    proptest! {
        #[test]
        fn groups_stay_whole_and_shares_near(
            sizes in prop::collection::vec((1_usize..9, 0_u32..4), 1..120),
            test_share in 5_u32..60,
            validation_share in 5_u32..60,
            seed: u64,
        ) {
            let (mut texts, mut labels) = (Vec::new(), Vec::new());
            for (text, (size, label)) in sizes.iter().enumerate() {
                texts.extend(std::iter::repeat_n(text as u32, *size));
                labels.extend(std::iter::repeat_n(*label, *size));
            }
            let (test_share, validation_share) = (f64::from(test_share) / 100.0, f64::from(validation_share) / 100.0);
            let config = SplitConfig { test_share, validation_share, seed, ..SplitConfig::default() };
            let splits = parts(&texts, &labels, 4, &config);
            prop_assert_eq!(&splits, &parts(&texts, &labels, 4, &config));
            let are_enough = |row: &u32| {
                sizes.iter().filter(|(_, label)| *label == labels[*row as usize]).count() >= 3
            };
            let of_enough = |part: &Vec<u32>| part.iter().copied().filter(are_enough).collect();
            let [train, validation, test] = [&splits.train, &splits.validation, &splits.test].map(of_enough);
            let is_apart = are_apart(&Splits { train, validation, test }, &texts);
            prop_assert!(is_apart);
            let all = sorted([splits.train.clone(), splits.validation.clone(), splits.test.clone()].concat());
            prop_assert_eq!(all, (0..labels.len() as u32).collect::<Vec<_>>());
            let counts = splits.counts(&labels, 4);
            let rows = class_sizes(labels.iter().copied(), 4);
            for (class, all) in rows.iter().enumerate() {
                let own: Vec<usize> = sizes.iter().filter(|(_, c)| *c as usize == class).map(|(n, _)| *n).collect();
                if own.len() >= 3 {
                    let parts = [counts.train[class], counts.validation[class], counts.test[class]];
                    prop_assert!(parts.iter().all(|n| *n > 0), "a class of three texts is in every part: {parts:?}");
                }
                if own.len() >= 20 {
                    let off = counts.test[class] as f64 - test_share * *all as f64;
                    prop_assert!(off.abs() <= 8.0, "{off}");
                }
            }
        }

        #[test]
        fn without_copies_the_split_is_the_plain_one(
            labels in prop::collection::vec(0_u32..3, 60..300),
            seed: u64,
        ) {
            let rows: Vec<u32> = (0..labels.len() as u32).collect();
            let config = SplitConfig { seed, ..SplitConfig::default() };
            let plain = split(&rows, &labels, 3, &config, true, true, None);
            prop_assert_eq!(&parts(&rows, &labels, 3, &config), &plain);
            let keys: Vec<String> = rows.iter().map(ToString::to_string).collect();
            let copies = Copies::of(&keys.iter().map(String::as_str).collect());
            prop_assert_eq!(&split(&rows, &labels, 3, &config, true, true, Some(&copies)), &plain);
        }
    }
}
