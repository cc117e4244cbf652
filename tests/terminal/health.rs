//! What is not as it should be in data is said before training, in the report, and by `thaw data`.

use super::*;

/// Sixty texts ten times each, of which every text has one label, and two more texts under both.
fn copied() -> String {
    let row = |i: usize| {
        let text = i * 7 % 60;
        format!("\"note {text}: a tram came at its hour\",{}\n", ["dull", "fine"][text % 2])
    };
    "text,label\n".to_owned()
        + &(0..600).map(row).collect::<String>()
        + "torn,dull\ntorn,fine\ntorn too,dull\n torn  too,fine\n"
}

fn train<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let least = ["train", "--epochs", "1", "--freeze", "1", "--max-length", "16", "--batch-size", "64"];
    [&least[..], more].concat()
}

#[test]
fn copies_and_contradictions_are_told_by_people_and_programs_alike() {
    let place = Place::new();
    let data = place.file("copied.csv", copied());
    let printed = place.thaw(&train(&["--data", &data, "--out", &place.at("run")]));
    let said = text(&printed.stderr);
    assert!(said.contains("2 texts have more than one label (4 rows)"), "{said}");
    assert!(
        said.contains("62 texts stand in more than one row (604 rows in all). The copies of a text are kept in one"),
        "{said}"
    );
    assert!(said.contains("`thaw data` lists the rows"), "{said}");
    let log = fs::read_to_string(place.path("run").join("steps.jsonl")).unwrap();
    let started: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    let findings = serde_json::json!([
        { "finding": "conflicting_labels", "texts": 2, "rows": 4 },
        { "finding": "copies", "texts": 62, "rows": 604, "together": true },
    ]);
    assert_eq!(started["findings"], findings);
    let settings: Value = serde_json::from_slice(&fs::read(place.path("run").join("settings.json")).unwrap()).unwrap();
    assert_eq!(settings["data"]["findings"], findings);
    assert_eq!(settings["config"]["data"]["split"]["copies_together"], true);
    place.thaw(&["export", &place.at("run"), "--to", &place.at("model")]);
    let card = fs::read_to_string(place.path("model").join("README.md")).unwrap();
    assert!(card.contains("test rows whose texts training has not seen:"), "{card}");
    assert!(card.contains("| copies | 62 texts stand in 604 rows, kept in one part of the split |"), "{card}");
    assert!(card.contains("| contradicting labels | 2 texts in 4 rows have more than one label |"), "{card}");
}

/// The test says too much where it has rows of the training file, and that is said wherever its numbers stand.
#[test]
fn a_test_file_that_overlaps_is_told_everywhere() {
    let place = Place::new();
    let data = place.file("train.csv", reviews(60));
    let test = place.file("test.csv", reviews(20) + "something new,good\n");
    let run = place.at("run");
    let printed = place.thaw(&train(&["--data", &data, "--test-data", &test, "--out", &run]));
    let said = text(&printed.stderr);
    assert!(said.contains("of the 21 test rows hold a text that is also among the training rows"), "{said}");
    assert!(said.contains("Take these rows out of one of the files. The first is row "), "{said}");
    let report = text(&printed.stdout);
    assert!(report.contains("that was also trained on, so these numbers say too much"), "{report}");
    place.thaw(&["export", &run, "--to", &place.at("model")]);
    let card = fs::read_to_string(place.path("model").join("README.md")).unwrap();
    assert!(card.contains("hold a text that was also trained on, so that these numbers say too much"), "{card}");

    // A run knows what it was trained on when another file is given to measure it on.
    let again = lines(&place.thaw(&["evaluate", &run, "--data", &data, "--json"]));
    let found = &again[0]["findings"];
    assert_eq!((&found[0]["part"], &found[0]["with"], &found[0]["of"]), (&"test".into(), &"train".into(), &60.into()));
    assert_eq!(
        (&found[0]["rows"], &found[1]["with"], &found[1]["rows"]),
        (&42.into(), &"validation".into(), &18.into())
    );
    let elsewhere = place.at("elsewhere.csv");
    fs::rename(&data, &elsewhere).unwrap();
    let renamed = lines(&place.thaw(&["evaluate", &run, "--data", &elsewhere, "--json"]));
    assert_eq!(&renamed[0]["findings"], found, "it is known again where it lies now");
    let moved = place.thaw(&["evaluate", &run, "--data", &test]);
    assert!(text(&moved.stderr).contains("cannot be told"), "{}", text(&moved.stderr));
    assert!(text(&moved.stdout).contains("accuracy"), "it is measured nevertheless");
}

#[test]
fn the_card_of_a_file_says_how_it_is_read_and_what_is_amiss() {
    let place = Place::new();
    let data = place.file("copied.csv", copied().replace("text,label", "words,mood"));
    let card = place.thaw(&["data", &data, "--rows", "2"]);
    let said = text(&card.stdout);
    assert_eq!(card.status.code(), Some(0), "{said} {}", text(&card.stderr));
    for line in [
        "copied.csv (UTF-8): 604 usable rows, 0 skipped",
        "text in “words” (guessed: the longest texts), label in “mood” (guessed: the fewest values)",
        "Health: 2 findings",
        "! 2 texts have more than one label (4 rows)",
        "    602  dull  torn\n    603  fine  torn\n    ... and more (--rows)",
        "· 62 texts stand in more than one row",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let json = lines(&place.thaw(&["data", &data, "--json"]));
    let card = &json[0];
    assert_eq!((json.len(), &card["rows"], &card["text_column_by"]), (1, &604.into(), &"content".into()));
    assert_eq!(card["labels"][0]["label"], "dull");
    assert_eq!(card["findings"][0]["first_rows"][3]["row"], 605);
    assert_eq!(card["findings"][1]["first_rows"].as_array().unwrap().len(), 604);
    assert!(card["tokens"]["median"].as_u64().unwrap() > 5 && card["unknown_words"].as_f64().unwrap() < 0.01);

    let well = place.thaw(&["data", "bundled", "--max-rows", "200"]);
    let said = text(&well.stdout);
    assert!(
        said.contains("10,070 usable rows") && said.contains("Nothing amiss") && !said.contains("finding"),
        "{said}"
    );
    assert!(said.contains("(by its name)"), "{said}");
    let refused = place.thaw(&["data", &place.at("nowhere.csv")]);
    assert_eq!(refused.status.code(), Some(1));
}
