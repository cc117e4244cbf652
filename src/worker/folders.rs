//! Folders listed for the window's own file dialog.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::domain::folder::{FolderEntry, FolderListing};
use crate::domain::problem::{Outcome, Problem};

/// Lists a folder. A path that begins with `~` is in the user's home.
///
/// # Errors
/// `file-error` when there is no such folder, or it may not be read.
pub fn list(folder: &Path) -> Outcome<FolderListing> {
    let folder = whole(folder).map_err(|e| Problem::file(folder, &e))?;
    let read = fs::read_dir(&folder).map_err(|e| Problem::file(&folder, &e))?;
    let mut entries: Vec<FolderEntry> = read
        .flatten()
        .filter_map(|entry| {
            // A link to a folder counts as a folder.
            let is_folder = entry.path().is_dir();
            Some(FolderEntry { name: entry.file_name().into_string().ok()?, is_folder })
        })
        .collect();
    entries.sort_by_cached_key(|entry| (!entry.is_folder, entry.name.to_lowercase(), entry.name.clone()));
    Ok(FolderListing { folder, entries })
}

/// The path from the root on, without `~` and `..`.
fn whole(path: &Path) -> std::io::Result<PathBuf> {
    let path = match (path.strip_prefix("~"), dirs::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    };
    if path.components().any(|part| part == Component::ParentDir) {
        path.canonicalize()
    } else {
        std::path::absolute(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_first_and_everything_is_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "A.csv", "리뷰.csv"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir_all(folder.path().join("runs/one")).unwrap();
        let listed = list(&folder.path().join("runs/..")).unwrap();
        assert_eq!(listed.folder, folder.path().canonicalize().unwrap());
        let names: Vec<(&str, bool)> = listed.entries.iter().map(|e| (e.name.as_str(), e.is_folder)).collect();
        assert_eq!(names, [("runs", true), ("A.csv", false), ("b.csv", false), ("리뷰.csv", false)]);
        assert_eq!(list(&folder.path().join("gone")).unwrap_err().id, "file-error");
        assert_eq!(whole(Path::new("~/a")).ok(), dirs::home_dir().map(|home| home.join("a")));
    }
}
