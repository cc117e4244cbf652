//! Whether there is room on the disk for what a run or a race writes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::config::RunConfig;
use crate::domain::disk_need::{DiskNeed, DiskSizes, disk_need};
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::free_bytes;
use crate::runs::runs_folder;

use super::memory::text_sizes;
use super::prelude::Material;

/// What one run writes that trains these parameters in some stage.
pub fn need_of(config: &RunConfig, material: &Material, trainable: &[bool]) -> DiskNeed {
    let dataset = &material.data.dataset;
    let sizes = DiskSizes {
        train_rows: dataset.splits.train.len(),
        all_rows: dataset.labels.len(),
        train_tokens: text_sizes(config.training.batch_size, material).train_tokens,
        classes: dataset.summary.labels.len(),
    };
    disk_need(&material.tree, trainable, sizes, &config.training)
}

/// Refuses a run that the disk of its folder has no room for. What a resumed run has written already is in `dir`.
///
/// # Errors
/// `disk-too-small`; `run-no-home`.
pub fn check_disk(config: &RunConfig, need: DiskNeed, dir: Option<&Path>) -> Outcome<()> {
    let folder = dir.map_or_else(|| folder_of(config), |dir| Ok(dir.to_owned()))?;
    let need = need.most_bytes().saturating_sub(dir.map_or(0, written_bytes));
    check_room(&folder, need, free_bytes(&folder))
}

/// Refuses a race whose runs, each with its need, do not all fit. Their checkpoints are not there at the same time.
///
/// # Errors
/// `disk-too-small`; `run-no-home`.
pub fn check_disk_of_race(config: &RunConfig, needs: &[DiskNeed], dir: Option<&Path>) -> Outcome<()> {
    let folder = dir.map_or_else(|| folder_of(config), |dir| Ok(dir.to_owned()))?;
    let left: u64 = needs.iter().map(DiskNeed::left_bytes).sum();
    let besides = needs.iter().map(|need| need.most_bytes() - need.left_bytes()).max();
    check_room(&folder, left + besides.unwrap_or(0), free_bytes(&folder))
}

/// Refuses what needs so many bytes in a folder.
///
/// # Errors
/// `disk-too-small`.
pub(super) fn check_room(folder: &Path, need_bytes: u64, free: Option<u64>) -> Outcome<()> {
    match free {
        Some(free) if free < need_bytes => Err(Problem::new("disk-too-small")
            .with("folder", folder.display())
            .with_count("need_mb", need_bytes.div_ceil(1_000_000))
            .with_count("free_mb", free / 1_000_000)),
        _ => Ok(()),
    }
}

/// The folder of a new run, or the folder in which it will be made.
fn folder_of(config: &RunConfig) -> Outcome<PathBuf> {
    config.out.clone().or_else(|| config.runs_dir.clone()).map_or_else(runs_folder, Ok)
}

/// The bytes of the files in a run's folder and in its checkpoints.
fn written_bytes(dir: &Path) -> u64 {
    let files = [dir.to_owned(), dir.join("checkpoint")].into_iter().filter_map(|dir| fs::read_dir(dir).ok());
    let files = files.flat_map(|entries| entries.flatten()).filter_map(|entry| entry.metadata().ok());
    files.filter(fs::Metadata::is_file).map(|file| file.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_folder_need_and_room() {
        let folder = Path::new("/media/usb");
        assert_eq!(check_room(folder, 5_000_001, Some(4_999_999)).unwrap_err().to_string(), {
            r#"disk-too-small folder="/media/usb" need_mb="6" free_mb="4""#
        });
        assert_eq!(check_room(folder, 5_000_000, Some(5_000_000)), Ok(()));
        assert_eq!(check_room(folder, u64::MAX, None), Ok(()), "where the system does not tell");
        let huge = DiskNeed { model_bytes: 1 << 60, checkpoint_bytes: 1, best_bytes: 0, log_bytes: 1 };
        let dir = tempfile::tempdir().unwrap();
        let config = RunConfig { out: Some(dir.path().join("run")), ..RunConfig::default() };
        assert_eq!(check_disk(&config, huge, None).unwrap_err().id, "disk-too-small");
        assert_eq!(check_disk_of_race(&config, &[huge, huge], None).unwrap_err().id, "disk-too-small");
        assert!(!dir.path().join("run").exists());
    }

    #[test]
    fn what_a_resumed_run_has_written_already_is_not_needed_again() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("checkpoint")).unwrap();
        fs::write(dir.path().join("steps.jsonl"), [0; 100]).unwrap();
        fs::write(dir.path().join("checkpoint/newest.safetensors"), [0; 1000]).unwrap();
        assert_eq!(written_bytes(dir.path()), 1100);
    }
}
