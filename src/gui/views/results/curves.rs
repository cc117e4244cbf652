//! This page of Results tells one class from all others at every threshold: the ROC curve, the precision-recall curve and, with
//! two classes, a threshold that moves the matrix and the measures.

use eframe::egui::{self, ComboBox, Id, Label, Rect, Role, Slider, TextStyle, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{HLine, HoverPosition, Line, LineStyle, PlotPoints, Points};

use crate::app::explore::ExploreAction;
use crate::app::run::RunAction;
use crate::app::run::results::{EVEN, ResultsAction, rows_at_threshold};
use crate::domain::metrics::Confusion;
use crate::domain::metrics::ranking::Ranking;
use crate::domain::metrics::scores::RunScores;
use crate::words::{Fill, Number, numbers};

use super::super::super::axis::{GRID_UNIT, Scale, x_axis, y_axis};
use super::super::super::chart;
use super::super::super::legend::BUTTON;
use super::super::super::matrix::Matrix;
use super::super::super::save_plot::{self, Table, number};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::super::live::{empty_note, matrix_table};
use super::scores_or_note;

const LEAST: egui::Vec2 = vec2(460.0, 300.0);
/// The threshold has a strip of this height below the curves.
const STRIP: f32 = 204.0;
const CHOICE: f32 = 28.0;
const MOST_CHOICE: f32 = 280.0;
/// A curve is drawn through at most so many points; a plot has no more pixels.
const MOST_POINTS: usize = 2000;
/// A plot of shares reaches a little beyond 0 and 1, so that the lines there stay whole.
const MARGIN: f64 = 0.02;

pub fn curves_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let Some(scores) = scores_or_note(ui, rect, scene) else { return };
    let has_strip = scores.test.classes == 2;
    let least = LEAST + vec2(0.0, if has_strip { STRIP + space::S } else { 0.0 });
    theme::at_least(ui, rect, least, "results curves", |ui, rect| {
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), CHOICE));
        theme::inside(ui, head, |ui| class_ui(ui, scores, scene));
        let strip = if has_strip { STRIP + space::S } else { 0.0 };
        let top = head.bottom() + space::XS;
        let half = (rect.width() - space::S) / 2.0;
        let column = |i: f32| rect.left() + i * (half + space::S);
        let plot = |i| Rect::from_min_max(pos2(column(i), top), pos2(column(i) + half, rect.bottom() - strip));
        theme::card_at(ui, plot(0.0), |ui| curve_ui(ui, scores, Curve::Roc, scene));
        theme::card_at(ui, plot(1.0), |ui| curve_ui(ui, scores, Curve::PrecisionRecall, scene));
        if has_strip {
            let below =
                |i| Rect::from_min_max(pos2(column(i), rect.bottom() - STRIP), pos2(column(i) + half, rect.bottom()));
            theme::card_at(ui, below(0.0), |ui| threshold_ui(ui, scores, scene));
            theme::card_at(ui, below(1.0), |ui| matrix_ui(ui, scores, scene));
        }
    });
}

/// Draws the choice of the class that is told from all others.
fn class_ui(ui: &mut Ui, scores: &RunScores, scene: &mut Scene<'_>) {
    ui.horizontal(|ui| {
        let label = ui.label(theme::small_muted(ui, scene.say("results-class")));
        let label = label.on_hover_text(scene.hint("results-class"));
        let (chosen, width) = (scene.state.run.results.class, (ui.available_width() - 8.0).min(MOST_CHOICE));
        let icon = ui.spacing().icon_width + ui.spacing().icon_spacing + 2.0 * ui.spacing().button_padding.x;
        let font = TextStyle::Button.resolve(ui.style());
        let shown = theme::fitted_names(ui, "results class", &scores.labels, &font, width - icon - 2.0);
        let combo = ComboBox::from_id_salt("results class").width(width).truncate();
        let response = combo.selected_text(shown.get(chosen).cloned().unwrap_or_default()).show_ui(ui, |ui| {
            for (class, name) in scores.labels.iter().enumerate() {
                if ui.selectable_label(class == chosen, name).clicked() {
                    scene.act(RunAction::Results(ResultsAction::ChooseClass(class)));
                }
            }
        });
        response.response.labelled_by(label.id).on_hover_text(scores.labels[chosen].as_str());
    });
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Curve {
    Roc,
    PrecisionRecall,
}

impl Curve {
    /// The ids of its title and of the names of its axes.
    const fn ids(self) -> [&'static str; 3] {
        match self {
            Self::Roc => ["curve-roc", "curve-false-positives", "curve-true-positives"],
            Self::PrecisionRecall => ["curve-precision-recall", "curve-recall", "curve-precision"],
        }
    }

    /// The points as (x, y, threshold).
    fn points(self, ranking: &Ranking) -> Vec<[f64; 3]> {
        match self {
            Self::Roc => {
                let points = ranking.roc_curve().into_iter();
                points.map(|point| [point.false_positive_rate, point.true_positive_rate, point.threshold]).collect()
            }
            Self::PrecisionRecall => {
                let points = ranking.precision_recall_curve().into_iter();
                points.map(|point| [point.recall, point.precision, point.threshold]).collect()
            }
        }
    }

    fn area(self, ranking: &Ranking) -> Option<f64> {
        match self {
            Self::Roc => ranking.roc_auc(),
            Self::PrecisionRecall => ranking.average_precision(),
        }
    }

    /// Returns where two classes at a threshold stand on it.
    fn place(self, matrix: &Confusion) -> Option<[f64; 2]> {
        let predicted = matrix.predicted();
        let (hits, alarms) = (matrix.count(1, 1) as f64, matrix.count(0, 1) as f64);
        let recall = hits / matrix.support(1) as f64;
        let place = match self {
            Self::Roc => [alarms / matrix.support(0) as f64, recall],
            Self::PrecisionRecall => [recall, hits / predicted[1] as f64],
        };
        place.iter().all(|x| x.is_finite()).then_some(place)
    }
}

/// Returns those of very many points that stand evenly apart in their order, and both ends.
fn thinned(points: &[[f64; 3]]) -> Vec<[f64; 2]> {
    let stride = points.len().div_ceil(MOST_POINTS).max(1);
    let kept = points.iter().step_by(stride).chain(points.last().filter(|_| stride > 1));
    kept.map(|[x, y, _]| [*x, *y]).collect()
}

/// Average precision is the area below steps: precision holds from a point's recall down to the next one's.
fn stepped(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let between = points.windows(2).flat_map(|pair| [pair[0], [pair[1][0], pair[0][1]]]);
    between.chain(points.last().copied()).collect()
}

fn curve_ui(ui: &mut Ui, scores: &RunScores, curve: Curve, scene: &mut Scene<'_>) {
    let [title_id, x_id, y_id] = curve.ids();
    let results = &scene.state.run.results;
    let class = results.class;
    let (title, label) = (scene.say(title_id), scores.labels[class].clone());
    let ranking = results.ranking.clone();
    let area = ranking.as_ref().and_then(|ranking| curve.area(ranking));
    let told = match (area, curve) {
        (Some(area), Curve::Roc) => scene.say_with("curve-auc", &[("value", &Number::Ratio(area))]),
        (Some(area), Curve::PrecisionRecall) => scene.say_with("curve-average", &[("value", &Number::Ratio(area))]),
        (None, _) => scene.say("measure-undefined"),
    };
    let points = ranking.as_ref().map(|ranking| curve.points(ranking)).unwrap_or_default();
    let card = theme::card_around(ui);
    let names = [x_id, y_id].map(|id| scene.say(id));
    let headers = [scene.say("curve-threshold"), names[0].clone(), names[1].clone()];
    // The area is never cut: where it has no room beside the title, it has a line of its own.
    let beside = [(&title, TextStyle::Heading), (&told, TextStyle::Small)]
        .map(|(text, style)| theme::text_width(ui, text, style) + 2.0 * ui.spacing().item_spacing.x);
    let is_beside = beside.iter().sum::<f32>() + BUTTON.x <= ui.available_width();
    theme::heading_row(ui, &title, Some(&scene.hint(title_id)), |ui| {
        let buttons = |ui: &mut Ui, scene: &mut Scene<'_>| {
            save_plot::button(ui, scene, &title, card, |_| {
                let mut table = Table::new(headers);
                // The place where no row is taken for the class has no threshold.
                let cell = |x: f64| if x.is_finite() { number(x) } else { String::new() };
                table.rows = points.iter().map(|[x, y, t]| vec![cell(*t), cell(*x), cell(*y)]).collect();
                table
            });
            if is_beside {
                ui.add(Label::new(theme::small_muted(ui, &told)).extend());
            }
        };
        theme::ends(ui, scene, |_, _| {}, buttons);
    });
    if !is_beside {
        ui.add(Label::new(theme::small_muted(ui, &told)).wrap());
    }
    if points.is_empty() || area.is_none() {
        return empty_note(ui, &scene.say_with("curve-needs-rows", &[("label", &label)]));
    }
    let p = theme::palette(ui);
    let thick = theme::thickness(ui);
    let [x_name, y_name] = names.clone();
    let hover = move |at: &HoverPosition<'_>| {
        let HoverPosition::NearDataPoint { position, .. } = at else { return None };
        Some(format!("{x_name} {}\n{y_name} {}", numbers::ratio(position.x), numbers::ratio(position.y)))
    };
    let x_axis = x_axis(ui, &names[0]).formatter(|mark, shown| Scale::Even.tick(mark, shown));
    let y_axis = y_axis(ui, &names[1]).formatter(|mark, shown| Scale::Even.tick(mark, shown));
    let drawn = thinned(&points);
    let drawn = if curve == Curve::Roc { drawn } else { stepped(&drawn) };
    let share = ranking.map_or(0.0, |ranking| ranking.share());
    // The threshold is one for the second class.
    let place = results.at_threshold.as_ref().filter(|_| class == 1).and_then(|matrix| curve.place(matrix));
    let id = Id::unique(("results curve", curve));
    chart::settle(ui, id);
    let response = chart::plot(ui, x_axis, y_axis)
        .id(id)
        .show_crosshair(false)
        .default_x_bounds(-MARGIN, 1.0 + MARGIN)
        .default_y_bounds(-MARGIN, 1.0 + MARGIN)
        .auto_bounds(false)
        .label_formatter(hover)
        .x_grid_spacer(|input| Scale::Even.marks(input, 48.0 / GRID_UNIT, 0.0))
        .y_grid_spacer(|input| Scale::Even.marks(input, 30.0 / GRID_UNIT, 0.0))
        .show(ui, |plot| {
            let dashed = egui::Stroke::new(1.0, p.outline);
            if curve == Curve::Roc {
                let line = Line::new("", PlotPoints::new(vec![[0.0, 0.0], [1.0, 1.0]])).stroke(dashed);
                plot.line(line.style(LineStyle::dashed_dense()).allow_hover(false));
            } else {
                let line = HLine::new("", share).stroke(dashed).style(LineStyle::dashed_dense());
                plot.hline(line.allow_hover(false));
            }
            plot.line(Line::new("curve", PlotPoints::new(drawn)).color(p.validation_curve).width(2.0 * thick));
            if let Some(place) = place {
                let mark = Points::new("threshold", PlotPoints::new(vec![place])).radius(5.0 * thick);
                plot.points(mark.color(p.trainable));
            }
        })
        .response;
    let summary = scene.say_with("curve-summary", &[("title", &title), ("label", &label), ("area", &told)]);
    response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, &summary));
}

/// In a narrower card the measures at the threshold are small.
const NARROW: f32 = 280.0;

/// Draws the threshold of the second class, and what it makes of the measures.
fn threshold_ui(ui: &mut Ui, scores: &RunScores, scene: &mut Scene<'_>) {
    let results = &scene.state.run.results;
    let was = results.threshold;
    theme::heading_row(ui, &scene.say("results-threshold"), Some(&scene.hint("results-threshold")), |ui| {
        let back = |ui: &mut Ui, scene: &mut Scene<'_>| {
            if was != EVEN && theme::link_button(ui, &scene.say("results-threshold-even")).clicked() {
                scene.act(RunAction::Results(ResultsAction::SetThreshold(EVEN)));
            }
        };
        theme::ends(ui, scene, |_, _| {}, back);
    });
    ui.spacing_mut().item_spacing.y = space::XS;
    let name = scene.say_with("results-threshold-of", &[("label", &scores.labels[1])]);
    let label = ui.add(Label::new(theme::small_muted(ui, &name)).truncate()).on_hover_text(&name);
    theme::slider_look(ui, theme::palette(ui).card);
    ui.spacing_mut().slider_width = (ui.available_width() - 64.0).max(60.0);
    let mut threshold = was;
    let slider = Slider::new(&mut threshold, 0.0..=1.0).step_by(0.01).fixed_decimals(2);
    if ui.add(slider).labelled_by(label.id).changed() {
        scene.act(RunAction::Results(ResultsAction::SetThreshold(threshold)));
    }
    let Some(matrix) = &results.at_threshold else { return };
    let class = matrix.per_class(&scores.labels).swap_remove(1);
    let shown = |value: Option<f64>| value.map_or_else(|| scene.say("measure-undefined"), numbers::ratio);
    ui.add_space(space::XS);
    let style = if ui.available_width() < NARROW { TextStyle::Small } else { TextStyle::Body };
    egui::Grid::new("threshold measures").num_columns(4).spacing(vec2(space::S, 2.0)).show(ui, |ui| {
        let figures: [(&'static str, String); 6] = [
            ("measure-accuracy", numbers::ratio(matrix.accuracy())),
            ("results-precision", numbers::ratio(class.precision)),
            ("measure-balanced", shown(matrix.balanced_accuracy())),
            ("results-recall", numbers::ratio(class.recall)),
            ("measure-mcc-short", shown(matrix.matthews())),
            ("results-f1", numbers::ratio(class.f1)),
        ];
        for (i, (id, value)) in figures.into_iter().enumerate() {
            ui.label(theme::small_muted(ui, scene.say(id))).on_hover_text(scene.hint(id));
            ui.label(egui::RichText::new(value).text_style(style.clone()));
            if i % 2 == 1 {
                ui.end_row();
            }
        }
    });
}

fn matrix_ui(ui: &mut Ui, scores: &RunScores, scene: &mut Scene<'_>) {
    let results = &scene.state.run.results;
    let Some(matrix) = &results.at_threshold else { return };
    let at: [(&str, &dyn Fill); 1] = [("value", &format!("{:.2}", results.threshold))];
    let title = scene.say_with("matrix-at-threshold", &at);
    let card = theme::card_around(ui);
    theme::heading_row(ui, &title, None, |ui| {
        let button = |ui: &mut Ui, scene: &mut Scene<'_>| {
            save_plot::button(ui, scene, &title, card, |scene| matrix_table(&scores.labels, matrix, scene.words));
        };
        theme::ends(ui, scene, |_, _| {}, button);
    });
    let whole = Matrix::of("matrix at threshold", &scores.labels, matrix, &[0, 1], &title);
    let clicked = Matrix { cells: results.cells, is_clickable: true, ..whole }.show(ui, scene.words);
    if let Some((truth, predicted)) = clicked {
        scene.act(ExploreAction::OpenScreen(rows_at_threshold(results.threshold, truth, predicted)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_many_points_are_thinned_and_keep_their_ends() {
        let points: Vec<[f64; 3]> = (0..50_001).map(|i| [f64::from(i) / 5e4, f64::from(i), 0.5]).collect();
        let kept = thinned(&points);
        assert!(kept.len() <= MOST_POINTS + 1 && kept[0] == [0.0, 0.0] && kept[kept.len() - 1] == [1.0, 5e4]);
        assert_eq!(thinned(&points[..3]).len(), 3);
    }

    #[test]
    fn precision_holds_down_to_the_next_recall() {
        let steps = stepped(&[[1.0, 0.5], [0.5, 0.75], [0.0, 1.0]]);
        assert_eq!(steps, [[1.0, 0.5], [0.5, 0.5], [0.5, 0.75], [0.0, 0.75], [0.0, 1.0]]);
    }
}
