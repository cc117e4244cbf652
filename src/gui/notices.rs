//! Errors, warnings and offers lie over the page, at its bottom right, until they are dismissed. They push nothing away;
//! a new one lies above the older ones, and none of them moves while the pointer is over them.

use std::time::Duration;

use eframe::egui::{
    Align, Align2, Area, Button, Frame, Id, Layout, Margin, Order, Pos2, Rect, ScrollArea, Stroke, Ui, pos2, vec2,
};

use crate::app::action::Action;
use crate::app::shell::Notice;

use super::problem::problem_ui;
use super::scene::Scene;
use super::theme::{self, space};

const WIDTH: f32 = 420.0;
/// A longer text scrolls.
const TEXT_HEIGHT: f32 = 140.0;
/// The line that counts what does not fit has this height.
const MORE_HEIGHT: f32 = 32.0;
/// A notice that comes up under the pointer takes no click for so long, because that click was meant for the page.
const GUARD: Duration = Duration::from_millis(600);

/// Where one notice lies.
#[derive(Clone, Copy)]
struct Place {
    id: Id,
    /// From the floor of the page to the notice's lower edge.
    rise: f32,
    height: f32,
    /// It takes no clicks before this time, in seconds.
    guarded_until: f64,
}

impl Place {
    fn top(&self) -> f32 {
        self.rise + self.height + space::S
    }
}

/// Draws the notices over `page`.
pub fn notices_ui(ui: &Ui, page: Rect, scene: &mut Scene<'_>) {
    let memory = Id::unique("places of notices");
    let mut places: Vec<Place> = ui.data(|data| data.get_temp(memory)).unwrap_or_default();
    let width = WIDTH.min(page.width() - 2.0 * space::M);
    let floor = pos2(page.right() - space::M - width, page.bottom() - space::M);
    let shown: Vec<(Id, &Notice)> = scene.state.shell.notices.iter().map(|notice| (id_of(notice), notice)).collect();
    let pointer = ui.input(|i| i.pointer.latest_pos());
    let is_pointed = pointer.is_some_and(|at| stack(floor, width, &places).contains(at));
    places.retain(|place| shown.iter().any(|(id, _)| *id == place.id));
    if !is_pointed {
        let mut rise = 0.0;
        for place in &mut places {
            place.rise = rise;
            rise = place.top();
        }
    }
    let room = page.height() - 2.0 * space::M - MORE_HEIGHT;
    let mut hidden = 0_usize;
    for (index, (id, notice)) in shown.into_iter().enumerate() {
        let known = places.iter().find(|place| place.id == id).copied();
        let above = places.iter().map(Place::top).fold(0.0, f32::max);
        let place = known.unwrap_or(Place { id, rise: above, height: 0.0, guarded_until: 0.0 });
        if hidden > 0 || place.top() > room.max(place.height) {
            hidden += 1;
            continue;
        }
        let at = floor - vec2(0.0, place.rise);
        let rect = notice_ui(ui, scene, &place, (index, notice), at, width);
        let drawn = Place { height: rect.height(), ..place };
        match places.iter_mut().find(|place| place.id == id) {
            Some(place) => *place = drawn,
            None => {
                let now = ui.input(|i| i.time);
                let is_under_pointer = pointer.is_some_and(|at| rect.contains(at));
                let guarded_until = if is_under_pointer { now + GUARD.as_secs_f64() } else { 0.0 };
                if is_under_pointer {
                    ui.ctx().request_repaint_after(GUARD);
                }
                places.push(Place { guarded_until, ..drawn });
            }
        }
    }
    if hidden > 0 {
        let rise = places.iter().map(Place::top).fold(0.0, f32::max);
        let area = Area::new(Id::unique("more notices")).order(Order::Foreground).movable(false);
        area.pivot(Align2::LEFT_BOTTOM).fixed_pos(floor - vec2(0.0, rise)).show(ui.ctx(), |ui| {
            let p = theme::palette(ui);
            theme::ground(p.warning_fill, Margin::symmetric(12, 4)).show(ui, |ui| {
                ui.label(theme::small_muted(ui, scene.say_with("notices-more", &[("count", &hidden)])));
            });
        });
    }
    ui.data_mut(|data| data.insert_temp(memory, places));
}

/// Returns the same for the same notice, however many others come and go. No two notices are equal.
fn id_of(notice: &Notice) -> Id {
    Id::unique(("notice", format!("{notice:?}")))
}

/// Returns the part of the window over which the pointer keeps all notices where they are.
fn stack(floor: Pos2, width: f32, places: &[Place]) -> Rect {
    if places.is_empty() {
        return Rect::NOTHING;
    }
    let height = places.iter().map(Place::top).fold(0.0, f32::max);
    Rect::from_min_max(pos2(floor.x, floor.y - height), pos2(floor.x + width, floor.y))
}

/// Draws one notice with its lower left corner at `at`, and returns where it lies.
fn notice_ui(
    ui: &Ui,
    scene: &mut Scene<'_>,
    place: &Place,
    (index, notice): (usize, &Notice),
    at: Pos2,
    width: f32,
) -> Rect {
    let p = theme::palette(ui);
    let (ink, fill, kind) = match notice.is_error {
        true => (p.error, p.error_fill, "notice-error"),
        false => (p.warning, p.warning_fill, "notice-warning"),
    };
    let text = scene.words.sentence(&notice.problem);
    let is_guarded = ui.input(|i| i.time) < place.guarded_until;
    let area = Area::new(place.id).order(Order::Foreground).movable(false).constrain(false);
    let area = area.pivot(Align2::LEFT_BOTTOM).fixed_pos(at).default_width(width);
    let shown = area.show(ui.ctx(), |ui| {
        let frame = Frame::new().fill(fill).stroke(Stroke::new(1.0, ink)).corner_radius(8).inner_margin(12);
        frame.shadow(ui.visuals().popup_shadow).show(ui, |ui| {
            ui.set_width(width - 26.0);
            ui.horizontal(|ui| {
                ui.label(theme::semibold(scene.say(kind)).color(ink));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let dismiss = ui.add_enabled(!is_guarded, Button::new(scene.say("notice-dismiss")));
                    // Several notices have this button, so screen readers are told which one it is about.
                    ui.ctx().accesskit_node_builder(dismiss.id, |node| node.set_description(text.clone()));
                    if dismiss.clicked() {
                        scene.act(Action::DismissNotice(index));
                    }
                });
            });
            ScrollArea::vertical().max_height(TEXT_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
                let ink = ui.visuals().text_color();
                problem_ui(ui, scene.words, &notice.problem, ink);
            });
            if let Some(offer) = &notice.offer {
                let id = if offer.takes_back() { "notice-undo" } else { "notice-resume" };
                if ui.add_enabled(!is_guarded, Button::new(scene.say(id))).clicked() {
                    scene.act(Action::DismissNotice(index));
                    scene.act(offer.clone());
                }
            }
        });
    });
    shown.response.rect
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::compare::CompareAction;
    use crate::app::state::AppState;
    use crate::domain::problem::Problem;
    use crate::words::{Catalogue, Language};
    use eframe::egui::Event;
    use egui_kittest::Harness;
    use egui_kittest::kittest::{NodeT, Queryable};

    fn notice(file: &str) -> Notice {
        let offer = (file == "b").then(|| CompareAction::Restore.into());
        Notice { problem: Problem::new("plot-saved").with("file", file), is_error: false, offer }
    }

    struct Window {
        state: AppState,
        words: Catalogue,
        actions: Vec<Action>,
    }

    fn window(files: &[&str]) -> Harness<'static, Window> {
        let mut state = AppState::default();
        state.shell.notices = files.iter().map(|file| notice(file)).collect();
        let window = Window { state, words: Catalogue::new(Language::English), actions: Vec::new() };
        let draw = |ui: &mut Ui, window: &mut Window| {
            let Window { state, words, actions } = window;
            notices_ui(ui, ui.max_rect(), &mut Scene { state, words, actions });
        };
        let builder = Harness::builder().with_size(vec2(800.0, 600.0)).with_context_setup(theme::install);
        let mut harness = builder.build_ui_state(draw, window);
        harness.run_ok();
        harness
    }

    fn place(harness: &Harness<'_, Window>, file: &str) -> Rect {
        harness.get_by_label_contains(&format!(" {file}")).rect()
    }

    #[test]
    fn no_notice_moves_under_the_pointer() {
        let mut harness = window(&["/a", "/b", "/c"]);
        let [a, b] = ["/a", "/b"].map(|file| place(&harness, file));
        assert!(b.bottom() < a.top(), "a newer one lies above");
        harness.event(Event::PointerMoved(b.center()));
        harness.run_ok();
        harness.state_mut().state.shell.notices.push(notice("/d"));
        harness.state_mut().state.shell.notices.remove(0);
        harness.run_ok();
        assert_eq!(place(&harness, "/b"), b);
        assert!(place(&harness, "/d").bottom() < place(&harness, "/c").top());
        harness.event(Event::PointerMoved(pos2(10.0, 10.0)));
        harness.run_ok();
        assert_eq!(place(&harness, "/b").bottom(), a.bottom(), "the gap closes once the pointer is away");
    }

    #[test]
    fn a_click_meant_for_the_page_dismisses_nothing() {
        let mut harness = window(&["/a"]);
        let dismiss = harness.get_by_label("Dismiss").rect().center();
        harness.state_mut().state.shell.notices.clear();
        harness.event(Event::PointerMoved(dismiss));
        harness.run_ok();
        harness.state_mut().state.shell.notices.push(notice("/b"));
        harness.step();
        harness.step();
        assert!(harness.get_by_label("Dismiss").accesskit_node().is_disabled());
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let files: Vec<String> = (0..40).map(|n| format!("/{n}")).collect();
        let harness = window(&files.iter().map(String::as_str).collect::<Vec<_>>());
        let shown = harness.query_all_by_label("Dismiss").count();
        assert!(shown > 2 && harness.query_by_label(&format!("{} more notes", 40 - shown)).is_some());
        let page = Rect::from_min_size(Pos2::ZERO, vec2(800.0, 600.0));
        assert!(harness.query_all_by_label("Dismiss").all(|node| page.contains_rect(node.rect())));
    }
}
