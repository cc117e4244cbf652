//! Everything that a view reads and writes while it is drawn, and the controls that every view has.

use eframe::egui::{Button, Response, Ui};

use crate::app::action::Action;
use crate::app::state::AppState;
use crate::words::{Catalogue, Fill};

/// What is drawn, in which words, and what the user does meanwhile.
pub struct Scene<'a> {
    pub state: &'a AppState,
    pub words: &'a Catalogue,
    pub actions: &'a mut Vec<Action>,
}

impl Scene<'_> {
    pub fn say(&self, id: &'static str) -> String {
        self.words.say(id)
    }

    pub fn say_with(&self, id: &'static str, args: &[(&str, &dyn Fill)]) -> String {
        self.words.say_with(id, args)
    }

    pub fn hint(&self, id: &'static str) -> String {
        self.words.hint(id)
    }

    pub fn act(&mut self, action: impl Into<Action>) {
        self.actions.push(action.into());
    }

    /// Draws a button with the words `id`, whose click is this action.
    pub fn button(&mut self, ui: &mut Ui, id: &'static str, enabled: bool, action: impl Into<Action>) -> Response {
        let button = ui.add_enabled(enabled, Button::new(self.say(id)));
        if button.clicked() {
            self.act(action);
        }
        button
    }

    /// Draws the same button with its explanation on hover.
    pub fn hinted_button(&mut self, ui: &mut Ui, id: &'static str, enabled: bool, action: impl Into<Action>) {
        self.button(ui, id, enabled, action).on_hover_text(self.hint(id));
    }

    /// Draws one of several choices with the words `id`. A click on it is this action.
    pub fn choice(&mut self, ui: &mut Ui, id: &'static str, chosen: bool, action: impl Into<Action>) -> Response {
        let choice = ui.selectable_label(chosen, self.say(id));
        if choice.clicked() {
            self.act(action);
        }
        choice
    }
}
