//! An entry is found by any part of its name in any language of the program, whatever language the window speaks.

use std::sync::OnceLock;

use crate::words::{Catalogue, Language};

use super::ENTRIES;

/// The places of the entries whose names hold every typed word. Those of which a word begins with what was typed come
/// first; otherwise they keep the order of the table.
pub fn find(query: &str) -> Vec<usize> {
    let query = query.trim().to_lowercase();
    let typed: Vec<&str> = query.split_whitespace().collect();
    let begins = |name: &str| name.split_whitespace().any(|word| word.starts_with(&query));
    let mut found: Vec<usize> = (0..ENTRIES.len())
        .filter(|place| typed.iter().all(|word| names()[*place].iter().any(|name| name.contains(word))))
        .collect();
    found.sort_by_key(|place| !names()[*place].iter().any(|name| begins(name)));
    found
}

/// The names of every entry, with those of its group, in small letters, in every language.
fn names() -> &'static [Vec<String>] {
    static NAMES: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let catalogues = Language::ALL.map(Catalogue::new);
        let name = |words: &Catalogue, group, id| format!("{} {}", words.say(id), words.say(group)).to_lowercase();
        ENTRIES
            .iter()
            .map(|entry| catalogues.iter().map(|words| name(words, entry.group, entry.name)).collect())
            .collect()
    })
}
