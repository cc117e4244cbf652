//! The words that a model lives by: what each adds to a label on average, beside the weights of a bag of words.

use serde::{Deserialize, Serialize};

use super::estimate::Calibration;

/// Rows that are explained unless another number is asked for.
pub const ROWS: usize = 200;
/// The numbers of rows that a face offers.
pub const CHOICES: [usize; 4] = [50, ROWS, 500, 2000];
/// A word counts only where so many of the rows have it: the mean of fewer says nothing.
pub const LEAST_ROWS: u32 = 3;
/// So many words are listed for each label.
pub const LISTED: usize = 30;
/// Points of the way from padding to the text for one row, in the mean of the bundled reviews.
const POINTS: f64 = 15.0;

/// One word adds this to a label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LivedWord {
    /// It is in lower case.
    pub word: String,
    /// The mean, over the rows that have the word, of what it adds to the label's logit above the mean of all logits.
    pub attribution: f64,
    /// The rows that have it.
    pub rows: u32,
}

/// A word, or a pair of neighbouring words, in the bag of words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightedWord {
    /// It is written as most of the training rows that have it write it, in lower case.
    pub word: String,
    pub weight: f64,
    /// The training rows that have it.
    pub rows: u32,
    /// The other ways to write it, which the bag of words does not tell apart: `don't` and `don t`, for one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub others: u32,
    /// This is true for a word of the second text of a row.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_second: bool,
}

/// The words for one label, those that speak most for it first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabelWords {
    pub label: String,
    pub words: Vec<LivedWord>,
    pub bag_of_words: Vec<WeightedWord>,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LivedWords {
    /// They are in label order.
    pub labels: Vec<LabelWords>,
    /// The test rows that were explained, spread evenly over all of them.
    pub rows: usize,
    pub test_rows: usize,
    /// The rows whose explanation has a completeness error that is small enough.
    pub trusted: usize,
}

// These have the signatures that serde asks for.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(is: &bool) -> bool {
    !*is
}

/// About how many seconds it takes to explain so many rows by a model of so many layers.
pub fn secs(rows: usize, layers: usize, times: &Calibration) -> f64 {
    let token = layers as f64 * (times.layer.forward + times.layer.backward_input);
    rows as f64 * POINTS * times.tokens_per_row * token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_not_written() {
        let word = WeightedWord { word: "a".into(), weight: 1.5, rows: 3, others: 0, is_second: false };
        assert_eq!(serde_json::to_string(&word).unwrap(), r#"{"word":"a","weight":1.5,"rows":3}"#);
        let other = WeightedWord { others: 2, is_second: true, ..word };
        let written = serde_json::to_string(&other).unwrap();
        assert_eq!(serde_json::from_str::<WeightedWord>(&written).unwrap(), other);
    }
}
