//! Runs that are killed or stopped and go on, and that go on after their end.

use super::*;

/// The lines of a run's log without what a clock says.
fn log(dir: &str) -> Vec<String> {
    let log = fs::read_to_string(Path::new(dir).join("steps.jsonl")).unwrap();
    log.lines().map(|line| timeless(&serde_json::from_str(line).unwrap())).collect()
}

/// What came out, without clocks.
fn outcome(dir: &str) -> (Value, Value, Value, Vec<String>) {
    let metrics = json(dir, "metrics.json");
    let epochs = metrics["epochs"].as_array().unwrap().iter().map(timeless).collect();
    (metrics["outcome"].clone(), metrics["steps"].clone(), metrics["test"].clone(), epochs)
}

/// Starts a training and kills it, as a power cut would, once it has printed a line that `is_reached` accepts.
pub fn kill_at(place: &Place, args: &[&str], is_reached: impl Fn(&Value) -> bool) {
    let mut child = place.start(args);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let reached = lines.map(|line| serde_json::from_str(&line).unwrap()).any(|line| is_reached(&line));
    assert!(reached, "the run ended early");
    child.kill().unwrap();
    child.wait().unwrap();
}

pub fn is_step(n: u64) -> impl Fn(&Value) -> bool {
    move |line| line["event"] == "step" && line["step"] == n
}

/// A checkpoint after each step, where otherwise there is one after each epoch.
const EACH_STEP: [&str; 2] = ["--checkpoint-minutes", "1e-9"];

/// A run that was killed after `kill_after` and resumed leaves what one leaves that nothing happened to, which has fewer
/// checkpoints when the killed one has some of its own.
fn survives(settings: &[&str], checkpoints: &[&str], kill_after: &[u64]) {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let (whole, cut) = (place.at("whole"), place.at("cut"));
    let told = lines(&place.thaw(&[&["train", "--data", &data, "--json", "--out", &whole], settings].concat()));
    let mut args = [&["train", "--data", &data, "--json", "--out", &cut], settings, checkpoints].concat();
    for step in kill_after {
        kill_at(&place, &args, is_step(*step));
        // The folder looks as if the program had been killed while it wrote the model.
        fs::write(Path::new(&cut).join(".writing-model.safetensors-x"), "half").unwrap();
        assert!(!Path::new(&cut).join("metrics.json").exists(), "it can be seen that it did not end");
        args = vec!["train", "--resume", &cut, "--json"];
    }
    let resumed = lines(&place.thaw(&args));
    assert_eq!(resumed[0]["event"], "run_started");
    let steps = of_kind(&resumed, "step");
    assert!(steps[0]["step"].as_u64() > Some(1) && steps.len() < of_kind(&told, "step").len(), "not from the start");
    assert_eq!(log(&cut), log(&whole), "every loss, every validation, the test");
    assert_eq!(outcome(&cut), outcome(&whole));
    let model = |dir: &str| fs::read(Path::new(dir).join("model.safetensors")).unwrap();
    assert!(model(&cut) == model(&whole), "the same weights, bit for bit");
    let left: Vec<_> = fs::read_dir(&cut).unwrap().map(|e| e.unwrap().file_name()).collect();
    let is_left = |name: &std::ffi::OsString| {
        name == "checkpoint" || name == "running.lock" || name.to_string_lossy().starts_with('.')
    };
    assert!(!left.iter().any(is_left), "{left:?}");
    let again = place.thaw(&["train", "--resume", &cut]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("--continue"), "{}", text(&again.stderr));
}

#[test]
fn a_killed_run_goes_on_after_its_last_epoch() {
    // 9 steps an epoch; once step 11 is told, the checkpoint of the first epoch is whole.
    let settings = ["--freeze", "3", "--epochs", "3", "--batch-size", "4", "--keep", "best"];
    survives(&[&settings[..], &["--warmup-ratio", "0.2", "--patience", "3"]].concat(), &[], &[11, 20]);
}

#[test]
fn a_killed_run_goes_on_in_the_middle_of_an_epoch() {
    let settings = ["--freeze", "3", "--epochs", "3", "--batch-size", "4", "--schedule", "cosine"];
    survives(&settings, &EACH_STEP, &[6, 14]);
}

#[test]
fn full_fine_tuning_with_weight_decay_survives_too() {
    // 5 steps an epoch.
    let full = ["--freeze", "full", "--epochs", "2", "--batch-size", "4", "--max-length", "16"];
    survives(&[&full[..], &["--weight-decay", "0.1", "--accumulate", "2", "--clip", "0"]].concat(), &[], &[7]);
}

/// An embedding table between two steps, with rows that owe decay and rows that were never touched.
#[test]
fn an_embedding_table_survives_in_the_middle_of_an_epoch() {
    let place = Place::new();
    let plan = place
        .file("plan.json", r#"{"rules": [{"parameters": "{embeddings,pooler,classifier}.*", "state": "trainable"}]}"#);
    // 5 steps an epoch.
    let table = ["--freeze", &plan, "--batch-size", "8", "--max-length", "16"];
    survives(&[&table[..], &["--epochs", "2", "--weight-decay", "0.1"]].concat(), &EACH_STEP, &[3, 7]);
    survives(&[&table[..], &["--epochs", "1"]].concat(), &EACH_STEP, &[3]);
}

/// Killed in each stage of a plan that thaws the embeddings last.
#[test]
fn an_unfreezing_plan_survives_across_its_stages() {
    let place = Place::new();
    let plan = place.file(
        "plan.json",
        r#"{"stages": [{"from_epoch": 1, "freeze": "2"}, {"from_epoch": 2, "freeze": "3"},
                       {"from_epoch": 3, "rules": [{"parameters": "{embeddings,pooler}.*", "state": "trainable"}]}],
            "learning_rates": {"layer_divisor": 2.6}}"#,
    );
    // 5 steps an epoch.
    let settings = ["--freeze", &plan, "--epochs", "3", "--batch-size", "8", "--max-length", "16", "--keep", "best"];
    survives(&[&settings[..], &["--weight-decay", "0.1"]].concat(), &EACH_STEP, &[3, 8, 12]);
}

#[test]
fn a_run_without_a_checkpoint_starts_over() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let (whole, cut) = (place.at("whole"), place.at("cut"));
    let args = |dir| ["train", "--data", &data, "--freeze", "1", "--epochs", "40", "--json", "--out", dir];
    lines(&place.thaw(&args(&whole)));
    kill_at(&place, &args(&cut), is_step(1));
    // The folder looks as if the program had been killed before the first one.
    fs::remove_dir_all(Path::new(&cut).join("checkpoint")).ok();
    lines(&place.thaw(&["train", "--resume", &cut, "--json"]));
    assert_eq!(log(&cut), log(&whole));
}

#[cfg(unix)]
#[test]
fn a_stopped_run_goes_on_too() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let (whole, cut) = (place.at("whole"), place.at("cut"));
    let args = |dir| ["train", "--data", &data, "--freeze", "top:3", "--epochs", "4", "--json", "--out", dir];
    lines(&place.thaw(&args(&whole)));
    let mut child = place.start(&args(&cut));
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(told.any(|line| line.contains("\"step\":2,")));
    child.interrupt();
    told.for_each(drop);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(json(&cut, "metrics.json")["outcome"], "stopped");
    // What was kept of it proves its freezing as well; gone on with, it has the proof of the run that was not stopped.
    let proof = lines(&place.thaw(&["params", &cut, "--json"]));
    assert_eq!(proof.last().unwrap()["broken"], serde_json::json!([]));
    lines(&place.thaw(&["train", "--resume", &cut, "--json"]));
    assert_eq!(json(&cut, "fingerprints.json"), json(&whole, "fingerprints.json"));
    let map = |dir: &str| fs::read_to_string(Path::new(dir).join("data_map.csv")).unwrap();
    assert_eq!(map(&cut), map(&whole));
    assert_eq!((log(&cut), outcome(&cut)), (log(&whole), outcome(&whole)));
}

#[test]
fn a_run_does_not_go_on_with_other_data_or_another_model() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let base = place.path("base");
    fs::create_dir(&base).unwrap();
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/model").join(name), base.join(name)).unwrap();
    }
    let cut = place.at("cut");
    let base = base.to_str().unwrap();
    let args = ["train", "--data", &data, "--model", base, "--freeze", "1", "--epochs", "60", "--json", "--out", &cut];
    kill_at(&place, &args, is_step(9));
    let steps = fs::read(Path::new(&cut).join("steps.jsonl")).unwrap();
    let resume = ["train", "--resume", &cut, "--json"];

    fs::write(&data, reviews(60).replace("dull", "tame")).unwrap();
    let refused = place.thaw(&resume);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("films.csv"), "{}", text(&refused.stderr));
    fs::write(&data, reviews(60)).unwrap();

    let weights = Path::new(base).join("model.safetensors");
    let right = fs::read(&weights).unwrap();
    let mut wrong = right.clone();
    let last = wrong.len() - 1;
    wrong[last] ^= 1;
    fs::write(&weights, wrong).unwrap();
    let refused = place.thaw(&resume);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("base"), "{}", text(&refused.stderr));
    assert_eq!(fs::read(Path::new(&cut).join("steps.jsonl")).unwrap(), steps, "nothing was lost by the refusals");

    fs::write(&weights, right).unwrap();
    let newest = Path::new(&cut).join("checkpoint/newest.safetensors");
    let whole = fs::read(&newest).unwrap();
    fs::write(&newest, &whole[..whole.len() / 2]).unwrap();
    let refused = place.thaw(&resume);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("newest.safetensors"), "{}", text(&refused.stderr));
    fs::write(&newest, whole).unwrap();
    lines(&place.thaw(&resume));

    for (args, status, said) in [
        (&["train", "--resume", &cut, "--epochs", "9"][..], 2, "--epochs"),
        (&["train", "--resume", base], 1, "base"),
        (&["train", "--resume", &place.at("nowhere")], 1, "nowhere"),
    ] {
        let refused = place.thaw(args);
        assert_eq!(refused.status.code(), Some(status), "{args:?}");
        assert!(text(&refused.stderr).contains(said), "{args:?}: {}", text(&refused.stderr));
    }
}

#[test]
fn a_finished_run_is_continued_in_another_folder() {
    let Run { place, lines: of_run, dir } = run();
    let more = Place::new();
    let out = more.at("more");
    let told = lines(&place.thaw(&["train", "--continue", dir, "--epochs", "1", "--out", &out, "--json"]));
    assert_eq!(told[0]["seed"], of_run[0]["seed"].as_u64().unwrap() + 1);
    let settings = json(&out, "settings.json");
    assert_eq!((&settings["config"]["training"]["epochs"], &settings["learning_rate"]), (&1.into(), &1e-2.into()));
    // It begins with what the first run had learned, the head included.
    let loss = |line: &Value| line["train_loss"].as_f64().unwrap();
    assert!(loss(of_kind(&told, "epoch_ended")[0]) < loss(of_kind(of_run, "epoch_ended")[0]));
    assert!(Path::new(dir).join("metrics.json").exists(), "the first run stays as it was");
}
