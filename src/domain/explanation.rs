//! Why a model predicts what it does for one text: what each word adds, how far the picture can be trusted, and where the
//! model's attention lies.

use serde_json::{Map, Value, json};

use super::message::Prediction;

/// The number of steps after which a first, coarse picture is shown. Their points are among those of more steps, so that they
/// cost nothing more.
pub const COARSE_STEPS: usize = 4;
/// The most steps that integrated gradients take.
pub const MOST_STEPS: usize = 256;
/// The completeness error below which more steps are not worth their time.
pub const ENOUGH: f64 = 0.05;
/// So many words are deleted to see whether the attributions name those that matter.
pub const DELETED: [usize; 4] = [1, 2, 3, 5];

/// So much of an explanation is asked for; each depth includes the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Attributions in [`COARSE_STEPS`], without a word left out.
    Coarse,
    /// Attributions in as many steps as they need, and each word left out once.
    Words,
    /// The words that speak most for the label are deleted as well, and random ones.
    Deletions,
}

/// One text, or two, were explained like this. Attributions are those of the predicted label: its logit minus the mean
/// of all logits, integrated from a text of padding to this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    pub prediction: Prediction,
    /// The words of the text and then those of the second text.
    pub words: Vec<ExplainedWord>,
    /// The attributions' sum is this far from the difference that they explain, as a share of it. 0 is exact.
    pub completeness_error: f64,
    /// The intervals into which the way from the padding to the text was cut; 0 where there was nothing to explain.
    pub steps: usize,
    pub depth: Depth,
    /// The probability of the label after words are deleted, as far as there are so many.
    pub deletions: Vec<Deletion>,
}

/// A word of the text as it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedWord {
    pub word: String,
    pub is_second: bool,
    /// The word's first character in its text, counted from 0.
    pub start: usize,
    /// The character behind its last one.
    pub end: usize,
    /// The word adds this to the label's logit above the mean, by integrated gradients; it is `None` where the model
    /// did not read the word, because the text was cut before it.
    pub attribution: Option<f64>,
    /// The same by gradient times input.
    pub gradient_input: Option<f64>,
    /// The label's probability for the text without the word; `None` in a coarse explanation.
    pub without: Option<f64>,
}

/// Deleting some words does this to the label's probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deletion {
    pub words: usize,
    /// The label has this probability without the words that speak most for it.
    pub top: f64,
    /// The label has this probability without as many random words, in the mean of several draws.
    pub random: f64,
}

impl Explanation {
    /// The probability of the predicted label.
    pub fn probability(&self) -> f64 {
        let Prediction { label, probabilities, .. } = &self.prediction;
        probabilities.iter().find(|(name, _)| name == label).map_or(0.0, |(_, p)| *p)
    }

    /// The largest size of an attribution, to scale bars and colours with; never 0.
    pub fn largest(&self) -> f64 {
        let sizes = self.words.iter().filter_map(|word| word.attribution).map(f64::abs);
        sizes.fold(f64::MIN_POSITIVE, f64::max)
    }

    /// The terminal's JSON line. Words of a second text are listed under a key of their own.
    pub fn to_json(&self) -> Value {
        let Prediction { text, second, label, probabilities, .. } = &self.prediction;
        let probabilities: Map<_, _> = probabilities.iter().map(|(label, p)| (label.clone(), (*p).into())).collect();
        let words = |is_second: bool| -> Value {
            let words = self.words.iter().filter(|word| word.is_second == is_second);
            words.map(ExplainedWord::to_json).collect()
        };
        let mut line = json!({ "text": text });
        if let Some(second) = second {
            line["second"] = second.as_str().into();
        }
        line["label"] = label.as_str().into();
        line["probabilities"] = probabilities.into();
        line["words"] = words(false);
        if second.is_some() {
            line["second_words"] = words(true);
        }
        line["completeness_error"] = self.completeness_error.into();
        line["steps"] = self.steps.into();
        line
    }
}

impl ExplainedWord {
    fn to_json(&self) -> Value {
        json!({
            "word": self.word,
            "start": self.start,
            "end": self.end,
            "attribution": self.attribution,
            "without": self.without,
        })
    }
}

/// The attention of one layer for one text: for each head, how much each token takes from each.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionMap {
    /// The tokens as the model's vocabulary writes them, the special ones included.
    pub tokens: Vec<String>,
    /// The layer, counted from 0, and the number of layers.
    pub layer: usize,
    pub layers: usize,
    pub heads: usize,
    /// `[heads, tokens, tokens]`: in each head, row i says how much token i takes from each token, and sums to 1.
    pub weights: Vec<f32>,
}

impl AttentionMap {
    /// Returns how much token `from` takes from each token: in one head, or in the mean of all with `None`.
    pub fn row(&self, head: Option<usize>, from: usize) -> Vec<f32> {
        let n = self.tokens.len();
        let of = |head: usize| &self.weights[(head * n + from) * n..(head * n + from + 1) * n];
        match head {
            Some(head) => of(head).to_vec(),
            None => {
                let mut mean = vec![0.0; n];
                for head in 0..self.heads {
                    mean.iter_mut().zip(of(head)).for_each(|(sum, w)| *sum += w / self.heads as f32);
                }
                mean
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_line_has_exactly_its_keys_in_their_order() {
        let word = |is_second: bool, attribution| ExplainedWord {
            word: "fine".into(),
            is_second,
            start: 2,
            end: 6,
            attribution,
            gradient_input: Some(1.0),
            without: Some(0.5),
        };
        let mut explained = Explanation {
            prediction: Prediction {
                text: "a fine".into(),
                second: None,
                label: "good".into(),
                probabilities: vec![("bad".into(), 0.25), ("good".into(), 0.75)],
                pieces: Vec::new(),
            },
            words: vec![word(false, Some(0.5)), word(false, None)],
            completeness_error: 0.01,
            steps: 16,
            depth: Depth::Words,
            deletions: Vec::new(),
        };
        assert_eq!(
            explained.to_json().to_string(),
            r#"{"text":"a fine","label":"good","probabilities":{"bad":0.25,"good":0.75},"words":[{"word":"fine","start":2,"end":6,"attribution":0.5,"without":0.5},{"word":"fine","start":2,"end":6,"attribution":null,"without":0.5}],"completeness_error":0.01,"steps":16}"#
        );
        assert_eq!((explained.probability(), explained.largest()), (0.75, 0.5));
        explained.prediction.second = Some("fine".into());
        explained.words.push(word(true, Some(-0.75)));
        let line = explained.to_json();
        let counts = ["words", "second_words"].map(|key| line[key].as_array().map(Vec::len));
        assert_eq!((counts, explained.largest()), ([Some(2), Some(1)], 0.75));
    }

    #[test]
    fn a_row_of_all_heads_is_their_mean() {
        let weights = vec![1.0, 0.0, 0.5, 0.5, 0.0, 1.0, 0.25, 0.75];
        let map = AttentionMap { tokens: vec!["a".into(), "b".into()], layer: 0, layers: 1, heads: 2, weights };
        assert_eq!((map.row(Some(1), 1), map.row(None, 0)), (vec![0.25, 0.75], vec![0.5, 0.5]));
    }
}
