//! The files in which a run's folder says what the run is: settings, rows, results.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::coach::RunFacts;
use crate::domain::config::RunConfig;
pub use crate::domain::data_facts::DataFacts;
use crate::domain::dataset::Parts;
use crate::domain::engine::Engine;
use crate::domain::message::{EpochEnded, RunOutcome, TestEvaluated};
use crate::domain::params::ModelFacts;
use crate::domain::race::Hits;
use crate::domain::reference::Reference;

/// The content of `settings.json`: all that decided the run, and what was found out before it began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSettings {
    /// The version of Thaw that made the run.
    pub thaw: String,
    /// The program that trained the run.
    #[serde(default, skip_serializing_if = "Engine::is_thaw")]
    pub engine: Engine,
    /// When the run began, as `2026-11-24 15:04` in local time.
    #[serde(default)]
    pub started: String,
    pub config: RunConfig,
    /// The peak learning rate, whether it was given or suggested.
    pub learning_rate: f64,
    pub labels: Vec<String>,
    /// What the rows of each label count in the loss of training and validation, in label order; none where all count the
    /// same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_weights: Vec<f64>,
    pub model: ModelFacts,
    pub data: DataFacts,
    /// The names of the parameters that train in some stage of the run.
    pub trainable: Vec<String>,
    /// What the coach needs to know beyond that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<RunFacts>,
}

impl RunSettings {
    /// The settings of a run that had to leave many rows out, as they would be now: the run has begun, so that its user
    /// has accepted it.
    #[must_use]
    pub(super) fn with_accepted_rows(mut self) -> Self {
        let (data, config) = (&self.data, &mut self.config.data);
        let has_parts = config.validation.is_some() || config.test.is_some();
        // Whoever changed the file by hand may have written any number.
        let rows = if has_parts { 0 } else { data.rows.saturating_add(data.skipped_rows) };
        config.reading.accept_skipped |= data.skipped_rows.saturating_mul(10) > rows;
        self
    }
}

/// The content of `splits.json`: which rows of which file are in which part. Rows are numbered as in a spreadsheet, where the
/// header is row 1; records of JSON lines and fastText by their lines, those of a list by their places from 1, and texts of
/// class folders from 1 in the order of their classes and then of their files' names, in each part of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitRows {
    pub train: Vec<u32>,
    pub validation: Vec<u32>,
    pub test: Vec<u32>,
    pub files: SplitFiles,
}

/// The file that each part came from. `None` is the bundled data.
pub type SplitFiles = Parts<Option<PathBuf>>;

/// The content of `label.json`: the name and the note that the user gave the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunLabel {
    pub name: String,
    pub note: String,
}

/// The content of `metrics.json`: the results. It is written last, so that a folder without it is that of a run that did not
/// end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    pub outcome: RunOutcome,
    /// The optimiser steps that were done.
    pub steps: usize,
    /// The same as in `RunEnded`.
    pub train_secs: f64,
    /// The same as in `RunEnded`.
    #[serde(default)]
    pub shared_secs: f64,
    /// The same as in `RunEnded`.
    pub peak_memory_bytes: u64,
    /// `None` for a stopped run.
    pub test: Option<TestEvaluated>,
    /// Wilson's 95 % interval of the test accuracy.
    pub test_accuracy_interval: Option<(f64, f64)>,
    /// The test accuracy of always answering the most frequent label.
    pub majority_accuracy: Option<f64>,
    /// What simpler methods reach on the same rows. `None` for a stopped run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    pub epochs: Vec<EpochEnded>,
    /// The answers to single test rows of a race's run, for a race that was interrupted before it took note of them.
    #[serde(default, skip_serializing_if = "Hits::is_empty")]
    pub hits: Hits,
}
