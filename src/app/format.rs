//! How numbers are written, the same in every view: 1,234,567; 0.8310; 2:41.

/// `1234567` as `1,234,567`.
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A big count in a few characters: `770`, `14.6 K`, `1.92 M`, `22.7 M`.
pub fn short_count(n: usize) -> String {
    let (value, unit) = match n {
        0..1_000 => return n.to_string(),
        1_000..1_000_000 => (n as f64 / 1e3, "K"),
        1_000_000..1_000_000_000 => (n as f64 / 1e6, "M"),
        _ => (n as f64 / 1e9, "G"),
    };
    let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.decimals$} {unit}")
}

/// A share or a loss with four decimals: `0.8310`.
pub fn ratio(x: f64) -> String {
    format!("{x:.4}")
}

/// A share as a percentage: `8.5 %`, `100 %`, `<0.1 %`.
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    if p > 0.0 && p < 0.1 {
        "<0.1 %".to_owned()
    } else if (p - p.round()).abs() < 0.05 {
        format!("{p:.0} %")
    } else {
        format!("{p:.1} %")
    }
}

/// Seconds as `0:07`, `2:41`, `1:02:41`.
pub fn clock(secs: f64) -> String {
    let s = if secs.is_finite() { secs.max(0.0).round() as u64 } else { 0 };
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// Seconds with a decimal where a clock would show too little: `0.3 s`, `8.2 s`, then as a clock.
pub fn seconds(secs: f64) -> String {
    if (0.0..10.0).contains(&secs) { format!("{secs:.1} s") } else { clock(secs) }
}

/// Bytes in the unit that fits: `812 B`, `1.2 MB`, `45 MB`.
pub fn bytes(n: u64) -> String {
    let mut value = n as f64;
    let mut unit = "B";
    for next in ["KB", "MB", "GB", "TB"] {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if unit == "B" || value >= 10.0 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

/// A learning rate as people write it: `1e-4`, `5e-5`, `2.5e-5`, `0`.
pub fn learning_rate(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{x:.2e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{mantissa}e{exponent}")
}

/// A number of any size with four figures: `0.8310`, `12.35`, `1.2e-6`.
pub fn figure(x: f64) -> String {
    match x.abs() {
        0.0 => "0".to_owned(),
        a if a < 1e-3 => learning_rate(x),
        a if a < 10.0 => format!("{x:.4}"),
        a if a < 1000.0 => format!("{x:.2}"),
        a if a < 1e6 => format!("{x:.0}"),
        _ => learning_rate(x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_design_says() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1000), "1,000");
        assert_eq!(count(22_713_986), "22,713,986");
        assert_eq!(short_count(770), "770");
        assert_eq!(short_count(148_610), "149 K");
        assert_eq!(short_count(1_923_074), "1.92 M");
        assert_eq!(short_count(22_713_986), "22.7 M");
        assert_eq!(ratio(0.831), "0.8310");
        assert_eq!(percent(0.08466), "8.5 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.000_03), "<0.1 %");
        assert_eq!(clock(161.2), "2:41");
        assert_eq!(clock(7.0), "0:07");
        assert_eq!(clock(3761.0), "1:02:41");
        assert_eq!(clock(f64::NAN), "0:00");
        assert_eq!([seconds(0.26), seconds(12.0)], ["0.3 s", "0:12"]);
        assert_eq!(bytes(45_437_760), "45 MB");
        assert_eq!(bytes(1_247_448), "1.2 MB");
        assert_eq!(bytes(812), "812 B");
        assert_eq!(learning_rate(1e-4), "1e-4");
        assert_eq!(learning_rate(2.5e-5), "2.5e-5");
        assert_eq!(learning_rate(0.0), "0");
        assert_eq!(figure(12.345), "12.35");
    }
}
