//! Every sentence a user can read, by id, in every language of the program (Project Fluent).

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};

use super::fill::{Fill, blanks, written};
use super::numbers::Number;
use super::particle::particle;
use crate::domain::problem::{Arg, BESIDE, ORIGINAL, Problem};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "ko")]
    Korean,
}

/// The files of one language, one for each area of the program.
macro_rules! resources {
    ($language:literal) => {
        resources!($language: problems data formats model hub train terminal window panels race compare instruments timeline
            meter coach lesson desk palette glossary files doctor explain measures explore behaviour suspects map
            lived_words other_tests report code answered exported)
    };
    ($language:literal: $($area:ident)*) => {
        [$(include_str!(concat!("../../assets/words/", $language, "/", stringify!($area), ".ftl"))),*]
    };
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// Its name in itself, for the switch.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Korean => "한국어",
        }
    }

    /// The language with this tag (`en`, `ko`); English for any other.
    pub fn of_tag(tag: &str) -> Self {
        if tag == "ko" { Self::Korean } else { Self::English }
    }

    /// The system's language when it is one of ours, else English. `THAW_LANGUAGE` (`en`, `ko`) goes before it.
    pub fn of_system() -> Self {
        let tag = std::env::var("THAW_LANGUAGE").ok().or_else(sys_locale::get_locale).unwrap_or_default();
        if tag.to_ascii_lowercase().starts_with("ko") { Self::Korean } else { Self::English }
    }
}

/// The messages of one language. Each is parsed once, when the catalogue is made.
///
/// An id is a `&'static str`, so that none is put together at run time: what the compiler sees, the house test finds.
pub struct Catalogue {
    language: Language,
    bundle: FluentBundle<FluentResource>,
    /// The blanks of each message, by which a debug build finds an argument that no message has a place for.
    blanks: HashMap<&'static str, Vec<&'static str>>,
}

impl Catalogue {
    /// # Panics
    /// When a bundled message file does not parse: a test of this room reads them all.
    pub fn new(language: Language) -> Self {
        let (tag, resources) = match language {
            Language::English => ("en", resources!("en")),
            Language::Korean => ("ko", resources!("ko")),
        };
        let tag: unic_langid::LanguageIdentifier = tag.parse().expect("a language tag");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks around inserted values serve right-to-left scripts, and would show as boxes here.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) => Some(written(number)),
            _ => None,
        }));
        bundle.add_function("PARTICLE", |args, _| particle_after(args)).expect("a function is defined once");
        for text in resources {
            let resource = FluentResource::try_new(text.to_owned()).expect("a bundled message file parses");
            bundle.add_resource(resource).expect("every message id is defined once");
        }
        let blanks = if cfg!(debug_assertions) { blanks(&resources) } else { HashMap::new() };
        Self { language, bundle, blanks }
    }

    pub const fn language(&self) -> Language {
        self.language
    }

    /// `en` or `ko`, for texts that are no messages.
    pub const fn tag(&self) -> &'static str {
        match self.language {
            Language::English => "en",
            Language::Korean => "ko",
        }
    }

    /// The message `id`, which has no blanks.
    pub fn say(&self, id: &'static str) -> String {
        self.say_with(id, &[])
    }

    /// The message `id` with its blanks filled. Numbers stay numbers until here, so that the message can choose its
    /// plural and its particles by them.
    pub fn say_with(&self, id: &'static str, args: &[(&str, &dyn Fill)]) -> String {
        self.check_blanks(id, args.iter().map(|(name, _)| *name));
        self.message(id, None, args).unwrap_or_else(|| missing(id))
    }

    /// What explains the thing that the message `id` names: its attribute `hint`, shown on hover.
    pub fn hint(&self, id: &'static str) -> String {
        self.part(id, "hint")
    }

    /// An attribute of the message `id`, such as the `axis` of a chart.
    pub fn part(&self, id: &'static str, attribute: &'static str) -> String {
        self.message(id, Some(attribute), &[]).unwrap_or_else(|| missing(id))
    }

    /// The message whose id was put together at run time, if there is one. Only the command line's help does that, and
    /// its test goes through every argument.
    pub fn find(&self, id: &str) -> Option<String> {
        self.message(id, None, &[])
    }

    /// The sign of percents behind a number that is typed.
    pub const fn percent_sign(&self) -> &'static str {
        match self.language {
            Language::English => " %",
            Language::Korean => "%",
        }
    }

    /// The sign of seconds behind a number that is typed.
    pub const fn seconds_sign(&self) -> &'static str {
        match self.language {
            Language::English => " s",
            Language::Korean => "초",
        }
    }

    /// A number as this language writes it.
    pub fn write(&self, number: Number) -> String {
        number.write(self.language)
    }

    /// The sentence of a problem, and in parentheses what the system or a parser said. Where there is room for small type,
    /// the two are drawn apart: `sentence`, `Problem::original`.
    pub fn problem(&self, problem: &Problem) -> String {
        let sentence = self.sentence(problem);
        match problem.original() {
            Some(original) => format!("{sentence} ({original})"),
            None => sentence,
        }
    }

    /// The sentence of a problem, all of it in this language.
    pub fn sentence(&self, problem: &Problem) -> String {
        // What was read from a log may be of another version, with other blanks.
        let is_read = matches!(problem.id, Cow::Owned(_));
        let given = || problem.args.iter().map(|(name, _)| &**name).filter(|name| ![ORIGINAL, BESIDE].contains(name));
        if !is_read {
            self.check_blanks(&problem.id, given());
        }
        let inner = |arg: &Arg| if let Arg::Problem(inner) = arg { Some(self.sentence(inner)) } else { None };
        let inner: Vec<Option<String>> = problem.args.iter().map(|(_, arg)| inner(arg)).collect();
        let filled = problem.args.iter().zip(&inner);
        let mut args: Vec<(&str, &dyn Fill)> = filled
            .map(|((name, value), inner)| {
                (name.as_ref(), inner.as_ref().map_or(value as &dyn Fill, |text| text as &dyn Fill))
            })
            .collect();
        if is_read && let Some(blanks) = self.blanks.get(problem.id.as_ref()) {
            args.extend(
                blanks
                    .iter()
                    .filter(|blank| given().all(|name| name != **blank))
                    .map(|blank| (*blank, &"…" as &dyn Fill)),
            );
        }
        let sentence = self.message(&problem.id, None, &args).unwrap_or_else(|| problem.to_string());
        let beside = problem.args.iter().zip(&inner).filter(|((name, _), _)| name == BESIDE);
        beside.filter_map(|(_, text)| text.as_deref()).fold(sentence, |all, text| format!("{all} {text}"))
    }

    fn message(&self, id: &str, attribute: Option<&str>, args: &[(&str, &dyn Fill)]) -> Option<String> {
        let message = self.bundle.get_message(id)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut filled = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            filled.set(*name, value.value(self.language));
        }
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&filled), &mut errors).into_owned();
        if !errors.is_empty() {
            log::error!("message {id}: {errors:?}");
        }
        Some(text)
    }

    /// Ensures in a debug build that a message is given exactly the blanks that it has.
    fn check_blanks<'a>(&self, id: &str, given: impl Iterator<Item = &'a str>) {
        if cfg!(debug_assertions) {
            let mut given: Vec<&str> = given.collect();
            given.sort_unstable();
            let blanks = self.blanks.get(id).map(Vec::as_slice);
            assert!(blanks == Some(&given), "the message {id} has the blanks {blanks:?}, but is given {given:?}");
        }
    }
}

/// The id itself is shown for a message that is missing; a test finds it before a reader does.
fn missing(id: &str) -> String {
    debug_assert!(false, "there is no message {id}, or no such part of it");
    log::error!("there is no message {id}, or no such part of it");
    id.to_owned()
}

/// `PARTICLE($label, "으로/로")` in a message: the particle alone, to stand after the word or its quotation mark.
fn particle_after(args: &[FluentValue<'_>]) -> FluentValue<'static> {
    let found = match args {
        [FluentValue::String(word), FluentValue::String(pair), ..] => particle(word, pair),
        [FluentValue::Number(number), FluentValue::String(pair), ..] => particle(&written(number), pair),
        _ => None,
    };
    found.map_or(FluentValue::Error, FluentValue::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_and_counted_by_the_language() {
        let (english, korean) = (Catalogue::new(Language::English), Catalogue::new(Language::Korean));
        let epochs = |words: &Catalogue, epochs: usize| {
            words.say_with("panel-estimate", &[("time", &Number::Clock(61.0)), ("epochs", &epochs)])
        };
        assert_eq!(
            [1, 2, 1000].map(|n| epochs(&english, n)),
            ["About 1:01 for 1 epoch", "About 1:01 for 2 epochs", "About 1:01 for 1,000 epochs"]
        );
        assert_eq!([1, 2].map(|n| epochs(&korean, n)), ["1에폭에 약 1:01", "2에폭에 약 1:01"]);
        assert_eq!(korean.write(Number::ShortCount(13_500_000)), "1,350만");
    }

    #[test]
    fn a_problem_keeps_its_numbers_and_reads_old_logs() {
        let words = Catalogue::new(Language::English);
        let skipped = |fields: u64| {
            let problem = Problem::new("data-skip-fields").with_count("fields", fields).with_count("columns", 2_u64);
            words.problem(&problem.with("place", ""))
        };
        assert_eq!([skipped(1), skipped(3)], ["1 field instead of 2", "3 fields instead of 2"]);
        let old = r#"{"id":"data-skip-fields","args":[["fields","3"],["columns","2"],["place",""]]}"#;
        let old: Problem = serde_json::from_str(old).unwrap();
        assert_eq!(words.problem(&old), "3 fields instead of 2");
        let within = Problem::new("lesson-refused").with("file", "a.toml").with_count("line", 7_u64);
        let within = within.with_count("step", 2_u64).with("field", "run").with_problem("problem", old);
        let read: Problem = serde_json::from_str(&serde_json::to_string(&within).unwrap()).unwrap();
        assert_eq!(read, within);
        assert!(words.problem(&read).ends_with("3 fields instead of 2"), "{}", words.problem(&read));
        let unknown: Problem = serde_json::from_str(r#"{"id":"of-another-version","args":[["rows",3]]}"#).unwrap();
        assert_eq!(words.problem(&unknown), r#"of-another-version rows="3""#);
    }

    #[test]
    fn what_the_system_said_stands_behind_a_sentence_of_ours() {
        use std::io::ErrorKind::{IsADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem, UnexpectedEof};
        let path = std::path::Path::new("a.csv");
        let said = |language, kind: std::io::ErrorKind| {
            Catalogue::new(language).problem(&Problem::file(path, &std::io::Error::from(kind)))
        };
        let english = said(Language::English, NotFound);
        assert_eq!(english, "a.csv does not exist. Check its name and folder. (entity not found)");
        assert_eq!(
            said(Language::Korean, NotFound),
            "a.csv: 찾을 수 없습니다. 이름과 폴더를 확인하세요. (entity not found)"
        );
        let kinds = [NotFound, PermissionDenied, IsADirectory, ReadOnlyFilesystem, UnexpectedEof];
        let korean: std::collections::BTreeSet<String> = kinds.map(|kind| said(Language::Korean, kind)).into();
        assert_eq!(korean.len(), 5, "each kind has its own remedy: {korean:?}");
        let inner = Problem::file(path, &PermissionDenied.into());
        let outer = Problem::new("checkpoint-not-written").with_problem("problem", inner);
        let words = Catalogue::new(Language::Korean);
        let sentence = words.sentence(&outer);
        assert!(!sentence.contains("permission"), "{sentence}");
        assert_eq!(words.problem(&outer), format!("{sentence} (permission denied)"), "once, at the end");
        // A log of an earlier version has no kind.
        let old = r#"{"id":"file-error","args":[["file","a.csv"],["error","gone"]]}"#;
        let old = Catalogue::new(Language::English).problem(&serde_json::from_str(old).unwrap());
        assert_eq!(old, "a.csv could not be read or written. Check that no other program is using it. (gone)");
    }

    #[test]
    #[should_panic(expected = "has the blanks")]
    #[cfg(debug_assertions)]
    fn a_blank_too_few_is_found() {
        Catalogue::new(Language::English).say("panel-rows");
    }

    #[test]
    #[should_panic(expected = "has the blanks")]
    #[cfg(debug_assertions)]
    fn a_blank_too_many_is_found() {
        Catalogue::new(Language::English).say_with("panel-rows", &[("count", &1_usize), ("rows", &1_usize)]);
    }
}
