//! What the window knows of models beyond the one at hand, and how actions and events change it.

use std::path::{Path, PathBuf};

use crate::domain::hub::{CachedModel, HubEvent, HubModel, HubRequest, ModelId, PullOutcome, PullProgress, Token};
use crate::domain::message::{Command, Event};
use crate::domain::problem::Problem;

use super::effect::Intent;
use super::loading::Loading;
use super::shell::Shell;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct HubState {
    /// Whether its window is open.
    pub open: bool,
    pub cached: Vec<CachedModel>,
    /// Words in the search field, and what the last search found with which words.
    pub query: String,
    pub found: Loading<(String, Vec<HubModel>), String>,
    /// The download or import under way; others wait behind it.
    pub pull: Option<PullView>,
    /// What could not be fetched, why, and what to ask for again.
    pub failed: Option<(HubRequest, Problem)>,
    /// What else could not be done.
    pub problem: Option<Problem>,
    /// The token being typed, and whether it is to be stored.
    pub token: Token,
    pub keep_token: bool,
    /// Whether a token is in use that was entered here, and where it was stored.
    pub token_taken: Option<Option<PathBuf>>,
    /// The model that is asked about before it is deleted.
    pub removing: Option<String>,
}

#[derive(Clone, Debug)]
pub struct PullView {
    pub request: HubRequest,
    pub progress: Option<PullProgress>,
    pub is_cancelling: bool,
}

/// What can be done about models beyond the one at hand.
#[derive(Clone, Debug, PartialEq)]
pub enum HubAction {
    Show(bool),
    SetQuery(String),
    Search,
    /// Fetch a model and use it.
    Pull(ModelId),
    CancelPull,
    /// Try again what failed; what has come already is not fetched again.
    Retry,
    /// Forget what failed.
    Dismiss,
    /// Copy a model's folder into the cache.
    Import(PathBuf),
    /// Ask before a model is deleted; `None` takes the question back.
    AskToRemove(Option<String>),
    Remove,
    SetToken(Token),
    KeepToken(bool),
    UseToken,
}

impl HubState {
    /// Whether a download or an import is under way.
    pub fn is_pulling(&self) -> bool {
        self.pull.is_some()
    }

    /// Begins to fetch a model. It does nothing while another one is fetched, when the buttons for others are off.
    pub(super) fn fetch(&mut self, request: HubRequest, shell: &mut Shell) {
        if !self.is_pulling() {
            self.failed = None;
            self.pull = Some(PullView { request: request.clone(), progress: None, is_cancelling: false });
            shell.tell(Command::Hub(request));
        }
    }

    /// The model of the cache with this id.
    pub fn cached(&self, id: &str) -> Option<&CachedModel> {
        self.cached.iter().find(|model| model.id == id)
    }
}

pub(super) fn update(hub: &mut HubState, action: HubAction, shell: &mut Shell) {
    let mut tell = |request| shell.tell(Command::Hub(request));
    match action {
        HubAction::Show(open) => {
            (hub.open, hub.removing) = (open, None);
            if open {
                tell(HubRequest::FindCached);
            }
        }
        HubAction::SetQuery(query) => hub.query = query,
        HubAction::Search => match hub.query.trim().to_owned() {
            query if query.is_empty() => hub.found = Loading::Nothing,
            query => {
                hub.found.wait(query.clone());
                tell(HubRequest::Search { query });
            }
        },
        HubAction::Pull(id) => hub.fetch(HubRequest::Pull { id, refresh: false }, shell),
        HubAction::Import(folder) => hub.fetch(HubRequest::Import { folder, id: None }, shell),
        HubAction::Retry => {
            if let Some((request, _)) = hub.failed.take() {
                hub.fetch(request, shell);
            }
        }
        HubAction::Dismiss => (hub.failed, hub.problem) = (None, None),
        HubAction::CancelPull => {
            if let Some(pull) = &mut hub.pull {
                pull.is_cancelling = true;
                tell(HubRequest::CancelPull);
            }
        }
        HubAction::AskToRemove(id) => hub.removing = id,
        HubAction::Remove => {
            if let Some(Ok(id)) = hub.removing.take().map(|id| ModelId::parse(&id)) {
                tell(HubRequest::Remove { id });
            }
        }
        HubAction::SetToken(token) => hub.token = token,
        HubAction::KeepToken(keep) => hub.keep_token = keep,
        HubAction::UseToken => {
            let token = Token(std::mem::take(&mut hub.token).0.trim().to_owned());
            if !token.0.is_empty() {
                tell(HubRequest::UseToken { token, keep: hub.keep_token });
            }
        }
    }
}

/// Tells whether a folder lies in the cache's folder of this model.
pub(super) fn is_in_cache_of(id: &ModelId, folder: &Path) -> bool {
    let repo = format!("models--{}", id.repo.replace('/', "--"));
    folder.components().any(|part| part.as_os_str() == repo.as_str())
}

/// Folds in what the worker tells of the Hub.
pub(super) fn reduce(hub: &mut HubState, event: &Event, shell: &mut Shell) {
    let Event::Hub(event) = event else { return };
    match event.clone() {
        HubEvent::Cached(models) => hub.cached = models,
        HubEvent::Found { query, models } if hub.found.waits_for(&query) => hub.found = Loading::Ready((query, models)),
        HubEvent::SearchFailed { query, problem } if hub.found.waits_for(&query) => {
            hub.found = Loading::Failed(problem)
        }
        // Something else was searched for meanwhile.
        HubEvent::Found { .. } | HubEvent::SearchFailed { .. } => {}
        HubEvent::Progress(progress) => {
            if let Some(pull) = &mut hub.pull {
                pull.progress = Some(progress);
            }
        }
        HubEvent::PullEnded { id, outcome } => match (hub.pull.take(), outcome) {
            (Some(_), PullOutcome::Done(folder)) => shell.want(Intent::ModelFetched(id, folder)),
            (Some(pull), PullOutcome::Failed(problem)) => hub.failed = Some((pull.request, problem)),
            (Some(_), PullOutcome::Cancelled) | (None, _) => {}
        },
        HubEvent::Removed { id, .. } => {
            hub.problem = None;
            shell.settings.recent_models.retain(|folder| !is_in_cache_of(&id, folder));
            shell.want(Intent::ModelRemoved(id));
        }
        HubEvent::TokenTaken { file } => (hub.token_taken, hub.problem) = (Some(file), None),
        HubEvent::Failed(problem) => hub.problem = Some(problem),
    }
}
