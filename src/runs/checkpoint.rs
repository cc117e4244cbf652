//! The folder `checkpoint` of a run. It holds the newest state of the training, and the weights of the best epoch when the run
//! is to end with them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::problem::{Outcome, Problem};
use crate::model::tensor_file::{self, Piece, TensorFile};
use crate::train::checkpoint::{BestEpoch, Checkpoint, Position};

use super::proof::prove;

const NEWEST: &str = "newest.safetensors";
const MODEL: &str = "model.safetensors";

/// The note in a checkpoint's file.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    position: Position,
    /// The length of the run's log when the checkpoint was made. Later lines are told again when the run is resumed.
    log_bytes: u64,
    /// Where the weights are, once all epochs are done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    over: Option<EndWeights>,
}

/// Where the weights of a training are that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EndWeights {
    /// In the checkpoint, because the model could not be saved.
    Here,
    /// In the run's model.
    Model,
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
        self.write(Note { position: position.clone(), log_bytes, over: None }, pieces)
    }

    /// Writes the checkpoint of a training whose epochs are all done: the pieces of `weight_pieces`, or none where the run's
    /// model has the weights.
    ///
    /// # Errors
    /// `file-error`. Then the checkpoint before is still whole.
    pub fn keep_end(&self, position: &Position, log_bytes: u64, pieces: &[Piece<'_>]) -> Outcome<()> {
        let over = Some(if pieces.is_empty() { EndWeights::Model } else { EndWeights::Here });
        self.write(Note { position: position.clone(), log_bytes, over }, pieces)
    }

    fn write(&self, note: Note, pieces: &[Piece<'_>]) -> Outcome<()> {
        self.make()?;
        let text = serde_json::to_string(&note).map_err(Problem::internal)?;
        tensor_file::write(&self.dir.join(NEWEST), &text, pieces)?;
        // At the end, the weights are those of the best epoch already, where the run ends with them.
        let best = note.position.best.filter(|_| note.over.is_none()).map(|best| best_name(&best));
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
        let mut state = TensorFile::open(&self.dir.join(NEWEST))?;
        let Note { position, log_bytes, over } = serde_json::from_str(state.note()).map_err(|e| {
            log::warn!("the checkpoint's note: {e}");
            state.damaged()
        })?;
        if over == Some(EndWeights::Model) {
            state = self.saved_model()?;
        }
        let open = |best| TensorFile::open(&self.dir.join(best_name(&best)));
        let best = position.best.filter(|_| over.is_none()).map(open).transpose()?;
        Ok(Some((Checkpoint { position, is_over: over.is_some(), state, best }, log_bytes)))
    }

    /// The run's model, if it is what the run saved.
    fn saved_model(&self) -> Outcome<TensorFile> {
        let run_dir = self.dir.parent().unwrap_or(&self.dir);
        let model = TensorFile::open(&run_dir.join(MODEL))?;
        if prove(run_dir)?.altered.is_empty() { Ok(model) } else { Err(model.damaged()) }
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
