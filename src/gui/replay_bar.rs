//! While a stored run is replayed, a strip above the view says so and sets the speed and the time.

use eframe::egui::{Margin, Slider, Ui};

use crate::app::run::RunAction;
use crate::app::run::replay::{Replay, ReplayAction, Speed};
use crate::words::numbers;

use super::scene::Scene;
use super::theme::{self, space};

pub fn replay_ui(ui: &mut Ui, scene: &mut Scene<'_>, replay: &Replay) {
    let p = theme::palette(ui);
    theme::ground(p.accent_fill, Margin::symmetric(12, 6)).show(ui, |ui| {
        let (secs, all) = (replay.secs, replay.run.secs());
        let controls = |ui: &mut Ui, scene: &mut Scene<'_>| {
            ui.label(theme::semibold(scene.say("replay-title")).color(p.accent));
            let play = if replay.is_playing { "replay-pause" } else { "replay-play" };
            scene.button(ui, play, true, RunAction::Replay(ReplayAction::Play(!replay.is_playing)));
            for speed in Speed::ALL {
                let name = match speed {
                    Speed::Real => "replay-speed-1",
                    Speed::Times10 => "replay-speed-10",
                    Speed::Times60 => "replay-speed-60",
                    Speed::Show => "replay-speed-show",
                };
                let action = RunAction::Replay(ReplayAction::SetSpeed(speed));
                scene.choice(ui, name, replay.speed == speed, action).on_hover_text(scene.hint(name));
            }
            theme::slider_look(ui, p.accent_fill);
            ui.spacing_mut().slider_width = (ui.available_width() - space::S).max(40.0);
            let mut secs = secs;
            let slider = Slider::new(&mut secs, 0.0..=all.max(1e-3)).show_value(false);
            if ui.add(slider).accessible_name(scene.say("replay-time")).changed() {
                scene.act(RunAction::Replay(ReplayAction::Seek(secs)));
            }
        };
        let end = |ui: &mut Ui, scene: &mut Scene<'_>| {
            ui.label(theme::muted(ui, format!("{} / {}", numbers::clock(secs), numbers::clock(all))));
            scene.hinted_button(ui, "replay-end", true, RunAction::Replay(ReplayAction::End));
        };
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            theme::ends(ui, scene, controls, end);
        });
    });
}
