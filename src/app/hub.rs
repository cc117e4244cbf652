//! What the window knows of models beyond the one at hand, and how actions and events change it.

use std::path::{Path, PathBuf};

use crate::domain::config::ModelSource;
use crate::domain::hub::{CachedModel, HubEvent, HubModel, HubRequest, ModelId, PullOutcome, PullProgress, Token};
use crate::domain::message::Command;
use crate::domain::problem::Problem;

use super::lesson;
use super::state::{AppState, Loading, Panel};
use super::update::pick_model;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct HubState {
    /// Whether its window is open.
    pub open: bool,
    pub cached: Vec<CachedModel>,
    /// Words in the search field, and what the last search found with which words.
    pub query: String,
    pub found: Loading<(String, Vec<HubModel>)>,
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
    /// Try again what failed, going on from what has come.
    Retry,
    /// Forget what failed.
    Dismiss,
    /// Show the native dialog for a folder to copy; the shell answers with `Import`.
    AskForImport,
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

    /// The model of the cache with this id.
    pub fn cached(&self, id: &str) -> Option<&CachedModel> {
        self.cached.iter().find(|model| model.id == id)
    }
}

pub(super) fn update(state: &mut AppState, action: HubAction) -> Option<Command> {
    let hub = &mut state.hub;
    let request = match action {
        HubAction::Show(open) => {
            hub.open = open;
            hub.removing = None;
            open.then_some(HubRequest::FindCached)
        }
        HubAction::SetQuery(query) => {
            hub.query = query;
            None
        }
        HubAction::Search => {
            let query = hub.query.trim().to_owned();
            if query.is_empty() {
                hub.found = Loading::Nothing;
                return None;
            }
            hub.found.wait();
            Some(HubRequest::Search { query })
        }
        HubAction::Pull(id) => {
            state.lesson.awaited = None;
            begin(hub, HubRequest::Pull { id, refresh: false })
        }
        HubAction::Import(folder) => begin(hub, HubRequest::Import { folder, id: None }),
        HubAction::Retry => {
            let (request, _) = hub.failed.take()?;
            begin(hub, request)
        }
        HubAction::Dismiss => {
            (hub.failed, hub.problem) = (None, None);
            state.lesson.awaited = None;
            None
        }
        HubAction::CancelPull => {
            hub.pull.as_mut()?.is_cancelling = true;
            Some(HubRequest::CancelPull)
        }
        HubAction::AskForImport => {
            state.dialog_open = true;
            None
        }
        HubAction::AskToRemove(id) => {
            hub.removing = id;
            None
        }
        HubAction::Remove => {
            let id = ModelId::parse(&hub.removing.take()?).ok()?;
            Some(HubRequest::Remove { id })
        }
        HubAction::SetToken(token) => {
            hub.token = token;
            None
        }
        HubAction::KeepToken(keep) => {
            hub.keep_token = keep;
            None
        }
        HubAction::UseToken => {
            let token = Token(std::mem::take(&mut hub.token).0.trim().to_owned());
            (!token.0.is_empty()).then_some(HubRequest::UseToken { token, keep: hub.keep_token })
        }
    };
    request.map(Command::Hub)
}

/// One at a time: while one is under way the buttons for others are off.
fn begin(hub: &mut HubState, request: HubRequest) -> Option<HubRequest> {
    if hub.is_pulling() {
        return None;
    }
    hub.failed = None;
    hub.pull = Some(PullView { request: request.clone(), progress: None, is_cancelling: false });
    Some(request)
}

pub(super) fn reduce(state: &mut AppState, event: HubEvent) -> Vec<Command> {
    let keeps_model = state.is_running() || state.lesson_locks(Panel::Model);
    let hub = &mut state.hub;
    match event {
        HubEvent::Cached(models) => hub.cached = models,
        HubEvent::Found { query, models } => hub.found = Loading::Ready((query, models)),
        HubEvent::SearchFailed(problem) => hub.found = Loading::Failed(problem),
        HubEvent::Progress(progress) => {
            if let Some(pull) = &mut hub.pull {
                pull.progress = Some(progress);
            }
        }
        HubEvent::PullEnded { id, outcome } => {
            let Some(pull) = hub.pull.take() else { return Vec::new() };
            match outcome {
                PullOutcome::Done(folder) => {
                    if let Some(commands) = lesson::begin_awaited(state, &id, &folder) {
                        return commands;
                    }
                    // A run or lesson under way goes on with its own model; the new one can be chosen after it.
                    if !keeps_model {
                        return vec![pick_model(state, ModelSource::Folder(folder))];
                    }
                }
                PullOutcome::Cancelled => state.lesson.awaited = None,
                PullOutcome::Failed(problem) => hub.failed = Some((pull.request, problem)),
            }
        }
        HubEvent::Removed { id, .. } => {
            hub.problem = None;
            let repo = format!("models--{}", id.repo.replace('/', "--"));
            let is_gone = |folder: &Path| folder.components().any(|part| part.as_os_str() == repo.as_str());
            state.settings.recent_models.retain(|folder| !is_gone(folder));
            if matches!(&state.config.model, ModelSource::Folder(folder) if is_gone(folder)) && !keeps_model {
                return vec![pick_model(state, ModelSource::Bundled)];
            }
        }
        HubEvent::TokenTaken { file } => {
            hub.token_taken = Some(file);
            hub.problem = None;
        }
        HubEvent::Failed(problem) => hub.problem = Some(problem),
    }
    Vec::new()
}
