//! Run folders read back, and bundles, also where something in them is not as Thaw writes it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::config::RunConfig;
use crate::domain::history::History;
use crate::domain::lesson::LessonWork;
use crate::domain::problem::Problem;

use super::*;

/// A copy of a recorded run, whose log is changed.
fn run_with_log(dir: &Path, change: impl Fn(&str) -> String) -> PathBuf {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/coach/stuck");
    let run = dir.join("run");
    fs::create_dir(&run).unwrap();
    for name in ["settings.json", "splits.json"] {
        fs::copy(recorded.join(name), run.join(name)).unwrap();
    }
    fs::write(run.join("steps.jsonl"), change(&fs::read_to_string(recorded.join("steps.jsonl")).unwrap())).unwrap();
    run
}

fn history(run: &Path) -> History {
    read_run(run).unwrap().history_at(f64::INFINITY)
}

/// The log with one line changed.
fn with_line(log: &str, number: usize, change: impl Fn(&str) -> String) -> String {
    let line = |(i, line): (usize, &str)| if i + 1 == number { change(line) } else { line.to_owned() } + "\n";
    log.lines().enumerate().map(line).collect()
}

/// What its holder writes last is not read before the lock is free.
#[test]
fn the_lock_is_taken_before_the_end_of_a_run_or_a_race_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_with_log(dir.path(), str::to_owned);
    for name in ["metrics.json", "race.json"] {
        fs::write(run.join(name), "half of it").unwrap();
    }
    let problems = || [Interrupted::open(&run).unwrap_err().id, RaceFolder::open(&run).unwrap_err().id];
    let held = lock::RunLock::take(&run).unwrap();
    assert_eq!(problems(), ["run-in-use"; 2]);
    drop(held);
    assert_eq!(problems(), ["run-unreadable"; 2]);
}

/// The first look at validation is the third line.
#[test]
fn a_loss_that_is_not_finite_is_read_as_nan_and_nothing_after_it_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let broken = |line: &str| line.replacen("\"loss\":1.1043360312266115", "\"loss\":null", 1);
    let read = history(&run_with_log(dir.path(), |log| with_line(log, 3, broken)));
    assert!(read.live[0].loss.is_nan() && read.live[1].loss.is_finite());
    assert_eq!((read.live.len(), read.steps.len(), read.epochs.len()), (13, 42, 2));
    assert!(read.test.is_some() && read.ended.is_some());
}

#[test]
fn every_number_that_may_break_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let names = ["loss", "grad_norm", "train_loss", "validation_loss", "rows_per_sec"];
    let broken = |line: &str| {
        let mut event: serde_json::Value = serde_json::from_str(line).unwrap();
        for name in names {
            if let Some(number) = event.get_mut(name) {
                *number = serde_json::Value::Null;
            }
        }
        event.to_string() + "\n"
    };
    let read = history(&run_with_log(dir.path(), |log| log.lines().map(broken).collect()));
    assert_eq!((read.live.len(), read.steps.len(), read.epochs.len()), (13, 42, 2));
    let (step, epoch, test) = (&read.steps[0], &read.epochs[0], read.test.as_ref().unwrap());
    let broken = [step.loss, step.grad_norm, epoch.train_loss, epoch.validation_loss, epoch.rows_per_sec, test.loss];
    assert!(broken.iter().all(|x| x.is_nan()), "{broken:?}");
    assert!(step.accuracy.is_finite() && epoch.validation_accuracy.is_finite());
}

#[test]
fn a_damaged_line_is_skipped_and_a_cut_off_last_one_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_with_log(dir.path(), |log| {
        let log = with_line(log, 2, |_| "{\"event\":\"step\",\"st\u{fffd}".to_owned());
        let log = with_line(&log, 5, |_| "{\"event\":\"of a later version\"}".to_owned());
        log.trim_end()[..log.len() - 20].to_owned()
    });
    let read = history(&run);
    assert_eq!((read.steps.len(), read.epochs.len(), read.live.len()), (40, 2, 13));
    assert!(read.test.is_some() && read.ended.is_none());
}

#[test]
fn a_list_reads_no_rows() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_with_log(dir.path(), str::to_owned);
    let steps =
        |run: &Path| list(dir.path(), &[]).unwrap().iter().find(|r| r.dir == run).map(|r| (r.step, r.total_steps));
    assert_eq!(steps(&run), Some((42, 42)));
    let splits = fs::read_to_string(run.join("splits.json")).unwrap();
    fs::write(run.join("splits.json"), "rows that take long to read").unwrap();
    assert_eq!(steps(&run), Some((42, 42)));
    fs::write(run.join("splits.json"), splits).unwrap();
    fs::write(run.join("steps.jsonl"), "").unwrap();
    assert_eq!(steps(&run), Some((0, 42)), "a run that went down before it told anything");
}

#[test]
fn nothing_is_exported_but_what_hugging_face_reads() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_with_log(dir.path(), str::to_owned);
    let model = ["config.json", "model.safetensors.index.json", "tokenizer_config.json", "vocab.txt"];
    let parts = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    let stray = ["notes.txt", "model.safetensors.bak", "model-old.safetensors", "id_rsa", "generation_config.json"];
    for name in model.iter().chain(&parts).chain(&stray) {
        fs::write(run.join(name), "{}").unwrap();
    }
    let to = export(&run, &dir.path().join("given")).unwrap();
    let mut names: Vec<String> =
        fs::read_dir(to).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let mut expected = [&["README.md"][..], &model, &parts].concat();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn a_bundle_with_a_ragged_matrix_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_with_log(dir.path(), str::to_owned);
    let lesson = &carried_lessons().unwrap()[0];
    let mut work = LessonWork::new(lesson);
    work.student = "Kim".into();
    work.steps[0].run_dirs = vec![run];
    let bundle = save_bundle(lesson, &work, &dir.path().join("kim")).unwrap();
    let text = fs::read_to_string(&bundle).unwrap();
    let mut good = read_bundle(&bundle).unwrap();
    let taken = take_runs(&bundle, &mut good);
    assert_eq!(taken[0].1.history_at(f64::INFINITY).test.unwrap().confusion.rows(), 120);
    for ragged in ["[[60,0],[60]]", "[[60,0]]", "[[60,0],[60,0],[0,0]]", "[[60]]"] {
        fs::write(&bundle, text.replace("[[60,0],[60,0]]", ragged)).unwrap();
        assert_eq!(read_bundle(&bundle).unwrap_err().id, "bundle-unreadable", "{ragged}");
    }
}

/// Others may read a bundle as they may any file that its owner writes there.
#[cfg(unix)]
#[test]
fn a_bundle_is_as_open_as_other_files() {
    use std::os::unix::fs::MetadataExt as _;
    let dir = tempfile::tempdir().unwrap();
    let lesson = &carried_lessons().unwrap()[0];
    let work = LessonWork { student: "Kim".into(), ..LessonWork::new(lesson) };
    let bundle = save_bundle(lesson, &work, &dir.path().join("kim")).unwrap();
    let plain = dir.path().join("plain");
    fs::write(&plain, "").unwrap();
    assert_eq!(fs::metadata(bundle).unwrap().mode(), fs::metadata(plain).unwrap().mode());
}

#[test]
fn a_race_has_the_lessons_seed_unless_it_names_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mine.toml");
    let head = "id = \"mine\"\nseed = 7\ntitle = { en = \"A\" }\nabout = { en = \"B\" }\n[[step]]\n";
    let race = |seeds: &str| {
        let step = format!("title = {{ en = \"A\" }}\ntext = {{ en = \"B\" }}\nrace = {{ freeze = [\"1\"]{seeds} }}\n");
        fs::write(&file, format!("{head}{step}")).unwrap();
        let lesson = read_lesson(&file)?;
        let race = lesson.steps[0].race.as_ref().unwrap();
        Ok(lesson.race_plan(&RunConfig::default(), race).seeds)
    };
    assert_eq!(race(""), Ok(vec![7]));
    assert_eq!(race(", seeds = [1, 2]"), Ok(vec![1, 2]));
    assert_eq!(race(", seeds = []").map_err(|problem: Problem| problem.id), Err("lesson-bad-field".into()));
}
