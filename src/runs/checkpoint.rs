//! The folder `checkpoint` of a run. It holds the newest state of the training, and the weights of the best epoch when the run
//! is to end with them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::problem::{Outcome, Problem};
use crate::model::tensor_file::{self, Piece, TensorFile};
use crate::train::checkpoint::{BestEpoch, Checkpoint, Position};

const NEWEST: &str = "newest.safetensors";

/// The note in a checkpoint's file.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    position: Position,
    /// The length of the run's log when the checkpoint was made. Later lines are told again when the run is resumed.
    log_bytes: u64,
}

/// The checkpoints of one run.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    dir: PathBuf,
}

impl Checkpoints {
    pub fn of(run_dir: &Path) -> Self {
        Self { dir: run_dir.join("checkpoint") }
    }

    pub fn exist(&self) -> bool {
        self.dir.join(NEWEST).is_file()
    }

    /// Writes a checkpoint in the place of the one before, and then removes the weights of epochs that are no longer the best.
    ///
    /// # Errors
    /// `file-error`. Then the checkpoint before is still whole.
    pub fn keep(&self, position: &Position, log_bytes: u64, pieces: &[Piece<'_>]) -> Outcome<()> {
        self.make()?;
        let note = Note { position: position.clone(), log_bytes };
        let note = serde_json::to_string(&note).map_err(Problem::internal)?;
        tensor_file::write(&self.dir.join(NEWEST), &note, pieces)?;
        let best = position.best.map(|best| best_name(&best));
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name != NEWEST && Some(&name) != best.as_ref() {
                // What cannot be removed now is removed with the next checkpoint.
                fs::remove_file(entry.path()).ok();
            }
        }
        Ok(())
    }

    /// Writes the weights of the best epoch so far, and opens them to be read.
    ///
    /// # Errors
    /// `file-error`, `disk-full`.
    pub fn keep_best(&self, best: &BestEpoch, pieces: &[Piece<'_>]) -> Outcome<TensorFile> {
        self.make()?;
        let path = self.dir.join(best_name(best));
        tensor_file::write(&path, "", pieces)?;
        TensorFile::open(&path)
    }

    /// The newest checkpoint, with the length of the log that belongs to it.
    ///
    /// # Errors
    /// `checkpoint-damaged` for a file that is not whole; `file-error`.
    pub fn newest(&self) -> Outcome<Option<(Checkpoint, u64)>> {
        if !self.exist() {
            return Ok(None);
        }
        let state = TensorFile::open(&self.dir.join(NEWEST))?;
        let Note { position, log_bytes } = serde_json::from_str(state.note()).map_err(|e| {
            log::warn!("the checkpoint's note: {e}");
            state.damaged()
        })?;
        let best = position.best.map(|best| TensorFile::open(&self.dir.join(best_name(&best)))).transpose()?;
        Ok(Some((Checkpoint { position, state, best }, log_bytes)))
    }

    /// Removes all checkpoints, once the run no longer needs them.
    pub fn remove(&self) {
        if let Err(e) = fs::remove_dir_all(&self.dir)
            && e.kind() != ErrorKind::NotFound
        {
            log::warn!("{}: {e}", self.dir.display());
        }
    }

    fn make(&self) -> Outcome<()> {
        fs::create_dir_all(&self.dir).map_err(|e| Problem::file(&self.dir, &e))
    }
}

fn best_name(best: &BestEpoch) -> String {
    format!("best-{}.safetensors", best.epoch)
}
