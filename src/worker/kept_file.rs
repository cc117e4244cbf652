//! A small file that is written again and again while a face is open, such as its settings.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::write_private;

/// Writes texts on a thread of its own, the newest last. Dropping it waits until the newest is written.
pub struct KeptFile {
    newest: Option<Sender<String>>,
    thread: Option<JoinHandle<()>>,
}

impl KeptFile {
    pub fn new(path: PathBuf) -> Self {
        let (newest, inbox) = unbounded();
        let thread = thread::spawn(move || write_each(&path, &inbox));
        Self { newest: Some(newest), thread: Some(thread) }
    }

    /// What an earlier session left, or nothing where there is no file that can be read.
    pub fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    pub fn write(&self, text: String) {
        if let Some(newest) = &self.newest
            && newest.send(text).is_err()
        {
            log::error!("the thread that writes the settings has ended");
        }
    }
}

impl Drop for KeptFile {
    fn drop(&mut self) {
        self.newest = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("writing the settings panicked");
        }
    }
}

fn write_each(path: &Path, inbox: &Receiver<String>) {
    for text in inbox {
        // Only the newest of several waiting settings matters.
        let text = inbox.try_iter().last().unwrap_or(text);
        if let Err(problem) = replace(path, &text) {
            log::warn!("settings not saved: {problem}");
        }
    }
}

fn replace(path: &Path, text: &str) -> Outcome<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(|e| Problem::file(path, &e))?;
    write_private(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_text_is_there_when_the_file_is_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.json");
        assert_eq!(KeptFile::read(&path), "");
        let file = KeptFile::new(path.clone());
        (0..100).for_each(|i| file.write(i.to_string()));
        drop(file);
        assert_eq!(KeptFile::read(&path), "99");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
    }
}
