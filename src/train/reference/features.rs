//! Texts as sets of words and pairs of words.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::data::dataset::Texts;
use crate::data::split::stratified_sample;

/// The most words that are fitted on. Of more text, a part of the rows stands for all.
const MOST_WORDS: usize = 10_000_000;
/// The most features that are counted at a time. Beyond that, those that were seen only once are forgotten.
const MOST_COUNTED: usize = 2_000_000;
/// Training texts that must have a feature for it to count.
const LEAST_TEXTS: u32 = 2;

/// The features that a text can have.
pub struct Vocabulary {
    /// The place of each feature, by its hash. The most frequent features come first.
    indices: HashMap<u64, u32, AsItIs>,
    /// The rows to fit on.
    pub train_rows: Vec<u32>,
}

impl Vocabulary {
    /// The most frequent features of the training rows, `most` of them at most; `None` once `is_cancelled` is true.
    pub fn of(
        texts: &Texts,
        labels: &[u32],
        train: &[u32],
        most: usize,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let train_rows = affordable(texts, labels, train);
        let mut counts: HashMap<u64, u32, AsItIs> = HashMap::default();
        let mut features = Vec::new();
        for row in &train_rows {
            if is_cancelled() {
                return None;
            }
            features_of(texts, *row, &mut features);
            features.iter().for_each(|feature| *counts.entry(*feature).or_default() += 1);
            if counts.len() > MOST_COUNTED {
                counts.retain(|_, texts| *texts >= LEAST_TEXTS);
            }
        }
        let mut frequent: Vec<(u64, u32)> = counts.into_iter().filter(|(_, texts)| *texts >= LEAST_TEXTS).collect();
        // Equally frequent features are ordered by their hash, so that the order is always the same.
        frequent.sort_unstable_by_key(|(feature, texts)| (std::cmp::Reverse(*texts), *feature));
        frequent.truncate(most);
        let indices = frequent.into_iter().zip(0..).map(|((feature, _), index)| (feature, index)).collect();
        Some(Self { indices, train_rows })
    }

    /// The number of features.
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// Returns how the training rows write some features, by their places; `None` once `is_cancelled` is true.
    pub fn names(
        &self,
        texts: &Texts,
        wanted: &HashSet<u32>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Option<HashMap<u32, Named>> {
        // Each feature has here how many rows write it in which way, and whether it is of the second text.
        let mut ways: HashMap<u32, (BTreeMap<String, u32>, bool)> = HashMap::new();
        for row in &self.train_rows {
            if is_cancelled() {
                return None;
            }
            let mut of_row: BTreeMap<u32, (String, bool)> = BTreeMap::new();
            let mut note = |hash: u64, span: &str, is_second: bool| {
                if let Some(place) = self.indices.get(&hash).filter(|place| wanted.contains(place)) {
                    of_row.entry(*place).or_insert_with(|| (span.to_lowercase(), is_second));
                }
            };
            visit(texts.get(*row as usize), &mut |hash, span| note(hash, span, false));
            if let Some(second) = texts.second(*row as usize) {
                visit(second, &mut |hash, span| note(mixed(SECOND, hash), span, true));
            }
            for (place, (span, is_second)) in of_row {
                let (ways, second) = ways.entry(place).or_default();
                *ways.entry(span).or_default() += 1;
                *second = is_second;
            }
        }
        let named = |(place, (ways, is_second)): (u32, (BTreeMap<String, u32>, bool))| {
            let rows = ways.values().sum();
            let others = ways.len().saturating_sub(1) as u32;
            // The first of several equally frequent ones counts.
            let word = ways.into_iter().rev().max_by_key(|(_, rows)| *rows).map(|(word, _)| word);
            (place, Named { word: word.unwrap_or_default(), rows, others, is_second })
        };
        Some(ways.into_iter().map(named).collect())
    }

    /// The places of a row's features that are known, in ascending order.
    pub fn features_of(&self, texts: &Texts, row: u32) -> Vec<u32> {
        let mut features = Vec::new();
        features_of(texts, row, &mut features);
        let mut known: Vec<u32> = features.iter().filter_map(|feature| self.indices.get(feature).copied()).collect();
        known.sort_unstable();
        known
    }
}

/// A feature as the training rows write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// It is the way in which most rows write the feature, in lower case.
    pub word: String,
    /// The rows that have it.
    pub rows: u32,
    /// The other ways in which it is written.
    pub others: u32,
    pub is_second: bool,
}

/// All rows, or else as many as have `MOST_WORDS` words, judging by their bytes.
fn affordable(texts: &Texts, labels: &[u32], train: &[u32]) -> Vec<u32> {
    const BYTES_PER_WORD: usize = 5;
    let words = train.iter().map(|row| texts.bytes_of(*row as usize)).sum::<usize>() / BYTES_PER_WORD;
    let share = MOST_WORDS as f64 / words.max(1) as f64;
    if share >= 1.0 {
        train.to_vec()
    } else {
        stratified_sample(train, labels, (train.len() as f64 * share) as usize, 0)
    }
}

/// Finds the hashes of the words of a row, of the pairs of neighbouring words, and of the pairs of neighbouring characters
/// where a script has no words to go by. Each comes once, in ascending order. What the second of two texts has is another
/// feature than the same in the first.
fn features_of(texts: &Texts, row: u32, features: &mut Vec<u64>) {
    features.clear();
    add_features(texts.get(row as usize), features);
    if let Some(second) = texts.second(row as usize) {
        let first = features.len();
        add_features(second, features);
        features[first..].iter_mut().for_each(|feature| *feature = mixed(SECOND, *feature));
    }
    features.sort_unstable();
    features.dedup();
}

/// Adds the features of one text.
fn add_features(text: &str, features: &mut Vec<u64>) {
    visit(text, &mut |feature, _| features.push(feature));
}

/// Tells each feature of one text, with the part of the text that it stands for.
#[inline]
fn visit(text: &str, tell: &mut impl FnMut(u64, &str)) {
    // The hash of the word before, and the byte at which it begins.
    let mut before: Option<(u64, usize)> = None;
    let mut at = 0;
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let start = at;
        let end = start + word.len();
        // One character divides this word, which may be empty, from the next.
        at = end + text[end..].chars().next().map_or(0, char::len_utf8);
        if word.is_empty() {
            continue;
        }
        let mut hash = START;
        let mut last: Option<(char, usize)> = None;
        for (place, original) in word.char_indices() {
            for c in original.to_lowercase() {
                hash = mixed(hash, u64::from(u32::from(c)));
                if let Some((last, from)) = last.replace((c, place))
                    && is_unspaced(last)
                    && is_unspaced(c)
                {
                    let pair = mixed(mixed(CHARACTERS, u64::from(u32::from(last))), u64::from(u32::from(c)));
                    tell(pair, &word[from..place + original.len_utf8()]);
                }
            }
        }
        tell(hash, word);
        if let Some((before, from)) = before.replace((hash, start)) {
            tell(mixed(mixed(PAIR, before), hash), &text[from..end]);
        }
    }
}

/// Whether a character's script does not end words with spaces (Thai to Myanmar, Khmer, Kana, Han) or lets endings grow onto
/// them (Hangul).
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{31FF}'
        | '\u{3400}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

const START: u64 = 0x9e37_79b9_7f4a_7c15;
const PAIR: u64 = 0xbf58_476d_1ce4_e5b9;
const CHARACTERS: u64 = 0x94d0_49bb_1331_11eb;
const SECOND: u64 = 0xd6e8_feb8_6659_fd93;

/// Takes one more number into a hash, the same way in every build.
fn mixed(hash: u64, number: u64) -> u64 {
    let x = (hash.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^ (x >> 29)
}

type AsItIs = BuildHasherDefault<Hashed>;

/// A hasher for keys that are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = mixed(self.0, u64::from(*byte)));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features_of_row(texts: &Texts) -> Vec<u64> {
        let mut features = Vec::new();
        features_of(texts, 0, &mut features);
        features
    }

    fn features(text: &str) -> Vec<u64> {
        features_of_row(&std::iter::once(text).collect())
    }

    /// Some pairs are told apart only by whether a word is in the first text or in the second.
    #[test]
    fn both_texts_of_a_pair_have_features_of_their_own() {
        let pair = |first, second| {
            let mut texts = Texts::default();
            texts.push_pair(first, second);
            features_of_row(&texts)
        };
        assert_eq!(pair("a b", "b").len(), 4, "a, b, a b, and b in the second text");
        assert_ne!(pair("a", "b"), pair("b", "a"));
        assert_eq!(pair("a b", "…"), features("a b"));
    }

    #[test]
    fn a_text_is_a_set_of_words_and_pairs() {
        assert_eq!(features("Good, GOOD film!").len(), 4, "good, film, good good, good film");
        assert_eq!(features("  …").len(), 0);
        assert_ne!(features("not good"), features("good not"), "pairs have an order");
        // The text has two words, one pair of words, and the pairs of characters 재미, 미있 and 있다.
        assert_eq!(features("정말 재미있다").len(), 2 + 1 + 1 + 3);
    }

    #[test]
    fn rare_features_and_too_many_are_left_out() {
        let texts: Texts = ["a b", "a c", "a b", "unseen", "unseen a", "b a"].into_iter().collect();
        let vocabulary = Vocabulary::of(&texts, &[0; 6], &[0, 1, 2], 100, &|| false).unwrap();
        assert_eq!(vocabulary.len(), 3, "a, b, and a b");
        assert_eq!((vocabulary.features_of(&texts, 0), vocabulary.features_of(&texts, 4)), (vec![0, 1, 2], vec![0]));
        let one = Vocabulary::of(&texts, &[0; 6], &[0, 1, 2], 1, &|| false).unwrap();
        assert_eq!(one.features_of(&texts, 5), [0], "the most frequent stays");
    }
}
