//! Errors and warnings as strips above the content, until they are dismissed.

use eframe::egui::{Align, Label, Layout, Margin, RichText, ScrollArea, Ui};

use crate::app::action::Action;

use super::scene::Scene;
use super::theme::{self, space};

pub fn notices_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let p = theme::palette(ui);
    ScrollArea::vertical().id_salt("notices").max_height(160.0).auto_shrink([false, true]).show(ui, |ui| {
        for (i, notice) in scene.state.shell.notices.iter().enumerate() {
            let (ink, fill, kind) = match notice.is_error {
                true => (p.error, p.error_fill, "notice-error"),
                false => (p.warning, p.warning_fill, "notice-warning"),
            };
            theme::ground(fill, Margin::symmetric(12, 4)).show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.label(theme::semibold(scene.say(kind)).color(ink));
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        scene.button(ui, "notice-dismiss", true, Action::DismissNotice(i));
                        if let Some(offer) = &notice.offer {
                            let id = if offer.takes_back() { "notice-undo" } else { "notice-resume" };
                            scene.button(ui, id, true, offer.clone());
                        }
                        ui.add_space(space::S);
                        ui.with_layout(Layout::left_to_right(Align::Center).with_main_align(Align::Min), |ui| {
                            let text = RichText::new(scene.words.problem(&notice.problem)).color(p.text);
                            ui.add(Label::new(text).wrap());
                        });
                    });
                });
            });
        }
    });
}
