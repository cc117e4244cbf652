//! What people take for a model folder, but this program cannot read: what it is, and how to make a model folder from it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::family::Family;
use crate::domain::problem::{Outcome, Problem};

/// The marks of LoRA and other adapters in the names of tensors.
const ADAPTER_NAMES: [&str; 4] = ["lora_", ".base_layer.", ".adapters.", "prompt_encoder."];
/// The marks of quantised numbers in the names of tensors.
const QUANTISED_NAMES: [&str; 6] = [".SCB", ".absmax", ".quant_map", ".qweight", ".qzeros", "_packed_params"];
/// One of these files is in every folder with a tokeniser that is read here.
const TOKENISERS: [&str; 3] = ["tokenizer.json", "vocab.txt", "vocab.json"];
/// Files of weights for other programs, which cannot be trained.
const RUNTIMES: [(&str, &str); 8] = [
    (".onnx", "ONNX"),
    (".gguf", "GGUF"),
    (".ggml", "GGML"),
    (".tflite", "TensorFlow Lite"),
    (".mlmodel", "Core ML"),
    (".mlpackage", "Core ML"),
    (".ot", "rust-bert"),
    (".pte", "ExecuTorch"),
];

/// Refuses a `config.json` of a model whose numbers come from elsewhere than from its family's network: from a program, from
/// another class, or from quantised weights.
///
/// # Errors
/// `model-code`, `model-quantised`, `model-architecture`, naming the file.
pub(super) fn check_config(json: &Map<String, Value>, file: &str, family: Family) -> Outcome<()> {
    let problem = |id| Problem::new(id).with("file", file);
    if let Some(map) = json.get("auto_map").and_then(Value::as_object) {
        let classes = map.values().flat_map(|value| value.as_array().map_or(vec![value], |all| all.iter().collect()));
        if let Some(class) = classes.filter_map(Value::as_str).next() {
            return Err(problem("model-code").with("class", class));
        }
    }
    if let Some(quantised) = json.get("quantization_config").filter(|value| !value.is_null()) {
        let method = quantised.get("quant_method").and_then(Value::as_str).unwrap_or("quantization_config");
        return Err(problem("model-quantised").with("method", method));
    }
    let architectures = json.get("architectures").and_then(Value::as_array);
    for class in architectures.into_iter().flatten().filter_map(Value::as_str) {
        // The classes of TensorFlow and Flax have the same networks.
        let plain = class.strip_prefix("TF").or_else(|| class.strip_prefix("Flax")).unwrap_or(class);
        let of = Family::of_class(plain);
        // The two are one network under two names.
        let one = [Family::Roberta, Family::XlmRoberta];
        let is_own = match of {
            Some(other) => other == family || (one.contains(&other) && one.contains(&family)),
            None => plain.starts_with(family.anatomy().class),
        };
        if !is_own {
            return Err(problem("model-architecture").with("class", class).with("family", family.anatomy().model_type));
        }
    }
    Ok(())
}

/// Refuses weights that are changes of another model's, or that are quantised, by the names of the tensors.
///
/// # Errors
/// `model-adapter-inside`, `model-quantised`, naming the file.
pub(super) fn check_names<'a>(names: impl IntoIterator<Item = &'a str>, file: &Path) -> Outcome<()> {
    for name in names {
        let has = |marks: &[&str]| marks.iter().any(|mark| name.contains(mark));
        if has(&ADAPTER_NAMES) {
            return Err(Problem::new("model-adapter-inside").with("file", file.display()).with("tensor", name));
        }
        if has(&QUANTISED_NAMES) {
            return Err(Problem::new("model-quantised").with("file", file.display()).with("method", name));
        }
    }
    Ok(())
}

/// Refuses the folder of an adapter, such as LoRA's of peft, which only changes the model that it names.
///
/// # Errors
/// `model-adapter`, naming the other model.
pub(super) fn check_adapter(folder: &Path) -> Outcome<()> {
    let Ok(bytes) = fs::read(folder.join("adapter_config.json")) else { return Ok(()) };
    let json: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = |field: &str| json.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    Err(Problem::new("model-adapter")
        .with("folder", folder.display())
        .with("kind", text("peft_type").unwrap_or("adapter"))
        .with("base", text("base_model_name_or_path").unwrap_or("?")))
}

/// Says what a folder holds that lacks `file`, which a model needs: models within it, weights of another kind, or nothing.
pub(super) fn lacks(folder: &Path, file: &str) -> Problem {
    let within = || models_within(folder);
    let found =
        if file == "config.json" { within().or_else(|| weights(folder)) } else { weights(folder).or_else(within) };
    found.unwrap_or_else(|| Problem::new("model-file-missing").with("folder", folder.display()).with("file", file))
}

/// Says that a folder has no tokeniser, and the command that writes it there.
pub(super) fn lacks_tokeniser(folder: &Path, json: &Map<String, Value>) -> Problem {
    let is_pieces = |name: &String| name.ends_with(".model") || name == "bpe.codes";
    if let Some(file) = names(folder).into_iter().find(is_pieces) {
        return Problem::new("model-tokeniser-other").with("folder", folder.display()).with("file", file);
    }
    let base = json.get("_name_or_path").and_then(Value::as_str).filter(|name| !name.is_empty()).unwrap_or("MODEL");
    Problem::new("model-tokeniser-missing").with("folder", folder.display()).with("base", base)
}

/// The names of what is in a folder, in alphabetical order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// Points to a model in a folder within this one: the newest checkpoint of a Trainer, or the only model of another kind.
fn models_within(folder: &Path) -> Option<Problem> {
    let is_model = |path: &PathBuf| path.join("config.json").is_file();
    let step = |name: &String| name.strip_prefix("checkpoint-")?.parse::<u64>().ok();
    let names = names(folder);
    let mut checkpoints: Vec<(u64, PathBuf)> = names
        .iter()
        .filter_map(|name| Some((step(name)?, folder.join(name))))
        .filter(|(_, path)| is_model(path))
        .collect();
    checkpoints.sort();
    if let Some((_, newest)) = checkpoints.last() {
        let has = |folder: &Path| TOKENISERS.iter().any(|name| folder.join(name).is_file());
        let id = match (has(newest), has(folder)) {
            (true, _) => "model-in-checkpoint",
            (false, true) => "model-in-checkpoint-beside-tokeniser",
            (false, false) => "model-in-checkpoint-without-tokeniser",
        };
        return Some(
            Problem::new(id)
                .with("folder", folder.display())
                .with("checkpoint", newest.display())
                .with_count("count", checkpoints.len()),
        );
    }
    // A folder of the Hugging Face cache keeps its models two folders down.
    let snapshots = folder.join("snapshots");
    let deeper = self::names(&snapshots).into_iter().map(|name| snapshots.join(name));
    let found: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).chain(deeper).filter(is_model).collect();
    let [inner] = &found[..] else { return None };
    Some(Problem::new("model-in-folder").with("folder", folder.display()).with("inner", inner.display()))
}

/// Names weights that are not in a format that is read here, and what makes them readable.
fn weights(folder: &Path) -> Option<Problem> {
    let names = names(folder);
    let problem = |id, file: &str| Problem::new(id).with("folder", folder.display()).with("file", file);
    let find = |is: &dyn Fn(&str) -> bool| names.iter().find(|name| is(&name.to_lowercase()));
    if let Some(file) =
        find(&|name| name.ends_with(".h5") || name == "tf_model.h5.index.json" || name.ends_with(".keras"))
    {
        return Some(problem("model-weights-tensorflow", file).with("class", class(folder)));
    }
    if let Some(file) = find(&|name| name.ends_with(".msgpack") || name == "flax_model.msgpack.index.json") {
        return Some(problem("model-weights-flax", file).with("class", class(folder)));
    }
    if let Some(file) = find(&|name| name.contains(".ckpt") && name.ends_with(".index")) {
        let file = file.strip_suffix(".index").unwrap_or(file);
        return Some(problem("model-weights-tensorflow-1", file));
    }
    if let Some(file) = find(&|name| name == "zero_to_fp32.py") {
        return Some(problem("model-weights-parts", file).with("command", "python zero_to_fp32.py . ."));
    }
    if let Some(file) = find(&|name| name.starts_with("pytorch_model_fsdp")) {
        return Some(
            problem("model-weights-parts", file).with("command", format!("accelerate merge-weights {file} .")),
        );
    }
    let is_other_safetensors = |name: &str| name.ends_with(".safetensors") && !name.starts_with("adapter_");
    if let Some(file) = find(&is_other_safetensors) {
        return Some(problem("model-weights-name", file).with("name", "model.safetensors"));
    }
    let ours = ["training_args.bin", "optimizer.bin", "scheduler.bin", "openvino_model.bin"];
    let is_torch = |name: &str| {
        let ends = [".pt", ".pth", ".bin", ".ckpt"].iter().any(|ending| name.ends_with(ending));
        ends && !ours.contains(&name)
            && !["optimizer", "scheduler", "rng_state", "scaler"].iter().any(|s| name.starts_with(s))
    };
    if let Some(file) = find(&is_torch) {
        return Some(problem("model-weights-name", file).with("name", "pytorch_model.bin"));
    }
    if let Some(file) = find(&|name| name.starts_with("openvino_model")) {
        return Some(problem("model-weights-runtime", file).with("kind", "OpenVINO"));
    }
    for (ending, kind) in RUNTIMES {
        let inner = self::names(&folder.join("onnx"));
        let found = find(&|name| name.ends_with(ending)).or_else(|| inner.iter().find(|name| name.ends_with(ending)));
        if let Some(file) = found {
            return Some(problem("model-weights-runtime", file).with("kind", kind));
        }
    }
    None
}

/// The class of transformers that loads a folder's weights whole, by its `config.json`.
fn class(folder: &Path) -> String {
    let json: Value = fs::read(folder.join("config.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let class = json.get("architectures").and_then(|all| all.get(0)).and_then(Value::as_str).unwrap_or("AutoModel");
    let plain = class.strip_prefix("TF").or_else(|| class.strip_prefix("Flax")).unwrap_or(class);
    let is_name = plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name { plain.to_owned() } else { "AutoModel".to_owned() }
}
