//! Plan files on disk.

use std::path::Path;

use crate::domain::freeze::Freeze;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::timeline::PlanFile;
use crate::model::disk::write_whole;

/// The freezing that a plan file describes.
///
/// # Errors
/// `file-error`; `plan-unreadable` with line and field, for a file that is not JSON or has unknown fields; `plan-*` with the
/// field whose value is impossible.
pub fn read_plan(path: &Path) -> Outcome<Freeze> {
    let bytes = std::fs::read(path).map_err(|e| Problem::file(path, &e))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let plan: PlanFile = serde_json::from_slice(bytes).map_err(|e| {
        Problem::new("plan-unreadable").with("file", path.display()).with_count("line", e.line()).with_original(e)
    })?;
    plan.freezing()
}

/// # Errors
/// `file-error`.
pub fn save(path: &Path, freeze: &Freeze) -> Outcome<()> {
    let mut text = serde_json::to_string_pretty(&PlanFile::of(freeze)).map_err(Problem::internal)?;
    text.push('\n');
    write_whole(path, text.as_bytes())
}
