//! The engine against PyTorch's numbers (see `reference/README.md`), and candle-transformers' BERT as a second witness.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{Device, Tensor};
use serde_json::Value;
use thaw::data::batch::Batch;
use thaw::domain::config::{ModelSource, PrefixCacheConfig, Schedule};
use thaw::domain::freeze::Freeze;
use thaw::domain::timeline::PlanFile;
use thaw::model::classifier::Classifier;
use thaw::model::device::Engine;
use thaw::model::encoder::{DropoutConfig, Pass, Reads};
use thaw::model::ops::composed::Composed;
use thaw::model::ops::fused::Fused;
use thaw::model::ops::{Ops, Sequences, Weight};
use thaw::model::pretrained::PretrainedModel;
use thaw::train::adamw::AdamW;
use thaw::train::loss::Loss;
use thaw::train::prefix::PrefixCache;
use thaw::train::schedule::LearningRate;
use thaw::train::step::{Learner, StepPlan};

#[path = "engine/attributions.rs"]
mod attributions;
#[path = "engine/pairs.rs"]
mod pairs;
#[path = "engine/text_map.rs"]
mod text_map;
#[path = "engine/trainer.rs"]
mod trainer;

const PRESETS: [(&str, Freeze); 4] =
    [("1", Freeze::Preset1), ("2", Freeze::Preset2), ("3", Freeze::Preset3), ("full", Freeze::Full)];

const FAMILIES: [&str; 5] = ["bert", "distilbert", "roberta", "xlm-roberta", "electra"];

/// A case of PyTorch's: a model, a padded batch unpacked into its real tokens, labels, initial head, and results by preset.
struct Reference {
    pretrained: PretrainedModel,
    labels: Vec<String>,
    batch: Batch,
    logits: Vec<Vec<f32>>,
    head: BTreeMap<String, Vec<f32>>,
    /// The gradients by PyTorch's names, with everything trainable. Those of the bundled model are some elements, whose places
    /// are `NAME.index`.
    gradients: HashMap<String, Tensor>,
    results: Value,
}

fn reference_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)
}

fn load(name: &str) -> HashMap<String, Tensor> {
    candle_core::safetensors::load(reference_file(name), &Device::Cpu).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(reference_file(name)).unwrap()).unwrap()
}

impl Reference {
    /// The bundled model.
    fn bundled() -> Self {
        Self::read(PretrainedModel::open(&ModelSource::Bundled).unwrap(), 2, "minilm")
    }

    /// A tiny model of a family. It comes without a tokeniser, so it gets one of as many words.
    fn family(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["config.json", "model.safetensors"] {
            std::fs::copy(reference_file("families").join(name).join(file), folder.path().join(file)).unwrap();
        }
        let words: String = (5..120).map(|i| format!("w{i}\n")).collect();
        let vocabulary = format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{words}");
        std::fs::write(folder.path().join("vocab.txt"), vocabulary).unwrap();
        let pretrained = PretrainedModel::open(&ModelSource::Folder(folder.path().to_owned())).unwrap();
        Self::read(pretrained, 3, &format!("families/{name}_case"))
    }

    fn all() -> Vec<(&'static str, Self)> {
        let families = FAMILIES.map(|name| (name, Self::family(name)));
        std::iter::once(("bundled", Self::bundled())).chain(families).collect()
    }

    fn read(pretrained: PretrainedModel, labels: usize, case: &str) -> Self {
        let tensors = load(&format!("{case}.safetensors"));
        let ids: Vec<Vec<i64>> = tensors["input_ids"].to_vec2().unwrap();
        let mask: Vec<Vec<i64>> = tensors["attention_mask"].to_vec2().unwrap();
        let rows: Vec<Vec<u32>> = ids
            .iter()
            .zip(&mask)
            .map(|(ids, mask)| ids.iter().zip(mask).filter(|(_, m)| **m == 1).map(|(id, _)| *id as u32).collect())
            .collect();
        let mut batch = Batch::from_ids(&rows);
        batch.labels = tensors["labels"].to_vec1::<i64>().unwrap().iter().map(|y| *y as u32).collect();
        let head = tensors.iter().filter_map(|(name, t)| {
            Some((name.strip_prefix("head.")?.to_owned(), t.flatten_all().unwrap().to_vec1().unwrap()))
        });
        Self {
            pretrained,
            labels: (0..labels).map(|i| i.to_string()).collect(),
            batch,
            logits: tensors["logits"].to_vec2().unwrap(),
            head: head.collect(),
            gradients: load(&format!("{}_gradients.safetensors", case.trim_end_matches("_case"))),
            results: json(&format!("{case}.json")),
        }
    }

    fn classifier(&self, freeze: &Freeze) -> Classifier {
        let trainable = freeze.resolve(&self.pretrained.tree(&self.labels)).unwrap();
        let dropout = DropoutConfig::default();
        let mut classifier = Classifier::new(&self.pretrained, &self.labels, &trainable, dropout, 1).unwrap();
        for (name, values) in &self.head {
            classifier.set_values(name, values).unwrap();
        }
        classifier
    }

    fn loss(&self, classifier: &Classifier) -> Tensor {
        let logits = classifier.logits(&self.batch, Pass::train(1)).unwrap();
        let truth = Tensor::new(self.batch.labels.as_slice(), &Device::Cpu).unwrap();
        candle_nn::loss::cross_entropy(&logits, &truth).unwrap()
    }
}

impl Reference {
    /// One training step on the batch; returns its loss.
    fn step(&self, classifier: &Classifier, optimiser: &mut AdamW, learning_rate: f64) -> f64 {
        let cache = PrefixCache::off();
        let prefix = cache.for_run(classifier, &PrefixCacheConfig::default());
        let rows = self.batch.len();
        let plan = StepPlan { rows, mass: rows as f64, learning_rate, clip_norm: 1.0, dropout_key: 1 };
        let mut learner = Learner { classifier, optimiser, loss: &Loss::PLAIN, prefix: &prefix };
        learner.step(std::iter::once(self.batch.clone()), &plan, &|_| ()).unwrap().unwrap().loss
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// A parameter's gradient with a value for every element of the weight; `None` where backward has found none.
fn gradient(weight: &Weight) -> Option<Vec<f32>> {
    let gradient = weight.gradient.as_ref()?.lock();
    let Some(rows) = gradient.rows.as_ref().filter(|_| gradient.present) else {
        return gradient.present.then(|| gradient.values.clone());
    };
    let width = weight.tensor.dims()[1];
    let mut all = vec![0.0; weight.tensor.elem_count()];
    for (row, values) in rows.iter().zip(gradient.values.chunks(width)) {
        all[*row as usize * width..][..width].copy_from_slice(values);
    }
    Some(all)
}

/// Compares element by element. The largest element sets the scale, because sums of f32 are not more exact than that.
fn assert_close(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        // The true gradient of an attention key's bias is 0, and all of it is rounding.
        let off = (found - expected).abs();
        assert!(off <= tolerance * largest + 2e-8, "{what}, element {i}: {found} for {expected}");
    }
}

#[test]
fn logits_loss_and_gradients_are_pytorchs() {
    for (name, reference) in Reference::all() {
        for (preset, freeze) in PRESETS {
            let case = format!("{name}, preset {preset}");
            let classifier = reference.classifier(&freeze);
            let expected = &reference.results["presets"][preset];
            let (trainable, _) = classifier.tree().totals(classifier.trainable());
            assert_eq!(trainable as f64, number(&expected["trainable"]), "{case}");

            let logits: Vec<Vec<f32>> = classifier.logits(&reference.batch, Pass::EVALUATE).unwrap().to_vec2().unwrap();
            for (found, expected) in logits.iter().flatten().zip(reference.logits.iter().flatten()) {
                assert!((found - expected).abs() < 1e-4, "{case}: logit {found}, PyTorch's {expected}");
            }
            let loss = reference.loss(&classifier);
            let found = f64::from(loss.to_scalar::<f32>().unwrap());
            assert!((found - number(&expected["loss"])).abs() < 1e-5, "{case}: loss {found}");

            classifier.backward(&loss).unwrap();
            let prefix = classifier.tree().facts.prefix();
            let named = classifier.tree().parameters.iter().zip(classifier.weights());
            for ((parameter, weight), trains) in named.zip(classifier.trainable()) {
                let found = gradient(weight);
                assert_eq!(found.is_some(), *trains, "{case}: {}", parameter.name);
                let Some(found) = found else { continue };
                let (name, own) = (format!("{prefix}{}", parameter.name), &parameter.name);
                let name = if reference.gradients.contains_key(&name) { &name } else { own };
                let expected: Vec<f32> = reference.gradients[name].to_vec1().unwrap();
                let found = match reference.gradients.get(&format!("{name}.index")) {
                    Some(index) => index.to_vec1::<i64>().unwrap().iter().map(|i| found[*i as usize]).collect(),
                    None => found,
                };
                assert_close(&found, &expected, 2e-5, &format!("{case}: {name}"));
            }
            let in_file = reference.gradients.keys().filter(|name| !name.ends_with(".index")).count();
            assert_eq!(in_file, classifier.weights().len(), "{name}");
            // However large a vocabulary, the gradient has no rows but those of the batch's words.
            let words = classifier.tree().parameters.iter().position(|p| p.name.ends_with("word_embeddings.weight"));
            if let Some(gradient) = &classifier.weights()[words.unwrap()].gradient {
                let mut distinct = reference.batch.ids.clone();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(gradient.lock().rows.as_ref(), Some(&distinct), "{case}");
            }
        }
    }
}

#[test]
fn adamw_steps_are_pytorchs_and_frozen_weights_keep_their_bits() {
    for (name, reference) in Reference::all() {
        for (preset, freeze) in PRESETS {
            let classifier = reference.classifier(&freeze);
            let before: Vec<Vec<f32>> = all_values(&classifier);
            let expected = reference.results["presets"][preset]["losses"].as_array().unwrap();
            let rate =
                LearningRate { peak: 1e-3, schedule: Schedule::Linear, warmup_steps: 2, total_steps: expected.len() };
            let mut optimiser = AdamW::new(&classifier, 0.01);
            for (step, expected) in expected.iter().enumerate() {
                let found = reference.step(&classifier, &mut optimiser, rate.at(step));
                let off = (found - number(expected)).abs();
                assert!(off < 1e-4, "{name}, preset {preset}, step {step}: {found} for {expected}");
            }
            optimiser.settle(&classifier, None).unwrap();
            let named = classifier.tree().parameters.iter().zip(classifier.trainable());
            for (((parameter, trains), before), after) in named.zip(before).zip(all_values(&classifier)) {
                let same = before.iter().zip(&after).all(|(a, b)| a.to_bits() == b.to_bits());
                let exempt = parameter.name.ends_with("key.bias") || parameter.name.ends_with("k_lin.bias");
                let of = &parameter.name;
                assert!(same != *trains || exempt, "{name}, preset {preset}: {of} (trainable: {trains})");
            }
        }
    }
}

fn all_values(classifier: &Classifier) -> Vec<Vec<f32>> {
    classifier.tree().parameters.iter().map(|p| classifier.values(&p.name).unwrap()).collect()
}

/// Other devices run the same network by candle's own operations.
#[test]
fn every_family_is_the_same_by_composed_operations() {
    for name in FAMILIES {
        let reference = Reference::family(name);
        let trainable = vec![true; reference.pretrained.tree(&reference.labels).parameters.len()];
        let dropout = DropoutConfig { hidden: 0.1, attention: 0.1, classifier: 0.1, in_frozen_prefix: false };
        let losses = [Arc::new(Fused::default()) as Arc<dyn Ops>, Arc::new(Composed::default())].map(|ops| {
            let classifier = Classifier::on(
                &Engine::with(ops),
                &reference.pretrained,
                &reference.labels,
                &trainable,
                dropout,
                1,
                &|_| (),
            );
            let classifier = classifier.unwrap();
            let loss = reference.loss(&classifier);
            classifier.backward(&loss).unwrap();
            let gradients: Vec<Vec<f32>> = classifier.weights().iter().map(|w| gradient(w).unwrap()).collect();
            (loss.to_scalar::<f32>().unwrap(), gradients)
        });
        let [(fused, by_fused), (composed, by_composed)] = losses;
        assert!((fused - composed).abs() < 1e-5, "{name}: {fused}, {composed}");
        let parameters = &reference.pretrained.tree(&reference.labels).parameters;
        for ((parameter, found), expected) in parameters.iter().zip(by_composed).zip(by_fused) {
            assert_close(&found, &expected, 2e-5, &format!("{name}: {}", parameter.name));
        }
    }
}

/// candle-transformers' BERT cannot be trained, but its forward is an independent reading of the same paper and weights.
#[test]
fn the_encoder_agrees_with_candle_transformers() {
    use candle_transformers::models::bert::{BertModel, Config};

    let reference = Reference::bundled();
    let weights = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/model/model.safetensors")).unwrap();
    let config: Config = serde_json::from_slice(
        &std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/model/config.json")).unwrap(),
    )
    .unwrap();
    let builder =
        candle_nn::VarBuilder::from_buffered_safetensors(weights, candle_core::DType::F32, &Device::Cpu).unwrap();
    let witness = BertModel::load(builder, &config).unwrap();

    let classifier = reference.classifier(&Freeze::Preset1);
    let batch = &reference.batch;
    let sequences = Arc::new(Sequences { offsets: batch.offsets.clone() });
    let layers = classifier.network().layers.len();
    let ours = classifier.network().below(batch, &sequences, layers, Reads::AllTokens, Pass::EVALUATE).unwrap();
    for (first, n) in sequences.iter() {
        let ids = Tensor::new(&batch.ids[first..first + n], &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let theirs = witness.forward(&ids, &ids.zeros_like().unwrap(), None).unwrap().squeeze(0).unwrap();
        let off = (ours.narrow(0, first, n).unwrap() - theirs).unwrap().abs().unwrap().flatten_all().unwrap();
        let off = off.max(0).unwrap().to_scalar::<f32>().unwrap();
        assert!(off < 2e-4, "a text of {n} tokens is off by {off}");
    }
}

/// The plan has two stages, a factor from layer to layer and one for a group. Thawed weights begin with their own moments and
/// step count.
#[test]
fn an_unfreezing_plan_is_pytorchs() {
    let reference = Reference::family("bert");
    let plan = r#"{
        "stages": [{"from_epoch": 1, "freeze": "3"}, {"from_epoch": 2, "freeze": "full"}],
        "learning_rates": {"layer_factor": 0.5, "groups": [{"parameters": "pooler.*", "factor": 2}]}
    }"#;
    let plan = serde_json::from_str::<PlanFile>(plan).unwrap().freezing().unwrap();
    let expected = json("timeline.json");
    let mut classifier = reference.classifier(&plan);
    let unfreezing = plan.unfreezing(classifier.tree()).unwrap();
    let parameters = classifier.tree().parameters.clone();
    let before = all_values(&classifier);
    let mut optimiser = AdamW::new(&classifier, 0.01).with_factors(&unfreezing.factors);
    let rate = LearningRate { peak: 1e-3, schedule: Schedule::Linear, warmup_steps: 2, total_steps: 10 };
    for (step, expected) in expected["losses"].as_array().unwrap().iter().enumerate() {
        if step == 0 || step == 4 {
            let trainable = &unfreezing.stages[step / 4].trainable;
            optimiser.settle(&classifier, None).unwrap();
            optimiser.follow(&parameters, trainable);
            classifier.set_trainable(trainable).unwrap();
            let unchanged = all_values(&classifier).iter().zip(&before).filter(|(a, b)| a == b).count();
            let frozen = unfreezing.stages[0].trainable.iter().filter(|on| !**on).count();
            assert_eq!(unchanged, if step == 0 { parameters.len() } else { frozen }, "step {step}");
        }
        let found = reference.step(&classifier, &mut optimiser, rate.at(step));
        assert!((found - number(expected)).abs() < 1e-5, "step {step}: {found} for {expected}");
    }
    optimiser.settle(&classifier, None).unwrap();
    for ((parameter, before), after) in parameters.iter().zip(before).zip(all_values(&classifier)) {
        let squares = before.iter().zip(&after).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        let found = squares.sum::<f64>().sqrt();
        let name = &parameter.name;
        let expected = &expected["moved"];
        let expected = expected.get(format!("bert.{name}")).or_else(|| expected.get(name)).unwrap();
        // The gradient of a key's bias is 0 but for rounding.
        let off = (found - number(expected)).abs();
        assert!(name.ends_with("key.bias") || off < 2e-3 * number(expected), "{name}: {found} for {expected}");
    }
}
