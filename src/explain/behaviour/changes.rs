//! The changes that tests make in texts of rows.

use std::ops::Range;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use crate::domain::behaviour::{Expects, TextLanguage};
use crate::domain::problem::{Outcome, Problem};

use super::sheet::bundled;

/// A text with more words has other parts that its label may come from than the one that is negated.
const MOST_NEGATED_WORDS: usize = 20;
/// Shorter words are other words with two letters swapped.
const LEAST_TYPO_LETTERS: usize = 5;

/// One test on texts of rows.
pub(super) struct Test {
    pub name: &'static str,
    pub expects: Expects,
    /// The changed text; `None` where the test does not apply.
    pub change: fn(&str, &Words, &mut ChaCha8Rng) -> Option<String>,
}

pub(super) static TESTS: [Test; 7] = [
    Test { name: "negation", expects: Expects::Other, change: |text, known, _| negation(text, known) },
    Test { name: "typos", expects: Expects::Same, change: |text, _, random| typo(text, random) },
    Test { name: "punctuation", expects: Expects::Same, change: |text, _, _| punctuation(text) },
    Test { name: "case", expects: Expects::Same, change: |text, _, _| case(text) },
    Test { name: "names", expects: Expects::Same, change: |text, known, random| swapped(text, &known.names, random) },
    Test { name: "places", expects: Expects::Same, change: |text, known, random| swapped(text, &known.places, random) },
    Test { name: "neutral-words", expects: Expects::Same, change: neutral },
];

/// The words of a language that the tests know. A test whose words are missing applies to nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Words {
    common: Vec<String>,
    negated: Vec<String>,
    not_negated: Vec<String>,
    opinions: Vec<[String; 2]>,
    names: Vec<String>,
    places: Vec<String>,
    neutral: Vec<String>,
}

impl Words {
    /// # Errors
    /// `internal-error` where the program's own list is no list.
    pub fn of(language: TextLanguage) -> Outcome<Self> {
        bundled(language).map_or_else(|| Ok(Self::default()), |text| toml::from_str(text).map_err(Problem::internal))
    }
}

/// The language of more than half of the texts: Korean are those with a letter of Hangul, and English those with a common
/// word of it.
///
/// # Errors
/// Those of [`Words::of`].
pub(super) fn language_of<'t>(texts: impl Iterator<Item = &'t str>) -> Outcome<TextLanguage> {
    let common = Words::of(TextLanguage::English)?.common;
    let (mut all, mut english, mut korean) = (0, 0, 0);
    for text in texts {
        all += 1;
        if text.contains(is_hangul) {
            korean += 1;
        } else {
            english += usize::from(words(text).any(|word| contains(&common, &text[word])));
        }
    }
    Ok(if 2 * korean > all {
        TextLanguage::Korean
    } else if 2 * english > all {
        TextLanguage::English
    } else {
        TextLanguage::Other
    })
}

fn is_hangul(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}')
}

/// Returns whether a model's labels are an opinion and its opposite, in whatever language.
///
/// # Errors
/// Those of [`Words::of`].
pub(super) fn are_opinions(labels: &[String]) -> Outcome<bool> {
    let known = Words::of(TextLanguage::English)?.opinions;
    let is = |label: &String, word: &String| label.to_lowercase() == *word;
    Ok(match labels {
        [a, b] => known.iter().any(|[c, d]| is(a, c) && is(b, d) || is(a, d) && is(b, c)),
        _ => false,
    })
}

/// Returns whether the list, which is in lower case, has the word in any case.
fn contains(list: &[String], word: &str) -> bool {
    list.contains(&word.to_lowercase())
}

/// Returns where the words of a text are: runs of letters and digits, with apostrophes within.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let from = rest + text[rest..].find(is_of_word)?;
        let to = text[from..].find(|c: char| !is_of_word(c)).map_or(text.len(), |len| from + len);
        rest = to;
        Some(from..to)
    })
}

/// Adds "not" behind the only word of being, unless some other word may make the meaning of that unsure.
fn negation(text: &str, known: &Words) -> Option<String> {
    let all: Vec<Range<usize>> = words(text).collect();
    let word = |at: &Range<usize>| &text[at.clone()];
    let is_unsure = |word: &str| contains(&known.not_negated, word) || word.contains(['\'', '’']);
    let mut negated = all.iter().enumerate().filter(|(_, at)| contains(&known.negated, word(at)));
    let (place, at) = negated.next()?;
    // "Is it good?" and "the way it is." have no room for it.
    let followed = all.get(place + 1).is_some_and(|next| text[at.end..next.start].chars().all(char::is_whitespace));
    let is_sure = negated.next().is_none() && !all.iter().any(|at| is_unsure(word(at))) && !text.contains('?');
    let fits = is_sure && followed && place > 0 && all.len() <= MOST_NEGATED_WORDS;
    fits.then(|| format!("{} not{}", &text[..at.end], &text[at.end..]))
}

/// Swaps two letters within one of the longer words.
fn typo(text: &str, random: &mut ChaCha8Rng) -> Option<String> {
    let is_long = |at: &Range<usize>| {
        at.len() >= LEAST_TYPO_LETTERS && text[at.clone()].bytes().all(|letter| letter.is_ascii_lowercase())
    };
    let long: Vec<Range<usize>> = words(text).filter(is_long).collect();
    let at = long.get(random.random_range(0..long.len().max(1)))?;
    let mut letters: Vec<char> = text[at.clone()].chars().collect();
    let differ = |i: &usize| letters[*i] != letters[*i + 1];
    let places: Vec<usize> = (1..letters.len() - 2).filter(differ).collect();
    let place = *places.get(random.random_range(0..places.len().max(1)))?;
    letters.swap(place, place + 1);
    Some(format!("{}{}{}", &text[..at.start], letters.into_iter().collect::<String>(), &text[at.end..]))
}

/// Takes the full stop away, or adds one.
fn punctuation(text: &str) -> Option<String> {
    let text = text.trim_end();
    let without = text.trim_end_matches('.').trim_end();
    if without.len() < text.len() && !without.is_empty() {
        return Some(without.to_owned());
    }
    text.ends_with(char::is_alphanumeric).then(|| format!("{text}."))
}

/// Writes the text in capitals, or in small letters where it is in capitals.
fn case(text: &str) -> Option<String> {
    let capitals = text.to_uppercase();
    Some(if capitals == text { text.to_lowercase() } else { capitals })
}

/// Puts another one of the list in the place of the first that the text has, wherever it stands.
fn swapped(text: &str, list: &[String], random: &mut ChaCha8Rng) -> Option<String> {
    let at = words(text).find(|at| list.iter().any(|known| *known == text[at.clone()]))?;
    let found = &text[at];
    let others: Vec<&String> = list.iter().filter(|known| *known != found).collect();
    let other = others.get(random.random_range(0..others.len().max(1)))?;
    let (mut changed, mut before) = (String::new(), 0);
    for at in words(text).filter(|at| text[at.clone()] == *found) {
        changed += &text[before..at.start];
        changed.push_str(other);
        before = at.end;
    }
    Some(changed + &text[before..])
}

/// Puts a sentence without an opinion before or behind the text.
fn neutral(text: &str, known: &Words, random: &mut ChaCha8Rng) -> Option<String> {
    let sentence = known.neutral.get(random.random_range(0..known.neutral.len().max(1)))?;
    Some(if random.random_bool(0.5) { format!("{sentence} {text}") } else { format!("{text} {sentence}") })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    fn english() -> Words {
        Words::of(TextLanguage::English).unwrap()
    }

    fn random() -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(3)
    }

    #[test]
    fn a_text_is_negated_only_where_that_turns_its_meaning() {
        let negated = |text| negation(text, &english());
        assert_eq!(negated("The film is a delight.").as_deref(), Some("The film is not a delight."));
        assert_eq!(negated("The Film WAS dull").as_deref(), Some("The Film WAS not dull"));
        let unsure = [
            "The film is dull but it is short.",
            "The film isn't dull.",
            "The film is never dull.",
            "Is this a film?",
            "That's the way it is.",
            "A delight.",
            "It is long, and they were late.",
        ];
        for text in unsure {
            assert_eq!(negated(text), None, "{text}");
        }
    }

    #[test]
    fn small_changes_are_small() {
        let typo = typo("It was a wonderful day", &mut random()).unwrap();
        let (mut own, mut before): (Vec<char>, Vec<char>) =
            (typo.chars().collect(), "It was a wonderful day".chars().collect());
        assert_ne!(own, before);
        assert!(typo.starts_with("It was a w") && typo.ends_with("l day"), "{typo}");
        own.sort_unstable();
        before.sort_unstable();
        assert_eq!(own, before);
        assert_eq!(super::typo("so bad", &mut random()), None);
        assert_eq!(punctuation("Good...").as_deref(), Some("Good"));
        assert_eq!(punctuation("좋다").as_deref(), Some("좋다."));
        assert_eq!(punctuation("Good!"), None);
        assert_eq!(punctuation("."), None);
        assert_eq!(case("Good. Straße").as_deref(), Some("GOOD. STRASSE"));
        assert_eq!(case("GOOD").as_deref(), Some("good"));
    }

    #[test]
    fn names_are_swapped_as_whole_words_wherever_they_stand() {
        let names = vec!["John".to_owned(), "Mary".to_owned()];
        let swap = |text| swapped(text, &names, &mut random());
        assert_eq!(swap("John and Johnny: John!").as_deref(), Some("Mary and Johnny: Mary!"));
        assert_eq!(swap("Johnny"), None);
    }

    #[test]
    fn languages_and_opinions_are_told() {
        let language = |texts: &[&str]| language_of(texts.iter().copied()).unwrap();
        assert_eq!(language(&["The film is good.", "Dull", "It was great"]), TextLanguage::English);
        assert_eq!(language(&["정말 재미있는 영화", "최고의 OST", "The end"]), TextLanguage::Korean);
        assert_eq!(language(&["Ein guter Film", "So la la", "정말"]), TextLanguage::Other);
        let are =
            |names: &[&str]| are_opinions(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        assert!(are(&["Positive", "negative"]) && are(&["긍정", "부정"]));
        assert!(!are(&["ham", "spam"]) && !are(&["negative", "neutral", "positive"]));
    }

    /// Rows are changed in Korean where that needs no grammar.
    #[test]
    fn what_is_not_known_of_a_language_is_not_tested() {
        let korean = Words::of(TextLanguage::Korean).unwrap();
        let neutral = neutral("재미있다", &korean, &mut random()).unwrap();
        assert!(
            neutral.contains("재미있다") && neutral.chars().filter(|c| c.is_ascii_alphabetic()).count() == 0,
            "{neutral}"
        );
        assert_eq!(negation("그것은 is", &korean), None);
        let other = Words::of(TextLanguage::Other).unwrap();
        assert_eq!(super::neutral("So la la", &other, &mut random()), None);
    }
}
