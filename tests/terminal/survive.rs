//! Runs that are killed and go on, go on after their end, and go wrong.

use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::*;

/// The lines of a run's log without what a clock says.
fn log(dir: &str) -> Vec<String> {
    let log = fs::read_to_string(Path::new(dir).join("steps.jsonl")).unwrap();
    log.lines().map(|line| timeless(&serde_json::from_str(line).unwrap())).collect()
}

fn timeless(line: &Value) -> String {
    let mut line = line.clone();
    let object = line.as_object_mut().unwrap();
    for clock in ["elapsed_secs", "rows_per_sec", "train_secs", "peak_memory_bytes", "run_dir"] {
        object.remove(clock);
    }
    line.to_string()
}

fn json(dir: &str, name: &str) -> Value {
    serde_json::from_slice(&fs::read(Path::new(dir).join(name)).unwrap()).unwrap()
}

/// What came out, without clocks.
fn outcome(dir: &str) -> (Value, Value, Value, Vec<String>) {
    let metrics = json(dir, "metrics.json");
    let epochs = metrics["epochs"].as_array().unwrap().iter().map(timeless).collect();
    (metrics["outcome"].clone(), metrics["steps"].clone(), metrics["test"].clone(), epochs)
}

/// Starts a training and kills it, as a power cut would, once it has printed a line that `is_reached` accepts.
fn kill_at(place: &Place, args: &[&str], is_reached: impl Fn(&Value) -> bool) {
    let mut child = place.start(args);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let reached = lines.map(|line| serde_json::from_str(&line).unwrap()).any(|line| is_reached(&line));
    assert!(reached, "the run ended early");
    child.kill().unwrap();
    child.wait().unwrap();
}

fn is_step(n: u64) -> impl Fn(&Value) -> bool {
    move |line| line["event"] == "step" && line["step"] == n
}

/// A run that was killed after `kill_after` and resumed leaves what one leaves that nothing happened to.
fn survives(extra: &[&str], kill_after: &[u64]) {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let (whole, cut) = (place.at("whole"), place.at("cut"));
    let args = |dir: &str| -> Vec<String> {
        let own = ["train", "--data", &data, "--json", "--epochs", "3", "--batch-size", "4", "--out", dir];
        own.iter().chain(extra).map(ToString::to_string).collect()
    };
    let run = |dir: &str| {
        let args = args(dir);
        lines(&place.thaw(&args.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    let told = run(&whole);
    let args = args(&cut);
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    for step in kill_after {
        kill_at(&place, &args, is_step(*step));
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
    assert!(left.iter().all(|name| name != "checkpoint" && name != "running.lock"), "{left:?}");
    let again = place.thaw(&["train", "--resume", &cut]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("--continue"), "{}", text(&again.stderr));
}

#[test]
fn a_killed_run_goes_on_after_its_last_epoch() {
    // 9 steps an epoch; once step 11 is told, the checkpoint of the first epoch is whole.
    survives(&["--freeze", "3", "--keep", "best", "--warmup-ratio", "0.2", "--patience", "3"], &[11, 20]);
}

#[test]
fn a_killed_run_goes_on_in_the_middle_of_an_epoch() {
    survives(&["--freeze", "3", "--schedule", "cosine", "--checkpoint-minutes", "1e-9"], &[6, 14]);
}

#[test]
fn full_fine_tuning_with_weight_decay_survives_too() {
    let full = ["--freeze", "full", "--max-length", "16", "--weight-decay", "0.1"];
    survives(&[&full[..], &["--accumulate", "2", "--clip", "0"]].concat(), &[7]);
}

/// An embedding table between two steps, with rows that owe decay and rows that were never touched.
#[test]
fn an_embedding_table_survives_in_the_middle_of_an_epoch() {
    let place = Place::new();
    let plan = place
        .file("plan.json", r#"{"rules": [{"parameters": "{embeddings,pooler,classifier}.*", "state": "trainable"}]}"#);
    let table = ["--freeze", &plan, "--max-length", "16", "--checkpoint-minutes", "1e-9"];
    survives(&[&table[..], &["--weight-decay", "0.1"]].concat(), &[4, 13]);
    survives(&table, &[12]);
}

/// Killed in the first stage, and in the second, of a plan that thaws the embeddings last.
#[test]
fn an_unfreezing_plan_survives_across_its_stages() {
    let place = Place::new();
    let plan = place.file(
        "plan.json",
        r#"{"stages": [{"from_epoch": 1, "freeze": "2"}, {"from_epoch": 2, "freeze": "3"},
                       {"from_epoch": 3, "rules": [{"parameters": "{embeddings,pooler}.*", "state": "trainable"}]}],
            "learning_rates": {"layer_divisor": 2.6}}"#,
    );
    let settings = ["--freeze", &plan, "--max-length", "16", "--checkpoint-minutes", "1e-9", "--keep", "best"];
    survives(&[&settings[..], &["--weight-decay", "0.1"]].concat(), &[6, 13, 21]);
}

#[test]
fn a_run_without_a_checkpoint_starts_over() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let (whole, cut) = (place.at("whole"), place.at("cut"));
    let args = |dir| ["train", "--data", &data, "--freeze", "1", "--epochs", "40", "--json", "--out", dir];
    lines(&place.thaw(&args(&whole)));
    kill_at(&place, &args(&cut), is_step(1));
    // As if it had been killed before the first one.
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
    let args = |dir| ["train", "--data", &data, "--freeze", "top:3", "--epochs", "6", "--json", "--out", dir];
    lines(&place.thaw(&args(&whole)));
    let mut child = place.start(&args(&cut));
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(told.any(|line| line.contains("\"step\":2,")));
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    told.for_each(drop);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(json(&cut, "metrics.json")["outcome"], "stopped");
    // What was kept of it proves its freezing as well; gone on with, it has the proof of the run that was not stopped.
    let proof = lines(&place.thaw(&["params", &cut, "--json"]));
    assert_eq!(proof.last().unwrap()["broken"], serde_json::json!([]));
    lines(&place.thaw(&["train", "--resume", &cut, "--json"]));
    assert_eq!(json(&cut, "fingerprints.json"), json(&whole, "fingerprints.json"));
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

/// A model for which one word is so large that its text gives no number.
pub fn model_with_a_word_too_large(place: &Place, word: &str) -> String {
    let base = place.path("base");
    fs::create_dir(&base).unwrap();
    for name in ["config.json", "tokenizer.json", "vocab.txt"] {
        fs::copy(Path::new(&run().dir).join(name), base.join(name)).unwrap();
    }
    let mut weights = fs::read(Path::new(&run().dir).join("model.safetensors")).unwrap();
    let header_bytes = u64::from_le_bytes(weights[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&weights[8..8 + header_bytes]).unwrap();
    let table = &header["bert.embeddings.word_embeddings.weight"];
    let width = table["shape"][1].as_u64().unwrap() as usize;
    let vocabulary = fs::read_to_string(base.join("vocab.txt")).unwrap();
    let id = vocabulary.lines().position(|line| line == word).unwrap();
    let start = 8 + header_bytes + table["data_offsets"][0].as_u64().unwrap() as usize + id * width * 4;
    weights[start..start + width * 4].as_chunks_mut::<4>().0.iter_mut().for_each(|x| *x = 1e38f32.to_le_bytes());
    fs::write(base.join("model.safetensors"), weights).unwrap();
    base.to_str().unwrap().to_owned()
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_and_keeps_what_was_good() {
    let place = Place::new();
    let base = model_with_a_word_too_large(&place, "zebra");
    let data = place.file("films.csv", reviews(60).replace("number 6\"", "zebra 6\""));
    let args = ["train", "--data", &data, "--model", &base, "--batch-size", "4", "--json", "--no-prefix-cache"];
    for (extra, freeze) in [(&[][..], "1"), (&["--checkpoint-minutes", "1e-9"], "3"), (&["--batch-size", "40"], "2")] {
        let out = place.at(freeze);
        let mut args: Vec<&str> = args.iter().copied().chain(["--freeze", freeze, "--out", &out]).collect();
        if extra.first() == Some(&"--batch-size") {
            args.retain(|arg| !["--batch-size", "4"].contains(arg));
        }
        let output = place.thaw(&[&args[..], extra].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let told: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ended = told.last().unwrap();
        assert_eq!((&ended["event"], &ended["outcome"]), (&"run_ended".into(), &"failed".into()));
        let step = of_kind(&told, "step").len() + 1;
        assert!(
            said.contains(&format!("at step {step} (learning rate")) && said.contains("Try a learning rate"),
            "{said}"
        );
        if freeze == "2" {
            assert!(step == 1 && said.contains("Nothing learned") && !Path::new(&out).exists(), "{said}");
            continue;
        }
        assert!(step > 1 && said.contains(&format!("after step {} is kept", step - 1)), "{said}");
        let kept = lines(&place.thaw(&["predict", &out, "--json", "a warm film"]));
        assert!(kept[0]["probabilities"]["good"].as_f64().is_some(), "the kept model answers with numbers");
        assert!(!Path::new(&out).join("checkpoint").exists(), "gone on with, it would fail again");
        assert_eq!(json(&out, "metrics.json")["outcome"], "failed");
        assert_eq!(place.thaw(&["train", "--resume", &out]).status.code(), Some(1));
    }
}

/// A limit on the size of files stands for a full disk: the checkpoint does not fit, the small files do.
#[cfg(unix)]
#[test]
fn training_goes_on_when_a_checkpoint_does_not_fit_the_disk() {
    let place = Place::new();
    let out = place.at("run");
    let thaw = assert_cmd::cargo::cargo_bin!("thaw").to_str().unwrap();
    // In blocks of 512 or 1024 bytes, by the shell; preset 3 keeps 23 MB.
    let script =
        format!("trap '' XFSZ; ulimit -f 10000; exec \"{thaw}\" train --freeze 3 --max-rows 60 --out \"{out}\" --json");
    let output = std::process::Command::new("sh").args(["-c", &script]).env("THAW_LANGUAGE", "en").output().unwrap();
    let said = text(&output.stderr);
    assert!(said.contains("A checkpoint could not be written") && said.contains("Training goes on"), "{said}");
    let told: Vec<Value> = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(of_kind(&told, "epoch_ended").len(), 3, "every epoch came");
    let parts = |dir: &Path| {
        fs::read_dir(dir)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().starts_with('.'))
            .count()
    };
    assert_eq!(parts(Path::new(&out)) + parts(&Path::new(&out).join("checkpoint")), 0, "no part file is left");
}

#[test]
fn runs_are_listed_and_exported() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let none = place.thaw(&["runs"]);
    assert!(none.status.success() && text(&none.stdout).contains("no runs"));
    let done = lines(&place.thaw(&[&["train", "--data", &data, "--json"], &SMALL[..]].concat()));
    let dir = done.last().unwrap()["run_dir"].as_str().unwrap();
    kill_at(&place, &["train", "--data", &data, "--freeze", "3", "--epochs", "60", "--json"], is_step(4));
    let listed = lines(&place.thaw(&["runs", "--json"]));
    let find =
        |state: &str| listed.iter().find(|run| run["state"] == state).unwrap_or_else(|| panic!("{state}: {listed:?}"));
    let (completed, unfinished) = (find("completed"), find("unfinished"));
    assert_eq!((listed.len(), &completed["dir"]), (2, &dir.into()));
    assert_eq!(
        (&completed["data"], &completed["freeze"], &completed["has_model"]),
        (&"films.csv".into(), &"1".into(), &true.into())
    );
    assert_eq!(completed["test_accuracy"], of_kind(&done, "test_evaluated")[0]["accuracy"]);
    assert_eq!((&unfinished["can_resume"], &unfinished["test_accuracy"]), (&true.into(), &Value::Null));
    assert!(unfinished["step"].as_u64() < unfinished["total_steps"].as_u64());
    assert!(text(&place.thaw(&["runs"]).stdout).contains("unfinished, "));

    let to = place.at("given/away");
    let exported = place.thaw(&["export", dir, "--to", &to]);
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    let mut names: Vec<String> =
        fs::read_dir(&to).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let bundled = ["README.md", "config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.json"];
    assert_eq!(names, [&bundled[..], &["tokenizer_config.json", "vocab.txt"]].concat());
    let card = fs::read_to_string(Path::new(&to).join("README.md")).unwrap();
    for part in [
        "license: apache-2.0",
        "films.csv",
        "classifier.weight",
        "| accuracy |",
        "Thaw",
        "all-MiniLM-L6-v2",
        "macro F1",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
    // Longer than what training read.
    let long = "a warm film ".repeat(60);
    let asked = |dir: &str| lines(&place.thaw(&["predict", dir, "--json", "a warm film", &long]));
    assert_eq!(asked(&to), asked(dir));
    let again = place.thaw(&["export", dir, "--to", &to]);
    assert_eq!(again.status.code(), Some(1), "nothing is overwritten");
    let unfinished = place.thaw(&["export", unfinished["dir"].as_str().unwrap(), "--to", &place.at("none")]);
    assert_eq!(unfinished.status.code(), Some(1));
    assert!(!place.path("none").exists());
}
