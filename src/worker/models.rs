//! Models of the Hub and of its cache on this machine are searched for, fetched, copied and deleted on lanes of their own.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::domain::hub::{HubEvent, HubRequest, ModelId, PullOutcome, PullProgress, Token};
use crate::domain::message::Event;
use crate::domain::problem::Outcome;
use crate::model::hub::{Cancel, Environment, Hub};

use super::lane::{guarded, lock};
use super::shared::Shared;

/// What ends the searches and downloads under way, and the token of this session.
#[derive(Default)]
pub struct Models {
    search: Mutex<Arc<Cancel>>,
    pull: Mutex<Arc<Cancel>>,
    token: Mutex<Option<Token>>,
}

impl Models {
    /// Ends what is under way and what waits.
    pub fn cancel_all(&self) {
        renew(&self.search);
        renew(&self.pull);
    }

    /// The Hub as the environment describes it now, since a token file may have changed. Reads files.
    pub fn hub(&self) -> Hub {
        let mut environment = Environment::of_process();
        environment.token = lock(&self.token).clone().or(environment.token);
        Hub::new(environment)
    }
}

/// Cancels all work that holds the present signal; later work gets a new one.
fn renew(signal: &Mutex<Arc<Cancel>>) -> Arc<Cancel> {
    let new = Arc::<Cancel>::default();
    std::mem::replace(&mut *lock(signal), Arc::clone(&new)).cancel();
    new
}

/// Takes a request. All that takes time or reads files goes to a lane.
pub fn take(shared: &Arc<Shared>, request: HubRequest) {
    let (lanes, models) = (&shared.lanes, &shared.models);
    let asked = Arc::clone(shared);
    let send = move |event| asked.sink.send(Event::Hub(event));
    let asked = Arc::clone(shared);
    match request {
        HubRequest::FindCached => lanes.cache.push(move || send(HubEvent::Cached(asked.models.hub().cached()))),
        HubRequest::Search { query } => {
            let cancel = renew(&models.search);
            lanes.search.push(move || {
                if cancel.is_cancelled() {
                    return;
                }
                match guarded(|| asked.models.hub().search(&query, &cancel)) {
                    Ok(Some(models)) => send(HubEvent::Found { query, models }),
                    // A newer one was asked for.
                    Ok(None) => {}
                    Err(problem) => send(HubEvent::SearchFailed { query, problem }),
                }
            });
        }
        HubRequest::Pull { id, refresh } => fetch(shared, id.clone(), move |hub, cancel, progress| {
            hub.pull(&id, refresh, cancel, progress).map(|folder| (id, folder))
        }),
        HubRequest::CancelPull => drop(renew(&models.pull)),
        HubRequest::Import { folder, id } => {
            let name = || folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let named = id.clone().unwrap_or_else(|| ModelId { repo: name(), revision: None });
            fetch(shared, named, move |hub, cancel, progress| hub.import(&folder, id.as_ref(), cancel, progress));
        }
        HubRequest::Remove { id } => lanes.cache.push(move || {
            let hub = asked.models.hub();
            let removed = guarded(|| hub.remove(&id));
            send(removed.map_or_else(HubEvent::Failed, |bytes| HubEvent::Removed { id, bytes }));
            send(HubEvent::Cached(hub.cached()));
        }),
        HubRequest::UseToken { token, keep } => {
            // The next request goes with this token already, so only its file is left to the lane.
            *lock(&models.token) = Some(token.clone()).filter(|token| !token.0.is_empty());
            lanes.cache.push(move || {
                let file = guarded(|| keep.then(|| asked.models.hub().keep_token(&token)).transpose());
                send(file.map_or_else(HubEvent::Failed, |file| HubEvent::TokenTaken { file }));
            });
        }
    }
}

/// Brings a model into the cache and tells how that ends. `id` names it until its own id is known.
fn fetch(
    shared: &Arc<Shared>,
    id: ModelId,
    work: impl FnOnce(&Hub, &Cancel, &dyn Fn(PullProgress)) -> Outcome<(ModelId, Option<PathBuf>)> + Send + 'static,
) {
    let (asked, cancel) = (Arc::clone(shared), Arc::clone(&lock(&shared.models.pull)));
    shared.lanes.pull.push(move || {
        let send = |event| asked.sink.send(Event::Hub(event));
        let hub = asked.models.hub();
        let (id, outcome) = match guarded(|| work(&hub, &cancel, &|progress| send(HubEvent::Progress(progress)))) {
            Ok((id, Some(folder))) => {
                send(HubEvent::Cached(hub.cached()));
                (id, PullOutcome::Done(folder))
            }
            Ok((id, None)) => (id, PullOutcome::Cancelled),
            Err(problem) => (id, PullOutcome::Failed(problem)),
        };
        send(HubEvent::PullEnded { id, outcome });
    });
}
