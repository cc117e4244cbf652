//! The buttons of the top bar keep their places, whatever a run does.

use eframe::egui::Rect;
use thaw::app::state::Panel;
use thaw::words::Catalogue;

use super::layout::texts;
use super::*;

/// The names that the places in the top bar have; Pause and Resume take turns in one of them.
const BUTTONS: [&[&str]; 6] = [
    &["button-train"],
    &["button-pause", "button-resume"],
    &["button-stop"],
    &["lesson-list"],
    &["look-menu"],
    &["help-button"],
];

/// Where the buttons of the top bar and the tabs below it are in each language and size.
fn places(studio: &mut Studio) -> Vec<Vec<Rect>> {
    let mut all = Vec::new();
    for language in Language::ALL {
        let ctx = studio.harness.ctx.clone();
        studio.harness.state_mut().act(&ctx, Action::SetLanguage(language));
        let words = Catalogue::new(language);
        for size in [SIZE, LEAST] {
            studio.harness.set_size(size);
            studio.harness.run_ok();
            let place = |ids: &&[&'static str]| {
                let is_named = |label: String| ids.iter().any(|id| label == words.say(id));
                let mut buttons = studio.harness.query_all_by_role(Role::Button);
                let found = buttons.find(|button| button.accesskit_node().label().is_some_and(is_named));
                found.unwrap_or_else(|| panic!("none of {ids:?} in {language:?}")).rect()
            };
            let tabs = studio.harness.query_all_by_role(Role::Tab).map(|tab| tab.rect());
            all.push(BUTTONS.iter().map(place).chain(tabs).collect());
        }
    }
    all
}

/// The least window.
const LEAST: Vec2 = vec2(900.0, 600.0);

/// Asks that no section's words about its lock are shortened in the least window.
fn see_the_locks(studio: &mut Studio) {
    let ctx = studio.harness.ctx.clone();
    for language in Language::ALL {
        studio.harness.state_mut().act(&ctx, Action::SetLanguage(language));
        let locked = Catalogue::new(language).say("panel-locked");
        for panel in [Panel::Data, Panel::Model, Panel::Freeze, Panel::Training] {
            studio.harness.state_mut().act(&ctx, Action::ShowPanel(panel));
            studio.harness.run_ok();
            let shown = texts::painted(studio, &locked);
            assert_eq!(shown, std::slice::from_ref(&locked), "{panel:?} in {language:?}");
        }
    }
}

#[test]
fn no_button_of_the_top_bar_moves_during_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let settings = small_run(folder.path(), 80, 500);
    let mut studio = Studio::open_with(settings, Harness::builder().with_size(LEAST), script::timed);
    studio.wait_until_ready();
    let before = places(&mut studio);
    for places in &before {
        let [train, pause, stop] = places[..3] else { unreachable!("three buttons run") };
        assert!(train.right() < pause.left() && pause.right() < stop.left(), "{train:?} {pause:?} {stop:?}");
    }
    let ctx = studio.harness.ctx.clone();
    studio.harness.key_press(Key::F5);
    studio.wait("a step", |s| !s.state().run.shown.history.steps.is_empty());
    assert_eq!(places(&mut studio), before, "during a run");
    see_the_locks(&mut studio);
    studio.harness.state_mut().act(&ctx, RunAction::Pause.into());
    studio.wait("the pause", |s| s.state().run.shown.phase == RunPhase::Paused);
    assert_eq!(places(&mut studio), before, "in a pause");
    studio.harness.state_mut().act(&ctx, RunAction::Stop.into());
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert_eq!(places(&mut studio), before, "after a run");
}
