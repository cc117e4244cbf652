//! Saving a trained model as a folder in Hugging Face's layout, which Python's `from_pretrained` loads.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::disk::write_whole;
use super::pretrained::PretrainedModel;
use super::tensor_file::{Take, write_tensors};
use crate::domain::metrics::calibration::Temperature;
use crate::domain::params::ParamTree;
use crate::domain::problem::{Outcome, Problem};

/// Writes the model with new values: `config.json`, `model.safetensors` (f32, with the names of the family's
/// `...ForSequenceClassification`), the tokeniser's `tokenizer.json` and `tokenizer_config.json`, and `vocab.txt`,
/// `special_tokens_map.json` and `added_tokens.json` where the pretrained model had them.
///
/// `text_columns` are the columns of the two texts of a row that it was trained on, or none; they are noted in `config.json`,
/// where [`text_columns_of`] finds them.
///
/// Every file is written whole or not at all. `values` hands on one parameter at a time by its name in `tree`, in row-major
/// order, so that no second copy of the weights is in memory, not even of one.
///
/// # Errors
/// `file-error`, naming the file; those of `values`; `internal-error` when it gives another number of values.
pub fn save_folder(
    dir: &Path,
    pretrained: &PretrainedModel,
    values: &dyn Fn(&str, Take<'_>) -> Outcome<()>,
    tree: &ParamTree,
    label_names: &[String],
    text_columns: &[String],
) -> Outcome<()> {
    save_small_files(dir, pretrained, label_names, text_columns)?;
    write_weights(&dir.join("model.safetensors"), pretrained, values, tree)
}

/// Writes all files of [`save_folder`] but the weights.
///
/// # Errors
/// `file-error`, naming the file.
pub fn save_small_files(
    dir: &Path,
    pretrained: &PretrainedModel,
    label_names: &[String],
    text_columns: &[String],
) -> Outcome<()> {
    fs::create_dir_all(dir).map_err(|e| Problem::file(dir, &e))?;
    let files = &pretrained.files;
    // With one type of tokens or none, all texts have the same types, and Python need not make any.
    let (positions, token_types) = (pretrained.config.positions(), pretrained.config.type_vocab_size > 1);
    write_whole(&dir.join("tokenizer.json"), &pretrained.tokeniser.json()?)?;
    write_whole(&dir.join("tokenizer_config.json"), &pretrained.tokeniser.config_json(positions, token_types)?)?;
    if let Some(vocabulary) = &files.vocabulary {
        write_whole(&dir.join("vocab.txt"), vocabulary)?;
    }
    if let Some(special_tokens) = &files.special_tokens {
        write_whole(&dir.join("special_tokens_map.json"), special_tokens)?;
    }
    if let Some(added_tokens) = &files.added_tokens {
        write_whole(&dir.join("added_tokens.json"), added_tokens)?;
    }
    write_whole(&dir.join("config.json"), &pretty(&config(pretrained, label_names, text_columns))?)
}

fn write_weights(
    path: &Path,
    pretrained: &PretrainedModel,
    values: &dyn Fn(&str, Take<'_>) -> Outcome<()>,
    tree: &ParamTree,
) -> Outcome<()> {
    let family = pretrained.config.family;
    let parameters = &tree.parameters;
    let shapes = parameters.iter().map(|p| (family.stored_name(&p.name), p.shape.clone())).collect();
    save_tensors(path, shapes, &|i, take| values(&parameters[i].name, take))
}

/// Writes tensors with these names and shapes as a file that Python's safetensors loads. `values` hands on the one with an
/// index into `shapes`.
///
/// # Errors
/// `file-error`, naming the file; those of `values`; `internal-error` when it gives another number of values.
pub fn save_tensors(
    path: &Path,
    shapes: Vec<(String, Vec<usize>)>,
    values: &dyn Fn(usize, Take<'_>) -> Outcome<()>,
) -> Outcome<()> {
    write_tensors(path, ("format", "pt"), shapes, values)
}

/// The field of `config.json` with the columns of the two texts of a row. Python ignores it.
const TEXT_COLUMNS: &str = "thaw_text_columns";

/// The field of `config.json` with the temperature of a model that was exported with one. `temperature` itself would be a
/// setting of text generation to Python.
pub const TEMPERATURE: &str = "thaw_temperature";

/// The temperature that a model was exported with, if any.
pub fn temperature_of(pretrained: &PretrainedModel) -> Option<f64> {
    let value = pretrained.files.config.get(TEMPERATURE)?.as_f64()?;
    Some(value).filter(|value| Temperature::is_sound(*value))
}

/// The columns of the first and of the second text that a model of this program was trained on; `None` for one that was
/// trained on single texts or elsewhere.
pub fn text_columns_of(pretrained: &PretrainedModel) -> Option<[String; 2]> {
    let columns = pretrained.files.config.get(TEXT_COLUMNS)?.as_array()?;
    let names: Vec<String> = columns.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    names.try_into().ok()
}

/// The pretrained model's `config.json`, changed into that of a classifier with these labels.
fn config(pretrained: &PretrainedModel, label_names: &[String], text_columns: &[String]) -> Value {
    let mut config = pretrained.files.config.clone();
    // These entries would contradict the saved weights, or point to code that is not in the folder.
    let foreign = ["auto_map", "dtype", "num_labels", "_num_labels", "quantization_config"];
    for stale in foreign.into_iter().chain([TEXT_COLUMNS, TEMPERATURE]) {
        config.shift_remove(stale);
    }
    let family = pretrained.config.family;
    let ids = label_names.iter().enumerate();
    let id2label: Map<String, Value> = ids.clone().map(|(id, name)| (id.to_string(), json!(name))).collect();
    let label2id: Map<String, Value> = ids.map(|(id, name)| (name.clone(), json!(id))).collect();
    config.insert("architectures".into(), json!([family.architecture()]));
    config.insert("model_type".into(), json!(family.anatomy().model_type));
    config.insert("id2label".into(), Value::Object(id2label));
    config.insert("label2id".into(), Value::Object(label2id));
    config.insert("problem_type".into(), json!("single_label_classification"));
    config.insert("torch_dtype".into(), json!("float32"));
    if !text_columns.is_empty() {
        config.insert(TEXT_COLUMNS.into(), json!(text_columns));
    }
    Value::Object(config)
}

fn pretty(value: &Value) -> Outcome<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(Problem::internal)?;
    bytes.push(b'\n');
    Ok(bytes)
}
