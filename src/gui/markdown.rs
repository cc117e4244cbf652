//! Texts in Markdown: paragraphs, lists, emphasis, code, tables and pictures.

use std::sync::Arc;

use eframe::egui::load::Bytes;
use eframe::egui::mutex::Mutex;
use eframe::egui::{FontId, Frame, Id, Label, RichText, TextStyle, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use super::theme;

/// A picture is at most so wide, points.
const MOST_WIDTH: f32 = 640.0;
/// The size of a text's title; the headings below it are between this and the text's own, points.
const HEADING: f32 = 21.0;

/// Draws a text. Its pictures are those that `keep_picture` was given under the same `place`.
pub fn markdown_ui(ui: &mut Ui, place: &str, text: &str) {
    linked_markdown_ui(ui, place, text, &[]);
}

/// Draws a text that has links inside the program, and returns which of these `links` was clicked, by its place. All other
/// links open in the browser.
pub fn linked_markdown_ui(ui: &mut Ui, place: &str, text: &str, links: &[&str]) -> Option<usize> {
    let id = Id::unique("markdown");
    let cache = ui.data_mut(|data| Arc::clone(data.get_temp_mut_or_default::<Arc<Mutex<CommonMarkCache>>>(id)));
    let mut cache = cache.lock();
    // All texts share the cache, but not their links.
    cache.link_hooks_clear();
    links.iter().for_each(|link| cache.add_link_hook(*link));
    let width = ui.available_width();
    ui.scope(|ui| {
        // Strong words show by their colour alone, which is that of the text elsewhere.
        ui.visuals_mut().widgets.active.fg_stroke.color = theme::palette(ui).accent;
        ui.style_mut().text_styles.insert(TextStyle::Heading, FontId::proportional(HEADING));
        for part in parts(text) {
            match part {
                Part::Code(code) => code_ui(ui, code),
                Part::Text(text) => {
                    let viewer = CommonMarkViewer::new().default_implicit_uri_scheme(uri(place, ""));
                    viewer.max_image_width(Some(width.min(MOST_WIDTH) as usize)).show(ui, &mut cache, text);
                }
            }
        }
    });
    links.iter().position(|link| cache.get_link_hook(link) == Some(true))
}

/// Returns a short text without the marks of Markdown, for places of one line that set no Markdown.
pub fn plain(text: &str) -> String {
    without_pairs(&text.replace("**", "").replace('`', ""))
}

/// Leaves out the asterisks of emphasis, of which one stands before a letter and the next one behind a letter. Others are signs
/// of their own, as in `2 * 3`.
fn without_pairs(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('*') {
        kept.push_str(before);
        let is_open = after.starts_with(|c: char| !c.is_whitespace());
        match after.split_once('*').filter(|(inner, _)| is_open && !inner.ends_with(char::is_whitespace)) {
            Some((inner, behind)) => {
                kept.push_str(inner);
                rest = behind;
            }
            None => {
                kept.push('*');
                rest = after;
            }
        }
    }
    kept + rest
}

/// Returns a text in which the names of its pictures stand in their place, where the pictures are not at hand.
pub fn without_pictures(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((before, picture)) = rest.split_once("![") {
        let parts = picture.split_once("](").and_then(|(name, after)| Some((name, after.split_once(')')?.1)));
        let Some((name, after)) = parts else { break };
        kept.push_str(before);
        kept.push_str(name);
        rest = after;
    }
    kept + rest
}

enum Part<'a> {
    Text(&'a str),
    /// The lines between two fences.
    Code(&'a str),
}

/// Cuts a text at the fences of its code.
fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut from, mut at, mut in_code) = (Vec::new(), 0, 0, false);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if line.starts_with("```") {
            parts.push(if in_code { Part::Code(&text[from..at]) } else { Part::Text(&text[from..at]) });
            (from, in_code) = (end, !in_code);
        }
        at = end;
    }
    parts.push(if in_code { Part::Code(&text[from..]) } else { Part::Text(&text[from..]) });
    parts
}

/// Draws lines of code, which can be selected. The viewer's own frame has a button to copy them, whose sign no bundled font
/// has.
fn code_ui(ui: &mut Ui, code: &str) {
    let fill = ui.visuals().extreme_bg_color;
    Frame::new().fill(fill).corner_radius(theme::space::XS).inner_margin(theme::space::S).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(Label::new(RichText::new(code.trim_end()).monospace()).selectable(true));
    });
}

/// Keeps a picture's bytes where the texts of this `place` find it under its `name`.
pub fn keep_picture(ui: &Ui, place: &str, name: &str, bytes: &Arc<[u8]>) {
    egui_extras::install_image_loaders(ui.ctx());
    ui.ctx().include_bytes(uri(place, name), Bytes::Shared(Arc::clone(bytes)));
}

fn uri(place: &str, name: &str) -> String {
    format!("bytes://{place}/{name}")
}

#[cfg(test)]
mod tests {
    use eframe::egui::load::BytesPoll;
    use egui_kittest::{Harness, kittest::Queryable};

    use super::*;

    #[test]
    fn marks_and_pictures_that_cannot_be_shown_are_left_out() {
        assert_eq!(plain("Is `layer.23` **frozen**?"), "Is layer.23 frozen?");
        assert_eq!(plain("*not* before **a *bad* film**"), "not before a bad film");
        assert_eq!(plain("2 * 3 * 4, a footnote* and *half"), "2 * 3 * 4, a footnote* and *half");
        assert_eq!(without_pictures("Look: ![six layers](a.png), then ![two](b.png)."), "Look: six layers, then two.");
        assert_eq!(without_pictures("An array[0] and ![half"), "An array[0] and ![half");
    }

    #[test]
    fn a_text_is_set_and_its_pictures_are_found() {
        let text = "One\nparagraph with **strong** words.\n\n* first\n* second\n\n```sh\nthaw runs\n```\n![layers](layers.png)\n\nAnother `one`.";
        let picture: Arc<[u8]> = b"bytes".as_slice().into();
        let mut harness = Harness::builder().with_context_setup(theme::install).build_ui(move |ui| {
            keep_picture(ui, "mine", "layers.png", &picture);
            markdown_ui(ui, "mine", text);
        });
        harness.run_steps(2);
        for part in ["paragraph with", "strong", "first", "second", "thaw runs", "Another", "one"] {
            assert!(harness.query_all_by_label_contains(part).next().is_some(), "{part}");
        }
        for mark in ["**", "* first", "```"] {
            assert!(harness.query_all_by_label_contains(mark).next().is_none(), "{mark} is set, not shown");
        }
        let found = harness.ctx.try_load_bytes("bytes://mine/layers.png");
        assert!(matches!(found, Ok(BytesPoll::Ready { bytes, .. }) if bytes.as_ref() == b"bytes"));
    }
}
