//! Small windows over the page: they keep their place, and close by their cross or by Escape.

use eframe::egui::{Id, Key, Pos2, RichText, Ui, Window};

/// Draws one and tells whether it stays open. `id`: under which its place is remembered.
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
    // The first Escape leaves a field that is being typed in.
    let escaped = ui.input(|i| i.key_pressed(Key::Escape)) && ui.memory(|m| m.focused().is_none());
    open && !escaped
}
