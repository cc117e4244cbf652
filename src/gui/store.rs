//! Has the settings kept whenever they change.

use std::path::PathBuf;

use crate::app::settings::Settings;
use crate::worker::KeptFile;

/// Where the settings go. Dropping it waits until the newest are written.
pub struct SettingsStore {
    file: KeptFile,
    saved: Settings,
}

impl SettingsStore {
    /// `saved`: what the file holds now.
    pub fn new(path: PathBuf, saved: Settings) -> Self {
        Self { file: KeptFile::new(path), saved }
    }

    /// Writes the settings if they are others than those last written.
    pub fn keep(&mut self, settings: Settings) {
        if settings == self.saved {
            return;
        }
        match settings.text() {
            Ok(text) => self.file.write(text),
            Err(problem) => log::warn!("settings not saved: {problem}"),
        }
        self.saved = settings;
    }
}
