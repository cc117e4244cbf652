//! Draws the sheets into a file.

use std::num::NonZeroU16;
use std::sync::Arc;

use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node as TagNode, SpanTag, TableHeaderScope, Tag,
    TagGroup, TagKind, TagTree,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla_svg::{SurfaceExt as _, SvgSettings};
use usvg::Tree;

use crate::domain::problem::{Outcome, Problem};

use super::super::colours::{light, rgb as parts_of};
use super::super::document::{Document, Weight};
use super::super::fonts::{self, FontName, Subset, advance, font_of, is_silent};
use super::layout::{Layout, Placed, Role, SHEET, Shape};

/// The fonts in both forms that drawing needs.
struct Fonts<'a> {
    own: Vec<(&'a Subset, Font)>,
    options: usvg::Options<'static>,
}

impl<'a> Fonts<'a> {
    fn new(subsets: &'a [Subset]) -> Outcome<Self> {
        let mut database = usvg::fontdb::Database::new();
        let mut own = Vec::new();
        for subset in subsets {
            database.load_font_data(subset.data.to_vec());
            let font = Font::new(Arc::clone(&subset.data).into(), 0).ok_or_else(|| Problem::internal("no font"))?;
            own.push((subset, font));
        }
        let options = usvg::Options {
            font_family: fonts::FAMILY.to_owned(),
            fontdb: Arc::new(database),
            ..usvg::Options::default()
        };
        Ok(Self { own, options })
    }

    fn get(&self, name: FontName) -> Option<&(&'a Subset, Font)> {
        self.own.iter().find(|(subset, _)| subset.name == name)
    }
}

/// # Errors
/// `internal-error` where a font, a picture or the file cannot be put together.
pub fn drawn(document: &Document, layout: &Layout, subsets: &[Subset]) -> Outcome<Vec<u8>> {
    let fonts = Fonts::new(subsets)?;
    let pictures =
        document.pictures().map(|svg| Tree::from_str(&svg.alone(), &fonts.options).map_err(Problem::internal));
    let pictures: Vec<Tree> = pictures.collect::<Outcome<_>>()?;
    let mut file = krilla::Document::new();
    let mut marks: Vec<Vec<Identifier>> = vec![Vec::new(); layout.nodes.len()];
    for sheet in &layout.sheets {
        let settings =
            PageSettings::from_wh(SHEET[0] as f32, SHEET[1] as f32).ok_or_else(|| Problem::internal("no page"))?;
        let mut page = file.start_page_with(settings);
        let mut surface = page.surface();
        for Placed { shape, node } in sheet {
            let tag = match (node, shape) {
                (None, _) => ContentTag::Artifact(Artifact::new(ArtifactType::Layout, None)),
                (Some(_), Shape::Text { .. }) => ContentTag::Span(SpanTag::empty()),
                (Some(_), _) => ContentTag::Other,
            };
            let mark = surface.start_tagged(tag);
            draw(&mut surface, shape, &fonts, &pictures);
            surface.end_tagged();
            if let Some(node) = node {
                marks[*node].push(mark);
            }
        }
        surface.finish();
        page.finish();
    }
    file.set_metadata(metadata(document));
    file.set_outline(outline(layout));
    file.set_tag_tree(tags(document, layout, marks));
    file.finish().map_err(|error| Problem::internal(format_args!("{error:?}")))
}

fn metadata(document: &Document) -> Metadata {
    let creator = document.made_by.clone();
    Metadata::new().title(document.title.clone()).language(document.language.to_owned()).creator(creator)
}

fn colour(name: &str) -> rgb::Color {
    let [red, green, blue] = parts_of(light(name));
    rgb::Color::new(red, green, blue)
}

fn fill(name: &str) -> Fill {
    Fill { paint: colour(name).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn draw(surface: &mut Surface<'_>, shape: &Shape, fonts: &Fonts<'_>, pictures: &[Tree]) {
    let stroke =
        |name: &str, width: f64| Stroke { paint: colour(name).into(), width: width as f32, ..Stroke::default() };
    let path = |area: &[f64; 4]| {
        let [x, y, wide, tall] = area.map(|length| length as f32);
        let mut path = PathBuilder::new();
        path.push_rect(Rect::from_xywh(x, y, wide, tall)?);
        path.finish()
    };
    match shape {
        Shape::Text { at, size, weight, ink, text } => {
            surface.set_stroke(None);
            surface.set_fill(Some(fill(ink)));
            write(surface, *at, *size, *weight, text, fonts);
        }
        Shape::Line { from, to, ink, width } => {
            let mut path = PathBuilder::new();
            path.move_to(from[0] as f32, from[1] as f32);
            path.line_to(to[0] as f32, to[1] as f32);
            surface.set_fill(None);
            surface.set_stroke(Some(stroke(ink, *width)));
            path.finish().iter().for_each(|path| surface.draw_path(path));
        }
        Shape::Area { area, ink } => {
            surface.set_stroke(None);
            surface.set_fill(Some(fill(ink)));
            path(area).iter().for_each(|path| surface.draw_path(path));
        }
        Shape::Frame { area, ink } => {
            surface.set_fill(None);
            surface.set_stroke(Some(stroke(ink, 0.8)));
            path(area).iter().for_each(|path| surface.draw_path(path));
        }
        Shape::Picture { place, area } => {
            let size = Size::from_wh(area[2] as f32, area[3] as f32);
            if let (Some(tree), Some(size)) = (pictures.get(*place), size) {
                surface.push_transform(&Transform::from_translate(area[0] as f32, area[1] as f32));
                surface.draw_svg(tree, size, SvgSettings::default());
                surface.pop();
            }
        }
    }
}

/// Writes a line of text, in as many fonts as it needs.
fn write(surface: &mut Surface<'_>, [mut x, y]: [f64; 2], size: f64, weight: Weight, text: &str, fonts: &Fonts<'_>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let name = font_of(first, weight);
        let end = rest
            .char_indices()
            .find(|(_, c)| font_of(*c, weight) != name && !is_silent(*c))
            .map_or(rest.len(), |(at, _)| at);
        let (run, others) = rest.split_at(end);
        rest = others;
        let wide: f64 = run.chars().map(|c| advance(c, weight)).sum();
        if let Some((subset, font)) = fonts.get(name) {
            let glyph = |(at, c): (usize, char)| {
                let id = GlyphId::new(subset.glyph(c).into());
                KrillaGlyph::new(id, advance(c, weight) as f32, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
            };
            let glyphs: Vec<KrillaGlyph> = run.char_indices().filter(|(_, c)| !is_silent(*c)).map(glyph).collect();
            surface.draw_glyphs(Point::from_xy(x as f32, y as f32), &glyphs, font.clone(), run, size as f32, false);
        }
        x += wide * size;
    }
}

/// The headings, to find one's way in a long report.
fn outline(layout: &Layout) -> Outline {
    let mut outline = Outline::new();
    let mut open: Vec<(u8, OutlineNode)> = Vec::new();
    let close = |open: &mut Vec<(u8, OutlineNode)>, outline: &mut Outline| {
        let Some((_, node)) = open.pop() else { return };
        match open.last_mut() {
            Some((_, parent)) => parent.push_child(node),
            None => outline.push_child(node),
        }
    };
    for (level, text, sheet, y) in &layout.headings {
        while open.last().is_some_and(|(own, _)| own >= level) {
            close(&mut open, &mut outline);
        }
        let at = Point::from_xy(0.0, (*y - 10.0).max(0.0) as f32);
        open.push((*level, OutlineNode::new(text.clone(), XyzDestination::new(*sheet, at))));
    }
    while !open.is_empty() {
        close(&mut open, &mut outline);
    }
    outline
}

/// The tree that says what every part is.
fn tags(document: &Document, layout: &Layout, mut marks: Vec<Vec<Identifier>>) -> TagTree {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); layout.nodes.len()];
    let mut roots = Vec::new();
    for (i, node) in layout.nodes.iter().enumerate() {
        node.parent.map_or(&mut roots, |parent| &mut children[parent]).push(i);
    }
    let mut tree = TagTree::new().with_lang(Some(document.language.to_owned()));
    for root in roots {
        group(root, layout, &children, &mut marks).into_iter().for_each(|group| tree.push(TagNode::Group(group)));
    }
    tree
}

fn group(at: usize, layout: &Layout, children: &[Vec<usize>], marks: &mut [Vec<Identifier>]) -> Option<TagGroup> {
    let mut own: Vec<TagNode> = std::mem::take(&mut marks[at]).into_iter().map(TagNode::Leaf).collect();
    for child in &children[at] {
        own.extend(group(*child, layout, children, marks).map(TagNode::Group));
    }
    let role = &layout.nodes[at].role;
    // An empty cell keeps its place in the row.
    if own.is_empty() && !matches!(role, Role::Cell | Role::HeadCell) {
        return None;
    }
    let level = |level: u8| NonZeroU16::new(level.into()).unwrap_or(NonZeroU16::MIN);
    let tag: TagKind = match role {
        Role::Heading(own, text) => Tag::Hn(level(*own), Some(text.clone())).into(),
        Role::Paragraph => Tag::P.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::HeadCell => Tag::TH(TableHeaderScope::Column).into(),
        Role::Cell => Tag::TD.into(),
        Role::Figure(about) => Tag::Figure(Some(about.clone())).into(),
        Role::Caption => Tag::Caption.into(),
        Role::Code => Tag::Code.into(),
        Role::List => Tag::L(ListNumbering::None).into(),
        Role::Item => {
            let body = TagGroup::with_children(Tag::LBody, own);
            return Some(TagGroup::with_children(Tag::LI, vec![TagNode::Group(body)]));
        }
    };
    Some(TagGroup::with_children(tag, own))
}
