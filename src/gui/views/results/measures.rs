//! This page of Results has the measures in which no class hides another one, and the intervals of each class.

use eframe::egui::{self, Label, Rect, Ui, pos2, vec2};

use crate::domain::message::TestEvaluated;
use crate::domain::metrics::ClassReport;
use crate::words::{Catalogue, numbers};

use super::super::super::save_plot::{self, Table, number};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::per_class::whole_rows;

const LEAST: egui::Vec2 = vec2(460.0, 300.0);
const HEAD: f32 = 132.0;
/// In a narrower page the figures stand in two lines.
const NARROW: f32 = 620.0;
const MORE: f32 = 52.0;
const HEADER: f32 = 24.0;
const ROW: f32 = 26.0;
const COLUMNS: [&str; 4] = ["results-label", "results-precision", "results-recall", "results-support"];

pub fn measures_ui(ui: &mut Ui, rect: Rect, test: &TestEvaluated, scene: &mut Scene<'_>) {
    theme::at_least(ui, rect, LEAST, "results measures", |ui, rect| {
        let height = HEAD + if rect.width() < NARROW { MORE } else { 0.0 };
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), height));
        theme::card_at(ui, head, |ui| figures_ui(ui, test, scene));
        let tall = 60.0 + (ROW + 8.0) * (test.labels.len() as f32 + 1.0);
        let below = head.bottom() + space::S;
        let body = Rect::from_min_max(pos2(rect.left(), below), pos2(rect.right(), rect.bottom().min(below + tall)));
        theme::card_at(ui, body, |ui| classes_ui(ui, test, scene));
    });
}

fn figures_ui(ui: &mut Ui, test: &TestEvaluated, scene: &Scene<'_>) {
    theme::heading_row(ui, &scene.say("results-measures"), Some(&scene.hint("results-measures")), |_| {});
    let scores = &scene.state.run.results.scores;
    let measures = scores.latest().map(|scores| scores.measures);
    let undefined = scene.say("measure-undefined");
    let shown = |value: Option<f64>| value.map_or_else(|| undefined.clone(), numbers::ratio);
    // It comes from the probabilities, which are computed when they are first asked for.
    let auc = measures.map_or_else(|| "…".to_owned(), |measures| shown(measures.roc_auc));
    let figures: [(&'static str, String); 4] = [
        ("measure-balanced-accuracy", shown(test.confusion.balanced_accuracy())),
        ("measure-mcc", shown(test.confusion.matthews())),
        ("measure-macro-f1", numbers::ratio(test.macro_f1)),
        ("measure-roc-auc", auc),
    ];
    let columns = if ui.available_width() < NARROW - 24.0 { 2 } else { 4 };
    for figures in figures.chunks(columns) {
        ui.columns(columns, |uis| {
            for (ui, &(id, ref value)) in uis.iter_mut().zip(figures) {
                ui.spacing_mut().item_spacing.y = 2.0;
                let name = theme::small_muted(ui, scene.say(id));
                ui.add(Label::new(name).truncate()).on_hover_text(scene.hint(id));
                ui.label(theme::title(value)).on_hover_text(scene.hint(id));
            }
        });
    }
    let line = if let Some(problem) = scores.failed() {
        scene.words.sentence(problem)
    } else {
        let empty = test.per_class.iter().find(|class| class.support == 0);
        let note = |class: &ClassReport| scene.say_with("measure-auc-needs-rows", &[("label", &class.label)]);
        empty.map_or_else(|| scene.say("results-measures-note"), note)
    };
    ui.add(Label::new(theme::small_muted(ui, &line)).truncate()).on_hover_text(line);
}

/// Writes a measure with its interval: `0.8123 (0.7811–0.8402)`.
fn with_interval(value: f64, (low, high): (f64, f64)) -> String {
    format!("{} ({}–{})", numbers::ratio(value), numbers::ratio(low), numbers::ratio(high))
}

fn classes_ui(ui: &mut Ui, test: &TestEvaluated, scene: &mut Scene<'_>) {
    let (card, title) = (theme::card_around(ui), scene.say("results-intervals"));
    theme::heading_row(ui, &title, Some(&scene.hint("results-intervals")), |ui| {
        save_plot::table_buttons(ui, scene, &title, card, |scene| as_table(test, scene.words));
    });
    let intervals = test.confusion.class_intervals();
    let wide = theme::text_width(ui, &with_interval(0.0, (0.0, 0.0)), egui::TextStyle::Body).ceil() + 2.0;
    let most = test.per_class.iter().map(|class| class.support).max().unwrap_or(0);
    let rows = theme::text_width(ui, &numbers::count(most as usize), egui::TextStyle::Body).ceil().max(40.0);
    let columns = [theme::wide(50.0), theme::fixed(wide), theme::fixed(wide), theme::fixed(rows)];
    let height = whole_rows(ui);
    theme::table(ui, "class intervals", columns)
        .min_scrolled_height(0.0)
        .max_scroll_height(height)
        .header(HEADER, |mut header| {
            for (i, id) in COLUMNS.into_iter().enumerate() {
                header.col(|ui| {
                    ui.with_layout(theme::of_column(i), |ui| {
                        ui.label(theme::small_muted(ui, scene.say(id))).on_hover_text(scene.hint(id));
                    });
                });
            }
        })
        .body(|body| {
            body.rows(ROW, test.per_class.len(), |mut row| {
                let (class, interval) = (&test.per_class[row.index()], intervals[row.index()]);
                let others = test.labels.iter().map(String::as_str);
                row.col(|ui| drop(theme::cut_among(ui, &class.label, others, false)));
                for text in [
                    with_interval(class.precision, interval.precision),
                    with_interval(class.recall, interval.recall),
                    numbers::count(class.support as usize),
                ] {
                    row.col(|ui| {
                        ui.with_layout(theme::of_column(1), |ui| ui.label(text));
                    });
                }
            });
        });
}

fn as_table(test: &TestEvaluated, words: &Catalogue) -> Table {
    let (low, high) = (words.say("measure-low"), words.say("measure-high"));
    let [label, precision, recall, support] = COLUMNS.map(|id| words.say(id));
    let bounds = |name: &str| [name.to_owned(), format!("{name}, {low}"), format!("{name}, {high}")];
    let measures = [bounds(&precision), bounds(&recall)].concat();
    let mut table = Table::new([label].into_iter().chain(measures).chain([support]));
    for (class, interval) in test.per_class.iter().zip(test.confusion.class_intervals()) {
        let of_precision = [class.precision, interval.precision.0, interval.precision.1];
        let of_recall = [class.recall, interval.recall.0, interval.recall.1];
        let numbers = of_precision.into_iter().chain(of_recall).map(number);
        let row = [class.label.clone()].into_iter().chain(numbers).chain([class.support.to_string()]);
        table.rows.push(row.collect());
    }
    table
}
