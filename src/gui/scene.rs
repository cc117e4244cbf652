//! Everything that a view reads and writes while it is drawn, and the controls that every view has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eframe::egui::{Button, Response, Ui};

use crate::app::action::Action;
use crate::app::state::AppState;
use crate::words::shared::{are_called_alike, run_name, short_name};
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

    /// What a run is called, by its folder: as in the list of runs, else by the folder's own name.
    pub fn run_name(&self, dir: &Path) -> String {
        let listed = self.state.runs.entries.latest().and_then(|runs| runs.iter().find(|run| run.dir == dir));
        listed.map_or_else(|| short_name(dir), |run| run_name(self.words, run))
    }

    /// The same with what tells the run from others of the same name: when it began, or else its folder.
    pub fn run_name_apart(&self, dir: &Path) -> String {
        let listed = self.state.runs.entries.latest().map(Vec::as_slice).unwrap_or_default();
        let Some(run) = listed.iter().find(|run| run.dir == dir) else { return short_name(dir) };
        let alike: Vec<_> = listed.iter().filter(|other| other.dir != dir && are_called_alike(run, other)).collect();
        let name = run_name(self.words, run);
        if alike.is_empty() {
            return name;
        }
        let is_told = !run.started.is_empty() && alike.iter().all(|other| other.started != run.started);
        format!("{name} · {}", if is_told { run.started.clone() } else { short_name(dir) })
    }

    /// What runs that stand side by side are called: by their folders where their names would not tell them apart.
    pub fn run_names(&self, dirs: &[PathBuf]) -> Vec<String> {
        let names: Vec<String> = dirs.iter().map(|dir| self.run_name(dir)).collect();
        let are_told_apart = names.iter().collect::<BTreeSet<_>>().len() == names.len();
        if are_told_apart { names } else { dirs.iter().map(|dir| short_name(dir)).collect() }
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
