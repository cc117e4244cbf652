//! Calls into libraries that panic over some files instead of refusing them.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does the work; where it panics, the error is what the panic says. What the work was done on must not be used after that.
pub fn unpanicked<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
        text.unwrap_or("panic").to_owned()
    })
}
