//! Results shows how good the trained model is on rows that it has never seen.

mod calibration;
mod curves;
mod measures;
mod per_class;

use eframe::egui::{self, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};

use crate::app::explore::{ExploreAction, of_test};
use crate::app::loading::Loading;
use crate::app::run::results::{Cells, Page, ResultsAction};
use crate::app::run::{RunAction, RunPhase};
use crate::domain::message::{RunEnded, RunOutcome, TestEvaluated};
use crate::domain::metrics::scores::RunScores;
use crate::domain::metrics::wilson_interval;
use crate::domain::report::ReportSubject;
use crate::domain::selection::Condition;
use crate::words::{Fill, Number, numbers, shared};

use super::super::matrix::Matrix;
use super::super::problem::problem_ui;
use super::super::report_button;
use super::super::term::term_ui;
use super::super::theme::{self, space};
use super::Scene;
use super::live::{empty_note, matrix_heading, run_in_a_line};
use super::other_tests;
use super::proof::proof_ui;
use super::verdict;

/// In a narrower card the interval stands below the accuracy instead of beside it.
const NARROW: f32 = 360.0;
/// A narrower page scrolls.
const LEAST_WIDTH: f32 = 460.0;
/// The classes and the matrix have at least this height.
const LEAST_BODY: f32 = 196.0;
/// The row with the names of the pages.
const PAGES: f32 = 30.0;

pub fn results_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let all = ui.available_rect_before_wrap();
    let Some(test) = &scene.state.run.shown.history.test else {
        return theme::card_at(ui, all, |ui| missing_ui(ui, scene));
    };
    let head = Rect::from_min_size(all.min, vec2(all.width(), PAGES));
    theme::inside(ui, head, |ui| pages_ui(ui, scene));
    let page = Rect::from_min_max(pos2(all.left(), head.bottom() + space::XS), all.max);
    match scene.state.run.results.page {
        Page::Overview => {
            let width = page.width().max(LEAST_WIDTH);
            let height = head_height(width) + space::S + LEAST_BODY + Verdict::of(ui, test, scene, width).strip;
            theme::at_least(ui, page, vec2(width, height), "results", |ui, rect| cards_ui(ui, rect, test, scene));
        }
        Page::Measures => measures::measures_ui(ui, page, test, scene),
        Page::Curves => curves::curves_ui(ui, page, scene),
        Page::Calibration => calibration::calibration_ui(ui, page, scene),
        Page::OtherTests => other_tests::of_run_ui(ui, page, test, scene),
    }
}

/// Draws the names of the pages, of which the first one is simple and shows what most people ask for.
fn pages_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let shown = scene.state.run.results.page;
        for (page, id) in [
            (Page::Overview, "results-overview"),
            (Page::Measures, "results-measures"),
            (Page::Curves, "results-curves"),
            (Page::Calibration, "results-calibration"),
            (Page::OtherTests, "other-tests"),
        ] {
            let action = RunAction::Results(ResultsAction::Show(page));
            scene.choice(ui, id, shown == page, action).on_hover_text(scene.hint(id));
        }
        let Some(dir) = scene.state.run.last_dir.clone() else { return };
        let can_report = !scene.state.is_running();
        let report = |ui: &mut Ui, scene: &mut Scene<'_>| {
            report_button::button(ui, scene, "report-save", can_report, ReportSubject::Runs(vec![dir]));
        };
        theme::ends(ui, scene, |_, _| {}, report);
    });
}

/// Returns the probabilities of the test rows, or says in a card why there are none.
fn scores_or_note<'a>(ui: &mut Ui, rect: Rect, scene: &Scene<'a>) -> Option<&'a RunScores> {
    let scores = &scene.state.run.results.scores;
    if let Some(scores) = scores.latest() {
        return Some(scores.as_ref());
    }
    theme::card_at(ui, rect, |ui| match scores {
        Loading::Failed(problem) => problem_ui(ui, scene.words, problem, theme::palette(ui).error),
        Loading::Nothing => empty_note(ui, &scene.say("results-scores-later")),
        _ => empty_note(ui, &scene.say("results-scores-coming")),
    });
    None
}

/// The height of the cards above, in a page of this width.
fn head_height(width: f32) -> f32 {
    if (width - space::S) / 2.0 < NARROW { 236.0 } else { 200.0 }
}

/// This card below the numbers says what they mean.
struct Verdict {
    lines: Vec<String>,
    /// The height of its card and of the gap above it; 0 where there is none and none is to come.
    strip: f32,
}

impl Verdict {
    fn of(ui: &Ui, test: &TestEvaluated, scene: &Scene<'_>, width: f32) -> Self {
        let lines = verdict::lines(scene.state, test, scene.words);
        let coming = verdict::coming(scene.state, test, scene.words);
        let is_empty = lines.is_empty() && coming == 0;
        let strip = if is_empty { 0.0 } else { space::S + verdict_height(ui, &lines, coming, width) };
        Self { lines, strip }
    }
}

/// Draws the accuracy and the run above, and the classes and the matrix below.
fn cards_ui(ui: &mut Ui, rect: Rect, test: &TestEvaluated, scene: &mut Scene<'_>) {
    let half = (rect.width() - space::S) / 2.0;
    let head_height = head_height(rect.width());
    let below = rect.top() + head_height + space::S;
    let column = |i: f32| rect.left() + i * (half + space::S);
    let head = |i| Rect::from_min_size(pos2(column(i), rect.top()), vec2(half, head_height));
    // A few classes do not need tall cards.
    let tall = 96.0 + 104.0 * test.labels.len() as f32;
    let Verdict { lines, strip } = Verdict::of(ui, test, scene, rect.width());
    let bottom = (rect.bottom() - strip).min(below + tall);
    if strip > 0.0 {
        let rect = Rect::from_min_size(pos2(rect.left(), bottom + space::S), vec2(rect.width(), strip - space::S));
        theme::card_at(ui, rect, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for line in &lines {
                ui.add(egui::Label::new(line.as_str()).wrap());
            }
        });
    }
    let body = |i| Rect::from_min_max(pos2(column(i), below), pos2(column(i) + half, bottom));
    theme::card_at(ui, head(0.0), |ui| accuracy_ui(ui, test, scene));
    theme::card_at(ui, head(1.0), |ui| run_ui(ui, scene));
    theme::card_at(ui, body(0.0), |ui| per_class::table_ui(ui, test, scene));
    theme::card_at(ui, body(1.0), |ui| matrix_ui(ui, test, scene));
}

fn matrix_ui(ui: &mut Ui, test: &TestEvaluated, scene: &mut Scene<'_>) {
    let (title, classes) = (scene.say("matrix-heading"), &scene.state.run.classes);
    let (shown, marked) = (classes.of_matrix(test), classes.marked);
    let rows = test.confusion.rows();
    let mut subtitle = scene.say_with("matrix-of-test", &[("rows", &rows)]);
    if shown.len() < test.labels.len() {
        let some = [("shown", &shown.len() as &dyn Fill), ("classes", &test.labels.len())];
        subtitle = scene.say_with("matrix-of-some", &some);
    }
    let matrix = (test.labels.as_slice(), &test.confusion, shown.len());
    matrix_heading(ui, &title, Some(&subtitle), Some(matrix), scene);
    if shown.is_empty() {
        return empty_note(ui, &scene.say("results-none-found"));
    }
    cells_ui(ui, scene);
    let title = format!("{title}, {subtitle}");
    let (zoomed, cells) = (scene.state.run.matrix_zoomed, scene.state.run.results.cells);
    let whole = Matrix::of("test-matrix", &test.labels, &test.confusion, &shown, &title);
    let is_clickable = scene.state.run.last_dir.is_some();
    let clicked = Matrix { zoomed, marked, cells, is_clickable, ..whole }.show(ui, scene.words);
    if let Some((truth, predicted)) = clicked {
        let cell = Condition::Cell { label: truth as u32, predicted: predicted as u32 };
        open_rows(scene, cell);
    }
}

/// Leads to the test rows of which this holds.
fn open_rows(scene: &mut Scene<'_>, condition: Condition) {
    scene.act(ExploreAction::OpenScreen(of_test(condition)));
}

/// Draws the switch between counts and shares.
fn cells_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let shown = scene.state.run.results.cells;
        for (cells, id) in [
            (Cells::Counts, "matrix-counts"),
            (Cells::RowShares, "matrix-row-shares"),
            (Cells::ColumnShares, "matrix-column-shares"),
        ] {
            let is_chosen = cells == shown;
            let text = if is_chosen { theme::semibold(scene.say(id)) } else { theme::muted(ui, scene.say(id)) };
            let button = egui::Button::new(text.small()).frame(false).selected(is_chosen);
            if ui.add(button).on_hover_text(scene.hint(id)).clicked() && !is_chosen {
                scene.act(RunAction::Results(ResultsAction::ShowCells(cells)));
            }
        }
    });
}

/// A sentence of a verdict is about so wide on one line.
const SENTENCE: f32 = 975.0;

/// Returns the height of a card with these sentences, and with room for those that are still to come, so that nothing
/// moves when they do.
fn verdict_height(ui: &Ui, lines: &[String], coming: usize, width: f32) -> f32 {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let height = |line: &String| {
        ui.painter().layout(line.clone(), font.clone(), egui::Color32::PLACEHOLDER, width - 26.0).size().y + 2.0
    };
    let row = ui.text_style_height(&egui::TextStyle::Body);
    let usual = (SENTENCE / width.max(1.0)).ceil() * row + 2.0;
    let reserved = (lines.len() + coming) as f32 * usual;
    lines.iter().map(height).sum::<f32>().max(reserved) + 18.0
}

/// Says why there are no test numbers and what can be done about it.
fn missing_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let run = &scene.state.run.shown;
    let is_kept = |ended: &RunEnded| ended.outcome != RunOutcome::Failed && ended.run_dir.is_some();
    let id = match run.phase {
        _ if scene.state.run.is_evaluating() => "results-evaluating",
        RunPhase::Idle => "results-empty",
        RunPhase::Ended if run.history.ended.as_ref().is_some_and(is_kept) => return untested_ui(ui, scene),
        RunPhase::Ended => "results-failed",
        _ => "results-later",
    };
    empty_note(ui, &scene.say(id));
}

/// Offers to evaluate the saved model of a run that was stopped before its test.
fn untested_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let history = &scene.state.run.shown.history;
    let step = history.steps.last().map_or(0, |s| s.step);
    let total = history.started.as_ref().map_or(0, |s| s.total_steps);
    theme::heading_row(ui, &scene.say("results-untested"), None, |_| {});
    ui.label(scene.say_with("results-stopped", &[("step", &step), ("total", &total)]));
    ui.horizontal(|ui| scene.hinted_button(ui, "results-evaluate", true, RunAction::Evaluate));
    if let Some(proof) = &history.proof {
        ui.add_space(space::M);
        proof_ui(ui, proof, scene.words);
    }
}

fn accuracy_ui(ui: &mut Ui, test: &TestEvaluated, scene: &Scene<'_>) {
    let rows = test.confusion.rows();
    let (low, high) = wilson_interval(test.confusion.correct(), rows);
    let majority = test.confusion.majority_accuracy();
    theme::heading_row(ui, &scene.say("results-accuracy"), None, |_| {});
    ui.spacing_mut().item_spacing.y = space::XS;
    let figure = |ui: &mut Ui| {
        let text = RichText::new(numbers::ratio(test.accuracy)).text_style(theme::figure_style());
        ui.label(text).on_hover_text(scene.hint("results-accuracy"));
    };
    let context = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let (low, high) = (Number::Ratio(low), Number::Ratio(high));
        ui.label(scene.say_with("results-interval", &[("low", &low), ("high", &high)]))
            .on_hover_text(scene.hint("results-interval"));
        let majority = scene.say_with("results-majority", &[("value", &Number::Ratio(majority))]);
        ui.label(theme::muted(ui, majority)).on_hover_text(scene.hint("results-majority"));
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
    scale_ui(ui, test.accuracy, (low, high), majority, scene);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let fact = |ui: &mut Ui, id: &'static str, value: &dyn Fill| {
            // A fact that has no room in the line stands in the next one as a whole.
            let fact = egui::Label::new(theme::small_muted(ui, scene.say_with(id, &[("value", value)]))).extend();
            ui.add(fact).on_hover_text(scene.hint(id));
        };
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            fact(ui, "results-macro-f1", &Number::Ratio(test.macro_f1));
            term_ui(ui, scene.words, "glossary-macro-f1");
        });
        fact(ui, "results-loss", &Number::Ratio(test.loss));
        fact(ui, "results-rows", &rows);
    });
}

/// Draws a scale from 0 to 1 with the accuracy, its interval, and a mark for the majority class.
fn scale_ui(ui: &mut Ui, accuracy: f64, interval: (f64, f64), majority: f64, scene: &Scene<'_>) {
    let p = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    let x = |share: f64| egui::lerp(rect.left() + 6.0..=rect.right() - 6.0, share as f32);
    let y = rect.center().y;
    let painter = ui.painter();
    painter.hline(x(0.0)..=x(1.0), y, Stroke::new(4.0, p.well));
    painter.hline(x(interval.0)..=x(interval.1), y, Stroke::new(4.0, theme::mix(p.card, p.validation_curve, 0.5)));
    painter.circle_filled(pos2(x(accuracy), y), 6.0, p.validation_curve);
    painter.vline(x(majority), y - 8.0..=y + 8.0, Stroke::new(2.0, p.muted));
    let (accuracy, majority) = (Number::Ratio(accuracy), Number::Ratio(majority));
    response.on_hover_text(scene.say_with("results-scale", &[("accuracy", &accuracy), ("majority", &majority)]));
}

fn run_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let run = &scene.state.run.shown;
    theme::heading_row(ui, &scene.say("results-run"), None, |_| {});
    ui.spacing_mut().item_spacing.y = space::XS;
    let freeze = shared::freezing(scene.words, &run.config.freeze);
    let line = run_in_a_line(&run.config.training, run.config.learning_rate(), &freeze, scene.words);
    ui.add(egui::Label::new(line).wrap());
    let weights = run.history.started.as_ref().map(|started| (&started.labels, &started.class_weights));
    if let Some(weights) = weights.and_then(|(labels, weights)| shared::class_weights(scene.words, labels, weights)) {
        let hover = format!("{weights}\n{}", scene.hint("class-weights-line"));
        ui.add(egui::Label::new(theme::small_muted(ui, weights)).truncate()).on_hover_text(hover);
    }
    if let Some(ended) = &run.history.ended {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            let time = shared::training_time(scene.words, ended.train_secs, ended.shared_secs);
            let time = theme::small_muted(ui, scene.say_with("results-train-time", &[("value", &time)]));
            ui.add(egui::Label::new(time).extend()).on_hover_text(scene.hint("results-train-time"));
            if ended.peak_memory_bytes > 0 {
                let memory = Number::Bytes(ended.peak_memory_bytes);
                let memory = theme::small_muted(ui, scene.say_with("results-memory", &[("value", &memory)]));
                ui.add(egui::Label::new(memory).extend()).on_hover_text(scene.hint("results-memory"));
            }
        });
        if ended.outcome == RunOutcome::Stopped {
            ui.label(theme::small_muted(ui, scene.say("results-of-stopped")));
        }
    }
    if let Some(proof) = &run.history.proof {
        proof_ui(ui, proof, scene.words);
    }
    if let Some(folder) = &scene.state.run.last_dir {
        ui.add_space(space::XS);
        theme::cut(ui, theme::small_muted(ui, folder.display().to_string()));
        scene.hinted_button(ui, "results-open-folder", true, RunAction::OpenFolder);
    }
}
