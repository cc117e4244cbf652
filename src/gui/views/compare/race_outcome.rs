//! The outcome of a race is shown as curves, as accuracy against time and against the trainable share, and as a table.

use eframe::egui::{Grid, Id, Label, Rect, Sense, TextStyle, Ui, Vec2, vec2};

use crate::app::explore::{ExploreAction, all_wrong, only_last_right};
use crate::app::plots::Plotted;
use crate::app::race::{Race, RaceRun};
use crate::app::run::curves::{Curves, Point, Spread, along, spread};
use crate::domain::message::RunOutcome;
use crate::domain::race::{RaceMean, RaceRow};
use crate::domain::race_statistics::{strategy_means, undecided_pairs};
use crate::domain::report::ReportSubject;
use crate::domain::smoothing::Smoothing;
use crate::words::{Number, numbers, shared};

use super::super::super::axis::Scale;
use super::super::super::chart::Mark;
use super::super::super::overlay::{Along, Draw, Overlaid, Overlay, RunStyle};
use super::super::super::report_button;
use super::super::super::save_plot::{self, Table, number};
use super::super::super::theme::{self, space};
use super::super::other_tests::{self, marked};
use super::Scene;
use super::curves::{along_axis, along_scale, axis_name, axis_ui};
use super::race::name_of;

const CHART: Vec2 = vec2(300.0, 240.0);
/// The distance between the columns of the table.
const COLUMN_GAP: f32 = 16.0;

pub fn outcome_ui(ui: &mut Ui, scene: &mut Scene<'_>, race: &Race) {
    // On another file the runs have other accuracies, and all else is theirs.
    let on_file = scene.state.other_tests.rows_shown(&race.rows());
    let measured = on_file.map(|rows| {
        let means = strategy_means(&race.plan, &rows);
        let undecided = undecided_pairs(&means, &rows);
        (means, undecided)
    });
    let (means, undecided) =
        measured.as_ref().map_or((&race.means, &race.undecided), |(means, undecided)| (means, undecided));
    let id = match race.ended.as_ref().map(|ended| ended.outcome) {
        None | Some(RunOutcome::Completed) => "race-completed",
        Some(RunOutcome::Stopped) => "race-stopped",
        Some(RunOutcome::Failed) => "race-failed",
    };
    // The line has its room before the race has ended, so that the curves below it stay where they are.
    ui.add_visible(race.ended.is_some(), Label::new(theme::muted(ui, scene.say(id))));
    axis_ui(ui, scene);
    legend_ui(ui, scene, race);
    pair_ui(ui, |ui, which| match which {
        0 => live_ui(ui, scene, race, Plotted::Loss, |c| &c.train_loss),
        _ => live_ui(ui, scene, race, Plotted::Accuracy, |c| &c.sample_accuracy),
    });
    if means.is_empty() {
        return;
    }
    if !race.is_running() {
        other_tests::of_race_ui(ui, scene, race);
    }
    if race.plan.is_ladder() {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), CHART.y * 1.15), Sense::hover());
        theme::card_at(ui, rect, |ui| ladder_ui(ui, scene, race, means));
    } else {
        pair_ui(ui, |ui, which| result_ui(ui, scene, race, means, which == 1));
    }
    undecided_ui(ui, scene, race, means, undecided);
    rows_ui(ui, scene, race);
    let folder = race.ended.as_ref().and_then(|ended| ended.race_dir.clone());
    if let Some(dir) = folder.filter(|_| !race.is_running()) {
        let subject = ReportSubject::Runs(vec![dir]);
        ui.horizontal(|ui| report_button::button(ui, scene, "report-save", true, subject));
    }
    theme::card(ui).show(ui, |ui| table_ui(ui, scene, race, means));
}

/// Returns what is said against a mean on the file that is shown.
fn warnings(mean: &RaceMean, race: &Race, scene: &Scene<'_>) -> Vec<String> {
    let is_of = |row: &RaceRow| row.freeze == mean.freeze && row.rows_per_class == mean.rows_per_class;
    other_tests::race_warnings(scene, race, is_of)
}

/// Draws what leads to the rows that every strategy gets wrong, and to those that only the one which trains most gets right.
fn rows_ui(ui: &mut Ui, scene: &mut Scene<'_>, race: &Race) {
    let runs = race.one_of_each();
    if race.is_running() || runs.len() < 2 {
        return;
    }
    let most = race.plan.strategies.iter().find(|strategy| Some(&strategy.name) == runs.last().map(|(name, _)| name));
    let most = most.map(|strategy| shared::strategy_name(scene.words, strategy)).unwrap_or_default();
    let (count, dirs) = (runs.len(), runs.into_iter().map(|(_, dir)| dir).collect::<Vec<_>>());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        if theme::link_button(ui, &scene.say("race-rows-all-wrong")).clicked() {
            scene.act(ExploreAction::Open { runs: dirs.clone(), selection: all_wrong(count) });
        }
        if theme::link_button(ui, &scene.say_with("race-rows-only", &[("name", &most)])).clicked() {
            scene.act(ExploreAction::Open { runs: dirs.clone(), selection: only_last_right(count) });
        }
    });
}

/// Shows the colour and marker of every strategy, and a note that runs which freeze the same layers share that work.
fn legend_ui(ui: &mut Ui, scene: &Scene<'_>, race: &Race) {
    ui.horizontal_wrapped(|ui| {
        for strategy in &race.plan.strategies {
            let (swatch, _) = ui.allocate_exact_size(vec2(28.0, 18.0), Sense::hover());
            style_of(ui, race, &strategy.name).swatch(ui, swatch);
            ui.label(shared::strategy_name(scene.words, strategy));
            ui.add_space(space::S);
        }
    });
    ui.label(theme::small_muted(ui, scene.say("race-shared-note")));
}

/// Draws two cards side by side, or below each other where it is narrow.
fn pair_ui(ui: &mut Ui, mut add: impl FnMut(&mut Ui, usize)) {
    let width = ui.available_width();
    let is_wide = width >= 2.0 * CHART.x + space::S;
    let size = if is_wide { vec2((width - space::S) / 2.0, CHART.y) } else { vec2(width, CHART.y) };
    let step = if is_wide { vec2(size.x + space::S, 0.0) } else { vec2(0.0, size.y + space::S) };
    let (all, _) = ui.allocate_exact_size(size + step, Sense::hover());
    for which in 0..2 {
        let at = Rect::from_min_size(all.min + step * which as f32, size);
        theme::card_at(ui, at, |ui| add(ui, which));
    }
}

fn style_of(ui: &Ui, race: &Race, freeze: &str) -> RunStyle {
    let place = race.plan.strategies.iter().position(|strategy| strategy.name == freeze);
    RunStyle::of(ui, place.unwrap_or(0))
}

/// Draws the curves of every strategy, with the spread over its seeds as a band.
fn live_ui(ui: &mut Ui, scene: &mut Scene<'_>, race: &Race, plotted: Plotted, of: fn(&Curves) -> &Vec<Point>) {
    let is_loss = plotted == Plotted::Loss;
    let (id, y_id) = if is_loss { ("race-loss", "chart-loss") } else { ("race-accuracy", "chart-accuracy") };
    let (axis, scale) = (scene.state.compare.axis, along_scale(scene));
    // The run under way shows its single steps as well, faintly behind its curve.
    let shows_single = is_loss && race.is_running() && scene.state.shell.settings.plots.smoothing != Smoothing::NONE;
    let mut rows = Vec::new();
    for strategy in &race.plan.strategies {
        for rows_per_class in race.plan.steps() {
            let is_of =
                |run: &&RaceRun| run.started.freeze == strategy.name && run.started.rows_per_class == rows_per_class;
            let curve = |run: &RaceRun| of(&run.curves()).clone();
            let (done, others): (Vec<&RaceRun>, Vec<&RaceRun>) =
                race.runs.iter().filter(is_of).partition(|run| run.row.is_some());
            // The mean is over the finished seeds, and the run under way stands beside it. A skipped run is only shown
            // where there is nothing else.
            let under_way = others.into_iter().rfind(|run| done.is_empty() || run.history.ended.is_none());
            let curves: Vec<Vec<Point>> = done.into_iter().map(curve).collect();
            let of_rows = match rows_per_class {
                _ if !race.plan.is_ladder() => String::new(),
                Some(rows) => scene.say_with("race-rows", &[("rows", &rows)]),
                None => scene.say("race-all-rows"),
            };
            let (style, name) = (style_of(ui, race, &strategy.name), shared::strategy_name(scene.words, strategy));
            if let Some(run) = under_way.filter(|_| shows_single) {
                let single = along(axis, &run.curves().single_loss);
                let curve = Overlaid::of(name.clone(), style, Draw::Faint, single);
                rows.push(Overlaid { of: scene.say("chart-single-steps"), ..curve });
            }
            let mut push = |style: RunStyle, points: Vec<[f64; 2]>, band: Vec<Spread>| {
                let curve = Overlaid::of(name.clone(), style, Draw::Line, points);
                rows.push(Overlaid { of: of_rows.clone(), band, ..curve });
            };
            if let Some(run) = under_way {
                let colour = if curves.is_empty() { style.colour } else { style.colour.gamma_multiply(0.6) };
                push(RunStyle { colour, ..style }, along(axis, &curve(run)), Vec::new());
            }
            match curves.as_slice() {
                [] => {}
                [only] => push(style, along(axis, only), Vec::new()),
                several => {
                    let band = spread(axis, several);
                    push(style, band.iter().map(|at| [at.x, at.mean]).collect(), band);
                }
            }
        }
    }
    Overlay {
        id: Id::unique((id, axis, race.id)),
        title: &scene.say(id),
        hover: &scene.say("race-curves-hover"),
        group: Id::unique(("race curves", axis, scale, race.id)),
        along: along_axis(axis),
        along_name: &axis_name(axis, scene),
        along_scale: scale,
        along_ends: Vec::new(),
        y_name: &scene.words.part(y_id, "axis"),
        y_format: if is_loss { numbers::figure } else { numbers::ratio },
        plotted,
        whole_range: true,
        rows,
        legend: if shows_single {
            vec![(scene.say("chart-single-steps"), Mark::Faint), (scene.say("chart-training"), Mark::Curve)]
        } else {
            Vec::new()
        },
        empty: &scene.say("live-first-numbers"),
    }
    .show(ui, scene);
}

/// Draws the accuracy with its interval against seconds or against the number of trainable parameters.
fn result_ui(ui: &mut Ui, scene: &mut Scene<'_>, race: &Race, means: &[RaceMean], by_trainable: bool) {
    let rows = means.iter().map(|mean| {
        let place = if by_trainable { mean.trainable as f64 } else { mean.train_secs.max(0.01) };
        let name = marked(name_of(&mean.freeze, scene), &warnings(mean, race, scene));
        let style = style_of(ui, race, &mean.freeze);
        let point = Overlaid::of(name, style, Draw::Scatter, vec![[place, mean.accuracy]]);
        Overlaid { intervals: vec![mean.accuracy_interval], ..point }
    });
    let rows = rows.collect();
    let id = if by_trainable { "race-by-trainable" } else { "race-by-seconds" };
    let x_name = scene.say(if by_trainable { "race-trainable-axis" } else { "compare-seconds-axis" });
    Overlay {
        id: Id::unique((id, race.id)),
        title: &scene.say(id),
        hover: &scene.say("race-interval-hover"),
        group: Id::unique((id, race.id, "alone")),
        along: if by_trainable { Along::Count } else { Along::Seconds },
        along_name: &x_name,
        along_scale: Scale::Log,
        along_ends: Vec::new(),
        y_name: &scene.say("race-accuracy-axis"),
        y_format: numbers::ratio,
        plotted: Plotted::Accuracy,
        whole_range: false,
        rows,
        legend: Vec::new(),
        empty: &scene.say("live-no-numbers"),
    }
    .show(ui, scene);
}

/// Draws the accuracy against the number of training rows, with a line for each strategy.
fn ladder_ui(ui: &mut Ui, scene: &mut Scene<'_>, race: &Race, means: &[RaceMean]) {
    let rows = race.plan.strategies.iter().map(|strategy| {
        let mut own: Vec<&RaceMean> = means.iter().filter(|mean| mean.freeze == strategy.name).collect();
        own.sort_by_key(|mean| mean.train_rows);
        let warnings = other_tests::race_warnings(scene, race, |row| row.freeze == strategy.name);
        let name = marked(shared::strategy_name(scene.words, strategy), &warnings);
        let style = style_of(ui, race, &strategy.name);
        let points = own.iter().map(|mean| [mean.train_rows as f64, mean.accuracy]).collect();
        let intervals = own.iter().map(|mean| mean.accuracy_interval).collect();
        Overlaid { intervals, ..Overlaid::of(name, style, Draw::Markers, points) }
    });
    let rows = rows.collect();
    Overlay {
        id: Id::unique(("ladder", race.id)),
        title: &scene.say("race-ladder-plot"),
        hover: &scene.say("race-interval-hover"),
        group: Id::unique(("ladder", race.id, "alone")),
        along: Along::Whole,
        along_name: &scene.say("race-train-rows-axis"),
        along_scale: Scale::Log,
        along_ends: Vec::new(),
        y_name: &scene.say("race-accuracy-axis"),
        y_format: numbers::ratio,
        plotted: Plotted::Accuracy,
        whole_range: false,
        rows,
        legend: Vec::new(),
        empty: &scene.say("live-no-numbers"),
    }
    .show(ui, scene);
}

/// Says in words which pairs the test cannot tell apart.
fn undecided_ui(ui: &mut Ui, scene: &Scene<'_>, race: &Race, means: &[RaceMean], undecided: &[(usize, usize)]) {
    for &(a, b) in undecided {
        let (Some(a), Some(b)) = (means.get(a), means.get(b)) else { continue };
        let names = [a, b].map(|mean| mean_name(mean, race, scene));
        let text = scene.say_with("race-undecided", &[("first", &names[0]), ("second", &names[1])]);
        ui.add(Label::new(theme::muted(ui, text)).wrap());
    }
}

fn mean_name(mean: &RaceMean, race: &Race, scene: &Scene<'_>) -> String {
    let name = name_of(&mean.freeze, scene);
    if race.plan.is_ladder() {
        let rows = scene.say_with("race-rows-all-classes", &[("rows", &mean.train_rows)]);
        return format!("{name}, {rows}");
    }
    name
}

fn table_ui(ui: &mut Ui, scene: &mut Scene<'_>, race: &Race, means: &[RaceMean]) {
    let ids = [
        "runs-freeze",
        "race-train-rows",
        "race-seeds",
        "compare-rate",
        "runs-accuracy",
        "race-spread",
        "compare-low",
        "compare-high",
        "compare-f1",
        "compare-secs-unit",
        "compare-shared-unit",
        "compare-memory-unit",
        "compare-trainable",
    ];
    let names = ids.map(|id| scene.say(id));
    let mut exact = Table::new(names.clone());
    let (mut shown, mut told) = (Vec::new(), Vec::new());
    for mean in means {
        let warnings = warnings(mean, race, scene);
        told.push(warnings.join("\n"));
        let (low, high) = mean.accuracy_interval;
        let spread = mean.accuracy_spread;
        exact.rows.push(vec![
            mean.freeze.clone(),
            mean.train_rows.to_string(),
            mean.runs.to_string(),
            number(mean.learning_rate),
            number(mean.accuracy),
            spread.map(number).unwrap_or_default(),
            number(low),
            number(high),
            number(mean.macro_f1),
            number(mean.train_secs),
            number(mean.shared_secs),
            mean.peak_memory_bytes.to_string(),
            mean.trainable.to_string(),
        ]);
        shown.push([
            name_of(&mean.freeze, scene),
            numbers::count(mean.train_rows),
            mean.runs.to_string(),
            numbers::learning_rate(mean.learning_rate),
            marked(numbers::ratio(mean.accuracy), &warnings),
            spread.map(numbers::ratio).unwrap_or_default(),
            numbers::ratio(low),
            numbers::ratio(high),
            numbers::ratio(mean.macro_f1),
            format!("{:.1}", mean.train_secs),
            format!("{:.1}", mean.shared_secs),
            scene.words.write(Number::Bytes(mean.peak_memory_bytes)),
            scene.words.write(Number::ShortCount(mean.trainable)),
        ]);
    }
    ui.set_width(ui.available_width());
    let card = theme::card_around(ui);
    let title = scene.say("race-table");
    theme::heading_row(ui, &title, None, |ui| save_plot::table_buttons(ui, scene, &title, card, |_| exact.clone()));
    // A grid has no narrower columns.
    let least = ui.spacing().interact_size.x;
    let mut columns = names.each_ref().map(|name| theme::text_width(ui, name, TextStyle::Small).max(least));
    for row in &shown {
        for (width, cell) in columns.iter_mut().zip(row) {
            *width = width.max(theme::text_width(ui, cell, TextStyle::Body));
        }
    }
    theme::scroll_by_columns(ui, "race table", &columns, COLUMN_GAP, |ui| {
        let grid = Grid::new("race means").num_columns(ids.len()).striped(true).spacing(vec2(COLUMN_GAP, 6.0));
        grid.show(ui, |ui| {
            for name in &names {
                ui.label(theme::small_muted(ui, name));
            }
            ui.end_row();
            for (row, warnings) in shown.iter().zip(&told) {
                for (i, cell) in row.iter().enumerate() {
                    ui.with_layout(theme::of_column(i), |ui| {
                        let label = ui.label(cell);
                        if ids[i] == "runs-accuracy" && !warnings.is_empty() {
                            label.on_hover_text(warnings);
                        }
                    });
                }
                ui.end_row();
            }
        });
    });
}
