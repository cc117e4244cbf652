//! Users may guess the result before a run. If the guess is switched on, Results sets it beside the truth.

use eframe::egui::{Slider, Ui};

use crate::app::train::TrainAction;
use crate::domain::config::{GUESS_ACCURACY, GUESS_SECS, Guess};

use super::{Scene, parts};

/// The controls begin in the middle and at one minute.
const BEGINNING: Guess = Guess { accuracy: 0.5, secs: 60.0 };

pub fn guess_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let words = scene.words;
    let mut guess = scene.state.train.config.guess;
    let mut is_on = guess.is_some();
    parts::switch(ui, words, "guess-switch", &mut is_on);
    if is_on != guess.is_some() {
        guess = is_on.then_some(BEGINNING);
    }
    if let Some(guess) = &mut guess {
        parts::setting(ui, words, "guess-accuracy", |ui| {
            ui.spacing_mut().slider_width = (ui.available_width() - 64.0).max(40.0);
            let range = GUESS_ACCURACY.min..=GUESS_ACCURACY.max;
            ui.add(Slider::new(&mut guess.accuracy, range).step_by(0.01).fixed_decimals(2))
        });
        parts::setting(ui, words, "guess-secs", |ui| {
            ui.add(parts::number(&mut guess.secs, GUESS_SECS, ui.available_width()).max_decimals(0))
        });
    }
    if guess != scene.state.train.config.guess {
        scene.act(TrainAction::SetGuess(guess));
    }
}
