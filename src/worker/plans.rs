//! Plan files on disk.

use std::path::Path;

use serde::de::IgnoredAny;

use crate::domain::freeze::Freeze;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::timeline::PlanFile;
use crate::model::disk::write_whole;

/// The freezing that a plan file describes.
///
/// # Errors
/// `file-error`; `plan-is-data` for JSON that is data rather than a plan; `plan-unreadable` with line and field, for a file
/// that is not JSON or has unknown fields; `plan-*` with the field whose value is impossible.
pub fn read_plan(path: &Path) -> Outcome<Freeze> {
    let bytes = std::fs::read(path).map_err(|e| Problem::file(path, &e))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let plan: PlanFile = serde_json::from_slice(bytes).map_err(|e| {
        if holds_records(bytes) {
            return Problem::new("plan-is-data").with("file", path.display());
        }
        Problem::new("plan-unreadable").with("file", path.display()).with_count("line", e.line()).with_original(e)
    })?;
    plan.freezing()
}

/// Whether what is no plan is a list, JSON lines, or an object whose members are none of a plan's.
fn holds_records(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let is_line = line.len() < text.trim_ascii_end().len() && serde_json::from_slice::<IgnoredAny>(line).is_ok();
    let known = [&b"\"rules\""[..], b"\"stages\"", b"\"learning_rates\""];
    let head = &text[..text.len().min(1 << 16)];
    let is_of_plan = known.iter().any(|key| head.windows(key.len()).any(|window| window == *key));
    text.starts_with(b"[") || text.starts_with(b"{") && (is_line || !is_of_plan)
}

/// # Errors
/// `file-error`.
pub fn save(path: &Path, freeze: &Freeze) -> Outcome<()> {
    let mut text = serde_json::to_string_pretty(&PlanFile::of(freeze)).map_err(Problem::internal)?;
    text.push('\n');
    write_whole(path, text.as_bytes())
}
