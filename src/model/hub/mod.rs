//! Models beyond the bundled one: those in this machine's Hugging Face cache, and those on the Hub.
//!
//! The cache is the one that Python uses (`models--owner--name/{blobs,refs,snapshots}`), so that a model that either has
//! downloaded serves both. hf-hub reads it and gives the Hub's answers their types. Its own download is not used, because
//! hf-hub 1.0 takes the body of an error for the file, checks neither size nor hash, cannot continue where it stopped, and
//! waits for ever on a connection that stalls. Files are therefore downloaded by the HTTP client beneath it, and a file
//! counts only when its hash is right.

mod cache;
mod client;
mod environment;
mod import;
mod pull;
mod report;
mod search;
mod store;

use std::path::PathBuf;

use tokio::sync::watch;

use crate::domain::hub::{CachedModel, HubModel, ModelId, PullProgress, Token};
use crate::domain::problem::{Outcome, Problem};

use cache::Cache;
use client::Client;
pub use environment::Environment;
pub use pull::{Listing, SMALL_FILES};
use report::Report;
pub use search::found_in;

/// Ends a download, a search or an import at once, from any thread.
#[derive(Debug)]
pub struct Cancel(watch::Sender<bool>);

impl Default for Cancel {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Cancel {
    /// Ends the work that was given this.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    /// Whether the work was asked to end.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    async fn cancelled(&self) {
        // Waiting fails only when the sender is gone, and the sender is `self`.
        self.0.subscribe().wait_for(|cancelled| *cancelled).await.ok();
    }
}

/// The Hub, and the models that this machine has of it. Searching, pulling and importing block the calling thread.
#[derive(Debug)]
pub struct Hub {
    environment: Environment,
    cache: Cache,
}

impl Hub {
    /// The Hub and the cache that `environment` names.
    pub fn new(environment: Environment) -> Self {
        let cache = Cache::new(&environment.cache);
        Self { environment, cache }
    }

    /// What the environment says about the Hub.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The models in the cache that this program can train, sorted by id. This needs no network. A cache that cannot be read
    /// counts as empty.
    pub fn cached(&self) -> Vec<CachedModel> {
        self.cache.models()
    }

    /// Searches the Hub for models by words in their names, the most downloaded first. `None` when cancelled.
    ///
    /// # Errors
    /// `hub-offline`, and the `hub-*` problems of the network.
    pub fn search(&self, query: &str, cancel: &Cancel) -> Outcome<Option<Vec<HubModel>>> {
        if self.environment.offline {
            return Err(Problem::new("hub-offline"));
        }
        let client = Client::new(&self.environment)?;
        block_on(cancel, search::search(&client, query))
    }

    /// The folder of a model, which is downloaded if the cache does not have it. `None` when cancelled; the part that was
    /// downloaded is kept for the next try. With `refresh` the Hub is asked for something newer even when the cache has the
    /// model.
    ///
    /// # Errors
    /// `hub-offline-not-cached`; the `hub-*` problems of the network, of models that cannot be used, and of the disk;
    /// `model-*` for a `config.json` that does not fit; `file-error`.
    pub fn pull(
        &self,
        id: &ModelId,
        refresh: bool,
        cancel: &Cancel,
        tell: &dyn Fn(PullProgress),
    ) -> Outcome<Option<PathBuf>> {
        let cached = self.cache.find(id);
        if let Some(model) = cached.filter(|_| !refresh || self.environment.offline) {
            return Ok(Some(model.folder));
        }
        if self.environment.offline {
            return Err(Problem::new("hub-offline-not-cached").with("id", id));
        }
        let client = Client::new(&self.environment)?;
        let mut report = Report::new(id, tell);
        block_on(cancel, pull::pull(&client, &self.cache, id, cancel, &mut report))
    }

    /// Deletes every revision of a model from the cache, and returns how many bytes that freed.
    ///
    /// # Errors
    /// `hub-not-cached`, `hub-remove-revision`, `file-error`.
    pub fn remove(&self, id: &ModelId) -> Outcome<u64> {
        self.cache.remove(id)
    }

    /// Stores a token where Hugging Face's own programs look for it, in a file that only its owner may read. Returns the
    /// file.
    ///
    /// # Errors
    /// `file-error`.
    pub fn keep_token(&self, token: &Token) -> Outcome<PathBuf> {
        self.environment.keep_token(token)
    }
}

/// Does the work on this thread; `None` when it is cancelled.
fn block_on<T>(cancel: &Cancel, work: impl Future<Output = Outcome<T>>) -> Outcome<Option<T>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Problem::internal)?;
    let done = runtime.block_on(async {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Ok(None),
            done = work => done.map(Some),
        }
    });
    // The lookup of a host's name cannot be cancelled, so that it is left to end on its own.
    runtime.shutdown_background();
    done
}
