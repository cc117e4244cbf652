//! The window with the Python of what Train would do. It stays open beside the settings, and marks what the last change
//! touched.

mod colours;

use eframe::egui::{self, Button, FontId, Id, Label, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, vec2};

use crate::app::action::Action;
use crate::app::code::{CodeAction, STEM};
use crate::app::effect::Dialog;
use crate::domain::program::{ProgramForm, ProgramStyle};

use super::floating::{floating, most_height};
use super::problem::problem_ui;
use super::scene::Scene;
use super::theme::{self, palette, space};

/// The window is at most so wide, so that the settings on its left stay free in a small window, points.
const WIDTH: f32 = 620.0;
/// The left side and the margins around the window take this width.
const BESIDE: f32 = 400.0;
/// All in the window but the program takes about this height.
const OTHERS: f32 = 120.0;
const FONT_SIZE: f32 = 11.5;
/// The mark of a changed line stands in a margin of this width.
const MARGIN: f32 = 10.0;

/// Draws the button that opens the window.
pub fn opener(ui: &mut Ui, scene: &mut Scene<'_>) {
    let button = theme::link_button(ui, &scene.say("code-open"));
    if button.on_hover_text(scene.hint("code-open")).clicked() {
        scene.act(CodeAction::Show(!scene.state.code.is_open));
    }
}

pub fn code_ui(ui: &Ui, scene: &mut Scene<'_>) {
    if let Some(copied) = &scene.state.code.copied {
        ui.copy_text(copied.to_string());
        scene.act(CodeAction::Taken);
    }
    if !scene.state.code.is_open {
        return;
    }
    let window = ui.ctx().content_rect();
    let width = (window.width() - BESIDE).clamp(400.0, WIDTH);
    let at = window.right_top() + vec2(-(width + space::L + 24.0), 64.0);
    let title = theme::semibold(scene.say("code-title"));
    floating(ui, scene, "code", title, at, CodeAction::Show(false), |ui, scene| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = space::S;
        styles_ui(ui, scene);
        let height = most_height(ui) - OTHERS;
        program_ui(ui, scene, height);
        buttons_ui(ui, scene);
    });
}

fn styles_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let state = &scene.state.code;
    let (style, changed) = (state.style, state.changed.iter().filter(|on| **on).count());
    ui.horizontal(|ui| {
        for (of, id) in [
            (ProgramStyle::Trainer, "code-trainer"),
            (ProgramStyle::Pytorch, "code-pytorch"),
            (ProgramStyle::Lecture, "code-lecture"),
        ] {
            let choice = scene.choice(ui, id, style == of, CodeAction::SetStyle(of));
            choice.on_hover_text(scene.hint(id));
        }
        ui.add_space(space::S);
        if changed > 0 {
            let told = scene.say_with("code-changed", &[("count", &changed)]);
            ui.label(theme::small_muted(ui, told));
            if theme::link_button(ui, &scene.say("code-unmark")).clicked() {
                scene.act(CodeAction::Unmark);
            }
        }
    });
}

fn program_ui(ui: &mut Ui, scene: &Scene<'_>, height: f32) {
    let state = &scene.state.code;
    let p = palette(ui);
    let frame = egui::Frame::new().fill(p.card).stroke(Stroke::new(1.0, p.line)).inner_margin(6.0).corner_radius(4.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.set_height(height);
        if let Some(problem) = state.text.failed() {
            problem_ui(ui, scene.words, problem, p.error);
            return;
        }
        let Some(text) = state.text.latest() else {
            ui.add(Label::new(theme::small_muted(ui, scene.say("code-waiting"))).wrap());
            return;
        };
        let font = FontId::monospace(FONT_SIZE);
        let row = ui.ctx().fonts_mut(|fonts| fonts.row_height(&font));
        let scroll = ScrollArea::both().id_salt("program").max_height(height).auto_shrink(false);
        scroll.show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            let mut pen = colours::Pen::new(p, font);
            for (number, line) in text.lines().enumerate() {
                let job = pen.line(line);
                let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
                let is_changed = state.changed.get(number).copied().unwrap_or_default();
                let size = vec2((galley.size().x + MARGIN).max(ui.available_width()), row);
                let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
                if is_changed {
                    ui.painter().rect_filled(rect, 0.0, p.trainable_fill);
                    let mark = egui::Rect::from_min_size(rect.min, vec2(3.0, row));
                    ui.painter().rect_filled(mark, 0.0, p.trainable);
                    scroll_to_focus(ui, scene, number, rect);
                }
                ui.painter().galley(rect.min + vec2(MARGIN, 0.0), galley, p.text);
                let told =
                    if is_changed { scene.say_with("code-line-changed", &[("line", &line)]) } else { line.to_owned() };
                response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &told));
            }
        });
    });
}

/// Brings the line that shows the change best into view, once.
fn scroll_to_focus(ui: &Ui, scene: &Scene<'_>, number: usize, rect: egui::Rect) {
    let state = &scene.state.code;
    if state.focus() != Some(number) {
        return;
    }
    let Some(text) = state.text.latest() else { return };
    // The same text is never scrolled to twice, so that the user may look at the rest of it.
    let (seen, now) = (Id::unique("program that was scrolled to"), text.as_ptr() as usize);
    if ui.data_mut(|data| data.get_temp::<usize>(seen)) != Some(now) {
        ui.data_mut(|data| data.insert_temp(seen, now));
        if !ui.clip_rect().contains_rect(rect.with_max_x(rect.min.x + 1.0)) {
            ui.scroll_to_rect(rect.with_max_x(rect.min.x + 1.0), Some(egui::Align::Center));
        }
    }
}

fn buttons_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let state = &scene.state.code;
    let is_there = state.text.ready().is_some();
    if let Some(writing) = state.writing {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.label(scene.say(if writing.is_copy { "code-copying" } else { "code-saving" }));
            scene.button(ui, "code-cancel", true, CodeAction::Cancel);
        });
        return;
    }
    ui.horizontal(|ui| {
        let copy = ui.add_enabled(is_there, Button::new(scene.say("code-copy")));
        if copy.on_hover_text(scene.hint("code-copy")).clicked() {
            scene.act(CodeAction::Copy);
        }
        for (form, id) in [(ProgramForm::Script, "code-save-script"), (ProgramForm::Notebook, "code-save-notebook")] {
            let dialog = Dialog::SaveProgram { name: STEM.to_owned(), form };
            scene.hinted_button(ui, id, is_there && !scene.state.shell.dialog_open, Action::OpenDialog(dialog));
        }
    });
}
