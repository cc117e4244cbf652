//! `thaw train`: its events, its folder, its report and the data that it takes.

use super::small_model::small_model;
use super::*;

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
        ["event", "step", "epoch", "loss", "accuracy", "learning_rate", "grad_norm", "elapsed_secs", "shared_secs"]
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
    assert_eq!(keys(ended), ["event", "outcome", "error", "run_dir", "train_secs", "shared_secs", "peak_memory_bytes"]);
    assert_eq!((ended["outcome"].as_str(), &ended["error"]), (Some("completed"), &Value::Null));
    assert_eq!(ended["run_dir"].as_str(), Some(run().dir.as_str()));
    assert!(ended["train_secs"].as_f64().unwrap() > 0.0);
    assert!(ended["peak_memory_bytes"].as_u64().unwrap() > 10_000_000 || cfg!(not(target_os = "linux")));
}

#[test]
fn the_same_command_prints_the_same_losses() {
    let Run { place, lines: first, .. } = run();
    let data = place.at("films.csv");
    let again = lines(&place.thaw(&[&["train", "--data", &data, "--json"], &SMALL[..]].concat()));
    let numbers = |lines: &[Value]| lines.iter().map(timeless).collect::<Vec<_>>();
    assert_eq!(numbers(first), numbers(&again));
    let chosen = again.last().unwrap()["run_dir"].as_str().unwrap();
    assert!(chosen.starts_with(&place.at("runs")) && chosen.contains("films"), "{chosen}");
}

#[test]
fn a_run_is_a_folder() {
    let Run { lines, dir, .. } = run();
    let settings = json(dir, "settings.json");
    assert_eq!(settings["config"]["training"]["batch_size"], 8);
    assert_eq!(settings["learning_rate"], 1e-2);
    assert_eq!(settings["trainable"], serde_json::json!(["classifier.weight", "classifier.bias"]));

    let splits = json(dir, "splits.json");
    let rows =
        |part: &str| -> Vec<u64> { splits[part].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect() };
    let all: BTreeSet<u64> = ["train", "validation", "test"].iter().flat_map(|part| rows(part)).collect();
    assert_eq!(all, (2..=61).collect(), "every row of the file is in one part");
    assert_eq!(rows("train").len() + rows("validation").len() + rows("test").len(), 60, "and in one only");

    let folder = Path::new(dir);
    let logged = fs::read_to_string(folder.join("steps.jsonl")).unwrap();
    let logged: Vec<Value> = logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&logged, lines, "the log has what the terminal printed");

    let metrics = json(dir, "metrics.json");
    assert_eq!(metrics["test"]["accuracy"], of_kind(lines, "test_evaluated")[0]["accuracy"]);
    assert_eq!(metrics["epochs"].as_array().unwrap().len(), 2);

    assert_eq!(json(dir, "config.json")["id2label"], serde_json::json!({"0": "bad", "1": "good"}));
    for name in ["model.safetensors", "tokenizer.json", "vocab.txt", "tokenizer_config.json"] {
        assert!(folder.join(name).is_file(), "{name}");
    }
    let hidden: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .filter(|n| n.to_string_lossy().starts_with('.'))
        .collect();
    assert!(hidden.is_empty(), "nothing unfinished is left: {hidden:?}");
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
    assert_eq!(json(&dir, "settings.json")["config"]["guess"], serde_json::json!({"accuracy": 0.8, "secs": 30.0}));
    assert_eq!(json(&dir, "metrics.json")["reference"]["bag_of_words"]["test_accuracy"], 1.0);
    let alone = place.thaw(&["train", "--data", &data, "--guess-accuracy", "0.8"]);
    assert_eq!(alone.status.code(), Some(2), "one half of a guess is none");
    let far = place.thaw(&[&["train", "--data", &data], &["--guess-accuracy", "80", "--guess-secs", "3"][..]].concat());
    assert!(far.status.code() == Some(1) && text(&far.stderr).contains("guess-accuracy"), "{}", text(&far.stderr));
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
fn a_model_of_another_family_trains_and_says_what_it_lacks() {
    let place = Place::new();
    let special = ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"];
    let model = small_model(place.0.path(), "roberta", special).to_str().unwrap().to_owned();
    let (data, dir) = (place.file("films.csv", reviews(60)), place.at("run"));
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
