//! What went wrong, as the window says it.

use eframe::egui::{Color32, Label, RichText, Ui};

use crate::domain::problem::Problem;
use crate::words::Catalogue;

use super::theme;

/// Draws a problem's sentence, and below it in small type what the system or a parser said, which is in its own language.
pub fn problem_ui(ui: &mut Ui, words: &Catalogue, problem: &Problem, colour: Color32) {
    ui.add(Label::new(RichText::new(words.sentence(problem)).color(colour)).wrap().selectable(true));
    if let Some(original) = problem.original() {
        ui.add(Label::new(theme::small_muted(ui, original)).wrap().selectable(true));
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::path::Path;

    use eframe::egui::vec2;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use crate::words::Language;

    use super::*;

    #[test]
    fn what_the_system_said_stands_small_below_our_sentence() {
        let words = Catalogue::new(Language::Korean);
        let problem = Problem::file(Path::new("a.csv"), &ErrorKind::PermissionDenied.into());
        let sentence = words.sentence(&problem);
        let builder = Harness::builder().with_size(vec2(500.0, 200.0)).with_context_setup(theme::install);
        let mut harness = builder.build_ui(|ui| {
            let colour = theme::palette(ui).error;
            problem_ui(ui, &words, &problem, colour);
        });
        harness.run_ok();
        let (ours, original) =
            (harness.get_by_label(&sentence).rect(), harness.get_by_label("permission denied").rect());
        assert!(original.top() >= ours.bottom() && original.height() < ours.height(), "{ours:?} {original:?}");
    }
}
