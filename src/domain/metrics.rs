//! The measures of a classifier: here those that come from its confusion matrix, below those of its probabilities.

mod balanced;
pub mod calibration;
pub mod ranking;
pub mod scores;

pub use balanced::ClassIntervals;

use serde::de::Error as _;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::dataset::MAX_CLASSES;

/// Counts of rows by true and by predicted label, both in label order. Only counts above 0 are kept, because a matrix of a
/// thousand classes has a million cells and a test has far fewer rows.
///
/// As JSON it is a list of lists: the outer index is the true label, the inner one the predicted label. With more classes
/// than [`DENSE`] it is `{"classes": 1000, "cells": [[true, predicted, count], ...]}` instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// For each true label the predicted labels, in order, with their counts.
    rows: Vec<Vec<(u32, u64)>>,
}

/// Matrices of more classes than this are written as a list of their counts above 0.
pub const DENSE: usize = 150;

impl TryFrom<Vec<Vec<u64>>> for Confusion {
    type Error = &'static str;

    fn try_from(counts: Vec<Vec<u64>>) -> Result<Self, Self::Error> {
        if counts.iter().any(|row| row.len() != counts.len()) {
            return Err("a confusion matrix has as many columns as rows");
        }
        let sum = counts.iter().flatten().try_fold(0u64, |sum, count| sum.checked_add(*count));
        sum.ok_or("a confusion matrix counts more rows than there can be")?;
        let row = |row: Vec<u64>| (0..).zip(row).filter(|(_, count)| *count > 0).collect();
        Ok(Self { rows: counts.into_iter().map(row).collect() })
    }
}

impl Serialize for Confusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.classes() <= DENSE {
            let row = |truth: usize| -> Vec<u64> {
                (0..self.classes()).map(|predicted| self.count(truth, predicted)).collect()
            };
            return serializer.collect_seq((0..self.classes()).map(row));
        }
        let mut fields = serializer.serialize_struct("Confusion", 2)?;
        fields.serialize_field("classes", &self.classes())?;
        fields.serialize_field("cells", &self.cells().collect::<Vec<_>>())?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for Confusion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Dense(Vec<Vec<u64>>),
            Cells { classes: usize, cells: Vec<(usize, usize, u64)> },
        }
        let read = match Written::deserialize(deserializer)? {
            Written::Dense(counts) => Self::try_from(counts),
            Written::Cells { classes, cells } => Self::of_cells(classes, cells),
        };
        read.map_err(D::Error::custom)
    }
}

/// A cell beside the diagonal: rows of one label that were predicted as another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mistake {
    pub truth: usize,
    pub predicted: usize,
    pub count: u64,
    /// The share of the rows of the true label.
    pub share: f64,
}

/// The measures of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassReport {
    pub label: String,
    /// The share of the rows predicted as this class that are of it; 0 when none was predicted.
    pub precision: f64,
    /// The share of the rows of this class that were predicted as it; 0 when there are none.
    pub recall: f64,
    /// The harmonic mean of precision and recall; 0 when both are 0.
    pub f1: f64,
    /// The number of rows of this class.
    pub support: u64,
}

impl Confusion {
    pub fn new(classes: usize) -> Self {
        Self { rows: vec![Vec::new(); classes] }
    }

    /// The matrix with these counts of (true label, predicted label).
    fn of_cells(classes: usize, cells: Vec<(usize, usize, u64)>) -> Result<Self, &'static str> {
        if classes > MAX_CLASSES {
            return Err("a confusion matrix has more classes than there can be");
        }
        let (mut matrix, mut sum) = (Self::new(classes), 0u64);
        for (truth, predicted, count) in cells {
            if truth.max(predicted) >= classes {
                return Err("a confusion matrix has a cell beyond its classes");
            }
            sum = sum.checked_add(count).ok_or("a confusion matrix counts more rows than there can be")?;
            matrix.add_rows(truth, predicted, count);
        }
        Ok(matrix)
    }

    /// The number of labels.
    pub fn classes(&self) -> usize {
        self.rows.len()
    }

    pub fn add(&mut self, truth: usize, predicted: usize) {
        self.add_rows(truth, predicted, 1);
    }

    pub fn add_rows(&mut self, truth: usize, predicted: usize, count: u64) {
        let row = &mut self.rows[truth];
        match row.binary_search_by_key(&predicted, |cell| cell.0 as usize) {
            Ok(at) => row[at].1 += count,
            Err(at) if count > 0 => row.insert(at, (predicted as u32, count)),
            Err(_) => {}
        }
    }

    /// The rows of label `truth` that were predicted as `predicted`.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        let row = &self.rows[truth];
        row.binary_search_by_key(&predicted, |cell| cell.0 as usize).map_or(0, |at| row[at].1)
    }

    /// What the rows of label `truth` were predicted as, with the counts, which are above 0.
    pub fn row(&self, truth: usize) -> impl Iterator<Item = (usize, u64)> {
        self.rows[truth].iter().map(|(predicted, count)| (*predicted as usize, *count))
    }

    /// All counts above 0, as (true label, predicted label, count).
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        (0..self.classes()).flat_map(|truth| self.row(truth).map(move |(predicted, count)| (truth, predicted, count)))
    }

    pub fn rows(&self) -> u64 {
        self.cells().map(|(_, _, count)| count).sum()
    }

    /// The number of rows of label `truth`.
    pub fn support(&self, truth: usize) -> u64 {
        self.row(truth).map(|(_, count)| count).sum()
    }

    /// How many rows were predicted as each label.
    pub fn predicted(&self) -> Vec<u64> {
        let mut sums = vec![0; self.classes()];
        self.cells().for_each(|(_, predicted, count)| sums[predicted] += count);
        sums
    }

    /// The share of rows that were predicted right; 0 when there are no rows.
    pub fn accuracy(&self) -> f64 {
        share(self.correct(), self.rows())
    }

    /// The share of the rows of class `truth` that were predicted as `predicted`; 0 when there are none.
    pub fn row_share(&self, truth: usize, predicted: usize) -> f64 {
        self.row_shares(truth)(predicted)
    }

    /// The same for every predicted label. The row is summed up once, which counts among very many classes.
    pub fn row_shares(&self, truth: usize) -> impl Fn(usize) -> f64 {
        let rows = self.support(truth);
        move |predicted| share(self.count(truth, predicted), rows)
    }

    pub fn correct(&self) -> u64 {
        (0..self.classes()).map(|class| self.count(class, class)).sum()
    }

    /// The accuracy of always answering the most frequent true label.
    pub fn majority_accuracy(&self) -> f64 {
        share((0..self.classes()).map(|truth| self.support(truth)).max().unwrap_or(0), self.rows())
    }

    /// Whether always answering the most frequent label is not below the 95 % interval of the accuracy, so that these rows do
    /// not show that anything was learned.
    pub fn is_at_chance(&self) -> bool {
        self.majority_accuracy() >= wilson_interval(self.correct(), self.rows()).0
    }

    /// The mean of the classes' F1, in which every class counts the same.
    pub fn macro_f1(&self) -> f64 {
        let n = self.classes();
        if n == 0 { 0.0 } else { self.measures().map(|class| class.f1).sum::<f64>() / n as f64 }
    }

    /// The measures of each class, in label order.
    ///
    /// # Panics
    /// When `labels` is not as long as the matrix.
    pub fn per_class(&self, labels: &[String]) -> Vec<ClassReport> {
        assert_eq!(labels.len(), self.classes(), "one label per row of the matrix");
        labels.iter().zip(self.measures()).map(|(label, class)| ClassReport { label: label.clone(), ..class }).collect()
    }

    /// The measures of each class, without its label.
    fn measures(&self) -> impl Iterator<Item = ClassReport> {
        self.predicted().into_iter().enumerate().map(|(class, predicted)| {
            let (hit, support) = (self.count(class, class), self.support(class));
            let (precision, recall) = (share(hit, predicted), share(hit, support));
            let f1 = if hit == 0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
            ClassReport { label: String::new(), precision, recall, f1, support }
        })
    }

    /// The mistakes that were made most often, at most `most` of them: those of the most rows first, and of as many rows
    /// those of the larger share of their true label.
    pub fn worst_pairs(&self, most: usize) -> Vec<Mistake> {
        let mut pairs: Vec<Mistake> = (0..self.classes())
            .flat_map(|truth| {
                let rows = self.support(truth);
                let wrong = self.row(truth).filter(move |(predicted, _)| *predicted != truth);
                wrong.map(move |(predicted, count)| Mistake { truth, predicted, count, share: share(count, rows) })
            })
            .collect();
        let order = |a: &Mistake, b: &Mistake| {
            let larger = b.count.cmp(&a.count).then(b.share.total_cmp(&a.share));
            larger.then((a.truth, a.predicted).cmp(&(b.truth, b.predicted)))
        };
        if pairs.len() > most {
            pairs.select_nth_unstable_by(most, order);
            pairs.truncate(most);
        }
        pairs.sort_unstable_by(order);
        pairs
    }

    /// These labels and, behind them, those that they were taken for or that were taken for them.
    pub fn with_confused(&self, labels: &[usize]) -> Vec<usize> {
        let mut is_in = vec![false; self.classes()];
        labels.iter().for_each(|label| is_in[*label] = true);
        let mut is_beside = vec![false; self.classes()];
        for (truth, predicted, _) in self.cells() {
            is_beside[predicted] |= is_in[truth];
            is_beside[truth] |= is_in[predicted];
        }
        let beside = (0..self.classes()).filter(|label| is_beside[*label] && !is_in[*label]);
        labels.iter().copied().chain(beside).collect()
    }
}

/// The places of the classes, those of the lowest F1 first, and of equals those of the most rows. Classes of which there are
/// no rows come last, because nothing is known of them.
pub fn worst_first(classes: &[ClassReport]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..classes.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&classes[*a], &classes[*b]);
        let lower = (a.support == 0).cmp(&(b.support == 0)).then(a.f1.total_cmp(&b.f1));
        lower.then(b.support.cmp(&a.support))
    });
    order
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Wilson's 95 % score interval of a share of `hits` in `rows` (Wilson 1927). It is (0, 1) when there are no rows.
pub fn wilson_interval(hits: u64, rows: u64) -> (f64, f64) {
    if rows == 0 {
        return (0.0, 1.0);
    }
    let (n, z) = (rows as f64, 1.959_963_984_540_054);
    let p = hits as f64 / n;
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// The 95 % interval of the first share less the second, where each is (hits, rows): Newcombe's hybrid of two score
/// intervals (Newcombe 1998, method 10). When both were measured on the same rows it is too wide rather than too narrow.
pub fn difference_interval(a: (u64, u64), b: (u64, u64)) -> (f64, f64) {
    let (pa, pb) = (share(a.0, a.1), share(b.0, b.1));
    let ((la, ua), (lb, ub)) = (wilson_interval(a.0, a.1), wilson_interval(b.0, b.1));
    let d = pa - pb;
    (d - (pa - la).hypot(ub - pb), d + (ua - pa).hypot(pb - lb))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[u64]]) -> Confusion {
        rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>().try_into().unwrap()
    }

    /// Newcombe (1998), table II, example (a): 56/70 less 48/80 is 0.2000, interval 0.0524 to 0.3339.
    #[test]
    fn newcombe_matches_his_paper() {
        let (low, high) = difference_interval((56, 70), (48, 80));
        assert!((low - 0.0524).abs() < 1e-4 && (high - 0.3339).abs() < 1e-4, "{low} {high}");
        let (low, high) = difference_interval((9, 10), (3, 10));
        assert!((low - 0.1705).abs() < 1e-4 && (high - 0.8090).abs() < 1e-4, "{low} {high}");
        assert_eq!(difference_interval((0, 0), (0, 0)), (-1.0, 1.0));
    }

    /// Worked by hand: class 0 has 5 rows (3 hit), class 1 has 4 (2 hit), class 2 has 1 (0 hit, never predicted).
    #[test]
    fn measures_of_a_small_matrix() {
        let c = of(&[&[3, 2, 0], &[2, 2, 0], &[0, 1, 0]]);
        assert_eq!(c.rows(), 10);
        assert!((c.accuracy() - 0.5).abs() < 1e-12);
        assert!((c.majority_accuracy() - 0.5).abs() < 1e-12);
        let per = c.per_class(&["a".into(), "b".into(), "c".into()]);
        assert!((per[0].precision - 0.6).abs() < 1e-12 && (per[0].recall - 0.6).abs() < 1e-12);
        assert!((per[1].precision - 0.4).abs() < 1e-12 && (per[1].recall - 0.5).abs() < 1e-12);
        assert!((per[1].f1 - 4.0 / 9.0).abs() < 1e-12);
        assert_eq!((per[2].precision, per[2].recall, per[2].f1, per[2].support), (0.0, 0.0, 0.0, 1));
        assert!((c.macro_f1() - (0.6 + 4.0 / 9.0) / 3.0).abs() < 1e-12);
    }

    #[test]
    fn chance_is_what_the_interval_does_not_exclude() {
        let at_chance = |[a, b]: [[u64; 2]; 2]| of(&[&a, &b]).is_at_chance();
        // 0.525 of 120 rows beside a majority of 0.500: about 0.436 to 0.612.
        assert!(at_chance([[33, 27], [30, 30]]));
        assert!(!at_chance([[50, 10], [20, 40]]));
        // Nine rows of ten are of one class.
        assert!(at_chance([[90, 0], [10, 0]]) && at_chance([[70, 20], [0, 10]]) && !at_chance([[90, 0], [1, 9]]));
        assert!(Confusion::new(2).is_at_chance());
    }

    #[test]
    fn only_a_square_matrix_is_read() {
        let read = |text: &str| serde_json::from_str::<Confusion>(text);
        let good = of(&[&[3, 2], &[0, 1]]);
        assert_eq!(read("[[3,2],[0,1]]").unwrap(), good);
        assert_eq!(serde_json::to_string(&good).unwrap(), "[[3,2],[0,1]]");
        assert_eq!(read("[]").unwrap(), Confusion::default());
        for text in ["[[3,2],[0]]", "[[3,2]]", "[[3],[2]]", "[[]]", "[[18446744073709551615,1],[0,0]]"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    /// A matrix of very many classes is written by its counts, and takes room for these alone.
    #[test]
    fn a_large_matrix_is_as_long_as_its_counts() {
        let mut matrix = Confusion::new(1000);
        (0..1000).for_each(|class| matrix.add(class, if class % 4 == 0 { 7 } else { class }));
        matrix.add_rows(3, 5, 40);
        let text = serde_json::to_string(&matrix).unwrap();
        assert!(text.starts_with("{\"classes\":1000,\"cells\":[[0,7,1],") && text.len() < 16_000, "{}", text.len());
        assert_eq!(serde_json::from_str::<Confusion>(&text).unwrap(), matrix);
        let read = |text: &str| serde_json::from_str::<Confusion>(text);
        let small = of(&[&[0, 2], &[0, 0]]);
        assert_eq!(read(r#"{"classes":2,"cells":[[0,1,2],[1,1,0]]}"#).unwrap(), small);
        for text in [
            r#"{"classes":2,"cells":[[0,2,1]]}"#,
            r#"{"classes":4000000000,"cells":[]}"#,
            r#"{"classes":2,"cells":[[0,0,18446744073709551615],[0,0,1]]}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_worst_come_first() {
        let c = of(&[&[3, 2, 0], &[2, 2, 6], &[0, 2, 0]]);
        let pair = |truth, predicted, count, share| Mistake { truth, predicted, count, share };
        let all = [pair(1, 2, 6, 0.6), pair(2, 1, 2, 1.0), pair(0, 1, 2, 0.4), pair(1, 0, 2, 0.2)];
        assert_eq!(c.worst_pairs(10), all);
        assert_eq!(c.worst_pairs(2), all[..2]);
        assert_eq!(worst_first(&c.per_class(&["a", "b", "c"].map(str::to_owned))), [2, 1, 0]);
        let mut c = Confusion::new(4);
        c.add(1, 1);
        c.add(3, 2);
        assert_eq!(worst_first(&c.per_class(&["a", "b", "c", "d"].map(str::to_owned))), [3, 1, 0, 2]);
        assert_eq!((c.with_confused(&[2]), c.with_confused(&[1])), (vec![2, 3], vec![1]));
    }

    /// Reference values from statsmodels' `proportion_confint(method="wilson")`.
    #[test]
    fn wilson_matches_reference() {
        let (low, high) = wilson_interval(81, 100);
        assert!((low - 0.722_215).abs() < 1e-4 && (high - 0.874_941).abs() < 1e-4, "{low} {high}");
        assert_eq!(wilson_interval(0, 0), (0.0, 1.0));
        assert!(wilson_interval(0, 20).0.abs() < 1e-12);
        assert!((wilson_interval(20, 20).1 - 1.0).abs() < 1e-12);
    }
}
