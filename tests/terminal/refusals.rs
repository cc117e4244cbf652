//! What the program does not do, and how it says so.

use super::*;

#[test]
fn evaluate_says_when_the_data_has_changed() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(40));
    let dir = place.at("run");
    lines(&place.thaw(&["train", "--data", &data, "--out", &dir, "--freeze", "1", "--epochs", "1", "--json"]));
    fs::write(&data, reviews(40).replace("dull", "tame")).unwrap();
    let refused = place.thaw(&["evaluate", &dir]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("films.csv"), "{}", text(&refused.stderr));
}

#[test]
fn what_cannot_be_trained_on_is_refused() {
    let place = Place::new();
    for (name, content) in [
        ("empty.csv", String::new()),
        ("header.csv", "text,label\n".into()),
        ("one_column.csv", "text\nfine\nbad\n".into()),
        ("one_class.csv", "text,label\nfine film,a\nbad film,a\ngood film,a\n".into()),
        ("all_differ.csv", "text,label\nfine film,a\nbad film,b\ngood film,c\n".into()),
        ("tiny_class.csv", reviews(20) + "so so,middling\n"),
        ("numbers.csv", "text,label\n1,a\n2,b\n3,a\n4,b\n".into()),
        ("open_quote.csv", "text,label\n\"fine film,a\nbad film,b\n".into()),
        ("twins.csv", "text,text,label\nfine film,x,a\nbad film,y,b\n".into()),
    ] {
        let data = place.file(name, &content);
        let refused = place.thaw(&["train", "--data", &data, "--json"]);
        assert_eq!(refused.status.code(), Some(1), "{name}");
        let said = text(&refused.stderr);
        assert!(said.contains(name) && !said.contains("panicked"), "{name}: {said}");
        let told = printed(&refused);
        let ended = &told[0];
        assert_eq!((told.len(), ended["outcome"].as_str()), (1, Some("failed")), "{name}");
        assert!(ended["error"].as_str().unwrap().contains(name));
        assert_eq!(ended["run_dir"], Value::Null);
    }
    let missing = place.thaw(&["train", "--data", &place.at("missing.csv")]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("missing.csv"));
    assert!(missing.stdout.is_empty());
    assert!(!place.path("runs").exists(), "nothing is left of a refused run");
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let place = Place::new();
    for (flag, value) in [
        ("--epochs", "0"),
        ("--batch-size", "0"),
        ("--learning-rate", "-1"),
        ("--learning-rate", "nan"),
        ("--max-length", "9000"),
        ("--max-length", "513"),
        ("--dropout", "1"),
        ("--test-share", "0"),
        ("--max-rows", "2"),
        ("--clip", "-1"),
        ("--freeze", "top:7"),
        ("--threads", "0"),
    ] {
        let refused = place.thaw(&["train", flag, value]);
        assert_eq!(refused.status.code(), Some(1), "{flag} {value}: {}", text(&refused.stderr));
        assert!(
            text(&refused.stderr).contains(flag.trim_start_matches("--freeze").trim_start_matches('-')),
            "{flag} {value}"
        );
    }
}

#[test]
fn wrong_usage_is_told_apart() {
    let place = Place::new();
    for args in [
        &["train", "--epochs", "many"][..],
        &["train", "--freeze", "4"],
        &["train", "--nonsense"],
        &["melt"],
        &["evaluate"],
        &["train", "--delimiter", "ab"],
        &["train", "--schedule", "square"],
    ] {
        assert_eq!(place.thaw(args).status.code(), Some(2), "{args:?}");
    }
    assert_eq!(place.thaw(&["--help"]).status.code(), Some(0));
    assert_eq!(place.thaw(&["train", "--help"]).status.code(), Some(0));
}

#[test]
fn a_run_never_overwrites_files() {
    let place = Place::new();
    let out = place.path("mine");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("config.json"), "precious").unwrap();
    let refused = place.thaw(&["train", "--max-rows", "40", "--out", out.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("mine"));
    assert_eq!(fs::read_to_string(out.join("config.json")).unwrap(), "precious");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_the_terminal_is_named() {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("thaw");
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(name);
    }
    let output = command.env("THAW_LANGUAGE", "en").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("thaw train"), "{}", text(&output.stderr));
}

#[test]
fn what_is_wrong_is_said_in_the_readers_language() {
    let place = Place::new();
    let (none, gone) = (place.at("none.csv"), place.at("gone"));
    let plan = place.file("plan.json", "{\"rules\": [\n{\"parameters\": 3}]}");
    let hand_in = place.file("kim.thaw-lesson.json", "{");
    fs::create_dir_all(place.path("model")).unwrap();
    fs::write(place.path("model/config.json"), "{").unwrap();
    let model = place.at("model");
    // What the system or the parser said stands alone on the second line.
    for (args, status, second) in [
        (&["train", "--data", &none][..], 1, true),
        (&["train", "--freeze", &plan], 1, true),
        (&["params", "--model", &model], 1, true),
        (&["lesson", "show", &hand_in], 1, true),
        (&["lesson", "show", &none], 1, true),
        (&["lesson", "run", &none], 1, true),
        (&["runs", &gone], 1, false),
        (&["train", "--resume", &gone], 1, false),
        (&["train", "--resume", &gone, "--epochs", "3"], 2, false),
        (&["train", "--epochs", "many"], 2, false),
        (&["trian"], 2, false),
        (&["evaluate"], 2, false),
    ] {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("thaw");
        command.env("THAW_LANGUAGE", "ko").env("THAW_RUNS_DIR", place.path("runs")).timeout(DEADLINE);
        let refused = command.args(args).output().unwrap();
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(status), "{args:?}: {said}");
        let mut lines = said.lines();
        let first = lines.next().unwrap();
        assert!(first.starts_with("오류: ") || first.starts_with("경고: "), "{args:?}: {said}");
        for english in ["No such file", "os error", "EOF", "invalid type", "error:", "Usage:", "For more"] {
            assert!(!first.contains(english) && (second || !said.contains(english)), "{args:?}: {said}");
        }
        assert_eq!(lines.next().is_some_and(|line| line.starts_with("  (") && line.ends_with(')')), second, "{said}");
    }
    let told = printed(&place.thaw(&["train", "--data", &none, "--json"]));
    let error = told[0]["error"].as_str().unwrap();
    assert!(error.contains("none.csv does not exist") && error.contains("os error 2"), "{error}");
}
