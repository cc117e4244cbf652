//! The coach has a button at the right end of the row of tabs. What it has to say opens over the view, so that nothing
//! there moves when a sign is seen.

use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{Area, Button, Frame, Id, Label, Order, Rect, Role, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::app::run::RunAction;
use crate::app::run::coach::CoachAction;
use crate::domain::coach::AdvicePlace;

use super::super::theme;
use super::Scene;

/// All of the advice is at most so wide.
const WIDTH: f32 = 520.0;
const HEIGHT: f32 = 96.0;
/// A shorter part of the first sentence would say nothing.
const SENTENCE: f32 = 160.0;

/// Draws the button into the room that the tabs leave. It is absent while there is no sign.
pub fn coach_button_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let coach = &scene.state.run.coach;
    let Some(first) = coach.advice.first() else { return };
    let count = coach.advice.len();
    let (name, sentence) = (scene.say_with("coach-signs", &[("count", &count)]), scene.words.sentence(&first.sentence));
    let room = ui.available_rect_before_wrap();
    let font = TextStyle::Small.resolve(ui.style());
    let p = theme::palette(ui);
    let width = room.width() - 2.0 * ui.spacing().button_padding.x;
    let text = if width < SENTENCE { name.clone() } else { format!("{name} · {sentence}") };
    let mut job = LayoutJob::simple_singleline(text, font, p.text);
    job.wrap = TextWrapping::truncate_at_width(width);
    let line = ui.painter().layout_job(job);
    let size = vec2(line.size().x + 2.0 * ui.spacing().button_padding.x, 24.0);
    let place = Rect::from_min_size(pos2(room.right() - size.x, room.center().y - size.y / 2.0), size);
    let button = Button::new(line).selected(coach.is_open).fill(p.warning_fill).stroke(Stroke::new(1.0, p.warning));
    let pressed = ui.put(place, button);
    let whole = format!("{name}: {sentence}");
    pressed.widget_info(|| WidgetInfo::selected(Role::Button, true, coach.is_open, &whole));
    if pressed.on_hover_text(&sentence).clicked() {
        scene.act(RunAction::Coach(CoachAction::Open(!coach.is_open)));
    }
}

/// Draws all of the advice over `page`, below its tabs, while it is open.
pub fn coach_ui(ui: &Ui, page: Rect, scene: &mut Scene<'_>) {
    let coach = &scene.state.run.coach;
    if !coach.is_open || coach.advice.is_empty() {
        return;
    }
    let p = theme::palette(ui);
    let width = WIDTH.min(page.width());
    let area = Area::new(Id::unique("coach")).order(Order::Middle).movable(false).constrain(true);
    area.fixed_pos(pos2(page.right() - width, page.top())).default_width(width).show(ui.ctx(), |ui| {
        let frame = Frame::new().fill(p.card).stroke(Stroke::new(1.0, p.outline)).corner_radius(8).inner_margin(12);
        frame.shadow(ui.visuals().popup_shadow).show(ui, |ui| {
            ui.set_width(width - 26.0);
            ui.set_min_height(HEIGHT);
            ui.horizontal(|ui| {
                let name = |ui: &mut Ui, scene: &mut Scene<'_>| drop(ui.label(theme::heading(scene.say("coach-name"))));
                let close = |ui: &mut Ui, scene: &mut Scene<'_>| {
                    if theme::link_button(ui, &scene.say("coach-less")).clicked() {
                        scene.act(RunAction::Coach(CoachAction::Open(false)));
                    }
                };
                theme::ends(ui, scene, name, close);
            });
            for advice in &coach.advice {
                ui.add(Label::new(scene.words.sentence(&advice.sentence)).wrap());
                if theme::link_button(ui, &scene.say(link(advice.place))).clicked() {
                    scene.act(RunAction::Coach(CoachAction::Show(advice.place)));
                }
            }
        });
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
