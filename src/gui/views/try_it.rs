//! Try takes a sentence and shows what the trained model predicts for it.

use eframe::egui::{Align, Key, Layout, Response, ScrollArea, TextEdit, Ui, vec2};

use crate::app::run::RunAction;
use crate::app::state::Loading;
use crate::domain::legibility::Legibility;
use crate::domain::message::Prediction;
use crate::words::{Catalogue, Number, numbers};

use super::super::legibility;
use super::super::problem::problem_ui;
use super::super::theme::{self, space};
use super::Scene;
use super::live::empty_note;

/// The sentence and its bars are at most this wide, because long lines are hard to read.
const WIDEST: f32 = 760.0;

pub fn try_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let all = ui.available_rect_before_wrap();
    theme::card_at(ui, all, |ui| {
        ui.set_max_width(WIDEST.min(ui.available_width()));
        ui.add_space(space::XS);
        let label = ui.label(theme::heading(scene.say("try-sentence")));
        sentence_ui(ui, scene, &label);
        ui.add_space(space::S);
        match &scene.state.run.prediction {
            _ if scene.state.is_running() => empty_note(ui, &scene.say("try-while-running")),
            _ if !scene.state.can_predict() => empty_note(ui, &scene.say("try-no-model")),
            Loading::Failed(problem) => {
                let colour = theme::palette(ui).error;
                problem_ui(ui, scene.words, problem, colour);
            }
            Loading::Nothing => {
                ui.label(theme::muted(ui, scene.say("try-hint")));
            }
            loading => {
                if let Some(prediction) = loading.latest().and_then(|p| p.first()) {
                    prediction_ui(ui, prediction, scene.words);
                }
            }
        }
    });
}

fn sentence_ui(ui: &mut Ui, scene: &mut Scene<'_>, label: &Response) {
    let mut sentence = scene.state.run.sentence.clone();
    let edit = TextEdit::singleline(&mut sentence)
        .hint_text(scene.hint("try-sentence"))
        .desired_width(f32::INFINITY)
        .margin(vec2(10.0, 8.0));
    let field = ui.add(edit).labelled_by(label.id);
    if field.changed() {
        scene.act(RunAction::SetSentence(sentence.clone()));
    }
    let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let can = scene.state.can_predict() && !sentence.trim().is_empty();
    let button = ui
        .horizontal(|ui| theme::primary_button(ui, &scene.say("try-predict"), can))
        .inner
        .on_hover_text(scene.hint("try-predict"))
        .on_disabled_hover_text(scene.say(if scene.state.can_predict() { "try-write-first" } else { "try-no-model" }));
    if (button.clicked() || enter) && can {
        scene.act(RunAction::Predict);
        if enter {
            field.request_focus();
        }
    }
}

fn prediction_ui(ui: &mut Ui, prediction: &Prediction, words: &Catalogue) {
    let p = theme::palette(ui);
    ui.label(theme::small_muted(ui, format!("“{}”", prediction.text)));
    let probability = prediction.probabilities.iter().find(|(l, _)| *l == prediction.label).map_or(0.0, |(_, p)| *p);
    let (label, probability) = (&prediction.label, Number::Percent(probability));
    let verdict = words.say_with("try-verdict", &[("label", label), ("probability", &probability)]);
    ui.label(theme::title(verdict));
    legibility::warning_ui(ui, words, &Legibility::of([&prediction.pieces[..]]));
    legibility::pieces_ui(ui, words, &prediction.pieces);
    ui.add_space(space::XS);
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
