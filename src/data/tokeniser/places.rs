//! Where in a text each of its tokens comes from.

use super::pairs::kept;
use super::{Encoded, Tokeniser, unpanicked};

/// The characters of a text that a token was made of. Normalising may make several tokens of the same characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    /// This is true for characters of the second text of two.
    pub is_second: bool,
    /// The first character, counted from 0.
    pub start: usize,
    /// The character behind the last one.
    pub end: usize,
}

/// The tokens of one text, or of two, with their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    pub encoded: Encoded,
    /// Parallel to the token ids; `None` of the special tokens around and between the texts.
    pub places: Vec<Option<TokenPlace>>,
}

impl Tokeniser {
    /// The same tokens as [`Tokeniser::encode`] or, with a second text, [`Tokeniser::encode_pair`] gives, each with its place.
    /// The whole text is read, however long it is.
    pub fn encode_placed(&self, first: &str, second: Option<&str>, max_length: usize) -> Placed {
        let of_first = self.places(first, false);
        let Some(second) = second else {
            let encoded = self.encode(first, max_length);
            let room = max_length.saturating_sub(self.prefix.len() + self.suffix.len());
            let places = self.laid(&[(self.prefix.len(), &of_first[..], room)], encoded.ids.len());
            return Placed { encoded, places };
        };
        let encoded = self.encode_pair(first, second, max_length);
        let of_second = self.places(second, true);
        let (before, between, around) = match &self.pair {
            Some(ends) => (ends.before_len(), ends.between_len(), ends.len()),
            None => (self.prefix.len(), 0, self.prefix.len() + self.suffix.len()),
        };
        let (a, b) = kept(of_first.len(), of_second.len(), max_length.saturating_sub(around));
        let places = self.laid(&[(before, &of_first[..], a), (between, &of_second[..], b)], encoded.ids.len());
        Placed { encoded, places }
    }

    /// Lays the kept tokens of each text behind so many special tokens; `total` tokens in all.
    fn laid(&self, parts: &[(usize, &[TokenPlace], usize)], total: usize) -> Vec<Option<TokenPlace>> {
        let mut places = Vec::with_capacity(total);
        for (special, of_text, room) in parts {
            let n = (*room).min(of_text.len());
            let from = if self.cuts_beginning { of_text.len() - n } else { 0 };
            places.extend(std::iter::repeat_n(None, *special));
            places.extend(of_text[from..from + n].iter().copied().map(Some));
        }
        places.resize(total, None);
        places
    }

    /// The places of a text's own tokens.
    fn places(&self, text: &str, is_second: bool) -> Vec<TokenPlace> {
        let Ok(Ok(encoding)) = unpanicked(|| self.inner.encode_char_offsets(text, false)) else { return Vec::new() };
        encoding.get_offsets().iter().map(|(start, end)| TokenPlace { is_second, start: *start, end: *end }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::bundled_for_tests;
    use super::*;

    #[test]
    fn places_are_characters_of_the_text_and_tokens_are_those_of_encoding() {
        let tokeniser = bundled_for_tests();
        let text = "Café 😀 영화 unbelievably";
        let letters: Vec<char> = text.chars().collect();
        let placed = tokeniser.encode_placed(text, None, 64);
        assert_eq!(placed.encoded, tokeniser.encode(text, 64));
        assert_eq!((placed.places[0], placed.places.last()), (None, Some(&None)));
        let covered = |place: &TokenPlace| letters[place.start..place.end].iter().collect::<String>();
        let parts: Vec<String> = placed.places.iter().flatten().map(covered).collect();
        assert_eq!(parts[0], "Café");
        assert_eq!(parts[1], "😀");
        assert!(parts.concat().ends_with("unbelievably"), "{parts:?}");
        assert_eq!(placed.places.len(), placed.encoded.ids.len());
    }

    #[test]
    fn cut_texts_and_pairs_have_a_place_for_each_kept_token() {
        let tokeniser = bundled_for_tests();
        let long = |word: &str, n: usize| format!("{word} ").repeat(n);
        for max_length in [4, 5, 16, 17] {
            let text = long("good", 30);
            let placed = tokeniser.encode_placed(&text, None, max_length);
            assert_eq!(placed.encoded, tokeniser.encode(&text, max_length));
            assert_eq!(placed.places.iter().flatten().count(), max_length - 2);
            for (first, second) in [(3, 30), (30, 3), (30, 30), (0, 5)] {
                let (first, second) = (long("good", first), long("movie", second));
                let placed = tokeniser.encode_placed(&first, Some(&second), max_length);
                let (good, movie) = (tokeniser.ids("good")[0], tokeniser.ids("movie")[0]);
                assert_eq!(placed.encoded, tokeniser.encode_pair(&first, &second, max_length));
                for (id, place) in placed.encoded.ids.iter().zip(&placed.places) {
                    let wanted = place.map(|place| if place.is_second { movie } else { good });
                    assert!(wanted.is_none_or(|wanted| wanted == *id), "{max_length}");
                    assert_eq!(wanted.is_none(), *id != good && *id != movie);
                }
            }
        }
        assert!(tokeniser.encode_placed("", None, 16).places.iter().all(Option::is_none));
    }
}
