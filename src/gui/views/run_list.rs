//! Runs lists the runs on disk, and what can be done with the one that is selected and with those that are ticked.

mod rows;
mod table;

use std::path::PathBuf;

use eframe::egui::{
    Align, Button, Label, Layout, Rect, RichText, Role, Sense, TextEdit, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::race::RaceAction;
use crate::app::runs::{Purpose, RunsAction};
use crate::app::state::Loading;
use crate::domain::config::EPOCHS;
use crate::domain::engine::Engine;
use crate::domain::half::{ExportAs, Half};
use crate::domain::report::ReportSubject;
use crate::domain::stored::{RunEntry, RunState};
use crate::words::{Number, shared};

use super::super::notices;
use super::super::panels::whole_in;
use super::super::problem::problem_ui;
use super::super::report_button;
use super::super::theme::{self, space};
use super::Scene;
use super::live::empty_note;
use rows::Row;

/// The card of the chosen run has this height.
const DETAIL_HEIGHT: f32 = 196.0;
/// In a narrower card the buttons need another line, which is so much higher.
const NARROW: f32 = 600.0;
const BUTTONS_LINE: f32 = 36.0;

/// The number of chosen runs has this width, also where none is.
const COUNT_WIDTH: f32 = 72.0;
/// A line that says what is wrong makes it so much higher.
const LINE_HEIGHT: f32 = 26.0;

pub fn runs_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let all = ui.available_rect_before_wrap();
    let entries = scene.state.runs.entries.latest().map(Vec::as_slice).unwrap_or_default();
    let selected = scene.state.runs.selected();
    let more = if all.width() < NARROW { BUTTONS_LINE } else { 0.0 };
    let detail_height =
        |entry: &RunEntry| DETAIL_HEIGHT + more + if entry.damage.is_empty() { 0.0 } else { LINE_HEIGHT };
    let bottom = all.bottom() - selected.map_or(0.0, |entry| detail_height(entry) + space::S);
    let table = Rect::from_min_max(all.min, pos2(all.right(), bottom));
    theme::card_at(ui, table, |ui| {
        let rows = rows::rows(&scene.state.runs, scene.words);
        several_ui(ui, scene, &rows);
        if entries.is_empty() {
            if let Loading::Failed(problem) = &scene.state.runs.entries {
                let colour = theme::palette(ui).error;
                problem_ui(ui, scene.words, problem, colour);
                return;
            }
            let id = if scene.state.runs.entries.is_waiting() { "runs-reading" } else { "runs-empty" };
            return empty_note(ui, &scene.say(id));
        }
        if rows.is_empty() {
            return empty_note(ui, &scene.say_with("runs-none-left", &[("filter", &scene.state.runs.filter)]));
        }
        table::table_ui(ui, scene, &rows);
    });
    if let Some(entry) = selected {
        let detail = Rect::from_min_max(pos2(all.left(), bottom + space::S), all.max);
        theme::card_at(ui, detail, |ui| detail_ui(ui, scene, entry));
        notices::keep_clear(ui, detail);
    }
}

/// Draws the filter, and what is done with all runs that are ticked. It is always there, so that the first tick moves
/// nothing.
fn several_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &[Row<'_>]) {
    ui.horizontal_wrapped(|ui| {
        let mut filter = scene.state.runs.filter.clone();
        let hint = scene.say("runs-filter");
        let field = ui.add(TextEdit::singleline(&mut filter).hint_text(&hint).desired_width(100.0));
        if field.accessible_name(hint).changed() {
            scene.act(RunsAction::SetFilter(filter));
        }
        // What the filter hides is left alone.
        let ticked = &scene.state.runs.ticked;
        let dirs = rows.iter().map(|row| &row.entry.dir).filter(|dir| ticked.contains(*dir));
        let dirs: Vec<PathBuf> = dirs.cloned().collect();
        let chosen = dirs.len();
        scene.hinted_button(ui, "runs-compare", chosen > 0, RunsAction::Compare(dirs.clone()));
        let can_delete = chosen > 0 && !scene.state.is_running();
        // It stands beside what chooses, so that its words are short; by itself it says more.
        let delete = ui.add_enabled(can_delete, Button::new(scene.say("runs-delete")));
        delete.widget_info(|| WidgetInfo::labeled(Role::Button, can_delete, scene.say("runs-delete-chosen")));
        if delete.on_hover_text(scene.hint("runs-delete-chosen")).clicked() {
            scene.act(RunsAction::Delete(dirs));
        }
        let is_free = !scene.state.shell.dialog_open;
        scene.hinted_button(ui, "runs-elsewhere", is_free, Action::OpenDialog(Dialog::Run));
        // In the narrowest window the boxes alone show it.
        if ui.available_size_before_wrap().x < COUNT_WIDTH {
            return;
        }
        let count = if chosen > 0 { scene.say_with("runs-chosen", &[("count", &chosen)]) } else { String::new() };
        let count = Label::new(theme::small_muted(ui, count)).truncate();
        ui.add_sized(vec2(COUNT_WIDTH, space::CONTROL), count);
    });
}

fn detail_ui(ui: &mut Ui, scene: &mut Scene<'_>, entry: &RunEntry) {
    label_ui(ui, scene, &shared::run_name(scene.words, entry));
    let steps = scene.say_with("runs-steps", &[("step", &entry.step), ("total", &entry.total_steps)]);
    let engine = entry.engine.words().map(|id| scene.say(id)).unwrap_or_default();
    let facts = [&steps, &entry.data, &entry.model, &engine].into_iter().filter(|fact| !fact.is_empty());
    let facts = facts.map(String::as_str).collect::<Vec<_>>().join(" · ");
    let path = entry.dir.display().to_string();
    if let Some(wrong) = table::damage(entry, scene.words) {
        let text = RichText::new(&wrong).color(theme::palette(ui).error);
        ui.add(Label::new(text).truncate()).on_hover_text(&wrong);
    }
    ui.horizontal(|ui| {
        // Most runs belong to no race, so that this stands where it takes no other button's place.
        if let Some(race) = &entry.race {
            let is_free = !scene.state.is_running();
            let link = ui.add_enabled_ui(is_free, |ui| theme::link_button(ui, &scene.say("runs-open-race"))).inner;
            if link.on_hover_text(scene.hint("runs-open-race")).clicked() {
                scene.act(RaceAction::Open(race.clone()));
            }
        }
        ui.label(theme::small_muted(ui, facts));
        ui.add(Label::new(theme::small_muted(ui, &path)).truncate().sense(Sense::hover())).on_hover_text(&path);
    });
    ui.add_space(space::XS);
    let is_free = !scene.state.is_running() && entry.state != RunState::Running;
    ui.horizontal_wrapped(|ui| {
        let dir = || entry.dir.clone();
        // The log of Hugging Face's Trainer tells no settings to start from, and no seconds to replay.
        let is_whole = entry.engine != Engine::Trainer;
        let can_use = is_free && entry.has_model && entry.can_open && is_whole;
        let open = |purpose| RunsAction::Open { dir: dir(), purpose };
        let can_replay = entry.can_open && entry.step > 0 && is_whole;
        // Every button has its place whatever the run, so that from run to run nothing else comes under the mouse.
        scene.hinted_button(ui, "runs-resume", is_free && entry.can_resume, RunsAction::Resume(dir()));
        scene.hinted_button(ui, "runs-open", is_free && entry.can_open, open(Purpose::Show));
        scene.hinted_button(ui, "runs-replay", is_free && can_replay, open(Purpose::Replay));
        scene.hinted_button(ui, "runs-start-from", can_use, open(Purpose::StartFrom));
        scene.hinted_button(ui, "runs-train-on", can_use, RunsAction::TrainOn(dir()));
        more_epochs_ui(ui, scene);
        let can_report = is_free && entry.can_open;
        report_button::button(ui, scene, "report-save", can_report, ReportSubject::Runs(vec![dir()]));
        export_ui(ui, scene, entry);
        scene.hinted_button(ui, "runs-folder", true, Action::OpenFolder(dir()));
        scene.hinted_button(ui, "runs-delete", is_free, RunsAction::Delete(vec![dir()]));
    });
}

/// Draws the menu of what a run can be exported as, and in its place the end of an export while one is under way.
fn export_ui(ui: &mut Ui, scene: &mut Scene<'_>, entry: &RunEntry) {
    if let Some(progress) = scene.state.runs.exporting() {
        scene.hinted_button(ui, "runs-export-cancel", true, RunsAction::CancelExport);
        let share = progress.map_or(0.0, |progress| progress.done as f64 / progress.total.max(1) as f64);
        let told = scene.say_with("runs-exporting", &[("percent", &Number::Progress(share))]);
        ui.label(theme::small_muted(ui, told));
        return;
    }
    let can_open = entry.can_open && !scene.state.shell.dialog_open;
    let menu = ui.add_enabled_ui(can_open, |ui| {
        ui.menu_button(scene.say("runs-export"), |ui| {
            for what in ExportAs::ALL {
                let id = match what {
                    ExportAs::Model(None) => "runs-export-model",
                    ExportAs::Model(Some(Half::F16)) => "runs-export-f16",
                    ExportAs::Model(Some(Half::Bf16)) => "runs-export-bf16",
                    ExportAs::Board => "runs-export-board",
                    ExportAs::Tables => "runs-export-tables",
                    ExportAs::Cluster => "runs-export-cluster",
                };
                // A run's data and log are known before it has a model. The log of Hugging Face's Trainer fills tables, but
                // no more.
                let is_whole = entry.engine != Engine::Trainer;
                let can_export = match what {
                    ExportAs::Model(_) => is_whole && entry.has_model,
                    ExportAs::Board | ExportAs::Cluster => is_whole,
                    ExportAs::Tables => true,
                };
                let open = Action::OpenDialog(Dialog::Export { dir: entry.dir.clone(), what });
                scene.hinted_button(ui, id, can_export, open);
            }
        })
    });
    menu.inner.response.on_hover_text(scene.hint("runs-export"));
}

/// Draws for how many epochs a run is trained longer. Words and field go into the next line together.
fn more_epochs_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    const FIELD: f32 = 44.0;
    let words = scene.say("runs-more-epochs");
    let width = theme::text_width(ui, &words, TextStyle::Small) + ui.spacing().item_spacing.x + FIELD + 2.0;
    let (before, range) = (scene.state.runs.more_epochs.unwrap_or(1), EPOCHS.min as usize..=EPOCHS.max as usize);
    let mut epochs = before;
    ui.allocate_ui_with_layout(vec2(width, space::CONTROL), Layout::left_to_right(Align::Center), |ui| {
        let label = ui.label(theme::small_muted(ui, words));
        ui.label_inputs_by(label.id, |ui| whole_in(ui, &mut epochs, range, FIELD));
    });
    if epochs != before {
        scene.act(RunsAction::SetMoreEpochs(epochs));
    }
}

/// Draws the name and the note, which are saved when their field is left. A run without a name of its own shows what it is
/// called instead.
fn label_ui(ui: &mut Ui, scene: &mut Scene<'_>, called: &str) {
    let list = &scene.state.runs;
    let (mut name, mut note) = (list.name.clone(), list.note.clone());
    let mut is_left = false;
    for (id, value, hint) in [("runs-own-name", &mut name, called), ("runs-note", &mut note, "")] {
        ui.horizontal(|ui| {
            let label = ui
                .allocate_ui_with_layout(vec2(56.0, space::CONTROL), Layout::left_to_right(Align::Center), |ui| {
                    ui.set_width(56.0);
                    ui.label(theme::muted(ui, scene.say(id)))
                })
                .inner;
            let field = TextEdit::singleline(value).hint_text(hint).desired_width(f32::INFINITY);
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
