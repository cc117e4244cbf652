//! A student's machine for one test, and a model small enough to be sent whole.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};
use serde_json::{Value, json};

use super::fake_hub::{FakeHub, sha256};
use super::output::{lines, text};

pub const REPO: &str = "klue/tiny";

pub const WEIGHTS: &str = "model.safetensors";

const HIDDEN: usize = 16;

type Files = BTreeMap<String, Vec<u8>>;

/// A whole BERT of one layer.
pub fn tiny() -> Files {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "good", "bad", "film", "number", ",", "."];
    let words = special.map(str::to_owned).into_iter().chain((0..188).map(|i| format!("{i}")));
    let words: Vec<String> = words.collect();
    let config = json!({
        "model_type": "bert", "architectures": ["BertForMaskedLM"], "vocab_size": words.len(), "hidden_size": HIDDEN,
        "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64,
        "hidden_act": "gelu",
    });
    let mut tensors: Vec<(String, Vec<usize>)> = Vec::new();
    let mut add = |name: &str, shape: &[usize]| tensors.push((format!("bert.{name}"), shape.to_vec()));
    for (table, rows) in [("word", words.len()), ("position", 64), ("token_type", 2)] {
        add(&format!("embeddings.{table}_embeddings.weight"), &[rows, HIDDEN]);
    }
    let layer = "encoder.layer.0";
    for (name, outputs, inputs) in [
        ("attention.self.query", HIDDEN, HIDDEN),
        ("attention.self.key", HIDDEN, HIDDEN),
        ("attention.self.value", HIDDEN, HIDDEN),
        ("attention.output.dense", HIDDEN, HIDDEN),
        ("intermediate.dense", 32, HIDDEN),
        ("output.dense", HIDDEN, 32),
    ] {
        add(&format!("{layer}.{name}.weight"), &[outputs, inputs]);
        add(&format!("{layer}.{name}.bias"), &[outputs]);
    }
    for norm in
        ["embeddings.LayerNorm", &format!("{layer}.attention.output.LayerNorm"), &format!("{layer}.output.LayerNorm")]
    {
        add(&format!("{norm}.weight"), &[HIDDEN]);
        add(&format!("{norm}.bias"), &[HIDDEN]);
    }
    add("pooler.dense.weight", &[HIDDEN, HIDDEN]);
    add("pooler.dense.bias", &[HIDDEN]);
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .enumerate()
        .map(|(i, (_, shape))| {
            let value = |j: usize| ((i * 31 + j * 7) % 17) as f32 / 17.0 - 0.5;
            (0..shape.iter().product()).flat_map(|j| value(j).to_le_bytes()).collect()
        })
        .collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape), bytes)| (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    Files::from([
        ("config.json".into(), config.to_string().into_bytes()),
        ("vocab.txt".into(), (words.join("\n") + "\n").into_bytes()),
        ("tokenizer_config.json".into(), br#"{"do_lower_case": true}"#.to_vec()),
        ("README.md".into(), b"# tiny".to_vec()),
        (".gitattributes".into(), b"*.safetensors filter=lfs".to_vec()),
        ("onnx/model.onnx".into(), b"onnx".to_vec()),
        (WEIGHTS.into(), serialize(views, None).unwrap()),
    ])
}

/// A user's home for one test.
pub struct Home(pub tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn repo(&self) -> PathBuf {
        self.path("hf/hub/models--klue--tiny")
    }

    pub fn command(&self, endpoint: &str, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("thaw"));
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("HF_") || name.to_lowercase().ends_with("_proxy") || name.starts_with("TRANSFORMERS_") {
                command.env_remove(name);
            }
        }
        command
            .env("THAW_LANGUAGE", "en")
            .env("THAW_RUNS_DIR", self.path("runs"))
            .env("HF_HOME", self.path("hf"))
            .env("HF_ENDPOINT", endpoint)
            .env("HF_HUB_DOWNLOAD_TIMEOUT", "1")
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn thaw(&self, endpoint: &str, args: &[&str]) -> Output {
        self.command(endpoint, args).output().unwrap()
    }

    pub fn pull(&self, hub: &FakeHub) -> Output {
        self.thaw(&hub.endpoint, &["models", "pull", REPO, "--json"])
    }

    pub fn list(&self) -> Vec<Value> {
        lines(&self.thaw(&closed_port(), &["models", "list", "--json"]))
    }

    pub fn blob(&self, hash: &str) -> PathBuf {
        self.repo().join("blobs").join(hash)
    }

    /// Nothing stands in the cache under a good name.
    pub fn assert_no_model(&self) {
        assert_eq!(self.list(), [] as [Value; 0]);
        assert!(!self.repo().join("snapshots").exists());
        assert!(!self.repo().join("refs").exists());
        assert!(!self.blob(&sha256(&tiny()[WEIGHTS])).exists());
    }

    pub fn write(&self, folder: &str, files: &Files) -> String {
        let folder = self.path(folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in files.iter().filter(|(name, _)| !name.contains('/')) {
            fs::write(folder.join(name), bytes).unwrap();
        }
        folder.to_str().unwrap().to_owned()
    }
}

/// The error of a command that failed.
#[track_caller]
pub fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    text(&output.stderr).to_owned()
}

/// An address where no one listens.
pub fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
