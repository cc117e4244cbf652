//! Small windows float over the page. They keep their place, and their cross or Escape closes them.

use eframe::egui::{Id, Key, Modifiers, Pos2, RichText, Ui, Window};

use crate::app::action::Action;

use super::scene::Scene;

/// Draws a floating window, which is closed by the action `close`. egui remembers its place under `id`.
pub fn floating(
    ui: &Ui,
    scene: &mut Scene<'_>,
    id: &'static str,
    title: RichText,
    at: Pos2,
    close: impl Into<Action>,
    add: impl FnOnce(&mut Ui, &mut Scene<'_>),
) {
    let mut open = true;
    Window::new(title)
        .id(Id::unique(id))
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .default_pos(at)
        .max_height(most_height(ui))
        .show(ui.ctx(), |ui| add(ui, scene));
    // While a field has the keyboard, Escape only leaves that field; and of several windows it closes one.
    let escaped = ui.memory(|m| m.focused().is_none()) && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
    if !open || escaped {
        scene.act(close);
    }
}

/// Returns how high a floating window may become.
pub fn most_height(ui: &Ui) -> f32 {
    (ui.ctx().content_rect().height() - 96.0).max(240.0)
}
