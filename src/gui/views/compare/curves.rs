//! This page lays the losses and accuracies of all runs over each other, against steps or seconds.

use eframe::egui::{Id, Rect, Ui, pos2, vec2};

use crate::app::compare::CompareAction;
use crate::app::run::curves::{Axis, Curves, Point, along};
use crate::words::numbers;

use super::super::super::overlay::{self, Along, Draw, Overlaid, Overlay, RunStyle};
use super::super::super::theme::{self, space};
use super::Scene;

const AXIS_HEIGHT: f32 = 28.0;
/// In a smaller space the charts scroll.
const LEAST: eframe::egui::Vec2 = vec2(400.0, 220.0);

pub fn curves_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), AXIS_HEIGHT));
    theme::inside(ui, head, |ui| axis_ui(ui, scene));
    let body = Rect::from_min_max(pos2(rect.left(), head.bottom() + space::XS), rect.max);
    theme::at_least(ui, body, LEAST, "compare curves", |ui, rect| cards_ui(ui, rect, scene));
}

/// Draws the switch between steps and seconds.
pub fn axis_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.label(theme::small_muted(ui, scene.say("compare-against")));
        for (axis, id) in [(Axis::Steps, "compare-steps"), (Axis::Secs, "compare-seconds")] {
            scene.choice(ui, id, scene.state.compare.axis == axis, CompareAction::SetAxis(axis));
        }
    });
}

pub fn axis_name(axis: Axis, scene: &Scene<'_>) -> String {
    scene.say(if axis == Axis::Steps { "chart-step" } else { "compare-seconds-axis" })
}

/// Returns the axis that the switch has chosen.
pub fn along_axis(axis: Axis, name: &str) -> Along<'_> {
    let is_steps = axis == Axis::Steps;
    Along { name, log: false, format: if is_steps { overlay::whole } else { overlay::seconds }, whole: is_steps }
}

/// Draws the cards side by side if there is room, otherwise below each other.
fn cards_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let is_wide = rect.width() >= 560.0;
    let gap = vec2(space::S, space::S);
    let size = if is_wide {
        vec2((rect.width() - gap.x) / 2.0, rect.height())
    } else {
        vec2(rect.width(), (rect.height() - gap.y) / 2.0)
    };
    let step = if is_wide { vec2(size.x + gap.x, 0.0) } else { vec2(0.0, size.y + gap.y) };
    let at = |i: f32| Rect::from_min_size(rect.min + step * i, size);
    let loss: [Curve; 2] = [
        ("chart-training", Draw::Line, |c| &c.train_loss),
        ("chart-validation", Draw::Markers, |c| &c.validation_loss),
    ];
    let accuracy: [Curve; 2] = [
        ("chart-validation-sample", Draw::Line, |c| &c.sample_accuracy),
        ("chart-validation", Draw::Markers, |c| &c.validation_accuracy),
    ];
    theme::card_at(ui, at(0.0), |ui| chart_ui(ui, scene, "compare-loss", "chart-loss", numbers::figure, loss));
    theme::card_at(ui, at(1.0), |ui| {
        chart_ui(ui, scene, "compare-accuracy", "chart-accuracy", numbers::ratio, accuracy);
    });
}

type Curve = (&'static str, Draw, fn(&Curves) -> &Vec<Point>);

fn chart_ui(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    id: &'static str,
    y_id: &'static str,
    y_format: fn(f64) -> String,
    curves: [Curve; 2],
) {
    let axis = scene.state.compare.axis;
    let mut rows = Vec::new();
    for run in scene.runs() {
        for (of, draw, points) in curves {
            let mut style = RunStyle::of(ui, run.style);
            // A run has two curves here. The one that fewer rows stand behind is paler.
            if draw == Draw::Line && id == "compare-accuracy" {
                style.colour = style.colour.gamma_multiply(0.55);
            }
            let points = along(axis, points(&run.curves));
            rows.push(Overlaid { of: scene.say(of), ..Overlaid::of(scene.name(run), style, draw, points) });
        }
    }
    Overlay {
        // The id includes the axis, because a zoom on one axis makes no sense on the other.
        id: Id::unique((id, axis)),
        title: &scene.say(id),
        hover: &scene.hint(id),
        along: along_axis(axis, &axis_name(axis, scene)),
        y_name: &scene.words.part(y_id, "axis"),
        y_format,
        rows,
        empty: &scene.say("live-no-numbers"),
    }
    .show(ui, scene);
}
