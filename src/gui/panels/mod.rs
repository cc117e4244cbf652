use crate::app::action::Action;
use crate::app::state::AppState;
use crate::words::Catalogue;
use eframe::egui::Ui;
pub fn panels_ui(_ui: &mut Ui, _state: &AppState, _words: &Catalogue, _actions: &mut Vec<Action>) {}
