//! Small windows float over the page. They keep their place, and their cross or Escape closes them.

use eframe::egui::{Id, Key, Pos2, RichText, Ui, Window};

/// Draws a floating window and returns whether it stays open. egui remembers its place under `id`.
pub fn floating(ui: &Ui, id: &'static str, title: RichText, at: Pos2, add: impl FnOnce(&mut Ui)) -> bool {
    let mut open = true;
    let most_height = (ui.ctx().content_rect().height() - 96.0).max(240.0);
    Window::new(title)
        .id(Id::unique(id))
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .default_pos(at)
        .max_height(most_height)
        .show(ui.ctx(), add);
    // While a field has the keyboard, Escape only leaves that field.
    let escaped = ui.input(|i| i.key_pressed(Key::Escape)) && ui.memory(|m| m.focused().is_none());
    open && !escaped
}
