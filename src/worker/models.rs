//! Models of the Hub and of its cache on this machine are searched for, fetched, copied and deleted on lanes of their own.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::hub::{HubEvent, HubRequest, ModelId, PullOutcome, PullProgress, Token};
use crate::domain::message::Event;
use crate::domain::problem::Outcome;
use crate::model::hub::{Cancel, Environment, Hub};

use super::lane::{Lane, guarded};
use super::shared::Shared;

/// Searches and downloads under way, and the token of this session.
pub struct Models {
    search_lane: Lane,
    /// The cache's list, deletions and the token's file are quick, but lie on a disk.
    cache_lane: Lane,
    /// Downloads go one after the other: two at once would only share the line.
    pull_lane: Lane,
    search: Mutex<Arc<Cancel>>,
    pull: Mutex<Arc<Cancel>>,
    token: Mutex<Option<Token>>,
}

impl Models {
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn new() -> Outcome<Self> {
        Ok(Self {
            search_lane: Lane::open("search")?,
            cache_lane: Lane::open("cache")?,
            pull_lane: Lane::open("pull")?,
            search: Mutex::default(),
            pull: Mutex::default(),
            token: Mutex::default(),
        })
    }

    /// Ends what is under way and what waits.
    pub fn cancel_all(&self) {
        renew(&self.search);
        renew(&self.pull);
    }

    /// The Hub as the environment describes it now, since a token file may have changed. Reads files.
    fn hub(&self) -> Hub {
        let mut environment = Environment::of_process();
        let own = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        environment.token = own.or(environment.token);
        Hub::new(environment)
    }

    fn pull_cancel(&self) -> Arc<Cancel> {
        Arc::clone(&self.pull.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Cancels all work that holds the present signal; later work gets a new one.
fn renew(signal: &Mutex<Arc<Cancel>>) -> Arc<Cancel> {
    let new = Arc::new(Cancel::default());
    let old = std::mem::replace(&mut *signal.lock().unwrap_or_else(PoisonError::into_inner), Arc::clone(&new));
    old.cancel();
    new
}

/// Takes a request. All that takes time or reads files goes to a lane.
pub fn take(shared: &Arc<Shared>, request: HubRequest) {
    let models = &shared.models;
    let asked = Arc::clone(shared);
    let send = move |event| asked.sink.send(Event::Hub(event));
    let asked = Arc::clone(shared);
    match request {
        HubRequest::FindCached => models.cache_lane.push(move || send(HubEvent::Cached(asked.models.hub().cached()))),
        HubRequest::Search { query } => {
            let cancel = renew(&models.search);
            models.search_lane.push(move || {
                if cancel.is_cancelled() {
                    return;
                }
                match guarded(|| asked.models.hub().search(&query, &cancel)) {
                    Ok(Some(models)) => send(HubEvent::Found { query, models }),
                    // A newer one was asked for.
                    Ok(None) => {}
                    Err(problem) => send(HubEvent::SearchFailed(problem)),
                }
            });
        }
        HubRequest::Pull { id, refresh } => {
            let cancel = models.pull_cancel();
            models.pull_lane.push(move || {
                let progress = |progress: PullProgress| send(HubEvent::Progress(progress));
                let hub = asked.models.hub();
                let pulled = guarded(|| hub.pull(&id, refresh, &cancel, &progress));
                end_pull(&hub, &send, id, pulled);
            });
        }
        HubRequest::CancelPull => drop(renew(&models.pull)),
        HubRequest::Import { folder, id } => {
            let cancel = models.pull_cancel();
            models.pull_lane.push(move || {
                let progress = |progress: PullProgress| send(HubEvent::Progress(progress));
                let hub = asked.models.hub();
                match guarded(|| hub.import(&folder, id.as_ref(), &cancel, &progress)) {
                    Ok((id, copied)) => end_pull(&hub, &send, id, Ok(copied)),
                    Err(problem) => {
                        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                        let id = id.unwrap_or(ModelId { repo: name, revision: None });
                        end_pull(&hub, &send, id, Err(problem));
                    }
                }
            });
        }
        HubRequest::Remove { id } => models.cache_lane.push(move || {
            let hub = asked.models.hub();
            match guarded(|| hub.remove(&id)) {
                Ok(bytes) => send(HubEvent::Removed { id, bytes }),
                Err(problem) => send(HubEvent::Failed(problem)),
            }
            send(HubEvent::Cached(hub.cached()));
        }),
        HubRequest::UseToken { token, keep } => {
            // The next request goes with this token already, so only its file is left to the lane.
            *models.token.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(token.clone()).filter(|token| !token.0.is_empty());
            models.cache_lane.push(move || {
                let hub = asked.models.hub();
                match if keep { guarded(|| hub.keep_token(&token).map(Some)) } else { Ok(None) } {
                    Ok(file) => send(HubEvent::TokenTaken { file }),
                    Err(problem) => send(HubEvent::Failed(problem)),
                }
            });
        }
    }
}

fn end_pull(hub: &Hub, send: &dyn Fn(HubEvent), id: ModelId, pulled: Outcome<Option<std::path::PathBuf>>) {
    let outcome = match pulled {
        Ok(Some(folder)) => PullOutcome::Done(folder),
        Ok(None) => PullOutcome::Cancelled,
        Err(problem) => PullOutcome::Failed(problem),
    };
    if matches!(outcome, PullOutcome::Done(_)) {
        send(HubEvent::Cached(hub.cached()));
    }
    send(HubEvent::PullEnded { id, outcome });
}
