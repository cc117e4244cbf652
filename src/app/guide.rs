//! The guide, to read beside the window.

use crate::words::guide::Chapter;

#[derive(Clone, Debug, Default)]
pub struct GuideState {
    /// The chapter that is open, if the guide is.
    pub open: Option<Chapter>,
    /// The list shows the chapters that have these words; without words it shows all of them.
    pub query: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuideAction {
    /// Open the guide at a chapter, or close it.
    Show(Option<Chapter>),
    Search(String),
}

/// A guide that is opened anew lists all chapters.
pub(super) fn update(state: &mut GuideState, action: GuideAction) {
    match action {
        GuideAction::Show(None) => *state = GuideState::default(),
        GuideAction::Show(chapter) => state.open = chapter,
        GuideAction::Search(query) => state.query = query,
    }
}
