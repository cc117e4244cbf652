//! What a run answered on other files than its own data, in a small file beside its predictions.

use std::path::Path;

use crate::domain::other_test::{MOST, OtherTest};
use crate::domain::problem::Outcome;

use super::folder::write_json;
use super::reader::read;

pub const OTHER_TESTS: &str = "other_tests.json";

/// The tests on other files that were made of the run in `dir`, the newest last.
///
/// # Errors
/// `run-unreadable` where the file is broken.
pub fn other_tests(dir: &Path) -> Outcome<Vec<OtherTest>> {
    Ok(read(&dir.join(OTHER_TESTS))?.unwrap_or_default())
}

/// Keeps a test with the run. It takes the place of an older one on the same rows.
///
/// # Errors
/// Those of [`other_tests`]; `disk-full`, `file-error`.
pub fn keep_other_test(dir: &Path, test: OtherTest) -> Outcome<()> {
    let mut tests = other_tests(dir)?;
    tests.retain(|kept| kept.fingerprint != test.fingerprint);
    tests.push(test);
    tests.drain(..tests.len().saturating_sub(MOST));
    write_json(&dir.join(OTHER_TESTS), &tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_test_on_a_file_counts() {
        let folder = tempfile::tempdir().unwrap();
        let test = |name: &str, correct| OtherTest {
            name: name.into(),
            file: name.into(),
            fingerprint: name.into(),
            rows: 9,
            correct,
            macro_f1: 0.5,
            matched: Vec::new(),
            found: Vec::new(),
            most_frequent: None,
        };
        assert_eq!(other_tests(folder.path()).unwrap(), []);
        for kept in [test("a", 1), test("b", 2), test("a", 3)] {
            keep_other_test(folder.path(), kept).unwrap();
        }
        assert_eq!(other_tests(folder.path()).unwrap(), [test("b", 2), test("a", 3)]);
        for n in 0..2 * MOST {
            keep_other_test(folder.path(), test(&n.to_string(), 1)).unwrap();
        }
        assert_eq!(other_tests(folder.path()).unwrap().len(), MOST);
        std::fs::write(folder.path().join(OTHER_TESTS), "{").unwrap();
        assert_eq!(other_tests(folder.path()).unwrap_err().id, "run-unreadable");
    }
}
