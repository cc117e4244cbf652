//! Whatever has the keyboard is seen to have it. One ring is drawn around it at the end of every frame, so that no
//! control has to think of it, and what lies outside of a scrolled place is scrolled into view.

use eframe::egui::accesskit::{Action, ActionRequest, TreeId};
use eframe::egui::{Context, Event, EventFilter, Id, Key, Plugin, RawInput, Rect, Response, Stroke, StrokeKind, Ui};

use super::{palette, thickness};

/// Draws the ring and scrolls to what has just got the keyboard.
#[derive(Default)]
pub struct FocusRing {
    /// What had the keyboard in the last frame.
    focused: Option<Id>,
    /// What has just got the keyboard, but lies partly outside of the place that it is scrolled in.
    hidden: Option<Id>,
}

impl Plugin for FocusRing {
    fn debug_name(&self) -> &'static str {
        "focus ring"
    }

    fn input_hook(&mut self, _ctx: &Context, input: &mut RawInput) {
        // Scroll areas listen to what a screen reader asks for, which is just what is wanted here.
        input.events.extend(self.hidden.take().map(|id| {
            Event::AccessKitActionRequest(ActionRequest {
                action: Action::ScrollIntoView,
                target_tree: TreeId::ROOT,
                target_node: id.accesskit_id(),
                data: None,
            })
        }));
    }

    fn on_end_pass(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx();
        let focused = ctx.memory(|memory| memory.focused());
        let is_new = std::mem::replace(&mut self.focused, focused) != focused;
        let Some(response) = focused.and_then(|id| ctx.read_response(id)).filter(Response::has_focus) else { return };
        let (rect, seen) = (response.rect, response.interact_rect);
        if is_new && rect.is_positive() && (seen.width() + 1.0 < rect.width() || seen.height() + 1.0 < rect.height()) {
            self.hidden = Some(response.id);
            ctx.request_repaint();
        }
        if seen.is_positive() {
            let stroke = Stroke::new(2.0 * thickness(ui), palette(ui).accent);
            let rect = seen.expand(2.0).intersect(ctx.content_rect());
            ctx.layer_painter(response.layer_id).rect_stroke(rect, 5.0, stroke, StrokeKind::Inside);
        }
    }
}

/// Returns the cell of a grid that has the keyboard. The grid is one stop of the Tab key, and the arrows go from cell to
/// cell, as thousands of stops would be a trap.
pub fn focused_cell(ui: &Ui, grid: &Response, rows: usize, columns: usize) -> Option<(usize, usize)> {
    if !grid.has_focus() || rows == 0 || columns == 0 {
        return None;
    }
    let keeps = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(grid.id, keeps));
    let id = grid.id.with("focused cell");
    let (row, column) = ui.data(|data| data.get_temp(id)).unwrap_or((0_usize, 0_usize));
    let step = |back, on| ui.input(|i| i32::from(i.key_pressed(on)) - i32::from(i.key_pressed(back)));
    let moved = |at: usize, by: i32, most: usize| at.saturating_add_signed(by as isize).min(most - 1);
    let row = moved(row, step(Key::ArrowUp, Key::ArrowDown), rows);
    let column = moved(column, step(Key::ArrowLeft, Key::ArrowRight), columns);
    ui.data_mut(|data| data.insert_temp(id, (row, column)));
    Some((row, column))
}

/// Explains the cell of a grid that has the keyboard, as hovering it does. When the arrows have moved there, the cell is
/// scrolled into view.
pub fn explain_cell(ui: &Ui, grid: &Response, cell: Rect, text: String) {
    let arrows = [Key::ArrowUp, Key::ArrowDown, Key::ArrowLeft, Key::ArrowRight];
    if ui.input(|i| arrows.into_iter().any(|key| i.key_pressed(key))) {
        ui.scroll_to_rect(cell, None);
    }
    let id = grid.id.with("explained cell");
    eframe::egui::Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), id, cell).show(|ui| ui.label(text));
}
