//! What went wrong, as data. The catalogue in `words` turns it into a sentence in the reader's language.

use std::borrow::Cow;
use std::fmt;
use std::io::ErrorKind;

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
    /// What fills the blanks of the message, by name.
    pub args: Vec<(Cow<'static, str>, Arg)>,
}

/// What fills a blank. A number stays one, because the sentence around it depends on it: "1 row", "2 rows".
///
/// In JSON a text is a string and a count a number, as anyone would write them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Arg {
    /// A text, or a number that is a name.
    Text(String),
    /// How many there are, or which one it is.
    Count(u64),
    /// A finite number that is shown with so many digits behind the point.
    Decimal { value: f64, digits: usize },
    /// Another problem, whose sentence stands within this one's.
    Problem(Box<Problem>),
}

/// The arguments are finite, so that each equals itself.
impl Eq for Arg {}

impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Count(n) => write!(f, "{n}"),
            Self::Decimal { value, digits } => write!(f, "{value:.digits$}"),
            Self::Problem(problem) => write!(f, "{problem}"),
        }
    }
}

/// The argument that no message has a blank for: what the system, a parser or the network said.
pub const ORIGINAL: &str = "error";

/// The argument that no message has a blank for: a problem that the reader should know of as well. Its sentence follows.
pub const BESIDE: &str = "beside";

/// The result of anything that can go wrong in a way that the user should read about.
pub type Outcome<T> = Result<T, Problem>;

impl Problem {
    /// A problem whose message has no blanks.
    pub const fn new(id: &'static str) -> Self {
        Self { id: Cow::Borrowed(id), args: Vec::new() }
    }

    /// Fills one blank of the message with a text, or with a number that is a name, such as a seed.
    #[must_use]
    pub fn with(self, name: &'static str, value: impl fmt::Display) -> Self {
        self.with_arg(name, Arg::Text(value.to_string()))
    }

    /// Fills one blank of the message with how many there are, or with which one it is.
    #[must_use]
    pub fn with_count(self, name: &'static str, count: impl TryInto<u64>) -> Self {
        self.with_arg(name, Arg::Count(count.try_into().unwrap_or(u64::MAX)))
    }

    /// Fills one blank of the message with a number that is shown with so many digits behind the point.
    #[must_use]
    pub fn with_decimal(self, name: &'static str, value: f64, digits: usize) -> Self {
        self.with_arg(
            name,
            if value.is_finite() { Arg::Decimal { value, digits } } else { Arg::Text(value.to_string()) },
        )
    }

    /// Fills one blank of the message with whole percents; with a digit more where they would look like nothing or like all.
    #[must_use]
    pub fn with_percent(self, name: &'static str, share: f64) -> Self {
        let percent = share * 100.0;
        let is_near_an_end = share > 0.0 && percent < 0.5 || share < 1.0 && percent >= 99.5;
        let (percent, digits) = if is_near_an_end { (percent.clamp(0.1, 99.9), 1) } else { (percent, 0) };
        self.with_decimal(name, percent, digits)
    }

    /// Fills one blank of the message with the sentence of another problem.
    #[must_use]
    pub fn with_problem(self, name: &'static str, problem: Self) -> Self {
        self.with_arg(name, Arg::Problem(Box::new(problem)))
    }

    /// Adds what the system, a parser or the network said. It is in a language of its own, so that no sentence has a blank
    /// for it: it stands in small type below the sentence, for those who can use it.
    #[must_use]
    pub fn with_original(self, text: impl fmt::Display) -> Self {
        self.with_arg(ORIGINAL, Arg::Text(text.to_string()))
    }

    /// Adds a problem that the reader should know of as well. Its sentence follows this one's.
    #[must_use]
    pub fn with_beside(self, problem: Self) -> Self {
        self.with_problem(BESIDE, problem)
    }

    /// What the system, a parser or the network said, here or in the problems within.
    pub fn original(&self) -> Option<String> {
        let within = self.args.iter().filter_map(|(name, arg)| match arg {
            Arg::Problem(inner) => inner.original(),
            other => Some(other.to_string()).filter(|text| name == ORIGINAL && !text.is_empty()),
        });
        let mut all: Vec<String> = within.collect();
        all.dedup();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// The problems whose sentences stand within this one's or follow it.
    pub fn inner(&self) -> impl Iterator<Item = &Self> {
        self.args.iter().filter_map(|(_, arg)| if let Arg::Problem(inner) = arg { Some(&**inner) } else { None })
    }

    fn with_arg(mut self, name: &'static str, value: Arg) -> Self {
        self.args.push((Cow::Borrowed(name), value));
        self
    }

    /// What fills the blank of this name, written out.
    pub fn arg(&self, name: &str) -> Option<String> {
        self.args.iter().find(|(known, _)| known == name).map(|(_, value)| value.to_string())
    }

    /// An error that no one foresaw, such as a candle shape error or a panic. It is shown with its own text.
    pub fn internal(error: impl fmt::Display) -> Self {
        Self::new("internal-error").with_original(error)
    }

    /// A file that could not be read or written: `file-error`, whose sentence says why, or `disk-full` where there is no room
    /// for it.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            return Self::new("disk-full").with("file", path.display());
        }
        Self::new("file-error").with("file", path.display()).with("kind", io_kind(error)).with_original(error)
    }

    /// The problem as a run's end tells it: a run that the disk had no room for can be resumed.
    #[must_use]
    pub fn of_run(mut self) -> Self {
        if self.id == "disk-full" {
            self.id = Cow::Borrowed("run-disk-full");
        }
        self
    }

    /// Whether there is or was no room for what was to be written. All else is as it was, and can go on once there is.
    pub fn is_of_room(&self) -> bool {
        ["disk-full", "run-disk-full", "disk-too-small"].contains(&self.id.as_ref())
    }
}

/// What kind of error of the system this is, by which a sentence says why something failed; `other` for all that is rare.
pub fn io_kind(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound => "not-found",
        ErrorKind::PermissionDenied => "permission",
        ErrorKind::IsADirectory => "is-folder",
        ErrorKind::NotADirectory => "not-folder",
        ErrorKind::ReadOnlyFilesystem => "read-only",
        ErrorKind::AlreadyExists => "exists",
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => "busy",
        ErrorKind::InvalidFilename => "name",
        ErrorKind::InvalidData => "not-text",
        ErrorKind::ConnectionRefused => "refused",
        ErrorKind::TimedOut => "timed-out",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "no-network",
        _ => "other",
    }
}

/// This form is for logs and tests only; users read the catalogue's sentence.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        for (name, value) in &self.args {
            write!(f, " {name}={:?}", value.to_string())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_as_such() {
        let path = std::path::Path::new("/dev/full");
        let full = std::fs::write(path, "x").unwrap_err();
        assert_eq!(Problem::file(path, &full), Problem::new("disk-full").with("file", "/dev/full"));
        let over = std::io::Error::from(ErrorKind::QuotaExceeded);
        assert_eq!(Problem::file(path, &over).id, "disk-full");
        assert_eq!(Problem::file(path, &ErrorKind::PermissionDenied.into()).id, "file-error");
    }

    #[test]
    fn what_others_said_is_kept_apart_also_within_another_problem() {
        let gone = Problem::file(std::path::Path::new("a.csv"), &ErrorKind::NotFound.into());
        assert_eq!(
            (gone.arg("kind").as_deref(), gone.original().as_deref()),
            (Some("not-found"), Some("entity not found"))
        );
        let json = serde_json::to_string(&gone).unwrap();
        let told = r#"{"id":"file-error","args":[["file","a.csv"],["kind","not-found"],["error","entity not found"]]}"#;
        assert_eq!(json, told, "programs find the text where it always was");
        let outer = Problem::new("x").with_problem("problem", gone).with_original("entity not found");
        assert_eq!(outer.original().as_deref(), Some("entity not found"), "once is enough");
        assert_eq!(Problem::new("x").with_original("").original(), None);
    }

    #[test]
    fn numbers_stay_numbers_and_old_logs_can_be_read() {
        let problem = Problem::new("x").with("file", "a.csv").with_count("rows", 7_usize).with_decimal("loss", 0.5, 4);
        let json = serde_json::to_string(&problem).unwrap();
        assert_eq!(json, r#"{"id":"x","args":[["file","a.csv"],["rows",7],["loss",{"value":0.5,"digits":4}]]}"#);
        assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), problem);
        assert_eq!(problem.to_string(), r#"x file="a.csv" rows="7" loss="0.5000""#);
        let old: Problem = serde_json::from_str(r#"{"id":"x","args":[["rows","7"]]}"#).unwrap();
        assert_eq!(old.arg("rows").as_deref(), Some("7"));
        assert_eq!(Problem::new("x").with_decimal("loss", f64::NAN, 4).arg("loss").as_deref(), Some("NaN"));
    }
}
