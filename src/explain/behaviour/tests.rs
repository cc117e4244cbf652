use std::path::Path;

use super::*;

fn labels() -> Vec<String> {
    vec!["negative".to_owned(), "positive".to_owned()]
}

fn rows() -> Vec<RowTexts> {
    let texts = [
        "The film is a delight from start to finish.",
        "The film is dull and it goes on for hours.",
        "John gives the best of his work in London.",
    ];
    texts.map(RowTexts::from).to_vec()
}

/// A model that answers by a single word.
fn model(word: &'static str) -> impl Fn(&[RowTexts]) -> Outcome<Vec<Prediction>> {
    move |rows| {
        let answer = |row: &RowTexts| {
            let found = row.text.to_lowercase().contains(word);
            let [no, yes] = ["negative", "positive"].map(str::to_owned);
            let (text, label) = (row.text.clone(), if found { no.clone() } else { yes.clone() });
            let p = if found { 0.9 } else { 0.2 };
            Prediction { text, second: None, label, probabilities: vec![(no, p), (yes, 1.0 - p)], pieces: Vec::new() }
        };
        Ok(rows.iter().map(answer).collect())
    }
}

fn test<'b>(behaviour: &'b Behaviour, name: &str) -> &'b BehaviourTest {
    behaviour.tests.iter().find(|test| test.test == name).unwrap()
}

#[test]
fn a_model_that_reads_not_passes_and_one_that_does_not_fails() {
    let plan = Plan::of(&rows(), &labels(), None).unwrap();
    let reads = plan.check(model(" not ")).unwrap();
    let negation = test(&reads, "negation");
    assert_eq!((negation.cases, negation.failures, negation.expects.clone()), (2, 0, Expects::Other));
    let template = test(&reads, "template-negation");
    assert_eq!((template.cases, template.failures), (48, 0), "eight things, six words of praise");
    assert_eq!(test(&reads, "case").failures, 0);
    assert_eq!((test(&reads, "names").cases, test(&reads, "places").cases), (1, 1));

    let blind = plan.check(model("dull")).unwrap();
    let negation = test(&blind, "negation");
    assert_eq!((negation.cases, negation.failures, negation.rate()), (2, 2, Some(1.0)));
    let surest = &negation.examples[0];
    assert_eq!(surest.after, "The film is not dull and it goes on for hours.");
    assert_eq!((surest.was.as_str(), surest.became.as_str()), ("negative", "negative"));
    assert_eq!(test(&blind, "template-negation").failures, 48);
}

/// A change that means nothing must not change the answer: a model that reads names or full stops fails.
#[test]
fn what_means_nothing_must_change_nothing() {
    let plan = Plan::of(&rows(), &labels(), None).unwrap();
    let by_name = plan.check(model("john")).unwrap();
    let names = test(&by_name, "names");
    assert_eq!((names.cases, names.failures), (1, 1));
    assert_eq!((names.examples[0].was.as_str(), names.examples[0].became.as_str()), ("negative", "positive"));
    let by_stop = plan.check(model(".")).unwrap();
    assert_eq!((test(&by_stop, "punctuation").cases, test(&by_stop, "punctuation").failures), (3, 3));
    let again = Plan::of(&rows(), &labels(), None).unwrap();
    assert_eq!(again.tests, plan.tests, "all runs are asked the same");
}

#[test]
fn tests_that_do_not_apply_have_no_cases() {
    let korean = ["정말 재미있는 영화", "지루하다"].map(RowTexts::from);
    let plan = Plan::of(&korean, &labels(), None).unwrap();
    let found = plan.check(model("영화")).unwrap();
    let cases = |name| test(&found, name).cases;
    assert_eq!(["negation", "names", "places", "case", "typos"].map(cases), [0; 5]);
    assert_eq!(["punctuation", "neutral-words", "template-negation"].map(cases), [2, 2, 48]);
    assert_eq!((found.language, test(&found, "negation").rate()), (TextLanguage::Korean, None));
    let asked = &test(&found, "template-negation").examples[0];
    assert!(asked.after.ends_with("다고 할 수 없다."), "{asked:?}");
    let german = ["Ein guter Film", "Ganz nett"].map(RowTexts::from);
    let found = Plan::of(&german, &labels(), None).unwrap().check(model("gut")).unwrap();
    let cases = |name| test(&found, name).cases;
    assert_eq!((["neutral-words", "template-negation"].map(cases), found.language), ([0; 2], TextLanguage::Other));

    let topics = ["ham".to_owned(), "spam".to_owned()];
    let plan = Plan::of(&rows(), &topics, None).unwrap();
    let found = plan.check(model("dull")).unwrap();
    assert_eq!((test(&found, "negation").cases, test(&found, "typos").cases), (0, 3), "a topic is not turned by “not”");
    let mut pairs = rows();
    pairs.iter_mut().for_each(|row| row.second = Some("Really?".into()));
    let found = Plan::of(&pairs, &labels(), None).unwrap().check(model("dull")).unwrap();
    assert_eq!((test(&found, "negation").cases, test(&found, "typos").cases), (0, 3));
}

#[test]
fn templates_of_ones_own_come_behind_the_programs() {
    let text = r#"
        [words]
        thing = ["soup", "bread"]

        [[template]]
        test = "food"
        before = "The {thing} was {good}."
        label = "positive"

        [[template]]
        test = "spelling"
        before = "The {thing} has color."
        after = "The {thing} has colour."
        expects = "same"
    "#;
    let own = Sheet::read(text, Path::new("own.toml")).unwrap();
    let found = Plan::of(&rows(), &labels(), Some(&own)).unwrap().check(model("soup")).unwrap();
    let food = test(&found, "food");
    assert_eq!((food.cases, food.failures), (12, 6), "the program's six words of praise for two things");
    let example = &food.examples[0];
    assert!(example.before == example.after && example.before.starts_with("The soup was"), "{example:?}");
    assert_eq!((example.was.as_str(), example.became.as_str()), ("positive", "negative"));
    assert_eq!((test(&found, "spelling").cases, test(&found, "spelling").failures), (2, 0));

    let topics = ["ham".to_owned(), "spam".to_owned()];
    assert_eq!(Plan::of(&rows(), &topics, Some(&own)).unwrap_err().id, "check-label-unknown");
    let refusal = |text: &str| Sheet::read(text, Path::new("own.toml")).unwrap_err().id.into_owned();
    assert_eq!(refusal("[[template]]\ntest = \"a\"\nbefore = \"{dish}\"\nlabel = \"x\""), "check-blank-unknown");
    for open in ["A {thing b", "A {thing is {good}", "A {thing} is {"] {
        let text = format!("[[template]]\ntest = \"a\"\nbefore = \"{open}\"\nlabel = \"x\"");
        assert_eq!(refusal(&text), "check-blank-open", "{open}");
    }
    assert_eq!(refusal("[[template]]\ntest = \"a\"\nbefore = \"b\""), "check-template-unclear");
    assert_eq!(refusal("[[template]]\ntest = 3"), "check-file-unreadable");
    assert_eq!(refusal("a,b\n1,2"), "check-file-unreadable");
    assert_eq!(refusal(""), "check-file-unreadable");
}
