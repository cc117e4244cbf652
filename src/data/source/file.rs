//! A data file, a folder of class folders or an archive of either, with its bytes in memory.

use std::borrow::Cow;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::archive::{Zip, ZipKind, gunzip, is_tar, tar_entries};
use super::listing::{Entry, Layout, Parts, TextFile, layout};
use super::{MAX_BYTES, MAX_FILES, most_unpacked, swells, too_large};
use crate::domain::config::{DataConfig, DataSource};
use crate::domain::problem::{Outcome, Problem};

/// The review sentences that the program carries (`assets/data/SOURCE.md`).
static BUNDLED: &[u8] = include_bytes!("../../../assets/data/movie_reviews.csv");
const BUNDLED_NAME: &str = "movie_reviews.csv";
/// So often is a file unpacked that is packed again.
const MAX_NESTED: usize = 5;
/// Folders within a data folder are listed down to this depth.
const MAX_DEPTH: usize = 10;
/// So many tables of an archive are offered to choose from.
const MAX_CHOICES: usize = 200;
/// Progress is reported after each so many files of a folder.
const REPORT_FILES: usize = 500;

pub(super) const GZIP: &[u8] = b"\x1f\x8b";
pub(super) const ZIP: &[u8] = b"PK\x03\x04";
pub(super) const EMPTY_ZIP: &[u8] = b"PK\x05\x06";

/// A data file and its bytes.
pub struct File<'a> {
    pub name: String,
    /// `None` for the bundled set.
    pub path: Option<&'a Path>,
    /// The bytes of the file, those that were packed in it, or those of all texts one after another.
    pub bytes: Cow<'static, [u8]>,
    /// The texts of class folders.
    pub texts: Option<Vec<Piece>>,
    /// This is true where the bytes came out of a gzipped file.
    is_gzipped: bool,
    /// What kind of workbook it is, if it is one.
    pub workbook: Option<ZipKind>,
    /// The tables of an archive that holds several, and the one of them that was asked for.
    pub tables: Vec<String>,
    pub table: Option<String>,
    /// What the user should know of how it was read.
    pub notes: Vec<Problem>,
    /// The parts that lie beside the training texts in the same folder or archive.
    pub validation: Option<Box<File<'a>>>,
    pub test: Option<Box<File<'a>>>,
}

/// A text in a file of its own.
#[derive(Clone, Debug)]
pub struct Piece {
    pub class: String,
    /// Its path from the folder of the classes.
    pub path: String,
    /// Where it lies among the bytes.
    pub range: Range<usize>,
}

impl<'a> File<'a> {
    /// Reads the bundled data set, a file or a folder. Of an archive with several tables it is the one that `config` names, or
    /// none yet. `progress` gets the bytes of a folder's files that were read, and all.
    ///
    /// # Errors
    /// Those of [`File::at`].
    pub fn read(config: &'a DataConfig, progress: &dyn Fn(usize, usize)) -> Outcome<Self> {
        match &config.source {
            DataSource::Bundled => Ok(Self::of(BUNDLED_NAME.into(), None, BUNDLED.into())),
            DataSource::File(path) => Self::at(path, config.reading.sheet.as_deref(), progress),
        }
    }

    /// A file that is not read here.
    pub fn named(name: String, path: &'a Path) -> Self {
        Self::of(name, Some(path), Cow::Borrowed(&[]))
    }

    fn of(name: String, path: Option<&'a Path>, bytes: Cow<'static, [u8]>) -> Self {
        Self {
            name,
            path,
            bytes,
            texts: None,
            is_gzipped: false,
            workbook: None,
            tables: Vec::new(),
            table: None,
            notes: Vec::new(),
            validation: None,
            test: None,
        }
    }

    /// Returns whether the name says how the file is packed, because others go by the name where Thaw goes by the content.
    pub fn is_packed_as_named(&self) -> bool {
        let extension = self.path.and_then(Path::extension).unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "gz" => self.is_gzipped,
            "zip" | "bz2" | "xz" | "zst" | "tar" => false,
            _ => !self.is_gzipped,
        }
    }

    /// Reads a whole file or folder into memory. `table` is the one of an archive with several.
    ///
    /// # Errors
    /// `data-not-a-file`, `data-too-large`, `file-error`; `data-folder-*` and `data-archive-*` for what holds no data that
    /// can be read.
    pub fn at(path: &'a Path, table: Option<&str>, progress: &dyn Fn(usize, usize)) -> Outcome<Self> {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let failed = |e| Problem::file(path, &e);
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            let name = std::fs::canonicalize(path)
                .ok()
                .and_then(|p| Some(p.file_name()?.to_string_lossy().into_owned()))
                .unwrap_or(name);
            return Self::folder(path, name, progress);
        }
        // A pipe can be read only once and a device may have no end. Merely opening a pipe would wait for its writer.
        if !metadata.is_file() {
            return Err(Problem::new("data-not-a-file").with("file", path.display()));
        }
        let mut bytes = Vec::new();
        if metadata.len() <= MAX_BYTES {
            bytes.reserve_exact(metadata.len() as usize);
            // A file may grow while it is read.
            let file = std::fs::File::open(path).map_err(failed)?;
            file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        }
        let size = metadata.len().max(bytes.len() as u64);
        if size > MAX_BYTES {
            return Err(too_large(&name, size));
        }
        let mut file = Self::of(name, Some(path), Cow::Owned(bytes));
        file.unpack(table, progress)?;
        Ok(file)
    }

    /// Reads the rows of a part of its own. Of a folder with several parts these are the test rows.
    ///
    /// # Errors
    /// Those of [`File::at`].
    pub fn part_at(path: &'a Path, table: Option<&str>, progress: &dyn Fn(usize, usize)) -> Outcome<Self> {
        Self::at(path, table, progress).map(Self::for_test)
    }

    /// The test part where there is one, else the whole.
    #[must_use]
    pub fn for_test(self) -> Self {
        let Some(mut test) = self.test else { return self };
        test.notes.push(Problem::new("data-note-test-part").with("file", &self.name).with("part", &test.name));
        *test
    }

    /// Unpacks what is packed, as often as that is.
    fn unpack(&mut self, table: Option<&str>, progress: &dyn Fn(usize, usize)) -> Outcome<()> {
        // Also of an archive in another no more may come out than the outer one has room for.
        let most = most_unpacked(self.bytes.len());
        for _ in 0..MAX_NESTED {
            if self.bytes.starts_with(GZIP) {
                self.is_gzipped = true;
                self.bytes = Cow::Owned(gunzip(&self.bytes, most, &self.name)?);
            } else if self.bytes.starts_with(ZIP) || self.bytes.starts_with(EMPTY_ZIP) {
                let packed = std::mem::take(&mut self.bytes);
                let mut zip = Zip::open(&packed, &self.name)?;
                let kind = zip.kind()?;
                if kind != ZipKind::Archive {
                    drop(zip);
                    (self.bytes, self.workbook) = (packed, Some(kind));
                    return Ok(());
                }
                let entries = zip.entries()?;
                self.fill(entries, (table, most), &mut |entry: &Entry, most| zip.read(entry.index, most), progress)?;
            } else if is_tar(&self.bytes) {
                let packed = std::mem::take(&mut self.bytes);
                let (entries, places) = tar_entries(&packed, &self.name)?;
                let mut read = |entry: &Entry, _| Ok(packed[places[entry.index].clone()].to_vec());
                self.fill(entries, (table, most), &mut read, progress)?;
            } else {
                return Ok(());
            }
            if self.texts.is_some() {
                return Ok(());
            }
        }
        Err(Problem::new("data-archive-nested").with("file", &self.name))
    }

    /// Takes the one table, the one that is asked for, or the class folders out of an archive, but no
    /// more than `most` bytes.
    fn fill(
        &mut self,
        entries: Vec<Entry>,
        (table, most): (Option<&str>, u64),
        read: &mut Read<'_>,
        progress: &dyn Fn(usize, usize),
    ) -> Outcome<()> {
        let entry = match layout(entries, true, &self.name)? {
            Layout::Classes(parts) => return self.take_parts(*parts, most, read, progress),
            Layout::Table(entry) => entry,
            Layout::Several(entries) => {
                self.tables = entries.iter().take(MAX_CHOICES).map(Entry::path).collect();
                let Some(entry) = table.and_then(|wanted| named(&entries, wanted)) else { return Ok(()) };
                self.table = Some(entry.path());
                entry.clone()
            }
        };
        self.bytes = Cow::Owned(read(&entry, most)?);
        self.notes.push(Problem::new("data-note-of-archive").with("file", &self.name).with("name", entry.path()));
        Ok(())
    }

    fn folder(path: &'a Path, name: String, progress: &dyn Fn(usize, usize)) -> Outcome<Self> {
        refuse_other_folders(path, &name)?;
        let (entries, paths) = walk(path, &name)?;
        let mut file = Self::of(name.clone(), Some(path), Cow::Borrowed(&[]));
        let Layout::Classes(parts) = layout(entries, false, &name)? else {
            return Err(Problem::new("data-folder-no-classes").with("file", name).with("names", ""));
        };
        let mut read = |entry: &Entry, most: u64| {
            let path = &paths[entry.index];
            let mut bytes = Vec::new();
            let file = std::fs::File::open(path).map_err(|e| Problem::file(path, &e))?;
            file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| Problem::file(path, &e))?;
            Ok(bytes)
        };
        file.take_parts(*parts, MAX_BYTES, &mut read, progress)?;
        Ok(file)
    }

    fn take_parts(
        &mut self,
        parts: Parts,
        most: u64,
        read: &mut Read<'_>,
        progress: &dyn Fn(usize, usize),
    ) -> Outcome<()> {
        let Parts { train, validation, test, validation_name, test_name, unlabelled, within } = parts;
        let count = |files: &Option<Vec<TextFile>>| files.as_ref().map_or(0, Vec::len);
        let all = train.len() + count(&validation) + count(&test);
        let mut left = most;
        let mut done = 0;
        let mut part = |name: String, path, files: Vec<TextFile>| -> Outcome<Self> {
            let mut file = Self::of(name, path, Cow::Borrowed(&[]));
            let (mut bytes, mut pieces) = (Vec::new(), Vec::with_capacity(files.len()));
            for TextFile { class, entry } in files {
                let text = read(&entry, left)?;
                left = left.checked_sub(text.len() as u64).ok_or_else(|| swells(&file.name, most))?;
                let start = bytes.len();
                bytes.extend_from_slice(&text);
                let path = format!("{class}/{}", entry.path());
                pieces.push(Piece { class, path, range: start..bytes.len() });
                done += 1;
                if done % REPORT_FILES == 0 {
                    progress(done, all);
                }
            }
            (file.bytes, file.texts) = (Cow::Owned(bytes), Some(pieces));
            Ok(file)
        };
        let main = part(self.name.clone(), self.path, train)?;
        (self.bytes, self.texts) = (main.bytes, main.texts);
        let name = self.name.clone();
        let note = |id: &'static str, folder: &str| Problem::new(id).with("file", &name).with("folder", folder);
        if let Some(within) = within {
            self.notes.push(note("data-note-within", &within));
        }
        if let Some(files) = validation {
            self.notes.push(note("data-note-validation-folder", &validation_name).with_count("count", files.len()));
            self.validation = Some(Box::new(part(format!("{name}/{validation_name}"), self.path, files)?));
        }
        if let Some(files) = test {
            self.notes.push(note("data-note-test-folder", &test_name).with_count("count", files.len()));
            self.test = Some(Box::new(part(format!("{name}/{test_name}"), self.path, files)?));
        }
        if unlabelled > 0 {
            self.notes.push(note("data-note-unlabelled", "unsup").with_count("count", unlabelled));
        }
        Ok(())
    }
}

/// The file of this path or of this name. Upper and lower case count only where they are needed to tell two files apart.
fn named<'e>(entries: &'e [Entry], wanted: &str) -> Option<&'e Entry> {
    let name = |entry: &Entry| entry.parts.last().cloned().unwrap_or_default();
    let wanted = wanted.trim().to_lowercase();
    let only = |is: &dyn Fn(&&Entry) -> bool| {
        let mut found = entries.iter().filter(|entry| is(entry));
        found.next().filter(|_| found.next().is_none())
    };
    let exact = entries.iter().find(|entry| entry.path().to_lowercase() == wanted);
    exact.or_else(|| only(&|entry| name(entry).to_lowercase() == wanted))
}

/// Reads a file that was listed, of which no more than so many bytes count.
type Read<'r> = dyn FnMut(&Entry, u64) -> Outcome<Vec<u8>> + 'r;

/// Refuses folders that are something else than data, by what they are.
fn refuse_other_folders(path: &Path, name: &str) -> Outcome<()> {
    let has = |file: &str| path.join(file).exists();
    let id = if has("steps.jsonl") || has("race.json") {
        "data-folder-is-run"
    } else if has("dataset_info.json") || has("dataset_dict.json") {
        let load = format!("from datasets import load_from_disk as load; d = load('{name}')");
        let command = format!(
            "python -c \"{load}; (d['train'] if isinstance(d, dict) else d).to_csv('{name}.csv', index=False)\""
        );
        let problem = Problem::new("data-to-convert").with("file", name).with("format", "Hugging Face datasets");
        return Err(problem.with("command", command));
    } else if has("config.json") {
        "data-folder-is-model"
    } else {
        return Ok(());
    };
    Err(Problem::new(id).with("file", name))
}

/// All files in a folder, and where each lies.
fn walk(root: &Path, name: &str) -> Outcome<(Vec<Entry>, Vec<PathBuf>)> {
    let (mut entries, mut paths) = (Vec::new(), Vec::new());
    let mut waiting: Vec<(PathBuf, Vec<String>)> = vec![(root.to_owned(), Vec::new())];
    while let Some((folder, parts)) = waiting.pop() {
        let listed = std::fs::read_dir(&folder).map_err(|e| Problem::file(&folder, &e))?;
        for entry in listed {
            let entry = entry.map_err(|e| Problem::file(&folder, &e))?;
            let own = entry.file_name().to_string_lossy().into_owned();
            if own.starts_with('.') {
                continue;
            }
            let mut parts = parts.clone();
            parts.push(own);
            // A link is what it leads to; one that leads nowhere is left out.
            let kind = entry.file_type().ok().filter(|kind| !kind.is_symlink());
            let Some(kind) = kind.or_else(|| std::fs::metadata(entry.path()).ok().map(|found| found.file_type()))
            else {
                continue;
            };
            if kind.is_dir() && parts.len() < MAX_DEPTH {
                waiting.push((entry.path(), parts));
            } else if kind.is_file() {
                entries.push(Entry { parts, index: paths.len() });
                paths.push(entry.path());
            }
            if entries.len() + waiting.len() > MAX_FILES {
                return Err(Problem::new("data-archive-too-many").with("file", name).with_count("most", MAX_FILES));
            }
        }
    }
    Ok((entries, paths))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opening the pipe would wait for its writer, and the device never ends.
    #[cfg(target_os = "linux")]
    #[test]
    fn pipes_and_devices_are_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe.csv");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            let problem = File::at(path, None, &|_, _| {}).err().unwrap();
            assert_eq!(problem, Problem::new("data-not-a-file").with("file", path.display()));
        }
    }
}
