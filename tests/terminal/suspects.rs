//! `thaw labels`: labels that are probably wrong.

use super::*;

/// The game: students hunt for what Thaw has made wrong.
#[test]
fn labels_that_thaw_made_wrong_are_hunted_for() {
    let place = Place::new();
    let table = reviews(100);
    let data = place.file("films.csv", &table);
    let dir = place.at("run");
    let train = ["train", "--data", &data, "--flip-labels", "0.05", "--out", &dir, "--json"];
    lines(&place.thaw(&[&train[..], &SMALL[..]].concat()));
    assert_eq!(json(&dir, "settings.json")["config"]["data"]["flip_labels"], 0.05);
    assert_eq!(fs::read_to_string(&data).unwrap(), table, "the file stays as it is");
    let told = lines(&place.thaw(&["labels", &dir, "--json"]));
    // Even rows are praise and odd ones blame; the header is row 1.
    let is_wrong = |line: &Value| (line["given"] == "good") != line["row"].as_u64().unwrap().is_multiple_of(2);
    assert!(told.iter().take(5).all(is_wrong) && !told.iter().skip(5).any(is_wrong), "{told:?}");
    let readable = place.thaw(&["labels", &dir]);
    let readable = text(&readable.stdout);
    assert!(readable.contains("5 labels wrong on purpose. 5 of them") && readable.contains("recall 100"), "{readable}");
    let too_many = place.thaw(&["train", "--data", &data, "--flip-labels", "0.9", "--out", &place.at("other")]);
    assert_eq!(too_many.status.code(), Some(1));
}

#[test]
fn flipped_labels_are_listed_first_and_found_only_once() {
    let place = Place::new();
    let row = |i: usize| {
        let (texts, labels) = if i.is_multiple_of(2) { (PRAISE, ["good", "bad"]) } else { (BLAME, ["bad", "good"]) };
        format!("\"{}, number {i}\",{}\n", texts[i / 2 % 4], labels[usize::from(i % 30 == 7)])
    };
    let table = "text,label\n".to_owned() + &(0..90).map(row).collect::<String>();
    let data = place.file("films.csv", &table);
    let dir = place.at("run");
    lines(&place.thaw(&[&["train", "--data", &data, "--out", &dir, "--json"], &SMALL[..]].concat()));
    let told = lines(&place.thaw(&["labels", &dir, "--json"]));
    let mut first: Vec<u64> = told.iter().take(3).map(|line| line["row"].as_u64().unwrap()).collect();
    first.sort_unstable();
    assert_eq!(first, [9, 39, 69], "the header is row 1");
    assert_eq!(keys(&told[0]), ["row", "text", "given", "suggested", "score", "part"]);
    assert_eq!((&told[0]["given"], &told[0]["suggested"]), (&"good".into(), &"bad".into()));
    let scores: Vec<f64> = told.iter().map(|line| line["score"].as_f64().unwrap()).collect();
    assert!(scores.windows(2).all(|two| two[0] >= two[1]) && scores[0] <= 1.0, "{scores:?}");

    let map = fs::read_to_string(Path::new(&dir).join("data_map.csv")).unwrap();
    let trained = json(&dir, "splits.json")["train"].as_array().unwrap().len();
    assert_eq!((map.lines().next(), map.lines().count()), (Some("row,epoch_1,epoch_2"), trained + 1));
    assert!(map.lines().skip(1).all(|line| line.split(',').all(|cell| cell.parse::<f64>().is_ok())), "{map}");

    let kept = fs::read_to_string(Path::new(&dir).join("suspects.json")).unwrap();
    assert!(!kept.contains("number"), "the folder has no texts of the data");
    assert_eq!(lines(&place.thaw(&["labels", &dir, "--json"])), told);
    fs::write(Path::new(&dir).join("suspects.json"), "{}").unwrap();
    assert_eq!(lines(&place.thaw(&["labels", &dir, "--json"])), told, "what cannot be read is made again");
    let readable = place.thaw(&["labels", &dir]);
    let readable = text(&readable.stdout);
    assert!(readable.contains("among 90 (") && readable.contains("labelled good, looks like bad"), "{readable}");
    assert!(readable.contains("training rows the model found"), "{readable}");
    assert_eq!(fs::read_to_string(place.path("films.csv")).unwrap(), table, "the data stay as they are");

    let copy = place.at("fixed.csv");
    let made = place.thaw(&["labels", &dir, "--fix", "9,39", "--copy", &copy]);
    let said = text(&made.stderr);
    assert!(said.contains("2 labels are fixed") && said.contains(&format!("thaw train --data {copy}")), "{said}");
    assert!(said.contains("--split-column label_before"), "{said}");
    let fixed = fs::read_to_string(&copy).unwrap();
    let column = |table: &str, from_end: usize| {
        table.lines().map(|line| line.rsplit(',').nth(from_end).unwrap().into()).collect::<Vec<String>>()
    };
    let (own, before, fixed) = (column(&table, 0), column(&fixed, 0), column(&fixed, 1));
    assert_eq!(own[1..], before[1..], "the last column has the labels that they had");
    let differ: Vec<usize> = (0..own.len()).filter(|line| own[*line] != fixed[*line]).collect();
    assert_eq!((own.len(), differ, fixed[8].as_str()), (fixed.len(), vec![8, 38], "bad"));
    lines(&place.thaw(&[&["train", "--data", &copy, "--out", &place.at("second"), "--json"], &SMALL[..]].concat()));
    for (fix, to) in [("9", copy.as_str()), ("9", data.as_str()), ("10", &place.at("other.csv"))] {
        let refused = place.thaw(&["labels", &dir, "--fix", fix, "--copy", to]);
        assert_eq!(refused.status.code(), Some(1), "{fix} {to}");
    }
    assert_eq!(fs::read_to_string(&data).unwrap(), table, "the data stay as they are");

    fs::write(place.path("films.csv"), reviews(60)).unwrap();
    let refused = place.thaw(&["labels", &dir]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("films.csv"), "{}", text(&refused.stderr));
    assert_eq!(place.thaw(&["labels", &place.at("nowhere")]).status.code(), Some(1));
}

/// Each file counts its own rows, so that a number alone may name two of them.
#[test]
fn rows_of_several_files_are_named_with_their_parts() {
    let place = Place::new();
    let row = |i: usize| {
        let (texts, labels) = if i.is_multiple_of(2) { (PRAISE, ["good", "bad"]) } else { (BLAME, ["bad", "good"]) };
        format!("\"{}, number {i}\",{}\n", texts[i / 2 % 4], labels[usize::from(i % 40 == 7)])
    };
    let rows = |range: std::ops::Range<usize>| "text,label\n".to_owned() + &range.map(row).collect::<String>();
    let (data, test) = (place.file("films.csv", rows(0..80)), place.file("later.csv", rows(80..120)));
    let dir = place.at("run");
    let train = ["train", "--data", &data, "--test-data", &test, "--out", &dir, "--json"];
    lines(&place.thaw(&[&train[..], &SMALL[..]].concat()));
    let told = lines(&place.thaw(&["labels", &dir, "--json"]));
    let nines: Vec<&Value> = told.iter().filter(|line| line["row"] == 9).collect();
    let mut parts: Vec<&str> = nines.iter().map(|line| line["part"].as_str().unwrap()).collect();
    parts.sort_unstable();
    assert!(parts.len() == 2 && parts[0] == "test", "{told:?}");
    let own = format!("{}:9", parts[1]);
    let readable = place.thaw(&["labels", &dir]);
    let readable = text(&readable.stdout);
    assert!(readable.contains("test:9") && readable.contains(&own), "{readable}");

    let copy = place.at("fixed.csv");
    let refused = place.thaw(&["labels", &dir, "--fix", "9", "--copy", &copy]);
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("test:9") && said.contains(&own) && !Path::new(&copy).exists(), "{said}");
    let wrong = place.thaw(&["labels", &dir, "--fix", "dev:9", "--copy", &copy]);
    assert_eq!(wrong.status.code(), Some(2));

    // The reader leaves at once, and the copy is written all the same.
    let mut left = place.start(&["labels", &dir, "--fix", "test:9", "--copy", &copy, "--json"]);
    drop(left.stdout.take());
    assert!(left.wait_with_output().status.success());
    let fixed = fs::read_to_string(&copy).unwrap();
    let fixed: Vec<Vec<&str>> = fixed.lines().skip(1).map(|line| line.rsplit(',').take(2).collect()).collect();
    let differ: Vec<usize> = (0..fixed.len()).filter(|row| fixed[*row][0] != fixed[*row][1]).collect();
    assert_eq!(differ, [87], "the test file's rows come last");
}
