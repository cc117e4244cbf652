//! The heading of a plot with its legend. The legend never lies on the title: where both have no room in one line, the
//! legend stands below.

use eframe::egui::{self, Align, Color32, Label, Layout, Stroke, Ui, pos2, vec2};

use super::chart::Mark;
use super::theme;

/// What one mark of a plot stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub name: String,
    pub colour: Color32,
    pub mark: Mark,
}

/// A button of a plot has this size.
pub const BUTTON: egui::Vec2 = vec2(22.0, 20.0);
const SWATCH: egui::Vec2 = vec2(16.0, 12.0);
/// The distance from a mark to its name.
const GAP: f32 = 5.0;
/// The distance from one entry to the next.
const APART: f32 = 10.0;
/// A title keeps at least so much of the line.
const TITLE: f32 = 60.0;

/// Draws so many of a plot's buttons at the right end of a row. The keyboard goes through them from left to right.
pub fn buttons_ui(ui: &mut Ui, count: usize, add: impl FnOnce(&mut Ui)) {
    let gap = ui.spacing().item_spacing.x;
    let width = count as f32 * (BUTTON.x + gap) - gap;
    ui.allocate_ui_with_layout(vec2(width, BUTTON.y), Layout::left_to_right(Align::Min), add);
}

/// Draws a plot's title with its legend, and so many buttons at the right end.
pub fn heading(
    ui: &mut Ui,
    title: &str,
    hover: &str,
    entries: &[Entry],
    buttons: usize,
    add_buttons: impl FnOnce(&mut Ui),
) {
    let small = egui::TextStyle::Small.resolve(ui.style());
    let width_of = |text: &str, font: egui::FontId| {
        ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
    };
    let title_width = width_of(title, egui::TextStyle::Heading.resolve(ui.style()));
    let entry = |entry: &Entry| SWATCH.x + GAP + width_of(&entry.name, small.clone()) + APART;
    let legend_width: f32 = entries.iter().map(entry).sum();
    let mut fits = false;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        ui.set_height(20.0);
        buttons_ui(ui, buttons, add_buttons);
        fits = title_width.max(TITLE) + 2.0 * APART + legend_width <= ui.available_width();
        if fits {
            ui.spacing_mut().item_spacing.x = APART;
            for entry in entries.iter().rev() {
                entry_ui(ui, entry);
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
            ui.add(Label::new(theme::heading(title)).truncate()).on_hover_text(hover);
        });
    });
    if !fits && !entries.is_empty() {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(APART, 0.0);
            for entry in entries {
                // An entry is not torn apart at the end of a line.
                let size = vec2(SWATCH.x + GAP + width_in(ui, &entry.name), 16.0);
                ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| entry_ui(ui, entry));
            }
        });
    }
}

fn width_in(ui: &Ui, text: &str) -> f32 {
    let font = egui::TextStyle::Small.resolve(ui.style());
    ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
}

/// Draws an entry in a layout from right to left: the name, and to its left the mark in its colour.
fn entry_ui(ui: &mut Ui, entry: &Entry) {
    let gap = std::mem::replace(&mut ui.spacing_mut().item_spacing.x, GAP);
    ui.label(theme::small_muted(ui, &entry.name));
    ui.spacing_mut().item_spacing.x = gap;
    let (rect, _) = ui.allocate_exact_size(SWATCH, egui::Sense::hover());
    let (painter, c, colour) = (ui.painter(), rect.center(), entry.colour);
    let line = |width: f32| painter.hline(rect.x_range(), c.y, Stroke::new(width, colour));
    match entry.mark {
        Mark::Curve => drop(line(2.5)),
        Mark::Pale => drop(painter.circle_filled(c, 3.0, colour.gamma_multiply(0.5))),
        Mark::Points => drop(painter.circle_filled(c, 3.5, colour)),
        Mark::Dots => {
            line(1.5);
            painter.circle_filled(c, 3.0, colour);
        }
        Mark::Diamonds => {
            let r = 5.0;
            let corners = vec![c + vec2(0.0, -r), c + vec2(r, 0.0), c + vec2(0.0, r), c + vec2(-r, 0.0)];
            painter.add(egui::Shape::convex_polygon(corners, colour, Stroke::NONE));
        }
        // Single steps jump up and down, faintly.
        Mark::Faint => {
            let at = |i: i32| pos2(rect.left() + i as f32 * 3.2, c.y + if i % 2 == 0 { 3.5 } else { -3.5 });
            let jumps = (0..=5).map(at).collect();
            painter.add(egui::Shape::line(jumps, Stroke::new(1.2, colour.gamma_multiply(0.5))));
        }
        Mark::Stages => drop(painter.vline(c.x, rect.y_range(), Stroke::new(1.5, colour))),
        Mark::Level => {
            for (from, to) in [(0.0, 4.0), (6.0, 10.0), (12.0, 16.0)] {
                let dash = [pos2(rect.left() + from, c.y), pos2(rect.left() + to, c.y)];
                painter.line_segment(dash, Stroke::new(1.5, colour));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::{Harness, kittest::Queryable};

    #[test]
    fn a_legend_never_lies_on_the_title() {
        let entry = |name: &str, mark| Entry { name: name.into(), colour: Color32::RED, mark };
        let entries = vec![
            entry("한 스텝 single step", Mark::Faint),
            entry("training", Mark::Curve),
            entry("validation sample", Mark::Dots),
            entry("validation", Mark::Diamonds),
        ];
        for width in [200.0, 280.0, 420.0, 560.0, 900.0] {
            let shown = entries.clone();
            let mut harness = Harness::builder()
                .with_size(vec2(width, 200.0))
                .with_context_setup(theme::install)
                .build_ui(move |ui| {
                    heading(ui, "Accuracy on the validation sample", "", &shown, 1, |ui| {
                        ui.allocate_exact_size(BUTTON, egui::Sense::hover());
                    });
                });
            harness.run();
            let title = harness.get_by_label("Accuracy on the validation sample").rect();
            let names: Vec<egui::Rect> = entries.iter().map(|e| harness.get_by_label(&e.name).rect()).collect();
            for (i, name) in names.iter().enumerate() {
                assert!(
                    !name.shrink(0.5).intersects(title.shrink(0.5)),
                    "{:?} on the title at {width}",
                    entries[i].name
                );
                assert!(
                    name.right() <= width + 0.5 && name.left() >= SWATCH.x,
                    "{:?} is cut at {width}",
                    entries[i].name
                );
                assert!(
                    names[..i].iter().all(|other| !other.shrink(0.5).intersects(name.shrink(0.5))),
                    "names overlap at {width}"
                );
            }
        }
    }
}
