//! The attention of one layer: a matrix of all tokens, and lines from one of them.

use eframe::egui::{
    Align2, Color32, ComboBox, Mesh, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::state::Loading;
use crate::app::why::WhyAction;
use crate::domain::explanation::AttentionMap;
use crate::words::numbers;

use super::super::super::problem::problem_ui;
use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, mix, space};
use super::super::Scene;

/// The matrix has at most so many cells on a side; of more tokens several share a cell, which shows the largest of theirs.
const MOST_CELLS: usize = 128;
/// At most so many tokens have lines.
const MOST_LINES: usize = 48;
const ROW: f32 = 18.0;

pub fn attention_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let shown = &scene.state.why.attention;
    let mut is_shown = shown.is_shown;
    if ui.checkbox(&mut is_shown, scene.say("why-attention")).on_hover_text(scene.hint("why-attention")).changed() {
        scene.act(WhyAction::ShowAttention(is_shown));
    }
    if !shown.is_shown {
        return;
    }
    ui.label(theme::small_muted(ui, scene.say("why-attention-caution")));
    match &shown.map {
        Loading::Failed(problem) => problem_ui(ui, scene.words, problem, theme::palette(ui).error),
        loading => {
            let Some(map) = loading.latest() else { return };
            super::as_plot(ui, scene, |ui, scene, rect| {
                controls_ui(ui, scene, map, rect);
                let head = scene.state.why.attention.head;
                ui.horizontal_wrapped(|ui| {
                    matrix_ui(ui, scene, map, head);
                    ui.add_space(space::L);
                    lines_ui(ui, scene, map, head);
                });
            });
        }
    }
}

/// Returns how much each token (down) takes from each (across), with exact numbers.
fn attention_table(map: &AttentionMap, head: Option<usize>) -> Table {
    let mut table = Table::new(std::iter::once(String::new()).chain(map.tokens.iter().cloned()));
    for (from, token) in map.tokens.iter().enumerate() {
        let weights = map.row(head, from).into_iter().map(|weight| save_plot::number(f64::from(weight)));
        table.rows.push(std::iter::once(token.clone()).chain(weights).collect());
    }
    table
}

fn controls_ui(ui: &mut Ui, scene: &mut Scene<'_>, map: &AttentionMap, rect: Rect) {
    let shown = &scene.state.why.attention;
    ui.horizontal_wrapped(|ui| {
        let label = ui.label(scene.say("why-layer"));
        let layers = ComboBox::from_id_salt("why-layer").width(56.0).selected_text(shown.layer.to_string());
        let opened = layers.show_ui(ui, |ui| {
            for layer in 0..map.layers {
                if ui.selectable_label(layer == shown.layer, layer.to_string()).clicked() {
                    scene.act(WhyAction::SetLayer(layer));
                }
            }
        });
        opened.response.labelled_by(label.id);
        let label = ui.label(scene.say("why-head"));
        let name = |head: Option<usize>| head.map_or_else(|| scene.say("why-all-heads"), |head| head.to_string());
        let heads = ComboBox::from_id_salt("why-head").width(90.0).selected_text(name(shown.head));
        let mut chosen = None;
        let opened = heads.show_ui(ui, |ui| {
            for head in std::iter::once(None).chain((0..map.heads).map(Some)) {
                if ui.selectable_label(head == shown.head, name(head)).clicked() {
                    chosen = Some(head);
                }
            }
        });
        opened.response.labelled_by(label.id);
        if let Some(head) = chosen {
            scene.act(WhyAction::SetHead(head));
        }
        let (title, head) = (scene.say("why-attention"), shown.head);
        save_plot::button(ui, scene, &title, rect, |_| attention_table(map, head));
    });
}

/// One row for each token that looks, one column for each that is looked at.
fn matrix_ui(ui: &mut Ui, scene: &mut Scene<'_>, map: &AttentionMap, head: Option<usize>) {
    let p = theme::palette(ui);
    let n = map.tokens.len();
    let (per_cell, side) = (n.div_ceil(MOST_CELLS), n.div_ceil(n.div_ceil(MOST_CELLS)));
    let cell = (240.0 / side as f32).clamp(2.0, 16.0);
    let (rect, response) = ui.allocate_exact_size(vec2(cell, cell) * side as f32, Sense::click());
    let name = scene.say("why-matrix");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    let mut mesh = Mesh::default();
    for row in 0..side {
        let mut cells = vec![0f32; side];
        for from in row * per_cell..((row + 1) * per_cell).min(n) {
            for (to, weight) in map.row(head, from).into_iter().enumerate() {
                cells[to / per_cell] = cells[to / per_cell].max(weight);
            }
        }
        for (column, weight) in cells.into_iter().enumerate() {
            let at = rect.min + vec2(column as f32, row as f32) * cell;
            // Small weights would not be told apart otherwise.
            mesh.add_colored_rect(Rect::from_min_size(at, vec2(cell, cell)), mix(p.well, p.right_cell, weight.sqrt()));
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.0, p.line), eframe::egui::StrokeKind::Outside);
    let at = response.hover_pos().map(|at| ((at - rect.min) / cell).max(vec2(0.0, 0.0)));
    let place = |x: f32| (x as usize * per_cell).min(n.saturating_sub(1));
    if let Some((from, to)) = at.map(|at| (place(at.y), place(at.x))) {
        let weight = numbers::ratio(f64::from(map.row(head, from)[to]));
        let (from_token, to_token) = (&map.tokens[from], &map.tokens[to]);
        let told = scene.say_with("why-cell", &[("from", from_token), ("to", to_token), ("weight", &weight)]);
        if response.on_hover_text(told).clicked() {
            scene.act(WhyAction::ChooseToken(from));
        }
    }
}

/// The tokens twice, with lines from the chosen one to those that it takes from, as thick as it takes.
fn lines_ui(ui: &mut Ui, scene: &mut Scene<'_>, map: &AttentionMap, head: Option<usize>) {
    let p = theme::palette(ui);
    let from = scene.state.why.attention.token;
    let n = map.tokens.len().min(MOST_LINES);
    let (rect, _) = ui.allocate_exact_size(vec2(300.0, ROW * n as f32), Sense::hover());
    let font = TextStyle::Small.resolve(ui.style());
    let weights = map.row(head, from);
    let (left, right) = (rect.left() + 100.0, rect.right() - 100.0);
    let middle = |row: usize| rect.top() + ROW * (row as f32 + 0.5);
    for (row, token) in map.tokens.iter().take(n).enumerate() {
        let place = Rect::from_min_size(pos2(rect.left(), rect.top() + ROW * row as f32), vec2(100.0, ROW));
        let response = ui.interact(place, ui.scope_id().with(("token", row)), Sense::click());
        let is_chosen = row == from;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, token));
        let colour = if is_chosen { p.accent } else { p.text };
        let shown: String = token.chars().take(14).collect();
        ui.painter().text(pos2(left - 4.0, middle(row)), Align2::RIGHT_CENTER, &shown, font.clone(), colour);
        ui.painter().text(pos2(right + 4.0, middle(row)), Align2::LEFT_CENTER, &shown, font.clone(), p.text);
        let weight = weights[row];
        let ink: Color32 = mix(p.card, p.right_cell, weight.sqrt());
        if from < n && weight > 0.01 {
            let line = [pos2(left, middle(from)), pos2(right, middle(row))];
            ui.painter().line_segment(line, Stroke::new(0.5 + 5.0 * weight, ink));
        }
        if response.clicked() {
            scene.act(WhyAction::ChooseToken(row));
        }
    }
}
