//! The instructor's desk: a whole class's files, its questions, points and guesses, and the room to show them.

use eframe::egui::{Key, ViewportCommand};

use super::*;

#[test]
fn the_left_side_folds_away_and_the_window_takes_the_whole_screen() {
    let mut studio = Studio::open_ready(SIZE);
    assert!(studio.has("1 Data"));
    studio.click(Role::Button, "Fold the left side away");
    assert!(!studio.has("1 Data"));
    let settings = studio.state().settings_to_save();
    assert_eq!(Settings::read(&settings.text().unwrap()).left_folded, true, "it is remembered");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::B);
    studio.harness.run_ok();
    assert!(studio.has("1 Data"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::B);
    studio.harness.run_ok();
    studio
        .harness
        .get_all_by_role(Role::Button)
        .find(|node| node.accesskit_node().label().is_some_and(|l| l.starts_with("Model: ")))
        .unwrap()
        .click();
    studio.harness.run_ok();
    assert!(studio.has("1 Data"), "whoever asks for a panel sees it");

    studio.harness.key_down(Key::F11);
    studio.harness.step();
    let commands: Vec<ViewportCommand> =
        studio.harness.output().viewport_output.values().flat_map(|output| output.commands.clone()).collect();
    assert!(commands.contains(&ViewportCommand::Fullscreen(true)), "{commands:?}");
}
