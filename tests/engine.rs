//! The engine against PyTorch's numbers (see `reference/README.md`), and candle-transformers' BERT as a second witness.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use serde_json::Value;
use thaw::data::batch::Batch;
use thaw::domain::config::{ModelSource, Schedule};
use thaw::domain::freeze::Freeze;
use thaw::model::checkpoint::Checkpoint;
use thaw::model::classifier::Classifier;
use thaw::model::encoder::{DropoutConfig, Pass, Reads};
use thaw::model::ops::Sequences;
use thaw::train::adamw::AdamW;
use thaw::train::schedule::LearningRate;

const PRESETS: [(&str, Freeze); 4] =
    [("1", Freeze::Preset1), ("2", Freeze::Preset2), ("3", Freeze::Preset3), ("full", Freeze::Full)];

/// PyTorch's case: a padded batch unpacked into its real tokens, labels, initial head, and results by preset.
struct Reference {
    batch: Batch,
    logits: Vec<Vec<f32>>,
    head: BTreeMap<String, Vec<f32>>,
    results: Value,
}

impl Reference {
    fn read() -> Self {
        let at = |file: &str| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/").to_owned() + file;
        let tensors = candle_core::safetensors::load(at("minilm.safetensors"), &Device::Cpu).unwrap();
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
            batch,
            logits: tensors["logits"].to_vec2().unwrap(),
            head: head.collect(),
            results: serde_json::from_slice(&std::fs::read(at("minilm.json")).unwrap()).unwrap(),
        }
    }

    fn classifier(&self, freeze: &Freeze) -> Classifier {
        let checkpoint = Checkpoint::open(&ModelSource::Bundled).unwrap();
        let labels = ["0".to_owned(), "1".to_owned()];
        let trainable = freeze.resolve(&checkpoint.tree(&labels)).unwrap();
        let mut classifier = Classifier::new(&checkpoint, &labels, &trainable, DropoutConfig::default(), 1).unwrap();
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

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn norms(classifier: &Classifier) -> BTreeMap<String, f64> {
    let named = classifier.tree().parameters.iter().zip(classifier.weights());
    let present = named.filter_map(|(p, w)| {
        let gradient = w.gradient.as_ref()?.lock();
        let squares: f64 = gradient.values.iter().map(|g| f64::from(*g) * f64::from(*g)).sum();
        gradient.present.then(|| (p.name.clone(), squares.sqrt()))
    });
    present.collect()
}

fn short_name(name: &str) -> &str {
    name.strip_prefix("bert.").unwrap_or(name)
}

#[test]
fn logits_loss_and_gradients_are_pytorchs() {
    let reference = Reference::read();
    for (preset, freeze) in PRESETS {
        let classifier = reference.classifier(&freeze);
        let expected = &reference.results["presets"][preset];
        let (trainable, frozen) = classifier.tree().totals(classifier.trainable());
        assert_eq!(trainable as f64, number(&expected["trainable"]), "preset {preset}");
        assert_eq!(trainable + frozen, 22_713_986);

        let logits: Vec<Vec<f32>> = classifier.logits(&reference.batch, Pass::EVALUATE).unwrap().to_vec2().unwrap();
        for (found, expected) in logits.iter().flatten().zip(reference.logits.iter().flatten()) {
            assert!((found - expected).abs() < 1e-4, "preset {preset}: logit {found}, PyTorch's {expected}");
        }
        let loss = reference.loss(&classifier);
        let found = f64::from(loss.to_scalar::<f32>().unwrap());
        assert!((found - number(&expected["loss"])).abs() < 1e-5, "preset {preset}: loss {found}");

        classifier.backward(&loss).unwrap();
        let found = norms(&classifier);
        let expected: BTreeMap<String, f64> = expected["grad_norms"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, norm)| (short_name(name).to_owned(), number(norm)))
            .collect();
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "preset {preset}");
        for (name, expected) in expected {
            let off = (found[&name] - expected).abs();
            assert!(off < 5e-4 * expected || off < 1e-6, "preset {preset}, {name}: {} for {expected}", found[&name]);
        }
    }
}

#[test]
fn twelve_adamw_steps_are_pytorchs_and_frozen_weights_keep_their_bits() {
    let reference = Reference::read();
    for (preset, freeze) in PRESETS {
        let classifier = reference.classifier(&freeze);
        let before: Vec<Vec<f32>> = all_values(&classifier);
        let expected = reference.results["presets"][preset]["losses"].as_array().unwrap();
        let rate =
            LearningRate { peak: 1e-3, schedule: Schedule::Linear, warmup_steps: 2, total_steps: expected.len() };
        let mut optimiser = AdamW::new(&classifier, 0.01);
        for (step, expected) in expected.iter().enumerate() {
            optimiser.settle(&classifier, Some(&reference.batch.ids)).unwrap();
            let loss = reference.loss(&classifier);
            classifier.backward(&loss).unwrap();
            optimiser.step(&classifier, rate.at(step), 1.0).unwrap();
            let found = f64::from(loss.to_scalar::<f32>().unwrap());
            assert!((found - number(expected)).abs() < 1e-4, "preset {preset}, step {step}: {found} for {expected}");
        }
        optimiser.settle(&classifier, None).unwrap();
        let named = classifier.tree().parameters.iter().zip(classifier.trainable());
        for (((parameter, trains), before), after) in named.zip(before).zip(all_values(&classifier)) {
            let same = before.iter().zip(&after).all(|(a, b)| a.to_bits() == b.to_bits());
            let exempt = parameter.name.ends_with("key.bias");
            assert!(same != *trains || exempt, "preset {preset}: {} (trainable: {trains})", parameter.name);
        }
    }
}

fn all_values(classifier: &Classifier) -> Vec<Vec<f32>> {
    classifier.tree().parameters.iter().map(|p| classifier.values(&p.name).unwrap()).collect()
}

/// candle-transformers' BERT cannot be trained, but its forward is an independent reading of the same paper and weights.
#[test]
fn the_encoder_agrees_with_candle_transformers() {
    use candle_transformers::models::bert::{BertModel, Config};

    let reference = Reference::read();
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
    let sequences = std::sync::Arc::new(Sequences { offsets: batch.offsets.clone() });
    let layers = classifier.network().layers.len();
    let ours = classifier.network().below(&batch.ids, &sequences, layers, Reads::AllTokens, Pass::EVALUATE).unwrap();
    for (first, n) in sequences.iter() {
        let ids = Tensor::new(&batch.ids[first..first + n], &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let theirs = witness.forward(&ids, &ids.zeros_like().unwrap(), None).unwrap().squeeze(0).unwrap();
        let off = (ours.narrow(0, first, n).unwrap() - theirs).unwrap().abs().unwrap().flatten_all().unwrap();
        let off = off.max(0).unwrap().to_scalar::<f32>().unwrap();
        assert!(off < 2e-4, "a text of {n} tokens is off by {off}");
    }
}
