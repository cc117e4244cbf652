//! Files that are known by their first bytes and are not read: what each is, and what makes a table of it.

use crate::domain::problem::{Outcome, Problem};

/// What a file begins with, what it is called, and the expression with which pandas reads it.
const CONVERTED: [(&[u8], &str, &str); 11] = [
    (b"PAR1", "Parquet", "pd.read_parquet('FILE')"),
    (b"ARROW1", "Arrow / Feather", "pd.read_feather('FILE')"),
    (b"FEA1", "Feather", "pd.read_feather('FILE')"),
    (b"\xff\xff\xff\xff", "Arrow (stream)", "__import__('pyarrow').ipc.open_stream('FILE').read_all().to_pandas()"),
    (b"SQLite format 3", "SQLite", "pd.read_sql('select * from TABLE', __import__('sqlite3').connect('FILE'))"),
    (b"\x89HDF", "HDF5", "pd.read_hdf('FILE')"),
    (b"\x93NUMPY", "NumPy", "pd.DataFrame(__import__('numpy').load('FILE', allow_pickle=True))"),
    (b"\x80\x02", "pickle", "pd.read_pickle('FILE')"),
    (b"\x80\x03", "pickle", "pd.read_pickle('FILE')"),
    (b"\x80\x04", "pickle", "pd.read_pickle('FILE')"),
    (b"\x80\x05", "pickle", "pd.read_pickle('FILE')"),
];
/// What a file begins with, what it is packed with, and the command that unpacks it.
const PACKED: [(&[u8], &str, &str); 5] = [
    (b"BZh", "bzip2", "bunzip2 'FILE'"),
    (b"\xfd7zXZ\x00", "xz", "unxz 'FILE'"),
    (b"\x28\xb5\x2f\xfd", "Zstandard", "unzstd 'FILE'"),
    (b"7z\xbc\xaf", "7-Zip", "7z x 'FILE'"),
    (b"Rar!", "RAR", "unrar x 'FILE'"),
];
/// The beginnings of pictures, documents and programs.
const BINARY: [&[u8]; 6] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF-", b"\x7fELF", b"{\\rtf"];
/// The beginning of all Office files from before 2007, and of workbooks with a password.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0";
/// Names within such a file stand in so many of its first bytes, or in the last.
const OLE_LOOK: usize = 1 << 22;

/// Refuses a file that is known and not read. `name` is the file's name.
///
/// # Errors
/// `data-to-convert`, `data-to-unpack`, `data-is-old-workbook`, `data-is-document`, `data-workbook-locked`, `data-is-binary`,
/// `data-is-web-page`, `data-is-pointer`, `data-is-xml`, `data-is-arff`.
pub fn refuse(bytes: &[u8], name: &str) -> Outcome<()> {
    if let Some((_, format, expression)) = CONVERTED.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return Err(to_convert(name, format, expression));
    }
    if let Some((_, format, command)) = PACKED.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        let command = command.replace("FILE", name);
        return Err(Problem::new("data-to-unpack").with("file", name).with("format", format).with("command", command));
    }
    if bytes.starts_with(OLE) {
        return Err(of_ole(bytes, name));
    }
    // Excel's workbooks from before 1997 begin with the record of their version.
    if bytes.first() == Some(&9) && matches!(bytes.get(1), Some(0 | 2 | 4 | 8)) && bytes.get(2..4) == Some(b"\x08\0") {
        return Err(Problem::new("data-is-old-workbook").with("file", name));
    }
    if let Some(id) = marked_text(bytes) {
        return Err(Problem::new(id).with("file", name));
    }
    if let Some(expression) = python(bytes) {
        return Err(to_convert(name, "Python", expression));
    }
    if BINARY.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(Problem::new("data-is-binary").with("file", name));
    }
    Ok(())
}

/// What a text is by its first words, if it is another thing than a table.
fn marked_text(bytes: &[u8]) -> Option<&'static str> {
    const LOOK: usize = 2048;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOK)]).to_lowercase();
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let begins = |word: &str| {
        let rest = text.strip_prefix(word);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '>'))
    };
    if begins("<!doctype html") || ["<html", "<head", "<table", "<body"].iter().any(|tag| begins(tag)) {
        return Some("data-is-web-page");
    }
    if text.starts_with("version https://git-lfs.github.com/") {
        return Some("data-is-pointer");
    }
    if text.starts_with("<?xml") {
        let is_page = text.contains("<html");
        let is_workbook = text.contains("<workbook") || text.contains("excel.sheet");
        return Some(match (is_page, is_workbook) {
            (true, _) => "data-is-web-page",
            (_, true) => "data-is-old-workbook",
            _ => "data-is-xml",
        });
    }
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('%'))?;
    let is_arff = first.strip_prefix("@relation").is_some_and(|rest| rest.starts_with(char::is_whitespace));
    is_arff.then_some("data-is-arff")
}

/// The expression that reads a list or lines of Python's dictionaries, which look like JSON but are none.
fn python(bytes: &[u8]) -> Option<&'static str> {
    const LOOK: usize = 4096;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOK)]);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let (is_list, text) = text.strip_prefix('[').map_or((false, text), |rest| (true, rest.trim_start()));
    let key = text.strip_prefix('{')?.trim_start().strip_prefix('\'')?;
    let (_, value) = key.split_once('\'')?;
    value.trim_start().starts_with(':').then_some(if is_list {
        "pd.DataFrame(__import__('ast').literal_eval(open('FILE', encoding='utf-8').read()))"
    } else {
        "pd.DataFrame([__import__('ast').literal_eval(line) for line in open('FILE', encoding='utf-8') if line.strip()])"
    })
}

/// A file that pandas reads by this expression.
pub fn to_convert(name: &str, format: &str, expression: &str) -> Problem {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let reading = expression.replace("FILE", name);
    let command = format!("python -c \"import pandas as pd; {reading}.to_csv('{stem}.csv', index=False)\"");
    Problem::new("data-to-convert").with("file", name).with("format", format).with("command", command)
}

/// A file of old Office, told by the names of the parts in it, which are UTF-16.
fn of_ole(bytes: &[u8], name: &str) -> Problem {
    let (head, tail) = (&bytes[..bytes.len().min(OLE_LOOK)], &bytes[bytes.len().saturating_sub(OLE_LOOK)..]);
    let holds = |part: &str| {
        let wanted: Vec<u8> = part.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [head, tail].iter().any(|bytes| bytes.windows(wanted.len()).any(|window| window == wanted))
    };
    let id = if holds("EncryptedPackage") {
        "data-workbook-locked"
    } else if holds("WordDocument") || holds("PowerPoint Document") {
        "data-is-document"
    } else {
        "data-is-old-workbook"
    };
    Problem::new(id).with("file", name)
}
