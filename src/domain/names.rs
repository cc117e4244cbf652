//! Names that are equal to the eye, and names that are nearly equal.

use std::borrow::Cow;

use unicode_normalization_alignments::UnicodeNormalization as _;
use unicode_normalization_alignments::is_nfc;

/// A name with its accents and syllables composed (Unicode's NFC). A Mac writes file names in parts, and so do some programs
/// write Hangul, which no one can tell by looking.
pub fn composed(name: &str) -> Cow<'_, str> {
    if name.is_ascii() || is_nfc(name) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.nfc().map(|(c, _)| c).collect())
}

/// Whether two names look the same.
pub fn is_same(a: &str, b: &str) -> bool {
    a == b || composed(a) == composed(b)
}

/// The one of `names` that this one was probably meant to be: fewer than a third of the letters differ. A syllable of Hangul
/// has several letters.
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = |name: &str| name.to_lowercase().nfd().map(|(c, _)| c).collect::<Vec<char>>();
    let own = letters(name);
    let near = |other: &'a str| {
        let other_letters = letters(other);
        let distance = distance(&own, &other_letters);
        (distance * 3 <= own.len().max(other_letters.len())).then_some((distance, other))
    };
    names.into_iter().filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, other)| other)
}

/// How many letters have to be inserted, left out or exchanged to make one of the other (Levenshtein's distance).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut diagonal = above[0];
        above[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != other);
            diagonal = above[j + 1];
            above[j + 1] = exchanged.min(diagonal + 1).min(above[j] + 1);
        }
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_syllable_are_the_syllable() {
        let parts: String = "긍정 café".nfd().map(|(c, _)| c).collect();
        assert_ne!(parts, "긍정 café");
        assert!(is_same(&parts, "긍정 café") && !is_same("긍정", "부정"));
        assert!(matches!(composed("긍정"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_misspelt_name_has_a_nearest_one() {
        let names = ["negative", "neutral", "positive", "긍정", "부정", "0", "1"];
        for (misspelt, meant) in [
            ("negatve", Some("negative")),
            ("Posittive", Some("positive")),
            ("긍졍", Some("긍정")),
            ("nuetral", Some("neutral")),
            ("2", None),
            ("LABEL_0", None),
            ("", None),
        ] {
            assert_eq!(nearest(misspelt, names), meant, "{misspelt}");
        }
        assert_eq!(distance(&['a', 'b'], &['b', 'a', 'c']), 2);
    }
}
