//! Lessons' texts, which are written in Markdown, as blocks of a report.

use std::collections::BTreeMap;
use std::sync::Arc;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::document::{Align, Block, Picture, Table};
use super::svg::{Svg, WIDTH};

/// What a text says. `pictures` are the ones that it may show, by their names.
pub fn blocks(text: &str, pictures: &BTreeMap<String, Arc<[u8]>>) -> Vec<Block> {
    let mut reader = Reader { pictures, ..Reader::default() };
    Parser::new_ext(text, Options::ENABLE_TABLES).for_each(|event| reader.take(event));
    reader.end_paragraph();
    reader.blocks
}

/// The text alone, in one line.
pub fn in_a_line(text: &str) -> String {
    let parts = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) | Event::Html(text) => Some(text.to_string()),
        Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link) => None,
        Event::SoftBreak | Event::HardBreak | Event::End(_) => Some(" ".to_owned()),
        _ => None,
    });
    parts.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

static NONE: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();

struct Reader<'a> {
    pictures: &'a BTreeMap<String, Arc<[u8]>>,
    blocks: Vec<Block>,
    /// The paragraph, the item, the cell or the code that is being read.
    text: String,
    items: Option<Vec<String>>,
    table: Option<Table>,
    row: Vec<String>,
    /// The name of the picture whose words are being read.
    picture: Option<String>,
}

impl Default for Reader<'_> {
    fn default() -> Self {
        Self {
            pictures: &NONE,
            blocks: Vec::new(),
            text: String::new(),
            items: None,
            table: None,
            row: Vec::new(),
            picture: None,
        }
    }
}

impl Reader<'_> {
    fn taken(&mut self) -> String {
        std::mem::take(&mut self.text).trim().to_owned()
    }

    fn end_paragraph(&mut self) {
        let text = self.taken();
        if !text.is_empty() {
            self.blocks.push(Block::Paragraph(text));
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) | Event::Html(text) => self.text += &text,
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.text.push('\n'),
            Event::Rule => self.end_paragraph(),
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::List(_) if self.items.is_none() => {
                self.end_paragraph();
                self.items = Some(Vec::new());
            }
            Tag::CodeBlock(_) => self.end_paragraph(),
            Tag::Table(_) => {
                self.end_paragraph();
                self.table = Some(Table::default());
            }
            Tag::Image { dest_url, .. } => {
                self.end_paragraph();
                self.picture = Some(dest_url.to_string());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph if self.items.is_none() && self.table.is_none() => self.end_paragraph(),
            TagEnd::Heading(_) => {
                let text = self.taken();
                self.blocks.push(Block::Heading(3, text));
            }
            TagEnd::Item => {
                let text = self.taken();
                self.items.iter_mut().for_each(|items| items.extend((!text.is_empty()).then(|| text.clone())));
            }
            TagEnd::List(_) => self.blocks.extend(self.items.take().map(Block::List)),
            TagEnd::CodeBlock => {
                let text = std::mem::take(&mut self.text);
                self.blocks.push(Block::Code(text.trim_end().to_owned()));
            }
            TagEnd::TableCell => {
                let text = self.taken();
                self.row.push(text);
            }
            TagEnd::TableHead => {
                let row = std::mem::take(&mut self.row);
                self.table.iter_mut().for_each(|table| {
                    table.columns = row.iter().map(|name| (Align::Left, name.clone())).collect();
                });
            }
            TagEnd::TableRow => {
                let row = std::mem::take(&mut self.row);
                self.table.iter_mut().for_each(|table| table.rows.push(row.clone()));
            }
            TagEnd::Table => self.blocks.extend(self.table.take().map(Block::Table)),
            TagEnd::Image => {
                let (name, caption) = (self.picture.take().unwrap_or_default(), self.taken());
                match self.pictures.get(&name).and_then(|bytes| photo(bytes, &caption)) {
                    Some(svg) => self.blocks.push(Block::Picture(Picture { svg, caption })),
                    None if caption.is_empty() => {}
                    None => self.blocks.push(Block::Aside(caption)),
                }
            }
            _ => {}
        }
    }
}

/// A picture of a lesson, no wider than the column. `None` for what is no picture of a known kind.
fn photo(bytes: &[u8], about: &str) -> Option<Svg> {
    /// The highest that a picture may be.
    const TALL: f64 = 520.0;
    let reader = image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format().ok()?;
    let kind = match reader.format()? {
        image::ImageFormat::Png => "png",
        image::ImageFormat::Jpeg => "jpeg",
        _ => return None,
    };
    let (width, height) = reader.into_dimensions().ok()?;
    let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let scale = (WIDTH / width).min(TALL / height).min(1.0);
    let mut svg = Svg::new(WIDTH, height * scale, about.to_owned());
    svg.photo(kind, bytes, [width * scale, height * scale]);
    Some(svg)
}
