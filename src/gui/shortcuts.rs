//! The keys of the palette's table, as egui knows them.

use eframe::egui::{self, Key, KeyboardShortcut, Modifiers};

use crate::app::action::Action;
use crate::app::palette::{ENTRIES, Entry, Keys, PaletteAction};
use crate::app::state::AppState;
use crate::app::update::entry_blocker;

use super::file_dialog;

/// Returns the keys as egui listens to them; `None` for a name that is no key's.
pub fn shortcut(keys: Keys) -> Option<KeyboardShortcut> {
    let when = |on: bool, modifier| if on { modifier } else { Modifiers::NONE };
    let modifiers =
        when(keys.command, Modifiers::COMMAND) | when(keys.shift, Modifiers::SHIFT) | when(keys.alt, Modifiers::ALT);
    Some(KeyboardShortcut::new(modifiers, Key::from_name(keys.key)?))
}

/// Writes the keys of an entry, e.g. `Ctrl+Enter, F5`.
pub fn in_words(ctx: &egui::Context, entry: &Entry) -> String {
    let shortcuts = entry.keys.iter().filter_map(|keys| shortcut(*keys));
    shortcuts.map(|shortcut| ctx.format_shortcut(&shortcut)).collect::<Vec<_>>().join(", ")
}

/// Writes the keys of the entry of this name.
pub fn of(ctx: &egui::Context, name: &str) -> String {
    ENTRIES.iter().find(|entry| entry.name == name).map(|entry| in_words(ctx, entry)).unwrap_or_default()
}

/// Returns the actions of the keys that were pressed in this frame. While the palette is open, it has the keyboard, and
/// only what is about itself is left; nothing is while the window's own file dialog is open.
pub fn pressed(ctx: &egui::Context, state: &AppState, actions: &mut Vec<Action>) {
    if let Some(browser) = &state.files.browser {
        actions.extend(file_dialog::escaped(ctx, browser).map(Action::from));
        return;
    }
    let mut all: Vec<Keys> = ENTRIES.iter().flat_map(|entry| entry.keys).copied().collect();
    // Ctrl+P is contained in Ctrl+Shift+P, so that the latter is looked for first.
    all.sort_by_key(|keys| !keys.shift);
    for keys in all {
        let has_keys = |place: &usize| ENTRIES[*place].keys.contains(&keys);
        let places: Vec<usize> = (0..ENTRIES.len()).filter(has_keys).collect();
        // Who writes a text of several lines may end a line with it.
        let is_written = keys.key == "Enter" && ctx.egui_wants_keyboard_input();
        let is_heard = !is_written && (!state.palette.open || places.iter().all(|place| ENTRIES[*place].is_help()));
        if !is_heard || !shortcut(keys).is_some_and(|shortcut| ctx.input_mut(|i| i.consume_shortcut(&shortcut))) {
            continue;
        }
        // Some systems send the letter of Alt+1 as well, which would stand in the field that has the focus.
        ctx.input_mut(|input| input.events.retain(|event| !matches!(event, egui::Event::Text(_))));
        // Keys that mean two things, such as Pause and Resume, mean what can be done now.
        let can = places.iter().find(|place| entry_blocker(state, **place).is_none());
        actions.extend(can.or(places.first()).map(|place| PaletteAction::Do(*place).into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_key_is_known_and_no_keys_are_taken_twice() {
        let mut taken = Vec::new();
        for entry in ENTRIES {
            for keys in entry.keys {
                assert!(shortcut(*keys).is_some(), "{keys:?}");
                // Pause and Resume are the two sides of one switch.
                let is_pair = keys.key == "P" && entry.name == "button-resume";
                assert!(is_pair || !taken.contains(keys), "{keys:?}");
                taken.push(*keys);
            }
        }
        assert!(taken.len() > 12);
    }
}
