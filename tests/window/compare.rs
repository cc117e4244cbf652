//! Runs side by side, races, saved plots, the projector: by accessible names.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, OutputCommand, vec2};
use egui_kittest::kittest::Queryable;
use thaw::app::action::Action;
use thaw::app::compare::CompareAction;
use thaw::app::race::{Race, RaceAction};
use thaw::app::run::RunPhase;
use thaw::app::runs::RunsAction;
use thaw::domain::freeze::Freeze;
use thaw::words::shared::run_name;
use thaw::words::{Catalogue, Language};

use super::{Studio, listed_run, small_run};

#[test]
fn runs_are_ticked_and_set_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(listed_run(folder.path(), 100, 2));
    studio.wait_until_ready();
    for freeze in ["Preset 1", "Preset 2"] {
        studio.click(Role::Button, freeze);
        studio.click(Role::Button, "Train");
        studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    }
    studio.click(Role::Tab, "Compare");
    assert!(studio.has_part("Set runs side by side"));
    studio.click(Role::Tab, "Runs");
    studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 2));
    let runs = studio.state().runs.entries.ready().unwrap().clone();
    let names: Vec<String> = runs.iter().map(|run| run_name(&Catalogue::new(Language::English), run)).collect();
    assert_eq!(names[1], "Preset 1 · 100 rows · movie_reviews");
    for name in &names {
        studio.click(Role::CheckBox, &format!("Choose {name}"));
    }
    studio.click(Role::Button, "Compare");
    studio.wait("both runs", |s| s.state().compare.runs.len() == 2);
    assert!(studio.has_part(&format!("Loss of all runs: {}, training", names[0])));
    studio.click(Role::Button, "Seconds");
    assert!(studio.has_part("Accuracy of all runs: "));

    studio.click(Role::Button, "Table");
    studio.click(Role::Button, "Sort by freezing");
    assert!(studio.has("Sorted by freezing, smallest first") && studio.has("best"));
    let ctx = studio.harness.ctx.clone();
    let filter = |text: &str| Action::Compare(CompareAction::SetFilter(text.into()));
    studio.harness.state_mut().act(&ctx, filter("Preset 2"));
    studio.harness.run_ok();
    assert!(studio.has("best") != studio.has("undecided"));
    studio.harness.state_mut().act(&ctx, filter("nothing like it"));
    studio.harness.run_ok();
    assert!(studio.has_part("No run's name, data"));

    studio.click(Role::Button, "Matrices");
    assert!(studio.has_part("Second minus first. true negative, predicted negative"));
    studio.click(Role::Button, "Settings");
    assert!(studio.has("What differs") && !studio.has_part("All settings are the same") && !studio.has("Max length"));

    // A run keeps its colour when the other goes and comes.
    let styles = |s: &Studio| -> Vec<_> {
        let mut styles: Vec<_> = s.state().compare.runs.iter().map(|r| (r.run.dir.clone(), r.style)).collect();
        styles.sort();
        styles
    };
    let before = styles(&studio);
    assert_ne!(before[0].1, before[1].1);
    studio.click(Role::Button, &format!("Take out {}", names[0]));
    assert_eq!(studio.state().compare.runs.len(), 1);
    let again = Action::Compare(CompareAction::Open(vec![runs[0].dir.clone()]));
    studio.harness.state_mut().act(&ctx, again);
    studio.wait("the run again", |s| s.state().compare.runs.len() == 2);
    assert_eq!(styles(&studio), before);

    // What is no run is told, and keeps no other away.
    let sources = vec![folder.path().join("nowhere"), folder.path().join("mine")];
    studio.harness.state_mut().act(&ctx, Action::Compare(CompareAction::Open(sources)));
    studio.wait("the refusal", |s| s.state().compare.opening.is_empty());
    assert!(studio.has_part("nowhere"));
    assert_eq!(studio.state().compare.runs.len(), 2);
}

#[test]
fn a_race_is_run_and_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(listed_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    studio.click(Role::Tab, "Compare");
    studio.click(Role::Button, "Race");
    assert!(studio.has_part("Preset 1 · 1e-3") && studio.has_part("About "));
    for name in ["Preset 2 · 1e-3", "Preset 3 · 1e-4", "Full · 5e-5"] {
        studio.click(Role::CheckBox, name);
    }
    // A saved plan takes part under its file's name.
    let plan = folder.path().join("pooler last.json");
    let rates = r#"{"freeze": "2", "learning_rates": {"groups": [{"parameters": "pooler.*", "factor": 0.5}]}}"#;
    std::fs::write(&plan, rates).unwrap();
    let ctx = studio.harness.ctx.clone();
    let own = studio.state().train.config.freeze.clone();
    studio.harness.state_mut().act(&ctx, Action::Race(RaceAction::AddPlan(plan)));
    studio.wait("the plan", |s| s.has_part("pooler last · "));
    assert_eq!(studio.state().train.config.freeze, own, "what trains by itself stays");
    studio.harness.state_mut().act(&ctx, Action::Race(RaceAction::SetSeeds(2)));
    studio.harness.run_ok();
    studio.click(Role::Button, "Start race");
    studio.wait("a run", |s| s.has_part("Run 1 of 4"));
    studio.wait("the end", |s| s.state().race.race.as_ref().is_some_and(|race| race.ended.is_some()));
    assert!(studio.state().shell.notices.is_empty(), "{:?}", studio.state().shell.notices);
    assert!(
        studio.has("The race is over.") && studio.has("Means of the race") && studio.has("Save: Means of the race")
    );
    assert!(studio.has_part("pooler last 0."));
    assert!(studio.has_part("Accuracy against time: Preset 1 0.") && studio.has_part("Training loss: Preset 1"));
    assert!(studio.has_part("Accuracy against trainable parameters: "));
    assert_eq!(studio.state().race.race.as_ref().unwrap().means.len(), 2);
    let ended = studio.state().race.race.clone().unwrap();
    drop(studio);

    // Another window has it again, from the disk.
    let mut studio = Studio::open(listed_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    studio.click(Role::Tab, "Runs");
    studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|entries| !entries.is_empty()));
    let of_race =
        studio.state().runs.entries.ready().unwrap().iter().find(|entry| entry.race.is_some()).unwrap().clone();
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, Action::Runs(RunsAction::Select(of_race.dir)));
    studio.harness.run_ok();
    studio.click(Role::Button, "Open its race");
    studio.wait("the race", |s| s.state().race.race.is_some());
    studio.harness.run_ok();
    assert!(studio.has("The race is over.") && studio.has("Means of the race"));
    assert!(studio.has_part("Accuracy against time: Preset 1 0.") && studio.has_part("Training loss: Preset 1"));
    assert!(studio.has("Report…") && studio.has("Test all on another file…"));
    let again = studio.state().race.race.clone().unwrap();
    let accuracies = |race: &Race| race.means.iter().map(|mean| mean.accuracy).collect::<Vec<_>>();
    assert_eq!((accuracies(&again), again.dirs().len()), (accuracies(&ended), 4));
    assert_eq!(again.undecided, ended.undecided);
}

#[test]
fn every_plot_offers_to_be_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = small_run(folder.path(), 100, 1);
    settings.config.freeze = Freeze::Preset1;
    let mut studio = Studio::open(settings);
    studio.wait_until_ready();
    studio.click(Role::Button, "Train");
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    for name in ["Save: Loss", "Save: Accuracy", "Save: learning rate", "Save: Confusion matrix"] {
        assert!(studio.has(name), "{name}");
    }
    // By keyboard alone.
    studio.harness.get_by_role_and_label(Role::Button, "Save: Loss").focus();
    studio.harness.run_ok();
    studio.harness.key_press(Key::Enter);
    studio.harness.run_ok();
    assert!(studio.has("Picture (PNG)…") && studio.has("Numbers (CSV)…"));
    studio.harness.get_by_role_and_label(Role::Button, "Copy the numbers").click();
    studio.harness.step();
    let [OutputCommand::CopyText(copied)] = &studio.harness.output().platform_output.commands[..] else {
        panic!("nothing is copied")
    };
    let rows = studio.state().run.shown.history.steps.len();
    assert!(copied.starts_with("step\t") && copied.lines().count() == rows + 1, "{copied}");
    studio.harness.run_ok();
    assert!(studio.has_part("tensors unchanged bit for bit, 2 changed"), "the proof stands below the curves");
    studio.click(Role::Tab, "Results");
    assert!(studio.has("Save: Per class") && studio.has("Save: Confusion matrix"));
    studio.click(Role::Button, "1 Data");
    assert!(studio.has("Save: Text length in tokens"));
}

#[test]
fn a_projector_gets_large_type_and_everything_fits() {
    let size = vec2(1280.0, 720.0);
    let mut studio = Studio::open_ready(size);
    studio.harness.ctx.set_zoom_factor(1.1);
    studio.harness.run_ok();
    assert_eq!(studio.state().shell.settings.zoom, Some(1.1), "the user's own zoom is kept");
    studio.harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    studio.harness.run_ok();
    assert!(studio.state().shell.settings.projector);
    // A new zoom counts one frame after it was asked for.
    studio.harness.run_steps(4);
    assert!(studio.harness.ctx.zoom_factor() > 1.15, "{}", studio.harness.ctx.zoom_factor());
    studio.click(Role::Button, "View");
    studio.click(Role::CheckBox, "Projector mode");
    assert!(!studio.state().shell.settings.projector);
    studio.harness.run_steps(4);
    assert_eq!(studio.harness.ctx.zoom_factor(), 1.1, "as it was before");
}
