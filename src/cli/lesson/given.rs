//! The answers and guesses of a file, for a lesson that no one sits before.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::domain::config::Guess;
use crate::domain::lesson::Lesson;
use crate::domain::problem::{Outcome, Problem};

/// What `--answers` holds. Steps are counted from 1.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Given {
    pub student: Option<String>,
    pub number: Option<String>,
    pub answers: BTreeMap<usize, serde_json::Value>,
    pub guesses: BTreeMap<usize, Guess>,
}

impl Given {
    /// Reads the file, or standard input where the path is `-`.
    ///
    /// # Errors
    /// `file-error`; `lesson-answers-unreadable`.
    pub fn read(path: &Path) -> Outcome<Self> {
        let is_piped = path == Path::new("-");
        let text = if is_piped { io::read_to_string(io::stdin()) } else { std::fs::read_to_string(path) };
        let text = text.map_err(|e| Problem::file(path, &e))?;
        serde_json::from_str(&text).map_err(|e| {
            Problem::new("lesson-answers-unreadable")
                .with("file", path.display())
                .with_count("line", e.line())
                .with_original(e)
        })
    }

    /// Refuses what is no answer in this lesson before minutes of training, not after.
    pub fn check(&self, lesson: &Lesson, file: &Path) -> Outcome<()> {
        for (step, value) in &self.answers {
            let answer = in_words(value);
            let asked = step.checked_sub(1).and_then(|at| lesson.steps.get(at)).and_then(|step| step.question.as_ref());
            if !asked.is_some_and(|question| question.takes(&answer)) {
                let problem = Problem::new("lesson-bad-answer").with("file", file.display()).with_count("step", *step);
                return Err(problem.with("answer", answer));
            }
        }
        Ok(())
    }
}

/// An answer of the file as a student would type it.
pub(super) fn in_words(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_of_something_unknown_is_refused_not_dropped() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (unit, is_read) in [("secs", true), ("seconds", false)] {
            std::fs::write(file.path(), format!(r#"{{ "guesses": {{ "2": {{ "{unit}": 10 }} }} }}"#)).unwrap();
            let read = Given::read(file.path());
            assert_eq!(read.is_ok(), is_read, "{unit}");
            assert!(read.err().is_none_or(|problem| problem.id == "lesson-answers-unreadable"));
        }
    }
}
