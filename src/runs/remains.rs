//! What a program that was killed leaves in the folder of a run or race, and what becomes of it.

use std::fs;
use std::path::Path;

use crate::model::disk::{is_part, remove_parts};

use super::checkpoint::Checkpoints;
use super::lock::{LOCK, RunLock};
use super::race::RACE;
use super::writer::{SETTINGS, SPLITS, STEPS};

/// Whether a program was killed while it made this folder, so that nothing in it can be gone on with. Such a folder is as
/// good as an empty one.
pub fn never_began(dir: &Path) -> bool {
    dir.join(LOCK).is_file() && has_only_remains(dir) && !RunLock::is_taken(dir)
}

/// Whether a folder has nothing in it but what a run or race begins with, and not all of that. The lock counts for
/// nothing here, whoever holds it.
pub fn has_only_remains(dir: &Path) -> bool {
    let is_there = |name| dir.join(name).exists();
    if is_there(RACE) || is_there(SETTINGS) && is_there(SPLITS) {
        return false;
    }
    let Ok(entries) = fs::read_dir(dir) else { return false };
    entries.flatten().all(|entry| {
        let name = entry.file_name();
        let is_empty = || entry.metadata().is_ok_and(|found| found.len() == 0);
        is_part(&name) || [LOCK, SETTINGS, SPLITS].iter().any(|own| name == *own) || name == STEPS && is_empty()
    })
}

/// Removes what a run no longer needs that had come to its end when its program was killed. Nothing happens while another
/// program holds the folder.
pub fn tidy_finished(dir: &Path) {
    if let Ok(_lock) = RunLock::take(dir) {
        Checkpoints::of(dir).remove();
        remove_parts(dir);
    }
}
