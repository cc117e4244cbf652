//! Users may guess the result before a run. If the guess is switched on, Results sets it beside the truth.

use eframe::egui::{Slider, Ui};

use crate::app::train::TrainAction;
use crate::domain::config::{GUESS_ACCURACY, GUESS_SECS, Guess};
use crate::gui::theme;
use crate::words::numbers;

use super::{Scene, parts};

pub fn guess_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let words = scene.words;
    let mut guess = scene.state.train.config.guess;
    let mut is_on = guess.is_some();
    parts::switch(ui, words, "guess-switch", &mut is_on);
    if is_on != guess.is_some() {
        guess = is_on.then(Guess::default);
    }
    if let Some(guess) = &mut guess {
        parts::setting(ui, words, "guess-accuracy", |ui| {
            theme::slider_look(ui, theme::palette(ui).side);
            ui.spacing_mut().slider_width = (ui.available_width() - 64.0).max(40.0);
            parts::guessed(ui, &mut guess.accuracy, |ui, shown| {
                let range = GUESS_ACCURACY.min..=GUESS_ACCURACY.max;
                let slider = Slider::new(shown, range).step_by(0.01);
                ui.add(slider.custom_formatter(|x, _| parts::or_dash(x, |x| format!("{x:.2}"))))
            })
        });
        parts::setting(ui, words, "guess-secs", |ui| {
            parts::guessed(ui, &mut guess.secs, |ui, shown| {
                let drag = parts::number(shown, GUESS_SECS, ui.available_width()).max_decimals(0);
                ui.add(drag.custom_formatter(|x, _| parts::or_dash(x, |x| numbers::count(x as usize))))
            })
        });
    }
    if guess != scene.state.train.config.guess {
        scene.act(TrainAction::SetGuess(guess));
    }
}
