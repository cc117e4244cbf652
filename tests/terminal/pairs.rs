//! Two texts a row: from the table to a run, and to what its model is asked.

use serde_json::json;

use super::*;

/// Pairs of texts, whose label tells whether the second text repeats the first word of the first.
fn pairs(rows: usize) -> String {
    let row = |i: usize| {
        let second = if i.is_multiple_of(2) { i % 60 } else { (i + 7) % 60 };
        format!("w{} w{} a b,w{second},{}\n", i % 60, (i / 60) % 60, ["same", "other"][i % 2])
    };
    "premise,hypothesis,label\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

fn model(place: &Place) -> String {
    let model = small_model::small_model(place.0.path(), "bert", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
    model.to_str().unwrap().to_owned()
}

const BOTH: [&str; 4] = ["--text-column", "premise", "--second-text-column", "hypothesis"];

#[test]
fn a_run_of_pairs_says_so_everywhere_and_its_model_is_asked_with_two_texts() {
    let place = Place::new();
    let (model, data, run, export) =
        (model(&place), place.file("pairs.csv", pairs(120)), place.at("run"), place.at("out"));
    let train = ["train", "--model", &model, "--data", &data, "--epochs", "1", "--out", &run, "--json"];
    let told = lines(&place.thaw(&[&train[..], &BOTH].concat()));
    let started = of_kind(&told, "run_started")[0];
    assert_eq!(started["text_columns"], json!(["premise", "hypothesis"]));
    let settings: Value = serde_json::from_slice(&fs::read(place.path("run/settings.json")).unwrap()).unwrap();
    assert_eq!(settings["data"]["second_text_column"], "hypothesis");
    assert_eq!(settings["config"]["data"]["second_text_column"], "hypothesis");

    // One model, asked in four ways.
    let args = lines(&place.thaw(&["predict", &run, "w1 w2", "w3", "--second", "w4", "--second", "w5 w6", "--json"]));
    assert_eq!((args.len(), &args[1]["text"], &args[1]["second"]), (2, &json!("w3"), &json!("w5 w6")));
    let typed = lines(&place.thaw_with(&["predict", &run, "--json"], b"w1 w2\tw4\nw3\tw5 w6\n"));
    assert_eq!(typed, args);
    let table = place.file("ask.csv", "id,hypothesis,premise\n1,w4,w1 w2\n2,,w1\n3,w5 w6,w3\n");
    let output = place.thaw(&["predict", &run, "--data", &table, "--json"]);
    assert!(text(&output.stderr).contains("“premise” and “hypothesis”"), "{}", text(&output.stderr));
    let rows = printed(&output);
    assert_eq!(rows.iter().map(|row| &row["row"]).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(rows[1]["probabilities"], args[1]["probabilities"]);
    let turned = lines(&place.thaw(&["predict", &run, "w4", "--second", "w1 w2", "--json"]));
    assert_ne!(turned[0]["probabilities"], args[0]["probabilities"], "the order of the texts matters");

    // One text is no question to this model, nor is half a table.
    let alone = place.file("alone.csv", "premise,label\nw1,same\nw2,other\n");
    for (wrong, told) in [
        (&["predict", &run, "w1 w2"][..], "“premise” and “hypothesis”"),
        (&["predict", &run, "w1 w2", "w3", "--second", "w4"], "2 texts for 1 second text"),
        (&["predict", &run, "--data", &alone], "“hypothesis”"),
        (&["evaluate", &run, "--data", &alone], "“hypothesis”"),
        (&["evaluate", &run, "--data", &data, "--text-column", "label"], "“premise” and “hypothesis”"),
    ] {
        let refused = place.thaw(wrong);
        assert_eq!(refused.status.code(), Some(1), "{wrong:?}");
        assert!(text(&refused.stderr).contains(told), "{wrong:?}: {}", text(&refused.stderr));
    }

    let measured = lines(&place.thaw(&["evaluate", &run, "--json"]));
    assert_eq!(&as_tested(&measured[0]), of_kind(&told, "test_evaluated")[0]);
    let stated = lines(&place.thaw(&[&["evaluate", &run, "--data", &data, "--json"][..], &BOTH].concat()));
    assert_eq!(lines(&place.thaw(&["evaluate", &run, "--data", &data, "--json"])), stated);

    // What is given away says it as well.
    assert_eq!(place.thaw(&["export", &run, "--to", &export]).status.code(), Some(0));
    let card = fs::read_to_string(place.path("out/README.md")).unwrap();
    for told in ["Classifies pairs of texts", "\"text_pair\": ", "second text `hypothesis`"] {
        assert!(card.contains(told), "{told}: {card}");
    }
    assert_eq!(place.thaw(&["predict", &export, "w1 w2"]).status.code(), Some(1));
    let exported = lines(&place.thaw(&["predict", &export, "w1 w2", "--second", "w4", "--json"]));
    assert_eq!(exported[0], args[0]);

    // A run of single texts that begins with this model is one of single texts.
    let next = place.at("next");
    let args = ["train", "--model", &run, "--data", &data, "--epochs", "1", "--out", &next];
    let output = place.thaw(&args);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("--text-column premise --second-text-column hypothesis"), "{said}");
    assert_eq!(place.thaw(&["predict", &next, "w1 w2"]).status.code(), Some(0));
    let refused = place.thaw(&["predict", &next, "w1 w2", "--second", "w4"]);
    assert!(text(&refused.stderr).contains("one text a row"), "{}", text(&refused.stderr));
    let config: Value = serde_json::from_slice(&fs::read(place.path("next/config.json")).unwrap()).unwrap();
    assert!(config.get("thaw_text_columns").is_none());
}

/// A run of pairs goes on as it began, and a lesson states its second column.
#[test]
fn lessons_and_continued_runs_keep_the_second_column() {
    let place = Place::new();
    let (model, data, run) = (model(&place), place.file("pairs.csv", pairs(120)), place.at("run"));
    let train = ["train", "--model", &model, "--data", &data, "--epochs", "1", "--out", &run, "--json"];
    lines(&place.thaw(&[&train[..], &BOTH].concat()));
    let more =
        lines(&place.thaw(&["train", "--continue", &run, "--epochs", "1", "--out", &place.at("more"), "--json"]));
    assert_eq!(of_kind(&more, "run_started")[0]["text_columns"], json!(["premise", "hypothesis"]));
    let race = ["race", "--model", &model, "--data", &data, "--epochs", "1", "--seeds", "1", "--freeze", "1,full"];
    assert_eq!(place.thaw(&[&race[..], &BOTH].concat()).status.code(), Some(0));

    let lesson = |column: &str| {
        format!(
            r#"id = "pairs"
data = "pairs.csv"
model = "bert"
max_length = 16
second_text_column = "{column}"
title = {{ en = "Pairs" }}
about = {{ en = "For tests." }}
[[step]]
title = {{ en = "A run" }}
text = {{ en = "Read both." }}
run = {{ freeze = "1", epochs = 1 }}
"#
        )
    };
    let good = place.file("good.toml", lesson("hypothesis"));
    let output = place.thaw(&[
        "lesson",
        "run",
        &good,
        "--name",
        "Kim",
        "--number",
        "1",
        "--out",
        &place.at("pairs.thaw-lesson"),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let bundle = fs::read_to_string(place.path("pairs.thaw-lesson")).unwrap();
    assert!(bundle.contains(r#""text_columns":["premise","hypothesis"]"#), "{bundle}");
    let wrong = place.file("wrong.toml", lesson("nope"));
    let refused = text(&place.thaw(&["lesson", "run", &wrong]).stderr).to_owned();
    assert!(refused.contains("second_text_column") && refused.contains("nope"), "{refused}");
}
