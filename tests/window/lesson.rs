//! A lesson from its start to the bundle that an instructor opens.

use thaw::app::compare::CompareAction;
use thaw::app::lessons::LessonAction;

use super::*;

const LESSON: &str = concat!(
    r#"
id = "short"
title = { en = "A short lesson" }
about = { en = "For tests." }
max_rows = 60
batch_size = 8
max_length = 16
"#,
    include_str!("../shared/lesson_steps.toml"),
    r#"[[step]]
title = { en = "Words" }
text = { en = "Why?" }
question = { kind = "text" }
"#
);

fn is_read(state: &AppState) -> bool {
    state.train.dataset.ready().is_some() && state.train.model.ready().is_some()
}

#[test]
fn a_lesson_is_walked_from_start_to_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("short.toml");
    std::fs::write(&file, LESSON).unwrap();
    let mut studio = Studio::open(few_rows());
    studio.wait_until_ready();
    let own = studio.state().train.config.clone();
    studio.click(Role::Button, "Lessons");
    studio.wait("the list", |s| s.has("Which layer is last?") && s.has("Why does preset 1 fail here?"));
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, Action::Lesson(LessonAction::Open(file)));
    studio.wait("the lesson", |s| s.has_part("A short lesson · step 1 of 4") && is_read(s.state()));
    assert!(studio.is_disabled("Preset 3") && studio.has("Fixed by the lesson."));
    assert!(studio.is_disabled("Train") && studio.state().train_blocker().unwrap().id == "train-blocked-lesson");
    let fixed = studio.state().train.config.clone();
    studio.drop_file(Path::new("other.csv"));
    assert!(
        studio.state().train.config == fixed && studio.state().shell.notices.len() == 1,
        "a dropped file is refused and told"
    );

    // Whatever the titles, the buttons stay where they are.
    let places = |studio: &Studio| {
        ["Back", "Next", "Leave the lesson"].map(|name| studio.harness.get_by_role_and_label(Role::Button, name).rect())
    };
    let before = places(&studio);
    for step in 0..4 {
        studio.harness.state_mut().act(&ctx, Action::Lesson(LessonAction::Turn(step)));
        studio.harness.run_ok();
        assert_eq!(places(&studio), before, "step {step}");
    }
    studio.harness.state_mut().act(&ctx, Action::Lesson(LessonAction::Turn(0)));
    studio.harness.run_ok();
    studio.click(Role::RadioButton, "The embeddings");
    assert!(!studio.has_part("The head trains."), "an explanation waits until the answer is given");
    studio.click(Role::Button, "Answer");
    assert!(studio.has("right") && studio.has_part("The head trains."));
    studio.click(Role::Button, "Next");
    studio.click(Role::SpinButton, "Your guess of the test accuracy");
    studio.harness.event(Event::Text("70".to_owned()));
    studio.harness.key_press(Key::Enter);
    studio.harness.run_ok();
    studio.click(Role::Button, "Start this run");
    studio.wait("the run's end", |s| s.state().run.shown.phase == RunPhase::Ended);
    // The seconds were left as they were, which is no guess.
    assert!(studio.has_part("Test accuracy: guessed 0.700, reached 0.") && !studio.has_part(" s, took "));
    studio.click(Role::Button, "Next");
    studio.click(Role::Button, "Start this run");
    assert!(studio.has_part("encoder.layer.23.*"), "the refusal is told in the step");
    studio.click(Role::Button, "Next");
    studio.click(Role::MultilineTextInput, "Your answer");
    studio.harness.event(Event::Text("Because.".to_owned()));
    studio.harness.run_ok();
    assert_eq!(studio.state().settings_to_save().lessons[0].steps[3].draft.as_deref(), Some("Because."), "kept");
    studio.click(Role::Button, "Answer");
    assert!(studio.has_part("Points: 2 of 2.") && studio.is_disabled("Save to hand in"));
    for (field, text) in [("Your name", "Kim"), ("Student number", "2023")] {
        studio.click(Role::TextInput, field);
        studio.harness.event(Event::Text(text.to_owned()));
        studio.harness.run_ok();
    }
    assert!(!studio.is_disabled("Save to hand in"));
    assert_eq!(studio.state().settings_to_save().lessons[0].steps[3].answer, "Because.", "kept while unfinished");

    let bundle = folder.path().join("kim.thaw-lesson");
    studio.harness.state_mut().act(&ctx, Action::Lesson(LessonAction::Save(bundle.clone())));
    studio.wait("the bundle", |s| s.has_part("Saved to"));
    let text = std::fs::read_to_string(&bundle).unwrap();
    assert!(text.contains("Because.") && text.contains("test_evaluated"));
    assert!(!text.contains(&*folder.path().to_string_lossy()) && !text.contains("\"run_dir\":\""), "no paths");

    // What is in the file may be left behind, and no one who comes later sees it.
    studio.harness.get_by_role_and_label(Role::Button, "New student").scroll_to_me();
    studio.harness.run_ok();
    studio.click(Role::Button, "New student");
    assert!(studio.has_part("A short lesson · step 1 of 4") && !studio.has("Kim"));
    let sees = |studio: &Studio, text: &str| studio.state().settings_to_save().text().unwrap().contains(text);
    assert!(!sees(&studio, "Kim") && !sees(&studio, "2023") && !sees(&studio, "Because."));
    studio.click(Role::RadioButton, "The classifier");
    studio.click(Role::Button, "Answer");
    studio.click(Role::Button, "Leave the lesson");
    assert!(studio.has_part("in no file to hand in yet") && studio.state().lesson().is_some());
    studio.click(Role::Button, "Stay in the lesson");
    assert!(studio.has("not right"));
    studio.click(Role::Button, "Leave the lesson");
    studio.click(Role::Button, "Leave without saving");
    assert_eq!(studio.state().train.config, own);
    // The instructor has a class of thirty, and one file that is damaged.
    let of_student = |n: usize| {
        let file = folder.path().join(format!("{n}.thaw-lesson"));
        let own = format!("\"student\":\"Student {n}\"");
        std::fs::write(&file, text.replace("\"student\":\"Kim\"", &own)).unwrap();
        file
    };
    let mut class: Vec<PathBuf> = (1..=30).map(of_student).collect();
    class.insert(3, folder.path().join("damaged.thaw-lesson"));
    std::fs::write(&class[3], &text[..text.len() / 2]).unwrap();
    studio.harness.state_mut().act(&ctx, Action::Compare(CompareAction::Open(class)));
    studio.wait("the class", |s| s.state().compare.desk.bundles.len() == 30 && s.state().compare.opening.is_empty());
    assert!(studio.has("Student 10") && studio.has_part("chosen by 30 of 30") && studio.has_part("30 students"));
    assert!(studio.has_part("damaged.thaw-lesson"), "it is told, and keeps no one else away");
    let runs = &studio.state().compare.runs;
    assert_eq!(runs.len(), 30);
    assert!(runs[6].run.dir.ends_with("Student 7 · 2 · 1") && runs[6].history.test.is_some());
    studio.click(Role::Button, "Table");
    studio.wait("their runs", |s| s.has_part("Student 7 · step 2 · preset 1"));
    studio.click(Role::Button, "Remove all");
    assert!(!studio.has("Class") && studio.state().compare.desk.bundles.is_empty());
    studio.click(Role::Button, "Undo");
    assert!(studio.has("Class") && studio.state().compare.desk.bundles.len() == 30);
    assert!(studio.state().compare.runs.len() == 30 && !studio.has("Undo"));
}
