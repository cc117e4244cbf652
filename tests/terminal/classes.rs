//! Very many classes, and classes whose rows do not count the same.

use super::small_model::small_model;
use super::*;

/// Five rows of each of so many classes, of which one is tested.
fn topics(classes: usize) -> String {
    let row = |i: usize| format!("question {i} about topic {},topic {}\n", i / 5, i / 5);
    "text,label\n".to_owned() + &(0..5 * classes).map(row).collect::<String>()
}

/// A thousand classes are trained on, and what is printed is about those that go wrong.
#[test]
fn of_a_thousand_classes_those_are_shown_that_go_wrong() {
    let place = Place::new();
    let special = ["[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]"];
    let model = small_model(place.0.path(), "roberta", special).to_str().unwrap().to_owned();
    let (data, dir) = (place.file("topics.csv", topics(1000)), place.at("run"));
    let args = ["train", "--data", &data, "--model", &model, "--freeze", "2", "--epochs", "1", "--out", &dir];
    let args = [&args[..], &["--max-length", "16", "--batch-size", "64"]].concat();
    let trained = place.thaw(&args);
    let said = text(&trained.stdout);
    assert!(trained.status.success(), "{}", text(&trained.stderr));
    let places = ["Worst pairs", "The 20 classes of the lowest F1, of 1,000", "classes most often confused, of 1,000"];
    let places = places.map(|part| said.find(part).unwrap_or_else(|| panic!("{part}: {said}")));
    assert!(places.is_sorted() && said.lines().count() < 80, "{said}");
    assert!(said.lines().all(|line| line.len() < 400), "{said}");

    let log = fs::metadata(Path::new(&dir).join("steps.jsonl")).unwrap().len();
    assert!(log < 1 << 20, "{log} bytes of log");
    let metrics = json(&dir, "metrics.json");
    let confusion = &metrics["test"]["confusion"];
    assert_eq!(confusion["classes"], 1000);
    let counts: u64 = confusion["cells"].as_array().unwrap().iter().map(|cell| cell[2].as_u64().unwrap()).sum();
    assert_eq!(counts, metrics["test"]["per_class"].as_array().unwrap().len() as u64);
    let measured = lines(&place.thaw(&["evaluate", &dir, "--json"]));
    assert_eq!(measured[0]["confusion"], *confusion);
}

#[test]
fn more_classes_are_refused_with_their_number() {
    let place = Place::new();
    let data = place.file("topics.csv", topics(1001));
    let refused = place.thaw(&["train", "--data", &data]);
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("1,001") && said.contains("1,000"), "{said}");
}

#[test]
fn class_weights_are_said_wherever_the_run_is() {
    let place = Place::new();
    let (data, dir) = (place.file("films.csv", reviews(60)), place.at("run"));
    let args = ["train", "--data", &data, "--freeze", "1", "--epochs", "1", "--class-weights", "bad=3"];
    let printed = lines(&place.thaw(&[&args[..], &["--out", &dir, "--json"]].concat()));
    assert_eq!(printed[0]["class_weights"], serde_json::json!([3.0, 1.0]));
    let settings = json(&dir, "settings.json");
    assert_eq!(settings["config"]["training"]["class_weights"], serde_json::json!({"named": {"bad": 3.0}}));
    assert_eq!(settings["class_weights"], serde_json::json!([3.0, 1.0]));
    let exported = place.at("model");
    assert!(place.thaw(&["export", &dir, "--to", &exported]).status.success());
    let card = fs::read_to_string(Path::new(&exported).join("README.md")).unwrap();
    assert!(card.contains("| class weights | as given: bad 3, good 1;"), "{card}");

    let plain = lines(&place.thaw(&[&args[..7], &["--json"]].concat()));
    assert!(plain[0].get("class_weights").is_none());
    let loss = |lines: &[Value]| of_kind(lines, "epoch_ended")[0]["validation_loss"].as_f64().unwrap();
    assert!((loss(&plain) - loss(&printed)).abs() > 1e-6, "the losses are of other weights");

    let balanced = place.thaw(&[&args[..7], &["--class-weights", "balanced"]].concat());
    let said = text(&balanced.stdout);
    assert!(said.contains("class weights in the loss: bad 1, good 1"), "{said}");
}

#[test]
fn class_weights_that_fit_nothing_are_refused() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    for (weights, status, part) in [
        ("awful=3", 1, "“awful”, which is no label of these data (bad, good)"),
        ("bad=0", 1, "class-weights is 0, but must be from 0.001 to 1000"),
        ("bad", 2, "balanced, or NAME=WEIGHT"),
    ] {
        let refused = place.thaw(&["train", "--data", &data, "--class-weights", weights]);
        let said = text(&refused.stderr);
        assert!(refused.status.code() == Some(status) && said.contains(part), "{weights}: {said}");
    }
}
