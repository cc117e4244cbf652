//! What comes before the first step of a run, a race or a sweep: data and model are read, the freezing is checked against
//! the model, and threads, memory and device are found.

use std::sync::Arc;

use rayon::ThreadPool;

use crate::data::tokens::TokenStore;
use crate::domain::config::{DeviceKind, RunConfig};
use crate::domain::freeze::Freeze;
use crate::domain::message::{Progress, RunNotice, Task};
use crate::domain::params::ParamTree;
use crate::domain::problem::Outcome;
use crate::domain::timeline::Unfreezing;
use crate::model::classifier::Classifier;
use crate::model::device::{self, Device};
use crate::model::encoder::DropoutConfig;
use crate::model::ops::Ops;
use crate::train::trainer::dropout_config;

use super::memory::check_memory;
use super::session::{OpenData, OpenModel, check_max_length};
use super::shared::Shared;
use super::system::thread_pool;
use super::work::Work;

/// The data and the model that are worked with.
pub struct Material {
    pub data: Arc<OpenData>,
    pub model: Arc<OpenModel>,
    /// The model's parameters with a head for the data's labels.
    pub tree: ParamTree,
}

impl Material {
    /// Opens both and makes them the ones at hand. `None` when Stop came first.
    ///
    /// # Errors
    /// Those of reading both; `max-length-above-positions`.
    pub fn open(work: Work<'_>, config: &RunConfig) -> Outcome<Option<Self>> {
        let Some(data) = open_data(work, config)? else { return Ok(None) };
        let Some(model) = open_model(work, config)? else { return Ok(None) };
        check_max_length(&model, config.training.max_length)?;
        let tree = model.pretrained.tree(&data.dataset.label_names());
        Ok(Some(Self { data, model, tree }))
    }

    /// What a freezing trains of the model, stage by stage.
    ///
    /// # Errors
    /// `freeze-*` and `plan-*` of what the model does not have.
    pub fn plan(&self, freeze: &Freeze) -> Outcome<Unfreezing> {
        let plan = freeze.unfreezing(&self.tree)?;
        plan.check().map(|()| plan)
    }

    /// What a training computes with.
    ///
    /// # Errors
    /// `memory-too-small`, `memory-too-small-for-all`; `device-*`; `internal-error` when the system gives no more threads.
    pub fn bench<'a>(&'a self, shared: &Shared, config: &RunConfig, plan: &Unfreezing) -> Outcome<Bench<'a>> {
        let training = &config.training;
        let tokens = shared.tokens_of(&self.data, &self.model, training.max_length);
        let pool = thread_pool(training.threads)?;
        if training.device == DeviceKind::Cpu {
            pool.install(|| check_memory(config, &self.data, &self.model, &tokens, plan))?;
        }
        let (device, ops) = device::open(training.device)?;
        let dropout = dropout_config(&self.model.pretrained, config);
        Ok(Bench { material: self, tokens, pool, device, ops, dropout, trainable: plan.ever(), seed: training.seed })
    }
}

/// See [`Material::bench`].
pub struct Bench<'a> {
    material: &'a Material,
    pub tokens: Arc<TokenStore>,
    pub pool: ThreadPool,
    device: Device,
    ops: Arc<dyn Ops>,
    dropout: DropoutConfig,
    /// Every parameter that some stage trains.
    pub trainable: Vec<bool>,
    seed: u64,
}

impl Bench<'_> {
    /// The classifier as a training begins with it.
    ///
    /// # Errors
    /// Those of building it on its device.
    pub fn classifier(&self) -> Outcome<Classifier> {
        let (pretrained, ops) = (&self.material.model.pretrained, Arc::clone(&self.ops));
        let labels = self.material.data.dataset.label_names();
        self.pool.install(|| {
            Classifier::on(&self.device, ops, pretrained, &labels, &self.trainable, self.dropout, self.seed)
        })
    }
}

/// `None` when Stop came first; the thread that is then left behind reads to its end, and no one hears of it.
fn open_data(work: Work<'_>, config: &RunConfig) -> Outcome<Option<Arc<OpenData>>> {
    let (shared, control, id, config) =
        (Arc::clone(work.shared), Arc::clone(work.control), work.id, config.data.clone());
    let read = move || {
        shared.open_data(&config, &|progress| {
            if !control.is_stopped() {
                shared.notify_of_run(id, RunNotice::Progress(progress));
            }
        })
    };
    let Some((data, was_open)) = work.unless_stopped(read)? else { return Ok(None) };
    if !was_open {
        work.shared.session().data = Some(Arc::clone(&data));
        work.notify(RunNotice::DatasetRead(Arc::new(data.dataset.summary.clone())));
    }
    Ok(Some(data))
}

/// As [`open_data`].
fn open_model(work: Work<'_>, config: &RunConfig) -> Outcome<Option<Arc<OpenModel>>> {
    work.notify(RunNotice::Progress(Progress { task: Task::LoadModel, done: 0, total: 1 }));
    let (shared, source) = (Arc::clone(work.shared), config.model.clone());
    let Some((model, was_open)) = work.unless_stopped(move || shared.open_model(&source))? else { return Ok(None) };
    if !was_open {
        let tree = {
            let mut session = work.shared.session();
            session.model = Some(Arc::clone(&model));
            session.show(&model)
        };
        work.notify(RunNotice::ModelRead(tree));
    }
    Ok(Some(model))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use crossbeam_channel::bounded;

    use crate::domain::config::{DataConfig, DataSource};
    use crate::domain::message::{Event, RunId};

    use super::super::control::Control;
    use super::super::sink::Sink;
    use super::*;

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
            let (shared, control) = (Arc::clone(&shared), Arc::clone(&control));
            thread::spawn(move || {
                let work = Work { shared: &shared, control: &control, id: RunId(1) };
                Material::open(work, &config).map(|material| material.is_none())
            })
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
