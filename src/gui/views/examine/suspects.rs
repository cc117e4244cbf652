//! The suspicious labels as a list, in which the suggested label is taken for a copy of the data, and beside it the map of
//! easy, ambiguous and hard rows.

use std::sync::Arc;

use eframe::egui::{Label, Rect, RichText, Role, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::examine::ExamineAction;
use crate::app::state::Loading;
use crate::domain::data_map::DataMap;
use crate::domain::suspects::{Hunt, Suspect, Suspects};
use crate::words::{Fill, Number, numbers};

use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::data_map::map_ui;
use super::found;

const HEADER: f32 = 24.0;
const ROW: f32 = 26.0;
/// The map stands beside the list where there is room for it; otherwise it is below.
const SIDE: f32 = 300.0;
const WIDE: f32 = 820.0;
/// The list with what stands above it is at least so high, so that it shows at least six rows; the map below it is at least
/// that high. In a lower space the page scrolls.
const LIST: f32 = 420.0;
const MAP: f32 = 240.0;
/// A line shows so many characters of its text at most.
const SHOWN: usize = 300;
/// A label's column is at most so wide.
const LABEL: f32 = 110.0;

pub fn suspects_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let map = scene.state.examine.map.ready().cloned().flatten();
    let is_of_screen = scene.state.examine.is_of(scene.state.run.last_dir.as_deref());
    let is_found = scene.state.examine.suspects.ready().is_some() && is_of_screen;
    let Some(map) = map.filter(|_| is_found) else {
        if !is_found {
            return theme::card_at(ui, rect, |ui| list_ui(ui, scene));
        }
        return theme::at_least(ui, rect, vec2(0.0, LIST), "suspects", |ui, rect| {
            theme::card_at(ui, rect, |ui| list_ui(ui, scene));
        });
    };
    let least = if rect.width() >= WIDE { LIST } else { LIST + space::S + MAP };
    theme::at_least(ui, rect, vec2(0.0, least), "suspects", |ui, rect| cards_ui(ui, rect, scene, &map));
}

/// Draws the list and the map of the training rows.
fn cards_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>, map: &DataMap) {
    let (list, side) = if rect.width() >= WIDE {
        let left = rect.right() - SIDE;
        (
            Rect::from_min_max(rect.min, pos2(left - space::S, rect.bottom())),
            Rect::from_min_max(pos2(left, rect.top()), rect.max),
        )
    } else {
        let middle = rect.top() + (rect.height() * 0.6).max(LIST + space::S);
        (
            Rect::from_min_max(rect.min, pos2(rect.right(), middle - space::S)),
            Rect::from_min_max(pos2(rect.left(), middle), rect.max),
        )
    };
    theme::card_at(ui, list, |ui| list_ui(ui, scene));
    theme::card_at(ui, side, |ui| map_ui(ui, scene, map));
}

fn list_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let says = ("examine-labels-about", "examine-labels-find", "stage-suspects");
    let (examine, dir) = (&scene.state.examine, scene.state.run.last_dir.as_deref());
    static NOT_ASKED: Loading<Arc<Suspects>> = Loading::Nothing;
    let loading = dir.map(|_| if examine.is_of(dir) { &examine.suspects } else { &NOT_ASKED });
    let suspects = found(ui, scene, loading, says, ExamineAction::FindSuspects);
    let Some(suspects) = suspects.map(Arc::clone) else { return };
    let (title, card) = (scene.say("examine-labels"), theme::card_around(ui));
    theme::heading_row(ui, &title, Some(&scene.hint("examine-labels")), |ui| {
        save_plot::table_buttons(ui, scene, &title, card, |scene| export(scene, &suspects));
    });
    let wrong = suspects.joint.wrong_rows();
    let share = Number::Percent(wrong / suspects.rows.max(1) as f64);
    let estimated: [(&str, &dyn Fill); 3] =
        [("wrong", &(wrong.round() as usize)), ("rows", &suspects.rows), ("share", &share)];
    ui.add(Label::new(scene.say_with("labels-estimated", &estimated)).wrap());
    if let Some(hunt) = &suspects.hunt {
        hunt_ui(ui, scene, hunt);
    }
    if suspects.suspects.is_empty() {
        ui.label(theme::muted(ui, scene.say("labels-none")));
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let examine = &scene.state.examine;
        let fixed = examine.fixed.len();
        let can_save = fixed > 0 && !examine.is_copying() && !scene.state.shell.dialog_open;
        ui.label(scene.say_with("examine-fixed", &[("count", &fixed)]));
        scene.hinted_button(ui, "examine-save-copy", can_save, Action::OpenDialog(Dialog::FixedCopy));
        if examine.copy.is_some() {
            let is_free = scene.state.lessons.current.is_none();
            scene.hinted_button(ui, "examine-train-copy", is_free, ExamineAction::TrainOnCopy);
        }
    });
    ui.add_space(space::XS);
    lines_ui(ui, scene, &suspects);
}

/// Draws the game: how many labels Thaw has made wrong, and, once the user wants to know, how many of those that were ticked
/// are among them, beside what the first suspects would have found.
fn hunt_ui(ui: &mut Ui, scene: &mut Scene<'_>, hunt: &Hunt) {
    let own = scene.state.examine.own_hunt();
    let has_ticked = own.as_ref().is_some_and(|own| own.read > 0);
    let Some(own) = own.filter(|_| scene.state.examine.is_revealed) else {
        ui.horizontal_wrapped(|ui| {
            ui.add(Label::new(scene.say_with("examine-hunt", &[("flipped", &hunt.flipped)])).wrap());
            let button = scene.button(ui, "examine-reveal", has_ticked, ExamineAction::Reveal);
            let button = button.on_hover_text(scene.hint("examine-reveal"));
            button.on_disabled_hover_text(scene.say("examine-none-ticked"));
        });
        return;
    };
    if !has_ticked {
        ui.label(scene.say("examine-none-ticked"));
    }
    let own = has_ticked.then_some(("examine-hunt-own", &own));
    for (id, hunt) in own.into_iter().chain([("labels-hunt", hunt)]) {
        let args: [(&str, &dyn Fill); 5] = [
            ("flipped", &hunt.flipped),
            ("read", &hunt.read),
            ("found", &hunt.found),
            ("precision", &Number::Percent(hunt.precision())),
            ("recall", &Number::Percent(hunt.recall())),
        ];
        ui.add(Label::new(scene.say_with(id, &args)).wrap());
    }
}

fn lines_ui(ui: &mut Ui, scene: &mut Scene<'_>, suspects: &Suspects) {
    let width = |text: &str| theme::text_width(ui, text, TextStyle::Body).ceil() + 6.0;
    let label = suspects.labels.iter().take(64).map(|label| width(label)).fold(0.0, f32::max);
    let label = label.max(width(&scene.say("labels-suggested"))).min(LABEL);
    let row = width("99999").max(width(&scene.say("labels-row")));
    let score = width("0.0000").max(width(&scene.say("labels-score")));
    let fix = width(&scene.say("examine-fix")) + 22.0;
    let columns = [fix, row, score, label, label].map(theme::fixed).into_iter().chain([theme::wide(160.0)]);
    let heads = ["examine-fix", "labels-row", "labels-score", "labels-given", "labels-suggested", "labels-text"];
    let table = theme::table(ui, "suspicious labels", columns).min_scrolled_height(0.0);
    table
        .header(HEADER, |mut header| {
            for id in heads {
                header.col(|ui| {
                    ui.label(theme::small_muted(ui, scene.say(id)));
                });
            }
        })
        .body(|body| {
            body.rows(ROW, suspects.suspects.len(), |mut row| {
                let suspect = &suspects.suspects[row.index()];
                let is_told = scene.state.examine.is_revealed && suspects.flipped.get(row.index()) == Some(&true);
                row.col(|ui| fix_ui(ui, scene, suspect, is_told));
                for text in [suspect.row.to_string(), numbers::ratio(suspect.score)] {
                    row.col(|ui| {
                        ui.with_layout(theme::of_column(1), |ui| ui.label(text));
                    });
                }
                let others = || suspects.labels.iter().map(String::as_str);
                for (label, is_suggested) in [(&suspect.given, false), (&suspect.suggested, true)] {
                    row.col(|ui| {
                        theme::cut_among(ui, label, others(), is_suggested);
                    });
                }
                row.col(|ui| {
                    ui.add(Label::new(line(suspect)).truncate());
                });
            });
        });
}

/// Draws the box that takes the suggested label for the copy.
fn fix_ui(ui: &mut Ui, scene: &mut Scene<'_>, suspect: &Suspect, is_told: bool) {
    let place = suspect.place;
    let mut is_fixed = scene.state.examine.fixed.contains(&place);
    let response = ui.checkbox(&mut is_fixed, "");
    let args: [(&str, &dyn Fill); 3] =
        [("row", &(suspect.row as usize)), ("given", &suspect.given), ("suggested", &suspect.suggested)];
    let name = scene.say_with("examine-fix-row", &args);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_fixed, &name));
    if response.changed() {
        scene.act(ExamineAction::Fix { place, is_fixed });
    }
    if is_told {
        let colour = theme::palette(ui).error;
        ui.label(RichText::new("×").color(colour)).on_hover_text(scene.say("examine-made-wrong"));
    }
}

/// The texts of a row on one line.
fn line(suspect: &Suspect) -> String {
    let second = suspect.second.iter().flat_map(|second| "  |  ".chars().chain(second.chars()));
    suspect.text.chars().chain(second).take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn export(scene: &Scene<'_>, suspects: &Suspects) -> Table {
    let heads = ["labels-row", "labels-score", "labels-given", "labels-suggested", "labels-text"];
    let mut table = Table::new(heads.map(|id| scene.say(id)));
    table.rows = suspects
        .suspects
        .iter()
        .map(|s| vec![s.row.to_string(), save_plot::number(s.score), s.given.clone(), s.suggested.clone(), line(s)])
        .collect();
    table
}
