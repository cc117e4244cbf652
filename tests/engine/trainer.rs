//! The trainer itself against PyTorch, from the first step to the final weights: batches that are added up, a short last
//! step, clipping, warm-up, weight decay of rows that are seldom read.

use std::fmt::Write;
use std::sync::Mutex;

use thaw::data::batch::epoch_order;
use thaw::data::dataset::Dataset;
use thaw::data::tokens::TokenStore;
use thaw::domain::config::{DataConfig, DataSource, RunConfig, TrainingConfig};
use thaw::domain::message::{RunEvent, RunObserver, RunOutcome, Step};
use thaw::train::trainer::{Job, train};

use super::*;

struct Steps(Mutex<Vec<Step>>);

impl RunObserver for Steps {
    fn emit(&self, event: RunEvent) {
        if let RunEvent::Step(step) = event {
            self.0.lock().unwrap().push(step);
        }
    }

    fn stop_requested(&self) -> bool {
        false
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

#[test]
fn whole_trainings_are_pytorchs() {
    let table = json("trainer_rows.json");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    let mut csv = String::from("text,label\n");
    for row in table["rows"].as_array().unwrap() {
        writeln!(csv, "{},{}", row[0].as_str().unwrap(), row[1].as_str().unwrap()).unwrap();
    }
    std::fs::write(&file, csv).unwrap();
    let data = DataConfig { source: DataSource::File(file), ..DataConfig::default() };
    let training = TrainingConfig {
        epochs: 3,
        batch_size: 3,
        accumulation_steps: 2,
        learning_rate: Some(1e-3),
        weight_decay: 0.1,
        warmup_share: 0.3,
        clip_norm: 0.5,
        dropout: Some(0.0),
        ..TrainingConfig::default()
    };
    let reference = Reference::family("bert");
    let dataset = Dataset::open(&data, &|_, _| {}).unwrap();
    let orders: Vec<Vec<u32>> = (1..=3).map(|epoch| epoch_order(&dataset.splits.train, training.seed, epoch)).collect();
    assert_eq!(serde_json::json!(orders), table["orders"], "PyTorch's numbers belong to this order of the rows");
    let (expected, weights) = (json("trainer.json"), load("trainer.safetensors"));

    let tokens = TokenStore::new(dataset.texts.clone(), reference.pretrained.tokeniser.clone(), 128);
    for (preset, freeze) in [("3", Freeze::Preset3), ("full", Freeze::Full)] {
        let config = RunConfig { data: data.clone(), freeze, training: training.clone(), ..RunConfig::default() };
        let mut classifier = reference.classifier(&config.freeze);
        let observer = Steps(Mutex::default());
        let trained = train(Job {
            classifier: &mut classifier,
            dataset: &dataset,
            tokens: &tokens,
            config: &config,
            prefix_cache: &PrefixCache::off(),
            observer: &observer,
            checkpoints: None,
            fresh: &|| Ok(reference.classifier(&config.freeze)),
            resume: None,
            samples_layers: false,
            share: &|_| {},
        });
        assert_eq!(trained.unwrap().outcome, RunOutcome::Completed);

        let steps = observer.0.into_inner().unwrap();
        let (losses, norms) = (numbers(&expected[preset]["losses"]), numbers(&expected[preset]["grad_norms"]));
        assert_eq!(steps.len(), losses.len());
        assert!(norms.iter().any(|norm| *norm > 2.0 * training.clip_norm), "clipping matters");
        for (step, (loss, norm)) in steps.iter().zip(losses.iter().zip(&norms)) {
            assert!((step.loss - loss).abs() < 1e-5, "preset {preset}, step {}: {} for {loss}", step.step, step.loss);
            let off = (step.grad_norm - norm).abs();
            assert!(off < 1e-4 * norm, "preset {preset}, step {}: norm {} for {norm}", step.step, step.grad_norm);
        }
        let prefix = classifier.tree().facts.prefix();
        let mut compared = 0;
        for (parameter, trains) in classifier.tree().parameters.iter().zip(classifier.trainable()) {
            let names = [format!("{preset}/{prefix}{}", parameter.name), format!("{preset}/{}", parameter.name)];
            let found = names.iter().find_map(|name| weights.get(name));
            assert_eq!(found.is_some(), *trains, "{}", parameter.name);
            let Some(expected) = found else { continue };
            // Of an attention key's bias the true gradient is 0, and AdamW makes whole steps of its rounding.
            if !parameter.name.ends_with("key.bias") {
                let expected: Vec<f32> = expected.flatten_all().unwrap().to_vec1().unwrap();
                let found = classifier.values(&parameter.name).unwrap();
                assert_close(&found, &expected, 2e-5, &format!("preset {preset}: {}", parameter.name));
            }
            compared += 1;
        }
        assert_eq!(compared, weights.keys().filter(|name| name.starts_with(&format!("{preset}/"))).count());
    }
}
