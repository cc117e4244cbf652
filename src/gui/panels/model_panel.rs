//! Section 2 shows which pretrained model is used and its facts.

use std::path::Path;

use eframe::egui::{FontId, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::state::Loading;
use crate::app::train::TrainAction;
use crate::domain::config::ModelSource;
use crate::domain::message::{Progress, Task};
use crate::domain::params::{HeadStart, ParamTree};
use crate::gui::theme::{self, palette};
use crate::words::{Number, numbers, shared};

use super::label_map::label_map_ui;
use super::{Scene, parts};

/// The name of the model that the program carries.
const BUNDLED_NAME: &str = "all-MiniLM-L6-v2";

/// Draws the models to choose from.
pub fn choice_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let chosen = &scene.state.train.config.model;
    let mut picked = None;
    let bundled_note = scene.say("panel-bundled-model");
    if card(ui, *chosen == ModelSource::Bundled, BUNDLED_NAME, &bundled_note, None) {
        picked = Some(ModelSource::Bundled);
    }
    for (folder, title, note) in &folders(scene) {
        let source = ModelSource::Folder(folder.clone());
        if card(ui, *chosen == source, title, note, Some(&folder.display().to_string())) {
            picked = Some(source);
        }
    }
    if let Some(source) = picked.filter(|source| source != chosen) {
        scene.act(TrainAction::PickModel(source));
    }
    scene.hinted_button(ui, "panel-choose-model", true, Action::OpenDialog(Dialog::Model));
}

/// Shows the facts of the chosen model.
pub fn model_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    match &scene.state.train.model {
        Loading::Failed(problem) => parts::problem(ui, scene.words, problem),
        other => {
            if other.is_waiting() {
                let mut text = scene.say("panel-model-reading");
                if let Some(Progress { task: Task::LoadModel, done, total }) = scene.state.train.progress
                    && total > 0
                {
                    text = format!("{text}  {}", scene.words.write(Number::Progress(done as f64 / total as f64)));
                }
                ui.label(theme::muted(ui, text));
            }
            if let Some(tree) = other.latest().cloned() {
                facts(ui, scene, &tree);
                label_map_ui(ui, scene, &tree.facts);
            }
        }
    }
}

/// Lists each folder to choose from once: the one in use, recent ones, and those of the Hugging Face cache. Each has a
/// name and a line about where it is.
fn folders(scene: &Scene<'_>) -> Vec<(std::path::PathBuf, String, String)> {
    let mut found: Vec<(std::path::PathBuf, String, String)> = Vec::new();
    let cached = scene.state.hub.cached.iter().map(|model| {
        let note = scene.say_with("panel-cached-model", &[("size", &Number::Bytes(model.bytes))]);
        (model.folder.clone(), model.id.clone(), note)
    });
    let near = |path: &Path| path.parent().map_or_else(String::new, |p| p.display().to_string());
    let used = match &scene.state.train.config.model {
        ModelSource::Folder(folder) => Some(folder),
        ModelSource::Bundled => None,
    };
    let by_path = used.into_iter().chain(&scene.state.shell.settings.recent_models);
    // Cached models come first because people know their id, not the hash that their folder is called.
    let entries = cached.chain(by_path.map(|path| (path.clone(), shared::short_name(path), near(path))));
    for entry in entries {
        if !found.iter().any(|(folder, ..)| *folder == entry.0) {
            found.push(entry);
        }
    }
    found
}

/// Draws a model to choose, as wide as the panel: a round mark, the model's name, and a line about it.
fn card(ui: &mut Ui, selected: bool, title: &str, note: &str, hover: Option<&str>) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, selected, title));
    let p = palette(ui);
    let (fill, line) = match (selected, response.hovered() || response.has_focus()) {
        (true, _) => (p.accent_fill, p.accent),
        (false, true) => (theme::mix(p.card, p.accent, 0.06), p.accent),
        (false, false) => (p.card, p.line),
    };
    let painter = ui.painter();
    painter.rect(rect, 6.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let mark = pos2(rect.left() + 18.0, rect.center().y);
    painter.circle_stroke(mark, 6.5, Stroke::new(1.5, if selected { p.accent } else { p.outline }));
    if selected {
        painter.circle_filled(mark, 3.5, p.accent);
    }
    let left = rect.left() + 36.0;
    let width = rect.right() - 10.0 - left;
    let semibold = FontId::new(13.5, theme::semibold_family());
    let (galley, cut_title) = parts::fitted(ui, title, semibold, p.text, width);
    ui.painter().galley(pos2(left, rect.top() + 5.0), galley, p.text);
    let (galley, cut_note) = parts::fitted(ui, note, FontId::proportional(12.0), p.muted, width);
    ui.painter().galley(pos2(left, rect.top() + 23.0), galley, p.muted);
    let clicked = response.clicked();
    match hover {
        Some(hover) => response.on_hover_text(hover),
        None if cut_title || cut_note => response.on_hover_text(format!("{title}\n{note}")),
        None => response,
    };
    clicked
}

fn facts(ui: &mut Ui, scene: &Scene<'_>, tree: &ParamTree) {
    let facts = &tree.facts;
    parts::caption(ui, &scene.say_with("panel-model-facts", &[("model", &facts.name)]));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = 23.0;
        let mut fact = |id: &'static str, value: String| parts::fact(ui, scene.words, id, &value);
        fact("panel-fact-family", facts.family.clone());
        fact("panel-fact-layers", facts.layers.to_string());
        fact("panel-fact-hidden", numbers::count(facts.hidden_size));
        fact("panel-fact-intermediate", numbers::count(facts.intermediate_size));
        fact("panel-fact-heads", facts.heads.to_string());
        fact("panel-fact-parameters", numbers::count(tree.count()));
        fact("panel-fact-vocabulary", numbers::count(facts.vocabulary));
        fact("panel-fact-positions", numbers::count(facts.positions));
        fact("panel-fact-dropout", facts.hidden_dropout.to_string());
        fact("panel-fact-size", scene.words.write(Number::Bytes(facts.file_bytes)));
        if let Some(labels) = &facts.head_labels {
            let id = if facts.head == HeadStart::Kept { "panel-head-kept" } else { "panel-head-replaced" };
            fact("panel-fact-head", scene.say_with(id, &[("labels", &labels.join(", "))]));
        }
    });
    for note in &facts.notes {
        parts::sentence(ui, scene.words.sentence(note), palette(ui).muted);
    }
}
