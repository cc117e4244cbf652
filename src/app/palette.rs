//! The palette lists everything that can be done, by its name in every language and with its keys. One table serves the
//! palette, the shortcuts and the list of them.

mod search;
pub mod table;

use super::action::Action;
use super::state::AppState;
pub use table::{ENTRIES, Entry, Keys};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct PaletteState {
    pub open: bool,
    /// What is typed, in whatever language.
    pub query: String,
    /// The chosen one of the found entries, by its place among them.
    pub chosen: usize,
    /// Whether the list of shortcuts is open.
    pub shows_help: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PaletteAction {
    Show(bool),
    Search(String),
    /// Choose one of the found entries, by its place among them.
    Choose(usize),
    /// Do what the entry of this place in the table is about.
    Do(usize),
    /// Open the list of shortcuts, or close it.
    ShowHelp(bool),
}

impl PaletteState {
    /// The entries that what was typed finds, as places in the table.
    pub fn found(&self) -> Vec<usize> {
        search::find(&self.query)
    }
}

/// Applies what the user does, apart from `Do`, which is about all features.
pub(super) fn update(state: &mut PaletteState, action: PaletteAction) {
    match action {
        PaletteAction::Show(open) => {
            *state = PaletteState { open, shows_help: state.shows_help && !open, ..PaletteState::default() };
        }
        PaletteAction::Search(query) => (state.query, state.chosen) = (query, 0),
        PaletteAction::Choose(place) => state.chosen = place,
        PaletteAction::ShowHelp(shown) => (state.shows_help, state.open) = (shown, false),
        PaletteAction::Do(_) => {}
    }
}

/// What an entry of the table does in this state.
pub(super) fn actions(state: &AppState, place: usize) -> Vec<Action> {
    ENTRIES.get(place).map(|entry| (entry.actions)(state)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::settings::Theme;
    use crate::app::update::{entry_blocker, update};
    use crate::words::{Catalogue, Language};

    fn place(name: &str) -> usize {
        ENTRIES.iter().position(|entry| entry.name == name).unwrap()
    }

    #[test]
    fn every_entry_is_found_by_its_name_in_every_language() {
        let find = |query: &str| search::find(query);
        assert_eq!(find("").len(), ENTRIES.len());
        for words in Language::ALL.map(Catalogue::new) {
            for (place, entry) in ENTRIES.iter().enumerate() {
                let name = words.say(entry.name);
                assert!(find(&name).contains(&place) && find(&name.to_uppercase()).contains(&place), "{name}");
            }
        }
        assert_eq!(find("theme dark"), [place("theme-dark")], "by its group as well");
        assert!(find("no such thing").is_empty());
        assert_eq!(find("프리셋 3"), find("preset 3"));
        assert_eq!(find("stop")[0], place("button-stop"));
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_the_reason() {
        let mut state = AppState::default();
        state.palette.open = true;
        let effects = update(&mut state, PaletteAction::Do(place("button-train")).into());
        assert!(effects.is_empty() && state.palette.open);
        for (name, why) in [
            ("button-train", "train-blocked-data-loading"),
            ("button-stop", "button-no-run"),
            ("button-resume", "palette-not-paused"),
            ("lesson-leave", "palette-no-lesson"),
        ] {
            assert_eq!(entry_blocker(&state, place(name)).unwrap().id, why, "{name}");
        }
        assert!(state.shell.notices.is_empty(), "the palette says it itself");
        state.palette.open = false;
        update(&mut state, PaletteAction::Do(place("button-stop")).into());
        assert_eq!(state.shell.notices[0].problem.id, "button-no-run", "by its keys");
        let toggle = PaletteAction::Do(place("palette-title"));
        for open in [true, false] {
            update(&mut state, toggle.clone().into());
            assert_eq!(state.palette.open, open);
        }
        state.palette.open = true;
        update(&mut state, PaletteAction::Do(place("theme-dark")).into());
        assert!(state.shell.settings.theme == Theme::Dark && !state.palette.open);
    }
}
