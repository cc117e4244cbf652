//! Why a prediction is what it is: the words on the ground of what they add, whether to believe it, and the attention.

mod attention;

use std::path::Path;

use eframe::egui::{
    Align, Button, Checkbox, ComboBox, Grid, Layout, Rect, RichText, Role, ScrollArea, Shape, Stroke, TextEdit, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::app::why::{Change, Column, Whose, WhyAction, can_ask_pretrained, can_stand_beside};
use crate::domain::explanation::{Depth, ExplainedWord, Explanation};
use crate::domain::stored::RunEntry;
use crate::words::{Number, numbers};

use super::super::problem::problem_ui;
use super::super::save_plot::{self, Table};
use super::super::theme::{self, mix, space};
use super::Scene;

/// A column of words is at least this wide; where there is less room, columns stand below each other.
const COLUMN: f32 = 300.0;
/// Words whose attribution is less than this share of the largest one have neither ground nor line.
const LEAST: f64 = 0.04;

/// Draws the explanations of the sentence in Try.
pub fn why_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ScrollArea::vertical().id_salt("why").auto_shrink(false).show(ui, |ui| {
        // The bar of the area floats over its right edge.
        ui.set_max_width(ui.available_width() - space::S);
        beside_ui(ui, scene);
        // It stands above the words, where it is in view when one of them is clicked.
        change_ui(ui, scene);
        let columns = &scene.state.why.columns;
        let in_row = ((ui.available_width() / COLUMN) as usize).clamp(1, columns.len().max(1));
        for (row, part) in columns.chunks(in_row).enumerate() {
            ui.columns(part.len(), |uis| {
                for (place, (ui, column)) in uis.iter_mut().zip(part).enumerate() {
                    // Columns stretch what stands in them, which would draw the words of a sentence far apart.
                    let layout = Layout::top_down(Align::Min);
                    ui.push_id(("column", row, place), |ui| ui.with_layout(layout, |ui| column_ui(ui, scene, column)));
                }
            });
        }
        ui.separator();
        attention::attention_ui(ui, scene);
    });
}

/// Chooses whose answers stand beside that of the run.
pub fn beside_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let why = &scene.state.why;
    ui.horizontal_wrapped(|ui| {
        let run = &scene.state.run;
        let can_ask = can_ask_pretrained(run);
        let mut shows = why.shows_pretrained && can_ask;
        let why_not = if run.paused_step().is_some() { "why-pretrained-paused" } else { "why-pretrained-trainer" };
        let ticked = ui
            .add_enabled(can_ask, Checkbox::new(&mut shows, scene.say("why-pretrained")))
            .on_hover_text(scene.hint("why-pretrained"))
            .on_disabled_hover_text(scene.say(why_not));
        if ticked.changed() {
            scene.act(WhyAction::ShowPretrained(shows));
        }
        let listed = scene.state.runs.entries.latest().map(Vec::as_slice).unwrap_or_default();
        let is_other = |entry: &&RunEntry| entry.has_model && can_stand_beside(run, &entry.dir);
        let others: Vec<_> = listed.iter().filter(is_other).collect();
        let chosen = why.beside(run);
        if others.is_empty() {
            return;
        }
        let none = scene.say("why-no-other");
        let shown = chosen.map_or_else(|| none.clone(), |dir| scene.run_name_apart(dir));
        let label = ui.label(scene.say("why-other"));
        let combo = ComboBox::from_id_salt("why-other").width(180.0).truncate().selected_text(shown);
        let opened = combo.show_ui(ui, |ui| {
            if ui.selectable_label(chosen.is_none(), none).clicked() {
                scene.act(WhyAction::ShowOther(None));
            }
            for run in others {
                let is_chosen = chosen == Some(&run.dir);
                let title = scene.run_name_apart(&run.dir);
                if ui.selectable_label(is_chosen, title).clicked() {
                    scene.act(WhyAction::ShowOther(Some(run.dir.clone())));
                }
            }
        });
        opened.response.labelled_by(label.id);
    });
}

/// Says whose answer it is.
pub fn whose_name(scene: &Scene<'_>, whose: &Whose) -> String {
    let name = |dir: &Path| scene.run_name_apart(dir);
    match whose {
        Whose::Run => match (scene.state.run.paused_step(), &scene.state.run.last_dir) {
            (Some(step), _) => scene.say_with("try-of-paused", &[("step", &step)]),
            (None, Some(dir)) => scene.say_with("try-of-run", &[("name", &name(dir))]),
            (None, None) => scene.say("why-of-run"),
        },
        Whose::Pretrained => scene.say("why-of-pretrained"),
        Whose::Other(dir) => scene.say_with("why-of-other", &[("name", &name(dir))]),
    }
}

fn column_ui(ui: &mut Ui, scene: &mut Scene<'_>, column: &Column) {
    let title = whose_name(scene, &column.whose);
    let explanation = column.explanation.latest();
    as_plot(ui, scene, |ui, scene, rect| {
        theme::heading_cut(ui, &title, |ui| {
            if let Some(explanation) = explanation {
                save_plot::button(ui, scene, &title, rect, |scene| word_table(scene, explanation));
            }
        });
        match (column.explanation.failed(), explanation) {
            (Some(problem), _) => problem_ui(ui, scene.words, problem, theme::palette(ui).error),
            (None, Some(explanation)) => explanation_ui(ui, scene, explanation, column.whose == Whose::Run),
            (None, None) => {
                ui.label(theme::small_muted(ui, scene.say("why-waiting")));
            }
        }
    });
}

/// Draws what can be saved as a picture. Its height is known once it is drawn, so that the picture shows the place that it had
/// in the frame before, as far as that is in view.
fn as_plot(ui: &mut Ui, scene: &mut Scene<'_>, draw: impl FnOnce(&mut Ui, &mut Scene<'_>, Rect)) {
    let id = ui.unique_id().with("plot");
    let before = ui.data(|data| data.get_temp::<Rect>(id)).unwrap_or(ui.max_rect());
    let drawn = ui.scope(|ui| draw(ui, scene, before.intersect(ui.clip_rect()))).response.rect;
    ui.data_mut(|data| data.insert_temp(id, drawn));
}

/// Returns what each word adds, with exact numbers.
fn word_table(scene: &Scene<'_>, explained: &Explanation) -> Table {
    let mut table = Table::new([
        scene.say("cli-explain-word"),
        scene.say("why-start"),
        scene.say("why-end"),
        scene.say("cli-explain-attribution"),
        scene.say("why-gradient-input"),
        scene.say_with("why-without", &[("label", &explained.prediction.label)]),
    ]);
    let number = |value: Option<f64>| value.map(save_plot::number).unwrap_or_default();
    for word in &explained.words {
        let ends = [word.start, word.end].map(|place| place.to_string());
        let numbers = [word.attribution, word.gradient_input, word.without].map(number);
        table.rows.push(std::iter::once(word.word.clone()).chain(ends).chain(numbers).collect());
    }
    table
}

/// The probabilities after words are deleted, with exact numbers.
fn deletion_table(scene: &Scene<'_>, explained: &Explanation) -> Table {
    let mut table =
        Table::new(["cli-explain-deleted", "cli-explain-top", "cli-explain-random"].map(|id| scene.say(id)));
    for deletion in &explained.deletions {
        let numbers = [deletion.top, deletion.random].map(save_plot::number);
        table.rows.push(std::iter::once(deletion.words.to_string()).chain(numbers).collect());
    }
    table
}

fn explanation_ui(ui: &mut Ui, scene: &mut Scene<'_>, explained: &Explanation, can_change: bool) {
    let (label, probability) = (&explained.prediction.label, Number::Percent(explained.probability()));
    ui.label(scene.say_with("try-verdict", &[("label", label), ("probability", &probability)]));
    if explained.words.is_empty() {
        ui.label(theme::small_muted(ui, scene.say("cli-explain-nothing")));
        return;
    }
    let chosen = scene.state.why.change.as_ref().map(|change| change.word).filter(|_| can_change);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(3.0, 6.0);
        ui.spacing_mut().button_padding = vec2(3.0, 1.0);
        for (place, word) in explained.words.iter().enumerate() {
            if word_ui(ui, scene, explained, word, chosen == Some(place), can_change) {
                scene.act(WhyAction::ChooseWord(place));
            }
        }
    });
    let error = Number::Percent(explained.completeness_error);
    let told = match explained.depth {
        Depth::Coarse => "why-error-coarse",
        Depth::Words | Depth::Deletions => "cli-explain-error",
    };
    let told = scene.say_with(told, &[("error", &error), ("steps", &explained.steps)]);
    ui.label(theme::small_muted(ui, told));
    if !explained.deletions.is_empty() {
        deletions_ui(ui, scene, explained);
    }
}

/// Draws a word on a ground in the colour of its sign. What speaks for the label has a solid line below it, what speaks
/// against it a dashed one. Returns whether it was clicked.
fn word_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    explained: &Explanation,
    word: &ExplainedWord,
    is_chosen: bool,
    can_change: bool,
) -> bool {
    let p = theme::palette(ui);
    let (label, text) = (&explained.prediction.label, RichText::new(&word.word));
    let Some(attribution) = word.attribution else {
        let unread = ui.label(text.color(p.muted).italics());
        unread.on_hover_text(scene.say("cli-explain-unread"));
        return false;
    };
    let share = attribution / explained.largest();
    let colour = if share < 0.0 { p.wrong_cell } else { p.right_cell };
    let is_marked = share.abs() >= LEAST;
    let ground = if is_marked { mix(p.card, colour, 0.5 * share.abs() as f32) } else { p.card };
    let edge = Stroke::new(if is_chosen { 1.5 } else { 0.0 }, p.accent);
    let button = Button::new(text.color(p.text)).small().fill(ground).stroke(edge);
    let response = ui.add(button);
    let id = if share < 0.0 { "why-word-against" } else { "why-word-for" };
    let value = format!("{attribution:+.2}");
    let mut told = scene.say_with(id, &[("word", &word.word), ("value", &value), ("label", label)]);
    if let Some(without) = word.without {
        told += " ";
        told += &scene.say_with("why-word-without", &[("label", label), ("probability", &Number::Percent(without))]);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &told));
    if is_marked {
        let rect = response.rect;
        let (left, right) =
            (pos2(rect.left() + 2.0, rect.bottom() + 1.5), pos2(rect.right() - 2.0, rect.bottom() + 1.5));
        let stroke = Stroke::new(1.0 + 2.0 * share.abs() as f32, colour);
        if share < 0.0 {
            ui.painter().extend(Shape::dashed_line(&[left, right], stroke, 3.0, 3.0));
        } else {
            ui.painter().line_segment([left, right], stroke);
        }
    }
    response.on_hover_text(told).clicked() && can_change
}

/// Shows how far the probability falls when the top words are deleted, beside random ones.
fn deletions_ui(ui: &mut Ui, scene: &mut Scene<'_>, explained: &Explanation) {
    as_plot(ui, scene, |ui, scene, rect| {
        let title = scene.say("why-deletions");
        theme::heading_cut(ui, &title, |ui| {
            save_plot::button(ui, scene, &title, rect, |scene| deletion_table(scene, explained));
        });
        let told = scene.say_with("cli-explain-deletions", &[("label", &explained.prediction.label)]);
        ui.label(theme::small_muted(ui, told));
        deletion_bars_ui(ui, scene, explained);
    });
}

fn deletion_bars_ui(ui: &mut Ui, scene: &Scene<'_>, explained: &Explanation) {
    let p = theme::palette(ui);
    let bar = |ui: &mut Ui, share: f64, colour, id: &'static str, words: usize| {
        ui.horizontal(|ui| {
            let percent = scene.words.write(Number::Percent(share));
            let name = scene.say_with(id, &[("count", &words), ("probability", &percent)]);
            theme::bar(ui, share as f32, vec2(56.0, 8.0), colour, &name).on_hover_text(name);
            ui.label(theme::small_muted(ui, percent));
        });
    };
    Grid::new("deletions").num_columns(3).spacing(vec2(space::M, 2.0)).show(ui, |ui| {
        for id in ["cli-explain-deleted", "cli-explain-top", "cli-explain-random"] {
            ui.label(theme::small_muted(ui, scene.say(id)));
        }
        ui.end_row();
        for deletion in &explained.deletions {
            ui.label(theme::small_muted(ui, deletion.words.to_string()));
            bar(ui, deletion.top, p.train_curve, "why-deleted-top", deletion.words);
            bar(ui, deletion.random, p.outline, "why-deleted-random", deletion.words);
            ui.end_row();
        }
    });
}

/// The word that was clicked can be deleted or replaced.
fn change_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let why = &scene.state.why;
    let (Some(word), Some(change), Some(explained)) = (why.chosen(), &why.change, why.of_run()) else {
        ui.label(theme::small_muted(ui, scene.say("why-click")));
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let label = ui.label(scene.say_with("why-replace", &[("word", &word.word)]));
        let mut replacement = change.replacement.clone();
        let field = TextEdit::singleline(&mut replacement).hint_text(scene.hint("why-replace")).desired_width(160.0);
        let field = ui.add(field).labelled_by(label.id);
        if field.changed() {
            scene.act(WhyAction::SetReplacement(replacement));
            scene.act(WhyAction::Change);
        }
        result_ui(ui, scene, change, explained);
    });
}

/// Says what became of the probability.
fn result_ui(ui: &mut Ui, scene: &Scene<'_>, change: &Change, explained: &Explanation) {
    if let Some(problem) = change.prediction.failed() {
        return problem_ui(ui, scene.words, problem, theme::palette(ui).error);
    }
    let Some(prediction) = change.prediction.latest().and_then(|found| found.first()) else { return };
    let label = &explained.prediction.label;
    let now = prediction.probabilities.iter().find(|(name, _)| name == label).map_or(0.0, |(_, p)| *p);
    let (before, now) = (numbers::ratio(explained.probability()), numbers::ratio(now));
    let told = scene.say_with("why-changed", &[("label", label), ("before", &before), ("now", &now)]);
    ui.label(theme::semibold(told));
    if prediction.label != *label {
        ui.label(scene.say_with("why-now-predicted", &[("label", &prediction.label)]));
    }
}
