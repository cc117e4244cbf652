//! Names that people give to the two texts of a row. They only make it known that a second text is there: nothing is read from
//! it unless the user says so.

use super::plain;

/// Names of the first and of the second text.
const PAIRS: [(&str, &str); 26] = [
    ("premise", "hypothesis"),
    ("question", "sentence"),
    ("question", "answer"),
    ("question", "context"),
    ("question", "passage"),
    ("question", "paragraph"),
    ("query", "passage"),
    ("query", "document"),
    ("query", "answer"),
    ("query", "response"),
    ("query", "title"),
    ("text", "text_pair"),
    ("text", "hypothesis"),
    ("text", "second_text"),
    ("sentence", "sentence_pair"),
    ("claim", "evidence"),
    ("context", "response"),
    ("prompt", "response"),
    ("original", "paraphrase"),
    ("source", "target"),
    ("전제", "가설"),
    ("질문", "답변"),
    ("질문", "문장"),
    ("질문", "문단"),
    ("질의", "문서"),
    ("원문", "번역문"),
];
/// Ends of names that differ in nothing else.
const ENDS: [(&str, &str); 4] = [("1", "2"), ("a", "b"), ("first", "second"), ("one", "two")];

/// Each of so many columns at most is compared with each other one.
const MOST_COLUMNS: usize = 100;
/// What such names of texts begin with. Other columns may be numbered as well: `score1`, `id_a`.
const STEMS: &str = "text sentence sent question query premise statement title passage document paragraph utterance s q t \
    문장 텍스트 질문 문서 문단 발화";

/// How much two names tell of what their columns hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// They differ in their ends only.
    Ends,
    /// They are those of texts.
    Texts,
}

/// Whether names look like those of the first and of the second text of a row.
fn is_pair(first: &str, second: &str) -> Option<Likeness> {
    let (first, second) = (plain(first.trim()), plain(second.trim()));
    if PAIRS.iter().any(|(a, b)| *a == first && *b == second) {
        return Some(Likeness::Texts);
    }
    // Columns that are named a and b alone say nothing of what they hold.
    let stem = |(a, b): &(&str, &str)| {
        let stem = first.strip_suffix(a).filter(|stem| second.strip_suffix(b) == Some(stem))?;
        Some(stem.trim_end_matches('_')).filter(|stem| !stem.is_empty())
    };
    let is_of_text = |stem: &str| STEMS.split(' ').any(|known| known == stem);
    ENDS.iter().find_map(stem).map(|stem| if is_of_text(stem) { Likeness::Texts } else { Likeness::Ends })
}

/// The column that makes a pair with this one, before it or behind it.
pub(in crate::data) fn partner(columns: &[String], one: usize) -> Option<usize> {
    let pairs = pairs(columns).filter(|(_, first, second)| [*first, *second].contains(&one));
    best(pairs).map(|(first, second)| if first == one { second } else { first })
}

/// The first and the second column of a pair in which `label` is none. One with `text` in it comes before others.
pub(in crate::data) fn likely(columns: &[String], text: usize, label: usize) -> Option<(usize, usize)> {
    let of = |(likeness, first, second)| {
        let has_text = [first, second].contains(&text);
        ((likeness, has_text) != (Likeness::Ends, false)).then_some(((likeness, has_text), first, second))
    };
    best(pairs(columns).filter(|(_, first, second)| ![*first, *second].contains(&label)).filter_map(of))
}

/// All columns whose names look like a pair, among the first ones of a table that has very many.
fn pairs(columns: &[String]) -> impl Iterator<Item = (Likeness, usize, usize)> {
    let looked_at = columns.len().min(MOST_COLUMNS);
    let all = (0..looked_at).flat_map(move |first| (0..looked_at).map(move |second| (first, second)));
    all.filter_map(|(first, second)| Some((is_pair(&columns[first], &columns[second])?, first, second)))
}

/// The likeliest pair, the first one of several.
fn best<T: Ord>(pairs: impl Iterator<Item = (T, usize, usize)>) -> Option<(usize, usize)> {
    let best = pairs.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, first, second)| (first, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_by_their_usual_names() {
        for (header, text, expected) in [
            ("premise,hypothesis,label", 0, Some((0, 1))),
            ("label,hypothesis,premise", 1, Some((2, 1))),
            ("id,Sentence 1,Sentence 2,label", 1, Some((1, 2))),
            ("id,qid1,qid2,question1,question2,is_duplicate", 4, Some((3, 4))),
            ("question,sentence,label", 1, Some((0, 1))),
            ("query,passage,label", 1, Some((0, 1))),
            ("text_a,text_b,label", 0, Some((0, 1))),
            ("text,text_pair,label", 0, Some((0, 1))),
            ("문장1,문장2,레이블", 0, Some((0, 1))),
            ("전제,가설,레이블", 1, Some((0, 1))),
            ("a,b,label", 0, None),
            ("1,2,3", 0, None),
            ("text,label", 0, None),
            ("text1,label,text2", 0, Some((0, 2))),
            ("id1,id2,label,note", 3, None),
            ("label,sentence1,sentence2,explanation_1,explanation_2", 3, Some((1, 2))),
            ("label,review_1,review_2", 1, Some((1, 2))),
            ("premise,hypothesis,label,why", 3, Some((0, 1))),
        ] {
            let columns: Vec<String> = header.split(',').map(str::to_owned).collect();
            let label = columns.iter().position(|name| name.contains("label")).unwrap_or(columns.len());
            assert_eq!(likely(&columns, text, label), expected, "{header}");
        }
    }
}
