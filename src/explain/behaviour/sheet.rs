//! Templates of texts, from the program's own file or from one of the user's.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::domain::behaviour::{Expects, TextLanguage};
use crate::domain::problem::{Outcome, Problem};

/// The program's own words and templates for a language.
pub(super) const fn bundled(language: TextLanguage) -> Option<&'static str> {
    match language {
        TextLanguage::English => Some(include_str!("../../../assets/behaviour/en.toml")),
        TextLanguage::Korean => Some(include_str!("../../../assets/behaviour/ko.toml")),
        TextLanguage::Other => None,
    }
}

/// Templates, and the words for their blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    words: BTreeMap<String, Vec<String>>,
    pub(super) templates: Vec<Template>,
}

/// A text with blanks such as `{thing}`, and what is expected of the model where they are filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    pub test: String,
    pub before: String,
    /// The changed text; `None` where a label is expected of the text itself.
    pub after: Option<String>,
    pub expects: Expects,
    /// This is true for a template about opinions.
    pub opinion: bool,
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    template: Vec<WrittenTemplate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTemplate {
    test: String,
    before: String,
    after: Option<String>,
    expects: Option<Change>,
    label: Option<String>,
    #[serde(default)]
    opinion: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    Same,
    Other,
}

impl Sheet {
    /// The templates of the program for a language. For one that it does not know they are the English ones, which are then
    /// asked of no one.
    ///
    /// # Errors
    /// `internal-error` where they cannot be read.
    pub(super) fn bundled(language: TextLanguage) -> Outcome<Self> {
        let text = bundled(language).or(bundled(TextLanguage::English)).unwrap_or_default();
        let mut file: toml::Table = toml::from_str(text).map_err(Problem::internal)?;
        file.retain(|key, _| ["words", "template"].contains(&key));
        let written: Written = file.try_into().map_err(Problem::internal)?;
        Self::of(written, BTreeMap::new(), "behaviour.toml")
    }

    /// Templates of the user's own. Their blanks may be the user's own words, or the English ones of the
    /// program.
    ///
    /// # Errors
    /// `check-file-unreadable` for what is no file of templates; `check-template-unclear` for one that does not say what is
    /// expected; `check-blank-open` for a blank that is not closed; `check-blank-unknown` for one without words.
    pub fn read(text: &str, path: &Path) -> Outcome<Self> {
        let file = path.display().to_string();
        let unreadable =
            |e: toml::de::Error| Problem::new("check-file-unreadable").with("file", &file).with_original(e.message());
        let written: Written = toml::from_str(text).map_err(unreadable)?;
        if written.template.is_empty() {
            return Err(Problem::new("check-file-unreadable").with("file", &file));
        }
        Self::of(written, Self::bundled(TextLanguage::English)?.words, &file)
    }

    fn of(written: Written, mut words: BTreeMap<String, Vec<String>>, file: &str) -> Outcome<Self> {
        words.extend(written.words);
        let template = |written: WrittenTemplate| {
            let expects = match (written.expects, written.label, &written.after) {
                (Some(Change::Same), None, Some(_)) => Expects::Same,
                (Some(Change::Other), None, Some(_)) => Expects::Other,
                (None, Some(label), None) => Expects::Label(label),
                _ => {
                    let problem = Problem::new("check-template-unclear").with("file", file);
                    return Err(problem.with("test", &written.test));
                }
            };
            let WrittenTemplate { test, before, after, opinion, .. } = written;
            Ok(Template { test, before, after, expects, opinion })
        };
        let templates = written.template.into_iter().map(template).collect::<Outcome<Vec<_>>>()?;
        for template in &templates {
            if let Some(rest) = open_blank(template) {
                let problem = Problem::new("check-blank-open").with("file", file).with("test", &template.test);
                return Err(problem.with("rest", format!("{{{rest}")));
            }
            let unknown = blanks(template).into_iter().find(|name| words.get(name).is_none_or(Vec::is_empty));
            if let Some(name) = unknown {
                let problem = Problem::new("check-blank-unknown").with("file", file).with("test", &template.test);
                return Err(problem.with("name", format!("{{{name}}}")));
            }
        }
        Ok(Self { words, templates })
    }

    /// The blanks of a template as they stand in it, and the words for each.
    pub(super) fn blanks_of(&self, template: &Template) -> Vec<(String, &[String])> {
        let words = |name: String| {
            let words = self.words.get(&name).map_or(&[][..], Vec::as_slice);
            (format!("{{{name}}}"), words)
        };
        blanks(template).into_iter().map(words).collect()
    }
}

/// The text behind the first brace that opens a blank and has none that closes it. Such a blank would be asked as it stands.
fn open_blank(template: &Template) -> Option<&str> {
    let texts = std::iter::once(&template.before).chain(&template.after);
    texts.flat_map(|text| text.split('{').skip(1)).find(|part| !part.contains('}'))
}

/// The names of the blanks of a template, each once, in the order in which they come first.
fn blanks(template: &Template) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for text in std::iter::once(&template.before).chain(&template.after) {
        for part in text.split('{').skip(1) {
            if let Some((name, _)) = part.split_once('}')
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
        }
    }
    names
}
