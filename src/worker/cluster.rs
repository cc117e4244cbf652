//! A run, or a run-to-be, as a folder that trains on a cluster and whose result Thaw opens.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::copy::plain_copy;
use crate::domain::cluster::cluster_file;
use crate::domain::config::{ModelSource, RunConfig};
use crate::domain::engine::Engine;
use crate::domain::health::of_run;
use crate::domain::message::{AskId, Notice, Progress, RunObserver as _, RunStarted, Task};
use crate::domain::params::{HeadStart, ModelFacts, Parameter};
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::program::{TrainingSource, companion};
use crate::domain::timeline::Unfreezing;
use crate::model::classifier::Classifier;
use crate::model::disk::write_whole;
use crate::model::save::{save_folder, save_small_files};
use crate::model::tensor_file::Take;
use crate::python::{ModelPlace, cluster_files, cluster_plan};
use crate::runs::{RunSettings, SplitRows, check_free, whole_folder, write_json};

use super::code::{head, order, rows, save_head};
use super::disk::check_room;
use super::prelude::{Material, weights_of};
use super::questions::Quiet;
use super::records::{facts, settings, splits};
use super::shared::Shared;
use super::training_source::{EarlierRun, check_rows, settings_of};

/// What a folder for a cluster is made of.
struct Training {
    config: RunConfig,
    material: Material,
    plan: Unfreezing,
    /// The model's id and revision on the Hub, where its weights are not at hand.
    hub: Option<(String, String)>,
    /// What the run whose training this is again knew of its model.
    model: Option<ModelFacts>,
    /// The classifier as the training begins with it. Where the weights are not at hand, only its head counts.
    classifier: Classifier,
}

/// Writes the folder, which appears whole or not at all.
///
/// # Errors
/// `run-folder-not-empty`, `run-folder-is-file`; `run-not-found`, `resume-no-run`, `run-of-trainer`, `run-unreadable`;
/// `rows-data-changed`; those of the settings, of reading data and model, and of the freezing; `disk-too-small`,
/// `file-error`; `cancelled`.
pub fn export(shared: &Arc<Shared>, id: AskId, source: TrainingSource, to: &Path) -> Outcome<PathBuf> {
    check_free(to)?;
    let observer = Quiet { shared, asked: Some(id) };
    let go_on = || if observer.stop_requested() { Err(Problem::new("cancelled")) } else { Ok(()) };
    let training = Training::open(shared, source, &go_on)?;
    training.check_room(to)?;
    let tensors = training.material.tree.parameters.len();
    let tell = |done| shared.notify(Notice::Progress(Progress { task: Task::Save, done, total: tensors }));
    whole_folder(to, |folder| {
        tell(0);
        training.write_data(folder)?;
        go_on()?;
        training.write_settings(folder)?;
        training.write_model(&folder.join(cluster_file::MODEL), &|done| {
            tell(done);
            go_on()
        })?;
        tell(tensors);
        Ok(())
    })
}

impl Training {
    fn open(shared: &Arc<Shared>, source: TrainingSource, go_on: &dyn Fn() -> Outcome<()>) -> Outcome<Self> {
        let (mut config, run) = settings_of(source)?;
        (config.out, config.runs_dir, config.guess, config.estimated_secs) = (None, None, None, None);
        // The script computes in f32, or in bf16 on a GPU, as the log then tells.
        (config.training.precision, config.training.frozen_precision) = (Precision::F32, FrozenPrecision::F32);
        let tell = |progress| shared.notify(Notice::Progress(progress));
        let (data, _) = shared.open_data(&config.data, &tell)?;
        check_rows(&data, run.as_ref())?;
        weights_of(&config, &data.dataset.summary)?;
        go_on()?;
        tell(Progress { task: Task::LoadModel, done: 0, total: 1 });
        let (model, hub) = match shared.open_model(&config.model) {
            Ok((model, _)) => (model, None),
            Err(problem) => {
                let (dir, hub) = on_hub(&config, run.as_ref()).ok_or(problem)?;
                (shared.open_model(&ModelSource::Folder(dir))?.0, Some(hub))
            }
        };
        go_on()?;
        let mut begun = config.clone();
        // Where the run's own model stands for the one that it began with, its head is the one that it learned.
        begun.data.new_head |= hub.is_some();
        let material = Material::of(shared, data, model, &begun)?;
        let plan = material.plan(&config.freeze)?;
        let classifier = head(&material, &begun)?;
        let model = run.map(|run| run.settings.model);
        Ok(Self { config, material, plan, hub, model, classifier })
    }

    /// Refuses a disk without room: the weights in f32, and the texts with some numbers for each row.
    fn check_room(&self, to: &Path) -> Outcome<()> {
        const BYTES_PER_ROW: usize = 64;
        let dataset = &self.material.data.dataset;
        let weights = if self.hub.is_none() { 4 * self.material.tree.count() } else { 0 };
        let rows = dataset.labels.len() * (BYTES_PER_ROW + 8 * self.config.training.epochs);
        let texts: usize = (0..dataset.texts.len()).map(|row| dataset.texts.bytes_of(row)).sum();
        check_room(to, (weights + rows + texts) as u64)
    }

    fn write_data(&self, folder: &Path) -> Outcome<()> {
        let dataset = &self.material.data.dataset;
        let table = plain_copy(dataset)?;
        write_whole(&folder.join(companion::DATA), &table)?;
        write_whole(&folder.join(companion::ROWS), rows(dataset, false).as_bytes())?;
        write_whole(&folder.join(companion::ORDER), order(dataset, &self.config).as_bytes())
    }

    fn write_settings(&self, folder: &Path) -> Outcome<()> {
        let Self { config, material, plan, classifier, .. } = self;
        let (is_ever, tree) = (plan.ever(), &material.tree);
        let facts = facts(material, &is_ever, classifier);
        let mut settings = RunSettings { engine: Engine::Accelerate, ..settings(config, material, &is_ever, facts) };
        settings.model = self.model.clone().unwrap_or(settings.model);
        let rows: SplitRows = splits(&material.data);
        write_json(&folder.join("settings.json"), &settings)?;
        write_json(&folder.join("splits.json"), &rows)?;
        let what = format!("{}, {}, {}", settings.data.name, config.freeze.name(), settings.model.name);
        let plan = cluster_plan(tree, plan, &config.training, self.started(&settings), self.hub.clone());
        for (name, text) in cluster_files(&plan, &config.training, &what)? {
            write_whole(&folder.join(name), text.as_bytes())?;
        }
        Ok(())
    }

    /// What the run will tell first.
    fn started(&self, settings: &RunSettings) -> RunStarted {
        let (dataset, tree, t) = (&self.material.data.dataset, &self.material.tree, &self.config.training);
        let (trainable, frozen) = tree.totals(&self.plan.ever());
        RunStarted {
            train_rows: dataset.splits.train.len(),
            validation_rows: dataset.splits.validation.len(),
            test_rows: dataset.splits.test.len(),
            skipped_rows: dataset.summary.skipped.count,
            trainable,
            frozen,
            total_steps: dataset.splits.train.len().div_ceil(t.rows_per_step()) * t.epochs,
            device: t.device.name().to_owned(),
            precision: Precision::F32,
            frozen_precision: FrozenPrecision::F32,
            seed: t.seed,
            labels: settings.labels.clone(),
            text_columns: dataset.summary.text_columns(),
            head: tree.facts.head,
            class_weights: settings.class_weights.clone(),
            label_match: tree.facts.matched.clone(),
            findings: of_run(&dataset.summary.findings),
        }
    }

    /// Writes the model that the training begins with. `go_on` is told how many parameters are written, and may end it.
    fn write_model(&self, folder: &Path, go_on: &dyn Fn(usize) -> Outcome<()>) -> Outcome<()> {
        let Self { material, classifier, .. } = self;
        let (pretrained, labels) = (&material.model.pretrained, classifier.label_names());
        let columns = material.data.dataset.summary.text_columns();
        if self.hub.is_some() {
            save_small_files(folder, pretrained, labels, &columns)?;
            return save_head(&folder.join(cluster_file::HEAD), classifier, &material.tree, material);
        }
        let tree = &material.tree;
        let values = |name: &str, take: Take<'_>| {
            go_on(tree.parameters.iter().position(|p: &Parameter| p.name == name).unwrap_or_default())?;
            classifier.hand_on(name, take)
        };
        save_folder(folder, pretrained, &values, tree, labels, &columns)
    }
}

/// Where the weights of a run's first model are on the Hub, and the run's own folder, whose model has the same shape. `None`
/// where the run has no model or kept the first one's head, which no one else has.
fn on_hub(config: &RunConfig, run: Option<&EarlierRun>) -> Option<(PathBuf, (String, String))> {
    let EarlierRun { dir, settings, .. } = run?;
    let ModelPlace::Hub { id, revision } = ModelPlace::of(&config.model) else { return None };
    let is_new = settings.model.head != HeadStart::Kept;
    let ModelSource::Folder(folder) = &config.model else { return None };
    let is_gone = !folder.exists();
    (is_gone && is_new && dir.join("config.json").is_file()).then(|| (dir.clone(), (id, revision)))
}
