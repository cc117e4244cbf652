//! Runs lists the runs on disk with their settings and results, and what can be done with the one that is chosen.

use eframe::egui::{
    Align, Checkbox, Color32, Label, Layout, Rect, RichText, Role, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2,
};
use egui_extras::Column;

use crate::app::action::Action;
use crate::app::compare::CompareAction;
use crate::app::effect::Dialog;
use crate::app::runs::{Purpose, RunsAction};
use crate::app::state::{Loading, View};
use crate::domain::config::EPOCHS;
use crate::domain::freeze::Freeze;
use crate::domain::stored::{RunEntry, RunState};
use crate::words::{Catalogue, numbers, shared};

use super::super::panels::whole_in;
use super::super::theme::{self, space};
use super::Scene;
use super::live::empty_note;

/// The card of the chosen run has this height.
const DETAIL_HEIGHT: f32 = 196.0;

pub fn runs_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let all = ui.available_rect_before_wrap();
    let entries = scene.state.runs.entries.latest().map(Vec::as_slice).unwrap_or_default();
    let selected = scene.state.runs.selected();
    let bottom = all.bottom() - selected.map_or(0.0, |_| DETAIL_HEIGHT + space::S);
    let table = Rect::from_min_max(all.min, pos2(all.right(), bottom));
    theme::card_at(ui, table, |ui| {
        elsewhere_ui(ui, scene);
        if entries.is_empty() {
            if let Loading::Failed(problem) = &scene.state.runs.entries {
                ui.label(RichText::new(scene.words.problem(problem)).color(theme::palette(ui).error));
                return;
            }
            let id = if scene.state.runs.entries.is_waiting() { "runs-reading" } else { "runs-empty" };
            return empty_note(ui, &scene.say(id));
        }
        table_ui(ui, scene, entries);
    });
    if let Some(entry) = selected {
        let detail = Rect::from_min_max(pos2(all.left(), bottom + space::S), all.max);
        theme::card_at(ui, detail, |ui| detail_ui(ui, scene, entry));
    }
}

/// Draws the buttons that lead to the comparison and to runs outside the runs folder.
fn elsewhere_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal(|ui| {
        // The row is always there, so that the first tick does not move the other boxes.
        let chosen = scene.state.compare.runs.len();
        if chosen > 0 {
            scene.button(ui, "compare-open", true, Action::ShowView(View::Compare));
            ui.label(theme::muted(ui, scene.say_with("compare-chosen", &[("count", &chosen)])));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let is_free = !scene.state.shell.dialog_open;
            scene.hinted_button(ui, "runs-elsewhere", is_free, Action::OpenDialog(Dialog::Run));
        });
    });
}

fn table_ui(ui: &mut Ui, scene: &mut Scene<'_>, entries: &[RunEntry]) {
    let names = ["runs-name", "runs-started", "runs-data", "runs-model", "runs-freeze", "runs-accuracy", "runs-time"];
    let widths = [128.0, 96.0, 96.0, 72.0, 88.0, 52.0].map(theme::fixed);
    theme::table(ui, "runs", [Column::exact(20.0), theme::wide(100.0)].into_iter().chain(widths))
        .header(24.0, |mut header| {
            header.col(|_| {});
            for name in names {
                header.col(|ui| {
                    ui.label(theme::small_muted(ui, scene.say(name)));
                });
            }
        })
        .body(|body| {
            body.rows(26.0, entries.len(), |mut row| {
                let entry = &entries[row.index()];
                let is_selected = scene.state.runs.selected.as_ref() == Some(&entry.dir);
                row.col(|ui| tick_ui(ui, scene, entry));
                row.col(|ui| {
                    let name = ui.selectable_label(is_selected, entry.title());
                    let name = if entry.note.is_empty() { name } else { name.on_hover_text(&entry.note) };
                    if name.clicked() {
                        scene.act(RunsAction::Select(entry.dir.clone()));
                    }
                    if name.double_clicked() && entry.state != RunState::Running {
                        scene.act(RunsAction::Open { dir: entry.dir.clone(), purpose: Purpose::Show });
                    }
                });
                let freeze = Freeze::parse_name(&entry.freeze);
                let other = if entry.freeze == "timeline" { "freeze-timeline" } else { "freeze-custom" };
                let freeze = freeze.map_or_else(|| scene.say(other), |freeze| shared::freezing(scene.words, &freeze));
                for text in [&entry.started, &entry.data, &entry.model, &freeze] {
                    row.col(|ui| theme::cut(ui, text));
                }
                row.col(|ui| {
                    let (text, colour) = accuracy_or_state(ui, entry, scene.words);
                    ui.add(Label::new(RichText::new(text).color(colour)).truncate());
                });
                row.col(|ui| {
                    ui.label(entry.train_secs.map(numbers::clock).unwrap_or_default());
                });
            });
        });
}

/// Adds the run to the comparison or removes it.
fn tick_ui(ui: &mut Ui, scene: &mut Scene<'_>, entry: &RunEntry) {
    let mut on = scene.state.compare.holds(&entry.dir);
    ui.spacing_mut().interact_size.y = ui.spacing().icon_width;
    let tick = ui.add(Checkbox::without_text(&mut on));
    let name = scene.say_with("compare-tick", &[("name", &entry.title())]);
    tick.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, &name));
    if tick.on_hover_text(&name).changed() {
        scene.act(CompareAction::Tick { dir: entry.dir.clone(), on });
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

fn detail_ui(ui: &mut Ui, scene: &mut Scene<'_>, entry: &RunEntry) {
    label_ui(ui, scene);
    let steps = scene.say_with("runs-steps", &[("step", &entry.step), ("total", &entry.total_steps)]);
    let path = entry.dir.display().to_string();
    ui.horizontal(|ui| {
        ui.label(theme::small_muted(ui, steps));
        ui.add(Label::new(theme::small_muted(ui, &path)).truncate().sense(Sense::hover())).on_hover_text(&path);
    });
    ui.add_space(space::XS);
    if scene.state.runs.asks_to_delete {
        ui.horizontal_wrapped(|ui| {
            ui.label(scene.say_with("runs-delete-question", &[("name", &entry.name)]));
            scene.button(ui, "runs-delete-yes", true, RunsAction::Delete);
            scene.button(ui, "runs-delete-no", true, RunsAction::AskToDelete(false));
        });
        return;
    }
    let is_free = !scene.state.is_running() && entry.state != RunState::Running;
    ui.horizontal_wrapped(|ui| {
        let dir = || entry.dir.clone();
        let open = |purpose| RunsAction::Open { dir: dir(), purpose };
        if entry.can_resume {
            scene.hinted_button(ui, "runs-resume", is_free, RunsAction::Resume(dir()));
        }
        scene.hinted_button(ui, "runs-open", is_free, open(Purpose::Show));
        scene.hinted_button(ui, "runs-replay", is_free && entry.step > 0, open(Purpose::Replay));
        scene.hinted_button(ui, "runs-start-from", is_free && entry.has_model, open(Purpose::StartFrom));
        scene.hinted_button(ui, "runs-train-on", is_free && entry.has_model, RunsAction::TrainOn(dir()));
        let can_export = entry.has_model && !scene.state.shell.dialog_open;
        scene.hinted_button(ui, "runs-export", can_export, Action::OpenDialog(Dialog::Export(dir())));
        scene.hinted_button(ui, "runs-folder", true, Action::OpenFolder(dir()));
        scene.hinted_button(ui, "runs-delete", is_free, RunsAction::AskToDelete(true));
        let label = ui.label(theme::small_muted(ui, scene.say("runs-more-epochs")));
        let (before, range) = (scene.state.runs.more_epochs.unwrap_or(1), EPOCHS.min as usize..=EPOCHS.max as usize);
        let mut epochs = before;
        ui.label_inputs_by(label.id, |ui| whole_in(ui, &mut epochs, range, 44.0));
        if epochs != before {
            scene.act(RunsAction::SetMoreEpochs(epochs));
        }
    });
}

/// Draws the name and the note, which are saved when their field is left.
fn label_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let list = &scene.state.runs;
    let (mut name, mut note) = (list.name.clone(), list.note.clone());
    let mut is_left = false;
    for (id, value) in [("runs-own-name", &mut name), ("runs-note", &mut note)] {
        ui.horizontal(|ui| {
            let label = ui
                .allocate_ui_with_layout(vec2(56.0, space::CONTROL), Layout::left_to_right(Align::Center), |ui| {
                    ui.set_width(56.0);
                    ui.label(theme::muted(ui, scene.say(id)))
                })
                .inner;
            let field = TextEdit::singleline(value).desired_width(f32::INFINITY);
            is_left |= ui.add(field).labelled_by(label.id).lost_focus();
        });
    }
    if (&name, &note) != (&list.name, &list.note) {
        scene.act(RunsAction::EditLabel { name, note });
    }
    if is_left {
        scene.act(RunsAction::SaveLabel);
    }
}
