//! While files are dragged over the window, it says what may be dropped.

use eframe::egui::{Align, Frame, Id, LayerId, Layout, Order, Stroke, StrokeKind, Ui, UiBuilder};

use crate::app::dropped::MAY_BE_DROPPED;
use crate::words::Catalogue;

use super::theme::{self, space};

const WIDTH: f32 = 460.0;

pub fn drop_ui(ui: &Ui, words: &Catalogue) {
    let p = theme::palette(ui);
    let rect = ui.ctx().content_rect();
    let layer = LayerId::new(Order::Foreground, Id::unique("drop"));
    let mut ui = Ui::new(ui.ctx().clone(), layer.id, UiBuilder::new().layer_id(layer).max_rect(rect));
    ui.painter().rect_filled(rect, 0.0, p.accent_fill.gamma_multiply(0.85));
    ui.painter().rect_stroke(rect.shrink(8.0), 12.0, Stroke::new(2.0, p.accent), StrokeKind::Inside);
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        ui.add_space((rect.height() / 2.0 - 120.0).max(space::XL));
        Frame::new().fill(p.card).corner_radius(12).inner_margin(space::XL).show(ui, |ui| {
            ui.set_width(WIDTH.min(rect.width() - 4.0 * space::XL));
            ui.spacing_mut().item_spacing.y = space::S;
            ui.label(theme::title(words.say("drop-here")));
            for id in MAY_BE_DROPPED {
                ui.label(words.say(id));
            }
        });
    });
}
