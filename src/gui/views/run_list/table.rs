//! The table of runs. A click anywhere on a row chooses the run for the card below, two clicks open it, and the boxes choose
//! runs for what is done with several.

use std::path::PathBuf;

use eframe::egui::{
    Align, Checkbox, Color32, Label, Layout, Response, RichText, Role, Sense, TextStyle, Ui, WidgetInfo,
};
use egui_extras::Column;

use crate::app::runs::{Purpose, RunColumn, RunsAction};
use crate::domain::stored::{RunEntry, RunState};
use crate::words::{Catalogue, numbers};

use super::super::super::theme;
use super::super::Scene;
use super::super::sorter::sorter_ui;
use super::rows::Row;

const ROW: f32 = 26.0;
/// The widths of the boxes and, at least, of the names.
const TICK: f32 = 20.0;
const LEAST_NAME: f32 = 120.0;

/// The columns that a table of this width has room for beside the name, which is never given up, and their widths.
fn columns(width: f32) -> Vec<(RunColumn, f32)> {
    let all = [
        (RunColumn::Model, 128.0, 664.0),
        (RunColumn::Accuracy, 80.0, 0.0),
        (RunColumn::Secs, 56.0, 540.0),
        (RunColumn::Started, 124.0, 0.0),
    ];
    let fitting = all.into_iter().filter(|(_, _, least)| width >= *least);
    fitting.map(|(column, width, _)| (column, width)).collect()
}

fn column_id(column: RunColumn) -> &'static str {
    match column {
        RunColumn::Name => "runs-name",
        RunColumn::Model => "runs-model",
        RunColumn::Accuracy => "runs-accuracy",
        RunColumn::Secs => "runs-time",
        RunColumn::Started => "runs-started",
    }
}

/// Numbers and times line up at their ends.
fn layout(column: RunColumn) -> Layout {
    match column {
        RunColumn::Secs | RunColumn::Started => Layout::right_to_left(Align::Center),
        _ => Layout::left_to_right(Align::Center),
    }
}

pub fn table_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &[Row<'_>]) {
    // The bar has room of its own, beside the times.
    theme::show_scroll_bars(ui);
    let width = ui.available_width() - ui.spacing().scroll.allocated_width();
    let columns = columns(width);
    let gap = ui.spacing().item_spacing.x;
    let others_width: f32 = columns.iter().map(|(_, width)| width + gap).sum();
    let room = (width - TICK - gap - others_width).max(LEAST_NAME);
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let shown = theme::fitted_names(ui, "runs", &names, &TextStyle::Body.resolve(ui.style()), room - 2.0);
    let widths = columns.iter().map(|(_, width)| theme::fixed(*width));
    let table = theme::table(ui, "runs", [Column::exact(TICK), theme::wide(LEAST_NAME)].into_iter().chain(widths));
    let others = || columns.iter().map(|(column, _)| *column);
    table
        .sense(Sense::click())
        .header(24.0, |mut header| {
            header.col(|ui| tick_all_ui(ui, scene, rows));
            for column in std::iter::once(RunColumn::Name).chain(others()) {
                header.col(|ui| {
                    ui.with_layout(layout(column), |ui| head_ui(ui, scene, column));
                });
            }
        })
        .body(|body| {
            body.rows(ROW, rows.len(), |mut row| {
                let (Row { entry, name }, shown) = (&rows[row.index()], &shown[row.index()]);
                let is_selected = scene.state.runs.selected.as_ref() == Some(&entry.dir);
                row.set_selected(is_selected);
                row.col(|ui| tick_ui(ui, scene, entry, name));
                row.col(|ui| {
                    let named = name_ui(ui, entry, name, shown, is_selected);
                    act(scene, &named, entry);
                });
                for column in others() {
                    row.col(|ui| {
                        ui.with_layout(layout(column), |ui| cell_ui(ui, scene, entry, column));
                    });
                }
                act(scene, &row.response(), entry);
            });
        });
}

/// Does what a click or two on a run ask for.
fn act(scene: &mut Scene<'_>, response: &Response, entry: &RunEntry) {
    if response.clicked() {
        scene.act(RunsAction::Select(entry.dir.clone()));
    }
    if response.double_clicked() && entry.can_open && entry.state != RunState::Running {
        scene.act(RunsAction::Open { dir: entry.dir.clone(), purpose: Purpose::Show });
    }
}

fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>, column: RunColumn) {
    let (sorted, falls) = scene.state.runs.sort;
    if sorter_ui(ui, scene, &scene.say(column_id(column)), (sorted == column).then_some(falls)) {
        scene.act(RunsAction::Sort(column));
    }
}

/// Draws the name, which stands for its row where there is no mouse.
fn name_ui(ui: &mut Ui, entry: &RunEntry, name: &str, shown: &str, is_selected: bool) -> Response {
    let response = ui.add(Label::new(shown).selectable(false).truncate().sense(Sense::click()));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, name));
    let note = if entry.note.is_empty() { name.to_owned() } else { format!("{name}\n{}", entry.note) };
    response.on_hover_text(note)
}

fn cell_ui(ui: &mut Ui, scene: &Scene<'_>, entry: &RunEntry, column: RunColumn) {
    match column {
        RunColumn::Name => {}
        RunColumn::Model => plain_ui(ui, RichText::new(&entry.model), &entry.model),
        RunColumn::Started => plain_ui(ui, RichText::new(&entry.started), &entry.started),
        RunColumn::Secs => {
            let secs = entry.train_secs.map(numbers::clock).unwrap_or_default();
            plain_ui(ui, RichText::new(&secs), &secs);
        }
        RunColumn::Accuracy => {
            let (text, colour) = accuracy_or_state(ui, entry, scene.words);
            let wrong = damage(entry, scene.words).unwrap_or_else(|| text.clone());
            plain_ui(ui, RichText::new(&text).color(colour), &wrong);
        }
    }
}

/// Draws a text that leaves clicks to its row. Hovering shows all of it.
fn plain_ui(ui: &mut Ui, text: RichText, whole: &str) {
    let label = ui.add(Label::new(text).selectable(false).truncate());
    if !whole.is_empty() {
        label.on_hover_text(whole);
    }
}

/// What is wrong with a run's files, in one sentence.
pub fn damage(entry: &RunEntry, words: &Catalogue) -> Option<String> {
    let wrong: Vec<String> = entry.damage.iter().map(|problem| words.sentence(problem)).collect();
    (!wrong.is_empty()).then(|| words.say_with("runs-damage", &[("what", &wrong.join(", "))]))
}

/// Returns the test accuracy, or the reason why there is none. That something is wrong comes first.
fn accuracy_or_state(ui: &Ui, entry: &RunEntry, words: &Catalogue) -> (String, Color32) {
    let p = theme::palette(ui);
    if !entry.damage.is_empty() {
        return (words.say("runs-damaged"), p.error);
    }
    if let Some(accuracy) = entry.test_accuracy {
        return (numbers::ratio(accuracy), p.text);
    }
    match entry.state {
        RunState::Completed => (words.say("runs-completed"), p.muted),
        RunState::Stopped => (words.say("runs-stopped"), p.muted),
        RunState::Failed => (words.say("runs-failed"), p.error),
        RunState::Unfinished => (words.say("runs-unfinished"), p.warning),
        RunState::Running => (words.say("runs-running"), p.muted),
        RunState::Damaged => (words.say("runs-damaged"), p.error),
    }
}

fn tick_ui(ui: &mut Ui, scene: &mut Scene<'_>, entry: &RunEntry, name: &str) {
    let on = scene.state.runs.ticked.contains(&entry.dir);
    let name = scene.say_with("runs-tick", &[("name", &name)]);
    box_ui(ui, scene, on, &name, vec![entry.dir.clone()]);
}

fn tick_all_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &[Row<'_>]) {
    let ticked = &scene.state.runs.ticked;
    let on = !rows.is_empty() && rows.iter().all(|row| ticked.contains(&row.entry.dir));
    let dirs = rows.iter().map(|row| row.entry.dir.clone()).collect();
    box_ui(ui, scene, on, &scene.say("runs-tick-all"), dirs);
}

fn box_ui(ui: &mut Ui, scene: &mut Scene<'_>, mut on: bool, name: &str, dirs: Vec<PathBuf>) {
    ui.spacing_mut().interact_size.y = ui.spacing().icon_width;
    let tick = ui.add(Checkbox::without_text(&mut on));
    tick.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, name));
    if tick.on_hover_text(name).changed() {
        scene.act(RunsAction::Tick { dirs, on });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_keeps_its_room() {
        for (width, least) in [(480.0, 230.0), (608.0, 290.0), (860.0, 380.0)] {
            let columns = columns(width);
            let others: f32 = columns.iter().map(|(_, width)| width + 8.0).sum();
            assert!(width - others - 28.0 >= least, "{width}: {columns:?}");
            assert!(columns.iter().any(|(column, _)| *column == RunColumn::Started), "the time is always there");
        }
    }
}
