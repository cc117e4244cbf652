//! The health of data: what in them makes a test say too much, or leaves a training less to learn from than it seems.

use serde::{Deserialize, Serialize};

use super::dataset::{LabelCount, MergedLabel};
use super::problem::Problem;

/// So many rows are listed behind a finding.
pub const LISTED_ROWS: usize = 1000;

/// One of the three parts of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartName {
    #[default]
    Train,
    Validation,
    Test,
}

impl PartName {
    /// The name in the words catalogue's selectors, which is that of the JSON, too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// What was found, in numbers. The serialised form is part of the terminal's JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Found {
    /// A label of fewer different texts than the split has parts.
    FewTexts { label: String, texts: usize, rows: usize },
    /// Rows of one part whose text stands in another part as well, so that what is measured on them is not new to the
    /// model.
    Overlap {
        part: PartName,
        /// The part that is trained on, or that chooses the epoch.
        with: PartName,
        rows: usize,
        /// All rows of the part.
        of: usize,
    },
    /// Texts that stand under more than one label.
    ConflictingLabels { texts: usize, rows: usize },
    /// Rows that were left out for one reason.
    SkippedRows { reason: Problem, rows: usize },
    /// Rows that were left out for rare reasons.
    SkippedOtherwise { rows: usize },
    /// A column that has the same value in all rows.
    ConstantColumn { column: String, value: String },
    /// A column that is empty in all rows.
    EmptyColumn { column: String },
    /// Texts that stand in several rows.
    Copies {
        texts: usize,
        /// All rows that hold these texts.
        rows: usize,
        /// Whether the copies of each text were kept in one part of the split; `None` where nothing was split.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        together: Option<bool>,
    },
    /// A label that is written in several ways, which count as one.
    LabelSpellings { label: String, others: Vec<LabelCount> },
    /// Words that the model's tokenizer knows nothing of, and their share of all, 0 to 1.
    UnknownWords { model: String, share: f64 },
    /// Pieces that are unknown or single letters, because the model was hardly made for the language, and their share.
    LetterByLetter { model: String, share: f64 },
}

/// What was found, with the rows behind it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    #[serde(flatten)]
    pub found: Found,
    /// The rows, at most [`LISTED_ROWS`]; the copies of a text follow one another.
    #[serde(rename = "first_rows")]
    pub rows: Vec<FoundRow>,
}

/// A row behind a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FoundRow {
    /// The part whose file it is in; of the file that is split, `train`.
    pub file: PartName,
    /// The row's number in its file, where the header is row 1.
    pub row: u32,
    /// The label is written as in the file where that is why the row was found; else it is the label's name.
    pub label: String,
    /// Cut where it is very long.
    pub text: String,
    /// The second text, where each row has two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
}

impl FoundRow {
    /// The texts of the row in a line.
    pub fn texts(&self) -> String {
        std::iter::once(&self.text).chain(&self.second).map(String::as_str).collect::<Vec<_>>().join("  |  ")
    }
}

impl Found {
    /// Whether the user should think about it before training.
    pub fn is_warning(&self) -> bool {
        match self {
            Self::FewTexts { .. } | Self::Overlap { .. } | Self::ConflictingLabels { .. } => true,
            Self::SkippedRows { .. } | Self::SkippedOtherwise { .. } => true,
            Self::UnknownWords { .. } | Self::LetterByLetter { .. } => true,
            Self::Copies { together, .. } => *together == Some(false),
            Self::ConstantColumn { .. } | Self::EmptyColumn { .. } | Self::LabelSpellings { .. } => false,
        }
    }

    /// The place in a list, in which the weightier come first.
    pub fn rank(&self) -> usize {
        match self {
            Self::FewTexts { .. } => 0,
            Self::Overlap { with: PartName::Train, part: PartName::Test, .. } => 0,
            Self::Overlap { .. } => 1,
            Self::ConflictingLabels { .. } => 2,
            Self::SkippedRows { .. } | Self::SkippedOtherwise { .. } => 3,
            Self::UnknownWords { .. } | Self::LetterByLetter { .. } => 4,
            Self::Copies { .. } => 5,
            Self::LabelSpellings { .. } => 6,
            Self::EmptyColumn { .. } | Self::ConstantColumn { .. } => 7,
        }
    }

    /// Whether it is about rows that were left out.
    pub fn is_of_skipped(&self) -> bool {
        matches!(self, Self::SkippedRows { .. } | Self::SkippedOtherwise { .. })
    }

    /// Whether a run's settings and events keep it: it says what the run's measures are worth.
    pub fn is_of_run(&self) -> bool {
        let is_of_rows = matches!(self, Self::Overlap { .. } | Self::ConflictingLabels { .. } | Self::Copies { .. });
        is_of_rows || matches!(self, Self::FewTexts { .. })
    }

    /// A label that is written in several ways.
    pub fn spellings(merged: &MergedLabel) -> Self {
        Self::LabelSpellings { label: merged.label.clone(), others: merged.others.clone() }
    }
}

/// What a run keeps of the findings.
pub fn of_run(findings: &[Finding]) -> Vec<Found> {
    findings.iter().map(|finding| &finding.found).filter(|found| found.is_of_run()).cloned().collect()
}

/// How many rows of the test part the model was trained on, in the texts of other rows.
pub fn seen_test_rows<'f>(found: impl IntoIterator<Item = &'f Found>) -> Option<usize> {
    found.into_iter().find_map(|found| match found {
        Found::Overlap { part: PartName::Test, with: PartName::Train, rows, .. } => Some(*rows),
        _ => None,
    })
}
