//! The words that a run's model lives by.

use std::path::Path;
use std::sync::Arc;

use crate::data::dataset::Dataset;
use crate::domain::config::ClassifierSource;
use crate::domain::lived_words::{LISTED, LabelWords, LivedWords};
use crate::domain::message::{AskId, Notice, Progress, RowTexts, RunObserver as _, Task};
use crate::domain::params::Part;
use crate::domain::problem::{Outcome, Problem};
use crate::explain::explanation::Explainer;
use crate::explain::lived_words::Tally;
use crate::model::classifier::Classifier;
use crate::model::hashes::proof_digest;
use crate::runs::{KeptWords, RunReader, no_run};
use crate::train::reference;

use super::behaviour::of_run;
use super::evaluation::own_rows;
use super::questions::{Quiet, open_classifier};
use super::shared::Shared;

/// Explains `rows` of the run's test rows, or all where there are fewer, and sums up what their words add. What was found is
/// kept in the run's folder, where there is room for it.
///
/// # Errors
/// `cancelled`; `resume-no-run` for a folder that is no run; `words-no-test-rows`; those of opening a run, its model and its data,
/// of which changed ones are `rows-data-changed`.
pub fn find(shared: &Arc<Shared>, id: AskId, run: &Path, rows: usize) -> Outcome<LivedWords> {
    let opened = RunReader::open(run)?.run;
    let (settings, splits) = opened.ok_or_else(|| no_run(run))?;
    let rows = rows.min(splits.test.len());
    if rows == 0 {
        return Err(Problem::new("words-no-test-rows").with("folder", run.display()));
    }
    let model = open_classifier(shared, &ClassifierSource::from(run.to_owned()))?;
    let (fingerprint, weights) = (settings.data.content_hash.clone(), digest(&model.classifier));
    let is_same =
        |kept: &KeptWords| (&kept.fingerprint, &kept.weights, kept.words.rows) == (&fingerprint, &weights, rows);
    if let Some(kept) = KeptWords::in_run(run).filter(is_same) {
        return Ok(kept.words);
    }
    let tell = |task| move |done, total| shared.notify(Notice::Progress(Progress { task, done, total }));
    let dataset = own_rows(&settings, &splits, &tell(Task::ReadData)).map_err(of_run)?;
    let quiet = Quiet { shared, asked: Some(id) };
    let (interrupt, told) = (quiet.interrupt(), tell(Task::Words));
    let classifier = model.classifier.frozen()?.interruptible(interrupt.clone());
    let explainer = Explainer { classifier: &classifier, tokeniser: &model.tokeniser, max_length: model.max_length };
    let tally = shared.pool()?.install(|| {
        let mut tally = Tally::new(classifier.label_names().len());
        for texts in sample(&dataset, rows) {
            told(tally.rows(), rows);
            match tally.add(&explainer, &texts) {
                Err(_) if interrupt.has_ended() => return Err(Problem::new("cancelled")),
                added => added?,
            }
        }
        Ok(tally)
    })?;
    tell(Task::Reference)(0, 1);
    let bag_of_words =
        shared.pool()?.install(|| reference::lived_words(&dataset, LISTED, &|| quiet.stop_requested()))?;
    let bag_of_words = bag_of_words.ok_or(Problem::new("cancelled"))?;
    let labels = dataset.label_names().into_iter().zip(tally.most()).zip(bag_of_words);
    let words = LivedWords {
        labels: labels.map(|((label, words), bag_of_words)| LabelWords { label, words, bag_of_words }).collect(),
        rows: tally.rows(),
        test_rows: splits.test.len(),
        trusted: tally.trusted(),
    };
    let kept = KeptWords { version: KeptWords::VERSION, fingerprint, weights, words };
    // Whoever cannot write there, finds them again the next time.
    if let Err(problem) = kept.keep(run) {
        shared.notify(Notice::Warning(problem));
    }
    Ok(kept.words)
}

/// So many test rows, spread evenly over all of them.
fn sample(dataset: &Dataset, rows: usize) -> impl Iterator<Item = RowTexts> + '_ {
    let test = &dataset.splits.test;
    (0..rows).map(move |k| {
        let row = test[k * test.len() / rows] as usize;
        let second = dataset.texts.second(row).map(ToOwned::to_owned);
        RowTexts { text: dataset.texts.get(row).to_owned(), second }
    })
}

/// Returns what tells the head of one model from that of another. The head always trains.
fn digest(classifier: &Classifier) -> String {
    let head = classifier.tree().parameters.iter().filter(|parameter| parameter.part == Part::Classifier);
    let values = head.filter_map(|parameter| classifier.values(&parameter.name));
    values.map(|values| proof_digest(&values)).collect::<Vec<_>>().join(" ")
}
