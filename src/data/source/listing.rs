//! The files of a folder or an archive by their paths, and what they are as data: one table, or class folders.

use std::collections::BTreeMap;

use crate::domain::problem::{Outcome, Problem};

/// What files with tables are called.
const TABLES: [&str; 16] = [
    "csv", "tsv", "tab", "json", "jsonl", "ndjson", "xlsx", "ods", "xls", "parquet", "feather", "arrow", "pkl",
    "pickle", "sqlite", "db",
];
/// A message names so many files.
const NAMED: usize = 5;
/// Folders within folders that only wrap are followed down to this depth.
const MAX_WRAPPERS: usize = 8;
/// The folder of texts without a label, beside those of aclImdb's classes.
const UNLABELLED: &str = "unsup";

/// A file with its place among the others.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The names of the folders that it is in, and its own, from the top.
    pub parts: Vec<String>,
    /// Which one it is where it comes from.
    pub index: usize,
}

impl Entry {
    fn extension(&self) -> String {
        let name = self.parts.last().map_or("", String::as_str);
        name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase())
    }

    /// Whether a system or a person put it beside the data.
    fn is_beside(&self) -> bool {
        let is_hidden = self.parts.iter().any(|part| part.starts_with('.') || part == "__MACOSX");
        let name = self.parts.last().map_or(String::new(), |name| name.to_lowercase());
        is_hidden || ["thumbs.db", "desktop.ini"].contains(&name.as_str())
    }

    fn is_about(&self) -> bool {
        let name = self.parts.last().map_or(String::new(), |name| name.to_lowercase());
        ["readme", "license", "licence", "copying"].iter().any(|word| name.starts_with(word))
            || self.extension() == "md"
    }

    /// The path as it is shown.
    pub fn path(&self) -> String {
        self.parts.join("/")
    }
}

/// What a folder or an archive holds.
#[derive(Debug)]
pub enum Layout {
    /// One file, which is to be a table.
    Table(Entry),
    /// Class folders for each part that there is.
    Classes(Box<Parts>),
}

/// Class folders of training texts, and of the other parts where the folder has any.
#[derive(Debug, Default)]
pub struct Parts {
    pub train: Vec<TextFile>,
    pub validation: Option<Vec<TextFile>>,
    pub test: Option<Vec<TextFile>>,
    /// What the folders of validation and test texts are called.
    pub validation_name: String,
    pub test_name: String,
    /// Texts of the training folder that are left out, as they have no label.
    pub unlabelled: usize,
}

/// A file with one text.
#[derive(Clone, Debug)]
pub struct TextFile {
    pub class: String,
    pub entry: Entry,
}

/// Finds out what files are.
///
/// # Errors
/// `data-archive-empty`, `data-archive-several` and `data-folder-no-classes`, naming the folder or archive and what is in it.
pub fn layout(entries: Vec<Entry>, is_archive: bool, file: &str) -> Outcome<Layout> {
    let mut entries: Vec<Entry> = entries.into_iter().filter(|entry| !entry.is_beside()).collect();
    entries.sort_by(|a, b| a.parts.cmp(&b.parts));
    let names = |entries: &[Entry]| {
        let mut names: Vec<String> = entries.iter().take(NAMED).map(Entry::path).collect();
        if entries.len() > NAMED {
            names.push("…".to_owned());
        }
        names.join(", ")
    };
    let tables: Vec<Entry> =
        entries.iter().filter(|entry| TABLES.contains(&entry.extension().as_str())).cloned().collect();
    let others: Vec<Entry> = entries.iter().filter(|entry| !entry.is_about()).cloned().collect();
    if is_archive {
        match (tables.as_slice(), others.as_slice()) {
            ([only], _) | ([], [only]) => return Ok(Layout::Table(only.clone())),
            ([], []) => return Err(Problem::new("data-archive-empty").with("file", file)),
            _ => {}
        }
    }
    let has_classes = entries.iter().any(|entry| entry.parts.len() > 1);
    let of_top: Vec<Entry> = tables.iter().filter(|entry| entry.parts.len() == 1 || is_archive).cloned().collect();
    if !of_top.is_empty() || is_archive && !has_classes {
        let listed = if of_top.is_empty() { &others } else { &of_top };
        let id = if is_archive { "data-archive-several" } else { "data-folder-of-tables" };
        return Err(Problem::new(id).with("file", file).with_count("count", listed.len()).with("names", names(listed)));
    }
    let mut top = entries;
    for _ in 0..MAX_WRAPPERS {
        let mut folders = by_folder(&top);
        if folders.len() != 1 {
            break;
        }
        let Some((_, inner)) = folders.pop_first() else { break };
        // A folder of texts is a class, not a wrapper.
        if inner.iter().any(|entry| entry.parts.len() == 1 && !entry.is_about())
            && inner.iter().all(|entry| entry.parts.len() == 1)
        {
            break;
        }
        top = inner;
    }
    parts(by_folder(&top))
        .map(|parts| Layout::Classes(Box::new(parts)))
        .ok_or_else(|| Problem::new("data-folder-no-classes").with("file", file).with("names", names(&others)))
}

/// The files in folders, by the folder's name and without it.
fn by_folder(entries: &[Entry]) -> BTreeMap<String, Vec<Entry>> {
    let mut folders: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.parts.len() > 1) {
        let inner = Entry { parts: entry.parts[1..].to_vec(), ..entry.clone() };
        folders.entry(entry.parts[0].clone()).or_default().push(inner);
    }
    folders
}

fn parts(folders: BTreeMap<String, Vec<Entry>>) -> Option<Parts> {
    let named = |names: &[&str]| {
        let is_named = |folder: &str| {
            let folder = folder.to_lowercase();
            names.iter().any(|name| folder.rsplit(['-', '_', '.', ' ']).next() == Some(*name))
        };
        folders.iter().find(|(name, inner)| is_named(name) && !by_folder(inner).is_empty())
    };
    let Some((_, train)) = named(&["train", "training"]) else {
        let (train, unlabelled) = classes(folders)?;
        return Some(Parts { train, unlabelled, ..Parts::default() });
    };
    let (train, unlabelled) = classes(by_folder(train))?;
    let part =
        |names: &[&str]| named(names).and_then(|(name, inner)| Some((name.clone(), classes(by_folder(inner))?.0)));
    let (validation, test) = (part(&["validation", "valid", "val", "dev"]), part(&["test", "testing"]));
    Some(Parts {
        train,
        unlabelled,
        validation_name: validation.as_ref().map_or(String::new(), |(name, _)| name.clone()),
        test_name: test.as_ref().map_or(String::new(), |(name, _)| name.clone()),
        validation: validation.map(|(_, files)| files),
        test: test.map(|(_, files)| files),
    })
}

/// The texts of class folders, and how many texts without a label were left out; `None` where no folder has a file.
fn classes(mut folders: BTreeMap<String, Vec<Entry>>) -> Option<(Vec<TextFile>, usize)> {
    for inner in folders.values_mut() {
        inner.retain(|entry| entry.parts.len() == 1);
    }
    let are_marked = folders.values().flatten().any(|entry| entry.extension() == "txt");
    for inner in folders.values_mut() {
        inner.retain(|entry| !are_marked || entry.extension() == "txt");
    }
    folders.retain(|_, inner| !inner.is_empty());
    let unlabelled = if folders.len() > 2 { folders.remove(UNLABELLED).map_or(0, |left| left.len()) } else { 0 };
    let with_class = |(class, inner): (String, Vec<Entry>)| {
        inner.into_iter().map(move |entry| TextFile { class: class.clone(), entry })
    };
    let files: Vec<TextFile> = folders.into_iter().flat_map(with_class).collect();
    (!files.is_empty()).then_some((files, unlabelled))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str], is_archive: bool) -> Outcome<Layout> {
        let entry =
            |(index, path): (usize, &&str)| Entry { parts: path.split('/').map(str::to_owned).collect(), index };
        layout(paths.iter().enumerate().map(entry).collect(), is_archive, "it")
    }

    fn classes_of(paths: &[&str], is_archive: bool) -> Parts {
        let Ok(Layout::Classes(parts)) = of(paths, is_archive) else { panic!("{paths:?}") };
        *parts
    }

    fn labels(files: &[TextFile]) -> Vec<&str> {
        files.iter().map(|file| file.class.as_str()).collect()
    }

    #[test]
    fn class_folders_with_and_without_parts() {
        let parts = classes_of(
            &[
                "aclImdb/README",
                "aclImdb/imdb.vocab",
                "aclImdb/train/urls_pos.txt",
                "aclImdb/train/pos/1_9.txt",
                "aclImdb/train/neg/0_2.txt",
                "aclImdb/train/neg/.DS_Store",
                "aclImdb/train/unsup/0_0.txt",
                "aclImdb/test/neg/0_2.txt",
            ],
            false,
        );
        assert_eq!((labels(&parts.train), parts.unlabelled), (vec!["neg", "pos"], 1));
        assert_eq!((labels(&parts.test.unwrap()), parts.test_name.as_str()), (vec!["neg"], "test"));
        assert!(parts.validation.is_none());
        let news = classes_of(
            &[
                "20news-bydate-train/alt.atheism/49960",
                "20news-bydate-train/sci.space/1",
                "20news-bydate-test/sci.space/2",
            ],
            true,
        );
        assert_eq!(
            (labels(&news.train), news.test_name.as_str()),
            (vec!["alt.atheism", "sci.space"], "20news-bydate-test")
        );
        let plain = classes_of(&["neg/a.txt", "neg/b.jpg", "pos/c.txt", "README.md"], false);
        assert_eq!(labels(&plain.train), ["neg", "pos"]);
        assert_eq!(labels(&classes_of(&["unsup/a", "other/b"], false).train), ["other", "unsup"]);
        assert_eq!(labels(&classes_of(&["only/a.txt", "only/b.txt"], false).train), ["only", "only"]);
    }

    #[test]
    fn an_archive_holds_one_table_or_class_folders() {
        for paths in [
            &["IMDB Dataset.csv"][..],
            &["a/readme.txt", "a/data.TSV", "__MACOSX/a/._data.tsv"],
            &["x.txt"],
            &["x.parquet"],
        ] {
            assert!(matches!(of(paths, true), Ok(Layout::Table(_))), "{paths:?}");
        }
        let refused = |paths: &[&str], is_archive| of(paths, is_archive).unwrap_err();
        assert_eq!(refused(&["train.csv", "test.csv"], true).arg("names").as_deref(), Some("test.csv, train.csv"));
        assert_eq!(refused(&["a.txt", "b.txt"], true).id, "data-archive-several");
        assert_eq!(refused(&[], true).id, "data-archive-empty");
        assert_eq!(refused(&["a.csv"], false).id, "data-folder-of-tables");
        assert_eq!(refused(&["a.txt", "b.txt"], false).id, "data-folder-no-classes");
    }
}
