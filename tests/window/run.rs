//! Runs, from Train to results and answers.

use super::small_model::small_model;
use super::*;

#[test]
fn a_run_is_watched_paused_and_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 400, 500));
    studio.wait_until_ready();
    studio.click(Role::Button, "Train");
    assert!(studio.is_disabled("Train"), "one run at a time");
    studio.wait("curves and matrix", |s| {
        s.has_part("Loss at step") && s.has_part("Accuracy at step") && s.has_part("Confusion matrix, sample of")
    });
    assert!(studio.has_part("validation sample 0."), "the chart tells its newest values");

    studio.click(Role::Button, "Pause");
    studio.wait("the pause", |s| s.state().run.shown.phase == RunPhase::Paused);
    studio.click(Role::Button, "Resume");
    let steps = studio.state().run.shown.history.steps.len();
    studio.wait("more steps", |s| s.state().run.shown.history.steps.len() > steps + 2);

    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Period);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert!(studio.has("Stopped") && !studio.is_disabled("Train"));
    assert!(folder.path().join("run").join("model.safetensors").exists(), "what was learned is saved");

    studio.click(Role::Tab, "Results");
    assert!(studio.state().run.shown.history.test.is_none(), "a stopped run is tested when that is asked for");
    studio.click(Role::Button, "Test it now");
    studio.wait("the test", |s| s.has("Test accuracy"));
    assert!(studio.has_part("95 % interval") && studio.has_part("Majority class"));
}

#[test]
fn a_whole_run_ends_in_results_and_a_model_to_try() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 100, 2));
    studio.wait_until_ready();
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert!(studio.state().shell.notices.is_empty(), "{:?}", studio.state().shell.notices);
    studio.click(Role::Button, "See the results");
    assert!(studio.has_part("test rows: ") && studio.has("precision") && studio.has("Copy table"));

    studio.click(Role::Tab, "Try");
    studio.harness.get_by_role_and_label(Role::TextInput, "Sentence").click();
    studio.harness.run_ok();
    studio.harness.event(Event::Text("a warm and funny film".to_owned()));
    studio.harness.run_ok();
    studio.click(Role::Button, "Predict");
    studio.wait("the prediction", |s| s.state().run.prediction.ready().is_some());
    assert!(studio.has("“a warm and funny film”"));
    assert!(studio.has_part("negative 0.") && studio.has_part("positive 0."));
}

#[test]
fn a_model_of_another_family_is_shown_by_its_own_names_and_trains() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    let model = small_model(folder.path(), "distilbert", special);
    studio.drop_file(&model);
    studio.wait("the model", |s| s.state().train.model.latest().is_some_and(|tree| tree.facts.family == "distilbert"));
    studio.wait_until_ready();
    studio.click(Role::Button, "2 Model");
    assert!(studio.has_part("replaced; it was for LABEL_0, LABEL_1, LABEL_2"));
    studio.click(Role::Button, "3 Freeze");
    studio.click(Role::Button, "Preset 2");
    assert!(studio.has_part("This model has no pooler, so this is the same as preset 1"));
    assert_eq!(studio.state().train.totals().unwrap().0, 1_122, "pre_classifier and classifier");
    studio.harness.get_by_role_and_label(Role::TextInput, "Filter by name").click();
    studio.harness.run_ok();
    studio.harness.event(Event::Text("layer.2.sa_layer_norm".to_owned()));
    studio.harness.run_ok();
    let norm = studio.harness.get_by_role_and_label(Role::CheckBox, "transformer.layer.2.sa_layer_norm.weight");
    assert_eq!(norm.accesskit_node().toggled(), Some(Toggled::False));
    assert!(studio.has_part("Norms"), "it stands under its block");

    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert!(studio.state().shell.notices.is_empty(), "{:?}", studio.state().shell.notices);
}

#[test]
fn a_notice_moves_nothing_and_neither_does_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 80, 1));
    studio.wait_until_ready();
    studio.click(Role::Button, "4 Training");
    let names = ["Live", "Epochs", "Batch size"];
    let places = |studio: &Studio| -> Vec<_> {
        names.iter().map(|name| studio.harness.get_all_by_label(name).next().unwrap().rect()).collect()
    };
    let before = places(&studio);
    let ctx = studio.harness.ctx.clone();
    let save = Action::SaveFile { path: folder.path().join("nowhere/plot.png"), bytes: Arc::new([]) };
    studio.harness.state_mut().act(&ctx, save);
    studio.wait("the refusal", |s| s.has("Dismiss"));
    assert_eq!(places(&studio), before, "the notice lies over the page");
    studio.click(Role::Button, "Train");
    assert!(studio.has("Locked during a run.") && studio.state().is_running());
    assert_eq!(places(&studio), before, "the word that the section is locked has its room");
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
}

/// Two columns that look like a pair are pointed out, read once the user says so, and asked for in Try.
#[test]
fn a_model_of_pairs_is_trained_and_asked_with_two_texts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pairs.csv");
    let row = |i: usize| format!("w{} w{},w{},{}\n", i % 50, i / 50, i % 7, ["yes", "no"][i % 2]);
    let rows: String = (0..100).map(row).collect();
    std::fs::write(&file, format!("premise,hypothesis,label\n{rows}")).unwrap();
    let mut settings = small_run(folder.path(), 100, 1);
    settings.config.model = thaw::domain::config::ModelSource::Folder(small_model(
        folder.path(),
        "bert",
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
    ));
    let mut studio = Studio::open(settings);
    studio.wait_until_ready();
    studio.drop_file(&file);
    studio.wait("the data", |s| s.has_part("look like the two texts of a row"));
    studio.wait_until_ready();
    studio.click(Role::Button, "Read both texts");
    studio
        .wait("both texts", |s| s.state().train.dataset.ready().is_some_and(|data| data.second_text_column == Some(1)));
    studio.wait_until_ready();
    studio.click(Role::Button, "Train");
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert!(studio.state().shell.notices.is_empty(), "{:?}", studio.state().shell.notices);

    studio.click(Role::Tab, "Try");
    for (field, text) in [("First text (premise)", "w1 w2"), ("Second text (hypothesis)", "w3")] {
        assert!(studio.is_disabled("Predict"), "half a pair is no question");
        studio.harness.get_by_role_and_label(Role::TextInput, field).click();
        studio.harness.run_ok();
        studio.harness.event(Event::Text(text.to_owned()));
        studio.harness.run_ok();
    }
    studio.click(Role::Button, "Predict");
    studio.wait("the prediction", |s| s.state().run.prediction.ready().is_some());
    assert!(studio.has("“w1 w2”") && studio.has("“w3”"));
    assert!(studio.has_part("no 0.") && studio.has_part("yes 0."));
}
