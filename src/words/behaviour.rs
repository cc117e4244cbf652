//! Behaviour tests in words: the same in the window and in the terminal.

use super::Catalogue;
use crate::domain::behaviour::{Behaviour, BehaviourTest, Expects, TextLanguage};

/// Says what a test does to a text. A test of the user's own goes by its name.
pub fn test(words: &Catalogue, test: &BehaviourTest) -> String {
    words.say(match test.test.as_str() {
        "negation" => "check-negation",
        "typos" => "check-typos",
        "punctuation" => "check-punctuation",
        "case" => "check-case",
        "names" => "check-names",
        "places" => "check-places",
        "neutral-words" => "check-neutral-words",
        "template-negation" => "check-template-negation",
        "template-opposite" => "check-template-opposite",
        "template-same" => "check-template-same",
        own => return own.to_owned(),
    })
}

/// Says what the label must do.
pub fn expected(words: &Catalogue, expects: &Expects) -> String {
    match expects {
        Expects::Same => words.say("check-same"),
        Expects::Other => words.say("check-other"),
        Expects::Label(label) => words.say_with("check-label", &[("label", label)]),
    }
}

/// Why some tests have no cases.
pub fn why_without_cases(words: &Catalogue, found: &Behaviour) -> Vec<String> {
    let whys = [
        (found.language == TextLanguage::Korean, "check-why-korean"),
        (found.language == TextLanguage::Other, "check-why-other-language"),
        (!found.has_opinions, "check-why-no-opinions"),
    ];
    whys.into_iter().filter(|(applies, _)| *applies).map(|(_, id)| words.say(id)).collect()
}
