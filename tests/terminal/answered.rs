//! Every row of a file with its answer: `thaw predict --data FILE --out FILE`.

use std::io::Write as _;

use super::*;

/// A table of the program, by its columns' names and its rows.
fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut file = csv::Reader::from_path(path).unwrap();
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let columns = cells(file.headers().unwrap());
    (columns, file.records().map(|record| cells(&record.unwrap())).collect())
}

fn answered(place: &Place, data: &str, out: &str, more: &[&str]) -> (std::process::Output, PathBuf) {
    let to = place.path(out);
    let args = [&["predict", &run().dir, "--data", data, "--out", to.to_str().unwrap()], more].concat();
    (place.thaw(&args), to)
}

#[test]
fn all_columns_come_back_with_the_answers_behind_them() {
    let place = Place::new();
    let csv = "id,text,label,predicted\n1,\"a warm, \"\"moving\"\"\nfilm\",good,x\n2,  ,bad,y\n3\n\n4,a dull film,bad,z,more\n\
               5,slow and stupid,bad,w\n";
    let data = place.file("films.csv", csv);
    let (done, to) = answered(&place, &data, "out.csv", &[]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let (columns, rows) = table(&to);
    assert_eq!(columns, ["id", "text", "label", "predicted", "predicted_2", "p_bad", "p_good"]);
    let given: Vec<&[String]> = rows.iter().map(|row| &row[..4]).collect();
    assert_eq!(given[0], ["1", "a warm, \"moving\"\nfilm", "good", "x"]);
    assert_eq!(given[3], ["4", "a dull film", "bad", "z,more"]);
    let is_empty: Vec<bool> = rows.iter().map(|row| row[4..].iter().all(String::is_empty)).collect();
    assert_eq!(is_empty, [false, true, true, true, false]);
    let said = text(&done.stderr).to_owned() + text(&done.stdout);
    for part in ["without a prediction: 3", "row 3", "these are called predicted_2", "5 rows of films.csv"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // The answers are those that the rows get one by one.
    let lines = lines(&place.thaw(&["predict", &run().dir, "--json", "a warm, \"moving\"\nfilm", "slow and stupid"]));
    for (line, row) in lines.iter().zip([&rows[0], &rows[4]]) {
        assert_eq!(line["label"], row[4].as_str());
        for (label, cell) in [("bad", &row[5]), ("good", &row[6])] {
            let (one, all) = (line["probabilities"][label].as_f64().unwrap(), cell.parse::<f64>().unwrap());
            assert!((one - all).abs() < 1e-4, "{label}: {one} {all}");
        }
    }
    let (again, _) = answered(&place, &data, "out.csv", &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("is there already"), "{}", text(&again.stderr));
    assert_eq!(table(&to).1, rows, "the file stays as it was");
}

#[test]
fn every_format_gives_the_same_answers() {
    let place = Place::new();
    let rows: Vec<(&str, &str)> =
        PRAISE.iter().map(|t| (*t, "good")).chain(BLAME.iter().map(|t| (*t, "bad"))).collect();
    let of = |each: &dyn Fn(&(&str, &str)) -> String| rows.iter().map(each).collect::<String>();
    let csv = "text,label\n".to_owned() + &of(&|(text, label)| format!("\"{text}\",{label}\n"));
    let record = |(text, label): &(&str, &str)| serde_json::json!({"text": text, "label": label}).to_string();
    let list = format!("[{}]", rows.iter().map(record).collect::<Vec<_>>().join(", "));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(csv.as_bytes()).unwrap();
    for (i, (text, label)) in rows.iter().enumerate() {
        let file = place.path("classes").join(label).join(format!("{i}.txt"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let expected: Vec<String> = {
        let data = place.file("films.csv", &csv);
        let (done, to) = answered(&place, &data, "csv.out.csv", &[]);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        table(&to).1.into_iter().map(|row| row[2..].join(" ")).collect()
    };
    assert_eq!(expected.len(), rows.len());
    for (name, bytes) in [
        ("films.tsv", ("text\tlabel\n".to_owned() + &of(&|(text, label)| format!("{text}\t{label}\n"))).into_bytes()),
        ("films.jsonl", of(&|row| record(row) + "\n").into_bytes()),
        ("films.json", list.into_bytes()),
        ("films.txt", of(&|(text, label)| format!("__label__{label} {text}\n")).into_bytes()),
        ("films.csv.gz", packed.finish().unwrap()),
    ] {
        let data = place.file(name, &bytes);
        let (done, to) = answered(&place, &data, &format!("{name}.out.csv"), &[]);
        assert_eq!(done.status.code(), Some(0), "{name}: {}", text(&done.stderr));
        let found: Vec<String> = table(&to).1.into_iter().map(|row| row[2..].join(" ")).collect();
        assert_eq!(found, expected, "{name}");
    }
    let (done, to) = answered(&place, &place.at("classes"), "classes.out.csv", &[]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let (columns, mut found) = table(&to);
    assert_eq!(&columns[..3], ["text", "label", "file"]);
    let mut found: Vec<String> = found.iter_mut().map(|row| row[3..].join(" ")).collect();
    let mut expected = expected;
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_long_file_is_read_in_a_stream_and_told_as_it_goes() {
    let place = Place::new();
    let row = |i: usize| match i {
        70 => "{\"text\": broken\n".to_owned(),
        71 => "{\"other\": 5}\n".to_owned(),
        _ => format!("{{\"text\": \"{} {i}\", \"padding\": \"{}\"}}\n", PRAISE[i % 4], "x".repeat(20_000)),
    };
    let data = place.file("long.jsonl", (0..300).map(row).collect::<String>());
    let (done, to) = answered(&place, &data, "out.csv", &["--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let told = lines(&done);
    let last = told.last().unwrap();
    assert_eq!((last["event"].as_str(), last["streamed"].as_bool()), (Some("predicted"), Some(true)));
    assert_eq!((last["rows"].as_u64(), last["without_prediction"].as_u64()), (Some(300), Some(2)));
    assert_eq!(last["columns"], serde_json::json!(["predicted", "p_bad", "p_good"]));
    let (columns, rows) = table(&to);
    assert_eq!((&columns[..3], rows.len()), (&["text", "padding", "other"].map(str::to_owned)[..], 300));
    assert!(rows[70].iter().all(String::is_empty) && rows[71][2] == "5" && rows[71][3].is_empty());
    assert!(rows[72][0].ends_with(" 72") && !rows[72][3].is_empty());
}

#[test]
fn what_cannot_be_known_is_refused_before_anything_is_written() {
    let place = Place::new();
    let data = place.file("films.csv", "id,one,two\n1,a b c,d e f\n2,g h i,j k l\n");
    let (refused, to) = answered(&place, &data, "out.csv", &[]);
    let said = text(&refused.stderr);
    assert!(
        refused.status.code() == Some(1) && said.contains("--text-column") && said.contains("id, one, two"),
        "{said}"
    );
    assert!(!to.exists());
    let (done, to) = answered(&place, &data, "out.csv", &["--text-column", "two"]);
    assert_eq!((done.status.code(), table(&to).1.len()), (Some(0), 2), "{}", text(&done.stderr));
    let (refused, _) = answered(&place, &place.at("nowhere.csv"), "other.csv", &[]);
    assert_eq!(refused.status.code(), Some(1));
    let usage = place.thaw(&["predict", &run().dir, "--out", "out.csv"]);
    assert_eq!(usage.status.code(), Some(2), "{}", text(&usage.stderr));
    let (refused, to) = answered(&place, &data, "no/such/folder.csv", &["--text-column", "two"]);
    assert!(refused.status.code() == Some(1) && !to.exists(), "{}", text(&refused.stderr));
}

/// Ctrl+C leaves neither the file nor a part of it.
#[cfg(unix)]
#[test]
fn an_interrupt_leaves_no_file() {
    let place = Place::new();
    let data = place.file("long.csv", "text\n".to_owned() + &"a warm and moving film that goes on\n".repeat(400_000));
    let to = place.at("out.csv");
    let mut child = place.start(&["predict", &run().dir, "--data", &data, "--out", &to, "--json"]);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "it ended early");
    assert!(line.contains("predicting"), "{line}");
    child.interrupt();
    let ended = child.wait_with_output();
    assert_eq!(ended.status.code(), Some(130), "{}", text(&ended.stderr));
    assert!(text(&ended.stderr).contains("No file was written"), "{}", text(&ended.stderr));
    let left: Vec<_> = fs::read_dir(place.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["long.csv"]);
}
