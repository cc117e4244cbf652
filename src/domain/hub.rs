//! Models beyond the bundled one: their names, what the Hub says of them, and how their download proceeds.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::problem::{Outcome, Problem};

/// A model on the Hugging Face Hub: `name` or `owner/name`, and perhaps a branch, tag or commit after an `@`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelId {
    pub repo: String,
    /// `None` is the main branch.
    pub revision: Option<String>,
}

impl ModelId {
    /// The longest name of a repository's owner or of the repository itself.
    const LONGEST: usize = 96;

    /// Reads `name`, `owner/name` or `owner/name@revision`. The web address of a model counts as its name.
    ///
    /// # Errors
    /// `hub-bad-id` for anything else.
    pub fn parse(given: &str) -> Outcome<Self> {
        let text = given.trim();
        let text = text.strip_prefix("https://huggingface.co/").unwrap_or(text).trim_end_matches('/');
        let (repo, revision) = text.split_once('@').map_or((text, None), |(repo, revision)| (repo, Some(revision)));
        let is_name = |part: &str| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let is_separator = |c: char| matches!(c, '-' | '.');
            (1..=Self::LONGEST).contains(&part.len())
                && part.chars().all(is_allowed)
                && part.trim_matches(is_separator) == part
                && !part.contains("--")
                && !part.contains("..")
        };
        let parts: Vec<&str> = repo.split('/').collect();
        // The revision becomes part of a path in the cache, so none of its segments may lead elsewhere.
        let is_revision = |text: &str| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
            text.chars().all(is_allowed) && text.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        };
        if parts.len() > 2 || !parts.iter().all(|part| is_name(part)) || !revision.is_none_or(is_revision) {
            return Err(Problem::new("hub-bad-id").with("id", given));
        }
        Ok(Self { repo: repo.to_owned(), revision: revision.map(str::to_owned) })
    }

    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or("main")
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.revision {
            Some(revision) => write!(f, "{}@{revision}", self.repo),
            None => f.write_str(&self.repo),
        }
    }
}

/// An access token. It is never printed, neither by `Debug` nor in a log or a run folder.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Token(none)" } else { "Token(hidden)" })
    }
}

/// A model as the Hub's search describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HubModel {
    pub id: String,
    /// The task that its card names, such as `fill-mask`.
    pub task: Option<String>,
    /// Downloads of the last 30 days.
    pub downloads: u64,
    pub likes: u64,
    pub license: Option<String>,
    /// The `model_type` of its config.json.
    pub family: Option<String>,
    /// Whether this program trains that family. `None` where the family is not known.
    pub trainable: Option<bool>,
    /// How many numbers its safetensors files hold.
    pub parameters: Option<u64>,
    /// The size of its safetensors files, computed from the types of their numbers.
    pub bytes: Option<u64>,
    /// Whether its files need the token of someone who accepted its terms.
    pub gated: bool,
}

/// A model found on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CachedModel {
    /// `owner/name`, or `name` alone.
    pub id: String,
    /// The commit, 40 hexadecimal digits.
    pub revision: String,
    pub folder: PathBuf,
    /// The size of the weights.
    pub bytes: u64,
}

/// How far a download or an import has come.
#[derive(Clone, Debug, PartialEq)]
pub struct PullProgress {
    pub id: ModelId,
    pub files: Vec<FileProgress>,
    /// The speed over the last seconds. `None` before there was time to measure it.
    pub bytes_per_sec: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProgress {
    pub name: String,
    pub done_bytes: u64,
    pub total_bytes: u64,
}

impl PullProgress {
    pub fn done_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.done_bytes).fold(0, u64::saturating_add)
    }

    pub fn total_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.total_bytes).fold(0, u64::saturating_add)
    }

    /// Seconds until the end at the present speed.
    pub fn remaining_secs(&self) -> Option<f64> {
        let speed = self.bytes_per_sec.filter(|speed| *speed > 0.0)?;
        Some(self.total_bytes().saturating_sub(self.done_bytes()) as f64 / speed)
    }
}

/// How a download or an import ended.
#[derive(Clone, Debug, PartialEq)]
pub enum PullOutcome {
    /// The model's folder in the cache.
    Done(PathBuf),
    /// What had arrived is kept, and the next try continues from there.
    Cancelled,
    Failed(Problem),
}

/// What a face asks of the worker about models beyond the one at hand.
#[derive(Clone, Debug)]
pub enum HubRequest {
    /// Looks for models in the Hugging Face cache of this machine. `Cached` answers it.
    FindCached,
    /// Searches the Hub. `Found` or `SearchFailed` answers it.
    Search { query: String },
    /// Downloads a model. `PullEnded` answers it, after `Progress`. With `refresh` the Hub is asked for a newer commit;
    /// otherwise a model that is in the cache is taken from there.
    Pull { id: ModelId, refresh: bool },
    /// Ends all downloads and imports at once, also those that still wait.
    CancelPull,
    /// Deletes a model from the cache. `Removed` and `Cached` answer it, or else `Failed`.
    Remove { id: ModelId },
    /// Copies a model folder into the cache, under this id or one made from the folder's name. `PullEnded` answers it.
    Import { folder: PathBuf, id: Option<ModelId> },
    /// Takes this token from now on. With `keep` it is stored where Hugging Face's own programs store it. `TokenTaken` or
    /// `Failed` answers it.
    UseToken { token: Token, keep: bool },
}

/// What the worker tells a face about models beyond the one at hand.
#[derive(Clone, Debug, PartialEq)]
pub enum HubEvent {
    /// All models in the cache of this machine.
    Cached(Vec<CachedModel>),
    /// What the Hub found for a search.
    Found { query: String, models: Vec<HubModel> },
    /// Why a search found nothing.
    SearchFailed { query: String, problem: Problem },
    /// How far the download or import under way has come.
    Progress(PullProgress),
    /// The end of a download or an import.
    PullEnded { id: ModelId, outcome: PullOutcome },
    /// A model was deleted from the cache, and so many bytes are free again.
    Removed { id: ModelId, bytes: u64 },
    /// A token is in use. `file` is where it was stored, if it was.
    TokenTaken { file: Option<PathBuf> },
    /// Why a model could not be removed, or a token not be taken.
    Failed(Problem),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_and_written() {
        for text in ["bert-base-uncased", "google-bert/bert-large-uncased", "klue/bert-base@refs/pr/1", "a/b@v1.0"] {
            assert_eq!(ModelId::parse(text).unwrap().to_string(), text);
        }
        let pasted = ModelId::parse(" https://huggingface.co/klue/bert-base/ ").unwrap();
        assert_eq!((pasted.repo.as_str(), pasted.revision()), ("klue/bert-base", "main"));
    }

    #[test]
    fn ids_lead_nowhere_else() {
        for text in ["", "a/b/c", "../b", "a/..", "a/b@../../x", "a/b@", "a/b@/x", "a b", ".a", "a--b", "/a", "C:\\a"] {
            assert_eq!(ModelId::parse(text).unwrap_err().id, "hub-bad-id", "{text}");
        }
    }

    #[test]
    fn a_token_is_never_printed() {
        let request = HubRequest::UseToken { token: Token("hf_secret".into()), keep: true };
        assert!(!format!("{request:?}").contains("secret"));
    }
}
