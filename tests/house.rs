//! The house rules that a compiler does not check: which room may use which, and that everything said is in the catalogue.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[path = "house/words.rs"]
mod words;

/// What each room may use: other rooms, and outside crates that are kept to few rooms.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    ("words", &["domain"]),
    ("python", &["domain", "askama"]),
    ("report", &["domain", "words", "python", "askama", "krilla", "krilla_svg"]),
    ("data", &["domain", "csv", "tokenizers", "rayon"]),
    (
        "model",
        &["domain", "data", "candle_core", "candle_nn", "gemm", "hf_hub", "reqwest", "tokio", "safetensors", "rayon"],
    ),
    ("train", &["domain", "data", "model", "argmin", "candle_core", "candle_nn", "rayon"]),
    ("explain", &["domain", "data", "model", "train", "bhtsne", "candle_core", "rayon"]),
    ("runs", &["domain", "data", "model", "train", "python", "png", "prost", "rayon"]),
    (
        "worker",
        &[
            "domain",
            "words",
            "data",
            "model",
            "train",
            "explain",
            "python",
            "report",
            "runs",
            "crossbeam_channel",
            "rayon",
        ],
    ),
    ("app", &["domain", "words", "python"]),
    (
        "gui",
        &[
            "domain",
            "words",
            "python",
            "worker",
            "app",
            "crossbeam_channel",
            "eframe",
            "egui",
            "egui_commonmark",
            "egui_extras",
            "egui_plot",
            "rfd",
            "png",
        ],
    ),
    ("cli", &["domain", "words", "python", "worker", "clap", "indicatif"]),
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
            if path.file_stem().is_some_and(|name| name == "tests") {
                continue;
            }
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
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
            } else if !left.is_empty() && !MAY_USE.iter().any(|(room, _)| *room == left) {
                // A room is reached through `crate` only; what has its name elsewhere is a module of the room itself.
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

/// Splits at the commas that stand in no braces.
fn split_list(list: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (i, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts
}

/// Adds the full paths of a `use` tree: `a::{b, c::d}` stands for `a::b` and `a::c::d`.
fn expand(prefix: &str, tree: &str, paths: &mut BTreeSet<String>) {
    let tree = tree.trim();
    match tree.split_once('{') {
        Some((head, rest)) => {
            let inside = rest.trim_end().strip_suffix('}').unwrap_or(rest);
            split_list(inside).iter().for_each(|part| expand(&format!("{prefix}{head}"), part, paths));
        }
        None => {
            let path = format!("{prefix}{}", tree.split(" as ").next().unwrap_or_default());
            paths.insert(path.strip_suffix("::self").unwrap_or(&path).to_owned());
        }
    }
}

/// Every path with `::` that the code outside its tests names, in a `use` declaration or where it is needed.
fn paths(code: &str) -> BTreeSet<String> {
    let code: String = code
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default()
        .lines()
        .fold(String::new(), |code, line| code + line.split("//").next().unwrap_or_default() + "\n");
    let mut paths: BTreeSet<String> = code
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .filter(|word| word.contains("::"))
        .map(str::to_owned)
        .collect();
    for declaration in code.split("use ").skip(1) {
        if let Some((tree, _)) = declaration.split_once(';') {
            expand("", tree, &mut paths);
        }
    }
    paths
}

#[test]
fn the_window_touches_no_file_and_starts_no_process() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|(path, _)| path.starts_with(root().join("src/gui")))
        .flat_map(|(path, code)| paths(code).into_iter().map(|used| (path.file_name().unwrap(), used)))
        .filter(|(_, used)| used.starts_with("std::fs") || used.starts_with("std::process"))
        .map(|(file, used)| format!("{} uses {used}", file.display()))
        .collect();
    assert!(wrong.is_empty(), "the window's frames must not wait for the system:\n{}", wrong.join("\n"));
}

/// The modules of `app` that put the features together; each other module of `app` is a feature.
const SHELL: [&str; 9] = ["mod", "state", "action", "update", "reduce", "effect", "settings", "loading", "shell"];

/// Which features each feature of the window uses, with the file and the path that say so.
fn feature_uses() -> BTreeMap<String, BTreeMap<String, String>> {
    let app = root().join("src/app");
    let files: Vec<(Vec<String>, String)> = sources()
        .into_iter()
        .filter_map(|(path, code)| {
            let inside = path.strip_prefix(&app).ok()?.with_extension("");
            let names = inside.iter().map(|name| name.to_string_lossy().into_owned());
            Some((names.filter(|name| name != "mod").collect(), code))
        })
        .filter(|(module, _): &(Vec<String>, _)| module.first().is_some_and(|name| !SHELL.contains(&&**name)))
        .collect();
    let mut uses: BTreeMap<_, BTreeMap<_, _>> =
        files.iter().map(|(module, _)| (module[0].clone(), BTreeMap::new())).collect();
    for (module, code) in &files {
        for used in paths(code) {
            // Where the path leads, seen from `app`.
            let mut place = module.clone();
            let mut left_app = false;
            for name in used.strip_prefix("self::").unwrap_or(&used).split("::") {
                match name {
                    "crate" => (place, left_app) = (Vec::new(), true),
                    "app" if left_app => left_app = false,
                    "super" => left_app |= place.pop().is_none(),
                    name => place.push(name.to_owned()),
                }
            }
            let names_a_module = used.starts_with("crate::app::") || used.starts_with("super::");
            if let Some(other) = place.first()
                && names_a_module
                && !left_app
                && *other != module[0]
                && uses.contains_key(other)
            {
                uses.get_mut(&module[0]).unwrap().insert(other.clone(), format!("{}.rs: {used}", module.join("/")));
            }
        }
    }
    uses
}

/// The shortest way from a feature over others back to itself.
fn circle_through<'a>(start: &'a str, uses: &'a BTreeMap<String, BTreeMap<String, String>>) -> Option<Vec<&'a str>> {
    let mut ways = std::collections::VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in uses[way[way.len() - 1]].keys() {
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push_back([&way[..], &[next]].concat());
            }
        }
    }
    None
}

#[test]
fn the_windows_features_form_no_circle() {
    let uses = feature_uses();
    let circles: BTreeSet<Vec<&str>> = uses
        .keys()
        .filter_map(|start| circle_through(start, &uses))
        .map(|mut circle| {
            // Each circle is told once, from whichever of its features it was found.
            let first = (0..circle.len()).min_by_key(|i| circle[*i]).unwrap_or(0);
            circle.rotate_left(first);
            circle
        })
        .collect();
    let told: Vec<String> = circles
        .iter()
        .map(|circle| {
            let steps = circle.iter().zip(circle.iter().cycle().skip(1));
            let why: Vec<&str> = steps.map(|(one, next)| uses[*one][*next].as_str()).collect();
            format!("{} -> {}\n    {}", circle.join(" -> "), circle[0], why.join("\n    "))
        })
        .collect();
    assert!(told.is_empty(), "features that use each other in a circle:\n{}", told.join("\n"));
}
