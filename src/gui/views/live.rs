//! Live shows a run as it happens: loss and accuracy, the newest confusion matrix, learning rate or gradient norm, and
//! where the run is.

use eframe::egui::{Align, Layout, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::app::run::RunAction;
use crate::domain::coach::AdvicePlace;
use crate::domain::config::TrainingConfig;
use crate::domain::metrics::Confusion;
use crate::words::{Catalogue, Number};

use super::super::matrix::{self, Matrix};
use super::super::notices;
use super::super::save_plot::{self, Table};
use super::super::term::term_ui;
use super::super::theme::{self, space};
use super::Scene;
use super::live_charts::{Metric, empty_text, metric_ui, side_ui};
use super::status::status_ui;

/// In a smaller space the cards would lose their axes, so the view scrolls instead.
const LEAST: Vec2 = vec2(420.0, 436.0);
const STATUS_HEIGHT: f32 = 40.0;
/// With less room the heading of a matrix leaves out which rows it is of.
const SUBTITLE: f32 = 72.0;

pub fn live_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let all = ui.available_rect_before_wrap();
    let status = Rect::from_min_max(pos2(all.left(), all.bottom() - STATUS_HEIGHT), all.max);
    let charts = Rect::from_min_max(all.min, pos2(all.right(), status.top() - space::S));
    theme::at_least(ui, charts, LEAST, "live", |ui, rect| cards_ui(ui, rect, scene));
    status_ui(ui, status, scene);
    notices::keep_clear(ui, status);
}

/// Draws four cards of the same size.
fn cards_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let gap = Vec2::splat(space::S);
    let card = (rect.size() - gap) / 2.0;
    let at = |column: f32, row: f32| Rect::from_min_size(rect.min + vec2(column, row) * (card + gap), card);
    theme::card_at(ui, at(0.0, 0.0), |ui| metric_ui(ui, scene, Metric::Loss));
    theme::card_at(ui, at(1.0, 0.0), |ui| metric_ui(ui, scene, Metric::Accuracy));
    theme::card_at(ui, at(0.0, 1.0), |ui| matrix_ui(ui, scene));
    theme::card_at(ui, at(1.0, 1.0), |ui| side_ui(ui, scene));
    match scene.state.run.coach.marked {
        Some(AdvicePlace::Loss) => theme::mark(ui, at(0.0, 0.0)),
        Some(AdvicePlace::Matrix) => theme::mark(ui, at(0.0, 1.0)),
        Some(AdvicePlace::LearningRate) => theme::mark(ui, at(1.0, 1.0)),
        Some(AdvicePlace::Data | AdvicePlace::Freeze) | None => {}
    }
}

fn matrix_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let run = &scene.state.run.shown;
    let title = scene.say("matrix-heading");
    let newest = run.history.newest_confusion();
    let labels = run.history.started.as_ref().map(|s| s.labels.as_slice()).unwrap_or_default();
    let subtitle = newest.as_ref().map(|(step, confusion, whole)| {
        let id = if *whole { "matrix-of-validation" } else { "matrix-of-sample" };
        scene.say_with(id, &[("step", step), ("rows", &confusion.rows())])
    });
    let shown: Vec<usize> = (0..labels.len()).collect();
    let matrix = newest.as_ref().map(|(_, confusion, _)| (labels, *confusion, shown.len()));
    matrix_heading(ui, &title, subtitle.as_deref(), matrix, scene);
    match newest {
        Some((_, confusion, _)) => {
            let title = format!("{title}, {}", subtitle.unwrap_or_default());
            let zoomed = scene.state.run.matrix_zoomed;
            let of_all = Matrix::of("live-matrix", labels, confusion, &shown, &title);
            Matrix { zoomed, ..of_all }.show(ui, scene.words);
        }
        None if run.history.trainer.is_some() => empty_note(ui, &scene.say("live-matrix-unknown")),
        None => empty_note(ui, &empty_text(run, scene.words, || scene.say("live-empty-matrix"))),
    }
}

/// Returns a matrix's counts with the true labels down and the predicted ones across.
pub fn matrix_table(labels: &[String], confusion: &Confusion, words: &Catalogue) -> Table {
    let mut table = Table::new(std::iter::once(words.say("matrix-true")).chain(labels.iter().cloned()));
    for (truth, label) in labels.iter().enumerate() {
        let counts = (0..labels.len()).map(|predicted| confusion.count(truth, predicted).to_string());
        table.rows.push(std::iter::once(label.clone()).chain(counts).collect());
    }
    table
}

/// Draws the heading of a card with a matrix, which is given with its labels and the number of those shown. If the cells are too small to read, it has
/// a switch.
pub fn matrix_heading(
    ui: &mut Ui,
    title: &str,
    subtitle: Option<&str>,
    matrix: Option<(&[String], &Confusion, usize)>,
    scene: &mut Scene<'_>,
) {
    let card = theme::card_around(ui);
    ui.horizontal(|ui| {
        let body = ui.max_rect().size() + vec2(0.0, 150.0);
        let names = |ui: &mut Ui, scene: &mut Scene<'_>| {
            let hover = subtitle.map_or_else(String::new, |subtitle| format!("{title}, {subtitle}\n"));
            ui.label(theme::heading(title)).on_hover_text(hover + &scene.say("matrix-hover"));
            term_ui(ui, scene.words, "glossary-confusion-matrix");
            // A word or two of it would say nothing, and screen readers have it with the matrix.
            if let Some(subtitle) = subtitle.filter(|_| ui.available_width() >= SUBTITLE) {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.add(eframe::egui::Label::new(theme::small_muted(ui, subtitle)).truncate());
                });
            }
        };
        let controls = |ui: &mut Ui, scene: &mut Scene<'_>| {
            let classes = matrix.map_or(0, |(.., shown)| shown);
            if classes > 0 && !matrix::is_legible(body.max(LEAST / 2.0), classes) {
                let id = if scene.state.run.matrix_zoomed { "matrix-fit" } else { "matrix-zoom" };
                if theme::link_button(ui, &scene.say(id)).clicked() {
                    scene.act(RunAction::ZoomMatrix(!scene.state.run.matrix_zoomed));
                }
            }
            if let Some((labels, confusion, _)) = matrix {
                save_plot::button(ui, scene, title, card, |scene| matrix_table(labels, confusion, scene.words));
            }
        };
        theme::ends(ui, scene, names, controls);
    });
}

/// Draws what an empty card says.
pub fn empty_note(ui: &mut Ui, text: &str) {
    let rect = ui.available_rect_before_wrap();
    theme::centred_note(ui, rect, text);
    let response = ui.allocate_rect(rect, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
}

/// Says in one line what a run was: freezing, epochs, batch and learning rate.
pub fn run_in_a_line(training: &TrainingConfig, learning_rate: f64, freeze: &str, words: &Catalogue) -> String {
    words.say_with(
        "run-line",
        &[
            ("freeze", &freeze),
            ("epochs", &training.epochs),
            ("batch", &training.batch_text()),
            ("rate", &Number::LearningRate(learning_rate)),
        ],
    )
}
