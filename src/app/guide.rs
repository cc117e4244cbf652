//! The guide, to read beside the window.

use crate::words::guide::Chapter;

#[derive(Clone, Debug, Default)]
pub struct GuideState {
    /// The chapter that is open, if the guide is.
    pub open: Option<Chapter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuideAction {
    /// Open the guide at a chapter, or close it.
    Show(Option<Chapter>),
}

pub(super) fn update(state: &mut GuideState, action: GuideAction) {
    let GuideAction::Show(chapter) = action;
    state.open = chapter;
}
