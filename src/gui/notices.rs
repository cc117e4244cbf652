//! Errors, warnings and offers lie over the page, at its bottom right, until they are dismissed; good news goes by itself.
//! They push nothing away and leave free what views `keep_clear`; a new one lies above the older ones, and none of them
//! moves while the pointer is over them.

use std::time::Duration;

use eframe::egui::{
    Align, Align2, Area, Button, Frame, Id, Label, Layout, Margin, Order, Pos2, Rect, ScrollArea, Stroke, Ui, pos2,
    vec2,
};

use crate::app::action::Action;
use crate::app::shell::{Lasts, Notice};

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

/// Good news stays for so long, and longer by the time that a slow reader needs for its letters.
const BRIEFLY: Duration = Duration::from_secs(4);
const PER_LETTER: Duration = Duration::from_millis(40);
/// What can be taken back stays for so long.
const A_WHILE: Duration = Duration::from_secs(30);

/// Says that no notice may lie on this part of the view: there stand the buttons that are needed next.
pub fn keep_clear(ui: &Ui, rect: Rect) {
    ui.data_mut(|data| data.get_temp_mut_or_default::<Vec<Rect>>(Id::unique("kept clear")).push(rect));
}

/// Returns the lowest line of the page above which notices cover nothing that must be clear.
fn floor_of(ui: &Ui, page: Rect) -> f32 {
    let clear: Vec<Rect> = ui.data_mut(|data| data.remove_temp(Id::unique("kept clear"))).unwrap_or_default();
    let below = clear.iter().filter(|rect| rect.top() > page.center().y).map(|rect| rect.top() - space::S);
    below.fold(page.bottom() - space::M, f32::min)
}

/// Where one notice lies.
#[derive(Clone, Copy)]
struct Place {
    id: Id,
    /// From the floor of the page to the notice's lower edge.
    rise: f32,
    height: f32,
    /// It takes no clicks before this time, in seconds.
    guarded_until: f64,
    /// It goes after so many seconds in which no one is at it.
    left_secs: f64,
    /// They have run since this time, unless someone is at it.
    runs_since: Option<f64>,
}

impl Place {
    fn top(&self) -> f32 {
        self.rise + self.height + space::S
    }

    /// Lets the time pass that the notice stays, while no one `is_at_it`.
    fn age(&mut self, now: f64, is_at_it: bool) {
        self.left_secs -= self.runs_since.map_or(0.0, |since| now - since);
        self.runs_since = (!is_at_it).then_some(now);
    }
}

/// Draws the notices over `page`.
pub fn notices_ui(ui: &Ui, page: Rect, scene: &mut Scene<'_>) {
    let memory = Id::unique("places of notices");
    let mut places: Vec<Place> = ui.data(|data| data.get_temp(memory)).unwrap_or_default();
    let width = WIDTH.min(page.width() - 2.0 * space::M);
    let floor = pos2(page.right() - space::M - width, floor_of(ui, page));
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
    let room = floor.y - page.top() - space::M - MORE_HEIGHT;
    let now = ui.input(|i| i.time);
    let mut hidden = 0_usize;
    let mut is_one_gone = false;
    for (index, (id, notice)) in shown.into_iter().enumerate() {
        let known = places.iter().find(|place| place.id == id).copied();
        let above = places.iter().map(Place::top).fold(0.0, f32::max);
        let place = known.unwrap_or_else(|| {
            let left_secs = stays_secs(notice, &scene.words.sentence(&notice.problem));
            Place { id, rise: above, height: 0.0, guarded_until: 0.0, left_secs, runs_since: None }
        });
        if hidden > 0 || place.top() > room.max(place.height) {
            hidden += 1;
            continue;
        }
        let at = floor - vec2(0.0, place.rise);
        let (rect, has_focus) = notice_ui(ui, scene, &place, (index, notice), at, width);
        let mut drawn = Place { height: rect.height(), ..place };
        drawn.age(now, is_pointed || has_focus);
        // The next frame sees to the next one, whose place in the list is then another.
        if drawn.left_secs <= 0.0 && !is_one_gone {
            is_one_gone = true;
            scene.act(Action::DismissNotice(index));
        } else if drawn.left_secs.is_finite() && drawn.runs_since.is_some() {
            ui.ctx().request_repaint_after(Duration::from_secs_f64(drawn.left_secs.max(0.0)));
        }
        match places.iter_mut().find(|place| place.id == id) {
            Some(place) => *place = drawn,
            None => {
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
                let more = theme::small_muted(ui, scene.say_with("notices-more", &[("count", &hidden)]));
                ui.add(Label::new(more).extend());
            });
        });
    }
    ui.data_mut(|data| data.insert_temp(memory, places));
}

/// Returns how many seconds a notice stays.
fn stays_secs(notice: &Notice, text: &str) -> f64 {
    match notice.lasts {
        Lasts::UntilDismissed => f64::INFINITY,
        Lasts::AWhile => A_WHILE.as_secs_f64(),
        Lasts::Briefly => BRIEFLY.as_secs_f64() + text.chars().count() as f64 * PER_LETTER.as_secs_f64(),
    }
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

/// Draws one notice with its lower left corner at `at`, and returns where it lies and whether it has the keyboard.
fn notice_ui(
    ui: &Ui,
    scene: &mut Scene<'_>,
    place: &Place,
    (index, notice): (usize, &Notice),
    at: Pos2,
    width: f32,
) -> (Rect, bool) {
    let p = theme::palette(ui);
    let (ink, fill, kind) = match (notice.is_error, notice.lasts) {
        (true, _) => (p.error, p.error_fill, "notice-error"),
        (false, Lasts::UntilDismissed) => (p.warning, p.warning_fill, "notice-warning"),
        (false, Lasts::AWhile | Lasts::Briefly) => (p.good, p.card, "notice-done"),
    };
    let text = scene.words.sentence(&notice.problem);
    let mut has_focus = false;
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
                    has_focus |= dismiss.has_focus();
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
                let id = match offer {
                    offer if offer.takes_back() => "notice-undo",
                    Action::OpenFolder(_) => "notice-open",
                    _ => "notice-resume",
                };
                let button = ui.add_enabled(!is_guarded, Button::new(scene.say(id)));
                has_focus |= button.has_focus();
                if button.clicked() {
                    scene.act(Action::DismissNotice(index));
                    scene.act(offer.clone());
                }
            }
        });
    });
    (shown.response.rect, has_focus)
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
        let problem = Problem::new("plot-saved").with("file", file);
        Notice { problem, is_error: false, offer, lasts: Lasts::UntilDismissed }
    }

    /// The time from one frame to the next, s.
    const FRAME: f64 = 0.1;
    /// Below this line the view has buttons.
    const FLOOR: f32 = 560.0;

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
            for action in actions.drain(..) {
                if let Action::DismissNotice(index) = action {
                    state.shell.notices.remove(index);
                }
            }
            keep_clear(ui, Rect::from_min_max(pos2(0.0, FLOOR), pos2(800.0, 600.0)));
            notices_ui(ui, ui.max_rect(), &mut Scene { state, words, actions });
        };
        let builder = Harness::builder().with_size(vec2(800.0, 600.0)).with_step_dt(FRAME as f32);
        let builder = builder.with_context_setup(theme::install);
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

    /// Lets so many seconds of egui's clock pass, frame by frame.
    fn pass(harness: &mut Harness<'_, Window>, secs: f64) {
        harness.run_steps((secs / FRAME) as usize);
    }

    #[test]
    fn good_news_goes_by_itself_and_nothing_else_does() {
        let mut harness = window(&[]);
        let done = |file: &str, lasts, is_error| Notice { lasts, is_error, ..notice(file) };
        harness.state_mut().state.shell.notices = vec![
            done("/error", Lasts::UntilDismissed, true),
            done("/saved", Lasts::Briefly, false),
            done("/too", Lasts::Briefly, false),
            done("/undo", Lasts::AWhile, false),
        ];
        let count = |harness: &Harness<'_, Window>| harness.query_all_by_label("Dismiss").count();
        pass(&mut harness, 2.0);
        assert_eq!(count(&harness), 4);
        let saved = place(&harness, "/saved").center();
        harness.event(Event::PointerMoved(saved));
        pass(&mut harness, 60.0);
        assert_eq!(count(&harness), 4, "none goes while the pointer is over them");
        harness.event(Event::PointerMoved(pos2(10.0, 10.0)));
        pass(&mut harness, 5.0);
        assert_eq!(count(&harness), 2);
        harness.get_all_by_label("Dismiss").last().unwrap().focus();
        pass(&mut harness, 60.0);
        assert_eq!(count(&harness), 2, "none goes while it has the keyboard");
        let focused = harness.ctx.memory(|memory| memory.focused()).unwrap();
        harness.ctx.memory_mut(|memory| memory.surrender_focus(focused));
        pass(&mut harness, 40.0);
        assert_eq!(count(&harness), 1);
        assert!(harness.query_by_label_contains("/error").is_some());
    }

    #[test]
    fn no_notice_lies_on_what_is_kept_clear() {
        let harness = window(&["/a", "/b"]);
        assert!(harness.query_all_by_label("Dismiss").all(|node| node.rect().bottom() < FLOOR));
        let bottom = place(&harness, "/a").bottom();
        assert!(bottom < FLOOR && bottom > FLOOR - 60.0, "but just above it: {bottom}");
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
