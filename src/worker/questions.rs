//! A face may ask this of models: a parameter's values and predictions. The models that answer are opened here as well.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::data::dataset::clean_text;
use crate::domain::config::{ClassifierSource, ModelSource, TrainingConfig};
use crate::domain::interrupt::Interrupt;
use crate::domain::message::{AskId, Notice, Prediction, RowReads, RowTexts, RunEvent, RunNotice, RunObserver, Teller};
use crate::domain::params::{ParameterView, Part, ValuesOf};
use crate::domain::precision::Precision;
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::device::{Engine, Precisions};
use crate::model::encoder::DropoutConfig;
use crate::model::inspect;
use crate::model::pretrained::PretrainedModel;
use crate::model::save::text_columns_of;
use crate::runs::{RunReader, RunSettings, with_checkpoint};
use crate::train::evaluate;

use super::session::{OpenClassifier, ReadyModel, Stamp};
use super::shared::Shared;
use super::temperature;

/// The values of a parameter: those of the model at hand, or of the last run's model when it grew from that one.
///
/// # Errors
/// `no-model-yet`, `freeze-unknown-name`; those of reading the weights.
pub fn parameter(shared: &Shared, name: &str, of: ValuesOf) -> Outcome<ParameterView> {
    let session = shared.session();
    let model = session.model.clone().ok_or(Problem::new("no-model-yet"))?;
    let trained = session.trained.clone().filter(|trained| Arc::ptr_eq(&trained.from, &model));
    let labels = session.labels_for(&model);
    let head = session.head();
    drop(session);
    let pretrained = model.pretrained.stating(&head);
    let seed = shared.seed.load(Ordering::Acquire);
    let tree = pretrained.tree(&labels);
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
            let values = frozen(&pretrained, &labels, seed, Precision::F32)?.values(name);
            values.ok_or_else(|| Problem::internal(format!("no values of {name}")))?
        }
    };
    Ok(view(ValuesOf::Model, &values, None))
}

/// A model that does not train.
///
/// # Errors
/// Those of making a classifier.
pub fn frozen(pretrained: &PretrainedModel, labels: &[String], seed: u64, precision: Precision) -> Outcome<Classifier> {
    let trainable = vec![false; pretrained.tree(labels).parameters.len()];
    Classifier::on(&Engine::cpu(precision), pretrained, labels, &trainable, DropoutConfig::default(), seed, &|_| ())
}

/// Classifies texts with a model, or else with that of the last run.
///
/// # Errors
/// Those of [`ready_model`].
pub fn predict(shared: &Shared, texts: &[RowTexts], model: Option<&ClassifierSource>) -> Outcome<Vec<Prediction>> {
    predict_with(shared, &*ready_model(shared, model, texts)?, texts)
}

/// The same with a model that is there and reads such texts.
///
/// # Errors
/// `internal-error`.
pub(super) fn predict_with(shared: &Shared, model: &ReadyModel, texts: &[RowTexts]) -> Outcome<Vec<Prediction>> {
    // The texts of a data file are cleaned before the model learns from them, so these are as well.
    let clean = |text: &String| clean_text(text).into_owned();
    let cleaned: Vec<RowTexts> =
        texts.iter().map(|row| RowTexts { text: clean(&row.text), second: row.second.as_ref().map(clean) }).collect();
    let mut predictions = shared
        .pool()?
        .install(|| evaluate::predict(&model.classifier, &model.tokeniser, model.max_length, &cleaned))?;
    for (prediction, row) in predictions.iter_mut().zip(texts) {
        prediction.text.clone_from(&row.text);
        prediction.second.clone_from(&row.second);
    }
    Ok(predictions)
}

/// The model that is to read these texts, or else that of the last run.
///
/// # Errors
/// `nothing-trained-yet`; those of opening a model; `predict-needs-second`, `predict-one-text` for rows of another number of
/// texts than the model was trained on; `tokeniser-no-pairs`.
pub(super) fn ready_model(
    shared: &Shared,
    model: Option<&ClassifierSource>,
    texts: &[RowTexts],
) -> Outcome<Arc<ReadyModel>> {
    let model = match model {
        Some(source) => open_classifier(shared, source)?,
        None => trained_model(shared)?,
    };
    texts.iter().try_for_each(|row| model.reads.check(row))?;
    check_pairs(&model, texts.iter().any(|row| row.second.is_some()))?;
    Ok(model)
}

/// The model of the last run, at the temperature that is kept with the run now: it may have been fitted since the model was
/// trained.
///
/// # Errors
/// `nothing-trained-yet`; `run-unreadable` for a kept temperature that is none.
pub(super) fn trained_model(shared: &Shared) -> Outcome<Arc<ReadyModel>> {
    let trained = shared.session().trained.clone().ok_or(Problem::new("nothing-trained-yet"))?;
    let fitted = temperature::of_run(&trained.dir)?;
    let kept = fitted.unwrap_or(temperature::PLAIN);
    if kept == trained.ready.classifier.temperature() {
        return Ok(trained.ready);
    }
    let same = &trained.ready;
    let ready = Arc::new(ReadyModel {
        classifier: same.classifier.at_temperature(kept),
        is_fitted: fitted.is_some(),
        tokeniser: Arc::clone(&same.tokeniser),
        max_length: same.max_length,
        reads: same.reads.clone(),
    });
    // From now on no one finds what is known of the model at its former temperature.
    if let Some(now) = shared.session().trained.as_mut().filter(|now| Arc::ptr_eq(&now.ready, same)) {
        now.ready = Arc::clone(&ready);
    }
    Ok(ready)
}

/// Refuses pairs of texts for a model whose tokeniser does not say how two stand in one row.
///
/// # Errors
/// `tokeniser-no-pairs`.
pub fn check_pairs(model: &ReadyModel, are_pairs: bool) -> Outcome<()> {
    if are_pairs && !model.tokeniser.takes_pairs() {
        return Err(Problem::new("tokeniser-no-pairs").with("model", &model.classifier.tree().facts.name));
    }
    Ok(())
}

/// What a model that classifies reads of a row.
///
/// # Errors
/// Those of opening a model.
pub fn reads_of(shared: &Shared, source: &ClassifierSource) -> Outcome<RowReads> {
    open_classifier(shared, source).map(|model| model.reads.clone())
}

/// Passes the progress of an evaluation on. The end of the face stops one, and so does whoever cancels the question.
pub struct Quiet<'a> {
    pub shared: &'a Arc<Shared>,
    /// The question, where it can be cancelled.
    pub asked: Option<AskId>,
}

/// Tells whether the work on a question is to end.
fn ends(shared: &Shared, asked: Option<AskId>) -> bool {
    shared.sink.is_gone() || asked.is_some_and(|id| shared.is_cancelled(id))
}

impl RunObserver for Quiet<'_> {
    fn emit(&self, _: RunEvent) {}

    fn notify(&self, notice: RunNotice) {
        tell(self.shared, notice);
    }

    fn stop_requested(&self) -> bool {
        ends(self.shared, self.asked)
    }

    fn interrupt(&self) -> Interrupt {
        let (shared, asked) = (Arc::clone(self.shared), self.asked);
        Interrupt::new(move || ends(&shared, asked))
    }

    fn teller(&self) -> Teller {
        let shared = Arc::clone(self.shared);
        Arc::new(move |notice| tell(&shared, notice))
    }
}

fn tell(shared: &Shared, notice: RunNotice) {
    if let RunNotice::Progress(progress) = notice {
        shared.notify(Notice::Progress(progress));
    }
}

/// The folder in which a model is looked for.
pub(super) fn place_of(source: &ClassifierSource) -> &Path {
    match &source.model {
        ModelSource::Folder(dir) => dir,
        ModelSource::Bundled => Path::new("bundled"),
    }
}

/// The model of a run folder or of any folder with a classifier, or another model with the head of one. Those last asked
/// for are kept at hand.
///
/// # Errors
/// `run-not-found`, `run-without-model`, `run-without-head`, `run-head-other`, `bundled-without-head`,
/// `run-lacks-parameters`; those of reading a model or a head.
pub fn open_classifier(shared: &Shared, source: &ClassifierSource) -> Outcome<Arc<ReadyModel>> {
    let source = &with_checkpoint(source);
    let stamps = (Stamp::of_model(&source.model), source.head.as_deref().map(Stamp::of_head));
    if let Some(model) = shared.session().classifier(source, &stamps) {
        return Ok(model);
    }
    // A run's model is called by the run's folder, and a run without one is told.
    let mut run = match &source.model {
        ModelSource::Folder(dir) => RunReader::open(dir)?.run,
        ModelSource::Bundled => None,
    };
    let mut pretrained = PretrainedModel::open(&source.model)?;
    if let Some(head) = &source.head {
        pretrained = match source.is_ancestor {
            true => pretrained.with_descendants_head(head)?,
            false => pretrained.with_head(head)?,
        };
        // A head has learned from texts that were cut as its run cut them.
        run = if head.is_dir() { RunReader::open(head)?.run } else { None };
    }
    let Some(labels) = pretrained.facts.head_labels.clone() else {
        let none = match &source.model {
            ModelSource::Folder(dir) => Problem::new("run-without-head").with("folder", dir.display()),
            ModelSource::Bundled => Problem::new("bundled-without-head"),
        };
        return Err(pretrained.other_head.unwrap_or(none));
    };
    if !pretrained.lacking.is_empty() {
        let problem = Problem::new("run-lacks-parameters").with("folder", place_of(source).display());
        return Err(problem.with("names", pretrained.lacking.join(", ")));
    }
    for note in &pretrained.facts.notes {
        shared.notify(Notice::Warning(note.clone()));
    }
    // A model from elsewhere reads as many tokens as its tokenizer's settings say, as in Python, else as many as it can.
    let positions = pretrained.facts.positions;
    let own = || pretrained.tokeniser.own_max_length().filter(|length| *length >= 4).unwrap_or(positions);
    let max_length = run.as_ref().map_or_else(own, |(s, _)| s.config.training.max_length).min(positions);
    let of_run = run.as_ref().map(|(settings, _)| settings.config.training.precision);
    let reads = match (run, text_columns_of(&pretrained).filter(|_| source.head.is_none())) {
        (Some((RunSettings { data, .. }, _)), _) => match data.second_text_column {
            Some(second) => RowReads::TwoTexts { first: data.text_column, second },
            None => RowReads::OneText,
        },
        (None, Some([first, second])) => RowReads::TwoTexts { first, second },
        (None, None) => RowReads::Unknown,
    };
    let precision = source.precision.or(of_run).unwrap_or_default();
    let training = TrainingConfig { precision, ..TrainingConfig::default() };
    let precisions = Precisions::of(&training);
    precisions.refused.into_iter().for_each(|problem| shared.notify(Notice::Warning(problem)));
    let fitted = temperature::of_source(source, &pretrained)?;
    let classifier =
        frozen(&pretrained, &labels, 0, precisions.products)?.at_temperature(fitted.unwrap_or(temperature::PLAIN));
    let model = Arc::new(ReadyModel {
        classifier,
        is_fitted: fitted.is_some(),
        tokeniser: pretrained.tokeniser,
        max_length,
        reads,
    });
    let opened = OpenClassifier { source: source.clone(), stamps, model: Arc::clone(&model) };
    shared.session().keep_classifier(opened);
    Ok(model)
}
