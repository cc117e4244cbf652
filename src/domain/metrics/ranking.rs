//! How well one class is told from all others as the threshold of its probability moves: the ROC curve, the
//! precision-recall curve, and the areas below them.

/// The rows that are taken for the class from one threshold on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cut {
    threshold: f64,
    true_positives: u64,
    false_positives: u64,
}

/// A point of a ROC curve. The rows whose probability is at least the threshold are taken for the class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RocPoint {
    /// Infinite at the first point, where no row is taken for the class.
    pub threshold: f64,
    /// The share of the other classes' rows that are taken for the class.
    pub false_positive_rate: f64,
    /// The share of the class's rows that are found: its recall.
    pub true_positive_rate: f64,
}

/// A point of a precision-recall curve. The rows whose probability is at least the threshold are taken for the class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecallPoint {
    /// Infinite at the last point, where no row is taken for the class and precision is 1 by agreement.
    pub threshold: f64,
    pub precision: f64,
    pub recall: f64,
}

/// The rows of a class and of all others, ordered by the probability of the class.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// A cut for each different probability, the highest first.
    cuts: Vec<Cut>,
    positives: u64,
    negatives: u64,
}

impl Ranking {
    /// Orders rows, each given by the probability of the class and by whether it is of the class. `None` where there are no
    /// rows, or where a probability is no number.
    pub fn new(rows: impl IntoIterator<Item = (f64, bool)>) -> Option<Self> {
        let mut rows: Vec<(f64, bool)> = rows.into_iter().collect();
        if rows.is_empty() || rows.iter().any(|(probability, _)| probability.is_nan()) {
            return None;
        }
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let (mut cuts, mut positives, mut negatives): (Vec<Cut>, u64, u64) = (Vec::new(), 0, 0);
        for (probability, is_of_class) in rows {
            if is_of_class {
                positives += 1
            } else {
                negatives += 1
            }
            let cut = Cut { threshold: probability, true_positives: positives, false_positives: negatives };
            match cuts.last_mut() {
                // Rows of one probability are on the same side of every threshold.
                Some(last) if last.threshold == probability => *last = cut,
                _ => cuts.push(cut),
            }
        }
        Some(Self { cuts, positives, negatives })
    }

    /// Returns whether there are rows of the class and rows of others. Without both, nothing can be told apart.
    fn has_both(&self) -> bool {
        self.positives > 0 && self.negatives > 0
    }

    /// The area below the ROC curve: the probability that a row of the class has a higher probability of it than a row of
    /// another class has, where equal ones count half. `None` without rows of both.
    pub fn roc_auc(&self) -> Option<f64> {
        let mut twice = 0u128;
        let (mut hits, mut alarms) = (0, 0);
        for cut in &self.cuts {
            twice += u128::from(cut.false_positives - alarms) * u128::from(cut.true_positives + hits);
            (hits, alarms) = (cut.true_positives, cut.false_positives);
        }
        let all = 2.0 * self.positives as f64 * self.negatives as f64;
        self.has_both().then(|| twice as f64 / all)
    }

    /// The ROC curve from (0, 0) to (1, 1). Points on a straight line between their neighbours are left out, as
    /// scikit-learn's `roc_curve(drop_intermediate=True)` does. It is empty without rows of both.
    pub fn roc_curve(&self) -> Vec<RocPoint> {
        if !self.has_both() {
            return Vec::new();
        }
        let corner = |i: usize| match (i.checked_sub(1).map(|i| &self.cuts[i]), self.cuts.get(i + 1)) {
            (Some(before), Some(after)) => {
                let (cut, bend) = (&self.cuts[i], |a: u64, b: u64, c: u64| a + c != 2 * b);
                bend(before.true_positives, cut.true_positives, after.true_positives)
                    || bend(before.false_positives, cut.false_positives, after.false_positives)
            }
            _ => true,
        };
        let point = |cut: &Cut| RocPoint {
            threshold: cut.threshold,
            false_positive_rate: cut.false_positives as f64 / self.negatives as f64,
            true_positive_rate: cut.true_positives as f64 / self.positives as f64,
        };
        let first = RocPoint { threshold: f64::INFINITY, false_positive_rate: 0.0, true_positive_rate: 0.0 };
        let corners = (0..self.cuts.len()).filter(|i| corner(*i)).map(|i| point(&self.cuts[i]));
        std::iter::once(first).chain(corners).collect()
    }

    /// The precision-recall curve by rising thresholds, of which the last point has recall 0, as scikit-learn's
    /// `precision_recall_curve`. It is empty without rows of the class.
    pub fn precision_recall_curve(&self) -> Vec<PrecisionRecallPoint> {
        if self.positives == 0 {
            return Vec::new();
        }
        let point = |cut: &Cut| PrecisionRecallPoint {
            threshold: cut.threshold,
            precision: cut.true_positives as f64 / (cut.true_positives + cut.false_positives) as f64,
            recall: cut.true_positives as f64 / self.positives as f64,
        };
        let last = PrecisionRecallPoint { threshold: f64::INFINITY, precision: 1.0, recall: 0.0 };
        self.cuts.iter().rev().map(point).chain([last]).collect()
    }

    /// The mean precision over the rows of the class: the sum of each step's rise in recall times the precision there, which
    /// is the area below the curve drawn in steps. `None` without rows of the class.
    pub fn average_precision(&self) -> Option<f64> {
        let (mut sum, mut hits) = (0.0, 0);
        for cut in &self.cuts {
            let precision = cut.true_positives as f64 / (cut.true_positives + cut.false_positives) as f64;
            sum += (cut.true_positives - hits) as f64 * precision;
            hits = cut.true_positives;
        }
        (self.positives > 0).then(|| sum / self.positives as f64)
    }

    /// The share of the class among the rows: the precision of taking every row for the class.
    pub fn share(&self) -> f64 {
        self.positives as f64 / (self.positives + self.negatives).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_ranked_has_no_area() {
        assert_eq!(Ranking::new([]), None);
        assert_eq!(Ranking::new([(0.5, true), (f64::NAN, false)]), None);
        let one_class = Ranking::new([(0.5, true), (0.25, true)]).unwrap();
        assert_eq!((one_class.roc_auc(), one_class.average_precision()), (None, Some(1.0)));
        assert!(one_class.roc_curve().is_empty());
        let others = Ranking::new([(0.5, false)]).unwrap();
        assert_eq!((others.roc_auc(), others.average_precision()), (None, None));
        assert!(others.precision_recall_curve().is_empty());
        let ties = Ranking::new([(0.5, false), (0.5, true), (0.5, true)]).unwrap();
        assert_eq!(ties.roc_auc(), Some(0.5));
        assert_eq!(ties.roc_curve().len(), 2);
        let perfect = Ranking::new([(0.9, true), (0.1, false)]).unwrap();
        assert_eq!((perfect.roc_auc(), perfect.average_precision()), (Some(1.0), Some(1.0)));
    }
}
