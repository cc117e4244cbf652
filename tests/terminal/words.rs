//! `thaw words`: the words that a model lives by, beside those of a bag of words.

use super::*;

#[test]
fn the_words_of_both_labels_are_listed_and_kept() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(120));
    let dir = place.at("run");
    let train = ["train", "--data", &data, "--out", &dir, "--json"];
    lines(&place.thaw(&[&train[..], &SMALL[..]].concat()));
    let words = |more: &[&str]| place.thaw(&[&["words", &dir, "--rows", "18"], more].concat());
    let told = lines(&words(&["--json"]));
    let labels: Vec<&str> = told.iter().map(|line| line["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["bad", "good"]);
    for line in &told {
        assert_eq!(keys(line), ["label", "words", "bag_of_words"]);
        for word in line["words"].as_array().unwrap() {
            assert_eq!(keys(word), ["word", "attribution", "rows"]);
            assert!(word["rows"].as_u64().unwrap() >= 3 && word["attribution"].as_f64().unwrap() > 0.0, "{word}");
        }
        let falls = |list: &str, value: &str| {
            let values: Vec<f64> = line[list].as_array().unwrap().iter().map(|w| w[value].as_f64().unwrap()).collect();
            !values.is_empty() && values.windows(2).all(|two| two[0] >= two[1])
        };
        assert!(falls("words", "attribution") && falls("bag_of_words", "weight"), "{line}");
    }
    let bag = |label: usize| told[label]["bag_of_words"].to_string();
    assert!(bag(0).contains("\"awful\"") && bag(1).contains("\"wonderful\"") && !bag(1).contains("\"awful\""));

    let kept = Path::new(&dir).join("words.json");
    let first = fs::read_to_string(&kept).unwrap();
    assert_eq!(lines(&words(&["--json"])), told, "they are found once");
    fs::write(&kept, "{").unwrap();
    let readable = words(&[]);
    let readable = text(&readable.stdout);
    for said in ["18 of 24 test rows", "For good", "bag of words", "stale"] {
        assert!(readable.to_lowercase().contains(&said.to_lowercase()), "{said}: {readable}");
    }
    assert_eq!(fs::read_to_string(&kept).unwrap(), first, "what cannot be read is made again");

    fs::write(place.path("films.csv"), reviews(60)).unwrap();
    fs::remove_file(&kept).unwrap();
    let refused = words(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("films.csv"), "{}", text(&refused.stderr));
    assert_eq!(place.thaw(&["words", &place.at("nowhere")]).status.code(), Some(1));
}

#[test]
fn a_run_keeps_what_it_answers_on_another_file() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(120));
    let dir = place.at("run");
    lines(&place.thaw(&[&["train", "--data", &data, "--out", &dir, "--json"], &SMALL[..]].concat()));
    let kept = Path::new(&dir).join("other_tests.json");
    lines(&place.thaw(&["evaluate", &dir, "--json"]));
    assert!(!kept.exists(), "its own test is in its log");
    let other = place.file("books.csv", reviews(40).replace("film", "book"));
    let told = lines(&place.thaw(&["evaluate", &dir, "--data", &other, "--json"])).remove(0);
    let tests = json(&dir, "other_tests.json");
    assert_eq!((&tests[0]["name"], &tests[0]["rows"]), (&"books.csv".into(), &40.into()));
    let share = tests[0]["correct"].as_f64().unwrap() / 40.0;
    assert!((share - told["accuracy"].as_f64().unwrap()).abs() < 1e-12);
    assert!(tests[0].get("matched").is_none(), "the names are the same");
    // Labels of other names are matched as the user says, and that is kept as well.
    let numbered = place.file("numbers.csv", reviews(20).replace(",good", ",1").replace(",bad", ",0"));
    let refused = place.thaw(&["evaluate", &dir, "--data", &numbered]);
    let map = if refused.status.success() { "1=good,0=bad" } else { "0=bad,1=good" };
    lines(&place.thaw(&["evaluate", &dir, "--data", &numbered, "--label-map", map, "--json"]));
    let tests = json(&dir, "other_tests.json");
    let tests = tests.as_array().unwrap();
    assert_eq!((tests.len(), &tests[1]["matched"][0]["by"]), (2, &"stated".into()), "{tests:?}");
    assert_eq!(tests[1]["found"][0]["finding"], "overlap", "its texts were trained on: {tests:?}");
    assert_eq!(tests[0]["most_frequent"]["share"], 0.5, "{tests:?}");
    // A file that is named from the folder of the terminal is found again from anywhere.
    let mut from_there = assert_cmd::cargo::cargo_bin_cmd!("thaw");
    from_there.current_dir(place.path("")).args(["evaluate", &dir, "--data", "books.csv", "--json"]);
    assert!(from_there.timeout(DEADLINE).output().unwrap().status.success());
    let kept = json(&dir, "other_tests.json")[1]["file"].as_str().map(PathBuf::from).unwrap();
    assert!(kept.is_absolute() && kept.ends_with("books.csv"), "{kept:?}");
    let names = json(&dir, "other_tests.json");
    let names: Vec<&str> = names.as_array().unwrap().iter().map(|test| test["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["numbers.csv", "books.csv"], "the newest is last, and each file is there once");
}
