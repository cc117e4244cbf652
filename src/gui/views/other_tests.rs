//! Runs on other files than their own data, side by side with their own test.

use std::path::PathBuf;

use eframe::egui::{
    Align, ComboBox, Label, Layout, ProgressBar, Rect, RichText, Role, ScrollArea, TextEdit, TextStyle, Ui, WidgetInfo,
};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::other_tests::OtherTestsAction;
use crate::app::race::Race;
use crate::domain::labels::parse_map;
use crate::domain::message::TestEvaluated;
use crate::domain::metrics::{Confusion, wilson_interval};
use crate::domain::other_test::{OtherTest, files};
use crate::words::{Fill, Number, numbers, shared};

use super::super::problem::problem_ui;
use super::super::save_plot::{self, Table, number};
use super::super::theme::{self, space};
use super::Scene;
use super::live::empty_note;

const HEADER: f32 = 24.0;
const ROW: f32 = 26.0;
/// A name's column is at least so wide.
const NAME: f32 = 110.0;

/// A line of a table: who was tested on what, with which result.
struct Line {
    name: String,
    rows: u64,
    accuracy: f64,
    interval: (f64, f64),
    /// How much it is above the run's own test, with the interval; `None` for that test itself.
    beside: Option<(f64, (f64, f64))>,
}

impl Line {
    fn own(name: String, test: &Confusion) -> Self {
        let interval = wilson_interval(test.correct(), test.rows());
        Self { name, rows: test.rows(), accuracy: test.accuracy(), interval, beside: None }
    }

    fn other(name: String, test: &OtherTest, own: Option<&Confusion>) -> Self {
        let beside = own.map(|own| test.beside(own));
        Self { name, rows: test.rows, accuracy: test.accuracy(), interval: test.interval(), beside }
    }
}

/// Draws the page of Results.
pub fn of_run_ui(ui: &mut Ui, rect: Rect, test: &TestEvaluated, scene: &mut Scene<'_>) {
    theme::card_at(ui, rect, |ui| {
        let Some(dir) = scene.state.run.last_dir.clone() else {
            return empty_note(ui, &scene.say("other-tests-no-run"));
        };
        let own = Line::own(scene.say("other-tests-own"), &test.confusion);
        let others: Vec<OtherTest> = scene.state.other_tests.of(&dir).to_vec();
        let lines: Vec<Line> = std::iter::once(own)
            .chain(others.iter().rev().map(|other| Line::other(other.name.clone(), other, Some(&test.confusion))))
            .collect();
        head_ui(ui, scene, &lines);
        test_ui(ui, scene, vec![dir], "other-tests-test");
        ui.add_space(space::XS);
        table_ui(ui, scene, &lines);
        if let Some(matched) = others.last().and_then(|other| shared::label_match(scene.words, &other.matched)) {
            ui.add(Label::new(theme::small_muted(ui, matched)).wrap());
        }
    });
}

/// Draws the page of Compare: each run on its own test and on every file.
pub fn compared_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let compare = &scene.state.compare;
    let dirs = compare.with_folders();
    let mut lines = Vec::new();
    for run in compare.shown().filter(|run| dirs.contains(&run.run.dir)) {
        let name = compare.name(run, scene.state.runs.entries.latest().map_or(&[][..], Vec::as_slice), scene.words);
        let own = run.history.test.as_ref().map(|test| &test.confusion);
        let said = |file: &str| scene.say_with("other-tests-of", &[("run", &name), ("file", &file)]);
        lines.extend(own.map(|own| Line::own(said(&scene.say("other-tests-own")), own)));
        let others = scene.state.other_tests.of(&run.run.dir).iter().rev();
        lines.extend(others.map(|other| Line::other(said(&other.name), other, own)));
    }
    head_ui(ui, scene, &lines);
    test_ui(ui, scene, dirs, "other-tests-test-all");
    ui.add_space(space::XS);
    table_ui(ui, scene, &lines);
}

/// Chooses on which test a race's accuracies are shown, and offers to test its runs on another file.
pub fn of_race_ui(ui: &mut Ui, scene: &mut Scene<'_>, race: &Race) {
    let dirs = race.dirs();
    if dirs.is_empty() {
        return;
    }
    let tests = &scene.state.other_tests;
    let all: Vec<(String, String)> = files(dirs.iter().flat_map(|dir| tests.of(dir)))
        .into_iter()
        .map(|(fingerprint, name)| (fingerprint.to_owned(), name.to_owned()))
        .collect();
    if !all.is_empty() {
        ui.horizontal_wrapped(|ui| {
            let shown = scene.state.other_tests.shown.clone();
            let own = scene.say("other-tests-own");
            let name = all.iter().find(|(of, _)| Some(of) == shown.as_ref()).map_or(&own, |(_, name)| name);
            let label = ui.label(scene.say("other-tests-accuracy-on"));
            let combo = ComboBox::from_id_salt("race accuracy on").width(200.0).truncate().selected_text(name);
            let opened = combo.show_ui(ui, |ui| {
                let choices = std::iter::once((None, &own)).chain(all.iter().map(|(of, name)| (Some(of), name)));
                for (of, name) in choices {
                    if ui.selectable_label(of == shown.as_ref(), name).clicked() {
                        scene.act(OtherTestsAction::ShowOn(of.cloned()));
                    }
                }
            });
            opened.response.labelled_by(label.id);
        });
    }
    test_ui(ui, scene, dirs, "other-tests-test-all");
}

fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>, lines: &[Line]) {
    let (title, card) = (scene.say("other-tests"), theme::card_around(ui));
    theme::heading_row(ui, &title, Some(&scene.hint("other-tests")), |ui| {
        save_plot::table_buttons(ui, scene, &title, card, |scene| export(scene, lines));
    });
    ui.add(Label::new(theme::small_muted(ui, scene.say("other-tests-about"))).wrap());
}

/// Offers to choose a file; shows how far its test is, or why there is none and what the user can say to get one.
fn test_ui(ui: &mut Ui, scene: &mut Scene<'_>, dirs: Vec<PathBuf>, button: &'static str) {
    let tests = &scene.state.other_tests;
    if let Some(under_way) = &tests.under_way {
        let name = under_way.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let told: [(&str, &dyn Fill); 3] =
            [("file", &name), ("number", &under_way.number()), ("total", &under_way.total)];
        let told = scene.say_with("other-tests-under-way", &told);
        ui.add(Label::new(&told).wrap());
        let progress = tests.progress.filter(|progress| progress.total > 0);
        let share = progress.map_or(0.0, |progress| progress.done as f32 / progress.total as f32);
        ui.horizontal(|ui| {
            let bar = ui.add(ProgressBar::new(share).desired_width((ui.available_width() - 120.0).clamp(80.0, 420.0)));
            bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &told));
            scene.button(ui, "explore-cancel", true, OtherTestsAction::Cancel);
        });
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let can = !dirs.is_empty() && !scene.state.is_running() && !scene.state.shell.dialog_open;
        scene.hinted_button(ui, button, can, Action::OpenDialog(Dialog::OtherTest(dirs)));
    });
    let Some(refused) = scene.state.other_tests.refused.clone() else { return };
    problem_ui(ui, scene.words, &refused.problem, theme::palette(ui).error);
    ui.horizontal_wrapped(|ui| {
        if refused.needs_map() {
            let mut map = scene.state.other_tests.map.clone();
            let label = ui.label(scene.say("other-tests-map"));
            let field = TextEdit::singleline(&mut map).hint_text(scene.hint("other-tests-map")).desired_width(260.0);
            if ui.add(field).labelled_by(label.id).changed() {
                scene.act(OtherTestsAction::SetMap(map.clone()));
            }
            scene.button(ui, "other-tests-test-mapped", parse_map(&map).is_some(), OtherTestsAction::TestMapped);
        }
        if theme::link_button(ui, &scene.say("other-tests-dismiss")).clicked() {
            scene.act(OtherTestsAction::Dismiss);
        }
    });
}

fn table_ui(ui: &mut Ui, scene: &Scene<'_>, lines: &[Line]) {
    if lines.is_empty() {
        return empty_note(ui, &scene.say("other-tests-none"));
    }
    let heads = ["other-tests-test-name", "explore-rows-heading", "results-accuracy", "other-tests-interval"];
    let heads: Vec<String> = heads.iter().chain(&["other-tests-beside"]).map(|id| scene.say(id)).collect();
    let cells: Vec<[String; 4]> = lines.iter().map(|line| cells(scene, line)).collect();
    let width = |text: &str, style| theme::text_width(ui, text, style).ceil() + 4.0;
    let mut columns: Vec<f32> = heads.iter().skip(1).map(|head| width(head, TextStyle::Small)).collect();
    for row in &cells {
        columns.iter_mut().zip(row).for_each(|(column, cell)| *column = column.max(width(cell, TextStyle::Body)));
    }
    let least = columns.iter().sum::<f32>() + NAME + 5.0 * ui.spacing().item_spacing.x;
    ScrollArea::horizontal().id_salt("other tests").auto_shrink(false).show(ui, |ui| {
        ui.set_min_width(least.max(ui.available_width()));
        let columns = std::iter::once(theme::wide(NAME)).chain(columns.into_iter().map(theme::fixed));
        theme::table(ui, "other tests", columns)
            .min_scrolled_height(0.0)
            .header(HEADER, |mut header| {
                for (at, head) in heads.iter().enumerate() {
                    header.col(|ui| {
                        let layout = if at == 0 { Layout::left_to_right(Align::Center) } else { theme::of_column(1) };
                        ui.with_layout(layout, |ui| ui.label(theme::small_muted(ui, head)));
                    });
                }
            })
            .body(|body| {
                body.rows(ROW, lines.len(), |mut row| {
                    let (line, cells) = (&lines[row.index()], &cells[row.index()]);
                    row.col(|ui| theme::cut(ui, RichText::new(&line.name)));
                    for text in cells {
                        row.col(|ui| {
                            ui.with_layout(theme::of_column(1), |ui| ui.label(text));
                        });
                    }
                    let decided = line.beside.map(|(_, (low, high))| low > 0.0 || high < 0.0);
                    let id = match decided {
                        None => "other-tests-own-hover",
                        Some(true) => "other-tests-decided",
                        Some(false) => "other-tests-undecided",
                    };
                    row.response().on_hover_text(scene.say(id));
                });
            });
    });
}

/// Rows, accuracy, interval, and the difference to the run's own test.
fn cells(scene: &Scene<'_>, line: &Line) -> [String; 4] {
    let percent = |share: f64| scene.words.write(Number::Percent(share));
    let points = |share: f64| format!("{:+.1}", 100.0 * share);
    let range = |low: &dyn Fill, high: &dyn Fill| scene.say_with("other-tests-range", &[("low", low), ("high", high)]);
    let (low, high) = line.interval;
    let beside = line
        .beside
        .map(|(difference, (low, high))| format!("{} ({})", points(difference), range(&points(low), &points(high))));
    let interval = range(&percent(low), &percent(high));
    [numbers::count(line.rows as usize), percent(line.accuracy), interval, beside.unwrap_or_default()]
}

fn export(scene: &Scene<'_>, lines: &[Line]) -> Table {
    let heads = [
        "other-tests-test-name",
        "explore-rows-heading",
        "results-accuracy",
        "compare-low",
        "compare-high",
        "other-tests-difference",
    ];
    let mut names: Vec<String> = heads.map(|id| scene.say(id)).into();
    names.extend(["compare-low", "compare-high"].map(|id| scene.say(id)));
    let mut table = Table::new(names);
    for line in lines {
        let (low, high) = line.interval;
        let mut row = vec![line.name.clone(), line.rows.to_string(), number(line.accuracy), number(low), number(high)];
        let (difference, (low, high)) = line.beside.unwrap_or((f64::NAN, (f64::NAN, f64::NAN)));
        row.extend([difference, low, high].map(|x| if x.is_nan() { String::new() } else { number(x) }));
        table.rows.push(row);
    }
    table
}
