//! The keyboard reaches everything, in reading order, and what it has reached is seen.

use eframe::egui::{Id, Rect};
use egui_kittest::kittest::By;
use image::RgbaImage;

use super::raster::Raster;
use super::script::scripted;
use super::*;

/// One place that the Tab key comes to.
struct Stop {
    id: Id,
    name: String,
    rect: Rect,
    /// Whether a window floats over it.
    is_covered: bool,
}

impl Stop {
    /// What it has in common with others that differ only by a number, such as the layers.
    fn kind(&self) -> String {
        self.name.chars().filter(|c| !c.is_ascii_digit()).collect()
    }
}

impl Studio {
    /// A window with a recorded run in it, whose pictures can be taken.
    fn open_with_a_run() -> Self {
        let builder = Harness::builder().with_size(SIZE).renderer(Raster::default());
        let mut studio = Self::open_with(few_rows(), builder, scripted);
        studio.wait_until_ready();
        studio.show_recorded_run();
        studio.harness.event(Event::PointerGone);
        studio.harness.run_ok();
        studio
    }

    fn press(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.run_ok();
    }

    fn focus(&self) -> Option<Stop> {
        let id = self.harness.ctx.memory(|memory| memory.focused())?;
        let response = self.harness.ctx.read_response(id)?;
        let rect = response.interact_rect;
        let is_covered = self.harness.ctx.layer_id_at(rect.center()) != Some(response.layer_id);
        let mut focused = self.harness.query_all(By::new().predicate(|node| node.is_focused()));
        let name = focused.next().and_then(|node| node.accesskit_node().label()).unwrap_or_default();
        Some(Stop { id, name, rect, is_covered })
    }

    /// Presses Tab until it comes round; `each` sees every stop.
    fn tab_round(&mut self, mut each: impl FnMut(&mut Self, &Stop)) -> Vec<Stop> {
        let mut stops: Vec<Stop> = Vec::new();
        for _ in 0..250 {
            self.press(Key::Tab);
            let Some(stop) = self.focus() else { continue };
            if stops.iter().any(|earlier| earlier.id == stop.id) {
                break;
            }
            each(self, &stop);
            stops.push(stop);
        }
        stops
    }

    fn picture(&mut self) -> RgbaImage {
        self.harness.render().unwrap()
    }
}

/// How many pixels in and just around a place are clearly different.
fn differences(before: &RgbaImage, after: &RgbaImage, rect: Rect) -> usize {
    let rect = rect.expand(3.0).intersect(Rect::from_min_size(Default::default(), SIZE));
    let (xs, ys) = (rect.left() as u32..rect.right() as u32, rect.top() as u32..rect.bottom() as u32);
    let differs = |x: u32, y: u32| {
        let (a, b) = (before.get_pixel(x, y), after.get_pixel(x, y));
        a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 40)
    };
    ys.flat_map(|y| xs.clone().map(move |x| (x, y))).filter(|(x, y)| differs(*x, *y)).count()
}

#[test]
fn whatever_has_the_keyboard_is_seen_to_have_it() {
    let mut studio = Studio::open_with_a_run();
    let mut seen: Vec<String> = Vec::new();
    let mut kinds = std::collections::BTreeSet::new();
    let mut look = |studio: &mut Studio| {
        studio.harness.ctx.memory_mut(|memory| memory.focused().map(|id| memory.surrender_focus(id)));
        studio.harness.run_ok();
        let before = studio.picture();
        let stops = studio.tab_round(|studio, stop| {
            if stop.is_covered || !kinds.insert(stop.kind()) {
                return;
            }
            let ring = (stop.rect.width() + stop.rect.height()) as usize;
            let after = studio.picture();
            let different = differences(&before, &after, stop.rect);
            assert!(different > ring, "{} at {:?}: {different} pixels differ", stop.name, stop.rect);
        });
        seen.extend(stops.into_iter().map(|stop| stop.name));
    };
    look(&mut studio);
    studio.click(Role::Tab, "Live");
    studio.click(Role::Button, "Layers");
    studio.click(Role::Button, "Timeline…");
    look(&mut studio);
    for name in ["Preset 1", "Full", "Live", "Train", "Layers", "Unfold Layer 5", "Pooler", "1 Data", "See the results"]
    {
        assert!(seen.iter().any(|seen| seen == name), "{name} is not reached: {seen:?}");
    }
    for part in ["Data: movie_reviews.csv", "Confusion matrix", "epoch 1", "Layer 3, "] {
        assert!(seen.iter().any(|seen| seen.contains(part)), "{part} is not reached: {seen:?}");
    }
}

#[test]
fn the_keyboard_goes_from_left_to_right_and_from_the_top_down() {
    let mut studio = Studio::open_with_a_run();
    let look = |studio: &mut Studio| {
        let mut stops = studio.tab_round(|_, _| {});
        // A window's title comes after its cross, which is egui's own.
        stops.retain(|stop| !stop.name.is_empty());
        for pair in stops.windows(2) {
            let (one, next) = (pair[0].rect, pair[1].rect);
            let overlap = one.y_range().intersection(next.y_range()).span();
            let is_beside = overlap > 0.5 * one.height().min(next.height()) && next.center().x < one.center().x;
            // What is as high as several lines has them beside it.
            let is_line = one.height().max(next.height()) < 60.0;
            let names = (&pair[0].name, &pair[1].name);
            assert!(!(is_beside && is_line), "{names:?}: {one:?}, {next:?}");
        }
        let bar: Vec<&Stop> = stops.iter().filter(|stop| stop.rect.bottom() < 52.0).collect();
        assert!(bar.len() > 5 && bar.windows(2).all(|pair| pair[0].rect.right() <= pair[1].rect.left()));
    };
    for view in ["Results", "Compare", "Live"] {
        studio.click(Role::Tab, view);
        look(&mut studio);
    }
    studio.click(Role::Button, "Layers");
    look(&mut studio);
    studio.click(Role::Button, "Timeline…");
    look(&mut studio);
}

#[test]
fn the_arrows_go_through_the_cells_of_a_matrix() {
    let mut studio = Studio::open_with_a_run();
    {
        let is_matrix = |label: Option<String>| label.is_some_and(|label| label.contains("predicted"));
        let mut graphics = studio.harness.query_all_by_role(Role::GraphicsObject);
        graphics.find(|node| is_matrix(node.accesskit_node().label())).expect("the matrix").focus();
    }
    studio.harness.run_steps(4);
    let explains = |studio: &Studio, cell: &str| {
        let said = studio.harness.query_all_by_label_contains(cell);
        // A label's words are its value, as screen readers know it.
        said.filter_map(|node| node.accesskit_node().value()).any(|words| words.starts_with(cell))
    };
    assert!(explains(&studio, "true negative, predicted negative"));
    studio.press(Key::ArrowRight);
    studio.press(Key::ArrowDown);
    studio.harness.run_ok();
    assert!(explains(&studio, "true positive, predicted positive"));
    assert!(!explains(&studio, "true negative, predicted negative"));
}

#[test]
fn what_the_keyboard_comes_to_is_scrolled_into_view() {
    let mut studio = Studio::open_ready(vec2(900.0, 600.0));
    studio.click(Role::Button, "4 Training");
    studio.tab_round(|studio, stop| {
        studio.harness.run_ok();
        let rect = studio.focus().unwrap().rect;
        assert!(rect.is_positive() && rect.height() > 8.0, "{}: {rect:?}", stop.name);
    });
}

#[test]
fn the_palette_finds_every_action_in_both_languages() {
    for (language, typed, name) in [
        (Language::English, "compare", "Go to: Compare"),
        (Language::English, "비교", "Go to: Compare"),
        (Language::Korean, "compare", "이동: 비교"),
        (Language::Korean, "프리셋 1", "동결: 프리셋 1"),
        (Language::Korean, "preset 1", "동결: 프리셋 1"),
    ] {
        let mut studio = Studio::open(Settings { language: Some(language), ..few_rows() });
        studio.wait("data, model and calibration", |s| s.state().can_train());
        studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
        studio.harness.run_ok();
        studio.harness.event(Event::Text(typed.to_owned()));
        studio.harness.run_ok();
        let first = studio.harness.query_all_by_role(Role::ListBoxOption).next().unwrap();
        assert_eq!(first.accesskit_node().label().as_deref(), Some(name), "{typed}");
        studio.press(Key::Enter);
        assert!(!studio.state().palette.open);
    }
}

#[test]
fn the_palette_is_used_by_keyboard_and_says_why_something_cannot_be_done() {
    let mut studio = Studio::open_ready(SIZE);
    let open = |studio: &mut Studio, typed: &str| {
        studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
        studio.harness.run_ok();
        studio.harness.event(Event::Text(typed.to_owned()));
        studio.harness.run_ok();
    };
    open(&mut studio, "stop");
    assert!(studio.has("Run: Stop") && studio.has("Nothing is running."));
    studio.press(Key::Enter);
    assert!(studio.state().palette.open, "what cannot be done is not done");
    studio.press(Key::Escape);
    assert!(!studio.state().palette.open);

    open(&mut studio, "no such thing");
    assert!(studio.has("No action has this name."));
    studio.press(Key::Escape);
    open(&mut studio, "preset");
    studio.press(Key::ArrowDown);
    studio.press(Key::ArrowDown);
    studio.press(Key::ArrowUp);
    studio.press(Key::Enter);
    assert_eq!(studio.state().train.config.freeze, Freeze::Preset2);
}

#[test]
fn f1_lists_the_shortcuts_and_they_work() {
    let mut studio = Studio::open_ready(SIZE);
    studio.press(Key::F1);
    for text in ["Shortcuts and help", "Run: Train", "Ctrl+Enter, F5", "Go to: Compare", "Ctrl+5"] {
        assert!(studio.has(text), "{text}");
    }
    studio.press(Key::Escape);
    assert!(!studio.state().palette.shows_help);
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    studio.harness.run_ok();
    assert_eq!(studio.state().shell.view, thaw::app::state::View::Runs);
    studio.harness.key_press_modifiers(Modifiers::ALT, Key::Num4);
    studio.harness.run_ok();
    assert_eq!(studio.state().shell.panel, thaw::app::state::Panel::Training);
}
