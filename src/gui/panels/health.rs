//! The health of the data: one line when all is well, else a line for each finding, which opens the rows behind it.

use eframe::egui::collapsing_header::CollapsingState;
use eframe::egui::{
    Align, Button, EventFilter, FontId, Id, Key, Label, Layout, Modifiers, Rect, Response, RichText, Role, ScrollArea,
    Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::domain::health::{Finding, FoundRow, PartName};
use crate::gui::theme::{self, palette, space};
use crate::words::{Catalogue, health};

use super::{Scene, parts};

/// More rows than this scroll.
const ROWS: usize = 7;
const ROW_HEIGHT: f32 = 20.0;
const MOST_LABEL_WIDTH: f32 = 84.0;
const MARK_WIDTH: f32 = 16.0;

/// How many findings the user should think about before training.
pub fn warnings(scene: &Scene<'_>) -> usize {
    let of_data = scene.state.train.dataset.latest().map_or(&[][..], |data| &data.findings);
    of_data.iter().chain(&of_model(scene)).filter(|finding| finding.found.is_warning()).count()
}

/// What was found of how the model reads the texts.
fn of_model(scene: &Scene<'_>) -> Vec<Finding> {
    let model = scene.state.train.model.latest().map_or("", |tree| tree.facts.name.as_str());
    scene.state.train.legibility.as_ref().map(|found| found.findings(model)).unwrap_or_default()
}

pub fn health_ui(ui: &mut Ui, scene: &Scene<'_>) {
    let dataset = &scene.state.train.dataset;
    let Some(data) = dataset.latest().filter(|_| dataset.failed().is_none()) else { return };
    let of_model = of_model(scene);
    let mut findings: Vec<&Finding> = data.findings.iter().chain(&of_model).collect();
    findings.sort_by_key(|finding| finding.found.rank());
    if findings.is_empty() {
        ui.label(theme::small_muted(ui, scene.say("health-well"))).on_hover_text(scene.hint("health-title"));
        return;
    }
    let title = scene.say_with("health-title", &[("count", &findings.len())]);
    parts::caption(ui, &title).on_hover_text(scene.hint("health-title"));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.spacing_mut().interact_size.y = ROW_HEIGHT;
        ui.spacing_mut().button_padding.y = 1.0;
        for (i, finding) in findings.iter().enumerate() {
            // A list that was opened stays open only for what it showed.
            let id = ui.make_persistent_id(("finding", data.content_hash, i));
            finding_ui(ui, scene.words, id, finding);
        }
    });
}

/// Draws the line of a finding, which opens its sentence and its rows.
fn finding_ui(ui: &mut Ui, words: &Catalogue, id: Id, finding: &Finding) {
    let p = palette(ui);
    let sentence = health::finding(words, finding);
    let colour = if finding.found.is_warning() { p.warning } else { p.text };
    let title = RichText::new(health::title(words, &finding.found)).size(13.0).color(colour);
    let mut open = CollapsingState::load_with_default_open(ui.ctx(), id, false);
    ui.horizontal(|ui| {
        let (mark, _) = ui.allocate_exact_size(vec2(MARK_WIDTH, ROW_HEIGHT), Sense::hover());
        parts::chevron(ui.painter(), mark.center(), open.is_open(), p.muted);
        let line = ui.add(Button::new(title).truncate().frame(false));
        ui.ctx().accesskit_node_builder(line.id, |node| node.set_expanded(open.is_open()));
        if line.on_hover_text(&sentence).clicked() {
            open.toggle(ui);
        }
    });
    open.store(ui.ctx());
    if open.is_open() {
        ui.horizontal_top(|ui| {
            ui.add_space(MARK_WIDTH + ui.spacing().item_spacing.x);
            ui.add(Label::new(theme::small_muted(ui, sentence)).wrap().selectable(true));
        });
        rows_ui(ui, words, id, finding);
    }
}

/// Lists the rows, which the arrow keys scroll once the list has the focus.
fn rows_ui(ui: &mut Ui, words: &Catalogue, id: Id, finding: &Finding) {
    if finding.rows.is_empty() {
        return;
    }
    let widest = finding.rows.iter().max_by_key(|row| (row.file != PartName::Train, row.row));
    // Digits differ in width, and none is wider than 0.
    let widest = widest.map(|row| health::place(words, row)).unwrap_or_default();
    let widest = widest.replace(|c: char| c.is_ascii_digit(), "0");
    let width_of = |text: String| {
        let galley = ui.painter().layout_no_wrap(text, FontId::proportional(13.0), palette(ui).muted);
        galley.size().x.ceil() + 2.0
    };
    let longest = finding.rows.iter().map(|row| &row.label).max_by_key(|label| label.chars().count());
    let widths = (width_of(widest), longest.map_or(0.0, |label| width_of(label.clone())).min(MOST_LABEL_WIDTH));
    let height = finding.rows.len().min(ROWS) as f32 * ROW_HEIGHT;
    let focus = id.with("rows");
    let is_focused = ui.memory(|memory| memory.has_focus(focus));
    let area = ScrollArea::vertical().id_salt(id).max_height(height).min_scrolled_height(height);
    let listed = ui
        .scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            area.auto_shrink([false, true]).show_rows(ui, ROW_HEIGHT, finding.rows.len(), |ui, range| {
                if is_focused {
                    scroll_by_keys(ui, height);
                }
                for i in range {
                    let row = &finding.rows[i];
                    row_ui(ui, &health::place(words, row), widths, row);
                }
            })
        })
        .inner;
    if finding.rows.len() > ROWS {
        let list = ui.interact(listed.inner_rect, focus, Sense::focusable_noninteractive());
        let title = health::title(words, &finding.found);
        list.widget_info(|| WidgetInfo::labeled(Role::List, true, &title));
        mark_focus(ui, &list);
    }
}

fn row_ui(ui: &mut Ui, place: &str, (place_width, label_width): (f32, f32), row: &FoundRow) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let left = rect.left() + MARK_WIDTH + space::S;
    let cells = [
        (left, place_width, RichText::new(place).color(p.muted)),
        (left + place_width + space::S, label_width, RichText::new(&row.label).color(p.accent)),
        (
            left + place_width + label_width + 2.0 * space::S,
            rect.right() - left - place_width - label_width - 2.0 * space::S,
            RichText::new(row.texts()).color(p.text),
        ),
    ];
    for (x, width, text) in cells {
        let cell = Rect::from_min_size(pos2(x, rect.top()), vec2(width.max(0.0), ROW_HEIGHT));
        let layout = Layout::left_to_right(Align::Center);
        let mut ui = ui.new_child(UiBuilder::new().id_salt(x.to_bits()).max_rect(cell).layout(layout));
        ui.add(Label::new(text.size(13.0)).truncate().show_tooltip_when_elided(false));
    }
    let second = row.second.as_deref().map(|second| format!("\n{second}")).unwrap_or_default();
    response.on_hover_text(format!("{place}  {}\n{}{second}", row.label, row.text));
}

fn scroll_by_keys(ui: &Ui, height: f32) {
    const FAR: f32 = 1e6;
    let page = height - ROW_HEIGHT;
    let steps = [
        (Key::ArrowUp, ROW_HEIGHT),
        (Key::ArrowDown, -ROW_HEIGHT),
        (Key::PageUp, page),
        (Key::PageDown, -page),
        (Key::Home, FAR),
        (Key::End, -FAR),
    ];
    for (key, by) in steps {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            ui.scroll_with_delta(vec2(0.0, by));
        }
    }
}

/// Draws where the focus is, and keeps the arrow keys in the list that has it.
fn mark_focus(ui: &Ui, list: &Response) {
    if list.has_focus() {
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(list.id, filter));
        let stroke = Stroke::new(1.5, palette(ui).accent);
        ui.painter().rect_stroke(list.rect, 3.0, stroke, StrokeKind::Inside);
    }
}
