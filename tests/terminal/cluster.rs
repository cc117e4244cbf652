//! `thaw export --cluster`, and runs that come back from there.

use super::*;

/// The names of the files in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

const FILES: [&str; 11] = [
    "README.md",
    "data.csv",
    "job.sbatch",
    "model",
    "order.csv",
    "plan.json",
    "requirements.txt",
    "rows.csv",
    "run_folder.py",
    "settings.json",
    "splits.json",
];

fn all_files() -> Vec<String> {
    FILES.into_iter().chain(["train.py"]).map(str::to_owned).collect()
}

#[test]
fn a_run_is_written_for_a_cluster_with_its_rows_and_its_first_head() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let done = lines(&place.thaw(&[&["train", "--data", &data, "--json"], &SMALL[..]].concat()));
    let (started, run) = (of_kind(&done, "run_started")[0], done.last().unwrap()["run_dir"].as_str().unwrap());
    let to = place.at("far/away");
    let written = place.thaw(&["export", run, "--cluster", &to]);
    assert!(written.status.success(), "{}", text(&written.stderr));
    assert!(text(&written.stdout).contains(&to) && text(&written.stdout).contains("README.md"));
    let folder = place.path("far/away");
    assert_eq!(names(&folder), all_files());

    // The same rows, by their places in the copy of the data, and by their numbers in the file.
    let (splits, own) = (json(&to, "splits.json"), json(run, "splits.json"));
    assert_eq!(splits, own);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let places = |part: &str| -> Vec<u64> {
        let rows = read("rows.csv");
        rows.lines().filter_map(|line| line.strip_prefix(&format!("{part},"))?.parse().ok()).collect()
    };
    let numbers =
        |part: &str| -> Vec<u64> { splits[part].as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect() };
    for part in ["train", "validation", "test"] {
        // Nothing of the file was skipped, so that both are the same here.
        assert_eq!(places(part), numbers(part), "{part}");
    }
    assert_eq!(read("data.csv").lines().count(), 61);
    let order = read("order.csv");
    let first: Vec<usize> =
        order.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
    let sorted: BTreeSet<usize> = first.iter().copied().collect();
    assert_eq!(sorted, (0..places("train").len()).collect(), "every training row comes once in an epoch");

    let (settings, own) = (json(&to, "settings.json"), json(run, "settings.json"));
    assert_eq!(settings["engine"], "accelerate");
    for same in ["labels", "trainable", "learning_rate", "data", "model"] {
        assert_eq!(settings[same], own[same], "{same}");
    }
    let plan = json(&to, "plan.json");
    assert_eq!(plan["run_started"]["total_steps"], started["total_steps"]);
    assert_eq!(plan["stages"].as_array().unwrap().len(), 1);
    assert_eq!(plan["ever"], serde_json::json!(["classifier.weight", "classifier.bias"]));
    assert_eq!(plan["hub_model"], Value::Null);
    // The model there is whole: it answers before it is trained.
    let asked = lines(&place.thaw(&["predict", &format!("{to}/model"), "--json", "a warm film"]));
    assert!(asked[0]["probabilities"].as_object().is_some_and(|found| found.len() == 2), "{asked:?}");
}

#[test]
fn settings_without_a_run_are_written_and_what_cannot_be_is_refused() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let plan = r#"{"stages": [{"from_epoch": 1, "freeze": "2"}, {"from_epoch": 2, "freeze": "full"}],
                   "learning_rates": {"layer_divisor": 2.0}}"#;
    let plan = place.file("plan.json", plan);
    let to = place.at("cluster");
    let settings = ["--data", &data, "--freeze", &plan, "--epochs", "2", "--class-weights", "balanced"];
    let written = place.thaw(&[&["export", "--cluster", &to][..], &settings].concat());
    assert!(written.status.success(), "{}", text(&written.stderr));
    let (plan, settings) = (json(&to, "plan.json"), json(&to, "settings.json"));
    let stages = plan["stages"].as_array().unwrap();
    assert_eq!((&stages[0]["from_epoch"], &stages[1]["from_epoch"]), (&1.into(), &2.into()));
    assert!(stages[0]["trainable"].as_array().unwrap().len() < stages[1]["trainable"].as_array().unwrap().len());
    assert!(!stages[0]["still"].as_array().unwrap().is_empty() && stages[1]["still"].as_array().unwrap().is_empty());
    assert_eq!(plan["factors"]["bert.encoder.layer.4.output.dense.weight"], 0.5);
    assert_eq!(settings["class_weights"].as_array().unwrap().len(), 2);
    assert_eq!(fs::read_to_string(place.path("cluster/order.csv")).unwrap().lines().next(), Some("1,2"));

    let again = place.thaw(&["export", "--cluster", &to, "--data", &data]);
    assert!(again.status.code() == Some(1) && text(&again.stderr).contains("not empty"), "{}", text(&again.stderr));
    let nowhere = place.thaw(&["export", &place.at("nowhere"), "--cluster", &place.at("x")]);
    assert!(nowhere.status.code() == Some(1) && text(&nowhere.stderr).contains("nowhere"));
    let both = place.thaw(&["export", "run", "--cluster", &place.at("x"), "--epochs", "3"]);
    assert!(both.status.code() == Some(2) && text(&both.stderr).contains("--epochs"), "{}", text(&both.stderr));
    let neither = place.thaw(&["export", "--data", &data]);
    assert_eq!(neither.status.code(), Some(2));
    let twice = place.thaw(&["export", "run", "--cluster", &place.at("x"), "--to", &place.at("y")]);
    assert_eq!(twice.status.code(), Some(2));
    let wrong = place.thaw(&["export", "--cluster", &place.at("x"), "--data", &data, "--epochs", "0"]);
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong.stderr));
    assert!(!place.path("x").exists() && !place.path("y").exists(), "nothing is left of what was refused");
}

/// `scripts/check_cluster.py --keep` makes the folder.
#[test]
fn a_run_that_was_trained_on_a_cluster_opens_beside_others_and_is_resumed_there() {
    let place = Place::new();
    let run = place.path("runs/far");
    fs::create_dir_all(&run).unwrap();
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/cluster_run");
    for name in names(&reference) {
        fs::copy(reference.join(&name), run.join(&name)).unwrap();
    }
    let listed = lines(&place.thaw(&["runs", "--json"]));
    let found = &listed[0];
    assert_eq!((&found["engine"], &found["state"]), (&"accelerate".into(), &"completed".into()), "{found}");
    assert_eq!((&found["step"], &found["total_steps"], &found["damage"]), (&28.into(), &28.into(), &Value::Null));
    let metrics = json(run.to_str().unwrap(), "metrics.json");
    assert_eq!(found["test_accuracy"], metrics["test"]["accuracy"]);
    let table = place.thaw(&["runs"]);
    assert!(text(&table.stdout).contains("trained elsewhere"), "{}", text(&table.stdout));

    // As it lies there while it is being trained.
    fs::remove_file(run.join("metrics.json")).unwrap();
    let unfinished = lines(&place.thaw(&["runs", "--json"]));
    assert_eq!((&unfinished[0]["state"], &unfinished[0]["can_resume"]), (&"unfinished".into(), &false.into()));
    let resumed = place.thaw(&["train", "--resume", run.to_str().unwrap()]);
    assert!(
        resumed.status.code() == Some(1) && text(&resumed.stderr).contains("train.py"),
        "{}",
        text(&resumed.stderr)
    );
}
