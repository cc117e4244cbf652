//! What students guessed before a run, as a histogram, with what came out as a line through it.

use eframe::egui::{
    Align, Align2, ComboBox, FontFamily, FontId, Label, Layout, RichText, Role, Stroke, Ui, UiBuilder, Vec2,
    WidgetInfo, vec2,
};
use egui_plot::{Bar, BarChart, LineStyle, PlotPoint, Text, VLine};

use crate::app::compare::desk::histogram::{Histogram, median};
use crate::app::compare::desk::{DeskAction, Guessed, Version};
use crate::domain::lesson::{BundledStep, QuestionKind};
use crate::domain::spreadsheet::{Table, number};
use crate::words::{Fill, Number, class_sheet};

use super::super::super::super::axis::{GRID_UNIT, Scale, x_axis, y_axis};
use super::super::super::super::chart;
use super::super::super::super::save_plot;
use super::super::super::super::theme::{self, space};
use super::super::super::live::empty_note;
use super::Scene;

/// What is guessed in a step: the end of its run, or the right number of its question.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    Run(Guessed),
    Answer,
}

/// What the students of a version guessed and reached in a step.
struct Guesses {
    values: Vec<f64>,
    truths: Vec<f64>,
    /// How many guessed less and more than they themselves reached.
    low: usize,
    high: usize,
}

impl Guesses {
    fn of(version: &Version<'_>, step: usize, of: Of) -> Self {
        let mut all = Self { values: Vec::new(), truths: Vec::new(), low: 0, high: 0 };
        for bundled in version.files.iter().filter_map(|file| file.bundle.steps.get(step)) {
            let (guess, truth) = both(bundled, of);
            all.values.extend(guess);
            all.truths.extend(truth);
            if let Some((guess, truth)) = guess.zip(truth) {
                all.low += usize::from(guess < truth);
                all.high += usize::from(guess > truth);
            }
        }
        all
    }
}

fn both(step: &BundledStep, of: Of) -> (Option<f64>, Option<f64>) {
    let work = &step.work;
    match of {
        Of::Run(Guessed::Accuracy) => (work.guess.and_then(|guess| guess.accuracy), work.accuracy),
        Of::Run(Guessed::Secs) => (work.guess.and_then(|guess| guess.secs), work.train_secs),
        Of::Answer => {
            let first = if work.first_answer.is_empty() { &work.answer } else { &work.first_answer };
            let number = first.trim().replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite());
            (number, step.question.as_ref().and_then(|question| question.right))
        }
    }
}

/// Whether the step asks for a number, or for a guess before its run.
fn guessed_in(version: &Version<'_>, step: usize, guessed: Guessed) -> Option<Of> {
    let asked = &version.any().steps.get(step)?.question;
    if asked.as_ref().is_some_and(|question| question.kind == QuestionKind::Number) {
        return Some(Of::Answer);
    }
    let mut guesses = version.files.iter().filter_map(|file| file.bundle.steps.get(step)?.work.guess);
    guesses.next().map(|_| Of::Run(guessed))
}

fn written(value: f64, of: Of) -> Number {
    match of {
        Of::Run(Guessed::Accuracy) => Number::Decimal(value, 3),
        Of::Run(Guessed::Secs) => Number::Seconds(value),
        Of::Answer => Number::Figure(value),
    }
}

pub fn guesses_ui(ui: &mut Ui, scene: &mut Scene<'_>, version: &Version<'_>) {
    let desk = &scene.state.compare.desk;
    let asked: Vec<usize> = version.asked();
    let steps: Vec<(usize, Of)> =
        asked.into_iter().filter_map(|step| Some((step, guessed_in(version, step, desk.guessed)?))).collect();
    let chosen = desk.step(version);
    let shown = steps.iter().copied().find(|(step, _)| *step >= chosen).or(steps.last().copied());
    let Some((step, of)) = shown else { return empty_note(ui, &scene.say("desk-no-guesses")) };
    let guesses = Guesses::of(version, step, of);
    let histogram = match of {
        Of::Run(Guessed::Accuracy) => Histogram::of_shares(&guesses.values),
        _ => Histogram::of_amounts(&guesses.values, &guesses.truths),
    };
    let title = class_sheet::step_title(scene.words, step, &version.any().steps[step].title);
    let card = theme::card_around(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let combo = ComboBox::from_id_salt("guesses step").width(240.0).truncate().selected_text(&title);
        let combo = combo.show_ui(ui, |ui| {
            for (one, _) in steps {
                let name = class_sheet::step_title(scene.words, one, &version.any().steps[one].title);
                if ui.selectable_label(one == step, name).clicked() {
                    scene.act(DeskAction::ShowStep(one));
                }
            }
        });
        combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &title));
        if of != Of::Answer {
            for (what, id) in [(Guessed::Accuracy, "desk-guessed-accuracy"), (Guessed::Secs, "desk-guessed-secs")] {
                scene.choice(ui, id, of == Of::Run(what), DeskAction::ShowGuesses(what));
            }
        }
        save_plot::button(ui, scene, &title, card, |scene| table(scene, version, step, of));
    });
    let told = told(scene, &guesses, of);
    ui.add(Label::new(theme::heading(&told)).wrap());
    // A lower plot would have no room for its bars, so it scrolls instead.
    let room = ui.available_rect_before_wrap();
    theme::at_least(ui, room, LEAST, "guesses plot", |ui, rect| {
        // The axis's upright name reaches a little over the plot's left edge.
        let rect = rect.with_min_x(rect.left() + space::XS);
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)));
        plot_ui(&mut child, scene, &histogram, &guesses, of, &told);
    });
}

/// "28 guesses, the middle one 0.700. Reached: 0.812. 24 guessed too low, 4 too high."
fn told(scene: &Scene<'_>, guesses: &Guesses, of: Of) -> String {
    let Some(middle) = median(&guesses.values) else { return scene.say("desk-no-guesses") };
    let (count, middle) = (guesses.values.len(), written(middle, of));
    let mut told = scene.say_with("desk-guesses-are", &[("count", &count), ("median", &middle)]);
    if let Some(truth) = median(&guesses.truths) {
        let truth = written(truth, of);
        let args: [(&str, &dyn Fill); 3] = [("truth", &truth), ("low", &guesses.low), ("high", &guesses.high)];
        told += " ";
        told += &scene.say_with("desk-truth-is", &args);
    }
    told
}

const LEAST: Vec2 = vec2(200.0, 170.0);
/// Two lines above the bars take this height, and the axis below them that one.
const LINES: f32 = 48.0;
const BELOW: f32 = 38.0;

fn plot_ui(ui: &mut Ui, scene: &Scene<'_>, histogram: &Histogram, guesses: &Guesses, of: Of, told: &str) {
    let p = theme::palette(ui);
    let thick = theme::thickness(ui);
    let axis = scene.say(match of {
        Of::Run(Guessed::Accuracy) => "desk-axis-accuracy",
        Of::Run(Guessed::Secs) => "desk-axis-secs",
        Of::Answer => "desk-axis-answer",
    });
    let (from, to, width) = (histogram.from, histogram.to(), histogram.width);
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1);
    let font = FontId::new(15.0, FontFamily::Proportional);
    let last = histogram.counts.len() - 1;
    let bar = |(i, count): (usize, &usize)| {
        let low = from + width * i as f64;
        // Borders of bins are sums of binary fractions: 0.15000000000000002.
        let border = |x: f64, is_open: bool| if is_open { String::new() } else { number((x * 1e6).round() / 1e6) };
        let below = border(low, i == 0 && histogram.is_open[0]);
        let told = format!("{below}–{}: {count}", border(low + width, i == last && histogram.is_open[1]));
        let bar = Bar::new(low + width / 2.0, *count as f64).width(width * 0.94).fill(p.frozen).stroke(Stroke::NONE);
        (bar, told)
    };
    let (bars, explained): (Vec<Bar>, Vec<String>) = histogram.counts.iter().enumerate().map(bar).unzip();
    let truth = median(&guesses.truths);
    let x_axis = x_axis(ui, &axis).formatter(|mark, shown| Scale::Even.tick(mark, shown));
    let y_axis = y_axis(ui, &scene.say("desk-axis-students"));
    let id = eframe::egui::Id::unique(("guesses", &axis));
    // Above the highest bar there is room for its number, and above that for what was reached.
    let height = (ui.available_height() - BELOW).max(2.0 * LINES);
    let top = most as f64 * f64::from(height / (height - LINES));
    let shown = chart::plot(ui, x_axis, y_axis)
        .id(id)
        .show_crosshair(false)
        .default_x_bounds(from - width * 0.3, to + width * 0.3)
        .default_y_bounds(0.0, top)
        .auto_bounds(false)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_boxed_zoom(false)
        .x_grid_spacer(|input| Scale::Even.marks(input, 56.0 / GRID_UNIT, 0.0))
        .y_grid_spacer(|input| Scale::Even.marks(input, 30.0 / GRID_UNIT, 1.0))
        .show(ui, |plot| {
            // The bounds follow the step and the files that are added.
            plot.set_plot_bounds_x(from - width * 0.3..=to + width * 0.3);
            plot.set_plot_bounds_y(0.0..=top);
            plot.bar_chart(BarChart::new("guesses", bars).allow_hover(false));
            for (i, count) in histogram.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let at = PlotPoint::new(from + width * (i as f64 + 0.5), *count as f64);
                let text = RichText::new(count.to_string()).font(font.clone()).color(p.text);
                plot.text(Text::new(String::new(), at, text).anchor(Align2::CENTER_BOTTOM).allow_hover(false));
            }
            for truth in several(&guesses.truths) {
                let stroke = Stroke::new(thick, p.trainable.gamma_multiply(0.35));
                plot.vline(VLine::new(String::new(), truth).stroke(stroke).allow_hover(false));
            }
            if let Some(truth) = truth {
                let stroke = Stroke::new(3.0 * thick, p.trainable);
                let line = VLine::new(String::new(), truth).stroke(stroke).style(LineStyle::dashed_dense());
                plot.vline(line.allow_hover(false));
                let text = scene.say_with("desk-truth-line", &[("truth", &written(truth, of))]);
                let text = RichText::new(format!(" {text} ")).font(font.clone()).color(p.trainable);
                let is_right = truth > f64::midpoint(from, to);
                let anchor = if is_right { Align2::RIGHT_TOP } else { Align2::LEFT_TOP };
                let at = PlotPoint::new(truth, top);
                plot.text(Text::new(String::new(), at, text).anchor(anchor).allow_hover(false));
            }
        });
    let response = shown.response;
    response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, told));
    let columns = (0..explained.len()).map(|i| (from + width * i as f64, from + width * (i + 1) as f64));
    if let Some(i) = chart::column_at(response.hover_pos(), &shown.transform, columns) {
        response.on_hover_text_at_pointer(&explained[i]);
    }
}

/// Returns the values without repetitions, where there are several: what machines computed differently.
fn several(truths: &[f64]) -> Vec<f64> {
    let mut several = truths.to_vec();
    several.sort_by(f64::total_cmp);
    several.dedup();
    if several.len() > 1 { several } else { Vec::new() }
}

/// Returns each student's guess and what came out.
fn table(scene: &Scene<'_>, version: &Version<'_>, step: usize, of: Of) -> Table {
    let ids = match of {
        Of::Run(Guessed::Accuracy) => ["lesson-head-student", "sheet-guessed-accuracy", "lesson-head-accuracy"],
        Of::Run(Guessed::Secs) => ["lesson-head-student", "sheet-guessed-secs", "sheet-train-secs"],
        Of::Answer => ["lesson-head-student", "lesson-head-answer", "desk-right-answer"],
    };
    let mut table = Table::new(ids.map(|id| scene.say(id)));
    for file in &version.files {
        if let Some(bundled) = file.bundle.steps.get(step) {
            let (guess, truth) = both(bundled, of);
            let cell = |value: Option<f64>| value.map(number).unwrap_or_default();
            table.rows.push(vec![scene.student(&file.file), cell(guess), cell(truth)]);
        }
    }
    table
}
