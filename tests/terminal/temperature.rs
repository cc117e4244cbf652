//! The measures of probabilities in `thaw evaluate`, and the temperature that brings these closer to how often a model is right.

use super::*;

const MEASURES: [&str; 5] = ["ece", "mcc", "balanced_accuracy", "roc_auc", "temperature"];

/// A run on rows of which every fifth has a wrong label, so that no model is right about all of them.
fn uncertain(place: &Place) -> String {
    let row = |i: usize| {
        let (texts, right) =
            if i.is_multiple_of(2) { (PRAISE, !i.is_multiple_of(5)) } else { (BLAME, i.is_multiple_of(5)) };
        format!("\"{}, number {i}\",{}\n", texts[i / 2 % 4], if right { "good" } else { "bad" })
    };
    let data = place.file("films.csv", "text,label\n".to_owned() + &(0..120).map(row).collect::<String>());
    let dir = place.at("run");
    lines(&place.thaw(&[&["train", "--data", &data, "--out", &dir, "--json"], &SMALL[..]].concat()));
    dir
}

#[test]
fn evaluate_tells_the_measures_of_probabilities() {
    let Run { place, dir, .. } = run();
    let line = lines(&place.thaw(&["evaluate", dir, "--json"])).remove(0);
    assert_eq!(keys(&line)[keys(&line).len() - 5..], MEASURES);
    assert!(line["temperature"].is_null(), "none was fitted");
    for name in &MEASURES[..4] {
        let value = line[name].as_f64().unwrap();
        assert!((-1.0..=1.0).contains(&value), "{name} {value}");
    }
    let readable = place.thaw(&["evaluate", dir]);
    let readable = text(&readable.stdout);
    assert!(readable.contains("MCC") && readable.contains("expected calibration error"), "{readable}");

    let here = Place::new();
    let one_class = here.file("good.csv", "text,label\nsplendid and clever,good\nI loved it,good\n");
    let line = lines(&place.thaw(&["evaluate", dir, "--data", &one_class, "--json"])).remove(0);
    assert!(line["roc_auc"].is_null() && line["ece"].is_f64() && line["mcc"] == 0.0, "{line}");
    let readable = place.thaw(&["evaluate", dir, "--data", &one_class]);
    let readable = text(&readable.stdout);
    assert!(readable.contains("no row has the label “bad”"), "{readable}");
}

#[test]
fn a_temperature_is_kept_and_honoured() {
    let place = Place::new();
    let dir = uncertain(&place);
    let evaluate = |more: &[&str]| lines(&place.thaw(&[&["evaluate", &dir, "--json"], more].concat())).remove(0);
    let before = evaluate(&[]);
    let texts = ["a warm and moving film", "slow, stale, stupid"];
    let predict = |of: &str| lines(&place.thaw(&["predict", of, texts[0], texts[1], "--json"]));
    let asked = predict(&dir);
    // The answers of the run on its own rows are kept before there is a temperature.
    let rows = || lines(&place.thaw(&["rows", &dir, "--json"]));
    let listed = rows();

    let fitted = evaluate(&["--fit-temperature"]);
    let kept = json(&dir, "temperature.json");
    assert_eq!(fitted["temperature"], kept["temperature"]);
    let temperature = kept["temperature"].as_f64().unwrap();
    assert!((temperature - 1.0).abs() > 1e-3 && kept["loss"].as_f64() <= kept["loss_before"].as_f64(), "{kept}");
    assert_eq!((&fitted["confusion"], &fitted["roc_auc"]), (&before["confusion"], &before["roc_auc"]));
    assert_ne!(fitted["loss"], before["loss"]);
    assert_eq!(evaluate(&[]), fitted, "it is kept");

    let cooled = predict(&dir);
    for (before, after) in asked.iter().zip(&cooled) {
        assert_eq!(before["label"], after["label"]);
        let odds = |line: &Value| {
            let p = |label: &str| line["probabilities"][label].as_f64().unwrap();
            (p("good") / p("bad")).ln()
        };
        assert!((odds(before) / odds(after) - temperature).abs() < 1e-6 * temperature, "{before} {after}");
    }

    // Explanations and rows tell the same probabilities.
    let explained = lines(&place.thaw(&["explain", &dir, texts[0], "--json"])).remove(0);
    assert_eq!(explained["probabilities"], cooled[0]["probabilities"]);
    let less = lines(&place.thaw(&["predict", &dir, "warm and moving film", "--json"])).remove(0);
    let label = explained["label"].as_str().unwrap();
    let (without, asked_without) = (&explained["words"][0]["without"], &less["probabilities"][label]);
    assert!((without.as_f64().unwrap() - asked_without.as_f64().unwrap()).abs() < 1e-6, "{without} {asked_without}");
    let now = rows();
    let (was, now) = (&listed[0], now.iter().find(|row| row["row"] == listed[0]["row"]).unwrap());
    assert_ne!(was["confidence"], now["confidence"]);
    let again = lines(&place.thaw(&["predict", &dir, now["text"].as_str().unwrap(), "--json"])).remove(0);
    let asked_again = again["probabilities"][now["predicted"].as_str().unwrap()].as_f64().unwrap();
    assert!((now["confidence"].as_f64().unwrap() - asked_again).abs() < 1e-4, "{now} {again}");

    let to = place.at("exported");
    assert!(place.thaw(&["export", &dir, "--to", &to]).status.success());
    // The head has it in itself, so that transformers gives the same probabilities.
    assert_eq!(json(&to, "config.json").get("thaw_temperature"), None);
    assert!(!Path::new(&to).join("temperature.json").exists());
    let card = fs::read_to_string(Path::new(&to).join("README.md")).unwrap();
    assert!(card.contains("## Temperature") && card.contains("divided by it"), "{card}");
    for (exported, own) in predict(&to).iter().zip(&cooled) {
        assert_eq!(exported["predicted"], own["predicted"]);
        for (label, probability) in own["probabilities"].as_object().unwrap() {
            let found = exported["probabilities"][label].as_f64().unwrap();
            assert!((found - probability.as_f64().unwrap()).abs() < 1e-6, "{exported} {own}");
        }
    }

    // Training that goes on from it makes another model, which has no temperature.
    let data = place.at("films.csv");
    let next = place.at("next");
    let args = ["train", "--data", &data, "--model", &to, "--out", &next, "--json"];
    lines(&place.thaw(&[&args[..], &SMALL[..]].concat()));
    assert!(json(&next, "config.json").get("thaw_temperature").is_none());
    assert!(lines(&place.thaw(&["evaluate", &next, "--json"]))[0]["temperature"].is_null());

    assert_eq!(evaluate(&["--forget-temperature"]), before);
    assert!(!Path::new(&dir).join("temperature.json").exists());
    assert_eq!(predict(&dir), asked);
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let Run { place, .. } = run();
    let here = Place::new();
    for args in [
        &["evaluate", "bundled", "--fit-temperature", "--data", "x.csv"][..],
        &["evaluate", &here.at("nowhere"), "--fit-temperature"],
    ] {
        let refused = place.thaw(args);
        assert_eq!(refused.status.code(), Some(1), "{args:?}: {}", text(&refused.stderr));
    }
    let both = place.thaw(&["evaluate", "x", "--fit-temperature", "--forget-temperature"]);
    assert_eq!(both.status.code(), Some(2));

    let dir = uncertain(&here);
    fs::write(here.path("films.csv"), reviews(120)).unwrap();
    let refused = here.thaw(&["evaluate", &dir, "--fit-temperature"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("films.csv"), "{}", text(&refused.stderr));
    fs::write(Path::new(&dir).join("temperature.json"), "{").unwrap();
    let refused = here.thaw(&["predict", &dir, "x"]);
    assert!(text(&refused.stderr).contains("temperature.json"), "{}", text(&refused.stderr));
}
