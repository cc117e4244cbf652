//! The probabilities that a model gave to labelled rows, and the measures that come from them.

use super::Confusion;
use super::calibration::{Reliability, Temperature, expected_calibration_error, reliability, tempered};
use super::ranking::Ranking;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// The number of labels.
    pub classes: usize,
    /// The label id of every row.
    pub truths: Vec<u32>,
    /// Each row has the probability of each label here, in label order.
    pub probabilities: Vec<Vec<f64>>,
}

/// The measures of a test that do not follow from its loss and its counts alone. `None` stands for what these rows do not
/// define.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Mean cross-entropy, in nats; 0 without rows.
    pub loss: f64,
    /// The expected calibration error.
    pub ece: Option<f64>,
    pub mcc: Option<f64>,
    pub balanced_accuracy: Option<f64>,
    /// The area below the ROC curve. With more than two classes it is the mean over the classes, each against the rest; it
    /// has no value where a class has no rows.
    pub roc_auc: Option<f64>,
}

/// The probabilities of a run's model for the run's test rows, with the model's temperature, and what follows from them.
#[derive(Clone, Debug, PartialEq)]
pub struct RunScores {
    pub labels: Vec<String>,
    pub test: Scores,
    pub measures: Measures,
    pub reliability: Option<Reliability>,
    /// The temperature that was fitted for the model, and the measures at temperature 1.
    pub fitted: Option<(Temperature, Measures)>,
}

impl RunScores {
    /// The scores of a run, from those at temperature 1.
    pub fn new(labels: Vec<String>, plain: &Scores, temperature: Option<Temperature>) -> Self {
        let test = temperature.map_or_else(|| plain.clone(), |fitted| plain.tempered(fitted.temperature));
        let fitted = temperature.map(|fitted| (fitted, plain.measures()));
        Self { labels, measures: test.measures(), reliability: test.reliability(), test, fitted }
    }
}

impl Scores {
    /// The label that is predicted for a row: the most probable one, or the first of several.
    fn predicted(row: &[f64]) -> usize {
        row.iter().enumerate().fold(0, |best, (i, p)| if *p > row[best] { i } else { best })
    }

    pub fn confusion(&self) -> Confusion {
        let mut confusion = Confusion::new(self.classes);
        let rows = self.truths.iter().zip(&self.probabilities);
        rows.for_each(|(truth, row)| confusion.add(*truth as usize, Self::predicted(row)));
        confusion
    }

    /// The counts for two classes where a row is predicted as label 1 if its probability is at least the threshold.
    pub fn confusion_at(&self, threshold: f64) -> Confusion {
        let mut confusion = Confusion::new(2);
        for (truth, row) in self.truths.iter().zip(&self.probabilities) {
            confusion.add(*truth as usize, usize::from(row[1] >= threshold));
        }
        confusion
    }

    /// The rows by their probability of one class; `None` where there are no rows or numbers are missing.
    pub fn ranking(&self, class: usize) -> Option<Ranking> {
        Ranking::new(
            self.truths.iter().zip(&self.probabilities).map(|(truth, row)| (row[class], *truth as usize == class)),
        )
    }

    /// The area below the ROC curve, as in [`Measures`].
    pub fn roc_auc(&self) -> Option<f64> {
        if self.classes == 2 {
            return self.ranking(1)?.roc_auc();
        }
        let areas = (0..self.classes).map(|class| self.ranking(class)?.roc_auc());
        let sum = areas.sum::<Option<f64>>()?;
        (self.classes > 0).then(|| sum / self.classes as f64)
    }

    /// Tells how often the model is right at each confidence; `None` where there are no rows or numbers are missing.
    pub fn reliability(&self) -> Option<Reliability> {
        reliability(self.truths.iter().zip(&self.probabilities).map(|(truth, row)| {
            let predicted = Self::predicted(row);
            // A row in which some number is missing has no confidence, whatever the others are.
            let confidence = if row.iter().any(|p| p.is_nan()) { f64::NAN } else { row[predicted] };
            (confidence, predicted == *truth as usize)
        }))
    }

    /// Mean cross-entropy, in nats; 0 without rows.
    pub fn loss(&self) -> f64 {
        let of_row = |(truth, row): (&u32, &Vec<f64>)| {
            let p = row[*truth as usize];
            if p.is_nan() { p } else { -p.max(f64::MIN_POSITIVE).ln() }
        };
        self.truths.iter().zip(&self.probabilities).map(of_row).sum::<f64>() / self.truths.len().max(1) as f64
    }

    pub fn measures(&self) -> Measures {
        let confusion = self.confusion();
        Measures {
            loss: self.loss(),
            ece: self.reliability().map(|bins| expected_calibration_error(&bins)),
            mcc: confusion.matthews(),
            balanced_accuracy: confusion.balanced_accuracy(),
            roc_auc: self.roc_auc(),
        }
    }

    /// The same rows at another temperature, from those at temperature 1.
    #[must_use]
    pub fn tempered(&self, temperature: f64) -> Self {
        let probabilities = self.probabilities.iter().map(|row| tempered(row, temperature)).collect();
        Self { probabilities, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        name: String,
        classes: usize,
        truths: Vec<u32>,
        probabilities: Vec<Vec<f64>>,
        loss: f64,
        ece: f64,
        /// Rows, rows that are right, and mean confidence of each bin.
        bins: Vec<(u64, u64, f64)>,
        mcc: f64,
        balanced_accuracy: f64,
        roc_auc: Option<f64>,
        curves: Vec<Option<Curves>>,
        temperature: Option<f64>,
        tempered: Vec<Vec<f64>>,
    }

    /// These are the curves of one class against the rest. The first threshold of the ROC curve is infinite and stands
    /// as null.
    #[derive(Deserialize)]
    struct Curves {
        auc: f64,
        average_precision: f64,
        roc: Vec<(Option<f64>, f64, f64)>,
        precision_recall: Vec<(Option<f64>, f64, f64)>,
    }

    /// `tests/reference/make_metrics.py` makes these numbers.
    fn golden() -> Vec<Golden> {
        serde_json::from_str(include_str!("../../../tests/reference/metrics.json")).unwrap()
    }

    fn close(a: f64, b: f64, what: &str) {
        assert!(a == b || (a - b).abs() <= 1e-9, "{what}: {a} {b}");
    }

    fn scores(case: &Golden) -> Scores {
        Scores { classes: case.classes, truths: case.truths.clone(), probabilities: case.probabilities.clone() }
    }

    #[test]
    fn measures_are_those_of_scikit_learn() {
        for case in golden() {
            let (scores, name) = (scores(&case), case.name.as_str());
            let measures = scores.measures();
            close(measures.loss, case.loss, name);
            close(measures.ece.unwrap(), case.ece, name);
            close(measures.mcc.unwrap(), case.mcc, name);
            close(measures.balanced_accuracy.unwrap(), case.balanced_accuracy, name);
            assert_eq!(measures.roc_auc.is_some(), case.roc_auc.is_some(), "{name}");
            close(measures.roc_auc.unwrap_or(0.0), case.roc_auc.unwrap_or(0.0), name);
            for (bin, (rows, correct, confidence)) in scores.reliability().unwrap().iter().zip(&case.bins) {
                assert_eq!((bin.rows, bin.correct), (*rows, *correct), "{name}");
                close(bin.confidence, *confidence, name);
            }
        }
    }

    #[test]
    fn curves_are_those_of_scikit_learn() {
        for case in golden() {
            let (scores, name) = (scores(&case), case.name.as_str());
            for (class, golden) in case.curves.iter().enumerate() {
                let ranking = scores.ranking(class).unwrap();
                let Some(golden) = golden else {
                    assert!(ranking.roc_auc().is_none() && ranking.roc_curve().is_empty(), "{name}");
                    continue;
                };
                close(ranking.roc_auc().unwrap(), golden.auc, name);
                close(ranking.average_precision().unwrap(), golden.average_precision, name);
                let roc = ranking.roc_curve();
                assert_eq!(roc.len(), golden.roc.len(), "{name}");
                for (point, (threshold, x, y)) in roc.iter().zip(&golden.roc) {
                    close(point.threshold, threshold.unwrap_or(f64::INFINITY), name);
                    close(point.false_positive_rate, *x, name);
                    close(point.true_positive_rate, *y, name);
                }
                let curve = ranking.precision_recall_curve();
                assert_eq!(curve.len(), golden.precision_recall.len(), "{name}");
                for (point, (threshold, precision, recall)) in curve.iter().zip(&golden.precision_recall) {
                    close(point.threshold, threshold.unwrap_or(f64::INFINITY), name);
                    close(point.precision, *precision, name);
                    close(point.recall, *recall, name);
                }
            }
        }
    }

    /// SciPy looks for the minimum without derivatives, so that it is less exact than Newton's method.
    #[test]
    fn temperatures_are_those_of_scipy_and_change_no_label() {
        for case in golden() {
            let (scores, name) = (scores(&case), case.name.as_str());
            match (Temperature::fit(&scores), case.temperature) {
                (Ok(fitted), Some(temperature)) => {
                    let off = (fitted.temperature / temperature - 1.0).abs();
                    assert!(off < 1e-6, "{name}: {} {temperature}", fitted.temperature);
                    assert_eq!(scores.tempered(fitted.temperature).confusion(), scores.confusion(), "{name}");
                    assert!(fitted.loss <= fitted.loss_before + 1e-12, "{name}");
                    let tempered = scores.tempered(temperature).probabilities;
                    for (a, b) in tempered.iter().flatten().zip(case.tempered.iter().flatten()) {
                        close(*a, *b, name);
                    }
                }
                (Err(problem), None) => {
                    let is_endless = ["temperature-without-minimum", "temperature-at-chance"].contains(&&*problem.id);
                    assert!(is_endless, "{name}: {}", problem.id);
                }
                (fitted, temperature) => panic!("{name}: {fitted:?} {temperature:?}"),
            }
        }
    }

    #[test]
    fn a_threshold_moves_rows_from_one_class_to_the_other() {
        let rows = [(0, 0.1), (0, 0.6), (1, 0.4), (1, 0.9)];
        let scores = Scores {
            classes: 2,
            truths: rows.iter().map(|row| row.0).collect(),
            probabilities: rows.iter().map(|row| vec![1.0 - row.1, row.1]).collect(),
        };
        let counts = |threshold: f64| {
            let matrix = scores.confusion_at(threshold);
            [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(truth, predicted)| matrix.count(truth, predicted))
        };
        assert_eq!(counts(0.5), [1, 1, 1, 1]);
        assert_eq!(counts(0.4), [1, 1, 0, 2]);
        assert_eq!(counts(0.0), [0, 2, 0, 2]);
        assert_eq!(counts(0.95), [2, 0, 2, 0]);
    }

    #[test]
    fn a_number_that_is_missing_makes_no_measure() {
        let scores = Scores { classes: 2, truths: vec![0, 1], probabilities: vec![vec![f64::NAN; 2], vec![0.5, 0.5]] };
        let measures = scores.measures();
        assert!(measures.ece.is_none() && measures.roc_auc.is_none() && measures.loss.is_nan());
        let none = Scores { classes: 2, ..Scores::default() }.measures();
        assert_eq!((none.ece, none.mcc, none.balanced_accuracy, none.roc_auc), (None, None, None, None));
    }
}
