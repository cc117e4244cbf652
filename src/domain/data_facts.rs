//! What a run's folder says of the run's data.

use serde::{Deserialize, Serialize};

use super::config::Quoting;
use super::dataset::MergedLabel;
use super::health::Found;

/// The data file, and how it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataFacts {
    pub name: String,
    pub rows: usize,
    pub skipped_rows: usize,
    pub encoding: String,
    pub delimiter: char,
    #[serde(default, skip_serializing_if = "Quoting::is_usual")]
    pub quoting: Quoting,
    /// Whether the first row was one like the others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub headless: bool,
    /// The labels that were written in several ways.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_labels: Vec<MergedLabel>,
    /// Copies, contradicting labels, and rows that two parts share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Found>,
    pub text_column: String,
    /// The column of the second texts, where each row has two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_text_column: Option<String>,
    pub label_column: String,
    /// A hash of 16 hexadecimal digits, which changes with any text or label of the file.
    #[serde(rename = "fingerprint")]
    pub content_hash: String,
}
