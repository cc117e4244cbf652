//! While a stored run is replayed, a strip above the view says so and sets the speed and the time.

use eframe::egui::{Align, CornerRadius, Frame, Layout, Margin, Slider, Ui};

use crate::app::action::Action;
use crate::app::run::RunAction;
use crate::app::run::replay::ReplayAction;
use crate::app::run::replay::{Replay, Speed};
use crate::words::{Catalogue, numbers};

use super::theme::{self, space};

pub fn replay_ui(ui: &mut Ui, replay: &Replay, words: &Catalogue, actions: &mut Vec<Action>) {
    let p = theme::palette(ui);
    let frame =
        Frame::new().fill(p.accent_fill).corner_radius(CornerRadius::same(6)).inner_margin(Margin::symmetric(12, 6));
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            ui.label(theme::semibold(words.say("replay-title")).color(p.accent));
            let play = words.say(if replay.is_playing { "replay-pause" } else { "replay-play" });
            if ui.button(play).clicked() {
                actions.push(Action::Run(RunAction::Replay(ReplayAction::Play(!replay.is_playing))));
            }
            for speed in Speed::ALL {
                let name = match speed {
                    Speed::Real => "replay-speed-1",
                    Speed::Times10 => "replay-speed-10",
                    Speed::Times60 => "replay-speed-60",
                    Speed::Show => "replay-speed-show",
                };
                let chosen =
                    ui.selectable_label(replay.speed == speed, words.say(name)).on_hover_text(words.hint(name));
                if chosen.clicked() {
                    actions.push(Action::Run(RunAction::Replay(ReplayAction::SetSpeed(speed))));
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button(words.say("replay-end")).on_hover_text(words.hint("replay-end")).clicked() {
                    actions.push(Action::Run(RunAction::Replay(ReplayAction::End)));
                }
                let all = replay.run.secs();
                ui.label(theme::muted(ui, format!("{} / {}", numbers::clock(replay.secs), numbers::clock(all))));
                ui.spacing_mut().slider_width = (ui.available_width() - space::S).max(40.0);
                let mut secs = replay.secs;
                let slider = Slider::new(&mut secs, 0.0..=all.max(1e-3)).show_value(false);
                let response = ui.add(slider);
                let name = words.say("replay-time");
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
                if response.changed() {
                    actions.push(Action::Run(RunAction::Replay(ReplayAction::Seek(secs))));
                }
            });
        });
    });
}
