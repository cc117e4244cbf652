//! A small question mark beside a word of the trade opens what the word means, in plain sentences.

use eframe::egui::{Align2, FontId, Label, Popup, Rect, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo, vec2};

use crate::words::Catalogue;

use super::theme::{self, palette};

const SIZE: f32 = 15.0;

/// Draws the question mark of the word that the message `id` names and explains.
pub fn term_ui(ui: &mut Ui, words: &Catalogue, id: &'static str) {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(SIZE), Sense::click());
    let name = words.say_with("glossary-question", &[("term", &words.say(id))]);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &name));
    let p = palette(ui);
    let ink = if response.hovered() { p.accent } else { p.muted };
    ui.painter().circle_stroke(rect.center(), 6.5, Stroke::new(1.0, ink));
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, "?", FontId::proportional(10.5), ink);
    Popup::menu(&response).show(|ui| {
        ui.set_max_width(300.0);
        ui.label(theme::semibold(words.say(id)));
        ui.add(Label::new(words.hint(id)).wrap().selectable(true));
    });
    response.on_hover_text(name);
}

/// Draws it with its left edge at the middle of the left side of this place.
pub fn term_at(ui: &mut Ui, words: &Catalogue, id: &'static str, place: Rect) {
    let rect = Rect::from_min_size(place.left_center() - vec2(0.0, SIZE / 2.0), Vec2::splat(SIZE));
    term_ui(&mut ui.new_child(UiBuilder::new().id_salt(("term", id)).max_rect(rect)), words, id);
}

/// The word of the trade in the name of a setting, if there is one.
pub fn of_setting(id: &str) -> Option<&'static str> {
    match id {
        "panel-epochs" => Some("glossary-epoch"),
        "panel-learning-rate" => Some("glossary-learning-rate"),
        "panel-checkpoint-minutes" => Some("glossary-checkpoint"),
        _ => None,
    }
}
