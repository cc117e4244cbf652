//! What the window remembers between sessions.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

pub use crate::words::Language;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `None` follows the system's language.
    pub language: Option<Language>,
    pub theme: Theme,
    /// Newest first, at most 8.
    pub recent_files: Vec<PathBuf>,
    pub recent_models: Vec<PathBuf>,
}
