//! `thaw runs` and `thaw export`.

use super::survive::{is_step, kill_at};
use super::*;

#[test]
fn runs_are_listed_and_exported() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let none = place.thaw(&["runs"]);
    assert!(none.status.success() && text(&none.stdout).contains("no runs"));
    let done = lines(&place.thaw(&[&["train", "--data", &data, "--json"], &SMALL[..]].concat()));
    let dir = done.last().unwrap()["run_dir"].as_str().unwrap();
    kill_at(&place, &["train", "--data", &data, "--freeze", "3", "--epochs", "60", "--json"], is_step(4));
    let listed = lines(&place.thaw(&["runs", "--json"]));
    let find =
        |state: &str| listed.iter().find(|run| run["state"] == state).unwrap_or_else(|| panic!("{state}: {listed:?}"));
    let (completed, unfinished) = (find("completed"), find("unfinished"));
    assert_eq!((listed.len(), &completed["dir"]), (2, &dir.into()));
    assert_eq!(
        (&completed["data"], &completed["freeze"], &completed["has_model"]),
        (&"films.csv".into(), &"1".into(), &true.into())
    );
    assert_eq!(completed["test_accuracy"], of_kind(&done, "test_evaluated")[0]["accuracy"]);
    assert_eq!((&unfinished["can_resume"], &unfinished["test_accuracy"]), (&true.into(), &Value::Null));
    assert!(unfinished["step"].as_u64() < unfinished["total_steps"].as_u64());
    let table = place.thaw(&["runs"]);
    let table = text(&table.stdout);
    assert!(table.contains("unfinished, ") && table.contains("Preset 1 · 60 rows · films "), "{table}");
    assert_eq!(completed["name"], "Preset 1 · 60 rows · films");

    // A run that is damaged is there, with what is wrong.
    let damaged = place.path("runs/damaged");
    fs::create_dir(&damaged).unwrap();
    for name in ["settings.json", "splits.json"] {
        fs::copy(Path::new(dir).join(name), damaged.join(name)).unwrap();
    }
    fs::write(damaged.join("metrics.json"), "{\"outcome\": ").unwrap();
    let log = fs::read_to_string(Path::new(dir).join("steps.jsonl")).unwrap();
    fs::write(damaged.join("steps.jsonl"), log.replacen("\"step\":2,", "\"step\":", 1)).unwrap();
    let table = place.thaw(&["runs"]);
    let said = "damaged, 1 line of steps.jsonl cannot be read, metrics.json cannot be read";
    assert!(text(&table.stdout).contains(said), "{}", text(&table.stdout));
    fs::remove_dir_all(damaged).unwrap();

    let to = place.at("given/away");
    let exported = place.thaw(&["export", dir, "--to", &to]);
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    let mut names: Vec<String> =
        fs::read_dir(&to).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let bundled = ["README.md", "config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.json"];
    assert_eq!(names, [&bundled[..], &["tokenizer_config.json", "vocab.txt"]].concat());
    let card = fs::read_to_string(Path::new(&to).join("README.md")).unwrap();
    for part in [
        "license: apache-2.0",
        "films.csv",
        "classifier.weight",
        "| accuracy |",
        "Thaw",
        "all-MiniLM-L6-v2",
        "macro F1",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
    // Longer than what training read.
    let long = "a warm film ".repeat(60);
    let asked = |dir: &str| lines(&place.thaw(&["predict", dir, "--json", "a warm film", &long]));
    assert_eq!(asked(&to), asked(dir));
    let again = place.thaw(&["export", dir, "--to", &to]);
    assert_eq!(again.status.code(), Some(1), "nothing is overwritten");
    let unfinished = place.thaw(&["export", unfinished["dir"].as_str().unwrap(), "--to", &place.at("none")]);
    assert_eq!(unfinished.status.code(), Some(1));
    assert!(!place.path("none").exists());
}

#[test]
fn the_log_tells_its_level_and_place_when_it_is_asked_for() {
    let place = Place::new();
    fs::create_dir_all(place.path("runs/broken")).unwrap();
    place.file("runs/broken/settings.json", "{ \"thaw\": ");
    place.file("runs/broken/splits.json", "{}");
    let log = |level: Option<&str>| {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("thaw");
        command.env("THAW_LANGUAGE", "en").env("THAW_RUNS_DIR", place.path("runs")).env_remove("THAW_LOG");
        command.envs(level.map(|level| ("THAW_LOG", level)));
        text(&command.arg("runs").output().unwrap().stderr).to_owned()
    };
    assert_eq!(log(None), "");
    assert!(log(Some("warn")).starts_with("warn [thaw::runs::list] "), "{}", log(Some("warn")));
}
