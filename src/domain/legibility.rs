//! Whether a model can read the language of some texts, judged by the pieces into which its tokeniser cuts them.

use serde::{Deserialize, Serialize};

use super::health::{Finding, Found};

/// Fewer pieces than these say nothing about a language.
const FEWEST: usize = 5;
/// A model that was made for a language has a word or a syllable for most of it. Korean has many words and endings of one
/// syllable, so that a Korean model has single letters as well, but not so many.
const MOST_UNREAD: f64 = 0.6;
/// A tokeniser that belongs to the texts' language leaves a word in a hundred unknown, or none.
const NOTABLE_UNKNOWN: f64 = 0.1;

/// A piece of a text, as the tokeniser names it (`##ing`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub text: String,
    pub kind: PieceKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PieceKind {
    /// Several letters that the vocabulary knows together.
    Word,
    /// No more than a letter, or a character that stands for a word by itself.
    Letter,
    /// The vocabulary has nothing for it.
    Unknown,
    /// Punctuation and digits, which say nothing about the language.
    Other,
}

/// How many pieces some texts have, and how many of them say nothing to the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Legibility {
    /// Pieces of words, known or not.
    pub pieces: usize,
    /// Those that are unknown or no more than a letter.
    pub unread: usize,
    /// Those that are unknown.
    pub unknown: usize,
    /// The pieces of the first text, for whoever wants to see them.
    pub sample: Vec<Piece>,
}

impl Legibility {
    /// What the texts with these pieces come to.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a [Piece]>) -> Self {
        let mut found = Self::default();
        for pieces in texts {
            let count = |kinds: &[PieceKind]| pieces.iter().filter(|piece| kinds.contains(&piece.kind)).count();
            let unread = count(&[PieceKind::Letter, PieceKind::Unknown]);
            found.pieces += unread + count(&[PieceKind::Word]);
            found.unread += unread;
            found.unknown += count(&[PieceKind::Unknown]);
            if found.sample.is_empty() {
                found.sample = pieces.to_vec();
            }
        }
        found
    }

    /// The share of pieces that are unknown or no more than a letter.
    pub fn unread_share(&self) -> f64 {
        self.unread as f64 / self.pieces.max(1) as f64
    }

    /// The share of pieces that the vocabulary has nothing for.
    pub fn unknown_share(&self) -> f64 {
        self.unknown as f64 / self.pieces.max(1) as f64
    }

    /// The share of pieces that the vocabulary has nothing for, if it is so large that the user should know.
    pub fn notable_unknown_share(&self) -> Option<f64> {
        let share = self.unknown_share();
        (self.pieces >= FEWEST && share >= NOTABLE_UNKNOWN).then_some(share)
    }

    /// What the user should know of how the model of this name reads the texts.
    pub fn findings(&self, model: &str) -> Vec<Finding> {
        let model = || model.to_owned();
        let unknown = self.notable_unknown_share().map(|share| Found::UnknownWords { model: model(), share });
        // Where words are unknown, letters are the smaller trouble.
        let letters = || self.is_poor().then(|| Found::LetterByLetter { model: model(), share: self.unread_share() });
        let found = unknown.or_else(letters).into_iter();
        found.map(|found| Finding { found, rows: Vec::new() }).collect()
    }

    /// Whether the model was hardly made for the language of these texts.
    pub fn is_poor(&self) -> bool {
        self.pieces >= FEWEST && self.unread_share() > MOST_UNREAD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mostly_single_letters_are_poor() {
        let pieces = |kinds: &[PieceKind]| -> Vec<Piece> {
            kinds.iter().map(|kind| Piece { text: "a".into(), kind: *kind }).collect()
        };
        use PieceKind::{Letter, Other, Unknown, Word};
        let poor = pieces(&[Letter, Letter, Unknown, Letter, Word, Other, Other, Other]);
        let good = pieces(&[Word, Word, Letter, Word, Word, Other]);
        let of = |texts: &[&[Piece]]| Legibility::of(texts.iter().copied());
        assert!(of(&[&poor]).is_poor() && of(&[&poor]).unread_share() == 0.8);
        assert!(!of(&[&good]).is_poor() && !of(&[&poor, &good, &good]).is_poor());
        assert!(!of(&[&poor[..3]]).is_poor(), "too little to tell");
        assert_eq!(of(&[&good, &poor]).sample, good);
        assert_eq!(of(&[&poor]).notable_unknown_share(), Some(0.2));
        assert_eq!(of(&[&poor, &good, &good]).notable_unknown_share(), None);
    }
}
