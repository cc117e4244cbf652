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

/// Remembers what had the keyboard before something that takes it opened, and gives it back when that is closed.
pub fn keep_focus(ui: &Ui, id: Id, is_open: bool) {
    let before = id.with("focus before");
    if is_open {
        let focus = ui.memory(|memory| memory.focused());
        ui.data_mut(|data| {
            data.get_temp_mut_or(before, focus);
        });
    } else if let Some(focus) = ui.data_mut(|data| data.remove_temp::<Option<Id>>(before)).flatten() {
        ui.memory_mut(|memory| memory.request_focus(focus));
    }
}

/// Returns how high a floating window may become.
pub fn most_height(ui: &Ui) -> f32 {
    (ui.ctx().content_rect().height() - 96.0).max(240.0)
}
