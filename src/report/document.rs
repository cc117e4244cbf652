//! A report as a list of blocks, before it is a page of the web or sheets of paper.

use std::collections::BTreeSet;

use super::svg::Svg;

/// A whole report.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// `en` or `ko`.
    pub language: &'static str,
    /// A word above the title that says which kind of report this is.
    pub kind: String,
    pub title: String,
    /// Short facts below the title, such as when the run began.
    pub facts: Vec<String>,
    pub blocks: Vec<Block>,
    /// The program that made the report, for the foot of each page.
    pub made_by: String,
}

/// A part of a report that stands below the one before it.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading of level 1 (a part of the report that begins a page), 2 or 3.
    Heading(u8, String),
    Paragraph(String),
    /// Small text in the second colour.
    Aside(String),
    /// A sentence that must not be overlooked.
    Warning(String),
    /// The few figures that a reader looks for first.
    Figures(Vec<Headline>),
    /// Names with their values.
    Facts(Vec<(String, String)>),
    Table(Table),
    Picture(Picture),
    /// Lines for a computer, which are shown as they are.
    Code(String),
    List(Vec<String>),
    /// Empty lines to write on.
    Lines(usize),
    /// Names with a line behind each to write on.
    Fields(Vec<String>),
    /// Answers to choose from, each with a box. The flag is set for a box that is ticked.
    Choices(Vec<(bool, String)>),
}

/// A figure with its name.
#[derive(Clone, Debug, Default)]
pub struct Headline {
    pub value: String,
    pub name: String,
    /// The interval or what else is known of the figure; it may be empty.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Left,
    Right,
}

/// A table whose cells are texts.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub columns: Vec<(Align, String)>,
    pub rows: Vec<Vec<String>>,
    /// The places of the rows that stand out, as sums do.
    pub strong: BTreeSet<usize>,
}

impl Table {
    /// A table without rows, whose columns have these names.
    pub fn new(columns: impl IntoIterator<Item = (Align, String)>) -> Self {
        Self { columns: columns.into_iter().collect(), ..Self::default() }
    }

    pub fn is_right(&self, column: &usize) -> bool {
        self.columns.get(*column).is_some_and(|(align, _)| *align == Align::Right)
    }
}

/// A picture with the words below it.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    pub svg: Svg,
    pub caption: String,
}

/// How a text is set, which decides the font that must hold its characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    Regular,
    Bold,
    Mono,
}

impl Document {
    /// A document whose texts hold no characters that a file of XML cannot have.
    #[must_use]
    pub fn cleaned(mut self) -> Self {
        self.for_each_text(&mut |_, text| {
            if text.contains(is_unfit) {
                *text = clean(text);
            }
        });
        self
    }

    /// Hands over every text that is set, with its weight, except those within pictures.
    pub fn for_each_text(&mut self, take: &mut dyn FnMut(Weight, &mut String)) {
        use Weight::{Bold, Mono, Regular};
        for text in self.facts.iter_mut().chain([&mut self.made_by]) {
            take(Regular, text);
        }
        take(Bold, &mut self.kind);
        take(Bold, &mut self.title);
        for block in &mut self.blocks {
            match block {
                Block::Heading(_, text) => take(Bold, text),
                Block::Paragraph(text) | Block::Aside(text) | Block::Warning(text) => take(Regular, text),
                Block::Figures(figures) => figures.iter_mut().for_each(|figure| {
                    take(Bold, &mut figure.value);
                    take(Regular, &mut figure.name);
                    take(Regular, &mut figure.detail);
                }),
                Block::Facts(facts) => facts.iter_mut().for_each(|(name, value)| {
                    take(Regular, name);
                    take(Regular, value);
                }),
                Block::Table(table) => {
                    table.columns.iter_mut().for_each(|(_, name)| take(Bold, name));
                    for (place, row) in table.rows.iter_mut().enumerate() {
                        let weight = if table.strong.contains(&place) { Bold } else { Regular };
                        row.iter_mut().for_each(|cell| take(weight, cell));
                    }
                }
                Block::Picture(picture) => take(Regular, &mut picture.caption),
                Block::Code(text) => take(Mono, text),
                Block::List(lines) | Block::Fields(lines) => lines.iter_mut().for_each(|line| take(Regular, line)),
                Block::Lines(_) => {}
                Block::Choices(choices) => choices.iter_mut().for_each(|(_, text)| take(Regular, text)),
            }
        }
    }

    pub fn pictures(&self) -> impl Iterator<Item = &Svg> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Picture(picture) => Some(&picture.svg),
            _ => None,
        })
    }
}

/// Whether XML has no place for the character, or a reader would not see that it is there.
fn is_unfit(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

/// The text with a mark in the place of what cannot be shown.
pub fn clean(text: &str) -> String {
    text.replace("\r\n", "\n").replace(is_unfit, "\u{FFFD}")
}
