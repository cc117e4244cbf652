//! Columns of text for a terminal, where a Hangul or other wide character takes two cells.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A header and a line for each row, with two spaces between columns. Each column knows how to write a row's cell.
pub struct Table<R> {
    rows: Vec<R>,
    columns: Vec<Column>,
}

/// The column's name and its cells below each other.
struct Column {
    cells: Vec<String>,
    pad: fn(&str, usize) -> String,
    /// Words may be cut where the line is too long. A number that is cut is another number.
    may_be_cut: bool,
}

impl Column {
    fn width(&self) -> usize {
        self.cells.iter().map(|cell| cell.width()).max().unwrap_or(0)
    }
}

/// The cells between two columns.
const GAP: usize = 2;
/// A column of words is not cut to fewer cells.
const LEAST: usize = 6;

impl<R> Table<R> {
    pub fn of(rows: impl IntoIterator<Item = R>) -> Self {
        Self { rows: rows.into_iter().collect(), columns: Vec::new() }
    }

    /// Adds a column of words, which line up at their beginning.
    pub fn left(self, name: String, cell: impl Fn(&R) -> String) -> Self {
        self.column(name, cell, pad_right, true)
    }

    /// Adds a column of numbers, which line up at their end.
    pub fn right(self, name: String, cell: impl Fn(&R) -> String) -> Self {
        self.column(name, cell, pad_left, false)
    }

    fn column(
        mut self,
        name: String,
        cell: impl Fn(&R) -> String,
        pad: fn(&str, usize) -> String,
        may_be_cut: bool,
    ) -> Self {
        let cells = std::iter::once(name).chain(self.rows.iter().map(cell)).collect();
        self.columns.push(Column { cells, pad, may_be_cut });
        self
    }

    /// The text has no line break at its end.
    pub fn text(&self) -> String {
        self.text_within(usize::MAX)
    }

    /// The text with lines of at most `most` cells, as far as that can be done by cutting words.
    pub fn text_within(&self, most: usize) -> String {
        let widths = self.widths(most);
        let line = |row: usize| {
            let cell = |(column, width): (&Column, &usize)| {
                let cell = &column.cells[row];
                let cell = if cell.width() > *width { shorten(cell, *width) } else { cell.clone() };
                (column.pad)(&cell, *width)
            };
            let cells: Vec<String> = self.columns.iter().zip(&widths).map(cell).collect();
            cells.join(&" ".repeat(GAP)).trim_end().to_owned()
        };
        (0..=self.rows.len()).map(line).collect::<Vec<_>>().join("\n")
    }

    /// Narrows the widest column of words, cell by cell, until the lines are short enough.
    fn widths(&self, most: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(Column::width).collect();
        let gaps = GAP * widths.len().saturating_sub(1);
        let mut surplus = (widths.iter().sum::<usize>() + gaps).saturating_sub(most);
        while surplus > 0 {
            let cuttable = self.columns.iter().zip(&mut widths).filter(|(column, _)| column.may_be_cut);
            let Some(widest) = cuttable.map(|(_, width)| width).filter(|width| **width > LEAST).max() else { break };
            *widest -= 1;
            surplus -= 1;
        }
        widths
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

/// A name on one line. Where it takes more than `most` cells, an ellipsis stands for its middle, because names of one
/// kind often differ only at their ends (`topic number 17`).
pub fn cut_name(name: &str, most: usize) -> String {
    let name: Vec<char> = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let width = |letters: &[char]| letters.iter().map(|c| c.width().unwrap_or(0)).sum::<usize>();
    if width(&name) <= most {
        return name.into_iter().collect();
    }
    let head_most = most.saturating_sub(1).div_ceil(2);
    let head = (0..name.len()).take_while(|&end| width(&name[..=end]) <= head_most).count();
    let room = most.saturating_sub(1 + width(&name[..head]));
    let tail = (head..=name.len()).find(|&start| width(&name[start..]) <= room).unwrap_or(name.len());
    name[..head].iter().chain(&['…']).chain(&name[tail..]).collect()
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
    fn a_line_is_no_longer_than_the_terminal_and_numbers_are_whole() {
        let essay = "The pooler stays random while all of BERT is frozen. ".repeat(20);
        let rows = [("Kim", essay.as_str(), 0.8125), ("김철수", "짧은 답", 0.5)];
        let table = Table::of(rows).left("student".into(), |row| row.0.into());
        let table = table.left("answer".into(), |row| row.1.into()).right("accuracy".into(), |row| row.2.to_string());
        for most in [40, 80, 133] {
            let text = table.text_within(most);
            assert!(text.lines().all(|line| line.width() <= most), "{text}");
            assert!(text.contains('…') && text.contains("  0.8125") && text.contains("김철수"), "{text}");
            assert_eq!(text.lines().map(|line| line.width()).max(), Some(most));
        }
        assert!(table.text().contains(essay.trim_end()), "a file has no width");
    }

    #[test]
    fn long_texts_are_cut_by_cells() {
        assert_eq!(shorten("긍정적인 리뷰", 7), "긍정적…");
        assert_eq!(shorten("a\nb", 7), "a b");
        assert_eq!(cut_name("topic number of the question 17", 12), "topic …on 17");
        assert_eq!(cut_name("긍정적인 리뷰 하나", 9), "긍정…하나");
        assert_eq!(cut_name("a\nb", 3), "a b");
    }
}
