//! Values as Python writes them.

use std::fmt::Write as _;

/// A line of the program is at most so long where its parts can be broken.
const LINE_CHARS: usize = 110;

/// A string in quotation marks.
pub fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Characters that are not seen would be lost when the program is copied.
            c if c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{feff}') => {
                // Writing to a string never fails.
                write!(quoted, "\\u{:04x}", u32::from(c)).ok();
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text within a comment or a docstring, where it can neither end the line nor the docstring.
pub fn in_comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '"' | '\\' | '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

/// A number in as few characters as say it: `1e-4`, `0.05`, `3.0`.
pub fn number(value: f64) -> String {
    let plain = format!("{value:?}");
    if value != 0.0 && value.abs() < 1e-2 {
        let short = format!("{value:e}");
        if short.len() < plain.len() {
            return short;
        }
    }
    plain
}

/// A tuple whose parts are expressions, in one line or, where that would be too long, in a line each. `indent` is how far the
/// statement is indented and `before` how many characters of its first line stand before the tuple.
pub fn tuple(parts: &[String], indent: usize, before: usize) -> String {
    let comma = if parts.len() == 1 { "," } else { "" };
    let line = format!("({}{comma})", parts.join(", "));
    if indent + before + line.chars().count() <= LINE_CHARS {
        return line;
    }
    let margin = " ".repeat(indent);
    let lines: String = parts.iter().map(|part| format!("{margin}    {part},\n")).collect();
    format!("(\n{lines}{margin})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_reads_back_what_was_meant() {
        assert_eq!(string("a \"b\" \\ c\n\u{200b}영화"), "\"a \\\"b\\\" \\\\ c\\n\\u200b영화\"");
        assert_eq!([1e-4, 5e-5, 0.05, 3.0, 0.0, 1.5e-3].map(number), ["1e-4", "5e-5", "0.05", "3.0", "0.0", "0.0015"]);
        assert_eq!(in_comment("a\"\"\"\nb"), "a    b");
    }

    #[test]
    fn a_long_tuple_has_a_line_for_each_part() {
        let parts = |n| vec!["\"bert.encoder.layer.5.\"".to_owned(); n];
        assert_eq!(tuple(&parts(1), 0, 0), "(\"bert.encoder.layer.5.\",)");
        assert!(!tuple(&parts(3), 0, 10).contains('\n'));
        assert_eq!(tuple(&parts(6), 4, 10).lines().count(), 8);
    }
}
