//! Tables whose quotation marks stand a little otherwise than in CSV files: fields in apostrophes, as Weka writes them, and
//! spaces between a delimiter and the quotation mark behind it.

use super::dialect::{Reading, lines};

/// Apostrophes or spaces are no accident when so many of ten lines have them.
const OF_TEN: usize = 8;
/// The lines that are looked at before the whole text is.
const LOOK_LINES: usize = 200;

fn ends_field(b: u8, delimiter: u8) -> bool {
    b == delimiter || b == b'\n' || b == b'\r'
}

/// Whether almost all of the first lines have a field that begins with an apostrophe and one that ends with it.
pub(super) fn may_be_single(text: &str, delimiter: u8) -> bool {
    let (mut found, mut all) = (0, 0);
    let d = char::from(delimiter);
    for line in lines(text).filter(|line| !line.trim().is_empty()).skip(1).take(LOOK_LINES) {
        let line = line.trim();
        let begins = line.starts_with('\'') || line.contains(&format!("{d}'"));
        let ends = line.ends_with('\'') || line.contains(&format!("'{d}"));
        (found, all) = (found + usize::from(begins && ends), all + 1);
    }
    all > 1 && found * 10 >= all * OF_TEN
}

/// The text with quotation marks in place of the apostrophes around fields. An apostrophe inside a field is doubled, stands
/// behind a backslash, or is one of those that no delimiter follows.
pub(super) fn with_quotation_marks(text: &str, delimiter: u8) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut is_start) = (0, true);
    while at < bytes.len() {
        let b = bytes[at];
        if is_start && b == b'"' {
            // A field in quotation marks stays as it is.
            let end = closing(bytes, at);
            out.extend_from_slice(&bytes[at..end]);
            (at, is_start) = (end, false);
        } else if is_start && b == b'\'' {
            out.push(b'"');
            at += 1;
            while at < bytes.len() {
                let next = bytes.get(at + 1);
                match bytes[at] {
                    b'\'' if next.is_none_or(|b| ends_field(*b, delimiter)) => break,
                    b'\'' | b'\\' if next == Some(&b'\'') => {
                        out.push(b'\'');
                        at += 1;
                    }
                    b'"' => out.extend_from_slice(b"\"\""),
                    b => out.push(b),
                }
                at += 1;
            }
            out.push(b'"');
            (at, is_start) = (at + 1, false);
        } else {
            out.push(b);
            (at, is_start) = (at + 1, ends_field(b, delimiter));
        }
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The byte behind the quotation mark that closes the field at `open`; the end of the text where none does.
fn closing(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' if bytes.get(at + 1) == Some(&b'"') => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The text without the spaces between a delimiter and the quotation mark behind it, where almost every record has such and
/// reads better without. `None` where the text is to stay as it is.
pub(super) fn without_spaces(text: &str, delimiter: u8) -> Option<String> {
    let d = char::from(delimiter);
    let pattern = format!("{d} \"");
    let mut looked = lines(text).filter(|line| !line.trim().is_empty()).skip(1).take(LOOK_LINES).peekable();
    looked.peek()?;
    let (mut found, mut all) = (0, 0);
    for line in looked {
        (found, all) = (found + usize::from(line.contains(&pattern)), all + 1);
    }
    if found * 10 < all * OF_TEN {
        return None;
    }
    let plain = spaces_taken(text, delimiter);
    let (before, after) = (Reading::of(text, delimiter), Reading::of(&plain, delimiter));
    (after.is_almost_right() && after.wrong <= before.wrong).then_some(plain)
}

/// The text without the spaces between a delimiter and the quotation mark behind it.
pub(super) fn spaces_taken(text: &str, delimiter: u8) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut is_start) = (0, true);
    while at < bytes.len() {
        let b = bytes[at];
        let spaces = bytes[at..].iter().take_while(|b| **b == b' ').count();
        if is_start && bytes.get(at + spaces) == Some(&b'"') {
            let end = closing(bytes, at + spaces);
            out.extend_from_slice(&bytes[at + spaces..end]);
            (at, is_start) = (end, false);
        } else {
            out.push(b);
            (at, is_start) = (at + 1, ends_field(b, delimiter));
        }
    }
    // Only spaces are gone, so that it is still a text.
    String::from_utf8(out).unwrap_or_else(|_broken| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apostrophes_around_fields_become_quotation_marks() {
        let of = |text: &str| with_quotation_marks(text, b',');
        assert_eq!(of("'it\\'s, so',x\n'a ''b'' \"c\"',y"), "\"it's, so\",x\n\"a 'b' \"\"c\"\"\",y");
        assert_eq!(of("it's,'don't','\n"), "it's,\"don't\",\"\n\"");
        assert_eq!(of("\"a, 'b'\",'c'"), "\"a, 'b'\",\"c\"");
    }

    #[test]
    fn spaces_before_quotation_marks_go_where_almost_all_rows_have_them() {
        let text = "text, label\n".to_owned() + &"\"a, b\", \"neg\"\nshe said, \"pos\"\n".repeat(9);
        let plain = without_spaces(&text, b',').unwrap();
        assert!(plain.contains("\"a, b\",\"neg\"\nshe said,\"pos\"\n"), "{plain}");
        let few = "text,label\n".to_owned() + &"a b,neg\nc,pos\nshe said, \"x\"\n".repeat(9);
        assert_eq!(without_spaces(&few, b','), None);
        assert_eq!(without_spaces("text,label\n", b','), None);
    }
}
