//! Section 3 shows what trains: the presets, the share that trains, and the tree of all parameters.

use eframe::egui::{
    self, Align, Button, DragValue, FontId, Id, Label, Layout, Rect, Response, RichText, Sense, Stroke, TextEdit, Ui,
    Vec2, pos2, vec2,
};

use crate::app::state::{Loading, Panel};
use crate::app::train::TrainAction;
use crate::domain::coach::AdvicePlace;
use crate::domain::freeze::Freeze;
use crate::domain::params::ParamTree;
use crate::gui::term::term_ui;
use crate::gui::theme::{self, Tone, palette, space};
use crate::words::{Number, shared};

use super::{Scene, parts};
use super::{timeline_window, tree_rows};

pub fn freeze_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let Some(tree) = scene.state.train.model.latest().cloned() else {
        match &scene.state.train.model {
            Loading::Failed(problem) => parts::problem(ui, scene.words, problem),
            _ => {
                ui.label(theme::muted(ui, scene.say("panel-model-reading")));
            }
        }
        return;
    };
    let shown = ui.scope(|ui| presets(ui, scene, &tree)).response;
    if scene.state.run.coach.marked == Some(AdvicePlace::Freeze) {
        theme::mark(ui, shown.rect.expand(space::XS));
    }
    totals(ui, scene);
    super::meter::meter_ui(ui, scene);
    ui.horizontal(|ui| {
        let opener = timeline_window::opener_width(ui, scene);
        let width = (ui.available_width() - opener - ui.spacing().item_spacing.x).max(80.0);
        ui.allocate_ui(vec2(width, space::CONTROL), |ui| filter(ui, scene));
        timeline_window::opener(ui, scene);
    });
    tree_rows::rows(ui, scene, &tree);
}

/// Describes in one line what trains under this freezing of this model.
fn explanation(scene: &Scene<'_>, tree: &ParamTree, freeze: &Freeze) -> String {
    // Models other than BERT have no pooler, so they need another hint.
    let hint = if tree.has_pooler() { "hint" } else { "hint-no-pooler" };
    match freeze {
        Freeze::Preset1 => scene.hint("freeze-preset-1"),
        Freeze::Preset2 => scene.words.part("freeze-preset-2", hint),
        Freeze::Preset3 => scene.words.part("freeze-preset-3", hint),
        Freeze::Full => scene.hint("freeze-full"),
        Freeze::Top(0) => scene.words.part("freeze-preset-2", hint),
        Freeze::Top(k) if tree.has_pooler() => scene.say_with("freeze-top-hint", &[("k", k)]),
        Freeze::Top(k) => scene.say_with("freeze-top-hint-no-pooler", &[("k", k)]),
        Freeze::Biases => scene.hint("freeze-biases"),
        Freeze::Names(_) | Freeze::Plan(_) => scene.hint("freeze-custom"),
        Freeze::Timeline(_) => timeline_window::in_a_line(scene),
    }
}

fn presets(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree) {
    let chosen = scene.state.train.config.freeze.clone();
    let locked = scene.state.is_running() || scene.state.lessons.locks(Panel::Freeze);
    let memory = Id::unique("last k of the preset top k");
    let k = match chosen {
        Freeze::Top(k) => k,
        _ => ui.data(|d| d.get_temp(memory)).unwrap_or(2).min(tree.facts.layers),
    };
    let mut picked = None;
    ui.add_enabled_ui(!locked, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
            ui.spacing_mut().button_padding.x = 9.0;
            for (preset, id) in [
                (Freeze::Preset1, "freeze-preset-1"),
                (Freeze::Preset2, "freeze-preset-2"),
                (Freeze::Preset3, "freeze-preset-3"),
                (Freeze::Full, "freeze-full"),
                (Freeze::Top(k), "freeze-top"),
                (Freeze::Biases, "freeze-biases"),
            ] {
                if preset_button(ui, scene, tree, &preset, id, preset == chosen).clicked() {
                    picked = Some(preset.clone());
                }
                if matches!(preset, Freeze::Top(_)) {
                    picked = top_number(ui, scene, k, tree.facts.layers).or(picked.take());
                }
            }
        });
    });
    if let Some(freeze) = picked {
        if let Freeze::Top(k) = freeze {
            ui.data_mut(|d| d.insert_temp(memory, k));
        }
        scene.act(TrainAction::SetFreeze(freeze));
    }
    ui.spacing_mut().item_spacing.y = 6.0;
    explain(ui, scene, tree, &chosen);
}

/// Explains the chosen freezing. The explanation always has the height of the longest one, so that nothing below it
/// jumps.
fn explain(ui: &mut Ui, scene: &Scene<'_>, tree: &ParamTree, chosen: &Freeze) {
    const ALL: [Freeze; 6] =
        [Freeze::Preset1, Freeze::Preset2, Freeze::Preset3, Freeze::Full, Freeze::Top(24), Freeze::Biases];
    let font = FontId::proportional(13.0);
    let width = ui.available_width();
    let height_of = |freeze: &Freeze| {
        let text = explanation(scene, tree, freeze);
        ui.painter().layout(text, font.clone(), egui::Color32::PLACEHOLDER, width).size().y
    };
    let height = ALL.iter().map(height_of).fold(20.0, f32::max);
    ui.allocate_ui_with_layout(vec2(width, height), Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(vec2(width, height));
        if matches!(chosen, Freeze::Names(_) | Freeze::Plan(_)) {
            theme::chip(ui, &scene.say("freeze-custom"), Tone::Neutral);
        }
        let text = RichText::new(explanation(scene, tree, chosen)).font(font.clone()).color(palette(ui).muted);
        ui.add(Label::new(text).wrap());
    });
}

/// Draws the k of the preset "top k". Another k chooses that preset.
fn top_number(ui: &mut Ui, scene: &Scene<'_>, k: usize, layers: usize) -> Option<Freeze> {
    let mut new_k = k;
    let name = scene.say("freeze-top-number");
    let drag =
        DragValue::new(&mut new_k).prefix("k = ").range(0..=layers).speed(0.05).min_size(vec2(30.0, space::CONTROL));
    let response = ui.add(drag).on_hover_text(&name);
    // What stands before the number would be its name for screen readers.
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
    (new_k != k).then_some(Freeze::Top(new_k))
}

fn preset_button(
    ui: &mut Ui,
    scene: &Scene<'_>,
    tree: &ParamTree,
    preset: &Freeze,
    id: &'static str,
    selected: bool,
) -> Response {
    let p = palette(ui);
    let text = RichText::new(scene.words.part(id, "short"));
    let text = if selected { text.family(theme::semibold_family()).color(p.accent) } else { text };
    let stroke = Stroke::new(1.0, if selected { p.accent } else { p.outline });
    let fill = if selected { p.accent_fill } else { p.card };
    let button = Button::new(text).fill(fill).stroke(stroke).min_size(vec2(30.0, space::CONTROL)).selected(selected);
    let response = ui.add(button);
    let name = shared::freezing(scene.words, preset);
    response.accessible_name(&name).on_hover_ui(|ui| {
        ui.set_max_width(300.0);
        ui.label(theme::semibold(name));
        ui.label(explanation(scene, tree, preset));
        if let Ok(trainable) = preset.resolve(tree) {
            ui.label(theme::muted(ui, share_text(scene, tree.totals(&trainable))));
        }
    })
}

/// Returns e.g. "trains 1,923,074 of 22,713,986 (8.5 %)".
fn share_text(scene: &Scene<'_>, (on, off): (usize, usize)) -> String {
    let all = on + off;
    let share = Number::Percent(on as f64 / all.max(1) as f64);
    scene.say_with("panel-trains", &[("on", &on), ("all", &all), ("share", &share)])
}

fn totals(ui: &mut Ui, scene: &Scene<'_>) {
    let Some((on, off)) = scene.state.train.totals() else { return };
    let p = palette(ui);
    let text = share_text(scene, (on, off));
    let mut line = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        let left = |ui: &mut Ui, line: &mut Option<Response>| {
            *line = Some(ui.add(Label::new(theme::semibold(&text).size(13.5)).truncate()));
        };
        theme::ends(ui, &mut line, left, |ui, _| term_ui(ui, scene.words, "glossary-frozen"));
    });
    let (rect, bar) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    let share = on as f32 / (on + off).max(1) as f32;
    let painter = ui.painter();
    painter.rect_filled(rect, 4.0, theme::mix(p.frozen_fill, p.frozen, 0.35));
    if on > 0 {
        // The bar fills from the right because that is where the end of the network is.
        let left = (rect.right() - (rect.width() * share).max(4.0)).max(rect.left());
        painter.rect_filled(Rect::from_min_max(pos2(left, rect.top()), rect.max), 4.0, p.trainable);
    }
    let hint = scene.say_with("panel-trains-hint", &[("frozen", &off)]);
    let all = line.map_or(bar.clone(), |line| line.union(bar));
    all.on_hover_text(hint);
}

fn filter(ui: &mut Ui, scene: &mut Scene<'_>) {
    let mut text = scene.state.train.tree.filter.clone();
    let name = scene.say("panel-filter");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let clear = if text.is_empty() { 0.0 } else { 24.0 };
        let edit = TextEdit::singleline(&mut text)
            .id_salt("filter of the tree")
            .hint_text(&name)
            .align(egui::Align2::LEFT_CENTER)
            .min_size(vec2(0.0, space::CONTROL))
            .desired_width(ui.available_width() - clear);
        let response = ui.add(edit).accessible_name(&name);
        if response.changed() {
            scene.act(TrainAction::SetFilter(text.clone()));
        }
        let name = scene.say("panel-filter-clear");
        if clear > 0.0 && parts::cross_button(ui, &name, Vec2::splat(20.0), 4.0, 1.5).clicked() {
            scene.act(TrainAction::SetFilter(String::new()));
        }
    });
}
