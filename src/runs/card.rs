//! The model card (`README.md`) of an exported model. It says what the model is, what it was trained on and how, and how well
//! it does.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use crate::domain::config::{ModelSource, Schedule, TrainingConfig};
use crate::domain::message::{RunOutcome, TestEvaluated};
use crate::domain::problem::{Outcome, Problem};

use super::reader::RunReader;
use super::settings::{Metrics, RunSettings};

/// The bundled model's name on the hub, and its licence (`assets/model/SOURCE.md`).
const BUNDLED: (&str, &str) = ("sentence-transformers/all-MiniLM-L6-v2", "apache-2.0");

/// The card in English, with the front matter that the Hub reads.
///
/// # Errors
/// `internal-error` when the text cannot be written, which does not happen in memory.
pub fn card(settings: &RunSettings, metrics: Option<&Metrics>) -> Outcome<String> {
    let mut text = String::new();
    write(&mut text, settings, metrics).map_err(Problem::internal)?;
    Ok(text)
}

fn write(text: &mut String, settings: &RunSettings, metrics: Option<&Metrics>) -> fmt::Result {
    let (base, licence) = origin(settings);
    text.push_str("---\nlibrary_name: transformers\npipeline_tag: text-classification\n");
    // The name of a folder is no model of the Hub; only an id with an owner is.
    if base.contains('/') {
        writeln!(text, "base_model: {base}")?;
    }
    if let Some(licence) = &licence {
        writeln!(text, "license: {licence}")?;
    }
    text.push_str("tags:\n- text-classification\n- thaw\n---\n\n");
    writeln!(text, "# {base} fine-tuned on {}\n", settings.data.name)?;
    let labels = settings.labels.join("`, `");
    writeln!(text, "Classifies a text into {} labels: `{labels}`.\n", settings.labels.len())?;
    writeln!(
        text,
        "```python\nfrom transformers import pipeline\n\nclassify = pipeline(\"text-classification\", model=\"PATH\")\n\
         classify(\"a text\", truncation=True, max_length={})\n```\n",
        settings.config.training.max_length
    )?;
    match metrics.and_then(|metrics| Some((metrics, metrics.test.as_ref()?))) {
        Some((metrics, test)) => results(text, metrics, test)?,
        None => text.push_str("## Results\n\nNot measured on test rows.\n\n"),
    }
    data(text, settings)?;
    training(text, settings, metrics)?;
    writeln!(text, "## Base model and licence\n")?;
    match licence {
        Some(licence) => writeln!(text, "Base model: {base}, licence {licence}."),
        None => writeln!(text, "Base model: {base}. Its licence is not stated in its folder; see where it came from."),
    }
}

/// The name and the licence of the first model, because a run may have begun with the model of another run.
fn origin(settings: &RunSettings) -> (String, Option<String>) {
    let mut settings = Cow::Borrowed(settings);
    // Folders could name each other in a circle, so the search ends at some depth.
    for _ in 0..100 {
        let folder = match &settings.config.model {
            ModelSource::Bundled => return (BUNDLED.0.to_owned(), Some(BUNDLED.1.to_owned())),
            ModelSource::Folder(folder) => folder,
        };
        match RunReader::settings_in(folder) {
            Ok(Some(earlier)) => settings = Cow::Owned(earlier),
            _ => return (settings.model.name.clone(), licence_of(folder)),
        }
    }
    (settings.model.name.clone(), None)
}

fn results(text: &mut String, metrics: &Metrics, test: &TestEvaluated) -> fmt::Result {
    let rows = test.confusion.rows();
    writeln!(text, "## Results\n\nOn {rows} test rows that training has not seen:\n\n| measure | value |\n|---|---|")?;
    let interval = metrics.test_accuracy_interval;
    let interval = interval.map_or_else(String::new, |(low, high)| format!(" (95 % interval {low:.4} to {high:.4})"));
    writeln!(text, "| accuracy | {:.4}{interval} |", test.accuracy)?;
    if let Some(majority) = metrics.majority_accuracy {
        writeln!(text, "| accuracy of always answering the most frequent label | {majority:.4} |")?;
    }
    if let Some(reference) = &metrics.reference {
        let words = &reference.bag_of_words;
        writeln!(
            text,
            "| accuracy of a bag of words with logistic regression, same rows | {:.4} |",
            words.test_accuracy
        )?;
    }
    writeln!(text, "| macro F1 | {:.4} |\n| loss | {:.4} |\n", test.macro_f1, test.loss)?;
    text.push_str("| label | precision | recall | F1 | rows |\n|---|---|---|---|---|\n");
    for class in &test.per_class {
        let (precision, recall, f1) = (class.precision, class.recall, class.f1);
        writeln!(text, "| {} | {precision:.4} | {recall:.4} | {f1:.4} | {} |", cell(&class.label), class.support)?;
    }
    text.push('\n');
    Ok(())
}

fn data(text: &mut String, settings: &RunSettings) -> fmt::Result {
    let (data, config) = (&settings.data, &settings.config.data);
    writeln!(text, "## Data\n\n| | |\n|---|---|")?;
    writeln!(text, "| file | {} |", cell(&data.name))?;
    writeln!(text, "| rows | {} usable, {} skipped |", data.rows, data.skipped_rows)?;
    writeln!(text, "| columns | text `{}`, label `{}` |", cell(&data.text_column), cell(&data.label_column))?;
    let split = &config.split;
    writeln!(
        text,
        "| split | test {:.0} %, then validation {:.0} % of the rest, stratified, seed {} |",
        split.test_share * 100.0,
        split.validation_share * 100.0,
        split.seed
    )?;
    if let Some(rows) = config.max_rows {
        writeln!(text, "| row limit | {rows} |")?;
    }
    if let Some(rows) = config.rows_per_class {
        writeln!(text, "| training rows of each class | at most {rows} |")?;
    }
    writeln!(text, "| fingerprint | `{}` |\n", data.fingerprint)?;
    Ok(())
}

fn training(text: &mut String, settings: &RunSettings, metrics: Option<&Metrics>) -> fmt::Result {
    let t: &TrainingConfig = &settings.config.training;
    writeln!(text, "## Training\n\n| | |\n|---|---|")?;
    writeln!(text, "| freezing | {} |", settings.config.freeze.name())?;
    writeln!(text, "| trained parameters | {} tensors; everything else stayed frozen |", settings.trainable.len())?;
    writeln!(text, "| epochs | {} |\n| batch size | {} |", t.epochs, t.batch_text())?;
    let schedule = match t.schedule {
        Schedule::Linear => "linear",
        Schedule::Constant => "constant",
        Schedule::Cosine => "cosine",
    };
    writeln!(text, "| learning rate | {:e}, {schedule}, warm-up {} |", settings.learning_rate, t.warmup_share)?;
    writeln!(text, "| optimiser | AdamW, weight decay {}, clipping {} |", t.weight_decay, t.clip_norm)?;
    let dropout = t.dropout.map_or_else(|| "the model's own".to_owned(), |p| p.to_string());
    writeln!(text, "| max length | {} tokens |\n| dropout | {dropout} |\n| seed | {} |", t.max_length, t.seed)?;
    if let Some(metrics) = metrics {
        let outcome = match metrics.outcome {
            RunOutcome::Completed => "completed",
            RunOutcome::Stopped => "stopped early",
            RunOutcome::Failed => "failed; these are the last good weights",
        };
        writeln!(text, "| steps | {} ({outcome}) |\n| training time | {:.0} s |", metrics.steps, metrics.train_secs)?;
    }
    writeln!(text, "| program | Thaw {} |\n", settings.thaw)?;
    writeln!(text, "Trained parameters:\n\n```text\n{}\n```\n", settings.trainable.join("\n"))?;
    Ok(())
}

/// A text as a table's cell can hold it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

/// The licence that the card in a model's folder states.
fn licence_of(folder: &Path) -> Option<String> {
    let card = fs::read_to_string(folder.join("README.md")).ok()?;
    let front = card.strip_prefix("---")?.split("\n---").next()?;
    let line = front.lines().find_map(|line| line.strip_prefix("license:"))?;
    Some(line.trim().trim_matches(['"', '\'']).to_owned()).filter(|licence| !licence.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folders_own_card_tells_its_licence() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(licence_of(dir.path()), None);
        let write = |text: &str| fs::write(dir.path().join("README.md"), text).unwrap();
        write("---\nlanguage: ko\nlicense: \"cc-by-sa-4.0\"\n---\n# KLUE\n");
        assert_eq!(licence_of(dir.path()).as_deref(), Some("cc-by-sa-4.0"));
        write("# no front matter\nlicense: mit\n");
        assert_eq!(licence_of(dir.path()), None);
    }
}
