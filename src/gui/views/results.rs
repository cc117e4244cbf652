//! Results shows how good the trained model is on rows that it has never seen.

use eframe::egui::{self, Align, Layout, Rect, RichText, Sense, Stroke, Ui, Vec2, pos2, vec2};
use egui_extras::{Column, TableBuilder};

use crate::app::action::Action;
use crate::app::run::RunAction;
use crate::app::run::RunPhase;
use crate::app::state::AppState;
use crate::domain::message::{RunOutcome, TestEvaluated};
use crate::domain::metrics::wilson_interval;
use crate::words::{Catalogue, Fill, Number, numbers, shared};

use super::super::matrix::Matrix;
use super::super::save_plot::{self, Table};
use super::super::theme::{self, space};
use super::live::{empty_note, matrix_heading, matrix_table, run_in_a_line};
use super::proof::proof_ui;
use super::verdict;

/// In a narrower card the interval stands below the accuracy instead of beside it.
const NARROW: f32 = 360.0;
const LEAST: Vec2 = vec2(460.0, 440.0);

pub fn results_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let all = ui.available_rect_before_wrap();
    let Some(test) = &state.run.shown.history.test else {
        return theme::card_at(ui, all, |ui| missing_ui(ui, state, words, actions));
    };
    theme::at_least(ui, all, LEAST, "results", |ui, rect| cards_ui(ui, rect, test, state, words, actions));
}

/// Draws the accuracy and the run above, and the classes and the matrix below.
fn cards_ui(
    ui: &mut Ui,
    rect: Rect,
    test: &TestEvaluated,
    state: &AppState,
    words: &Catalogue,
    actions: &mut Vec<Action>,
) {
    let half = (rect.width() - space::S) / 2.0;
    let head_height = if half < NARROW { 236.0 } else { 200.0 };
    let below = rect.top() + head_height + space::S;
    let column = |i: f32| rect.left() + i * (half + space::S);
    let head = |i| Rect::from_min_size(pos2(column(i), rect.top()), vec2(half, head_height));
    // A few classes do not need tall cards.
    let tall = 96.0 + 104.0 * test.labels.len() as f32;
    let verdict = verdict::lines(state, test, words);
    let strip = if verdict.is_empty() { 0.0 } else { space::S + verdict_height(ui, &verdict, rect.width()) };
    let bottom = (rect.bottom() - strip).min(below + tall);
    if strip > 0.0 {
        let rect = Rect::from_min_size(pos2(rect.left(), bottom + space::S), vec2(rect.width(), strip - space::S));
        theme::card_at(ui, rect, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for line in &verdict {
                ui.add(egui::Label::new(line.as_str()).wrap());
            }
        });
    }
    let body = |i| Rect::from_min_max(pos2(column(i), below), pos2(column(i) + half, bottom));
    theme::card_at(ui, head(0.0), |ui| accuracy_ui(ui, test, words));
    theme::card_at(ui, head(1.0), |ui| run_ui(ui, state, words, actions));
    theme::card_at(ui, body(0.0), |ui| table_ui(ui, test, words, actions));
    theme::card_at(ui, body(1.0), |ui| {
        let title = words.say("matrix-heading");
        let rows = test.confusion.rows();
        let subtitle = words.say_with("matrix-of-test", &[("rows", &rows)]);
        let hover = words.say("matrix-hover");
        let table = Some(matrix_table(&test.labels, &test.confusion, words));
        matrix_heading(ui, &title, &hover, Some(&subtitle), state, table, words, actions);
        let title = format!("{title}, {subtitle}");
        let (labels, confusion) = (&test.labels, &test.confusion);
        let zoomed = state.run.matrix_zoomed;
        Matrix { id: "test-matrix", labels, confusion, less: None, zoomed, title: &title }.show(ui, words);
    });
}

/// Returns the height of a card with these sentences.
fn verdict_height(ui: &Ui, lines: &[String], width: f32) -> f32 {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let height = |line: &String| {
        ui.painter().layout(line.clone(), font.clone(), egui::Color32::PLACEHOLDER, width - 26.0).size().y + 2.0
    };
    lines.iter().map(height).sum::<f32>() + 18.0
}

/// Says why there are no test numbers and what can be done about it.
fn missing_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let kept =
        state.run.shown.history.ended.as_ref().filter(|e| e.outcome != RunOutcome::Failed && e.run_dir.is_some());
    let id = match state.run.shown.phase {
        _ if state.run.is_evaluating() => "results-evaluating",
        RunPhase::Idle => "results-empty",
        RunPhase::Ended if kept.is_some() => return untested_ui(ui, state, words, actions),
        RunPhase::Ended => "results-failed",
        _ => "results-later",
    };
    empty_note(ui, &words.say(id));
}

/// Offers to evaluate the saved model of a run that was stopped before its test.
fn untested_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let step = state.run.shown.history.steps.last().map_or(0, |s| s.step);
    let total = state.run.shown.history.started.as_ref().map_or(0, |s| s.total_steps);
    theme::heading_row(ui, &words.say("results-untested"), None, |_| {});
    ui.label(words.say_with("results-stopped", &[("step", &step), ("total", &total)]));
    ui.horizontal(|ui| {
        if ui.button(words.say("results-evaluate")).on_hover_text(words.hint("results-evaluate")).clicked() {
            actions.push(Action::Run(RunAction::Evaluate));
        }
    });
    if let Some(proof) = &state.run.shown.history.proof {
        ui.add_space(space::M);
        proof_ui(ui, proof, words);
    }
}

fn accuracy_ui(ui: &mut Ui, test: &TestEvaluated, words: &Catalogue) {
    let rows = test.confusion.rows();
    let (low, high) = wilson_interval(test.confusion.correct(), rows);
    let majority = test.confusion.majority_accuracy();
    theme::heading_row(ui, &words.say("results-accuracy"), None, |_| {});
    ui.spacing_mut().item_spacing.y = space::XS;
    let figure = |ui: &mut Ui| {
        let text = RichText::new(numbers::ratio(test.accuracy)).text_style(theme::figure_style());
        ui.label(text).on_hover_text(words.hint("results-accuracy"));
    };
    let context = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let interval =
            words.say_with("results-interval", &[("low", &Number::Ratio(low)), ("high", &Number::Ratio(high))]);
        ui.label(interval).on_hover_text(words.hint("results-interval"));
        let majority = words.say_with("results-majority", &[("value", &Number::Ratio(majority))]);
        ui.label(theme::muted(ui, majority)).on_hover_text(words.hint("results-majority"));
    };
    if ui.available_width() < NARROW - 24.0 {
        figure(ui);
        context(ui);
    } else {
        ui.horizontal(|ui| {
            figure(ui);
            ui.add_space(space::S);
            ui.vertical(|ui| {
                ui.add_space(space::XS);
                context(ui);
            });
        });
    }
    scale_ui(ui, test.accuracy, (low, high), majority, words);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let mut fact = |id: &'static str, value: &dyn Fill| {
            ui.label(theme::small_muted(ui, words.say_with(id, &[("value", value)]))).on_hover_text(words.hint(id));
        };
        fact("results-macro-f1", &Number::Ratio(test.macro_f1));
        fact("results-loss", &Number::Ratio(test.loss));
        fact("results-rows", &rows);
    });
}

/// Draws a scale from 0 to 1 with the accuracy, its interval, and a mark for the majority class.
fn scale_ui(ui: &mut Ui, accuracy: f64, interval: (f64, f64), majority: f64, words: &Catalogue) {
    let p = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    let x = |share: f64| egui::lerp(rect.left() + 6.0..=rect.right() - 6.0, share as f32);
    let y = rect.center().y;
    let painter = ui.painter();
    painter.hline(x(0.0)..=x(1.0), y, Stroke::new(4.0, p.well));
    painter.hline(x(interval.0)..=x(interval.1), y, Stroke::new(4.0, theme::mix(p.card, p.validation_curve, 0.5)));
    painter.circle_filled(pos2(x(accuracy), y), 6.0, p.validation_curve);
    painter.vline(x(majority), y - 8.0..=y + 8.0, Stroke::new(2.0, p.muted));
    response.on_hover_text(
        words.say_with(
            "results-scale",
            &[("accuracy", &Number::Ratio(accuracy)), ("majority", &Number::Ratio(majority))],
        ),
    );
}

fn run_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let run = &state.run.shown;
    theme::heading_row(ui, &words.say("results-run"), None, |_| {});
    ui.spacing_mut().item_spacing.y = space::XS;
    let freeze = shared::freezing(words, &run.config.freeze);
    let line = run_in_a_line(&run.config.training, run.config.learning_rate(), &freeze, words);
    ui.add(egui::Label::new(line).truncate());
    if let Some(ended) = &run.history.ended {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            let secs = Number::Clock(ended.train_secs);
            ui.label(theme::small_muted(ui, words.say_with("results-train-time", &[("value", &secs)])));
            if ended.peak_memory_bytes > 0 {
                let memory = Number::Bytes(ended.peak_memory_bytes);
                ui.label(theme::small_muted(ui, words.say_with("results-memory", &[("value", &memory)])));
            }
        });
        if ended.outcome == RunOutcome::Stopped {
            ui.label(theme::small_muted(ui, words.say("results-of-stopped")));
        }
    }
    if let Some(proof) = &run.history.proof {
        proof_ui(ui, proof, words);
    }
    if let Some(folder) = &state.run.last_dir {
        ui.add_space(space::XS);
        let path = folder.display().to_string();
        ui.add(egui::Label::new(theme::small_muted(ui, &path)).truncate()).on_hover_text(path);
        if ui.button(words.say("results-open-folder")).on_hover_text(words.hint("results-open-folder")).clicked() {
            actions.push(Action::Run(RunAction::OpenFolder));
        }
    }
}

fn table_ui(ui: &mut Ui, test: &TestEvaluated, words: &Catalogue, actions: &mut Vec<Action>) {
    let columns = ["results-label", "results-precision", "results-recall", "results-f1", "results-support"];
    let names = columns.map(|id| words.say(id));
    let card = theme::card_around(ui);
    theme::heading_row(ui, &words.say("results-per-class"), Some(&words.hint("results-per-class")), |ui| {
        let title = words.say("results-per-class");
        actions.extend(save_plot::button(ui, words, &title, card, || as_table(test, &names, words)));
        if theme::link_button(ui, &words.say("results-copy")).on_hover_text(words.hint("results-copy")).clicked() {
            ui.copy_text(as_table(test, &names, words).as_tabbed_text());
        }
    });
    let is_narrow = ui.available_width() < 300.0;
    if is_narrow {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.style_mut().override_text_style = Some(egui::TextStyle::Small);
    }
    let number_width = ((ui.available_width() - 96.0) / 4.0).clamp(40.0, 76.0);
    TableBuilder::new(ui)
        .id_salt("per-class")
        .striped(true)
        .auto_shrink(false)
        .column(Column::remainder().at_least(60.0).clip(true))
        .columns(Column::exact(number_width).clip(true), 4)
        .cell_layout(Layout::left_to_right(Align::Center))
        .header(24.0, |mut header| {
            for (i, (name, column)) in names.iter().zip(columns).enumerate() {
                header.col(|ui| {
                    let layout = if i == 0 {
                        Layout::left_to_right(Align::Center)
                    } else {
                        Layout::right_to_left(Align::Center)
                    };
                    ui.with_layout(layout, |ui| {
                        ui.label(theme::small_muted(ui, name)).on_hover_text(words.hint(column));
                    });
                });
            }
        })
        .body(|body| {
            body.rows(26.0, test.per_class.len(), |mut row| {
                let class = &test.per_class[row.index()];
                row.col(|ui| {
                    ui.add(egui::Label::new(&class.label).truncate()).on_hover_text(&class.label);
                });
                let numbers = [class.precision, class.recall, class.f1].map(numbers::ratio);
                for number in numbers.into_iter().chain([numbers::count(class.support as usize)]) {
                    row.col(|ui| {
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(number));
                    });
                }
            });
        });
}

/// Returns the measures of the classes and, below them, those of the whole test.
fn as_table(test: &TestEvaluated, names: &[String], words: &Catalogue) -> Table {
    let mut table = Table::new(names.iter().cloned());
    for c in &test.per_class {
        let numbers = [c.precision, c.recall, c.f1].map(save_plot::number);
        table.rows.push([c.label.clone()].into_iter().chain(numbers).chain([c.support.to_string()]).collect());
    }
    table.rows.push(Vec::new());
    for (id, value) in [("results-accuracy", test.accuracy), ("compare-f1", test.macro_f1)] {
        table.rows.push(vec![words.say(id), save_plot::number(value)]);
    }
    table
}
