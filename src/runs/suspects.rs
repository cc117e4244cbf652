//! The suspicious labels of a run, kept in its folder so that they are found only once. The file has no texts.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::problem::Outcome;
use crate::domain::suspects::ConfidentJoint;

use super::folder::write_json;
use super::reader::read;

const SUSPECTS: &str = "suspects.json";

/// The content of `suspects.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptSuspects {
    /// It says how they were found: each way has another number, so that those of an older version are found anew.
    pub version: u32,
    /// The fingerprint of the data that they were found in. The model whose features were used is the one that the run
    /// grew from, which its settings name.
    pub fingerprint: String,
    pub joint: ConfidentJoint,
    /// Each suspect has here the place of its row among all rows of the data, the id of the suggested label and the
    /// score.
    pub suspects: Vec<(u32, u32, f64)>,
}

impl KeptSuspects {
    /// The current way.
    pub const VERSION: u32 = 1;

    /// Returns what is kept for these data, if anything. A file that cannot be read counts for nothing, because it is
    /// made again.
    pub fn in_run(dir: &Path, fingerprint: &str) -> Option<Self> {
        let kept: Option<Self> = read(&dir.join(SUSPECTS)).ok().flatten();
        kept.filter(|kept| kept.version == Self::VERSION && kept.fingerprint == fingerprint)
    }

    /// Writes `suspects.json`.
    ///
    /// # Errors
    /// `disk-full`, `file-error`.
    pub fn keep(&self, dir: &Path) -> Outcome<()> {
        write_json(&dir.join(SUSPECTS), self)
    }
}
