//! An opened parameter shows its values, how they are distributed, and whether it trains.

use eframe::egui::{Grid, Label, RichText, Ui, vec2};

use crate::app::state::Loading;
use crate::app::train::TrainAction;
use crate::domain::params::{HeadStart, ParamTree, ParameterView, ValuesOf};
use crate::gui::floating::floating;
use crate::gui::problem::problem_ui;
use crate::gui::theme::{self, Tone, palette, space};
use crate::words::{Number, numbers};

use super::tree::shape_text;
use super::{Scene, parts};

const WIDTH: f32 = 330.0;
/// The small grid shows this many values in a row.
const ACROSS: usize = 4;

/// Draws the opened parameter, if there is one, in a small window beside the panels.
pub fn parameter_window(ui: &mut Ui, scene: &mut Scene<'_>) {
    let Some((name, loading)) = &scene.state.train.tree.opened else { return };
    let beside = ui.max_rect().right_top() + vec2(space::L, space::XL);
    let title = theme::semibold(name).size(13.0);
    floating(ui, scene, "opened parameter", title, beside, TrainAction::OpenParameter(None), |ui, scene| {
        ui.set_width(WIDTH);
        let trains =
            scene.state.train.model.latest().and_then(|tree| requires_grad(tree, &scene.state.train.trainable, name));
        match loading {
            Loading::Failed(problem) => {
                let colour = palette(ui).error;
                problem_ui(ui, scene.words, problem, colour);
            }
            other => match other.latest() {
                Some(view) => view_ui(ui, scene, view, trains),
                None => {
                    ui.label(theme::muted(ui, scene.say("panel-parameter-reading")));
                }
            },
        }
    });
}

fn requires_grad(tree: &ParamTree, trainable: &[bool], name: &str) -> Option<bool> {
    let index = tree.parameters.iter().position(|p| p.name == name)?;
    trainable.get(index).copied()
}

/// Says whose values are shown, and offers the others where there are two.
fn whose_ui(ui: &mut Ui, scene: &mut Scene<'_>, view: &ParameterView) {
    if view.run.is_some() {
        ui.horizontal(|ui| {
            for (of, id) in [(ValuesOf::Model, "panel-values-before"), (ValuesOf::Run, "panel-values-after")] {
                scene.choice(ui, id, view.of == of, TrainAction::ShowValuesOf(of));
            }
        });
    }
    // A new head's first values are random. They are the model's only if it brought a head for the same labels.
    let head = scene.state.train.model.latest().map(|tree| tree.facts.head);
    let is_new = view.name.starts_with("classifier.") && head != Some(HeadStart::Kept);
    let whose = match (view.of, &view.run) {
        (ValuesOf::Run, Some(dir)) => {
            let name = scene.run_name(dir);
            scene.say_with("panel-values-run", &[("run", &name)])
        }
        _ if is_new => scene.say_with("panel-values-head", &[("model", &view.model)]),
        _ => scene.say_with("panel-values-model", &[("model", &view.model)]),
    };
    ui.add(Label::new(whose).wrap());
}

/// `next` says whether the parameter trains in the next run.
fn view_ui(ui: &mut Ui, scene: &mut Scene<'_>, view: &ParameterView, next: Option<bool>) {
    let numbers: usize = view.shape.iter().product();
    whose_ui(ui, scene, view);
    let (trains, when) = match view.of {
        ValuesOf::Model => (next, "panel-requires-grad-next"),
        ValuesOf::Run => (view.trained, "panel-requires-grad-run"),
    };
    if let Some(trains) = trains {
        ui.horizontal(|ui| {
            let (text, tone, hint) = match trains {
                true => ("requires_grad = True", Tone::Trainable, "panel-requires-grad-true-hint"),
                false => ("requires_grad = False", Tone::Frozen, "panel-requires-grad-false-hint"),
            };
            theme::chip(ui, text, tone).on_hover_text(scene.say(hint));
            ui.label(theme::small_muted(ui, scene.say(when)));
        });
    }
    let shape = scene.say_with("panel-parameter-shape", &[("shape", &shape_text(&view.shape)), ("count", &numbers)]);
    ui.label(shape);

    Grid::new("figures")
        .num_columns(4)
        .min_row_height(18.0)
        .min_col_width(WIDTH / 4.0 - space::M)
        .spacing(vec2(space::M, 2.0))
        .show(ui, |ui| {
            for id in ["panel-min", "panel-max", "panel-mean", "panel-std"] {
                ui.label(theme::small_muted(ui, scene.say(id)));
            }
            ui.end_row();
            for value in [f64::from(view.min), f64::from(view.max), view.mean, view.std] {
                ui.monospace(numbers::figure(value));
            }
            ui.end_row();
        });

    parts::caption(ui, &scene.say("panel-histogram"));
    let p = palette(ui);
    let colour = if trains == Some(true) { p.trainable } else { p.frozen };
    let (min, max) = (f64::from(view.min), f64::from(view.max));
    let step = (max - min) / view.histogram.len().max(1) as f64;
    let hover = |i: usize| {
        let from = min + step * i as f64;
        let rows = view.histogram.get(i).copied().unwrap_or(0);
        scene.say_with(
            "panel-histogram-bar",
            &[("from", &Number::Figure(from)), ("to", &Number::Figure(from + step)), ("count", &(rows as usize))],
        )
    };
    parts::histogram(ui, 84.0, &view.histogram, None, |_| colour, hover, &scene.say("panel-histogram"));
    parts::axis_ends(ui, &numbers::figure(min), &numbers::figure((min + max) / 2.0), &numbers::figure(max));

    parts::caption(ui, &scene.say_with("panel-first-values", &[("count", &view.first.len())]));
    Grid::new("first values")
        .num_columns(ACROSS)
        .min_row_height(18.0)
        .min_col_width(WIDTH / ACROSS as f32 - space::S)
        .spacing(vec2(space::S, 1.0))
        .show(ui, |ui| {
            for row in view.first.chunks(ACROSS) {
                for value in row {
                    let text = RichText::new(format!("{value:>9.5}")).monospace().size(12.0);
                    ui.add(Label::new(text).selectable(true));
                }
                ui.end_row();
            }
        });
}
