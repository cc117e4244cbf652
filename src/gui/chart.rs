//! A chart shows curves and markers over the steps of a run, with the epochs as vertical lines and the values on hover.

use eframe::egui::{self, Align2, Color32, FontId, Id, Pos2, Rangef, Role, Stroke, Ui, Vec2, WidgetInfo, vec2};
use egui_plot::{
    AxisHints, HLine, HoverPosition, Line, LineStyle, MarkerShape, Plot, PlotMemory, PlotPoint, PlotPoints,
    PlotResponse, PlotTransform, PlotUi, Points, VLine,
};

use crate::words::{Catalogue, numbers};

use super::axis::{Ends, GRID_UNIT, Reach, Scale, small_font, whole_tick, x_axis, y_axis};
use super::marks::{by_column, faintness, on_screen, spaced};
use super::placing::Crowd;
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
    /// Pale points are not final.
    Pale,
    /// Points are not joined.
    Points,
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
    /// Charts of one group have one cursor and one range of steps.
    pub group: Id,
    pub y_name: &'a str,
    pub series: Vec<Series>,
    /// The axis reaches to the last step of the run from the beginning, so that nothing moves sideways.
    pub last_step: usize,
    pub scale: Scale,
    pub reach: Reach,
    pub y_format: fn(f64) -> String,
    pub steps_per_epoch: usize,
    /// Screen readers get the chart in these words.
    pub summary: String,
    /// This text stands in the middle while there is nothing to draw.
    pub empty: Option<String>,
}

/// Diamonds and dots keep this distance, so that they don't hide the curve that they stand on.
const DIAMONDS_APART: f32 = 14.0;
const DOTS_APART: f32 = 8.0;

impl Chart<'_> {
    /// Draws the chart into all the available space.
    pub fn show(mut self, ui: &mut Ui, words: &Catalogue) {
        let p = theme::palette(ui);
        let thick = theme::thickness(ui);
        let step_name = words.say("chart-step");
        let names: Vec<String> = self.series.iter().map(|s| s.name.clone()).collect();
        let (scale, y_format) = (self.scale, self.y_format);
        let is_of_curve = |series: &&Series| !matches!(series.mark, Mark::Stages | Mark::Level);
        let limits = match &self.reach {
            // Levels are always in view, unless the axis fits the curves alone.
            Reach::All(range) => Reach::All(
                self.levels().fold(range.clone(), |range, level| range.start().min(level)..=range.end().max(level)),
            ),
            other => other.clone(),
        };
        let values = self.series.iter().filter(is_of_curve).flat_map(|series| &series.points).map(|p| p[1]);
        let ends = limits.ends(values, scale);
        place_all(&mut self.series, scale);

        let x_axis = x_axis(ui, &step_name).formatter(|mark, _| whole_tick(mark.value));
        let y_axis = y_axis(ui, self.y_name).formatter(move |mark, shown| scale.tick(mark, shown));
        let plot = plot(ui, x_axis, y_axis)
            .link_axis(self.group, [true, false])
            .link_cursor(self.group, [true, false])
            .label_formatter(move |at| hover_text(at, &names, &step_name, |place| y_format(scale.value(place))))
            .include_x(0.0)
            .include_x(self.last_step.max(1) as f64)
            .set_margin_fraction(vec2(0.025, 0.0))
            .x_grid_spacer(|input| Scale::Even.marks(input, 72.0 / GRID_UNIT, 1.0))
            .y_grid_spacer(move |input| scale.marks(input, 30.0 / GRID_UNIT, 0.0));
        let (steps_per_epoch, last_step) = (self.steps_per_epoch, self.last_step);
        let shown = show(ui, self.id, plot, ends, |plot| {
            let epochs = last_step.checked_div(steps_per_epoch).unwrap_or(0);
            for epoch in (1..=epochs).filter(|_| epochs <= 50) {
                let end = VLine::new(String::new(), (epoch * steps_per_epoch) as f64).allow_hover(false);
                plot.vline(end.stroke(Stroke::new(1.0, p.outline)).style(LineStyle::dashed_dense()));
            }
            self.series.iter().for_each(|series| draw(plot, series, thick));
            self.series
        });
        let (response, transform, series) = (shown.response, shown.transform, shown.inner);
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, &self.summary));
        write_labels(ui, &series, &transform, ends, words);
        if let Some(text) = self.empty {
            theme::centred_note(ui, response.rect, &text);
        }
    }

    fn levels(&self) -> impl Iterator<Item = f64> {
        self.series
            .iter()
            .filter(|series| series.mark == Mark::Level)
            .filter_map(|series| Some(series.points.last()?[1]))
    }
}

/// Puts the values where they stand on their axis. A value that has no place there is left out.
fn place_all(series: &mut [Series], scale: Scale) {
    if scale == Scale::Even {
        return;
    }
    for series in series.iter_mut().filter(|series| series.mark != Mark::Stages) {
        series.points.retain(|point| scale.place(point[1]).is_some());
        series.points.iter_mut().for_each(|point| point[1] = scale.place(point[1]).unwrap_or(point[1]));
    }
}

/// Shows a plot whose value axis has these ends until it is zoomed.
pub fn show<'a, R>(
    ui: &mut Ui,
    id: Id,
    plot: Plot<'a>,
    ends: Ends,
    draw: impl FnOnce(&mut PlotUi<'a>) -> R + 'a,
) -> PlotResponse<R> {
    let is_new = PlotMemory::load(ui.ctx(), id).is_none();
    let response = plot.id(id).default_y_bounds(ends.low, ends.high).show(ui, draw);
    // Only then do the ends follow values that are still to come.
    if is_new && let Some(mut memory) = PlotMemory::load(ui.ctx(), id) {
        // How wide its numbers are is known from the next frame on, which must not wait for the next event.
        ui.ctx().request_repaint();
        memory.auto_bounds.y = true;
        memory.store(ui.ctx(), id);
    }
    response
}

fn draw(plot: &mut PlotUi<'_>, series: &Series, thick: f32) {
    let Series { name, colour, mark, points } = series;
    let (name, colour, transform) = (name.as_str(), *colour, *plot.transform());
    let line = |points: Vec<[f64; 2]>, width: f32| {
        let drawn = PlotPoints::new(by_column(points, &transform));
        Line::new(name, drawn).color(colour).width(width * thick)
    };
    match mark {
        Mark::Curve => plot.line(line(points.clone(), 2.0)),
        Mark::Faint => {
            let faint = colour.gamma_multiply(faintness(points.len(), transform.frame().width()));
            plot.line(line(points.clone(), 1.0).color(faint));
        }
        Mark::Dots | Mark::Diamonds => {
            let is_dots = *mark == Mark::Dots;
            let marked = spaced(points, if is_dots { DOTS_APART } else { DIAMONDS_APART }, &transform);
            let is_thinned = marked.len() < points.len();
            let marks = Points::new(name, PlotPoints::new(marked)).color(colour);
            // Values that have lost their marks can still be read from the line.
            if is_dots || is_thinned {
                plot.line(line(points.clone(), 1.5).allow_hover(is_thinned));
            }
            plot.points(if is_dots { marks.radius(3.0) } else { marks.shape(MarkerShape::Diamond).radius(6.0) });
        }
        Mark::Pale => {
            plot.points(Points::new(name, points.clone()).color(colour.gamma_multiply(0.5)).radius(3.0));
        }
        Mark::Points => plot.points(Points::new(name, points.clone()).color(colour).radius(3.0)),
        Mark::Stages => {
            for [step, _] in points {
                plot.vline(VLine::new(String::new(), *step).stroke(Stroke::new(1.5, colour)).allow_hover(false));
            }
        }
        Mark::Level => {
            if let Some([_, value]) = points.last() {
                let level = HLine::new(name, *value).stroke(Stroke::new(1.0, colour));
                plot.hline(level.style(LineStyle::dashed_dense()));
            }
        }
    }
}

/// Writes the stages' numbers, the levels' names, and how many values are not in view, where none of them lies on a curve.
fn write_labels(ui: &Ui, series: &[Series], transform: &PlotTransform, ends: Ends, words: &Catalogue) {
    let (p, font) = (theme::palette(ui), small_font());
    let frame = *transform.frame();
    let painter = ui.painter().with_clip_rect(frame.intersect(ui.clip_rect()));
    let is_in_the_way = |series: &&Series| matches!(series.mark, Mark::Curve | Mark::Dots | Mark::Diamonds);
    let lines: Vec<Vec<Pos2>> =
        series.iter().filter(is_in_the_way).map(|series| on_screen(&series.points, transform)).collect();
    let mut crowd = Crowd::new(frame, &lines);
    for series in series.iter().filter(|series| series.mark == Mark::Stages) {
        for [step, stage] in &series.points {
            let at = transform.position_from_point(&PlotPoint::new(*step, 0.0)).x;
            stage_number(&painter, &mut crowd, frame, at, &format!("{stage:.0}"), &font, series.colour);
        }
    }
    for series in series.iter().filter(|series| series.mark == Mark::Level) {
        let Some([_, value]) = series.points.last() else { continue };
        let y = transform.position_from_point(&PlotPoint::new(0.0, *value)).y;
        if frame.y_range().contains(y) {
            crowd.write(&painter, &series.name, font.clone(), series.colour, p.card, Some(y));
        }
    }
    note_outside(&painter, &mut crowd, ends, p, words);
}

/// Says how many values an axis without outliers leaves out.
pub fn note_outside(painter: &egui::Painter, crowd: &mut Crowd, ends: Ends, p: &theme::Palette, words: &Catalogue) {
    if ends.outside > 0 {
        let text = words.say_with("plot-outside", &[("count", &ends.outside)]);
        crowd.write(painter, &text, small_font(), p.muted, p.card, None);
    }
}

/// Writes a stage's number beside its line, at the top. Beside a line at the right end it stands to the left.
fn stage_number(
    painter: &egui::Painter,
    crowd: &mut Crowd,
    frame: egui::Rect,
    x: f32,
    text: &str,
    font: &FontId,
    colour: Color32,
) {
    let size = painter.layout_no_wrap(text.to_owned(), font.clone(), colour).size();
    let is_right = x + 3.0 + size.x > frame.right();
    let (at, anchor) = if is_right { (x - 3.0, Align2::RIGHT_TOP) } else { (x + 3.0, Align2::LEFT_TOP) };
    let rect = painter.text(egui::pos2(at, frame.top() + 1.0), anchor, text, font.clone(), colour);
    crowd.take(rect);
}

/// Returns a plot that fills its card and leaves scrolling to the page. A line follows the pointer.
pub fn plot<'a>(ui: &Ui, x_axis: AxisHints<'a>, y_axis: AxisHints<'a>) -> Plot<'a> {
    let p = theme::palette(ui);
    Plot::new("plot")
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .min_size(Vec2::splat(40.0))
        .grid_color(p.grid)
        .grid_spacing(Rangef::new(GRID_UNIT, GRID_UNIT + 1.0))
        .cursor_color(p.outline)
        .show_background(false)
        .show_y(false)
        .allow_scroll(false)
}

/// Has a plot's first pass replaced by another one, because only then do its axes know how wide their numbers are. It is
/// called before the plot is shown.
pub fn settle(ui: &Ui, id: Id) {
    if PlotMemory::load(ui.ctx(), id).is_none() {
        ui.ctx().request_discard("the axes of a new plot don't know how wide their numbers are");
    }
}

/// Returns which of these columns, each from one value to another, the pointer is on. What is said of a bar stands in a
/// tooltip, because text that a plot draws itself has no ground and is cut at the plot's edge.
pub fn column_at(
    at: Option<Pos2>,
    transform: &PlotTransform,
    mut columns: impl Iterator<Item = (f64, f64)>,
) -> Option<usize> {
    let x = transform.value_from_position(at?).x;
    columns.position(|(from, to)| (from..to).contains(&x))
}

fn hover_text(
    at: &HoverPosition<'_>,
    names: &[String],
    step_name: &str,
    y_format: impl Fn(f64) -> String,
) -> Option<String> {
    let HoverPosition::NearDataPoint { plot_name, position, .. } = at else { return None };
    names.iter().find(|name| *name == plot_name)?;
    let step = numbers::count(position.x.max(0.0).round() as usize);
    Some(format!("{plot_name}\n{step_name} {step}\n{}", y_format(position.y)))
}
