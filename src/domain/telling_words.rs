//! The words that tell a selection of texts from all others: those that stand in more of its texts than chance would bring.

use std::collections::{BTreeMap, BTreeSet};

use super::message::RowTexts;
use super::selection::words;

/// So many words are told at most.
const MOST: usize = 30;
/// The prior weighs as much as so many rows, in which each word is as frequent as in all texts.
const PRIOR_ROWS: f64 = 10.0;
/// Words whose difference is less than this many standard errors say nothing: of thousands of words, some differ by two or more
/// by chance.
const LEAST: f64 = 3.0;
/// A word of fewer of the chosen rows may be chance.
const LEAST_ROWS: u32 = 3;

/// A word that stands in more of the chosen rows than of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct TellingWord {
    /// It is in lower case.
    pub word: String,
    /// The chosen rows that have it, and the others.
    pub chosen: u32,
    pub others: u32,
    /// The difference of the log-odds in standard errors.
    pub score: f64,
}

/// The telling words of the rows at `places`, the most telling first: the log-odds ratio with an informative
/// Dirichlet prior (Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 2008), of how many rows have a word.
pub fn telling_words(texts: &[RowTexts], places: &[u32]) -> Vec<TellingWord> {
    let chosen_rows: BTreeSet<u32> = places.iter().copied().collect();
    let mut counts: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    for (place, row) in (0..).zip(texts) {
        let side = usize::from(!chosen_rows.contains(&place));
        let texts = std::iter::once(row.text.as_str()).chain(row.second.as_deref()).map(str::to_lowercase);
        let texts: Vec<String> = texts.collect();
        let own: BTreeSet<&str> = texts.iter().flat_map(|text| words(text)).collect();
        for word in own {
            match counts.get_mut(word) {
                Some(count) => count[side] += 1,
                None => drop(counts.insert(word.to_owned(), if side == 0 { [1, 0] } else { [0, 1] })),
            }
        }
    }
    let rows = [chosen_rows.len() as f64, (texts.len() - chosen_rows.len()) as f64];
    if rows.contains(&0.0) {
        return Vec::new();
    }
    let telling = |(word, [chosen, others]): (String, [u32; 2])| {
        let prior = PRIOR_ROWS * f64::from(chosen + others) / (rows[0] + rows[1]);
        let with = [f64::from(chosen) + prior, f64::from(others) + prior];
        let log_odds = |side: usize| (with[side] / (rows[side] + PRIOR_ROWS - with[side]).max(prior)).ln();
        let score = (log_odds(0) - log_odds(1)) / (with[0].recip() + with[1].recip()).sqrt();
        (chosen >= LEAST_ROWS && score >= LEAST).then_some(TellingWord { word, chosen, others, score })
    };
    let mut found: Vec<TellingWord> = counts.into_iter().filter_map(telling).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.word.cmp(&b.word)));
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_chosen_rows_alone_is_told_first() {
        let text = |i: usize| match i % 4 {
            0 => "The quiet film is MARVEL, marvel!",
            1 => "The quiet film is long",
            2 => "The loud film is long",
            _ => "The film",
        };
        let texts: Vec<RowTexts> = (0..40).map(|i| text(i).into()).collect();
        let places: Vec<u32> = (0..40).step_by(4).collect();
        let found = telling_words(&texts, &places);
        assert_eq!((found[0].word.as_str(), found[0].chosen, found[0].others), ("marvel", 10, 0));
        let told: Vec<&str> = found.iter().map(|word| word.word.as_str()).collect();
        assert!(told.contains(&"quiet") && !told.contains(&"the") && !told.contains(&"long"), "{told:?}");
        let all: Vec<u32> = (0..40).collect();
        assert!(telling_words(&texts, &all).is_empty() && telling_words(&texts, &[]).is_empty());
    }
}
