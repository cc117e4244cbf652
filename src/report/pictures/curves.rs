//! Loss and accuracy over the steps: of one run, and of several over each other.

use crate::domain::curve::{Curve, Point};
use crate::domain::history::History;
use crate::domain::message::EpochEnded;
use crate::domain::race::RacePlan;
use crate::domain::report::ReportedRun;
use crate::words::Catalogue;

use super::super::colours::SERIES;
use super::super::plot::{Axis, Level, Mark, Marks, Plot, Series};
use super::super::svg::{Svg, WIDTH};

/// The two quantities that are drawn.
#[derive(Clone, Copy, PartialEq)]
enum Metric {
    Loss,
    Accuracy,
}

const HEIGHT: f64 = 262.0;
/// The gap between the two charts of a picture.
const GAP: f64 = 24.0;
/// The names of the classes that colour series, in the order of [`SERIES`].
pub const CLASSES: [&str; SERIES.len()] =
    ["series1", "series2", "series3", "series4", "series5", "series6", "series7", "series8"];

/// Loss and accuracy of a run beside each other. `None` for a run without a step.
pub fn curves(words: &Catalogue, run: &ReportedRun) -> Option<Svg> {
    let history = &run.history;
    history.steps.last()?;
    let mut svg = Svg::new(WIDTH, HEIGHT, about(words, history));
    let half = (WIDTH - GAP) / 2.0;
    for (metric, left) in [(Metric::Loss, 0.0), (Metric::Accuracy, half + GAP)] {
        chart(words, run, metric).draw(&mut svg, [left, 0.0, half, HEIGHT]);
    }
    Some(svg)
}

/// What the curves come to, for those who don't see them.
fn about(words: &Catalogue, history: &History) -> String {
    let last = history.epochs.last();
    let parts = [
        (words.say("report-validation-loss"), last.map(|epoch| epoch.validation_loss)),
        (words.say("report-validation-accuracy"), last.map(|epoch| epoch.validation_accuracy)),
    ];
    let told = parts.into_iter().filter_map(|(name, value)| Some(format!("{name} {:.4}", value?)));
    std::iter::once(words.say("report-curves")).chain(told).collect::<Vec<_>>().join(", ")
}

fn points(curve: &Curve) -> Vec<[f64; 2]> {
    curve.points().map(|Point { step, value, .. }| [step, value]).collect()
}

/// The values at the ends of the epochs.
fn at_ends(history: &History, of: impl Fn(&EpochEnded) -> f64) -> Vec<[f64; 2]> {
    history.epochs.iter().map(|epoch| [history.step_at_end_of(epoch.epoch) as f64, of(epoch)]).collect()
}

fn chart(words: &Catalogue, run: &ReportedRun, metric: Metric) -> Plot {
    let history = &run.history;
    let is_loss = metric == Metric::Loss;
    let own = if is_loss { &history.curves.loss } else { &history.curves.accuracy };
    let at_ends = at_ends(history, |epoch| if is_loss { epoch.validation_loss } else { epoch.validation_accuracy });
    let series = |id: &'static str, colour, mark, points| Series { name: words.say(id), colour, mark, points };
    let single = Series { name: String::new(), colour: "train", mark: Mark::Faint, points: points(&own.steps.single) };
    let series = vec![
        single,
        series("chart-training", "train", Mark::Curve, points(&own.steps.smooth)),
        series("chart-validation-sample", "validation", Mark::Dots, points(&own.sample)),
        series("chart-validation", "validation", Mark::Diamonds, at_ends),
    ];
    let series: Vec<Series> = series.into_iter().filter(|series| !series.points.is_empty()).collect();
    let levels = levels(words, run, metric);
    // Single steps may leap far beyond what matters, and are cut there.
    let seen = series.iter().filter(|series| series.mark != Mark::Faint).flat_map(|series| &series.points);
    let seen = seen.map(|[_, y]| *y).chain(levels.iter().map(|level| level.value));
    let last = history.steps.last().map_or(1.0, |step| step.step as f64);
    let marks = if is_loss { Marks::Plain } else { Marks::Percent };
    let name = words.say(if is_loss { "report-axis-loss" } else { "report-axis-accuracy" });
    Plot {
        title: words.say(if is_loss { "chart-loss" } else { "chart-accuracy" }),
        x: Axis {
            name: words.say("report-axis-step"),
            from: 0.0,
            to: last.max(1.0),
            is_log: false,
            marks: Marks::Count,
        },
        y: Axis::around(name, marks, seen),
        series,
        measured: Vec::new(),
        levels,
        stages: history.stages.iter().skip(1).map(|stage| (stage.step - 1) as f64).collect(),
    }
}

/// What guessing and counting words come to.
fn levels(words: &Catalogue, run: &ReportedRun, metric: Metric) -> Vec<Level> {
    if metric == Metric::Loss {
        let guessing = (run.labels.len().max(2) as f64).ln();
        return vec![Level { name: words.say("report-level-guessing"), colour: "muted", value: guessing }];
    }
    let Some(reference) = &run.history.reference else { return Vec::new() };
    let level = |id: &'static str, colour, value| Level { name: words.say(id), colour, value };
    vec![
        level("reference-words", "other", reference.bag_of_words.validation_accuracy),
        level("reference-majority", "muted", reference.majority.validation_accuracy),
    ]
}

/// Training loss and validation accuracy of several runs, with a name for each. Runs of a race have the colours of their
/// strategies; others have a colour each.
pub fn overlaid(words: &Catalogue, runs: &[(String, &ReportedRun)], race: Option<&RacePlan>) -> Option<Svg> {
    let known: Vec<_> = runs.iter().filter(|(_, run)| !run.history.steps.is_empty()).take(SERIES.len()).collect();
    let of_strategy = |run: &ReportedRun| {
        let place = race?.strategies.iter().position(|strategy| strategy.freeze == run.config.freeze);
        place.map(|place| CLASSES[place % CLASSES.len()])
    };
    if known.len() < 2 {
        return None;
    }
    let rows = known.len().div_ceil(2) as f64;
    let height = HEIGHT + 16.0 * (rows - 1.0);
    let mut svg = Svg::new(WIDTH, height, words.say("report-overlaid"));
    let half = (WIDTH - GAP) / 2.0;
    for (is_loss, left) in [(true, 0.0), (false, half + GAP)] {
        let series: Vec<Series> = known
            .iter()
            .zip(CLASSES)
            .map(|((name, run), colour)| Series {
                name: name.clone(),
                colour: of_strategy(run).unwrap_or(colour),
                mark: Mark::Curve,
                points: if is_loss {
                    points(&run.history.curves.loss.steps.smooth)
                } else {
                    at_ends(&run.history, |epoch| epoch.validation_accuracy)
                },
            })
            .collect();
        let all = || series.iter().flat_map(|series| &series.points);
        let last = all().map(|[x, _]| *x).fold(1.0, f64::max);
        let (title, axis) = if is_loss {
            ("report-training-loss", "report-axis-loss")
        } else {
            ("report-validation-accuracy", "report-axis-accuracy")
        };
        let marks = if is_loss { Marks::Plain } else { Marks::Percent };
        let y = Axis::around(words.say(axis), marks, all().map(|[_, y]| *y));
        Plot {
            title: words.say(title),
            x: Axis { name: words.say("report-axis-step"), from: 0.0, to: last, is_log: false, marks: Marks::Count },
            y,
            series,
            measured: Vec::new(),
            levels: Vec::new(),
            stages: Vec::new(),
        }
        .draw(&mut svg, [left, 0.0, half, height]);
    }
    Some(svg)
}
