//! A model is measured here on a file or on a run's own rows, and its temperature is fitted on such rows.

use std::path::Path;
use std::sync::Arc;

use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::{ClassifierSource, DataConfig, DataSource, ModelSource};
use crate::domain::dataset::Parts;
use crate::domain::health::{Finding, of_run};
use crate::domain::labels::{LabelPair, MatchedLabel, says_something, unused_pairs};
use crate::domain::message::{Answer, AskId, Notice, Progress, RowReads, Task};
use crate::domain::metrics::Confusion;
use crate::domain::metrics::calibration::Temperature;
use crate::domain::metrics::scores::{RunScores, Scores};
use crate::domain::other_test::{MostFrequent, OtherTest};
use crate::domain::problem::{Outcome, Problem};
use crate::runs::{
    RunReader, RunSettings, SplitRows, forget_temperature, keep_other_test, keep_temperature, no_run, portable,
    temperature,
};
use crate::train::evaluate::{Measured, evaluate};
use crate::train::loss::Loss;
use crate::train::prefix::Prefix;

use super::questions::{Quiet, check_pairs, open_classifier, place_of};
use super::records::{fingerprint, numbers};
use super::session::{ScoredRun, Stamp};
use super::shared::Shared;
use super::temperature::PLAIN;

/// Is called with (bytes done, bytes in all).
type OnProgress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Measures a model on a file, or a run's on its own test rows. The data at hand stay as they are. What a run answers on a file
/// is kept with the run.
///
/// # Errors
/// `evaluate-needs-data`, `evaluate-data-changed`; `cancelled`; those of opening a folder and reading data.
pub fn evaluate_folder(
    shared: &Arc<Shared>,
    id: AskId,
    source: &ClassifierSource,
    data: Option<DataConfig>,
) -> Outcome<Answer> {
    // With the head of a run, the classifier has learned what that run was trained on.
    let learned = match source {
        ClassifierSource { head: Some(dir), .. } if dir.is_dir() => RunReader::open(dir)?.run,
        ClassifierSource { model: ModelSource::Folder(dir), head: None, .. } => RunReader::open(dir)?.run,
        _ => None,
    };
    let run = learned.clone().filter(|_| source.head.is_none());
    let dir = run.as_ref().map(|_| place_of(source).to_owned());
    let model = open_classifier(shared, source)?;
    let labels = model.classifier.label_names();
    let progress = read_progress(shared);
    let given = data.as_ref().map(|data| data.source.clone());
    let file = if let Some(DataSource::File(file)) = &given { Some(portable(file)) } else { None };
    let mut dataset = match (data, run) {
        (Some(config), run) => {
            let run = run.as_ref().map(|(settings, _)| settings);
            let dataset = open_given(&config, &model.reads, run, labels, &progress)?;
            let of_file: Vec<String> = dataset.summary.matched.iter().map(|pair| pair.label.clone()).collect();
            for problem in unused_pairs(&config.label_map, &of_file) {
                shared.notify(Notice::Warning(problem));
            }
            dataset
        }
        (None, Some((settings, splits))) => own_rows(&settings, &splits, &progress)?,
        (None, None) => return Err(Problem::new("evaluate-needs-data").with("folder", place_of(source).display())),
    };
    check_pairs(&model, dataset.texts.are_pairs())?;
    if let (Some(given), Some((settings, splits))) = (given, learned) {
        match met_in_training(&dataset, given, settings, &splits) {
            Ok(found) => dataset.summary.findings.splice(0..0, found).for_each(drop),
            Err(problem) => shared.notify(Notice::Warning(problem)),
        }
    }
    let tokens = TokenStore::new(Arc::clone(&dataset.texts), Arc::clone(&model.tokeniser), model.max_length);
    let rows = &dataset.splits.test;
    let evaluation = shared.pool()?.install(|| {
        let measured = Measured { tokens: &tokens, labels: &dataset.labels, rows, loss: &Loss::PLAIN };
        evaluate(&model.classifier, &Prefix::NONE, measured, &Quiet { shared, asked: Some(id) }, Task::Test)
    })?;
    if evaluation.stopped {
        return Err(Problem::new("cancelled"));
    }
    if let (Some(dir), Some(file)) = (dir, file) {
        let (correct, rows) = (evaluation.confusion.correct(), evaluation.confusion.rows());
        let matched =
            if says_something(&dataset.summary.matched) { dataset.summary.matched.clone() } else { Vec::new() };
        let test = OtherTest {
            name: dataset.summary.name.clone(),
            file,
            fingerprint: fingerprint(&dataset),
            rows,
            correct,
            macro_f1: evaluation.confusion.macro_f1(),
            matched,
            found: of_run(&dataset.summary.findings),
            most_frequent: most_frequent(&evaluation.confusion, labels),
        };
        // Whoever may not write into the run's folder hears the numbers all the same.
        if let Err(problem) = keep_other_test(&dir, test) {
            let dir = dir.display();
            let unkept = Problem::new("other-test-not-kept").with("folder", dir).with_problem("problem", problem);
            shared.notify(Notice::Warning(unkept));
        }
    }
    let measures = evaluation.scores(&dataset.labels, rows).measures();
    let (test, precision) = (evaluation.report(labels), model.classifier.precision());
    let temperature = model.is_fitted.then(|| model.classifier.temperature());
    Ok(Answer::Evaluation { test, measures, temperature, data: Arc::new(dataset.summary), precision })
}

/// The label that most of the rows have.
fn most_frequent(confusion: &Confusion, labels: &[String]) -> Option<MostFrequent> {
    let (_, label) = labels.iter().enumerate().rev().max_by_key(|(class, _)| confusion.support(*class))?;
    Some(MostFrequent { label: label.clone(), share: confusion.majority_accuracy() })
}

/// Tells how far data are read.
pub fn read_progress(shared: &Shared) -> impl Fn(usize, usize) + Sync {
    move |done, total| shared.notify(Notice::Progress(Progress { task: Task::ReadData, done, total }))
}

/// A file to measure on. Its columns are the given ones, else those that the run read, else guessed ones. Where nothing is
/// stated of its labels, and they are not the run's, they may be the classes of the model that the run grew from.
fn open_given(
    config: &DataConfig,
    reads: &RowReads,
    of_run: Option<&RunSettings>,
    labels: &[String],
    progress: &OnProgress<'_>,
) -> Outcome<Dataset> {
    let mut config = config.clone();
    // A model of pairs finds no use in a guessed column.
    reads.complete(&mut config.reading)?;
    let config = &config;
    let mut like_run = config.clone();
    if let Some(RunSettings { data, .. }) = of_run {
        like_run.reading.text_column.get_or_insert_with(|| data.text_column.clone());
        like_run.reading.label_column.get_or_insert_with(|| data.label_column.clone());
        like_run.reading.header = like_run.reading.header.or(data.headless.then_some(false));
    }
    let open = |config: &DataConfig| {
        let opened = Dataset::open_for_evaluation(config, labels, progress);
        let matched = of_run.map_or(&[][..], |run| &run.model.matched);
        let is_open = match &opened {
            Err(problem) => problem.id == "data-labels-not-of-model",
            // A class that is known by its name goes before a guess.
            Ok(dataset) => dataset.summary.matched.iter().any(|pair| pair.by.is_guess()),
        };
        if !is_open || !config.label_map.is_empty() || matched.is_empty() {
            return opened;
        }
        let pair = |pair: &MatchedLabel| LabelPair { label: pair.class.clone(), class: pair.label.clone() };
        let label_map = matched.iter().map(pair).collect();
        let of_base = DataConfig { label_map, ..config.clone() };
        Dataset::open_for_evaluation(&of_base, labels, progress).or(opened)
    };
    match open(&like_run) {
        Err(problem) if problem.id == "data-unknown-column" && like_run != *config => open(config),
        opened => opened,
    }
}

/// What of a file that is measured on the run was trained on, as far as the run's own data can still be read. They may have
/// been moved, and be the `given` file.
///
/// # Errors
/// `evaluate-training-unknown` where they cannot, or are no longer what they were.
fn met_in_training(
    dataset: &Dataset,
    given: DataSource,
    mut settings: RunSettings,
    splits: &SplitRows,
) -> Outcome<Vec<Finding>> {
    let trained = own_rows(&settings, splits, &|_, _| {}).or_else(|_| {
        settings.config.data.source = given;
        own_rows(&settings, splits, &|_, _| {})
    });
    let unknown = |_| Problem::new("evaluate-training-unknown").with("file", &settings.data.name);
    trained.map(|trained| dataset.met_in(&trained)).map_err(unknown)
}

/// The run's data, read again as the run read it; its test part is what the run was tested on.
///
/// # Errors
/// `evaluate-data-changed` where they are other rows now; those of reading data.
pub fn own_rows(settings: &RunSettings, splits: &SplitRows, progress: &OnProgress<'_>) -> Outcome<Dataset> {
    let dataset = Dataset::open(&settings.config.data, progress)?;
    if fingerprint(&dataset) != settings.data.content_hash || numbers(&dataset, &dataset.splits.test) != splits.test {
        return Err(Problem::new("evaluate-data-changed").with("file", &settings.data.name));
    }
    Ok(dataset)
}

/// The probabilities that a run's model gives to the run's test rows.
///
/// # Errors
/// `resume-no-run` for a folder that is no run of Thaw; `evaluate-data-changed`; those of opening a model and reading data.
pub fn scores(shared: &Arc<Shared>, dir: &Path) -> Outcome<RunScores> {
    let (temperature, stamp) = (temperature(dir)?, Stamp::of_run(dir));
    let kept = shared.session().scored.clone().filter(|kept| kept.stamp == stamp);
    let scored = if let Some(kept) = kept {
        kept
    } else {
        let (labels, test) = scored(shared, dir, |parts| &parts.test, Task::Test)?;
        let scored = ScoredRun { stamp, labels, test: Arc::new(test) };
        shared.session().scored = Some(scored.clone());
        scored
    };
    Ok(RunScores::new(scored.labels, &scored.test, temperature))
}

/// Fits the temperature of a run's model on the run's validation rows and keeps it with the run, or forgets it.
///
/// # Errors
/// Those of [`scores`]; `temperature-no-rows`, `temperature-not-finite`, `temperature-at-chance`,
/// `temperature-without-minimum`; `run-in-use`, `file-error`.
pub fn set_temperature(shared: &Arc<Shared>, dir: &Path, fit: bool) -> Outcome<Option<Temperature>> {
    if !fit {
        forget_temperature(dir)?;
        return Ok(None);
    }
    let (_, scores) = scored(shared, dir, |parts| &parts.validation, Task::Validate)?;
    let fitted = Temperature::fit(&scores)?;
    keep_temperature(dir, &fitted)?;
    Ok(Some(fitted))
}

/// The labels of a run, and what its model says at temperature 1 about the rows of one part.
fn scored(
    shared: &Arc<Shared>,
    dir: &Path,
    of: impl Fn(&Parts<Vec<u32>>) -> &Vec<u32>,
    task: Task,
) -> Outcome<(Vec<String>, Scores)> {
    let Some((settings, splits)) = RunReader::open(dir)?.run else {
        return Err(no_run(dir));
    };
    let model = open_classifier(shared, &dir.to_owned().into())?;
    let dataset: Dataset = own_rows(&settings, &splits, &read_progress(shared))?;
    let rows = of(&dataset.splits);
    let listed = Parts { train: splits.train, validation: splits.validation, test: splits.test };
    if numbers(&dataset, rows) != *of(&listed) {
        return Err(Problem::new("evaluate-data-changed").with("file", &settings.data.name));
    }
    check_pairs(&model, dataset.texts.are_pairs())?;
    let tokens = TokenStore::new(Arc::clone(&dataset.texts), Arc::clone(&model.tokeniser), model.max_length);
    let classifier = model.classifier.at_temperature(PLAIN);
    let evaluation = shared.pool()?.install(|| {
        let measured = Measured { tokens: &tokens, labels: &dataset.labels, rows, loss: &Loss::PLAIN };
        evaluate(&classifier, &Prefix::NONE, measured, &Quiet { shared, asked: None }, task)
    })?;
    Ok((classifier.label_names().to_vec(), evaluation.scores(&dataset.labels, rows)))
}
