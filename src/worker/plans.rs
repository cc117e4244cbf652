//! Plan files on disk.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::de::IgnoredAny;

use crate::domain::freeze::Freeze;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::timeline::PlanFile;
use crate::model::disk::write_whole;

/// People write plans, so that a larger file is something else. A device has no end at all.
const MOST_BYTES: u64 = 16 << 20;

/// The freezing that a plan file describes.
///
/// # Errors
/// `file-error`; `plan-is-data` for JSON that is data rather than a plan, and for a file that is far too large for one; `plan-unreadable` with line and field, for a file
/// that is not JSON or has unknown fields; `plan-*` with the field whose value is impossible.
pub fn read_plan(path: &Path) -> Outcome<Freeze> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| Problem::file(path, &e))?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| Problem::file(path, &e))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Problem::new("plan-is-data").with("file", path.display()));
    }
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
