//! `thaw rows`: the rows behind a run's numbers, and `predictions.csv`, which they come from.

use super::*;

/// The confidences of the mistakes and of what is right.
fn confidences(told: &[Value]) -> [Vec<f64>; 2] {
    let of = |is_right: bool| {
        let lines = told.iter().filter(|line| (line["true"] == line["predicted"]) == is_right);
        lines.map(|line| line["confidence"].as_f64().unwrap()).collect()
    };
    [of(false), of(true)]
}

#[test]
fn the_most_confident_mistakes_come_first() {
    let Run { place, lines: of_run, dir } = run();
    let tested = of_kind(of_run, "test_evaluated")[0];
    let told = lines(&place.thaw(&["rows", dir, "--json"]));
    assert_eq!(keys(&told[0]), ["row", "text", "true", "predicted", "confidence", "loss"]);
    let splits = json(dir, "splits.json");
    let numbers =
        |lines: &[Value]| -> BTreeSet<u64> { lines.iter().map(|line| line["row"].as_u64().unwrap()).collect() };
    let of_part = |part: &str| splits[part].as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect();
    assert_eq!(numbers(&told), of_part("test"));
    let table = fs::read_to_string(place.at("films.csv")).unwrap();
    for line in &told {
        let row = table.lines().nth(line["row"].as_u64().unwrap() as usize - 1).unwrap();
        assert_eq!(row, format!("\"{}\",{}", line["text"].as_str().unwrap(), line["true"].as_str().unwrap()));
        let probability = (-line["loss"].as_f64().unwrap()).exp();
        let confidence = line["confidence"].as_f64().unwrap();
        let expected = if line["true"] == line["predicted"] { confidence } else { 1.0 - confidence };
        assert!((probability - expected).abs() < 1e-9, "{line}");
    }
    let [mistakes, right] = confidences(&told);
    assert!(mistakes.is_sorted_by(|a, b| a >= b) && right.is_sorted_by(|a, b| a >= b));
    assert!(told[..mistakes.len()].iter().all(|line| line["true"] != line["predicted"]), "mistakes come first");
    let accuracy = right.len() as f64 / told.len() as f64;
    assert!((accuracy - tested["accuracy"].as_f64().unwrap()).abs() < 1e-12);

    let validation = lines(&place.thaw(&["rows", dir, "--split", "validation", "--json"]));
    assert_eq!(numbers(&validation), of_part("validation"));
    let some = lines(&place.thaw(&["rows", dir, "--true", "good", "--predicted", "good", "--json"]));
    let count = tested["confusion"][1][1].as_u64().unwrap();
    assert_eq!(some.len() as u64, count);
    assert!(some.iter().all(|line| line["true"] == "good" && line["predicted"] == "good"));

    let readable = place.thaw(&["rows", dir]);
    let readable = text(&readable.stdout);
    assert!(readable.contains("12 rows of 12 test rows: ") && readable.contains("Confidence"), "{readable}");
}

/// The run writes the file; where it is gone or broken, the model gives the same answers.
#[test]
fn the_answers_are_kept_and_computed_again_where_they_are_not() {
    let Run { place, dir, .. } = run();
    let here = Place::new();
    let copy = here.path("run");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let file = copy.join("predictions.csv");
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.starts_with("row,split,label,predicted,p(bad),p(good)\n"), "{written}");
    assert!(!written.contains("film"), "no texts");
    let copy = copy.to_str().unwrap();
    let first = lines(&place.thaw(&["rows", copy, "--json"]));

    fs::remove_file(&file).unwrap();
    assert_eq!(lines(&place.thaw(&["rows", copy, "--json"])), first);
    assert_eq!(fs::read_to_string(&file).unwrap(), written, "it is kept from then on");

    for broken in [&written[..written.len() / 2], "text,label\nfine,good\n", &written.replace("test,bad", "test,good")]
    {
        fs::write(&file, broken).unwrap();
        let output = place.thaw(&["rows", copy, "--json"]);
        assert_eq!(printed(&output), first);
        assert!(text(&output.stderr).contains("predictions.csv"), "{}", text(&output.stderr));
        assert_eq!(fs::read_to_string(&file).unwrap(), written);
    }
}

#[test]
fn what_another_run_gets_right() {
    let Run { place, dir, .. } = run();
    let (data, other) = (place.at("films.csv"), place.at("other"));
    let weak = ["--freeze", "1", "--epochs", "1", "--learning-rate", "1e-5", "--seed", "7", "--json"];
    lines(&place.thaw(&[&["train", "--data", &data, "--out", &other][..], &weak].concat()));
    let right = |dir: &str| -> BTreeSet<u64> {
        let told = lines(&place.thaw(&["rows", dir, "--json"]));
        let right = told.iter().filter(|line| line["true"] == line["predicted"]);
        right.map(|line| line["row"].as_u64().unwrap()).collect()
    };
    let (good, bad) = (right(dir), right(&other));
    let against = lines(&place.thaw(&["rows", &other, "--against", dir, "--json"]));
    let rows: BTreeSet<u64> = against.iter().map(|line| line["row"].as_u64().unwrap()).collect();
    assert_eq!(rows, good.difference(&bad).copied().collect());
    assert!(!rows.is_empty() && against.iter().all(|line| line["true"] != line["predicted"]), "its own answers");
    let readable = place.thaw(&["rows", &other, "--against", dir]);
    assert!(text(&readable.stdout).contains("Confidence there"));
}

#[test]
fn rows_refuses_what_it_cannot_tell() {
    let Run { place, dir, .. } = run();
    let here = Place::new();
    let data = here.file("films.csv", reviews(60));
    let train = |name: &str, more: &[&str]| {
        let out = here.at(name);
        lines(&here.thaw(&[&["train", "--data", &data, "--out", &out, "--json"], &SMALL[..], more].concat()));
        out
    };
    let own = train("own", &[]);
    let other_split = train("other-split", &["--split-seed", "43"]);
    let refused = |args: &[&str]| {
        let output = here.thaw(&[&["rows"], args].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        text(&output.stderr).to_owned()
    };
    let said = refused(&[&own, "--against", &other_split]);
    assert!(said.contains("42") && said.contains("43"), "{said}");
    let said = refused(&[&own, "--true", "great"]);
    assert!(said.contains("great") && said.contains("bad, good"), "{said}");
    assert!(refused(&[&here.at("nowhere")]).contains("nowhere"));
    assert!(refused(&[here.0.path().to_str().unwrap()]).contains("no run"));

    // A run on the same texts elsewhere is a run on the same data.
    lines(&place.thaw(&["rows", dir, "--against", &own, "--json"]));
    here.file("films.csv", reviews(62));
    assert!(refused(&[&own]).contains("films.csv"));
    let longer = train("longer", &[]);
    let said = text(&here.thaw(&["rows", &longer, "--against", dir]).stderr).to_owned();
    assert!(said.contains("different data"), "{said}");
    fs::remove_file(&data).unwrap();
    assert!(refused(&[&longer]).contains("films.csv"));
    for wrong in [&["--split", "train"][..], &["--split", "all"], &["--true"]] {
        assert_eq!(here.thaw(&[&["rows", &own][..], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn pairs_have_both_texts() {
    let place = Place::new();
    let row = |i: usize| {
        format!("a film number {i},{},{}\n", if i.is_multiple_of(2) { "it is good" } else { "it is bad" }, i % 2)
    };
    let table = "one,two,label\n".to_owned() + &(0..40).map(row).collect::<String>();
    let (data, out) = (place.file("pairs.csv", table), place.at("run"));
    let columns = ["--text-column", "one", "--second-text-column", "two", "--label-column", "label", "--json"];
    lines(&place.thaw(&[&["train", "--data", &data, "--out", &out], &SMALL[..], &columns].concat()));
    let told = lines(&place.thaw(&["rows", &out, "--json"]));
    assert_eq!(keys(&told[0]), ["row", "text", "second", "true", "predicted", "confidence", "loss"]);
    assert!(told[0]["second"].as_str().unwrap().starts_with("it is"));
}
