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

/// Whether a character is not to be seen: marks of byte order and of direction, soft hyphens, spaces without width.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A name without what is not to be seen at its ends.
pub fn bare(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || is_hidden(c))
}

/// A name without any character that is not to be seen, apart from those that join letters or keep them apart.
pub fn without_hidden(name: &str) -> Cow<'_, str> {
    let goes = |c: char| is_hidden(c) && !matches!(c, '\u{200c}' | '\u{200d}');
    if name.is_ascii() || !name.contains(goes) { Cow::Borrowed(name) } else { Cow::Owned(name.replace(goes, "")) }
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
    fn what_is_not_to_be_seen_is_no_part_of_a_name() {
        assert_eq!(bare("\u{feff} pos\u{200b}\u{a0} "), "pos");
        assert_eq!(without_hidden("po\u{200b}s \u{200e}x"), "pos x");
        assert_eq!(without_hidden("\u{1f468}\u{200d}\u{1f469}"), "\u{1f468}\u{200d}\u{1f469}");
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
