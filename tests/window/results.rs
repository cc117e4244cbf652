//! The pages of Results behind the first one, on the real worker.

use egui_kittest::kittest::AccessKitNode;
use thaw::app::other_tests::OtherTestsAction;
use thaw::app::run::results::{Cells, ResultsAction};
use thaw::domain::selection::Condition;

use super::*;

/// A plot is told from all else by its role and the beginning of its name.
fn is_plot(node: &AccessKitNode<'_>, name: &str) -> bool {
    node.role() == Role::GraphicsObject && node.label().is_some_and(|label| label.starts_with(name))
}

fn click_plot(studio: &mut Studio, name: &str) {
    studio.harness.get_by(|node| is_plot(node, name)).click();
    studio.harness.run_ok();
}

/// The last condition of the selection that is explored, and how many rows it holds.
fn rows_found(studio: &mut Studio) -> (Option<Condition>, u64) {
    studio.wait("the rows", |s| s.state().explore.selected.ready().is_some() && !s.state().explore.rows.is_waiting());
    let explore = &studio.state().explore;
    (explore.selection.steps.last().cloned(), explore.selected.ready().unwrap().places.len() as u64)
}

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

    studio.click(Role::Button, "Test rows that are heads");
    let heads = studio.state().run.shown.history.test.as_ref().unwrap().confusion.support(0);
    assert_eq!(rows_found(&mut studio), (Some(Condition::TrueLabel { label: 0 }), heads));
    studio.click(Role::Tab, "Results");

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
    let is_whole =
        |node: egui_kittest::Node<'_>| node.accesskit_node().role() == Role::Label && node.rect().width() > 90.0;
    assert!(studio.harness.query_all_by_label_contains("average precision 0.").any(is_whole));

    // The middle of the matrix belongs to its last cell.
    let counted = studio.state().run.results.at_threshold.as_ref().unwrap().count(1, 1);
    click_plot(&mut studio, "Matrix at 0.50");
    let taken = Condition::Probability { label: 1, from: 0.5, to: 1.0 };
    assert_eq!(rows_found(&mut studio), (Some(taken), counted));
    studio.click(Role::Tab, "Results");

    studio.click(Role::Button, "Calibration");
    assert!(studio.has_part("Reliability diagram. confidence 0."));
    let bins = studio.state().run.results.scores.ready().unwrap().reliability.unwrap();
    let lowest = bins.iter().position(|bin| bin.rows > 0).unwrap();
    studio.harness.get_by(|node| is_plot(node, "Reliability diagram")).focus();
    studio.harness.run_ok();
    studio.harness.key_press(Key::Enter);
    studio.harness.run_ok();
    let (condition, found) = rows_found(&mut studio);
    assert!(matches!(condition, Some(Condition::Confidence { .. })) && found == bins[lowest].rows, "{condition:?}");
    studio.click(Role::Tab, "Results");
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

#[test]
fn a_test_on_another_file_says_what_its_numbers_are_worth() {
    let folder = tempfile::tempdir().unwrap();
    let text = |i: usize| format!("text number {i} of {}", i * 7919 % 101);
    let write = |name: &str, rows: std::ops::Range<usize>, label: fn(usize) -> usize| {
        let file = folder.path().join(name);
        let row = |i: usize| format!("{},{}\n", text(i), ["heads", "tails"][label(i)]);
        std::fs::write(&file, "text,label\n".to_owned() + &rows.map(row).collect::<String>()).unwrap();
        file
    };
    let own = write("coin.csv", 0..160, |i| i * i % 7 % 2);
    // Some of these texts were trained on, and two thirds of them are of one label, which no one can know from a text.
    let other = write("other.csv", 130..190, |i| usize::from(i % 3 == 0));
    let mut settings = small_run(folder.path(), 160, 1);
    settings.config.data.source = thaw::domain::config::DataSource::File(own);
    let mut studio = Studio::open(settings);
    studio.wait_until_ready();
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    studio.click(Role::Button, "See the results");
    studio.click(Role::Button, "Other test");
    let dir = studio.state().run.last_dir.clone().unwrap();
    let ctx = studio.harness.ctx.clone();
    let test = OtherTestsAction::Test { dirs: vec![dir.clone()], file: other };
    studio.harness.state_mut().act(&ctx, test.into());
    studio.wait("the test", |s| s.state().other_tests.of(&dir).len() == 1);
    studio.harness.run_ok();
    let kept = studio.state().other_tests.of(&dir)[0].clone();
    let met = kept.met_rows().unwrap();
    assert!((1..=30).contains(&met) && kept.at_chance().is_some(), "{kept:?}");
    assert!(studio.has_part(&format!("{met} of the 60 test rows")) && studio.has_part("No better than chance"));
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
