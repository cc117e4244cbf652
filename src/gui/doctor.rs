//! A window says what this computer is to the program, and makes the self-test.

use eframe::egui::{Grid, Label, RichText, ScrollArea, Ui, vec2};

use crate::app::doctor::DoctorAction;
use crate::app::palette::PaletteAction;
use crate::domain::doctor::Check;
use crate::words::doctor::{Fact, check, facts, failure, numbers, outcome, report, speeds, verdict};

use super::floating::{floating, most_height};
use super::problem::problem_ui;
use super::scene::Scene;
use super::theme::{self, space};

const WIDTH: f32 = 640.0;
/// The names of facts have a column of this width, points.
const NAMES: f32 = 130.0;

/// Draws the button that opens the window from the list of shortcuts.
pub fn doctor_button_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    if scene
        .button(ui, "doctor-title", true, DoctorAction::Show(true))
        .on_hover_text(scene.hint("doctor-title"))
        .clicked()
    {
        scene.act(PaletteAction::ShowHelp(false));
    }
}

pub fn doctor_ui(ui: &Ui, scene: &mut Scene<'_>) {
    if !scene.state.doctor.open {
        return;
    }
    let at = ui.ctx().content_rect().center_top() + vec2(-WIDTH / 2.0, 64.0);
    let title = theme::semibold(scene.say("doctor-title"));
    floating(ui, scene, "doctor", title, at, DoctorAction::Show(false), |ui, scene| {
        ui.set_width(WIDTH);
        buttons_ui(ui, scene);
        ui.separator();
        let height = most_height(ui) - 110.0;
        let page = ScrollArea::vertical().id_salt("doctor page").max_height(height).auto_shrink([false, true]);
        page.min_scrolled_height(height).show(ui, |ui| {
            test_ui(ui, scene);
            machine_ui(ui, scene);
        });
    });
}

fn buttons_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let state = &scene.state.doctor;
    ui.horizontal(|ui| {
        if state.test.is_waiting() {
            scene.button(ui, "doctor-test-stop", true, DoctorAction::Stop);
            let (done, total) = state.progress;
            let told = scene.say_with("doctor-test-progress", &[("done", &done), ("total", &total)]);
            let (share, colour) = (done as f32 / total.max(1) as f32, theme::palette(ui).accent);
            theme::bar(ui, share, vec2(160.0, 6.0), colour, &told);
            ui.label(theme::small_muted(ui, &told));
            return;
        }
        let id = if state.test.ready().is_some() { "doctor-test-again" } else { "doctor-test-begin" };
        let is_free = !scene.state.is_running() && !scene.state.train.rate.is_sweeping();
        let button = scene.button(ui, id, is_free, DoctorAction::Test);
        button.on_hover_text(scene.hint("doctor-test-begin")).on_disabled_hover_text(scene.say("run-under-way"));
        let machine = state.machine();
        let copy = scene.say("doctor-copy");
        let button = ui.add_enabled(machine.is_some(), eframe::egui::Button::new(copy));
        if button.on_hover_text(scene.hint("doctor-copy")).clicked()
            && let Some(machine) = machine
        {
            ui.copy_text(report(scene.words, &machine, state.test.ready()));
        }
    });
}

/// Draws what the self-test has found: its end first, so that it is seen without scrolling.
fn test_ui(ui: &mut Ui, scene: &Scene<'_>) {
    let state = &scene.state.doctor;
    let p = theme::palette(ui);
    if let Some(problem) = state.test.failed() {
        problem_ui(ui, scene.words, problem, p.error);
        ui.separator();
    }
    if let Some(test) = state.test.ready() {
        match failure(scene.words, test) {
            Some(problem) => problem_ui(ui, scene.words, &problem, p.error),
            None => drop(ui.label(theme::semibold(outcome(scene.words, test)))),
        }
        ui.add_space(space::S);
        facts_ui(ui, "speeds", speeds(scene.words, &test.speeds));
        ui.add_space(space::S);
    }
    let checks = state.checks();
    if !checks.is_empty() {
        Grid::new("doctor checks").num_columns(3).spacing(vec2(space::M, 4.0)).show(ui, |ui| {
            checks.iter().for_each(|of| check_ui(ui, scene, of));
        });
        ui.separator();
    }
}

fn check_ui(ui: &mut Ui, scene: &Scene<'_>, of: &Check) {
    let p = theme::palette(ui);
    let colour = if of.passed { p.muted } else { p.error };
    ui.label(RichText::new(verdict(scene.words, of)).color(colour));
    // A column takes the width of its longest text only where none of them may be cut.
    ui.add(Label::new(check(scene.words, of)).extend());
    ui.label(theme::small_muted(ui, numbers(scene.words, of)));
    ui.end_row();
}

fn machine_ui(ui: &mut Ui, scene: &Scene<'_>) {
    let state = &scene.state.doctor;
    if let Some(machine) = state.machine() {
        facts_ui(ui, "machine", facts(scene.words, &machine));
    } else if let Some(problem) = state.machine.failed() {
        let colour = theme::palette(ui).error;
        problem_ui(ui, scene.words, problem, colour);
    } else {
        ui.label(theme::muted(ui, scene.say("doctor-wait")));
    }
}

/// Draws names on the left, and what is told of each beside them in as many lines as that needs.
fn facts_ui(ui: &mut Ui, id: &str, facts: Vec<Fact>) {
    let width = ui.available_width() - NAMES - space::L;
    Grid::new(id).num_columns(2).min_col_width(NAMES).spacing(vec2(space::L, 6.0)).show(ui, |ui| {
        for (name, told) in facts {
            ui.label(theme::semibold(name));
            ui.scope(|ui| {
                ui.set_max_width(width);
                ui.add(Label::new(told).wrap().selectable(true));
            });
            ui.end_row();
        }
    });
}
