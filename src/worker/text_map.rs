//! The map of a run's test rows. Their vectors are computed once for a run's weights and rows; the points, the probes and
//! t-SNE are made of them.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::data::dataset::Dataset;
use crate::data::split::stratified_sample;
use crate::data::tokens::TokenStore;
use crate::domain::config::ClassifierSource;
use crate::domain::health::PartName;
use crate::domain::message::{AskId, Notice, Progress, RunObserver as _, Task};
use crate::domain::precision::Precision;
use crate::domain::predictions::PredictedRow;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::text_map::{LayerPoints, MOST_MAPPED, MappedText, MovedPoints, Points, Probes, TextMap};
use crate::explain::text_map::pca::Axes;
use crate::explain::text_map::probe::probe;
use crate::explain::text_map::tsne::{Start, embed};
use crate::explain::text_map::vectors::{Models, Vectors, vectors};
use crate::model::classifier::Classifier;
use crate::model::device::Precisions;
use crate::runs::{RunReader, RunSettings, no_run};

use super::questions::{Quiet, frozen, open_classifier};
use super::rows::{answers, own_data};
use super::session::{OpenData, ReadyModel, Stamp};
use super::shared::Shared;

/// The rows of a map are the same each time.
const SEED: u64 = 0;
/// A probe is fitted on at most so many rows.
const MOST_FITTED: usize = 1_000;
/// It is fitted on validation rows where there are so many of them, because the model has learned the training rows.
const LEAST_VALIDATION: usize = 200;
/// Fitting the probes takes about this part of the time that their vectors take with the bundled model.
const FITTING_SHARE: f64 = 0.25;

/// The map of the run that was last asked about, and what it was made of.
pub struct HeldMap {
    stamps: (Stamp, Stamp),
    map: Arc<TextMap>,
    vectors: Vectors,
    data: Arc<OpenData>,
    settings: RunSettings,
    probes: OnceLock<Arc<Probes>>,
    /// The points by t-SNE, of the lowest layer first.
    tsne: OnceLock<Arc<Vec<LayerPoints>>>,
}

/// The models on both sides of a run's fine-tuning.
struct Opened {
    before: Option<Classifier>,
    after: Arc<ReadyModel>,
}

impl Opened {
    fn models(&self) -> Models<'_> {
        Models { before: self.before.as_ref(), after: &self.after.classifier }
    }

    fn tokens(&self, dataset: &Dataset) -> TokenStore {
        TokenStore::new(Arc::clone(&dataset.texts), Arc::clone(&self.after.tokeniser), self.after.max_length)
    }
}

/// The map of a run's test rows by PCA.
///
/// # Errors
/// `resume-no-run` for a folder that is no run; `rows-data-changed`; those of opening a run, its model and its data;
/// `cancelled`.
pub fn map(shared: &Arc<Shared>, id: AskId, dir: &Path) -> Outcome<Arc<TextMap>> {
    held(shared, id, dir).map(|held| Arc::clone(&held.map))
}

/// Returns what linear probes read of the label after each layer.
///
/// # Errors
/// Those of [`map`]; `internal-error` when the optimiser does not take a single step.
pub fn probes(shared: &Arc<Shared>, id: AskId, dir: &Path) -> Outcome<Arc<Probes>> {
    let held = held(shared, id, dir)?;
    if let Some(probes) = held.probes.get() {
        return Ok(Arc::clone(probes));
    }
    let probes = Arc::new(fit_probes(shared, id, dir, &held)?);
    Ok(Arc::clone(held.probes.get_or_init(|| probes)))
}

/// The points of each layer by t-SNE. The highest layer before fine-tuning is fitted first, from the points of PCA; each layer
/// below it begins where the one above it ended, and each layer after fine-tuning where the same layer before it ended, so that
/// points move from one to the other and do not jump. The points are told as they move.
///
/// # Errors
/// Those of [`map`].
pub fn tsne(shared: &Arc<Shared>, id: AskId, dir: &Path) -> Outcome<Arc<Vec<LayerPoints>>> {
    let held = held(shared, id, dir)?;
    if let Some(layers) = held.tsne.get() {
        return Ok(Arc::clone(layers));
    }
    let (vectors, interrupt) = (&held.vectors, Quiet { shared, asked: Some(id) }.interrupt());
    let count = vectors.after.len();
    let total = count + (count - vectors.unchanged) * usize::from(vectors.before.is_some());
    let mut done = 0;
    let mut fit = |layer: usize, is_after: bool, start: Start<'_>| -> Outcome<Points> {
        shared.notify(Notice::Progress(Progress { task: Task::TextMap, done, total }));
        done += 1;
        let (before, after) = vectors.layer(layer);
        let features = if is_after { after } else { before.unwrap_or(after) };
        let tell = |points: &[[f32; 2]]| {
            let (dir, points) = (dir.to_owned(), Arc::new(points.to_vec()));
            let moved = MovedPoints { dir, layer, is_after, points };
            shared.notify(Notice::TextMapMoved(moved));
            !interrupt.ends()
        };
        let found = shared.pool()?.install(|| embed(features, start, &tell))?;
        found.map(Arc::new).ok_or(Problem::new("cancelled"))
    };
    let mut layers: Vec<LayerPoints> = Vec::with_capacity(count);
    for layer in (0..count).rev() {
        let by_pca = &held.map.layers[layer];
        let above = layers.last().map(|above| above.before.clone().unwrap_or_else(|| Arc::clone(&above.after)));
        let start = match &above {
            Some(above) => Start::From(above),
            None => Start::Flat(by_pca.before.as_ref().unwrap_or(&by_pca.after)),
        };
        let points = match vectors.before.is_some() {
            false => LayerPoints { before: None, after: fit(layer, true, start)? },
            true => {
                let before = fit(layer, false, start)?;
                let is_same = layer < vectors.unchanged;
                let after = if is_same { Arc::clone(&before) } else { fit(layer, true, Start::From(&before))? };
                LayerPoints { before: Some(before), after }
            }
        };
        layers.push(points);
    }
    layers.reverse();
    Ok(Arc::clone(held.tsne.get_or_init(|| Arc::new(layers))))
}

fn held(shared: &Arc<Shared>, id: AskId, dir: &Path) -> Outcome<Arc<HeldMap>> {
    let opened = RunReader::open(dir)?.run;
    let (settings, splits) = opened.ok_or_else(|| no_run(dir))?;
    let stamps = (Stamp::of_folder(dir), Stamp::of_data(&settings.config.data));
    let is_it = |held: &Arc<HeldMap>| held.map.dir == dir && held.stamps == stamps;
    if let Some(held) = shared.session().map.clone().filter(is_it) {
        return Ok(held);
    }
    let data = own_data(shared, &settings, &splits)?;
    let answers = answers(shared, id, dir)?;
    let models = open(shared, dir, &settings, Precisions::fastest())?;
    let held = Arc::new(make(shared, id, (dir, stamps), settings, data, &models, &answers.rows)?);
    shared.session().map = Some(Arc::clone(&held));
    Ok(held)
}

/// Opens both models to compute in a precision. Where that before the run is gone, the map has one side, and the user hears why.
fn open(shared: &Shared, dir: &Path, settings: &RunSettings, precision: Precision) -> Outcome<Opened> {
    let source = ClassifierSource { precision: Some(precision), ..ClassifierSource::from(dir.to_owned()) };
    let after = open_classifier(shared, &source)?;
    if after.classifier.label_names() != settings.labels {
        return Err(Problem::new("rows-data-changed").with("file", &settings.data.name));
    }
    let opened = shared.open_model(&settings.config.model).and_then(|(model, _)| {
        let (own, facts) = (&after.classifier.tree().facts, &model.pretrained.facts);
        if (own.layers, own.hidden_size) != (facts.layers, facts.hidden_size) {
            return Err(Problem::new("map-other-shape").with("model", &facts.name));
        }
        frozen(&model.pretrained, &settings.labels, 0, after.classifier.precision())
    });
    let before = opened.map_err(|problem| {
        let why = Problem::new("map-no-before").with_problem("problem", problem);
        shared.notify(Notice::Warning(why));
    });
    Ok(Opened { before: before.ok(), after })
}

fn make(
    shared: &Arc<Shared>,
    id: AskId,
    (dir, stamps): (&Path, (Stamp, Stamp)),
    settings: RunSettings,
    data: Arc<OpenData>,
    models: &Opened,
    answers: &[PredictedRow],
) -> Outcome<HeldMap> {
    let dataset = &data.dataset;
    let (validation, test) = (&dataset.splits.validation, &dataset.splits.test);
    let rows = stratified_sample(test, &dataset.labels, MOST_MAPPED, SEED);
    let (tokens, observer) = (models.tokens(dataset), Quiet { shared, asked: Some(id) });
    let (vectors, layers) = shared.pool()?.install(|| {
        let of = vectors(models.models(), &tokens, &dataset.labels, &rows, &observer, (0, rows.len()));
        let vectors = of?.ok_or(Problem::new("cancelled"))?;
        let layers = layers(&vectors)?;
        Ok::<_, Problem>((vectors, layers))
    })?;
    // Both are in ascending order.
    let place = |row: &u32| validation.len() + test.binary_search(row).unwrap_or_else(|place| place);
    let mapped = |row: &u32| {
        let place = place(row);
        let answer = answers.get(place).ok_or_else(|| Problem::internal("a test row without an answer"))?;
        Ok(MappedText {
            place: place as u32,
            row: dataset.row_numbers[*row as usize],
            label: dataset.labels[*row as usize],
            predicted: answer.predicted(),
            confidence: answer.confidence(),
        })
    };
    let (layers, shares) = layers.into_iter().unzip();
    let map = TextMap {
        dir: dir.to_owned(),
        labels: settings.labels.clone(),
        rows: rows.iter().map(mapped).collect::<Outcome<_>>()?,
        test_rows: test.len(),
        layers,
        shares,
        unchanged: vectors.unchanged,
        precision: models.after.classifier.precision(),
    };
    Ok(HeldMap { stamps, map: Arc::new(map), vectors, data, settings, probes: OnceLock::new(), tsne: OnceLock::new() })
}

/// The points of each layer by PCA, on axes that were fitted on both sides together, and the shares of the variance that these
/// axes show.
fn layers(vectors: &Vectors) -> Outcome<Vec<(LayerPoints, [f64; 2])>> {
    let layer = |layer: usize| {
        let (before, after) = vectors.layer(layer);
        let parts: Vec<_> = before.into_iter().chain([after]).map(Arc::as_ref).collect();
        let axes = Axes::of(&parts)?;
        let points = Arc::new(axes.points(after));
        let is_same = layer < vectors.unchanged;
        let before = before.map(|b| if is_same { Arc::clone(&points) } else { Arc::new(axes.points(b)) });
        Ok((LayerPoints { before, after: points }, axes.shares))
    };
    (0..vectors.after.len()).map(layer).collect()
}

fn fit_probes(shared: &Arc<Shared>, id: AskId, dir: &Path, held: &HeldMap) -> Outcome<Probes> {
    let dataset = &held.data.dataset;
    let (part, from) = match &dataset.splits.validation {
        validation if validation.len() >= LEAST_VALIDATION => (PartName::Validation, validation),
        _ => (PartName::Train, &dataset.splits.train),
    };
    let rows = stratified_sample(from, &dataset.labels, MOST_FITTED, SEED);
    let labels: Vec<u32> = rows.iter().map(|row| dataset.labels[*row as usize]).collect();
    let tested: Vec<u32> = held.map.rows.iter().map(|row| row.label).collect();
    let models = open(shared, dir, &held.settings, held.map.precision)?;
    let (tokens, observer) = (models.tokens(dataset), Quiet { shared, asked: Some(id) });
    let total = rows.len() + (rows.len() as f64 * FITTING_SHARE) as usize;
    let interrupt = observer.interrupt();
    let is_cancelled = || interrupt.ends();
    let (classes, layers) = (held.settings.labels.len(), held.vectors.after.len());
    let cancelled = || Problem::new("cancelled");
    shared.pool()?.install(|| {
        let own = vectors(models.models(), &tokens, &dataset.labels, &rows, &observer, (0, total))?;
        let own = own.ok_or_else(cancelled)?;
        let mut found = Vec::with_capacity(layers);
        for layer in 0..layers {
            let ((fit_before, fit_after), (before, after)) = (own.layer(layer), held.vectors.layer(layer));
            let read =
                |fit, test| probe((fit, &labels), (test, &tested), classes, &is_cancelled)?.ok_or_else(cancelled);
            let after = read(fit_after, after)?;
            let before = match fit_before.zip(before) {
                Some(_) if layer < own.unchanged => Some(after),
                Some((fit, test)) => Some(read(fit, test)?),
                None => None,
            };
            found.push((before, after));
            let done = rows.len() + (total - rows.len()) * (layer + 1) / layers;
            shared.notify(Notice::Progress(Progress { task: Task::TextMap, done, total }));
        }
        Ok(Probes { part, rows: rows.len(), layers: found })
    })
}
