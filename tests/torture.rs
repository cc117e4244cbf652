//! What people and broken disks hand to the program: files of every format, damaged in every way that bolero comes up
//! with. Nothing may panic, hang, or take more memory than its input allows; what is refused is refused in a sentence.
//!
//! Here each target runs for a moment; `scripts/torture.sh` runs them for hours, and `docs/torture.md` says what came of
//! that. What was found is kept in `tests/torture/found`, and tried again each time.
#![allow(clippy::unwrap_used)]

#[path = "torture/archives.rs"]
mod archives;
#[path = "torture/changes.rs"]
mod changes;
#[path = "torture/fields.rs"]
mod fields;
#[path = "torture/growth.rs"]
mod growth;
#[path = "torture/harness.rs"]
mod harness;
#[path = "torture/hub.rs"]
mod hub;
#[path = "torture/lessons.rs"]
mod lessons;
#[path = "shared/mangler.rs"]
mod mangler;
#[path = "torture/memory.rs"]
mod memory;
#[path = "torture/models.rs"]
mod models;
#[path = "torture/plans.rs"]
mod plans;
#[path = "torture/runs.rs"]
mod runs;
#[path = "torture/tables.rs"]
mod tables;
#[path = "torture/tokenisers.rs"]
mod tokenisers;
#[path = "torture/watch.rs"]
mod watch;
#[path = "torture/workbooks.rs"]
mod workbooks;

#[global_allocator]
static MEMORY: memory::Counted = memory::Counted;
