//! What the window and the terminal both say, written once: names of freezings, how deep backward goes, verdicts.

use std::path::Path;

use super::{Catalogue, Number};
use crate::domain::freeze::Freeze;
use crate::domain::meter::{Backward, Surprise, ranges};
use crate::domain::proof::FreezeProof;
use crate::domain::reference::ReferenceVerdict;

/// The name of a file or folder without where it lies.
pub fn short_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// What people call a freezing.
pub fn freezing(words: &Catalogue, freeze: &Freeze) -> String {
    match freeze {
        Freeze::Preset1 => words.say("freeze-preset-1"),
        Freeze::Preset2 => words.say("freeze-preset-2"),
        Freeze::Preset3 => words.say("freeze-preset-3"),
        Freeze::Full => words.say("freeze-full"),
        Freeze::Top(k) => words.say_with("freeze-top", &[("k", k)]),
        Freeze::Biases => words.say("freeze-biases"),
        Freeze::Names(_) | Freeze::Plan(_) => words.say("freeze-custom"),
        Freeze::Timeline(_) => words.say("freeze-timeline"),
    }
}

/// How deep the backward pass goes.
pub fn backward(words: &Catalogue, backward: Backward) -> String {
    match backward {
        Backward::Nowhere => words.say("meter-backward-nowhere"),
        Backward::Head => words.say("meter-backward-head"),
        Backward::Layers { lowest, last } if lowest == last => {
            words.say_with("meter-backward-layer", &[("from", &lowest)])
        }
        Backward::Layers { lowest, last } => {
            words.say_with("meter-backward-layers", &[("from", &lowest), ("to", &last)])
        }
        Backward::Embeddings { .. } => words.say("meter-backward-all"),
    }
}

/// What surprises people about a freezing; `saved` is the share of the time that it saves, where that is known.
pub fn surprise(words: &Catalogue, surprise: &Surprise, saved: Option<f64>) -> String {
    match (surprise, saved) {
        (Surprise::FrozenAbove { frozen, .. }, _) => {
            words.say_with("meter-lesson-above", &[("frozen", &ranges(frozen))])
        }
        (Surprise::OnlySmallParts { .. }, Some(share)) => {
            words.say_with("meter-lesson-biases-saved", &[("share", &Number::Percent(share))])
        }
        (Surprise::OnlySmallParts { .. }, None) => words.say("meter-lesson-biases"),
    }
}

/// Whether the model did better than counting words, which reaches this accuracy.
pub fn verdict(words: &Catalogue, verdict: ReferenceVerdict, accuracy: f64) -> String {
    let id = match verdict {
        ReferenceVerdict::ModelAhead => "verdict-model-ahead",
        ReferenceVerdict::Undecided => "verdict-undecided",
        ReferenceVerdict::WordsAhead => "verdict-words-ahead",
    };
    words.say_with(id, &[("words", &Number::Ratio(accuracy))])
}

/// A guess of the test accuracy beside what came out.
pub fn guessed_accuracy(words: &Catalogue, guess: f64, accuracy: f64) -> String {
    words.say_with(
        "guess-accuracy-line",
        &[
            ("guess", &Number::Ratio(guess)),
            ("truth", &Number::Ratio(accuracy)),
            ("difference", &Number::Signed((accuracy - guess) * 100.0, 1)),
        ],
    )
}

/// A guess of the training time beside what came out.
pub fn guessed_secs(words: &Catalogue, guess: f64, train_secs: f64) -> String {
    let secs = [("guess", &Number::Seconds(guess) as _), ("truth", &Number::Seconds(train_secs) as _)];
    words.say_with("guess-secs-line", &secs)
}

/// "101 tensors unchanged bit for bit, 4 changed."
pub fn proof_totals(words: &Catalogue, proof: &FreezeProof) -> String {
    words.say_with("proof-totals", &[("unchanged", &proof.unchanged), ("changed", &proof.changed)])
}
