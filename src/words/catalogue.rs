//! Every sentence a user can read, by id, in every language of the program (Project Fluent).

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};

use crate::domain::problem::Problem;

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
        [
            include_str!(concat!("../../assets/words/", $language, "/problems.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/data.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/model.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/hub.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/train.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/terminal.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/window.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/panels.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/race.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/compare.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/instruments.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/timeline.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/meter.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/coach.ftl")),
            include_str!(concat!("../../assets/words/", $language, "/lesson.ftl")),
        ]
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

    /// The system's language when it is one of ours, else English. `THAW_LANGUAGE` (`en`, `ko`) goes before it.
    pub fn of_system() -> Self {
        let tag = std::env::var("THAW_LANGUAGE").ok().or_else(sys_locale::get_locale).unwrap_or_default();
        if tag.to_ascii_lowercase().starts_with("ko") { Self::Korean } else { Self::English }
    }
}

/// The messages of one language.
pub struct Catalogue {
    bundle: FluentBundle<FluentResource>,
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
        for text in resources {
            let resource = FluentResource::try_new(text.to_owned()).expect("a bundled message file parses");
            bundle.add_resource(resource).expect("every message id is defined once");
        }
        Self { bundle }
    }

    /// `en` or `ko`, for texts that are no messages.
    pub fn tag(&self) -> &'static str {
        if self.bundle.locales.first().is_some_and(|tag| tag.language.as_str() == "ko") { "ko" } else { "en" }
    }

    /// The message `id`; the id itself when there is none, which a test rules out.
    pub fn say(&self, id: &str) -> String {
        self.say_with(id, &[])
    }

    /// The message `id` with its blanks filled.
    pub fn say_with(&self, id: &str, args: &[(&str, &dyn std::fmt::Display)]) -> String {
        let mut fluent_args = FluentArgs::new();
        for (name, value) in args {
            fluent_args.set((*name).to_owned(), FluentValue::from(value.to_string()));
        }
        let Some(pattern) = self.bundle.get_message(id).and_then(|m| m.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, Some(&fluent_args), &mut errors).into_owned()
    }

    /// The sentence of a problem.
    pub fn problem(&self, problem: &Problem) -> String {
        let args: Vec<(&str, &dyn std::fmt::Display)> =
            problem.args.iter().map(|(name, value)| (name.as_ref(), value as &dyn std::fmt::Display)).collect();
        self.say_with(&problem.id, &args)
    }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalogue").field("language", &self.bundle.locales).finish()
    }
}
