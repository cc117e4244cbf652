//! The model card (`README.md`) of an exported model. It says what the model is, what it was trained on and how, and how well
//! it does.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::class_weights::{ClassWeights, in_a_line};
use crate::domain::command_line::{PLAN_FILE, TrainCommand};
use crate::domain::config::{DataSource, ModelSource, Quoting, Schedule, TrainingConfig};
use crate::domain::dataset::MergedLabel;
use crate::domain::engine::Engine;
use crate::domain::half::{HalfMeasured, Rounded};
use crate::domain::health::{Found, seen_test_rows};
use crate::domain::labels::says_something;
use crate::domain::message::{RunOutcome, TestEvaluated};
use crate::domain::metrics::ClassReport;
use crate::domain::metrics::calibration::Temperature;

use super::card_metadata::front_matter;
use super::reader::RunReader;
use super::settings::{DataFacts, Metrics, RunSettings};

/// The bundled model's name on the hub, and its licence (`assets/model/SOURCE.md`).
const BUNDLED: (&str, &str) = ("sentence-transformers/all-MiniLM-L6-v2", "apache-2.0");

/// The card in English, with the front matter that the Hub reads.
pub fn card(
    settings: &RunSettings,
    metrics: Option<&Metrics>,
    fitted: Option<&Temperature>,
    rounded: Option<&Rounded>,
) -> String {
    let (base, licence) = origin(settings);
    let front = front_matter(settings, metrics, &base, licence.as_deref());
    let stated = licence.map_or_else(
        || ". Its licence is not stated in its folder; see where it came from.".to_owned(),
        |licence| format!(", licence {licence}."),
    );
    let measured = metrics.and_then(|metrics| Some(results(settings, metrics, metrics.test.as_ref()?)));
    format!(
        "{front}\
         # {base} fine-tuned on {file}\n\n\
         {what} into {classes} labels: {labels}.\n\n\
         ```python\nfrom transformers import pipeline\n\n\
         classify = pipeline(\"text-classification\", model=\"PATH\")\n\
         classify({call}, truncation=True, max_length={max_length})\n```\n\n\
         {uses}{results}{rounding}{calibration}{data}{training}{again}\
         ## Base model and licence\n\nBase model: {base}{stated}\n",
        what =
            if settings.data.second_text_column.is_some() { "Classifies pairs of texts" } else { "Classifies a text" },
        call = call(settings),
        file = settings.data.name,
        classes = settings.labels.len(),
        labels = listed(&settings.labels),
        max_length = settings.config.training.max_length,
        results = measured.unwrap_or_else(|| "## Results\n\nNot measured on test rows.\n\n".to_owned()),
        rounding = rounded.map(rounding).unwrap_or_default(),
        calibration = fitted.map(calibration).unwrap_or_default(),
        data = data(settings),
        training = training(settings, metrics),
        uses = uses(settings),
        again = again(settings),
    )
}

/// Says what the model is for, and what nobody has measured of it.
fn uses(settings: &RunSettings) -> String {
    let few = format!("It knows the {} labels above and gives one of them to any text", settings.labels.len());
    format!(
        "## Uses and limits\n\n\
         The model is for texts like those of its data. {few}, also to one that has nothing to do with them, and in a language \
         that it has not seen. It repeats what is one-sided in its data and in its base model. The results below are those on \
         rows of the same file; measure it on texts of your own before you rely on it, and do not let it alone decide about \
         people.\n\n"
    )
}

/// The command that trains the same again. Folders of the computer that it was trained on are nobody else's business.
fn again(settings: &RunSettings) -> String {
    let mut config = settings.config.clone();
    let name = |path: &Path| path.file_name().map_or_else(PathBuf::new, PathBuf::from);
    if let DataSource::File(path) = &mut config.data.source {
        *path = name(path);
    }
    for part in [&mut config.data.validation, &mut config.data.test].into_iter().flatten() {
        *part = name(part);
    }
    if let ModelSource::Folder(folder) = &mut config.model {
        *folder = name(folder);
    }
    let command = TrainCommand::of(&config);
    let plan =
        command.plan.as_ref().map_or_else(String::new, |plan| format!("`{PLAN_FILE}` is\n\n```json\n{plan}\n```\n\n"));
    format!("To train it again:\n\n```sh\n{}\n```\n\n{plan}", command.line())
}

/// What Python's pipeline is given.
fn call(settings: &RunSettings) -> String {
    match &settings.data.second_text_column {
        None => "\"a text\"".to_owned(),
        Some(second) => format!(
            "{{\"text\": \"{}\", \"text_pair\": \"{}\"}}",
            in_quotes(&settings.data.text_column),
            in_quotes(second)
        ),
    }
}

/// A column's name within a string of Python.
fn in_quotes(name: &str) -> String {
    format!("a text of the column {}", name.replace(['"', '\\', '\n', '\r'], " "))
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

fn results(settings: &RunSettings, metrics: &Metrics, test: &TestEvaluated) -> String {
    let four = |value: f64| format!("{value:.4}");
    let interval = metrics.test_accuracy_interval;
    let interval = interval.map_or_else(String::new, |(low, high)| format!(" (95 % interval {low:.4} to {high:.4})"));
    let words = metrics.reference.as_ref().map(|reference| four(reference.bag_of_words.test_accuracy));
    let measures = table(&[
        ("accuracy", Some(four(test.accuracy) + &interval)),
        ("accuracy of always answering the most frequent label", metrics.majority_accuracy.map(four)),
        ("accuracy of a bag of words with logistic regression, same rows", words),
        ("macro F1", Some(four(test.macro_f1))),
        ("loss", Some(four(test.loss))),
    ]);
    let row = |class: &ClassReport| {
        let ClassReport { label, precision, recall, f1, support } = class;
        format!("| {} | {precision:.4} | {recall:.4} | {f1:.4} | {support} |\n", cell(label))
    };
    format!(
        "## Results\n\nOn {} test rows{}:\n\n| measure | value |\n|---|---|\n{measures}\n\
         | label | precision | recall | F1 | rows |\n|---|---|---|---|---|\n{}\n",
        test.confusion.rows(),
        seen(settings),
        test.per_class.iter().map(row).collect::<String>()
    )
}

/// Says what rounding the weights to 16 bits changes.
fn rounding(rounded: &Rounded) -> String {
    let name = rounded.half.name();
    let told = match &rounded.measured {
        Ok(measured) => {
            let HalfMeasured { rows, accuracy_before, accuracy, loss_before, loss, largest_difference, changed } = measured;
            format!(
                "On the {rows} test rows this changes the accuracy from {accuracy_before:.4} to {accuracy:.4} and the loss from \
                 {loss_before:.6} to {loss:.6}. {changed} rows are predicted otherwise, and no probability differs by more than \
                 {largest_difference:.2e}. The results above are those of the weights before they were rounded."
            )
        }
        Err(_) => "What this changes could not be measured, because the test rows were not at hand. The results above are those \
                   of the weights before they were rounded."
            .to_owned(),
    };
    format!("## Weights in 16 bits\n\nThe weights were rounded to {name}. {told}\n\n")
}

/// Says what the model's temperature is, and where.
fn calibration(fitted: &Temperature) -> String {
    let Temperature { temperature, rows, loss_before, loss, ece_before, ece } = fitted;
    format!(
        "## Temperature\n\n\
         The logits are divided by {temperature:.4} before the softmax, so that the probabilities say how often the model is right \
         (temperature scaling, Guo et al. 2017). It was fitted on {rows} validation rows, where it changed the loss from \
         {loss_before:.4} to {loss:.4} and the expected calibration error from {ece_before:.4} to {ece:.4}. It changes no \
         predicted label. Weight and bias of the head's last layer are divided by it, so that nothing is left to do. The results \
         above are those without it.\n\n"
    )
}

/// What training has seen of the test rows.
fn seen(settings: &RunSettings) -> String {
    let findings = &settings.data.findings;
    match seen_test_rows(findings) {
        Some(rows) => {
            format!(", of which {rows} hold a text that was also trained on, so that these numbers say too much")
        }
        // Older runs were split row by row, and copies of a text may stand in several parts.
        None if !settings.config.data.split.copies_together && findings.is_empty() => {
            "; whether their texts stand in training rows as well was not looked at".to_owned()
        }
        None => " whose texts training has not seen".to_owned(),
    }
}

/// What the user should know of the data, as a table's rows.
fn findings(settings: &RunSettings) -> impl Iterator<Item = (&'static str, Option<String>)> {
    settings.data.findings.iter().map(|found| match found {
        Found::Overlap { part, with, rows, of } => {
            let text = format!("{rows} of {of} {} rows hold a text of the {} rows", part.name(), with.name());
            ("overlap", Some(text))
        }
        Found::FewTexts { label, texts, rows } => {
            let text = format!("`{}` has only {texts} different texts in {rows} rows, in all parts", cell(label));
            ("few texts", Some(text))
        }
        Found::ConflictingLabels { texts, rows } => {
            ("contradicting labels", Some(format!("{texts} texts in {rows} rows have more than one label")))
        }
        Found::Copies { texts, rows, together } => {
            let kept = if *together == Some(false) { "split row by row" } else { "kept in one part of the split" };
            ("copies", Some(format!("{texts} texts stand in {rows} rows, {kept}")))
        }
        // A run keeps no others.
        _ => ("", None),
    })
}

fn data(settings: &RunSettings) -> String {
    let (data, config) = (&settings.data, &settings.config.data);
    let (test, validation) = (config.split.test_share * 100.0, config.split.validation_share * 100.0);
    let by =
        config.split_column.as_ref().map_or_else(String::new, |column| format!(" by the column `{}`", cell(column)));
    let split = format!("test {test:.0} %, then validation {validation:.0} % of the rest, stratified{by}");
    let table = table(&[
        ("file", Some(cell(&data.name))),
        ("rows", Some(format!("{} usable, {} skipped", data.rows, data.skipped_rows))),
        ("columns", Some(columns(data))),
        ("header", data.headless.then(|| "none; the columns go by their numbers".to_owned())),
        ("quotation marks", quoting(data.quoting).map(str::to_owned)),
        ("labels in several spellings", (!data.merged_labels.is_empty()).then(|| merged(&data.merged_labels))),
        ("labels", labels(settings)),
        ("split", Some(format!("{split}, seed {}", config.split.seed))),
        ("labels made wrong on purpose", config.flip_labels.map(|share| format!("{:.1} %", share * 100.0))),
        ("row limit", config.max_rows.map(|rows| rows.to_string())),
        ("training rows of each class", config.rows_per_class.map(|rows| format!("at most {rows}"))),
        ("fingerprint", Some(format!("`{}`", data.content_hash))),
    ]) + &table(&findings(settings).collect::<Vec<_>>());
    format!("## Data\n\n| | |\n|---|---|\n{table}\n")
}

fn columns(data: &DataFacts) -> String {
    let second = data.second_text_column.as_ref();
    let second = second.map_or_else(String::new, |second| format!("second text `{}`, ", cell(second)));
    format!("text `{}`, {second}label `{}`", cell(&data.text_column), cell(&data.label_column))
}

/// What quotation marks mean in the file, where that is not as usual.
fn quoting(quoting: Quoting) -> Option<&'static str> {
    match quoting {
        Quoting::Double => None,
        Quoting::Backslash => Some("escaped by a backslash inside texts"),
        Quoting::None => Some("characters like others"),
        Quoting::Single => Some("apostrophes around fields"),
    }
}

fn merged(labels: &[MergedLabel]) -> String {
    let others = |merged: &MergedLabel| -> Vec<String> {
        merged.others.iter().map(|other| format!("`{}` ({} rows)", cell(&other.label), other.count)).collect()
    };
    let line =
        |merged: &MergedLabel| format!("`{}` also stands for {}", cell(&merged.label), others(merged).join(", "));
    labels.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// Which labels of the first model those of the file were taken for, where its head was kept under other names.
fn labels(settings: &RunSettings) -> Option<String> {
    let matched = &settings.model.matched;
    let pairs: Vec<String> =
        matched.iter().map(|pair| format!("`{}` → `{}`", cell(&pair.label), cell(&pair.class))).collect();
    let how = if matched.iter().any(|pair| pair.by.is_guess()) { "guessed" } else { "as stated" };
    says_something(matched).then(|| format!("the base model's head was kept, with {} ({how})", pairs.join(", ")))
}

fn training(settings: &RunSettings, metrics: Option<&Metrics>) -> String {
    let t: &TrainingConfig = &settings.config.training;
    let schedule = match t.schedule {
        Schedule::Linear => "linear",
        Schedule::Constant => "constant",
        Schedule::Cosine => "cosine",
    };
    let steps = |metrics: &Metrics| {
        let outcome = match metrics.outcome {
            RunOutcome::Completed => "completed",
            RunOutcome::Stopped => "stopped early",
            RunOutcome::Failed => "failed; these are the last good weights",
        };
        format!("{} ({outcome})", metrics.steps)
    };
    let trained = &settings.trainable;
    let table = table(&[
        ("freezing", Some(settings.config.freeze.name())),
        ("trained parameters", Some(format!("{} tensors; everything else stayed frozen", trained.len()))),
        ("epochs", Some(t.epochs.to_string())),
        ("batch size", Some(t.batch_text())),
        ("learning rate", Some(format!("{:e}, {schedule}, warm-up {}", settings.learning_rate, t.warmup_share))),
        ("optimiser", Some(format!("AdamW, weight decay {}, clipping {}", t.weight_decay, t.clip_norm))),
        ("class weights", class_weights(settings)),
        ("precision", precision(t)),
        ("max length", Some(format!("{} tokens", t.max_length))),
        ("dropout", Some(t.dropout.map_or_else(|| "the model's own".to_owned(), |p| p.to_string()))),
        ("seed", Some(t.seed.to_string())),
        ("steps", metrics.map(steps)),
        ("training time", metrics.map(|metrics| format!("{:.0} s", metrics.train_secs))),
        ("program", Some(program(settings))),
    ]);
    let names = trained.join("\n");
    format!("## Training\n\n| | |\n|---|---|\n{table}\nTrained parameters:\n\n```text\n{names}\n```\n\n")
}

/// The program that trained.
fn program(settings: &RunSettings) -> String {
    match settings.engine {
        Engine::Thaw => format!("Thaw {}", settings.thaw),
        Engine::Accelerate | Engine::Trainer => format!("PyTorch with accelerate, as Thaw {} asked", settings.thaw),
    }
}

/// How exactly numbers were held, where that was not in f32 throughout.
fn precision(training: &TrainingConfig) -> Option<String> {
    let (products, frozen) = (training.precision, training.frozen_precision);
    let of_products = (!products.is_default()).then(|| format!("operands of products in {}", products.name()));
    let of_frozen = (!frozen.is_default()).then(|| format!("frozen layers in {} while training", frozen.name()));
    let lines: Vec<String> = of_products.into_iter().chain(of_frozen).collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

/// The labels, of which only the first ones are written out where there are very many.
fn listed(labels: &[String]) -> String {
    const MOST: usize = 50;
    let shown = format!("`{}`", labels[..labels.len().min(MOST)].join("`, `"));
    match labels.len().checked_sub(MOST) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more, which are in config.json"),
    }
}

/// What the rows of each label counted in the loss.
fn class_weights(settings: &RunSettings) -> Option<String> {
    let kind = match settings.config.training.class_weights.as_ref()? {
        ClassWeights::Balanced => "balanced",
        ClassWeights::Named(_) => "as given",
    };
    let weights = in_a_line(&settings.labels, &settings.class_weights, settings.labels.len());
    Some(format!("{kind}: {}; in the loss of training and validation, not in the results above", cell(&weights)))
}

/// The rows of a table of names and values. A name without a value has no row.
fn table(rows: &[(&str, Option<String>)]) -> String {
    rows.iter().filter_map(|(name, value)| Some(format!("| {name} | {} |\n", value.as_ref()?))).collect()
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
