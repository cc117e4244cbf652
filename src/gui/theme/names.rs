//! Names of classes, runs and settings are cut where they are too long so that they can still be told from the others:
//! in their middle, because names of one kind often differ only at their ends (`topic nu…r 17`), or elsewhere if that
//! leaves two of them the same.

use std::sync::Arc;

use eframe::egui::{Color32, FontId, Galley, Label, Response, Role, TextStyle, Ui, WidgetInfo};

use super::semibold_family;

/// A name that is cut, by numbers of letters: so many are kept in front of the ellipsis and so many behind it.
#[derive(Clone, Copy, Debug)]
struct Cut {
    head: usize,
    tail: usize,
}

/// How much of the kept letters stands in front of the ellipsis, in quarters: these cuts are tried one after the other.
const HEADS: [usize; 3] = [2, 1, 0];

impl Cut {
    fn of(kept: usize, quarters: usize) -> Self {
        let head = (kept * quarters).div_ceil(4);
        Self { head, tail: kept - head }
    }

    fn shortened(self, letters: &[char]) -> String {
        let head: String = letters[..self.head].iter().collect();
        let tail: String = letters[letters.len() - self.tail..].iter().collect();
        format!("{}…{tail}", head.trim_end())
    }

    /// Whether the letters that are kept could be those of `other`.
    fn fits(self, letters: &[char], other: &str) -> bool {
        let is_head = letters[..self.head].iter().copied().eq(other.chars().take(self.head));
        let tail = letters[letters.len() - self.tail..].iter().rev().copied();
        is_head && tail.eq(other.chars().rev().take(self.tail))
    }
}

/// Lays out a name on one line that fits into `width`, and returns whether it had to be cut.
pub fn fitted_name(ui: &Ui, name: &str, font: &FontId, colour: Color32, width: f32) -> (Arc<Galley>, bool) {
    fitted_among(ui, name, [], font, colour, width)
}

/// Does the same for a name that stands among `others`, of which it may itself be one. If there is a cut that leaves it
/// different from all of them, that one is taken.
pub fn fitted_among<'a>(
    ui: &Ui,
    name: &str,
    others: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
    font: &FontId,
    colour: Color32,
    width: f32,
) -> (Arc<Galley>, bool) {
    let lay_out = |text: String| ui.painter().layout_no_wrap(text, font.clone(), colour);
    let line = name.replace(['\n', '\r'], " ");
    let letters: Vec<char> = line.chars().collect();
    let whole = lay_out(line);
    if whole.size().x <= width {
        return (whole, false);
    }
    // The most letters that fit, by halving. One letter is shown however narrow the place is.
    let longest = |quarters: usize| {
        let (mut fits, mut too_many) = (1, letters.len().max(2));
        while too_many - fits > 1 {
            let middle = usize::midpoint(fits, too_many);
            let galley = lay_out(Cut::of(middle, quarters).shortened(&letters));
            if galley.size().x <= width { fits = middle } else { too_many = middle }
        }
        Cut::of(fits, quarters)
    };
    let others = others.into_iter();
    let is_told_apart = |cut: &Cut| others.clone().all(|other| other == name || !cut.fits(&letters, other));
    let cut = HEADS.into_iter().map(longest).find(is_told_apart).unwrap_or_else(|| longest(HEADS[0]));
    (lay_out(cut.shortened(&letters)), true)
}

/// Draws a name in the room that there is. Hovering shows all of it, and screen readers read all of it.
pub fn cut_name(ui: &mut Ui, name: &str, is_strong: bool) -> Response {
    cut_among(ui, name, [], is_strong)
}

/// Does the same for a name that stands among others.
pub fn cut_among<'a>(
    ui: &mut Ui,
    name: &str,
    others: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
    is_strong: bool,
) -> Response {
    let mut font = TextStyle::Body.resolve(ui.style());
    if is_strong {
        font.family = semibold_family();
    }
    if let Some(style) = ui.style().override_text_style.clone() {
        font.size = style.resolve(ui.style()).size;
    }
    let colour = ui.visuals().text_color();
    let (galley, is_cut) = fitted_among(ui, name, others, &font, colour, ui.available_width());
    let response = ui.add(Label::new(galley));
    if !is_cut {
        return response;
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    response.on_hover_text(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use egui_kittest::Harness;

    fn with_ui(draw: impl FnMut(&mut Ui)) {
        Harness::builder().with_context_setup(super::super::install).build_ui(draw).run();
    }

    #[test]
    fn a_name_that_is_cut_keeps_its_end() {
        with_ui(|ui| {
            let font = FontId::proportional(12.0);
            for width in [30.0, 60.0, 500.0] {
                let (galley, is_cut) = fitted_name(ui, "topic number 17", &font, Color32::WHITE, width);
                assert!(galley.size().x <= width && is_cut == (width < 500.0));
                assert!(galley.job.text.starts_with('t') && galley.job.text.ends_with('7'));
            }
            let (galley, _) = fitted_name(ui, "가나다라마바사", &font, Color32::WHITE, 1.0);
            assert_eq!(galley.job.text, "가…");
        });
    }

    #[test]
    fn a_hundred_and_fifty_names_that_are_cut_differ() {
        let english = |i: usize| format!("topic number of the customer's question {i}");
        let korean = |i: usize| format!("고객 상담에서 들어온 문의의 주제 {i}번");
        let names: Vec<String> = (0..150).map(|i| if i % 2 == 0 { english(i) } else { korean(i) }).collect();
        with_ui(move |ui| {
            let font = FontId::proportional(12.0);
            for width in [50.0, 62.0, 84.0, 120.0] {
                let shown = |name: &String| {
                    let others = names.iter().map(String::as_str);
                    fitted_among(ui, name, others, &font, Color32::WHITE, width).0.job.text.clone()
                };
                let shown: BTreeSet<String> = names.iter().map(shown).collect();
                assert_eq!(shown.len(), names.len(), "{width} points: {shown:?}");
            }
        });
    }
}
