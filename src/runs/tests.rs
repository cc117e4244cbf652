//! Run folders read back, and bundles, also where something in them is not as Thaw writes it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::config::RunConfig;
use crate::domain::history::History;
use crate::domain::lesson::LessonWork;
use crate::domain::problem::Problem;
use crate::domain::stored::{RunEntry, RunState};

use super::*;

#[path = "../../tests/shared/mangler.rs"]
mod mangler;

use mangler::Mangler;

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

#[test]
fn a_run_without_a_model_says_whether_it_can_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_with_log(dir.path(), str::to_owned);
    let problem = || RunReader::open(&run).unwrap_err().id;
    assert_eq!(problem(), "run-interrupted", "it was killed before its first checkpoint");
    let held = lock::RunLock::take(&run).unwrap();
    assert_eq!(problem(), "run-in-use");
    drop(held);
    fs::write(run.join("metrics.json"), "{}").unwrap();
    assert_eq!(problem(), "run-without-model");
    fs::create_dir(run.join("checkpoint")).unwrap();
    fs::write(run.join("checkpoint/newest.safetensors"), "").unwrap();
    assert_eq!(problem(), "run-interrupted");
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
    let (step, epoch, test) = (read.steps.first().unwrap(), &read.epochs[0], read.test.as_ref().unwrap());
    let broken = [step.loss, step.grad_norm, epoch.train_loss, epoch.validation_loss, epoch.rows_per_sec, test.loss];
    assert!(broken.iter().all(|x| x.is_nan()), "{broken:?}");
    assert!(step.accuracy.is_finite() && epoch.validation_accuracy.is_finite());
}

#[test]
fn a_run_starts_once_and_its_matrices_have_the_classes_of_its_labels() {
    let dir = tempfile::tempdir().unwrap();
    let again = r#"{"event":"run_started","train_rows":1,"validation_rows":1,"test_rows":1,"skipped_rows":0,"trainable":1,
        "frozen":1,"total_steps":42,"device":"cpu","seed":1,"labels":["a","b","c"]}"#;
    let again = again.replace('\n', "") + "\n";
    let read = history(&run_with_log(dir.path(), |log| log.to_owned() + &again));
    assert_eq!(read.started.unwrap().labels.len(), 2, "its matrices could not be drawn with three");
    let dir = tempfile::tempdir().unwrap();
    let late = history(&run_with_log(dir.path(), |log| log.split_once('\n').unwrap().1.to_owned() + &again));
    assert!(late.started.is_none() && late.epochs.len() == 2);
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
    let to = export(&run, &dir.path().join("given"), None).unwrap().0;
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

fn listed(run: &Path) -> RunEntry {
    let runs = list(run.parent().unwrap(), &[]).unwrap();
    runs.into_iter().find(|entry| entry.dir == run).unwrap()
}

/// What is wrong with a run, as ids and the files they are about.
fn wrong(run: &Path) -> Vec<(String, String)> {
    let damage = listed(run).damage;
    damage.iter().map(|problem| (problem.id.to_string(), problem.arg("file").unwrap_or_default())).collect()
}

/// Something that happens to a run's folder.
type Harm = Box<dyn Fn(&Path)>;

fn write(name: &'static str, text: &'static str) -> Harm {
    Box::new(move |run| fs::write(run.join(name), text).unwrap())
}

fn bytes(name: &'static str, content: &'static [u8]) -> Harm {
    Box::new(move |run| fs::write(run.join(name), content).unwrap())
}

fn remove(name: &'static str) -> Harm {
    Box::new(move |run| fs::remove_file(run.join(name)).unwrap())
}

fn in_log(right: &'static str, wrong: &'static str) -> Harm {
    Box::new(move |run| {
        let log = fs::read_to_string(run.join("steps.jsonl")).unwrap();
        fs::write(run.join("steps.jsonl"), log.replace(right, wrong)).unwrap();
    })
}

#[test]
fn a_damaged_run_is_listed_with_what_is_wrong() {
    let metrics = r#"{"outcome":"completed","steps":42,"train_secs":1.5,"peak_memory_bytes":0,"test":null,
        "test_accuracy_interval":null,"majority_accuracy":null,"epochs":[]}"#;
    let fresh = |dir: &Path| {
        let run = run_with_log(dir, str::to_owned);
        fs::write(run.join("metrics.json"), metrics).unwrap();
        run
    };
    let cases: [(Harm, &str, &str, RunState); 14] = [
        (write("settings.json", "{ \"thaw\": "), "run-file-damaged", "settings.json", RunState::Damaged),
        (write("settings.json", ""), "run-file-damaged", "settings.json", RunState::Damaged),
        (write("settings.json", "\u{0}\u{0}"), "run-file-damaged", "settings.json", RunState::Damaged),
        (bytes("settings.json", &[0xff, 0xfe, 0x80]), "run-file-damaged", "settings.json", RunState::Damaged),
        (remove("settings.json"), "run-file-missing", "settings.json", RunState::Damaged),
        (write("metrics.json", "{\"outcome\":\"completed\"}"), "run-file-damaged", "metrics.json", RunState::Damaged),
        (write("metrics.json", ""), "run-file-damaged", "metrics.json", RunState::Damaged),
        (write("label.json", "["), "run-file-damaged", "label.json", RunState::Completed),
        (write("splits.json", "{\"train\": [1, 2"), "run-file-damaged", "splits.json", RunState::Completed),
        (remove("splits.json"), "run-file-missing", "splits.json", RunState::Completed),
        (remove("steps.jsonl"), "run-file-missing", "steps.jsonl", RunState::Completed),
        (write("config.json", "{}"), "run-file-missing", "model.safetensors", RunState::Completed),
        (in_log("[[60,0],[60,0]]", "[[60,0],[60]]"), "run-bad-lines", "steps.jsonl", RunState::Completed),
        (in_log("[[0,73],[0,71]]", "[[0,73,0],[0,71,0],[0,0,0]]"), "run-bad-lines", "steps.jsonl", RunState::Completed),
    ];
    for (harm, id, file, state) in cases {
        let dir = tempfile::tempdir().unwrap();
        let run = fresh(dir.path());
        assert_eq!((wrong(&run), listed(&run).state), (Vec::new(), RunState::Completed));
        harm(&run);
        assert_eq!(wrong(&run), [(id.to_owned(), file.to_owned())]);
        let entry = listed(&run);
        assert_eq!(entry.state, state, "{id} {file}");
        assert!(!entry.name.is_empty() || !entry.freeze.is_empty(), "it is called something");
        label(&run, "the one that broke", "").unwrap();
    }
}

#[test]
fn folders_that_are_no_runs_are_not_listed() {
    let dir = tempfile::tempdir().unwrap();
    for (folder, file, text) in [
        ("model", "config.json", "{}"),
        ("other", "settings.json", "{\"colour\": 3}"),
        ("other", "splits.json", "{}"),
        ("notes", "notes.txt", ""),
        ("race", "race.json", "{"),
    ] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
        fs::write(dir.path().join(folder).join(file), text).unwrap();
    }
    assert_eq!(list(dir.path(), &[]).unwrap(), []);
}

/// Whatever happens to a log, what is read of it can be shown, and what could not be read is told.
#[test]
fn no_damage_of_a_log_is_a_panic() {
    let dir = tempfile::tempdir().unwrap();
    let whole = run_with_log(dir.path(), str::to_owned);
    let log = fs::read_to_string(whole.join("steps.jsonl")).unwrap();
    let lines = log.lines().count();
    let mut found = 0;
    for seed in 0..600 {
        let mut mangler = Mangler(seed);
        fs::write(whole.join("steps.jsonl"), mangler.log(&log)).unwrap();
        let read = read_run(&whole).unwrap();
        let history = read.history_at(f64::INFINITY);
        if let Some(test) = &history.test {
            assert_eq!(test.confusion.classes(), test.labels.len());
            test.confusion.per_class(&test.labels);
        }
        history.newest_confusion();
        if read.events.len() < lines {
            found += 1;
            assert_eq!(wrong(&whole), [("run-bad-lines".to_owned(), "steps.jsonl".to_owned())]);
        }
        assert!(listed(&whole).can_open);
    }
    assert!(found > 200, "most damage is found: {found}");
}

/// A program that is killed while it makes a folder leaves its lock, and some of the files that a run begins with.
#[test]
fn a_folder_whose_making_was_cut_off_is_free_and_no_run() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_with_log(dir.path(), |_| String::new());
    fs::write(run.join(lock::LOCK), "").unwrap();
    assert!(check_free(&run).is_err(), "all that a run begins with is there, so that it can be resumed");
    assert_eq!(list(dir.path(), &[]).unwrap().len(), 1);
    fs::remove_file(run.join("splits.json")).unwrap();
    fs::write(run.join(".writing-splits.json-x"), "{").unwrap();
    assert_eq!((check_free(&run), list(dir.path(), &[]).unwrap()), (Ok(()), Vec::new()));
    let held = lock::RunLock::take(&run).unwrap();
    assert_eq!(check_free(&run).unwrap_err().id, "run-folder-not-empty", "another program makes it just now");
    drop(held);
    fs::write(run.join(lock::LOCK), "").unwrap();
    fs::write(run.join("notes.txt"), "mine").unwrap();
    assert!(check_free(&run).is_err());
    fs::remove_file(run.join("notes.txt")).unwrap();

    // The same command works again in it, and leaves nothing of the killed one.
    let whole = run_with_log(&dir.path().join("run"), str::to_owned);
    let (mut settings, rows) = RunReader::files(&whole).unwrap().unwrap();
    fs::remove_dir_all(&whole).unwrap();
    settings.config.out = Some(run.clone());
    let writer = RunWriter::create(&settings, &rows).unwrap();
    assert!(!run.join(".writing-splits.json-x").exists());
    drop(writer);
    assert!(Interrupted::open(&run).is_ok());
}

#[test]
fn what_a_run_no_longer_needs_goes_when_its_program_was_killed_before() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_with_log(dir.path(), str::to_owned);
    let metrics = r#"{"outcome":"completed","steps":42,"train_secs":1.5,"peak_memory_bytes":0,"test":null,
        "test_accuracy_interval":null,"majority_accuracy":null,"epochs":[]}"#;
    let leave = || {
        fs::write(run.join("metrics.json"), metrics).unwrap();
        fs::create_dir_all(run.join("checkpoint")).unwrap();
        for name in ["running.lock", ".writing-metrics.json-x", "checkpoint/newest.safetensors"] {
            fs::write(run.join(name), "").unwrap();
        }
    };
    let left = || fs::read_dir(&run).unwrap().count();
    leave();
    assert_eq!(Interrupted::open(&run).unwrap_err().id, "resume-finished");
    assert_eq!(left(), 4);
    leave();
    tidy_finished(&run);
    assert_eq!(left(), 4);
}

/// What a killed export left goes with the next one to the same place; that of one under way stays.
#[test]
fn an_export_removes_what_a_killed_one_left() {
    let dir = tempfile::tempdir().unwrap();
    let run = run_with_log(dir.path(), str::to_owned);
    for name in ["config.json", "tokenizer_config.json"] {
        fs::write(run.join(name), "{}").unwrap();
    }
    let making = |name: &str| dir.path().join(format!(".exporting-{name}"));
    for name in ["given-dead", "given-alive", "other-dead"] {
        fs::create_dir(making(name)).unwrap();
        fs::write(making(name).join("config.json"), "{").unwrap();
    }
    let held = lock::RunLock::take(&making("given-alive")).unwrap();
    let to = export(&run, &dir.path().join("given"), None).unwrap().0;
    assert!(!making("given-dead").exists() && making("given-alive").exists() && making("other-dead").exists());
    assert!(to.join("config.json").exists() && !to.join("running.lock").exists());
    drop(held);

    // A problem names the place that was asked for, not the hidden one.
    fs::remove_file(run.join("tokenizer_config.json")).unwrap();
    fs::write(run.join("tokenizer_config.json"), "no JSON").unwrap();
    let told = export(&run, &dir.path().join("again"), None).unwrap_err().to_string();
    assert!(told.contains("again") && !told.contains(".exporting"), "{told}");
}

/// After a clock was set back, the folder of this second is there already.
#[test]
fn a_second_that_comes_twice_makes_two_folders() {
    let dir = tempfile::tempdir().unwrap();
    let config = RunConfig { runs_dir: Some(dir.path().to_owned()), ..RunConfig::default() };
    let made: Vec<PathBuf> = (0..20).map(|_| folder::make_folder(&config, "films", "full").unwrap().0).collect();
    let mut names = made.clone();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), made.len());
}
