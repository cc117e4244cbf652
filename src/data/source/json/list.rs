//! A JSON list of records, of which one that is broken does not condemn the others.

use std::collections::HashSet;

use serde_json::{Deserializer, Value};

use super::{Records, newlines, parse, without_nan};
use crate::domain::problem::{Outcome, Problem};

/// The end of a broken record is looked for in so many bytes.
const MAX_GAP_BYTES: usize = 1 << 20;

/// Reads the records of a list. A broken one is skipped where the next one is certain.
///
/// # Errors
/// `data-json-broken` with line and column.
pub(super) fn read(text: &str, file: &str, records: &mut Records) -> Outcome<()> {
    let end_of = |from: usize| from + text[from..].len() - text[from..].trim_start().len();
    let place_of = |at: usize| (1 + newlines(&text[..at]), at - text[..at].rfind('\n').map_or(0, |n| n + 1) + 1);
    let cut = |at: usize| {
        let (line, column) = place_of(at);
        Problem::new("data-json-broken").with("file", file).with_count("line", line).with_count("column", column)
    };
    let mut at = end_of(end_of(0) + 1);
    let mut number = 0;
    loop {
        if text[at..].starts_with(']') {
            let is_end = text[at + 1..].trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty();
            return if is_end { Ok(()) } else { Err(cut(at + 1)) };
        }
        number += 1;
        let end = match element(&text[at..]) {
            Some(Ok((value, length))) => {
                records.push(number, value)?;
                at + length
            }
            Some(Err(error)) => {
                let (line, column) = place_of(at);
                let before = if error.line() == 1 { column - 1 } else { 0 };
                let of = |id| Problem::new(id).with_count("line", line + error.line() - 1);
                let of = |id| of(id).with_count("column", before + error.column()).with_original(what(&error));
                let gap = gap(&text[at..], records.grid_columns());
                let gap = gap.ok_or_else(|| of("data-json-broken").with("file", file))?;
                (0..gap.elements).for_each(|more| records.skip(number + more, of("data-skip-json-element")));
                number += gap.elements - 1;
                at + gap.length
            }
            None => return Err(cut(text.len())),
        };
        at = end_of(end);
        at = match text.as_bytes().get(at) {
            Some(b',') => end_of(at + 1),
            // A comma that is missing between two records leaves no doubt.
            Some(b'{' | b']') => at,
            _ => return Err(cut(at)),
        };
    }
}

/// The value at the beginning of a text, and its length in bytes. Python's words for no number mean that there is none.
fn element(text: &str) -> Option<Result<(Value, usize), serde_json::Error>> {
    let mut values = Deserializer::from_str(text).into_iter::<Value>();
    let error = match values.next()? {
        Ok(value) => return Some(Ok((value, values.byte_offset()))),
        Err(error) => error,
    };
    let length = length_of(text);
    let value = length.and_then(|length| serde_json::from_str(&without_nan(&text[..length])?).ok());
    Some(value.zip(length).ok_or(error))
}

/// The bytes up to the bracket that closes the one at the beginning of a text; `None` where there is none.
fn length_of(text: &str) -> Option<usize> {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for (at, b) in text.bytes().enumerate() {
        match b {
            _ if std::mem::take(&mut is_escaped) => {}
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            _ if is_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// What the parser says, without its place, which counts from the element on.
fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// The broken elements at the beginning of a text.
struct Gap {
    /// How many there are.
    elements: usize,
    /// The bytes up to what is behind them: the comma before a record, or the bracket that closes the list.
    length: usize,
}

/// Finds the end of a broken record: the next place where, behind a comma, a record like those before it stands whole, or
/// where the list ends. `columns` are those of the records before. `None` where the end is not certain.
fn gap(text: &str, columns: &[String]) -> Option<Gap> {
    if !text.starts_with('{') {
        return None;
    }
    let tops: HashSet<&str> = columns.iter().flat_map(|c| [Some(c.as_str()), c.split('.').next()]).flatten().collect();
    let own_first = first_key(text);
    // Where no record was read, the others begin like the broken one.
    let is_known = |key: &str| tops.contains(key) || columns.is_empty() && own_first.as_deref() == Some(key);
    let behind = |at: usize| text.len() - text[at..].trim_start().len();
    let searched = text.floor_char_boundary(MAX_GAP_BYTES);
    let mut elements = 1;
    for (comma, _) in text[..searched].match_indices(',') {
        let start = behind(comma + 1);
        let Some(first) = first_key(&text[start..]) else { continue };
        let whole = length_of(&text[start..text.floor_char_boundary(start + MAX_GAP_BYTES)]);
        let record = whole.and_then(|length| Some((parse(&text[start..start + length])?, start + length)));
        let Some((Value::Object(record), end)) = record else {
            elements += usize::from(is_known(&first));
            continue;
        };
        // An object within the broken record has other keys than a record.
        if !record.keys().any(|key| is_known(key)) {
            continue;
        }
        let ends = matches!(text[behind(end)..].chars().next(), Some(',' | ']'));
        let is_alike = columns.is_empty() || record.keys().all(|key| tops.contains(key.as_str()));
        return (ends && is_alike).then_some(Gap { elements, length: comma });
    }
    // The broken record is the last one of the list.
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || c == '\0').strip_suffix(']')?.trim_end();
    let is_certain = searched == text.len() && end.ends_with('}');
    is_certain.then_some(Gap { elements, length: end.len() })
}

/// The first key of the object that a text begins with.
fn first_key(text: &str) -> Option<String> {
    let mut keys = Deserializer::from_str(text.strip_prefix('{')?).into_iter::<String>();
    keys.next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::super::super::{Record, Table as _};
    use super::super::{JsonForm, read};
    use super::*;

    /// The numbers of the records with their first cells, and of those that were skipped with their lines.
    type Found = (Vec<String>, Vec<(usize, String)>);

    fn records(text: &str) -> Outcome<Found> {
        let grid = read(text, JsonForm::List, None, "f.json")?;
        let (mut whole, mut skipped) = (Vec::new(), Vec::new());
        let mut each = |record: &dyn Record| {
            match record.fault() {
                Some(fault) => skipped.push((record.row(), fault.arg("line").unwrap())),
                None => whole.push(format!("{} {}", record.row(), record.get(0))),
            }
            Ok(std::ops::ControlFlow::Continue(()))
        };
        grid.visit(&mut each)?;
        Ok((whole, skipped))
    }

    fn list(elements: &[&str]) -> String {
        format!("[\n{}\n]", elements.join(",\n"))
    }

    #[test]
    fn a_broken_record_is_skipped_where_the_next_one_is_certain() {
        let good =
            r#"{"text": "good, {\"text\": 1}", "label": 1, "meta": {"text": "x", "by": [{"text": "y", "of": 2}]}}"#;
        let found = |broken: &[&str]| records(&list(&[&[good, good], broken, &[good]].concat())).unwrap();
        for broken in [
            r#"{"text": "a "quoted" word", "label": 0}"#,
            r#"{"text": "never closed, "label": 0}"#,
            r#"{"text": "b" "label": 0, "meta": {"by": [{"who": "y", "of": 2}, {"who": "z", "of": 3}]}}"#,
            r#"{"text": "c", "label": }"#,
            r#"{'text': 'd', 'label': 0}"#,
            r#"{"text": "e", "label": 0"#,
            "{\"text\": \"f\ng\", \"label\": 0}",
        ] {
            let (whole, skipped) = found(&[broken]);
            assert_eq!(whole.iter().map(|w| &w[..6]).collect::<Vec<_>>(), ["1 good", "2 good", "4 good"], "{broken}");
            // A brace that is missing at the end is missed on the next line, where a text that is broken off ends, too.
            let line = if broken.ends_with('}') && !broken.contains('\n') { "4" } else { "5" };
            assert_eq!(skipped, [(3, line.to_owned())], "{broken}");
        }
        let (whole, skipped) = found(&[r#"{"text": "a "b""}"#, r#"{"text": "c" "d"}"#]);
        assert_eq!((whole.len(), skipped.len()), (3, 2), "{skipped:?}");
        let first = records(&list(&[r#"{"text": "a "b" c", "label": 1}"#, good, good])).unwrap();
        assert_eq!((first.0.len(), first.1), (2, vec![(1, "2".to_owned())]));
        // Another record may have its keys in another order, or fewer of them.
        let other = r#"{"label": 0, "text": "x"}"#;
        let turned = records(&list(&[good, r#"{"text": "a "b" c", "label": 1}"#, other, good])).unwrap();
        assert_eq!((turned.0.len(), turned.1), (3, vec![(2, "3".to_owned())]));
        let last = records(&list(&[good, good, r#"{"text": "a "b" c", "label": 1}"#])).unwrap();
        assert_eq!((last.0.len(), last.1), (2, vec![(3, "4".to_owned())]));
    }

    #[test]
    fn what_is_not_certain_is_refused_with_its_place() {
        let good = r#"{"text": "good", "label": 1}"#;
        for text in [
            // Nobody knows whether the file goes on.
            format!("[{good},\n{good},\n{{\"text\": \"cut"),
            format!("[{good},\n{good}"),
            format!("[{good},\n{good}] and more"),
            // The record in the broken one may be one of its own.
            format!("[{good},\n{{\"text\": \"a \" b\", \"more\": [1,\n{{\"text\": \"x\", \"other\": 1}}]}},\n{good}]"),
            format!("[[1, 2],\n[3 4],\n{good}]"),
        ] {
            let problem = records(&text).unwrap_err();
            assert!(problem.id == "data-json-broken" && problem.arg("line").is_some(), "{text}: {problem}");
        }
    }

    #[test]
    fn commas_too_many_or_missing_and_words_for_no_number() {
        let whole = |text: &str| records(text).map(|(whole, skipped)| (whole.join(", "), skipped.len()));
        assert_eq!(whole("[{\"a\": 1, \"b\": 2},\n{\"a\": 3, \"b\": 4},\n]"), Ok(("1 1, 2 3".to_owned(), 0)));
        assert_eq!(whole("[{\"a\": 1, \"b\": 2}\n{\"a\": 3, \"b\": 4}]"), Ok(("1 1, 2 3".to_owned(), 0)));
        let nan = "[{\"a\": \"x\", \"b\": NaN}, {\"a\": \"NaN Infinity\", \"b\": -Infinity}, {\"a\": \"y\", \"b\": 2}]";
        assert_eq!(whole(nan), Ok(("1 x, 2 NaN Infinity, 3 y".to_owned(), 0)));
    }

    /// A file that is broken everywhere costs no more than a look at each place.
    #[test]
    fn a_file_that_is_broken_everywhere_is_told_at_once() {
        let text = format!("[{}]", "{\"text\": \"a \"b\", \"label\": 1},".repeat(20_000));
        assert!(records(&text).is_err() || records(&text).unwrap().0.is_empty());
    }
}
