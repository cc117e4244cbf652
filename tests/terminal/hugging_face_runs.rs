//! Runs that Hugging Face's Trainer wrote, beside those of Thaw.

use super::*;

const LOG: &str = "trainer_state.json";

/// Puts a log of `Trainer` into a folder; `scripts/make_hugging_face_runs.py` makes it.
fn put(place: &Place, log: &str, folder: &str) -> String {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/hugging_face_runs").join(log).join(LOG);
    fs::create_dir_all(place.path(folder)).unwrap();
    fs::copy(from, place.path(folder).join(LOG)).unwrap();
    place.at(folder)
}

#[test]
fn they_are_listed_with_what_is_known_and_damaged_ones_keep_no_other_away() {
    let place = Place::new();
    put(&place, "epochs", "runs/with accuracy");
    put(&place, "loss_only", "runs/without/checkpoint-30");
    let cut = put(&place, "steps", "runs/cut");
    let whole = fs::read_to_string(Path::new(&cut).join(LOG)).unwrap();
    fs::write(Path::new(&cut).join(LOG), &whole[..whole.len() / 2]).unwrap();
    let nan = put(&place, "steps", "runs/nan");
    fs::write(Path::new(&nan).join(LOG), whole.replacen("\"loss\": 0", "\"loss\": NaN, \"was\": 0", 1)).unwrap();
    let listed = lines(&place.thaw(&["runs", "--json"]));
    let find =
        |name: &str| listed.iter().find(|run| run["name"] == name).unwrap_or_else(|| panic!("{name}: {listed:?}"));
    assert_eq!(listed.len(), 4, "a checkpoint is no run of its own");
    for name in ["with accuracy", "without", "nan"] {
        let run = find(name);
        assert_eq!((&run["engine"], &run["state"]), (&"trainer".into(), &"completed".into()), "{run}");
        assert_eq!((&run["step"], &run["total_steps"]), (&30.into(), &30.into()));
        assert!(run["train_secs"].as_f64().is_some_and(|secs| secs > 1.0), "{run}");
        for unknown in ["seed", "test_accuracy", "rows"] {
            assert_eq!(run[unknown], Value::Null, "{unknown} is not in its log");
        }
        assert_eq!((&run["freeze"], &run["data"], &run["can_resume"]), (&"".into(), &"".into(), &false.into()));
    }
    assert_eq!((&find("cut")["state"], &find("cut")["can_open"]), (&"damaged".into(), &false.into()));
    let table = place.thaw(&["runs"]);
    let table = text(&table.stdout);
    assert!(
        table.contains("trained by Hugging Face") && table.contains("trainer_state.json cannot be read"),
        "{table}"
    );
    // The folder itself may be named as well as the one around it.
    assert_eq!(lines(&place.thaw(&["runs", &place.at("runs/without"), "--json"])).len(), 1);
}

#[test]
fn its_model_answers_and_what_needs_rows_or_settings_is_refused() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let done = lines(&place.thaw(&[&["train", "--data", &data, "--json"], &SMALL[..]].concat()));
    let own = done.last().unwrap()["run_dir"].as_str().unwrap();
    let plain = place.at("plain");
    assert!(place.thaw(&["export", own, "--to", &plain]).status.success());
    let run = put(&place, "epochs", "theirs/checkpoint-30").replace("/checkpoint-30", "");
    for file in fs::read_dir(&plain).unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&file, Path::new(&run).join("checkpoint-30").join(file.file_name().unwrap())).unwrap();
    }
    let measured = |dir: &str| lines(&place.thaw(&["evaluate", dir, "--data", &data, "--json"]));
    assert_eq!(measured(&run).last().unwrap()["accuracy"], measured(&plain).last().unwrap()["accuracy"]);
    let asked = |dir: &str| lines(&place.thaw(&["predict", dir, "--json", "a warm film"]));
    assert_eq!(asked(&run), asked(&plain));

    let to = place.at("given");
    for args in [
        &["export", &run, "--to", &to][..],
        &["train", "--resume", &run],
        &["train", "--continue", &run, "--epochs", "1"],
        &["rows", &run],
        &["labels", &run],
        &["params", &run],
    ] {
        let refused = place.thaw(args);
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("trained by Hugging Face"), "{args:?}: {said}");
    }
    assert!(!place.path("given").exists());
    let race = place.thaw(&["race", "--resume", &run]);
    assert_eq!(race.status.code(), Some(1));
    let needs_data = place.thaw(&["evaluate", &run]);
    assert!(text(&needs_data.stderr).contains("--data"), "{}", text(&needs_data.stderr));
}
