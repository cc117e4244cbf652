//! What fills the blanks of messages: texts as they are, numbers as numbers.

use std::borrow::Cow;

use fluent_bundle::FluentValue;
use fluent_bundle::types::{FluentNumber, FluentNumberOptions};

use super::Language;
use super::numbers::{Number, grouped};
use crate::domain::hub::ModelId;
use crate::domain::problem::Arg;

/// A value for a blank of a message.
pub trait Fill {
    fn value(&self, language: Language) -> FluentValue<'_>;
}

impl<T: Fill + ?Sized> Fill for &T {
    fn value(&self, language: Language) -> FluentValue<'_> {
        (**self).value(language)
    }
}

impl Fill for str {
    fn value(&self, _: Language) -> FluentValue<'_> {
        FluentValue::String(Cow::Borrowed(self))
    }
}

impl Fill for String {
    fn value(&self, _: Language) -> FluentValue<'_> {
        FluentValue::String(Cow::Borrowed(self))
    }
}

impl Fill for std::path::Display<'_> {
    fn value(&self, _: Language) -> FluentValue<'_> {
        FluentValue::from(self.to_string())
    }
}

impl Fill for ModelId {
    fn value(&self, _: Language) -> FluentValue<'_> {
        FluentValue::from(self.to_string())
    }
}

/// A count, with commas between its thousands.
impl Fill for usize {
    fn value(&self, _: Language) -> FluentValue<'_> {
        number(*self as f64, None)
    }
}

/// A count, with commas between its thousands.
impl Fill for u64 {
    fn value(&self, _: Language) -> FluentValue<'_> {
        number(*self as f64, None)
    }
}

/// The number is written with as many digits as it has.
impl Fill for f64 {
    fn value(&self, _: Language) -> FluentValue<'_> {
        number(*self, None)
    }
}

impl Fill for Number {
    fn value(&self, language: Language) -> FluentValue<'_> {
        match *self {
            Self::Decimal(x, digits) => number(x, Some(digits)),
            _ => FluentValue::from(self.write(language)),
        }
    }
}

impl Fill for Arg {
    fn value(&self, language: Language) -> FluentValue<'_> {
        match self {
            Self::Text(text) => text.value(language),
            Self::Count(n) => number(*n as f64, None),
            Self::Decimal { value, digits } => number(*value, Some(*digits)),
        }
    }
}

/// A number by which a message may choose its plural.
fn number(x: f64, digits: Option<usize>) -> FluentValue<'static> {
    let options = FluentNumberOptions {
        minimum_fraction_digits: digits,
        maximum_fraction_digits: digits,
        ..FluentNumberOptions::default()
    };
    let number = FluentNumber::new(x, options);
    // There is no plural of what is not finite.
    if x.is_finite() { number.into() } else { FluentValue::from(written(&number)) }
}

/// How a number looks that Fluent was given as one.
pub(super) fn written(number: &FluentNumber) -> String {
    grouped(match number.options.maximum_fraction_digits {
        Some(digits) => format!("{:.digits$}", number.value),
        None => number.value.to_string(),
    })
}

/// The ids in a message file, each with its blanks in the order of the alphabet.
#[cfg(debug_assertions)]
pub(super) fn blanks(file: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let end = |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let mut messages: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    for line in file.lines() {
        if let Some((id, _)) = line.split_once(" =")
            && line.starts_with(|c: char| c.is_ascii_lowercase())
        {
            messages.push((id, Vec::new()));
        }
        if let Some((_, blanks)) = messages.last_mut().filter(|_| !line.starts_with('#')) {
            blanks.extend(line.split('$').skip(1).map(|blank| &blank[..end(blank)]));
            blanks.sort_unstable();
            blanks.dedup();
        }
    }
    messages
}
