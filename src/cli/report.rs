//! A run for reading: what it is, its epochs, its test.

use crate::domain::coach::advise;
use crate::domain::config::{FinalWeights, RunConfig, Schedule};
use crate::domain::dataset::DatasetSummary;
use crate::domain::freeze::Freeze;
use crate::domain::history::History;
use crate::domain::message::{EpochEnded, RunEnded, RunOutcome, RunStarted, StageStarted, TestEvaluated};
use crate::domain::metrics::wilson_interval;
use crate::domain::params::{HeadStart, ParamTree};
use crate::domain::problem::Problem;
use crate::domain::reference::Reference;
use crate::words::numbers::{clock, count, ratio};
use crate::words::{Catalogue, Number, shared};

use super::output::Output;
use super::table::{Align, Table, pad_left, pad_right, shorten, width};

/// A label may take so many cells of a table.
const LABEL_WIDTH: usize = 24;
/// A matrix of more classes is wider than a terminal.
const MOST_MATRIX_CLASSES: usize = 20;

/// The settings of the run, as they are printed before its first epoch.
pub fn beginning(
    words: &Catalogue,
    config: &RunConfig,
    summary: Option<&DatasetSummary>,
    tree: Option<&ParamTree>,
    started: &RunStarted,
) -> String {
    let mut lines = Vec::new();
    if let Some(summary) = summary {
        let labels: Vec<String> = summary
            .labels
            .iter()
            .take(MOST_MATRIX_CLASSES)
            .map(|l| format!("{} {}", shorten(&l.label, LABEL_WIDTH), count(l.count)))
            .collect();
        lines.push((
            words.say("cli-data"),
            words.say_with(
                "cli-data-line",
                &[
                    ("name", &summary.name),
                    ("rows", &summary.rows),
                    ("classes", &summary.labels.len()),
                    ("labels", &labels.join(", ")),
                    ("text", &summary.columns[summary.text_column]),
                    ("label", &summary.columns[summary.label_column]),
                    ("encoding", &summary.encoding),
                ],
            ),
        ));
    }
    lines.push((
        words.say("cli-split"),
        words.say_with(
            "cli-split-line",
            &[("train", &started.train_rows), ("validation", &started.validation_rows), ("test", &started.test_rows)],
        ),
    ));
    if let Some(tree) = tree {
        let facts = &tree.facts;
        lines.push((
            words.say("cli-model"),
            words.say_with(
                "cli-model-line",
                &[
                    ("name", &facts.name),
                    ("layers", &facts.layers),
                    ("hidden", &facts.hidden_size),
                    ("heads", &facts.heads),
                ],
            ),
        ));
    }
    if let Some(line) = tree.and_then(|tree| head(words, tree, started.head)) {
        lines.push((words.say("cli-head"), line));
    }
    let all = started.trainable + started.frozen;
    let mut freezing = words.say_with(
        "cli-freeze-line",
        &[
            ("name", &config.freeze.name()),
            ("trainable", &started.trainable),
            ("total", &all),
            ("share", &Number::FinePercent(started.trainable as f64 / all.max(1) as f64)),
        ],
    );
    if let Some(note) = tree.and_then(|tree| no_pooler(words, tree, &config.freeze)) {
        freezing = format!("{freezing}. {note}");
    }
    lines.push((words.say("cli-freeze"), freezing));
    lines.push((words.say("cli-training"), training(words, config)));
    let widest = lines.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let lines: Vec<String> = lines.iter().map(|(name, line)| format!("{}  {line}", pad_right(name, widest))).collect();
    lines.join("\n") + "\n"
}

/// The line that says which stage of the plan begins.
pub fn stage(words: &Catalogue, stage: &StageStarted) -> String {
    let all = stage.trainable + stage.frozen;
    words.say_with(
        "cli-stage",
        &[
            ("stage", &stage.stage),
            ("stages", &stage.stages),
            ("epoch", &stage.epoch),
            ("trainable", &stage.trainable),
            ("total", &all),
            ("share", &Number::FinePercent(stage.trainable as f64 / all.max(1) as f64)),
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

/// The line that says that a freezing asks for a pooler, where the model has none.
pub fn no_pooler(words: &Catalogue, tree: &ParamTree, freeze: &Freeze) -> Option<String> {
    let is_1 = freeze.is_preset_1_here(tree);
    is_1.then(|| words.say_with("cli-freeze-no-pooler", &[("name", &freeze.name())]))
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

/// The columns of the epoch table: name and width.
fn epoch_columns(words: &Catalogue) -> Vec<(String, usize)> {
    let ids = [
        "cli-epoch-epoch",
        "cli-epoch-train-loss",
        "cli-epoch-train-accuracy",
        "cli-epoch-validation-loss",
        "cli-epoch-validation-accuracy",
        "cli-epoch-speed",
        "cli-epoch-time",
    ];
    let column = |id| {
        let name = words.say(id);
        let cells = width(&name).max(7);
        (name, cells)
    };
    ids.into_iter().map(column).collect()
}

/// The header of the epoch table.
pub fn epoch_header(words: &Catalogue) -> String {
    let cells: Vec<String> = epoch_columns(words).iter().map(|(name, width)| pad_left(name, *width)).collect();
    cells.join("  ")
}

/// One epoch's row.
pub fn epoch(words: &Catalogue, epoch: &EpochEnded) -> String {
    let cells = [
        epoch.epoch.to_string(),
        ratio(epoch.train_loss),
        ratio(epoch.train_accuracy),
        ratio(epoch.validation_loss),
        ratio(epoch.validation_accuracy),
        format!("{:.0}", epoch.rows_per_sec),
        clock(epoch.elapsed_secs),
    ];
    let columns = epoch_columns(words);
    let cells: Vec<String> = cells.iter().zip(&columns).map(|(cell, (_, width))| pad_left(cell, *width)).collect();
    cells.join("  ")
}

/// Accuracy with its interval, the measures of each class, and the confusion matrix. The text begins with an empty line.
pub fn test(words: &Catalogue, test: &TestEvaluated) -> String {
    let (low, high) = wilson_interval(test.confusion.correct(), test.confusion.rows());
    let largest = test.per_class.iter().max_by_key(|class| class.support).map_or("", |class| class.label.as_str());
    let headline = words.say_with(
        "cli-test-line",
        &[
            ("rows", &test.confusion.rows()),
            ("accuracy", &Number::Ratio(test.accuracy)),
            ("low", &Number::Ratio(low)),
            ("high", &Number::Ratio(high)),
            ("majority", &Number::Ratio(test.confusion.majority_accuracy())),
            ("label", &shorten(largest, LABEL_WIDTH)),
            ("f1", &Number::Ratio(test.macro_f1)),
            ("loss", &Number::Ratio(test.loss)),
        ],
    );
    let say = |id| (words.say(id), Align::Right);
    let mut classes = Table::new(vec![
        (words.say("cli-class-label"), Align::Left),
        say("cli-class-precision"),
        say("cli-class-recall"),
        say("cli-class-f1"),
        say("cli-class-support"),
    ]);
    for class in &test.per_class {
        classes.row(vec![
            shorten(&class.label, LABEL_WIDTH),
            ratio(class.precision),
            ratio(class.recall),
            ratio(class.f1),
            count(class.support as usize),
        ]);
    }
    format!("\n{headline}\n\n{classes}\n\n{}", matrix(words, test))
}

fn matrix(words: &Catalogue, test: &TestEvaluated) -> String {
    if test.labels.len() > MOST_MATRIX_CLASSES {
        return words.say_with("cli-matrix-too-wide", &[("classes", &test.labels.len())]);
    }
    // The columns share 72 cells, so that the matrix with its labels fits a terminal that is 100 cells wide.
    let column_width = (72 / test.labels.len().max(1)).clamp(4, LABEL_WIDTH);
    let labels: Vec<String> = test.labels.iter().map(|label| shorten(label, LABEL_WIDTH)).collect();
    let columns = test.labels.iter().map(|label| (shorten(label, column_width), Align::Right));
    let first = (words.say("cli-matrix-corner"), Align::Left);
    let mut table = Table::new(std::iter::once(first).chain(columns).collect());
    for (label, counts) in labels.iter().zip(&test.confusion.0) {
        table.row(std::iter::once(label.clone()).chain(counts.iter().map(|n| count(*n as usize))).collect());
    }
    format!("{}\n{table}", words.say("cli-matrix"))
}

/// Says on standard error which rows were left out, and why.
pub fn skipped(output: &Output, summary: &DatasetSummary) {
    let skipped = &summary.skipped;
    if skipped.count == 0 {
        return;
    }
    output.warning(&Problem::new("cli-skipped").with_count("count", skipped.count).with("file", &summary.name));
    for row in &skipped.first {
        let reason = output.words.problem(&row.reason);
        let line = output.words.say_with("cli-skipped-row", &[("row", &row.row), ("reason", &reason)]);
        output.note("cli-note", &line);
    }
    if skipped.count > skipped.first.len() {
        output.note("cli-note", &output.words.say("cli-skipped-more"));
    }
}

/// Where the run lies, and how to use or resume it; `None` for a refused run. The text begins with an empty line.
pub fn ending(words: &Catalogue, ended: &RunEnded) -> Option<String> {
    let folder = ended.run_dir.as_ref().map(|dir| dir.display());
    let line = match (ended.outcome, &folder) {
        (RunOutcome::Completed, folder) => {
            let folder = folder.as_ref().map(ToString::to_string).unwrap_or_default();
            let time = Number::Clock(ended.train_secs);
            words.say_with("cli-ended-completed", &[("folder", &folder), ("time", &time)])
        }
        (RunOutcome::Stopped, Some(folder)) => words.say_with("cli-ended-stopped", &[("folder", folder)]),
        (RunOutcome::Stopped, None) => words.say("cli-ended-nothing"),
        (RunOutcome::Failed, Some(folder)) => words.say_with("cli-ended-failed", &[("folder", folder)]),
        (RunOutcome::Failed, None) => return None,
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
    let verdict = |test| format!("\n{}", shared::verdict(words, reference.verdict(test), bag.test_accuracy));
    format!("\n{line}{}", test.map(verdict).unwrap_or_default())
}

/// The guess beside the result; empty without a guess. The text begins with an empty line.
pub fn guess(words: &Catalogue, config: &RunConfig, test: Option<&TestEvaluated>, ended: &RunEnded) -> String {
    let (Some(guess), Some(test)) = (config.guess, test) else { return String::new() };
    let accuracy = shared::guessed_accuracy(words, guess, test.accuracy);
    format!("\n{accuracy}\n{}\n", shared::guessed_secs(words, guess, ended.train_secs))
}

/// One line for each known sign of trouble in the run's numbers; empty for a healthy run. The text begins with an empty
/// line.
pub fn coach(words: &Catalogue, history: &History, config: &RunConfig) -> String {
    let lines = advise(history, config).into_iter();
    lines.map(|advice| format!("\n{}: {}\n", words.say("coach-name"), words.problem(&advice.sentence))).collect()
}
