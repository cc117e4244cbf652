//! The options of the terminal that say how a data file is read.

use clap::Args;

use crate::domain::config::{Quoting, ReadingConfig};

use super::values::{Expected, named};

/// How a data file is read: the settings of [`ReadingConfig`], each as an option of the same name.
#[derive(Clone, Debug, Args)]
pub struct Reading {
    #[arg(long, value_name = "NAME")]
    text_column: Option<String>,
    #[arg(long, value_name = "NAME")]
    second_text_column: Option<String>,
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    delimiter: Option<char>,
    #[arg(long, value_name = "double|backslash|none|single", value_parser = quoting)]
    quoting: Option<Quoting>,
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    header: Option<bool>,
    #[arg(long)]
    keep_missing_words: bool,
    #[arg(long)]
    accept_skipped: bool,
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
}

impl From<Reading> for ReadingConfig {
    fn from(given: Reading) -> Self {
        Self {
            text_column: given.text_column,
            second_text_column: given.second_text_column,
            label_column: given.label_column,
            encoding: given.encoding,
            delimiter: given.delimiter,
            quoting: given.quoting,
            header: given.header,
            keep_missing_words: given.keep_missing_words,
            accept_skipped: given.accept_skipped,
            sheet: given.sheet,
        }
    }
}

fn quoting(text: &str) -> Result<Quoting, Expected> {
    named(text, "usage-expects-quoting")
}

fn yes_or_no(text: &str) -> Result<bool, Expected> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Expected("usage-expects-yes-or-no")),
    }
}

fn delimiter(text: &str) -> Result<char, Expected> {
    let named = match text {
        "tab" | "\\t" => Some('\t'),
        "comma" => Some(','),
        "semicolon" => Some(';'),
        "bar" => Some('|'),
        _ => None,
    };
    let mut chars = text.chars();
    let single = chars.next().filter(|c| chars.next().is_none() && !matches!(c, '"' | '\n' | '\r'));
    named.or(single).ok_or(Expected("usage-expects-delimiter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_by_word_or_character() {
        assert_eq!(delimiter("\\t"), Ok('\t'));
        assert_eq!(delimiter("bar"), Ok('|'));
        assert_eq!(delimiter("^"), Ok('^'));
        assert!(delimiter("").is_err() && delimiter("ab").is_err() && delimiter("\"").is_err());
    }
}
