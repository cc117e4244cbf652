//! The map of texts: the test rows as points, before and after fine-tuning; beside them what a linear probe reads after each
//! layer, and the words that tell the selection from the other rows. A line drawn around points selects them.

mod plot;
mod side;

use eframe::egui::{self, ComboBox, Label, ProgressBar, Rect, Role, Slider, Ui, WidgetInfo, vec2};

use crate::app::state::Loading;
use crate::app::text_map::{MapColouring, TextMapAction, TextMapState};
use crate::domain::predictions::ExploredRows;
use crate::domain::selected::SelectedRows;
use crate::domain::text_map::{LayerPoints, MapMethod, TextMap};
use crate::words::Number;

use super::super::super::legend;
use super::super::super::problem::problem_ui;
use super::super::super::save_plot::{self, Table, number};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::super::live::empty_note;

pub use side::{probes_ui, words_ui};

const SLIDER: f32 = 110.0;
const CHOICE: f32 = 130.0;

fn colouring_id(colouring: MapColouring) -> &'static str {
    match colouring {
        MapColouring::Label => "map-by-label",
        MapColouring::Predicted => "map-by-predicted",
        MapColouring::Error => "map-by-error",
        MapColouring::Confidence => "map-by-confidence",
        MapColouring::Run => "map-by-run",
    }
}

pub fn map_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &ExploredRows, selected: &SelectedRows) {
    let state = &scene.state.text_map;
    match &state.map {
        Loading::Ready(map) => ready_ui(ui, scene, map, rows, selected),
        Loading::Failed(problem) => {
            let colour = theme::palette(ui).error;
            problem_ui(ui, scene.words, problem, colour);
            ui.add_space(space::S);
            scene.button(ui, "explore-retry", true, TextMapAction::Retry);
        }
        Loading::Nothing => empty_note(ui, &scene.say("explore-later")),
        Loading::Waiting(..) => {
            ui.add(Label::new(scene.say("map-waiting")).wrap());
            progress_ui(ui, scene, state);
            scene.button(ui, "explore-cancel", true, TextMapAction::Cancel);
        }
    }
}

fn progress_ui(ui: &mut Ui, scene: &Scene<'_>, state: &TextMapState) {
    let progress = state.progress.filter(|progress| progress.total > 0);
    let share = progress.map_or(0.0, |progress| progress.done as f32 / progress.total as f32);
    let bar = ui.add(ProgressBar::new(share).desired_width(ui.available_width().min(420.0)));
    bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, scene.say("stage-text-map")));
}

fn ready_ui(ui: &mut Ui, scene: &mut Scene<'_>, map: &TextMap, rows: &ExploredRows, selected: &SelectedRows) {
    let state = &scene.state.text_map;
    let (title, card) = (scene.say("map-title"), theme::card_around(ui));
    let points = state.points();
    let classes = plot::Classes::of(ui, scene, map);
    legend::heading(ui, &title, &scene.hint("map-title"), &classes.legend(), 1, |ui| {
        save_plot::button(ui, scene, &title, card, |scene| export(scene, map, points.as_ref()));
    });
    controls_ui(ui, scene, map);
    let note = note(scene, map);
    let width = ui.available_width();
    let font = egui::TextStyle::Small.resolve(ui.style());
    let muted = theme::palette(ui).muted;
    let galley = ui.painter().layout(note, font, muted, width);
    let below = galley.size().y + space::XS;
    let size = vec2(width, (ui.available_height() - below).max(60.0));
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    match points {
        Some(points) => plot::plots_ui(ui, rect, scene, (map, &points, &classes), rows, selected),
        None if scene.state.text_map.tsne.failed().is_some() => {
            if let Some(problem) = scene.state.text_map.tsne.failed() {
                theme::inside(ui, rect, |ui| problem_ui(ui, scene.words, problem, theme::palette(ui).error));
            }
        }
        None => theme::centred_note(ui, rect, &scene.say("map-not-yet")),
    }
    ui.add(Label::new(galley));
}

/// Draws the layer, the method and what the colours say.
fn controls_ui(ui: &mut Ui, scene: &mut Scene<'_>, map: &TextMap) {
    let state = &scene.state.text_map;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::S, space::XS);
        let label = ui.label(theme::small_muted(ui, scene.say("map-layer"))).on_hover_text(scene.hint("map-layer"));
        let mut layer = state.layer();
        let slider = Slider::new(&mut layer, 0..=map.layers.len().saturating_sub(1));
        let moved = ui.scope(|ui| {
            theme::slider_look(ui, theme::palette(ui).card);
            ui.spacing_mut().slider_width = SLIDER;
            ui.add(slider).labelled_by(label.id)
        });
        if moved.inner.changed() {
            scene.act(TextMapAction::SetLayer(layer));
        }
        for (method, id) in [(MapMethod::Pca, "map-pca"), (MapMethod::Tsne, "map-tsne")] {
            let chosen = state.method == method;
            scene.choice(ui, id, chosen, TextMapAction::SetMethod(method)).on_hover_text(scene.hint(id));
        }
        // The choice and its name stay in one line.
        let name = scene.say("map-colour");
        let name_width = theme::text_width(ui, &name, egui::TextStyle::Small);
        let size = vec2(name_width + CHOICE + 2.0 * space::S, ui.spacing().interact_size.y);
        ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
            let label = ui.label(theme::small_muted(ui, &name));
            let combo = ComboBox::from_id_salt("map colouring").width(CHOICE).truncate();
            let response = combo.selected_text(scene.say(colouring_id(state.colouring))).show_ui(ui, |ui| {
                for colouring in MapColouring::ALL {
                    if ui.selectable_label(state.colouring == colouring, scene.say(colouring_id(colouring))).clicked() {
                        scene.act(TextMapAction::Colour(colouring));
                    }
                }
            });
            response.response.labelled_by(label.id);
        });
        if state.tsne.is_waiting() && state.method == MapMethod::Tsne {
            let share = state.progress.map_or(0.0, |progress| progress.done as f64 / progress.total.max(1) as f64);
            ui.label(theme::small_muted(ui, scene.say_with("map-moving", &[("share", &Number::Progress(share))])));
            scene.button(ui, "map-stop", true, TextMapAction::Cancel);
        }
    });
}

/// Says of which rows the points are and what their places mean.
fn note(scene: &Scene<'_>, map: &TextMap) -> String {
    let state = &scene.state.text_map;
    let layer = state.layer();
    let rows = scene.say_with("map-rows", &[("rows", &map.rows.len()), ("all", &map.test_rows)]);
    let has_before = map.layers.iter().any(|layer| layer.before.is_some());
    let shares = map.shares.get(layer).copied().unwrap_or_default();
    let means = match (state.method, has_before) {
        (MapMethod::Pca, true) => scene.say_with("map-pca-both", &[("share", &Number::Percent(shares[0] + shares[1]))]),
        (MapMethod::Pca, false) => scene.say_with("map-pca-one", &[("share", &Number::Percent(shares[0] + shares[1]))]),
        (MapMethod::Tsne, true) => scene.say("map-tsne-both"),
        (MapMethod::Tsne, false) => scene.say("map-tsne-one"),
    };
    let mut parts = vec![rows, means];
    if !map.precision.is_default() {
        parts.push(scene.say_with("map-precision", &[("precision", &map.precision.name())]));
    }
    if has_before && layer < map.unchanged {
        parts.push(scene.say("map-same"));
    }
    parts.push(scene.say("map-lasso"));
    parts.join(" ")
}

fn export(scene: &Scene<'_>, map: &TextMap, points: Option<&LayerPoints>) -> Table {
    let heads = ["explore-column-row", "map-layer"].map(|id| scene.say(id));
    let axes = ["x", "y"].map(str::to_owned);
    let before = ["map-before-x", "map-before-y"].map(|id| scene.say(id));
    let answers = ["results-true", "results-predicted", "explore-column-confidence"].map(|id| scene.say(id));
    let mut table = Table::new(heads.into_iter().chain(axes).chain(before).chain(answers));
    let Some(points) = points else { return table };
    let layer = scene.state.text_map.layer().to_string();
    let label = |id: u32| map.labels.get(id as usize).cloned().unwrap_or_default();
    for ((i, row), after) in map.rows.iter().enumerate().zip(points.after.iter()) {
        let before = points.before.as_ref().and_then(|before| before.get(i));
        let cell = |axis: usize| before.map_or_else(String::new, |before| number(f64::from(before[axis])));
        let own = [row.row.to_string(), layer.clone(), number(f64::from(after[0])), number(f64::from(after[1]))];
        let answer = [label(row.label), label(row.predicted), number(row.confidence)];
        table.rows.push(own.into_iter().chain([cell(0), cell(1)]).chain(answer).collect());
    }
    table
}

/// Returns where the plot, the probes and the words lie.
pub fn places(body: Rect, is_wide: bool, side: f32) -> [Rect; 3] {
    use eframe::egui::pos2;
    let gap = space::S;
    if is_wide {
        let (left, middle) = (body.right() - side, body.top() + (body.height() - gap) * 0.5);
        return [
            Rect::from_min_max(body.min, pos2(left - gap, body.bottom())),
            Rect::from_min_max(pos2(left, body.top()), pos2(body.right(), middle)),
            Rect::from_min_max(pos2(left, middle + gap), body.max),
        ];
    }
    let (below, middle) = (body.top() + (body.height() - gap) * 0.62, body.left() + (body.width() - gap) * 0.5);
    [
        Rect::from_min_max(body.min, pos2(body.right(), below)),
        Rect::from_min_max(pos2(body.left(), below + gap), pos2(middle, body.bottom())),
        Rect::from_min_max(pos2(middle + gap, below + gap), body.max),
    ]
}
