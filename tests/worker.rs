//! The conversation with the worker, as the window has it.
#![allow(clippy::unwrap_used)]

#[path = "worker/desk.rs"]
mod desk;
#[path = "worker/race.rs"]
mod race;
#[path = "worker/rate_sweep.rs"]
mod rate_sweep;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use thaw::domain::config::{ClassifierSource, DataConfig, DataSource, ModelSource, RunConfig, TrainingConfig};
use thaw::domain::explanation::Depth;
use thaw::domain::freeze::Freeze;
use thaw::domain::message::{
    Answer, AskId, Command, Event, Notice, Question, RowTexts, RunCommand, RunEnded, RunEvent, RunId, RunNotice,
    RunOutcome,
};
use thaw::domain::params::{ParameterView, ValuesOf};
use thaw::domain::problem::Outcome;
use thaw::worker::Worker;

use self::desk::{Desk, of_run};

#[test]
fn a_run_pauses_goes_on_and_stops() {
    let desk = Desk::new();
    desk.run(RunCommand::Start(RunId(7), desk.config(Freeze::Full, 500)));
    desk.wait_for_step();
    desk.run(RunCommand::SetPaused(true));
    desk.wait_for_pause(true);
    assert!(!desk.steps_within(Duration::from_millis(300)), "it stands still");
    desk.run(RunCommand::SetPaused(false));
    desk.wait_for_pause(false);
    desk.wait_for_step();

    desk.run(RunCommand::Start(RunId(8), desk.config(Freeze::Preset1, 1)));
    let (refused, ended) = desk.wait_for_end();
    assert_eq!((refused, ended.outcome), (RunId(8), RunOutcome::Failed));
    assert_eq!(ended.error.unwrap().id, "run-under-way");

    desk.run(RunCommand::SetPaused(true));
    desk.run(RunCommand::Stop);
    let (id, ended) = desk.wait_for_end();
    assert_eq!((id, ended.outcome, ended.error), (RunId(7), RunOutcome::Stopped, None));
    assert!(ended.run_dir.unwrap().join("model.safetensors").is_file(), "what was learned is kept");
    assert!(desk.woken.load(Ordering::Relaxed) > 0, "the window was woken");

    let run_dir = Some(desk.out());
    let of_run = desk.values("classifier.weight", ValuesOf::Run);
    assert_eq!((of_run.of, of_run.trained, &of_run.run), (ValuesOf::Run, Some(true), &run_dir));
    let of_model = desk.values("classifier.weight", ValuesOf::Model);
    assert_eq!((of_model.of, of_model.trained, &of_model.run), (ValuesOf::Model, None, &run_dir));
    assert_ne!(of_run.first, of_model.first, "the values from before training are still to be seen");
    let texts = vec!["a fine film".into()];
    let Ok(Answer::Predictions(predictions)) = desk.ask(Question::Predictions { texts, model: None }) else { panic!() };
    assert_eq!((predictions.len(), predictions[0].text.as_str()), (1, "a fine film"));
}

#[test]
fn the_next_run_may_start_when_the_last_has_ended() {
    let desk = Desk::new();
    for id in 1..=2 {
        let mut config = desk.config(Freeze::Preset1, 1);
        config.out = Some(desk.place.path().join(id.to_string()));
        desk.run(RunCommand::Start(RunId(id), config));
        let (ended_id, ended) = desk.wait_for_end();
        assert_eq!((ended_id, ended.outcome), (RunId(id), RunOutcome::Completed), "{:?}", ended.error);
    }
    drop(desk.worker);
}

#[test]
fn a_paused_run_answers_with_the_weights_that_it_has_then() {
    let desk = Desk::new();
    let texts: Vec<RowTexts> = vec!["a warm and moving film".into(), "slow and stale".into()];
    let ask = || match desk.ask(Question::PausedPredictions(texts.clone())) {
        Ok(Answer::Predictions(found)) => Ok(found.into_iter().map(|of| of.probabilities[0].1).collect::<Vec<_>>()),
        Ok(other) => panic!("{other:?}"),
        Err(problem) => Err(problem.id),
    };
    assert_eq!(ask().unwrap_err(), "predict-run-not-paused");
    desk.run(RunCommand::Start(RunId(1), desk.config(Freeze::Full, 500)));
    desk.wait_for_step();
    desk.run(RunCommand::SetPaused(true));
    desk.wait_for_pause(true);
    let first = ask().unwrap();
    assert_eq!(ask().unwrap(), first, "it stands still");
    desk.run(RunCommand::SetPaused(false));
    desk.wait_for_pause(false);
    desk.wait_for_step();
    assert_eq!(ask().unwrap_err(), "predict-run-not-paused");
    desk.run(RunCommand::SetPaused(true));
    desk.wait_for_pause(true);
    let later = ask().unwrap();
    assert!(first.iter().zip(&later).all(|(a, b)| a != b), "{first:?} {later:?}");
    desk.run(RunCommand::Stop);
    let dir = desk.wait_for_end().1.run_dir.unwrap();
    assert_eq!(ask().unwrap_err(), "predict-run-not-paused", "it has ended");
    // The model that is saved is the one that answered last.
    let question = Question::Predictions { texts: texts.clone(), model: Some(dir.into()) };
    let Ok(Answer::Predictions(saved)) = desk.ask(question) else { panic!() };
    for (saved, later) in saved.iter().zip(&later) {
        assert!((saved.probabilities[0].1 - later).abs() < 1e-5, "{saved:?} {later}");
    }
}

#[test]
fn stop_before_the_first_step_leaves_nothing() {
    let desk = Desk::new();
    desk.run(RunCommand::Start(RunId(1), desk.config(Freeze::Preset1, 1)));
    desk.run(RunCommand::Stop);
    let (_, ended) = desk.wait_for_end();
    assert_eq!((ended.outcome, ended.run_dir), (RunOutcome::Stopped, None));
    assert!(!desk.out().exists());
}

#[test]
fn a_closing_window_stops_and_saves() {
    let desk = Desk::new();
    desk.run(RunCommand::Start(RunId(1), desk.config(Freeze::Full, 500)));
    desk.wait_for_step();
    let out = desk.out();
    let Desk { worker, place: _place, .. } = desk;
    drop(worker);
    assert!(out.join("model.safetensors").is_file() && out.join("metrics.json").is_file());
}

#[test]
fn questions_have_answers() {
    let desk = Desk::new();
    let problem = desk.ask(Question::Parameter { name: "pooler.dense.bias".into(), of: ValuesOf::Model }).unwrap_err();
    assert_eq!(problem.id, "no-model-yet");

    let data = desk.config(Freeze::Preset1, 1).data;
    let question = Question::Dataset { config: Box::new(data), max_length: 32 };
    let Ok(Answer::Dataset(summary)) = desk.ask(question) else { panic!() };
    assert_eq!((summary.rows, summary.labels.len()), (10_070, 2));
    let Ok(Answer::Model(tree)) = desk.ask(Question::Model(ModelSource::Bundled)) else { panic!() };
    assert_eq!(tree.count(), 22_713_986);
    let lengths = desk.wait(|event| match event {
        Event::Notice(Notice::TokenLengths(lengths)) if lengths.done == lengths.total => Some(lengths),
        _ => None,
    });
    assert_eq!((lengths.total, lengths.max_length), (60, 32));

    for name in ["classifier.weight", "embeddings.word_embeddings.weight"] {
        let view = desk.values(name, ValuesOf::Run);
        assert!(view.of == ValuesOf::Model && view.run.is_none() && view.min < view.max, "{name}");
        assert_eq!(view.model, "all-MiniLM-L6-v2");
    }
    let question = Question::Calibration(desk.config(Freeze::Preset3, 3));
    let Ok(Answer::Calibration(times)) = desk.ask(question) else { panic!() };
    assert!(times.layer.forward > 0.0 && times.last.backward_weight > 0.0 && times.tokens_per_row > 2.0);

    // Three classes make another head, and the notice of it says which model it is about.
    let rows: String = (0..60).map(|i| format!("sentence number {i},{}\n", ["a", "b", "c"][i % 3])).collect();
    let config = desk.file("three.csv", &("text,label\n".to_owned() + &rows));
    let Ok(Answer::Dataset(_)) = desk.ask(Question::Dataset { config: Box::new(config), max_length: 32 }) else {
        panic!()
    };
    let (source, tree) = desk.wait(|event| match event {
        Event::Notice(Notice::HeadChanged { source, tree }) => Some((source, tree)),
        _ => None,
    });
    assert_eq!((source, tree.parameters.last().unwrap().shape.as_slice()), (ModelSource::Bundled, &[3][..]));

    let missing = DataConfig { source: DataSource::File("nowhere.csv".into()), ..DataConfig::default() };
    let problem = desk.ask(Question::Dataset { config: Box::new(missing), max_length: 32 }).unwrap_err();
    assert!(problem.args.iter().any(|(_, value)| value.to_string().contains("nowhere.csv")));
}

#[test]
fn an_evaluation_leaves_the_data_at_hand() {
    let desk = Desk::new();
    let rows = |n: usize| (0..n).map(|i| format!("film number {i},{}\n", ["bad", "good"][i % 2])).collect::<String>();
    let own = desk.file("own.csv", &("text,label\n".to_owned() + &rows(60)));
    let run = RunConfig { data: own, ..*desk.config(Freeze::Preset1, 1) };
    desk.run(RunCommand::Start(RunId(1), Box::new(run)));
    let run_dir = desk.wait_for_end().1.run_dir.unwrap();
    let three: String = (0..60).map(|i| format!("sentence {i},{}\n", ["a", "b", "c"][i % 3])).collect();
    let at_hand = desk.file("three.csv", &("text,label\n".to_owned() + &three));
    let Ok(Answer::Dataset(_)) = desk.ask(Question::Dataset { config: Box::new(at_hand), max_length: 32 }) else {
        panic!()
    };
    desk.wait(|event| matches!(event, Event::Notice(Notice::HeadChanged { .. })).then_some(()));

    let other = desk.file("other.csv", &("text,label\n,good\n".to_owned() + &rows(10)));
    let id = desk.send(Question::Evaluation { model: run_dir.into(), data: Some(other.into()) });
    let answer = desk.wait(|event| match event {
        Event::Answer(of, answer) => (of == id).then_some(answer),
        Event::Notice(Notice::HeadChanged { .. }) => panic!("the window's data were replaced"),
        _ => None,
    });
    let Ok(Answer::Evaluation { test, data, .. }) = answer else { panic!() };
    assert_eq!((data.skipped.count, data.name.as_str(), test.confusion.rows()), (1, "other.csv", 10));
    let bias = desk.values("classifier.bias", ValuesOf::Model);
    assert_eq!(bias.shape, [3], "the head is still for the labels of the data at hand");
}

#[test]
fn the_pretrained_model_answers_with_the_head_of_any_run_that_began_with_it() {
    let desk = Desk::new();
    desk.run(RunCommand::Start(RunId(1), desk.config(Freeze::Full, 1)));
    let dir = desk.wait_for_end().1.run_dir.unwrap();
    let texts: Vec<RowTexts> = vec!["a warm and moving film".into()];
    let ask = |model: Option<ClassifierSource>| match desk.ask(Question::Predictions { texts: texts.clone(), model }) {
        Ok(Answer::Predictions(found)) => Ok(found[0].probabilities.clone()),
        Ok(other) => panic!("{other:?}"),
        Err(problem) => Err(problem.id),
    };
    let source = |is_ancestor| {
        let (model, head) = (ModelSource::Bundled, Some(dir.clone()));
        Some(ClassifierSource { model, head, is_ancestor, precision: None })
    };
    assert_eq!(ask(source(false)).unwrap_err(), "head-of-other-model", "a head that someone chose may be of any model");
    let (pretrained, of_run) = (ask(source(true)).unwrap(), ask(None).unwrap());
    let labels = |of: &[(String, f64)]| of.iter().map(|(label, _)| label.clone()).collect::<Vec<_>>();
    assert_eq!(labels(&pretrained), labels(&of_run));
    assert_ne!(pretrained, of_run, "the layers below the head are those from before the training");
}

#[test]
fn the_model_at_hand_is_asked_at_the_temperature_that_was_fitted_since() {
    let desk = Desk::new();
    desk.run(RunCommand::Start(RunId(1), desk.config(Freeze::Preset1, 1)));
    let dir = desk.wait_for_end().1.run_dir.unwrap();
    let texts = RowTexts::from("a warm and moving film");
    let explain = || {
        let question = Question::Explanation { texts: texts.clone(), model: None, depth: Depth::Words };
        let Ok(Answer::Explanation(explained)) = desk.ask(question) else { panic!() };
        (explained.probability(), explained.words[0].without.unwrap())
    };
    let predict = |text: &str| {
        let question = Question::Predictions { texts: vec![text.into()], model: None };
        let Ok(Answer::Predictions(found)) = desk.ask(question) else { panic!() };
        found[0].probabilities.iter().map(|(_, p)| *p).fold(0.0, f64::max)
    };
    let before = explain();
    let kept = r#"{"temperature":4.0,"rows":1,"loss_before":1.0,"loss":1.0,"ece_before":0.0,"ece":0.0}"#;
    std::fs::write(dir.join("temperature.json"), kept).unwrap();
    let after = explain();
    let odds = |p: f64| (p / (1.0 - p)).ln();
    for (before, after) in [(before.0, after.0), (before.1, after.1)] {
        assert!((odds(before) - 4.0 * odds(after)).abs() < 1e-5, "{before} {after}");
    }
    assert!((predict("a warm and moving film") - after.0).abs() < 1e-9);
    std::fs::remove_file(dir.join("temperature.json")).unwrap();
    assert_eq!(explain(), before, "it was forgotten");
}

#[test]
fn a_wrong_guess_of_the_columns_comes_with_the_columns() {
    let desk = Desk::new();
    let rows: String = (0..40).map(|i| format!("{i},sentence {i},{}\n", ["a", "b"][i % 2])).collect();
    let mut config = desk.file("odd.csv", &("label,words,kind\n".to_owned() + &rows));
    let ask = |config: &DataConfig| desk.ask(Question::Dataset { config: Box::new(config.clone()), max_length: 32 });
    let Ok(Answer::DataRefused(refused)) = ask(&config) else { panic!() };
    assert_eq!(refused.problem.id, "data-labels-all-differ");
    assert_eq!(refused.table.columns, ["label", "words", "kind"]);
    assert_eq!(refused.table.rows[1], ["1", "sentence 1", "b"]);
    config.reading.label_column = Some("kind".into());
    let Ok(Answer::Dataset(summary)) = ask(&config) else { panic!() };
    assert_eq!(summary.labels.len(), 2);
}

/// Reading a run waits for ever where its settings are a pipe that no one writes to, as a network folder may.
#[test]
#[cfg(unix)]
fn a_question_that_hangs_holds_no_quick_one_up() {
    let desk = Desk::new();
    let pipe = desk.place.path().join("settings.json");
    std::fs::write(desk.place.path().join("splits.json"), "{}").unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (dir, to) = (desk.place.path().to_owned(), desk.place.path().join("export"));
    let hanging = desk.send(Question::ExportRun { dir, to, half: None });
    let Ok(Answer::Lessons(lessons)) = desk.ask(Question::Lessons) else { panic!() };
    assert_eq!(lessons.len(), 6);
    // The pipe opens once the export reads it. Settings without content are no run's.
    drop(std::fs::OpenOptions::new().write(true).open(&pipe).unwrap());
    desk.wait(|event| if let Event::Answer(id, answer) = event { (id == hanging).then_some(answer) } else { None })
        .unwrap_err();
}

#[test]
fn a_run_that_trains_is_not_removed() {
    let (trains, other) = (Desk::new(), Desk::new());
    trains.run(RunCommand::Start(RunId(1), trains.config(Freeze::Full, 500)));
    trains.wait_for_step();
    let refused = other.ask(Question::DeleteRuns(vec![trains.out()])).unwrap_err();
    assert_eq!(refused.id, "run-in-use");
    other.run(RunCommand::Resume(RunId(2), trains.out()));
    assert_eq!(other.wait_for_end().1.error.unwrap().id, "run-in-use");
    trains.wait_for_step();
    trains.run(RunCommand::Stop);
    let (_, ended) = trains.wait_for_end();
    assert_eq!((ended.outcome, ended.error), (RunOutcome::Stopped, None));
    assert!(trains.out().join("model.safetensors").is_file());
}

/// In a process of its own, for which the desktop's trash lies in a folder of the test.
#[test]
#[cfg(target_os = "linux")]
fn a_run_is_moved_to_the_trash() {
    const WITH_OWN_TRASH: &str = "THAW_TEST_WITH_OWN_TRASH";
    if std::env::var_os(WITH_OWN_TRASH).is_none() {
        let home = tempfile::tempdir().unwrap();
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "a_run_is_moved_to_the_trash"]).env(WITH_OWN_TRASH, "1");
        let output = again.env("XDG_DATA_HOME", home.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(std::fs::read_dir(home.path().join("Trash/files")).unwrap().count(), 1, "the copy that went first");
        return;
    }
    let desk = Desk::new();
    desk.run(RunCommand::Start(RunId(1), desk.config(Freeze::Preset1, 1)));
    let (_, ended) = desk.wait_for_end();
    let dir = ended.run_dir.unwrap();
    let refused = desk.ask(Question::DeleteRuns(vec![desk.place.path().to_owned()])).unwrap_err();
    assert_eq!(refused.id, "resume-no-run", "nothing but runs is deleted");
    let other = desk.place.path().join("other");
    copy_run(&dir, &other);
    let both = vec![dir.clone(), other.clone()];
    let Ok(Answer::RunsDeleted { dirs, can_restore: true }) = desk.ask(Question::DeleteRuns(both.clone())) else {
        panic!()
    };
    assert_eq!(dirs, both);
    assert!(!dir.exists() && !other.exists());
    assert!(matches!(desk.ask(Question::RestoreRuns(both.clone())), Ok(Answer::RunsRestored(_))));
    assert!(dir.join("settings.json").is_file() && other.join("settings.json").is_file());
    assert_eq!(desk.ask(Question::RestoreRuns(both)).unwrap_err().id, "run-not-in-trash");

    // Of two that were in one place, the one that went last comes back.
    assert!(desk.ask(Question::DeleteRuns(vec![dir.clone()])).is_ok());
    copy_run(&other, &dir);
    std::fs::write(dir.join("newer"), "").unwrap();
    assert!(desk.ask(Question::DeleteRuns(vec![dir.clone()])).is_ok());
    assert!(matches!(desk.ask(Question::RestoreRuns(vec![dir.clone()])), Ok(Answer::RunsRestored(_))));
    assert!(dir.join("newer").is_file());
}

/// What makes a folder a run.
#[cfg(target_os = "linux")]
fn copy_run(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for name in ["settings.json", "splits.json", "steps.jsonl"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
}
