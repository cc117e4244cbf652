//! A verdict sets a result beside what else could have been expected: a bag of words, and the user's guess.

use crate::app::state::AppState;
use crate::domain::config::DataConfig;
use crate::domain::message::TestEvaluated;
use crate::domain::reference::Reference;
use crate::words::{Catalogue, Number, health, shared};

/// Returns the reference lines of the run that is shown. While it has none, they are those of the data at hand if the
/// run uses the same data.
pub fn reference(state: &AppState) -> Option<&Reference> {
    let run = &state.run.shown;
    let is_same = |data: &DataConfig| run.history.trainer.is_none() && *data == run.config.data;
    let ahead = || state.train.reference.as_ref().filter(|(data, _)| is_same(data)).map(|(_, known)| known);
    state.run.shown.history.reference.as_ref().or_else(ahead)
}

/// Returns a few sentences about a test, which stand below its numbers. Often there are none.
pub fn lines(state: &AppState, test: &TestEvaluated, words: &Catalogue) -> Vec<String> {
    let started = state.run.shown.history.started.as_ref();
    let seen = health::seen_in_training(words, state.run.shown.history.findings(), test.confusion.rows() as usize);
    let mut lines: Vec<String> = seen.into_iter().chain(shared::at_chance(words, test)).collect();
    lines.extend(started.and_then(|started| shared::labels_are(words, &started.label_match)));
    lines.extend(shared::frozen_test(words, test));
    let config = &state.run.shown.config;
    let guess = config.guess.unwrap_or_default();
    lines.extend(guess.accuracy.map(|guess| shared::guessed_accuracy(words, guess, test.accuracy)));
    // What is known last stands last, so that it moves nothing: the reference lines, and the time.
    lines.extend(reference(state).and_then(|reference| shared::verdict(words, reference, test)));
    if let (Some(guess), Some(ended)) = (guess.secs, &state.run.shown.history.ended) {
        let line = shared::guessed_secs(words, guess, ended.train_secs, ended.shared_secs);
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

/// Returns how many sentences more there may be once the reference lines are fitted and the run has ended. They come after
/// the test's numbers.
pub fn coming(state: &AppState, test: &TestEvaluated, words: &Catalogue) -> usize {
    let run = &state.run.shown;
    let has_reference = reference(state).is_some_and(|reference| shared::verdict(words, reference, test).is_some());
    let waits_for_reference = !has_reference && (run.history.ended.is_none() || run.history.reference.is_some());
    let guesses_secs = run.config.guess.is_some_and(|guess| guess.secs.is_some());
    usize::from(waits_for_reference) + usize::from(guesses_secs && run.history.ended.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metrics::Confusion;
    use crate::domain::reference::{BagOfWords, Majority};
    use crate::words::Language;

    fn lines_of(confusion: [[u64; 2]; 2], words_accuracy: f64) -> Vec<String> {
        let labels: Vec<String> = ["bad", "good"].map(String::from).to_vec();
        let confusion = Confusion::try_from(Vec::from(confusion.map(Vec::from))).unwrap();
        let test = TestEvaluated {
            accuracy: confusion.accuracy(),
            macro_f1: confusion.macro_f1(),
            loss: 0.69,
            per_class: confusion.per_class(&labels),
            confusion,
            labels,
            frozen: None,
        };
        let majority = Majority { label: "bad".into(), validation_accuracy: 0.5, test_accuracy: 0.5 };
        let bag_of_words = BagOfWords {
            validation_accuracy: 0.5,
            test_accuracy: words_accuracy,
            test_macro_f1: 0.5,
            features: 10,
            train_rows: 10,
            c: 1.0,
        };
        let mut state = AppState::default();
        state.run.shown.history.reference = Some(Reference { majority, bag_of_words });
        lines(&state, &test, &Catalogue::new(Language::English))
    }

    /// 63 of 120 are right: 0.525 beside a majority of 0.500, with an interval from 0.436 to 0.612.
    #[test]
    fn chance_is_told_before_anything_else() {
        let at_chance = [[33, 27], [30, 30]];
        for words_accuracy in [0.40, 0.55] {
            let told = lines_of(at_chance, words_accuracy);
            assert!(told.len() == 1 && told[0].starts_with("No better than chance"), "nothing good is said: {told:?}");
            assert!(told[0].contains("“bad” reaches 0.5000"), "{told:?}");
        }
        let told = lines_of(at_chance, 0.7);
        assert!(
            told.len() == 2 && told[0].starts_with("No better") && told[1].starts_with("Counting words"),
            "{told:?}"
        );
        let told = lines_of([[50, 10], [20, 40]], 0.55);
        assert!(told.len() == 1 && told[0].starts_with("Better than counting words"), "{told:?}");
    }
}
