//! Models beyond the bundled one: what they are called, what the hub tells of them, and how their download goes.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::problem::{Outcome, Problem};

/// A model on the Hugging Face Hub: `name` or `owner/name`, and perhaps a branch, tag or commit behind an `@`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ModelId {
    pub repo: String,
    /// `None` is the main branch.
    pub revision: Option<String>,
}

impl ModelId {
    /// The longest name of a repository's owner or of the repository itself.
    const LONGEST: usize = 96;

    /// Reads `name`, `owner/name` or `owner/name@revision`; a pasted web address of a model counts as its name.
    ///
    /// # Errors
    /// `hub-bad-id`.
    pub fn parse(text: &str) -> Outcome<Self> {
        let bad = || Problem::new("hub-bad-id").with("id", text);
        let text = text.trim();
        let text = text.strip_prefix("https://huggingface.co/").unwrap_or(text).trim_end_matches('/');
        let (repo, revision) = match text.split_once('@') {
            Some((repo, revision)) => (repo, Some(revision)),
            None => (text, None),
        };
        let is_name = |part: &str| {
            let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let ends = |c: char| matches!(c, '-' | '.');
            (1..=Self::LONGEST).contains(&part.len())
                && part.chars().all(is_fine)
                && !part.starts_with(ends)
                && !part.ends_with(ends)
                && !part.contains("--")
                && !part.contains("..")
        };
        let parts: Vec<&str> = repo.split('/').collect();
        // It becomes part of a path in the cache, so that no part of it may lead elsewhere.
        let is_revision = |text: &str| {
            let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
            text.chars().all(is_fine) && text.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        };
        if parts.len() > 2 || !parts.iter().all(|part| is_name(part)) || !revision.is_none_or(is_revision) {
            return Err(bad());
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

/// An access token. It is never printed: not by `Debug`, not in a log, not in a run folder.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Token(none)" } else { "Token(hidden)" })
    }
}

/// A model as the hub's search tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HubModel {
    pub id: String,
    /// What its card says that it is for, such as `fill-mask`.
    pub task: Option<String>,
    /// Of the last 30 days.
    pub downloads: u64,
    pub likes: u64,
    pub license: Option<String>,
    /// The `model_type` of its config.json.
    pub family: Option<String>,
    /// Whether this program trains that family; unknown before the family is.
    pub trainable: Option<bool>,
    /// Numbers in its safetensors files.
    pub parameters: Option<u64>,
    /// Size of its safetensors files, by the types of their numbers.
    pub bytes: Option<u64>,
    /// Whether its files need a token of someone who accepted its terms.
    pub gated: bool,
}

/// A model found on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CachedModel {
    /// `org/name`.
    pub id: String,
    /// The commit, 40 hexadecimal digits.
    pub revision: String,
    pub folder: PathBuf,
    /// Size of the weights.
    pub bytes: u64,
}

/// How far a download or an import has come.
#[derive(Clone, Debug, PartialEq)]
pub struct PullProgress {
    pub id: ModelId,
    pub files: Vec<FileProgress>,
    /// Over the last seconds; `None` before there was time to tell.
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
        self.files.iter().map(|file| file.done_bytes).sum()
    }

    pub fn total_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.total_bytes).sum()
    }

    /// Seconds to the end at the present speed.
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
    /// What had come is kept: the next try goes on from there.
    Cancelled,
    Failed(Problem),
}

/// What a face asks about models beyond the one at hand.
#[derive(Clone, Debug)]
pub enum HubRequest {
    /// Look for models in the Hugging Face cache of this machine; answered by `Cached`.
    FindCached,
    /// Answered by `Found` or `SearchFailed`.
    Search { query: String },
    /// Answered by `PullEnded`, after `Progress`. `refresh` asks the hub for what is newer than the cache's; without
    /// it a model that is in the cache is answered from there.
    Pull { id: ModelId, refresh: bool },
    /// Ends downloads and imports at once, those that wait, too.
    CancelPull,
    /// Delete a model from the cache; answered by `Removed` and `Cached`, or by `Failed`.
    Remove { id: ModelId },
    /// Copy a model folder into the cache, under this id or one made from the folder's name; answered by `PullEnded`.
    Import { folder: PathBuf, id: Option<ModelId> },
    /// Use this token from now on; `keep` stores it where Hugging Face's own programs do. Answered by `TokenTaken` or
    /// `Failed`.
    UseToken { token: Token, keep: bool },
}

/// What the worker tells about models beyond the one at hand.
#[derive(Clone, Debug, PartialEq)]
pub enum HubEvent {
    Cached(Vec<CachedModel>),
    Found {
        query: String,
        models: Vec<HubModel>,
    },
    SearchFailed(Problem),
    Progress(PullProgress),
    PullEnded {
        id: ModelId,
        outcome: PullOutcome,
    },
    Removed {
        id: ModelId,
        bytes: u64,
    },
    /// The file that a token was stored in; `None` when it was not stored.
    TokenTaken {
        file: Option<PathBuf>,
    },
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
