//! The house rules that a compiler does not check: which room may use which, and that everything said is in the catalogue.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[path = "house/words.rs"]
mod words;

/// What each room may use: other rooms, and outside crates that are kept to few rooms.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("words", &["domain"]),
    ("data", &["domain", "csv", "tokenizers", "rayon"]),
    (
        "model",
        &["domain", "data", "candle_core", "candle_nn", "gemm", "hf_hub", "reqwest", "tokio", "safetensors", "rayon"],
    ),
    ("train", &["domain", "data", "model", "argmin", "candle_core", "candle_nn", "rayon"]),
    ("runs", &["domain", "data", "model", "train", "rayon"]),
    ("worker", &["domain", "data", "model", "train", "runs", "crossbeam_channel", "rayon"]),
    ("app", &["domain", "words"]),
    (
        "gui",
        &[
            "domain",
            "words",
            "worker",
            "app",
            "crossbeam_channel",
            "eframe",
            "egui",
            "egui_extras",
            "egui_plot",
            "rfd",
            "csv",
            "png",
        ],
    ),
    ("cli", &["domain", "words", "worker", "clap", "indicatif"]),
    ("main", &["domain", "cli", "gui"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What the program is made of; its tests may look into any room.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") && path.file_name().is_some_and(|n| n != "tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found.sort();
    found
}

/// Words before `::` that name a room of this crate or an outside crate.
fn used(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for line in code.lines().map(|l| l.split("//").next().unwrap_or_default()) {
        let parts: Vec<&str> = line.split("::").collect();
        let name_at_end = |s: &str| {
            let start = s.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |i| i + 1);
            s[start..].to_owned()
        };
        for pair in parts.windows(2) {
            let left = name_at_end(pair[0]);
            if left == "crate" || left == "thaw" {
                let end = pair[1].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(pair[1].len());
                used.insert(pair[1][..end].to_owned());
            } else if !left.is_empty() {
                used.insert(left);
            }
        }
    }
    used
}

#[test]
fn rooms_use_only_what_they_may() {
    let rooms: BTreeMap<&str, BTreeSet<&str>> =
        MAY_USE.iter().map(|(room, uses)| (*room, uses.iter().copied().collect())).collect();
    let guarded: BTreeSet<&str> = rooms.keys().copied().chain(rooms.values().flatten().copied()).collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, code) in sources() {
        let inside = path.strip_prefix(root().join("src")).unwrap();
        let room = match inside.components().count() {
            1 if inside == Path::new("lib.rs") => continue,
            1 => "main".to_owned(),
            _ => inside.iter().next().unwrap().to_string_lossy().into_owned(),
        };
        let Some(allowed) = rooms.get(room.as_str()) else { panic!("{} is in no room", path.display()) };
        seen.insert(room.clone());
        for name in used(&code) {
            if guarded.contains(name.as_str()) && name != room && name != "main" && !allowed.contains(name.as_str()) {
                wrong.push(format!("{} uses {name}", inside.display()));
            }
        }
    }
    assert_eq!(seen.len(), rooms.len(), "every room exists");
    assert!(wrong.is_empty(), "arrows that run the wrong way:\n{}", wrong.join("\n"));
}
