//! The learning-rate finder has a window of its own, which is opened beside the learning rate.

use std::ops::RangeInclusive;

use eframe::egui::{Button, Color32, Label, RichText, Role, Stroke, Ui, WidgetInfo, vec2};
use egui_plot::{GridMark, Line, LineStyle, Plot, PlotPoint, PlotPoints, VLine};

use crate::app::train::TrainAction;
use crate::app::train::rate::{RateAction, RatePhase};
use crate::domain::message::RunOutcome;
use crate::domain::rate_sweep::{HIGHEST_RATE, LOWEST_RATE, RatePoint, SWEEP_STEPS};
use crate::gui::axis::{GRID_UNIT, Scale, small_font, x_axis, y_axis};
use crate::gui::chart::Mark;
use crate::gui::floating::floating;
use crate::gui::legend::{self, Entry};
use crate::gui::marks::on_screen;
use crate::gui::placing::Crowd;
use crate::gui::save_plot::{self, Table};
use crate::gui::theme::{self, palette, space};
use crate::words::{Number, numbers};

use super::Scene;

const WIDTH: f32 = 480.0;
const PLOT_HEIGHT: f32 = 220.0;
/// The axis leaves this much room before the first and after the last rate, in powers of ten.
const MARGIN: f64 = 0.2;
/// The loss axis ends at this multiple of the first mean, because beyond it the loss has exploded.
const SHOWN_ABOVE_FIRST: f64 = 1.5;

/// Draws the button that opens the window.
pub fn opener(ui: &mut Ui, scene: &mut Scene<'_>) {
    let button = theme::link_button(ui, &scene.say("rate-open"));
    if button.on_hover_text(scene.hint("rate-open")).clicked() {
        scene.act(TrainAction::Rate(RateAction::Show(!scene.state.train.rate.open)));
    }
}

pub fn rate_window(ui: &mut Ui, scene: &mut Scene<'_>) {
    if !scene.state.train.rate.open {
        return;
    }
    let beside = ui.max_rect().right_top() + vec2(space::L, space::M);
    let title = theme::semibold(scene.say("rate-title"));
    floating(
        ui,
        scene,
        "learning-rate finder",
        title,
        beside,
        TrainAction::Rate(RateAction::Show(false)),
        |ui, scene| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing.y = space::S;
            ui.add(Label::new(theme::small_muted(ui, scene.say("rate-intro"))).wrap());
            let card = theme::card_around(ui);
            let heading = scene.say("rate-plot");
            let colour = curve_colours(ui).0;
            let entry = |id, mark| Entry { name: scene.say(id), colour, mark };
            let entries = [entry("rate-loss-batch", Mark::Faint), entry("rate-loss-smoothed", Mark::Curve)];
            legend::heading(ui, &heading, "", &entries, 1, |ui| save_plot::button(ui, scene, &heading, card, table));
            let result = result(scene);
            plot(ui, scene, &result);
            ui.add(Label::new(&result).wrap());
            buttons(ui, scene);
        },
    );
}

/// Says how far the finder has got, or what it found.
fn result(scene: &Scene<'_>) -> String {
    let rate = &scene.state.train.rate;
    if rate.is_sweeping() {
        return match rate.points.len() {
            0 => scene.say("rate-waiting"),
            step => scene.say_with("rate-progress", &[("step", &step), ("steps", &SWEEP_STEPS)]),
        };
    }
    let Some(swept) = &rate.swept else { return scene.say("rate-empty") };
    let usual = numbers::learning_rate(swept.usual);
    match (swept.outcome, swept.suggestion) {
        (RunOutcome::Stopped, _) => scene.say("rate-stopped"),
        (RunOutcome::Failed, _) => swept.error.as_ref().map(|e| scene.words.problem(e)).unwrap_or_default(),
        (RunOutcome::Completed, None) => scene.say_with("rate-none", &[("usual", &usual)]),
        (RunOutcome::Completed, Some(suggestion)) => {
            scene.say_with("rate-suggests", &[("rate", &Number::LearningRate(suggestion)), ("usual", &usual)])
        }
    }
}

fn buttons(ui: &mut Ui, scene: &mut Scene<'_>) {
    let rate = &scene.state.train.rate;
    if rate.is_sweeping() {
        let share = rate.points.len() as f32 / SWEEP_STEPS as f32;
        let is_free = rate.phase == RatePhase::Sweeping;
        ui.horizontal(|ui| {
            theme::bar(ui, share, vec2(WIDTH - 180.0, 8.0), palette(ui).accent, &scene.say("rate-title"));
            scene.button(ui, "rate-stop", is_free, TrainAction::Rate(RateAction::Stop));
        });
        return;
    }
    let is_stale = rate.is_stale(&scene.state.train.config);
    let (suggestion, chosen) = (rate.suggestion(), scene.state.train.config.training.learning_rate);
    let start = scene.say(if rate.swept.is_some() { "rate-again" } else { "rate-start" });
    if is_stale && rate.swept.is_some() {
        let colour = palette(ui).warning;
        ui.add(Label::new(RichText::new(scene.say("rate-stale")).color(colour).size(13.0)).wrap());
    }
    ui.horizontal(|ui| {
        let blocker = scene.state.train_blocker();
        let why = blocker.as_ref().map(|problem| scene.words.sentence(problem)).unwrap_or_default();
        let fitting = suggestion.filter(|_| !is_stale);
        let button = if fitting.is_some() {
            ui.add_enabled(blocker.is_none(), Button::new(start).min_size(vec2(0.0, space::CONTROL)))
        } else {
            theme::primary_button(ui, &start, blocker.is_none())
        };
        if button.on_disabled_hover_text(why).clicked() {
            scene.act(TrainAction::Rate(RateAction::Start));
        }
        let Some(suggestion) = fitting else { return };
        let is_used = chosen == Some(suggestion);
        let text = match is_used {
            true => scene.say("rate-used"),
            false => scene.say_with("rate-use", &[("rate", &Number::LearningRate(suggestion))]),
        };
        if theme::primary_button(ui, &text, !is_used && scene.state.can_use_rate()).clicked() {
            scene.act(TrainAction::Rate(RateAction::Use));
        }
    });
}

/// Draws the legend of the running mean and of the single batches.
fn curve_colours(ui: &Ui) -> (Color32, Color32) {
    let colour = palette(ui).train_curve;
    (colour, colour.gamma_multiply(0.35))
}

/// Draws the loss against the logarithm of the rate.
fn curve(points: &[RatePoint], of: impl Fn(&RatePoint) -> f64) -> PlotPoints<'static> {
    PlotPoints::new(points.iter().map(|p| [p.learning_rate.log10(), of(p)]).collect())
}

fn plot(ui: &mut Ui, scene: &Scene<'_>, result: &str) {
    let p = palette(ui);
    let thick = theme::thickness(ui);
    let (colour, faint) = curve_colours(ui);
    let points = &scene.state.train.rate.points;
    let x_axis = x_axis(ui, &scene.say("rate-axis")).formatter(power_of_ten);
    let y_axis = y_axis(ui, &scene.say("rate-loss")).formatter(|mark, shown| Scale::Even.tick(mark, shown));
    let first = points.first().map_or(1.0, |p| p.smoothed);
    let top = first * SHOWN_ABOVE_FIRST;
    let lowest = points.iter().map(|p| p.smoothed.min(p.loss)).fold(first, f64::min);
    let bottom = (lowest - 0.05 * first).max(0.0);
    let names = [scene.say("rate-loss-batch"), scene.say("rate-loss-smoothed")];
    let axis = scene.say("rate-axis");
    let suggestion = scene.state.train.rate.suggestion();
    let shown = Plot::new("learning-rate finder")
        .height(PLOT_HEIGHT)
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .label_formatter(move |at| match at {
            egui_plot::HoverPosition::NearDataPoint { plot_name, position, .. } => {
                let rate = numbers::learning_rate(10_f64.powf(position.x));
                Some(format!("{plot_name}\n{axis} {rate}\n{:.4}", position.y))
            }
            _ => None,
        })
        .x_grid_spacer(|input| {
            let (from, to) = input.bounds;
            let powers = from.ceil() as i32..=to.floor() as i32;
            powers.map(|power| GridMark { value: f64::from(power), step_size: 1.0 }).collect()
        })
        .y_grid_spacer(|input| Scale::Even.marks(input, 30.0 / GRID_UNIT, 0.0))
        .default_x_bounds(LOWEST_RATE.log10() - MARGIN, HIGHEST_RATE.log10() + MARGIN)
        .default_y_bounds(bottom, top)
        .auto_bounds(false)
        .grid_color(p.grid)
        .show_background(false)
        .show_crosshair(false)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_boxed_zoom(false)
        .show(ui, |plot| {
            // The bounds follow the points, which arrive one by one.
            plot.set_plot_bounds_y(bottom..=top);
            let [batch, mean] = names;
            plot.line(Line::new(batch, curve(points, |p| p.loss)).color(faint).width(thick));
            plot.line(Line::new(mean, curve(points, |p| p.smoothed)).color(colour).width(2.0 * thick));
            if let Some(rate) = suggestion {
                let x = rate.log10();
                let stroke = Stroke::new(1.5 * thick, p.accent);
                let line = VLine::new(String::new(), x).stroke(stroke).style(LineStyle::dashed_dense());
                plot.vline(line.allow_hover(false));
            }
        });
    if let Some(rate) = suggestion {
        // The name stands beside its line, but on no curve and wholly within the plot.
        let (transform, frame) = (shown.transform, *shown.transform.frame());
        let of =
            |of: fn(&RatePoint) -> f64| points.iter().map(|p| [p.learning_rate.log10(), of(p)]).collect::<Vec<_>>();
        let lines = [of(|p| p.loss), of(|p| p.smoothed)].map(|points| on_screen(&points, &transform));
        let text = scene.say_with("rate-mark", &[("rate", &Number::LearningRate(rate))]);
        let x = transform.position_from_point(&PlotPoint::new(rate.log10(), top)).x;
        Crowd::new(frame, &lines).write_beside(&ui.painter().with_clip_rect(frame), &text, small_font(), p.accent, x);
    }
    let response = shown.response;
    let summary = scene.say_with("rate-plot-summary", &[("points", &points.len()), ("result", &result)]);
    response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, &summary));
}

fn power_of_ten(mark: GridMark, _range: &RangeInclusive<f64>) -> String {
    format!("1e{:.0}", mark.value)
}

fn table(scene: &Scene<'_>) -> Table {
    let mut table = Table::new(["rate-axis", "rate-loss-batch", "rate-loss-smoothed"].map(|id| scene.say(id)));
    for point in &scene.state.train.rate.points {
        table.rows.push([point.learning_rate, point.loss, point.smoothed].map(save_plot::number).to_vec());
    }
    table
}
