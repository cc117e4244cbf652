mod foreign;
mod pickle;
mod saved;

use std::collections::BTreeMap;
use std::time::Instant;

use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};
use serde_json::json;

use super::*;

/// The folder of a tiny BERT with 2 layers, hidden size 8 and 16 words, which tests spoil.
struct Folder {
    dir: tempfile::TempDir,
    config: Value,
    /// The type, shape and bytes of each tensor by its name.
    tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>,
}

const WORDS: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n";

impl Folder {
    fn new() -> Self {
        let config = json!({
            "model_type": "bert", "architectures": ["BertModel"], "vocab_size": 16, "hidden_size": 8, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 10, "hidden_act": "gelu",
        });
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("vocab.txt"), WORDS).unwrap();
        let mut folder = Self { dir, config, tensors: BTreeMap::new() };
        let parsed = EncoderConfig::from_json(folder.config.as_object().unwrap(), "config.json").unwrap();
        for (i, parameter) in parsed.family.parameters(&parsed, 0).iter().enumerate() {
            if parameter.part != Part::Classifier {
                let values: Vec<f32> = (0..parameter.count()).map(|j| i as f32 + j as f32 / 256.0).collect();
                folder.set(&parameter.name, &parameter.shape, &values);
            }
        }
        folder
    }

    fn set(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.tensors.insert(name.into(), (Dtype::F32, shape.to_vec(), bytes));
    }

    fn head(&mut self, labels: &[&str]) {
        let values: Vec<f32> = (0..labels.len() * 8).map(|i| i as f32).collect();
        self.set("classifier.weight", &[labels.len(), 8], &values);
        self.set("classifier.bias", &[labels.len()], &values[..labels.len()]);
        let ids: Map<String, Value> = labels.iter().enumerate().map(|(i, l)| (i.to_string(), json!(l))).collect();
        self.config["id2label"] = ids.into();
        self.config["architectures"] = json!(["BertForSequenceClassification"]);
    }

    fn rename(&mut self, rename: impl Fn(&str) -> String) {
        self.tensors = std::mem::take(&mut self.tensors).into_iter().map(|(n, t)| (rename(&n), t)).collect();
    }

    fn weights(&self) -> Vec<u8> {
        let views = self.tensors.iter().map(|(n, (t, s, b))| (n, TensorView::new(*t, s.clone(), b).unwrap()));
        serialize(views, None).unwrap()
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    fn open(&self) -> Outcome<PretrainedModel> {
        self.open_with(&self.weights())
    }

    fn open_with(&self, weights: &[u8]) -> Outcome<PretrainedModel> {
        fs::write(self.path("model.safetensors"), weights).unwrap();
        self.open_written()
    }

    fn open_written(&self) -> Outcome<PretrainedModel> {
        fs::write(self.path("config.json"), self.config.to_string()).unwrap();
        PretrainedModel::open(&ModelSource::Folder(self.dir.path().into()))
    }

    fn refused(&self) -> String {
        self.open().err().expect("refused").to_string()
    }

    fn refused_with(&self, weights: &[u8]) -> String {
        self.open_with(weights).err().expect("refused").to_string()
    }
}

fn names(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|label| (*label).to_owned()).collect()
}

/// Weight and bias of the model's own head for these labels.
fn own_head(pretrained: &PretrainedModel, labels: &[&str]) -> Option<(Vec<f32>, Vec<f32>)> {
    let mut head = pretrained.head_for(&names(labels)).unwrap()?;
    Some((head.remove("classifier.weight").unwrap(), head.remove("classifier.bias").unwrap()))
}

#[test]
fn the_bundled_model_opens_whole() {
    let started = Instant::now();
    let c = PretrainedModel::open(&ModelSource::Bundled).unwrap();
    eprintln!("opened in {:?}", started.elapsed());
    assert_eq!(c.facts.name, "all-MiniLM-L6-v2");
    assert_eq!((c.facts.layers, c.facts.vocabulary, c.facts.file_bytes), (6, 30522, 45_437_760));
    assert_eq!((c.facts.head_labels.clone(), c.lacking.len()), (None, 0));
    let tree = c.tree(&names(&["negative", "positive"]));
    assert_eq!(tree.count(), 22_713_986);
    for parameter in tree.parameters.iter().filter(|p| p.part != Part::Classifier) {
        let values = c.weights.get(&parameter.name).unwrap().to_f32().unwrap();
        assert_eq!(values.len(), parameter.count());
        assert!(values.iter().all(|v| v.is_finite()), "{}", parameter.name);
    }
    assert!(c.weights.get("pooler.dense.bias").unwrap().to_f32().unwrap().iter().all(|v| *v == 0.0));
}

/// The golden numbers hold PyTorch's own list of names, in its order.
#[test]
fn the_tree_has_pytorchs_names_in_pytorchs_order() {
    let golden: Value = serde_json::from_str(include_str!("../../../tests/reference/minilm.json")).unwrap();
    let norms = golden["presets"]["full"]["grad_norms"].as_object().unwrap();
    let expected: Vec<String> = norms.keys().map(|name| name.trim_start_matches("bert.").to_owned()).collect();
    let tree = PretrainedModel::open(&ModelSource::Bundled).unwrap().tree(&names(&["0", "1"]));
    let found: Vec<String> = tree.parameters.iter().map(|p| p.name.clone()).collect();
    assert_eq!(found, expected);
    for (preset, trainable) in [("1", 770), ("2", 148_610), ("3", 1_923_074), ("full", 22_713_986)] {
        assert_eq!(golden["presets"][preset]["trainable"], trainable);
        let freeze = crate::domain::freeze::Freeze::parse_name(preset).unwrap();
        assert_eq!(tree.totals(&freeze.resolve(&tree).unwrap()).0, trainable);
    }
}

#[test]
fn every_way_to_write_names_and_numbers_gives_the_same_weights() {
    let plain = Folder::new().open().unwrap();
    let name = "encoder.layer.1.output.LayerNorm.weight";
    let expected = plain.weights.get(name).unwrap().to_f32().unwrap();

    let mut old = Folder::new();
    old.rename(|n| {
        let n = if n.contains("LayerNorm") { n.replace("weight", "gamma").replace("bias", "beta") } else { n.into() };
        format!("bert.{n}")
    });
    let ids: Vec<u8> = (0..10i64).flat_map(i64::to_le_bytes).collect();
    old.tensors.insert("bert.embeddings.position_ids".into(), (Dtype::I64, vec![1, 10], ids));
    old.set("cls.predictions.bias", &[16], &[0.0; 16]);
    let old = old.open().unwrap();
    assert_eq!(old.weights.get(name).unwrap().to_f32().unwrap(), expected);
    assert!(!old.weights.names().any(|n| n.starts_with("cls")));
    assert!(old.weights.get("embeddings.position_ids").unwrap().to_f32().is_err());

    for dtype in [Dtype::F16, Dtype::BF16, Dtype::F64] {
        let mut half = Folder::new();
        for (own, _, bytes) in half.tensors.values_mut() {
            *own = dtype;
            let values = bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b));
            *bytes = match dtype {
                Dtype::F16 => values.flat_map(|v| half::f16::from_f32(v).to_le_bytes()).collect(),
                Dtype::F64 => values.flat_map(|v| f64::from(v).to_le_bytes()).collect(),
                _ => values.flat_map(|v| half::bf16::from_f32(v).to_le_bytes()).collect(),
            };
        }
        let values = half.open().unwrap().weights.get(name).unwrap().to_f32().unwrap();
        let close = |(a, b): (&f32, &f32)| (a - b).abs() <= b.abs() / 256.0;
        assert!(values.len() == 8 && values.iter().zip(&expected).all(close), "{dtype:?} {values:?}");
    }
}

#[test]
fn shards_are_read_together() {
    let folder = Folder::new();
    let (mut left, mut right) = (Folder::new(), Folder::new());
    left.tensors.retain(|n, _| n.starts_with("embeddings"));
    right.tensors.retain(|n, _| !n.starts_with("embeddings"));
    let map: Map<String, Value> = folder
        .tensors
        .keys()
        .map(|n| (n.clone(), json!(if n.starts_with("embeddings") { "left.safetensors" } else { "right.safetensors" })))
        .collect();
    let index = folder.path("model.safetensors.index.json");
    fs::write(&index, json!({ "weight_map": map }).to_string()).unwrap();
    fs::write(folder.path("left.safetensors"), left.weights()).unwrap();
    assert!(folder.open_written().err().unwrap().to_string().contains("right.safetensors"));
    fs::write(folder.path("right.safetensors"), right.weights()).unwrap();
    let shards = folder.open_written().unwrap();
    let whole = Folder::new().open().unwrap();
    assert!(shards.weights.names().eq(whole.weights.names()));
    for name in whole.weights.names() {
        let values = |model: &PretrainedModel| model.weights.get(name).unwrap().to_f32().unwrap();
        assert_eq!(values(&shards), values(&whole), "{name}");
    }
    fs::write(&index, json!({ "weight_map": {"x": "../left.safetensors"} }).to_string()).unwrap();
    assert!(folder.open_written().err().unwrap().to_string().starts_with("model-json-damaged"));
}

#[test]
fn a_folder_that_is_none_is_refused() {
    let open = |path: &Path| PretrainedModel::open(&ModelSource::Folder(path.into())).err().unwrap().to_string();
    let folder = Folder::new();
    assert!(open(&folder.path("nowhere")).starts_with("model-folder-missing"));
    assert!(open(&folder.path("vocab.txt")).starts_with("model-not-a-folder"));
    assert!(open(folder.dir.path()).contains("config.json"));
    assert!(folder.open_written().err().unwrap().to_string().contains("model.safetensors"));
    fs::write(folder.path("config.json"), r#"{"model_type": "gpt2"}"#).unwrap();
    assert!(open(folder.dir.path()).starts_with("model-family"), "whatever else is missing");
    fs::remove_file(folder.path("vocab.txt")).unwrap();
    assert!(folder.refused().starts_with("model-tokeniser-missing"));
    fs::write(folder.path("config.json"), "{\"model_type\": ").unwrap();
    fs::write(folder.path("vocab.txt"), WORDS).unwrap();
    assert!(open(folder.dir.path()).starts_with("model-json-damaged"));
}

#[test]
fn tensors_that_do_not_fit_the_config_are_refused_by_name() {
    let query = "encoder.layer.1.attention.self.query.weight";
    let spoil = |spoil: &dyn Fn(&mut Folder)| {
        let mut folder = Folder::new();
        spoil(&mut folder);
        folder.refused()
    };
    let told = spoil(&|f| drop(f.tensors.remove(query)));
    assert!(told.starts_with("model-tensor-missing") && told.contains(query) && told.contains("[8, 8]"), "{told}");
    let told = spoil(&|f| f.set(query, &[8, 4], &[0.0; 32]));
    assert!(told.starts_with("model-tensor-shape") && told.contains("[8, 4]") && told.contains("[8, 8]"), "{told}");
    let told = spoil(&|f| drop(f.tensors.insert(query.into(), (Dtype::I8, vec![8, 8], vec![0; 64]))));
    assert!(told.starts_with("model-tensor-type") && told.contains("I8"), "{told}");
    let told = spoil(&|f| f.set(&format!("bert.{query}"), &[8, 8], &[0.0; 64]));
    assert!(told.starts_with("model-tensor-twice"), "{told}");
    for bad in [f32::NAN, f32::INFINITY] {
        let told = spoil(&|f| f.set(query, &[8, 8], &[&[0.0; 63][..], &[bad]].concat()));
        assert!(told.starts_with("model-tensor-not-finite") && told.contains(query), "{told}");
    }
    let told = spoil(&|f| drop(f.tensors.remove("pooler.dense.bias")));
    assert!(told.contains("pooler.dense.bias"), "{told}");
    let told = spoil(&|f| f.config["num_hidden_layers"] = json!(3));
    assert!(told.contains("encoder.layer.2"), "{told}");
}

#[test]
fn a_missing_pooler_starts_fresh() {
    let mut folder = Folder::new();
    folder.tensors.retain(|n, _| !n.starts_with("pooler"));
    let c = folder.open().unwrap();
    assert_eq!(c.lacking, ["pooler.dense.weight", "pooler.dense.bias"]);
    assert_eq!(c.facts.notes[0].id, "run-fresh-parameters");
    assert!(c.weights.get("pooler.dense.weight").is_none());
}

#[test]
fn damaged_and_hostile_weights_are_refused() {
    let folder = Folder::new();
    let whole = folder.weights();
    let with_header = |header: &str| {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend([0; 64]);
        bytes
    };
    let huge = u64::MAX.to_string();
    let cases: Vec<Vec<u8>> = vec![
        Vec::new(),
        whole[..7].to_vec(),
        whole[..100].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        [&whole[..], b"x"].concat(),
        [&u64::MAX.to_le_bytes(), &whole[8..]].concat(),
        [&(1u64 << 40).to_le_bytes(), &whole[8..]].concat(),
        with_header("{"),
        with_header(r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,64]}}"#),
        with_header(&format!(r#"{{"a":{{"dtype":"F32","shape":[{huge},{huge}],"data_offsets":[0,64]}}}}"#)),
        with_header(r#"{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}"#),
        with_header(r#"{"a":{"dtype":"F32","shape":[16],"data_offsets":[64,0]}}"#),
        with_header(r#"{"a":{"dtype":"F33","shape":[16],"data_offsets":[0,64]}}"#),
        with_header(r#"{"a":{"dtype":"F32","shape":[-16],"data_offsets":[0,64]}}"#),
    ];
    for (i, bytes) in cases.iter().enumerate() {
        let told = folder.refused_with(bytes);
        assert!(told.starts_with("model-file-damaged") && told.contains("model.safetensors"), "case {i}: {told}");
    }
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    assert!(folder.refused_with(pointer).starts_with("model-lfs-pointer"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    /// Opening a file returns, whatever happens to some of its bytes.
    #[test]
    fn spoilt_bytes_never_crash(changes in proptest::collection::vec((0usize..6000, 0u8..=255), 1..8)) {
        let folder = Folder::new();
        let mut bytes = folder.weights();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        drop(folder.open_with(&bytes));
    }
}

#[test]
fn the_tokeniser_of_another_model_is_refused() {
    let mut folder = Folder::new();
    fs::write(folder.path("vocab.txt"), format!("{WORDS}l\n")).unwrap();
    assert!(folder.refused().starts_with("model-vocabulary-larger"));
    folder.config["vocab_size"] = json!(400);
    folder.set("embeddings.word_embeddings.weight", &[400, 8], &[0.5; 3200]);
    let told = folder.refused();
    assert!(told.starts_with("model-vocabulary-smaller") && told.contains("400"), "{told}");
    folder.config["vocab_size"] = json!(128);
    folder.set("embeddings.word_embeddings.weight", &[128, 8], &[0.5; 1024]);
    assert!(folder.open().is_ok(), "a vocabulary rounded up");
}

#[test]
fn a_head_is_kept_for_the_same_labels() {
    let mut folder = Folder::new();
    folder.head(&["neutral", "bad", "good"]);
    let c = folder.open().unwrap();
    assert_eq!(c.facts.head_labels, Some(names(&["neutral", "bad", "good"])));
    let (weight, bias) = own_head(&c, &["bad", "good", "neutral"]).unwrap();
    assert_eq!(bias, [1.0, 2.0, 0.0]);
    assert_eq!(weight[..8], [8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0]);
    assert_eq!((weight.len(), weight[16]), (24, 0.0));
    assert_eq!(c.tree(&names(&["bad", "good", "neutral"])).facts.head, HeadStart::Kept);
    for others in [&["bad", "good"][..], &["bad", "good", "other"]] {
        assert_eq!(own_head(&c, others), None);
        assert_eq!(c.tree(&names(others)).facts.head, HeadStart::Replaced);
    }
    assert_eq!(Folder::new().open().unwrap().tree(&names(&["bad", "good"])).facts.head, HeadStart::New);

    let mut generic = Folder::new();
    generic.head(&["LABEL_0", "LABEL_1"]);
    assert_eq!(own_head(&generic.open().unwrap(), &["no", "yes"]), None, "which is which can't be known");
    assert_eq!(own_head(&generic.open().unwrap(), &["1", "0"]).unwrap().1, [1.0, 0.0]);
    generic.config["id2label"] = Value::Null;
    assert_eq!(generic.open().unwrap().facts.head_labels, Some(names(&["LABEL_0", "LABEL_1"])));
}

/// What training replaces need not fit, but nothing is evaluated with it.
#[test]
fn a_head_that_is_replaced_need_not_be_one_of_ours() {
    let open = |spoil: &dyn Fn(&mut Folder)| {
        let mut folder = Folder::new();
        folder.head(&["LABEL_0", "LABEL_1"]);
        spoil(&mut folder);
        let c = folder.open().unwrap();
        assert_eq!((c.facts.head_labels.as_ref(), c.tree(&names(&["a", "b"])).facts.head), (None, HeadStart::New));
        let refusal = c.other_head.unwrap();
        let note = c.facts.notes.first().unwrap();
        (note.id.clone().into_owned(), refusal.id.clone().into_owned(), refusal.arg("kind").unwrap_or_default())
    };
    let misfit = |id: &str| ("model-head-misfit".to_owned(), id.to_owned(), String::new());
    let id2label = |value: Value| open(&|f| f.config["id2label"] = value.clone());
    assert_eq!(id2label(json!({"0": "a", "1": "b", "2": "c"})), misfit("model-tensor-shape"));
    assert_eq!(id2label(json!({"0": "a", "2": "b"})), misfit("model-config-labels"));
    assert_eq!(id2label(json!({"bad": 0, "good": 1})), misfit("model-config-labels"));
    assert_eq!(open(&|f| f.set("classifier.bias", &[2], &[0.0, f32::NAN])), misfit("model-tensor-not-finite"));
    let other = |kind: &str| ("model-head-other".to_owned(), "run-head-other".to_owned(), kind.to_owned());
    for (key, value, kind) in [
        ("problem_type", json!("multi_label_classification"), "multi-label"),
        ("problem_type", json!("regression"), "regression"),
        ("problem_type", json!("ranking"), "custom"),
        ("architectures", json!(["BertForTokenClassification"]), "tokens"),
        ("architectures", json!(["BertForMultipleChoice"]), "choice"),
        ("architectures", json!(["BertForQuestionAnswering"]), "answers"),
        ("architectures", json!(["BertClassifier"]), "custom"),
    ] {
        assert_eq!(open(&|f| f.config[key] = value.clone()), other(kind), "{value}");
    }
    assert_eq!(open(&|f| f.head(&["LABEL_0"])), other("regression"));
    let mut pretraining = Folder::new();
    pretraining.config["architectures"] = json!(["BertForMaskedLM"]);
    let c = pretraining.open().unwrap();
    assert!(c.other_head.is_none() && c.facts.notes.is_empty(), "heads of pretraining are no news");
}

#[test]
fn a_snapshot_in_the_cache_is_called_by_its_id() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = dir.path().join("models--klue--bert-base/snapshots/77c8b3d707df785034b4e50f2da5d37be5f0f546");
    fs::create_dir_all(&snapshot).unwrap();
    assert_eq!(name_of(&snapshot), "klue/bert-base");
    assert_eq!(name_of(&dir.path().join("models--klue--bert-base")), "models--klue--bert-base");
}

#[test]
fn a_head_from_elsewhere_needs_the_same_model_below_it() {
    let (base, mut trained) = (Folder::new(), Folder::new());
    trained.head(&["no", "yes"]);
    trained.open().unwrap();
    let c = base.open().unwrap().with_head(trained.dir.path()).unwrap();
    assert_eq!(c.facts.head_labels, Some(names(&["no", "yes"])));
    assert_eq!(own_head(&c, &["yes", "no"]).unwrap().1, [1.0, 0.0]);
    let file = base.open().unwrap().with_head(&trained.path("model.safetensors")).unwrap();
    assert_eq!(own_head(&file, &["no", "yes"]).unwrap().1, [0.0, 1.0]);

    // Only the head, without names.
    let mut alone = Folder::new();
    alone.head(&["no", "yes"]);
    alone.tensors.retain(|name, _| name.starts_with("classifier."));
    fs::write(alone.path("head.safetensors"), alone.weights()).unwrap();
    let c = base.open().unwrap().with_head(&alone.path("head.safetensors")).unwrap();
    assert_eq!(c.facts.head_labels, Some(names(&["LABEL_0", "LABEL_1"])));

    let refused = |place: &Path| base.open().unwrap().with_head(place).err().unwrap().id;
    assert_eq!(refused(base.dir.path()), "head-missing");
    let bias = trained.tensors["encoder.layer.1.output.dense.bias"].1.clone();
    trained.set("encoder.layer.1.output.dense.bias", &bias, &[9.0; 8]);
    trained.open().unwrap();
    assert_eq!(refused(trained.dir.path()), "head-of-other-model");
    // A run that began with this model may have trained all of it, and has made the pooler that the model lacked.
    let c = base.open().unwrap().with_descendants_head(trained.dir.path()).unwrap();
    assert_eq!(own_head(&c, &["yes", "no"]).unwrap().1, [1.0, 0.0]);
    assert!(!c.head_for(&names(&["no", "yes"])).unwrap().unwrap().contains_key("pooler.dense.bias"));
    let mut headless = Folder::new();
    headless.tensors.retain(|name, _| !name.starts_with("pooler"));
    let c = headless.open().unwrap().with_descendants_head(trained.dir.path()).unwrap();
    assert!(c.lacking.is_empty() && c.facts.notes.iter().all(|note| note.id != "run-fresh-parameters"));
    assert!(c.head_for(&names(&["no", "yes"])).unwrap().unwrap().contains_key("pooler.dense.bias"));
    trained.set("classifier.weight", &[2, 4], &[1.0; 8]);
    fs::write(trained.path("model.safetensors"), trained.weights()).unwrap();
    assert_eq!(refused(trained.dir.path()), "model-tensor-shape");
}
