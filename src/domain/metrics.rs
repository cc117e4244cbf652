//! The measures of a classifier. All of them come from its confusion matrix.

use serde::{Deserialize, Serialize};

/// Counts of rows: the outer index is the true label, the inner one the predicted label, both in label order. It is
/// square, also when it is read from a file that someone wrote by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<u64>>")]
pub struct Confusion(pub Vec<Vec<u64>>);

impl TryFrom<Vec<Vec<u64>>> for Confusion {
    type Error = &'static str;

    fn try_from(counts: Vec<Vec<u64>>) -> Result<Self, Self::Error> {
        if counts.iter().any(|row| row.len() != counts.len()) {
            return Err("a confusion matrix has as many columns as rows");
        }
        let sum = counts.iter().flatten().try_fold(0u64, |sum, count| sum.checked_add(*count));
        sum.map(|_| Self(counts)).ok_or("a confusion matrix counts more rows than there can be")
    }
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
        Self(vec![vec![0; classes]; classes])
    }

    pub fn add(&mut self, truth: usize, predicted: usize) {
        self.0[truth][predicted] += 1;
    }

    pub fn rows(&self) -> u64 {
        self.0.iter().flatten().sum()
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
        let (row, rows) = (&self.0[truth], self.0[truth].iter().sum());
        move |predicted| share(row[predicted], rows)
    }

    pub fn correct(&self) -> u64 {
        self.0.iter().enumerate().map(|(i, row)| row[i]).sum()
    }

    /// The accuracy of always answering the most frequent true label.
    pub fn majority_accuracy(&self) -> f64 {
        share(self.0.iter().map(|row| row.iter().sum::<u64>()).max().unwrap_or(0), self.rows())
    }

    /// Whether always answering the most frequent label is not below the 95 % interval of the accuracy, so that these rows do
    /// not show that anything was learned.
    pub fn is_at_chance(&self) -> bool {
        self.majority_accuracy() >= wilson_interval(self.correct(), self.rows()).0
    }

    /// The mean of the classes' F1, in which every class counts the same.
    pub fn macro_f1(&self) -> f64 {
        let n = self.0.len();
        if n == 0 { 0.0 } else { (0..n).map(|c| self.class(c).f1).sum::<f64>() / n as f64 }
    }

    /// The measures of each class, in label order.
    ///
    /// # Panics
    /// When `labels` is not as long as the matrix.
    pub fn per_class(&self, labels: &[String]) -> Vec<ClassReport> {
        assert_eq!(labels.len(), self.0.len(), "one label per row of the matrix");
        labels.iter().enumerate().map(|(c, label)| ClassReport { label: label.clone(), ..self.class(c) }).collect()
    }

    /// The measures of one class, without its label.
    fn class(&self, c: usize) -> ClassReport {
        let hit = self.0[c][c];
        let support = self.0[c].iter().sum();
        let predicted = self.0.iter().map(|row| row[c]).sum();
        let (precision, recall) = (share(hit, predicted), share(hit, support));
        let f1 = if hit == 0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
        ClassReport { label: String::new(), precision, recall, f1, support }
    }
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
        let c = Confusion(vec![vec![3, 2, 0], vec![2, 2, 0], vec![0, 1, 0]]);
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
        let at_chance = |matrix: [[u64; 2]; 2]| Confusion(matrix.map(Vec::from).into()).is_at_chance();
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
        let good = Confusion(vec![vec![3, 2], vec![0, 1]]);
        assert_eq!(read("[[3,2],[0,1]]").unwrap(), good);
        assert_eq!(serde_json::to_string(&good).unwrap(), "[[3,2],[0,1]]");
        assert_eq!(read("[]").unwrap(), Confusion::default());
        for text in ["[[3,2],[0]]", "[[3,2]]", "[[3],[2]]", "[[]]", "[[18446744073709551615,1],[0,0]]"] {
            assert!(read(text).is_err(), "{text}");
        }
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
