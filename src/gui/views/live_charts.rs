//! The charts of Live: loss and accuracy, and the learning rate, the gradient norm or the layers.

use eframe::egui::{Button, Color32, Id, Rect, Ui, vec2};

use crate::app::plots::Plotted;
use crate::app::run::{RunAction, RunPhase, RunView, SideChart};
use crate::app::state::AppState;
use crate::domain::curve::Curve;
use crate::domain::history::History;
use crate::domain::message::{EpochEnded, Step};
use crate::domain::smoothing::MovingMean;
use crate::words::{Catalogue, numbers};

use super::super::axis::{Reach, Scale};
use super::super::chart::{Chart, Mark, Series};
use super::super::legend::{self, Entry};
use super::super::plot_menu;
use super::super::save_plot::{self, Table};
use super::super::term::term_ui;
use super::super::theme::{self, Palette, space};
use super::Scene;
use super::layers::{layers_table, layers_ui};

fn last_step(run: &RunView) -> usize {
    run.history.total_steps().unwrap_or(100)
}

/// The charts of a run have one cursor and one range of steps.
fn group(run: &RunView) -> Id {
    Id::unique(("charts of a run", run.id))
}

/// Returns what stands in the legend. Levels have their names beside them, and what is not final is gone soon.
fn entries(series: &[Series]) -> Vec<Entry> {
    let named = series.iter().filter(|s| !matches!(s.mark, Mark::Level | Mark::Pale));
    named.map(|s| Entry { name: s.name.clone(), colour: s.colour, mark: s.mark }).collect()
}

/// Returns the numbers of the curves by step. Every heading includes the unit.
fn curves_table(unit: &str, series: &[Series], scene: &Scene<'_>) -> Table {
    let names: Vec<String> = series.iter().map(|s| format!("{}: {unit}", s.name)).collect();
    let curves: Vec<(&str, &[[f64; 2]])> =
        series.iter().zip(&names).map(|(s, name)| (name.as_str(), s.points.as_slice())).collect();
    Table::of_curves(&scene.say("chart-step"), &curves)
}

/// What the two upper charts show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    Loss,
    Accuracy,
}

/// Which points a series has: a chart draws thinned curves, so that a frame costs the same however long the run is, and a
/// saved table has every point that is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Detail {
    Thinned,
    Full,
}

/// Returns the training curve with its single steps, the validation sample, the ends of the epochs, and the levels to
/// compare an accuracy with.
pub fn metric_series(p: &Palette, state: &AppState, metric: Metric, detail: Detail, words: &Catalogue) -> Vec<Series> {
    let (run, h) = (&state.run.shown, &state.run.shown.history);
    let per_epoch = run.steps_per_epoch();
    let of = |loss: f64, accuracy: f64| if metric == Metric::Loss { loss } else { accuracy };
    let thinned = if metric == Metric::Loss { &h.curves.loss } else { &h.curves.accuracy };
    let smooths = h.curves.smoothing().weight() > 0.0;
    let (single, mean, sample) = match detail {
        Detail::Thinned => (drawn(&thinned.steps.single), drawn(&thinned.steps.smooth), drawn(&thinned.sample)),
        Detail::Full => {
            // An accuracy that a log does not tell is no number; a loss that is none has broken.
            let is_told = |point: &[f64; 2]| metric == Metric::Loss || !point[1].is_nan();
            let mut single = by_step(h, |s| of(s.loss, s.accuracy));
            single.retain(is_told);
            let sample = h.live.iter().map(|l| [l.step as f64, of(l.loss, l.accuracy)]).filter(is_told).collect();
            (single.clone(), smoothed(h, single), sample)
        }
    };
    let at_end = |e: &EpochEnded| [(e.epoch * per_epoch) as f64, of(e.validation_loss, e.validation_accuracy)];
    let series = |id, colour, mark, points| Series { name: words.say(id), colour, mark, points };
    // What is not smoothed is drawn once.
    let single = smooths.then(|| series("chart-single-steps", p.train_curve, Mark::Faint, single));
    let mut all: Vec<Series> = single.into_iter().collect();
    let mut ends: Vec<[f64; 2]> = h.epochs.iter().map(at_end).collect();
    let mut sample: Vec<[f64; 2]> = sample;
    if h.looks_are_whole() {
        ends.append(&mut sample);
    }
    all.extend([
        series("chart-training", p.train_curve, Mark::Curve, mean),
        series("chart-validation-sample", p.validation_curve, Mark::Dots, sample),
        series("chart-validation", p.validation_curve, Mark::Diamonds, ends),
    ]);
    let within = run.within_step.filter(|_| metric == Metric::Loss && detail == Detail::Thinned);
    if let Some((step, loss)) = within.and_then(|within| Some((within.step, within.loss?))) {
        all.push(series("chart-within-step", p.train_curve, Mark::Pale, vec![[step as f64, loss]]));
    }
    all.extend(stage_lines(p, run, words));
    let known = super::verdict::reference(state).filter(|_| metric == Metric::Accuracy);
    if let (Some(reference), Some(last)) = (known, h.steps.last()) {
        let bag = ("reference-words", p.other_curve, reference.bag_of_words.validation_accuracy);
        let majority = ("reference-majority", p.muted, reference.majority.validation_accuracy);
        all.extend([bag, majority].map(|(id, colour, y)| level(words.say(id), colour, y, last.step)));
    }
    all
}

fn drawn(curve: &Curve) -> Vec<[f64; 2]> {
    curve.points().map(|p| [p.step, p.value]).collect()
}

fn by_step(history: &History, of: impl Fn(&Step) -> f64) -> Vec<[f64; 2]> {
    history.steps.iter().map(|s| [s.step as f64, of(s)]).collect()
}

/// Smooths the values of all steps as the history smooths its curves.
fn smoothed(history: &History, mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let mut mean = MovingMean::new(history.curves.smoothing());
    let mut before = 0.0;
    for [step, value] in &mut points {
        *value = mean.follow_after((*step - before) as usize, *value);
        before = *step;
    }
    points
}

/// Returns a line with its number for each stage of the run's plan, after the last step of the stage before. There are
/// none if the plan has a single stage.
fn stage_lines(p: &Palette, run: &RunView, words: &Catalogue) -> Option<Series> {
    let stages = &run.history.stages;
    let points = stages.iter().map(|stage| [(stage.step - 1) as f64, stage.stage as f64]).collect();
    let (name, colour) = (words.say("chart-stages"), p.text);
    (!stages.is_empty()).then_some(Series { name, colour, mark: Mark::Stages, points })
}

/// Returns a level that lies beside the curves from the first step to this one.
fn level(name: String, colour: Color32, y: f64, step: usize) -> Series {
    Series { name, colour, mark: Mark::Level, points: vec![[0.0, y], [step as f64, y]] }
}

/// Returns e.g. "Loss at step 212: training 0.4310, validation sample 0.4520".
fn summary(title: &str, series: &[Series], words: &Catalogue) -> String {
    let (stages, series): (Vec<&Series>, Vec<&Series>) = series.iter().partition(|s| s.mark == Mark::Stages);
    let final_series = series.iter().filter(|s| s.mark != Mark::Pale);
    let step = final_series.filter_map(|s| s.points.last()).map(|p| p[0] as usize).max();
    let Some(step) = step else { return words.say_with("chart-summary-empty", &[("title", &title)]) };
    let mut text = words.say_with("chart-summary", &[("title", &title), ("step", &step)]);
    for s in series.iter().filter(|s| !matches!(s.mark, Mark::Faint | Mark::Pale)) {
        if let Some(last) = s.points.last() {
            text.push_str(&format!(", {} {}", s.name, numbers::figure(last[1])));
        }
    }
    for s in stages {
        let steps: Vec<String> = s.points.iter().map(|p| numbers::count(p[0] as usize + 1)).collect();
        text.push_str(&format!(", {}", words.say_with("chart-stages-at", &[("steps", &steps.join(", "))])));
    }
    text
}

/// Returns the words that stand in an empty chart.
fn nothing_yet(run: &RunView, words: &Catalogue, id: &'static str) -> Option<String> {
    let nothing = run.history.steps.is_empty() && run.history.live.is_empty();
    nothing.then(|| empty_text(run, words, || words.part(id, "empty")))
}

/// Returns `idle` before the first run, and otherwise why a run has no numbers.
pub fn empty_text(run: &RunView, words: &Catalogue, idle: impl FnOnce() -> String) -> String {
    match run.phase {
        RunPhase::Idle => idle(),
        RunPhase::Ended => words.say("live-no-numbers"),
        _ => words.say("live-first-numbers"),
    }
}

pub fn metric_ui(ui: &mut Ui, scene: &mut Scene<'_>, metric: Metric) {
    let (run, p) = (&scene.state.run.shown, theme::palette(ui));
    let (message, plotted) = match metric {
        Metric::Loss => ("chart-loss", Plotted::Loss),
        Metric::Accuracy => ("chart-accuracy", Plotted::Accuracy),
    };
    let (title, unit) = (scene.say(message), scene.words.part(message, "axis"));
    let of = |scene: &Scene<'_>, detail| metric_series(p, scene.state, metric, detail, scene.words);
    let series = of(scene, Detail::Thinned);
    let card = theme::card_around(ui);
    legend::heading(ui, &title, &scene.hint(message), &entries(&series), 2, |ui| {
        plot_menu::button(ui, scene, &title, plotted, true);
        save_plot::button(ui, scene, &title, card, |scene| curves_table(&unit, &of(scene, Detail::Full), scene));
    });
    let classes = run.history.started.as_ref().map_or(2, |s| s.labels.len()).max(2);
    // A model that guesses among the classes has a loss of ln(classes).
    let usual = 0.0..=(classes as f64).ln() * 1.15;
    let (scale, is_middle) = scale(scene, plotted);
    Chart {
        id: Id::unique((message, run.id, scale)),
        group: group(run),
        y_name: &unit,
        last_step: last_step(run),
        scale,
        reach: if metric == Metric::Loss { Reach::of_range(is_middle, usual) } else { Reach::of_share(is_middle) },
        y_format: if metric == Metric::Loss { numbers::figure } else { numbers::ratio },
        steps_per_epoch: run.steps_per_epoch(),
        summary: summary(&title, &series, scene.words),
        empty: nothing_yet(run, scene.words, message).filter(|_| series.iter().all(|s| s.mark != Mark::Pale)),
        series,
    }
    .show(ui, scene.words);
}

/// Returns how the values of these plots are laid out, and whether their axis fits the middle ones.
fn scale(scene: &Scene<'_>, plotted: Plotted) -> (Scale, bool) {
    let settings = &scene.state.shell.settings.plots;
    (Scale::of(settings.is_log(plotted)), settings.middle.contains(&plotted))
}

pub fn side_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let shown = scene.state.run.side_chart;
    let card = theme::card_around(ui);
    let names = |ui: &mut Ui, scene: &mut Scene<'_>| {
        ui.horizontal_wrapped(|ui| names_ui(ui, scene));
    };
    let buttons = |ui: &mut Ui, scene: &mut Scene<'_>| side_buttons_ui(ui, scene, card);
    ui.horizontal(|ui| theme::ends(ui, scene, names, buttons));
    match shown {
        SideChart::Layers => layers_ui(ui, scene),
        SideChart::LearningRate => side_chart_ui(ui, scene, Plotted::LearningRate),
        SideChart::GradientNorm => side_chart_ui(ui, scene, Plotted::GradientNorm),
    }
}

/// Draws the names of what the card can show, in two lines where one has no room for them.
fn names_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let shown = scene.state.run.side_chart;
    ui.spacing_mut().item_spacing = vec2(space::M, 0.0);
    for chart in [SideChart::LearningRate, SideChart::GradientNorm, SideChart::Layers] {
        let id = side_chart_id(chart);
        let selected = shown == chart;
        let text = if selected { theme::heading(scene.say(id)) } else { theme::muted(ui, scene.say(id)) };
        let hover = scene.hint(id);
        if ui.add(Button::new(text).frame(false).selected(selected)).on_hover_text(hover).clicked() {
            scene.act(RunAction::ShowSideChart(chart));
        }
        if chart == SideChart::GradientNorm && selected {
            term_ui(ui, scene.words, "glossary-gradient-norm");
        }
    }
}

fn side_buttons_ui(ui: &mut Ui, scene: &mut Scene<'_>, card: Rect) {
    let (run, shown) = (&scene.state.run.shown, scene.state.run.side_chart);
    let id = side_chart_id(shown);
    let title = scene.say(id);
    let plotted = match shown {
        SideChart::Layers => {
            return save_plot::button(ui, scene, &title, card, |scene| layers_table(scene.state, scene.words));
        }
        SideChart::LearningRate => Plotted::LearningRate,
        SideChart::GradientNorm => Plotted::GradientNorm,
    };
    plot_menu::button(ui, scene, &title, plotted, plotted.jumps());
    let unit = scene.words.part(id, "axis");
    save_plot::button(ui, scene, &unit, card, |scene| {
        let of = |s: &Step| if plotted == Plotted::LearningRate { s.learning_rate } else { s.grad_norm };
        let points = by_step(&run.history, of);
        Table::of_curves(&scene.say("chart-step"), &[(unit.as_str(), &points)])
    });
}

fn side_chart_ui(ui: &mut Ui, scene: &mut Scene<'_>, plotted: Plotted) {
    let (run, p) = (&scene.state.run.shown, theme::palette(ui));
    let is_rate = plotted == Plotted::LearningRate;
    let id = side_chart_id(scene.state.run.side_chart);
    // A clipping or a rate that is not known is not drawn.
    let knows_settings = run.history.trainer.is_none();
    let clip = if knows_settings { run.config.training.clip_norm } else { 0.0 };
    let title = scene.say(id);
    let curves = &run.history.curves;
    let of = |mark, curve| Series { name: title.clone(), colour: p.other_curve, mark, points: drawn(curve) };
    let mut series = Vec::new();
    if is_rate {
        series.push(of(Mark::Curve, &curves.learning_rate));
    } else {
        if curves.smoothing().weight() > 0.0 {
            let single = of(Mark::Faint, &curves.grad_norm.single);
            series.push(Series { name: scene.say("chart-single-steps"), ..single });
        }
        series.push(of(Mark::Curve, &curves.grad_norm.smooth));
    }
    if let Some(last) = run.history.steps.last().filter(|_| !is_rate && clip > 0.0) {
        // The norm is shown as it was set: 1.0, 0.25.
        let name = scene.say_with("chart-clip", &[("norm", &format!("{clip:?}"))]);
        series.push(level(name, p.muted, clip, last.step));
    }
    series.extend(stage_lines(p, run, scene.words));
    let usual = 0.0..=if is_rate { run.config.learning_rate() } else { clip.max(0.1) };
    let (scale, is_middle) = scale(scene, plotted);
    Chart {
        id: Id::unique((id, run.id, scale)),
        group: group(run),
        y_name: &scene.words.part(id, "axis"),
        last_step: last_step(run),
        scale,
        reach: Reach::of_range(is_middle, usual),
        y_format: if is_rate { numbers::learning_rate } else { numbers::figure },
        steps_per_epoch: run.steps_per_epoch(),
        summary: summary(&title, &series, scene.words),
        empty: nothing_yet(run, scene.words, id),
        series,
    }
    .show(ui, scene.words);
}

fn side_chart_id(chart: SideChart) -> &'static str {
    match chart {
        SideChart::LearningRate => "chart-learning-rate",
        SideChart::GradientNorm => "chart-grad-norm",
        SideChart::Layers => "chart-layers",
    }
}
