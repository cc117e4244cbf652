//! Try takes a sentence and shows what the trained model predicts for it.

use eframe::egui::{Align, Key, Label, Layout, Response, ScrollArea, TextEdit, Ui, vec2};

use crate::app::action::Action;
use crate::app::run::RunAction;
use crate::app::sentences::{MOST, SentencesAction, can_keep, kept};
use crate::app::state::Loading;
use crate::app::why::{Whose, WhyAction};
use crate::domain::legibility::Legibility;
use crate::domain::message::Prediction;
use crate::words::{Number, numbers};

use super::super::legibility;
use super::super::problem::problem_ui;
use super::super::theme::{self, space};
use super::Scene;
use super::answered;
use super::live::empty_note;
use super::sentences;
use super::why;

/// The sentence and its bars are at most this wide, because long lines are hard to read.
const WIDEST: f32 = 760.0;

pub fn try_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let all = ui.available_rect_before_wrap();
    theme::card_at(ui, all, |ui| {
        ui.set_max_width(WIDEST.min(ui.available_width()));
        ui.add_space(space::XS);
        if scene.state.run.reads_pairs() {
            pair_ui(ui, scene);
        } else {
            let label = ui.label(theme::heading(scene.say("try-sentence")));
            sentence_ui(ui, scene, &label);
        }
        ui.add_space(space::S);
        answered::file_ui(ui, scene);
        let state = scene.state;
        let (can_predict, is_answered) = (state.can_predict(), state.run.prediction.latest().is_some());
        if can_predict && (is_answered || kept(&state.run, &state.shell.settings.sentences).next().is_some()) {
            pages_ui(ui, scene, is_answered);
        }
        match &state.run.prediction {
            _ if !can_predict && state.is_running() => empty_note(ui, &scene.say("try-while-running")),
            _ if !can_predict => empty_note(ui, &scene.say("try-no-model")),
            _ if state.sentences.is_open => sentences::sentences_ui(ui, scene),
            Loading::Failed(problem) => {
                let colour = theme::palette(ui).error;
                problem_ui(ui, scene.words, problem, colour);
            }
            Loading::Nothing => {
                let hint = if scene.state.run.reads_pairs() { "try-hint-pair" } else { "try-hint" };
                ui.label(theme::muted(ui, scene.say(hint)));
            }
            loading => {
                if let Some(prediction) = loading.latest().and_then(|p| p.first()) {
                    prediction_ui(ui, scene, prediction);
                    match shows_why(scene) {
                        true => why::why_ui(ui, scene),
                        false => probabilities_ui(ui, prediction),
                    }
                }
            }
        }
    });
}

/// Explanations are those of a run that has ended.
fn shows_why(scene: &Scene<'_>) -> bool {
    scene.state.why.is_open && scene.state.run.paused_step().is_none()
}

/// Chooses between the answer to one sentence, its reasons, and all sentences that are kept.
fn pages_ui(ui: &mut Ui, scene: &mut Scene<'_>, is_answered: bool) {
    let (is_kept, is_why, is_paused) =
        (scene.state.sentences.is_open, shows_why(scene), scene.state.run.paused_step().is_some());
    ui.horizontal_wrapped(|ui| {
        let mut turn = |ui: &mut Ui, id: &'static str, is_shown: bool, actions: &[Action]| {
            let response = ui.selectable_label(is_shown, scene.say(id)).on_hover_text(scene.hint(id));
            if response.clicked() {
                actions.iter().for_each(|action| scene.act(action.clone()));
            }
        };
        let back = SentencesAction::Show(false);
        turn(ui, "why-probabilities", !is_kept && !is_why, &[back.clone().into(), WhyAction::Open(false).into()]);
        if is_answered && !is_paused {
            turn(ui, "why-open", !is_kept && is_why, &[back.into(), WhyAction::Open(true).into()]);
        }
        turn(ui, "try-kept", is_kept, &[SentencesAction::Show(true).into()]);
    });
    ui.add_space(space::XS);
}

fn sentence_ui(ui: &mut Ui, scene: &mut Scene<'_>, label: &Response) {
    let mut sentence = scene.state.run.sentence.clone();
    let field = text_field(ui, scene, "try-sentence", label, &mut sentence);
    if field.changed() {
        scene.act(RunAction::SetSentence(sentence.clone()));
    }
    predict_ui(ui, scene, &[field], !sentence.trim().is_empty(), "try-write-first");
}

/// Asks for two texts, under the names of the columns that the model was trained on.
fn pair_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let run = &scene.state.run;
    let (mut first, mut second) = (run.sentence.clone(), run.second_sentence.clone());
    let columns = run.shown.history.started.as_ref().map(|started| started.text_columns.clone()).unwrap_or_default();
    let field = |ui: &mut Ui, id: &'static str, column: Option<&String>, text: &mut String| {
        let name = match column {
            Some(column) => scene.say_with("try-column", &[("name", &scene.say(id)), ("column", column)]),
            None => scene.say(id),
        };
        let label = ui.add(Label::new(theme::heading(name)).truncate());
        text_field(ui, scene, id, &label, text)
    };
    let one = field(ui, "try-first", columns.first(), &mut first);
    let two = field(ui, "try-second", columns.get(1), &mut second);
    if one.changed() {
        scene.act(RunAction::SetSentence(first.clone()));
    }
    if two.changed() {
        scene.act(RunAction::SetSecondSentence(second.clone()));
    }
    let is_written = ![first, second].iter().any(|text| text.trim().is_empty());
    predict_ui(ui, scene, &[one, two], is_written, "try-write-both");
}

fn text_field(ui: &mut Ui, scene: &Scene<'_>, id: &'static str, label: &Response, text: &mut String) -> Response {
    let edit =
        TextEdit::singleline(text).hint_text(scene.hint(id)).desired_width(f32::INFINITY).margin(vec2(10.0, 8.0));
    ui.add(edit).labelled_by(label.id)
}

/// The button that asks the model, which Enter in a field presses. `write_first` says what is still to be written.
fn predict_ui(ui: &mut Ui, scene: &mut Scene<'_>, fields: &[Response], is_written: bool, write_first: &'static str) {
    let enter = fields.iter().find(|field| field.lost_focus()).filter(|_| ui.input(|i| i.key_pressed(Key::Enter)));
    let can = scene.state.can_predict() && is_written;
    let button = ui.horizontal(|ui| {
        let button = theme::primary_button(ui, &scene.say("try-predict"), can);
        keep_ui(ui, scene);
        answered::offer_ui(ui, scene);
        button
    });
    let button = button
        .inner
        .on_hover_text(scene.hint("try-predict"))
        .on_disabled_hover_text(scene.say(if scene.state.can_predict() { write_first } else { "try-no-model" }));
    if (button.clicked() || enter.is_some()) && can {
        scene.act(RunAction::Predict);
        if let Some(field) = enter {
            field.request_focus();
        }
    }
}

/// Offers to keep the sentence that is written, once there is a model to ask.
fn keep_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let (run, kept) = (&scene.state.run, &scene.state.shell.settings.sentences);
    let Some(texts) = run.texts_written().filter(|_| scene.state.can_predict()) else { return };
    let why_not = match kept.contains(&texts) {
        true => scene.say("try-kept-already"),
        false => scene.say_with("try-kept-all", &[("most", &MOST)]),
    };
    let can = can_keep(run, kept);
    let link = ui.add_enabled_ui(can, |ui| theme::link_button(ui, &scene.say("try-keep"))).inner;
    let link = link.on_hover_text(scene.hint("try-keep"));
    if link.on_disabled_hover_text(why_not).clicked() {
        scene.act(SentencesAction::Keep);
    }
}

fn prediction_ui(ui: &mut Ui, scene: &Scene<'_>, prediction: &Prediction) {
    let words = scene.words;
    for text in std::iter::once(&prediction.text).chain(&prediction.second) {
        ui.label(theme::small_muted(ui, format!("“{text}”")));
    }
    let probability = prediction.probabilities.iter().find(|(l, _)| *l == prediction.label).map_or(0.0, |(_, p)| *p);
    let (label, probability) = (&prediction.label, Number::Percent(probability));
    let verdict = words.say_with("try-verdict", &[("label", label), ("probability", &probability)]);
    ui.label(theme::title(verdict));
    ui.label(theme::small_muted(ui, why::whose_name(scene, &Whose::Run)));
    legibility::warning_ui(ui, words, &Legibility::of([&prediction.pieces[..]]));
    legibility::pieces_ui(ui, words, &prediction.pieces);
    ui.add_space(space::XS);
}

fn probabilities_ui(ui: &mut Ui, prediction: &Prediction) {
    let p = theme::palette(ui);
    // Of very many classes only those in view cost time.
    let (all, height) = (&prediction.probabilities, ui.spacing().interact_size.y);
    let area = ScrollArea::vertical().id_salt("probabilities").auto_shrink(false);
    area.show_rows(ui, height, all.len(), |ui, in_view| {
        let name_width = (ui.available_width() * 0.25).clamp(64.0, 200.0);
        for (label, share) in &all[in_view] {
            ui.horizontal(|ui| {
                let winner = *label == prediction.label;
                let name = vec2(name_width, 20.0);
                ui.allocate_ui_with_layout(name, Layout::left_to_right(Align::Center), |ui| {
                    ui.set_min_width(name_width);
                    let others = all.iter().map(|(label, _)| label.as_str());
                    theme::cut_among(ui, label, others, winner);
                });
                let width = (ui.available_width() - 72.0).max(40.0);
                let colour = if winner { p.validation_curve } else { p.outline };
                let name = format!("{label} {}", numbers::ratio(*share));
                theme::bar(ui, *share as f32, vec2(width, 12.0), colour, &name);
                ui.label(numbers::ratio(*share));
            });
        }
    });
}
