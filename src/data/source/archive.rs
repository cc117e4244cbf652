//! Packed files and archives: `.gz`, `.zip` and `.tar`. Nothing is written to the disk, and what comes out is bounded.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::listing::Entry;
use super::{MAX_FILES, most_unpacked, swells};
use crate::data::decode::{guess, text_of_name};
use crate::domain::problem::{Outcome, Problem};

/// A tar archive is cut into blocks of so many bytes.
const BLOCK: usize = 512;

/// The bytes of a `.gz` file, unpacked. `most` may come out of it.
///
/// # Errors
/// `data-archive-broken`, `data-archive-swells`, `data-too-large`.
pub fn gunzip(bytes: &[u8], most: u64, file: &str) -> Outcome<Vec<u8>> {
    unpack(MultiGzDecoder::new(bytes), most, file)
}

fn unpack(from: impl Read, most: u64, file: &str) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| broken(file, &error))?;
    if bytes.len() as u64 > most { Err(swells(file, most)) } else { Ok(bytes) }
}

fn broken(file: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::new("data-archive-broken").with("file", file).with_original(error)
}

/// What a ZIP file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ZipKind {
    /// A workbook of Excel.
    Workbook,
    /// A spreadsheet of LibreOffice.
    OpenDocument,
    /// Files that are packed together.
    Archive,
}

/// A ZIP file.
pub struct Zip<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    file: String,
}

impl<'b> Zip<'b> {
    /// # Errors
    /// `data-archive-broken`, `data-archive-too-many`.
    pub fn open(bytes: &'b [u8], file: &str) -> Outcome<Self> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(file, &error))?;
        if archive.len() > MAX_FILES {
            return Err(Problem::new("data-archive-too-many").with("file", file).with_count("most", MAX_FILES));
        }
        Ok(Self { archive, file: file.to_owned() })
    }

    /// Tells workbooks from archives by the names within.
    ///
    /// # Errors
    /// `data-is-numbers` for Apple's spreadsheets, `data-is-document` for texts and slides, `data-is-old-workbook` for Excel's binary workbooks, `data-to-convert` for
    /// arrays of NumPy.
    pub fn kind(&mut self) -> Outcome<ZipKind> {
        let file = self.file.clone();
        let has = |name: &str| self.archive.index_for_name(name).is_some();
        let refused = |id| Err(Problem::new(id).with("file", &file));
        if has("xl/workbook.bin") {
            return refused("data-is-old-workbook");
        }
        if has("word/document.xml") || has("ppt/presentation.xml") {
            return refused("data-is-document");
        }
        if has("Index/Document.iwa") || has("Index.zip") && has("Metadata/Properties.plist") {
            return refused("data-is-numbers");
        }
        if has("[Content_Types].xml") {
            return Ok(ZipKind::Workbook);
        }
        if has("mimetype") && has("content.xml") {
            let kind = self.read_named("mimetype").unwrap_or_default();
            return if kind.contains("spreadsheet") { Ok(ZipKind::OpenDocument) } else { refused("data-is-document") };
        }
        let mut names = self.archive.file_names_raw().peekable();
        if names.peek().is_some() && names.all(|name| name.ends_with(b".npy")) {
            let expression = "pd.DataFrame(dict(__import__('numpy').load('FILE', allow_pickle=True)))";
            return Err(super::foreign::to_convert(&self.file, "NumPy", expression));
        }
        Ok(ZipKind::Archive)
    }

    fn read_named(&mut self, name: &str) -> Option<String> {
        let mut text = String::new();
        self.archive.by_name(name).ok()?.take(1 << 16).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// The files in it.
    ///
    /// # Errors
    /// `data-archive-locked` when a file has a password, `data-archive-unsafe` for a path that leads out of the archive,
    /// `data-archive-broken`.
    pub fn entries(&mut self) -> Outcome<Vec<Entry>> {
        let raw: Vec<u8> =
            self.archive.file_names_raw().filter(|n| std::str::from_utf8(n).is_err()).flatten().copied().collect();
        let encoding = (!raw.is_empty()).then(|| guess(&raw));
        let mut entries = Vec::new();
        for index in 0..self.archive.len() {
            let entry = self.archive.by_index_raw(index).map_err(|error| broken(&self.file, &error))?;
            if entry.is_dir() {
                continue;
            }
            // Windows writes names in the code page of its language.
            let name = text_of_name(entry.name_raw(), encoding).replace('\\', "/");
            if entry.encrypted() {
                return Err(Problem::new("data-archive-locked").with("file", &self.file));
            }
            let parts: Vec<String> =
                name.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect();
            if name.starts_with('/') || parts.iter().any(|part| part == "..") {
                return Err(Problem::new("data-archive-unsafe").with("file", &self.file).with("name", name));
            }
            if !parts.is_empty() {
                entries.push(Entry { parts, index });
            }
        }
        Ok(entries)
    }

    /// Unpacks one file. `most` are the bytes that may come out of it.
    ///
    /// # Errors
    /// `data-archive-broken`, `data-archive-swells`, `data-too-large`.
    pub fn read(&mut self, index: usize, most: u64) -> Outcome<Vec<u8>> {
        let entry = self.archive.by_index(index).map_err(|error| broken(&self.file, &error))?;
        unpack(entry, most, &self.file)
    }

    /// Refuses a workbook from which more comes out than a file may have, before anything holds it in memory.
    ///
    /// # Errors
    /// `data-archive-broken`, `data-archive-swells`, `data-too-large`.
    pub fn check_size(&mut self, packed_bytes: usize) -> Outcome<()> {
        let most = most_unpacked(packed_bytes);
        let mut left = most;
        for index in 0..self.archive.len() {
            let entry = self.archive.by_index(index).map_err(|error| broken(&self.file, &error))?;
            let size = std::io::copy(&mut entry.take(left + 1), &mut std::io::sink());
            let size = size.map_err(|error| broken(&self.file, &error))?;
            left = left.checked_sub(size).ok_or_else(|| swells(&self.file, most))?;
        }
        Ok(())
    }
}

/// Whether these bytes are a tar archive.
pub fn is_tar(bytes: &[u8]) -> bool {
    bytes.len() >= BLOCK && bytes[257..262] == *b"ustar"
}

/// The files of a tar archive, and where each lies in its bytes.
///
/// # Errors
/// `data-archive-broken`, `data-archive-unsafe`, `data-archive-too-many`.
pub fn tar_entries(bytes: &[u8], file: &str) -> Outcome<(Vec<Entry>, Vec<std::ops::Range<usize>>)> {
    let (mut at, mut entries, mut places) = (0, Vec::new(), Vec::new());
    let mut long_name: Option<String> = None;
    while let Some(header) = bytes.get(at..at + BLOCK).filter(|header| header.iter().any(|b| *b != 0)) {
        let size = octal(&header[124..136]).ok_or_else(|| broken(file, &"tar"))?;
        let (start, end) = (at + BLOCK, (at + BLOCK).saturating_add(size));
        let content = bytes.get(start..end).ok_or_else(|| broken(file, &"tar"))?;
        match header[156] {
            b'L' => long_name = Some(until_zero(content)),
            b'x' => long_name = pax_path(content).or(long_name),
            b'0' | 0 => {
                let prefix = until_zero(&header[345..500]);
                let short = until_zero(&header[..100]);
                let joined = if prefix.is_empty() { short } else { format!("{prefix}/{short}") };
                let name = long_name.take().unwrap_or(joined);
                let parts: Vec<String> =
                    name.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect();
                if name.starts_with('/') || parts.iter().any(|part| part == "..") {
                    return Err(Problem::new("data-archive-unsafe").with("file", file).with("name", name));
                }
                if !parts.is_empty() {
                    entries.push(Entry { parts, index: places.len() });
                    places.push(start..end);
                }
                if entries.len() > MAX_FILES {
                    return Err(Problem::new("data-archive-too-many").with("file", file).with_count("most", MAX_FILES));
                }
            }
            _ => long_name = None,
        }
        at = start + size.div_ceil(BLOCK) * BLOCK;
    }
    Ok((entries, places))
}

fn octal(field: &[u8]) -> Option<usize> {
    let digits = until_zero(field);
    usize::from_str_radix(digits.trim(), 8).ok()
}

fn until_zero(field: &[u8]) -> String {
    String::from_utf8_lossy(field.split(|b| *b == 0).next().unwrap_or_default()).into_owned()
}

/// The path in an extended header, whose lines are `LENGTH path=NAME`.
fn pax_path(content: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(content);
    text.lines().find_map(|line| line.split_once(" path=").map(|(_, path)| path.to_owned()))
}
