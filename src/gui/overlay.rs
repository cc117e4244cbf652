//! An overlay draws many runs in one chart. Each run has its colour, dashes and marker; bands show the spread over
//! seeds, and bars show the intervals around values.

mod run_style;

use std::ops::RangeInclusive;

use eframe::egui::{Id, Role, Ui, WidgetInfo, vec2};
use egui_plot::{FilledArea, GridInput, GridMark, HoverPosition, Line, LineStyle, PlotPoints, Points};

use crate::app::run::curves::Spread;
use crate::words::{Catalogue, numbers};

use super::chart::{GRID_UNIT, even_marks, plot, tick, x_axis, y_axis};
use super::save_plot::{self, Table};
use super::scene::Scene;
use super::theme;

pub use run_style::RunStyle;

/// An axis has about this many places that can be told apart. Points that are closer share a place on the screen.
const PLACES: f64 = 800.0;

/// Above this many rows the styles repeat so often that they no longer tell runs apart.
const CROWD: usize = 60;

/// How the points of a row are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
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
}

/// The axis along the bottom.
#[derive(Clone, Copy)]
pub struct Along<'a> {
    /// The name includes the unit.
    pub name: &'a str,
    /// On a logarithmic axis powers of ten are evenly spaced, and places at or below 0 are left out.
    pub log: bool,
    pub format: fn(f64) -> String,
    /// If this is true, marks stand at whole numbers only.
    pub whole: bool,
}

/// A chart of many runs, ready to be drawn.
pub struct Overlay<'a> {
    pub id: Id,
    /// This title names the plot in its heading and in saved files.
    pub title: &'a str,
    pub hover: &'a str,
    pub along: Along<'a>,
    /// The name of the value includes its unit.
    pub y_name: &'a str,
    pub y_format: fn(f64) -> String,
    pub rows: Vec<Overlaid>,
    /// This text stands in the middle while there is nothing to draw.
    pub empty: &'a str,
}

impl Overlay<'_> {
    /// Draws the heading and the chart into all the available space. A saved picture includes the card around them.
    pub fn show(mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let card = theme::card_around(ui);
        theme::heading_row(ui, self.title, Some(self.hover), |ui| {
            save_plot::button(ui, scene, self.title, card, |scene| self.table(scene.words));
        });
        if self.along.log {
            self.take_logarithms();
        }
        let nothing = self.rows.iter().all(|row| row.points.is_empty());
        let summary = self.in_words(scene.words);
        let thick = theme::thickness(ui);
        let (along, y_format) = (self.along, self.y_format);
        let names: Vec<String> = self.rows.iter().map(Overlaid::full_name).collect();
        let x_name = along.name.to_owned();
        let (format, log, whole) = (along.format, along.log, along.whole);
        let place = move |x: f64| format(if log { 10_f64.powf(x) } else { x });
        let x_axis = x_axis(ui, along.name).formatter(move |mark: GridMark, _: &RangeInclusive<f64>| place(mark.value));
        let y_axis = y_axis(ui, self.y_name).formatter(move |mark, _| tick(mark, y_format));
        let (from, to) = self.places();
        let least = ((to - from) / PLACES).max(0.0);
        let rows = self.rows;
        // Among so many rows nobody recognises a run by its dashes. Thin plain lines can still be followed and are
        // faster to draw.
        let is_crowd = rows.len() > CROWD;
        let mut plot = plot(ui, self.id, x_axis, y_axis)
            .label_formatter(move |at| {
                let HoverPosition::NearDataPoint { plot_name, position, .. } = at else { return None };
                names.iter().find(|name| name == plot_name)?;
                Some(format!("{plot_name}\n{x_name}: {}\n{}", place(position.x), y_format(position.y)))
            })
            .set_margin_fraction(vec2(0.03, 0.05))
            .x_grid_spacer(move |input| match (log, whole) {
                (true, _) => log_marks(input),
                (false, true) => even_marks(input, 72.0 / GRID_UNIT, 1.0),
                (false, false) => even_marks(input, 72.0 / GRID_UNIT, 0.0),
            });
        if !log {
            plot = plot.include_x(0.0);
        }
        if nothing {
            plot = plot.include_x(1.0);
        } else if log && to - from < 0.5 {
            // Such a short range could lie between two marks, so the axis reaches out to the nearest powers of ten.
            plot = plot.include_x(from.floor()).include_x(to.ceil());
        }
        let response = plot
            .show(ui, move |plot| {
                for row in rows {
                    row.draw(plot, thick, least, is_crowd);
                }
            })
            .response;
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, &summary));
        if nothing {
            theme::centred_note(ui, response.rect, self.empty);
        }
    }

    /// Returns the lowest and the highest place along the axis.
    fn places(&self) -> (f64, f64) {
        let places = || self.rows.iter().flat_map(|row| &row.points).map(|p| p[0]);
        (places().fold(f64::INFINITY, f64::min), places().fold(f64::NEG_INFINITY, f64::max))
    }

    fn take_logarithms(&mut self) {
        for row in &mut self.rows {
            let is_right: Vec<bool> = row.points.iter().map(|p| p[0] > 0.0).collect();
            let mut kept = is_right.iter();
            row.intervals.retain(|_| kept.next().copied().unwrap_or(true));
            row.points.retain(|p| p[0] > 0.0);
            row.points.iter_mut().for_each(|p| p[0] = p[0].log10());
            row.band.retain(|at| at.x > 0.0);
            row.band.iter_mut().for_each(|at| at.x = at.x.log10());
        }
    }

    /// Returns the title and the last value of each run, for screen readers.
    fn in_words(&self, words: &Catalogue) -> String {
        let values: Vec<String> = self
            .rows
            .iter()
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
        headers.extend([self.along.name.to_owned(), self.y_name.to_owned()]);
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
        Self { name, of: String::new(), style, draw, points, intervals: Vec::new(), band: Vec::new() }
    }

    fn full_name(&self) -> String {
        if self.of.is_empty() { self.name.clone() } else { format!("{}, {}", self.name, self.of) }
    }

    fn draw(self, plot: &mut egui_plot::PlotUi<'_>, thick: f32, least: f64, in_crowd: bool) {
        let name = self.full_name();
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
        let points = || PlotPoints::new(self.points.clone());
        let spaced = || PlotPoints::new(spaced(&self.points, least));
        // egui would widen such a line into a band where many points share a pixel, which happens where steps take no
        // time.
        let line = |width: f32| {
            Line::new(name.clone(), spaced()).color(colour).width(width * thick).style(dashes).allow_band(false)
        };
        match self.draw {
            Draw::Line => plot.line(line(2.0)),
            Draw::Markers | Draw::Scatter => {
                if self.draw == Draw::Markers {
                    plot.line(line(1.2).allow_hover(false));
                }
                let markers = Points::new(name.clone(), points()).color(colour).shape(marker);
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

/// Returns the marks of a logarithmic axis: 1, 2 and 5 times the powers of ten, or only the powers where many are in
/// view.
fn log_marks(input: GridInput) -> Vec<GridMark> {
    let (from, to) = input.bounds;
    if !(to - from).is_finite() || to - from > 40.0 {
        return Vec::new();
    }
    let times: &[f64] = if to - from > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let powers = (from.floor() as i32)..=(to.ceil() as i32);
    let at = powers.flat_map(|power| times.iter().map(move |times| f64::from(power) + times.log10()));
    at.filter(|at| (from..=to).contains(at)).map(|value| GridMark { value, step_size: 1.0 }).collect()
}

/// Writes seconds on an axis.
pub fn seconds(x: f64) -> String {
    match x.abs() {
        a if a >= 10.0 || (x - x.round()).abs() < 1e-9 => numbers::count(x.round().max(0.0) as usize),
        _ => format!("{x:.2}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

/// Writes whole numbers, such as steps, on an axis. Between them it writes nothing.
pub fn whole(x: f64) -> String {
    if x >= 0.0 && (x - x.round()).abs() < 1e-6 { numbers::count(x.round() as usize) } else { String::new() }
}

/// Writes a count on an axis in few characters.
pub fn short(x: f64) -> String {
    numbers::tick(x.round().max(0.0) as usize)
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

    #[test]
    fn logarithmic_marks_are_round_numbers() {
        let marks = |bounds| {
            let input = GridInput { bounds, base_step_size: 0.01 };
            log_marks(input).iter().map(|m| whole(10_f64.powf(m.value))).collect::<Vec<_>>()
        };
        assert_eq!(marks((0.9, 2.4)), ["10", "20", "50", "100", "200"]);
        assert_eq!(marks((2.0, 6.0)), ["100", "1,000", "10,000", "100,000", "1,000,000"]);
        assert!(marks((0.0, f64::INFINITY)).is_empty());
    }
}
