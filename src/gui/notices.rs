//! Errors and warnings as strips above the content, until they are dismissed.

use eframe::egui::{Align, CornerRadius, Frame, Label, Layout, Margin, RichText, ScrollArea, Ui};

use crate::app::action::Action;
use crate::app::state::AppState;
use crate::words::Catalogue;

use super::theme::{self, space};

pub fn notices_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let p = theme::palette(ui);
    ScrollArea::vertical().id_salt("notices").max_height(160.0).auto_shrink([false, true]).show(ui, |ui| {
        for (i, notice) in state.notices.iter().enumerate() {
            let (ink, fill, kind) = if notice.is_error {
                (p.error, p.error_fill, "notice-error")
            } else {
                (p.warning, p.warning_fill, "notice-warning")
            };
            let frame =
                Frame::new().fill(fill).corner_radius(CornerRadius::same(6)).inner_margin(Margin::symmetric(12, 4));
            frame.show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.label(theme::semibold(words.say(kind)).color(ink));
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        if ui.button(words.say("notice-dismiss")).clicked() {
                            actions.push(Action::DismissNotice(i));
                        }
                        if let Some(offer) = &notice.offer
                            && ui.button(words.say("notice-resume")).clicked()
                        {
                            actions.push(Action::Accept(offer.clone()));
                        }
                        ui.add_space(space::S);
                        ui.with_layout(Layout::left_to_right(Align::Center).with_main_align(Align::Min), |ui| {
                            ui.add(Label::new(RichText::new(words.problem(&notice.problem)).color(p.text)).wrap());
                        });
                    });
                });
            });
        }
    });
}
