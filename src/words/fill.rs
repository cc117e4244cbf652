//! What fills the blanks of messages: texts as they are, numbers as numbers.

use std::collections::HashMap;

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

/// What values of each type fill a blank with.
macro_rules! fill {
    ($($type:ty, $value:ident => $filled:expr;)*) => {$(
        impl Fill for $type {
            fn value(&self, _: Language) -> FluentValue<'_> {
                let $value = self;
                $filled
            }
        }
    )*};
}

fill! {
    str, text => FluentValue::from(text);
    String, text => FluentValue::from(text.as_str());
    std::path::Display<'_>, path => FluentValue::from(path.to_string());
    ModelId, id => FluentValue::from(id.to_string());
    // Counts have commas between their thousands.
    usize, count => number(*count as f64, None);
    u64, count => number(*count as f64, None);
    // A number is written with as many digits as it has.
    f64, x => number(*x, None);
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
            // The catalogue fills this blank with the problem's sentence.
            Self::Problem(problem) => FluentValue::from(problem.to_string()),
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

/// The ids in message files, each with its blanks in the order of the alphabet.
pub(super) fn blanks(files: &[&'static str]) -> HashMap<&'static str, Vec<&'static str>> {
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let (mut messages, mut id) = (HashMap::new(), "");
    for line in files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#')) {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            id = line.split(' ').next().unwrap_or(id);
        }
        let blanks: &mut Vec<&str> = messages.entry(id).or_default();
        blanks.extend(line.split('$').skip(1).filter_map(|blank| blank.split(is_end).next()));
        blanks.sort_unstable();
        blanks.dedup();
    }
    messages
}
