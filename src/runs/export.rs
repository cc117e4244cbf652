//! A run's model as a folder to give away. It holds a model card and what Hugging Face reads, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::write_whole;
use crate::model::hub::SMALL_FILES;

use super::card::card;
use super::folder::{absolute, check_free};
use super::reader::{RunReader, read};
use super::settings::Metrics;
use super::writer::METRICS;

/// Writes the model of the run in `dir` into `to`, which appears whole or not at all.
///
/// # Errors
/// `run-not-found`, `run-without-model`, `run-unreadable`; `resume-no-run` for a folder that is no run of Thaw;
/// `run-folder-not-empty`, `run-folder-is-file`; `file-error`.
pub fn export(dir: &Path, to: &Path) -> Outcome<PathBuf> {
    let settings = RunReader::open(dir)?.into_settings()?;
    check_free(to)?;
    let metrics: Option<Metrics> = read(&dir.join(METRICS))?;
    let to = absolute(to);
    let parent = to.parent().unwrap_or(Path::new("."));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |e: std::io::Error| Problem::file(&path, &e)
    };
    fs::create_dir_all(parent).map_err(failed(parent))?;
    let making = tempfile::Builder::new().prefix(".exporting-").tempdir_in(parent).map_err(failed(parent))?;
    for entry in fs::read_dir(dir).map_err(failed(dir))? {
        let entry = entry.map_err(failed(dir))?;
        let name = entry.file_name();
        if name.to_str().is_some_and(is_of_model) && entry.path().is_file() {
            fs::copy(entry.path(), making.path().join(&name)).map_err(failed(&entry.path()))?;
        }
    }
    keep_length(&making.path().join("tokenizer_config.json"), settings.config.training.max_length)?;
    write_whole(&making.path().join("README.md"), card(&settings, metrics.as_ref()).as_bytes())?;
    #[cfg(unix)]
    {
        // A temporary folder is private; this one becomes a folder like any other.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(making.path(), open).map_err(failed(making.path()))?;
    }
    if to.exists() {
        fs::remove_dir(&to).map_err(failed(&to))?;
    }
    fs::rename(making.path(), &to).map_err(failed(&to))?;
    // The temporary folder has another name now, so that nothing is removed with it.
    drop(making);
    Ok(to)
}

/// Whether Hugging Face reads a file of this name with a model: its settings, its tokeniser, or its weights, which may be
/// in one file or in several with an index.
fn is_of_model(name: &str) -> bool {
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = name.strip_prefix("model-").and_then(|rest| rest.strip_suffix(".safetensors"));
    let is_part = part.and_then(|rest| rest.split_once("-of-")).is_some_and(|(n, of)| is_number(n) && is_number(of));
    is_part || ["model.safetensors", "model.safetensors.index.json"].contains(&name) || SMALL_FILES.contains(&name)
}

/// Notes in the tokeniser's settings that texts are cut where training cut them. Whoever loads it then gets the same
/// predictions without asking for that.
fn keep_length(path: &Path, max_length: usize) -> Outcome<()> {
    let Some(mut config) = read::<serde_json::Map<String, serde_json::Value>>(path)? else { return Ok(()) };
    config.insert("model_max_length".to_owned(), max_length.into());
    write_whole(path, &serde_json::to_vec_pretty(&config).map_err(Problem::internal)?)
}
