//! Maps of labels in files.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::domain::labels::LabelPair;
use crate::domain::problem::{Outcome, Problem};

/// A map is not read further than this.
const MOST_BYTES: u64 = 64 << 20;

/// The map of labels in a file: a JSON object of labels with their classes, or two columns without a header, with commas
/// between them (in a `.tsv` file tabs).
///
/// # Errors
/// `file-error`; `label-map-unreadable` with the line.
pub fn read_label_map(path: &Path) -> Outcome<Vec<LabelPair>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| Problem::file(path, &e))?;
    // There are a thousand classes at most; a device would never end.
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|e| Problem::file(path, &e))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let has_ending = |ending: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
    let unreadable = |line| Problem::new("label-map-unreadable").with("file", path.display()).with_count("line", line);
    let pairs = if has_ending("json") {
        let map: serde_json::Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|e| unreadable(e.line()).with_original(e))?;
        let pair = |(label, class): (String, Value)| match class {
            Value::String(class) => Ok(LabelPair { label, class }),
            Value::Number(class) => Ok(LabelPair { label, class: class.to_string() }),
            _ => Err(unreadable(1).with_original(label)),
        };
        map.into_iter().map(pair).collect::<Outcome<Vec<_>>>()?
    } else {
        let delimiter = if has_ending("tsv") { b'\t' } else { b',' };
        let mut table =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
        let mut pairs = Vec::new();
        for record in table.records() {
            let record = record
                .map_err(|e| unreadable(e.position().map_or(1, |place| place.line() as usize)).with_original(e))?;
            let line = record.position().map_or(1, |place| place.line() as usize);
            match record.iter().map(str::trim).collect::<Vec<_>>()[..] {
                [label, class] if !label.is_empty() && !class.is_empty() => {
                    pairs.push(LabelPair { label: label.to_owned(), class: class.to_owned() });
                }
                _ => return Err(unreadable(line)),
            }
        }
        pairs
    };
    if pairs.is_empty() { Err(unreadable(1)) } else { Ok(pairs) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_labels_is_an_object_or_two_columns() {
        let dir = tempfile::tempdir().unwrap();
        let read = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            read_label_map(&path).map(|map| map.into_iter().map(|p| (p.label, p.class)).collect::<Vec<_>>())
        };
        let pairs = [("a, b", "NEGATIVE"), ("긍정", "POSITIVE")].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
        assert_eq!(read("map.json", r#"{"a, b": "NEGATIVE", "긍정": "POSITIVE"}"#), Ok(pairs.clone()));
        assert_eq!(read("map.csv", "\u{feff}\"a, b\",NEGATIVE\r\n긍정,POSITIVE\r\n"), Ok(pairs.clone()));
        assert_eq!(read("map.tsv", "a, b\tNEGATIVE\n긍정\tPOSITIVE\n"), Ok(pairs));
        assert_eq!(read("map.json", r#"{"0": 1}"#), Ok(vec![("0".to_owned(), "1".to_owned())]));
        for (name, text) in
            [("map.json", "[1]"), ("map.json", r#"{"a": null}"#), ("map.csv", "a,b\nc\n"), ("map.csv", "")]
        {
            assert_eq!(read(name, text).unwrap_err().id, "label-map-unreadable", "{name} {text}");
        }
    }
}
