//! How numbers are written, the same in the window and in the terminal: 1,234,567; 0.8310; 2:41; 8.5 %.

use super::Language;

/// A number together with how it is to be written. Counts need none: a `usize` or `u64` fills a blank by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A number that names something, such as a seed: no commas.
    Plain(u64),
    /// The number has this many digits behind the point.
    Decimal(f64, usize),
    /// A difference with its sign and so many digits: `+3.4`.
    Signed(f64, usize),
    /// A share or a loss with four decimals: `0.8310`.
    Ratio(f64),
    /// A share as a percentage: `8.5 %`, `81.0 %`, `100 %`, `<0.1 %`.
    Percent(f64),
    /// A share that may be tiny, such as that of the trainable parameters: `8.5 %`, `0.003 %`.
    FinePercent(f64),
    /// How much of some work is done, in whole percents; 100 % only at its end.
    Progress(f64),
    /// Seconds as `0:07`, `2:41`, `1:02:41`.
    Clock(f64),
    /// Seconds with a decimal, where a clock would show too little: `0.3 s`, `12.8 s`.
    Seconds(f64),
    /// Bytes in the unit that fits: `812 B`, `1.2 MB`, `45 MB`.
    Bytes(u64),
    /// Bytes in whole megabytes, so that a column of them compares well.
    Megabytes(u64),
    /// A learning rate as people write it: `1e-4`, `2.5e-5`, `0`.
    LearningRate(f64),
    /// A number of any size with four figures: `0.8310`, `12.35`, `1.2e-6`.
    Figure(f64),
    /// A big count in a few characters: `770`, `14.6 K`, `1.92 M`; in Korean `1.46만`, `192만`.
    ShortCount(usize),
}

impl Number {
    /// The number as a reader of this language writes it: Korean sets units without a space.
    pub fn write(self, language: Language) -> String {
        let is_korean = language == Language::Korean;
        let unit = |(number, unit): (String, &str)| {
            if is_korean || unit.is_empty() { number + unit } else { format!("{number} {unit}") }
        };
        match self {
            Self::Plain(n) => n.to_string(),
            Self::Decimal(x, digits) => grouped(format!("{x:.digits$}")),
            Self::Signed(x, digits) => format!("{x:+.digits$}"),
            Self::Ratio(x) => ratio(x),
            Self::Percent(share) => unit((percent_digits(share), "%")),
            Self::FinePercent(share) => unit((fine_percent_digits(share), "%")),
            Self::Progress(share) => unit((format!("{:.0}", (share * 100.0).clamp(0.0, 100.0).floor()), "%")),
            Self::Clock(secs) => clock(secs),
            Self::Seconds(secs) => unit((grouped(format!("{secs:.1}")), if is_korean { "초" } else { "s" })),
            Self::Bytes(n) => unit(bytes(n)),
            Self::Megabytes(n) => unit((grouped(n.div_ceil(1_000_000).to_string()), "MB")),
            Self::LearningRate(x) => learning_rate(x),
            Self::Figure(x) => figure(x),
            Self::ShortCount(n) => unit(short_count(n, language)),
        }
    }
}

/// `1234567` as `1,234,567`.
pub fn count(n: usize) -> String {
    grouped(n.to_string())
}

/// Commas between the thousands of a number that is written out.
pub fn grouped(mut digits: String) -> String {
    let start = usize::from(digits.starts_with('-'));
    let whole = digits.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(digits.len());
    for i in (start + 1..whole).rev().filter(|i| (whole - i).is_multiple_of(3)) {
        digits.insert(i, ',');
    }
    digits
}

/// A share or a loss with four decimals: `0.8310`.
pub fn ratio(x: f64) -> String {
    format!("{x:.4}")
}

/// A share in percents, without the sign. One decimal stays, so that 81.0 lines up with 81.1; only nothing and all
/// are whole.
fn percent_digits(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0".to_owned(),
        100.0 => "100".to_owned(),
        p if p > 0.0 && p < 0.1 => "<0.1".to_owned(),
        p if (99.95..100.0).contains(&p) => ">99.9".to_owned(),
        p => format!("{p:.1}"),
    }
}

/// A share in percents, without the sign; near nothing and near all it has more digits.
pub fn fine_percent_digits(share: f64) -> String {
    match share * 100.0 {
        p if p > 0.0 && p < 0.0005 => "<0.001".to_owned(),
        p if (99.9995..100.0).contains(&p) => ">99.999".to_owned(),
        p if p > 0.0 && p < 1.0 || (99.95..100.0).contains(&p) => format!("{p:.3}"),
        p => format!("{p:.1}"),
    }
}

/// Seconds as `0:07`, `2:41`, `1:02:41`.
pub fn clock(secs: f64) -> String {
    let s = if secs.is_finite() { secs.max(0.0).round() as u64 } else { 0 };
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// Times that stand beside each other: all with a decimal when a clock would show too little of one, else all as clocks.
pub fn durations<const N: usize>(secs: [f64; N]) -> [Number; N] {
    let is_short = secs.iter().any(|secs| (0.0..10.0).contains(secs));
    let is_long = secs.iter().any(|secs| *secs >= 60.0);
    secs.map(if is_short && !is_long { Number::Seconds } else { Number::Clock })
}

/// The number in the first unit in which it is below the limit, or in the last unit, and that unit's name.
fn in_unit<'a>(n: f64, limit: f64, units: &[(f64, &'a str)]) -> (f64, &'a str) {
    let fits = units.iter().find(|(size, _)| n / size < limit).or(units.last());
    fits.map_or((n, ""), |(size, name)| (n / size, *name))
}

/// Bytes and their unit. What rounds up to a thousand has the next unit.
fn bytes(n: u64) -> (String, &'static str) {
    let units = [(1.0, "B"), (1e3, "KB"), (1e6, "MB"), (1e9, "GB"), (1e12, "TB")];
    let (value, unit) = in_unit(n as f64, 999.5, &units);
    let decimals = usize::from(unit != "B" && value < 9.95);
    (format!("{value:.decimals$}"), unit)
}

/// A learning rate as people write it: `1e-4`, `5e-5`, `2.5e-5`, `0`. What was typed is shown as it is; what was
/// computed, with three figures.
pub fn learning_rate(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let exact = format!("{x:e}");
    let is_typed = exact.find('e').is_none_or(|digits| digits <= 7);
    if is_typed { exact } else { three_figures(x) }
}

/// A number of any size with four figures: `0.8310`, `12.35`, `1.2e-6`.
pub fn figure(x: f64) -> String {
    match x.abs() {
        0.0 => "0".to_owned(),
        a if !(1e-3..1e6).contains(&a) => three_figures(x),
        a if a < 10.0 => format!("{x:.4}"),
        a if a < 1000.0 => format!("{x:.2}"),
        _ => format!("{x:.0}"),
    }
}

fn three_figures(x: f64) -> String {
    format!("{:e}", format!("{x:.2e}").parse().unwrap_or(x))
}

/// A count with three figures and the name of its unit: thousands in English, ten-thousands in Korean.
fn short_count(n: usize, language: Language) -> (String, &'static str) {
    let (most, units) = match language {
        Language::English => (1_000, [(1e3, "K"), (1e6, "M"), (1e9, "G")]),
        Language::Korean => (10_000, [(1e4, "만"), (1e8, "억"), (1e12, "조")]),
    };
    if n < most {
        return (count(n), "");
    }
    let (value, name) = in_unit(n as f64, most as f64 - 0.5, &units);
    let decimals = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    (grouped(format!("{value:.decimals$}")), name)
}

/// A count on an axis, whole as long as that is short: `1,000`, then `20 K`.
pub fn tick(n: usize) -> String {
    if n < 10_000 {
        return count(n);
    }
    let (number, unit) = short_count(n, Language::English);
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { &number };
    format!("{number} {unit}")
}

#[cfg(test)]
mod tests {
    use super::Number::*;
    use super::*;

    fn english(number: Number) -> String {
        number.write(Language::English)
    }

    fn korean(number: Number) -> String {
        number.write(Language::Korean)
    }

    #[test]
    fn counts_have_commas() {
        assert_eq!(
            [0, 12, 999, 1000, 123_456, 22_713_986].map(count),
            ["0", "12", "999", "1,000", "123,456", "22,713,986"]
        );
        assert_eq!(
            ["-1234.5", "1234567.25", "-123", "0.1234"].map(|n| grouped(n.to_owned())),
            ["-1,234.5", "1,234,567.25", "-123", "0.1234"]
        );
        assert_eq!(english(Plain(1_234_567)), "1234567");
    }

    #[test]
    fn short_counts_round_into_the_next_unit() {
        assert_eq!(
            [770, 148_610, 1_923_074, 22_713_986].map(|n| english(ShortCount(n))),
            ["770", "149 K", "1.92 M", "22.7 M"]
        );
        assert_eq!(
            [9_999, 99_960, 999_499, 999_500, 999_999_999].map(|n| english(ShortCount(n))),
            ["10.0 K", "100 K", "999 K", "1.00 M", "1.00 G"]
        );
        assert_eq!(
            [9_999, 14_600, 13_500_000, 99_999_999, 109_000_000].map(|n| korean(ShortCount(n))),
            ["9,999", "1.46만", "1,350만", "1.00억", "1.09억"]
        );
    }

    #[test]
    fn marks_on_an_axis_are_round() {
        assert_eq!(
            [0, 1_000, 9_999, 20_000, 12_500, 110_000_000].map(tick),
            ["0", "1,000", "9,999", "20 K", "12.5 K", "110 M"]
        );
    }

    #[test]
    fn a_share_is_whole_only_when_it_is_nothing_or_all() {
        assert_eq!(
            [0.0, 0.08466, 0.81, 0.811, 1.0].map(|x| english(Percent(x))),
            ["0 %", "8.5 %", "81.0 %", "81.1 %", "100 %"]
        );
        assert_eq!([0.9996, 0.9994, 0.000_03].map(|x| english(Percent(x))), [">99.9 %", "99.9 %", "<0.1 %"]);
        assert_eq!(korean(Percent(0.95)), "95.0%");
        assert_eq!([0.0847, 0.000_033_9, 0.0, 1.0].map(fine_percent_digits), ["8.5", "0.003", "0.0", "100.0"]);
        assert_eq!(
            [0.9996, 0.999_999, 0.000_001].map(|x| english(FinePercent(x))),
            ["99.960 %", ">99.999 %", "<0.001 %"]
        );
        assert_eq!([0.0, 0.499, 0.9999, 1.0].map(|x| english(Progress(x))), ["0 %", "49 %", "99 %", "100 %"]);
    }

    #[test]
    fn times_beside_each_other_have_one_form() {
        assert_eq!([161.2, 7.0, 3761.0, f64::NAN].map(clock), ["2:41", "0:07", "1:02:41", "0:00"]);
        let both = |a, b| durations([a, b]).map(english);
        assert_eq!(both(0.26, 12.0), ["0.3 s", "12.0 s"]);
        assert_eq!(both(12.0, 14.0), ["0:12", "0:14"]);
        assert_eq!(both(2.0, 75.0), ["0:02", "1:15"]);
        assert_eq!(korean(Seconds(8.6)), "8.6초");
    }

    #[test]
    fn sizes_rates_and_figures_read_well() {
        assert_eq!([45_437_760, 1_247_448, 812].map(|n| english(Bytes(n))), ["45 MB", "1.2 MB", "812 B"]);
        assert_eq!([999, 999_600, 9_970_000].map(|n| english(Bytes(n))), ["999 B", "1.0 MB", "10 MB"]);
        assert_eq!((english(Megabytes(1_234_100_000)), korean(Bytes(812))), ("1,235 MB".into(), "812B".into()));
        assert_eq!(
            [1e-4, 2.5e-5, 0.0, 1.234e-4, 5e-5 / 2.6, 10.0].map(learning_rate),
            ["1e-4", "2.5e-5", "0", "1.234e-4", "1.92e-5", "1e1"]
        );
        assert_eq!(
            [0.831, 12.345, 1.234e-6, 123_456.7, 0.0].map(figure),
            ["0.8310", "12.35", "1.23e-6", "123457", "0"]
        );
        assert_eq!((ratio(0.831), english(Signed(3.44, 1))), ("0.8310".into(), "+3.4".into()));
        assert_eq!(english(Decimal(1234.56, 1)), "1,234.6");
    }
}
