//! The guide in the window: found, read and closed by its names and by keyboard.

use thaw::words::guide::Chapter;

use super::*;

impl Studio {
    fn chapter(&self) -> Option<Chapter> {
        self.state().guide.open
    }

    fn press_key(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.run_ok();
    }
}

#[test]
fn the_guide_is_read_from_link_to_link_searched_and_closed() {
    for size in [SIZE, vec2(900.0, 600.0)] {
        let mut studio = Studio::open_ready(size);
        studio.press_key(Key::F1);
        studio.click(Role::Button, "Guide");
        assert_eq!(studio.chapter(), Some(Chapter::FirstRun));
        assert!(!studio.has("Shortcuts and help"), "the guide takes its place");

        // What is in the list is in the window; in a low one the list is scrolled. A link leads to its chapter.
        for chapter in Chapter::ALL {
            let rect = studio.harness.get_by_role_and_label(Role::Button, chapter.title(Language::English)).rect();
            let window = studio.harness.ctx.content_rect();
            let is_in_view = window.contains_rect(rect) || size != SIZE && window.x_range().contains(rect.right());
            assert!(is_in_view, "{chapter:?} at {size:?}: {rect:?}");
        }
        studio.click(Role::Button, "A 50-minute lesson");
        assert_eq!(studio.chapter(), Some(Chapter::FiftyMinutes));
        // It may lie below what is in view.
        studio.harness.get_by_role_and_label(Role::Link, "Lessons and classes").click_accesskit();
        studio.harness.run_ok();
        assert_eq!(studio.chapter(), Some(Chapter::Lessons));

        // Ctrl+F goes to the field, and what is found there opens at its place.
        studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
        studio.harness.run_ok();
        studio.harness.event(Event::Text("checkpoint resume".to_owned()));
        studio.harness.run_ok();
        assert!(!studio.has("Freezing and timelines"), "chapters without these words are not listed");
        studio.click(Role::Button, "Runs that survive");
        assert_eq!(studio.chapter(), Some(Chapter::Runs));
        let heading = studio.harness.get_by_role_and_label(Role::Label, "Runs that survive").rect();
        assert!(heading.top() < 0.4 * size.y && heading.top() > 0.0, "{heading:?}");

        studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
        studio.harness.run_ok();
        studio.harness.event(Event::Text("zzz".to_owned()));
        studio.harness.run_ok();
        assert!(studio.has("Nothing in the guide has these words."));
        studio.press_key(Key::Escape);
        studio.press_key(Key::Escape);
        assert_eq!(studio.chapter(), None);
    }
}
