//! In Try, a file whose rows are answered: it is chosen, then where the answers go, and both can be watched and ended.

use eframe::egui::{ComboBox, Label, ProgressBar, Role, Ui, WidgetInfo};

use crate::app::action::Action;
use crate::app::answered::{AnsweredAction, AnsweredState};
use crate::app::effect::Dialog;
use crate::domain::answered::AnsweredFile;
use crate::words::{Fill, answered as words, shared};

use super::super::problem::problem_ui;
use super::super::theme::{self, space};
use super::Scene;

/// The bar is at most so wide, and the button beside it has so much room.
const WIDEST_BAR: f32 = 420.0;
const BUTTON_ROOM: f32 = 120.0;
const CHOICE_WIDTH: f32 = 220.0;

/// Offers to choose a file, while there is a model that could answer it.
pub fn offer_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    if !can_answer(scene) || scene.state.answered.data.is_some() {
        return;
    }
    let can = !scene.state.shell.dialog_open;
    let link = ui.add_enabled_ui(can, |ui| theme::link_button(ui, &scene.say("answered-choose"))).inner;
    if link.on_hover_text(scene.hint("answered-choose")).clicked() {
        scene.act(Action::OpenDialog(Dialog::FileToAnswer));
    }
}

/// A paused run has no model on the disk yet.
fn can_answer(scene: &Scene<'_>) -> bool {
    scene.state.can_predict() && scene.state.run.paused_step().is_none()
}

/// Draws the file that was chosen, if one is.
pub fn file_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let state = scene.state;
    let Some(data) = &state.answered.data else { return };
    let name = shared::short_name(data);
    if state.answered.is_under_way() {
        under_way_ui(ui, scene, &name);
    } else {
        if let Some(done) = &state.answered.done {
            done_ui(ui, scene, done);
        } else {
            ui.add(Label::new(scene.say_with("answered-file", &[("file", &name)])).wrap());
        }
        if let Some(problem) = &state.answered.refused {
            problem_ui(ui, scene.words, problem, theme::palette(ui).error);
        }
        column_ui(ui, scene);
        ui.horizontal_wrapped(|ui| {
            let is_open = !state.answered.columns().is_empty() && state.answered.column.is_none();
            let can = can_answer(scene) && !state.shell.dialog_open && !is_open;
            let save = Dialog::SaveAnswers { name: AnsweredState::proposed_name(data) };
            if state.answered.done.is_none() {
                scene.hinted_button(ui, "answered-save", can, Action::OpenDialog(save));
            } else if let Some(folder) = state.answered.done.as_ref().and_then(|done| done.file.parent()) {
                scene.button(ui, "answered-folder", true, Action::OpenFolder(folder.to_owned()));
            }
            if theme::link_button(ui, &scene.say("answered-forget")).clicked() {
                scene.act(AnsweredAction::Forget);
            }
        });
    }
    ui.add_space(space::S);
}

fn under_way_ui(ui: &mut Ui, scene: &mut Scene<'_>, name: &str) {
    let answered = &scene.state.answered;
    let far = answered.far.map(|far| words::answering(scene.words, &far));
    let far = far.unwrap_or_else(|| scene.say("stage-read-data"));
    let told: [(&str, &dyn Fill); 2] = [("file", &name), ("far", &far)];
    let told = scene.say_with("answered-under-way", &told);
    ui.add(Label::new(&told).wrap());
    let share = answered.far.map_or(0.0, |far| far.share as f32);
    ui.horizontal(|ui| {
        let width = (ui.available_width() - BUTTON_ROOM).clamp(80.0, WIDEST_BAR);
        let bar = ui.add(ProgressBar::new(share).desired_width(width));
        bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &told));
        scene.button(ui, "explore-cancel", true, AnsweredAction::Cancel);
    });
}

/// Says where the answers are, and which rows have none.
fn done_ui(ui: &mut Ui, scene: &Scene<'_>, done: &AnsweredFile) {
    ui.add(Label::new(words::answered(scene.words, done)).wrap().selectable(true));
    if done.is_guess {
        let args: [(&str, &dyn Fill); 2] = [("column", &done.text_column), ("file", &done.data)];
        ui.add(Label::new(theme::small_muted(ui, scene.say_with("answered-column-guessed", &args))).wrap());
    }
    if done.without.count > 0 {
        let colour = theme::palette(ui).warning;
        let problem = words::without(done);
        problem_ui(ui, scene.words, &problem, colour);
    }
    if let Some(kind) = done.without.most_frequent() {
        let reason = scene.words.problem(&kind.reason);
        let args: [(&str, &dyn Fill); 3] = [("row", &kind.row), ("count", &kind.count), ("reason", &reason)];
        ui.add(Label::new(theme::small_muted(ui, scene.say_with("cli-skipped-kind", &args))).wrap());
    }
}

/// Asks for the column of the texts where no name tells it.
fn column_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let (columns, chosen) = (scene.state.answered.columns(), scene.state.answered.column.clone());
    if columns.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let label = ui.label(scene.say("answered-column"));
        let combo = ComboBox::from_id_salt("column to answer").width(CHOICE_WIDTH).truncate();
        let opened = combo.selected_text(chosen.clone().unwrap_or_default()).show_ui(ui, |ui| {
            for column in &columns {
                if ui.selectable_label(chosen.as_ref() == Some(column), column).clicked() {
                    scene.act(AnsweredAction::ChooseColumn(column.clone()));
                }
            }
        });
        opened.response.labelled_by(label.id);
    });
}
