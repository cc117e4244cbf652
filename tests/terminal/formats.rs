//! Data that is no CSV file: the same rows train to the same numbers, and what cannot be read is told with what to do.

use super::*;

#[test]
fn a_folder_of_class_folders_and_json_lines_train_like_a_table() {
    let place = Place::new();
    let table = place.file("films.csv", reviews(40));
    let rows: Vec<(String, String)> = reviews(40)
        .lines()
        .skip(1)
        .map(|line| {
            line.rsplit_once(',').map(|(text, label)| (text.trim_matches('"').to_owned(), label.to_owned())).unwrap()
        })
        .collect();
    let record =
        |(text, label): &(String, String)| serde_json::json!({"text": text, "label": label}).to_string() + "\n";
    let json = place.file("films.jsonl", rows.iter().map(record).collect::<String>());
    for (part, label) in [("train", "bad"), ("train", "good"), ("test", "bad"), ("test", "good"), ("train", "unsup")] {
        for i in 0..10 {
            let file = place.path("films").join(part).join(label).join(format!("{i}_9.txt"));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, format!("a {label} film, number {i}")).unwrap();
        }
    }
    let train = |data: &str, out: &str| {
        let dir = place.at(out);
        let done = place.thaw(&["train", "--data", data, "--out", &dir, "--freeze", "1", "--epochs", "1"]);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        (dir.clone(), text(&done.stdout).to_owned() + text(&done.stderr))
    };
    let (of_table, _) = train(&table, "a");
    let (of_json, said) = train(&json, "b");
    assert!(said.contains("films.jsonl") && said.contains("JSON lines, UTF-8"), "{said}");
    let data = |dir: &str| json_of(dir)["data"]["fingerprint"].clone();
    assert_eq!(data(&of_table), data(&of_json));
    let metrics = |dir: &str| super::json(dir, "metrics.json")["test"]["loss"].clone();
    assert_eq!(metrics(&of_table), metrics(&of_json));

    let folder = place.at("films");
    let (of_folder, said) = train(&folder, "c");
    for part in ["class folders, UTF-8", "folder “test” are the test rows", "folder “unsup” is left out"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let evaluated = place.thaw(&["evaluate", &of_folder]);
    assert_eq!(evaluated.status.code(), Some(0), "{}", text(&evaluated.stderr));
    let evaluated = place.thaw(&["evaluate", &of_table, "--data", &folder]);
    let said = text(&evaluated.stderr);
    assert!(evaluated.status.success() && said.contains("its test part films/test is read"), "{said}");
}

fn json_of(dir: &str) -> Value {
    super::json(dir, "settings.json")
}

#[test]
fn what_is_not_read_is_told_with_what_to_do() {
    let place = Place::new();
    for (name, bytes, told) in [
        ("films.parquet", &b"PAR1\x15\x04\x15\x10"[..], "pd.read_parquet('films.parquet').to_csv('films.csv'"),
        ("films.pkl", b"\x80\x04\x95\x10", "pd.read_pickle('films.pkl')"),
        ("films.7z", b"7z\xbc\xaf\x27\x1c", "7z x 'films.7z'"),
        ("films.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
        ("films.json", b"[{\"text\": \"a\", \"label\": \"b\"},\n{\"text\": ]", "line 2"),
        ("films.zip", b"PK\x03\x04\x14\0\0\0", "Download it again"),
    ] {
        fs::write(place.path(name), bytes).unwrap();
        let refused = place.thaw(&["train", "--data", &place.at(name), "--json"]);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        let said = text(&refused.stderr);
        assert!(said.contains(told) && said.contains(name), "{name}: {said}");
    }
    let refused = place.thaw(&["train", "--data", &place.at("")]);
    assert!(text(&refused.stderr).contains("a folder with tables in it"), "{}", text(&refused.stderr));
    fs::create_dir(place.path("empty")).unwrap();
    let refused = place.thaw(&["train", "--data", &place.at("empty")]);
    assert!(text(&refused.stderr).contains("empty is a folder without data"), "{}", text(&refused.stderr));
}
