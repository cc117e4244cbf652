//! What went wrong, as data: the catalogue in `words` turns it into a sentence in the reader's language.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A message of the catalogue (`assets/words/*/*.ftl`) and what fills its blanks.
///
/// Used for errors, warnings and the reasons of skipped rows, so that every face of the program
/// (window, terminal, run folder) tells the same thing in its own language. A problem names the file, row or
/// field it is about in its arguments, and its sentence says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Problem {
    /// The id of the message, e.g. `data-one-class`.
    pub id: Cow<'static, str>,
    /// The blanks of the message by name, already formatted.
    pub args: Vec<(Cow<'static, str>, String)>,
}

/// The result of everything that can go wrong in a way the user should read about.
pub type Outcome<T> = Result<T, Problem>;

impl Problem {
    /// A problem whose message has no blanks.
    pub const fn new(id: &'static str) -> Self {
        Self { id: Cow::Borrowed(id), args: Vec::new() }
    }

    /// Fills one blank of the message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((Cow::Borrowed(name), value.to_string()));
        self
    }

    /// An error that no one foresaw (a candle shape error, a panic): shown with its own text.
    pub fn internal(error: impl fmt::Display) -> Self {
        Self::new("internal-error").with("error", error)
    }

    /// A file that could not be read or written.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new("file-error").with("file", path.display()).with("error", error)
    }
}

/// For logs and tests only: users read the catalogue's sentence.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        for (name, value) in &self.args {
            write!(f, " {name}={value:?}")?;
        }
        Ok(())
    }
}
