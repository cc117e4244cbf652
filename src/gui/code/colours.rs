//! Python in colours: comments, texts, numbers and keywords.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, FontId};

use crate::gui::theme::Palette;

const KEYWORDS: [&str; 26] = [
    "and", "as", "break", "class", "def", "elif", "else", "for", "from", "if", "import", "in", "is", "lambda", "not",
    "or", "print", "return", "self", "super", "with", "while", "None", "True", "False", "pass",
];

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Keyword,
    Text,
    Number,
    Comment,
}

/// Colours one line after the other, since a text in three quotation marks may go over several.
pub struct Pen {
    in_docstring: bool,
    font: FontId,
    colours: [Color32; 5],
}

impl Pen {
    pub fn new(p: &Palette, font: FontId) -> Self {
        let colours = [p.text, p.accent, p.good, p.trainable, p.muted];
        Self { in_docstring: false, font, colours }
    }

    /// The next line of the program.
    pub fn line(&mut self, line: &str) -> LayoutJob {
        let mut job = LayoutJob::default();
        for (kind, piece) in pieces(line, &mut self.in_docstring) {
            let format = TextFormat::simple(self.font.clone(), self.colours[kind as usize]);
            job.append(piece, 0.0, format);
        }
        job
    }
}

/// Cuts a line into pieces, each of one kind. `in_docstring` says whether it begins within a text in three quotation marks.
fn pieces<'l>(line: &'l str, in_docstring: &mut bool) -> Vec<(Kind, &'l str)> {
    const DOCSTRING: &str = "\"\"\"";
    let mut found = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (kind, length) = if *in_docstring {
            let end = rest.find(DOCSTRING);
            *in_docstring = end.is_none();
            (Kind::Text, end.map_or(rest.len(), |end| end + DOCSTRING.len()))
        } else if let Some(inner) = rest.strip_prefix(DOCSTRING) {
            let end = inner.find(DOCSTRING);
            *in_docstring = end.is_none();
            (Kind::Text, end.map_or(rest.len(), |end| end + 2 * DOCSTRING.len()))
        } else {
            plain_piece(rest, found.last().is_some_and(|(_, before): &(Kind, &str)| before.ends_with(is_word)))
        };
        let (piece, others) = rest.split_at(length);
        found.push((kind, piece));
        rest = others;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The kind and the length in bytes of what a line begins with. `goes_on` says that a word goes on there.
fn plain_piece(rest: &str, goes_on: bool) -> (Kind, usize) {
    let first = rest.chars().next().unwrap_or_default();
    let length_of = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
    match first {
        '#' => (Kind::Comment, rest.len()),
        '"' | '\'' => {
            let mut is_escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, c)| {
                let closes = *c == first && !is_escaped;
                is_escaped = *c == '\\' && !is_escaped;
                closes
            });
            (Kind::Text, end.map_or(rest.len(), |(at, c)| at + c.len_utf8()))
        }
        c if c.is_ascii_digit() && !goes_on => {
            let mut length = length_of(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
            // The sign of an exponent belongs to the number.
            if rest[..length].ends_with('e') && rest[length..].starts_with(['-', '+']) {
                length += 1 + rest[length + 1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - length - 1);
            }
            (Kind::Number, length)
        }
        c if is_word(c) => {
            let length = length_of(is_word);
            (if KEYWORDS.contains(&&rest[..length]) { Kind::Keyword } else { Kind::Plain }, length)
        }
        _ => (Kind::Plain, length_of(|c| !is_word(c) && !matches!(c, '#' | '"' | '\''))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(line: &str) -> Vec<(Kind, &str)> {
        let found = pieces(line, &mut false);
        assert_eq!(found.iter().map(|(_, piece)| *piece).collect::<String>(), line);
        found.into_iter().filter(|(kind, _)| *kind != Kind::Plain).collect()
    }

    #[test]
    fn a_line_is_cut_into_what_it_is_made_of() {
        assert_eq!(
            kinds("for i in range(12):  # \"layers\""),
            [(Kind::Keyword, "for"), (Kind::Keyword, "in"), (Kind::Number, "12"), (Kind::Comment, "# \"layers\"")]
        );
        assert_eq!(kinds("lr = 1e-4 / 2.6"), [(Kind::Number, "1e-4"), (Kind::Number, "2.6")]);
        assert_eq!(kinds("f\"a \\\" # b\" + x2"), [(Kind::Text, "\"a \\\" # b\"")]);
        assert_eq!(kinds("\"\"\"One line.\"\"\""), [(Kind::Text, "\"\"\"One line.\"\"\"")]);
        assert_eq!(kinds("이름 = \"영화\""), [(Kind::Text, "\"영화\"")]);
    }

    #[test]
    fn a_docstring_goes_over_lines() {
        let mut in_docstring = false;
        assert_eq!(pieces("\"\"\"A run.", &mut in_docstring), [(Kind::Text, "\"\"\"A run.")]);
        assert!(in_docstring);
        assert_eq!(pieces("for x", &mut in_docstring), [(Kind::Text, "for x")]);
        assert_eq!(pieces("\"\"\"", &mut in_docstring), [(Kind::Text, "\"\"\"")]);
        assert!(!in_docstring);
    }
}
