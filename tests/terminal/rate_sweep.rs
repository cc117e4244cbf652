//! `thaw find-rate`.

use super::*;

const QUICK: [&str; 6] = ["--batch-size", "2", "--max-length", "16", "--freeze", "3"];

fn find_rate(data: &str, place: &Place, args: &[&str]) -> Output {
    place.thaw(&[&["find-rate", "--data", data], &QUICK[..], args].concat())
}

#[test]
fn a_rate_is_found_for_programs_and_for_people() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let told = lines(&find_rate(&data, &place, &["--json"]));
    assert_eq!(told.len(), 1);
    assert_eq!(keys(&told[0]), ["event", "outcome", "error", "points", "suggestion", "usual"]);
    assert_eq!(
        (told[0]["event"].as_str(), told[0]["outcome"].as_str()),
        (Some("learning_rate_swept"), Some("completed"))
    );
    let points = told[0]["points"].as_array().unwrap();
    assert!((20..=80).contains(&points.len()), "{}", points.len());
    assert_eq!((points[0]["learning_rate"].as_f64(), told[0]["usual"].as_f64()), (Some(1e-7), Some(1e-4)));
    let suggestion = told[0]["suggestion"].as_f64().unwrap();
    assert!((1e-6..1e-2).contains(&suggestion), "{suggestion}");

    let output = find_rate(&data, &place, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert!(printed.contains("Learning rate") && printed.contains("1e-7"), "{printed}");
    assert!(printed.contains(&format!("Suggestion: {suggestion:e}")), "the same sweep: {printed}");
    assert!(!place.path("runs").exists(), "it leaves no run");
}

#[test]
fn what_cannot_be_swept_is_refused() {
    let place = Place::new();
    let gone = place.at("gone.csv");
    let output = find_rate(&gone, &place, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let line = &printed(&output)[0];
    assert_eq!(line["outcome"], "failed");
    assert!(line["error"].as_str().unwrap().contains("gone.csv"), "{line}");
    assert!(text(&output.stderr).contains("gone.csv"));
}
