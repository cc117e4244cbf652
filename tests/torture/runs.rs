//! Folders of runs and races: settings, rows, log, results, names.

use std::path::Path;

use thaw::domain::problem::Outcome;
use thaw::domain::race_statistics::{strategy_means, undecided_pairs};
use thaw::runs::{Interrupted, RaceFolder, RunReader, finished, list, read_run};

use super::harness::{Case, Scratch, Target, torture};

/// The files of a recorded run, with a log of one line of each kind and a few steps.
pub fn short_run() -> Case {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/window/runs/preset3");
    let file = |name: &'static str| (name, std::fs::read(folder.join(name)).unwrap());
    let (_, log) = file("steps.jsonl");
    let log = String::from_utf8(log).unwrap();
    let kind = |line: &str| line.split('"').nth(3).unwrap_or_default().to_owned();
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    let kept = log.lines().filter(|line| {
        let times = seen.entry(kind(line)).or_default();
        *times += 1;
        // The log has samples of all layers, which are long.
        *times <= if kind(line) == "step" { 4 } else { 1 } && kind(line) != "layer_stats"
    });
    let kept: String = kept.map(|line| format!("{line}\n")).collect();
    let rows =
        br#"{"train":[29,33],"validation":[37],"test":[43],"files":{"train":null,"validation":null,"test":null}}"#;
    vec![
        file("settings.json"),
        ("splits.json", rows.to_vec()),
        ("steps.jsonl", kept.into_bytes()),
        file("metrics.json"),
        ("label.json", br#"{"name": "mine", "note": "a note"}"#.to_vec()),
    ]
}

const WORDS: [&[u8]; 24] = [
    b"null",
    b"-1",
    b"0",
    b"1e999",
    b"18446744073709551615",
    b"1099511627777",
    b"\"\"",
    b"[]",
    b"{}",
    b"\n",
    b"{\"event\":\"step\",",
    b"\"epoch\":0",
    b"\"accuracy\":2.0",
    b"\"labels\":[]",
    b"\"confusion\":[[1]]",
    b"\"confusion\":[[0,0],[0]]",
    b"NaN",
    b"\"thaw\"",
    b"\"outcome\":\"completed\"",
    b"\\u0000",
    b"\xff",
    b"\"seed\":-1",
    b"{\"Names\":[]}",
    b"\"total_steps\":0",
];

#[test]
fn run_folders() {
    let target = Target { name: "run-folder", seeds: vec![short_run()], words: WORDS.into() };
    let place = Scratch::new();
    let root = place.path().join("runs");
    let dir = root.join("run");
    std::fs::create_dir_all(&dir).unwrap();
    let written = std::cell::RefCell::new(std::collections::BTreeMap::<&str, Vec<u8>>::new());
    torture!(target, move |case: &Case, choice| {
        for (name, bytes) in case {
            if written.borrow().get(name) != Some(bytes) {
                std::fs::write(dir.join(name), bytes).unwrap();
                written.borrow_mut().insert(name, bytes.clone());
            }
        }
        match choice % 8 {
            0 => {
                let runs = list(&root, &[])?;
                assert!(runs.len() <= 1);
                for damage in runs.iter().flat_map(|run| &run.damage) {
                    assert!(!damage.args.is_empty(), "{damage}");
                }
                Ok(())
            }
            1 => {
                finished(&dir);
                Ok(())
            }
            2 => RunReader::open(&dir).map(drop),
            3 => Interrupted::open(&dir).map(drop),
            _ => {
                let run = read_run(&dir)?;
                assert!(run.secs().is_finite());
                let history = run.history_at(f64::INFINITY);
                history.newest_confusion();
                history.measured();
                run.history_at(run.secs() / 2.0);
                Ok(())
            }
        }
    });
}

#[test]
fn race_folders() {
    let settings: serde_json::Value = serde_json::from_slice(&short_run()[0].1).unwrap();
    let plan = serde_json::json!({
        "config": settings["config"],
        "strategies": [{"name": "1", "freeze": "preset1"}, {"name": "full", "freeze": "full"}],
        "seeds": [1, 2], "learning_rate": null, "rows_per_class": [8, 16], "minutes": null,
    });
    let row = |index: usize, freeze: &str, accuracy: f64| {
        serde_json::json!({
            "index": index, "freeze": freeze, "seed": 1, "rows_per_class": 8, "train_rows": 16, "trainable": 770,
            "learning_rate": 1e-4, "accuracy": accuracy, "macro_f1": 0.5, "train_secs": 1.5, "peak_memory_bytes": 1000,
            "test_rows": 4, "run_dir": null, "hits": "0110",
        })
    };
    let rows = [row(0, "1", 0.5), row(1, "full", 0.75), row(2, "1", 0.5)];
    let record = serde_json::json!({
        "thaw": "0.1.0", "started": "2026-11-24 15:04", "plan": plan, "max_rows": 100, "fingerprint": "0123456789abcdef",
        "rows": rows, "skipped": [3], "failed": [2], "outcome": null,
    });
    let target = Target {
        name: "race-folder",
        seeds: vec![vec![("race.json", record.to_string().into_bytes())]],
        words: WORDS
            .into_iter()
            .chain([&b"\"seeds\":[1,2,3,4,5,6,7,8,9],"[..], b"\"rows_per_class\":[1,2,3,4,5,6,7,8,9],"])
            .collect(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| {
        place.write_all(case);
        if choice % 8 == 0 {
            return list(place.path(), &[]).map(drop);
        }
        let race: Outcome<RaceFolder> = RaceFolder::open(place.path());
        let race = race?;
        for run in race.lacking().iter().take(50) {
            assert!(race.run_dir(run).starts_with(&race.dir), "a run's folder lies in its race's");
        }
        let (plan, rows) = (&race.record.plan, race.rows());
        let means = strategy_means(plan, &rows);
        assert!(undecided_pairs(&means, &rows).iter().all(|(a, b)| a < b && *b < means.len()));
        Ok(())
    });
}
