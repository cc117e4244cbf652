//! The instructor's desk shows what a class handed in: one question at a time, a table, and guesses against the truth.

mod guesses;
mod question;
mod table;

use eframe::egui::{Button, ComboBox, Label, Role, Ui, WidgetInfo};

use crate::app::action::Action;
use crate::app::compare::desk::{DeskAction, DeskPage, Version};
use crate::app::effect::Dialog;
use crate::domain::report::ReportSubject;

use super::super::super::report_button;
use super::super::super::theme::{self, space};
use super::super::live::empty_note;
use super::Scene;

impl Scene<'_> {
    /// What a student is called on the desk.
    fn student(&self, file: &std::path::Path) -> String {
        self.state.compare.desk.name(file, self.words)
    }
}

pub fn desk_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let state = scene.state;
    let desk = &state.compare.desk;
    let Some(version) = desk.version() else { return empty_note(ui, &scene.say("desk-empty")) };
    ui.horizontal_wrapped(|ui| head_ui(ui, scene, &version));
    notes_ui(ui, scene, &version);
    match desk.page {
        DeskPage::Questions => question::question_ui(ui, scene, &version),
        DeskPage::Table => table::table_ui(ui, scene, &version),
        DeskPage::Guesses => guesses::guesses_ui(ui, scene, &version),
    }
}

fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>, version: &Version<'_>) {
    ui.spacing_mut().item_spacing.x = space::XS;
    let (state, desk) = (scene.state, &scene.state.compare.desk);
    for (page, id) in
        [(DeskPage::Questions, "desk-questions"), (DeskPage::Table, "desk-table"), (DeskPage::Guesses, "desk-guesses")]
    {
        let choice = scene.choice(ui, id, desk.page == page, DeskAction::ShowPage(page));
        choice.on_hover_text(scene.hint(id));
    }
    ui.add_space(space::S);
    version_ui(ui, scene, version);
    ui.add_space(space::S);
    let mut hides = desk.hides_names;
    if ui.checkbox(&mut hides, scene.say("desk-hide-names")).on_hover_text(scene.hint("desk-hide-names")).changed() {
        scene.act(DeskAction::HideNames(hides));
    }
    let save = ui.add_enabled(!state.shell.dialog_open, Button::new(scene.say("desk-save")));
    if save.on_hover_text(scene.hint("desk-save")).clicked() {
        let title = version.any().title.tongue(scene.words.tag());
        let name = scene.say_with("desk-file", &[("lesson", &title)]);
        let table = desk.grading_table(version, &state.shell.settings.grades, scene.words);
        let bytes = table.as_csv().into();
        scene.act(Action::OpenDialog(Dialog::SaveFile { name, extension: "csv", bytes }));
    }
    let files = desk.bundles.iter().map(|opened| opened.file.clone()).collect();
    let grades = state.shell.settings.grades.clone();
    let subject = ReportSubject::Class { files, hides_names: desk.hides_names, grades };
    report_button::button(ui, scene, "class-save", true, subject);
}

/// Draws the choice of the lesson and of its version, where there is one.
fn version_ui(ui: &mut Ui, scene: &mut Scene<'_>, shown: &Version<'_>) {
    let desk = &scene.state.compare.desk;
    let versions = desk.versions();
    let title = title(scene, shown);
    if versions.len() == 1 {
        ui.add(Label::new(theme::semibold(title)).truncate());
        return;
    }
    let combo = ComboBox::from_id_salt("lesson version").width(220.0).truncate().selected_text(&title);
    let combo = combo.show_ui(ui, |ui| {
        for version in &versions {
            let (lesson, hash) = (version.any().lesson.clone(), version.any().lesson_hash.clone());
            let is_shown = hash == shown.any().lesson_hash && lesson == shown.any().lesson;
            if ui.selectable_label(is_shown, self::title(scene, version)).clicked() {
                scene.act(DeskAction::ShowVersion { lesson, hash });
            }
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &title));
}

/// "The cost of freezing · version A · 28 students"
fn title(scene: &Scene<'_>, version: &Version<'_>) -> String {
    let lesson = version.any().title.tongue(scene.words.tag());
    let students = scene.say_with("answers-students", &[("count", &version.files.len())]);
    let letter = version.letter.map(|letter| scene.say_with("desk-version", &[("letter", &letter.to_string())]));
    let parts = [Some(lesson.to_owned()), letter, Some(students)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Few students have the other version, so they are named.
const NAMED: usize = 3;

/// Says what an instructor must know before comparing answers: several versions, several files of a student.
fn notes_ui(ui: &mut Ui, scene: &Scene<'_>, shown: &Version<'_>) {
    let desk = &scene.state.compare.desk;
    let warn = |ui: &mut Ui, text: String| {
        let text = eframe::egui::RichText::new(text).color(theme::palette(ui).warning);
        ui.add(Label::new(text).wrap());
    };
    if shown.letter.is_some() {
        let versions = desk.versions();
        let of_lesson: Vec<_> = versions.iter().filter(|v| v.any().lesson == shown.any().lesson).collect();
        let told = |version: &&Version<'_>| {
            let letter = version.letter.map(String::from).unwrap_or_default();
            let who = match version.files.len() {
                few if few <= NAMED => {
                    version.files.iter().map(|file| scene.student(&file.file)).collect::<Vec<_>>().join(", ")
                }
                many => scene.say_with("answers-students", &[("count", &many)]),
            };
            format!("{letter}: {who}")
        };
        let list = of_lesson.iter().map(told).collect::<Vec<_>>().join("; ");
        warn(ui, scene.say_with("desk-versions", &[("count", &of_lesson.len()), ("versions", &list)]));
    }
    let repeated = desk.repeated(shown, scene.words);
    if !repeated.is_empty() {
        warn(ui, scene.say_with("desk-repeated", &[("students", &repeated.join(", "))]));
    }
}
