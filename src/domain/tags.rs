//! Tags: what holds of a row's text, by which mistakes are grouped.

use serde::{Deserialize, Serialize};

use super::predictions::PredictedRow;

/// Something that holds of some rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// It is among the twentieth of the rows with the most tokens.
    VeryLong,
    /// It has more tokens than the model reads.
    Cut,
    /// It has at most [`SHORT_WORDS`] words.
    Short,
    /// It denies something: `not`, `never`, `isn't`, `안`.
    Negation,
    /// It asks something.
    Question,
    /// It has a digit.
    Numbers,
    /// The model's vocabulary lacks some of its characters, so that the model reads nothing in their place.
    UnknownWords,
    /// No training row shares enough of its words.
    NoSimilar,
    /// Most of the training rows that share the most of its words have another label.
    NeighboursDisagree,
    /// It was answered wrongly, and the true label was the second choice; of two labels, by less than [`CLOSE`].
    AlmostRight,
}

impl Tag {
    pub const ALL: [Self; 10] = [
        Self::VeryLong,
        Self::Cut,
        Self::Short,
        Self::Negation,
        Self::Question,
        Self::Numbers,
        Self::UnknownWords,
        Self::NoSimilar,
        Self::NeighboursDisagree,
        Self::AlmostRight,
    ];

    /// The name in JSON, in a saved table and in the words catalogue's selectors.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VeryLong => "very_long",
            Self::Cut => "cut",
            Self::Short => "short",
            Self::Negation => "negation",
            Self::Question => "question",
            Self::Numbers => "numbers",
            Self::UnknownWords => "unknown_words",
            Self::NoSimilar => "no_similar",
            Self::NeighboursDisagree => "neighbours_disagree",
            Self::AlmostRight => "almost_right",
        }
    }
}

/// A text of so many words is short.
pub const SHORT_WORDS: usize = 5;
/// With two labels the second choice is always the true one of a mistake, so that it counts as almost right only where
/// the probabilities are this near.
pub const CLOSE: f64 = 0.2;
/// The share of the rows that are very long.
pub const LONG_SHARE: f64 = 0.05;

/// English words that deny, in lower case; what ends in `n't` does so as well.
const DENYING: [&str; 14] = [
    "not", "no", "never", "none", "nobody", "nothing", "nowhere", "neither", "nor", "without", "hardly", "barely",
    "cannot", "cant",
];
/// Korean words that deny, and the beginnings of the verbs that do.
const DENYING_KOREAN: [&str; 4] = ["안", "못", "아니", "전혀"];
const DENYING_VERBS: [&str; 5] = ["않", "없", "못하", "못했", "아닙"];

/// A set of tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(u16);

impl Tags {
    pub const fn has(self, tag: Tag) -> bool {
        self.0 & (1 << tag as u16) != 0
    }

    #[must_use]
    pub const fn with(self, tag: Tag, is_on: bool) -> Self {
        if is_on { Self(self.0 | 1 << tag as u16) } else { self }
    }

    pub fn iter(self) -> impl Iterator<Item = Tag> {
        Tag::ALL.into_iter().filter(move |tag| self.has(*tag))
    }

    /// The tags that the words of a text alone decide.
    pub fn of_text(text: &str) -> Self {
        let words = || text.split_whitespace();
        Self::default()
            .with(Tag::Short, words().take(SHORT_WORDS + 1).count() <= SHORT_WORDS)
            .with(Tag::Negation, words().any(denies))
            .with(Tag::Question, text.contains(['?', '？', '؟']))
            .with(Tag::Numbers, text.chars().any(char::is_numeric))
    }

    /// The same tags, with those that an answer decides.
    #[must_use]
    pub fn of_answer(self, answer: &PredictedRow) -> Self {
        let is_second = !answer.is_correct() && answer.second_choice() == Some(answer.label);
        let is_close = answer.confidence() - answer.probability(answer.label) < CLOSE;
        self.with(Tag::AlmostRight, is_second && (answer.probabilities.len() > 2 || is_close))
    }
}

fn denies(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('’', "'");
    word.ends_with("n't")
        || DENYING.contains(&word.as_str())
        || DENYING_KOREAN.contains(&word.as_str())
        || DENYING_VERBS.iter().any(|verb| word.starts_with(verb))
}

/// The least number of tokens of a very long row: so many have at most a twentieth of the rows. Rows that are all alike
/// are not very long, and neither are few.
pub fn very_long_from(lengths: &[u32]) -> u32 {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable();
    let place = (lengths.len() as f64 * (1.0 - LONG_SHARE)).ceil() as usize;
    sorted.get(place).map_or(u32::MAX, |length| {
        // With many rows of this length, only longer ones are few enough.
        let is_few = sorted.partition_point(|other| other < length) >= place;
        if is_few { *length } else { *length + 1 }
    })
}

#[cfg(test)]
mod tests {
    use crate::domain::health::PartName;

    use super::*;

    #[test]
    fn tags_of_texts() {
        let tags = |text: &str| -> Vec<&str> { Tags::of_text(text).iter().map(Tag::name).collect() };
        assert_eq!(tags("a film of few words, but more than five"), Vec::<&str>::new());
        assert_eq!(tags("It isn’t good."), ["short", "negation"]);
        assert_eq!(tags("Why did they make 2 of these at all?"), ["question", "numbers"]);
        assert_eq!(tags("a knotty notion nobly noted by another normal hand"), Vec::<&str>::new());
        assert_eq!(tags("이 영화는 정말 하나도 재미가 없었다"), ["negation"]);
        assert_eq!(tags("이 영화를 안 본 사람은 정말 행복하다"), ["negation"]);
        assert_eq!(tags(""), ["short"]);
    }

    #[test]
    fn almost_right_is_a_mistake_that_nearly_was_none() {
        let tag = |label, probabilities: &[f64]| {
            let row = PredictedRow { row: 2, split: PartName::Test, label, probabilities: probabilities.to_vec() };
            Tags::default().of_answer(&row).has(Tag::AlmostRight)
        };
        assert!(tag(0, &[0.45, 0.55]) && !tag(0, &[0.1, 0.9]) && !tag(1, &[0.45, 0.55]));
        assert!(tag(0, &[0.1, 0.85, 0.05]) && !tag(2, &[0.1, 0.85, 0.05]));
    }

    #[test]
    fn very_long_are_at_most_a_twentieth() {
        let lengths: Vec<u32> = (1..=100).collect();
        let from = very_long_from(&lengths);
        assert_eq!(lengths.iter().filter(|length| **length >= from).count(), 5);
        assert_eq!(very_long_from(&[7; 50]), 8);
        assert_eq!(very_long_from(&[]), u32::MAX);
    }
}
