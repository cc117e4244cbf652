//! The pointer of the first minute.

use thaw::app::first_steps::{FirstStep, FirstStepsAction};

use super::*;

fn new_user() -> Settings {
    Settings { first_step: Some(FirstStep::RowLimit), ..english() }
}

impl Studio {
    fn step(&self) -> Option<FirstStep> {
        self.state().shell.settings.first_step
    }

    /// The pointer's own place: that of its heading, with the room below it.
    fn pointer(&self) -> eframe::egui::Rect {
        let id = eframe::egui::Id::unique("first steps");
        self.harness.ctx.memory(|memory| memory.area_rect(id)).unwrap()
    }

    fn assert_free(&self, role: Role, name: &str) {
        let (pointer, rect) = (self.pointer(), self.harness.get_by_role_and_label(role, name).rect());
        assert!(!pointer.intersects(rect), "{name}: {rect:?} under {pointer:?}");
        assert!(self.harness.ctx.content_rect().contains_rect(pointer), "{pointer:?}");
    }
}

#[test]
fn the_pointer_goes_on_by_itself_as_the_steps_are_done() {
    for size in [SIZE, vec2(900.0, 600.0)] {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = new_user();
        settings.config.out = Some(folder.path().join("run"));
        settings.config.training.epochs = 1;
        settings.config.training.max_length = 32;
        settings.config.freeze = Freeze::Preset1;
        let mut studio = Studio::open_sized(settings, size);
        studio.wait_until_ready();
        assert!(studio.has("Shorten the run") && studio.has("Step 1 of 4"));
        studio.assert_free(Role::Button, "4 Training");
        studio.click(Role::Button, "4 Training");
        assert!(studio.has_part("Switch the row limit on"), "it points at the limit itself");
        studio.assert_free(Role::CheckBox, "Row limit");
        let mut data = studio.state().train.config.data.clone();
        data.max_rows = Some(80);
        let ctx = studio.harness.ctx.clone();
        studio.harness.state_mut().act(&ctx, thaw::app::train::TrainAction::ChangeData(Box::new(data)).into());
        studio.wait_until_ready();

        assert_eq!(studio.step(), Some(FirstStep::Train));
        studio.harness.run_ok();
        studio.assert_free(Role::Button, "Train");
        studio.click(Role::Button, "Train");
        assert_eq!(studio.step(), Some(FirstStep::Results));
        studio.harness.run_ok();
        assert!(!studio.state().is_running() || !studio.has("See the result"), "a run is watched undisturbed");
        studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended && s.has("See the result"));
        studio.assert_free(Role::Tab, "Results");
        studio.click(Role::Tab, "Results");

        assert_eq!(studio.step(), Some(FirstStep::Thaw));
        studio.click(Role::Button, "3 Freeze");
        studio.harness.run_ok();
        studio.assert_free(Role::CheckBox, "Layer 3");
        studio.click(Role::CheckBox, "Layer 3");
        assert_eq!(studio.step(), None, "the minute is over");
        assert!(!studio.has_part("Step 4 of 4"));
    }
}

#[test]
fn the_pointer_is_skipped_and_opened_again() {
    let mut studio = Studio::open(new_user());
    studio.wait_until_ready();
    studio.click(Role::Button, "Skip");
    assert_eq!(studio.step(), None);
    assert!(!studio.has("Shorten the run"));
    studio.click(Role::Button, "Help");
    studio.click(Role::Button, "First steps");
    assert_eq!(studio.step(), Some(FirstStep::RowLimit));
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, FirstStepsAction::Skip.into());
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    studio.harness.run_ok();
    studio.harness.event(Event::Text("첫걸음".to_owned()));
    studio.harness.run_ok();
    studio.harness.key_press(Key::Enter);
    studio.harness.run_ok();
    assert_eq!(studio.step(), Some(FirstStep::RowLimit), "from the palette");
}

#[test]
fn a_lesson_has_no_pointer_beside_its_own_steps() {
    let mut studio = Studio::open(new_user());
    studio.wait_until_ready();
    let ctx = studio.harness.ctx.clone();
    let open = thaw::app::lessons::LessonAction::Open("which-layer-is-last".into());
    studio.harness.state_mut().act(&ctx, open.into());
    studio.wait("the lesson", |s| s.state().lesson().is_some());
    assert!(!studio.has("Shorten the run") && studio.step() == Some(FirstStep::RowLimit));
}
