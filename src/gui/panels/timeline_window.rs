//! The unfreezing timeline sets the network's rungs against the epochs. The user paints it with the mouse or toggles it
//! with the keyboard, in a window that the freezing's panel opens.

mod cells;
#[cfg(test)]
mod tests;

use eframe::egui::{
    self, Align, Button, DragValue, FontId, Label, Layout, Rect, RichText, ScrollArea, Sense, Ui, Vec2, pos2, vec2,
};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::state::Panel;
use crate::app::train::TrainAction;
use crate::app::train::timeline::{LayerRates, TimelineAction};
use crate::domain::freeze::Freeze;
use crate::domain::params::ParamTree;
use crate::domain::timeline::{MOST_FACTOR, Rung, Template, Unfreezing};
use crate::gui::floating::{floating, most_height};
use crate::gui::theme::{self, palette, space};
use crate::words::{Number, numbers};

use super::{Scene, parts};
use cells::Cells;

const WIDTH: f32 = 600.0;
/// The names and factors of the rungs take this width to the left of the cells.
const NAMES: f32 = 216.0;
/// The column of the learning rates that the factors give is this wide.
const RATE: f32 = 44.0;
const ROW: f32 = 24.0;
/// An epoch's column is between these widths.
const NARROW: f32 = 26.0;
const WIDE: f32 = 64.0;
/// The numbers of the epochs above the cells take this height.
const HEAD: f32 = 22.0;
/// The stages have this height, however many there are, so that the window does not grow and move under the mouse. In a
/// low window the list is shorter.
const STAGES: f32 = 122.0;
const FEWER_STAGES: f32 = 88.0;
/// What the plan costs, or what is wrong with it, has room for two lines.
const COST: f32 = 40.0;
/// All in the window but the cells and the stages takes about this height.
const OTHERS: f32 = 240.0;

fn act(scene: &mut Scene<'_>, action: TimelineAction) {
    scene.act(TrainAction::Timeline(action));
}

/// Draws the button that opens the window.
pub fn opener(ui: &mut Ui, scene: &mut Scene<'_>) {
    let open = scene.state.train.timeline.open;
    let button = Button::new(scene.say("timeline-open")).selected(open).min_size(vec2(0.0, space::CONTROL));
    if ui.add(button).on_hover_text(scene.hint("timeline-open")).clicked() {
        act(scene, TimelineAction::Show(!open));
    }
}

/// Returns how wide [`opener`] is going to be.
pub fn opener_width(ui: &Ui, scene: &Scene<'_>) -> f32 {
    let font = egui::TextStyle::Button.resolve(ui.style());
    let text = ui.painter().layout_no_wrap(scene.say("timeline-open"), font, egui::Color32::PLACEHOLDER);
    text.size().x + 2.0 * ui.spacing().button_padding.x
}

/// Says in one line, for the freezing's panel, how many stages there are and which of them the tree shows.
pub fn in_a_line(scene: &Scene<'_>) -> String {
    match &scene.state.train.timeline.plan {
        Some(plan) if plan.stages.len() > 1 => {
            let shown = scene.state.train.timeline.stage;
            let (stages, epoch) = (plan.stages.len(), plan.stages[shown].from_epoch);
            scene.say_with("timeline-in-a-line", &[("stages", &stages), ("stage", &(shown + 1)), ("epoch", &epoch)])
        }
        _ => scene.say("timeline-one-stage"),
    }
}

pub fn timeline_window(ui: &mut Ui, scene: &mut Scene<'_>) {
    if !scene.state.train.timeline.open {
        return;
    }
    let Some(tree) = scene.state.train.model.latest().cloned() else { return };
    let beside = ui.max_rect().right_top() + vec2(space::L, space::M);
    let title = theme::semibold(scene.say("timeline-title"));
    let stages_height = if most_height(ui) < 600.0 { FEWER_STAGES } else { STAGES };
    let most = (most_height(ui) - OTHERS - stages_height).max(120.0);
    floating(ui, scene, "timeline", title, beside, TrainAction::Timeline(TimelineAction::Show(false)), |ui, scene| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = space::S;
        let by_lesson = scene.state.lessons.locks(Panel::Freeze);
        let running = scene.state.is_running() || by_lesson;
        // The line has its room at all times, so nothing below it moves when a run begins.
        let reason = if by_lesson { "lesson-locked" } else { "panel-locked" };
        let line = theme::small_muted(ui, scene.say(reason));
        ui.add_visible(running, Label::new(line).truncate());
        ui.add_enabled_ui(!running, |ui| {
            templates(ui, scene);
            rates(ui, scene);
        });
        ScrollArea::vertical().id_salt("timeline rows").max_height(most).auto_shrink([false, true]).show(ui, |ui| {
            grid(ui, scene, &tree, running);
        });
        in_height(ui, stages_height, |ui| stages(ui, scene, &tree));
        in_height(ui, COST, |ui| cost(ui, scene));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            scene.hinted_button(ui, "timeline-open-file", !running, Action::OpenDialog(Dialog::OpenPlan));
            scene.hinted_button(ui, "timeline-save-file", true, Action::OpenDialog(Dialog::SavePlan));
        });
    });
}

/// Lays out `add` from the top of a place of this height.
fn in_height(ui: &mut Ui, height: f32, add: impl FnOnce(&mut Ui)) {
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, height), Sense::hover());
    theme::inside(ui, rect, add);
}

fn templates(ui: &mut Ui, scene: &mut Scene<'_>) {
    let has_room = scene.state.train.config.training.epochs > 1;
    ui.horizontal_wrapped(|ui| {
        ui.label(scene.say("timeline-templates"));
        for template in Template::ALL {
            let id = match template {
                Template::FromTop => "timeline-from-top",
                Template::HeadFirst => "timeline-head-first",
                Template::FromBottom => "timeline-from-bottom",
            };
            let action = TrainAction::Timeline(TimelineAction::UseTemplate(template));
            let button = scene.button(ui, id, has_room, action).on_hover_text(scene.hint(id));
            button.on_disabled_hover_text(scene.say("timeline-needs-epochs"));
        }
    });
}

fn rates(ui: &mut Ui, scene: &mut Scene<'_>) {
    let chosen = match &scene.state.train.config.freeze {
        Freeze::Timeline(timeline) => LayerRates::of(&timeline.learning_rates),
        _ => LayerRates::Same,
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(scene.say("timeline-rates"));
        for (rates, id) in [
            (LayerRates::Same, "timeline-rates-same"),
            (LayerRates::Ulmfit, "timeline-rates-ulmfit"),
            (LayerRates::Sun, "timeline-rates-sun"),
        ] {
            let button = ui.add(Button::new(scene.say(id)).selected(chosen == rates));
            if button.on_hover_text(scene.hint(id)).clicked() {
                act(scene, TimelineAction::SetLayerRates(rates));
            }
        }
    });
}

/// Draws the names at the left, which stay, and the epochs at the right, which scroll when there are many.
fn grid(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree, running: bool) {
    let rungs = Rung::all(tree);
    ui.spacing_mut().item_spacing = Vec2::ZERO;
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(vec2(NAMES, HEAD), Layout::top_down(Align::Min), |ui| {
            ui.set_width(NAMES);
            let (rect, _) = ui.allocate_exact_size(vec2(NAMES, HEAD), Sense::hover());
            let p = palette(ui);
            let font = FontId::proportional(12.0);
            for (right, id) in [(space::S + RATE, "timeline-factor"), (space::S, "timeline-rate")] {
                let at = pos2(rect.right() - right, rect.center().y);
                ui.painter().text(at, egui::Align2::RIGHT_CENTER, scene.say(id), font.clone(), p.muted);
            }
            for rung in &rungs {
                name_row(ui, scene, tree, *rung, running);
            }
        });
        let epochs = scene.state.train.config.training.epochs;
        let room = ui.available_width();
        let column = (room / epochs as f32).clamp(NARROW, WIDE);
        let size = vec2(column * epochs as f32, HEAD + ROW * rungs.len() as f32);
        ScrollArea::horizontal().id_salt("timeline epochs").max_width(room).show_viewport(ui, |ui, seen| {
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            // There may be a thousand epochs, so only the visible ones are drawn.
            let first = (seen.left() / column).floor().max(0.0) as usize;
            let last = ((seen.right() / column).ceil() as usize).min(epochs);
            let cells = Cells { rect, column, rungs: &rungs, epochs: first + 1..=last };
            cells.show(ui, scene, tree, running);
        });
    });
}

/// Draws a rung's name and its factor on the learning rate.
fn name_row(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree, rung: Rung, running: bool) {
    let (rect, _) = ui.allocate_exact_size(vec2(NAMES, ROW), Sense::hover());
    let name = parts::rung_name(scene.words, rung);
    let font = FontId::proportional(13.5);
    ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, &name, font, palette(ui).text);
    let factors: Vec<f64> = match &scene.state.train.timeline.plan {
        Some(plan) => rung.members(tree).map(|i| plan.factors[i]).collect(),
        None => vec![1.0],
    };
    let factor = factors[0];
    let is_mixed = factors.iter().any(|other| *other != factor);
    let right = rect.right() - space::S - RATE;
    let field = Rect::from_min_max(pos2(right - 72.0, rect.top() + 1.0), pos2(right, rect.bottom() - 1.0));
    let label = scene.say_with("timeline-factor-of", &[("rung", &name)]);
    let peak = scene.state.train.config.learning_rate() * factor;
    if !is_mixed {
        let at = pos2(rect.right() - space::S, rect.center().y);
        let (text, font) = (numbers::learning_rate(peak), FontId::proportional(12.0));
        ui.painter().text(at, egui::Align2::RIGHT_CENTER, text, font, palette(ui).muted);
    }
    let mut new = factor;
    theme::inside(ui, field, |ui| {
        // The field is as low as its row.
        ui.spacing_mut().interact_size.y = field.height();
        ui.spacing_mut().button_padding.y = 0.0;
        ui.add_enabled_ui(!running, |ui| {
            let drag = DragValue::new(&mut new)
                .range(1e-6..=MOST_FACTOR)
                .speed(factor_speed(factor))
                .max_decimals(6)
                .custom_formatter(move |x, _| if is_mixed { "…".to_owned() } else { factor_text(x) })
                .min_size(field.size())
                .update_while_editing(false);
            let response = ui.name_inputs(&label, |ui| ui.add(drag));
            let hint = scene.say_with("timeline-rate-of", &[("rate", &Number::LearningRate(peak))]);
            response.on_hover_text(format!("{label}\n{hint}"));
        });
    });
    if new != factor {
        act(scene, TimelineAction::SetFactor { rung, factor: new });
    }
}

/// Returns how far a dragged point changes a factor. A hundredth of the smallest factor would vanish in its six decimals,
/// and the field would be stuck there.
fn factor_speed(factor: f64) -> f64 {
    (factor * 0.01).max(1e-5)
}

/// Writes a factor with three significant digits: "0.385".
fn factor_text(factor: f64) -> String {
    let decimals = (2.0 - factor.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{factor:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Lists the stages in words. The user chooses here which stage the tree shows.
fn stages(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree) {
    let Some(plan) = scene.state.train.timeline.plan.clone() else {
        ui.label(theme::muted(ui, scene.say("timeline-same-throughout")));
        return;
    };
    if plan.stages.len() > 1 {
        ui.label(theme::small_muted(ui, scene.say("timeline-stages")));
    }
    ScrollArea::vertical().id_salt("timeline stages").auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (i, (stage, epochs)) in plan.within(scene.state.train.config.training.epochs).enumerate() {
            let (on, off) = tree.totals(&stage.trainable);
            let share = Number::Percent(on as f64 / (on + off).max(1) as f64);
            let last = stage.from_epoch + epochs - 1;
            let text = scene.say_with(
                "timeline-stage",
                &[
                    ("stage", &(i + 1)),
                    ("epochs", &epochs),
                    ("from", &stage.from_epoch),
                    ("to", &last),
                    ("trainable", &on),
                    ("share", &share),
                ],
            );
            if ui.selectable_label(scene.state.train.timeline.stage == i, RichText::new(text).size(13.0)).clicked() {
                act(scene, TimelineAction::ShowStage(i));
            }
        }
    });
}

/// Says what the plan costs on this machine, or why it cannot be trained.
fn cost(ui: &mut Ui, scene: &Scene<'_>) {
    if let Some(Err(problem)) = scene.state.train.timeline.plan.as_ref().map(Unfreezing::check) {
        return parts::problem(ui, scene.words, &problem);
    }
    let text = match (scene.state.train.estimate(), scene.state.train.memory_need()) {
        (Some(time), Some(memory)) => scene.say_with(
            "timeline-cost",
            &[
                ("time", &Number::Clock(time.total_secs)),
                ("first", &Number::Clock(time.first_epoch_secs)),
                ("memory", &Number::Bytes(memory.total_bytes())),
            ],
        ),
        _ => scene.say("timeline-cost-unknown"),
    };
    ui.add(Label::new(RichText::new(text).color(palette(ui).text)).wrap());
}
