//! The texts of a data set.

use std::borrow::Cow;

/// A text as the model sees it. HTML line breaks (`<br />`, as in the IMDB reviews) become spaces, and spaces at the ends
/// are removed.
pub fn clean_text(text: &str) -> Cow<'_, str> {
    let mut cleaned = String::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(at) = rest[from..].find('<').map(|at| from + at) {
        match line_break_length(&rest[at..]) {
            Some(length) => {
                cleaned.push_str(&rest[..at]);
                cleaned.push(' ');
                rest = &rest[at + length..];
                from = 0;
            }
            None => from = at + 1,
        }
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text.trim());
    }
    cleaned.push_str(rest);
    Cow::Owned(cleaned.trim().to_owned())
}

/// Returns, for each character of [`clean_text`], the place of the character of `text` that it stands for, counted from
/// 0. A line break's space stands for the `<` of the break.
pub fn clean_places(text: &str) -> Vec<usize> {
    let (mut kept, mut skip_to) = (Vec::new(), 0);
    for (place, (at, c)) in text.char_indices().enumerate() {
        if at < skip_to {
            continue;
        }
        let line_break = if c == '<' { line_break_length(&text[at..]) } else { None };
        skip_to = at + line_break.unwrap_or(0);
        kept.push((place, line_break.is_some() || c.is_whitespace()));
    }
    let is_text = |(_, is_space): &(usize, bool)| !is_space;
    let Some(first) = kept.iter().position(is_text) else { return Vec::new() };
    let last = kept.iter().rposition(is_text).unwrap_or(first);
    kept[first..=last].iter().map(|(place, _)| *place).collect()
}

/// The length in bytes of the `<br>`, `<br/>` or `<br />` that `text` begins with, in upper or lower case.
fn line_break_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !bytes.get(..3)?.eq_ignore_ascii_case(b"<br") {
        return None;
    }
    let inner = bytes[3..].iter().position(|b| !matches!(b, b' ' | b'/'))?;
    (bytes[3 + inner] == b'>').then_some(3 + inner + 1)
}

/// The texts of many rows in one piece of memory, which takes less of it than a string for each. Each row has one text, or
/// each has two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    joined: String,
    /// Where each text ends in `joined`.
    ends: Vec<usize>,
    /// The rows' second texts, if they have such.
    seconds: Option<Box<Self>>,
}

impl Texts {
    /// Adds a row of one text.
    pub fn push(&mut self, text: &str) {
        self.joined.push_str(text);
        self.ends.push(self.joined.len());
    }

    /// Adds a row of two texts.
    pub fn push_pair(&mut self, first: &str, second: &str) {
        self.push(first);
        self.seconds.get_or_insert_default().push(second);
    }

    /// The second text of row `i`, where rows have two.
    ///
    /// # Panics
    /// When there is no row `i`.
    pub fn second(&self, i: usize) -> Option<&str> {
        self.seconds.as_ref().map(|seconds| seconds.get(i))
    }

    /// Whether rows have two texts.
    pub fn are_pairs(&self) -> bool {
        self.seconds.is_some()
    }

    /// The bytes of the texts of row `i`.
    ///
    /// # Panics
    /// When there is no row `i`.
    pub fn bytes_of(&self, i: usize) -> usize {
        self.get(i).len() + self.second(i).map_or(0, str::len)
    }

    /// Only some rows, in this order.
    #[must_use]
    pub fn of_rows(&self, rows: &[u32]) -> Self {
        let mut some: Self = rows.iter().map(|i| self.get(*i as usize)).collect();
        some.seconds = self.seconds.as_ref().map(|seconds| Box::new(seconds.of_rows(rows)));
        some
    }

    /// The text of row `i`, the first one where it has two.
    ///
    /// # Panics
    /// When there is no row `i`.
    pub fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.joined[start..self.ends[i]]
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The rows' first texts in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Gives back memory that was reserved for more texts.
    pub(super) fn shrink(&mut self) {
        self.joined.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.seconds.iter_mut().for_each(|seconds| seconds.shrink());
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(iter: I) -> Self {
        let mut texts = Self::default();
        iter.into_iter().for_each(|text| texts.push(text));
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_of_a_cleaned_text_has_its_place() {
        for text in ["", "  ", "plain", " é<br />b < c<BR>", "<br/><br>x<b>y</b> <br", "영화<br />좋다 😀 "] {
            let letters: Vec<char> = text.chars().collect();
            let cleaned: Vec<char> = clean_text(text).chars().collect();
            let places = clean_places(text);
            assert_eq!(places.len(), cleaned.len(), "{text:?}");
            for (place, c) in places.iter().zip(cleaned) {
                assert!(letters[*place] == c || (letters[*place], c) == ('<', ' '), "{text:?}");
            }
        }
    }
}
