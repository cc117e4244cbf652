//! Runs on other files than their own data, side by side with their own test.

use std::path::PathBuf;

use eframe::egui::{ComboBox, Label, ProgressBar, Rect, RichText, Role, TextEdit, TextStyle, Ui, WidgetInfo};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::other_tests::OtherTestsAction;
use crate::app::race::Race;
use crate::domain::labels::parse_map;
use crate::domain::message::TestEvaluated;
use crate::domain::metrics::{Confusion, wilson_interval};
use crate::domain::other_test::{OtherTest, files};
use crate::domain::race::RaceRow;
use crate::words::{Catalogue, Fill, Number, numbers, shared};

use super::super::problem::problem_ui;
use super::super::save_plot::{self, Table, number};
use super::super::theme::{self, space};
use super::Scene;
use super::live::empty_note;

const HEADER: f32 = 24.0;
const ROW: f32 = 26.0;
/// A name's column is at least so wide, and at most.
const NAME: f32 = 110.0;
const MOST_NAME: f32 = 420.0;
/// The choice of a test is so wide.
const MOST_CHOICE: f32 = 240.0;

/// The place of the accuracy among the numbers of a line.
const ACCURACY: usize = 1;
/// At most so many sentences are said against the numbers of a table; each line of it says its own.
const MOST_WARNINGS: usize = 3;

/// A line of a table: who was tested on what, with which result.
struct Line {
    /// It names the run where several runs stand in the table.
    run: Option<String>,
    test: String,
    rows: u64,
    accuracy: f64,
    interval: (f64, f64),
    /// It says how far the accuracy is above that of the run's own test, with the interval; `None` for that test itself
    /// and where the run has none.
    beside: Option<(f64, (f64, f64))>,
    /// They say why the numbers are worth less than they look.
    warnings: Vec<String>,
}

impl Line {
    fn own(run: Option<String>, test: String, own: &Confusion) -> Self {
        let interval = wilson_interval(own.correct(), own.rows());
        Self { run, test, rows: own.rows(), accuracy: own.accuracy(), interval, beside: None, warnings: Vec::new() }
    }

    fn other(run: Option<String>, other: &OtherTest, own: Option<&Confusion>, words: &Catalogue) -> Self {
        let beside = own.map(|own| other.beside(own));
        let (accuracy, interval) = (other.accuracy(), other.interval());
        let warnings = shared::other_test_warnings(words, other);
        Self { run, test: other.name.clone(), rows: other.rows, accuracy, interval, beside, warnings }
    }
}

/// Draws the page of Results.
pub fn of_run_ui(ui: &mut Ui, rect: Rect, test: &TestEvaluated, scene: &mut Scene<'_>) {
    theme::card_at(ui, rect, |ui| {
        let Some(dir) = scene.state.run.last_dir.clone() else {
            return empty_note(ui, &scene.say("other-tests-no-run"));
        };
        let own = Line::own(None, scene.say("other-tests-own"), &test.confusion);
        let others: Vec<OtherTest> = scene.state.other_tests.of(&dir).to_vec();
        let lines: Vec<Line> = std::iter::once(own)
            .chain(others.iter().rev().map(|other| Line::other(None, other, Some(&test.confusion), scene.words)))
            .collect();
        head_ui(ui, scene, &lines);
        test_ui(ui, scene, vec![dir], "other-tests-test");
        warnings_ui(ui, scene, lines.iter().map(|line| (&*line.test, &*line.warnings)));
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
        let own_name = || scene.say("other-tests-own");
        lines.extend(own.map(|own| Line::own(Some(name.clone()), own_name(), own)));
        let others = scene.state.other_tests.of(&run.run.dir).iter().rev();
        lines.extend(others.map(|other| Line::other(Some(name.clone()), other, own, scene.words)));
    }
    head_ui(ui, scene, &lines);
    test_ui(ui, scene, dirs, "other-tests-test-all");
    warnings_ui(ui, scene, lines.iter().map(|line| (&*line.test, &*line.warnings)));
    ui.add_space(space::XS);
    table_ui(ui, scene, &lines);
}

/// Says why numbers that carry a mark are worth less than they look, each sentence once. The line of the table says which
/// of several runs it is about.
fn warnings_ui<'w>(ui: &mut Ui, scene: &Scene<'_>, tests: impl Iterator<Item = (&'w str, &'w [String])>) {
    let mut told: Vec<String> = Vec::new();
    for (test, warnings) in tests {
        for warning in warnings {
            let line = scene.say_with("other-tests-warning", &[("test", &test), ("warning", warning)]);
            if !told.contains(&line) {
                told.push(line);
            }
        }
    }
    for line in told.iter().take(MOST_WARNINGS) {
        ui.add(Label::new(RichText::new(line).color(theme::palette(ui).warning)).wrap());
    }
}

/// Returns what is said against the numbers of some of a race's runs on the file that is shown; empty on their own test.
pub fn race_warnings(scene: &Scene<'_>, race: &Race, is_of: impl Fn(&RaceRow) -> bool) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for row in race.rows().iter().filter(|row| is_of(row)) {
        let test = scene.state.other_tests.shown_of(row);
        let warnings = test.map(|test| shared::other_test_warnings(scene.words, test)).unwrap_or_default();
        told.extend(warnings.into_iter().filter(|warning| !told.contains(warning)).collect::<Vec<_>>());
    }
    told
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
            let names: Vec<String> = std::iter::once(&own).chain(all.iter().map(|(_, name)| name)).cloned().collect();
            let chosen = all.iter().position(|(of, _)| Some(of) == shown.as_ref()).map_or(0, |place| place + 1);
            let font = TextStyle::Button.resolve(ui.style());
            let fitted = theme::fitted_names(ui, "race accuracy on", &names, &font, MOST_CHOICE - 40.0);
            let label = ui.label(scene.say("other-tests-accuracy-on"));
            let combo = ComboBox::from_id_salt("race accuracy on").width(MOST_CHOICE).truncate();
            let combo = combo.selected_text(fitted[chosen].as_str());
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
    let shown = scene.state.other_tests.shown.clone();
    if let Some((_, name)) = all.iter().find(|(of, _)| Some(of) == shown.as_ref()) {
        let warnings = race_warnings(scene, race, |_| true);
        warnings_ui(ui, scene, std::iter::once((&**name, &*warnings)));
    }
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
    let heads = ["explore-rows-heading", "results-accuracy", "other-tests-interval", "other-tests-beside"];
    let heads = heads.map(|id| scene.say(id));
    let cells: Vec<[String; 4]> = lines.iter().map(|line| cells(scene, line)).collect();
    let width = |text: &str, style| theme::text_width(ui, text, style).ceil() + 4.0;
    let mut numbers = heads.each_ref().map(|head| width(head, TextStyle::Small));
    for row in &cells {
        numbers.iter_mut().zip(row).for_each(|(column, cell)| *column = column.max(width(cell, TextStyle::Body)));
    }
    // The names share what the numbers leave over.
    let gap = ui.spacing().item_spacing.x;
    let mut names: Vec<(String, Vec<String>)> = Vec::new();
    if lines.iter().any(|line| line.run.is_some()) {
        // A run is named in the first of its lines.
        let is_first = |at: usize| at == 0 || lines[at - 1].run != lines[at].run;
        let named = |(at, line): (usize, &Line)| line.run.clone().filter(|_| is_first(at)).unwrap_or_default();
        names.push((scene.say("runs-name"), lines.iter().enumerate().map(named).collect()));
    }
    names.push((scene.say("other-tests-test-name"), lines.iter().map(|line| line.test.clone()).collect()));
    let left = ui.available_width() - numbers.iter().map(|width| width + gap).sum::<f32>();
    let room = (left / names.len() as f32 - gap).clamp(NAME, MOST_NAME);
    let columns: Vec<f32> = names.iter().map(|_| room).chain(numbers).collect();
    let font = TextStyle::Body.resolve(ui.style());
    let fitted = |(at, (_, names)): (usize, &(String, Vec<String>))| {
        theme::fitted_names(ui, &format!("other tests {at}"), names, &font, room - 1.0)
    };
    let shown: Vec<_> = names.iter().enumerate().map(fitted).collect();
    theme::scroll_by_columns(ui, "other tests across", &columns, gap, |ui| {
        theme::table(ui, "other tests", columns.iter().copied().map(theme::fixed))
            .min_scrolled_height(0.0)
            .header(HEADER, |mut header| {
                for (head, _) in &names {
                    header.col(|ui| {
                        ui.label(theme::small_muted(ui, head));
                    });
                }
                for head in &heads {
                    header.col(|ui| {
                        ui.with_layout(theme::of_column(1), |ui| ui.label(theme::small_muted(ui, head)));
                    });
                }
            })
            .body(|body| {
                body.rows(ROW, lines.len(), |mut row| {
                    let at = row.index();
                    for ((_, whole), shown) in names.iter().zip(&shown) {
                        row.col(|ui| {
                            theme::shown_name(ui, &shown[at], &whole[at]);
                        });
                    }
                    let warnings = lines[at].warnings.join("\n");
                    for (column, text) in cells[at].iter().enumerate() {
                        row.col(|ui| {
                            ui.with_layout(theme::of_column(1), |ui| {
                                let cell = ui.label(text);
                                if column == ACCURACY && !warnings.is_empty() {
                                    let told = format!("{text}\n{warnings}");
                                    cell.widget_info(|| WidgetInfo::labeled(Role::Label, true, &told));
                                }
                            });
                        });
                    }
                    let decided = lines[at].beside.map(|(_, (low, high))| low > 0.0 || high < 0.0);
                    let id = match decided {
                        None => "other-tests-own-hover",
                        Some(true) => "other-tests-decided",
                        Some(false) => "other-tests-undecided",
                    };
                    let told = scene.say(id);
                    let told = if warnings.is_empty() { told } else { format!("{told}\n{warnings}") };
                    row.response().on_hover_text(told);
                });
            });
    });
}

/// Puts a mark on a number that something is said against.
pub fn marked(number: String, warnings: &[String]) -> String {
    if warnings.is_empty() { number } else { format!("{number} *") }
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
    let accuracy = marked(percent(line.accuracy), &line.warnings);
    [numbers::count(line.rows as usize), accuracy, interval, beside.unwrap_or_default()]
}

fn export(scene: &Scene<'_>, lines: &[Line]) -> Table {
    let heads = [
        "runs-name",
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
        let mut row = vec![line.run.clone().unwrap_or_default(), line.test.clone(), line.rows.to_string()];
        row.extend([line.accuracy, low, high].map(number));
        let (difference, (low, high)) = line.beside.unwrap_or((f64::NAN, (f64::NAN, f64::NAN)));
        row.extend([difference, low, high].map(|x| if x.is_nan() { String::new() } else { number(x) }));
        table.rows.push(row);
    }
    table
}
