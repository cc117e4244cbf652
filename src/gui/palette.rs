//! The palette floats over everything: a field to search in, and what was found. It keeps the keyboard while it is open.

use eframe::egui::{
    Align2, FontId, Id, Key, Modal, Modifiers, Rect, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::palette::{ENTRIES, PaletteAction};
use crate::app::update::entry_blocker;

use super::floating;
use super::scene::Scene;
use super::shortcuts;
use super::theme::{self, space};

const WIDTH: f32 = 520.0;
const ROW: f32 = 30.0;
/// The list always has this height, so that nothing moves while one types.
const LIST: f32 = 12.0 * ROW;

pub fn palette_ui(ui: &Ui, scene: &mut Scene<'_>) {
    let id = Id::unique("palette");
    floating::keep_focus(ui, id, scene.state.palette.open);
    if !scene.state.palette.open {
        return;
    }
    let height = LIST.min(ui.ctx().content_rect().height() - 240.0);
    let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, 64.0));
    let modal = Modal::new(id).area(area).show(ui.ctx(), |ui| contents(ui, scene, height));
    if modal.should_close() {
        scene.act(PaletteAction::Show(false));
    }
}

fn contents(ui: &mut Ui, scene: &mut Scene<'_>, height: f32) {
    ui.set_width(WIDTH);
    ui.spacing_mut().item_spacing.y = space::S;
    let palette = &scene.state.palette;
    let found = palette.found();
    // The keys are taken before the field sees them.
    let (up, down, enters) = ui.input_mut(|i| {
        let mut count = |key| i.count_and_consume_key(Modifiers::NONE, key);
        (count(Key::ArrowUp), count(Key::ArrowDown), count(Key::Enter) > 0)
    });
    let chosen = (palette.chosen + down).saturating_sub(up).min(found.len().saturating_sub(1));
    if chosen != palette.chosen {
        scene.act(PaletteAction::Choose(chosen));
    }
    let mut query = palette.query.clone();
    let name = scene.say("palette-search");
    let edit = TextEdit::singleline(&mut query).id_salt("palette query").hint_text(&name).desired_width(f32::INFINITY);
    let field = ui.add(edit.min_size(vec2(0.0, space::CONTROL))).accessible_name(&name);
    field.request_focus();
    if field.changed() {
        scene.act(PaletteAction::Search(query));
    }
    ScrollArea::vertical()
        .id_salt("palette list")
        .max_height(height)
        .min_scrolled_height(height)
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (at, place) in found.iter().enumerate() {
                row_ui(ui, scene, *place, at == chosen, up + down > 0);
            }
        });
    let place = found.get(chosen).copied();
    let p = theme::palette(ui);
    let (text, colour) = match (place, place.and_then(|place| entry_blocker(scene.state, place))) {
        (None, _) => (scene.say("palette-none"), p.muted),
        (_, Some(problem)) => (scene.words.sentence(&problem), p.warning),
        _ => (scene.say("palette-keys"), p.muted),
    };
    ui.label(theme::small_muted(ui, text).color(colour));
    if let Some(place) = place.filter(|_| enters) {
        scene.act(PaletteAction::Do(place));
    }
}

/// Draws an entry of the table: what it belongs to, its name and its keys.
fn row_ui(ui: &mut Ui, scene: &mut Scene<'_>, place: usize, chosen: bool, moved: bool) {
    let entry = &ENTRIES[place];
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::CLICK);
    if chosen && moved {
        response.scroll_to_me(None);
    }
    let (group, name) = (scene.say(entry.group), scene.say(entry.name));
    let said = scene.say_with("palette-entry", &[("group", &group), ("name", &name)]);
    let can = entry_blocker(scene.state, place).is_none();
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, can, chosen, &said));
    if response.clicked() {
        scene.act(PaletteAction::Do(place));
    }
    if !ui.is_rect_visible(rect) {
        return;
    }
    let p = theme::palette(ui);
    if chosen || response.hovered() {
        let fill = if chosen { p.accent_fill } else { theme::mix(p.card, p.accent, 0.06) };
        ui.painter().rect_filled(rect, 4.0, fill);
    }
    let ink = if can { p.text } else { p.muted };
    let write = |left: f32, text: String, font, ink| {
        let galley = ui.painter().layout_no_wrap(text, font, ink);
        let at = pos2(left, rect.center().y - galley.size().y / 2.0);
        let width = galley.size().x;
        ui.painter().galley(at, galley, ink);
        left + width
    };
    let font = |size| FontId::proportional(size);
    let after = write(rect.left() + space::S, format!("{group}:"), font(12.5), p.muted);
    write(after + 6.0, name, font(14.0), ink);
    let keys = shortcuts::in_words(ui.ctx(), entry);
    let keys = ui.painter().layout_no_wrap(keys, font(12.5), p.muted);
    let at = Rect::from_center_size(rect.center(), rect.size() - vec2(2.0 * space::S, 0.0));
    let at = pos2(at.right() - keys.size().x, rect.center().y - keys.size().y / 2.0);
    ui.painter().galley(at, keys, p.muted);
}
