//! A map of labels is written as an option of the terminal, and names are listed in messages so that they can be read back.

use std::iter::Peekable;
use std::str::Chars;

use super::LabelPair;

/// A message lists so many names at most.
const SHOWN: usize = 20;

/// The first names, with what stands for the others.
pub fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len() > SHOWN;
    let mut text = names.take(SHOWN).map(in_a_list).collect::<Vec<_>>().join(", ");
    if more {
        text += ", …";
    }
    text
}

/// A name among others: with a comma in it, it stands in quotes.
pub fn in_a_list(name: &str) -> String {
    if name.contains(',') { quoted(name) } else { name.to_owned() }
}

/// The option that would state a map of these labels, for the user to correct: where there are as many as classes in their
/// order, else with a gap for each class.
pub(super) fn option(labels: &[&str], classes: &[String]) -> String {
    const PAIRS: usize = 6;
    let class = |i: usize| match labels.len() == classes.len() {
        true => quoted(&classes[i]),
        false => "…".to_owned(),
    };
    let pairs = labels.iter().take(PAIRS).enumerate().map(|(i, label)| format!("{}={}", quoted(label), class(i)));
    let mut text = pairs.collect::<Vec<_>>().join(",");
    if labels.len() > PAIRS {
        text += ",…";
    }
    // The shell would cut or change some characters, so that they stand in quotes.
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '=' | ',' | '_' | '-' | '.' | '…');
    if text.chars().all(plain) { format!("--label-map {text}") } else { format!("--label-map '{text}'") }
}

/// A name as [`parse_map`] reads it.
pub fn quoted(name: &str) -> String {
    let needs = name.contains(['"', ',', '=']) || name.trim() != name || name.is_empty();
    if needs { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

/// Reads `0=NEGATIVE,1=POSITIVE`. A name with a comma, an equals sign or a quote stands in double quotes, in which a quote is
/// written twice. Spaces around names do not count.
pub fn parse_map(text: &str) -> Option<Vec<LabelPair>> {
    let mut pairs = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        let label = name(&mut chars, '=')?;
        (chars.next() == Some('=')).then_some(())?;
        let class = name(&mut chars, ',')?;
        pairs.push(LabelPair { label, class });
        match chars.next() {
            None => return Some(pairs),
            Some(',') => {}
            Some(_) => return None,
        }
    }
}

/// A name up to a separator, which is left. `None` where there is none, or where a quote does not close.
fn name(chars: &mut Peekable<Chars<'_>>, end: char) -> Option<String> {
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
    let mut name = String::new();
    if chars.next_if_eq(&'"').is_some() {
        loop {
            match chars.next()? {
                '"' if chars.next_if_eq(&'"').is_some() => name.push('"'),
                '"' => break,
                c => name.push(c),
            }
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        return Some(name);
    }
    while let Some(c) = chars.next_if(|c| *c != end && *c != '"') {
        name.push(c);
    }
    let name = name.trim().to_owned();
    // A second equals sign may belong to either name.
    (!name.is_empty() && !name.contains('=')).then_some(name)
}
