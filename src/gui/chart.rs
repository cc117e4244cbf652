//! A chart shows curves and markers over the steps of a run, with the epochs as vertical lines and the values on hover.

use std::ops::RangeInclusive;

use eframe::egui::{
    self, Align2, Color32, FontId, Id, Rangef, RichText, Role, Stroke, TextStyle, Ui, Vec2, WidgetInfo, vec2,
};
use egui_plot::{
    AxisHints, GridInput, GridMark, HLine, HoverPosition, Line, LineStyle, MarkerShape, Plot, PlotPoint, PlotPoints,
    Points, Text, VLine,
};

use crate::words::{Catalogue, numbers};

use super::theme;

/// How the points of a series are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    Curve,
    /// Single steps are drawn faintly behind their running mean.
    Faint,
    /// The points are joined by a thin line.
    Dots,
    Diamonds,
    /// A vertical line with the point's value as its name stands at each point. It marks the stages of a plan.
    Stages,
    /// A horizontal line goes through the last point and carries its name.
    Level,
}

/// One row of numbers of a chart.
pub struct Series {
    pub name: String,
    pub colour: Color32,
    pub mark: Mark,
    /// Each point is a (step, value).
    pub points: Vec<[f64; 2]>,
}

/// Everything a chart shows.
pub struct Chart<'a> {
    /// The id changes with the run, so that a zoom does not outlive the run.
    pub id: Id,
    pub y_name: &'a str,
    pub series: Vec<Series>,
    /// The axis reaches to the last step of the run from the beginning, so that nothing moves sideways.
    pub last_step: usize,
    /// The value axis always includes this range.
    pub y_range: RangeInclusive<f64>,
    pub y_format: fn(f64) -> String,
    pub steps_per_epoch: usize,
    /// Screen readers get the chart in these words.
    pub summary: String,
    /// This text stands in the middle while there is nothing to draw.
    pub empty: Option<String>,
}

/// The spacing of grid lines is computed in units of this many points.
pub const GRID_UNIT: f32 = 8.0;

/// Beyond so many, diamonds and dots would hide the curve that they stand on. They are thinned out evenly.
const MOST_DIAMONDS: usize = 24;
const MOST_DOTS: usize = 60;

impl Chart<'_> {
    /// Draws the chart into all the available space.
    pub fn show(self, ui: &mut Ui, words: &Catalogue) {
        let p = theme::palette(ui);
        let thick = theme::thickness(ui);
        let small = small_font();
        let step_name = words.say("chart-step");
        let names: Vec<String> = self.series.iter().map(|s| s.name.clone()).collect();
        let y_format = self.y_format;
        let x_axis = x_axis(ui, &step_name).formatter(whole_steps);
        let y_axis = y_axis(ui, self.y_name).formatter(move |mark, _| tick(mark, y_format));
        let response = plot(ui, self.id, x_axis, y_axis)
            .label_formatter(move |at| hover_text(at, &names, &step_name, y_format))
            .include_x(0.0)
            .include_x(self.last_step.max(1) as f64)
            .include_y(*self.y_range.start())
            .include_y(*self.y_range.end())
            .set_margin_fraction(vec2(0.025, 0.04))
            .x_grid_spacer(|input| even_marks(input, 72.0 / GRID_UNIT, 1.0))
            .show(ui, move |plot| {
                let epochs = self.last_step.checked_div(self.steps_per_epoch).unwrap_or(0);
                for epoch in (1..=epochs).filter(|_| epochs <= 50) {
                    let end = VLine::new(String::new(), (epoch * self.steps_per_epoch) as f64).allow_hover(false);
                    plot.vline(end.stroke(Stroke::new(1.0, p.outline)).style(LineStyle::dashed_dense()));
                }
                let curve = self.series.iter().find(|series| series.mark == Mark::Curve);
                let ends = curve.and_then(|c| Some((c.points.first()?[1], c.points.last()?[1])));
                for series in self.series {
                    match series.mark {
                        Mark::Stages => stage_lines(plot, &series, *self.y_range.end(), &small),
                        Mark::Level => level_line(plot, &series, self.last_step, ends, &small),
                        _ => draw(plot, series, thick),
                    }
                }
            })
            .response;
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, &self.summary));
        if let Some(text) = self.empty {
            theme::centred_note(ui, response.rect, &text);
        }
    }
}

fn draw(plot: &mut egui_plot::PlotUi<'_>, series: Series, thick: f32) {
    let Series { name, colour, mark, points } = series;
    let line = |points: Vec<[f64; 2]>, width: f32| {
        Line::new(name.clone(), PlotPoints::new(points)).color(colour).width(width * thick)
    };
    match mark {
        Mark::Curve => plot.line(line(points, 2.0)),
        Mark::Faint => plot.line(line(points, 1.0).color(colour.gamma_multiply(0.30))),
        Mark::Dots | Mark::Diamonds => {
            let is_dots = mark == Mark::Dots;
            let marked = every_nth(&points, if is_dots { MOST_DOTS } else { MOST_DIAMONDS });
            let is_thinned = marked.len() < points.len();
            let marks = Points::new(name.clone(), PlotPoints::new(marked)).color(colour);
            // Values that have lost their marks can still be read from the line.
            if is_dots || is_thinned {
                plot.line(line(points, 1.5).allow_hover(is_thinned));
            }
            plot.points(if is_dots { marks.radius(3.0) } else { marks.shape(MarkerShape::Diamond).radius(6.0) });
        }
        // The functions `stage_lines` and `level_line` draw these.
        Mark::Stages | Mark::Level => {}
    }
}

/// Returns at most `most` of the points at even distances, the newest among them.
fn every_nth(points: &[[f64; 2]], most: usize) -> Vec<[f64; 2]> {
    let n = points.len().div_ceil(most).max(1);
    let mut kept: Vec<[f64; 2]> = points.iter().rev().step_by(n).copied().collect();
    kept.reverse();
    kept
}

/// Draws the points as vertical lines. Their values are the stages' numbers.
fn stage_lines(plot: &mut egui_plot::PlotUi<'_>, series: &Series, top: f64, font: &FontId) {
    for [step, stage] in &series.points {
        plot.vline(VLine::new(String::new(), *step).stroke(Stroke::new(1.5, series.colour)).allow_hover(false));
        let text = RichText::new(format!(" {stage:.0}")).font(font.clone()).color(series.colour);
        let at = PlotPoint::new(*step, top);
        plot.text(Text::new(String::new(), at, text).anchor(Align2::LEFT_TOP).allow_hover(false));
    }
}

/// Returns an axis along the bottom, in the look of all charts.
pub fn x_axis<'a>(ui: &Ui, name: &str) -> AxisHints<'a> {
    look(ui, AxisHints::new_x(), name)
}

/// Returns an axis of values, in the look of all charts.
pub fn y_axis<'a>(ui: &Ui, name: &str) -> AxisHints<'a> {
    look(ui, AxisHints::new_y(), name).min_thickness(34.0)
}

fn look<'a>(ui: &Ui, axis: AxisHints<'a>, name: &str) -> AxisHints<'a> {
    let p = theme::palette(ui);
    axis.label(RichText::new(name).text_style(TextStyle::Small).color(p.muted))
        .label_spacing(Rangef::new(10.0, 11.0))
        .tick_label_font(small_font())
        .tick_label_color(p.muted)
}

fn small_font() -> FontId {
    FontId::new(11.0, egui::FontFamily::Proportional)
}

/// Returns a plot that fills its card and leaves scrolling to the page.
pub fn plot<'a>(ui: &Ui, id: Id, x_axis: AxisHints<'a>, y_axis: AxisHints<'a>) -> Plot<'a> {
    let p = theme::palette(ui);
    Plot::new(id)
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .min_size(Vec2::splat(40.0))
        .grid_color(p.grid)
        .grid_spacing(Rangef::new(GRID_UNIT, GRID_UNIT + 1.0))
        .y_grid_spacer(|input| even_marks(input, 30.0 / GRID_UNIT, 0.0))
        .cursor_color(p.outline)
        .show_background(false)
        .show_crosshair(false)
        .allow_scroll(false)
}

/// Draws a level. `ends` are the values at which the training curve begins and ends: the level's name stands at the end
/// where the curve is further away.
fn level_line(
    plot: &mut egui_plot::PlotUi<'_>,
    series: &Series,
    last_step: usize,
    ends: Option<(f64, f64)>,
    font: &FontId,
) {
    let Some([_, value]) = series.points.last().copied() else { return };
    let stroke = Stroke::new(1.0, series.colour);
    plot.hline(HLine::new(series.name.clone(), value).stroke(stroke).style(LineStyle::dashed_dense()));
    let is_left = ends.is_some_and(|(first, last)| (first - value).abs() > (last - value).abs());
    let (x, anchor) =
        if is_left { (0.0, Align2::LEFT_BOTTOM) } else { (last_step.max(1) as f64, Align2::RIGHT_BOTTOM) };
    let text = RichText::new(&series.name).font(font.clone()).color(series.colour);
    plot.text(Text::new(String::new(), PlotPoint::new(x, value), text).anchor(anchor).allow_hover(false));
}

/// Returns marks at 1, 2 or 5 times a power of ten that are at least `units` grid units and at least `least` apart.
pub fn even_marks(input: GridInput, units: f32, least: f64) -> Vec<GridMark> {
    let wanted = (input.base_step_size * f64::from(units)).max(least);
    if !wanted.is_finite() || wanted <= 0.0 {
        return Vec::new();
    }
    let power = 10_f64.powf(wanted.log10().floor());
    let step_size = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= wanted * 0.999);
    let step_size = step_size.unwrap_or(wanted);
    let (from, to) = input.bounds;
    let marks = ((from / step_size).ceil() as i64)..=((to / step_size).floor() as i64);
    marks.take(200).map(|i| GridMark { value: i as f64 * step_size, step_size }).collect()
}

/// Steps are whole numbers, so marks between them get no label.
fn whole_steps(mark: GridMark, _range: &RangeInclusive<f64>) -> String {
    let whole = mark.value >= 0.0 && (mark.value - mark.value.round()).abs() < 1e-9;
    if whole { numbers::count(mark.value.round() as usize) } else { String::new() }
}

/// Writes a mark of the value axis with as many decimals as tell it apart from the next mark.
pub fn tick(mark: GridMark, y_format: fn(f64) -> String) -> String {
    if mark.step_size < 9e-4 {
        return y_format(mark.value);
    }
    let decimals = (-mark.step_size.log10() - 1e-9).ceil().clamp(0.0, 3.0) as usize;
    format!("{:.decimals$}", mark.value)
}

fn hover_text(
    at: &HoverPosition<'_>,
    names: &[String],
    step_name: &str,
    y_format: fn(f64) -> String,
) -> Option<String> {
    let HoverPosition::NearDataPoint { plot_name, position, .. } = at else { return None };
    names.iter().find(|name| *name == plot_name)?;
    let step = numbers::count(position.x.max(0.0).round() as usize);
    Some(format!("{plot_name}\n{step_name} {step}\n{}", y_format(position.y)))
}

/// Draws an entry of a legend in a layout from right to left: the name, and to its left the mark in its colour.
pub fn legend_entry(ui: &mut Ui, name: &str, colour: Color32, mark: Mark) {
    let gap = std::mem::replace(&mut ui.spacing_mut().item_spacing.x, 5.0);
    ui.label(theme::small_muted(ui, name));
    ui.spacing_mut().item_spacing.x = gap;
    let (rect, _) = ui.allocate_exact_size(vec2(14.0, 12.0), egui::Sense::hover());
    let (painter, c) = (ui.painter(), rect.center());
    let width = if mark == Mark::Curve { 2.5 } else { 1.5 };
    if mark == Mark::Stages {
        painter.vline(c.x, rect.y_range(), Stroke::new(1.5, colour));
    } else if mark != Mark::Diamonds {
        painter.hline(rect.x_range(), c.y, Stroke::new(width, colour));
    }
    match mark {
        Mark::Dots => {
            painter.circle_filled(c, 3.0, colour);
        }
        Mark::Diamonds => {
            let r = 5.0;
            let corners = vec![c + vec2(0.0, -r), c + vec2(r, 0.0), c + vec2(0.0, r), c + vec2(-r, 0.0)];
            painter.add(egui::Shape::convex_polygon(corners, colour, Stroke::NONE));
        }
        Mark::Curve | Mark::Faint | Mark::Stages | Mark::Level => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_thin_out_evenly_and_the_newest_stays() {
        for epochs in [1, 24, 25, 100, 1000] {
            let points: Vec<[f64; 2]> = (1..=epochs).map(|epoch| [f64::from(epoch), 0.5]).collect();
            let kept = every_nth(&points, MOST_DIAMONDS);
            assert!(kept.len() <= MOST_DIAMONDS && kept.len() >= points.len().min(MOST_DIAMONDS / 2));
            assert_eq!(kept.last(), points.last());
        }
    }
}
