//! A file whose rows a model answers, one after another.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::config::{ClassifierSource, DataConfig};
use super::dataset::Skipped;
use super::precision::Precision;
use super::problem::Problem;

/// What is asked: a model's answer to every row of a file, as a new CSV file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileToAnswer {
    /// `None` is the model of the last run.
    pub model: Option<ClassifierSource>,
    pub data: Box<DataConfig>,
    pub to: PathBuf,
    /// Whether a file that is there already may go.
    pub replaces: bool,
}

/// How far the rows of a file are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnsweringRows {
    /// The rows that are done, and those of them without an answer.
    pub rows: u64,
    pub without: u64,
    /// How much of the file is done, from 0 to 1.
    pub share: f64,
    pub rows_per_sec: f64,
    /// The seconds that the rest will take at this speed; `None` before there is one.
    pub left_secs: Option<f64>,
}

/// A file whose rows are answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnsweredFile {
    /// The file that was written.
    pub file: PathBuf,
    /// The name of the file that was read.
    pub data: String,
    pub rows: u64,
    /// The rows without an answer, and why they have none.
    pub without: Skipped,
    pub text_column: String,
    pub second_text_column: Option<String>,
    /// Whether the column of the texts is a guess.
    pub is_guess: bool,
    /// The columns that were added, and those of them that have another name than usual, because there was such a column.
    pub added: Vec<String>,
    pub renamed: Vec<String>,
    /// Whether the file was read in a stream, and not into memory as a whole.
    pub is_streamed: bool,
    /// What the user should know of how it was read.
    pub notes: Vec<Problem>,
    /// The temperature that was fitted for the model.
    pub temperature: Option<f64>,
    pub precision: Precision,
    /// Seconds from the first row to the last, without those in which the file was looked at.
    pub secs: f64,
}

impl AnsweredFile {
    /// Rows in a second.
    pub fn rows_per_sec(&self) -> f64 {
        if self.secs > 0.0 { self.rows as f64 / self.secs } else { 0.0 }
    }
}
