//! Columns of text for a terminal, where a Hangul or other wide character takes two cells.

use std::fmt;

use unicode_width::UnicodeWidthStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Rows of cells under a header, with two spaces between columns.
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

/// The text has no line break at its end.
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

/// How many cells of a terminal a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

pub fn pad_left(text: &str, to: usize) -> String {
    format!("{}{text}", " ".repeat(to.saturating_sub(width(text))))
}

pub fn pad_right(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// The text on one line. Where it takes more than `most` cells, an ellipsis stands for its end.
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
    fn long_texts_are_cut_by_cells() {
        assert_eq!(shorten("긍정적인 리뷰", 7), "긍정적…");
        assert_eq!(shorten("a\nb", 7), "a b");
    }
}
