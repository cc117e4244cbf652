//! A badge says what a run changed. A click on it lists all parameters with their fingerprints.

use eframe::egui::{Grid, Popup, PopupCloseBehavior, Response, RichText, ScrollArea, Ui};

use crate::domain::problem::Problem;
use crate::domain::proof::{FreezeProof, ParameterProof};
use crate::words::{Catalogue, shared};

use super::super::theme;

/// The list shows this many digits of a fingerprint. `thaw params RUN_DIR --json` has them all.
const SHOWN_DIGITS: usize = 12;

/// All columns of the list fit into this width.
const LIST_WIDTH: f32 = 780.0;

/// Draws e.g. "101 tensors unchanged bit for bit, 4 changed" as a button that opens the list.
pub fn proof_ui(ui: &mut Ui, proof: &FreezeProof, words: &Catalogue) {
    let badge = ui.button(shared::proof_totals(words, proof));
    opens_list(badge, proof, words);
    if !proof.broken.is_empty() {
        let problem = Problem::new("freeze-broken").with("names", proof.broken.join(", "));
        ui.label(RichText::new(words.sentence(&problem)).strong().color(ui.visuals().error_fg_color));
    }
}

/// Draws the same as a link, for places with less room.
pub fn proof_link(ui: &mut Ui, proof: &FreezeProof, words: &Catalogue) {
    let link = theme::link_button(ui, &shared::proof_totals(words, proof));
    opens_list(link, proof, words);
}

fn opens_list(badge: Response, proof: &FreezeProof, words: &Catalogue) {
    let badge = badge.on_hover_text(words.say("proof-list"));
    Popup::menu(&badge).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| list_ui(ui, proof, words));
}

fn list_ui(ui: &mut Ui, proof: &FreezeProof, words: &Catalogue) {
    let (headers, rows) = proof_table(proof, words);
    // A popup opens as narrow as its first words, so the width is set, for all columns or as much as the window has.
    ui.set_width(LIST_WIDTH.min(ui.ctx().content_rect().width() - 64.0));
    ui.label(RichText::new(words.say("proof-list")).strong());
    let height = (ui.ctx().content_rect().height() * 0.5).max(200.0);
    ScrollArea::both().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        Grid::new("proof").striped(true).show(ui, |ui| {
            for header in headers {
                ui.label(theme::small_muted(ui, header));
            }
            ui.end_row();
            for row in rows {
                for (i, cell) in row.into_iter().enumerate() {
                    let is_hash = i == 2 || i == 3;
                    let shown: String = if is_hash { cell.chars().take(SHOWN_DIGITS).collect() } else { cell };
                    ui.label(if is_hash { RichText::new(shown).monospace() } else { RichText::new(shown) });
                }
                ui.end_row();
            }
        });
    });
}

/// Returns headers and rows: the name, trainable or frozen, the two fingerprints, and the verdict.
pub fn proof_table(proof: &FreezeProof, words: &Catalogue) -> ([String; 5], Vec<[String; 5]>) {
    let say = |id| words.say(id);
    let headers = [say("cli-params-name"), String::new(), say("proof-before"), say("proof-after"), String::new()];
    let row = |p: &ParameterProof| {
        let state = say(if p.trainable { "cli-trainable" } else { "cli-frozen" });
        let verdict = say(match (p.is_changed(), p.trainable) {
            (false, _) => "proof-unchanged",
            (true, true) => "proof-changed",
            (true, false) => "proof-broken",
        });
        [p.name.clone(), state, p.before.clone(), p.after.clone(), verdict]
    };
    (headers, proof.parameters.iter().map(row).collect())
}
