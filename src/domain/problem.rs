//! What went wrong, as data. The catalogue in `words` turns it into a sentence in the reader's language.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A message of the catalogue (`assets/words/*/*.ftl`) and the values for its blanks.
///
/// Errors, warnings and the reasons of skipped rows are problems, so that the window, the terminal and a run folder all say
/// the same in the reader's language. A problem's arguments name the file, row or field that it is about, and its sentence
/// says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Problem {
    /// The id of the message, such as `data-one-class`.
    pub id: Cow<'static, str>,
    /// The blanks of the message by name, with their values as text.
    pub args: Vec<(Cow<'static, str>, String)>,
}

/// The result of anything that can go wrong in a way that the user should read about.
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

    /// An error that no one foresaw, such as a candle shape error or a panic. It is shown with its own text.
    pub fn internal(error: impl fmt::Display) -> Self {
        Self::new("internal-error").with("error", error)
    }

    /// A file that could not be read or written.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new("file-error").with("file", path.display()).with("error", error)
    }
}

/// This form is for logs and tests only; users read the catalogue's sentence.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        for (name, value) in &self.args {
            write!(f, " {name}={value:?}")?;
        }
        Ok(())
    }
}
