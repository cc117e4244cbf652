//! Columns of text for a terminal, where a Hangul or other wide character takes two cells.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use crate::domain::rate_sweep::two_digits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// A learning rate in two digits.
pub fn rate(x: f64) -> String {
    format!("{:e}", two_digits(x))
}

/// Rows of cells under a header, two spaces between columns.
#[derive(Clone, Debug)]
pub struct Table {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(columns: Vec<(String, Align)>) -> Self {
        let (names, aligns) = columns.into_iter().unzip();
        Self { aligns, rows: vec![names] }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }
}

/// Without a line break at the end.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = |column: usize| self.rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.aligns.len()).map(widest).collect();
        for (i, row) in self.rows.iter().enumerate() {
            let cells = row.iter().zip(&widths).zip(&self.aligns).map(|((cell, width), align)| match align {
                Align::Left => pad_right(cell, *width),
                Align::Right => pad_left(cell, *width),
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            write!(f, "{}{}", if i == 0 { "" } else { "\n" }, line.trim_end())?;
        }
        Ok(())
    }
}

/// Cells that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

pub fn pad_left(text: &str, to: usize) -> String {
    format!("{}{text}", " ".repeat(to.saturating_sub(width(text))))
}

pub fn pad_right(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// The text, or its beginning with an ellipsis when it takes more than `most` cells; on one line.
pub fn shorten(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if width(&text) <= most {
        return text;
    }
    let mut short = String::new();
    for c in text.chars() {
        if width(&short) + width(c.encode_utf8(&mut [0; 4])) >= most {
            break;
        }
        short.push(c);
    }
    short + "…"
}

/// 1234567 as `1,234,567`.
pub fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// 0.0847 as `8.5`, what is below one percent with more digits; the sentence around it has the sign.
pub fn percent(share: f64) -> String {
    let decimals = if share > 0.0 && share < 0.01 { 3 } else { 1 };
    format!("{:.decimals$}", share * 100.0)
}

/// 161.4 as `2:41`, 3725 as `1:02:05`.
pub fn duration(secs: f64) -> String {
    let secs = secs.round().max(0.0) as u64;
    let (hours, minutes, secs) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{secs:02}") } else { format!("{minutes}:{secs:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_line_up() {
        let mut table = Table::new(vec![("name".into(), Align::Left), ("n".into(), Align::Right)]);
        table.row(vec!["긍정".into(), "12".into()]);
        table.row(vec!["x".into(), "3".into()]);
        assert_eq!(table.to_string(), "name   n\n긍정  12\nx      3");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([1, 12, 123, 1234, 22_713_986].map(count), ["1", "12", "123", "1,234", "22,713,986"]);
        assert_eq!(
            (duration(161.4), duration(3725.0), duration(0.2)),
            ("2:41".into(), "1:02:05".into(), "0:00".into())
        );
        assert_eq!([0.0847, 0.000_033_9, 0.0, 1.0].map(percent), ["8.5", "0.003", "0.0", "100.0"]);
    }

    #[test]
    fn long_texts_are_cut_by_cells() {
        assert_eq!(shorten("긍정적인 리뷰", 7), "긍정적…");
        assert_eq!(shorten("a\nb", 7), "a b");
    }
}
