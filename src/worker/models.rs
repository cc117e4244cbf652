//! Models beyond the one at hand: searched for, fetched, copied and deleted, on lanes of their own.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::hub::{HubEvent, HubRequest, ModelId, PullOutcome, PullProgress, Token};
use crate::domain::message::EventKind;
use crate::domain::problem::Outcome;
use crate::model::hub::{Cancel, Environment, Hub};

use super::lane::{Lane, guarded};
use super::shared::Shared;

/// Searches and downloads under way, and the token of this session.
pub struct Models {
    search_lane: Lane,
    /// One after the other: two downloads at once would only share the line.
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

    /// The Hub as the environment now describes it: a token file may have changed.
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

/// Cancels what goes by the present signal; what comes later goes by a new one.
fn renew(signal: &Mutex<Arc<Cancel>>) -> Arc<Cancel> {
    let new = Arc::new(Cancel::default());
    let old = std::mem::replace(&mut *signal.lock().unwrap_or_else(PoisonError::into_inner), Arc::clone(&new));
    old.cancel();
    new
}

/// Takes a request; what takes time goes to a lane.
pub fn take(shared: &Arc<Shared>, request: HubRequest) {
    let models = &shared.models;
    let asked = Arc::clone(shared);
    let tell = move |event| asked.tell(EventKind::Hub(event));
    let asked = Arc::clone(shared);
    match request {
        HubRequest::FindCached => {
            shared.question_lane.push(move || tell(HubEvent::Cached(asked.models.hub().cached())))
        }
        HubRequest::Search { query } => {
            let cancel = renew(&models.search);
            models.search_lane.push(move || {
                if cancel.is_cancelled() {
                    return;
                }
                match guarded(|| asked.models.hub().search(&query, &cancel)) {
                    Ok(Some(models)) => tell(HubEvent::Found { query, models }),
                    // A newer one was asked for.
                    Ok(None) => {}
                    Err(problem) => tell(HubEvent::SearchFailed(problem)),
                }
            });
        }
        HubRequest::Pull { id, refresh } => {
            let cancel = models.pull_cancel();
            models.pull_lane.push(move || {
                let progress = |progress: PullProgress| tell(HubEvent::Progress(progress));
                let hub = asked.models.hub();
                let pulled = guarded(|| hub.pull(&id, refresh, &cancel, &progress));
                end_pull(&hub, &tell, id, pulled);
            });
        }
        HubRequest::CancelPull => drop(renew(&models.pull)),
        HubRequest::Import { folder, id } => {
            let cancel = models.pull_cancel();
            models.pull_lane.push(move || {
                let progress = |progress: PullProgress| tell(HubEvent::Progress(progress));
                let hub = asked.models.hub();
                match guarded(|| hub.import(&folder, id.as_ref(), &cancel, &progress)) {
                    Ok((id, copied)) => end_pull(&hub, &tell, id, Ok(copied)),
                    Err(problem) => {
                        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                        let id = id.unwrap_or(ModelId { repo: name, revision: None });
                        end_pull(&hub, &tell, id, Err(problem));
                    }
                }
            });
        }
        HubRequest::Remove { id } => shared.question_lane.push(move || {
            let hub = asked.models.hub();
            match guarded(|| hub.remove(&id)) {
                Ok(bytes) => tell(HubEvent::Removed { id, bytes }),
                Err(problem) => tell(HubEvent::Failed(problem)),
            }
            tell(HubEvent::Cached(hub.cached()));
        }),
        HubRequest::UseToken { token, keep } => {
            let kept = if keep { guarded(|| models.hub().keep_token(&token).map(Some)) } else { Ok(None) };
            *models.token.lock().unwrap_or_else(PoisonError::into_inner) =
                Some(token).filter(|token| !token.0.is_empty());
            match kept {
                Ok(file) => tell(HubEvent::TokenTaken { file }),
                Err(problem) => tell(HubEvent::Failed(problem)),
            }
        }
    }
}

fn end_pull(hub: &Hub, tell: &dyn Fn(HubEvent), id: ModelId, pulled: Outcome<Option<std::path::PathBuf>>) {
    let outcome = match pulled {
        Ok(Some(folder)) => PullOutcome::Done(folder),
        Ok(None) => PullOutcome::Cancelled,
        Err(problem) => PullOutcome::Failed(problem),
    };
    if matches!(outcome, PullOutcome::Done(_)) {
        tell(HubEvent::Cached(hub.cached()));
    }
    tell(HubEvent::PullEnded { id, outcome });
}
