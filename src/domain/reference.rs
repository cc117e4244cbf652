//! What simpler methods reach on the same rows. A fine-tuned model is compared with them.

use serde::{Deserialize, Serialize};

use super::message::TestEvaluated;
use super::metrics::wilson_interval;

/// The simpler methods, fitted on a run's training rows and measured on its validation and test rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    pub majority: Majority,
    pub bag_of_words: BagOfWords,
}

/// Always answering the label that most training rows have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Majority {
    pub label: String,
    pub validation_accuracy: f64,
    pub test_accuracy: f64,
}

/// Logistic regression on which words, and which pairs of neighbouring words, a text has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BagOfWords {
    pub validation_accuracy: f64,
    pub test_accuracy: f64,
    pub test_macro_f1: f64,
    /// How many different words and pairs it looks at.
    pub features: usize,
    /// Training rows that it was fitted on. They are all unless there is very much text.
    pub train_rows: usize,
    /// The inverse strength of the L2 penalty, like scikit-learn's `C`. It is the one with the best validation accuracy.
    pub c: f64,
}

/// How a fine-tuned model compares with the bag of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceVerdict {
    /// The accuracy of the bag of words is below the 95 % interval of the model's.
    ModelAhead,
    /// It is within that interval.
    Undecided,
    /// It is above that interval.
    WordsAhead,
}

impl Reference {
    /// Whether the model did better on the test rows than counting words does.
    pub fn verdict(&self, test: &TestEvaluated) -> ReferenceVerdict {
        let (low, high) = wilson_interval(test.confusion.correct(), test.confusion.rows());
        match self.bag_of_words.test_accuracy {
            words if words < low => ReferenceVerdict::ModelAhead,
            words if words > high => ReferenceVerdict::WordsAhead,
            _ => ReferenceVerdict::Undecided,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metrics::Confusion;

    #[test]
    fn what_lies_within_the_interval_is_undecided() {
        let labels: Vec<String> = ["bad", "good"].map(String::from).to_vec();
        let confusion = Confusion::try_from(vec![vec![40, 10], vec![10, 40]]).unwrap();
        let test = TestEvaluated {
            accuracy: confusion.accuracy(),
            macro_f1: confusion.macro_f1(),
            loss: 0.5,
            per_class: confusion.per_class(&labels),
            confusion,
            labels,
            frozen: None,
        };
        let verdict = |test_accuracy| {
            let majority = Majority { label: "bad".into(), validation_accuracy: 0.5, test_accuracy: 0.5 };
            let bag_of_words = BagOfWords {
                validation_accuracy: 0.5,
                test_accuracy,
                test_macro_f1: 0.5,
                features: 10,
                train_rows: 10,
                c: 1.0,
            };
            Reference { majority, bag_of_words }.verdict(&test)
        };
        // 80 of 100: about 0.711 to 0.867.
        assert_eq!(
            [0.70, 0.72, 0.86, 0.88].map(verdict),
            [
                ReferenceVerdict::ModelAhead,
                ReferenceVerdict::Undecided,
                ReferenceVerdict::Undecided,
                ReferenceVerdict::WordsAhead
            ]
        );
    }
}
