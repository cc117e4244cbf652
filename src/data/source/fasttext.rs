//! fastText's lines: `__label__` and a name, then the text.

use std::borrow::Cow;

use super::grid::{Cell, Grid};
use crate::domain::problem::{Outcome, Problem};

const MARK: &str = "__label__";
/// The first so many lines decide.
const LOOK_LINES: usize = 50;

/// Whether nearly all of the first lines begin with a label, or nearly all end with one.
pub fn is_fasttext(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(LOOK_LINES).collect();
    let most = |has_label: &dyn Fn(&str) -> bool| {
        !lines.is_empty() && lines.iter().filter(|line| has_label(line)).count() * 10 >= lines.len() * 9
    };
    let is_label = |word: Option<&str>| word.is_some_and(is_label);
    most(&|line| is_label(line.split_whitespace().next()))
        || most(&|line| is_label(line.split_whitespace().next_back()))
}

/// Whether a word is a label. One with a comma is the first field of a table of another kind.
fn is_label(word: &str) -> bool {
    word.strip_prefix(MARK).is_some_and(|name| !name.is_empty() && !name.contains([',', ';', '|', '"']))
}

/// Reads the lines into the columns `label` and `text`.
///
/// # Errors
/// `data-too-large`.
pub fn read(text: &str, file: &str) -> Outcome<Grid> {
    let mut grid = Grid::new(file);
    push(text, 0, &mut grid)?;
    Ok(grid)
}

/// Puts lines, above which there are so many, into the columns `label` and `text`.
///
/// # Errors
/// `data-too-large`.
pub fn push(text: &str, above: usize, grid: &mut Grid) -> Outcome<()> {
    let (label, content) = (grid.column("label")?, grid.column("text")?);
    for (index, line) in text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let (labels, rest) = taken_apart(line.trim());
        match labels.as_slice() {
            [_, _, ..] => {
                let fault = Problem::new("data-skip-several-labels").with_count("count", labels.len());
                grid.push_fault(above + index + 1, fault.with("labels", labels.join(", ")), None);
            }
            labels => {
                let cell = |column, text| Cell { column, text: Cow::Borrowed(text), is_nested: false };
                grid.push(
                    above + index + 1,
                    vec![cell(label, labels.first().copied().unwrap_or("")), cell(content, rest)],
                )?;
            }
        }
    }
    Ok(())
}

/// The names of the labels at both ends of a line, and what stands between them.
fn taken_apart(line: &str) -> (Vec<&str>, &str) {
    let (mut labels, mut rest) = (Vec::new(), line);
    while let Some(word) = rest.split_whitespace().next().filter(|word| is_label(word)) {
        labels.push(&word[MARK.len()..]);
        rest = rest[word.len()..].trim_start();
    }
    while let Some(word) = rest.split_whitespace().next_back().filter(|word| is_label(word)) {
        labels.push(&word[MARK.len()..]);
        rest = rest[..rest.len() - word.len()].trim_end();
    }
    (labels, rest)
}
