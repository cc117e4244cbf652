//! The left side of the window has four numbered sections, one of which is open.

mod charts;
mod class_weights;
mod columns;
mod data_panel;
mod few_rows;
mod freeze_panel;
mod guess;
mod health;
mod hub_window;
mod label_map;
mod meter;
mod model_panel;
mod parameter;
pub(super) mod parts;
mod rate_window;
#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;
mod timeline_window;
mod training_panel;
mod tree;
mod tree_rows;

use eframe::egui::{
    self, Align, FontId, Layout, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::app::action::Action;
use crate::app::first_steps::FirstStep;
use crate::app::state::{Loading, Panel};
use crate::gui::first_steps;
use crate::gui::scene::Scene;
use crate::gui::theme::{self, palette, space};
use crate::words::{Fill, Number, shared};

pub use parts::whole_in;

const PANELS: [Panel; 4] = [Panel::Data, Panel::Model, Panel::Freeze, Panel::Training];

/// These are the heights of a section's header: with its summary below the title, without it, and of the open section.
const HEADER_ROOMY: f32 = 46.0;
const HEADER_TIGHT: f32 = 32.0;
const HEADER_OPEN: f32 = 36.0;
/// If the whole side is lower than this, the headers leave out their summaries.
const ROOMY_FROM: f32 = 520.0;
/// The open section never gets lower than this. The side scrolls instead.
const BODY_MIN: f32 = 240.0;

/// Draws the whole left side of the window into `ui`, and the small windows that were opened from it.
pub fn panels_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ScrollArea::vertical().id_salt("panels").auto_shrink(false).show(ui, |ui| accordion(ui, scene));
    parameter::parameter_window(ui, scene);
    hub_window::hub_window(ui, scene);
    timeline_window::timeline_window(ui, scene);
    rate_window::rate_window(ui, scene);
}

fn accordion(ui: &mut Ui, scene: &mut Scene<'_>) {
    let available = ui.available_height();
    let closed = if available >= ROOMY_FROM { HEADER_ROOMY } else { HEADER_TIGHT };
    let body_height = (available - HEADER_OPEN - closed * (PANELS.len() - 1) as f32 - 1.0).max(BODY_MIN);
    ui.spacing_mut().item_spacing.y = 0.0;
    for (i, panel) in PANELS.into_iter().enumerate() {
        let open = scene.state.shell.panel == panel;
        let height = if open { HEADER_OPEN } else { closed };
        if header(ui, scene, i + 1, panel, open, height).clicked() && !open {
            scene.act(Action::ShowPanel(panel));
        }
        if open {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), body_height), Sense::hover());
            body(ui, scene, panel, rect);
        }
    }
}

fn body(ui: &mut Ui, scene: &mut Scene<'_>, panel: Panel, rect: Rect) {
    let margin = vec2(space::M, 0.0);
    let inner = Rect::from_min_max(rect.min + margin, rect.max - margin - vec2(0.0, space::S));
    let mut ui = ui.new_child(UiBuilder::new().id_salt(("panel", panel)).max_rect(inner));
    let ui = &mut ui;
    ui.shrink_clip_rect(rect);
    ui.spacing_mut().item_spacing.y = space::S;
    if panel == Panel::Freeze {
        freeze_panel::freeze_ui(ui, scene);
        return;
    }
    // The scroll bar lies in the margin, so that nothing moves when it appears.
    let wide = Rect::from_min_max(inner.min, pos2(rect.right(), inner.bottom()));
    let mut outer = ui.new_child(UiBuilder::new().id_salt("scrolled").max_rect(wide));
    ScrollArea::vertical().auto_shrink(false).show(&mut outer, |ui| {
        ui.set_max_width(inner.width());
        ui.set_width(inner.width());
        let locked = lock(scene, panel).is_some();
        if panel == Panel::Model {
            ui.add_enabled_ui(!locked, |ui| model_panel::choice_ui(ui, scene));
            // Downloads are possible during a run.
            hub_window::opener(ui, scene);
        }
        if panel == Panel::Data {
            ui.add_enabled_ui(!locked, |ui| data_panel::source_ui(ui, scene));
            // The rows behind a finding may be looked at during a run.
            health::health_ui(ui, scene);
        }
        ui.add_enabled_ui(!locked, |ui| match panel {
            Panel::Data => data_panel::data_ui(ui, scene),
            Panel::Model => model_panel::model_ui(ui, scene),
            Panel::Training => training_panel::training_ui(ui, scene),
            Panel::Freeze => {}
        });
        ui.add_space(space::S);
    });
}

/// Says why nothing in this section can be changed now.
fn lock(scene: &Scene<'_>, panel: Panel) -> Option<&'static str> {
    match (scene.state.is_running(), scene.state.lessons.locks(panel)) {
        (true, _) => Some("panel-locked"),
        (false, true) => Some("lesson-locked-short"),
        (false, false) => None,
    }
}

fn header(ui: &mut Ui, scene: &Scene<'_>, number: usize, panel: Panel, open: bool, height: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    let p = palette(ui);
    let title = scene.say(match panel {
        Panel::Data => "panel-data",
        Panel::Model => "panel-model",
        Panel::Freeze => "panel-freeze",
        Panel::Training => "panel-training",
    });
    let step = match panel {
        Panel::Training => Some(FirstStep::RowLimit),
        Panel::Freeze => Some(FirstStep::Thaw),
        Panel::Data | Panel::Model => None,
    };
    if let Some(step) = step {
        first_steps::mark(ui, scene, step, false, rect);
    }
    let (summary, mood) = summary(scene, panel);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{number} {title}")));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_expanded(open);
        node.set_description(summary.clone());
    });
    let painter = ui.painter();
    if response.hovered() && !open {
        painter.rect_filled(rect, 0.0, theme::mix(p.side, p.accent, 0.06));
    }
    if number > 1 {
        painter.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, p.line));
    }
    let shows_summary = !open && height >= HEADER_ROOMY;
    let line = if shows_summary { rect.top() + 15.0 } else { rect.center().y };
    let badge = pos2(rect.left() + space::M + 9.0, if shows_summary { rect.center().y } else { line });
    let (fill, digit) = if open { (p.accent, p.card) } else { (p.well, p.muted) };
    painter.circle_filled(badge, 9.5, fill);
    let semibold = |size| FontId::new(size, theme::semibold_family());
    painter.text(badge, egui::Align2::CENTER_CENTER, number, semibold(12.0), digit);
    let left = rect.left() + space::M + 27.0;
    let right = rect.right() - space::M - 16.0;
    let name = painter.text(pos2(left, line), egui::Align2::LEFT_CENTER, &title, semibold(14.0), p.text);
    parts::chevron(painter, pos2(right + 10.0, rect.center().y), open, p.muted);
    if let Some(reason) = lock(scene, panel).filter(|_| open) {
        // The header has room for this at all times, so nothing below it moves when a run begins.
        let place = Rect::from_min_max(pos2(name.right() + space::S, rect.top()), pos2(right, rect.bottom()));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(place).layout(Layout::right_to_left(Align::Center)));
        let reason = theme::small_muted(&ui, scene.say(reason));
        theme::cut(&mut ui, reason);
    }
    let mut elided = false;
    if shows_summary {
        let colour = match mood {
            Mood::Fine => p.muted,
            Mood::Warning => p.warning,
            Mood::Failed => p.error,
        };
        let (galley, cut) = parts::fitted(ui, &summary, FontId::proportional(12.0), colour, right - left);
        ui.painter().galley(pos2(left, rect.top() + 25.0), galley, colour);
        elided = cut;
    }
    if elided || (!open && !shows_summary) { response.on_hover_text(summary) } else { response }
}

/// How a closed section stands.
#[derive(Clone, Copy)]
enum Mood {
    Fine,
    Warning,
    Failed,
}

/// Returns what a closed section says in one line, and whether there is reason to open it.
fn summary(scene: &Scene<'_>, panel: Panel) -> (String, Mood) {
    let state = scene.state;
    let fine = |text: String| (text, Mood::Fine);
    match panel {
        Panel::Data => match (&state.train.dataset, state.train.dataset.latest()) {
            (Loading::Failed(_), _) => (scene.say("panel-data-failed"), Mood::Failed),
            (_, Some(data)) => {
                let counts = [("file", &data.name as &dyn Fill), ("rows", &data.rows), ("classes", &data.labels.len())];
                let text = scene.say_with("panel-data-summary", &counts);
                match health::warnings(scene) {
                    0 => fine(text),
                    count => {
                        let title = scene.say_with("health-title", &[("count", &count)]);
                        (format!("{title} · {text}"), Mood::Warning)
                    }
                }
            }
            _ => fine(scene.say("panel-data-reading")),
        },
        Panel::Model => match (&state.train.model, state.train.model.latest()) {
            (Loading::Failed(_), _) => (scene.say("panel-model-failed"), Mood::Failed),
            (_, Some(tree)) => fine(
                scene.say_with("panel-model-summary", &[("model", &tree.facts.name), ("layers", &tree.facts.layers)]),
            ),
            _ => fine(scene.say("panel-model-reading")),
        },
        Panel::Freeze => {
            let preset = shared::freezing(scene.words, &state.train.config.freeze);
            let Some((on, off)) = state.train.totals() else { return fine(preset) };
            let share = Number::Percent(on as f64 / (on + off).max(1) as f64);
            fine(scene.say_with("panel-freeze-summary", &[("preset", &preset), ("share", &share)]))
        }
        Panel::Training => {
            let training = &state.train.config.training;
            let rate = Number::LearningRate(state.train.config.learning_rate());
            let settings = scene.say_with("panel-training-summary", &[("epochs", &training.epochs), ("rate", &rate)]);
            let Some(estimate) = state.train.estimate() else { return fine(settings) };
            let time = Number::Clock(estimate.total_secs);
            fine(scene.say_with("panel-training-summary-time", &[("settings", &settings), ("time", &time)]))
        }
    }
}
