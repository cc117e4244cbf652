//! Runs lists the runs on disk with their settings and results, and what can be done with the one that is chosen.

use eframe::egui::{
    Align, Button, Checkbox, Color32, Label, Layout, Rect, RichText, Role, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2,
};
use egui_extras::{Column, TableBuilder};

use crate::app::action::Action;
use crate::app::compare::CompareAction;
use crate::app::effect::Dialog;
use crate::app::runs::Purpose;
use crate::app::runs::RunsAction;
use crate::app::state::{AppState, Loading, View};
use crate::domain::config::EPOCHS;
use crate::domain::freeze::Freeze;
use crate::domain::stored::{RunEntry, RunState};
use crate::words::{Catalogue, numbers, shared};

use super::super::panels::whole_in;
use super::super::theme::{self, space};
use super::live::empty_note;

/// The card of the chosen run has this height.
const DETAIL_HEIGHT: f32 = 196.0;

pub fn runs_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let all = ui.available_rect_before_wrap();
    let entries = state.runs.entries.latest().map(Vec::as_slice).unwrap_or_default();
    let selected = state.runs.selected();
    let bottom = all.bottom() - selected.map_or(0.0, |_| DETAIL_HEIGHT + space::S);
    let table = Rect::from_min_max(all.min, pos2(all.right(), bottom));
    theme::card_at(ui, table, |ui| {
        elsewhere_ui(ui, state, words, actions);
        if entries.is_empty() {
            if let Loading::Failed(problem) = &state.runs.entries {
                let colour = theme::palette(ui).error;
                ui.label(RichText::new(words.problem(problem)).color(colour));
                return;
            }
            let id = if state.runs.entries.is_waiting() { "runs-reading" } else { "runs-empty" };
            return empty_note(ui, &words.say(id));
        }
        table_ui(ui, state, entries, words, actions);
    });
    if let Some(entry) = selected {
        let detail = Rect::from_min_max(pos2(all.left(), bottom + space::S), all.max);
        theme::card_at(ui, detail, |ui| detail_ui(ui, state, entry, words, actions));
    }
}

/// Draws the buttons that lead to the comparison and to runs outside the runs folder.
fn elsewhere_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        // The row is always there, so that the first tick does not move the other boxes.
        let chosen = state.compare.runs.len();
        if chosen > 0 {
            if ui.button(words.say("compare-open")).clicked() {
                actions.push(Action::ShowView(View::Compare));
            }
            ui.label(theme::muted(ui, words.say_with("compare-chosen", &[("count", &chosen)])));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = ui.add_enabled(!state.dialog_open, Button::new(words.say("runs-elsewhere")));
            if button.on_hover_text(words.hint("runs-elsewhere")).clicked() {
                actions.push(Action::OpenDialog(Dialog::Run));
            }
        });
    });
}

fn table_ui(ui: &mut Ui, state: &AppState, entries: &[RunEntry], words: &Catalogue, actions: &mut Vec<Action>) {
    let names = ["runs-name", "runs-started", "runs-data", "runs-model", "runs-freeze", "runs-accuracy", "runs-time"];
    TableBuilder::new(ui)
        .id_salt("runs")
        .striped(true)
        .auto_shrink(false)
        .column(Column::exact(20.0))
        .column(Column::remainder().at_least(100.0).clip(true))
        .column(Column::exact(128.0).clip(true))
        .columns(Column::exact(96.0).clip(true), 2)
        .column(Column::exact(72.0).clip(true))
        .column(Column::exact(88.0).clip(true))
        .column(Column::exact(52.0).clip(true))
        .cell_layout(Layout::left_to_right(Align::Center))
        .header(24.0, |mut header| {
            header.col(|_| {});
            for name in names {
                header.col(|ui| {
                    ui.label(theme::small_muted(ui, words.say(name)));
                });
            }
        })
        .body(|body| {
            body.rows(26.0, entries.len(), |mut row| {
                let entry = &entries[row.index()];
                let is_selected = state.runs.selected.as_ref() == Some(&entry.dir);
                row.col(|ui| tick_ui(ui, state, entry, words, actions));
                row.col(|ui| {
                    let name = ui.selectable_label(is_selected, entry.title());
                    let name = if entry.note.is_empty() { name } else { name.on_hover_text(&entry.note) };
                    if name.clicked() {
                        actions.push(Action::Runs(RunsAction::Select(entry.dir.clone())));
                    }
                    if name.double_clicked() && entry.state != RunState::Running {
                        actions.push(Action::Runs(RunsAction::Open { dir: entry.dir.clone(), purpose: Purpose::Show }));
                    }
                });
                let freeze = Freeze::parse_name(&entry.freeze);
                let other = if entry.freeze == "timeline" { "freeze-timeline" } else { "freeze-custom" };
                let freeze = freeze.map_or_else(|| words.say(other), |freeze| shared::freezing(words, &freeze));
                for text in [&entry.started, &entry.data, &entry.model, &freeze] {
                    row.col(|ui| {
                        ui.add(Label::new(text).truncate()).on_hover_text(text);
                    });
                }
                row.col(|ui| {
                    let (text, colour) = accuracy_or_state(ui, entry, words);
                    ui.add(Label::new(RichText::new(text).color(colour)).truncate());
                });
                row.col(|ui| {
                    ui.label(entry.train_secs.map(numbers::clock).unwrap_or_default());
                });
            });
        });
}

/// Adds the run to the comparison or removes it.
fn tick_ui(ui: &mut Ui, state: &AppState, entry: &RunEntry, words: &Catalogue, actions: &mut Vec<Action>) {
    let mut on = state.compare.holds(&entry.dir);
    ui.spacing_mut().interact_size.y = ui.spacing().icon_width;
    let tick = ui.add(Checkbox::without_text(&mut on));
    let name = words.say_with("compare-tick", &[("name", &entry.title())]);
    tick.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, &name));
    if tick.on_hover_text(&name).changed() {
        actions.push(Action::Compare(CompareAction::Tick { dir: entry.dir.clone(), on }));
    }
}

/// Returns the test accuracy, or the reason why there is none.
fn accuracy_or_state(ui: &Ui, entry: &RunEntry, words: &Catalogue) -> (String, Color32) {
    let p = theme::palette(ui);
    if let Some(accuracy) = entry.test_accuracy {
        return (numbers::ratio(accuracy), p.text);
    }
    match entry.state {
        RunState::Completed => (words.say("runs-completed"), p.muted),
        RunState::Stopped => (words.say("runs-stopped"), p.muted),
        RunState::Failed => (words.say("runs-failed"), p.error),
        RunState::Unfinished => (words.say("runs-unfinished"), p.warning),
        RunState::Running => (words.say("runs-running"), p.muted),
    }
}

fn detail_ui(ui: &mut Ui, state: &AppState, entry: &RunEntry, words: &Catalogue, actions: &mut Vec<Action>) {
    label_ui(ui, state, words, actions);
    let steps = words.say_with("runs-steps", &[("step", &entry.step), ("total", &entry.total_steps)]);
    let path = entry.dir.display().to_string();
    ui.horizontal(|ui| {
        ui.label(theme::small_muted(ui, steps));
        ui.add(Label::new(theme::small_muted(ui, &path)).truncate().sense(Sense::hover())).on_hover_text(&path);
    });
    ui.add_space(space::XS);
    if state.runs.asks_to_delete {
        ui.horizontal_wrapped(|ui| {
            ui.label(words.say_with("runs-delete-question", &[("name", &entry.name)]));
            if ui.button(words.say("runs-delete-yes")).clicked() {
                actions.push(Action::Runs(RunsAction::Delete));
            }
            if ui.button(words.say("runs-delete-no")).clicked() {
                actions.push(Action::Runs(RunsAction::AskToDelete(false)));
            }
        });
        return;
    }
    let is_free = !state.is_running() && entry.state != RunState::Running;
    let mut pressed = Vec::new();
    ui.horizontal_wrapped(|ui| {
        let mut button = |id: &'static str, enabled: bool, action: Action| {
            let button = ui.add_enabled(enabled, Button::new(words.say(id)));
            if button.on_hover_text(words.hint(id)).clicked() {
                pressed.push(action);
            }
        };
        let dir = || entry.dir.clone();
        let open = |purpose| Action::Runs(RunsAction::Open { dir: entry.dir.clone(), purpose });
        if entry.can_resume {
            button("runs-resume", is_free, Action::Runs(RunsAction::Resume(dir())));
        }
        button("runs-open", is_free, open(Purpose::Show));
        button("runs-replay", is_free && entry.step > 0, open(Purpose::Replay));
        button("runs-start-from", is_free && entry.has_model, open(Purpose::StartFrom));
        button("runs-train-on", is_free && entry.has_model, Action::Runs(RunsAction::TrainOn(dir())));
        button("runs-export", entry.has_model && !state.dialog_open, Action::OpenDialog(Dialog::Export(dir())));
        button("runs-folder", true, Action::OpenFolder(dir()));
        button("runs-delete", is_free, Action::Runs(RunsAction::AskToDelete(true)));
        let label = ui.label(theme::small_muted(ui, words.say("runs-more-epochs")));
        let epochs = state.runs.more_epochs.unwrap_or(1);
        let range = EPOCHS.min as usize..=EPOCHS.max as usize;
        let (_, new) = ui.label_inputs_by(label.id, |ui| whole_in(ui, epochs, range, 44.0));
        actions.extend(new.map(|new| Action::Runs(RunsAction::SetMoreEpochs(new))));
    });
    actions.extend(pressed);
}

/// Draws the name and the note, which are saved when their field is left.
fn label_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let list = &state.runs;
    let (mut name, mut note) = (list.name.clone(), list.note.clone());
    let mut is_left = false;
    for (id, value) in [("runs-own-name", &mut name), ("runs-note", &mut note)] {
        ui.horizontal(|ui| {
            let label = ui
                .allocate_ui_with_layout(vec2(56.0, space::CONTROL), Layout::left_to_right(Align::Center), |ui| {
                    ui.set_width(56.0);
                    ui.label(theme::muted(ui, words.say(id)))
                })
                .inner;
            let field = TextEdit::singleline(value).desired_width(f32::INFINITY);
            is_left |= ui.add(field).labelled_by(label.id).lost_focus();
        });
    }
    if (&name, &note) != (&list.name, &list.note) {
        actions.push(Action::Runs(RunsAction::EditLabel { name, note }));
    }
    if is_left {
        actions.push(Action::Runs(RunsAction::SaveLabel));
    }
}
