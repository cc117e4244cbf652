//! `thaw race`.

use super::failures::model_with_a_word_too_large;
use super::*;

const QUICK: [&str; 6] = ["--epochs", "1", "--batch-size", "8", "--json", "--max-length"];

fn race(place: &Place, data: &str, args: &[&str]) -> Output {
    place.thaw(&[&["race", "--data", data], &QUICK[..], &["16"], args].concat())
}

#[test]
fn a_race_has_a_row_for_each_run_and_then_its_means() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(100));
    let plan = r#"{ "rules": [{ "parameters": "{pooler,classifier}.*", "state": "trainable" }] }"#;
    let plan = place.file("my plan.json", plan);
    let out = place.at("race");
    let freeze = format!("1,{plan}");
    let told = lines(&race(&place, &data, &["--freeze", &freeze, "--seeds", "2", "--seed", "7", "--out", &out]));
    let kinds: Vec<&str> = told.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["race_started", "race_row", "race_row", "race_row", "race_row", "race_ended"]);
    let of: Vec<(&str, u64)> = of_kind(&told, "race_row")
        .iter()
        .map(|r| (r["freeze"].as_str().unwrap(), r["seed"].as_u64().unwrap()))
        .collect();
    assert_eq!(of, [("1", 7), ("my plan", 7), ("1", 8), ("my plan", 8)]);
    for row in of_kind(&told, "race_row") {
        assert_eq!(row["trainable"], if row["freeze"] == "1" { 770 } else { 148_610 });
        assert_eq!(row["learning_rate"], if row["freeze"] == "1" { 1e-3 } else { 1e-4 });
        for key in ["accuracy", "macro_f1", "train_secs", "peak_memory_bytes"] {
            let is_told = key != "peak_memory_bytes" || cfg!(target_os = "linux");
            assert!(row[key].as_f64().unwrap() > 0.0 || !is_told, "{key}: {row}");
        }
        assert!(Path::new(row["run_dir"].as_str().unwrap()).starts_with(&out) && row.get("hits").is_none());
    }
    let ended = told.last().unwrap();
    let means = ended["means"].as_array().unwrap();
    assert_eq!((ended["outcome"].as_str(), means.len()), (Some("completed"), 2));
    let accuracies: Vec<f64> = of_kind(&told, "race_row").iter().map(|r| r["accuracy"].as_f64().unwrap()).collect();
    let mean = means[0]["accuracy"].as_f64().unwrap();
    assert!((mean - (accuracies[0] + accuracies[2]) / 2.0).abs() < 1e-12);
    assert!(means[0]["accuracy_spread"].as_f64().is_some() && means[0]["runs"] == 2);

    let again = race(&place, &data, &["--freeze", "1", "--out", &out]);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(serde_json::from_slice::<Value>(&again.stdout).unwrap()["event"], "race_ended");
    assert!(text(&again.stderr).contains("is not empty"), "{}", text(&again.stderr));
    let runs = lines(&place.thaw(&["runs", place.0.path().to_str().unwrap(), "--json"]));
    assert_eq!(runs.iter().filter(|run| run["race"] == *out).count(), 4);
}

#[test]
fn a_ladder_is_read_by_people() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(100));
    let args = ["race", "--data", &data, "--freeze", "1,2", "--rows-per-class", "16,8,all", "--seeds", "1"];
    let output =
        place.thaw(&[&args[..], &["--epochs", "1", "--learning-rate", "1e-2", "--out", &place.at("l")]].concat());
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(told.contains("6 runs: 1, 2; seeds 1, epochs 1"), "{told}");
    for (run, rows) in ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"].iter().zip([16, 16, 32, 32, 56, 56]) {
        let line = told.lines().find(|line| line.starts_with(run)).unwrap_or_else(|| panic!("{run}: {told}"));
        assert!(line.contains("macro F1") && line.ends_with(&format!("training rows {rows}")), "{line}");
    }
    let table: Vec<&str> = told.lines().skip_while(|line| !line.starts_with("Freezing")).take(7).collect();
    assert!(table[0].contains("95 % interval") && table[0].ends_with("Trainable"), "{told}");
    assert!(table[6].starts_with("2 ") && table[6].contains("56") && table[6].contains("1e-2"), "{told}");
    // The rows of one run, as its folder tells them.
    let splits = |name: &str| json(&place.at(&format!("l/{name}")), "splits.json");
    let (eight, sixteen) = (splits("01-1-rows8-seed42"), splits("03-1-rows16-seed42"));
    assert_eq!((eight["train"].as_array().unwrap().len(), &eight["test"]), (16, &sixteen["test"]));
}

#[test]
fn a_failed_run_is_told_and_the_race_goes_on() {
    let place = Place::new();
    let base = model_with_a_word_too_large(&place, "zebra");
    let data = place.file("films.csv", reviews(60).replace("number 6\"", "zebra 6\""));
    let args =
        ["--model", &base, "--freeze", "1", "--rows-per-class", "8,all", "--seeds", "1", "--out", &place.at("r")];
    let output = race(&place, &data, &args);
    let told = lines(&output);
    let rows = of_kind(&told, "race_row");
    assert_eq!((rows.len(), &rows[0]["rows_per_class"]), (1, &8.into()));
    let ended = told.last().unwrap();
    assert_eq!((&ended["outcome"], &ended["failed"]), (&"completed".into(), &1.into()));
    assert!(text(&output.stderr).contains("run 2 of the race failed"), "{}", text(&output.stderr));
}

#[cfg(unix)]
#[test]
fn an_interrupted_race_runs_what_it_lacks() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(40));
    let out = place.at("race");
    let args =
        ["race", "--data", &data, "--freeze", "1,full", "--seeds", "2", "--epochs", "1", "--json", "--out", &out];
    let mut child = place.start(&args);
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(told.any(|line| line.contains("race_row")));
    child.interrupt();
    let rest: Vec<String> = told.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let ended: Value = serde_json::from_str(rest.last().unwrap()).unwrap();
    assert_eq!((&ended["event"], &ended["outcome"]), (&"race_ended".into(), &"stopped".into()));

    let resumed = lines(&place.thaw(&["race", "--resume", &out, "--json"]));
    let rows = of_kind(&resumed, "race_row");
    assert_eq!((rows.len(), resumed.last().unwrap()["outcome"].as_str()), (4, Some("completed")));
    let whole = place.at("whole");
    let args: Vec<&str> = args.iter().map(|arg| if *arg == out { whole.as_str() } else { *arg }).collect();
    let undisturbed = lines(&place.thaw(&args));
    let same = of_kind(&undisturbed, "race_row");
    for key in ["freeze", "seed", "accuracy", "macro_f1"] {
        let of = |rows: &[&Value]| rows.iter().map(|row| row[key].clone()).collect::<Vec<_>>();
        assert_eq!(of(&rows), of(&same), "{key}");
    }
    if cfg!(target_os = "linux") {
        let peaks: Vec<u64> = same.iter().map(|row| row["peak_memory_bytes"].as_u64().unwrap()).collect();
        // AdamW keeps two numbers of four bytes for each number that trains. Half of that is far beyond what else differs.
        let optimiser_bytes = 8 * 22_713_986;
        let has_own_peak = |head: usize, full: usize| peaks[head] + optimiser_bytes / 2 < peaks[full];
        assert!([(0, 1), (2, 1), (2, 3)].iter().all(|(head, full)| has_own_peak(*head, *full)), "{peaks:?}");
        let is_alike = |a: usize, b: usize| peaks[a].abs_diff(peaks[b]) < 40_000_000;
        assert!(is_alike(0, 2) && is_alike(1, 3), "whatever ran before: {peaks:?}");
    }
    let refused = place.thaw(&["race", "--resume", &out, "--epochs", "3"]);
    assert_eq!(refused.status.code(), Some(2));
}

/// The program was killed after a run had its results, and before the race took note of them.
#[test]
fn a_race_that_was_killed_as_a_run_ended_knows_all_its_answers() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let out = place.at("race");
    let told = lines(&race(&place, &data, &["--freeze", "1,2", "--seeds", "1", "--out", &out]));
    let whole = json(&out, "race.json");
    let mut cut = whole.clone();
    cut["rows"].as_array_mut().unwrap().pop();
    cut["outcome"] = Value::Null;
    fs::write(place.path("race/race.json"), cut.to_string()).unwrap();
    let second = whole["rows"][1]["run_dir"].as_str().unwrap();
    fs::create_dir(Path::new(second).join("checkpoint")).unwrap();
    for name in ["running.lock", "checkpoint/newest.safetensors", ".writing-metrics.json-x"] {
        fs::write(Path::new(second).join(name), "").unwrap();
    }
    let resumed = lines(&place.thaw(&["race", "--resume", &out, "--json"]));
    assert_eq!(json(&out, "race.json"), whole, "the answers to single rows are there as well");
    let (ended, before) = (resumed.last().unwrap(), told.last().unwrap());
    for key in ["means", "undecided"] {
        assert_eq!(ended[key], before[key]);
    }
    let left = fs::read_dir(second).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> =
        left.filter(|name| name.starts_with('.') || name == "checkpoint" || name == "running.lock").collect();
    assert!(left.is_empty(), "{left:?}");
}
