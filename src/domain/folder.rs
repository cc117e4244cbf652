//! What a folder holds, as a file dialog shows it.

use std::path::PathBuf;

/// A folder with its files and folders: folders first, each kind by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderListing {
    pub folder: PathBuf,
    pub entries: Vec<FolderEntry>,
}

/// A file or folder. One whose name is no Unicode is not listed, because the settings could not remember it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    pub name: String,
    pub is_folder: bool,
}
