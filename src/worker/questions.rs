//! What a face may ask of models: a parameter's values, predictions, measures.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::data::dataset::{Dataset, clean_text};
use crate::data::tokens::TokenStore;
use crate::domain::config::{DataConfig, ModelSource};
use crate::domain::message::{Answer, Notice, Prediction, Progress, RunEvent, RunNotice, RunObserver, Task};
use crate::domain::params::{ParameterView, Part, ValuesOf};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::encoder::DropoutConfig;
use crate::model::inspect;
use crate::model::pretrained::PretrainedModel;
use crate::runs::{DataFacts, RunReader, RunSettings, SplitRows};
use crate::train::evaluate;
use crate::train::loss::Loss;
use crate::train::prefix::Prefix;

use super::records::{fingerprint, numbers};
use super::session::{ReadyModel, Stamp};
use super::shared::Shared;

/// Is called with (bytes done, bytes in all).
type OnProgress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// The values of a parameter: those of the model at hand, or of the last run's model when it grew from that one.
///
/// # Errors
/// `no-model-yet`, `freeze-unknown-name`; those of reading the weights.
pub fn parameter(shared: &Shared, name: &str, of: ValuesOf) -> Outcome<ParameterView> {
    let session = shared.session();
    let model = session.model.clone().ok_or(Problem::new("no-model-yet"))?;
    let trained = session.trained.clone().filter(|trained| Arc::ptr_eq(&trained.from, &model));
    let labels = session.labels_for(&model);
    drop(session);
    let seed = shared.seed.load(Ordering::Acquire);
    let tree = model.pretrained.tree(&labels);
    let Some(parameter) = tree.parameters.iter().find(|p| p.name == name) else {
        return Err(Problem::new("freeze-unknown-name").with("name", name).with("model", &tree.facts.name));
    };
    // A run on other data may have had another head.
    let of_run = trained.and_then(|trained| {
        let values = trained.ready.classifier.values(name).filter(|values| values.len() == parameter.count())?;
        Some((trained, values))
    });
    let (model_name, run) = (tree.facts.name.clone(), of_run.as_ref().map(|(trained, _)| trained.dir.clone()));
    let view = |of, values: &[f32], trained| ParameterView {
        of,
        model: model_name,
        run,
        trained,
        ..inspect::view(name, &parameter.shape, values)
    };
    if of == ValuesOf::Run
        && let Some((trained, values)) = of_run
    {
        return Ok(view(ValuesOf::Run, &values, trained.ready.classifier.trains(name)));
    }
    let own = model.pretrained.weights.get(name).filter(|_| parameter.part != Part::Classifier);
    let values = match own {
        Some(tensor) => tensor.to_f32()?,
        // A run with this seed would start from these.
        None => {
            let values = frozen(&model.pretrained, &labels, seed)?.values(name);
            values.ok_or_else(|| Problem::internal(format!("no values of {name}")))?
        }
    };
    Ok(view(ValuesOf::Model, &values, None))
}

/// A model that does not train.
fn frozen(pretrained: &PretrainedModel, labels: &[String], seed: u64) -> Outcome<Classifier> {
    let trainable = vec![false; pretrained.tree(labels).parameters.len()];
    Classifier::new(pretrained, labels, &trainable, DropoutConfig::default(), seed)
}

/// Classifies texts with the model of a folder, or else of the last run.
///
/// # Errors
/// `nothing-trained-yet`; those of opening a folder.
pub fn predict(shared: &Shared, texts: &[String], run_dir: Option<&Path>) -> Outcome<Vec<Prediction>> {
    let trained = shared.session().trained.clone().map(|trained| trained.ready);
    let model = match run_dir {
        Some(dir) => open_folder(shared, dir)?,
        None => trained.ok_or(Problem::new("nothing-trained-yet"))?,
    };
    // The texts of a data file are cleaned before the model learns from them, so these are as well.
    let cleaned: Vec<String> = texts.iter().map(|text| clean_text(text).into_owned()).collect();
    let mut predictions = shared
        .pool()?
        .install(|| evaluate::predict(&model.classifier, &model.tokeniser, model.max_length, &cleaned))?;
    predictions.iter_mut().zip(texts).for_each(|(prediction, text)| prediction.text.clone_from(text));
    Ok(predictions)
}

/// Measures the model of a folder on a file, or on its own test rows. The data at hand stay as they are.
///
/// # Errors
/// `evaluate-needs-data`, `evaluate-data-changed`; those of opening a folder and reading data.
pub fn evaluate_folder(shared: &Shared, dir: &Path, data: Option<DataConfig>) -> Outcome<Answer> {
    let run = RunReader::open(dir)?.run;
    let model = open_folder(shared, dir)?;
    let labels = model.classifier.label_names();
    let progress = |done, total| shared.notify(Notice::Progress(Progress { task: Task::ReadData, done, total }));
    let dataset = match (data, run) {
        (Some(config), run) => {
            let columns = run.as_ref().map(|(settings, _)| &settings.data);
            open_given(&config, columns, labels, &progress)?
        }
        (None, Some((settings, splits))) => own_rows(&settings, &splits, &progress)?,
        (None, None) => return Err(Problem::new("evaluate-needs-data").with("folder", dir.display())),
    };
    let tokens = TokenStore::new(Arc::clone(&dataset.texts), Arc::clone(&model.tokeniser), model.max_length);
    let rows = &dataset.splits.test;
    let evaluation = shared.pool()?.install(|| {
        let measured = evaluate::Measured { tokens: &tokens, labels: &dataset.labels, rows, loss: &Loss::PLAIN };
        evaluate::evaluate(&model.classifier, &Prefix::NONE, measured, &Quiet(shared), Task::Test)
    })?;
    Ok(Answer::Evaluation { test: evaluation.report(labels), data: Arc::new(dataset.summary) })
}

/// A file to measure on. Its columns are the given ones, else those that the run read, else guessed ones.
fn open_given(
    config: &DataConfig,
    of_run: Option<&DataFacts>,
    labels: &[String],
    progress: &OnProgress<'_>,
) -> Outcome<Dataset> {
    let mut like_run = config.clone();
    if let Some(facts) = of_run {
        like_run.text_column.get_or_insert_with(|| facts.text_column.clone());
        like_run.label_column.get_or_insert_with(|| facts.label_column.clone());
        like_run.header = like_run.header.or(facts.headless.then_some(false));
    }
    match Dataset::open_for_evaluation(&like_run, labels, progress) {
        Err(problem) if problem.id == "data-unknown-column" && like_run != *config => {
            Dataset::open_for_evaluation(config, labels, progress)
        }
        opened => opened,
    }
}

/// The run's data, read again as the run read it; its test part is what the run was tested on.
fn own_rows(settings: &RunSettings, splits: &SplitRows, progress: &OnProgress<'_>) -> Outcome<Dataset> {
    let dataset = Dataset::open(&settings.config.data, progress)?;
    if fingerprint(&dataset) != settings.data.content_hash || numbers(&dataset, &dataset.splits.test) != splits.test {
        return Err(Problem::new("evaluate-data-changed").with("file", &settings.data.name));
    }
    Ok(dataset)
}

/// Passes the progress of an evaluation on. Only the end of the face stops one.
struct Quiet<'a>(&'a Shared);

impl RunObserver for Quiet<'_> {
    fn emit(&self, _: RunEvent) {}

    fn notify(&self, notice: RunNotice) {
        if let RunNotice::Progress(progress) = notice {
            self.0.notify(Notice::Progress(progress));
        }
    }

    fn stop_requested(&self) -> bool {
        self.0.sink.is_gone()
    }
}

/// The model of a run folder or of any folder with a classifier. The one last asked for is kept at hand.
///
/// # Errors
/// `run-not-found`, `run-without-model`, `run-without-head`, `run-head-other`,
/// `run-lacks-parameters`; those of reading a model.
fn open_folder(shared: &Shared, dir: &Path) -> Outcome<Arc<ReadyModel>> {
    let stamp = Stamp::of_folder(dir);
    if let Some((path, as_read, model)) = &shared.session().folder
        && path == dir
        && *as_read == stamp
    {
        return Ok(Arc::clone(model));
    }
    let run = RunReader::open(dir)?;
    let pretrained = PretrainedModel::open(&ModelSource::Folder(dir.to_owned()))?;
    let Some(labels) = pretrained.facts.head_labels.clone() else {
        let none = || Problem::new("run-without-head").with("folder", dir.display());
        return Err(pretrained.other_head.unwrap_or_else(none));
    };
    if !pretrained.lacking.is_empty() {
        let problem = Problem::new("run-lacks-parameters").with("folder", dir.display());
        return Err(problem.with("names", pretrained.lacking.join(", ")));
    }
    for note in &pretrained.facts.notes {
        shared.notify(Notice::Warning(note.clone()));
    }
    // A model from elsewhere reads as many tokens as its tokenizer's settings say, as in Python, else as many as it can.
    let positions = pretrained.facts.positions;
    let own = || pretrained.tokeniser.own_max_length().filter(|length| *length >= 4).unwrap_or(positions);
    let max_length = run.run.map_or_else(|| own().min(positions), |(s, _)| s.config.training.max_length);
    let classifier = frozen(&pretrained, &labels, 0)?;
    let model = Arc::new(ReadyModel { classifier, tokeniser: pretrained.tokeniser, max_length });
    shared.session().folder = Some((dir.to_owned(), stamp, Arc::clone(&model)));
    Ok(model)
}
