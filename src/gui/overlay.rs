//! An overlay draws many runs in one chart. Each run has its colour, dashes and marker; bands show the spread over
//! seeds, and bars show the intervals around values.

mod run_style;

use std::ops::RangeInclusive;

use eframe::egui::{Id, Role, Ui, WidgetInfo, vec2};
use egui_plot::{FilledArea, GridMark, HoverPosition, Line, LineStyle, PlotPoints, Points};

use crate::app::plots::Plotted;
use crate::app::run::curves::Spread;
use crate::words::{Catalogue, numbers};

use super::axis::{GRID_UNIT, Reach, Scale, short_tick, whole_tick, x_axis, y_axis};
use super::chart::{Mark, note_outside, plot, show};
use super::legend::{self, Entry};
use super::marks::{by_column, faintness, on_screen, spaced as spaced_marks};
use super::placing::Crowd;
use super::plot_menu;
use super::save_plot::{self, Table};
use super::scene::Scene;
use super::theme;

pub use run_style::RunStyle;

/// An axis has about this many places that can be told apart. Points that are closer share a place on the screen.
const PLACES: f64 = 800.0;

/// Above this many rows the styles repeat so often that they no longer tell runs apart.
const CROWD: usize = 60;

/// Markers of a line keep this distance, so that they don't hide it.
const MARKERS_APART: f32 = 14.0;

/// How the points of a row are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Single steps are joined by a faint line behind the others.
    Faint,
    /// The points are joined by a line.
    Line,
    /// Markers are joined by a thin line.
    Markers,
    /// The markers stand alone.
    Scatter,
}

/// The points of one curve of one run.
pub struct Overlaid {
    /// `name` is the run's name, and `of` says which of its curves this is.
    pub name: String,
    pub of: String,
    pub style: RunStyle,
    pub draw: Draw,
    pub points: Vec<[f64; 2]>,
    /// The intervals around the points run parallel to `points`, or the list is empty if there are none.
    pub intervals: Vec<(f64, f64)>,
    /// The range over several runs is drawn as a band behind the line.
    pub band: Vec<Spread>,
    /// The hover says this of the run as well, in lines of its own.
    pub note: String,
}

/// How values along the bottom are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// Whole numbers, such as steps. Marks stand at these only.
    Whole,
    Seconds,
    /// Big counts in few characters.
    Count,
}

impl Along {
    fn write(self, value: f64) -> String {
        match self {
            Self::Whole => numbers::count(value.round().max(0.0) as usize),
            Self::Seconds => seconds(value),
            Self::Count => numbers::tick(value.round().max(0.0) as usize),
        }
    }

    fn tick(self, scale: Scale, mark: GridMark, shown: &RangeInclusive<f64>) -> String {
        match (self, scale) {
            (Self::Whole, _) => whole_tick(scale.value(mark.value)),
            (Self::Count, Scale::Log) => {
                let (value, step) = super::axis::log_value(mark.value, shown);
                short_tick(value, step)
            }
            _ => scale.tick(mark, shown),
        }
    }

    /// The least distance between two marks.
    fn least(self) -> f64 {
        if self == Self::Whole { 1.0 } else { 0.0 }
    }
}

/// A chart of many runs, ready to be drawn.
pub struct Overlay<'a> {
    pub id: Id,
    /// Charts of one group have one cursor and one range along the bottom.
    pub group: Id,
    /// This title names the plot in its heading and in saved files.
    pub title: &'a str,
    pub hover: &'a str,
    pub along: Along,
    /// The name of the axis along the bottom includes the unit.
    pub along_name: &'a str,
    pub along_scale: Scale,
    /// The axis along the bottom includes these places, so that all charts of the group have the same.
    pub along_ends: Vec<f64>,
    /// The name of the value includes its unit.
    pub y_name: &'a str,
    pub y_format: fn(f64) -> String,
    pub plotted: Plotted,
    /// Whether the whole range of an accuracy is in view. Where single results are compared, their differences are.
    pub whole_range: bool,
    pub rows: Vec<Overlaid>,
    /// What the kinds of lines and markers mean.
    pub legend: Vec<(String, Mark)>,
    /// This text stands in the middle while there is nothing to draw.
    pub empty: &'a str,
}

impl Overlay<'_> {
    /// Draws the heading and the chart into all the available space. A saved picture includes the card around them.
    pub fn show(mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let (card, p) = (theme::card_around(ui), theme::palette(ui));
        let kinds = std::mem::take(&mut self.legend);
        let entries: Vec<Entry> = kinds.into_iter().map(|(name, mark)| Entry { name, colour: p.muted, mark }).collect();
        let smooths = self.rows.iter().any(|row| row.draw == Draw::Faint);
        legend::heading(ui, self.title, self.hover, &entries, 2, |ui| {
            plot_menu::button(ui, scene, self.title, self.plotted, smooths);
            save_plot::button(ui, scene, self.title, card, |scene| self.table(scene.words));
        });
        let summary = self.in_words(scene.words);
        let settings = &scene.state.shell.settings.plots;
        let (y_scale, x_scale) = (Scale::of(settings.is_log(self.plotted)), self.along_scale);
        let ends = self.reach(settings.middle.contains(&self.plotted)).ends(self.values(), y_scale);
        self.place_all(x_scale, y_scale);
        let nothing = self.rows.iter().all(|row| row.points.is_empty());
        let thick = theme::thickness(ui);
        let (along, y_format) = (self.along, self.y_format);
        let notes: Vec<(String, String)> = self.rows.iter().map(|row| (row.full_name(), row.note.clone())).collect();
        let x_name = self.along_name.to_owned();
        let x_axis = x_axis(ui, self.along_name).formatter(move |mark, shown| along.tick(x_scale, mark, shown));
        let y_axis = y_axis(ui, self.y_name).formatter(move |mark, shown| y_scale.tick(mark, shown));
        let (from, to) = self.places();
        let least = ((to - from) / PLACES).max(0.0);
        // Among so many rows nobody recognises a run by its dashes. Thin plain lines can still be followed and are
        // faster to draw.
        let is_crowd = self.rows.len() > CROWD;
        let mut plot = plot(ui, x_axis, y_axis)
            .link_axis(self.group, [true, false])
            .link_cursor(self.group, [true, false])
            .label_formatter(move |at| {
                let HoverPosition::NearDataPoint { plot_name, position, .. } = at else { return None };
                let (_, note) = notes.iter().find(|(name, _)| name == plot_name)?;
                let (x, y) = (along.write(x_scale.value(position.x)), y_format(y_scale.value(position.y)));
                Some(format!("{plot_name}\n{x_name}: {x}\n{y}{note}"))
            })
            .set_margin_fraction(vec2(0.03, 0.0))
            .x_grid_spacer(move |input| x_scale.marks(input, 72.0 / GRID_UNIT, along.least()))
            .y_grid_spacer(move |input| y_scale.marks(input, 30.0 / GRID_UNIT, 0.0));
        if x_scale == Scale::Even {
            plot = plot.include_x(0.0);
        }
        if nothing {
            plot = plot.include_x(1.0);
        }
        for end in self.along_ends.iter().filter_map(|end| x_scale.place(*end)) {
            plot = plot.include_x(end);
        }
        let rows = self.rows;
        let id = self.id.with((y_scale, x_scale));
        let shown = show(ui, id, plot, ends, move |plot| {
            // Faint lines lie behind all others.
            for is_faint in [true, false] {
                for row in rows.iter().filter(|row| (row.draw == Draw::Faint) == is_faint) {
                    row.draw(plot, thick, least, is_crowd);
                }
            }
            rows
        });
        let (response, transform, rows) = (shown.response, shown.transform, shown.inner);
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, &summary));
        if ends.outside > 0 {
            let lines: Vec<_> = rows.iter().map(|row| on_screen(&row.points, &transform)).collect();
            let painter = ui.painter().with_clip_rect(transform.frame().intersect(ui.clip_rect()));
            note_outside(&painter, &mut Crowd::new(*transform.frame(), &lines), ends, p, scene.words);
        }
        if nothing {
            theme::centred_note(ui, response.rect, self.empty);
        }
    }

    /// Returns how far the value axis reaches.
    fn reach(&self, is_middle: bool) -> Reach {
        match (self.plotted, self.whole_range) {
            (Plotted::Accuracy, true) => Reach::of_share(is_middle),
            (Plotted::Accuracy, false) => Reach::MiddleShare,
            _ if is_middle => Reach::Middle,
            _ => {
                let lowest = self.values().fold(f64::INFINITY, f64::min);
                Reach::All(lowest..=lowest)
            }
        }
    }

    /// Returns all values that are drawn, those of intervals and bands as well.
    fn values(&self) -> impl Iterator<Item = f64> {
        self.rows.iter().flat_map(|row| {
            let intervals = row.intervals.iter().flat_map(|(low, high)| [*low, *high]);
            let band = row.band.iter().flat_map(|at| [at.low, at.high]);
            row.points.iter().map(|p| p[1]).chain(intervals).chain(band)
        })
    }

    /// Returns the lowest and the highest place along the axis.
    fn places(&self) -> (f64, f64) {
        let places = || self.rows.iter().flat_map(|row| &row.points).map(|p| p[0]);
        (places().fold(f64::INFINITY, f64::min), places().fold(f64::NEG_INFINITY, f64::max))
    }

    /// Puts all values where they stand on their axes. Values that have no place there are left out.
    fn place_all(&mut self, x: Scale, y: Scale) {
        if (x, y) == (Scale::Even, Scale::Even) {
            return;
        }
        let low_end = |value: f64| y.place(value).unwrap_or(f64::NEG_INFINITY);
        for row in &mut self.rows {
            let place = |p: &[f64; 2]| Some([x.place(p[0])?, y.place(p[1])?]);
            let mut intervals = row.intervals.iter();
            let placed = row.points.iter().map(|p| (place(p), intervals.next()));
            let kept: Vec<_> = placed.filter_map(|(p, interval)| Some((p?, interval.copied()))).collect();
            row.points = kept.iter().map(|(p, _)| *p).collect();
            let ends = |(low, high): (f64, f64)| (low_end(low).max(-300.0), low_end(high));
            row.intervals = kept.iter().filter_map(|(_, interval)| interval.map(ends)).collect();
            row.band.retain_mut(|at| match (x.place(at.x), y.place(at.mean), y.place(at.low), y.place(at.high)) {
                (Some(x), Some(mean), Some(low), Some(high)) => {
                    *at = Spread { x, mean, low, high };
                    true
                }
                _ => false,
            });
        }
    }

    /// Returns the title and the last value of each run, for screen readers.
    fn in_words(&self, words: &Catalogue) -> String {
        let values: Vec<String> = self
            .rows
            .iter()
            .filter(|row| row.draw != Draw::Faint)
            .filter_map(|row| row.points.last().map(|p| format!("{} {}", row.full_name(), (self.y_format)(p[1]))))
            .collect();
        if values.is_empty() {
            return words.say_with("chart-summary-empty", &[("title", &self.title)]);
        }
        format!("{}: {}", self.title, values.join(", "))
    }

    /// Returns a table with a row for every point, which names its run.
    fn table(&self, words: &Catalogue) -> Table {
        let has_range = self.rows.iter().any(|row| !row.intervals.is_empty() || !row.band.is_empty());
        let mut headers = ["compare-run", "compare-curve"].map(|id| words.say(id)).to_vec();
        headers.extend([self.along_name.to_owned(), self.y_name.to_owned()]);
        if has_range {
            headers.extend(["compare-low", "compare-high"].map(|id| words.say(id)));
        }
        let mut table = Table::new(headers);
        for row in &self.rows {
            for (i, [x, y]) in row.points.iter().enumerate() {
                let mut cells = vec![row.name.clone(), row.of.clone(), save_plot::number(*x), save_plot::number(*y)];
                if has_range {
                    let band = row.band.get(i).map(|at| (at.low, at.high));
                    cells.extend(save_plot::range(row.intervals.get(i).copied().or(band)));
                }
                table.rows.push(cells);
            }
        }
        table
    }
}

impl Overlaid {
    /// Returns a curve of points alone.
    pub fn of(name: String, style: RunStyle, draw: Draw, points: Vec<[f64; 2]>) -> Self {
        let (of, note) = (String::new(), String::new());
        Self { name, of, style, draw, points, intervals: Vec::new(), band: Vec::new(), note }
    }

    fn full_name(&self) -> String {
        if self.of.is_empty() { self.name.clone() } else { format!("{}, {}", self.name, self.of) }
    }

    fn draw(&self, plot: &mut egui_plot::PlotUi<'_>, thick: f32, least: f64, in_crowd: bool) {
        let (name, transform) = (self.full_name(), *plot.transform());
        let RunStyle { colour, dashes, marker } = self.style;
        let (dashes, thick) = if in_crowd { (LineStyle::Solid, thick * 0.6) } else { (dashes, thick) };
        if self.band.len() > 1 {
            let of = |value: fn(&Spread) -> f64| self.band.iter().map(value).collect::<Vec<f64>>();
            let area = FilledArea::new(String::new(), &of(|at| at.x), &of(|at| at.low), &of(|at| at.high));
            plot.add(area.fill_color(colour.gamma_multiply(0.22)).allow_hover(false));
        }
        for ([x, _], (low, high)) in self.points.iter().zip(&self.intervals) {
            let bar = Line::new(String::new(), PlotPoints::new(vec![[*x, *low], [*x, *high]]));
            plot.line(bar.color(colour.gamma_multiply(0.7)).width(1.5 * thick).allow_hover(false));
        }
        let spaced = || PlotPoints::new(spaced(&by_column(self.points.clone(), &transform), least));
        // egui would widen such a line into a band where many points share a pixel, which happens where steps take no
        // time.
        let line = |width: f32| {
            Line::new(name.clone(), spaced()).color(colour).width(width * thick).style(dashes).allow_band(false)
        };
        match self.draw {
            Draw::Faint => {
                let faint = colour.gamma_multiply(faintness(self.points.len(), transform.frame().width()));
                plot.line(line(1.0).color(faint).style(LineStyle::Solid));
            }
            Draw::Line => plot.line(line(2.0)),
            Draw::Markers | Draw::Scatter => {
                let is_line = self.draw == Draw::Markers;
                let marked =
                    if is_line { spaced_marks(&self.points, MARKERS_APART, &transform) } else { self.points.clone() };
                if is_line {
                    // Values that have lost their marks can still be read from the line.
                    plot.line(line(1.2).allow_hover(marked.len() < self.points.len()));
                }
                let markers = Points::new(name.clone(), PlotPoints::new(marked)).color(colour).shape(marker);
                plot.points(markers.radius(5.0 * thick.sqrt()));
            }
        }
    }
}

/// Keeps the first and the last of the points that share a place, `least` apart. Where steps take no time, a line
/// against seconds would otherwise turn back on itself within a pixel.
fn spaced(points: &[[f64; 2]], least: f64) -> Vec<[f64; 2]> {
    let mut kept: Vec<[f64; 2]> = Vec::with_capacity(points.len());
    // This is true once the last kept point is already the second one of its place.
    let mut closes = false;
    for &[x, y] in points {
        match kept.last_mut() {
            Some(last) if x - last[0] < least => {
                if closes {
                    last[1] = y;
                } else {
                    let at = last[0] + least;
                    kept.push([at, y]);
                }
                closes = true;
            }
            _ => {
                kept.push([x, y]);
                closes = false;
            }
        }
    }
    kept
}

/// Writes seconds.
fn seconds(x: f64) -> String {
    match x.abs() {
        a if a >= 10.0 || (x - x.round()).abs() < 1e-9 => numbers::count(x.round().max(0.0) as usize),
        _ => format!("{x:.2}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_one_place_become_two() {
        let points = [[0.0, 1.0], [0.01, 5.0], [0.02, 2.0], [3.0, 4.0], [3.01, 6.0], [9.0, 7.0]];
        let kept = spaced(&points, 0.1);
        assert_eq!(kept, [[0.0, 1.0], [0.1, 2.0], [3.0, 4.0], [3.1, 6.0], [9.0, 7.0]]);
        assert_eq!(spaced(&points, 0.0), points);
    }
}
