//! Charts: axes with round marks, curves, points with their intervals, and levels to compare with.

use crate::words::numbers::tick;

use super::document::Weight;
use super::fonts::{fitted, width};
use super::svg::{Anchor, SIZE, SMALL, Svg};

/// How an axis writes its marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Whole numbers: `1,000`, `20 K`.
    Count,
    /// Shares as percents without a sign.
    Percent,
    /// Numbers with so many decimals as they need.
    Plain,
}

#[derive(Clone, Debug)]
pub struct Axis {
    pub name: String,
    pub from: f64,
    pub to: f64,
    pub is_log: bool,
    pub marks: Marks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Curve,
    /// A thin, pale curve behind others.
    Faint,
    Dots,
    Diamonds,
}

#[derive(Clone, Debug)]
pub struct Series {
    /// Empty for what the legend leaves out.
    pub name: String,
    pub colour: &'static str,
    pub mark: Mark,
    pub points: Vec<[f64; 2]>,
}

/// A point with its interval and its name beside it.
#[derive(Clone, Debug)]
pub struct Measured {
    pub name: String,
    pub colour: &'static str,
    pub at: [f64; 2],
    pub low: f64,
    pub high: f64,
}

/// A value to compare with, as a line across the whole chart.
#[derive(Clone, Debug)]
pub struct Level {
    pub name: String,
    pub colour: &'static str,
    pub value: f64,
}

#[derive(Clone, Debug)]
pub struct Plot {
    pub title: String,
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Series>,
    pub measured: Vec<Measured>,
    pub levels: Vec<Level>,
    /// Places on the x axis where something begins.
    pub stages: Vec<f64>,
}

impl Axis {
    /// An axis that holds all of these values with some air around them.
    pub fn around(name: String, marks: Marks, values: impl Iterator<Item = f64>) -> Self {
        let (mut from, mut to) =
            values.filter(|x| x.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        if from > to {
            (from, to) = (0.0, 1.0);
        }
        if to - from < 1e-9 {
            (from, to) = (from - 0.05 * from.abs().max(0.1), to + 0.05 * to.abs().max(0.1));
        }
        let air = 0.06 * (to - from);
        (from, to) = (if from >= 0.0 { (from - air).max(0.0) } else { from - air }, to + air);
        if marks == Marks::Percent {
            to = to.min(1.0);
        }
        Self { name, from, to, is_log: false, marks }
    }

    /// The same in powers of ten, for values over several of them.
    pub fn logarithmic(name: String, marks: Marks, values: impl Iterator<Item = f64>) -> Self {
        let (from, to) = values
            .filter(|x| x.is_finite() && *x > 0.0)
            .fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(x), b.max(x)));
        let (from, to) = if from > to { (1.0, 10.0) } else { (from, to) };
        Self { name, from: from / 1.6, to: to * 1.6, is_log: true, marks }
    }

    /// Where a value lies between the ends, from 0 to 1.
    fn share(&self, value: f64) -> f64 {
        let of = |x: f64| if self.is_log { x.max(f64::MIN_POSITIVE).log10() } else { x };
        (of(value) - of(self.from)) / (of(self.to) - of(self.from))
    }

    /// Round values between the ends, about so many.
    fn ticks(&self, wanted: f64) -> Vec<f64> {
        if self.is_log {
            let powers = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
            let within = |x: &f64| (self.from..=self.to).contains(x);
            let of = |factors: &[f64]| -> Vec<f64> {
                powers
                    .clone()
                    .flat_map(|power| factors.iter().map(move |f| f * 10f64.powi(power)))
                    .filter(within)
                    .collect()
            };
            let tens = of(&[1.0]);
            return if tens.len() > 2 { tens } else { of(&[1.0, 2.0, 5.0]) };
        }
        let step = round_step((self.to - self.from) / wanted);
        let first = (self.from / step).ceil() as i64;
        let last = ((self.to / step) * (1.0 + 1e-9)).floor() as i64;
        (first..=last.min(first + 20)).map(|i| i as f64 * step).filter(|x| *x <= self.to + step * 1e-6).collect()
    }

    fn written(&self, value: f64) -> String {
        match self.marks {
            Marks::Count => tick(value.round().max(0.0) as usize),
            Marks::Percent => trimmed(value * 100.0),
            Marks::Plain => trimmed(value),
        }
    }
}

/// The next of 1, 2, 5, 10, ... times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.max(1e-12).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|f| f * power).find(|s| *s >= step * 0.999).unwrap_or(10.0 * power)
}

fn trimmed(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

const LEFT: f64 = 44.0;
const BOTTOM: f64 = 40.0;

impl Plot {
    /// Draws the chart into a part of the picture: x, y, width and height.
    pub fn draw(&self, svg: &mut Svg, [left, top, full_width, full_height]: [f64; 4]) {
        svg.bold("text", Anchor::Start, [left, top + 12.0], SIZE, &self.title);
        let legend_height = self.legend(svg, [left, top + 30.0], full_width);
        let (x0, y0) = (left + LEFT, top + 26.0 + legend_height);
        let (w, h) = (full_width - LEFT - 8.0, full_height - 26.0 - legend_height - BOTTOM);
        let at = |x: f64, y: f64| [x0 + w * self.x.share(x), y0 + h * (1.0 - self.y.share(y))];
        for y in self.y.ticks(4.0) {
            let [_, py] = at(self.x.from, y);
            svg.line("grid", [x0, py], [x0 + w, py], 1.0);
            svg.text("muted", Anchor::End, [x0 - 7.0, py + 4.0], SMALL, &self.y.written(y));
        }
        let mut free = f64::NEG_INFINITY;
        for x in self.x.ticks((w / 70.0).max(2.0)) {
            let [px, _] = at(x, self.y.from);
            let text = self.x.written(x);
            let half = width(&text, Weight::Regular, SMALL) / 2.0;
            svg.line("outline", [px, y0 + h], [px, y0 + h + 4.0], 1.0);
            if px - half > free {
                svg.text("muted", Anchor::Middle, [px, y0 + h + 17.0], SMALL, &text);
                free = px + half + 6.0;
            }
        }
        svg.line("outline", [x0, y0 + h], [x0 + w, y0 + h], 1.0);
        svg.text(
            "muted",
            Anchor::End,
            [x0 + w, y0 + h + 34.0],
            SMALL,
            &fitted(&self.x.name, Weight::Regular, SMALL, w),
        );
        svg.upward("muted", [left + 8.0, y0 + h / 2.0], SMALL, &fitted(&self.y.name, Weight::Regular, SMALL, h));
        for stage in &self.stages {
            let [px, _] = at(*stage, self.y.from);
            svg.dashed("muted", [px, y0], [px, y0 + h]);
        }
        self.levels(svg, [x0, y0, w, h], at);
        for series in &self.series {
            let points: Vec<[f64; 2]> =
                series.points.iter().map(|[x, y]| at(*x, y.clamp(self.y.from, self.y.to))).collect();
            match series.mark {
                Mark::Curve => svg.curve(series.colour, &points, 1.8, 1.0),
                Mark::Faint => svg.curve(series.colour, &points, 1.0, 0.3),
                Mark::Dots => points.iter().for_each(|point| svg.dot(series.colour, *point, 2.2)),
                Mark::Diamonds => points.iter().for_each(|point| svg.diamond(series.colour, *point, 5.0)),
            }
        }
        self.points(svg, [x0, y0, w, h], at);
    }

    /// The names of the series, which stand in as many lines as they need. Returns their height.
    fn legend(&self, svg: &mut Svg, [left, top]: [f64; 2], room: f64) -> f64 {
        let (mut x, mut y) = (left, top);
        let named: Vec<&Series> = self.series.iter().filter(|series| !series.name.is_empty()).collect();
        for series in &named {
            let name = fitted(&series.name, Weight::Regular, SMALL, room - 22.0);
            let wide = 20.0 + width(&name, Weight::Regular, SMALL) + 14.0;
            if x > left && x + wide - 14.0 > left + room {
                (x, y) = (left, y + 16.0);
            }
            let middle = y - 4.0;
            match series.mark {
                Mark::Curve | Mark::Faint => svg.curve(series.colour, &[[x, middle], [x + 14.0, middle]], 1.8, 1.0),
                Mark::Dots => svg.dot(series.colour, [x + 7.0, middle], 2.2),
                Mark::Diamonds => svg.diamond(series.colour, [x + 7.0, middle], 4.5),
            }
            svg.text("muted", Anchor::Start, [x + 20.0, y], SMALL, &name);
            x += wide;
        }
        if named.is_empty() { 0.0 } else { y - top + 16.0 }
    }

    /// Levels with their names, which never stand on each other.
    fn levels(&self, svg: &mut Svg, [x0, y0, w, h]: [f64; 4], at: impl Fn(f64, f64) -> [f64; 2]) {
        let mut levels: Vec<(f64, &Level)> = self
            .levels
            .iter()
            .filter(|level| (self.y.from..=self.y.to).contains(&level.value))
            .map(|level| (at(self.x.from, level.value)[1], level))
            .collect();
        levels.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut lowest = y0 + 2.0;
        for (y, level) in levels {
            svg.dashed(level.colour, [x0, y], [x0 + w, y]);
            let baseline = (y - 4.0).max(lowest + 10.0).min(y0 + h - 4.0);
            svg.text(
                level.colour,
                Anchor::End,
                [x0 + w - 2.0, baseline],
                SMALL,
                &fitted(&level.name, Weight::Regular, SMALL, w - 8.0),
            );
            lowest = baseline + 3.0;
        }
    }

    /// Points with their intervals. Each name stands where it covers none that is there already.
    fn points(&self, svg: &mut Svg, [x0, y0, w, h]: [f64; 4], at: impl Fn(f64, f64) -> [f64; 2]) {
        let mut taken: Vec<[f64; 4]> = Vec::new();
        let clamp = |y: f64| y.clamp(self.y.from, self.y.to);
        for point in &self.measured {
            let ([x, y], [_, low], [_, high]) = (
                at(point.at[0], clamp(point.at[1])),
                at(point.at[0], clamp(point.low)),
                at(point.at[0], clamp(point.high)),
            );
            svg.line(point.colour, [x, low], [x, high], 1.5);
            for end in [low, high] {
                svg.line(point.colour, [x - 4.0, end], [x + 4.0, end], 1.5);
            }
            svg.dot(point.colour, [x, y], 4.0);
            taken.push([x - 5.0, y - 5.0, 10.0, 10.0]);
        }
        for point in &self.measured {
            let [x, y] = at(point.at[0], clamp(point.at[1]));
            let name = fitted(&point.name, Weight::Regular, SMALL, w * 0.6);
            let wide = width(&name, Weight::Regular, SMALL);
            let spots = [-4.0, 10.0, -16.0, 22.0, -28.0, 34.0]
                .into_iter()
                .flat_map(|dy| [x + 8.0, x - 8.0 - wide].map(|left| [left, y + dy - 5.0, wide, 13.0]));
            let is_inside = |[left, top, wide, tall]: &[f64; 4]| {
                *left >= x0 && left + wide <= x0 + w + 8.0 && *top >= y0 - 6.0 && top + tall <= y0 + h
            };
            let covers = |a: &[f64; 4], b: &[f64; 4]| {
                a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3]
            };
            let spots: Vec<[f64; 4]> = spots.filter(is_inside).collect();
            let free = spots.iter().find(|spot| !taken.iter().any(|other| covers(spot, other)));
            if let Some(spot) = free.or(spots.first()) {
                svg.text(point.colour, Anchor::Start, [spot[0], spot[1] + 10.0], SMALL, &name);
                taken.push(*spot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_within_the_axis() {
        let axis = Axis::around("loss".into(), Marks::Plain, [0.21, 0.734].into_iter());
        assert_eq!(axis.ticks(4.0).iter().map(|x| axis.written(*x)).collect::<Vec<_>>(), ["0.2", "0.4", "0.6"]);
        let log = Axis::logarithmic("parameters".into(), Marks::Count, [770.0, 22_713_986.0].into_iter());
        let ticks: Vec<String> = log.ticks(4.0).iter().map(|x| log.written(*x)).collect();
        assert_eq!(ticks, ["1,000", "10 K", "100 K", "1 M", "10 M"]);
        for axis in [
            Axis::around(String::new(), Marks::Percent, [].into_iter()),
            Axis::around(String::new(), Marks::Percent, [f64::NAN, 1.0, 1.0].into_iter()),
        ] {
            assert!(axis.from < axis.to && axis.to <= 1.0 + 1e-9 && !axis.ticks(4.0).is_empty(), "{axis:?}");
        }
    }
}
