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
/// Class folders are looked for so many levels below the top, or below what wraps it.
const MAX_DEEPER: usize = 3;
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
        self.is_named_about()
            || ["readme", "license", "licence", "copying"].iter().any(|word| name.starts_with(word))
            || self.extension() == "md"
    }

    /// Whether it tells of the data by its whole name. Among texts only that counts, as a text may begin with such a word.
    fn is_named_about(&self) -> bool {
        let name = self.parts.last().map_or(String::new(), |name| name.to_lowercase());
        let stem = name.split('.').next().unwrap_or_default();
        ["readme", "license", "licence", "copying", "changelog"].contains(&stem)
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
    /// Files of an archive of which each may be the table.
    Several(Vec<Entry>),
    /// Class folders for each part that there is.
    Classes(Box<Parts>),
}

/// Class folders of training texts, and of the other parts where the folder has any.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub train: Vec<TextFile>,
    pub validation: Option<Vec<TextFile>>,
    pub test: Option<Vec<TextFile>>,
    /// What the folders of validation and test texts are called.
    pub validation_name: String,
    pub test_name: String,
    /// Texts of the training folder that are left out, as they have no label.
    pub unlabelled: usize,
    /// The folder in which all of it was found, where that is not the top.
    pub within: Option<String>,
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
/// `data-archive-empty`, `data-folder-of-tables`, `data-folder-several-sets` and `data-folder-no-classes`, naming the folder or
/// archive and what is in it.
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
        let listed = if of_top.is_empty() { others } else { of_top };
        if is_archive {
            return Ok(Layout::Several(listed));
        }
        let problem = Problem::new("data-folder-of-tables").with("file", file);
        return Err(problem.with_count("count", listed.len()).with("names", names(&listed)));
    }
    if others.is_empty() {
        return Err(Problem::new("data-folder-empty").with("file", file));
    }
    let is_table = |file: &TextFile| TABLES.contains(&file.entry.extension().as_str());
    let top = unwrapped(entries);
    let own = parts(by_folder(&top));
    if own.as_ref().is_some_and(|found| found.train.iter().all(is_table)) {
        let problem = Problem::new("data-folder-of-tables").with("file", file);
        return Err(problem.with_count("count", tables.len()).with("names", names(&tables)));
    }
    if let Some(found) = own.as_ref().filter(|found| found.is_whole(&top)) {
        return Ok(Layout::Classes(Box::new(found.clone())));
    }
    // The folders lie deeper, beside others.
    let mut found = Vec::new();
    deeper(&top, "", MAX_DEEPER, &mut found);
    let several = || {
        let names = found.iter().take(NAMED).map(|(path, _)| path.as_str()).collect::<Vec<_>>().join(", ");
        let problem = Problem::new("data-folder-several-sets").with("file", file).with_count("count", found.len());
        problem.with("names", names + if found.len() > NAMED { ", …" } else { "" })
    };
    match found.as_slice() {
        [] => own
            .map(|parts| Layout::Classes(Box::new(parts)))
            .ok_or_else(|| Problem::new("data-folder-no-classes").with("file", file).with("names", names(&others))),
        [(path, parts)] => Ok(Layout::Classes(Box::new(Parts { within: Some(path.clone()), ..parts.clone() }))),
        [..] => Err(several()),
    }
}

/// What is in the folders that hold nothing but one other folder, and files that tell of it.
fn unwrapped(entries: Vec<Entry>) -> Vec<Entry> {
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
    top
}

/// Adds the folders below that hold several classes, or parts of such, with their paths.
fn deeper(entries: &[Entry], path: &str, depth: usize, found: &mut Vec<(String, Parts)>) {
    for (name, inner) in by_folder(entries) {
        let path = if path.is_empty() { name } else { format!("{path}/{name}") };
        match parts(by_folder(&inner)).filter(|parts| parts.is_whole(&inner)) {
            Some(parts) => found.push((path, parts)),
            None if depth > 0 => deeper(&inner, &path, depth - 1, found),
            None => {}
        }
    }
}

impl Parts {
    /// Whether there are several classes, and most of the files in these folders are texts of theirs. Otherwise what was
    /// taken for classes are folders that hold them, and files beside those.
    fn is_whole(&self, entries: &[Entry]) -> bool {
        let parts = [Some(&self.train), self.validation.as_ref(), self.test.as_ref()];
        let taken = parts.into_iter().flatten().map(Vec::len).sum::<usize>() + self.unlabelled;
        let all = entries.iter().filter(|entry| entry.parts.len() > 1).count();
        let is_several =
            self.train.first().is_some_and(|first| self.train.iter().any(|file| file.class != first.class));
        is_several && taken * 2 >= all
    }
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
    let of_part = |inner: &Vec<Entry>| classes(by_folder(&unwrapped(inner.clone())));
    let (train, unlabelled) = of_part(train)?;
    let part = |names: &[&str]| named(names).and_then(|(name, inner)| Some((name.clone(), of_part(inner)?.0)));
    let (validation, test) = (part(&["validation", "valid", "val", "dev"]), part(&["test", "testing"]));
    Some(Parts {
        train,
        unlabelled,
        validation_name: validation.as_ref().map_or(String::new(), |(name, _)| name.clone()),
        test_name: test.as_ref().map_or(String::new(), |(name, _)| name.clone()),
        validation: validation.map(|(_, files)| files),
        test: test.map(|(_, files)| files),
        within: None,
    })
}

/// The texts of class folders, and how many texts without a label were left out; `None` where no folder has a file.
fn classes(mut folders: BTreeMap<String, Vec<Entry>>) -> Option<(Vec<TextFile>, usize)> {
    for inner in folders.values_mut() {
        inner.retain(|entry| entry.parts.len() == 1 && !entry.is_named_about());
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
        for several in [["train.csv", "test.csv"], ["a.txt", "b.txt"]] {
            assert!(matches!(of(&several, true), Ok(Layout::Several(files)) if files.len() == 2), "{several:?}");
        }
        assert_eq!(refused(&[], true).id, "data-archive-empty");
        assert_eq!(refused(&["a.csv"], false).id, "data-folder-of-tables");
        assert_eq!(refused(&["pos/a.csv", "neg/b.csv"], false).id, "data-folder-of-tables");
        assert_eq!(refused(&["README", ".git/x"], false).id, "data-folder-empty");
        assert_eq!(refused(&["a.txt", "b.txt"], false).id, "data-folder-no-classes");
    }

    #[test]
    fn class_folders_deeper_than_expected() {
        let reviews = [
            "sets/README",
            "sets/aclImdb/README",
            "sets/aclImdb/imdbEr.txt",
            "sets/aclImdb/train/urls_pos.txt",
            "sets/aclImdb/train/pos/1_9.txt",
            "sets/aclImdb/train/neg/0_2.txt",
            "sets/aclImdb/train/neg/README.txt",
            "sets/aclImdb/test/pos/0_2.txt",
        ];
        let alone = classes_of(&reviews, false);
        assert_eq!((labels(&alone.train), alone.within), (vec!["neg", "pos"], None));
        // Another folder lies beside it, or beside what wraps it.
        let beside = classes_of(&[&reviews[..], &["sets/notebooks/a.ipynb", "sets/notebooks/b.py"]].concat(), false);
        assert_eq!((labels(&beside.train), beside.within.as_deref()), (vec!["neg", "pos"], Some("aclImdb")));
        assert_eq!(labels(&beside.test.unwrap()), ["pos"]);
        let wrapped = classes_of(&[&reviews[..], &["code/src/main.py"]].concat(), false);
        assert_eq!((labels(&wrapped.train), wrapped.within.as_deref()), (vec!["neg", "pos"], Some("sets/aclImdb")));
        let in_part = classes_of(&["train/texts/a/1.txt", "train/texts/b/2.txt", "test/texts/a/3.txt"], false);
        assert_eq!((labels(&in_part.train), labels(&in_part.test.unwrap())), (vec!["a", "b"], vec!["a"]));
        // Which of several is meant is not to be known.
        let news = ["news/news-train/space/1", "news/news-train/hockey/2", "news/news-test/space/3"];
        let refused = of(&[&reviews[..], &news].concat(), false).unwrap_err();
        assert_eq!(
            (refused.id.as_ref(), refused.arg("names").unwrap()),
            ("data-folder-several-sets", "news, sets/aclImdb".into())
        );
        let domains = ["books/pos/1.txt", "books/neg/2.txt", "dvd/pos/3.txt", "dvd/neg/4.txt"];
        assert_eq!(of(&domains, false).unwrap_err().arg("names").as_deref(), Some("books, dvd"));
    }
}
