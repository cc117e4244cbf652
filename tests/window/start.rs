//! The window before anything has trained.

use super::*;

#[test]
fn it_opens_ready_to_train() {
    // Here even the machine is measured.
    let mut studio = Studio::open_with(english(), Harness::builder().with_size(SIZE), |worker, _| worker);
    studio.wait_until_ready();
    assert!(!studio.is_disabled("Train") && studio.is_disabled("Pause") && studio.is_disabled("Stop"));
    assert!(studio.has("Data: movie_reviews.csv · 10,070") && studio.has("Model: all-MiniLM-L6-v2"));
    assert!(studio.has("Freezing: Preset 3"));
    assert!(studio.has_part("1,923,074 of 22,713,986"));
    assert!(studio.has("Loss: nothing yet") && studio.has("Accuracy: nothing yet"));
}

#[test]
fn presets_and_boxes_change_what_trains() {
    let mut studio = Studio::open_ready(SIZE);
    studio.click(Role::Button, "Full");
    assert!(studio.has_part("22,713,986 of 22,713,986"), "totals follow the preset");
    studio.click(Role::CheckBox, "Pooler");
    assert!(studio.has("Freezing: Custom"));
    let pooler = studio.harness.get_by_role_and_label(Role::CheckBox, "Pooler");
    assert_eq!(pooler.accesskit_node().toggled(), Some(Toggled::False));
    assert!(studio.has_part("22,566,146 of 22,713,986"), "148 thousand fewer train");
}

#[test]
fn an_idle_window_repaints_nothing() {
    let mut studio = Studio::open(few_rows());
    studio.wait_until_ready();
    studio.wait("all tokens", |s| s.state().train.token_lengths.as_ref().is_some_and(|l| l.done == l.total));
    // The worker may still have told something that had to be drawn, but a window that wakes itself never comes to rest.
    let mut quiet_frames = 0;
    loop {
        let seen = studio.woken.times();
        studio.harness.run_ok();
        studio.harness.step();
        let delay = studio.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay;
        if delay == Duration::MAX {
            break;
        }
        quiet_frames = if studio.woken.times() == seen { quiet_frames + 1 } else { 0 };
        assert!(quiet_frames < 3, "nobody has told anything, and it is drawn again after {delay:?}");
    }
}

#[test]
fn languages_switch_at_once() {
    let mut studio = Studio::open_ready(SIZE);
    studio.click(Role::Button, "Language: English");
    studio.click(Role::Button, "한국어");
    assert!(!studio.is_disabled("학습 시작") && studio.has("손실: 아직 없음"));
    studio.click(Role::Button, "언어: 한국어");
    studio.click(Role::Button, "English");
    assert!(!studio.is_disabled("Train"));
}

#[test]
fn a_file_that_cannot_be_used_is_explained_and_can_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("empty.csv");
    std::fs::write(&file, "").unwrap();
    let mut settings = english();
    settings.config.data.source = thaw::domain::config::DataSource::File(file);
    let mut studio = Studio::open(settings);
    studio.wait("the refusal", |s| s.state().train.dataset.failed().is_some());
    assert!(studio.is_disabled("Train") && studio.has_part("empty.csv"));

    let good = folder.path().join("good.csv");
    let rows: String = (0..60).map(|i| format!("sentence number {i} of {0},{0}\n", ["tea", "coffee"][i % 2])).collect();
    std::fs::write(&good, format!("sentence,drink\n{rows}")).unwrap();
    studio.drop_file(&good);
    studio.wait("the good file", |s| s.state().can_train());
    assert!(studio.has("Data: good.csv · 60"));
    assert_eq!(studio.state().shell.settings.recent_files, [good]);
}

#[test]
fn everything_fits_on_small_screens() {
    for size in [vec2(1024.0, 700.0), vec2(900.0, 600.0)] {
        let studio = Studio::open_ready(size);
        let inside = |role, name: &str| {
            let rect = studio.harness.get_by_role_and_label(role, name).rect();
            assert!(rect.min.x >= 0.0 && rect.max.x <= size.x && rect.max.y <= size.y, "{name}: {rect:?} in {size:?}");
        };
        inside(Role::Button, "Train");
        inside(Role::Button, "Stop");
        inside(Role::CheckBox, "Embeddings");
        inside(Role::GraphicsObject, "Loss: nothing yet");
        inside(Role::GraphicsObject, "Accuracy: nothing yet");
    }
}
