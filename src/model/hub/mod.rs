//! Models beyond the bundled one: those that this machine's Hugging Face cache holds, and those that the Hub has.
//!
//! The cache is the one that Python uses (`models--owner--name/{blobs,refs,snapshots}`), so that a model fetched by either
//! serves both. hf-hub reads it, and gives the Hub's answers their types. Its own download is not used: hf-hub 1.0 takes
//! the body of an error for the file, checks neither size nor hash, cannot go on where it stopped, and waits for ever on
//! a connection that stalls. So files come over the HTTP client below it, and count only once their hash is right.

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
use report::Report;

/// Ends what waits for the network or copies files, at once and from any thread.
#[derive(Debug)]
pub struct Cancel(watch::Sender<bool>);

impl Default for Cancel {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Cancel {
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }

    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    async fn cancelled(&self) {
        // The sender outlives this, so that waiting never fails.
        self.0.subscribe().wait_for(|cancelled| *cancelled).await.ok();
    }
}

/// The Hub and this machine's part of it. What takes long is asked for on a thread that may wait.
#[derive(Debug)]
pub struct Hub {
    environment: Environment,
    cache: Cache,
}

impl Hub {
    pub fn new(environment: Environment) -> Self {
        let cache = Cache::new(&environment.cache);
        Self { environment, cache }
    }

    /// The models of the cache that this program trains, by id. Uses no network; a cache that cannot be read holds
    /// nothing.
    pub fn cached(&self) -> Vec<CachedModel> {
        self.cache.models()
    }

    /// Models whose names fit the words, most downloaded first. `None` when cancelled.
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

    /// The folder of a model, downloaded when it must be. `None` when cancelled: what has come is kept for the next try.
    /// With `refresh` the Hub is asked even when the cache has the model.
    ///
    /// # Errors
    /// `hub-offline-not-cached`; the `hub-*` problems of the network, of models that cannot be used, and of the disk.
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

    /// Copies a model folder into the cache, whole and checked. `None` when cancelled.
    ///
    /// # Errors
    /// Those of opening the folder; `hub-import-exists`, `hub-bad-id`, `hub-disk-full`, `file-error`.
    pub fn import(
        &self,
        folder: &std::path::Path,
        id: Option<&ModelId>,
        cancel: &Cancel,
        tell: &dyn Fn(PullProgress),
    ) -> Outcome<(ModelId, Option<PathBuf>)> {
        import::import(&self.cache, folder, id, cancel, tell)
    }

    /// Deletes a model from the cache, every revision of it, and tells how many bytes that freed.
    ///
    /// # Errors
    /// `hub-not-cached`, `hub-remove-revision`, `file-error`.
    pub fn remove(&self, id: &ModelId) -> Outcome<u64> {
        self.cache.remove(id)
    }

    /// Stores a token where Hugging Face's own programs look for it, readable by its owner alone.
    ///
    /// # Errors
    /// `file-error`.
    pub fn keep_token(&self, token: &Token) -> Outcome<PathBuf> {
        self.environment.keep_token(token)
    }
}

/// Waits for the work on this thread, until it is cancelled.
fn block_on<T>(cancel: &Cancel, work: impl Future<Output = Outcome<T>>) -> Outcome<Option<T>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Problem::internal)?;
    let done = runtime.block_on(async {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Ok(None),
            done = work => done.map(Some),
        }
    });
    // A name that is being looked up is not waited for.
    runtime.shutdown_background();
    done
}
