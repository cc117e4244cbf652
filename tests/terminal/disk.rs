//! Disks that are too small or fill up, as small file systems in memory that only these commands see.
#![cfg(target_os = "linux")]

use std::process::Command;

use super::*;

/// Runs a script in which `$D` is a new file system of this size, `$P` the test's folder and `thaw` the program. `None`
/// where the system lets no one make file systems of their own.
fn on_disk(place: &Place, mib: usize, script: &str) -> Option<Output> {
    let may = Command::new("unshare").args(["-rm", "true"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no file system can be made here");
        return None;
    }
    fs::create_dir_all(place.path("disk")).unwrap();
    let program = assert_cmd::cargo::cargo_bin!("thaw");
    let script = format!(
        "set -e; mount -t tmpfs -o size={mib}m tmpfs \"$D\"; thaw() {{ \"{}\" \"$@\"; }}; {script}",
        program.display()
    );
    let mut command = Command::new("unshare");
    command.args(["-rm", "bash", "-c", &script]).env("THAW_LANGUAGE", "en");
    Some(command.env("D", place.path("disk")).env("P", place.path("")).output().unwrap())
}

#[test]
fn a_run_that_the_disk_has_no_room_for_is_refused_before_it_begins() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let train = format!("thaw train --data {data} --freeze full --epochs 1");
    let Some(output) = on_disk(&place, 40, &format!("{train} --out \"$D/run\" || {{ ls -A \"$D\"; exit 3; }}")) else {
        return;
    };
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).trim(), "", "nothing was written");
    let said = text(&output.stderr);
    let folder = place.path("disk/run");
    assert!(said.contains(folder.to_str().unwrap()) && said.contains("only 41 MB are free"), "{said}");

    let race = format!("thaw race --data {data} --freeze 1,2 --epochs 1 --out \"$D/race\"");
    let output = on_disk(&place, 140, &format!("{race} || exit 3")).unwrap();
    assert_eq!(output.status.code(), Some(3), "one model fits, two do not: {}", text(&output.stdout));
    assert!(text(&output.stderr).contains("MB are free there"), "{}", text(&output.stderr));
}

#[test]
fn a_disk_that_fills_during_a_run_is_told_and_nothing_is_lost() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let train = format!("--data {data} --freeze 1 --epochs 150 --json");
    // The run stands still while the rest of the disk is filled.
    let script = format!(
        r#"mkfifo "$P/told"; "$T" train {train} --out "$D/run" > "$P/told" 2> "$P/said" & run=$!
           exec 5< "$P/told"
           while read -r line <&5; do case "$line" in *'"step":4,'*) break;; esac; done
           kill -STOP $run
           cat /dev/zero > "$D/fill" 2> /dev/null || true
           kill -CONT $run
           cat <&5 > "$P/rest"
           wait $run && exit 9
           cp "$P/rest" "$P/full"; rm "$D/fill"
           thaw runs "$D" --json > "$P/listed"
           thaw train --resume "$D/run" --json > "$P/resumed"
           cp "$D/run/steps.jsonl" "$P/steps.jsonl"; cp "$D/run/metrics.json" "$P/metrics.json""#
    );
    let program = assert_cmd::cargo::cargo_bin!("thaw").display().to_string();
    let Some(output) = on_disk(&place, 130, &format!("T=\"{program}\"; {script}")) else { return };
    let said = fs::read_to_string(place.path("said")).unwrap();
    assert!(output.status.success(), "{:?} {} {said}", output.status, text(&output.stderr));
    assert!(said.contains("The disk is full: ") && said.contains("resume the run"), "{said}");
    let listed: Value = serde_json::from_str(&fs::read_to_string(place.path("listed")).unwrap()).unwrap();
    assert_eq!((&listed["state"], &listed["can_resume"]), (&"unfinished".into(), &true.into()));

    let whole = place.at("whole");
    lines(&place.thaw(&[&["train", "--out", &whole], &train.split(' ').collect::<Vec<_>>()[..]].concat()));
    let log = |path: PathBuf| -> Vec<String> {
        let log = fs::read_to_string(path).unwrap();
        log.lines().map(|line| timeless(&serde_json::from_str(line).unwrap())).collect()
    };
    assert_eq!(log(place.path("steps.jsonl")), log(Path::new(&whole).join("steps.jsonl")), "every line is there");
    let test = |path: PathBuf| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap()["test"].clone();
    assert_eq!(test(place.path("metrics.json")), test(Path::new(&whole).join("metrics.json")));
}
