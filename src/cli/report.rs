//! A run for reading: what it is, its epochs, its test.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr as _;

use crate::domain::coach::advise;
use crate::domain::config::{FinalWeights, RunConfig, Schedule};
use crate::domain::dataset::{DatasetSummary, Skipped};
use crate::domain::freeze::Freeze;
use crate::domain::health::Found;
use crate::domain::history::History;
use crate::domain::labels::MatchedLabel;
use crate::domain::message::{EpochEnded, RunEnded, RunOutcome, RunStarted, StageStarted, TestEvaluated};
use crate::domain::metrics::{ClassReport, Mistake, wilson_interval, worst_first};
use crate::domain::params::{HeadStart, ParamTree};
use crate::domain::problem::Problem;
use crate::domain::reference::Reference;
use crate::words::numbers::{clock, count, ratio};
use crate::words::{Catalogue, Fill, Number, health, shared};

use super::output::Output;
use super::table::{Table, cut_name, pad_left, pad_right, shorten};

/// A label may take so many cells of a table.
const LABEL_WIDTH: usize = 24;
/// A matrix of more classes is wider than a terminal.
const MOST_MATRIX_CLASSES: usize = 20;
/// Among more classes than that, so many pairs of a true and a predicted class are listed that were confused most often, and
/// the matrix is of so many classes.
const WORST_PAIRS: usize = 10;
const MOST_CONFUSED: usize = 10;

/// The settings of the run, as they are printed before its first epoch.
pub fn beginning(
    words: &Catalogue,
    config: &RunConfig,
    summary: Option<&DatasetSummary>,
    tree: Option<&ParamTree>,
    started: &RunStarted,
) -> String {
    let mut lines = Vec::new();
    let mut line = |id, text| lines.push((words.say(id), text));
    if let Some(summary) = summary {
        let shown = summary.labels.iter().take(MOST_MATRIX_CLASSES);
        let labels: Vec<String> =
            shown.map(|l| format!("{} {}", shorten(&l.label, LABEL_WIDTH), count(l.count))).collect();
        let text = words.say_with(
            "cli-data-line",
            &[
                ("name", &summary.name),
                ("rows", &summary.rows),
                ("classes", &summary.labels.len()),
                ("labels", &labels.join(", ")),
                ("text", &shared::text_columns(summary)),
                ("label", &summary.columns[summary.label_column]),
                ("encoding", &shared::format(words, summary)),
            ],
        );
        line("cli-data", text);
    }
    let split = words.say_with(
        "cli-split-line",
        &[("train", &started.train_rows), ("validation", &started.validation_rows), ("test", &started.test_rows)],
    );
    line("cli-split", split);
    if let Some(tree) = tree {
        let facts = &tree.facts;
        let model = words.say_with(
            "cli-model-line",
            &[
                ("name", &facts.name),
                ("layers", &facts.layers),
                ("hidden", &facts.hidden_size),
                ("heads", &facts.heads),
            ],
        );
        line("cli-model", model);
        let (precision, frozen) = (started.precision, started.frozen_precision);
        if !precision.is_default() || !frozen.is_default() {
            let names: [(_, &dyn Fill); 2] = [("precision", &precision.name()), ("frozen", &frozen.name())];
            line("cli-precision", words.say_with("cli-precision-line", &names));
        }
        if let Some(head) = head(words, tree, started.head) {
            line("cli-head", head);
        }
        if let Some(matched) = labels(words, &started.label_match) {
            line("cli-labels", matched);
        }
    }
    let mut freezing = words.say_with(
        "cli-freeze-line",
        &[
            ("name", &config.freeze.name()),
            ("trainable", &started.trainable),
            ("total", &(started.trainable + started.frozen)),
            ("share", &share(started.trainable, started.frozen)),
        ],
    );
    if let Some(note) = tree.and_then(|tree| no_pooler(words, tree, &config.freeze)) {
        freezing += &format!(". {note}");
    }
    line("cli-freeze", freezing);
    line("cli-training", training(words, config));
    if let Some(weights) = shared::class_weights(words, &started.labels, &started.class_weights) {
        line("cli-class-weights", weights);
    }
    in_columns(&lines)
}

/// Names with what they are, each on a line.
pub fn named_lines(words: &Catalogue, lines: &[(&'static str, String)]) -> String {
    in_columns(&lines.iter().map(|(id, line)| (words.say(id), line.clone())).collect::<Vec<_>>())
}

fn in_columns(lines: &[(String, String)]) -> String {
    let widest = lines.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    lines.iter().map(|(name, line)| format!("{}  {line}\n", pad_right(name, widest))).collect()
}

/// The share of the numbers that train.
pub fn share(trainable: usize, frozen: usize) -> Number {
    Number::FinePercent(trainable as f64 / (trainable + frozen).max(1) as f64)
}

/// The line that says which stage of the plan begins.
pub fn stage(words: &Catalogue, stage: &StageStarted) -> String {
    words.say_with(
        "cli-stage",
        &[
            ("stage", &stage.stage),
            ("stages", &stage.stages),
            ("epoch", &stage.epoch),
            ("trainable", &stage.trainable),
            ("total", &(stage.trainable + stage.frozen)),
            ("share", &share(stage.trainable, stage.frozen)),
        ],
    )
}

/// The line that says what became of the model's own head, if it has one.
fn head(words: &Catalogue, tree: &ParamTree, start: HeadStart) -> Option<String> {
    let labels = tree.facts.head_labels.as_ref()?;
    let shown: Vec<String> = labels.iter().take(MOST_MATRIX_CLASSES).map(|label| shorten(label, LABEL_WIDTH)).collect();
    let id = match start {
        HeadStart::New => return None,
        HeadStart::Kept => "cli-head-kept",
        HeadStart::Replaced => "cli-head-replaced",
    };
    Some(words.say_with(id, &[("labels", &shown.join(", "))]))
}

/// The line that says which label was taken for which class; `None` where all have the same names.
pub fn labels(words: &Catalogue, matched: &[MatchedLabel]) -> Option<String> {
    let line = shared::label_match(words, matched)?;
    let is_guess = matched.iter().any(|pair| pair.by.is_guess());
    Some(if is_guess { line + &words.say("cli-label-map-states") } else { line })
}

/// Says on standard error which label was taken for which class, unless all have the same names.
pub fn note_labels(output: &Output, tree: &ParamTree) {
    if let Some(line) = labels(&output.words, &tree.facts.matched) {
        output.note("cli-note", &format!("{}  {line}", output.words.say("cli-labels")));
    }
}

/// The line that says that a freezing asks for a pooler, where the model has none.
pub fn no_pooler(words: &Catalogue, tree: &ParamTree, freeze: &Freeze) -> Option<String> {
    freeze.is_preset_1_here(tree).then(|| words.say_with("cli-freeze-no-pooler", &[("name", &freeze.name())]))
}

fn training(words: &Catalogue, config: &RunConfig) -> String {
    let t = &config.training;
    let schedule = words.say(match t.schedule {
        Schedule::Linear => "cli-schedule-linear",
        Schedule::Constant => "cli-schedule-constant",
        Schedule::Cosine => "cli-schedule-cosine",
    });
    let mut line = words.say_with(
        "cli-training-line",
        &[
            ("epochs", &t.epochs),
            ("batch", &t.batch_text()),
            ("rate", &Number::LearningRate(config.learning_rate())),
            ("schedule", &schedule),
            ("length", &t.max_length),
            ("seed", &Number::Plain(t.seed)),
        ],
    );
    if t.keep == FinalWeights::Best {
        line += &words.say("cli-training-best");
    }
    if let Some(patience) = t.patience {
        line += &words.say_with("cli-training-patience", &[("epochs", &patience)]);
    }
    line
}

/// One epoch's row of a table, with its header where that is still to be printed.
pub fn epoch(words: &Catalogue, epoch: &EpochEnded, has_header: bool) -> String {
    let columns = [
        ("cli-epoch-epoch", epoch.epoch.to_string()),
        ("cli-epoch-train-loss", ratio(epoch.train_loss)),
        ("cli-epoch-train-accuracy", ratio(epoch.train_accuracy)),
        ("cli-epoch-validation-loss", ratio(epoch.validation_loss)),
        ("cli-epoch-validation-accuracy", ratio(epoch.validation_accuracy)),
        ("cli-epoch-speed", format!("{:.0}", epoch.rows_per_sec)),
        ("cli-epoch-time", clock(epoch.elapsed_secs)),
    ];
    let (mut header, mut row) = (Vec::new(), Vec::new());
    for (id, cell) in columns {
        let name = words.say(id);
        // The rows come one by one, so the columns cannot wait for their widest cell.
        let cells = name.width().max(7);
        row.push(pad_left(&cell, cells));
        header.push(pad_left(&name, cells));
    }
    if has_header { format!("{}\n{}", header.join("  "), row.join("  ")) } else { row.join("  ") }
}

/// Accuracy with its interval, the measures of each class, and the confusion matrix; before all of them how much of the test
/// the model has `met` in training. The text begins with an empty line.
pub fn test(words: &Catalogue, test: &TestEvaluated, met: &[Found]) -> String {
    let (low, high) = wilson_interval(test.confusion.correct(), test.confusion.rows());
    let headline = words.say_with(
        "cli-test-line",
        &[
            ("rows", &test.confusion.rows()),
            ("accuracy", &Number::Ratio(test.accuracy)),
            ("low", &Number::Ratio(low)),
            ("high", &Number::Ratio(high)),
            ("majority", &Number::Ratio(test.confusion.majority_accuracy())),
            ("label", &cut_name(shared::most_frequent(test), LABEL_WIDTH)),
            ("f1", &Number::Ratio(test.macro_f1)),
            ("loss", &Number::Ratio(test.loss)),
        ],
    );
    let seen = health::seen_in_training(words, met, test.confusion.rows() as usize);
    let headline = headline + &seen.map(|line| format!("\n{line}")).unwrap_or_default();
    let say = |id| words.say(id);
    let classes = |classes: &[&ClassReport]| {
        Table::of(classes.iter().copied())
            .left(say("cli-class-label"), |class| cut_name(&class.label, LABEL_WIDTH))
            .right(say("cli-class-precision"), |class| ratio(class.precision))
            .right(say("cli-class-recall"), |class| ratio(class.recall))
            .right(say("cli-class-f1"), |class| ratio(class.f1))
            .right(say("cli-class-support"), |class| count(class.support as usize))
            .text()
    };
    let chance = shared::at_chance(words, test).map(|line| format!("\n{line}")).unwrap_or_default();
    let chance = shared::frozen_test(words, test).map(|line| format!("\n{line}")).unwrap_or_default() + &chance;
    let all = test.labels.len();
    if all <= MOST_MATRIX_CLASSES {
        let classes = classes(&test.per_class.iter().collect::<Vec<_>>());
        let matrix = matrix(words.say("cli-matrix"), words, test, &(0..all).collect::<Vec<_>>());
        return format!("\n{headline}{chance}\n\n{classes}\n\n{matrix}");
    }
    // A terminal has no room for many classes, so that those are shown that go wrong.
    let worst: Vec<&ClassReport> = worst_first(&test.per_class)
        .into_iter()
        .take(MOST_MATRIX_CLASSES)
        .map(|class| &test.per_class[class])
        .collect();
    let told = words.say_with("cli-classes-worst", &[("shown", &worst.len()), ("classes", &all)]);
    let mut text = format!("\n{headline}{chance}");
    let pairs = test.confusion.worst_pairs(usize::MAX);
    if !pairs.is_empty() {
        text +=
            &format!("\n\n{}\n{}", say("cli-pairs"), worst_pairs(words, test, &pairs[..pairs.len().min(WORST_PAIRS)]));
    }
    text += &format!("\n\n{told}\n{}", classes(&worst));
    let confused = most_confused(&pairs);
    if !confused.is_empty() {
        let title = words.say_with("cli-matrix-of-worst", &[("shown", &confused.len()), ("classes", &all)]);
        text += &format!("\n\n{}", matrix(title, words, test, &confused));
    }
    text
}

/// The classes of the most frequent mistakes, in label order.
fn most_confused(pairs: &[Mistake]) -> Vec<usize> {
    let mut classes = Vec::new();
    for pair in pairs {
        let new: Vec<usize> = [pair.truth, pair.predicted].into_iter().filter(|c| !classes.contains(c)).collect();
        if classes.len() + new.len() > MOST_CONFUSED {
            break;
        }
        classes.extend(new);
    }
    classes.sort_unstable();
    classes
}

fn worst_pairs(words: &Catalogue, test: &TestEvaluated, pairs: &[Mistake]) -> String {
    let label = |class: usize| cut_name(&test.labels[class], LABEL_WIDTH);
    Table::of(pairs)
        .left(words.say("cli-pairs-true"), |pair| label(pair.truth))
        .left(words.say("cli-pairs-predicted"), |pair| label(pair.predicted))
        .right(words.say("cli-pairs-count"), |pair| count(pair.count as usize))
        .right(words.say("cli-pairs-share"), |pair| words.write(Number::Percent(pair.share)))
        .text()
}

/// The matrix of some classes. Where names that are cut to the width of a column would read the same, the classes are
/// numbered, and the columns show the numbers.
fn matrix(title: String, words: &Catalogue, test: &TestEvaluated, classes: &[usize]) -> String {
    // The columns share 72 cells, so that the matrix with its labels fits a terminal that is 100 cells wide.
    let column_width = (72 / classes.len().max(1)).clamp(4, LABEL_WIDTH);
    let label = |class: usize, width| cut_name(&test.labels[class], width);
    let heads: BTreeSet<String> = classes.iter().map(|class| label(*class, column_width)).collect();
    let are_numbered = heads.len() < classes.len();
    let mut table = Table::of(1..=classes.len());
    if are_numbered {
        table = table.right(String::new(), |row| row.to_string());
    }
    table = table.left(words.say("cli-matrix-corner"), |row| label(classes[row - 1], LABEL_WIDTH));
    for (column, predicted) in (1..).zip(classes) {
        let name = if are_numbered { column.to_string() } else { label(*predicted, column_width) };
        table = table.right(name, |row| count(test.confusion.count(classes[row - 1], *predicted) as usize));
    }
    format!("{title}\n{}", table.text())
}

/// Says on standard error how the data were read where that is not as usual, which rows were left out, and what else the
/// reader should know of them.
pub fn reading(output: &Output, summary: &DatasetSummary) {
    for note in &summary.notes {
        output.note("cli-note", &output.words.problem(note));
    }
    for line in shared::reading(&output.words, summary) {
        output.note("cli-note", &format!("{}: {line}", summary.name));
    }
    skipped(output, &summary.skipped, &summary.name);
    for finding in summary.findings.iter().filter(|finding| !finding.found.is_of_skipped()) {
        let id = if finding.found.is_warning() { "cli-warning" } else { "cli-note" };
        output.note(id, &format!("{}: {}", summary.name, health::finding(&output.words, finding)));
    }
    if summary.findings.iter().any(|finding| !finding.rows.is_empty()) {
        output.note("cli-note", &output.words.say("cli-card-lists"));
    }
}

/// Says on standard error which rows were left out, and why.
pub fn skipped(output: &Output, skipped: &Skipped, file: &str) {
    kinds_of_skipped(output, skipped, "cli-skipped", file);
}

/// Says on standard error by `what` how many rows of a file nothing could be done with, and why, each kind with the first of
/// them.
pub fn kinds_of_skipped(output: &Output, skipped: &Skipped, what: &'static str, file: &str) {
    if skipped.count == 0 {
        return;
    }
    output.warning(&Problem::new(what).with_count("count", skipped.count).with("file", file));
    let mut told = 0;
    for kind in &skipped.kinds {
        told += kind.count;
        let reason = output.words.problem(&kind.reason);
        let args: [(&str, &dyn Fill); 3] = [("row", &kind.row), ("count", &kind.count), ("reason", &reason)];
        output.note("cli-note", &output.words.say_with("cli-skipped-kind", &args));
    }
    if skipped.count > told {
        output.note("cli-note", &output.words.say("cli-skipped-more"));
    }
}

/// Where the run lies, and how to use or resume it; `None` for a refused run. The text begins with an empty line.
pub fn ending(words: &Catalogue, ended: &RunEnded, config: &RunConfig) -> Option<String> {
    let folder = ended.run_dir.as_ref().map(|dir| dir.display().to_string());
    let line = match (ended.outcome, folder) {
        (RunOutcome::Completed, folder) => {
            let (folder, time) =
                (folder.unwrap_or_default(), shared::training_time(words, ended.train_secs, ended.shared_secs));
            let are_pairs = config.data.reading.second_text_column.is_some();
            let texts = if are_pairs { "\"…\" --second \"…\"" } else { "\"…\"" };
            words.say_with("cli-ended-completed", &[("folder", &folder), ("time", &time), ("texts", &texts)])
        }
        (RunOutcome::Stopped, Some(folder)) => words.say_with("cli-ended-stopped", &[("folder", &folder)]),
        (RunOutcome::Stopped, None) => words.say("cli-ended-nothing"),
        (RunOutcome::Failed, folder) => words.say_with("cli-ended-failed", &[("folder", &folder?)]),
    };
    Some(format!("\n{line}"))
}

/// What counting words reaches on the same rows, and whether the model did better. The text begins with an empty line.
pub fn reference(words: &Catalogue, reference: &Reference, test: Option<&TestEvaluated>) -> String {
    let bag = &reference.bag_of_words;
    let line = words.say_with(
        "cli-reference-line",
        &[
            ("words", &Number::Ratio(bag.test_accuracy)),
            ("f1", &Number::Ratio(bag.test_macro_f1)),
            ("features", &bag.features),
            ("c", &bag.c),
        ],
    );
    let verdict = test.and_then(|test| shared::verdict(words, reference, test));
    format!("\n{line}{}", verdict.map(|verdict| format!("\n{verdict}")).unwrap_or_default())
}

/// The guess beside the result; empty without a guess. The text begins with an empty line.
pub fn guess(words: &Catalogue, config: &RunConfig, test: Option<&TestEvaluated>, ended: &RunEnded) -> String {
    let (Some(guess), Some(test)) = (config.guess, test) else { return String::new() };
    let accuracy = guess.accuracy.map(|guess| shared::guessed_accuracy(words, guess, test.accuracy));
    let secs = guess.secs.map(|guess| shared::guessed_secs(words, guess, ended.train_secs, ended.shared_secs));
    accuracy.into_iter().chain(secs).fold("\n".to_owned(), |text, line| text + &line + "\n")
}

/// One line for each known sign of trouble in the run's numbers; empty for a healthy run. The text begins with an empty
/// line.
pub fn coach(words: &Catalogue, history: &History, config: &RunConfig) -> String {
    let lines = advise(history, config).into_iter();
    lines.map(|advice| format!("\n{}: {}\n", words.say("coach-name"), words.problem(&advice.sentence))).collect()
}
