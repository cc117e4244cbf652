//! The trainer on the bundled model: the cache changes nothing, the optimiser of embeddings forgets nothing, and the same
//! settings give the same bits.

mod answers;
mod breakdown;
mod layers;
mod parts;
mod prefix;
mod rate_sweep;
mod resume;
mod stages;
mod store;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use candle_core::{Device, Tensor};

use crate::data::batch::Batch;
use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::class_weights::ClassWeights;
use crate::domain::config::{
    DataConfig, DataSource, FinalWeights, ModelSource, PrefixCacheConfig, RunConfig, TrainingConfig,
};
use crate::domain::freeze::{Freeze, Rule, State};
use crate::domain::interrupt::Interrupt;
use crate::domain::message::{EpochEnded, PrefixStatus, RunEvent, RunObserver, RunOutcome, Step};
use crate::domain::problem::Outcome;
use crate::domain::timeline::{LearningRates, PlannedStage, RateGroup, Timeline};
use crate::model::classifier::{Classifier, sequences};
use crate::model::device::Engine;
use crate::model::encoder::{DropoutConfig, Pass, Reads};
use crate::model::ops::Ops;
use crate::model::ops::composed::Composed;
use crate::model::ops::fused::Fused;
use crate::model::pretrained::PretrainedModel;
use crate::model::tensor_file::{self, Piece, TensorFile};

use super::adamw::AdamW;
use super::checkpoint::{BestEpoch, Checkpoint, CheckpointStore, Position};
use super::loss::Loss;
use super::prefix::{Budget, PrefixCache};
use super::step::{Learner, StepPlan};
use super::trainer::{Job, Trained, dropout_config, train};

use store::{Folder, StopAt};

/// Collects the steps, and asks to stop after some.
struct Watch {
    steps: Mutex<Vec<Step>>,
    last: usize,
}

impl RunObserver for Watch {
    fn emit(&self, event: RunEvent) {
        if let RunEvent::Step(step) = event {
            self.steps.lock().unwrap().push(step);
        }
    }

    fn stop_requested(&self) -> bool {
        self.steps.lock().unwrap().len() >= self.last
    }
}

struct Bed {
    pretrained: PretrainedModel,
    dataset: Dataset,
    tokens: TokenStore,
}

impl Bed {
    fn new(max_rows: usize) -> Self {
        let pretrained = PretrainedModel::open(&ModelSource::Bundled).unwrap();
        let config = DataConfig { max_rows: Some(max_rows), ..DataConfig::default() };
        let dataset = Dataset::open(&config, &|_, _| {}).unwrap();
        let tokens = TokenStore::new(dataset.texts.clone(), pretrained.tokeniser.clone(), 128);
        Self { pretrained, dataset, tokens }
    }

    /// The tiny BERT and a table of 30 rows, whose words are the model's, for trainings that take no time.
    fn tiny() -> Self {
        let pretrained = tiny_model("bert", None);
        let table: serde_json::Value =
            serde_json::from_slice(&std::fs::read(reference_file("trainer_rows.json")).unwrap()).unwrap();
        let rows = table["rows"].as_array().unwrap().iter();
        let lines: Vec<String> =
            rows.map(|row| format!("{},{}\n", row[0].as_str().unwrap(), row[1].as_str().unwrap())).collect();
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), format!("text,label\n{}", lines.concat())).unwrap();
        let config = DataConfig { source: DataSource::File(file.path().to_owned()), ..DataConfig::default() };
        let dataset = Dataset::open(&config, &|_, _| {}).unwrap();
        let tokens = TokenStore::new(dataset.texts.clone(), pretrained.tokeniser.clone(), 128);
        Self { pretrained, dataset, tokens }
    }

    fn losses(&self, freeze: Freeze, cache: &PrefixCache, steps: usize) -> Vec<f64> {
        let training = TrainingConfig { epochs: 4, batch_size: 4, ..TrainingConfig::default() };
        self.losses_with(RunConfig { freeze, training, ..RunConfig::default() }, cache, steps)
    }

    fn losses_with(&self, config: RunConfig, cache: &PrefixCache, steps: usize) -> Vec<f64> {
        let watch = Watch { steps: Mutex::default(), last: steps };
        self.train(&mut self.classifier(&config), &config, &watch, With { cache: Some(cache), ..With::default() });
        watch.steps.into_inner().unwrap().iter().map(|s| s.loss).collect()
    }

    /// The classifier that a run with these settings begins with.
    fn classifier(&self, config: &RunConfig) -> Classifier {
        let labels = self.dataset.label_names();
        let trainable = config.freeze.resolve(&self.pretrained.tree(&labels)).unwrap();
        let dropout = dropout_config(&self.pretrained, config);
        let engine = Engine::open(&config.training).unwrap();
        Classifier::on(&engine, &self.pretrained, &labels, &trainable, dropout, 42, &|_| ()).unwrap()
    }

    fn train(
        &self,
        classifier: &mut Classifier,
        config: &RunConfig,
        observer: &dyn RunObserver,
        with: With<'_>,
    ) -> Trained {
        let off = PrefixCache::off();
        let fresh = || Ok(self.classifier(config));
        train(Job {
            classifier,
            dataset: &self.dataset,
            tokens: &self.tokens,
            config,
            prefix_cache: with.cache.unwrap_or(&off),
            observer,
            checkpoints: with.checkpoints,
            fresh: with.fresh.unwrap_or(&fresh),
            resume: with.resume,
            samples_layers: !with.no_samples,
            share: &|_| {},
        })
        .unwrap()
    }
}

fn reference_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)
}

/// A tiny model of a family, if wanted with one setting of its `config.json` replaced. Its word `w17` has the id 17.
fn tiny_model(family: &str, setting: Option<(&str, serde_json::Value)>) -> PretrainedModel {
    let source = reference_file("families").join(family);
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(source.join("model.safetensors"), folder.path().join("model.safetensors")).unwrap();
    let config = std::fs::read(source.join("config.json")).unwrap();
    let mut config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    if let Some((name, value)) = setting {
        assert!(config[name] != value && !config[name].is_null(), "{name} changes");
        config[name] = value;
    }
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let words: String = (5..120).map(|i| format!("w{i}\n")).collect();
    std::fs::write(folder.path().join("vocab.txt"), format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{words}")).unwrap();
    PretrainedModel::open(&ModelSource::Folder(folder.path().to_owned())).unwrap()
}

/// What a training has here beside its settings.
#[derive(Default)]
struct With<'a> {
    cache: Option<&'a PrefixCache>,
    checkpoints: Option<&'a dyn CheckpointStore>,
    fresh: Option<&'a (dyn Fn() -> Outcome<Classifier> + Sync)>,
    resume: Option<Checkpoint>,
    no_samples: bool,
}

const ROOMY: Budget = Budget { memory_bytes: 1 << 30, file_bytes: 0 };

#[test]
fn the_cache_changes_no_bit_wherever_it_keeps_what() {
    let bed = Bed::tiny();
    let shared = PrefixCache::new(ROOMY);
    for freeze in [Freeze::Preset3, Freeze::Preset1, Freeze::Top(2)] {
        let steps = 20;
        let without = bed.losses(freeze.clone(), &PrefixCache::off(), steps);
        assert_eq!(without.len(), steps);
        assert_eq!(bed.losses(freeze.clone(), &PrefixCache::new(ROOMY), steps), without, "{freeze:?} in memory");
        // With too little memory for all states, some are in a file and some are computed again.
        let cramped = PrefixCache::new(Budget { memory_bytes: 1 << 10, file_bytes: 1 << 10 });
        assert_eq!(bed.losses(freeze.clone(), &cramped, steps), without, "{freeze:?} in a file");
        let classifier = bed.classifier(&RunConfig { freeze: freeze.clone(), ..RunConfig::default() });
        let status = cramped.for_run(&classifier, &PrefixCacheConfig::default()).status();
        let PrefixStatus::Cached(kept) = status else { panic!("{status:?}") };
        assert!(kept.memory_bytes > 0 && kept.file_bytes > 0 && kept.is_full, "{kept:?}");
        // Each run of a session starts from what the runs before it have kept.
        assert_eq!(bed.losses(freeze.clone(), &shared, steps), without, "{freeze:?} after other runs");
    }
}

#[test]
fn budgets_of_a_run_change_no_bit_either() {
    let bed = Bed::tiny();
    let cache = PrefixCache::new(ROOMY);
    let config = |prefix_cache: PrefixCacheConfig| RunConfig {
        training: TrainingConfig { epochs: 2, batch_size: 4, prefix_cache, ..TrainingConfig::default() },
        ..RunConfig::default()
    };
    let with = |prefix_cache| bed.losses_with(config(prefix_cache), &cache, 100);
    let own = with(PrefixCacheConfig::default());
    assert_eq!(own.len(), 2 * bed.dataset.splits.train.len().div_ceil(4));
    let off = PrefixCacheConfig { enabled: false, ..PrefixCacheConfig::default() };
    let nothing = PrefixCacheConfig { memory_mib: Some(0), file_mib: Some(0), ..PrefixCacheConfig::default() };
    let file = PrefixCacheConfig { memory_mib: Some(0), file_mib: Some(1), ..PrefixCacheConfig::default() };
    for other in [off, nothing, file] {
        assert_eq!(with(other), own, "{other:?}");
    }
}

#[test]
fn batches_added_up_are_one_large_batch() {
    added_up(None);
}

/// Rows count by their classes, so the batches of a step do not count by their rows.
#[test]
fn batches_whose_classes_have_weights_add_up_too() {
    let first = Bed::tiny().dataset.label_names()[0].clone();
    added_up(Some(ClassWeights::Named([(first, 5.0)].into())));
}

fn added_up(class_weights: Option<ClassWeights>) {
    let bed = Bed::tiny();
    let rows = bed.dataset.splits.train.len();
    let config = |batch_size, accumulation_steps| RunConfig {
        freeze: Freeze::Full,
        training: TrainingConfig {
            epochs: 2,
            batch_size,
            accumulation_steps,
            dropout: Some(0.0),
            class_weights: class_weights.clone(),
            ..TrainingConfig::default()
        },
        ..RunConfig::default()
    };
    let losses = |batch_size, steps| bed.losses_with(config(batch_size, steps), &PrefixCache::off(), 100);
    // The last step of an epoch has fewer rows, of which the last are in a batch that is not whole.
    assert_eq!(rows % 2, 1, "{rows} rows");
    let (whole, parts) = (losses(8, 1), losses(3, 1));
    assert_eq!((whole.len(), parts.len()), (2 * rows.div_ceil(8), 2 * rows.div_ceil(3)));
    for (a, b) in whole.iter().zip(losses(4, 2)) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
    for (a, b) in losses(6, 1).iter().zip(losses(2, 3)) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

/// The operations and the optimiser of other devices are run on this one.
#[test]
fn the_composed_path_trains_alike() {
    let bed = Bed::tiny();
    let labels = bed.dataset.label_names();
    let tree = bed.pretrained.tree(&labels);
    for freeze in [Freeze::Preset1, Freeze::Preset3, Freeze::Full] {
        let trainable = freeze.resolve(&tree).unwrap();
        let dropout = DropoutConfig { hidden: 0.1, attention: 0.1, classifier: 0.1, in_frozen_prefix: false };
        let losses = |ops: Arc<dyn Ops>, on_device: bool| -> Vec<f32> {
            let classifier =
                Classifier::on(&Engine::with(ops), &bed.pretrained, &labels, &trainable, dropout, 7, &|_| ()).unwrap();
            let mut optimiser =
                if on_device { AdamW::on_device(&classifier, 0.01) } else { AdamW::new(&classifier, 0.01) };
            let cache = PrefixCache::off();
            let prefix = cache.for_run(&classifier, &PrefixCacheConfig::default());
            let step = |step: u64| {
                let rows = &bed.dataset.splits.train[4 * step as usize % 12..][..4];
                let batch = Batch::pack(&bed.tokens, &bed.dataset.labels, rows);
                if !on_device {
                    let plan = StepPlan { rows: 4, mass: 4.0, learning_rate: 1e-4, clip_norm: 1.0, dropout_key: step };
                    let (optimiser, prefix) = (&mut optimiser, &prefix);
                    let mut learner = Learner { classifier: &classifier, optimiser, loss: &Loss::PLAIN, prefix };
                    return learner.step(std::iter::once(batch), &plan, &|_| ()).unwrap().unwrap().loss as f32;
                }
                let logits = classifier.logits(&batch, Pass::train(step)).unwrap();
                let truth = Tensor::new(batch.labels.as_slice(), &Device::Cpu).unwrap();
                let loss = candle_nn::loss::cross_entropy(&logits, &truth).unwrap();
                let store = loss.backward().unwrap();
                for weight in classifier.weights() {
                    if let (Some(gradient), Some(found)) = (&weight.gradient, store.get(&weight.tensor)) {
                        gradient.add_on_device(found).unwrap();
                    }
                }
                optimiser.step(&classifier, 1e-4, 1.0).unwrap();
                loss.to_scalar::<f32>().unwrap()
            };
            (0..6).map(step).collect()
        };
        let fused = losses(Arc::new(Fused::default()), false);
        for other in [losses(Arc::new(Composed::default()), false), losses(Arc::new(Composed::default()), true)] {
            for (a, b) in fused.iter().zip(&other) {
                assert!((a - b).abs() < 2e-5, "{freeze:?}: {fused:?} {other:?}");
            }
        }
    }
}

/// The gradients are compared with finite differences along random directions of the inputs, with every weight frozen.
#[test]
fn inputs_have_gradients_where_all_is_frozen() {
    let bed = Bed::new(60);
    let labels = bed.dataset.label_names();
    let nothing = vec![false; bed.pretrained.tree(&labels).parameters.len()];
    let classifier = Classifier::new(&bed.pretrained, &labels, &nothing, DropoutConfig::default(), 1).unwrap();
    let batch = Batch::pack(&bed.tokens, &bed.dataset.labels, &bed.dataset.splits.train[..2]);
    let (logits, inputs) = classifier.logits_and_inputs(&batch).unwrap();
    let store = logits.sqr().unwrap().sum_all().unwrap().backward().unwrap();
    let gradient = store.get(inputs.as_tensor()).unwrap();
    assert_eq!(gradient.dims(), inputs.dims());
    let tracked = logits.to_vec2::<f32>().unwrap();
    assert_eq!(tracked, classifier.logits(&batch, Pass::EVALUATE).unwrap().to_vec2::<f32>().unwrap());

    let (network, layers) = (classifier.network(), classifier.network().layers.len());
    let sequences = sequences(&batch);
    let value = |x: Tensor| -> f64 {
        let firsts = network.through(x, &sequences, 0..layers, Reads::FirstToken, Pass::EVALUATE).unwrap();
        let logits = network.head(&firsts, Pass::EVALUATE).unwrap();
        logits.to_vec2::<f32>().unwrap().iter().flatten().map(|x| f64::from(*x) * f64::from(*x)).sum()
    };
    let n = inputs.elem_count();
    for seed in 0..3u32 {
        let direction: Vec<f32> =
            (0..n as u32).map(|i| ((i.wrapping_mul(2_654_435_761) ^ seed) % 1000) as f32 / 500.0 - 1.0).collect();
        let direction = Tensor::from_vec(direction, inputs.dims(), &Device::Cpu).unwrap();
        let slope = (gradient * &direction).unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
        let h = 1e-2;
        let moved = |h: f64| value((inputs.as_tensor().detach() + (&direction * h).unwrap()).unwrap());
        let measured = (moved(h) - moved(-h)) / (2.0 * h);
        assert!((measured - f64::from(slope)).abs() < 2e-2 * measured.abs().max(0.05), "{measured} {slope}");
    }
}

#[test]
fn a_changed_weight_finds_no_stale_entry() {
    let bed = Bed::new(60);
    let labels = bed.dataset.label_names();
    let trainable = Freeze::Preset1.resolve(&bed.pretrained.tree(&labels)).unwrap();
    let mut classifier = Classifier::new(&bed.pretrained, &labels, &trainable, DropoutConfig::default(), 1).unwrap();
    let batch = Batch::pack(&bed.tokens, &bed.dataset.labels, &bed.dataset.splits.train[..3]);
    let cache = PrefixCache::new(ROOMY);
    let states = |classifier: &Classifier| -> Vec<f32> {
        let states = cache
            .for_run(classifier, &PrefixCacheConfig::default())
            .states(classifier, &batch, Pass::EVALUATE, &|_| ())
            .unwrap();
        states.flatten_all().unwrap().to_vec1().unwrap()
    };
    let before = states(&classifier);
    assert_eq!(states(&classifier), before);
    let name = "encoder.layer.2.output.dense.bias";
    let moved: Vec<f32> = classifier.values(name).unwrap().iter().map(|x| x + 0.5).collect();
    classifier.set_values(name, &moved).unwrap();
    assert_ne!(states(&classifier), before);
}

/// AdamW over the whole table, as the paper has it, is set beside the one that looks at touched rows only.
#[test]
fn embedding_rows_move_as_if_the_gradient_were_dense() {
    let bed = Bed::new(60);
    let labels = bed.dataset.label_names();
    let name = "embeddings.word_embeddings.weight";
    let tree = bed.pretrained.tree(&labels);
    let trainable: Vec<bool> = tree.parameters.iter().map(|p| p.name == name).collect();
    let classifier = Classifier::new(&bed.pretrained, &labels, &trainable, DropoutConfig::default(), 1).unwrap();
    let table = tree.parameters.iter().position(|p| p.name == name).unwrap();
    let width = tree.parameters[table].shape[1];
    let mut expected: Vec<f64> = classifier.values(name).unwrap().into_iter().map(f64::from).collect();
    let (mut m, mut v) = (vec![0.0f64; expected.len()], vec![0.0f64; expected.len()]);
    let mut optimiser = AdamW::new(&classifier, 0.1);
    let (rate, decay) = (1e-2, 0.1);
    // Batches alternate, so that rows rest and come back.
    for step in 1..=6usize {
        let rows = if step % 2 == 1 { &bed.dataset.splits.train[..2] } else { &bed.dataset.splits.train[2..5] };
        let batch = Batch::pack(&bed.tokens, &bed.dataset.labels, rows);
        optimiser.settle(&classifier, Some(&batch.ids)).unwrap();
        let logits = classifier.logits(&batch, Pass::train(step as u64)).unwrap();
        classifier.backward(&logits.sqr().unwrap().sum_all().unwrap()).unwrap();
        let mut dense = vec![0.0f64; expected.len()];
        {
            let gradient = classifier.weights()[table].gradient.as_ref().unwrap().lock();
            for (row, values) in gradient.rows.as_ref().unwrap().iter().zip(gradient.values.chunks(width)) {
                let at = *row as usize * width;
                dense[at..at + width].iter_mut().zip(values).for_each(|(d, g)| *d = f64::from(*g));
            }
        }
        optimiser.step(&classifier, rate, 0.0).unwrap();
        let (bias_1, bias_2) = (1.0 - 0.9f64.powi(step as i32), 1.0 - 0.999f64.powi(step as i32));
        for i in 0..expected.len() {
            m[i] = 0.9 * m[i] + 0.1 * dense[i];
            v[i] = 0.999 * v[i] + 0.001 * dense[i] * dense[i];
            expected[i] = expected[i] * (1.0 - rate * decay) - rate * (m[i] / bias_1) / ((v[i] / bias_2).sqrt() + 1e-8);
        }
    }
    optimiser.settle(&classifier, None).unwrap();
    let found = classifier.values(name).unwrap();
    for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert!((f64::from(*found) - expected).abs() < 2e-5, "row {}: {found} for {expected}", i / width);
    }
}
