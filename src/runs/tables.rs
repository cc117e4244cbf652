//! The tables of all that a run has told, each as a CSV file and as lines of JSON.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::data::table_file::TableFile;
use crate::domain::layers::LayerStats;
use crate::domain::message::RunEvent;
use crate::domain::metrics::Confusion;
use crate::domain::problem::Outcome;
use crate::domain::reference::Reference;
use crate::domain::stored::StoredRun;
use crate::model::disk::write_whole;

use super::data_map::kept_confidences;
use super::folder::check_free;
use super::predictions::kept_predictions;
use super::reader::{RunReader, read, read_run};
use super::settings::{Metrics, RunSettings, SplitRows};
use super::tensorboard::part_name;
use super::whole_folder::whole_folder;
use super::writer::METRICS;

/// Writes the tables of the run in `dir` into the folder `to`, which appears whole or not at all.
///
/// # Errors
/// Those of reading a run; `run-folder-not-empty`, `run-folder-is-file`; `disk-full`, `file-error`.
pub fn export_tables(dir: &Path, to: &Path) -> Outcome<PathBuf> {
    let run = read_run(dir)?;
    let own = RunReader::files(dir)?;
    check_free(to)?;
    let settings = own.as_ref().map(|(settings, _)| settings);
    let metrics: Option<Metrics> = read(&dir.join(METRICS))?;
    let labels = settings.map(|settings| settings.labels.as_slice()).unwrap_or_default();
    let mut tables = tables(&run, settings, metrics.as_ref(), labels);
    if let Some((settings, splits)) = &own {
        tables.push(("predictions", predictions(dir, settings, splits)?));
        tables.push(("data_map", confidences(dir, splits)));
    }
    whole_folder(to, |making| {
        for (name, table) in tables {
            // A run that did not come so far has nothing to tell there.
            if !table.rows.is_empty() {
                write_whole(&making.join(format!("{name}.csv")), &table.to_csv()?)?;
                write_whole(&making.join(format!("{name}.jsonl")), &table.to_json_lines()?)?;
            }
        }
        Ok(())
    })
}

fn tables(
    run: &StoredRun,
    settings: Option<&RunSettings>,
    metrics: Option<&Metrics>,
    labels: &[String],
) -> Vec<(&'static str, TableFile)> {
    let mut steps =
        TableFile::new(&["step", "epoch", "loss", "accuracy", "learning_rate", "grad_norm", "elapsed_secs"]);
    let mut looks = TableFile::new(&["step", "rows", "loss", "accuracy"]);
    let mut epochs = TableFile::new(&[
        "epoch",
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
        "rows_per_sec",
        "elapsed_secs",
    ]);
    let mut layers = TableFile::new(&["step", "parameter", "part", "drift", "grad_norm"]);
    let mut matrix = TableFile::new(&["true", "predicted", "rows"]);
    let mut classes = TableFile::new(&["label", "precision", "recall", "f1", "rows"]);
    let mut parameters = None;
    for (_, event) in &run.events {
        match event {
            RunEvent::Step(s) => steps.rows.push(vec![
                json!(s.step),
                json!(s.epoch),
                json!(s.loss),
                json!(s.accuracy),
                json!(s.learning_rate),
                json!(s.grad_norm),
                json!(s.elapsed_secs),
            ]),
            RunEvent::LiveValidation(look) => {
                looks.rows.push(vec![json!(look.step), json!(look.rows), json!(look.loss), json!(look.accuracy)]);
            }
            RunEvent::EpochEnded(e) => epochs.rows.push(vec![
                json!(e.epoch),
                json!(e.train_loss),
                json!(e.train_accuracy),
                json!(e.validation_loss),
                json!(e.validation_accuracy),
                json!(e.rows_per_sec),
                json!(e.elapsed_secs),
            ]),
            RunEvent::LayerStats(sample) => {
                parameters = sample.parameters.clone().or(parameters);
                if let Some(parameters) = parameters.as_ref().filter(|parameters| sample.fits(parameters)) {
                    layers.rows.extend(parameters.iter().enumerate().map(|(i, parameter)| {
                        let cells = of_sample(sample, i);
                        let part = part_name(parameter.part);
                        vec![json!(sample.step), json!(parameter.name), json!(part), cells.0, cells.1]
                    }));
                }
            }
            RunEvent::TestEvaluated(test) => {
                matrix.rows.extend(cells(&test.confusion, labels));
                classes.rows.extend(test.per_class.iter().map(|class| {
                    vec![
                        json!(class.label),
                        json!(class.precision),
                        json!(class.recall),
                        json!(class.f1),
                        json!(class.support),
                    ]
                }));
            }
            _ => {}
        }
    }
    let metrics = metrics_table(settings, metrics);
    vec![
        ("curves", steps),
        ("validation", looks),
        ("epochs", epochs),
        ("layers", layers),
        ("matrix", matrix),
        ("classes", classes),
        ("metrics", metrics),
    ]
}

/// The answers on validation and test, by row, with the probability of each label. They are empty where the run kept none.
///
/// # Errors
/// `predictions-of-other-run`, `file-error`.
fn predictions(dir: &Path, settings: &RunSettings, splits: &SplitRows) -> Outcome<TableFile> {
    let probability_of: Vec<String> = settings.labels.iter().map(|label| format!("p_{label}")).collect();
    let columns = ["row", "split", "label", "predicted"].into_iter().chain(probability_of.iter().map(String::as_str));
    let mut table = TableFile::new(&columns.collect::<Vec<_>>());
    let label = |id: u32| json!(settings.labels.get(id as usize));
    for row in kept_predictions(dir, settings, splits)?.unwrap_or_default() {
        let mut cells = vec![json!(row.row), json!(row.split), label(row.label), label(row.predicted())];
        cells.extend(row.probabilities.iter().map(|p| json!(p)));
        table.rows.push(cells);
    }
    Ok(table)
}

/// The probability of its own label that each training row was given in each epoch.
fn confidences(dir: &Path, splits: &SplitRows) -> TableFile {
    let kept = kept_confidences(dir, &splits.train);
    let epochs: Vec<String> = (1..=kept.epochs()).map(|epoch| format!("epoch_{epoch}")).collect();
    let columns = std::iter::once("row").chain(epochs.iter().map(String::as_str));
    let mut table = TableFile::new(&columns.collect::<Vec<_>>());
    if !epochs.is_empty() {
        // They are kept with four digits, which are the same in 64 bits.
        let digits = |x: f32| (f64::from(x) * 1e4).round() / 1e4;
        table.rows.extend(splits.train.iter().enumerate().map(|(place, row)| {
            let of_epoch = |epoch| json!(kept.get(epoch, place).map(digits));
            std::iter::once(json!(row)).chain((1..=kept.epochs()).map(of_epoch)).collect()
        }));
    }
    table
}

fn of_sample(sample: &LayerStats, i: usize) -> (Value, Value) {
    (json!(sample.drift[i]), json!(sample.grad_norm[i]))
}

/// The cells of a matrix that have rows.
fn cells(confusion: &Confusion, labels: &[String]) -> Vec<Vec<Value>> {
    let name = |class: usize| labels.get(class).map_or_else(|| json!(class), |label| json!(label));
    let cell = |(truth, predicted, rows)| vec![name(truth), name(predicted), json!(rows)];
    confusion.cells().map(cell).collect()
}

/// One number a row, by its name.
fn metrics_table(settings: Option<&RunSettings>, metrics: Option<&Metrics>) -> TableFile {
    let mut table = TableFile::new(&["metric", "value"]);
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            table.rows.push(vec![json!(name), value]);
        }
    };
    if let Some(settings) = settings {
        put("learning_rate", json!(settings.learning_rate));
        put("freeze", json!(settings.config.freeze.name()));
        put("seed", json!(settings.config.training.seed));
    }
    let Some(metrics) = metrics else { return table };
    put("outcome", json!(metrics.outcome));
    put("steps", json!(metrics.steps));
    put("train_secs", json!(metrics.train_secs));
    put("peak_memory_bytes", json!(metrics.peak_memory_bytes));
    if let Some(test) = &metrics.test {
        put("test_rows", json!(test.confusion.rows()));
        put("test_accuracy", json!(test.accuracy));
        put("test_macro_f1", json!(test.macro_f1));
        put("test_loss", json!(test.loss));
    }
    if let Some((low, high)) = metrics.test_accuracy_interval {
        put("test_accuracy_low", json!(low));
        put("test_accuracy_high", json!(high));
    }
    put("majority_accuracy", json!(metrics.majority_accuracy));
    if let Some(Reference { bag_of_words, .. }) = &metrics.reference {
        put("bag_of_words_accuracy", json!(bag_of_words.test_accuracy));
        put("bag_of_words_macro_f1", json!(bag_of_words.test_macro_f1));
    }
    table
}
