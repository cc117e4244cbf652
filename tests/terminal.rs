//! The program as other programs see it: arguments in; JSON lines, sentences, run folders and exit statuses out.
#![allow(clippy::unwrap_used)]

#[path = "terminal/lesson.rs"]
mod lesson;
#[path = "terminal/params.rs"]
mod params;
#[path = "terminal/race.rs"]
mod race;
#[path = "terminal/rate_sweep.rs"]
mod rate_sweep;
#[path = "terminal/refusals.rs"]
mod refusals;
#[path = "terminal/survive.rs"]
mod survive;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

const PRAISE: [&str; 4] =
    ["a warm and moving film", "wonderful acting", "I loved every minute", "bright, funny, clever"];
const BLAME: [&str; 4] = ["a dull and empty film", "awful acting", "I hated every minute", "slow, stale, stupid"];

/// Longer than any command here takes, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);

/// Rows of two classes that a model can tell apart, numbered so that no two are the same.
fn reviews(rows: usize) -> String {
    let row = |i: usize| {
        let (texts, label) = if i.is_multiple_of(2) { (PRAISE, "good") } else { (BLAME, "bad") };
        format!("\"{}, number {i}\",{label}\n", texts[i / 2 % 4])
    };
    "text,label\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

/// A folder for one test, and its run folders.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), content).unwrap();
        self.at(name)
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn thaw(&self, args: &[&str]) -> Output {
        self.thaw_with(args, b"")
    }

    fn thaw_with(&self, args: &[&str], input: &[u8]) -> Output {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("thaw");
        command.env("THAW_LANGUAGE", "en").env("THAW_RUNS_DIR", self.path("runs"));
        command.timeout(DEADLINE);
        command.args(args).write_stdin(input.to_vec()).output().unwrap()
    }

    /// The same, as a process to talk with.
    fn start(&self, args: &[&str]) -> Started {
        self.start_with(args, Stdio::null())
    }

    fn start_with(&self, args: &[&str], input: Stdio) -> Started {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("thaw"));
        command.env("THAW_LANGUAGE", "en").env("THAW_RUNS_DIR", self.path("runs")).args(args);
        Started(Some(command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
    }
}

/// A process that does not outlive its test, whatever becomes of that.
struct Started(Option<Child>);

impl Started {
    fn wait_with_output(mut self) -> Output {
        self.0.take().unwrap().wait_with_output().unwrap()
    }
}

impl Deref for Started {
    type Target = Child;

    fn deref(&self) -> &Child {
        self.0.as_ref().unwrap()
    }
}

impl DerefMut for Started {
    fn deref_mut(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // It has ended already when the test went well.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The JSON lines of a command that succeeded.
fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_kind<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == kind).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A small run that several tests look at.
struct Run {
    place: Place,
    lines: Vec<Value>,
    dir: String,
}

const SMALL: [&str; 8] = ["--freeze", "1", "--epochs", "2", "--batch-size", "8", "--learning-rate", "1e-2"];

fn run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let place = Place::new();
        let data = place.file("films.csv", reviews(60));
        let dir = place.at("run");
        let args = [&["train", "--data", &data, "--out", &dir, "--json"], &SMALL[..]].concat();
        let lines = lines(&place.thaw(&args));
        Run { place, lines, dir }
    })
}

#[test]
fn events_have_their_fields_and_their_order() {
    let lines = &run().lines;
    let kinds: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[1]), ("run_started", "step"));
    assert_eq!(
        kinds[kinds.len() - 5..],
        ["epoch_ended", "freeze_proven", "test_evaluated", "reference_ready", "run_ended"]
    );
    let reference = of_kind(lines, "reference_ready")[0];
    assert_eq!(keys(reference), ["event", "majority", "bag_of_words"]);
    assert_eq!(reference["majority"]["test_accuracy"], 0.5);
    assert_eq!(reference["bag_of_words"]["test_accuracy"], 1.0, "good and bad texts share no words");

    let started = &lines[0];
    assert_eq!(
        keys(started),
        [
            "event",
            "train_rows",
            "validation_rows",
            "test_rows",
            "skipped_rows",
            "trainable",
            "frozen",
            "total_steps",
            "device",
            "seed",
            "labels"
        ]
    );
    let rows = ["train_rows", "validation_rows", "test_rows"].map(|key| started[key].as_u64().unwrap());
    assert_eq!((rows.iter().sum::<u64>(), rows[2]), (60, 12));
    assert_eq!((started["trainable"].as_u64(), started["device"].as_str()), (Some(770), Some("cpu")));
    assert_eq!(started["labels"], serde_json::json!(["bad", "good"]));

    let steps = of_kind(lines, "step");
    assert_eq!(
        keys(steps[0]),
        ["event", "step", "epoch", "loss", "accuracy", "learning_rate", "grad_norm", "elapsed_secs"]
    );
    let numbers: Vec<u64> = steps.iter().map(|step| step["step"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=started["total_steps"].as_u64().unwrap()).collect::<Vec<_>>(), "no step is left out");

    let live = of_kind(lines, "live_validation");
    assert_eq!(keys(live[0]), ["event", "step", "rows", "loss", "accuracy", "confusion"]);
    let epochs = of_kind(lines, "epoch_ended");
    assert_eq!(epochs.len(), 2);
    assert_eq!(
        keys(epochs[0]),
        [
            "event",
            "epoch",
            "train_loss",
            "train_accuracy",
            "validation_loss",
            "validation_accuracy",
            "validation_confusion",
            "rows_per_sec",
            "elapsed_secs"
        ]
    );
    let test = of_kind(lines, "test_evaluated")[0];
    assert_eq!(keys(test), ["event", "accuracy", "macro_f1", "loss", "confusion", "labels", "per_class"]);
    assert_eq!(keys(&test["per_class"][0]), ["label", "precision", "recall", "f1", "support"]);
    let counts: u64 = test["confusion"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(counts, 12);

    let ended = lines.last().unwrap();
    assert_eq!(keys(ended), ["event", "outcome", "error", "run_dir", "train_secs", "peak_memory_bytes"]);
    assert_eq!((ended["outcome"].as_str(), &ended["error"]), (Some("completed"), &Value::Null));
    assert_eq!(ended["run_dir"].as_str(), Some(run().dir.as_str()));
    assert!(ended["train_secs"].as_f64().unwrap() > 0.0 && ended["peak_memory_bytes"].as_u64().unwrap() > 10_000_000);
}

#[test]
fn the_same_command_prints_the_same_losses() {
    let Run { place, lines: first, .. } = run();
    let data = place.at("films.csv");
    let again = lines(&place.thaw(&[&["train", "--data", &data, "--json"], &SMALL[..]].concat()));
    let numbers = |lines: &[Value]| -> Vec<String> {
        let of_line = |line: &Value| {
            let mut line = line.clone();
            let object = line.as_object_mut().unwrap();
            for clock in ["elapsed_secs", "rows_per_sec", "train_secs", "peak_memory_bytes", "run_dir"] {
                object.remove(clock);
            }
            line.to_string()
        };
        lines.iter().map(of_line).collect()
    };
    assert_eq!(numbers(first), numbers(&again));
    let chosen = again.last().unwrap()["run_dir"].as_str().unwrap();
    assert!(chosen.starts_with(&place.at("runs")) && chosen.contains("films"), "{chosen}");
}

#[test]
fn a_run_is_a_folder() {
    let Run { lines, dir, .. } = run();
    let dir = Path::new(dir);
    let json = |name: &str| -> Value { serde_json::from_slice(&fs::read(dir.join(name)).unwrap()).unwrap() };
    let settings = json("settings.json");
    assert_eq!(settings["config"]["training"]["batch_size"], 8);
    assert_eq!(settings["learning_rate"], 1e-2);
    assert_eq!(settings["trainable"], serde_json::json!(["classifier.weight", "classifier.bias"]));

    let splits = json("splits.json");
    let rows =
        |part: &str| -> Vec<u64> { splits[part].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect() };
    let all: BTreeSet<u64> = ["train", "validation", "test"].iter().flat_map(|part| rows(part)).collect();
    assert_eq!(all, (2..=61).collect(), "every row of the file is in one part");
    assert_eq!(rows("train").len() + rows("validation").len() + rows("test").len(), 60, "and in one only");

    let logged = fs::read_to_string(dir.join("steps.jsonl")).unwrap();
    let logged: Vec<Value> = logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&logged, lines, "the log has what the terminal printed");

    let metrics = json("metrics.json");
    assert_eq!(metrics["test"]["accuracy"], of_kind(lines, "test_evaluated")[0]["accuracy"]);
    assert_eq!(metrics["epochs"].as_array().unwrap().len(), 2);

    assert_eq!(json("config.json")["id2label"], serde_json::json!({"0": "bad", "1": "good"}));
    for name in ["model.safetensors", "tokenizer.json", "vocab.txt", "tokenizer_config.json"] {
        assert!(dir.join(name).is_file(), "{name}");
    }
    let hidden: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .filter(|n| n.to_string_lossy().starts_with('.'))
        .collect();
    assert!(hidden.is_empty(), "nothing unfinished is left: {hidden:?}");
}

#[test]
fn evaluate_finds_the_runs_own_test_rows() {
    let Run { place, lines: of_run, dir } = run();
    let measured = lines(&place.thaw(&["evaluate", dir, "--json"]));
    assert_eq!(measured.len(), 1);
    assert_eq!(&measured[0], of_kind(of_run, "test_evaluated")[0]);

    let readable = place.thaw(&["evaluate", dir]);
    let readable = text(&readable.stdout);
    assert!(readable.contains("95 % interval") && readable.contains("Confusion matrix"), "{readable}");
}

#[test]
fn evaluate_takes_files_and_plain_folders() {
    let Run { place, dir, .. } = run();
    let place_here = Place::new();
    let one_class = place_here.file("good.csv", "text,label\nsplendid and clever,good\nI loved it,good\n");
    let measured = lines(&place.thaw(&["evaluate", dir, "--data", &one_class, "--json"]));
    assert_eq!(measured[0]["labels"], serde_json::json!(["bad", "good"]));
    assert_eq!(measured[0]["per_class"][1]["support"], 2);

    let strange = place_here.file("strange.csv", "text,label\nsplendid,good\nodd,peculiar\n");
    let refused = place.thaw(&["evaluate", dir, "--data", &strange, "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("strange.csv") && said.contains("peculiar"), "{said}");

    // The same folder as another program would have written it.
    let plain = place_here.path("plain");
    fs::create_dir(&plain).unwrap();
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
        fs::copy(Path::new(dir).join(name), plain.join(name)).unwrap();
    }
    let plain = plain.to_str().unwrap();
    let needs_data = place.thaw(&["evaluate", plain]);
    assert_eq!(needs_data.status.code(), Some(1));
    assert!(text(&needs_data.stderr).contains("--data"));
    let same = lines(&place.thaw(&["evaluate", plain, "--data", &one_class, "--json"]));
    assert_eq!(same, measured);
}

#[test]
fn predict_reads_arguments_and_lines() {
    let Run { place, dir, .. } = run();
    let texts = ["a bright and moving film", "", "dull, empty, awful"];
    let from_args = lines(&place.thaw(&["predict", dir, texts[0], texts[1], texts[2], "--json"]));
    assert_eq!(keys(&from_args[0]), ["text", "label", "probabilities"]);
    assert_eq!(keys(&from_args[0]["probabilities"]), ["bad", "good"]);
    let sum: f64 = from_args[0]["probabilities"].as_object().unwrap().values().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-6);

    let input = format!("\u{feff}{}\r\n{}\n{}", texts[0], texts[1], texts[2]);
    let from_lines = lines(&place.thaw_with(&["predict", dir, "--json"], input.as_bytes()));
    assert_eq!(from_args.len(), 3);
    for (a, b) in from_args.iter().zip(&from_lines) {
        assert_eq!((&a["text"], &a["label"]), (&b["text"], &b["label"]));
    }
    let damaged = lines(&place.thaw_with(&["predict", dir, "--json"], b"caf\xe9\n"));
    assert_eq!(damaged[0]["text"], "caf\u{fffd}");
    let missing = place.thaw(&["predict", &place.at("nowhere"), "x"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("nowhere"));
}

#[test]
fn a_guess_is_set_beside_the_truth_and_kept() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let dir = place.at("run");
    let guess = ["--guess-accuracy", "0.8", "--guess-secs", "30"];
    let told = place.thaw(&[&["train", "--data", &data, "--out", &dir], &SMALL[..], &guess[..]].concat());
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    let report = text(&told.stdout);
    assert!(report.contains("You guessed an accuracy of 0.8000") && report.contains("You guessed 30.0 s"), "{report}");
    assert!(report.contains("Bag of words with logistic regression: accuracy 1.0000"), "{report}");
    let json =
        |name: &str| -> Value { serde_json::from_slice(&fs::read(Path::new(&dir).join(name)).unwrap()).unwrap() };
    assert_eq!(json("settings.json")["config"]["guess"], serde_json::json!({"accuracy": 0.8, "secs": 30.0}));
    assert_eq!(json("metrics.json")["reference"]["bag_of_words"]["test_accuracy"], 1.0);
    let alone = place.thaw(&["train", "--data", &data, "--guess-accuracy", "0.8"]);
    assert_eq!(alone.status.code(), Some(2), "one half of a guess is none");
    let far = place.thaw(&[&["train", "--data", &data], &["--guess-accuracy", "80", "--guess-secs", "3"][..]].concat());
    assert!(far.status.code() == Some(1) && text(&far.stderr).contains("guess-accuracy"), "{}", text(&far.stderr));
}

/// A tiny RoBERTa of the reference with a tokeniser of as many words.
fn roberta(place: &Place) -> String {
    let folder = place.path("roberta");
    fs::create_dir_all(&folder).unwrap();
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/families/roberta");
    for file in ["config.json", "model.safetensors"] {
        fs::copy(reference.join(file), folder.join(file)).unwrap();
    }
    let letters = ('a'..='z').flat_map(|c| [format!("{c}\n"), format!("##{c}\n")]).collect::<String>();
    let words = (0..63).map(|i| format!("w{i}\n")).collect::<String>();
    fs::write(folder.join("vocab.txt"), format!("[CLS]\n[PAD]\n[SEP]\n[UNK]\n[MASK]\n{letters}{words}")).unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn a_model_of_another_family_trains_and_says_what_it_lacks() {
    let place = Place::new();
    let (model, data, dir) = (roberta(&place), place.file("films.csv", reviews(60)), place.at("run"));
    let listed = lines(&place.thaw(&["params", "--model", &model, "--freeze", "1", "--json"]));
    let on = |lines: &[Value]| -> Vec<String> {
        let trainable = lines.iter().filter(|p| p["trainable"] == true);
        trainable.map(|p| p["name"].as_str().unwrap().to_owned()).collect()
    };
    let head =
        ["classifier.dense.weight", "classifier.dense.bias", "classifier.out_proj.weight", "classifier.out_proj.bias"];
    assert_eq!(on(&listed), head);
    assert_eq!(on(&lines(&place.thaw(&["params", "--model", &model, "--freeze", "2", "--json"]))), head);
    let plan =
        place.file("plan.json", r#"{"rules": [{"parameters": "roberta.encoder.layer.2.*", "state": "trainable"}]}"#);
    assert_eq!(on(&lines(&place.thaw(&["params", "--model", &model, "--freeze", &plan, "--json"]))).len(), 16);
    let told = place.thaw(&["params", "--model", &model, "--freeze", "2"]);
    assert!(text(&told.stdout).contains("no pooler: 2 is the same as preset 1"), "{}", text(&told.stdout));

    let args = ["train", "--data", &data, "--model", &model, "--max-length", "64", "--freeze", "2", "--epochs", "1"];
    let first = place.thaw(&[&args[..], &["--out", &dir]].concat());
    let report = text(&first.stdout);
    assert!(report.contains("This model has no pooler"), "{report}");
    assert!(report.contains("a new one replaces the model's own, which was for LABEL_0, LABEL_1, LABEL_2"), "{report}");
    let args = ["train", "--data", &data, "--model", &dir, "--max-length", "64", "--freeze", "full", "--epochs", "1"];
    let again = lines(&place.thaw(&[&args[..], &["--json"]].concat()));
    assert_eq!(again[0]["head"], "kept");
    let predicted = lines(&place.thaw(&["predict", &dir, "a warm film", "--json"]));
    assert_eq!(predicted.len(), 1);
}

#[test]
fn a_korean_file_and_korean_words() {
    let place = Place::new();
    let row = |i: usize| {
        let (text, label) = if i.is_multiple_of(2) {
            ("정말 재미있는 영화", "긍정")
        } else {
            ("너무 지루한 영화", "부정")
        };
        format!("{text} {i}번째,{label}\r\n")
    };
    let csv = "리뷰,감성\r\n".to_owned() + &(0..40).map(row).collect::<String>();
    let (bytes, _, unmappable) = encoding_rs::EUC_KR.encode(&csv);
    assert!(!unmappable);
    let data = place.file("영화평.csv", bytes);
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("thaw");
    command.env("THAW_LANGUAGE", "ko").env("THAW_RUNS_DIR", place.path("runs"));
    let output = command.args(["train", "--data", &data, "--freeze", "1", "--epochs", "1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    assert!(report.contains("혼동 행렬") && report.contains("EUC-KR") && !report.contains('\u{1b}'), "{report}");
    // Hangul takes two cells, so the columns of the matrix end at the same cell.
    let matrix: Vec<&str> = report.lines().skip_while(|line| !line.starts_with("혼동")).skip(1).take(3).collect();
    let widths: BTreeSet<usize> = matrix.iter().map(|line| unicode_width::UnicodeWidthStr::width(*line)).collect();
    assert_eq!(widths.len(), 1, "{matrix:?}");
}

#[test]
fn sets_that_come_split_stay_split() {
    let place = Place::new();
    let data = place.file("train.csv", reviews(40));
    let validation = place.file("validation.csv", reviews(10));
    let test = place.file("test.csv", reviews(14) + ",good\n");
    let args = ["train", "--data", &data, "--validation-data", &validation, "--test-data", &test, "--freeze", "1"];
    let printed = lines(&place.thaw(&[&args[..], &["--epochs", "1", "--json"]].concat()));
    let started = &printed[0];
    let rows = ["train_rows", "validation_rows", "test_rows", "skipped_rows"].map(|key| started[key].as_u64().unwrap());
    assert_eq!(rows, [40, 10, 14, 1]);
}

#[test]
fn a_folder_with_a_head_for_the_same_labels_keeps_it() {
    let Run { place, lines: of_run, dir } = run();
    let data = place.at("films.csv");
    let args = ["train", "--data", &data, "--model", dir, "--freeze", "1", "--epochs", "1", "--learning-rate", "1e-8"];
    let printed = lines(&place.thaw(&[&args[..], &["--dropout", "0", "--json"]].concat()));
    let confusion = |lines: &[Value]| of_kind(lines, "test_evaluated")[0]["confusion"].clone();
    assert_eq!(confusion(&printed), confusion(of_run));
}

#[test]
fn the_report_can_be_read() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(40) + "only one field\n");
    let output = place.thaw(&["train", "--data", &data, "--freeze", "2", "--epochs", "1", "--keep", "best"]);
    let report = text(&output.stdout);
    for part in [
        "films.csv",
        "148,610 of 22,713,986",
        "Valid. acc.",
        "macro F1",
        "Precision",
        "Confusion matrix",
        "thaw predict",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let notes = text(&output.stderr);
    assert!(notes.contains("rows skipped in films.csv: 1") && notes.contains("row 42"), "{notes}");
    assert!(!report.contains('\u{1b}') && !notes.contains('\u{1b}'), "no terminal, no colours");
}

/// Starts a run that goes on for minutes, though not for ever, and waits for its first step.
#[cfg(unix)]
fn long_run(place: &Place, out: &str) -> (Started, BufReader<std::process::ChildStdout>) {
    let args = ["train", "--max-rows", "600", "--freeze", "full", "--epochs", "50", "--out", out, "--json"];
    let mut child = place.start(&args);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"event\":\"step\"") {
        line.clear();
        assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "the run ended early");
    }
    (child, stdout)
}

#[cfg(unix)]
#[test]
fn an_interrupt_saves_first() {
    let place = Place::new();
    let out = place.at("run");
    let (child, stdout) = long_run(&place, &out);
    let told = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    let last = stdout.lines().map_while(Result::ok).last().unwrap();
    let ended: Value = serde_json::from_str(&last).unwrap();
    assert_eq!((ended["event"].as_str(), ended["outcome"].as_str()), (Some("run_ended"), Some("stopped")));
    assert_eq!(child.wait_with_output().status.code(), Some(130));
    let kept = lines(&place.thaw(&["predict", &out, "--json", "a warm film"]));
    assert_eq!(kept.len(), 1, "what was learned can be used");
    let metrics: Value = serde_json::from_slice(&fs::read(Path::new(&out).join("metrics.json")).unwrap()).unwrap();
    assert_eq!((metrics["outcome"].as_str(), &metrics["test"]), (Some("stopped"), &Value::Null));
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_crash() {
    let place = Place::new();
    let mut listing = place.start(&["params"]);
    drop(listing.stdout.take());
    let listed = listing.wait_with_output();
    assert_eq!((listed.status.code(), text(&listed.stderr)), (Some(0), ""));

    let out = place.at("run");
    let (child, stdout) = long_run(&place, &out);
    drop(stdout);
    let ended = child.wait_with_output();
    assert_eq!(ended.status.code(), Some(1));
    assert!(!text(&ended.stderr).contains("panic"), "{}", text(&ended.stderr));
    assert!(Path::new(&out).join("model.safetensors").is_file(), "what was learned is saved");
}

#[test]
fn the_log_tells_its_level_and_place_when_it_is_asked_for() {
    let place = Place::new();
    fs::create_dir_all(place.path("runs/broken")).unwrap();
    place.file("runs/broken/settings.json", "{ \"thaw\": ");
    place.file("runs/broken/splits.json", "{}");
    let log = |level: Option<&str>| {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("thaw");
        command.env("THAW_LANGUAGE", "en").env("THAW_RUNS_DIR", place.path("runs")).env_remove("THAW_LOG");
        command.envs(level.map(|level| ("THAW_LOG", level)));
        text(&command.arg("runs").output().unwrap().stderr).to_owned()
    };
    assert_eq!(log(None), "");
    assert!(log(Some("warn")).starts_with("warn [thaw::runs::list] "), "{}", log(Some("warn")));
}

#[test]
fn lines_are_answered_as_they_come() {
    let Run { place, dir, .. } = run();
    let mut child = place.start_with(&["predict", dir, "--json"], Stdio::piped());
    let mut input = child.stdin.take().unwrap();
    let answers = BufReader::new(child.stdout.take().unwrap()).lines();
    let (told, heard) = mpsc::channel();
    // An answer that is held back until the input ends never comes here, and reading it would block.
    thread::spawn(move || answers.map_while(Result::ok).try_for_each(|line| told.send(line)));
    for text in ["a warm film", "a dull film"] {
        writeln!(input, "{text}").unwrap();
        let answer: Value = serde_json::from_str(&heard.recv_timeout(DEADLINE).unwrap()).unwrap();
        assert_eq!(answer["text"], text);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}
