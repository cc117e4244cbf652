//! Finds what cannot be read in a frame: texts that are cut by the edge of their place, that lie on each other, or that
//! are shortened to the same few letters. It looks at the shapes that egui would paint, so no picture is needed.

use std::collections::BTreeMap;

use eframe::egui::accesskit::Role;
use eframe::egui::epaint::text::PlacedRow;
use eframe::egui::epaint::{ClippedShape, TextShape};
use eframe::egui::{Rect, Rgba, Sense, Shape, vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use super::super::Studio;

/// Letters may reach over an edge by so much, in points: the outer pixels of a letter are nearly invisible.
const SLACK: f32 = 1.5;
/// What is opaque and larger than this in both directions is a window or a popup, and hides what is below it.
const COVER: f32 = 90.0;
/// A scroll area's edge and that of its bar are so close to each other.
const NEAR: f32 = 14.0;

/// One text as it is painted.
struct Seen {
    /// All of it.
    text: String,
    /// The letters that are painted, with `…` where it is shortened.
    letters: String,
    /// Where its ink lies.
    ink: Rect,
    /// The ink of each of its lines. The first of a text that goes on in the middle of a line begins there, so that all of
    /// them together seem to lie on what stands before it.
    lines: Vec<Rect>,
    clip: Rect,
    is_upright: bool,
}

impl Seen {
    fn visible(&self) -> Rect {
        self.ink.intersect(self.clip)
    }

    /// Where a line of one lies on a line of the other.
    fn overlap(&self, other: &Self) -> Option<Rect> {
        let seen = |text: &Self| text.lines.iter().map(|line| line.intersect(text.clip)).collect::<Vec<_>>();
        let others = seen(other);
        let pairs = seen(self).into_iter().flat_map(|line| others.iter().map(move |other| line.intersect(*other)));
        pairs.into_iter().find(|both| both.width() > SLACK && both.height() > SLACK)
    }
}

/// The scroll areas of a frame, each by the places where texts may be cut.
#[derive(Default)]
struct Scrolled {
    across: Vec<Rect>,
    down: Vec<Rect>,
    fields: Vec<Rect>,
}

/// Says what cannot be read in the frame that was drawn last, each fault in a line. Of the `names` that are shown, no two
/// may be meant by the same letters. Where the page `ends_at_columns`, no text may be cut at its right although it can be
/// scrolled there.
pub fn faults(studio: &Studio, names: &[String], ends_at_columns: bool) -> Vec<String> {
    let mut texts = texts(&studio.harness.output().shapes);
    read_out(studio, &mut texts);
    let scrolled = Scrolled::of(studio);
    let mut faults = Vec::new();
    for seen in &texts {
        if let Some(edge) = scrolled.cut(seen, ends_at_columns) {
            faults.push(format!("cut {edge}: “{}” {:?} in {:?}", seen.letters, seen.ink, seen.clip));
        }
    }
    // What stands upright, as the name of an axis does, is shortened nowhere, because no one can widen its place.
    let upright = texts.iter().filter(|seen| seen.is_upright && seen.letters.contains('…'));
    faults.extend(upright.map(|seen| format!("shortened: “{}” at {:?}", seen.letters, seen.ink)));
    for (i, a) in texts.iter().enumerate() {
        for b in &texts[i + 1..] {
            if let Some(both) = a.overlap(b) {
                faults.push(format!("overlap: “{}” on “{}” at {:?}", b.letters, a.letters, both));
            }
        }
    }
    let (of_names, others): (Vec<Seen>, Vec<Seen>) =
        texts.into_iter().partition(|seen| seen.letters.contains('…') && meant(&seen.letters, names).next().is_some());
    for seen in &of_names {
        let many = meant(&seen.letters, names).count();
        if many > 1 {
            faults.push(format!("ambiguous: “{}” may be any of {many} names at {:?}", seen.letters, seen.ink));
        }
    }
    faults.extend(alike(&others));
    faults
}

/// The names that are meant by these letters, in which `…` stands for any others.
fn meant<'a>(letters: &str, names: &'a [String]) -> impl Iterator<Item = &'a String> {
    let kept: Vec<String> = letters.split('…').map(str::to_owned).collect();
    let is_known = kept.iter().any(|part| !part.trim().is_empty());
    let is_meant = move |name: &&String| {
        let (first, last) = (kept.first(), kept.last());
        is_known
            && first.is_some_and(|first| name.starts_with(first))
            && last.is_some_and(|last| name.ends_with(last))
            && kept.iter().all(|part| name.contains(part))
    };
    names.iter().filter(is_meant)
}

/// What was shortened before it was laid out is known in full where screen readers read it in full.
fn read_out(studio: &Studio, texts: &mut [Seen]) {
    let mut names: Vec<(Rect, String)> = Vec::new();
    for role in [Role::Label, Role::Button, Role::ComboBox] {
        let nodes = studio.harness.query_all_by_role(role);
        names.extend(nodes.filter_map(|node| Some((node.rect(), node.accesskit_node().label()?))));
    }
    for seen in texts.iter_mut().filter(|seen| seen.text.contains('…')) {
        let around = names.iter().filter(|(rect, _)| rect.expand(2.0).contains_rect(seen.visible()));
        if let Some((_, name)) = around.min_by(|(a, _), (b, _)| a.area().total_cmp(&b.area())) {
            seen.text.clone_from(name);
        }
    }
}

/// Texts that stand below each other and are shortened so that they read the same.
fn alike(texts: &[Seen]) -> Vec<String> {
    let mut columns: BTreeMap<(i32, &str), Vec<&Seen>> = BTreeMap::new();
    for seen in texts.iter().filter(|seen| seen.letters.contains('…')) {
        let edge = if seen.clip.right() - seen.ink.right() < 8.0 { seen.ink.right() } else { seen.ink.left() };
        columns.entry((edge.round() as i32 / 4, seen.letters.as_str())).or_default().push(seen);
    }
    // A name that was shortened before it was laid out is not known in full; the same three times is no accident.
    let differ = |seen: &&Vec<&Seen>| {
        seen.iter().any(|other| other.text != seen[0].text) || seen[0].text.contains('…') && seen.len() > 2
    };
    columns.values().filter(differ).map(|seen| format!("alike: {} × “{}”", seen.len(), seen[0].letters)).collect()
}

/// Every painting of the text `whole`, each as it is seen, with `…` where it is shortened.
pub fn painted(studio: &Studio, whole: &str) -> Vec<String> {
    let texts = texts(&studio.harness.output().shapes).into_iter();
    texts.filter(|seen| seen.text == whole).map(|seen| seen.letters).collect()
}

fn texts(shapes: &[ClippedShape]) -> Vec<Seen> {
    let mut texts = Vec::new();
    shapes.iter().for_each(|clipped| add(&mut texts, &clipped.shape, clipped.clip_rect));
    texts
}

fn add(texts: &mut Vec<Seen>, shape: &Shape, clip: Rect) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| add(texts, shape, clip)),
        Shape::Text(text) => texts.extend(seen(text, clip)),
        Shape::Rect(rect) if rect.fill.is_opaque() && rect.rect.size().min_elem() > COVER => {
            let cover = rect.rect.intersect(clip);
            texts.retain(|below| {
                let hidden = below.visible().intersect(cover);
                !hidden.is_positive() || hidden.area() < 0.05 * below.visible().area()
            });
        }
        _ => {}
    }
}

fn seen(shape: &TextShape, clip: Rect) -> Option<Seen> {
    let rows = shape.galley.rows.iter().map(|row| row.glyphs.iter().map(|glyph| glyph.chr).collect::<String>());
    let seen = Seen {
        text: shape.galley.job.text.clone(),
        letters: rows.collect::<Vec<_>>().join(" "),
        ink: shape.visual_bounding_rect(),
        lines: lines(shape),
        clip,
        is_upright: shape.angle != 0.0,
    };
    let is_seen = shape.opacity_factor > 0.0
        && shape.override_text_color.is_none_or(|colour| Rgba::from(colour).a() > 0.0)
        && !seen.letters.trim().is_empty()
        && seen.visible().is_positive();
    is_seen.then_some(seen)
}

/// The ink of each line. A text that is turned is taken as a whole.
fn lines(shape: &TextShape) -> Vec<Rect> {
    if shape.angle != 0.0 {
        return vec![shape.visual_bounding_rect()];
    }
    // The ground behind a piece of code is no ink.
    let ink = |row: &PlacedRow| {
        let glyphs = &row.visuals.mesh.vertices[row.visuals.glyph_vertex_range.clone()];
        let mut bounds = Rect::NOTHING;
        glyphs.iter().for_each(|vertex| bounds.extend_with(vertex.pos));
        bounds.translate(row.pos.to_vec2() + shape.pos.to_vec2())
    };
    shape.galley.rows.iter().map(ink).filter(|ink| ink.is_positive()).collect()
}

impl Scrolled {
    /// The bars of the scroll areas say which of them can be scrolled in which direction.
    fn of(studio: &Studio) -> Self {
        let mut scrolled = Self::default();
        studio.harness.ctx.viewport(|viewport| {
            for pass in [&viewport.this_pass, &viewport.prev_pass] {
                for widget in pass.widgets.layers().flat_map(|(_, widgets)| widgets) {
                    let size = widget.rect.size();
                    if !widget.sense.contains(Sense::DRAG) || size.min_elem() > 14.0 {
                        continue;
                    }
                    if size.y > 1.5 * size.x {
                        scrolled.down.push(widget.rect);
                    } else if size.x > 1.5 * size.y {
                        scrolled.across.push(widget.rect);
                    }
                }
            }
        });
        let harness = &studio.harness;
        for role in [Role::TextInput, Role::MultilineTextInput, Role::SpinButton] {
            scrolled.fields.extend(harness.query_all_by_role(role).map(|node| node.rect().expand(4.0)));
        }
        scrolled
    }

    /// The edge that cuts a text although it cannot be scrolled there.
    fn cut(&self, seen: &Seen, ends_at_columns: bool) -> Option<&'static str> {
        let (ink, clip) = (seen.ink, seen.clip.expand2(vec2(SLACK, SLACK)));
        if self.fields.iter().any(|field| field.intersects(seen.visible())) {
            return None;
        }
        let across: Vec<f32> = self.across.iter().flat_map(|bar| [bar.left(), bar.right()]).collect();
        let down: Vec<f32> = self.down.iter().flat_map(|bar| [bar.top(), bar.bottom()]).collect();
        let at = |ends: &[f32], edge: f32| ends.iter().any(|end| (end - edge).abs() < NEAR);
        let edges = [
            ("at its left", ink.left() < clip.left(), at(&across, clip.left())),
            ("at its right", ink.right() > clip.right(), !ends_at_columns && at(&across, clip.right())),
            ("above", ink.top() < clip.top(), at(&down, clip.top())),
            ("below", ink.bottom() > clip.bottom(), at(&down, clip.bottom())),
        ];
        edges.into_iter().find(|(_, is_cut, can_scroll)| *is_cut && !*can_scroll).map(|(name, ..)| name)
    }
}
