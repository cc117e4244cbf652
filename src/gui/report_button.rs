//! The button that saves a report; while one is written, how far it is, and what ends it.

use eframe::egui::Ui;

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::reports::ReportsAction;
use crate::domain::report::ReportSubject;

use super::scene::Scene;
use super::theme;

/// Draws what saves a report as a link, where several with the same words stand in one place; `of` tells them apart for a
/// screen reader.
pub fn link_of(ui: &mut Ui, scene: &mut Scene<'_>, id: &'static str, subject: ReportSubject, of: &str) {
    let (language, is_free) = (scene.words.tag(), !scene.state.shell.dialog_open);
    let link = ui.add_enabled_ui(is_free, |ui| theme::link_button(ui, &scene.say(id))).inner;
    let link = link.on_hover_text(scene.hint(id)).accessible_name(format!("{} {of}", scene.say(id)));
    if link.clicked() {
        scene.act(Action::OpenDialog(Dialog::Report { subject, language }));
    }
}

/// Draws the button with the words `id`. What it asks for is a report of `subject`.
pub fn button(ui: &mut Ui, scene: &mut Scene<'_>, id: &'static str, enabled: bool, subject: ReportSubject) {
    let reports = &scene.state.reports;
    if !reports.is_writing() {
        let language = scene.words.tag();
        let is_free = enabled && !scene.state.shell.dialog_open;
        return scene.hinted_button(ui, id, is_free, Action::OpenDialog(Dialog::Report { subject, language }));
    }
    let told = match reports.progress {
        Some(progress) => scene.say_with("report-progress", &[("done", &progress.done), ("total", &progress.total)]),
        None => scene.say("stage-report"),
    };
    ui.label(theme::small_muted(ui, told));
    scene.button(ui, "report-cancel", true, ReportsAction::Cancel);
}
