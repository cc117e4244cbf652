//! A run's model is given away: as it is, or with rounded weights, of which the difference is measured.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::tokens::TokenStore;
use crate::domain::config::ModelSource;
use crate::domain::half::{Half, HalfMeasured, Rounded};
use crate::domain::message::{AskId, Task};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::pretrained::PretrainedModel;
use crate::runs::{self, Rounding, RunReader};
use crate::train::evaluate::{Evaluation, Measured, evaluate};
use crate::train::loss::Loss;
use crate::train::prefix::Prefix;

use super::evaluation::{own_rows, read_progress};
use super::questions::{Quiet, check_pairs, frozen, open_classifier};
use super::shared::Shared;

/// Writes the model of the run in `dir` into the new folder `to`, and says what rounding its weights changes where that was asked
/// for.
///
/// # Errors
/// Those of [`runs::export`]; `cancelled`; those of opening the model with rounded weights.
pub fn export(
    shared: &Arc<Shared>,
    id: AskId,
    dir: &Path,
    to: &Path,
    half: Option<Half>,
) -> Outcome<(PathBuf, Option<Rounded>)> {
    let Some(half) = half else { return runs::export(dir, to, None) };
    let measure = |making: &Path| {
        let measured = match measure(shared, id, dir, making) {
            Err(problem) if problem.id == "cancelled" => return Err(problem),
            measured => measured,
        };
        Ok(Rounded { half, measured })
    };
    runs::export(dir, to, Some(Rounding { half, measure: &measure }))
}

/// Evaluates the run's test rows with its own weights and with those in the folder `making`.
fn measure(shared: &Arc<Shared>, id: AskId, dir: &Path, making: &Path) -> Outcome<HalfMeasured> {
    let Some((settings, splits)) = RunReader::open(dir)?.run else {
        return Err(Problem::new("resume-no-run").with("folder", dir.display()));
    };
    let dataset = own_rows(&settings, &splits, &read_progress(shared))?;
    let model = open_classifier(shared, &dir.to_owned().into())?;
    check_pairs(&model, dataset.texts.are_pairs())?;
    let pretrained = PretrainedModel::open(&ModelSource::Folder(making.to_owned()))?;
    let labels = model.classifier.label_names();
    let rounded = frozen(&pretrained, labels, 0, model.classifier.precision())?;
    let tokens = TokenStore::new(Arc::clone(&dataset.texts), Arc::clone(&model.tokeniser), model.max_length);
    let rows = &dataset.splits.test;
    let evaluate = |classifier: &Classifier| -> Outcome<Evaluation> {
        let evaluation = shared.pool()?.install(|| {
            let measured = Measured { tokens: &tokens, labels: &dataset.labels, rows, loss: &Loss::PLAIN };
            evaluate(classifier, &Prefix::NONE, measured, &Quiet { shared, asked: Some(id) }, Task::Test)
        })?;
        if evaluation.stopped { Err(Problem::new("cancelled")) } else { Ok(evaluation) }
    };
    let (before, after) = (evaluate(&model.classifier)?, evaluate(&rounded)?);
    Ok(difference(&before, &after))
}

fn difference(before: &Evaluation, after: &Evaluation) -> HalfMeasured {
    let pairs = before.probabilities.iter().flatten().zip(after.probabilities.iter().flatten());
    let changed = before.predictions.iter().zip(&after.predictions).filter(|(before, after)| before != after).count();
    HalfMeasured {
        rows: before.predictions.len() as u64,
        accuracy_before: before.confusion.accuracy(),
        accuracy: after.confusion.accuracy(),
        loss_before: before.loss,
        loss: after.loss,
        largest_difference: pairs.map(|(before, after)| (before - after).abs()).fold(0.0, f64::max),
        changed: changed as u64,
    }
}
