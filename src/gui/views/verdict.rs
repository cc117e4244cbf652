//! A verdict sets a result beside what else could have been expected: a bag of words, and the user's guess.

use crate::app::format;
use crate::app::state::AppState;
use crate::domain::message::TestEvaluated;
use crate::domain::reference::{Reference, ReferenceVerdict};
use crate::words::Catalogue;

/// Returns the reference lines of the run that is shown. While it has none, they are those of the data at hand if the
/// run uses the same data.
pub fn reference(state: &AppState) -> Option<&Reference> {
    let ahead = || state.reference.as_ref().filter(|(data, _)| *data == state.run.config.data).map(|(_, known)| known);
    state.run.history.reference.as_ref().or_else(ahead)
}

/// Returns a few sentences about a test, which stand below its numbers. Often there are none.
pub fn lines(state: &AppState, test: &TestEvaluated, words: &Catalogue) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(reference) = reference(state) {
        let id = match reference.verdict(test) {
            ReferenceVerdict::ModelAhead => "verdict-model-ahead",
            ReferenceVerdict::Undecided => "verdict-undecided",
            ReferenceVerdict::WordsAhead => "verdict-words-ahead",
        };
        lines.push(words.say_with(id, &[("words", &format::ratio(reference.bag_of_words.test_accuracy))]));
    }
    let config = &state.run.config;
    if let Some(guess) = config.guess {
        let points = (test.accuracy - guess.accuracy) * 100.0;
        let accuracy = [
            ("guess", &format::ratio(guess.accuracy) as &dyn std::fmt::Display),
            ("truth", &format::ratio(test.accuracy)),
            ("difference", &format!("{points:+.1}")),
        ];
        lines.push(words.say_with("guess-accuracy-line", &accuracy));
        if let Some(ended) = &state.run.history.ended {
            let secs = [
                ("guess", &format::seconds(guess.secs) as &dyn std::fmt::Display),
                ("truth", &format::seconds(ended.train_secs)),
            ];
            let line = words.say_with("guess-secs-line", &secs);
            lines.push(match config.estimated_secs {
                Some(own) => {
                    let own = words.say_with("guess-own-line", &[("secs", &format::seconds(own))]);
                    format!("{line} {own}")
                }
                None => line,
            });
        }
    }
    lines
}
