//! The words that a run's model lives by, kept in the run's folder so that they are found only once.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::lived_words::LivedWords;
use crate::domain::problem::Outcome;

use super::folder::write_json;
use super::reader::read;

const WORDS: &str = "words.json";

/// The content of `words.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptWords {
    /// It says how they were found: each way has another number, so that those of an older version are found anew.
    pub version: u32,
    /// The fingerprint of the data, and that of the head's weights: a run that was trained on has others.
    pub fingerprint: String,
    pub weights: String,
    pub words: LivedWords,
}

impl KeptWords {
    /// The current way.
    pub const VERSION: u32 = 1;

    /// Returns what is kept, if anything. A file that cannot be read counts for nothing, because it is made again.
    pub fn in_run(dir: &Path) -> Option<Self> {
        let kept: Option<Self> = read(&dir.join(WORDS)).ok().flatten();
        kept.filter(|kept| kept.version == Self::VERSION)
    }

    /// Writes `words.json`.
    ///
    /// # Errors
    /// `disk-full`, `file-error`.
    pub fn keep(&self, dir: &Path) -> Outcome<()> {
        write_json(&dir.join(WORDS), self)
    }
}
