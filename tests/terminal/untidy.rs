//! Tables as people bring them, and what the terminal says of how it reads them.

use super::*;

const QUICK: [&str; 6] = ["--freeze", "1", "--epochs", "1", "--max-rows", "40"];

/// Rows of which some have a word for a missing value as their label, and others another spelling of a label.
fn untidy() -> String {
    let row = |i: usize| {
        let label = ["1", "0", "1.0", "0", "nan"][i % 5];
        format!("1,\"a film, number {i}\",{label}\n")
    };
    (0..60).map(row).collect()
}

#[test]
fn many_rows_are_skipped_only_when_that_is_accepted() {
    let place = Place::new();
    let data = place.file("films.csv", untidy());
    let asked = place.thaw(&[&["train", "--data", &data][..], &QUICK].concat());
    let said = text(&asked.stderr);
    assert_eq!(asked.status.code(), Some(1), "{said}");
    assert!(said.contains("films.csv: 12 of 60 rows (20 %)") && said.contains("row 5"), "{said}");
    assert!(said.contains("“nan”") && said.contains("--accept-skipped") && said.contains("48 rows"), "{said}");
    assert!(!place.path("runs").exists());

    let dir = place.at("run");
    let args = ["train", "--data", &data, "--accept-skipped", "--out", &dir];
    let done = place.thaw(&[&args[..], &QUICK].concat());
    let said = text(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(said.contains("12 rows, the first is row 5: the label is “nan”"), "{said}");
    assert!(said.contains("--header no") && said.contains("“1” also stands for “1.0” (12 rows)"), "{said}");
    assert!(text(&done.stdout).contains("text in “2”") && text(&done.stdout).contains("2 labels in “3”"));
    let settings = json(&dir, "settings.json");
    assert_eq!(settings["data"]["headless"], true);
    assert_eq!(settings["config"]["data"]["accept_skipped"], true);
    assert_eq!(settings["data"]["merged_labels"][0]["others"][0]["label"], "1.0");

    let own = place.thaw(&["evaluate", &dir, "--json"]);
    assert_eq!(own.status.code(), Some(0), "{}", text(&own.stderr));
    let other = place.thaw(&["evaluate", &dir, "--data", &data, "--json"]);
    assert_eq!(other.status.code(), Some(1), "{}", text(&other.stderr));
    let other = place.thaw(&["evaluate", &dir, "--data", &data, "--accept-skipped", "--json"]);
    assert_eq!(other.status.code(), Some(0), "{}", text(&other.stderr));
}

#[test]
fn what_a_table_leaves_open_can_be_stated() {
    let place = Place::new();
    let many: String = (0..40).map(|i| format!("film {i},{},{}\n", i % 2, i / 2 % 2)).collect();
    let many = place.file("many.csv", format!("text,funny,sad\n{many}"));
    let escaped: String = (0..40).map(|i| format!("\"film \\\"{i}\\\", two\",{}\n", i % 2)).collect();
    let escaped = place.file("escaped.csv", format!("text,label\n{escaped}"));
    let none: String = (0..40).map(|i| format!("None,film {i}\nSome,film {i}b\n")).collect();
    let none = place.file("none.csv", format!("label,text\n{none}"));
    for (args, status, says) in [
        (&[many.as_str()][..], 1, "2 columns could be the label: funny, sad"),
        (&[&many, "--label-column", "sad"], 0, ""),
        (&[escaped.as_str()], 0, "a backslash stands before"),
        (&[&escaped, "--quoting", "double"], 1, "40 rows"),
        (&[none.as_str()], 1, "--keep-missing-words"),
        (&[&none, "--keep-missing-words"], 0, ""),
        (&[&none, "--header", "maybe"], 2, "yes, no"),
        (&[&none, "--quoting", "triple"], 2, "double, backslash, none, single"),
    ] {
        let done = place.thaw(&[&["train", "--data"][..], args, &QUICK].concat());
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(status), "{args:?}: {said}");
        assert!(said.contains(says), "{args:?}: {said}");
    }
}
