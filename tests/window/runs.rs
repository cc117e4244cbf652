//! Runs of the disk.

use thaw::app::compare::CompareAction;
use thaw::app::dropped::dropped;
use thaw::app::effect::Dialog;
use thaw::domain::half::{ExportAs, Half};

use super::*;

#[test]
fn runs_are_listed_replayed_named_and_started_from() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(listed_run(folder.path(), 100, 2));
    studio.wait_until_ready();
    studio.click(Role::Tab, "Runs");
    studio.wait("the empty list", |s| s.has_part("Your runs are listed here"));
    studio.click(Role::Button, "Train");
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    let steps = studio.state().run.shown.history.steps.clone();
    let dir = studio.state().run.last_dir.clone().unwrap();
    studio.click(Role::Tab, "Runs");
    studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 1));
    studio.click(Role::Button, "Preset 1 · 100 rows · movie_reviews");
    assert!(studio.has_part("movie_reviews.csv") && studio.has_part("step 28 of 28"));

    studio.click(Role::Button, "Replay");
    studio.wait("the replay", |s| s.state().run.replay.is_some());
    assert!(studio.is_disabled("Train") && studio.has("End replay"));
    studio.click(Role::Button, "Pause replay");
    studio.harness.get_by_label("Time of the replay");
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, Action::Run(RunAction::Replay(ReplayAction::Seek(1e9))));
    studio.harness.run_ok();
    assert_eq!(studio.state().run.shown.history.steps, steps, "what was stored is what was told, to the bit");
    assert!(studio.has_part("Loss at step") && studio.has_part("Confusion matrix, all"));
    studio.click(Role::Button, "End replay");
    assert!(studio.state().run.replay.is_none() && !studio.is_disabled("Train"));

    studio.click(Role::TextInput, "Name");
    studio.harness.event(Event::Text("renamed".to_owned()));
    studio.harness.run_ok();
    studio.harness.key_press(Key::Enter);
    studio.wait("the new name", |s| s.state().runs.entries.ready().is_some_and(|runs| runs[0].name == "renamed"));

    assert!(studio.is_disabled("Resume"), "it keeps its place where there is nothing to resume");
    studio.click(Role::Button, "Open");
    studio.wait("the results", |s| s.has("Test accuracy"));
    studio.click(Role::Tab, "Runs");
    studio.click(Role::Button, "Start from this run");
    studio.wait("its model", |s| {
        s.state().train.config.model == ModelSource::Folder(dir.clone()) && s.state().can_train()
    });
    assert_eq!(
        studio.state().train.model.ready().unwrap().facts.head_labels.as_ref().unwrap().len(),
        2,
        "its head is kept"
    );

    studio.click(Role::Tab, "Runs");
    studio.wait("the list again", |s| s.state().runs.entries.ready().is_some());
    studio.click(Role::Button, "Train longer");
    studio.wait("one epoch more", |s| {
        s.state().run.shown.phase == RunPhase::Ended
            && s.state().run.last_dir.as_ref().is_some_and(|newer| *newer != dir)
    });
    assert_eq!(
        (studio.state().run.shown.config.training.epochs, studio.state().run.shown.history.steps.len()),
        (1, 14)
    );
    studio.click(Role::Tab, "Runs");
    studio.wait("both", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 2));

    // As the dialog for a run's folder answers.
    let away = folder.path().join("away");
    std::fs::rename(&dir, &away).unwrap();
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, Action::Runs(RunsAction::Open { dir: away.clone(), purpose: Purpose::Show }));
    studio.wait("a run elsewhere", |s| {
        let listed = s.state().runs.entries.ready();
        listed.is_some_and(|runs| runs.len() == 2 && runs.iter().any(|run| run.dir == away))
    });
    assert_eq!(studio.state().shell.settings.runs_elsewhere, [away]);
}

#[test]
fn an_interrupted_run_is_offered_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let settings = listed_run(folder.path(), 100, 3);
    let dir = {
        let mut studio = Studio::open(settings.clone());
        studio.wait_until_ready();
        studio.click(Role::Button, "Train");
        studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
        studio.state().run.last_dir.clone().unwrap()
    };
    // As it would lie there after a power cut before its first checkpoint.
    std::fs::remove_file(dir.join("metrics.json")).unwrap();
    let size = vec2(900.0, 600.0);
    let mut studio = Studio::open_sized(settings, size);
    studio.wait("the offer", |s| s.has_part("was interrupted at step"));
    studio.wait_until_ready();
    studio.click(Role::Tab, "Runs");
    studio.click(Role::Button, "Preset 1 · 100 rows · movie_reviews");
    for name in ["Open", "Replay", "Start from this run", "Export", "Open folder", "Delete"] {
        let rect = studio.harness.get_by_role_and_label(Role::Button, name).rect();
        assert!(rect.max.x <= size.x && rect.max.y <= size.y - 8.0, "{name}: {rect:?}");
    }
    studio.click(Role::Button, "Dismiss");
    studio.click(Role::Button, "Resume");
    assert!(studio.is_disabled("Train"));
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert!(dir.join("metrics.json").exists() && studio.state().shell.notices.is_empty());
}

#[test]
fn the_list_is_sorted_filtered_clicked_anywhere_and_undone() {
    let size = vec2(1024.0, 700.0);
    let mut studio = Studio::open_with(english(), Harness::builder().with_size(size), script::scripted);
    studio.wait_until_ready();
    studio.click(Role::Tab, "Runs");
    studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 4));
    let name = |what: &str| format!("{what} · 1,200 rows · movie_reviews");
    let top = |s: &Studio, what: &str| s.harness.get_by_role_and_label(Role::Button, &name(what)).rect().top();
    assert!(top(&studio, "Full") < top(&studio, "Preset 3") && top(&studio, "Preset 3") < top(&studio, "Preset 1"));
    for text in [&name("Preset 3"), "2026-11-24 15:09"] {
        assert!(!is_cut(&studio, text), "{text}");
    }

    studio.click(Role::Button, "Sort by name");
    assert!(top(&studio, "Preset 1") < top(&studio, "Preset 3"));
    studio.click(Role::Button, "Sorted by name, smallest first");
    assert!(top(&studio, "Preset 3") < top(&studio, "Preset 1"));
    studio.harness.get_by_label("2026-11-24 15:04").click();
    studio.harness.run_ok();
    assert!(studio.state().runs.selected.as_ref().unwrap().ends_with("preset1"), "a click on its time chooses a run");

    for what in ["Preset 1", "Full"] {
        studio.click(Role::CheckBox, &format!("Choose {}", name(what)));
    }
    assert!(studio.has("2 chosen"));
    studio.click(Role::TextInput, "Filter runs");
    studio.harness.event(Event::Text("preset 2".to_owned()));
    studio.harness.run_ok();
    assert!(studio.has(&name("Preset 2")) && !studio.has(&name("Full")));
    assert!(studio.is_disabled("Delete chosen"), "what is hidden is not deleted");
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, Action::Runs(RunsAction::SetFilter(String::new())));
    studio.harness.run_ok();
    studio.click(Role::Button, "Delete chosen");
    studio.wait("the notice", |s| s.has("2 runs were moved to the trash."));
    studio.click(Role::Button, "Undo");
    assert!(!studio.has_part("moved to the trash"));
}

/// Whether a text is drawn with an ellipsis.
fn is_cut(studio: &Studio, text: &str) -> bool {
    use eframe::egui::Shape;
    let shapes = studio.harness.output().shapes.iter();
    let galleys =
        shapes.filter_map(|clipped| if let Shape::Text(shape) = &clipped.shape { Some(&shape.galley) } else { None });
    let found: Vec<bool> = galleys.filter(|galley| galley.text() == text).map(|galley| galley.elided).collect();
    assert!(!found.is_empty(), "{text} is not drawn");
    found.into_iter().any(|is_cut| is_cut)
}

#[test]
fn a_run_of_hugging_faces_trainer_opens_beside_ours_and_is_not_ours_to_delete() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/hugging_face_runs/steps");
    std::fs::copy(reference.join("trainer_state.json"), theirs.join("trainer_state.json")).unwrap();
    let mut studio = Studio::open(listed_run(folder.path(), 100, 2));
    studio.wait_until_ready();
    let ctx = studio.harness.ctx.clone();
    let dropped = dropped(vec![theirs.clone()]).unwrap().unwrap();
    studio.harness.state_mut().act(&ctx, dropped);
    studio.wait("its curves", |s| s.has_part("Loss at step"));
    assert!(studio.has_part("step 30 / 30") && !studio.has_part("NaN"));
    studio.click(Role::Tab, "Runs");
    studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 1));
    assert!(studio.has_part("trained by Hugging Face"));
    for name in ["Resume", "Replay", "Start from this run", "Train longer"] {
        assert!(studio.is_disabled(name), "{name}");
    }
    studio.click(Role::Button, "Export");
    for (name, can) in [("Model…", false), ("TensorBoard…", false), ("For a cluster…", false), ("Tables…", true)]
    {
        assert_eq!(studio.is_disabled(name), !can, "{name}");
    }
    studio.harness.key_press(Key::Escape);
    studio.harness.run_ok();
    let compared = Action::Compare(CompareAction::Open(vec![theirs.clone()]));
    studio.harness.state_mut().act(&ctx, compared);
    studio.wait("the comparison", |s| s.state().compare.runs.len() == 1);
    studio.click(Role::Button, "Table");
    assert!(studio.has_part("unknown"), "freezing, data and model are not told");
    studio.click(Role::Tab, "Runs");
    studio.click(Role::Button, "Delete");
    studio.wait("the empty list", |s| s.state().runs.entries.ready().is_some_and(Vec::is_empty));
    assert!(studio.has_part("taken off the list") && theirs.join("trainer_state.json").is_file());
}

#[test]
fn a_run_is_exported_for_a_cluster_and_never_into_a_folder_with_something_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(listed_run(folder.path(), 100, 2));
    studio.wait_until_ready();
    studio.click(Role::Button, "Train");
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    let dir = studio.state().run.last_dir.clone().unwrap();
    studio.click(Role::Tab, "Runs");
    studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 1));
    studio.click(Role::Button, "Preset 1 · 100 rows · movie_reviews");
    studio.click(Role::Button, "Export");
    for name in ["Model…", "Model in 16 bits (f16)…", "TensorBoard…", "Tables…", "For a cluster…"] {
        assert!(!studio.is_disabled(name), "{name}");
    }
    // As the dialog for a folder answers.
    let chosen = Dialog::Export { dir, what: ExportAs::Cluster }.chosen(vec![folder.path().to_owned()]);
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, chosen.clone());
    assert!(studio.state().runs.exporting().is_some());
    studio.wait("the folder", |s| s.has_part("Its README.md says how to start it"));
    let written: Vec<PathBuf> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let written = written.iter().find(|path| path.to_string_lossy().ends_with("-cluster")).unwrap();
    assert!(written.join("train.py").is_file() && written.join("model/model.safetensors").is_file());
    studio.harness.state_mut().act(&ctx, chosen);
    studio.wait("the refusal", |s| s.has_part("not empty"));
    assert!(studio.state().runs.exporting().is_none());

    // The weights in 16 bits are measured, and what changes is said.
    let rounded =
        Dialog::Export { dir: studio.state().run.last_dir.clone().unwrap(), what: ExportAs::Model(Some(Half::F16)) };
    studio.harness.state_mut().act(&ctx, rounded.chosen(vec![folder.path().to_owned()]));
    studio.wait("the rounded model", |s| s.has_part("no probability differs by more than"));
}
