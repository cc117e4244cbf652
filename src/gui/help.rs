//! A small window lists the shortcuts and leads to the first steps and the palette.

use eframe::egui::{Grid, ScrollArea, Ui, vec2};

use crate::app::first_steps::FirstStepsAction;
use crate::app::guide::GuideAction;
use crate::app::palette::{ENTRIES, PaletteAction};
use crate::words::guide::Chapter;

use super::doctor::doctor_button_ui;
use super::floating::{floating, most_height};
use super::scene::Scene;
use super::shortcuts;
use super::theme::{self, space};

/// Keys that mean the same everywhere, and what they do.
const EVERYWHERE: [(&str, &str); 5] = [
    ("Tab, Shift+Tab", "help-tab"),
    ("Enter", "help-press"),
    ("↑ ↓ ← →", "help-arrows"),
    ("Esc", "help-escape"),
    ("Ctrl + −", "help-zoom"),
];

pub fn help_ui(ui: &Ui, scene: &mut Scene<'_>) {
    if !scene.state.palette.shows_help {
        return;
    }
    let at = ui.ctx().content_rect().center_top() + vec2(-190.0, 72.0);
    let title = theme::semibold(scene.say("help-title"));
    floating(ui, scene, "help", title, at, PaletteAction::ShowHelp(false), |ui, scene| {
        ui.set_width(380.0);
        ui.horizontal_wrapped(|ui| {
            scene.button(ui, "guide-title", true, GuideAction::Show(Some(Chapter::FirstRun)));
            scene.button(ui, "first-steps-title", true, FirstStepsAction::Begin);
            scene.button(ui, "palette-title", true, PaletteAction::Show(true));
            doctor_button_ui(ui, scene);
        });
        ui.separator();
        let height = most_height(ui) - 96.0;
        let list = ScrollArea::vertical().id_salt("shortcuts").max_height(height).min_scrolled_height(height);
        list.auto_shrink([false, true]).show(ui, |ui| {
            Grid::new("shortcuts").num_columns(2).spacing(vec2(space::L, 6.0)).show(ui, |ui| {
                for entry in ENTRIES.iter().filter(|entry| !entry.keys.is_empty()) {
                    ui.label(theme::semibold(shortcuts::in_words(ui.ctx(), entry)));
                    let (group, name) = (scene.say(entry.group), scene.say(entry.name));
                    ui.label(scene.say_with("palette-entry", &[("group", &group), ("name", &name)]));
                    ui.end_row();
                }
                for (keys, id) in EVERYWHERE {
                    ui.label(theme::semibold(keys));
                    ui.label(scene.say(id));
                    ui.end_row();
                }
            });
        });
    });
}
