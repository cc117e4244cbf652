//! This page of Results shows whether the model is right as often as it says, and fits the temperature that brings it there.

use eframe::egui::{self, Id, Label, Rect, Role, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{Bar, BarChart, Line, LineStyle, PlotPoint, PlotPoints};

use crate::app::run::RunAction;
use crate::app::run::results::ResultsAction;
use crate::domain::metrics::calibration::{BINS, Reliability, Temperature};
use crate::domain::metrics::scores::{Measures, RunScores};
use crate::domain::selection::Condition;
use crate::words::{Fill, Number, numbers};

use super::super::super::axis::{GRID_UNIT, Scale, x_axis, y_axis};
use super::super::super::chart;
use super::super::super::save_plot::{self, Table, number};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::super::live::empty_note;
use super::{open_rows, scores_or_note};

const LEAST: egui::Vec2 = vec2(460.0, 330.0);
/// The numbers beside the diagram need this width.
const BESIDE: f32 = 250.0;
/// A plot of shares reaches a little beyond 0 and 1, so that the lines there stay whole.
const MARGIN: f64 = 0.02;

pub fn calibration_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let Some(scores) = scores_or_note(ui, rect, scene) else { return };
    theme::at_least(ui, rect, LEAST, "results calibration", |ui, rect| {
        let beside = BESIDE.max(rect.width() * 0.36);
        let middle = rect.right() - beside;
        let diagram = Rect::from_min_max(rect.min, pos2(middle - space::S, rect.bottom()));
        theme::card_at(ui, diagram, |ui| diagram_ui(ui, scores, scene));
        theme::card_at(ui, Rect::from_min_max(pos2(middle, rect.top()), rect.max), |ui| numbers_ui(ui, scores, scene));
    });
}

/// The edges of a bin.
fn edges(bin: usize) -> (f64, f64) {
    (bin as f64 / BINS as f64, (bin + 1) as f64 / BINS as f64)
}

fn diagram_ui(ui: &mut Ui, scores: &RunScores, scene: &mut Scene<'_>) {
    let (title, card) = (scene.say("reliability"), theme::card_around(ui));
    let bins = scores.reliability;
    theme::heading_row(ui, &title, Some(&scene.hint("reliability")), |ui| {
        let button = |ui: &mut Ui, scene: &mut Scene<'_>| {
            save_plot::button(ui, scene, &title, card, |scene| as_table(bins.as_ref(), scene));
        };
        theme::ends(ui, scene, |_, _| {}, button);
    });
    let Some(bins) = bins else { return empty_note(ui, &scene.say("reliability-none")) };
    let p = theme::palette(ui);
    let in_words = |i: usize| {
        let ((low, high), bin) = (edges(i), bins[i]);
        let args: [(&str, &dyn Fill); 5] = [
            ("low", &format!("{low:.2}")),
            ("high", &format!("{high:.2}")),
            ("rows", &bin.rows),
            ("confidence", &Number::Percent(bin.confidence)),
            ("accuracy", &Number::Percent(bin.accuracy())),
        ];
        scene.say_with("reliability-bin", &args)
    };
    let filled: Vec<usize> = (0..BINS).filter(|i| bins[*i].rows > 0).collect();
    let bars: Vec<Bar> = filled
        .iter()
        .map(|i| {
            let (low, high) = edges(*i);
            let bar = Bar::new(f64::midpoint(low, high), bins[*i].accuracy()).width((high - low) * 0.92);
            bar.fill(p.validation_curve.gamma_multiply(0.75)).stroke(egui::Stroke::NONE)
        })
        .collect();
    let summary = filled.iter().map(|i| in_words(*i).replace('\n', ", ")).collect::<Vec<_>>().join(". ");
    let x_axis =
        x_axis(ui, &scene.say("reliability-confidence")).formatter(|mark, shown| Scale::Even.tick(mark, shown));
    let y_axis = y_axis(ui, &scene.say("measure-accuracy")).formatter(|mark, shown| Scale::Even.tick(mark, shown));
    let id = Id::unique("reliability");
    chart::settle(ui, id);
    let shown = chart::plot(ui, x_axis, y_axis)
        .id(id)
        .show_crosshair(false)
        .default_x_bounds(-MARGIN, 1.0 + MARGIN)
        .default_y_bounds(-MARGIN, 1.0 + MARGIN)
        .auto_bounds(false)
        .x_grid_spacer(|input| Scale::Even.marks(input, 48.0 / GRID_UNIT, 0.0))
        .y_grid_spacer(|input| Scale::Even.marks(input, 30.0 / GRID_UNIT, 0.0))
        .show(ui, |plot| {
            plot.bar_chart(BarChart::new("bins", bars).allow_hover(false));
            let line = Line::new("", PlotPoints::new(vec![[0.0, 0.0], [1.0, 1.0]]));
            let line = line.stroke(egui::Stroke::new(1.5, p.text)).style(LineStyle::dashed_dense());
            plot.line(line.allow_hover(false));
        });
    let (response, transform) = (shown.response, shown.transform);
    response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, format!("{title}. {summary}")));
    let told = |bin: usize| format!("{}\n{}", in_words(bin), scene.say("matrix-click"));
    let columns = || filled.iter().map(|bin| edges(*bin));
    let by_pointer = chart::column_at(response.interact_pointer_pos(), &transform, columns());
    let focused = theme::focused_cell(ui, &response, 1, filled.len()).map(|(_, place)| place);
    if let Some(place) = focused {
        let ((low, high), accuracy) = (edges(filled[place]), bins[filled[place]].accuracy());
        let corner = |x, y| transform.position_from_point(&PlotPoint::new(x, y));
        let bar = Rect::from_two_pos(corner(low, 0.0), corner(high, accuracy));
        ui.painter().rect_stroke(bar, 2.0, egui::Stroke::new(2.0, p.accent), egui::StrokeKind::Outside);
        theme::explain_cell(ui, &response, bar, told(filled[place]));
    }
    let is_clicked = response.clicked();
    let opened = if response.interact_pointer_pos().is_some() { by_pointer } else { focused };
    if let Some(place) = chart::column_at(response.hover_pos(), &transform, columns()) {
        response.on_hover_text_at_pointer(told(filled[place]));
    }
    if let Some(bin) = opened.filter(|_| is_clicked).map(|place| filled[place]) {
        let (low, to) = edges(bin);
        // The lower edge of a bin belongs to the bin before it, and a selection has both its ends.
        let from = if bin == 0 { low } else { low.next_up() };
        open_rows(scene, Condition::Confidence { from, to });
    }
}

fn numbers_ui(ui: &mut Ui, scores: &RunScores, scene: &mut Scene<'_>) {
    let shown = |value: Option<f64>| value.map_or_else(|| scene.say("measure-undefined"), numbers::ratio);
    theme::heading_row(ui, &scene.say("measure-ece"), Some(&scene.hint("measure-ece")), |_| {});
    ui.spacing_mut().item_spacing.y = space::XS;
    let figure = egui::RichText::new(shown(scores.measures.ece)).text_style(theme::figure_style());
    ui.label(figure).on_hover_text(scene.hint("measure-ece"));
    ui.add(Label::new(theme::small_muted(ui, scene.say("reliability-read"))).wrap());
    ui.add_space(space::S);
    theme::heading_row(ui, &scene.say("temperature"), Some(&scene.hint("temperature")), |_| {});
    let results = &scene.state.run.results;
    let is_free = !results.is_fitting() && !results.scores.is_waiting() && !scene.state.is_running();
    match &scores.fitted {
        Some((fitted, before)) => {
            fitted_ui(ui, scores, fitted, before, scene);
            let action = RunAction::Results(ResultsAction::FitTemperature(false));
            scene.hinted_button(ui, "temperature-forget", is_free, action);
        }
        None => {
            ui.add(Label::new(scene.say("temperature-none")).wrap());
            let action = RunAction::Results(ResultsAction::FitTemperature(true));
            scene.hinted_button(ui, "temperature-fit", is_free, action);
        }
    }
    if results.is_fitting() {
        ui.label(theme::small_muted(ui, scene.say("temperature-fitting")));
    }
}

/// Says what the temperature is, and what it changed on the test rows, which it was not fitted on.
fn fitted_ui(ui: &mut Ui, scores: &RunScores, fitted: &Temperature, before: &Measures, scene: &Scene<'_>) {
    let value: [(&str, &dyn Fill); 2] = [("value", &numbers::ratio(fitted.temperature)), ("rows", &fitted.rows)];
    ui.add(Label::new(scene.say_with("temperature-is", &value)).wrap());
    if let (Some(ece_before), Some(ece)) = (before.ece, scores.measures.ece) {
        let args: [(&str, &dyn Fill); 4] = [
            ("ece_before", &Number::Ratio(ece_before)),
            ("ece", &Number::Ratio(ece)),
            ("loss_before", &Number::Ratio(before.loss)),
            ("loss", &Number::Ratio(scores.measures.loss)),
        ];
        ui.add(Label::new(scene.say_with("temperature-changed", &args)).wrap());
    }
    ui.add(Label::new(theme::small_muted(ui, scene.say("temperature-kept"))).wrap());
}

fn as_table(bins: Option<&Reliability>, scene: &Scene<'_>) -> Table {
    let ids = ["measure-low", "measure-high", "results-support", "reliability-confidence", "measure-accuracy"];
    let mut table = Table::new(ids.map(|id| scene.say(id)));
    for (i, bin) in bins.into_iter().flatten().enumerate() {
        let (low, high) = edges(i);
        let has_rows = |x: f64| if bin.rows > 0 { number(x) } else { String::new() };
        let cells = [has_rows(bin.confidence), has_rows(bin.accuracy())];
        table.rows.push([number(low), number(high), bin.rows.to_string()].into_iter().chain(cells).collect());
    }
    table
}
