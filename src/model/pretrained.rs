//! A pretrained model, ready to train from: its configuration, its weights, its tokeniser and the head that it may have.

mod given_head;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::config::EncoderConfig;
use super::disk::write_whole;
use super::family::Family;
use super::foreign;
use super::head::{self, OwnHead};
use super::weights::{Weights, is_pickle};
use crate::data::tokeniser::{Tokeniser, TokeniserFiles};
use crate::domain::config::{HeadConfig, ModelSource};
use crate::domain::labels::{MatchedBy, listed, match_labels, named};
use crate::domain::params::{HeadStart, ModelFacts, ParamTree, Parameter, Part};
use crate::domain::problem::{Outcome, Problem};

/// Largest JSON or vocabulary file that is read into memory.
const MAX_SMALL_FILE_BYTES: u64 = 128 << 20;
/// Models round the size of their vocabulary up, so that the tokeniser may know a few words fewer than the model.
const MAX_SPARE_WORDS: usize = 1024;

/// The names that a file of weights can have, the preferred one first. Weights in several parts have a file with such a
/// name and `.index.json` after it, which names the parts.
pub(super) const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];
const BUNDLED_NAME: &str = "all-MiniLM-L6-v2";
static BUNDLED_WEIGHTS: &[u8] = include_bytes!("../../assets/model/model.safetensors");

/// A whole file, read from disk or part of the program.
type Bytes = Cow<'static, [u8]>;

/// A model as it was found. It takes little memory, because weights are read only when they are asked for.
#[derive(Clone)]
pub struct PretrainedModel {
    /// What the network is made of, from `config.json`.
    pub config: EncoderConfig,
    /// The tensors of its files.
    pub weights: Weights,
    pub tokeniser: Arc<Tokeniser>,
    pub facts: ModelFacts,
    /// Parameters of the base model that the files lack, such as a pooler after masked-language training. They start with
    /// new values.
    pub lacking: Vec<String>,
    /// Why nothing can be evaluated with the model's own head, where it has one of another kind.
    pub other_head: Option<Problem>,
    /// What the user states of how labels stand for the classes of its own head.
    stated: HeadConfig,
    /// The values of a head that takes the place of the model's own, by their names in the tree, and with them those that the
    /// model lacks below the head.
    given_head: Option<Arc<BTreeMap<String, Vec<f32>>>>,
    pub(super) files: SmallFiles,
}

/// The small files beside the weights as they were found, for saving a trained model with them.
#[derive(Clone)]
pub(super) struct SmallFiles {
    pub config: Map<String, Value>,
    pub vocabulary: Option<Bytes>,
    pub special_tokens: Option<Bytes>,
    pub added_tokens: Option<Bytes>,
}

/// Reads a small file of a model; `None` when there is none of this name.
type ReadFile<'a> = &'a dyn Fn(&str) -> Outcome<Option<Bytes>>;

impl PretrainedModel {
    /// Opens a model and checks all of it: the configuration, every tensor's shape and values, and the tokeniser's size.
    ///
    /// # Errors
    /// `model-*`, naming the file and the field or tensor; `tokeniser-*` as in [`Tokeniser::from_files`]; `file-error`.
    pub fn open(source: &ModelSource) -> Outcome<Self> {
        Self::open_telling(source, &|_| ())
    }

    /// The same as [`PretrainedModel::open`]; tells the share of the weights that is read.
    ///
    /// # Errors
    /// Those of [`PretrainedModel::open`].
    pub fn open_telling(source: &ModelSource, progress: &dyn Fn(f64)) -> Outcome<Self> {
        let folder = match source {
            ModelSource::Bundled => {
                return Self::read(Path::new(BUNDLED_NAME), true, &|name| Ok(bundled(name)), progress);
            }
            ModelSource::Folder(folder) => folder,
        };
        let problem = |id| Problem::new(id).with("folder", folder.display());
        match fs::metadata(folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(problem("model-folder-missing")),
            Err(e) => Err(Problem::file(folder, &e)),
            Ok(metadata) if !metadata.is_dir() => Err(problem("model-not-a-folder")),
            Ok(_) => {
                foreign::check_adapter(folder)?;
                Self::read(folder, false, &|name| read_small(folder, name), progress)
            }
        }
    }

    /// Reads a model in Hugging Face's layout, whose weights are part of the program or in the folder `place`.
    fn read(place: &Path, is_bundled: bool, file: ReadFile<'_>, progress: &dyn Fn(f64)) -> Outcome<Self> {
        let json = file("config.json")?.ok_or_else(|| foreign::lacks(place, "config.json"))?;
        // It is read first, so that a model of another family is refused for that reason, whatever else it lacks.
        let config_file = place.join("config.json").display().to_string();
        let (json, config) = read_config(&json, &config_file)?;
        let paths = if is_bundled { Vec::new() } else { find_weights(place)? };
        let (tokenizer_json, vocabulary) = (file("tokenizer.json")?, file("vocab.txt")?);
        let byte_pairs = file("vocab.json")?.zip(file("merges.txt")?);
        if tokenizer_json.is_none() && vocabulary.is_none() && byte_pairs.is_none() {
            return Err(foreign::lacks_tokeniser(place, &json));
        }
        let (tokenizer_config, special_tokens) = (file("tokenizer_config.json")?, file("special_tokens_map.json")?);
        let added_tokens = file("added_tokens.json")?;
        let files = TokeniserFiles {
            tokenizer_json: tokenizer_json.as_deref(),
            vocab_txt: vocabulary.as_deref(),
            byte_pairs: byte_pairs.as_ref().map(|(vocabulary, merges)| (&**vocabulary, &**merges)),
            tokenizer_config: tokenizer_config.as_deref(),
            special_tokens_map: special_tokens.as_deref(),
            added_tokens: added_tokens.as_deref(),
            class_of_model: json.get("tokenizer_class").and_then(Value::as_str),
        };
        let tokeniser = Tokeniser::from_files(files, &place.display().to_string())?;
        check_vocabulary(tokeniser.vocabulary_size(), config.vocab_size, place)?;

        let family = config.family;
        let mut base = family.parameters(&config, 0);
        base.retain(|parameter| parameter.part != Part::Classifier);
        let mut weights_bytes = BUNDLED_WEIGHTS.len() as u64;
        let (weights, lacking) = if is_bundled {
            // A test has checked the values of this file.
            let weights = Weights::bundled(BUNDLED_WEIGHTS, family)?;
            let lacking = weights.check(&base, family, Path::new(WEIGHTS[0]))?;
            (weights, lacking)
        } else {
            weights_bytes = paths.iter().filter_map(|path| fs::metadata(path).ok()).map(|found| found.len()).sum();
            let weights = Weights::open(&paths, family)?;
            let lacking = weights.check(&base, family, &paths[0])?;
            weights.check_finite(&base, progress)?;
            (weights, lacking)
        };
        let own_head = head::read(&config, &json, &weights, place)?;
        let name = if is_bundled { BUNDLED_NAME.to_owned() } else { name_of(place) };
        let mut notes = Vec::new();
        if paths.iter().any(|path| is_pickle(path)) {
            notes.push(Problem::new("model-from-pickle").with("file", paths[0].display()));
        }
        if !lacking.is_empty() {
            let note = Problem::new("run-fresh-parameters").with("model", &name);
            notes.push(note.with("names", lacking.join(", ")));
        }
        if let Some(wrapper) = weights.wrapper() {
            notes.push(Problem::new("model-prefix-stripped").with("file", paths[0].display()).with("prefix", wrapper));
        }
        notes.extend(unused(&weights, &base, family, place));
        let (head_labels, other_head) = match own_head {
            OwnHead::None => (None, None),
            OwnHead::Labels(labels) => (Some(labels), None),
            OwnHead::Other { note, refusal } => {
                notes.push(note);
                (None, Some(refusal))
            }
        };
        if tokeniser.guesses_case() {
            notes.push(Problem::new("model-case-guessed").with("folder", place.display()));
        }
        let facts = ModelFacts {
            name,
            family: family.anatomy().model_type.to_owned(),
            layers: config.num_hidden_layers,
            hidden_size: config.hidden_size,
            intermediate_size: config.intermediate_size,
            heads: config.num_attention_heads,
            vocabulary: config.vocab_size,
            positions: config.positions(),
            file_bytes: weights_bytes,
            head_labels,
            head: HeadStart::New,
            matched: Vec::new(),
            notes,
            hidden_dropout: config.hidden_dropout_prob,
        };
        let files = SmallFiles { config: json, vocabulary, special_tokens, added_tokens };
        Ok(Self {
            config,
            weights,
            tokeniser: Arc::new(tokeniser),
            facts,
            lacking,
            other_head,
            stated: HeadConfig::default(),
            given_head: None,
            files,
        })
    }

    /// The model with what the user states of its head and of how labels stand for its classes.
    pub fn stating(&self, stated: &HeadConfig) -> Cow<'_, Self> {
        if self.stated == *stated {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self { stated: stated.clone(), ..self.clone() })
    }

    /// All parameters of a classifier with these labels: the base model's in the order of PyTorch's `named_parameters()`,
    /// then the head's.
    pub fn tree(&self, label_names: &[String]) -> ParamTree {
        let parameters = self.config.family.parameters(&self.config, label_names.len());
        let (head, matched) = match (&self.facts.head_labels, self.head_rows(label_names)) {
            (Some(own), Ok(rows)) => (HeadStart::Kept, named(label_names, own, &rows)),
            (Some(_), Err(_)) => (HeadStart::Replaced, Vec::new()),
            (None, _) => (HeadStart::New, Vec::new()),
        };
        ParamTree { facts: ModelFacts { head, matched, ..self.facts.clone() }, parameters }
    }

    /// Which row of the model's own head belongs to each label, and why, if that head classifies into these labels.
    ///
    /// # Errors
    /// Why the head can't be kept: `model-without-head`, `head-new-asked`; those of [`match_labels`]; `head-other-classes` where the labels
    /// don't stand for all classes, each for one.
    pub fn head_rows(&self, label_names: &[String]) -> Outcome<Vec<(usize, MatchedBy)>> {
        let Some(own) = &self.facts.head_labels else {
            return Err(Problem::new("model-without-head").with("model", &self.facts.name));
        };
        if self.stated.is_new {
            return Err(Problem::new("head-new-asked").with("model", &self.facts.name));
        }
        let rows = match_labels(label_names, own, &self.stated.label_map)?;
        let classes: BTreeSet<usize> = rows.iter().map(|(class, _)| *class).collect();
        if classes.len() < own.len() || label_names.len() > own.len() {
            return Err(Problem::new("head-other-classes")
                .with_count("count", label_names.len())
                .with_count("heads", own.len())
                .with("labels", listed(label_names.iter().map(String::as_str)))
                .with("classes", listed(own.iter().map(String::as_str))));
        }
        Ok(rows)
    }

    /// The values of the model's own head by their names in the tree, with rows in the order of the labels. `None` when the
    /// model has no head, or one for other labels.
    ///
    /// # Errors
    /// `file-error` when the weights can no longer be read.
    pub fn head_for(&self, label_names: &[String]) -> Outcome<Option<BTreeMap<String, Vec<f32>>>> {
        let Ok(rows) = self.head_rows(label_names) else { return Ok(None) };
        let output = self.config.family.anatomy().head.output;
        // A given head may come with what the model lacks below it.
        let mut head = self.given_head.as_deref().cloned().unwrap_or_default();
        for parameter in head::parameters(&self.config, label_names.len()) {
            let mut values = match (&self.given_head, self.weights.get(&parameter.name)) {
                (Some(head), _) => head.get(&parameter.name).cloned().unwrap_or_default(),
                (None, Some(tensor)) => tensor.to_f32()?,
                (None, None) => continue,
            };
            if parameter.name.rsplit_once('.').is_some_and(|(map, _)| map == output) {
                let width = values.len() / rows.len();
                values = rows.iter().flat_map(|(row, _)| &values[row * width..(row + 1) * width]).copied().collect();
            }
            head.insert(parameter.name, values);
        }
        Ok(Some(head))
    }
}

/// Says which tensors of the files belong to no part of the model. Heads, which are known or told about otherwise, and what
/// the network makes by itself are left out.
fn unused(weights: &Weights, base: &[Parameter], family: Family, place: &Path) -> Option<Problem> {
    let head = &family.anatomy().head;
    let known: BTreeSet<&str> = base.iter().map(|parameter| parameter.name.as_str()).collect();
    let of_head =
        |name: &str| [head.output, head.dense, "classifier"].iter().any(|map| name.starts_with(&format!("{map}.")));
    let is_unused = |name: &&str| !known.contains(name) && !of_head(name) && !Family::is_buffer(name);
    let names: Vec<&str> = weights.names().filter(is_unused).collect();
    let mut shown: Vec<&str> = names.iter().take(3).copied().collect();
    if names.len() > shown.len() {
        shown.push("\u{2026}");
    }
    let shown = shown.join(", ");
    let note = Problem::new("model-tensors-unused").with("folder", place.display()).with("names", shown);
    (!names.is_empty()).then(|| note.with_count("count", names.len()))
}

/// Refuses the tokeniser of another model, whose ids stand for other words or for none.
fn check_vocabulary(tokeniser: usize, model: usize, place: &Path) -> Outcome<()> {
    let spare = (model / 50).clamp(128, MAX_SPARE_WORDS);
    let id = match tokeniser {
        words if words > model => "model-vocabulary-larger",
        words if words + spare < model => "model-vocabulary-smaller",
        _ => return Ok(()),
    };
    Err(Problem::new(id).with("folder", place.display()).with_count("tokeniser", tokeniser).with_count("model", model))
}

/// Reads a `config.json`; `file` is its name in messages.
///
/// # Errors
/// `model-json-damaged`; those of [`EncoderConfig::from_json`]; `model-code`, `model-quantised`, `model-architecture` for
/// numbers that come from elsewhere.
pub(super) fn read_config(bytes: &[u8], file: &str) -> Outcome<(Map<String, Value>, EncoderConfig)> {
    let json: Map<String, Value> = serde_json::from_slice(bytes)
        .map_err(|e| Problem::new("model-json-damaged").with("file", file).with_original(e))?;
    let config = EncoderConfig::from_json(&json, file)?;
    foreign::check_config(&json, file, config.family)?;
    Ok((json, config))
}

/// The bundled model's weights as its file has them.
pub(super) fn bundled_weights() -> &'static [u8] {
    BUNDLED_WEIGHTS
}

/// The bundled model's `config.json`.
pub(super) fn bundled_config() -> &'static [u8] {
    include_bytes!("../../assets/model/config.json")
}

/// Writes the bundled model as a folder that Python loads. A file that is there already with the same size stays.
///
/// # Errors
/// `file-error`, naming the file.
pub fn write_bundled(folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder).map_err(|e| Problem::file(folder, &e))?;
    let small = ["config.json", "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json"];
    let small = small.into_iter().filter_map(|name| Some((name, bundled(name)?)));
    for (name, bytes) in small.chain([(WEIGHTS[0], Bytes::Borrowed(BUNDLED_WEIGHTS))]) {
        let path = folder.join(name);
        let is_there = fs::metadata(&path).is_ok_and(|found| found.len() == bytes.len() as u64);
        if !is_there {
            write_whole(&path, &bytes)?;
        }
    }
    Ok(())
}

/// A small file of the bundled model.
fn bundled(name: &str) -> Option<Bytes> {
    let bytes: &'static [u8] = match name {
        "config.json" => bundled_config(),
        "tokenizer.json" => include_bytes!("../../assets/model/tokenizer.json"),
        "vocab.txt" => include_bytes!("../../assets/model/vocab.txt"),
        "tokenizer_config.json" => include_bytes!("../../assets/model/tokenizer_config.json"),
        "special_tokens_map.json" => include_bytes!("../../assets/model/special_tokens_map.json"),
        _ => return None,
    };
    Some(bytes.into())
}

/// Finds `model.safetensors` or the files that its index names. Only where there are none, `pytorch_model.bin` or its parts
/// are taken.
///
/// # Errors
/// `model-file-missing`; `model-json-damaged` for a damaged index; `file-error`.
pub(super) fn find_weights(folder: &Path) -> Outcome<Vec<PathBuf>> {
    for name in WEIGHTS {
        let whole = folder.join(name);
        if whole.is_file() {
            return Ok(vec![whole]);
        }
        if let Some(paths) = find_shards(folder, &format!("{name}.index.json"))? {
            return Ok(paths);
        }
    }
    Err(foreign::lacks(folder, WEIGHTS[0]))
}

/// The files that an index names; `None` when there is no such index.
fn find_shards(folder: &Path, index_name: &str) -> Outcome<Option<Vec<PathBuf>>> {
    let Some(index) = read_small(folder, index_name)? else { return Ok(None) };
    let damaged = |error: &dyn std::fmt::Display| {
        Problem::new("model-json-damaged").with("file", folder.join(index_name).display()).with_original(error)
    };
    let index: Value = serde_json::from_slice(&index).map_err(|e| damaged(&e))?;
    let names = parts(&index);
    if names.is_empty() {
        return Err(damaged(&"weight_map"));
    }
    let mut paths = Vec::new();
    for name in names {
        // An index may name only files of its own folder.
        if Path::new(name).file_name().is_none_or(|file| file != name) {
            return Err(damaged(&name));
        }
        let path = folder.join(name);
        if !path.is_file() {
            return Err(Problem::new("model-file-missing").with("folder", folder.display()).with("file", name));
        }
        paths.push(path);
    }
    Ok(Some(paths))
}

/// The parts that an index of weights names, each once.
pub(super) fn parts(index: &Value) -> BTreeSet<&str> {
    let map = index.get("weight_map").and_then(Value::as_object);
    map.into_iter().flat_map(|map| map.values()).filter_map(Value::as_str).collect()
}

/// Reads a small file of the folder; `None` when there is none.
fn read_small(folder: &Path, name: &str) -> Outcome<Option<Bytes>> {
    let path = folder.join(name);
    // Reading a pipe or device of this name could take for ever.
    if !path.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(MAX_SMALL_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|e| Problem::file(&path, &e))?;
    if bytes.len() as u64 > MAX_SMALL_FILE_BYTES {
        return Err(Problem::new("model-file-too-large")
            .with("file", path.display())
            .with("limit_mb", MAX_SMALL_FILE_BYTES >> 20));
    }
    Ok(Some(Cow::Owned(bytes)))
}

/// The name of the model in a folder: the folder's own name, or the model's id for a snapshot in the Hugging Face cache.
fn name_of(folder: &Path) -> String {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_gone| folder.to_owned());
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let cached =
        folder.parent().filter(|p| name(p).as_deref() == Some("snapshots")).and_then(Path::parent).and_then(name);
    match cached.as_deref().and_then(|name| name.strip_prefix("models--")) {
        Some(id) => id.replace("--", "/"),
        None => name(&folder).unwrap_or_else(|| folder.display().to_string()),
    }
}

#[cfg(test)]
mod tests;
