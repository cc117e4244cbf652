//! The names of a list are told apart where they are cut, also if they differ in their middle only.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use eframe::egui::{Color32, FontId, Id, Label, Response, Role, Ui, WidgetInfo};

use super::fitted_name;

/// Names that differ in a letter show so many letters before it, so that it stands in its word.
const LEAD: usize = 12;
/// In longer lists names are not compared with each other, because that would take too long when the window is resized.
const MOST_COMPARED: usize = 200;

/// Returns the names of a list as they are shown in columns of this width. They are cut in their middle, and where two that
/// differ would then read the same, around the letters in which they differ: `…with preset1 and…`.
pub fn fitted_names(ui: &Ui, list: &str, names: &[String], font: &FontId, width: f32) -> Arc<[String]> {
    let mut hasher = DefaultHasher::new();
    (names, width.to_bits(), font, ui.pixels_per_point().to_bits()).hash(&mut hasher);
    let (id, key) = (Id::unique(("names told apart", list)), hasher.finish());
    let known: Option<(u64, Arc<[String]>)> = ui.data(|data| data.get_temp(id));
    if let Some((_, shown)) = known.filter(|(of, _)| *of == key) {
        return shown;
    }
    let mut shown: Vec<String> =
        names.iter().map(|name| fitted_name(ui, name, font, Color32::PLACEHOLDER, width).0.job.text.clone()).collect();
    if names.len() <= MOST_COMPARED {
        let fits = |text: &str| {
            ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x <= width
        };
        // What still reads the same has no room for the word around the letters that differ.
        tell_apart(names, &mut shown, LEAD, fits);
        tell_apart(names, &mut shown, 0, fits);
    }
    let shown: Arc<[String]> = shown.into();
    ui.data_mut(|data| data.insert_temp(id, (key, Arc::clone(&shown))));
    shown
}

/// Cuts names that read the same although they differ around the first letters in which they do.
fn tell_apart(names: &[String], shown: &mut [String], lead: usize, fits: impl Fn(&str) -> bool) {
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, text) in shown.iter().enumerate() {
        alike.entry(text.clone()).or_default().push(i);
    }
    for group in alike.into_values() {
        let differing: BTreeSet<Vec<char>> = group.iter().map(|&i| names[i].chars().collect()).collect();
        // Names in order have the shortest beginning in common at the ends of the list.
        let (Some(first), Some(last)) = (differing.first(), differing.last()) else { continue };
        if differing.len() < 2 {
            continue;
        }
        let same = first.iter().zip(last).take_while(|(a, b)| a == b).count();
        for i in group {
            let letters: Vec<char> = names[i].replace(['\n', '\r'], " ").chars().collect();
            let is_in_word = |at: usize| at > 0 && same - at < lead && letters.get(at - 1).is_some_and(|c| *c != ' ');
            let from = (0..=same).rev().find(|&at| !is_in_word(at)).unwrap_or(same);
            shown[i] = around(&letters, from.min(letters.len()), &fits);
        }
    }
}

/// Returns as many letters from this one on as fit, and those before it that there is room for after the last one.
fn around(letters: &[char], from: usize, fits: impl Fn(&str) -> bool) -> String {
    let text = |from: usize, to: usize| {
        let kept: String = letters[from..to].iter().collect();
        let (before, after) = (if from > 0 { "…" } else { "" }, if to < letters.len() { "…" } else { "" });
        format!("{before}{}{after}", kept.trim())
    };
    let to = (from + 1..=letters.len()).rev().find(|&to| fits(&text(from, to))).unwrap_or(letters.len().min(from + 1));
    let from = if to < letters.len() { from } else { (0..from).find(|&at| fits(&text(at, to))).unwrap_or(from) };
    text(from, to)
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

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;

    #[test]
    fn names_that_differ_in_their_middle_are_told_apart() {
        let draw = |ui: &mut Ui| {
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
        };
        Harness::builder().with_context_setup(super::super::install).build_ui(draw).run();
    }
}
