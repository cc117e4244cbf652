//! The learning-rate finder.

use super::*;
use thaw::app::train::TrainAction;

#[test]
fn a_learning_rate_is_found_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = small_run(folder.path(), 100, 1);
    settings.config.freeze = Freeze::Full;
    let mut studio = Studio::open(settings);
    studio.wait_until_ready();
    studio.click(Role::Button, "4 Training");
    studio.click(Role::Button, "Find…");
    assert!(studio.has("Learning-rate finder") && studio.has("Nothing measured yet."));
    studio.click(Role::Button, "Start the finder");
    assert!(studio.is_disabled("Train"));
    studio.wait("points", |s| !s.state().train.rate.points.is_empty());
    studio.click(Role::Button, "Stop the finder");
    studio.wait("the end", |s| !s.state().train.rate.is_sweeping());
    assert!(studio.has_part("Stopped. There is no suggestion"));

    // With fewer parameters the whole sweep takes less time.
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, Action::Train(TrainAction::SetFreeze(Freeze::Preset3)));
    studio.harness.run_ok();
    studio.click(Role::Button, "Find again");
    studio.wait("the end", |s| !s.state().train.rate.is_sweeping());
    assert!(studio.state().shell.notices.is_empty(), "{:?}", studio.state().shell.notices);
    let suggestion = studio.state().train.rate.suggestion().expect("the loss fell");
    assert!(studio.has_part("Loss against learning rate: ") && studio.has("Save: Loss against learning rate"));
    let name = format!("Use {suggestion:e}");
    studio.click(Role::Button, &name);
    assert_eq!(studio.state().train.config.training.learning_rate, Some(suggestion));
    assert!(studio.is_disabled("In use") && studio.state().can_train());

    // Another freezing has another rate.
    studio.harness.state_mut().act(&ctx, Action::Train(TrainAction::SetFreeze(Freeze::Preset1)));
    studio.harness.run_ok();
    assert!(studio.has_part("Found for other settings") && !studio.has("In use"));
    studio.harness.key_press(Key::Escape);
    studio.harness.run_ok();
    assert!(!studio.has("Learning-rate finder"));
}
