//! Where everything stands on the sheets. A heading stays with what it is the heading of, pictures and rows stay whole, and a
//! paragraph leaves no single line behind.

use super::super::document::{Block, Document, Headline, Picture, Weight};
use super::super::fonts::{fitted, width};
use super::lines::lines;
use super::table;

/// A4 in points.
pub const SHEET: [f64; 2] = [595.276, 841.89];
pub const LEFT: f64 = 70.0;
pub const WIDTH: f64 = SHEET[0] - 2.0 * LEFT;
pub const TOP: f64 = 66.0;
pub const BOTTOM: f64 = SHEET[1] - 78.0;

/// Size and distance of the lines of running text.
pub const TEXT: (f64, f64) = (10.0, 15.0);
pub const SMALL: (f64, f64) = (8.6, 12.4);
const CODE: (f64, f64) = (7.8, 12.0);
/// From the top of a line to its baseline, as a share of the distance of lines.
const BASELINE: f64 = 0.72;

/// What is drawn, in points from the left and upper edges of the sheet.
#[derive(Clone, Debug)]
pub enum Shape {
    Text {
        at: [f64; 2],
        size: f64,
        weight: Weight,
        ink: &'static str,
        text: String,
    },
    Line {
        from: [f64; 2],
        to: [f64; 2],
        ink: &'static str,
        width: f64,
    },
    Area {
        area: [f64; 4],
        ink: &'static str,
    },
    Frame {
        area: [f64; 4],
        ink: &'static str,
    },
    /// The picture of the document with this place among its pictures.
    Picture {
        place: usize,
        area: [f64; 4],
    },
}

/// What a reader with a screen reader hears of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    Heading(u8, String),
    Paragraph,
    Table,
    Row,
    HeadCell,
    Cell,
    Figure(String),
    Caption,
    Code,
    List,
    Item,
}

/// A node of the tree of roles.
#[derive(Clone, Debug)]
pub struct Node {
    pub role: Role,
    pub parent: Option<usize>,
}

/// A shape, and the node that it belongs to; none for what only adorns the page.
#[derive(Clone, Debug)]
pub struct Placed {
    pub shape: Shape,
    pub node: Option<usize>,
}

/// The sheets of a report.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    pub sheets: Vec<Vec<Placed>>,
    pub nodes: Vec<Node>,
    /// The headings with their levels, sheets and heights.
    pub headings: Vec<(u8, String, usize, f64)>,
    /// The height at which the next thing stands on the last sheet.
    pub y: f64,
}

pub fn laid_out(document: &Document) -> Layout {
    let mut layout = Layout { sheets: vec![Vec::new()], y: TOP, ..Layout::default() };
    layout.title(document);
    let mut picture = 0;
    for (i, block) in document.blocks.iter().enumerate() {
        if let Block::Heading(level, text) = block {
            // The first part of a report stands below the title.
            let turns = *level == 1 && i > 0;
            layout.heading(*level, text, turns, &document.blocks[i + 1..]);
            continue;
        }
        layout.block(block, &mut picture);
    }
    layout.feet(document);
    layout
}

impl Layout {
    pub fn add(&mut self, node: Option<usize>, shape: Shape) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.push(Placed { shape, node });
        }
    }

    pub fn node(&mut self, role: Role, parent: Option<usize>) -> usize {
        self.nodes.push(Node { role, parent });
        self.nodes.len() - 1
    }

    pub fn room(&self) -> f64 {
        BOTTOM - self.y
    }

    pub fn turn(&mut self) {
        self.sheets.push(Vec::new());
        self.y = TOP;
    }

    /// Turns to a new sheet where there is no room for so much.
    pub fn keep(&mut self, height: f64) {
        if height > self.room() && self.y > TOP {
            self.turn();
        }
    }

    /// Draws a line of text whose top is here.
    pub fn put(
        &mut self,
        node: Option<usize>,
        [x, y]: [f64; 2],
        (size, leading): (f64, f64),
        weight: Weight,
        ink: &'static str,
        text: &str,
    ) {
        if !text.is_empty() {
            let at = [x, y + leading * BASELINE];
            self.add(node, Shape::Text { at, size, weight, ink, text: text.to_owned() });
        }
    }

    /// Sets a text in lines over the column, of which no single one stands alone on a sheet.
    fn run(&mut self, node: usize, indent: f64, style: (f64, f64), weight: Weight, ink: &'static str, text: &str) {
        let all = lines(text, weight, style.0, WIDTH - indent);
        let count = all.len();
        for (i, line) in all.iter().enumerate() {
            let (left, is_second_last) = (count - i, count > 2 && i + 2 == count);
            let wanted = if (i == 0 && count > 1) || is_second_last { 2 } else { 1 };
            self.keep(style.1 * wanted.min(left) as f64);
            self.put(Some(node), [LEFT + indent, self.y], style, weight, ink, line);
            self.y += style.1;
        }
    }

    fn title(&mut self, document: &Document) {
        let kind = self.node(Role::Paragraph, None);
        self.run(kind, 0.0, (9.0, 13.0), Weight::Bold, "accent", &document.kind);
        self.y += 3.0;
        let title = self.node(Role::Heading(1, document.title.clone()), None);
        self.run(title, 0.0, (22.0, 27.0), Weight::Bold, "text", &document.title);
        self.y += 4.0;
        if !document.facts.is_empty() {
            let facts = self.node(Role::Paragraph, None);
            self.run(facts, 0.0, (9.0, 13.5), Weight::Regular, "muted", &document.facts.join(" · "));
        }
        self.y += 10.0;
        self.rule("outline", 0.6);
        self.y += 16.0;
    }

    fn rule(&mut self, ink: &'static str, width: f64) {
        let y = self.y;
        self.add(None, Shape::Line { from: [LEFT, y], to: [LEFT + WIDTH, y], ink, width });
    }

    fn heading(&mut self, level: u8, text: &str, turns: bool, after: &[Block]) {
        let (style, before, behind) = heading_style(level);
        let tall = lines(text, Weight::Bold, style.0, WIDTH).len() as f64 * style.1;
        if turns {
            if self.y > TOP {
                self.turn();
            }
        } else {
            let need = before + tall + behind + least(after);
            self.keep(need.min(BOTTOM - TOP));
        }
        if self.y > TOP {
            self.y += before;
        }
        self.headings.push((level, text.to_owned(), self.sheets.len() - 1, self.y));
        let node = self.node(Role::Heading(level + 1, text.to_owned()), None);
        self.run(node, 0.0, style, Weight::Bold, "text", text);
        self.y += behind;
    }

    fn block(&mut self, block: &Block, picture: &mut usize) {
        match block {
            Block::Heading(..) => {}
            Block::Paragraph(text) => self.paragraph(text, TEXT, "text", 7.0),
            Block::Aside(text) => self.paragraph(text, SMALL, "muted", 8.0),
            Block::Warning(text) => self.warning(text),
            Block::Figures(figures) => self.headlines(figures),
            Block::Facts(facts) => table::facts(self, facts),
            Block::Table(own) => table::table(self, own),
            Block::Picture(own) => {
                self.picture(own, *picture);
                *picture += 1;
            }
            Block::Code(text) => self.code(text),
            Block::List(items) => {
                let list = self.node(Role::List, None);
                for item in items {
                    let node = self.node(Role::Item, Some(list));
                    self.keep(TEXT.1);
                    self.put(Some(node), [LEFT + 2.0, self.y], TEXT, Weight::Regular, "muted", "•");
                    self.run(node, 13.0, TEXT, Weight::Regular, "text", item);
                    self.y += 2.0;
                }
                self.y += 6.0;
            }
            Block::Lines(count) => {
                for _ in 0..*count {
                    self.keep(25.0);
                    self.y += 25.0;
                    self.rule("outline", 0.5);
                }
                self.y += 16.0;
            }
            Block::Fields(names) => self.fields(names),
            Block::Choices(choices) => self.choices(choices),
        }
    }

    fn paragraph(&mut self, text: &str, style: (f64, f64), ink: &'static str, behind: f64) {
        let node = self.node(Role::Paragraph, None);
        self.run(node, 0.0, style, Weight::Regular, ink, text);
        self.y += behind;
    }

    fn warning(&mut self, text: &str) {
        let (style, pad) = ((9.4, 13.6), 7.0);
        let all = lines(text, Weight::Regular, style.0, WIDTH - 24.0);
        let node = self.node(Role::Paragraph, None);
        for some in all.chunks(((BOTTOM - TOP - 2.0 * pad) / style.1) as usize) {
            let tall = some.len() as f64 * style.1 + 2.0 * pad;
            self.keep(tall + 4.0);
            let y = self.y;
            self.add(None, Shape::Area { area: [LEFT, y, WIDTH, tall], ink: "warning-fill" });
            self.add(None, Shape::Area { area: [LEFT, y, 2.4, tall], ink: "warning" });
            for (i, line) in some.iter().enumerate() {
                self.put(Some(node), [LEFT + 12.0, y + pad + style.1 * i as f64], style, Weight::Regular, "text", line);
            }
            self.y += tall + 9.0;
        }
    }

    fn headlines(&mut self, figures: &[Headline]) {
        const IN_A_ROW: usize = 4;
        self.y += 6.0;
        for row in figures.chunks(IN_A_ROW) {
            let gap = 14.0;
            let count = figures.len().clamp(1, IN_A_ROW) as f64;
            let wide = (WIDTH - gap * (count - 1.0)) / count;
            let parts = row.iter().map(|figure| {
                let size =
                    [19.0, 16.0, 13.0, 10.0].into_iter().find(|size| width(&figure.value, Weight::Bold, *size) <= wide);
                let value = lines(&figure.value, Weight::Bold, size.unwrap_or(10.0), wide);
                let name = lines(&figure.name, Weight::Regular, SMALL.0, wide);
                (name, size.unwrap_or(10.0), value, lines(&figure.detail, Weight::Regular, SMALL.0, wide))
            });
            let parts: Vec<_> = parts.collect();
            let names = parts.iter().map(|(name, ..)| name.len()).max().unwrap_or(0) as f64 * SMALL.1;
            let values = parts.iter().map(|(_, _, value, _)| value.len()).max().unwrap_or(0) as f64 * 25.0;
            let details = parts.iter().map(|(.., detail)| detail.len()).max().unwrap_or(0) as f64 * SMALL.1;
            self.keep(names + values + details);
            for (i, (name, size, value, detail)) in parts.iter().enumerate() {
                let x = LEFT + (wide + gap) * i as f64;
                let node = self.node(Role::Paragraph, None);
                let mut y = self.y + names - name.len() as f64 * SMALL.1;
                for line in name {
                    self.put(Some(node), [x, y], SMALL, Weight::Regular, "muted", line);
                    y += SMALL.1;
                }
                for line in value {
                    self.put(Some(node), [x, y], (*size, 25.0), Weight::Bold, "text", line);
                    y += 25.0;
                }
                for line in detail {
                    self.put(Some(node), [x, y], SMALL, Weight::Regular, "muted", line);
                    y += SMALL.1;
                }
            }
            self.y += names + values + details + 12.0;
        }
    }

    fn picture(&mut self, picture: &Picture, place: usize) {
        let (tall, caption) = picture_size(picture);
        self.keep(tall + 8.0 + caption.len() as f64 * SMALL.1);
        let wide = tall * picture.svg.width / picture.svg.height.max(1.0);
        let node = self.node(Role::Figure(picture.svg.about.clone()), None);
        let y = self.y + 2.0;
        self.add(Some(node), Shape::Picture { place, area: [LEFT, y, wide, tall] });
        self.y = y + tall + 6.0;
        if !picture.caption.is_empty() {
            let node = self.node(Role::Caption, None);
            for line in caption {
                self.put(Some(node), [LEFT, self.y], SMALL, Weight::Regular, "muted", &line);
                self.y += SMALL.1;
            }
        }
        self.y += 12.0;
    }

    fn code(&mut self, text: &str) {
        let pad = 7.0;
        let all = lines(text, Weight::Mono, CODE.0, WIDTH - 20.0);
        let node = self.node(Role::Code, None);
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            self.keep(2.0 * pad + CODE.1 * rest.len().min(3) as f64);
            let fitting = (((self.room() - 2.0 * pad) / CODE.1) as usize).clamp(1, rest.len());
            let (some, others) = rest.split_at(fitting);
            let (y, tall) = (self.y, some.len() as f64 * CODE.1 + 2.0 * pad);
            self.add(None, Shape::Area { area: [LEFT, y, WIDTH, tall], ink: "well" });
            for (i, line) in some.iter().enumerate() {
                self.put(Some(node), [LEFT + 10.0, y + pad + CODE.1 * i as f64], CODE, Weight::Mono, "text", line);
            }
            self.y += tall + 10.0;
            rest = others;
        }
    }

    fn fields(&mut self, names: &[String]) {
        let gap = 16.0;
        let wide = (WIDTH - gap * names.len().saturating_sub(1) as f64) / names.len().max(1) as f64;
        self.keep(34.0);
        for (i, name) in names.iter().enumerate() {
            let x = LEFT + (wide + gap) * i as f64;
            let name = fitted(name, Weight::Regular, SMALL.0, wide * 0.6);
            let own = width(&name, Weight::Regular, SMALL.0);
            let node = self.node(Role::Paragraph, None);
            self.put(Some(node), [x, self.y + 10.0], SMALL, Weight::Regular, "muted", &name);
            let y = self.y + 22.0;
            self.add(None, Shape::Line { from: [x + own + 6.0, y], to: [x + wide, y], ink: "outline", width: 0.5 });
        }
        self.y += 38.0;
    }

    fn choices(&mut self, choices: &[(bool, String)]) {
        let list = self.node(Role::List, None);
        for (is_ticked, text) in choices {
            let node = self.node(Role::Item, Some(list));
            self.keep(lines(text, Weight::Regular, TEXT.0, WIDTH - 20.0).len().min(6) as f64 * TEXT.1);
            let area = [LEFT + 1.0, self.y + 2.6, 9.0, 9.0];
            self.add(None, Shape::Frame { area, ink: "muted" });
            if *is_ticked {
                self.add(None, Shape::Area { area: [area[0] + 2.2, area[1] + 2.2, 4.6, 4.6], ink: "accent" });
            }
            self.run(node, 20.0, TEXT, Weight::Regular, "text", text);
            self.y += 4.0;
        }
        self.y += 8.0;
    }

    /// Writes the foot of every sheet.
    fn feet(&mut self, document: &Document) {
        let count = self.sheets.len();
        let (y, style) = (SHEET[1] - 52.0, (7.8, 11.0));
        for (i, sheet) in self.sheets.iter_mut().enumerate() {
            let number = format!("{} / {count}", i + 1);
            let wide = width(&number, Weight::Regular, style.0);
            let text = |x: f64, text: String| Shape::Text {
                at: [x, y + 12.0],
                size: style.0,
                weight: Weight::Regular,
                ink: "muted",
                text,
            };
            let line = Shape::Line { from: [LEFT, y], to: [LEFT + WIDTH, y], ink: "line", width: 0.5 };
            let made = fitted(&document.made_by, Weight::Regular, style.0, WIDTH - wide - 20.0);
            let shapes = [line, text(LEFT, made), text(LEFT + WIDTH - wide, number)];
            sheet.extend(shapes.map(|shape| Placed { shape, node: None }));
        }
    }
}

/// Size and distance of a heading's lines, and the room before and behind it.
fn heading_style(level: u8) -> ((f64, f64), f64, f64) {
    match level {
        1 => ((18.0, 23.0), 0.0, 9.0),
        2 => ((13.0, 17.0), 20.0, 6.0),
        _ => ((10.4, 14.5), 12.0, 4.0),
    }
}

/// The height of a picture, and the lines of its caption.
fn picture_size(picture: &Picture) -> (f64, Vec<String>) {
    let caption =
        if picture.caption.is_empty() { Vec::new() } else { lines(&picture.caption, Weight::Regular, SMALL.0, WIDTH) };
    let scale = WIDTH / super::super::svg::WIDTH;
    let most = BOTTOM - TOP - 10.0 - caption.len() as f64 * SMALL.1;
    ((picture.svg.height * scale).min(most), caption)
}

/// The least of what follows a heading that has to stand on its sheet.
fn least(after: &[Block]) -> f64 {
    match after.first() {
        Some(Block::Heading(level, _)) => {
            let (style, before, behind) = heading_style(*level);
            style.1 + before + behind + least(&after[1..])
        }
        Some(Block::Picture(picture)) => picture_size(picture).0 + SMALL.1 + 12.0,
        Some(Block::Paragraph(text)) => {
            let own = lines(text, Weight::Regular, TEXT.0, WIDTH).len();
            // A few words before a picture or a table go with it.
            let is_short = own <= 3
                && matches!(
                    after.get(1),
                    Some(Block::Picture(_) | Block::Table(_) | Block::Choices(_) | Block::Lines(_))
                );
            own.min(if is_short { 3 } else { 2 }) as f64 * TEXT.1
                + if is_short { 7.0 + least(&after[1..]) } else { 0.0 }
        }
        Some(Block::Figures(_)) => 70.0,
        Some(Block::Warning(_)) => 44.0,
        Some(Block::Table(_) | Block::Facts(_)) => 62.0,
        Some(_) => 40.0,
        None => 0.0,
    }
}
