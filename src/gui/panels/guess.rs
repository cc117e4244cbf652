//! Users may guess the result before a run. If the guess is switched on, Results sets it beside the truth.

use eframe::egui::{Slider, Ui};

use crate::app::action::Action;
use crate::app::train::TrainAction;
use crate::domain::config::{GUESS_ACCURACY, GUESS_SECS, Guess};

use super::parts::{self, Scene};

/// The controls begin in the middle and at one minute.
const BEGINNING: Guess = Guess { accuracy: 0.5, secs: 60.0 };

pub fn guess_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let words = scene.words;
    let mut guess = scene.state.train.config.guess;
    parts::setting(ui, words, "guess-switch", |ui| {
        let mut is_on = guess.is_some();
        let text = words.say(if is_on { "panel-on" } else { "panel-off" });
        let response = ui.checkbox(&mut is_on, text);
        if response.changed() {
            guess = is_on.then_some(BEGINNING);
        }
        response
    });
    if let Some(guess) = &mut guess {
        parts::setting(ui, words, "guess-accuracy", |ui| {
            ui.spacing_mut().slider_width = (ui.available_width() - 64.0).max(40.0);
            let range = GUESS_ACCURACY.min..=GUESS_ACCURACY.max;
            ui.add(Slider::new(&mut guess.accuracy, range).step_by(0.01).fixed_decimals(2))
        });
        parts::setting(ui, words, "guess-secs", |ui| {
            let width = ui.available_width();
            ui.add(parts::number(&mut guess.secs, GUESS_SECS, width).max_decimals(0))
        });
    }
    if guess != scene.state.train.config.guess {
        scene.actions.push(Action::Train(TrainAction::SetGuess(guess)));
    }
}
