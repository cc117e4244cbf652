//! How a word of the bag of words is called.

use crate::domain::lived_words::WeightedWord;

use super::Catalogue;

/// The word, with what it shares its weight with, and whether it is of the second text.
pub fn name(words: &Catalogue, word: &WeightedWord) -> String {
    let own = if word.others == 0 {
        word.word.clone()
    } else {
        words.say_with("words-shared", &[("word", &word.word), ("count", &(word.others as usize))])
    };
    if word.is_second { words.say_with("words-second", &[("word", &own)]) } else { own }
}
