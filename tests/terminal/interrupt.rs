//! Ctrl+C, and readers that go away.

use super::*;

/// Starts a run that goes on for minutes, though not for ever, and waits for its first step.
#[cfg(unix)]
fn long_run(place: &Place, out: &str) -> (Started, BufReader<std::process::ChildStdout>) {
    let args = ["train", "--max-rows", "600", "--freeze", "3", "--epochs", "500", "--out", out, "--json"];
    let mut child = place.start(&args);
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"event\":\"step\"") {
        line.clear();
        assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "the run ended early");
    }
    (child, stdout)
}

#[cfg(unix)]
#[test]
fn an_interrupt_saves_first() {
    let place = Place::new();
    let out = place.at("run");
    let (child, stdout) = long_run(&place, &out);
    child.interrupt();
    let last = stdout.lines().map_while(Result::ok).last().unwrap();
    let ended: Value = serde_json::from_str(&last).unwrap();
    assert_eq!((ended["event"].as_str(), ended["outcome"].as_str()), (Some("run_ended"), Some("stopped")));
    assert_eq!(child.wait_with_output().status.code(), Some(130));
    let kept = lines(&place.thaw(&["predict", &out, "--json", "a warm film"]));
    assert_eq!(kept.len(), 1, "what was learned can be used");
    let metrics = json(&out, "metrics.json");
    assert_eq!((metrics["outcome"].as_str(), &metrics["test"]), (Some("stopped"), &Value::Null));
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_crash() {
    let place = Place::new();
    let mut listing = place.start(&["params"]);
    drop(listing.stdout.take());
    let listed = listing.wait_with_output();
    assert_eq!((listed.status.code(), text(&listed.stderr)), (Some(0), ""));
}

/// `thaw train ... | head`: the reader of the first line leaves, and the run goes on to its end.
#[cfg(unix)]
#[test]
fn a_run_outlives_the_reader_of_its_lines() {
    let place = Place::new();
    let (data, out) = (place.file("films.csv", reviews(60)), place.at("run"));
    for format in [&["--json"][..], &[]] {
        let args = ["train", "--data", &data, "--freeze", "1", "--epochs", "2", "--out", &out];
        let mut child = place.start(&[&args[..], format].concat());
        let first = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        assert!(!first.is_empty());
        let ended = child.wait_with_output();
        assert_eq!((ended.status.code(), text(&ended.stderr)), (Some(0), ""));
        let metrics = json(&out, "metrics.json");
        assert_eq!((metrics["outcome"].as_str(), metrics["test"].is_object()), (Some("completed"), true));
        fs::remove_dir_all(&out).unwrap();
    }
}

/// A full disk behind standard output costs the printing, not the run, and is told.
#[cfg(target_os = "linux")]
#[test]
fn a_run_outlives_a_full_disk_behind_its_lines() {
    let place = Place::new();
    let (data, out) = (place.file("films.csv", reviews(60)), place.at("run"));
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("thaw"));
    command
        .env("THAW_LANGUAGE", "en")
        .args(["train", "--data", &data, "--freeze", "1", "--epochs", "1", "--out", &out]);
    let ended = command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{}", text(&ended.stderr));
    assert_eq!(text(&ended.stderr).matches("error: ").count(), 1, "{}", text(&ended.stderr));
    assert_eq!(json(&out, "metrics.json")["outcome"], "completed");
}
