//! The coach has a line above a view. It is absent while there is no sign, else a quiet line that opens.

use eframe::egui::{Align, Label, Layout, Ui};

use crate::app::action::Action;
use crate::app::run::RunAction;
use crate::app::run::coach::CoachAction;
use crate::app::state::AppState;
use crate::domain::coach::AdvicePlace;
use crate::words::Catalogue;

use super::super::theme;

pub fn coach_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let coach = &state.run.coach;
    let Some(first) = coach.advice.first() else { return };
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let more = coach.advice.len() > 1;
        let shown = if coach.is_open { &coach.advice[..] } else { std::slice::from_ref(first) };
        for (i, advice) in shown.iter().enumerate() {
            ui.horizontal(|ui| {
                if i == 0 {
                    ui.label(theme::semibold(words.say("coach-name")));
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let id = if coach.is_open { "coach-less" } else { "coach-more" };
                    if i == 0 && theme::link_button(ui, &words.say(id)).clicked() {
                        actions.push(RunAction::Coach(CoachAction::Open(!coach.is_open)).into());
                    }
                    if theme::link_button(ui, &words.say(link(advice.place))).clicked() {
                        actions.push(RunAction::Coach(CoachAction::Show(advice.place)).into());
                    }
                    if i == 0 && more && !coach.is_open {
                        let others = coach.advice.len() - 1;
                        ui.label(theme::small_muted(ui, words.say_with("coach-others", &[("count", &others)])));
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let sentence = Label::new(words.problem(&advice.sentence));
                        ui.add(if coach.is_open { sentence.wrap() } else { sentence.truncate() });
                    });
                });
            });
        }
    });
}

fn link(place: AdvicePlace) -> &'static str {
    match place {
        AdvicePlace::Loss => "coach-to-loss",
        AdvicePlace::Matrix => "coach-to-matrix",
        AdvicePlace::LearningRate => "coach-to-rate",
        AdvicePlace::Data => "coach-to-data",
        AdvicePlace::Freeze => "coach-to-freeze",
    }
}
