//! What a face may ask beside runs: a parameter's values, predictions, measures, the time a run will take.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::data::dataset::{Dataset, clean_text};
use crate::data::tokens::TokenStore;
use crate::domain::config::{DataConfig, ModelSource, RunConfig};
use crate::domain::estimate::Calibration;
use crate::domain::message::{EventKind, Prediction, RunObserver, Stage, TestEvaluated};
use crate::domain::params::{ParameterView, Part};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::encoder::DropoutConfig;
use crate::model::inspect;
use crate::model::pretrained::PretrainedModel;
use crate::runs::{DataFacts, RunReader, RunSettings, SplitRows};
use crate::train::calibrate;
use crate::train::evaluate;

use super::lane::guarded;
use super::session::{OpenModel, ReadyModel, Stamp, check_max_length};
use super::shared::Shared;
use super::system::thread_pool;

/// Hears of (bytes done, bytes in all).
type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// The values of a parameter: of the last run's model when it grew from the model at hand, else of that.
///
/// # Errors
/// `no-model-yet`, `freeze-unknown-name`; the model room's.
pub fn inspect_parameter(shared: &Shared, name: &str) -> Outcome<ParameterView> {
    let (model, trained, labels, seed) = {
        let session = shared.session();
        let model = session.model.clone().ok_or(Problem::new("no-model-yet"))?;
        let trained = session.trained.clone().filter(|(_, from)| Arc::ptr_eq(from, &model));
        let labels = session.labels_for(&model);
        (model, trained, labels, session.seed)
    };
    let tree = model.pretrained.tree(&labels);
    let Some(parameter) = tree.parameters.iter().find(|p| p.name == name) else {
        return Err(Problem::new("freeze-unknown-name").with("name", name).with("model", &tree.facts.name));
    };
    if let Some((trained, _)) = trained
        && let Some(values) = trained.classifier.values(name)
        && values.len() == parameter.count()
    {
        return Ok(inspect::view(name, &parameter.shape, &values, true));
    }
    let own = model.pretrained.weights.get(name).filter(|_| parameter.part != Part::Classifier);
    let values = match own {
        Some(tensor) => tensor.to_f32()?,
        None => initial_values(&model, &labels, seed, name)?,
    };
    Ok(inspect::view(name, &parameter.shape, &values, false))
}

/// What a run with this seed would start from.
fn initial_values(model: &OpenModel, labels: &[String], seed: u64, name: &str) -> Outcome<Vec<f32>> {
    let frozen = vec![false; model.pretrained.tree(labels).parameters.len()];
    let classifier = Classifier::new(&model.pretrained, labels, &frozen, DropoutConfig::default(), seed)?;
    classifier.values(name).ok_or_else(|| Problem::internal(format!("no values of {name}")))
}

/// Classifies texts with the model of a folder, or else of the last run.
///
/// # Errors
/// `nothing-trained-yet`; those of opening a folder.
pub fn predict(shared: &Shared, texts: &[String], run_dir: Option<&Path>) -> Outcome<Vec<Prediction>> {
    let model = match run_dir {
        Some(dir) => open_folder(shared, dir)?,
        None => {
            let trained = shared.session().trained.clone();
            trained.ok_or(Problem::new("nothing-trained-yet"))?.0
        }
    };
    // As the texts of a data file are cleaned before they are learned from.
    let cleaned: Vec<String> = texts.iter().map(|text| clean_text(text).into_owned()).collect();
    let mut predictions = shared
        .pool()?
        .install(|| evaluate::predict(&model.classifier, &model.tokeniser, model.max_length, &cleaned))?;
    predictions.iter_mut().zip(texts).for_each(|(prediction, text)| prediction.text.clone_from(text));
    Ok(predictions)
}

/// Measures the model of a folder on a file, or on its own test rows.
///
/// # Errors
/// `evaluate-needs-data`, `evaluate-data-changed`; those of opening a folder and reading data.
pub fn evaluate_folder(shared: &Shared, dir: &Path, data: Option<DataConfig>) -> Outcome<TestEvaluated> {
    let run = RunReader::open(dir)?.run;
    let model = open_folder(shared, dir)?;
    let labels = model.classifier.label_names();
    let progress = |done, total| shared.tell(EventKind::Progress { stage: Stage::ReadData, done, total });
    let dataset = match (data, run) {
        (Some(config), run) => {
            let columns = run.as_ref().map(|(settings, _)| &settings.data);
            open_given(&config, columns, labels, &progress)?
        }
        (None, Some((settings, splits))) => own_rows(&settings, &splits, &progress)?,
        (None, None) => return Err(Problem::new("evaluate-needs-data").with("folder", dir.display())),
    };
    let skipped = &dataset.summary.skipped;
    if skipped.count > 0 {
        shared.tell(EventKind::DatasetReady(Arc::new(dataset.summary.clone())));
    }
    let tokens = TokenStore::new(Arc::clone(&dataset.texts), Arc::clone(&model.tokeniser), model.max_length);
    let rows = &dataset.splits.test;
    let evaluation = shared.pool()?.install(|| {
        evaluate::evaluate(&model.classifier, &tokens, &dataset.labels, rows, &Quiet(shared), Stage::Test)
    })?;
    Ok(evaluation.report(labels))
}

/// A file to measure on. What columns it is read from: those told, else those that the run read, else guessed ones.
fn open_given(
    config: &DataConfig,
    of_run: Option<&DataFacts>,
    labels: &[String],
    progress: &Progress<'_>,
) -> Outcome<Dataset> {
    let mut like_run = config.clone();
    if let Some(facts) = of_run {
        like_run.text_column.get_or_insert_with(|| facts.text_column.clone());
        like_run.label_column.get_or_insert_with(|| facts.label_column.clone());
    }
    match Dataset::open_for_evaluation(&like_run, labels, progress) {
        Err(problem) if problem.id == "data-unknown-column" && like_run != *config => {
            Dataset::open_for_evaluation(config, labels, progress)
        }
        opened => opened,
    }
}

/// The run's data, read again as the run read it; its test part is what the run was tested on.
fn own_rows(settings: &RunSettings, splits: &SplitRows, progress: &Progress<'_>) -> Outcome<Dataset> {
    let dataset = Dataset::open(&settings.config.data, progress)?;
    let numbers: Vec<u32> = dataset.splits.test.iter().map(|row| dataset.row_numbers[*row as usize]).collect();
    let fingerprint = format!("{:016x}", dataset.summary.fingerprint);
    if fingerprint != settings.data.fingerprint || numbers != splits.test {
        return Err(Problem::new("evaluate-data-changed").with("file", &settings.data.name));
    }
    Ok(dataset)
}

/// Reports progress outside of a run; is never stopped.
struct Quiet<'a>(&'a Shared);

impl RunObserver for Quiet<'_> {
    fn emit(&self, event: EventKind) {
        self.0.tell(event);
    }

    fn stop_requested(&self) -> bool {
        self.0.sink.is_gone()
    }
}

/// The model of a run folder or of any folder with a classifier; the one last asked for is at hand.
///
/// # Errors
/// `run-not-found`, `run-without-model`, `run-without-head`; the model room's.
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
        return Err(Problem::new("run-without-head").with("folder", dir.display()));
    };
    // A model from elsewhere reads what its tokenizer's settings say, as in Python, else as much as it can.
    let positions = pretrained.facts.positions;
    let own = || pretrained.tokeniser.own_max_length().filter(|length| *length >= 4).unwrap_or(positions);
    let max_length = run.settings().map_or_else(|| own().min(positions), |s| s.config.training.max_length);
    let frozen = vec![false; pretrained.tree(&labels).parameters.len()];
    let classifier = Classifier::new(&pretrained, &labels, &frozen, DropoutConfig::default(), 0)?;
    let model = Arc::new(ReadyModel { classifier, tokeniser: pretrained.tokeniser, max_length });
    shared.session().folder = Some((dir.to_owned(), stamp, Arc::clone(&model)));
    Ok(model)
}

/// Times the model on the data, when no run is under way; during one, afterwards. A newer question replaces this one.
pub fn calibrate(shared: &Arc<Shared>, config: Box<RunConfig>) {
    let turn = shared.calibration_turn.fetch_add(1, Ordering::AcqRel) + 1;
    shared.session().seed = config.training.seed;
    let asked = Arc::clone(shared);
    shared.calibration_lane.push(move || {
        let is_newest = || asked.calibration_turn.load(Ordering::Acquire) == turn;
        if !is_newest() {
            return;
        }
        let runs_before = asked.runs_started();
        if asked.running().is_some() {
            return asked.postpone_calibration(config);
        }
        let timed = asked.undisturbed(|| guarded(|| time(&asked, &config)));
        if !is_newest() {
            return;
        }
        // What a starting run disturbed tells nothing.
        if asked.runs_started() != runs_before {
            return asked.postpone_calibration(config);
        }
        asked.tell(timed.map_or_else(EventKind::RequestFailed, EventKind::Calibrated));
    });
}

/// Times the machine on a configuration's data and model.
///
/// # Errors
/// Those of reading both; `max-length-above-positions`.
pub fn time(shared: &Arc<Shared>, config: &RunConfig) -> Outcome<Calibration> {
    let (data, _) = shared.open_data(&config.data, None)?;
    let (model, _) = shared.open_model(&config.model)?;
    check_max_length(&model, config.training.max_length)?;
    let tokens = shared.session().tokens_of(&data, &model, config.training.max_length);
    let pool = thread_pool(config.training.threads)?;
    let budget = shared.prefix_cache.own_budget();
    pool.install(|| calibrate::calibrate(&model.pretrained, &tokens, &data.dataset.splits.train, config, budget))
}

/// Goes on with what waited for the run's end.
pub fn after_run(shared: &Arc<Shared>) {
    if let Some(config) = shared.take_postponed_calibration() {
        calibrate(shared, config);
    }
    shared.fill_tokens();
}
