//! The coach has a line above a view. It is absent while there is no sign, else a quiet line that opens.

use eframe::egui::{Label, Ui};

use crate::app::run::RunAction;
use crate::app::run::coach::CoachAction;
use crate::domain::coach::AdvicePlace;

use super::super::theme;
use super::Scene;

pub fn coach_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let coach = &scene.state.run.coach;
    let Some(first) = coach.advice.first() else { return };
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let shown = if coach.is_open { &coach.advice[..] } else { std::slice::from_ref(first) };
        for (i, advice) in shown.iter().enumerate() {
            let sign = |ui: &mut Ui, scene: &mut Scene<'_>| {
                if i == 0 {
                    ui.label(theme::semibold(scene.say("coach-name")));
                }
                let sentence = Label::new(scene.words.sentence(&advice.sentence));
                ui.add(if coach.is_open { sentence.wrap() } else { sentence.truncate() });
            };
            let links = |ui: &mut Ui, scene: &mut Scene<'_>| {
                let others = coach.advice.len() - 1;
                if i == 0 && others > 0 && !coach.is_open {
                    ui.label(theme::small_muted(ui, scene.say_with("coach-others", &[("count", &others)])));
                }
                if theme::link_button(ui, &scene.say(link(advice.place))).clicked() {
                    scene.act(RunAction::Coach(CoachAction::Show(advice.place)));
                }
                let id = if coach.is_open { "coach-less" } else { "coach-more" };
                if i == 0 && theme::link_button(ui, &scene.say(id)).clicked() {
                    scene.act(RunAction::Coach(CoachAction::Open(!coach.is_open)));
                }
            };
            ui.horizontal(|ui| theme::ends(ui, scene, sign, links));
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
