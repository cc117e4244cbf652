//! The axes of all plots: how far they reach, which values are marked, and how marks are written. No two marks of one
//! axis read the same, however far it is zoomed in.

use std::ops::RangeInclusive;

use eframe::egui::{self, FontId, Rangef, RichText, TextStyle, Ui};
use egui_plot::{AxisHints, GridInput, GridMark};

use crate::words::numbers;

use super::theme;

/// The spacing of grid lines is computed in units of this many points.
pub const GRID_UNIT: f32 = 8.0;

/// The share of the values that an axis without outliers leaves out at either end.
const OUTLIERS: f64 = 0.01;

/// Among fewer values none is an outlier.
const FEW: usize = 20;

/// A value axis has this share of its length free at either end.
const MARGIN: f64 = 0.04;
/// An axis of shares ends at 0 and 1. This much room keeps the lines there whole.
const SHARE_MARGIN: f64 = 0.02;

/// How values are laid out along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scale {
    #[default]
    Even,
    /// Powers of ten are evenly spaced. There is no place for 0 and what is below it.
    Log,
}

impl Scale {
    pub fn of(is_log: bool) -> Self {
        if is_log { Self::Log } else { Self::Even }
    }

    /// The place of a value, if it has one.
    pub fn place(self, value: f64) -> Option<f64> {
        let place = if self == Self::Log { value.log10() } else { value };
        place.is_finite().then_some(place)
    }

    /// The value at a place.
    pub fn value(self, place: f64) -> f64 {
        if self == Self::Log { 10_f64.powf(place) } else { place }
    }

    pub fn marks(self, input: GridInput, units: f32, least: f64) -> Vec<GridMark> {
        match self {
            Self::Even => even_marks(input, units, least),
            Self::Log => log_marks(input),
        }
    }

    /// Writes a mark of an axis that shows these places.
    pub fn tick(self, mark: GridMark, shown: &RangeInclusive<f64>) -> String {
        match self {
            Self::Even => tick(mark.value, mark.step_size),
            Self::Log => {
                let (value, step) = log_value(mark.value, shown);
                tick(value, step)
            }
        }
    }
}

/// What the value axis of a plot reaches over.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// All values, and this range.
    All(RangeInclusive<f64>),
    /// The axis ends at 0 and 1.
    Share,
    /// The values but for the lowest and the highest hundredth.
    Middle,
    /// The same of shares, which end at 0 and 1.
    MiddleShare,
}

/// The places at which a value axis ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ends {
    pub low: f64,
    pub high: f64,
    /// How many values lie beyond.
    pub outside: usize,
}

impl Reach {
    /// Returns the reach of an axis of shares.
    pub fn of_share(fits_middle: bool) -> Self {
        if fits_middle { Self::MiddleShare } else { Self::Share }
    }

    /// Returns the reach of an axis of other values, which always includes this range unless it fits the middle.
    pub fn of_range(fits_middle: bool, range: RangeInclusive<f64>) -> Self {
        if fits_middle { Self::Middle } else { Self::All(range) }
    }

    pub fn ends(&self, values: impl Iterator<Item = f64>, scale: Scale) -> Ends {
        let mut places: Vec<f64> = values.filter_map(|value| scale.place(value)).collect();
        let (low, high) = match self {
            Self::Share => return Ends { low: -SHARE_MARGIN, high: 1.0 + SHARE_MARGIN, outside: 0 },
            Self::All(range) => {
                places.extend([*range.start(), *range.end()].into_iter().filter_map(|value| scale.place(value)));
                let low = places.iter().copied().fold(f64::INFINITY, f64::min);
                (low, places.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            }
            Self::Middle | Self::MiddleShare => middle(&mut places),
        };
        if low > high {
            return Ends { low: 0.0, high: 1.0, outside: 0 };
        }
        let outside = places.iter().filter(|place| !(low..=high).contains(*place)).count();
        let room = match (high - low) * MARGIN {
            room if room > high.abs().max(low.abs()) * 1e-12 && room > 0.0 => room,
            // All values are the same.
            _ => (high.abs() * 0.1).max(1e-9),
        };
        let ends = Ends { low: low - room, high: high + room, outside };
        if *self == Self::MiddleShare {
            return Ends { low: ends.low.max(-SHARE_MARGIN), high: ends.high.min(1.0 + SHARE_MARGIN), ..ends };
        }
        ends
    }
}

/// The range of the places without the outliers. A single spike among a few dozen places is one.
fn middle(places: &mut [f64]) -> (f64, f64) {
    let Some(last) = places.len().checked_sub(1) else { return (f64::INFINITY, f64::NEG_INFINITY) };
    let cut = if last < FEW { 0 } else { (last as f64 * OUTLIERS).ceil() as usize };
    let mut at = |rank: usize| *places.select_nth_unstable_by(rank, f64::total_cmp).1;
    (at(cut), at(last - cut))
}

/// Returns the smallest of 1, 2 or 5 times a power of ten that is at least `wanted`.
fn round_step(wanted: f64) -> f64 {
    let power = 10_f64.powf(wanted.log10().floor());
    let step_size = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= wanted * 0.999);
    step_size.unwrap_or(wanted)
}

/// Returns marks at 1, 2 or 5 times a power of ten that are at least `units` grid units and at least `least` apart.
pub fn even_marks(input: GridInput, units: f32, least: f64) -> Vec<GridMark> {
    let wanted = (input.base_step_size * f64::from(units)).max(least);
    if !wanted.is_finite() || wanted <= 0.0 {
        return Vec::new();
    }
    multiples(round_step(wanted), input.bounds)
        .map(|(value, step_size)| GridMark { value, step_size })
        .take(200)
        .collect()
}

/// Returns the multiples of a step within these bounds, each with the step.
fn multiples(step: f64, (from, to): (f64, f64)) -> impl Iterator<Item = (f64, f64)> {
    let marks = ((from / step).ceil() as i64)..=((to / step).floor() as i64);
    marks.map(move |i| (i as f64 * step, step))
}

/// Returns the step between the marks of a logarithmic axis that shows less than a power of ten. Its marks are evenly
/// spaced values.
fn step_within_a_power(from: f64, to: f64) -> Option<f64> {
    let span = 10_f64.powf(to) - 10_f64.powf(from);
    (to - from < 1.0 && span > 0.0).then(|| round_step(span / 6.0))
}

/// Returns the value at a place of a logarithmic axis, and how far the next marked value is.
pub fn log_value(place: f64, shown: &RangeInclusive<f64>) -> (f64, f64) {
    let value = 10_f64.powf(place);
    let step = step_within_a_power(*shown.start(), *shown.end());
    (value, step.unwrap_or_else(|| 10_f64.powf((place + 1e-9).floor())))
}

/// Returns the marks of a logarithmic axis: powers of ten; 1, 2 and 5 times the powers where few powers are in view; even
/// steps where less than one is.
pub fn log_marks(input: GridInput) -> Vec<GridMark> {
    let (from, to) = input.bounds;
    if !(to - from).is_finite() || to - from > 600.0 {
        return Vec::new();
    }
    if let Some(step) = step_within_a_power(from, to) {
        let values = multiples(step, (10_f64.powf(from), 10_f64.powf(to))).filter(|(value, _)| *value > 0.0);
        let places: Vec<f64> = values.map(|(value, _)| value.log10()).take(200).collect();
        let apart = places.windows(2).map(|pair| pair[1] - pair[0]).fold(to - from, f64::min);
        return places.into_iter().map(|value| GridMark { value, step_size: apart }).collect();
    }
    // Powers of ten are so far apart that their labels have room.
    let stride = (2.0 * input.base_step_size).ceil().clamp(1.0, 100.0) as usize;
    let powers = (from.floor() as i32)..=(to.ceil() as i32);
    // The marks at 2 and 5 give way first.
    let times: &[(f64, f64)] = if to - from > 2.5 { &[(1.0, 1.0)] } else { &[(1.0, 1.0), (2.0, 0.3), (5.0, 0.3)] };
    powers
        .filter(|power| power.rem_euclid(stride as i32) == 0)
        .flat_map(|power| times.iter().map(move |(times, room)| (f64::from(power) + times.log10(), *room)))
        .filter(|(place, _)| (from..=to).contains(place))
        .map(|(value, room)| GridMark { value, step_size: room * stride as f64 })
        .collect()
}

/// Writes a value with as many digits as tell it apart from a value that is `step` away.
pub fn tick(value: f64, step: f64) -> String {
    if value.abs() < step * 1e-6 {
        return "0".to_owned();
    }
    let power_of = |x: f64| (x.abs().log10() + 1e-9).floor() as i32;
    let (first, last) = (power_of(value), power_of(step));
    if last < -4 || first > 6 {
        let digits = (first - last).clamp(0, 15) as usize;
        return trimmed(&format!("{value:.digits$e}"));
    }
    let decimals = (-last).max(0) as usize;
    numbers::grouped(format!("{value:.decimals$}"))
}

/// Removes the zeros at the end of a mantissa: `1.00e-4` is `1e-4`.
fn trimmed(scientific: &str) -> String {
    match scientific.split_once('e') {
        Some((mantissa, power)) if mantissa.contains('.') => {
            format!("{}e{power}", mantissa.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => scientific.to_owned(),
    }
}

/// Writes a count as [`tick`] does, in thousands (K), millions (M) or billions (G).
pub fn short_tick(value: f64, step: f64) -> String {
    let units = [(1e9, " G"), (1e6, " M"), (1e3, " K")];
    let unit = units.into_iter().find(|(unit, _)| value.abs() >= 10_000.0 && value.abs() >= unit * 0.999_999);
    let (unit, name) = unit.unwrap_or((1.0, ""));
    format!("{}{name}", tick(value / unit, step / unit))
}

/// Steps are whole numbers, so marks between them get no label.
pub fn whole_tick(value: f64) -> String {
    if value >= 0.0 && (value - value.round()).abs() < 1e-6 {
        numbers::count(value.round() as usize)
    } else {
        String::new()
    }
}

/// Returns an axis along the bottom, in the look of all charts.
pub fn x_axis<'a>(ui: &Ui, name: &str) -> AxisHints<'a> {
    look(ui, AxisHints::new_x(), name)
}

/// The axis below a plot takes so much of its height.
const BELOW: f32 = 38.0;

/// Returns an axis of values, in the look of all charts. The axis name stands upright beside the plot; where the plot is
/// too low for that, it is drawn in a line above it, so that it is neither cut nor reaches into what is above.
pub fn y_axis<'a>(ui: &mut Ui, name: &str) -> AxisHints<'a> {
    let fits = theme::text_width(ui, name, TextStyle::Small) <= ui.available_height() - BELOW;
    if !fits {
        theme::cut(ui, theme::small_muted(ui, name));
    }
    look(ui, AxisHints::new_y(), if fits { name } else { "" }).min_thickness(34.0)
}

fn look<'a>(ui: &Ui, axis: AxisHints<'a>, name: &str) -> AxisHints<'a> {
    let p = theme::palette(ui);
    axis.label(RichText::new(name).text_style(TextStyle::Small).color(p.muted))
        .label_spacing(Rangef::new(10.0, 11.0))
        .tick_label_font(small_font())
        .tick_label_color(p.muted)
}

pub fn small_font() -> FontId {
    FontId::new(11.0, egui::FontFamily::Proportional)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns whether the name stands upright and whether it lies, as it is painted, in full.
    fn painted(height: f32) -> [bool; 2] {
        let name = "cross-entropy (nats)";
        let builder = egui_kittest::Harness::builder().with_size(egui::vec2(300.0, height));
        let mut harness = builder.with_context_setup(theme::install).build_ui(move |ui| {
            let axes = (x_axis(ui, "step"), y_axis(ui, name));
            super::super::chart::plot(ui, axes.0, axes.1).show(ui, |_| {});
        });
        harness.run();
        let mut found = [false; 2];
        for clipped in &harness.output().shapes {
            if let egui::Shape::Text(text) = &clipped.shape
                && text.galley.rows.iter().map(|row| row.text()).collect::<String>() == name
            {
                found[usize::from(text.angle == 0.0)] = true;
            }
        }
        found
    }

    #[test]
    fn the_name_of_an_axis_is_never_cut() {
        assert_eq!(painted(300.0), [true, false]);
        assert_eq!(painted(120.0), [false, true]);
    }

    fn ticks(scale: Scale, from: f64, to: f64, points: f64) -> Vec<String> {
        let input = GridInput { bounds: (from, to), base_step_size: (to - from) / points * f64::from(GRID_UNIT) };
        let shown = from..=to;
        scale.marks(input, 30.0 / GRID_UNIT, 0.0).into_iter().map(|mark| scale.tick(mark, &shown)).collect()
    }

    fn are_different(ticks: &[String]) -> bool {
        ticks.iter().all(|tick| !tick.is_empty() && ticks.iter().filter(|other| *other == tick).count() == 1)
    }

    proptest! {
        #[test]
        fn no_two_ticks_of_an_axis_read_the_same(
            (at, power) in (-1.0..1.0f64, -9.0..9.0f64), zoom in 0.0..8.0f64, points in 60.0..2000.0f64,
        ) {
            let middle = at * 10_f64.powf(power);
            let half = (middle.abs() * 10_f64.powf(-zoom)).max(1e-12);
            let even = ticks(Scale::Even, middle - half, middle + half, points);
            prop_assert!(are_different(&even), "{even:?}");
            let width = 10_f64.powf(1.0 - zoom * 0.7);
            let log = ticks(Scale::Log, power, power + width, points);
            prop_assert!(are_different(&log), "{log:?}");
            prop_assert!(log.len() > 1 || points < 100.0, "{log:?} from {power} to {}", power + width);
            let input = GridInput { bounds: (power, power + width), base_step_size: width / points * 8.0 };
            let short: Vec<String> = log_marks(input).iter().map(|mark| {
                let (value, step) = log_value(mark.value, &(power..=power + width));
                short_tick(value, step)
            }).collect();
            prop_assert!(are_different(&short), "{short:?}");
        }
    }

    #[test]
    fn ticks_are_short() {
        assert_eq!(ticks(Scale::Even, 0.0, 1.0, 200.0), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(ticks(Scale::Even, 0.0, 1e-4, 120.0), ["0", "5e-5", "1e-4"]);
        assert_eq!(ticks(Scale::Even, 0.81005, 0.81045, 120.0), ["0.8101", "0.8102", "0.8103", "0.8104"]);
        assert_eq!(ticks(Scale::Log, 0.9, 2.4, 200.0), ["10", "20", "50", "100", "200"]);
        assert_eq!(ticks(Scale::Log, -5.0, -1.0, 200.0), ["1e-5", "0.0001", "0.001", "0.01", "0.1"]);
        assert_eq!(ticks(Scale::Log, 2.0, 6.0, 300.0), ["100", "1,000", "10,000", "100,000", "1,000,000"]);
        assert_eq!([770.0, 20_000.0, 1_500_000.0].map(|x| short_tick(x, x)), ["770", "20 K", "2 M"]);
        assert_eq!(short_tick(22_710_000.0, 10_000.0), "22.71 M");
        assert!(ticks(Scale::Log, 0.0, f64::INFINITY, 100.0).is_empty());
    }

    #[test]
    fn an_axis_of_shares_ends_at_0_and_1() {
        let ends = Reach::Share.ends([0.4, 0.7].into_iter(), Scale::Even);
        let marks = ticks(Scale::Even, ends.low, ends.high, 200.0);
        assert_eq!((marks.first().map(String::as_str), marks.last().map(String::as_str)), (Some("0"), Some("1.0")));
        assert!(ends.low > -0.03 && ends.high < 1.03);
    }

    #[test]
    fn without_outliers_an_axis_fits_the_middle_values_and_counts_the_rest() {
        let values = || (0..63).map(|i| 0.5 + f64::from(i) * 1e-3).chain([900.0]);
        let all = Reach::All(0.0..=0.7).ends(values(), Scale::Even);
        assert!(all.high > 900.0 && all.low < 0.0 && all.outside == 0);
        let middle = Reach::Middle.ends(values(), Scale::Even);
        assert!(middle.high < 0.6 && middle.low > 0.49, "{middle:?}");
        assert_eq!(middle.outside, 2, "the spike, and the lowest value");
        let log = Reach::All(0.0..=1.0).ends([0.0, -3.0, 1e-4, f64::NAN].into_iter(), Scale::Log);
        assert!(log.low > -4.5 && log.high < 0.5, "what is not above 0 has no place: {log:?}");
    }

    #[test]
    fn an_axis_of_one_value_or_of_none_has_a_length() {
        for reach in [Reach::All(0.5..=0.5), Reach::Middle] {
            for values in [vec![], vec![0.5], vec![0.5; 300], vec![f64::NAN]] {
                let ends = reach.ends(values.iter().copied(), Scale::Even);
                assert!(ends.low < ends.high, "{reach:?} of {values:?}");
            }
        }
    }
}
