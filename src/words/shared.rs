//! What the window and the terminal both say, written once: names of freezings, how deep backward goes, verdicts.

use std::path::Path;

use super::numbers::durations;
use super::{Catalogue, Fill, Number, health};
use crate::domain::class_weights::in_a_line;
use crate::domain::config::Quoting;
use crate::domain::dataset::{DatasetSummary, LabelCount, MergedLabel, TableFormat};
use crate::domain::engine::Engine;
use crate::domain::freeze::Freeze;
use crate::domain::labels::{MatchedBy, MatchedLabel, in_a_list};
use crate::domain::message::TestEvaluated;
use crate::domain::meter::{Backward, Surprise, ranges};
use crate::domain::other_test::OtherTest;
use crate::domain::proof::FreezeProof;
use crate::domain::race::Strategy;
use crate::domain::reference::{Reference, ReferenceVerdict};
use crate::domain::stored::RunEntry;

/// The name of a file or folder without where it lies.
pub fn short_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Says which other ways to write a label were taken for it.
pub fn merged_label(words: &Catalogue, merged: &MergedLabel) -> String {
    let other =
        |other: &LabelCount| words.say_with("data-merged-other", &[("label", &other.label), ("count", &other.count)]);
    let others: Vec<String> = merged.others.iter().map(other).collect();
    words.say_with("data-merged-label", &[("label", &merged.label), ("others", &others.join(", "))])
}

/// Says how a table was read where that is not as almost all are.
pub fn reading(words: &Catalogue, data: &DatasetSummary) -> Vec<String> {
    let quoting = match data.quoting {
        Quoting::Double => None,
        Quoting::Backslash => Some(words.say("data-read-backslash")),
        Quoting::None => Some(words.say("data-read-unquoted")),
        Quoting::Single => Some(words.say("data-read-single")),
    };
    let header = data.headless.then(|| words.say("data-read-headless"));
    let pair = data.likely_pair.map(|pair| {
        let [first, second] = [pair.0, pair.1].map(|column| &data.columns[column]);
        let flags = format!("--text-column {} --second-text-column {}", in_shell(first), in_shell(second));
        let args: [(&str, &dyn Fill); 4] =
            [("first", first), ("second", second), ("read", &data.columns[data.text_column]), ("flags", &flags)];
        words.say_with("data-read-likely-pair", &args)
    });
    quoting.into_iter().chain(header).chain(pair).collect()
}

/// The columns of the texts by their names.
pub fn text_columns(data: &DatasetSummary) -> String {
    let first = &data.columns[data.text_column];
    let second = data.second_text_column.and_then(|second| data.columns.get(second));
    second.map_or_else(|| first.clone(), |second| format!("{first}” + “{second}"))
}

/// A name as it is typed in a terminal.
fn in_shell(name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    if is_plain { name.to_owned() } else { format!("\"{name}\"") }
}

/// How a data file was read: its kind where it is not an ordinary table, and its encoding or sheet.
pub fn format(words: &Catalogue, data: &DatasetSummary) -> String {
    let with_encoding = |id| words.say_with(id, &[("encoding", &data.encoding)]);
    match data.format {
        TableFormat::Delimited => data.encoding.clone(),
        TableFormat::JsonLines => with_encoding("format-json-lines"),
        TableFormat::Json => with_encoding("format-json"),
        TableFormat::FastText => with_encoding("format-fasttext"),
        TableFormat::Folder => with_encoding("format-folder"),
        TableFormat::Workbook => {
            words.say_with("format-sheet", &[("sheet", &data.sheet.as_deref().unwrap_or_default())])
        }
    }
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

/// The program that trained a run.
pub fn engine(words: &Catalogue, engine: Engine) -> String {
    engine.words().map_or_else(|| "Thaw".to_owned(), |id| words.say(id))
}

/// What people call a strategy of a race: by its freezing, or by its own name where it has one.
pub fn strategy_name(words: &Catalogue, strategy: &Strategy) -> String {
    match strategy.freeze {
        Freeze::Names(_) | Freeze::Plan(_) | Freeze::Timeline(_) if strategy.name != strategy.freeze.name() => {
            strategy.name.clone()
        }
        _ => freezing(words, &strategy.freeze),
    }
}

/// What people call the freezing of a run; nothing where its settings cannot be read.
pub fn freezing_of(words: &Catalogue, run: &RunEntry) -> String {
    match (Freeze::parse_name(&run.freeze), &*run.freeze) {
        (Some(freeze), _) => freezing(words, &freeze),
        (None, "") => String::new(),
        (None, "timeline") => words.say("freeze-timeline"),
        (None, _) => words.say("freeze-custom"),
    }
}

/// What a run is called: by its own name, else by what it is, such as "Preset 3 · 600 rows · movie_reviews".
pub fn run_name(words: &Catalogue, run: &RunEntry) -> String {
    if !run.name.is_empty() {
        return run.name.clone();
    }
    let data = Path::new(&run.data).file_stem().map_or(run.data.clone(), |stem| stem.to_string_lossy().into_owned());
    let rows = match (run.rows_per_class, run.rows) {
        (Some(rows), _) => Some(words.say_with("run-rows-per-class", &[("rows", &rows)])),
        (None, rows) => rows.map(|rows| words.say_with("run-rows", &[("rows", &rows)])),
    };
    // A race trains the same more than once, from other seeds.
    let seed =
        run.race.as_ref().and(run.seed).map(|seed| words.say_with("run-seed", &[("seed", &Number::Plain(seed))]));
    let parts = [Some(freezing_of(words, run)), rows, Some(data), seed];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Returns whether two runs have the same name, without writing it.
pub fn are_called_alike(a: &RunEntry, b: &RunEntry) -> bool {
    if !a.name.is_empty() || !b.name.is_empty() {
        return a.name == b.name;
    }
    let data = |run: &RunEntry| Path::new(&run.data).file_stem().map(ToOwned::to_owned);
    let rows = |run: &RunEntry| (run.rows_per_class, run.rows.filter(|_| run.rows_per_class.is_none()));
    let seed = |run: &RunEntry| run.race.as_ref().and(run.seed);
    let freezing = |run: &RunEntry| (Freeze::parse_name(&run.freeze), run.freeze.is_empty(), run.freeze == "timeline");
    freezing(a) == freezing(b) && rows(a) == rows(b) && seed(a) == seed(b) && data(a) == data(b)
}

/// Which label stands for which class of the model, and why; `None` where all have the same names.
pub fn label_match(words: &Catalogue, matched: &[MatchedLabel]) -> Option<String> {
    const SHOWN: usize = 20;
    let has = |by| matched.iter().any(|pair| pair.by == by);
    let id = match () {
        () if has(MatchedBy::Number) => "label-match-number",
        () if has(MatchedBy::Form) => "label-match-form",
        () if has(MatchedBy::Stated) => "label-match-stated",
        () => return None,
    };
    let pairs =
        matched.iter().take(SHOWN).map(|pair| format!("{} → {}", in_a_list(&pair.label), in_a_list(&pair.class)));
    let more = if matched.len() > SHOWN { ", …" } else { "" };
    Some(words.say_with(id, &[("pairs", &(pairs.collect::<Vec<_>>().join(", ") + more))]))
}

/// The same as a sentence of its own.
pub fn labels_are(words: &Catalogue, matched: &[MatchedLabel]) -> Option<String> {
    label_match(words, matched).map(|pairs| words.say_with("label-match-line", &[("pairs", &pairs)]))
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

/// Says that the model is no better than always giving one answer, where the test rows show no more. This comes before
/// all else that is said of a test.
pub fn at_chance(words: &Catalogue, test: &TestEvaluated) -> Option<String> {
    if !test.confusion.is_at_chance() {
        return None;
    }
    Some(chance(words, most_frequent(test), test.confusion.majority_accuracy()))
}

fn chance(words: &Catalogue, label: &str, majority: f64) -> String {
    words.say_with("verdict-chance", &[("label", &label), ("majority", &Number::Ratio(majority))])
}

/// Says why the numbers of a test on another file are worth less than they look; empty where nothing is known against them.
pub fn other_test_warnings(words: &Catalogue, test: &OtherTest) -> Vec<String> {
    let chance = test.at_chance().map(|most| chance(words, &most.label, most.share));
    let seen = health::seen_in_training(words, &test.found, test.rows as usize);
    chance.into_iter().chain(seen).collect()
}

/// The label that most test rows have.
pub fn most_frequent(test: &TestEvaluated) -> &str {
    let most = test.per_class.iter().rev().max_by_key(|class| class.support);
    most.map_or("", |class| class.label.as_str())
}

/// What the test gave with the frozen layers as they were held in training; `None` where they were as they are saved.
pub fn frozen_test(words: &Catalogue, test: &TestEvaluated) -> Option<String> {
    let frozen = test.frozen?;
    Some(words.say_with(
        "frozen-test-line",
        &[
            ("precision", &frozen.precision.name()),
            ("accuracy", &Number::Ratio(frozen.accuracy)),
            ("difference", &Number::Signed(frozen.difference * 100.0, 2)),
            ("changed", &frozen.changed),
        ],
    ))
}

/// Whether the model did better than counting words. Nothing good is said of a model that is at chance.
pub fn verdict(words: &Catalogue, reference: &Reference, test: &TestEvaluated) -> Option<String> {
    let id = match reference.verdict(test) {
        ReferenceVerdict::WordsAhead => "verdict-words-ahead",
        _ if test.confusion.is_at_chance() => return None,
        ReferenceVerdict::ModelAhead => "verdict-model-ahead",
        ReferenceVerdict::Undecided => "verdict-undecided",
    };
    Some(words.say_with(id, &[("words", &Number::Ratio(reference.bag_of_words.test_accuracy))]))
}

/// What the rows of each class counted in the loss; `None` where all counted the same.
pub fn class_weights(words: &Catalogue, labels: &[String], weights: &[f64]) -> Option<String> {
    const MOST: usize = 6;
    let weights = in_a_line(labels, weights, MOST);
    (!weights.is_empty()).then(|| words.say_with("class-weights-line", &[("weights", &weights)]))
}

/// A training time, and how much of it was taken over from other runs where that is more than next to nothing.
pub fn training_time(words: &Catalogue, secs: f64, shared_secs: f64) -> String {
    if shared_secs < 0.05 || shared_secs < 0.01 * secs {
        return words.write(Number::Clock(secs));
    }
    let [time, shared] = durations([secs, shared_secs]);
    words.say_with("time-shared", &[("time", &time), ("shared", &shared)])
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
pub fn guessed_secs(words: &Catalogue, guess: f64, train_secs: f64, shared_secs: f64) -> String {
    let truth = seconds(words, train_secs, shared_secs);
    words.say_with("guess-secs-line", &[("guess", &Number::Seconds(guess)), ("truth", &truth)])
}

/// The same as `training_time`, always in seconds, as people guess it.
pub fn seconds(words: &Catalogue, secs: f64, shared_secs: f64) -> String {
    let (time, shared) = (Number::Seconds(secs), Number::Seconds(shared_secs));
    if shared_secs < 0.05 || shared_secs < 0.01 * secs {
        return words.write(time);
    }
    words.say_with("time-shared", &[("time", &time), ("shared", &shared)])
}

/// "101 tensors unchanged bit for bit, 4 changed."
pub fn proof_totals(words: &Catalogue, proof: &FreezeProof) -> String {
    words.say_with("proof-totals", &[("unchanged", &proof.unchanged), ("changed", &proof.changed)])
}

#[cfg(test)]
mod tests {
    use crate::domain::stored::RunState;
    use crate::words::Language;

    use super::*;

    #[test]
    fn a_run_is_called_by_what_it_is_in_the_readers_language() {
        let mut run = RunEntry {
            dir: "runs/2026-11-24_150412-movie_reviews-3".into(),
            name: String::new(),
            note: String::new(),
            race: None,
            started: String::new(),
            data: "movie_reviews.csv".into(),
            rows: Some(1200),
            rows_per_class: None,
            seed: Some(43),
            engine: Engine::Thaw,
            model: String::new(),
            freeze: "3".into(),
            state: RunState::Completed,
            step: 0,
            total_steps: 0,
            test_accuracy: None,
            train_secs: None,
            has_model: false,
            can_resume: false,
            can_open: false,
            damage: Vec::new(),
        };
        let names = |run: &RunEntry| {
            [Language::English, Language::Korean].map(|language| run_name(&Catalogue::new(language), run))
        };
        assert_eq!(names(&run), ["Preset 3 · 1,200 rows · movie_reviews", "프리셋 3 · 1,200행 · movie_reviews"]);
        (run.rows_per_class, run.race, run.freeze) = (Some(8), Some("runs/race".into()), "timeline".into());
        let timeline = Catalogue::new(Language::English).say("freeze-timeline");
        assert_eq!(names(&run)[0], format!("{timeline} · 8 rows a class · movie_reviews · seed 43"));
        run.name = "the best one".into();
        assert_eq!(names(&run), ["the best one"; 2], "a name that its user gave wins");
    }
}
