//! One row: its whole text, every run's answer, and what can be done with it.

use eframe::egui::{Key, Label, Modifiers, ScrollArea, Ui};

use crate::app::explore::{ExploreAction, RowAsked};
use crate::domain::message::RowTexts;
use crate::domain::predictions::ExploredRows;
use crate::words::{Fill, Number};

use super::super::super::theme::{self, space};
use super::super::Scene;
use super::table::name;

/// Draws the row at this place among all rows.
pub fn detail_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &ExploredRows, place: u32) {
    let (texts, answer) = (&rows.texts[place as usize], rows.answer(0, place as usize));
    let is_free = ui.memory(|memory| memory.focused().is_none());
    let pressed = |key: Key| is_free && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::Escape) {
        scene.act(ExploreAction::Unmark);
    }
    if pressed(Key::Enter) && scene.state.can_ask_row() {
        ask(scene, texts, true);
    }
    ui.horizontal(|ui| {
        let title = scene.say_with("explore-row", &[("row", &answer.row.to_string())]);
        let heading = |ui: &mut Ui, _: &mut Scene<'_>| drop(ui.label(theme::heading(title)));
        theme::ends(ui, scene, heading, |ui, scene| buttons_ui(ui, scene, texts));
    });
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.add(Label::new(theme::small_muted(ui, answers_in_words(scene, rows, place))).wrap());
    ScrollArea::vertical().id_salt("explored text").auto_shrink(false).show(ui, |ui| {
        ui.add(Label::new(texts.text.as_str()).wrap().selectable(true));
        if let Some(second) = &texts.second {
            ui.separator();
            ui.add(Label::new(second.as_str()).wrap().selectable(true));
        }
    });
}

/// Shows the answer on a row's text in Try, with the reasons or without.
fn ask(scene: &mut Scene<'_>, texts: &RowTexts, with_reasons: bool) {
    scene.act(ExploreAction::Ask(RowAsked { texts: texts.clone(), with_reasons }));
}

fn buttons_ui(ui: &mut Ui, scene: &mut Scene<'_>, texts: &RowTexts) {
    ui.spacing_mut().item_spacing.x = space::M;
    let can_try = scene.state.can_ask_row();
    for (id, with_reasons) in [("explore-why", true), ("explore-try", false)] {
        let link = ui.add_enabled_ui(can_try, |ui| theme::link_button(ui, &scene.say(id))).inner;
        let link = link.on_hover_text(scene.hint(id)).on_disabled_hover_text(scene.say("explore-busy"));
        if link.clicked() {
            ask(scene, texts, with_reasons);
        }
    }
    if theme::link_button(ui, &scene.say("explore-copy-text")).clicked() {
        let second = texts.second.as_deref().map(|second| format!("\t{second}")).unwrap_or_default();
        ui.copy_text(format!("{}{second}", texts.text));
    }
    if theme::link_button(ui, &scene.say("explore-close")).on_hover_text(scene.hint("explore-close")).clicked() {
        scene.act(ExploreAction::Unmark);
    }
}

/// Says which label a row has, and what each run answers.
fn answers_in_words(scene: &Scene<'_>, rows: &ExploredRows, place: u32) -> String {
    let names = scene.run_names(&scene.state.explore.runs);
    let answer_of = |run: usize| {
        let answer = rows.answer(run, place as usize);
        let (predicted, share) = (name(rows, answer.predicted()), Number::Percent(answer.confidence()));
        let said = [("label", &predicted as &dyn Fill), ("share", &share)];
        match rows.runs.len() {
            1 => scene.say_with("explore-answer", &said),
            _ => format!("{}: {}", names.get(run).map_or("", String::as_str), scene.say_with("explore-answer", &said)),
        }
    };
    let truth = scene.say_with("explore-true", &[("label", &name(rows, rows.answer(0, place as usize).label))]);
    std::iter::once(truth).chain((0..rows.runs.len()).map(answer_of)).collect::<Vec<_>>().join(" · ")
}
