//! Names of classes, runs and settings are cut where they are too long so that they can still be told from the others:
//! in their middle, because names of one kind often differ only at their ends (`topic nu…r 17`), or in front; and where
//! that leaves two of them the same, around the letters in which they differ (`…with preset1 and…`).

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use eframe::egui::{Color32, FontId, Galley, Id, Label, Response, Role, TextStyle, Ui, WidgetInfo};

use super::semibold_family;

/// A name that is cut, by numbers of letters: so many are kept in front of the ellipsis and so many behind it.
#[derive(Clone, Copy, Debug)]
struct Cut {
    head: usize,
    tail: usize,
}

/// How much of the kept letters stands in front of the ellipsis, in quarters: these cuts are tried one after the other.
const HEADS: [usize; 2] = [2, 1];
/// The last resort is a name's end alone.
const END: usize = 0;
/// Names that differ in a letter show so many letters before it, so that it stands in its word; fewer where there is no
/// room.
const LEADS: [usize; 2] = [12, 0];

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
    let fits = |text: &str| lay_out(text.to_owned()).size().x <= width;
    // The most letters that fit, by halving. One letter is shown however narrow the place is.
    let longest = |quarters: usize| {
        let (mut most, mut too_many) = (1, letters.len().max(2));
        while too_many - most > 1 {
            let middle = usize::midpoint(most, too_many);
            if fits(&Cut::of(middle, quarters).shortened(&letters)) { most = middle } else { too_many = middle }
        }
        Cut::of(most, quarters)
    };
    let others = others.into_iter();
    let is_told_apart = |cut: &Cut| others.clone().all(|other| other == name || !cut.fits(&letters, other));
    if let Some(cut) = HEADS.into_iter().map(longest).find(is_told_apart) {
        return (lay_out(cut.shortened(&letters)), true);
    }
    let usual = longest(HEADS[0]);
    let alike = others.clone().filter(|other| *other != name && usual.fits(&letters, other));
    let text = among_alike(&letters, alike, fits).unwrap_or_else(|| {
        let cut = Some(longest(END)).filter(is_told_apart).unwrap_or(usual);
        cut.shortened(&letters)
    });
    (lay_out(text), true)
}

/// Cuts a name around letters in which it differs from those that would read the same; `None` where no such piece fits.
fn among_alike<'a>(
    letters: &[char],
    alike: impl Iterator<Item = &'a str>,
    fits: impl Fn(&str) -> bool,
) -> Option<String> {
    let alike: Vec<Vec<char>> = alike.map(|name| name.chars().collect()).collect();
    let same = |other: &Vec<char>| letters.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (least, most) = (alike.iter().map(same).min()?, alike.iter().map(same).max()?);
    let starts = [least, most].into_iter().flat_map(|same| LEADS.map(|lead| (same, lead)));
    starts.into_iter().find_map(|(same, lead)| {
        let is_in_word = |at: usize| at > 0 && same - at < lead && letters.get(at - 1).is_some_and(|c| *c != ' ');
        let from = (0..=same).rev().find(|&at| !is_in_word(at)).unwrap_or(same).min(letters.len());
        let (from, to) = around(letters, from, &fits);
        let text = piece(letters, from, to);
        let kept: String = letters[from..to].iter().collect();
        let kept: Vec<char> = kept.trim().chars().collect();
        // An ellipsis stands for any letters.
        let could_be = |other: &Vec<char>| match (from > 0, to < letters.len()) {
            (true, true) => other.windows(kept.len().max(1)).any(|part| part == kept),
            (true, false) => other.ends_with(&kept),
            (false, true) => other.starts_with(&kept),
            (false, false) => other == letters,
        };
        (fits(&text) && !alike.iter().any(could_be)).then_some(text)
    })
}

/// Returns the ends of as many letters from this one on as fit, and of those before it that there is room for after the
/// last one.
fn around(letters: &[char], from: usize, fits: impl Fn(&str) -> bool) -> (usize, usize) {
    let shown = |from: usize, to: usize| fits(&piece(letters, from, to));
    let to = (from + 1..=letters.len()).rev().find(|&to| shown(from, to)).unwrap_or(letters.len().min(from + 1));
    let from = if to < letters.len() { from } else { (0..from).find(|&at| shown(at, to)).unwrap_or(from) };
    (from, to)
}

/// Writes some of a name's letters, with an ellipsis for those before and after them.
fn piece(letters: &[char], from: usize, to: usize) -> String {
    let kept: String = letters[from..to].iter().collect();
    let (before, after) = (if from > 0 { "…" } else { "" }, if to < letters.len() { "…" } else { "" });
    format!("{before}{}{after}", kept.trim())
}

/// Returns the names of a list as they are shown in columns of this width. They are kept until the list or the width
/// changes, because comparing the names of a long list with each other takes too long for every frame.
pub fn fitted_names(ui: &Ui, list: &str, names: &[String], font: &FontId, width: f32) -> Arc<[String]> {
    let mut hasher = DefaultHasher::new();
    (names, width.to_bits(), font, ui.pixels_per_point().to_bits()).hash(&mut hasher);
    let (id, key) = (Id::unique(("names told apart", list)), hasher.finish());
    let known: Option<(u64, Arc<[String]>)> = ui.data(|data| data.get_temp(id));
    if let Some((_, shown)) = known.filter(|(of, _)| *of == key) {
        return shown;
    }
    let fitted = |name: &String| {
        let others = names.iter().map(String::as_str);
        fitted_among(ui, name, others, font, Color32::PLACEHOLDER, width).0.job.text.clone()
    };
    let shown: Arc<[String]> = names.iter().map(fitted).collect();
    ui.data_mut(|data| data.insert_temp(id, (key, Arc::clone(&shown))));
    shown
}

/// Draws a name as `fitted_names` returned it. Hovering shows all of it, and screen readers read all of it.
pub fn shown_name(ui: &mut Ui, shown: &str, name: &str) -> Response {
    let response = ui.add(Label::new(shown).truncate());
    if shown == name {
        return response;
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    response.on_hover_text(name)
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

    #[test]
    fn names_that_differ_in_their_middle_are_told_apart() {
        with_ui(|ui| {
            let font = FontId::proportional(12.0);
            let name = |what: &str| format!("2026-11-24 고객 문의 전체로 {what} without the rows of last year");
            let names = ["preset1", "preset2", "preset2", "full"].map(name);
            for width in [60.0, 110.0, 180.0] {
                let shown = fitted_names(ui, "test", &names, &font, width);
                assert!(shown[0] != shown[1] && shown[1] == shown[2] && shown[3] != shown[0], "{shown:?}");
                let widths = shown
                    .iter()
                    .map(|text| ui.painter().layout_no_wrap(text.clone(), font.clone(), Color32::WHITE).size().x);
                assert!(widths.fold(0.0, f32::max) <= width, "{shown:?} at {width}");
            }
            assert!(fitted_names(ui, "test", &names, &font, 180.0)[0].contains("preset1"));
            let whole = fitted_names(ui, "test", &names, &font, 900.0);
            assert_eq!(*whole, names);
            let ends = ["topic number of the question 1", "topic number of the question 17"].map(str::to_owned);
            let shown = fitted_names(ui, "test", &ends, &font, 60.0);
            assert!(shown[0].starts_with('t') && shown[1].ends_with("17"), "{shown:?}");
        });
    }
}
