//! The sentences that Try keeps as a table: each with the answers of the run, of the pre-trained model and of another run.

use eframe::egui::text::LayoutJob;
use eframe::egui::{Align, Label, Layout, Rect, RichText, Role, ScrollArea, Sense, TextStyle, Ui, WidgetInfo};

use crate::app::sentences::{Answers, SentencesAction, kept};
use crate::app::state::Loading;
use crate::domain::message::{Prediction, RowTexts};
use crate::words::Number;

use super::super::problem::problem_ui;
use super::super::save_plot::{self, Table};
use super::super::theme::{self, space};
use super::Scene;
use super::live::empty_note;
use super::why;

const HEADER: f32 = 24.0;
/// The header is so high where a model's name takes two lines.
const HIGH_HEADER: f32 = 38.0;
const ROW: f32 = 26.0;
/// The column of one model's answers is at least so wide.
const ANSWER: f32 = 110.0;
/// The words that remove a sentence have so much room at least.
const REMOVE: f32 = 60.0;

pub fn sentences_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let all: Vec<(usize, RowTexts)> = kept(&scene.state.run, &scene.state.shell.settings.sentences)
        .map(|(place, texts)| (place, texts.clone()))
        .collect();
    if all.is_empty() {
        models_ui(ui, scene);
        return empty_note(ui, &scene.say("try-none-kept"));
    }
    let card = theme::card_around(ui);
    // The few sentences stand at their whole height, so that those of a low window can be scrolled to.
    ScrollArea::vertical().id_salt("sentences").auto_shrink(false).show(ui, |ui| {
        // The bar of the area floats over its right edge.
        ui.set_max_width(ui.available_width() - space::S);
        models_ui(ui, scene);
        kept_ui(ui, scene, &all, card);
    });
}

/// Chooses the models that answer.
fn models_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    if scene.state.run.paused_step().is_some() {
        ui.label(theme::small_muted(ui, scene.say("try-paused")));
    }
    why::beside_ui(ui, scene);
}

/// Draws the sentences that are kept. `card` is the surface that a picture of them shows.
fn kept_ui(ui: &mut Ui, scene: &mut Scene<'_>, all: &[(usize, RowTexts)], card: Rect) {
    let title = scene.say("try-kept");
    theme::heading_row(ui, &title, Some(&scene.hint("try-kept")), |ui| {
        save_plot::table_buttons(ui, scene, &title, card, |scene| export(scene, all));
    });
    let columns = columns(scene);
    for column in columns {
        if let Some(problem) = column.answers.failed() {
            ui.label(theme::small_muted(ui, why::whose_name(scene, &column.whose)));
            problem_ui(ui, scene.words, problem, theme::palette(ui).error);
        }
    }
    ui.add(Label::new(theme::small_muted(ui, scene.say("try-kept-click"))).wrap());
    lines_ui(ui, scene, all, columns);
}

/// The answers of the models that were chosen, that of the run first.
fn columns<'s>(scene: &Scene<'s>) -> &'s [Answers] {
    scene.state.sentences.columns(&scene.state.run)
}

fn lines_ui(ui: &mut Ui, scene: &mut Scene<'_>, all: &[(usize, RowTexts)], columns: &[Answers]) {
    let width = |text: &str| theme::text_width(ui, text, TextStyle::Body).ceil() + 8.0;
    let answers = columns.iter().flat_map(|column| column.answers.latest().into_iter().flatten());
    let answer = answers.map(|answer| width(&in_words(scene, answer))).fold(ANSWER, f32::max);
    let share = ui.available_width() * 0.6 / columns.len().max(1) as f32;
    let names: Vec<(String, f32)> = columns
        .iter()
        .map(|column| {
            let name = why::whose_name(scene, &column.whose);
            let width = theme::text_width(ui, &name, TextStyle::Small).ceil() + 8.0;
            (name, width)
        })
        .collect();
    let header = if names.iter().any(|(_, width)| *width > share) { HIGH_HEADER } else { HEADER };
    let remove = width(&scene.say("try-remove")).max(REMOVE);
    let widths = std::iter::once(theme::wide(120.0))
        .chain(names.iter().map(|(_, name)| theme::fixed(answer.max(*name).min(share))))
        .chain([theme::fixed(remove)]);
    let mut act = None;
    theme::table(ui, "kept sentences", widths)
        .sense(Sense::click())
        .vscroll(false)
        .auto_shrink([false, true])
        .header(header, |mut header| {
            header.col(|ui| {
                ui.label(theme::small_muted(ui, scene.say("try-sentence")));
            });
            for (name, _) in &names {
                header.col(|ui| name_ui(ui, name));
            }
            header.col(|_| {});
        })
        .body(|mut body| {
            // Rows out of view are drawn, too, because the table has no scroll area of its own.
            all.iter().enumerate().for_each(|(i, (place, texts))| {
                body.row(ROW, |mut row| {
                    let of_run = columns.first().and_then(|column| Some(&column.answers.latest()?.get(i)?.label));
                    row.col(|ui| {
                        let text = one_line(texts);
                        ui.add(Label::new(&text).truncate()).on_hover_text(text);
                    });
                    for column in columns {
                        row.col(|ui| match (column.answers.latest().and_then(|found| found.get(i)), &column.answers) {
                            (Some(answer), _) => {
                                // Who disagrees with the run stands out without a colour.
                                let is_other = of_run.is_some_and(|label| *label != answer.label);
                                answer_ui(ui, scene, answer, is_other);
                            }
                            (None, Loading::Waiting(..)) => {
                                ui.label(theme::small_muted(ui, "–"));
                            }
                            (None, _) => {}
                        });
                    }
                    row.col(|ui| {
                        let name = scene.say_with("try-remove-this", &[("text", &one_line(texts))]);
                        let link = theme::link_button(ui, &scene.say("try-remove"));
                        link.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
                        if link.clicked() {
                            act = Some(SentencesAction::Remove(*place));
                        }
                    });
                    let response = row.response();
                    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, said(scene, i, texts, columns)));
                    if response.clicked() {
                        act.get_or_insert(SentencesAction::Use(*place));
                    }
                })
            });
        });
    if let Some(action) = act {
        scene.act(action);
    }
}

/// Draws the name of a model on at most two lines. Hovering shows all of it.
fn name_ui(ui: &mut Ui, name: &str) {
    let (font, colour) = (TextStyle::Small.resolve(ui.style()), theme::palette(ui).muted);
    let mut job = LayoutJob::simple(name.to_owned(), font, colour, ui.available_width());
    job.wrap.max_rows = 2;
    ui.add(Label::new(job).wrap()).on_hover_text(name);
}

/// Draws the probability whole and as much of the label as there is room for.
fn answer_ui(ui: &mut Ui, scene: &Scene<'_>, answer: &Prediction, is_other: bool) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let share = scene.words.write(Number::Percent(probability(answer)));
        ui.label(if is_other { theme::semibold(share) } else { RichText::new(share) });
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let others = answer.probabilities.iter().map(|(label, _)| label.as_str());
            theme::cut_among(ui, &answer.label, others, is_other);
        });
    });
}

fn one_line(texts: &RowTexts) -> String {
    let second = texts.second.as_deref().map(|second| format!("  |  {second}")).unwrap_or_default();
    format!("{}{second}", texts.text).replace(char::is_control, " ")
}

fn in_words(scene: &Scene<'_>, answer: &Prediction) -> String {
    let (label, probability) = (&answer.label, Number::Percent(probability(answer)));
    scene.say_with("try-verdict", &[("label", label), ("probability", &probability)])
}

fn probability(answer: &Prediction) -> f64 {
    answer.probabilities.iter().find(|(label, _)| *label == answer.label).map_or(0.0, |(_, p)| *p)
}

/// The line of a sentence for who cannot see the table.
fn said(scene: &Scene<'_>, i: usize, texts: &RowTexts, columns: &[Answers]) -> String {
    let of = |column: &Answers| {
        let answer = column.answers.latest()?.get(i)?;
        Some(format!("{}: {}", why::whose_name(scene, &column.whose), in_words(scene, answer)))
    };
    let answers: Vec<String> = columns.iter().filter_map(of).collect();
    format!("{}. {}", one_line(texts), answers.join("; "))
}

fn export(scene: &Scene<'_>, all: &[(usize, RowTexts)]) -> Table {
    let columns = columns(scene);
    let mut heads = vec![scene.say("try-sentence")];
    for column in columns {
        let whose = why::whose_name(scene, &column.whose);
        heads.extend([whose.clone(), format!("{whose}: {}", scene.say("why-probabilities"))]);
    }
    let mut table = Table::new(heads);
    for (i, (_, texts)) in all.iter().enumerate() {
        let mut cells = vec![one_line(texts)];
        for column in columns {
            let answer = column.answers.latest().and_then(|found| found.get(i));
            let label = answer.map(|answer| answer.label.clone()).unwrap_or_default();
            cells.extend([label, answer.map(|answer| save_plot::number(probability(answer))).unwrap_or_default()]);
        }
        table.rows.push(cells);
    }
    table
}
