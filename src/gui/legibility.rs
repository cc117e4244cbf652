//! Tells when a model can hardly read the language of some texts, and shows the pieces of a text on request.

use eframe::egui::{CollapsingHeader, RichText, Ui, vec2};

use crate::domain::legibility::{Legibility, Piece, PieceKind};
use crate::words::{Catalogue, Number};

use super::theme;

/// Draws the warning, if there is reason for one.
pub fn warning_ui(ui: &mut Ui, words: &Catalogue, found: &Legibility) {
    if found.is_poor() {
        let share = Number::Percent(found.unread_share());
        let text = words.say_with("legibility-poor", &[("share", &share)]);
        ui.label(RichText::new(text).color(theme::palette(ui).warning));
    }
}

/// Draws the pieces of a text, which are folded away until someone wants to see them.
pub fn pieces_ui(ui: &mut Ui, words: &Catalogue, pieces: &[Piece]) {
    if pieces.is_empty() {
        return;
    }
    CollapsingHeader::new(words.say("legibility-pieces")).id_salt("pieces").show(ui, |ui| {
        let p = theme::palette(ui);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
            for piece in pieces {
                let text = RichText::new(&piece.text).monospace();
                ui.label(match piece.kind {
                    PieceKind::Unknown => text.color(p.error).background_color(p.error_fill),
                    PieceKind::Letter => text.color(p.warning).background_color(p.warning_fill),
                    PieceKind::Word | PieceKind::Other => text.background_color(p.well),
                });
            }
        });
        ui.label(theme::small_muted(ui, words.say("legibility-colours")));
    });
}
