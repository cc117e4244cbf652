//! A pointer leads a new user through the first minute. It stands beside what it points at, never over it.

use eframe::egui::{Area, Frame, Id, Label, Order, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};

use crate::app::first_steps::{FirstStep, FirstStepsAction, shows_pointer};

use super::scene::Scene;
use super::theme::{self, space};

const WIDTH: f32 = 250.0;
/// The distance between the pointer and what it points at.
const GAP: f32 = 12.0;
/// The distance between the pointer and the window's edge.
const EDGE: f32 = 8.0;

/// Where what a step asks for stands in a frame.
#[derive(Clone, Copy)]
struct Place {
    pass: u64,
    /// Whether it is the thing itself, rather than the closed section in which it is.
    is_itself: bool,
    rect: Rect,
}

fn place_id(step: FirstStep) -> Id {
    Id::unique(("first step", step))
}

/// Tells where what a step asks for stands. Where the thing itself is in view, the way to it is not pointed at. Of several
/// such things, the last one is meant.
pub fn mark(ui: &Ui, scene: &Scene<'_>, step: FirstStep, is_itself: bool, rect: Rect) {
    let seen = rect.intersect(ui.clip_rect());
    if scene.state.shell.settings.first_step != Some(step) || seen.height() < 0.6 * rect.height() {
        return;
    }
    let (id, pass) = (place_id(step), ui.ctx().cumulative_pass_nr());
    ui.data_mut(|data| {
        let better = |before: Place| before.pass == pass && before.is_itself && !is_itself;
        if !data.get_temp(id).is_some_and(better) {
            data.insert_temp(id, Place { pass, is_itself, rect: seen });
        }
    });
}

/// Draws the pointer at the step that is next, unless a lesson leads. A run is watched undisturbed until it has ended.
pub fn first_steps_ui(ui: &Ui, scene: &mut Scene<'_>) {
    let Some(step) = scene.state.shell.settings.first_step else { return };
    let waits = matches!(step, FirstStep::Results | FirstStep::Thaw) && scene.state.is_running();
    let is_elsewhere = !shows_pointer(scene.state.shell.view);
    if scene.state.lesson().is_some() || scene.state.palette.open || waits || is_elsewhere {
        return;
    }
    let (ctx, p) = (ui.ctx(), theme::palette(ui));
    let place: Option<Place> = ui.data(|data| data.get_temp(place_id(step)));
    let Some(place) = place.filter(|place| place.pass == ctx.cumulative_pass_nr()) else { return };
    let id = Id::unique("first steps");
    let size = ctx.memory(|memory| memory.area_rect(id)).map_or(vec2(WIDTH + 26.0, 130.0), |rect| rect.size());
    let target = place.rect.expand(3.0);
    let at = beside(target, size, ctx.content_rect().shrink(EDGE), place.is_itself);
    let painter = ctx.layer_painter(ui.layer_id());
    painter.rect_stroke(target, 6.0, Stroke::new(2.0 * theme::thickness(ui), p.primary), StrokeKind::Outside);
    let own = Rect::from_min_size(at, size);
    painter.add(beak(own, target, p.primary));
    let area = Area::new(id).order(Order::Middle).fixed_pos(at).constrain(false);
    area.show(ctx, |ui| {
        let frame = Frame::popup(ui.style()).stroke(Stroke::new(1.5, p.primary)).inner_margin(space::M);
        frame.show(ui, |ui| contents(ui, scene, step, place.is_itself));
    });
}

fn contents(ui: &mut Ui, scene: &mut Scene<'_>, step: FirstStep, is_itself: bool) {
    ui.set_width(WIDTH);
    let id = match step {
        FirstStep::RowLimit => "first-steps-row-limit",
        FirstStep::Train => "first-steps-train",
        FirstStep::Results => "first-steps-results",
        FirstStep::Thaw => "first-steps-thaw",
    };
    let has_way = matches!(step, FirstStep::RowLimit | FirstStep::Thaw) && !is_itself;
    ui.label(theme::semibold(scene.say(id)));
    let part = if has_way { "way" } else { "hint" };
    ui.add(Label::new(scene.words.part(id, part)).wrap());
    let steps = FirstStep::ALL.len();
    let place = scene.say_with("first-steps-place", &[("step", &step.number()), ("steps", &steps)]);
    ui.horizontal(|ui| {
        let skip = |ui: &mut Ui, scene: &mut Scene<'_>| {
            scene.button(ui, "first-steps-skip", true, FirstStepsAction::Skip);
        };
        theme::ends(ui, scene, |ui, _| drop(ui.label(theme::small_muted(ui, place))), skip);
    });
}

/// Returns the corner at which something of this size stands beside `target`: to the right, below, to the left or above,
/// where it first fits. The closed section on the way is wide enough to have it below: at the right is what the user has
/// just come to see.
fn beside(target: Rect, size: Vec2, room: Rect, is_itself: bool) -> Pos2 {
    let y = |y: f32| y.min(room.bottom() - size.y).max(room.top());
    let x = |x: f32| x.min(room.right() - size.x).max(room.left());
    let middle = target.center() - size / 2.0;
    let mut places = [
        pos2(target.right() + GAP, y(middle.y)),
        pos2(x(middle.x), target.bottom() + GAP),
        pos2(target.left() - GAP - size.x, y(middle.y)),
        pos2(x(middle.x), target.top() - GAP - size.y),
    ];
    if !is_itself {
        places.swap(0, 1);
    }
    let fits = |at: &Pos2| room.expand(0.5).contains_rect(Rect::from_min_size(*at, size));
    places.into_iter().find(fits).unwrap_or(places[0])
}

/// Returns the beak of the pointer, between its edge and what it points at.
fn beak(own: Rect, target: Rect, colour: eframe::egui::Color32) -> Shape {
    let tip = target.clamp(own.center());
    let foot = own.clamp(tip);
    let along = (tip - foot).normalized();
    let across = vec2(-along.y, along.x) * 7.0;
    Shape::convex_polygon(vec![tip, foot + across, foot - across], colour, Stroke::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pointer_stands_beside_what_it_points_at() {
        let room = Rect::from_min_max(pos2(0.0, 0.0), pos2(900.0, 600.0));
        let size = vec2(276.0, 130.0);
        for target in [[10.0, 500.0, 300.0, 540.0], [700.0, 10.0, 780.0, 40.0], [320.0, 60.0, 890.0, 90.0]] {
            let target = Rect::from_min_max(pos2(target[0], target[1]), pos2(target[2], target[3]));
            let own = Rect::from_min_size(beside(target, size, room, true), size);
            assert!(room.contains_rect(own) && !own.intersects(target), "{own:?}, {target:?}");
        }
        let section = Rect::from_min_max(pos2(0.0, 160.0), pos2(380.0, 210.0));
        let own = Rect::from_min_size(beside(section, size, room, false), size);
        assert!(own.right() < section.right() && own.top() > section.bottom(), "{own:?} leaves the results in view");
    }
}
