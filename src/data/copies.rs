//! Texts that stand in several rows: exact copies, apart from spaces and line breaks.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::texts::Texts;

/// What copies of a row's texts have in common: the texts with each run of whitespace as one space. A row of pairs has a
/// second text, and a copy is a copy of both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key<'t> {
    first: Cow<'t, str>,
    second: Option<Cow<'t, str>>,
}

impl<'t> Key<'t> {
    pub fn of(first: &'t str, second: Option<&'t str>) -> Self {
        Self { first: folded(first), second: second.map(folded) }
    }
}

impl Texts {
    /// What copies of the row have in common.
    pub(super) fn key(&self, row: usize) -> Key<'_> {
        Key::of(self.get(row), self.second(row))
    }

    /// A hash that copies of the row have in common, and few other rows: it is made of the beginnings and ends of the texts.
    fn ends_hash(&self, row: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        hash_ends(self.get(row), &mut hasher);
        self.second(row).into_iter().for_each(|second| hash_ends(second, &mut hasher));
        hasher.finish()
    }
}

/// Takes the first and the last characters of a text that are no whitespace into a hash.
fn hash_ends(text: &str, hasher: &mut DefaultHasher) {
    const CHARS: usize = 24;
    let mut ends = String::with_capacity(4 * 2 * CHARS);
    ends.extend(text.chars().filter(|c| !c.is_whitespace()).take(CHARS));
    ends.extend(text.chars().rev().filter(|c| !c.is_whitespace()).take(CHARS));
    ends.hash(hasher);
}

/// The text without whitespace at its ends, and with one space for each run of whitespace within.
fn folded(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let mut after_space = false;
    let is_folded = text.chars().all(|c| {
        let is_space = c.is_whitespace();
        let is_lone = !is_space || (c == ' ' && !after_space);
        after_space = is_space;
        is_lone
    });
    if is_folded {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Which rows hold the same texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Copies {
    /// For each row the first row with its texts, which is itself where none comes before it.
    first: Vec<u32>,
}

impl Copies {
    /// Compares all rows in one pass. Long texts are read as a whole only where another one begins and ends as they do.
    pub fn of(texts: &Texts) -> Self {
        let ends: Vec<u64> = (0..texts.len()).map(|row| texts.ends_hash(row)).collect();
        let mut counts: HashMap<u64, u32> = HashMap::with_capacity(ends.len());
        ends.iter().for_each(|hash| *counts.entry(*hash).or_default() += 1);
        let mut seen: HashMap<Key<'_>, u32> = HashMap::new();
        let first = |(row, hash): (usize, &u64)| match counts.get(hash) {
            Some(1) => row as u32,
            _ => *seen.entry(texts.key(row)).or_insert(row as u32),
        };
        Self { first: ends.iter().enumerate().map(first).collect() }
    }

    /// The first of all rows with the texts of this one.
    pub fn first(&self, row: u32) -> u32 {
        self.first[row as usize]
    }

    /// Whether two of these rows hold the same texts.
    pub fn are_among(&self, rows: &[u32]) -> bool {
        let mut is_seen = vec![false; self.first.len()];
        rows.iter().any(|row| std::mem::replace(&mut is_seen[self.first(*row) as usize], true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitespace_makes_no_difference_and_all_else_does() {
        for same in ["so good", " so good\n", "so  good", "so\tgood", "so\u{a0}good", "so\u{3000} good"] {
            assert_eq!(Key::of(same, None), Key::of("so good", None), "{same:?}");
        }
        for other in ["So good", "sogood", "so good.", "so goods"] {
            assert_ne!(Key::of(other, None), Key::of("so good", None), "{other:?}");
        }
        assert!(matches!(folded(" so good "), Cow::Borrowed("so good")));
    }

    #[test]
    fn a_copy_of_a_pair_is_one_of_both_texts() {
        assert_eq!(Key::of("a  b", Some("c")), Key::of("a b", Some(" c")));
        assert_ne!(Key::of("a", Some("b")), Key::of("a", Some("c")));
        assert_ne!(Key::of("a", Some("b")), Key::of("a b", None));
        assert_ne!(Key::of("a", Some("")), Key::of("a", None));
    }

    #[test]
    fn each_row_leads_to_the_first_with_its_text() {
        let texts: Texts = ["a", "b", "a ", "c", "b", "a"].into_iter().collect();
        let copies = Copies::of(&texts);
        assert_eq!((0..6).map(|row| copies.first(row)).collect::<Vec<_>>(), [0, 1, 0, 3, 1, 0]);
        assert!(copies.are_among(&[0, 2]) && copies.are_among(&[2, 5]) && !copies.are_among(&[0, 1, 3]));
    }
    #[test]
    fn texts_that_differ_only_in_their_middles_are_no_copies() {
        let text = |middle: &str| format!("{} {middle} {}", "begins alike ".repeat(9), "ends alike ".repeat(9));
        let texts = [text("one"), text("two"), text("  one"), text("one ").trim().to_owned()];
        let copies = Copies::of(&texts.iter().map(String::as_str).collect());
        assert_eq!((0..4).map(|row| copies.first(row)).collect::<Vec<_>>(), [0, 1, 0, 0]);
    }
}
