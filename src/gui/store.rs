//! Writes the settings on a thread of its own, the newest last.

use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::app::settings::Settings;

/// Where the settings go. Dropping it waits until the newest are written.
pub struct SettingsStore {
    newest: Option<Sender<Settings>>,
    thread: Option<JoinHandle<()>>,
    saved: Settings,
}

impl SettingsStore {
    /// `saved`: what the file holds now.
    pub fn new(path: PathBuf, saved: Settings) -> Self {
        let (newest, inbox) = unbounded();
        let thread = thread::spawn(move || write_each(&path, &inbox));
        Self { newest: Some(newest), thread: Some(thread), saved }
    }

    /// Writes the settings if they are others than those last written.
    pub fn keep(&mut self, settings: Settings) {
        if settings == self.saved {
            return;
        }
        self.saved = settings.clone();
        if let Some(newest) = &self.newest
            && newest.send(settings).is_err()
        {
            log::error!("the thread that writes the settings has ended");
        }
    }
}

impl Drop for SettingsStore {
    fn drop(&mut self) {
        self.newest = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("writing the settings panicked");
        }
    }
}

fn write_each(path: &std::path::Path, inbox: &Receiver<Settings>) {
    for settings in inbox {
        // Of several that wait, only the newest matters.
        let settings = inbox.try_iter().last().unwrap_or(settings);
        if let Err(problem) = settings.save(path) {
            log::warn!("settings not saved: {problem}");
        }
    }
}
