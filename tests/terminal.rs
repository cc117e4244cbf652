//! The program as other programs see it: arguments in; JSON lines, sentences, run folders and exit statuses out.
#![allow(clippy::unwrap_used)]

#[path = "terminal/answered.rs"]
mod answered;
#[path = "terminal/behaviour.rs"]
mod behaviour;
#[path = "shared/class.rs"]
mod class;
#[path = "terminal/classes.rs"]
mod classes;
#[path = "terminal/cluster.rs"]
mod cluster;
#[path = "terminal/code.rs"]
mod code;
#[path = "terminal/disk.rs"]
mod disk;
#[path = "terminal/doctor.rs"]
mod doctor;
#[path = "terminal/explain.rs"]
mod explain;
#[path = "terminal/exports.rs"]
mod exports;
#[path = "terminal/failures.rs"]
mod failures;
#[path = "terminal/formats.rs"]
mod formats;
#[path = "terminal/health.rs"]
mod health;
#[path = "terminal/hugging_face_runs.rs"]
mod hugging_face_runs;
#[path = "terminal/interrupt.rs"]
mod interrupt;
#[path = "terminal/labels.rs"]
mod labels;
#[path = "terminal/lesson.rs"]
mod lesson;
#[path = "terminal/map.rs"]
mod map;
#[path = "terminal/models.rs"]
mod models;
#[path = "shared/output.rs"]
mod output;
#[path = "terminal/pairs.rs"]
mod pairs;
#[path = "terminal/params.rs"]
mod params;
#[path = "terminal/precision.rs"]
mod precision;
#[path = "terminal/race.rs"]
mod race;
#[path = "terminal/rate_sweep.rs"]
mod rate_sweep;
#[path = "terminal/refusals.rs"]
mod refusals;
#[path = "terminal/reports.rs"]
mod reports;
#[path = "terminal/rows.rs"]
mod rows;
#[path = "terminal/runs.rs"]
mod runs;
#[path = "shared/small_model.rs"]
mod small_model;
#[path = "terminal/survive.rs"]
mod survive;
#[path = "terminal/suspects.rs"]
mod suspects;
#[path = "terminal/temperature.rs"]
mod temperature;
#[path = "terminal/train.rs"]
mod train;
#[path = "terminal/trained.rs"]
mod trained;
#[path = "terminal/untidy.rs"]
mod untidy;
#[path = "terminal/words.rs"]
mod words;

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

use output::{lines, printed, text};

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
    /// Ctrl+C.
    #[cfg(unix)]
    fn interrupt(&self) {
        use nix::sys::signal::{Signal, kill};
        kill(nix::unistd::Pid::from_raw(self.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    }

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

/// A JSON file of a run.
fn json(dir: &str, name: &str) -> Value {
    serde_json::from_slice(&fs::read(Path::new(dir).join(name)).unwrap()).unwrap()
}

fn of_kind<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == kind).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Returns what `thaw evaluate` told, without the measures that a run's own test does not tell.
fn as_tested(measured: &Value) -> Value {
    let mut line = measured.clone();
    for name in ["ece", "mcc", "balanced_accuracy", "roc_auc", "temperature"] {
        assert!(line.as_object_mut().unwrap().shift_remove(name).is_some(), "{name}: {measured}");
    }
    line
}

/// A line without what a clock or a folder of its own says.
fn timeless(line: &Value) -> String {
    let mut line = line.clone();
    let object = line.as_object_mut().unwrap();
    for clock in ["elapsed_secs", "shared_secs", "rows_per_sec", "train_secs", "peak_memory_bytes", "run_dir"] {
        object.remove(clock);
    }
    line.to_string()
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
