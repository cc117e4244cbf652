//! TensorBoard's file of a run under way. It holds nothing that the run's log does not, so that trouble with it never holds the
//! run up: it is then written anew from the log when the run ends.

use std::fs;
use std::io;
use std::path::Path;

use crate::domain::message::RunEvent;
use crate::domain::problem::{Outcome, Problem};

use super::super::reader::read_log;
use super::super::settings::RunSettings;
use super::super::writer::STEPS;
use super::{Board, BoardFile};

/// The folder of the file in the run's folder.
const FOLDER: &str = "tensorboard";

/// The file, where the run's settings want one and it can be written.
#[derive(Debug)]
pub struct GrowingBoard(Option<BoardFile>);

impl GrowingBoard {
    /// Begins the file of the run in `dir` with all that its log holds so far.
    ///
    /// # Errors
    /// `disk-full`, `file-error`.
    pub fn begin(dir: &Path, settings: &RunSettings) -> Outcome<Self> {
        let is_wanted = settings.config.training.tensorboard;
        Ok(Self(is_wanted.then(|| of_log(dir, settings)).transpose()?))
    }

    /// Writes what the run has told.
    pub fn add(&mut self, event: &RunEvent) {
        self.attempt(|board| board.add(event));
    }

    /// Hands on what waits to be written.
    pub fn flush(&mut self) {
        self.attempt(Board::flush);
    }

    fn attempt(&mut self, write: impl FnOnce(&mut BoardFile) -> io::Result<()>) {
        if let Some(board) = &mut self.0
            && let Err(error) = write(board)
        {
            log::warn!("TensorBoard's file waits for the end of the run: {error}");
            self.0 = None;
        }
    }

    /// Ends the file with the run's card, once the log is written.
    ///
    /// # Errors
    /// `disk-full`, `file-error`.
    pub fn finish(&mut self, dir: &Path, settings: &RunSettings, card: impl FnOnce() -> String) -> Outcome<()> {
        if !settings.config.training.tensorboard {
            return Ok(());
        }
        let mut board = match self.0.take() {
            Some(board) => board,
            None => of_log(dir, settings)?,
        };
        board.text("card", &card()).and_then(|()| board.flush()).map_err(|e| Problem::file(&dir.join(FOLDER), &e))
    }

    /// Removes the file of a run that is taken back.
    pub fn discard(self, dir: &Path) {
        if self.0.is_some() {
            drop(self);
            fs::remove_dir_all(dir.join(FOLDER)).ok();
        }
    }
}

fn of_log(dir: &Path, settings: &RunSettings) -> Outcome<BoardFile> {
    let folder = dir.join(FOLDER);
    let mut board = BoardFile::create(&folder, settings)?;
    let mut written = Ok(());
    read_log(&dir.join(STEPS), u64::MAX, |event| {
        if written.is_ok() {
            written = board.add(&event);
        }
    })?;
    written.and_then(|()| board.flush()).map_err(|e| Problem::file(&folder, &e))?;
    Ok(board)
}
