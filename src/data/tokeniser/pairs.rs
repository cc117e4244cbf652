//! Two texts of one row: the special tokens around and between them, their types, and how they are cut to one length.

use serde_json::Value;
use tokenizers::Tokenizer;

use super::class::Kind;
use super::files::Config;
use super::{Encoded, Tokeniser};

/// What a tokeniser puts around two texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PairEnds {
    before: Vec<u32>,
    between: Vec<u32>,
    after: Vec<u32>,
    /// How many of the tokens between the texts are of type 0, with the first text; all behind them are of type 1. `None`
    /// where every token is of type 0.
    of_first: Option<usize>,
}

impl PairEnds {
    /// Asks a tokeniser what it puts around two texts. `None` where the texts would not stand one behind the other with
    /// special tokens around them, or have other types than 0 and 1.
    pub fn of(inner: &Tokenizer, probe: &str, gives_types: bool) -> Option<Self> {
        let encoding = inner.encode_fast((probe, probe), true).ok()?;
        let (ids, types, texts) = (encoding.get_ids(), encoding.get_type_ids(), encoding.get_sequence_ids());
        let first = |text| texts.iter().position(|of| *of == Some(text));
        let last = |text| texts.iter().rposition(|of| *of == Some(text));
        let (a, b) = (first(0)?..last(0)? + 1, first(1)?..last(1)? + 1);
        let is_of = |range: std::ops::Range<usize>, text| texts[range].iter().all(|of| *of == text);
        let in_order = a.start > 0 && a.end <= b.start;
        let nothing_else = in_order
            && is_of(0..a.start, None)
            && is_of(a.clone(), Some(0))
            && is_of(a.end..b.start, None)
            && is_of(b.clone(), Some(1))
            && is_of(b.end..ids.len(), None);
        if !nothing_else {
            return None;
        }
        let zeros = types.iter().take_while(|of| **of == 0).count();
        let of_first = match zeros {
            _ if !gives_types || zeros == ids.len() => None,
            zeros if (a.end..=b.start).contains(&zeros) && types[zeros..].iter().all(|of| *of == 1) => {
                Some(zeros - a.end)
            }
            _other_types => return None,
        };
        let tokens = |range: std::ops::Range<usize>| ids[range].to_vec();
        Some(Self {
            before: tokens(0..a.start),
            between: tokens(a.end..b.start),
            after: tokens(b.end..ids.len()),
            of_first,
        })
    }

    /// The special tokens' ids.
    pub fn ids(&self) -> impl Iterator<Item = &u32> {
        self.before.iter().chain(&self.between).chain(&self.after)
    }

    /// The number of special tokens.
    pub fn len(&self) -> usize {
        self.before.len() + self.between.len() + self.after.len()
    }

    /// The number of special tokens before the first text.
    pub fn before_len(&self) -> usize {
        self.before.len()
    }

    /// The number of special tokens between the texts.
    pub fn between_len(&self) -> usize {
        self.between.len()
    }
}

/// Whether the model is told which text a token belongs to: as `model_input_names` says, else as the class of the tokeniser
/// does in transformers. Without a class it is BERT's.
pub(super) fn gives_types(config: &Config, kind: Option<Kind>) -> bool {
    let named = |value: &Value| value.as_array().map(|names| names.iter().any(|name| *name == "token_type_ids"));
    if let Some(stated) = config.get("model_input_names").and_then(named) {
        return stated;
    }
    let class = config.get("tokenizer_class").and_then(Value::as_str).unwrap_or_default();
    let without = ["DistilBert", "RetriBert"].iter().any(|name| class.starts_with(name));
    !without && matches!(kind, None | Some(Kind::WordPieces))
}

/// How many tokens of two texts of `first` and `second` tokens stay where there is room for so many: those of the longer
/// one go first, and where both lose some, an odd token stays with the longer one, or with the second of two equally long
/// ones. This is the `longest_first` of the tokenizers library, whose way differs in that last token from taking one token
/// after the other.
pub(super) fn kept(first: usize, second: usize, room: usize) -> (usize, usize) {
    if first + second <= room {
        return (first, second);
    }
    let (shorter, swapped) = (first.min(second), first > second);
    let (short, long) = if 2 * shorter <= room { (shorter, room - shorter) } else { (room / 2, room - room / 2) };
    if swapped { (long, short) } else { (short, long) }
}

impl Tokeniser {
    /// Whether its files say how two texts stand in one row.
    pub fn takes_pairs(&self) -> bool {
        self.pair.is_some()
    }

    /// The tokens of two texts with the special tokens around and between them, `max_length` at most. Where they are more,
    /// the longer text is cut first, as `truncation=True` does in transformers; each loses its end, or its beginning where
    /// the model's files say so. A tokeniser that does not take pairs puts nothing between them.
    pub fn encode_pair(&self, first: &str, second: &str, max_length: usize) -> Encoded {
        let unknown = PairEnds { before: self.prefix.clone(), after: self.suffix.clone(), ..PairEnds::default() };
        let ends = self.pair.as_ref().unwrap_or(&unknown);
        let room = max_length.saturating_sub(ends.len());
        let (first, second) = if self.cuts_beginning {
            (self.ids(first), self.ids(second))
        } else {
            self.beginnings([first, second], room)
        };
        let (a, b) = kept(first.len(), second.len(), room);
        let cut = first.len() + second.len() > room;
        let part = |own: Vec<u32>, n: usize| {
            let from = if self.cuts_beginning { own.len() - n } else { 0 };
            own[from..from + n].to_vec()
        };
        let ids = [&ends.before[..], &part(first, a), &ends.between, &part(second, b), &ends.after].concat();
        let of_type_1 = ends.of_first.map_or(0, |zeros| ids.len() - (ends.before.len() + a + zeros));
        Encoded { ids, of_type_1, cut }
    }

    /// The tokens of two texts without special tokens, as far as they decide what stays where there is `room` for so many.
    fn beginnings(&self, texts: [&str; 2], room: usize) -> (Vec<u32>, Vec<u32>) {
        let mut wanted = room.saturating_add(1);
        loop {
            let [first, second] = texts.map(|text| self.beginning(text, wanted));
            // Both have more tokens than there is room for, and one goes on, so that it is still to be found out which is the
            // longer one.
            let both = [&first, &second];
            let is_open = both.iter().all(|(own, _)| own.len() >= wanted) && both.iter().any(|(_, is_all)| !is_all);
            if !is_open || room.is_multiple_of(2) {
                return (first.0, second.0);
            }
            wanted = wanted.saturating_mul(4);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bundled_for_tests;
    use super::*;

    /// One token after the other from the longer text, as the slow tokenisers of transformers take them.
    fn one_by_one(mut first: usize, mut second: usize, room: usize) -> (usize, usize) {
        while first + second > room {
            if first > second { first -= 1 } else { second -= 1 }
        }
        (first, second)
    }

    /// Reading on only while neither text is known whole compared a whole length with a part of another.
    #[test]
    fn what_is_read_of_both_texts_is_enough_to_tell_the_longer_one() {
        let tokeniser = bundled_for_tests();
        for (first, second, max_length) in [(30, 60, 16), (60, 30, 16), (20, 21, 8), (200, 90, 32), (33, 33, 16)] {
            let text = |words: usize| vec!["film"; words].join(" ");
            let encoded = tokeniser.encode_pair(&text(first), &text(second), max_length);
            let (a, b) = kept(first, second, max_length - 3);
            assert_eq!((encoded.ids.len() - encoded.of_type_1, encoded.of_type_1), (a + 2, b + 1), "{first} {second}");
        }
    }

    #[test]
    fn the_longer_text_is_cut_first() {
        for first in 0..12 {
            for second in 0..12 {
                for room in 0..14 {
                    let found = kept(first, second, room);
                    let slow = one_by_one(first, second, room);
                    assert_eq!(found.0 + found.1, (first + second).min(room), "{first} {second} {room}");
                    assert!(found.0.abs_diff(slow.0) <= 1, "{first} {second} {room}: {found:?} for {slow:?}");
                }
            }
        }
        assert_eq!(kept(9, 9, 5), (2, 3));
        assert_eq!(kept(10, 9, 5), (3, 2));
        assert_eq!(kept(9, 2, 8), (6, 2));
        assert_eq!(kept(2, 9, 8), (2, 6));
    }

    #[test]
    fn long_texts_are_read_only_as_far_as_needed_and_cut_as_if_read_whole() {
        let tokeniser = bundled_for_tests();
        let long = |n: usize| "good movie ".repeat(n);
        for (first, second) in [(0, 400), (400, 0), (400, 401), (401, 400), (400, 400), (3, 500), (30, 31), (31, 30)] {
            for max_length in [4, 5, 16, 17, 61, 62, 128] {
                let (a, b) = (long(first), long(second));
                let (whole_a, whole_b) = (tokeniser.ids(&a), tokeniser.ids(&b));
                let (n, m) = kept(whole_a.len(), whole_b.len(), max_length - 3);
                let expected = [&[101], &whole_a[..n], &[102], &whole_b[..m], &[102]].concat();
                let found = tokeniser.encode_pair(&a, &b, max_length);
                let cut = whole_a.len() + whole_b.len() > max_length - 3;
                assert_eq!(found, Encoded { ids: expected, of_type_1: m + 1, cut }, "{first} {second} {max_length}");
            }
        }
    }
}
