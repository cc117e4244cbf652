//! A run's model as a folder to give away. It holds a model card and what Hugging Face reads, and nothing else.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::domain::half::{Half, Rounded};
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::{write_whole, write_with};
use crate::model::half::{Rewrite, rewrite};
use crate::model::hub::SMALL_FILES;

use super::card::card;
use super::folder::check_free;
use super::reader::{RunReader, no_run, read, read_run};
use super::settings::Metrics;
use super::temperature::temperature;
use super::tensorboard::write_board;
use super::whole_folder::whole_folder;
use super::writer::METRICS;

/// The rounding of an export's weights, and the function that measures the difference on the folder in which they are rounded
/// already.
#[derive(Clone, Copy)]
pub struct Rounding<'r> {
    pub half: Half,
    pub measure: &'r dyn Fn(&Path) -> Outcome<Rounded>,
}

/// Writes the model of the run in `dir` into `to`, which appears whole or not at all, with the weights as they are or rounded.
///
/// # Errors
/// `run-not-found`, `run-without-model`, `run-unreadable`; `resume-no-run` for a folder that is no run of Thaw;
/// `run-folder-not-empty`, `run-folder-is-file`; `half-overflow`; `file-error`; what a rounding's `measure` returns.
pub fn export(dir: &Path, to: &Path, rounding: Option<Rounding<'_>>) -> Outcome<(PathBuf, Option<Rounded>)> {
    let settings = RunReader::open(dir)?.into_settings()?;
    check_free(to)?;
    let metrics: Option<Metrics> = read(&dir.join(METRICS))?;
    let fitted = temperature(dir)?;
    let mut rounded = None;
    let to = whole_folder(to, |making| {
        let max_length = settings.config.training.max_length;
        let half = rounding.map(|rounding| rounding.half);
        // Whoever loads the model gets the fitted probabilities without asking for them.
        let temperature = fitted.as_ref().map(|fitted| fitted.temperature);
        fill(making, dir, max_length, Rewrite { half, temperature })?;
        rounded = rounding.map(|rounding| (rounding.measure)(making)).transpose()?;
        let card = card(&settings, metrics.as_ref(), fitted.as_ref(), rounded.as_ref());
        write_whole(&making.join("README.md"), card.as_bytes())
    })?;
    Ok((to, rounded))
}

/// Writes the event file of TensorBoard for the run in `dir` into the folder `to`, which appears whole or not at all.
///
/// # Errors
/// Those of reading a run; `run-folder-not-empty`, `run-folder-is-file`; `file-error`.
pub fn export_board(dir: &Path, to: &Path) -> Outcome<PathBuf> {
    let run = read_run(dir)?;
    let settings = RunReader::settings_in(dir)?.ok_or_else(|| no_run(dir))?;
    check_free(to)?;
    let metrics: Option<Metrics> = read(&dir.join(METRICS))?;
    let card = card(&settings, metrics.as_ref(), temperature(dir)?.as_ref(), None);
    whole_folder(to, |making| write_board(making, &settings, &run.events, Some(&card)).map(drop))
}

/// Writes all files of the export into the folder `making`, but for the card.
fn fill(making: &Path, dir: &Path, max_length: usize, changes: Rewrite) -> Outcome<()> {
    let failed = |e: std::io::Error| Problem::file(dir, &e);
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if name.to_str().is_some_and(is_of_model) && entry.path().is_file() {
            let is_weights = Path::new(&name).extension().is_some_and(|extension| extension == "safetensors");
            if is_weights && !changes.is_nothing() {
                rewrite(&entry.path(), &making.join(&name), changes)?;
            } else {
                copy(&entry.path(), &making.join(&name))?;
            }
        }
    }
    // Whoever loads the tokeniser then gets the same predictions without asking for it: texts are cut where training cut them.
    add(&making.join("tokenizer_config.json"), "model_max_length", max_length.into())?;
    if let Some(half) = changes.half {
        add(&making.join("config.json"), "torch_dtype", half.torch_name().into())?;
    }
    Ok(())
}

/// Copies a file such that it outlasts a power cut. A disk without room is a problem of the copy, not of the original.
fn copy(from: &Path, to: &Path) -> Outcome<()> {
    let mut source = File::open(from).map_err(|e| Problem::file(from, &e))?;
    write_with(to, |copy| {
        let mut chunk = vec![0; 1 << 20];
        loop {
            let n = source.read(&mut chunk).map_err(|e| Problem::file(from, &e))?;
            if n == 0 {
                return Ok(());
            }
            copy.write_all(&chunk[..n]).map_err(|e| Problem::file(to, &e))?;
        }
    })
}

/// Whether Hugging Face reads a file of this name with a model: its settings, its tokeniser, or its weights, which may be
/// in one file or in several with an index.
fn is_of_model(name: &str) -> bool {
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = name.strip_prefix("model-").and_then(|rest| rest.strip_suffix(".safetensors"));
    let is_part = part.and_then(|rest| rest.split_once("-of-")).is_some_and(|(n, of)| is_number(n) && is_number(of));
    is_part || ["model.safetensors", "model.safetensors.index.json"].contains(&name) || SMALL_FILES.contains(&name)
}

/// Adds an entry to a file of settings, where there is one. It replaces an older one.
fn add(path: &Path, name: &str, value: serde_json::Value) -> Outcome<()> {
    let Some(mut config) = read::<serde_json::Map<String, serde_json::Value>>(path)? else { return Ok(()) };
    config.insert(name.to_owned(), value);
    write_whole(path, &serde_json::to_vec_pretty(&config).map_err(Problem::internal)?)
}
