//! From a text to its explanation: the prediction, what each of its words adds, and whether to believe it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::data::dataset::{clean_places, clean_text};
use crate::data::tokeniser::{Placed, TokenPlace, Tokeniser};
use crate::data::tokens::Row;
use crate::domain::explanation::{AttentionMap, COARSE_STEPS, DELETED, Deletion, Depth, ExplainedWord, Explanation};
use crate::domain::message::{Prediction, RowTexts};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::text_words::{without, words};
use crate::model::classifier::Classifier;
use crate::train::evaluate::predict;

use super::attention;
use super::attribution::{Attributions, Budget, Trail, go_on};

/// So many times random words are drawn.
const DRAWS: u64 = 5;
/// A word that was not read can grow together with one that was only where it stands this near to it, counted in words.
const NEAR: usize = 64;

/// A model that explains itself.
#[derive(Clone, Copy)]
pub struct Explainer<'a> {
    /// All its weights are frozen; see [`Classifier::frozen`].
    pub classifier: &'a Classifier,
    pub tokeniser: &'a Tokeniser,
    /// Texts are cut after so many tokens.
    pub max_length: usize,
}

/// An explanation with what was computed for it, so that a deeper one goes on from there.
#[derive(Clone, Debug)]
pub struct Deepening {
    pub explanation: Explanation,
    trail: Trail,
}

/// A word of one of the row's texts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WordPlace {
    is_second: bool,
    /// Characters of the original text.
    range: Range<usize>,
}

impl Explainer<'_> {
    /// Explains why the row, as the user gave it, gets the label that it gets.
    ///
    /// # Errors
    /// `internal-error` from candle; one that means nothing else once the classifier's interrupt has ended the work.
    pub fn explain(&self, row: &RowTexts, depth: Depth) -> Outcome<Explanation> {
        Ok(self.deepen(None, row, depth)?.explanation)
    }

    /// The same from an explanation `before` of the same row by the same model, of which nothing is computed again.
    ///
    /// # Errors
    /// Those of [`Self::explain`].
    pub fn deepen(&self, before: Option<Deepening>, row: &RowTexts, depth: Depth) -> Outcome<Deepening> {
        let reached = before.as_ref().map(|before| before.explanation.depth);
        let (known, mut trail) = before.map_or((None, Trail::default()), |b| (Some(b.explanation), b.trail));
        let explanation = match known {
            Some(known) if known.depth >= depth => known,
            known => self.more(known, &mut trail, row, depth, reached)?,
        };
        Ok(Deepening { explanation, trail })
    }

    /// The label that is predicted, what each word of the row adds to it, and the completeness error.
    ///
    /// # Errors
    /// Those of [`Self::explain`].
    pub fn attributed(&self, row: &RowTexts, budget: Budget) -> Outcome<(usize, Vec<ExplainedWord>, f64)> {
        let prediction = self.predicted(row)?;
        let class = self.class_of(&prediction);
        let (words, found) = self.add_up(&mut Trail::default(), row, class, budget)?;
        Ok((class, words, found.completeness_error))
    }

    fn predicted(&self, row: &RowTexts) -> Outcome<Prediction> {
        let found = self.predict(std::slice::from_ref(row))?.pop();
        found.ok_or_else(|| Problem::internal("no prediction"))
    }

    fn class_of(&self, prediction: &Prediction) -> usize {
        self.classifier.label_names().iter().position(|name| *name == prediction.label).unwrap_or(0)
    }

    /// Returns what the words of the row add to the logit of a class, and what its tokens add.
    fn add_up(
        &self,
        trail: &mut Trail,
        row: &RowTexts,
        class: usize,
        budget: Budget,
    ) -> Outcome<(Vec<ExplainedWord>, Attributions)> {
        let placed = self.placed(row, self.max_length);
        let is_word: Vec<bool> = placed.places.iter().map(Option::is_some).collect();
        let found = go_on(trail, self.classifier, Row::from(&placed.encoded), &is_word, class, budget)?;
        let reach = self.reach(row, &placed);
        let words = explained(row, &word_places(row), &original_places(row, &placed.places), &found, reach);
        Ok((words, found))
    }

    /// The row's tokens, at most so many, with their places in the cleaned texts.
    fn placed(&self, row: &RowTexts, max_length: usize) -> Placed {
        let cleaned = clean(row);
        self.tokeniser.encode_placed(&cleaned.text, cleaned.second.as_deref(), max_length)
    }

    /// How far the model has read each text, given the tokens that it has read.
    fn reach(&self, row: &RowTexts, read: &Placed) -> [Reach; 2] {
        if !read.encoded.cut {
            return [Reach::Whole; 2];
        }
        let whole = self.placed(row, usize::MAX);
        [false, true].map(|is_second| {
            let [read, whole] = [read, &whole].map(|placed| of_text(placed, is_second));
            match () {
                () if read.len() == whole.len() => Reach::Whole,
                () if whole.starts_with(&read) => Reach::Beginning,
                () => Reach::End,
            }
        })
    }

    fn more(
        &self,
        known: Option<Explanation>,
        trail: &mut Trail,
        row: &RowTexts,
        depth: Depth,
        reached: Option<Depth>,
    ) -> Outcome<Explanation> {
        let prediction = match &known {
            Some(known) => known.prediction.clone(),
            None => Prediction { text: row.text.clone(), second: row.second.clone(), ..self.predicted(row)? },
        };
        let class = self.class_of(&prediction);
        let word_places = word_places(row);

        let has_words = reached >= Some(Depth::Words);
        let (mut words, completeness_error, steps) = match known {
            Some(known) if has_words => (known.words, known.completeness_error, known.steps),
            _ => {
                let budget = match depth {
                    Depth::Coarse => Budget { first: COARSE_STEPS, most: COARSE_STEPS, ..Budget::default() },
                    Depth::Words | Depth::Deletions => Budget::default(),
                };
                let (words, found) = self.add_up(trail, row, class, budget)?;
                (words, found.completeness_error, found.steps)
            }
        };
        if depth >= Depth::Words && !has_words {
            let label = prediction.probabilities[class].1;
            self.leave_out(row, &word_places, &mut words, class, label)?;
        }
        let with_deletions = depth == Depth::Deletions;
        let deletions = if with_deletions { self.deletions(row, &word_places, &words, class)? } else { Vec::new() };
        Ok(Explanation { prediction, words, completeness_error, steps, depth, deletions })
    }

    /// Fills in the label's probability without each word. It stays the same where the model then reads the same tokens,
    /// as it mostly does without a word that it did not read; but such a word may have kept two others apart, or decide
    /// which of two texts loses one token more.
    fn leave_out(
        &self,
        row: &RowTexts,
        places: &[WordPlace],
        words: &mut [ExplainedWord],
        class: usize,
        label: f64,
    ) -> Outcome<()> {
        let tokens = |row: &RowTexts| {
            let RowTexts { text, second } = clean(row);
            let encoded = match &second {
                None => self.tokeniser.encode(&text, self.max_length),
                Some(second) => self.tokeniser.encode_pair(&text, second, self.max_length),
            };
            (encoded.ids, encoded.of_type_1)
        };
        let whole = tokens(row);
        let lessened = |at: usize| deleted(row, std::slice::from_ref(&places[at]));
        let others: Vec<(usize, (Vec<u32>, usize))> =
            self.may_count(row, words).into_par_iter().map(|at| (at, tokens(&lessened(at)))).collect();
        // Words without which the same is read have one prediction.
        let mut alike: BTreeMap<(Vec<u32>, usize), Vec<usize>> = BTreeMap::new();
        for (at, tokens) in others.into_iter().filter(|(_, tokens)| *tokens != whole) {
            alike.entry(tokens).or_default().push(at);
        }
        let rows: Vec<RowTexts> = alike.values().map(|words| lessened(words[0])).collect();
        let found = self.predict(&rows)?;
        words.iter_mut().for_each(|word| word.without = Some(label));
        for (alike, less) in alike.values().zip(&found) {
            alike.iter().for_each(|at| words[*at].without = Some(less.probabilities[class].1));
        }
        Ok(())
    }

    /// The words without which the model may read other tokens: those that it has read and their neighbours; and all words
    /// where two cut texts are so alike in length that one word decides which is the longer one. Long texts are not
    /// tokenised once for each of their words otherwise.
    fn may_count(&self, row: &RowTexts, words: &[ExplainedWord]) -> Vec<usize> {
        let is_read = |word: &ExplainedWord| word.attribution.is_some();
        if words.iter().all(is_read) || self.one_word_decides(row) {
            return (0..words.len()).collect();
        }
        let near = |at: usize| {
            let around = &words[at.saturating_sub(NEAR)..words.len().min(at + NEAR + 1)];
            around.iter().any(|word| word.is_second == words[at].is_second && is_read(word))
        };
        (0..words.len()).filter(|at| near(*at)).collect()
    }

    /// Returns whether leaving out one word may change which of two texts has more tokens. What stands between two spaces
    /// has at most as many tokens as bytes.
    fn one_word_decides(&self, row: &RowTexts) -> bool {
        let Some(second) = &row.second else { return false };
        let whole = self.placed(row, usize::MAX);
        let [first, other] = [false, true].map(|is_second| of_text(&whole, is_second).len());
        let longest = row.text.split_whitespace().chain(second.split_whitespace()).map(str::len).max();
        first.abs_diff(other) <= longest.unwrap_or(0)
    }

    /// Returns where one layer's heads look.
    ///
    /// # Errors
    /// `internal-error` when there is no such layer.
    pub fn attention(&self, row: &RowTexts, layer: usize) -> Outcome<AttentionMap> {
        let encoded = self.placed(row, self.max_length).encoded;
        let layers = self.classifier.network().layers.len();
        let weights = attention::attention(self.classifier, Row::from(&encoded), layer)?;
        let heads = weights.dim(0)?;
        let token = |id: &u32| self.tokeniser.token(*id).unwrap_or_else(|| id.to_string());
        let tokens = encoded.ids.iter().map(token).collect();
        Ok(AttentionMap { tokens, layer, layers, heads, weights: weights.flatten_all()?.to_vec1()? })
    }

    /// Classifies rows as given, between which the work may be ended.
    fn predict(&self, rows: &[RowTexts]) -> Outcome<Vec<Prediction>> {
        let rows: Vec<RowTexts> = rows.iter().map(clean).collect();
        predict(self.classifier, self.tokeniser, self.max_length, &rows)
    }

    /// The label's probability without the words that speak most for it, and without as many random ones. Only words that
    /// the model has read are deleted.
    fn deletions(
        &self,
        row: &RowTexts,
        places: &[WordPlace],
        words: &[ExplainedWord],
        class: usize,
    ) -> Outcome<Vec<Deletion>> {
        let mut read: Vec<usize> = (0..words.len()).filter(|i| words[*i].attribution.is_some()).collect();
        let by_size = |a: &usize, b: &usize| {
            words[*b].attribution.partial_cmp(&words[*a].attribution).unwrap_or(Ordering::Equal).then(a.cmp(b))
        };
        read.sort_by(by_size);
        let counts: Vec<usize> = DELETED.into_iter().filter(|n| *n <= read.len()).collect();
        let lessened = |chosen: &[usize]| {
            let chosen: Vec<WordPlace> = chosen.iter().map(|i| places[*i].clone()).collect();
            deleted(row, &chosen)
        };
        let mut rows: Vec<RowTexts> = counts.iter().map(|n| lessened(&read[..*n])).collect();
        for draw in 0..DRAWS {
            let mut drawn = read.clone();
            drawn.sort_unstable();
            drawn.shuffle(&mut ChaCha8Rng::seed_from_u64(draw));
            rows.extend(counts.iter().map(|n| lessened(&drawn[..*n])));
        }
        let found: Vec<f64> = self.predict(&rows)?.iter().map(|found| found.probabilities[class].1).collect();
        let deletion = |(i, words): (usize, &usize)| {
            let random = (1..=DRAWS as usize).map(|draw| found[draw * counts.len() + i]).sum::<f64>() / DRAWS as f64;
            Deletion { words: *words, top: found[i], random }
        };
        Ok(counts.iter().enumerate().map(deletion).collect())
    }
}

/// So much of a text the model has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Whole,
    /// Its end is cut.
    Beginning,
    /// Its beginning is cut.
    End,
}

/// The places of the tokens of one of a row's texts.
fn of_text(placed: &Placed, is_second: bool) -> Vec<TokenPlace> {
    placed.places.iter().flatten().filter(|place| place.is_second == is_second).copied().collect()
}

/// The row as data files are cleaned before the model learns from them.
fn clean(row: &RowTexts) -> RowTexts {
    let clean = |text: &String| clean_text(text).into_owned();
    RowTexts { text: clean(&row.text), second: row.second.as_ref().map(clean) }
}

/// The words of the original texts that stay when they are cleaned: a line break of HTML is none.
fn word_places(row: &RowTexts) -> Vec<WordPlace> {
    let of = |text: &str, is_second: bool| -> Vec<WordPlace> {
        let places = clean_places(text);
        let original = |range: Range<usize>| places[range.start]..places[range.end - 1] + 1;
        let ranges = words(&clean_text(text)).into_iter().map(original);
        ranges.map(|range| WordPlace { is_second, range }).collect()
    };
    let mut all = of(&row.text, false);
    all.extend(row.second.iter().flat_map(|second| of(second, true)));
    all
}

/// The places in the original texts of the tokens of the cleaned ones.
fn original_places(row: &RowTexts, tokens: &[Option<TokenPlace>]) -> Vec<Option<TokenPlace>> {
    let places = [clean_places(&row.text), row.second.as_deref().map(clean_places).unwrap_or_default()];
    let original = |place: TokenPlace| {
        let places = &places[usize::from(place.is_second)];
        let start = places.get(place.start).copied().unwrap_or_else(|| places.last().map_or(0, |last| last + 1));
        let last = place.end.checked_sub(1).filter(|last| *last >= place.start).and_then(|last| places.get(last));
        TokenPlace { start, end: last.map_or(start, |last| last + 1), ..place }
    };
    tokens.iter().map(|place| place.map(original)).collect()
}

/// The row without some words.
fn deleted(row: &RowTexts, chosen: &[WordPlace]) -> RowTexts {
    let of = |text: &str, is_second: bool| {
        let ranges: Vec<Range<usize>> =
            chosen.iter().filter(|word| word.is_second == is_second).map(|word| word.range.clone()).collect();
        if ranges.is_empty() { text.to_owned() } else { without(text, &ranges) }
    };
    RowTexts { text: of(&row.text, false), second: row.second.as_ref().map(|second| of(second, true)) }
}

/// Sums the attributions of tokens to those of words. A token belongs to the first word that it shares a character with, or
/// else to the word behind it.
fn explained(
    row: &RowTexts,
    places: &[WordPlace],
    tokens: &[Option<TokenPlace>],
    found: &Attributions,
    reach: [Reach; 2],
) -> Vec<ExplainedWord> {
    let letters: [Vec<char>; 2] =
        [&row.text, row.second.as_ref().unwrap_or(&String::new())].map(|t| t.chars().collect());
    let word = |place: &WordPlace| ExplainedWord {
        word: letters[usize::from(place.is_second)][place.range.clone()].iter().collect(),
        is_second: place.is_second,
        start: place.range.start,
        end: place.range.end,
        attribution: None,
        gradient_input: None,
        without: None,
    };
    let mut words: Vec<ExplainedWord> = places.iter().map(word).collect();
    let read: Vec<(usize, TokenPlace)> =
        tokens.iter().enumerate().filter_map(|(i, place)| Some((i, (*place)?))).collect();
    for (i, place) in &read {
        let of_text = || words.iter().enumerate().filter(|(_, word)| word.is_second == place.is_second);
        let at = of_text().find(|(_, word)| word.end > place.start).or_else(|| of_text().next_back()).map(|(at, _)| at);
        if let Some(at) = at {
            *words[at].attribution.get_or_insert(0.0) += found.integrated[*i];
            *words[at].gradient_input.get_or_insert(0.0) += found.gradient_input[*i];
        }
    }
    // A word of which nothing is left after normalising adds nothing, as long as the model has read that far.
    for (is_second, reach) in [false, true].into_iter().zip(reach) {
        let of_text = || read.iter().filter(|(_, place)| place.is_second == is_second);
        let first = of_text().map(|(_, place)| place.start).min();
        let last = of_text().map(|(_, place)| place.end).max();
        let is_reached = |word: &ExplainedWord| match reach {
            Reach::Whole => true,
            Reach::Beginning => last.is_some_and(|last| word.end <= last),
            Reach::End => first.is_some_and(|first| word.start >= first),
        };
        for word in words.iter_mut().filter(|word| word.is_second == is_second && is_reached(word)) {
            word.attribution.get_or_insert(0.0);
            word.gradient_input.get_or_insert(0.0);
        }
    }
    words
}

#[cfg(test)]
mod tests;
