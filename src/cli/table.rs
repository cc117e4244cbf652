//! Columns of text for a terminal, where a Hangul or other wide character takes two cells.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A header and a line for each row, with two spaces between columns. Each column knows how to write a row's cell.
pub struct Table<R> {
    rows: Vec<R>,
    lines: Vec<String>,
}

impl<R> Table<R> {
    pub fn of(rows: impl IntoIterator<Item = R>) -> Self {
        let rows: Vec<R> = rows.into_iter().collect();
        Self { lines: vec![String::new(); rows.len() + 1], rows }
    }

    /// Adds a column of words, which line up at their beginning.
    pub fn left(self, name: String, cell: impl Fn(&R) -> String) -> Self {
        self.column(name, cell, pad_right)
    }

    /// Adds a column of numbers, which line up at their end.
    pub fn right(self, name: String, cell: impl Fn(&R) -> String) -> Self {
        self.column(name, cell, pad_left)
    }

    fn column(mut self, name: String, cell: impl Fn(&R) -> String, pad: fn(&str, usize) -> String) -> Self {
        let cells: Vec<String> = std::iter::once(name).chain(self.rows.iter().map(cell)).collect();
        let widest = cells.iter().map(|cell| cell.width()).max().unwrap_or(0);
        for (line, cell) in self.lines.iter_mut().zip(&cells) {
            *line += &pad(cell, widest);
            *line += "  ";
        }
        self
    }

    /// The text has no line break at its end.
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
    }
}

pub fn pad_left(text: &str, to: usize) -> String {
    format!("{}{text}", " ".repeat(to.saturating_sub(text.width())))
}

pub fn pad_right(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(text.width())))
}

/// The text on one line. Where it takes more than `most` cells, an ellipsis stands for its end.
pub fn shorten(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.width() <= most {
        return text;
    }
    let mut short = String::new();
    for c in text.chars() {
        if short.width() + c.width().unwrap_or(0) >= most {
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
        let table = Table::of([("긍정", 12), ("x", 3)]);
        let table = table.left("name".into(), |row| row.0.into()).right("n".into(), |row| row.1.to_string());
        assert_eq!(table.text(), "name   n\n긍정  12\nx      3");
    }

    #[test]
    fn long_texts_are_cut_by_cells() {
        assert_eq!(shorten("긍정적인 리뷰", 7), "긍정적…");
        assert_eq!(shorten("a\nb", 7), "a b");
    }
}
