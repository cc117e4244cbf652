//! Names of classes, runs and settings are cut in their middle where they are too long, because names of one kind often
//! differ only at their ends: `topic nu…r 17`.

use std::sync::Arc;

use eframe::egui::{Color32, FontId, Galley, Label, Response, Role, TextStyle, Ui, WidgetInfo};

use super::semibold_family;

/// Lays out a name on one line that fits into `width`, and returns whether it had to be cut.
pub fn fitted_name(ui: &Ui, name: &str, font: &FontId, colour: Color32, width: f32) -> (Arc<Galley>, bool) {
    let lay_out = |text: String| ui.painter().layout_no_wrap(text, font.clone(), colour);
    let name = name.replace(['\n', '\r'], " ");
    let whole = lay_out(name.clone());
    if whole.size().x <= width {
        return (whole, false);
    }
    let letters: Vec<char> = name.chars().collect();
    let shortened = |kept: usize| {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let head: String = letters[..head].iter().collect();
        let tail: String = letters[letters.len() - tail..].iter().collect();
        lay_out(format!("{}…{}", head.trim_end(), tail.trim_start()))
    };
    // The most letters that fit, by halving. One letter is shown however narrow the place is.
    let (mut fits, mut too_many) = (1, letters.len());
    while too_many - fits > 1 {
        let middle = usize::midpoint(fits, too_many);
        if shortened(middle).size().x <= width { fits = middle } else { too_many = middle }
    }
    (shortened(fits), true)
}

/// Draws a name in the room that there is. Hovering shows all of it, and screen readers read all of it.
pub fn cut_name(ui: &mut Ui, name: &str, is_strong: bool) -> Response {
    let mut font = TextStyle::Body.resolve(ui.style());
    if is_strong {
        font.family = semibold_family();
    }
    if let Some(style) = ui.style().override_text_style.clone() {
        font.size = style.resolve(ui.style()).size;
    }
    let colour = ui.visuals().text_color();
    let (galley, is_cut) = fitted_name(ui, name, &font, colour, ui.available_width());
    let response = ui.add(Label::new(galley));
    if !is_cut {
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
    fn a_name_that_is_cut_keeps_its_end() {
        let draw = |ui: &mut Ui| {
            let font = FontId::proportional(12.0);
            for width in [30.0, 60.0, 500.0] {
                let (galley, is_cut) = fitted_name(ui, "topic number 17", &font, Color32::WHITE, width);
                assert!(galley.size().x <= width && is_cut == (width < 500.0));
                assert!(galley.job.text.starts_with('t') && galley.job.text.ends_with('7'));
            }
            let (galley, _) = fitted_name(ui, "가나다라마바사", &font, Color32::WHITE, 1.0);
            assert_eq!(galley.job.text, "가…");
        };
        Harness::builder().with_context_setup(super::super::install).build_ui(draw).run();
    }
}
