//! A folder that appears whole or not at all.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::domain::problem::{Arg, Outcome, Problem};

use super::folder::absolute;
use super::lock::RunLock;

/// Has `fill` write into a temporary folder, which then takes the place of `to`, a new or empty one. Problems name files as
/// they would have been called there.
///
/// # Errors
/// `run-folder-not-empty`; `run-in-use`; `file-error`; those of `fill`.
pub fn whole_folder(to: &Path, fill: impl FnOnce(&Path) -> Outcome<()>) -> Outcome<PathBuf> {
    let to = absolute(to);
    let parent = to.parent().unwrap_or(Path::new("."));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |e: std::io::Error| Problem::file(&path, &e)
    };
    fs::create_dir_all(parent).map_err(failed(parent))?;
    // A part of a long name will do, because file systems know no names over 255 bytes.
    let name: String = to.file_name().unwrap_or_default().to_string_lossy().chars().take(40).collect();
    let prefix = format!(".exporting-{name}-");
    remove_older(parent, &prefix);
    let making = tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).map_err(failed(parent))?;
    let lock = RunLock::take(making.path())?;
    fill(making.path()).map_err(|mut problem| {
        // The temporary folder goes away with the error, so that its name would tell nothing.
        for (_, value) in &mut problem.args {
            if let Arg::Text(text) = value {
                *text = text.replace(&*making.path().to_string_lossy(), &to.to_string_lossy());
            }
        }
        problem
    })?;
    #[cfg(unix)]
    {
        // A temporary folder is private; this one becomes a folder like any other.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(making.path(), open).map_err(failed(making.path()))?;
    }
    drop(lock);
    if to.exists() {
        fs::remove_dir(&to).map_err(|e| match e.kind() {
            ErrorKind::DirectoryNotEmpty => Problem::new("run-folder-not-empty").with("folder", to.display()),
            _ => Problem::file(&to, &e),
        })?;
    }
    fs::rename(making.path(), &to).map_err(failed(&to))?;
    // The temporary folder has another name now, so that nothing is removed with it.
    drop(making);
    Ok(to)
}

/// Removes what exports to the same place left that were killed. An export under way holds the lock of its folder.
fn remove_older(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) && !RunLock::is_taken(&entry.path()) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}
