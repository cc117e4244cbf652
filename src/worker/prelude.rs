//! What comes before the first step of a run, a race or a sweep: data and model are read, the freezing is checked against
//! the model, and threads, memory and device are found.

use std::sync::Arc;

use rayon::ThreadPool;

use crate::data::tokens::TokenStore;
use crate::domain::config::{DeviceKind, RunConfig};
use crate::domain::dataset::DatasetSummary;
use crate::domain::freeze::{Freeze, held_compact};
use crate::domain::labels::unused_pairs;
use crate::domain::message::{Progress, RunNotice, Task};
use crate::domain::params::ParamTree;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::proof::Fingerprint;
use crate::domain::timeline::Unfreezing;
use crate::model::classifier::Classifier;
use crate::model::device::{Engine, Precisions};
use crate::model::hashes::proof_digests;
use crate::train::trainer::dropout_config;

use super::memory::check_memory;
use super::session::{OpenData, OpenModel};
use super::shared::Shared;
use super::system::thread_pool;
use super::work::Work;

/// The data and the model that are worked with.
#[derive(Clone)]
pub struct Material {
    pub data: Arc<OpenData>,
    pub model: Arc<OpenModel>,
    /// The model's parameters with a head for the data's labels.
    pub tree: ParamTree,
    pub tokens: Arc<TokenStore>,
}

impl Material {
    /// # Errors
    /// `max-length-above-positions` when the model can't read texts so long; `tokeniser-no-pairs` when it can't read two in
    /// one row.
    pub fn of(shared: &Shared, data: Arc<OpenData>, model: Arc<OpenModel>, config: &RunConfig) -> Outcome<Self> {
        let (facts, max_length) = (&model.pretrained.facts, config.training.max_length);
        if max_length > facts.positions {
            return Err(Problem::new("max-length-above-positions")
                .with_count("value", max_length)
                .with_count("positions", facts.positions)
                .with("model", &facts.name));
        }
        if data.dataset.texts.are_pairs() && !model.pretrained.tokeniser.takes_pairs() {
            return Err(Problem::new("tokeniser-no-pairs").with("model", &facts.name));
        }
        let labels = data.dataset.label_names();
        let pretrained = model.pretrained.stating(&config.data.head());
        let tree = pretrained.tree(&labels);
        drop(pretrained);
        let tokens = shared.tokens_of(&data, &model, max_length);
        Ok(Self { data, model, tree, tokens })
    }

    /// Opens both and makes them the ones at hand. `None` when Stop came first; a thread that is then left behind reads to
    /// its end, and no one hears of it.
    ///
    /// # Errors
    /// Those of reading both; `max-length-above-positions`; `class-weights-unknown` for the weight of a class that the data
    /// do not have; why the model's own head can't be kept where it has to be.
    pub fn open(work: &Work, config: &RunConfig) -> Outcome<Option<Self>> {
        let (reader, source) = (work.clone(), config.data.clone());
        let read = move || {
            reader.shared.open_data(&source, &|progress| {
                if !reader.control.is_stopped() {
                    reader.notify(RunNotice::Progress(progress));
                }
            })
        };
        let Some((data, was_open)) = work.unless_stopped(read)? else { return Ok(None) };
        weights_of(config, &data.dataset.summary)?;
        for problem in unused_pairs(&config.data.label_map, &data.dataset.label_names()) {
            work.notify(RunNotice::Warning(problem));
        }
        if !was_open {
            work.shared.session().data = Some(Arc::clone(&data));
            work.notify(RunNotice::DatasetRead(Arc::new(data.dataset.summary.clone())));
        }

        work.notify(RunNotice::Progress(Progress { task: Task::LoadModel, done: 0, total: 1 }));
        let (shared, source, tell) = (Arc::clone(&work.shared), config.model.clone(), work.tells(Task::LoadModel));
        let read = work.unless_stopped(move || shared.open_model_telling(&source, &tell))?;
        let Some((model, was_open)) = read else { return Ok(None) };
        if !was_open {
            let mut session = work.shared.session();
            session.model = Some(Arc::clone(&model));
            let tree = session.show(&model);
            drop(session);
            work.notify(RunNotice::ModelRead(tree));
        }
        if config.training.keep_head || !config.data.label_map.is_empty() {
            let pretrained = model.pretrained.stating(&config.data.head());
            pretrained.head_rows(&data.dataset.label_names())?;
        }
        Self::of(&work.shared, data, model, config).map(Some)
    }

    /// What a freezing trains of the model, stage by stage.
    ///
    /// # Errors
    /// `freeze-*` and `plan-*` of what the model does not have.
    pub fn plan(&self, freeze: &Freeze) -> Outcome<Unfreezing> {
        let plan = freeze.unfreezing(&self.tree)?;
        plan.check().map(|()| plan)
    }
}

/// What the rows of each label count in the loss of training and validation, in label order; none where all count the
/// same.
///
/// # Errors
/// `class-weights-unknown`.
pub fn weights_of(config: &RunConfig, summary: &DatasetSummary) -> Outcome<Vec<f64>> {
    let labels: Vec<String> = summary.labels.iter().map(|label| label.label.clone()).collect();
    let weights = config.training.class_weights.as_ref();
    weights.map_or(Ok(Vec::new()), |weights| weights.resolve(&labels, &summary.split.train))
}

/// What a training is made on, once its preparation is over.
pub struct Bench<'a> {
    pub work: &'a Work,
    pub config: &'a RunConfig,
    pub material: &'a Material,
    pub pool: Arc<ThreadPool>,
    pub engine: Engine,
    /// Every parameter that some stage trains.
    pub trainable: Vec<bool>,
}

impl<'a> Bench<'a> {
    /// # Errors
    /// `memory-too-small`, `memory-too-small-for-all`; `device-*`; `internal-error` when the system gives no more threads.
    pub fn new(work: &'a Work, config: &'a RunConfig, material: &'a Material, plan: &Unfreezing) -> Outcome<Self> {
        let pool = Arc::new(thread_pool(config.training.threads)?);
        if config.training.device == DeviceKind::Cpu {
            pool.install(|| check_memory(config, material, plan))?;
        }
        let engine = Engine::open(&config.training)?;
        let (precisions, trainable) = (Precisions::of(&config.training), plan.ever());
        for problem in precisions.refused {
            work.notify(RunNotice::Warning(problem));
        }
        let is_compact = held_compact(&material.tree, &trainable, precisions.frozen).contains(&true);
        if !precisions.frozen.is_default() && !is_compact {
            let nothing = Problem::new("frozen-precision-nothing-frozen").with("precision", precisions.frozen.name());
            work.notify(RunNotice::Warning(nothing));
        }
        Ok(Self { work, config, material, pool, engine, trainable })
    }

    /// The classifier as a training begins with it.
    ///
    /// # Errors
    /// Those of building it on its device.
    pub fn classifier(&self) -> Outcome<Classifier> {
        self.making()()
    }

    /// The same, with the fingerprints of its weights; `None` when Stop came first, because a large model takes seconds.
    ///
    /// # Errors
    /// Those of [`Bench::classifier`].
    pub fn classifier_and_digests(&self) -> Outcome<Option<(Classifier, Vec<Fingerprint>)>> {
        let Some(classifier) = self.classifier_unless_stopped()? else { return Ok(None) };
        let (pool, hashed, tell) = (Arc::clone(&self.pool), classifier.clone(), self.work.tells(Task::Fingerprint));
        let digests = self.work.unless_stopped(move || pool.install(|| proof_digests(&hashed, &tell)))?;
        Ok(digests.map(|digests| (classifier, digests)))
    }

    /// The classifier as a training begins with it; `None` when Stop came first.
    ///
    /// # Errors
    /// Those of [`Bench::classifier`].
    pub fn classifier_unless_stopped(&self) -> Outcome<Option<Classifier>> {
        self.work.unless_stopped(self.making())
    }

    fn making(&self) -> impl FnOnce() -> Outcome<Classifier> + Send + use<> {
        let (model, pool, engine) = (Arc::clone(&self.material.model), Arc::clone(&self.pool), self.engine.clone());
        let labels = self.material.data.dataset.label_names();
        let (config, trainable, tell) =
            (self.config.clone(), self.trainable.clone(), self.work.tells(Task::LoadWeights));
        move || {
            let pretrained = &*model.pretrained.stating(&config.data.head());
            let (dropout, seed) = (dropout_config(pretrained, &config), config.training.seed);
            pool.install(|| Classifier::on(&engine, pretrained, &labels, &trainable, dropout, seed, &tell))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use crossbeam_channel::bounded;

    use crate::domain::config::{DataConfig, DataSource, ModelSource};
    use crate::domain::message::{Event, RunId};
    use crate::domain::params::Parameter;
    use crate::model::pretrained::PretrainedModel;
    use crate::model::save::save_folder;
    use crate::model::tensor_file::Take;

    use super::super::control::Control;
    use super::super::sink::Sink;
    use super::*;

    /// At a large model each of these takes seconds.
    #[test]
    fn what_comes_before_the_first_step_tells_how_far_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let bundled = PretrainedModel::open(&ModelSource::Bundled).unwrap();
        let tree = bundled.tree(&["a".into(), "b".into()]);
        let count = |name: &str| tree.parameters.iter().find(|p| p.name == name).map_or(0, Parameter::count);
        let values = |name: &str, take: Take<'_>| match bundled.weights.get(name) {
            Some(raw) => take(&raw.to_f32()?),
            None => take(&vec![0.0; count(name)]),
        };
        let names = ["a".to_owned(), "b".to_owned()];
        save_folder(folder.path(), &bundled, &values, &tree, &names, &[]).unwrap();

        let (sender, events) = crossbeam_channel::unbounded();
        let shared = Arc::new(Shared::new(Sink::to_terminal(sender)).unwrap());
        let work = Work { shared, control: Arc::new(Control::default()), id: RunId(1) };
        let data = DataConfig { max_rows: Some(60), ..DataConfig::default() };
        let model = ModelSource::Folder(folder.path().to_owned());
        let config = RunConfig { data, model, ..RunConfig::default() };
        let material = Material::open(&work, &config).unwrap().unwrap();
        let bench = Bench::new(&work, &config, &material, &material.plan(&config.freeze).unwrap()).unwrap();
        assert!(bench.classifier_and_digests().unwrap().is_some());
        let told: Vec<Progress> = events.try_iter().filter_map(progress).collect();
        for task in [Task::LoadModel, Task::LoadWeights, Task::Fingerprint] {
            let shares = told.iter().filter(|progress| progress.task == task && progress.total == 100);
            assert!(shares.clone().count() > 10 && shares.clone().any(|progress| progress.done > 80), "{task:?}");
        }
    }

    fn progress(event: Event) -> Option<Progress> {
        match event {
            Event::OfRun(_, RunNotice::Progress(progress)) => Some(progress),
            _ => None,
        }
    }

    /// Reading is held up by a terminal that takes no events, and Stop comes meanwhile.
    #[test]
    fn what_is_read_after_a_stop_does_not_enter_the_session() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let rows: String = (0..60).map(|i| format!("{name} number {i},{}\n", ["a", "b"][i % 2])).collect();
            std::fs::write(folder.path().join(name), "text,label\n".to_owned() + &rows).unwrap();
            folder.path().join(name)
        };
        let source = DataSource::File(file("train.csv"));
        let (validation, test) = (Some(file("validation.csv")), Some(file("test.csv")));
        let data = DataConfig { source, validation, test, ..DataConfig::default() };
        let config = RunConfig { data, ..RunConfig::default() };

        let (sender, events) = bounded(0);
        let shared = Arc::new(Shared::new(Sink::to_terminal(sender)).unwrap());
        let control = Arc::new(Control::default());
        let opening = {
            let work = Work { shared: Arc::clone(&shared), control: Arc::clone(&control), id: RunId(1) };
            thread::spawn(move || Material::open(&work, &config).map(|material| material.is_none()))
        };
        // Each of the three files is told of, so that reading is held up after the first.
        let is_reading = |event| matches!(event, Event::OfRun(RunId(1), RunNotice::Progress(_)));
        assert!(is_reading(events.recv().unwrap()));
        control.stop();
        assert_eq!(opening.join().unwrap(), Ok(true), "it was stopped");
        // The thread that was left behind lets go of what it shares at its end.
        while Arc::strong_count(&shared) > 1 {
            events.try_iter().for_each(drop);
            thread::yield_now();
        }
        assert!(shared.session().data.is_none());
    }
}
