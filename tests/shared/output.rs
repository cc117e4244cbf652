//! What the program prints, as other programs read it.

use std::process::Output;

use serde_json::Value;

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The JSON lines of a command that succeeded.
#[track_caller]
pub fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    printed(output)
}

/// The JSON lines of a command, however it ended.
pub fn printed(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
