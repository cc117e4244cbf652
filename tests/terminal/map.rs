//! `thaw map`: the map of texts.

use super::*;

#[test]
fn points_and_probes_of_a_layer() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(100));
    let dir = place.at("run");
    let small = ["--freeze", "3", "--epochs", "2", "--batch-size", "8", "--learning-rate", "1e-3"];
    lines(&place.thaw(&[&["train", "--data", &data, "--out", &dir, "--json"], &small[..]].concat()));
    let told = lines(&place.thaw(&["map", &dir, "--json"]));
    let (probes, points): (Vec<&Value>, Vec<&Value>) = told.iter().partition(|line| !line["layer"].is_null());
    let layers = json(&dir, "settings.json")["model"]["layers"].as_u64().unwrap() as usize;
    assert_eq!(
        probes.iter().map(|line| line["layer"].as_u64().unwrap() as usize).collect::<Vec<_>>(),
        (0..layers).collect::<Vec<_>>()
    );
    let keys_of_probe =
        ["layer", "probe_accuracy", "low", "high", "before_accuracy", "before_low", "before_high", "rows"];
    assert_eq!(keys(probes[0]), keys_of_probe);
    let rows: Vec<u64> = points.iter().map(|line| line["row"].as_u64().unwrap()).collect();
    let test: Vec<u64> =
        json(&dir, "splits.json")["test"].as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect();
    assert_eq!(rows, test);
    assert_eq!(keys(points[0]), ["row", "x", "y", "label", "predicted", "before_x", "before_y"]);
    for line in &points {
        let label = if line["row"].as_u64().unwrap().is_multiple_of(2) { "good" } else { "bad" };
        assert_eq!(line["label"], label, "the header is row 1");
        assert!(line["before_x"] != line["x"], "the last layer was trained: {line}");
    }
    for line in &probes {
        let number = |key: &str| line[key].as_f64().unwrap();
        assert!(number("low") <= number("probe_accuracy") && number("probe_accuracy") <= number("high"));
        assert_eq!(line["rows"], test.len());
        // Only the last layer trains.
        let is_same = line["probe_accuracy"] == line["before_accuracy"];
        assert!(is_same || line["layer"] == layers - 1, "{line}");
    }
    assert!(probes[layers - 1]["probe_accuracy"].as_f64().unwrap() > 0.9, "{probes:?}");
    // The same rows and the same points each time; below what trains both sides are one.
    assert_eq!(lines(&place.thaw(&["map", &dir, "--json"])), told);
    let first = lines(&place.thaw(&["map", &dir, "--layer", "0", "--json"]));
    assert!(first[layers..].iter().all(|line| line["x"] == line["before_x"] && line["y"] == line["before_y"]));
    let moved = lines(&place.thaw(&["map", &dir, "--method", "tsne", "--json"]));
    assert_eq!(moved.len(), told.len());
    let good = |line: &&Value| line["label"] == "good";
    let (good, bad): (Vec<&Value>, Vec<&Value>) = moved[layers..].iter().partition(good);
    let middle =
        |lines: &[&Value], key: &str| lines.iter().map(|l| l[key].as_f64().unwrap()).sum::<f64>() / lines.len() as f64;
    let apart = |x: &str, y: &str| (middle(&good, x) - middle(&bad, x)).hypot(middle(&good, y) - middle(&bad, y));
    assert!(apart("x", "y") > 0.0, "they are numbers");

    let readable = place.thaw(&["map", &dir]);
    let readable = text(&readable.stdout);
    assert!(
        readable.contains("training rows") && readable.contains("Before") && readable.contains("are the same"),
        "{readable}"
    );
    let refused = place.thaw(&["map", &dir, "--layer", "99"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("99"), "{}", text(&refused.stderr));
    assert_eq!(place.thaw(&["map", &dir, "--method", "umap"]).status.code(), Some(2));
    fs::write(place.path("films.csv"), reviews(60)).unwrap();
    let refused = place.thaw(&["map", &dir]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("films.csv"), "{}", text(&refused.stderr));
    assert_eq!(place.thaw(&["map", &place.at("nowhere")]).status.code(), Some(1));
}

/// A run whose first model is gone has a map all the same.
#[test]
fn a_map_without_the_model_before() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let (first, second) = (place.at("first"), place.at("second"));
    lines(&place.thaw(&[&["train", "--data", &data, "--out", &first, "--json"], &SMALL[..]].concat()));
    let on = ["train", "--data", &data, "--model", &first, "--out", &second, "--json"];
    lines(&place.thaw(&[&on[..], &SMALL[..]].concat()));
    fs::remove_dir_all(&first).unwrap();
    let output = place.thaw(&["map", &second, "--json"]);
    let told = lines(&output);
    assert!(told.iter().all(|line| line["before_x"].is_null() && line["before_accuracy"].is_null()), "{told:?}");
    assert!(text(&output.stderr).contains("before fine-tuning"), "{}", text(&output.stderr));
}
