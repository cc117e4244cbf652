//! This page lays the losses and accuracies of all runs over each other, against steps or seconds.

use eframe::egui::{Id, Rect, Ui, pos2, vec2};

use crate::app::compare::CompareAction;
use crate::app::compare::differences::{Difference, differences};
use crate::app::plots::{PlotAction, Plotted};
use crate::app::run::curves::{Axis, Curves, Point, along};
use crate::domain::stored::StoredRun;
use crate::words::numbers;

use super::super::super::axis::Scale;
use super::super::super::chart::Mark;
use super::super::super::overlay::{Along, Draw, Overlaid, Overlay, RunStyle};
use super::super::super::plot_menu;
use super::super::super::theme::{self, space};
use super::Scene;
use super::settings::what_sets_apart;

const AXIS_HEIGHT: f32 = 28.0;
/// In a smaller space the charts scroll.
const LEAST: eframe::egui::Vec2 = vec2(400.0, 220.0);
/// Among the single steps of more runs than this, no run's can be followed. Only the smoothed curves are drawn then.
const MOST_WITH_SINGLE_STEPS: usize = 6;

pub fn curves_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), AXIS_HEIGHT));
    theme::inside(ui, head, |ui| axis_ui(ui, scene));
    let body = Rect::from_min_max(pos2(rect.left(), head.bottom() + space::XS), rect.max);
    theme::at_least(ui, body, LEAST, "compare curves", |ui, rect| cards_ui(ui, rect, scene));
}

/// Draws the switches of the axis along the bottom, and the slider that smooths.
pub fn axis_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.label(theme::small_muted(ui, scene.say("compare-against")));
        for (axis, id) in [(Axis::Steps, "compare-steps"), (Axis::Secs, "compare-seconds")] {
            scene.choice(ui, id, scene.state.compare.axis == axis, CompareAction::SetAxis(axis));
        }
        ui.add_space(space::S);
        let is_log = scene.state.shell.settings.plots.log_along;
        plot_menu::tick(ui, scene, "plot-log-along", is_log, PlotAction::SetLogAlong);
        ui.add_space(space::S);
        plot_menu::smoothing_ui(ui, scene);
    });
}

pub fn axis_name(axis: Axis, scene: &Scene<'_>) -> String {
    scene.say(if axis == Axis::Steps { "chart-step" } else { "compare-seconds-axis" })
}

/// Returns how places on the axis are written.
pub fn along_axis(axis: Axis) -> Along {
    if axis == Axis::Steps { Along::Whole } else { Along::Seconds }
}

pub fn along_scale(scene: &Scene<'_>) -> Scale {
    Scale::of(scene.state.shell.settings.plots.log_along)
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
    let has_few = scene.runs().len() <= MOST_WITH_SINGLE_STEPS;
    let smooths = scene.state.shell.settings.plots.smoothing.weight() > 0.0;
    let single: Curve = ("chart-single-steps", Draw::Faint, |c| &c.single_loss);
    let mut loss: Vec<Curve> = (has_few && smooths).then_some(single).into_iter().collect();
    loss.extend([
        ("chart-training", Draw::Line, (|c| &c.train_loss) as Of),
        ("chart-validation", Draw::Markers, |c| &c.validation_loss),
    ]);
    let accuracy: [Curve; 2] = [
        ("chart-validation-sample", Draw::Line, |c| &c.sample_accuracy),
        ("chart-validation", Draw::Markers, |c| &c.validation_accuracy),
    ];
    theme::card_at(ui, at(0.0), |ui| chart_ui(ui, scene, Plotted::Loss, &loss));
    theme::card_at(ui, at(1.0), |ui| chart_ui(ui, scene, Plotted::Accuracy, &accuracy));
}

type Of = fn(&Curves) -> &Vec<Point>;
type Curve = (&'static str, Draw, Of);

fn chart_ui(ui: &mut Ui, scene: &mut Scene<'_>, plotted: Plotted, curves: &[Curve]) {
    let is_loss = plotted == Plotted::Loss;
    let (id, y_id) = if is_loss { ("compare-loss", "chart-loss") } else { ("compare-accuracy", "chart-accuracy") };
    let (axis, scale) = (scene.state.compare.axis, along_scale(scene));
    // The hover is the only place where it stands.
    let is_pointed_at = ui.rect_contains_pointer(theme::card_around(ui));
    let differing = if is_pointed_at { differing(scene) } else { Vec::new() };
    let mut rows = Vec::new();
    for (place, run) in scene.runs().iter().enumerate() {
        let note = what_sets_apart(place, &differing, scene);
        for (of, draw, points) in curves {
            let mut style = RunStyle::of(ui, run.style);
            // A run has two curves here. The one that fewer rows stand behind is paler.
            if *draw == Draw::Line && !is_loss {
                style.colour = style.colour.gamma_multiply(0.55);
            }
            let points = along(axis, points(&run.curves));
            let row = Overlaid::of(scene.name(run), style, *draw, points);
            rows.push(Overlaid { of: scene.say(of), note: note.clone(), ..row });
        }
    }
    let mark = |draw: &Draw| match draw {
        Draw::Faint => Mark::Faint,
        Draw::Line => Mark::Curve,
        Draw::Markers | Draw::Scatter => Mark::Dots,
    };
    Overlay {
        // The ids include the axis, because a zoom on one axis makes no sense on the other.
        id: Id::unique((id, axis)),
        group: Id::unique(("compared curves", axis, scale)),
        title: &scene.say(id),
        hover: &scene.hint(id),
        along: along_axis(axis),
        along_name: &axis_name(axis, scene),
        along_scale: scale,
        along_ends: along_ends(scene),
        y_name: &scene.words.part(y_id, "axis"),
        y_format: if is_loss { numbers::figure } else { numbers::ratio },
        plotted,
        whole_range: true,
        rows,
        legend: curves.iter().map(|(of, draw, _)| (scene.say(of), mark(draw))).collect(),
        empty: &scene.say("live-no-numbers"),
    }
    .show(ui, scene);
}

/// Returns where the curves of all runs begin and end on the axis along the bottom.
fn along_ends(scene: &Scene<'_>) -> Vec<f64> {
    let ends = |curve: &Vec<Point>| {
        let places = along(
            scene.state.compare.axis,
            &[curve.first(), curve.last()].into_iter().flatten().copied().collect::<Vec<_>>(),
        );
        places.into_iter().map(|place| place[0])
    };
    let curves = scene.runs().into_iter().map(|run| &run.curves);
    curves.flat_map(|c| [&c.train_loss, &c.sample_accuracy, &c.validation_loss]).flat_map(ends).collect()
}

/// Returns the settings in which the compared runs differ.
fn differing(scene: &Scene<'_>) -> Vec<Difference> {
    let runs: Vec<&StoredRun> = scene.runs().iter().map(|run| &*run.run).collect();
    differences(&runs)
}
