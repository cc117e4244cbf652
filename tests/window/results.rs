//! The pages of Results behind the first one, on the real worker.

use thaw::app::run::results::{Cells, ResultsAction};

use super::*;

#[test]
fn results_have_curves_a_threshold_and_a_temperature() {
    let folder = tempfile::tempdir().unwrap();
    // No model is right about all labels that have nothing to do with their texts.
    let file = folder.path().join("coin.csv");
    let row = |i: usize| format!("text number {i} of {},{}\n", i * 7919 % 101, ["heads", "tails"][i * i % 7 % 2]);
    std::fs::write(&file, "text,label\n".to_owned() + &(0..160).map(row).collect::<String>()).unwrap();
    let mut settings = small_run(folder.path(), 160, 2);
    settings.config.data.source = thaw::domain::config::DataSource::File(file);
    let mut studio = Studio::open(settings);
    studio.wait_until_ready();
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    studio.click(Role::Button, "See the results");
    assert!(studio.has("Copy table") && !studio.has("Matthews' correlation (MCC)"), "the first page is simple");
    studio.click(Role::Button, "Column %");
    assert_eq!(studio.state().run.results.cells, Cells::ColumnShares);
    assert!(studio.has_part("of the rows predicted heads"));

    studio.click(Role::Button, "Measures");
    studio.wait("the probabilities", |s| s.state().run.results.scores.ready().is_some());
    studio.harness.run_ok();
    assert!(studio.has("Balanced accuracy") && studio.has("ROC AUC") && studio.has("95 % intervals"));

    studio.click(Role::Button, "Curves");
    assert!(studio.has_part("ROC curve of tails: AUC 0.") && studio.has_part("Precision and recall of tails"));
    assert!(studio.has_part("Matrix at 0.50"));
    let rows = |studio: &Studio| studio.state().run.results.at_threshold.as_ref().unwrap().predicted();
    let before = rows(&studio);
    let slider = studio.harness.get_by_role_and_label(Role::Slider, "Probability from which “tails” is predicted");
    slider.focus();
    studio.harness.run_ok();
    for _ in 0..49 {
        studio.harness.key_press(Key::ArrowLeft);
        studio.harness.run_ok();
    }
    assert!(studio.state().run.results.threshold < 0.03, "{}", studio.state().run.results.threshold);
    let after = rows(&studio);
    assert!(after[1] >= before[1] && after[0] == 0, "from some probability on all are predicted so: {after:?}");
    assert!(studio.has_part("Matrix at 0.01"));
    studio.click(Role::Button, "Back to 0.5");
    assert_eq!(rows(&studio), before);

    studio.click(Role::Button, "Calibration");
    assert!(studio.has_part("Reliability diagram. confidence 0."));
    let loss = |studio: &Studio| studio.state().run.results.scores.ready().unwrap().measures;
    let plain = loss(&studio);
    studio.click(Role::Button, "Fit a temperature");
    studio.wait("the temperature", |s| {
        let results = &s.state().run.results;
        !results.is_fitting() && results.scores.ready().is_some_and(|scores| scores.fitted.is_some())
    });
    assert!(folder.path().join("run/temperature.json").exists(), "it is kept with the run");
    let fitted = studio.state().run.results.scores.ready().unwrap().fitted.unwrap();
    assert_eq!(fitted.1, plain, "what it was before is beside it");
    assert_eq!(loss(&studio).mcc, plain.mcc, "it changes no predicted label");
    studio.wait("the numbers", |s| s.has_part("On the test rows: calibration error"));

    // Try shows the probabilities at the temperature.
    studio.click(Role::Tab, "Try");
    studio.harness.get_by_role_and_label(Role::TextInput, "Sentence").click();
    studio.harness.run_ok();
    studio.harness.event(Event::Text("text number 3".to_owned()));
    studio.harness.run_ok();
    let asked = |studio: &mut Studio| {
        studio.click(Role::Button, "Predict");
        studio.wait("the prediction", |s| s.state().run.prediction.ready().is_some());
        let probabilities = studio.state().run.prediction.ready().unwrap()[0].probabilities.clone();
        (probabilities[1].1 / probabilities[0].1).ln()
    };
    let cooled = asked(&mut studio);
    studio.click(Role::Tab, "Results");
    studio.click(Role::Button, "Remove the temperature");
    studio.wait("the removal", |s| {
        !s.state().run.results.is_fitting()
            && s.state().run.results.scores.ready().is_some_and(|scores| scores.fitted.is_none())
    });
    assert_eq!(loss(&studio), plain);
    studio.click(Role::Tab, "Try");
    let odds = asked(&mut studio);
    let temperature = fitted.0.temperature;
    assert!((odds / cooled - temperature).abs() < 1e-6 * temperature, "{odds} {cooled} {temperature}");
    assert!(studio.state().shell.notices.is_empty(), "{:?}", studio.state().shell.notices);
}

/// A page that needs probabilities of a run without a model says why there are none, and the window goes on.
#[test]
fn a_run_whose_model_is_gone_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 80, 1));
    studio.wait_until_ready();
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    for name in ["config.json", "model.safetensors"] {
        std::fs::remove_file(folder.path().join("run").join(name)).unwrap();
    }
    studio.click(Role::Button, "See the results");
    let ctx = studio.harness.ctx.clone();
    let show = RunAction::Results(ResultsAction::Show(thaw::app::run::results::Page::Curves));
    studio.harness.state_mut().act(&ctx, show.into());
    studio.wait("the refusal", |s| s.state().run.results.scores.failed().is_some());
    studio.harness.run_ok();
    assert!(studio.has_part("has no model"), "it is said");
}
