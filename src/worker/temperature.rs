//! The probabilities of a run's model for the run's own rows, and the temperature that is fitted on them. At which
//! temperature any probability is told is decided here and nowhere else.

use std::path::Path;
use std::sync::Arc;

use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::{ClassifierSource, ModelSource};
use crate::domain::dataset::Parts;
use crate::domain::message::Task;
use crate::domain::metrics::calibration::Temperature;
use crate::domain::metrics::scores::{RunScores, Scores};
use crate::domain::problem::{Outcome, Problem};
use crate::model::pretrained::PretrainedModel;
use crate::model::save::temperature_of;
use crate::runs::{RunReader, forget_temperature, keep_temperature, temperature};
use crate::train::evaluate::{Measured, evaluate};
use crate::train::loss::Loss;
use crate::train::prefix::Prefix;

use super::questions::{Quiet, check_pairs, open_classifier, own_rows, read_progress};
use super::records::numbers;
use super::session::{ScoredRun, Stamp};
use super::shared::Shared;

/// The temperature of a model for which none was fitted, and the one at which answers are kept, since another may be fitted
/// later.
pub const PLAIN: f64 = 1.0;

/// The temperature that was fitted for the model of the run in `dir`; `None` where none was.
///
/// # Errors
/// `run-unreadable` for a kept temperature that is none.
pub fn of_run(dir: &Path) -> Outcome<Option<f64>> {
    Ok(temperature(dir)?.map(|fitted| fitted.temperature))
}

/// The temperature of a run's model, or the one that a model was exported with. It belongs to the head, so that with the
/// head of a run it is that run's.
///
/// # Errors
/// Those of [`of_run`].
pub fn of_source(source: &ClassifierSource, pretrained: &PretrainedModel) -> Outcome<Option<f64>> {
    match (&source.model, &source.head) {
        (_, Some(head)) if head.is_dir() => of_run(head),
        (_, Some(_)) => Ok(None),
        (ModelSource::Folder(dir), None) => Ok(of_run(dir)?.or_else(|| temperature_of(pretrained))),
        (ModelSource::Bundled, None) => Ok(None),
    }
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
/// Those of [`scores`]; `temperature-no-rows`, `temperature-not-finite`, `temperature-without-minimum`; `run-in-use`,
/// `file-error`.
pub fn set(shared: &Arc<Shared>, dir: &Path, fit: bool) -> Outcome<Option<Temperature>> {
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
        return Err(Problem::new("resume-no-run").with("folder", dir.display()));
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
