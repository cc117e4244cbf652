//! The words of a text as a person reads them, and the text without some of them.

use std::ops::Range;

/// The words of a text as ranges of its characters, counted from 0: what stands between spaces, without the punctuation at
/// its ends, which is a word of its own. `don't` and `well-made` are one word each; a Chinese character, which BERT reads
/// alone, is one as well.
pub fn words(text: &str) -> Vec<Range<usize>> {
    let letters: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if letters[at].is_whitespace() {
            at += 1;
            continue;
        }
        let length = letters[at..].iter().take_while(|c| !c.is_whitespace()).count();
        split(&letters[at..at + length], at, &mut words);
        at += length;
    }
    words
}

/// A character is one of these to the word that it stands in.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Letter,
    Chinese,
    Mark,
}

fn kind(c: char) -> Kind {
    match c {
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{2a6df}' => Kind::Chinese,
        // An accent that stands behind its letter is a part of it.
        '\u{300}'..='\u{36f}' => Kind::Letter,
        c if c.is_alphanumeric() => Kind::Letter,
        _ => Kind::Mark,
    }
}

/// Splits what stands between two spaces.
fn split(letters: &[char], first: usize, words: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while at < letters.len() {
        let of = kind(letters[at]);
        let same = |from: usize| letters[from..].iter().take_while(|c| kind(**c) == of).count();
        let mut end = at + if of == Kind::Chinese { 1 } else { same(at) };
        // A mark between letters is inside a word.
        while of == Kind::Letter && letters.get(end).is_some_and(|mark| joins(*mark)) {
            let behind = same(end + 1);
            if behind == 0 {
                break;
            }
            end += 1 + behind;
        }
        words.push(first + at..first + end);
        at = end;
    }
}

/// Returns whether a mark between two letters or digits makes one word of them.
fn joins(mark: char) -> bool {
    matches!(mark, '\'' | '\u{2019}' | '-' | '.' | ',' | '_' | '/' | '@' | '&' | '+' | ':')
}

/// The part of a range of characters that lies in a text of this length.
fn inside(range: &Range<usize>, length: usize) -> Range<usize> {
    let end = range.end.min(length);
    range.start.min(end)..end
}

/// The text without some of its characters, given as ranges that do not overlap. Of the spaces around each, one stays. What
/// a range has beyond the end of the text counts for nothing.
pub fn without(text: &str, removed: &[Range<usize>]) -> String {
    let letters: Vec<char> = text.chars().collect();
    let removed: Vec<Range<usize>> = removed.iter().map(|range| inside(range, letters.len())).collect();
    let mut keeps = vec![true; letters.len()];
    for range in &removed {
        keeps[range.clone()].fill(false);
    }
    for range in &removed {
        let before = keeps[..range.start].iter().rposition(|kept| *kept);
        let behind = keeps[range.end..].iter().position(|kept| *kept).map(|at| range.end + at);
        let is_space = |at: usize| letters[at].is_whitespace();
        match (before, behind) {
            (None, Some(behind)) if is_space(behind) => keeps[behind] = false,
            (Some(before), None) if is_space(before) => keeps[before] = false,
            (Some(before), Some(behind)) if is_space(before) && is_space(behind) => keeps[behind] = false,
            _ => {}
        }
    }
    letters.iter().zip(&keeps).filter(|(_, kept)| **kept).map(|(c, _)| *c).collect()
}

/// The text with other words in the place of some of its characters. What the range has beyond the end of the text counts
/// for nothing.
pub fn replaced(text: &str, range: &Range<usize>, new: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let range = inside(range, letters.len());
    letters[..range.start].iter().copied().chain(new.chars()).chain(letters[range.end..].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_replaced_in_its_place() {
        let text = "영화가 좋다!";
        assert_eq!(replaced(text, &words(text)[1], "나쁘다"), "영화가 나쁘다!");
    }

    #[test]
    fn a_range_beyond_the_text_takes_what_there_is() {
        for (range, rest, new) in [(4..99, "good", "good new"), (40..99, "good 영화", "good 영화 new")] {
            assert_eq!(without("good 영화", std::slice::from_ref(&range)), rest);
            assert_eq!(replaced("good 영화", &range, " new"), new);
        }
    }

    fn split_up(text: &str) -> Vec<String> {
        let letters: Vec<char> = text.chars().collect();
        words(text).into_iter().map(|range| letters[range].iter().collect()).collect()
    }

    #[test]
    fn words_are_those_a_person_reads() {
        assert_eq!(split_up("It isn't well-made, is it?"), ["It", "isn't", "well-made", ",", "is", "it", "?"]);
        assert_eq!(split_up("  (great!!!)\t10.5 U.S.A. "), ["(", "great", "!!!)", "10.5", "U.S.A", "."]);
        assert_eq!(split_up("영화가 정말 좋다😀!"), ["영화가", "정말", "좋다", "😀!"]);
        assert_eq!(split_up("很好 👨‍👩‍👧 cafe\u{301}"), ["很", "好", "👨‍👩‍👧", "cafe\u{301}"]);
        assert!(split_up(" \n").is_empty() && split_up("").is_empty());
    }

    #[test]
    fn a_removed_word_leaves_one_space() {
        let text = "a fine film, 좋다";
        let words = words(text);
        assert_eq!(without(text, &words[..1]), "fine film, 좋다");
        assert_eq!(without(text, &words[1..2]), "a film, 좋다");
        assert_eq!(without(text, &words[2..3]), "a fine , 좋다");
        assert_eq!(without(text, &words[4..]), "a fine film,");
        assert_eq!(without(text, &[words[0].clone(), words[1].clone(), words[4].clone()]), "film,");
        assert_eq!(without(text, &words), "");
    }
}
