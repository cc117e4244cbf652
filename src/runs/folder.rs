//! Where run folders are, and which folder may become one.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::domain::config::RunConfig;
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::write_whole;

use super::remains::never_began;

/// The folder for runs whose settings name none: `THAW_RUNS_DIR`, or `thaw/runs` in the user's data folder.
///
/// # Errors
/// `run-no-home` when the system has no data folder for the user.
pub fn runs_folder() -> Outcome<PathBuf> {
    if let Some(dir) = std::env::var_os("THAW_RUNS_DIR").filter(|dir| !dir.is_empty()) {
        return Ok(dir.into());
    }
    Ok(dirs::data_dir().ok_or(Problem::new("run-no-home"))?.join("thaw").join("runs"))
}

/// The folder for the files of Python programs that have no file of their own: `programs` beside the folder for runs, which
/// is the one of the settings or else the user's.
///
/// # Errors
/// Those of [`runs_folder`].
pub fn programs_folder(config: &RunConfig) -> Outcome<PathBuf> {
    let runs = config.runs_dir.clone().map_or_else(runs_folder, Ok)?;
    Ok(absolute(&runs).with_file_name("programs"))
}

/// Refuses a folder that is not empty, because a run never overwrites files. One whose making was cut off counts as empty.
///
/// # Errors
/// `run-folder-not-empty`, `run-folder-is-file`, `file-error`.
pub fn check_free(dir: &Path) -> Outcome<()> {
    let refused = |id| Err(Problem::new(id).with("folder", dir.display()));
    match fs::read_dir(dir).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) if never_began(dir) => Ok(()),
        Ok(false) => refused("run-folder-not-empty"),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) if e.kind() == ErrorKind::NotADirectory => refused("run-folder-is-file"),
        Err(e) => Err(Problem::file(dir, &e)),
    }
}

/// Makes the folder of a new run or race. It is the one that the settings name, or a fresh one named by time, data and `what`.
/// The flag is true when the folder is new, so that it may be removed again.
///
/// # Errors
/// Those of [`check_free`] and [`runs_folder`]; `file-error`.
pub fn make_folder(config: &RunConfig, data: &str, what: &str) -> Outcome<(PathBuf, bool)> {
    if let Some(out) = &config.out {
        check_free(out)?;
        let is_new = !out.exists();
        fs::create_dir_all(out).map_err(|e| Problem::file(out, &e))?;
        return Ok((absolute(out), is_new));
    }
    let parent = config.runs_dir.clone().map_or_else(runs_folder, Ok)?;
    fs::create_dir_all(&parent).map_err(|e| Problem::file(&parent, &e))?;
    let now = chrono::Local::now().format("%Y-%m-%d_%H%M%S");
    let name = format!("{now}-{}-{}", plain(data), plain(what));
    for n in 1.. {
        let dir = parent.join(if n == 1 { name.clone() } else { format!("{name}-{n}") });
        match fs::create_dir(&dir) {
            Ok(()) => return Ok((absolute(&dir), true)),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(Problem::file(&dir, &e)),
        }
    }
    unreachable!("some number is free")
}

/// The local time as a run's settings have it: `2026-11-24 15:04`.
pub fn now() -> String {
    chrono::Local::now().format("%Y-%m-%d %H:%M").to_string()
}

/// Writes a value as JSON, whole or not at all.
///
/// # Errors
/// `file-error`; `internal-error` for a value that JSON cannot hold.
pub fn write_json(path: &Path, value: &impl Serialize) -> Outcome<()> {
    let mut text = serde_json::to_vec_pretty(value).map_err(Problem::internal)?;
    text.push(b'\n');
    write_whole(path, &text)
}

/// The absolute path, so that it is still right when the program is next started in another folder. Bytes that are not UTF-8
/// are replaced, because JSON cannot hold them.
pub fn portable(path: &Path) -> PathBuf {
    PathBuf::from(absolute(path).to_string_lossy().into_owned())
}

pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A text as a part of a folder's name. It keeps letters and digits of any script, `-` and `_`, at most 40 characters, and
/// loses its extension.
pub(super) fn plain(text: &str) -> String {
    let stem = Path::new(text).file_stem().map_or(text.into(), |stem| stem.to_string_lossy());
    let keep = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' };
    let name: String = stem.chars().filter(|c| *c != ':').map(keep).take(40).collect();
    if name.is_empty() { "run".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert_eq!(plain("movie reviews (1).csv"), "movie_reviews__1_");
        assert_eq!(plain("top:2"), "top2");
        assert_eq!(plain("영화 리뷰.csv"), "영화_리뷰");
        assert_eq!(plain("../../etc/passwd"), "passwd");
        assert_eq!(plain(""), "run");
    }

    #[test]
    fn a_folder_with_something_in_it_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("a/b");
        let config = RunConfig { out: Some(out.clone()), ..RunConfig::default() };
        assert_eq!(make_folder(&config, "x", "full").unwrap(), (out.clone(), true));
        assert_eq!(make_folder(&config, "x", "full").unwrap(), (out.clone(), false), "an empty one is free");
        write_json(&out.join("notes.txt"), &"mine").unwrap();
        let refused = make_folder(&config, "x", "full").unwrap_err();
        assert_eq!(refused.id, "run-folder-not-empty");
        assert_eq!(check_free(&out.join("notes.txt")).unwrap_err().id, "run-folder-is-file");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "no part file is left");
    }
}
