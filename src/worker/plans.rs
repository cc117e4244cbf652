//! Plan files on disk.

use std::path::{Path, PathBuf};

use crate::domain::freeze::Freeze;
use crate::domain::message::{EventKind, PlanPurpose};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::timeline::PlanFile;

/// The freezing that a plan file describes.
///
/// # Errors
/// `file-error`; `plan-unreadable` for what is no JSON or has unknown fields, naming line and field; `plan-*` naming the
/// field whose value cannot be.
pub fn read_plan(path: &Path) -> Outcome<Freeze> {
    let bytes = std::fs::read(path).map_err(|e| Problem::file(path, &e))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let plan: PlanFile = serde_json::from_slice(bytes)
        .map_err(|e| Problem::new("plan-unreadable").with("file", path.display()).with("error", e))?;
    plan.freezing()
}

/// # Errors
/// As [`read_plan`].
pub fn open(path: PathBuf, purpose: PlanPurpose) -> Outcome<EventKind> {
    let freeze = Box::new(read_plan(&path)?);
    Ok(EventKind::PlanOpened { path, freeze, purpose })
}

/// # Errors
/// `file-error`.
pub fn save(path: &Path, freeze: &Freeze) -> Outcome<EventKind> {
    let mut text = serde_json::to_string_pretty(&PlanFile::of(freeze)).map_err(Problem::internal)?;
    text.push('\n');
    std::fs::write(path, text).map_err(|e| Problem::file(path, &e))?;
    Ok(EventKind::PlanSaved(path.to_owned()))
}
