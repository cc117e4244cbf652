//! Runs are compared side by side: their curves, a table, two matrices, and what differs between their settings.

mod curves;
mod desk;
mod matrices;
mod race;
mod race_outcome;
mod settings;
mod table;

use eframe::egui::{self, ComboBox, Label, Popup, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::action::Action;
use crate::app::compare::desk::DeskAction;
use crate::app::compare::{CompareAction, Compared, Page};
use crate::app::effect::Dialog;
use crate::app::settings::MOST_PINS;
use crate::app::state::View;
use crate::domain::report::ReportSubject;
use crate::domain::stored::RunEntry;

use super::super::overlay::RunStyle;
use super::super::panels::parts::cross_button;
use super::super::report_button;
use super::super::theme::{self, space};
use super::Scene;
use super::live::empty_note;
use super::other_tests;

impl<'a> Scene<'a> {
    /// The runs that are shown.
    fn runs(&self) -> Vec<&'a Compared> {
        self.state.compare.shown().collect()
    }

    fn entries(&self) -> &'a [RunEntry] {
        self.state.runs.entries.latest().map(Vec::as_slice).unwrap_or_default()
    }

    fn name(&self, run: &Compared) -> String {
        self.state.compare.name(run, self.entries(), self.words)
    }

    /// The names of the runs that are shown.
    fn names(&self) -> Vec<String> {
        self.runs().into_iter().map(|run| self.name(run)).collect()
    }
}

/// A row of a table has this height.
const ROW: f32 = 26.0;
/// The legend is at most this high before it scrolls.
const LEGEND_HEIGHT: f32 = 62.0;
/// A name in the legend is at most so wide.
const ENTRY_WIDTH: f32 = 200.0;

/// In less room, the button that takes all runs away stands in the menu that adds some.
const NARROW: f32 = 640.0;

pub fn compare_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    head_ui(ui, scene);
    let is_of_runs = !matches!(scene.state.compare.page, Page::Desk | Page::Race);
    let is_missing = is_of_runs && scene.state.compare.runs.is_empty();
    if is_of_runs && !is_missing {
        legend_ui(ui, scene);
    }
    let body = ui.available_rect_before_wrap();
    match scene.state.compare.page {
        _ if is_missing => theme::card_at(ui, body, |ui| nothing_ui(ui, scene)),
        Page::Curves => curves::curves_ui(ui, body, scene),
        Page::Table => theme::card_at(ui, body, |ui| table::table_ui(ui, scene)),
        Page::Matrices => matrices::matrices_ui(ui, body, scene),
        Page::OtherTests => theme::card_at(ui, body, |ui| other_tests::compared_ui(ui, scene)),
        Page::Settings => theme::card_at(ui, body, |ui| settings::settings_ui(ui, scene)),
        Page::Desk => theme::card_at(ui, body, |ui| desk::desk_ui(ui, scene)),
        Page::Race => race::race_ui(ui, body, scene),
    }
}

/// Draws the tabs of the pages and the menu that adds more runs.
fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let is_narrow = ui.available_width() < NARROW;
    ui.horizontal(|ui| {
        // Seven tabs and the menu stand in one line of the smallest window.
        ui.spacing_mut().item_spacing.x = 2.0;
        for (page, id) in [
            (Page::Curves, "compare-curves"),
            (Page::Table, "compare-table"),
            (Page::Matrices, "compare-matrices"),
            (Page::OtherTests, "other-tests"),
            (Page::Settings, "compare-settings"),
            (Page::Desk, "desk-tab"),
            (Page::Race, "compare-race"),
        ] {
            if page == Page::Desk && scene.state.compare.desk.bundles.is_empty() {
                continue;
            }
            let tab = scene.choice(ui, id, scene.state.compare.page == page, CompareAction::ShowPage(page));
            tab.on_hover_text(scene.hint(id));
        }
        let more = |ui: &mut Ui, scene: &mut Scene<'_>| {
            let add = ui.button(scene.say("compare-add"));
            let compare = &scene.state.compare;
            let is_empty = compare.runs.is_empty() && compare.desk.bundles.is_empty();
            Popup::menu(&add).show(|ui| {
                add_ui(ui, scene);
                if is_narrow {
                    report_ui(ui, scene);
                }
                if !is_empty && is_narrow {
                    clear_ui(ui, scene);
                }
            });
            if !is_empty && !is_narrow {
                clear_ui(ui, scene);
                report_ui(ui, scene);
            }
        };
        theme::ends(ui, scene, |_, _| {}, more);
    });
}

/// Takes all runs out of the comparison.
fn clear_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    if theme::link_button(ui, &scene.say("compare-clear")).clicked() {
        scene.act(CompareAction::Clear);
    }
}

/// Saves a report of the runs that are compared and lie in folders.
fn report_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let dirs = scene.state.compare.with_folders();
    if !dirs.is_empty() {
        let can_report = !scene.state.is_running();
        report_button::button(ui, scene, "report-save", can_report, ReportSubject::Runs(dirs));
    }
}

fn add_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let is_free = !scene.state.shell.dialog_open;
    for (id, enabled, action) in [
        ("compare-add-list", true, Action::ShowView(View::Runs)),
        ("compare-add-folders", is_free, Action::OpenDialog(Dialog::RunFolders)),
        ("compare-add-bundles", is_free, Action::OpenDialog(Dialog::LessonWorks)),
    ] {
        if scene.button(ui, id, enabled, action).on_hover_text(scene.hint(id)).clicked() {
            ui.close();
        }
    }
}

fn nothing_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    if !scene.state.compare.opening.is_empty() {
        return empty_note(ui, &scene.say("runs-reading"));
    }
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() / 3.0).min(120.0));
        ui.set_max_width(420.0);
        ui.add(Label::new(theme::muted(ui, scene.say("compare-empty"))).wrap());
        ui.add_space(space::S);
        scene.button(ui, "compare-add-list", true, Action::ShowView(View::Runs));
    });
}

/// Draws every run with its colour, dashes and marker. A click changes its style, and the cross removes the run.
fn legend_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.scope(|ui| {
        // Nothing else says that there are more runs.
        theme::show_scroll_bars(ui);
        legend_entries_ui(ui, scene);
    });
}

fn legend_entries_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let area = ScrollArea::vertical().id_salt("compare legend").max_height(LEGEND_HEIGHT).auto_shrink([false, true]);
    area.show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(space::S, 2.0);
            runs_of_ui(ui, scene);
            let font = egui::TextStyle::Small.resolve(ui.style());
            let names = scene.names();
            let shown = theme::fitted_names(ui, "compared legend", &names, &font, ENTRY_WIDTH);
            for ((run, name), shown) in scene.runs().into_iter().zip(&names).zip(shown.iter()) {
                entry_ui(ui, scene, run, name, shown);
            }
        });
    });
}

/// Draws the choice of the lesson's step whose runs are shown, where students handed in runs of several.
fn runs_of_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let desk = &scene.state.compare.desk;
    let (steps, shown) = (desk.steps_of_runs(), desk.runs_of);
    if steps.len() < 2 && shown.is_none() {
        return;
    }
    let name = |step: Option<usize>, scene: &Scene<'_>| match step {
        None => scene.say("desk-all-steps"),
        Some(step) => scene.say_with("desk-step", &[("step", &(step + 1))]),
    };
    let label = ui.label(theme::small_muted(ui, scene.say("desk-runs-of")));
    let combo = ComboBox::from_id_salt("runs of step").width(110.0).selected_text(name(shown, scene));
    let response = combo.show_ui(ui, |ui| {
        for step in std::iter::once(None).chain(steps.into_iter().map(Some)) {
            if ui.selectable_label(step == shown, name(step, scene)).clicked() {
                scene.act(DeskAction::ShowRunsOf(step));
            }
        }
    });
    response.response.labelled_by(label.id);
}

fn entry_ui(ui: &mut Ui, scene: &mut Scene<'_>, run: &Compared, name: &str, shown: &str) {
    let p = theme::palette(ui);
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(shown.to_owned(), font, p.text);
    let width = 32.0 + 6.0 + galley.size().x + 8.0 + 16.0;
    ui.allocate_ui(vec2(width, 24.0), |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let (rect, response) = ui.allocate_exact_size(vec2(width - 18.0, 24.0), Sense::click());
            let title = scene.words.say_with("compare-colour", &[("name", &name)]);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &title));
            if response.hovered() || response.has_focus() {
                ui.painter().rect_filled(rect, 6.0, theme::mix(p.background, p.accent, 0.12));
            }
            let swatch = Rect::from_min_max(rect.min, pos2(rect.left() + 32.0, rect.bottom()));
            RunStyle::of(ui, run.style).swatch(ui, swatch.shrink2(vec2(3.0, 4.0)));
            let at = pos2(swatch.right() + 4.0, rect.center().y - galley.size().y / 2.0);
            ui.painter().galley(at, galley, p.text);
            Popup::menu(&response).show(|ui| pins_ui(ui, scene, run));
            // Where a student's run lies tells the student's name.
            let is_hidden = scene.state.compare.desk.hides(&run.run);
            let place = if is_hidden { String::new() } else { format!("\n{}", run.run.dir.display()) };
            response.on_hover_text(title + &place);
            let remove = scene.words.say_with("compare-remove", &[("name", &name)]);
            if cross_button(ui, &remove, vec2(16.0, 24.0), 3.5, 1.3).clicked() {
                scene.act(CompareAction::Tick { dir: run.run.dir.clone(), on: false });
            }
        });
    });
}

/// Draws the styles that a run can have.
fn pins_ui(ui: &mut Ui, scene: &mut Scene<'_>, run: &Compared) {
    let columns = 7;
    for row in 0..MOST_PINS / columns {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for style in row * columns..(row + 1) * columns {
                let (rect, response) = ui.allocate_exact_size(vec2(36.0, 24.0), Sense::click());
                let name = scene.words.say_with("compare-style", &[("number", &(style + 1))]);
                let is_own = run.style == style;
                response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_own, &name));
                let p = theme::palette(ui);
                if is_own || response.hovered() || response.has_focus() {
                    let stroke = egui::Stroke::new(1.5, if is_own { p.text } else { p.accent });
                    ui.painter().rect_stroke(rect, 4.0, stroke, egui::StrokeKind::Inside);
                }
                RunStyle::of(ui, style).swatch(ui, rect.shrink2(vec2(4.0, 4.0)));
                if response.clicked() {
                    scene.act(CompareAction::Pin { dir: run.run.dir.clone(), style });
                    ui.close();
                }
            }
        });
    }
}
