//! The rows of the selection as a table, and below it the whole text of the one that is marked. Only the lines in view are
//! drawn, so that it stays as quick with a hundred thousand rows.

use eframe::egui::{Align, Key, Label, Layout, Modifiers, Role, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, vec2};

use crate::app::action::Action;
use crate::app::explore::ExploreAction;
use crate::app::run::RunAction;
use crate::app::state::View;
use crate::domain::predictions::{ExploredRows, PredictedRow};
use crate::domain::selected::{RowColumn, SelectedRows, tags_of};
use crate::words::{Number, numbers};

use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::super::live::empty_note;
use super::super::sorter::sorter_ui;
use super::tag_name;

const HEADER: f32 = 24.0;
const ROW: f32 = 24.0;
/// The text of the marked row has this height.
const DETAIL: f32 = 112.0;
/// A line shows so many characters of its text at most.
const SHOWN: usize = 300;
/// A label's column is at most so wide.
const LABEL: f32 = 96.0;
/// The arrow of a sorted column has so much room beside its heading.
const ARROW: f32 = 14.0;

fn column_id(column: RowColumn) -> &'static str {
    match column {
        RowColumn::Row => "explore-column-row",
        RowColumn::TrueLabel => "results-true",
        RowColumn::PredictedLabel => "results-predicted",
        RowColumn::Confidence => "explore-column-confidence",
        RowColumn::Loss => "explore-column-loss",
        RowColumn::Length => "explore-column-length",
        RowColumn::Text => "explore-column-text",
    }
}

pub fn table_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &ExploredRows, selected: &SelectedRows) {
    let (title, card) = (scene.say("explore-table"), theme::card_around(ui));
    theme::heading_row(ui, &title, Some(&scene.hint("explore-table")), |ui| {
        save_plot::table_buttons(ui, scene, &title, card, |scene| export(scene, rows, selected));
    });
    if selected.places.is_empty() {
        return empty_note(ui, &scene.say("explore-none"));
    }
    move_mark(ui, scene, selected);
    let marked = scene.state.explore.marked.filter(|marked| selected.places.contains(marked));
    let below = if marked.is_some() { DETAIL + space::S } else { 0.0 };
    let height = (ui.available_height() - below).max(HEADER + 3.0 * ROW);
    ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
        ui.set_height(height);
        lines_ui(ui, scene, rows, selected);
    });
    if let Some(place) = marked {
        ui.separator();
        detail_ui(ui, scene, rows, place);
    }
}

/// Moves the mark by the arrow keys while nothing has the keyboard.
fn move_mark(ui: &Ui, scene: &mut Scene<'_>, selected: &SelectedRows) {
    if ui.memory(|memory| memory.focused().is_some()) {
        return;
    }
    let page = (ui.available_height() / ROW) as isize;
    let keys = [
        (Key::ArrowDown, 1),
        (Key::ArrowUp, -1),
        (Key::PageDown, page),
        (Key::PageUp, -page),
        (Key::Home, isize::MIN),
        (Key::End, isize::MAX),
    ];
    let pressed = keys.into_iter().find(|(key, _)| ui.input_mut(|input| input.consume_key(Modifiers::NONE, *key)));
    if let Some((_, by)) = pressed.filter(|_| !selected.places.is_empty()) {
        scene.act(ExploreAction::MoveMark(by));
    }
}

fn lines_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &ExploredRows, selected: &SelectedRows) {
    let marked = scene.state.explore.marked;
    let widths = widths(ui, scene, rows);
    let columns = widths.iter().map(|width| if *width > 0.0 { theme::fixed(*width) } else { theme::wide(120.0) });
    // Whoever moves the mark wants to see it.
    let id = ui.unique_id().with("explored mark");
    let has_moved = ui.data_mut(|data| data.get_temp::<Option<u32>>(id) != Some(marked));
    ui.data_mut(|data| data.insert_temp(id, marked));
    let at = marked.and_then(|marked| selected.places.iter().position(|place| *place == marked));
    let mut table = theme::table(ui, "explored rows", columns.chain([theme::fixed(TAGS)])).sense(Sense::click());
    if let Some(at) = at.filter(|_| has_moved) {
        table = table.scroll_to_row(at, None);
    }
    let mut clicked = None;
    table
        .min_scrolled_height(0.0)
        .header(HEADER, |mut header| {
            for column in RowColumn::ALL {
                header.col(|ui| {
                    let order = scene.state.explore.order.filter(|(sorted, _)| *sorted == column);
                    let name = scene.say(column_id(column));
                    if sorter_ui(ui, scene, &name, order.map(|(_, falls)| falls)) {
                        scene.act(ExploreAction::Sort(column));
                    }
                });
            }
            header.col(|ui| {
                ui.label(theme::small_muted(ui, scene.say("explore-tags")));
            });
        })
        .body(|body| {
            body.rows(ROW, selected.places.len(), |mut row| {
                let place = selected.places[row.index()];
                let answer = rows.answer(0, place as usize);
                row.set_selected(marked == Some(place));
                for column in RowColumn::ALL {
                    let text = cell(scene, rows, place, column);
                    row.col(|ui| match column {
                        RowColumn::Row | RowColumn::Confidence | RowColumn::Loss | RowColumn::Length => {
                            ui.with_layout(theme::of_column(1), |ui| ui.label(text));
                        }
                        RowColumn::TrueLabel | RowColumn::PredictedLabel => {
                            // A mistake stands out without a colour.
                            let is_wrong = column == RowColumn::PredictedLabel && !answer.is_correct();
                            let others = rows.labels.iter().map(String::as_str);
                            theme::cut_among(ui, &text, others, is_wrong);
                        }
                        _ => {
                            ui.add(Label::new(text).truncate());
                        }
                    });
                }
                row.col(|ui| {
                    let names = tags(scene, rows, place, answer);
                    ui.add(Label::new(theme::small_muted(ui, names)).truncate());
                });
                let response = row.response();
                response.widget_info(|| WidgetInfo::labeled(Role::Button, true, line_in_words(scene, rows, place)));
                if response.clicked() {
                    clicked = Some(place);
                }
            });
        });
    if let Some(place) = clicked {
        scene.act(ExploreAction::Mark(place));
    }
}

/// The column of the tags has this width.
const TAGS: f32 = 90.0;

/// Returns the widths of the columns: numbers whole, labels up to a limit, and 0 for the text, which takes the rest.
fn widths(ui: &Ui, scene: &Scene<'_>, rows: &ExploredRows) -> Vec<f32> {
    let width = |text: &str| theme::text_width(ui, text, TextStyle::Body).ceil() + 2.0;
    let label = rows.labels.iter().take(64).map(|label| width(label)).fold(0.0, f32::max).min(LABEL);
    // The last row has the largest number.
    let last = rows.runs[0].rows.last().map_or(0, |row| row.row).max(99_999);
    let row = width(&last.to_string());
    let of = |column| match column {
        RowColumn::Row => row,
        RowColumn::TrueLabel | RowColumn::PredictedLabel => label,
        RowColumn::Confidence => width(&scene.words.write(Number::Percent(0.999))),
        RowColumn::Loss => width("10.0000"),
        RowColumn::Length => width("512"),
        RowColumn::Text => 0.0,
    };
    let head = |column| theme::text_width(ui, &scene.say(column_id(column)), TextStyle::Small).ceil() + ARROW;
    let widths = RowColumn::ALL.map(|column| (column, of(column)));
    widths.map(|(column, width)| if width > 0.0 { width.max(head(column)) } else { width }).into()
}

fn name(rows: &ExploredRows, label: u32) -> String {
    rows.labels.get(label as usize).cloned().unwrap_or_default()
}

/// Returns what stands in a cell.
fn cell(scene: &Scene<'_>, rows: &ExploredRows, place: u32, column: RowColumn) -> String {
    let answer = rows.answer(0, place as usize);
    match column {
        RowColumn::Row => answer.row.to_string(),
        RowColumn::TrueLabel => name(rows, answer.label),
        RowColumn::PredictedLabel => name(rows, answer.predicted()),
        RowColumn::Confidence => scene.words.write(Number::Percent(answer.confidence())),
        RowColumn::Loss => numbers::ratio(answer.loss()),
        RowColumn::Length => rows.lengths.get(place as usize).map_or_else(String::new, u32::to_string),
        RowColumn::Text => {
            let texts = &rows.texts[place as usize];
            let both =
                texts.text.chars().chain(texts.second.iter().flat_map(|second| "  |  ".chars().chain(second.chars())));
            both.take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect()
        }
    }
}

fn tags(scene: &Scene<'_>, rows: &ExploredRows, place: u32, answer: &PredictedRow) -> String {
    tags_of(rows, place, answer).iter().map(|tag| tag_name(scene, tag)).collect::<Vec<_>>().join(", ")
}

fn line_in_words(scene: &Scene<'_>, rows: &ExploredRows, place: u32) -> String {
    let [row, label, predicted, confidence, text] =
        [RowColumn::Row, RowColumn::TrueLabel, RowColumn::PredictedLabel, RowColumn::Confidence, RowColumn::Text]
            .map(|column| cell(scene, rows, place, column));
    let filled = [
        ("row", &row as &dyn crate::words::Fill),
        ("label", &label),
        ("predicted", &predicted),
        ("confidence", &confidence),
        ("text", &text),
    ];
    scene.say_with("explore-line", &filled)
}

/// Draws the whole text of a row with every run's answer, and what can be done with it.
fn detail_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &ExploredRows, place: u32) {
    let texts = &rows.texts[place as usize];
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if theme::link_button(ui, &scene.say("explore-copy-text")).clicked() {
                let second = texts.second.as_deref().map(|second| format!("\t{second}")).unwrap_or_default();
                ui.copy_text(format!("{}{second}", texts.text));
            }
            let can_try = scene.state.can_predict() && !scene.state.explore.are_chosen;
            let link = ui.add_enabled_ui(can_try, |ui| theme::link_button(ui, &scene.say("explore-try"))).inner;
            if link.on_hover_text(scene.hint("explore-try")).clicked() {
                scene.act(RunAction::SetSentence(texts.text.clone()));
                if let Some(second) = &texts.second {
                    scene.act(RunAction::SetSecondSentence(second.clone()));
                }
                scene.act(Action::ShowView(View::Try));
                scene.act(RunAction::Predict);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                theme::cut(ui, theme::small_muted(ui, answers_in_words(scene, rows, place)));
            });
        });
    });
    ScrollArea::vertical().id_salt("explored text").auto_shrink(false).show(ui, |ui| {
        ui.add(Label::new(texts.text.as_str()).wrap().selectable(true));
        if let Some(second) = &texts.second {
            ui.separator();
            ui.add(Label::new(second.as_str()).wrap().selectable(true));
        }
    });
}

/// Says what each run answers on a row.
fn answers_in_words(scene: &Scene<'_>, rows: &ExploredRows, place: u32) -> String {
    let answer_of = |run: usize| {
        let answer = rows.answer(run, place as usize);
        let probability = Number::Percent(answer.confidence());
        let said = [("label", &name(rows, answer.predicted()) as &dyn crate::words::Fill), ("share", &probability)];
        let said = scene.say_with("explore-answer", &said);
        if rows.runs.len() == 1 {
            said
        } else {
            format!("{}: {said}", crate::words::shared::short_name(&rows.runs[run].dir))
        }
    };
    let answer = rows.answer(0, place as usize);
    let all: Vec<String> = (0..rows.runs.len()).map(answer_of).collect();
    let head = [("row", &answer.row.to_string() as &dyn crate::words::Fill), ("label", &name(rows, answer.label))];
    format!("{} {}", scene.say_with("explore-row-is", &head), all.join("; "))
}

/// Returns the rows of the selection with exact numbers.
fn export(scene: &Scene<'_>, rows: &ExploredRows, selected: &SelectedRows) -> Table {
    let mut names: Vec<String> = RowColumn::ALL.map(|column| scene.say(column_id(column))).into();
    names.insert(1, scene.say("explore-column-part"));
    names.push(scene.say("explore-tags"));
    if !rows.texts.is_empty() && rows.texts[0].second.is_some() {
        names.push(scene.say("explore-column-second"));
    }
    let mut table = Table::new(names);
    for place in &selected.places {
        let answer = rows.answer(0, *place as usize);
        let texts = &rows.texts[*place as usize];
        let mut cells = vec![
            answer.row.to_string(),
            answer.split.name().to_owned(),
            name(rows, answer.label),
            name(rows, answer.predicted()),
            save_plot::number(answer.confidence()),
            save_plot::number(answer.loss()),
            cell(scene, rows, *place, RowColumn::Length),
            texts.text.clone(),
            tags(scene, rows, *place, answer),
        ];
        cells.extend(texts.second.clone());
        table.rows.push(cells);
    }
    table
}
