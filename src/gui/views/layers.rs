//! The heat map of the layers has a row for each part of the model, from the head down, and a column for each sample
//! over the run's steps.

use eframe::egui::{
    Align2, Color32, FontFamily, FontId, Mesh, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::run::RunAction;
use crate::app::run::layers::{HeatMap, HeatRow, LayersAction, Quantity};
use crate::app::state::AppState;
use crate::domain::timeline::Rung;
use crate::words::{Catalogue, Number, numbers};

use super::super::matrix::elided;
use super::super::panels::parts::{chevron, rung_name, snowflake};
use super::super::save_plot::{Table, number};
use super::super::term::term_ui;
use super::super::theme::{self, space};
use super::Scene;

const NAME_WIDTH: f32 = 118.0;
const BAR_WIDTH: f32 = 64.0;
const AXIS_HEIGHT: f32 = 18.0;
/// The map shows at most this many samples, because the cells of more would be narrower than a pixel.
const MOST_COLUMNS: usize = 300;
/// The height of a row grows into the available room within these limits.
const ROW: std::ops::RangeInclusive<f32> = 17.0..=30.0;

/// These are matplotlib's viridis colours at eighths. They are even to the eye, in grey and for colour-blind people.
const VIRIDIS: [[u8; 3]; 9] = [
    [0x44, 0x01, 0x54],
    [0x47, 0x2D, 0x7B],
    [0x3B, 0x52, 0x8B],
    [0x2C, 0x72, 0x8E],
    [0x21, 0x91, 0x8C],
    [0x28, 0xAE, 0x80],
    [0x5E, 0xC9, 0x62],
    [0xAD, 0xDC, 0x30],
    [0xFD, 0xE7, 0x25],
];

fn viridis(place: f32) -> Color32 {
    let at = place.clamp(0.0, 1.0) * 8.0;
    let below = (at as usize).min(7);
    let [a, b] = [VIRIDIS[below], VIRIDIS[below + 1]].map(|[r, g, b]| Color32::from_rgb(r, g, b));
    theme::mix(a, b, at - below as f32)
}

pub fn layers_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let map = HeatMap::of(&scene.state.run.shown.history, &scene.state.run.layers, MOST_COLUMNS);
    switches_ui(ui, scene);
    let space = ui.available_rect_before_wrap();
    if map.rows.is_empty() {
        let is_new = scene.state.run.shown.history.steps.is_empty();
        let note = if is_new { scene.words.part("chart-layers", "empty") } else { scene.say("layers-none") };
        theme::centred_note(ui, space, &note);
        return;
    }
    let body = Rect::from_min_max(space.min, pos2(space.right() - BAR_WIDTH, space.bottom() - AXIS_HEIGHT));
    theme::inside(ui, body, |ui| {
        ScrollArea::vertical().id_salt("layers").auto_shrink(false).show(ui, |ui| {
            rows_ui(ui, &map, body, scene);
        });
    });
    let scale = Rect::from_min_max(pos2(body.right() + space::S, body.top()), pos2(space.right(), body.bottom()));
    bar_ui(ui, &map, scale, scene.state.run.layers.is_log);
    axis_ui(
        ui,
        &map,
        Rect::from_min_max(pos2(body.left() + NAME_WIDTH, body.bottom()), space.max),
        scene.state,
        scene.words,
    );
}

fn switches_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let shown = &scene.state.run.layers;
    let quantities = |ui: &mut Ui, scene: &mut Scene<'_>| {
        for (quantity, id) in [(Quantity::Drift, "layers-drift"), (Quantity::Gradient, "layers-gradient")] {
            let action = RunAction::Layers(LayersAction::Show(quantity));
            scene.choice(ui, id, shown.quantity == quantity, action).on_hover_text(scene.hint(id));
            if quantity == Quantity::Drift {
                term_ui(ui, scene.words, "glossary-drift");
            }
        }
    };
    let scale = |ui: &mut Ui, scene: &mut Scene<'_>| {
        let mut is_log = shown.is_log;
        if ui.checkbox(&mut is_log, scene.say("layers-log")).changed() {
            scene.act(RunAction::Layers(LayersAction::SetLog(is_log)));
        }
    };
    ui.horizontal(|ui| theme::ends(ui, scene, quantities, scale));
}

fn last_step(map: &HeatMap, state: &AppState) -> usize {
    let total = state.run.shown.history.started.as_ref().map_or(0, |started| started.total_steps);
    map.steps.last().copied().unwrap_or(1).max(total)
}

fn rows_ui(ui: &mut Ui, map: &HeatMap, view: Rect, scene: &mut Scene<'_>) {
    let (p, state) = (theme::palette(ui), scene.state);
    let layers = &state.run.layers;
    let height = (view.height() / map.rows.len() as f32).clamp(*ROW.start(), *ROW.end());
    let (area, _) = ui.allocate_exact_size(vec2(view.width(), height * map.rows.len() as f32), Sense::hover());
    let cells = Rect::from_min_max(pos2(area.left() + NAME_WIDTH, area.top()), area.max);
    let at_step = |step: usize| cells.left() + cells.width() * step as f32 / last_step(map, state) as f32;
    let edge = |column: usize| if column == 0 { cells.left() } else { at_step(map.steps[column - 1]) };
    let mut mesh = Mesh::default();
    for (i, row) in map.rows.iter().enumerate() {
        let (top, bottom) = (area.top() + i as f32 * height, area.top() + (i + 1) as f32 * height);
        for (column, (value, step)) in row.values.iter().zip(&map.steps).enumerate() {
            let rect = Rect::from_min_max(pos2(edge(column), top + 0.5), pos2(at_step(*step), bottom - 0.5));
            let fill = value.map_or(p.frozen_fill, |value| viridis(map.place(value, layers.is_log)));
            mesh.add_colored_rect(rect, fill);
        }
    }
    ui.painter().add(mesh);
    for (i, row) in map.rows.iter().enumerate() {
        let top = area.top() + i as f32 * height;
        let rect = Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), height));
        if !ui.is_rect_visible(rect) {
            continue;
        }
        name_ui(ui, row, Rect::from_min_size(rect.min, vec2(NAME_WIDTH, height)), scene);
        let end = map.steps.last().map_or(cells.left(), |step| at_step(*step));
        if row.values.iter().all(Option::is_none) && end - cells.left() > 60.0 {
            let font = FontId::new(11.0, FontFamily::Proportional);
            let at = pos2((cells.left() + end) / 2.0, rect.center().y);
            let text = nothing(layers.quantity, scene.words);
            ui.painter().text(at, Align2::CENTER_CENTER, text, font, p.frozen);
        }
    }
    let response = ui.interact(cells, ui.scope_id().with("cells"), Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, scene.say("chart-layers")));
    let focused = theme::focused_cell(ui, &response, map.rows.len(), map.steps.len());
    let pointed = response.hover_pos().and_then(|pointer| {
        let i = ((pointer.y - area.top()) / height) as usize;
        Some((i, (0..map.steps.len()).find(|&column| pointer.x <= at_step(map.steps[column]))?))
    });
    let Some((i, column)) = focused.or(pointed) else { return };
    let Some(row) = map.rows.get(i) else { return };
    let top = area.top() + i as f32 * height;
    let rect = Rect::from_min_max(pos2(edge(column), top), pos2(at_step(map.steps[column]), top + height));
    ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.5, p.text), eframe::egui::StrokeKind::Inside);
    let (name, value) = (row_name(row, scene.words), value_in_words(row.values[column], layers.quantity, scene.words));
    let text = scene.say_with("layers-cell", &[("row", &name), ("step", &map.steps[column]), ("value", &value)]);
    if focused.is_some() {
        theme::explain_cell(ui, &response, rect, text);
    } else {
        response.on_hover_text_at_pointer(text);
    }
}

/// Draws the name of a row with its mark. A click shows or hides the row's parameters.
fn name_ui(ui: &mut Ui, row: &HeatRow, rect: Rect, scene: &mut Scene<'_>) {
    let p = theme::palette(ui);
    let is_group = row.parameter.is_none();
    let sense = if is_group { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with((row.rung, &row.parameter)), sense);
    let name = row_name(row, scene.words);
    let newest = value_in_words(row.values.last().copied().flatten(), scene.state.run.layers.quantity, scene.words);
    let mut description = scene.say_with("layers-row", &[("row", &name), ("value", &newest)]);
    if row.is_frozen && row.values.last().is_some_and(Option::is_some) {
        description = format!("{description}, {}", scene.say("layers-frozen"));
    }
    let role = if is_group { Role::Button } else { Role::Label };
    response.widget_info(|| WidgetInfo::labeled(role, true, &description));
    if response.clicked() {
        scene.act(RunAction::Layers(LayersAction::Unfold(row.rung)));
    }
    let ink = if response.hovered() || response.has_focus() { p.accent } else { p.text };
    let left = rect.left() + if is_group { 15.0 } else { 20.0 };
    if is_group {
        let is_open = scene.state.run.layers.open.contains(&row.rung);
        chevron(ui.painter(), pos2(rect.left() + 6.0, rect.center().y), is_open, p.muted);
    }
    let right = rect.right() - if row.is_frozen { 20.0 } else { 6.0 };
    let size = if is_group { 12.5 } else { 11.0 };
    let shown = row.parameter.as_deref().map_or(name.as_str(), |name| shortened(row.rung, name));
    let galley = elided(ui, shown, &FontId::new(size, FontFamily::Proportional), ink, right - left);
    ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, ink);
    if row.is_frozen {
        let at = pos2(rect.right() - 11.0, rect.center().y);
        snowflake(ui.painter(), at, 5.0, Stroke::new(1.3, p.frozen));
    }
    response.on_hover_text(description);
}

/// Shortens a name to what the row above does not say already: `attention.self.query.weight`.
fn shortened(rung: Rung, name: &str) -> &str {
    match rung {
        Rung::Layer(index) => {
            let layer = format!("layer.{index}.");
            name.find(&layer).map_or(name, |at| &name[at + layer.len()..])
        }
        _ => name.split_once('.').map_or(name, |(_, rest)| rest),
    }
}

fn row_name(row: &HeatRow, words: &Catalogue) -> String {
    row.parameter.clone().unwrap_or_else(|| rung_name(words, row.rung))
}

fn nothing(quantity: Quantity, words: &Catalogue) -> String {
    words.say(if quantity == Quantity::Drift { "layers-frozen" } else { "layers-not-computed" })
}

fn value_in_words(value: Option<f64>, quantity: Quantity, words: &Catalogue) -> String {
    let id = if quantity == Quantity::Drift { "layers-drift-value" } else { "layers-gradient-value" };
    value.map_or_else(|| nothing(quantity, words), |value| words.say_with(id, &[("value", &Number::Figure(value))]))
}

/// Draws the colour scale with its values.
fn bar_ui(ui: &Ui, map: &HeatMap, rect: Rect, is_log: bool) {
    let bar = Rect::from_min_max(rect.min + vec2(0.0, 6.0), pos2(rect.left() + 10.0, rect.bottom() - 6.0));
    let mut mesh = Mesh::default();
    let parts = 48;
    for i in 0..parts {
        let at = |i: usize| bar.bottom() - bar.height() * i as f32 / parts as f32;
        let part = Rect::from_min_max(pos2(bar.left(), at(i + 1)), pos2(bar.right(), at(i)));
        mesh.add_colored_rect(part, viridis((i as f32 + 0.5) / parts as f32));
    }
    ui.painter().add(mesh);
    if map.range.is_none() {
        return;
    }
    let (low, high) = map.ends(is_log);
    let middle = if is_log { (low * high).sqrt() } else { high / 2.0 };
    let font = FontId::new(11.0, FontFamily::Proportional);
    let p = theme::palette(ui);
    for (value, y) in [(high, bar.top()), (middle, bar.center().y), (low, bar.bottom())] {
        let at = pos2(bar.right() + 4.0, y);
        ui.painter().text(at, Align2::LEFT_CENTER, short(value), font.clone(), p.muted);
    }
}

/// Writes three significant digits, because nobody reads a colour more precisely.
fn short(x: f64) -> String {
    if x == 0.0 || x.abs() >= 0.01 && x.abs() < 1000.0 {
        let digits = (2 - x.abs().max(1e-9).log10().floor() as i32).clamp(0, 4) as usize;
        return if x == 0.0 { "0".to_owned() } else { format!("{x:.digits$}") };
    }
    format!("{x:.1e}")
}

fn axis_ui(ui: &Ui, map: &HeatMap, rect: Rect, state: &AppState, words: &Catalogue) {
    let p = theme::palette(ui);
    let font = FontId::new(11.0, FontFamily::Proportional);
    let right = rect.right() - BAR_WIDTH;
    let text = |x: f32, align, text: String| {
        ui.painter().text(pos2(x, rect.top() + 3.0), align, text, font.clone(), p.muted);
    };
    text(rect.left(), Align2::LEFT_TOP, "0".to_owned());
    text((rect.left() + right) / 2.0, Align2::CENTER_TOP, words.say("chart-step"));
    text(right, Align2::RIGHT_TOP, numbers::count(last_step(map, state)));
}

/// Returns the map's numbers, with a row for each sample and a column for each row of the map.
pub fn layers_table(state: &AppState, words: &Catalogue) -> Table {
    let map = HeatMap::of(&state.run.shown.history, &state.run.layers, usize::MAX);
    let unit = words.say(if state.run.layers.quantity == Quantity::Drift {
        "layers-drift-axis"
    } else {
        "layers-gradient-axis"
    });
    let names = map.rows.iter().map(|row| format!("{}: {unit}", row_name(row, words)));
    let mut table = Table::new(std::iter::once(words.say("chart-step")).chain(names));
    for (column, step) in map.steps.iter().enumerate() {
        // A parameter that never trained has drifted by 0, but a gradient that was not computed has no number.
        let empty = if state.run.layers.quantity == Quantity::Drift { "0" } else { "" };
        let cells = map.rows.iter().map(|row| row.values[column].map_or_else(|| empty.to_owned(), number));
        table.rows.push(std::iter::once(step.to_string()).chain(cells).collect());
    }
    table
}
