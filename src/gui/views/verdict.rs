//! A verdict sets a result beside what else could have been expected: a bag of words, and the user's guess.

use crate::app::state::AppState;
use crate::domain::message::TestEvaluated;
use crate::domain::reference::Reference;
use crate::words::{Catalogue, Number, shared};

/// Returns the reference lines of the run that is shown. While it has none, they are those of the data at hand if the
/// run uses the same data.
pub fn reference(state: &AppState) -> Option<&Reference> {
    let ahead = || {
        state.train.reference.as_ref().filter(|(data, _)| *data == state.run.shown.config.data).map(|(_, known)| known)
    };
    state.run.shown.history.reference.as_ref().or_else(ahead)
}

/// Returns a few sentences about a test, which stand below its numbers. Often there are none.
pub fn lines(state: &AppState, test: &TestEvaluated, words: &Catalogue) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(reference) = reference(state) {
        lines.push(shared::verdict(words, reference.verdict(test), reference.bag_of_words.test_accuracy));
    }
    let config = &state.run.shown.config;
    let guess = config.guess.unwrap_or_default();
    lines.extend(guess.accuracy.map(|guess| shared::guessed_accuracy(words, guess, test.accuracy)));
    if let (Some(guess), Some(ended)) = (guess.secs, &state.run.shown.history.ended) {
        let line = shared::guessed_secs(words, guess, ended.train_secs);
        lines.push(match config.estimated_secs {
            Some(own) => {
                let own = words.say_with("guess-own-line", &[("secs", &Number::Seconds(own))]);
                format!("{line} {own}")
            }
            None => line,
        });
    }
    lines
}
