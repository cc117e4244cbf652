use crate::data::tokeniser::bundled_for_tests;
use crate::domain::config::ModelSource;
use crate::model::encoder::DropoutConfig;
use crate::model::pretrained::PretrainedModel;

use super::*;

struct Bed {
    classifier: Classifier,
    tokeniser: Tokeniser,
}

impl Bed {
    /// The bundled model with a head of random weights.
    fn new() -> Self {
        let pretrained = PretrainedModel::open(&ModelSource::Bundled).unwrap();
        let labels = ["bad", "good"].map(String::from);
        let trainable = vec![true; pretrained.tree(&labels).parameters.len()];
        let classifier = Classifier::new(&pretrained, &labels, &trainable, DropoutConfig::default(), 3).unwrap();
        Self { classifier: classifier.frozen().unwrap(), tokeniser: bundled_for_tests() }
    }

    fn with_cut(&self, max_length: usize) -> Explainer<'_> {
        Explainer { classifier: &self.classifier, tokeniser: &self.tokeniser, max_length }
    }
}

fn names(explained: &Explanation) -> Vec<(&str, usize, usize)> {
    explained.words.iter().map(|word| (word.word.as_str(), word.start, word.end)).collect()
}

#[test]
fn words_are_those_of_the_original_text_and_leaving_one_out_is_predicted() {
    let bed = Bed::new();
    let explainer = bed.with_cut(64);
    let row: RowTexts = " Unbelievably<br />good 영화😀".into();
    let explained = explainer.explain(&row, Depth::Deletions).unwrap();
    assert_eq!(names(&explained), [("Unbelievably", 1, 13), ("good", 19, 23), ("영화", 24, 26), ("😀", 26, 27)]);
    assert_eq!(explained.prediction.text, row.text);
    let label = |texts: &[RowTexts]| {
        let found = predict(&bed.classifier, &bed.tokeniser, 64, texts).unwrap();
        let of =
            |p: &Prediction| p.probabilities.iter().find(|(name, _)| *name == explained.prediction.label).unwrap().1;
        found.iter().map(of).collect::<Vec<_>>()
    };
    let without = label(&["Good 영화😀".into(), "Unbelievably 영화😀".into(), "unbelievably good 😀".into()]);
    for (word, p) in explained.words.iter().zip(without) {
        assert!((word.without.unwrap() - p).abs() < 1e-6, "{word:?} {p}");
    }
    assert!(explained.completeness_error < 0.05 && explained.steps >= 8, "{explained:?}");
    let counts: Vec<usize> = explained.deletions.iter().map(|deletion| deletion.words).collect();
    assert_eq!(counts, [1, 2, 3], "there are no five words");
    let best = explained.words.iter().max_by(|a, b| a.attribution.partial_cmp(&b.attribution).unwrap()).unwrap();
    assert!((explained.deletions[0].top - best.without.unwrap()).abs() < 1e-6);
    assert_eq!(explainer.explain(&row, Depth::Deletions).unwrap(), explained, "the draws have seeds");
}

#[test]
fn a_coarse_explanation_takes_few_steps_and_leaves_no_word_out() {
    let bed = Bed::new();
    let coarse = bed.with_cut(64).explain(&"a fine film".into(), Depth::Coarse).unwrap();
    assert_eq!((coarse.steps, coarse.deletions.len()), (COARSE_STEPS, 0));
    assert!(coarse.words.iter().all(|word| word.attribution.is_some() && word.without.is_none()));
}

#[test]
fn a_deeper_explanation_goes_on_from_the_coarse_one_and_comes_to_the_same() {
    let bed = Bed::new();
    let (explainer, row) = (bed.with_cut(64), RowTexts::from("a fine and moving film"));
    let mut found = explainer.deepen(None, &row, Depth::Coarse).unwrap();
    for depth in [Depth::Words, Depth::Deletions, Depth::Coarse] {
        found = explainer.deepen(Some(found), &row, depth).unwrap();
        let at_once = explainer.explain(&row, depth.max(found.explanation.depth)).unwrap();
        assert_eq!((found.explanation.depth, found.explanation.steps), (at_once.depth, at_once.steps));
        for (a, b) in found.explanation.words.iter().zip(&at_once.words) {
            assert!((a.attribution.unwrap() - b.attribution.unwrap()).abs() < 1e-4, "{a:?} {b:?}");
            assert_eq!(a.without, b.without);
        }
        assert_eq!(found.explanation.deletions, at_once.deletions);
    }
    assert_eq!(found.explanation.depth, Depth::Deletions, "what is known is not forgotten");
}

#[test]
fn words_beyond_the_cut_add_nothing_that_could_be_told() {
    let bed = Bed::new();
    let explained = bed.with_cut(5).explain(&"a fine film after all".into(), Depth::Words).unwrap();
    let told: Vec<bool> = explained.words.iter().map(|word| word.attribution.is_some()).collect();
    assert_eq!(told, [true, true, true, false, false]);
    assert_eq!(explained.words[4].without, Some(explained.probability()));
}

/// The label's probability for each of these rows, each predicted alone.
fn label_of(bed: &Bed, explained: &Explanation, max_length: usize, rows: &[RowTexts]) -> Vec<f64> {
    let of = |row: &RowTexts| {
        let found = predict(&bed.classifier, &bed.tokeniser, max_length, std::slice::from_ref(row)).unwrap();
        found[0].probabilities.iter().find(|(name, _)| *name == explained.prediction.label).unwrap().1
    };
    rows.iter().map(of).collect()
}

#[test]
fn an_unread_word_that_kept_two_apart_is_predicted_without() {
    let bed = Bed::new();
    let explained = bed.with_cut(5).explain(&"a fine un!believable was".into(), Depth::Words).unwrap();
    let told: Vec<(&str, bool)> =
        explained.words.iter().map(|word| (&*word.word, word.attribution.is_some())).collect();
    let expected = [("a", true), ("fine", true), ("un", true), ("!", false), ("believable", false), ("was", false)];
    assert_eq!(told, expected);
    let glued = label_of(&bed, &explained, 5, &["a fine unbelievable was".into()])[0];
    assert!((glued - explained.probability()).abs() > 1e-6, "the glued word is another one");
    assert!((explained.words[3].without.unwrap() - glued).abs() < 1e-6);
    assert!(explained.words[4..].iter().all(|word| word.without == Some(explained.probability())));
}

#[test]
fn an_unread_word_that_decides_which_text_is_longer_is_predicted_without() {
    let bed = Bed::new();
    let pair = |text: &str, second: &str| RowTexts { text: text.into(), second: Some(second.into()) };
    // Five tokens stay of four and five: two of the first text and three of the second.
    let row = pair("a fine good film", "one two three four five");
    let explained = bed.with_cut(8).explain(&row, Depth::Words).unwrap();
    let unread: Vec<&ExplainedWord> = explained.words.iter().filter(|word| word.attribution.is_none()).collect();
    let names: Vec<&str> = unread.iter().map(|word| &*word.word).collect();
    assert_eq!(names, ["good", "film", "four", "five"]);
    let without = [
        pair("a fine film", "one two three four five"),
        pair("a fine good", "one two three four five"),
        pair("a fine good film", "one two three five"),
        pair("a fine good film", "one two three four"),
    ];
    for (word, p) in unread.iter().zip(label_of(&bed, &explained, 8, &without)) {
        assert!((word.without.unwrap() - p).abs() < 1e-6, "{word:?} {p}");
    }
    let shorter = pair("a fine good film too", "one two three four five");
    let explained = bed.with_cut(8).explain(&shorter, Depth::Words).unwrap();
    let moved = label_of(&bed, &explained, 8, &[pair("a fine good film too", "one two three four")])[0];
    assert!((moved - explained.probability()).abs() > 1e-6, "the odd token goes to the first text");
    assert!((explained.words.last().unwrap().without.unwrap() - moved).abs() < 1e-6);
}

#[test]
fn a_word_of_which_nothing_is_left_counts_as_read() {
    let bed = Bed::new();
    for text in ["a fine film \u{200b}", "\u{feff} a fine film", "\u{200b}", "a \u{200b} film"] {
        let explained = bed.with_cut(64).explain(&text.into(), Depth::Words).unwrap();
        assert!(explained.words.iter().all(|word| word.attribution.is_some()), "{text:?} {:?}", explained.words);
    }
    let cut = bed.with_cut(5).explain(&"\u{feff} a fine film after all \u{200b}".into(), Depth::Words).unwrap();
    let told: Vec<bool> = cut.words.iter().map(|word| word.attribution.is_some()).collect();
    assert_eq!(told, [true, true, true, true, false, false, false]);
}

#[test]
fn both_texts_of_a_pair_have_words() {
    let bed = Bed::new();
    let row = RowTexts { text: "a fine film".into(), second: Some("good".into()) };
    let explained = bed.with_cut(64).explain(&row, Depth::Deletions).unwrap();
    let of_second: Vec<bool> = explained.words.iter().map(|word| word.is_second).collect();
    assert_eq!(of_second, [false, false, false, true]);
    assert_eq!(names(&explained)[3], ("good", 0, 4));
    assert!(explained.words.iter().all(|word| word.attribution.is_some()));
}

#[test]
fn a_text_without_words_has_nothing_to_explain() {
    let bed = Bed::new();
    for text in ["", " <br /> "] {
        let explained = bed.with_cut(64).explain(&text.into(), Depth::Deletions).unwrap();
        assert!(explained.words.is_empty() && explained.deletions.is_empty());
        assert_eq!((explained.completeness_error, explained.steps), (0.0, 0));
    }
}

#[test]
fn each_head_of_a_layer_spreads_one_over_the_tokens() {
    let bed = Bed::new();
    let map = bed.with_cut(64).attention(&"a fine film".into(), 2).unwrap();
    assert_eq!(map.tokens, ["[CLS]", "a", "fine", "film", "[SEP]"]);
    assert_eq!((map.layers, map.heads, map.weights.len()), (6, 12, 12 * 25));
    for from in 0..5 {
        assert!((map.row(Some(7), from).iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
    assert!(bed.with_cut(64).attention(&"a".into(), 6).is_err());
}
