//! How the labels of a file stand for a model's: shown where it is guessed, asked for where it cannot be known.

use serde_json::json;

use super::*;

/// A tiny model whose head has these three classes.
fn model(place: &Place, classes: [&str; 3]) -> String {
    let model = small_model::small_model(place.0.path(), "bert", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
    let path = model.join("config.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config["id2label"] = json!({ "0": classes[0], "1": classes[1], "2": classes[2] });
    fs::write(path, config.to_string()).unwrap();
    model.to_str().unwrap().to_owned()
}

/// Rows that have these labels in turn.
fn rows(labels: &[&str], rows: usize) -> String {
    let row = |i: usize| format!("w{} w{} a b,{}\n", i % 60, i % 7, labels[i % labels.len()]);
    "text,label\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

const GENERIC: [&str; 3] = ["LABEL_0", "LABEL_1", "LABEL_2"];

#[test]
fn what_cannot_be_known_is_refused_with_the_option_that_states_it() {
    let place = Place::new();
    let model = model(&place, GENERIC);
    let all = place.file("stars.csv", rows(&["1", "2", "3"], 30));
    let fewer = place.file("fewer.csv", rows(&["1", "2"], 30));
    for data in [&all, &fewer] {
        let refused = place.thaw(&["evaluate", &model, "--data", data]);
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains("row 2") && said.contains("--label-map 1="), "{said}");
    }
    let map = "1=LABEL_0,2=LABEL_1,3=LABEL_2";
    let stated = lines(&place.thaw(&["evaluate", &model, "--data", &fewer, "--label-map", map, "--json"]));
    assert_eq!(stated[0]["label_match"][1], json!({ "label": "2", "class": "LABEL_1", "by": "stated" }));
    assert_eq!(stated[0]["per_class"][0]["support"], 15);
    let readable = place.thaw(&["evaluate", &model, "--data", &all, "--label-map", map]);
    let said = text(&readable.stdout);
    assert!(said.contains("1 → LABEL_0, 2 → LABEL_1, 3 → LABEL_2 (as stated)"), "{said}");
    let short = place.thaw(&["evaluate", &model, "--data", &all, "--label-map", "1=LABEL_0"]);
    assert!(text(&short.stderr).contains("2 labels (2, 3)"), "{}", text(&short.stderr));
    let unknown = place.thaw(&["evaluate", &model, "--data", &all, "--label-map", "1=bad"]);
    assert!(text(&unknown.stderr).contains("“bad”"), "{}", text(&unknown.stderr));
}

#[test]
fn a_guess_is_shown() {
    let place = Place::new();
    let model = model(&place, ["negative", "neutral", "positive"]);
    let data = place.file("numbers.csv", rows(&["0", "1", "2"], 30));
    let said = place.thaw(&["evaluate", &model, "--data", &data]);
    let said = text(&said.stdout);
    assert!(said.starts_with("Labels  0 → negative, 1 → neutral, 2 → positive (guessed"), "{said}");
    assert!(said.contains("--label-map"), "{said}");
    let data = place.file("case.csv", rows(&["Negative", "POSITIVE"], 30));
    let measured = lines(&place.thaw(&["evaluate", &model, "--data", &data, "--json"]));
    assert_eq!(measured[0]["label_match"][1], json!({ "label": "POSITIVE", "class": "positive", "by": "form" }));
}

#[test]
fn a_pair_of_no_label_is_said() {
    let place = Place::new();
    let model = model(&place, ["negative", "neutral", "positive"]);
    let data = place.file("words.csv", rows(&["bad", "so-so", "good"], 60));
    let map = "bad=negative,so-so=neutral,good=positive,goood=positive,1=neutral";
    for command in [&["evaluate", &model][..], &["train", "--model", &model, "--freeze", "1", "--epochs", "1"]] {
        let done = place.thaw(&[command, &["--data", &data, "--label-map", map]].concat());
        let said = text(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{said}");
        assert!(
            said.contains("Did you mean “good”?") && said.contains("“1” of the map of labels is no label"),
            "{said}"
        );
    }
}

#[test]
fn a_new_head_can_be_asked_for() {
    let place = Place::new();
    let model = model(&place, ["negative", "neutral", "positive"]);
    let data = place.file("numbers.csv", rows(&["0", "1", "2"], 60));
    let train = |out: &str, more: &[&str]| {
        let args = ["train", "--data", &data, "--model", &model, "--epochs", "1", "--freeze", "1", "--out", out];
        place.thaw(&[&args[..], more].concat())
    };
    assert_eq!(lines(&train(&place.at("kept"), &["--json"]))[0]["head"], "kept");
    let out = place.at("new");
    assert_eq!(lines(&train(&out, &["--new-head", "--json"]))[0]["head"], "replaced");
    assert_eq!(json(&out, "settings.json")["config"]["data"]["new_head"], true);
    let continued = lines(&place.thaw(&["train", "--continue", &out, "--epochs", "1", "--json"]));
    assert_eq!(continued[0]["head"], "kept", "a run that goes on has a head of its own");
    for other in [&["--keep-head"][..], &["--label-map", "0=negative"]] {
        let refused = train(&place.at("both"), &[&["--new-head"][..], other].concat());
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    }
}

#[test]
fn labels_in_parts_are_the_models_composed_ones() {
    let place = Place::new();
    let model = model(&place, ["부정", "긍정", "중립"]);
    // A Mac writes syllables in parts.
    let (bad, good) = ("\u{1107}\u{116e}\u{110c}\u{1165}\u{11bc}", "\u{1100}\u{1173}\u{11bc}\u{110c}\u{1165}\u{11bc}");
    let data = place.file("parts.csv", rows(&[bad, "긍정", good, "부정"], 40));
    let measured = lines(&place.thaw(&["evaluate", &model, "--data", &data, "--json"]));
    assert_eq!(measured[0]["per_class"][0]["support"], 20);
    assert!(measured[0]["label_match"].as_array().unwrap().iter().all(|pair| pair["by"] == "name"));
    let column = place.file("column.csv", rows(&["0", "1"], 60).replace("label", good));
    let args =
        ["train", "--data", &column, "--label-column", "긍정", "--model", &model, "--epochs", "1", "--freeze", "1"];
    let trained = place.thaw(&args);
    assert_eq!(trained.status.code(), Some(0), "{}", text(&trained.stderr));
}

#[test]
fn a_lesson_states_the_labels_of_its_model() {
    let place = Place::new();
    let model = model(&place, ["negative", "neutral", "positive"]);
    place.file("words.csv", rows(&["bad", "so-so", "good"], 60));
    let lesson = |map: &str| {
        let head = "id = \"mine\"\ntitle = { en = \"A\" }\nabout = { en = \"B\" }\ndata = \"words.csv\"\n";
        let step = "[[step]]\ntitle = { en = \"A\" }\ntext = { en = \"B\" }\n";
        let folder = Path::new(&model).file_name().unwrap().to_str().unwrap();
        let file = place.file("mine.toml", format!("{head}model = \"{folder}\"\nlabel_map = {map}\n{step}"));
        place.thaw(&["lesson", "run", &file])
    };
    let refused = lesson("{ bad = \"negative\", so-so = \"neutral\", good = \"great\" }");
    let said = text(&refused.stderr);
    assert!(refused.status.code() == Some(1) && said.contains("line 6") && said.contains("“great”"), "{said}");
    let right = lesson("{ bad = \"negative\", so-so = \"neutral\", good = \"positive\" }");
    assert!(!text(&right.stderr).contains("line 6"), "{}", text(&right.stderr));
}

#[test]
fn a_head_is_kept_only_where_it_is_known_what_its_classes_are() {
    let place = Place::new();
    let model = model(&place, GENERIC);
    let data = place.file("stars.csv", rows(&["1", "2", "3"], 60));
    let train = |out: &str, more: &[&str]| {
        let args = ["train", "--data", &data, "--model", &model, "--epochs", "1", "--freeze", "1", "--out", out];
        place.thaw(&[&args[..], more].concat())
    };
    let replaced = lines(&train(&place.at("new"), &["--json"]));
    assert_eq!((&replaced[0]["head"], replaced[0].get("label_match")), (&json!("replaced"), None));
    let refused = train(&place.at("refused"), &["--keep-head"]);
    let said = text(&refused.stderr);
    assert!(refused.status.code() == Some(1) && !place.path("refused").exists(), "{said}");
    assert!(said.contains("LABEL_2") && said.contains("--label-map 1=LABEL_0,2=LABEL_1,3=LABEL_2"), "{said}");
    let short = train(&place.at("refused"), &["--label-map", "1=LABEL_0,2=LABEL_1,3=LABEL_1"]);
    assert!(text(&short.stderr).contains("Each must stand for one of its own"), "{}", text(&short.stderr));

    let map = place.file("map.csv", "1,LABEL_2\n2,LABEL_1\n3,LABEL_0\n");
    let (kept, out) = (train(&place.at("kept"), &["--label-map", &map]), place.at("kept"));
    let said = text(&kept.stdout);
    assert!(said.contains("1 → LABEL_2, 2 → LABEL_1, 3 → LABEL_0 (as stated)"), "{said}");
    let settings = json(&out, "settings.json");
    assert_eq!(settings["config"]["data"]["label_map"][0], json!({ "label": "1", "class": "LABEL_2" }));
    assert_eq!(settings["model"]["matched"][2], json!({ "label": "3", "class": "LABEL_0", "by": "stated" }));

    // The run's labels are names. Those of the model that it grew from are known as well.
    let names = place.file("names.csv", rows(&["LABEL_2", "LABEL_0"], 30));
    let measured = lines(&place.thaw(&["evaluate", &out, "--data", &names, "--json"]));
    assert_eq!(measured[0]["label_match"][1], json!({ "label": "LABEL_2", "class": "1", "by": "stated" }));
    let exported = place.at("exported");
    assert_eq!(place.thaw(&["export", &out, "--to", &exported]).status.code(), Some(0));
    let card = fs::read_to_string(Path::new(&exported).join("README.md")).unwrap();
    assert!(card.contains("`1` → `LABEL_2`"), "{card}");
    let continued = lines(&place.thaw(&["train", "--continue", &out, "--epochs", "1", "--json"]));
    assert_eq!(continued[0]["head"], "kept");
}
