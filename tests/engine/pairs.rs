//! Rows of two texts against transformers: tokens and types as each family's tokeniser makes them and cuts them, the logits,
//! and training.

use std::fs;

use thaw::data::tokeniser::Encoded;

use super::*;

struct Case {
    name: String,
    pretrained: PretrainedModel,
    pairs: Vec<(String, String)>,
    expected: Value,
}

impl Case {
    fn all() -> Vec<Self> {
        let file = json("pairs.json");
        let pairs: Vec<(String, String)> = serde_json::from_value(file["pairs"].clone()).unwrap();
        let cases = file["cases"].as_array().unwrap();
        cases.iter().map(|case| Self::read(case, pairs.clone())).collect()
    }

    fn read(case: &Value, pairs: Vec<(String, String)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let family = reference_file("families").join(case["family"].as_str().unwrap());
        for name in ["config.json", "model.safetensors"] {
            fs::copy(family.join(name), folder.path().join(name)).unwrap();
        }
        for (name, text) in case["files"].as_object().unwrap() {
            fs::write(folder.path().join(name), text.as_str().unwrap()).unwrap();
        }
        let pretrained = PretrainedModel::open(&ModelSource::Folder(folder.path().to_owned())).unwrap();
        Self { name: case["name"].as_str().unwrap().to_owned(), pretrained, pairs, expected: case.clone() }
    }

    fn encode(&self, rows: usize, max_length: usize) -> Vec<Encoded> {
        let tokeniser = &self.pretrained.tokeniser;
        assert!(tokeniser.takes_pairs(), "{}", self.name);
        self.pairs[..rows].iter().map(|(first, second)| tokeniser.encode_pair(first, second, max_length)).collect()
    }

    /// The batch whose logits PyTorch has computed.
    fn batch(&self) -> Batch {
        let rows = self.encode(8, number(&self.expected["length"]) as usize);
        let mut batch = Batch::from_rows(rows.iter().map(Into::into));
        batch.labels = vec![0, 1, 2, 0, 1, 2, 0, 1];
        batch
    }

    fn classifier(&self, trains: bool, ops: Arc<dyn Ops>) -> Classifier {
        let labels = self.pretrained.facts.head_labels.clone().unwrap();
        let trainable = vec![trains; self.pretrained.tree(&labels).parameters.len()];
        let dropout = DropoutConfig::default();
        Classifier::on(&Engine::with(ops), &self.pretrained, &labels, &trainable, dropout, 1, &|_| ()).unwrap()
    }
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|value| number(value) as f32).collect()
}

#[test]
fn two_texts_are_put_together_and_cut_as_in_transformers() {
    for case in Case::all() {
        for expected in case.expected["encoded"].as_array().unwrap() {
            let max_length = number(&expected["max_length"]) as usize;
            let ids: Vec<Vec<u32>> = serde_json::from_value(expected["ids"].clone()).unwrap();
            let of_type_1: Vec<usize> = serde_json::from_value(expected["of_type_1"].clone()).unwrap();
            let found = case.encode(case.pairs.len(), max_length);
            for (((found, ids), of_type_1), pair) in found.iter().zip(&ids).zip(of_type_1).zip(&case.pairs) {
                let what = format!("{}, {max_length} tokens of {pair:?}", case.name);
                assert_eq!((&found.ids, found.of_type_1), (ids, of_type_1), "{what}");
            }
        }
    }
}

#[test]
fn the_logits_of_pairs_are_pytorchs() {
    for case in Case::all() {
        let batch = case.batch();
        for ops in [Arc::new(Fused::default()) as Arc<dyn Ops>, Arc::new(Composed::default())] {
            let classifier = case.classifier(false, ops);
            let logits: Vec<Vec<f32>> = classifier.logits(&batch, Pass::EVALUATE).unwrap().to_vec2().unwrap();
            for (row, (found, expected)) in logits.iter().zip(case.expected["logits"].as_array().unwrap()).enumerate() {
                for (found, expected) in found.iter().zip(numbers(expected)) {
                    assert!((found - expected).abs() < 1e-5, "{}, row {row}: {found} for {expected}", case.name);
                }
            }
        }
    }
}

/// Which of two texts is the second one is all that tells these rows apart.
#[test]
fn the_states_of_a_frozen_prefix_depend_on_the_types() {
    let case = Case::all().into_iter().find(|case| case.name == "bert, vocab.txt").unwrap();
    let classifier = case.classifier(false, Arc::new(Fused::default()));
    let rows = case.encode(1, 32);
    let plain = Encoded { of_type_1: 0, ..rows[0].clone() };
    let cache = PrefixCache::new(thaw::train::prefix::Budget { memory_bytes: 1 << 20, file_bytes: 0 });
    let prefix = cache.for_run(&classifier, &PrefixCacheConfig::default());
    let states = |row: &Encoded| {
        let batch = Batch::from_rows(std::iter::once(row.into()));
        let kept = prefix.states(&classifier, &batch, Pass::EVALUATE, &|_| ()).unwrap();
        let fresh = classifier.prefix(&batch, Pass::EVALUATE).unwrap();
        let values = |states: Tensor| states.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let (kept, fresh) = (values(kept), values(fresh));
        assert_eq!(kept, fresh);
        kept
    };
    assert_ne!(states(&rows[0]), states(&plain));
    assert_eq!(states(&rows[0]), states(&rows[0]));
}

#[test]
fn training_on_pairs_is_pytorchs() {
    let mut trained = 0;
    for case in Case::all() {
        let Some(losses) = case.expected.get("losses") else { continue };
        let (classifier, batch) = (case.classifier(true, Arc::new(Fused::default())), case.batch());
        let named = |name: &str| classifier.tree().parameters.iter().position(|p| p.name == name);
        let logits = classifier.logits(&batch, Pass::train(1)).unwrap();
        let truth = Tensor::new(batch.labels.as_slice(), &Device::Cpu).unwrap();
        classifier.backward(&candle_nn::loss::cross_entropy(&logits, &truth).unwrap()).unwrap();
        let types = named("embeddings.token_type_embeddings.weight");
        match case.expected["type_gradient"].as_array() {
            None => assert_eq!(types, None, "{}", case.name),
            Some(_) => {
                let found = gradient(&classifier.weights()[types.unwrap()]).unwrap();
                let expected = numbers(&case.expected["type_gradient"]);
                assert_close(&found, &expected, 2e-5, &format!("{}: the gradient of the token types", case.name));
                let (first, second) = found.split_at(found.len().min(32));
                assert!(first.iter().any(|x| *x != 0.0) && second.iter().all(|x| *x != 0.0), "{}", case.name);
            }
        }
        let prefix = classifier.tree().facts.prefix();
        for (parameter, weight) in classifier.tree().parameters.iter().zip(classifier.weights()) {
            let norms = &case.expected["grad_norms"];
            let expected = norms.get(format!("{prefix}{}", parameter.name)).or_else(|| norms.get(&parameter.name));
            let expected = number(expected.unwrap());
            let found = gradient(weight).unwrap().iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            let off = (found - expected).abs();
            assert!(off < 2e-5 * expected + 1e-7, "{}, {}: {found} for {expected}", case.name, parameter.name);
        }
        classifier.clear_gradients();

        let losses = losses.as_array().unwrap();
        let rate = LearningRate { peak: 1e-3, schedule: Schedule::Linear, warmup_steps: 2, total_steps: losses.len() };
        let mut optimiser = AdamW::new(&classifier, 0.01);
        let cache = PrefixCache::off();
        let prefix = cache.for_run(&classifier, &PrefixCacheConfig::default());
        for (step, expected) in losses.iter().enumerate() {
            let mass = batch.len() as f64;
            let plan =
                StepPlan { rows: batch.len(), mass, learning_rate: rate.at(step), clip_norm: 1.0, dropout_key: 1 };
            let mut learner =
                Learner { classifier: &classifier, optimiser: &mut optimiser, loss: &Loss::PLAIN, prefix: &prefix };
            let found = learner.step(std::iter::once(batch.clone()), &plan, &|_| ()).unwrap().unwrap().loss;
            let off = (found - number(expected)).abs();
            assert!(off < 1e-5, "{}, step {step}: {found} for {expected}", case.name);
        }
        trained += 1;
    }
    assert_eq!(trained, 5, "one case of each family");
}
