//! The guide: what a user may want to read, in chapters, as it stands under `assets/guide`.

use super::Language;

/// The chapters in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chapter {
    FirstRun,
    FiftyMinutes,
    Lessons,
    LessonFiles,
    DataAndModels,
    Freezing,
    Runs,
    Terminal,
    Computing,
}

/// A chapter's file, and its text in English and in Korean.
macro_rules! texts {
    ($file:literal) => {
        (
            $file,
            include_str!(concat!("../../assets/guide/en/", $file)),
            include_str!(concat!("../../assets/guide/ko/", $file)),
        )
    };
}

impl Chapter {
    pub const ALL: [Self; 9] = [
        Self::FirstRun,
        Self::FiftyMinutes,
        Self::Lessons,
        Self::LessonFiles,
        Self::DataAndModels,
        Self::Freezing,
        Self::Runs,
        Self::Terminal,
        Self::Computing,
    ];

    fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::FirstRun => texts!("first-run.md"),
            Self::FiftyMinutes => texts!("fifty-minutes.md"),
            Self::Lessons => texts!("lessons.md"),
            Self::LessonFiles => texts!("lesson-files.md"),
            Self::DataAndModels => texts!("data-and-models.md"),
            Self::Freezing => texts!("freezing.md"),
            Self::Runs => texts!("runs.md"),
            Self::Terminal => texts!("terminal.md"),
            Self::Computing => texts!("computing.md"),
        }
    }

    /// The name of its file, by which the other chapters link to it.
    pub fn file(self) -> &'static str {
        self.texts().0
    }

    /// The whole chapter in Markdown, with its title in the first line.
    pub fn text(self, language: Language) -> &'static str {
        let (_, english, korean) = self.texts();
        match language {
            Language::English => english,
            Language::Korean => korean,
        }
    }

    pub fn title(self, language: Language) -> &'static str {
        self.sections(language).next().map(|section| section.title).unwrap_or_default()
    }

    /// The chapter cut before each heading. The first section begins with the chapter's own title.
    pub fn sections(self, language: Language) -> impl Iterator<Item = Section> {
        let mut rest = self.text(language);
        std::iter::from_fn(move || {
            let end = rest.find("\n## ").map_or(rest.len(), |at| at + 1);
            let (text, after) = rest.split_at(end);
            rest = after;
            (!text.is_empty()).then(|| Section::new(text))
        })
    }
}

/// A part of a chapter, with its heading in the first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    pub title: &'static str,
    pub text: &'static str,
}

impl Section {
    fn new(text: &'static str) -> Self {
        Self { title: text.lines().next().unwrap_or_default().trim_start_matches(['#', ' ']), text }
    }

    /// Whether all words that are looked for stand in it, in whatever case.
    pub fn has(&self, query: &str) -> bool {
        let text = self.text.to_lowercase();
        query.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulldown_cmark::{Event, Parser, Tag, TagEnd};
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_file_of_the_guide_is_a_chapter_with_a_title_of_its_own_language() {
        for language in Language::ALL {
            let titles = Chapter::ALL.map(|chapter| chapter.title(language));
            assert!(titles.iter().all(|title| !title.is_empty()), "{titles:?}");
            assert_eq!(titles.iter().any(|title| title.is_ascii()), language == Language::English, "{titles:?}");
            let tag = super::super::Catalogue::new(language).tag();
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/guide").join(tag);
            for file in fs::read_dir(folder).unwrap() {
                let text = fs::read_to_string(file.unwrap().path()).unwrap();
                let is_chapter = Chapter::ALL.iter().any(|chapter| chapter.text(language) == text);
                let is_list = text.contains("](first-run.md)");
                assert!(is_chapter || is_list, "{text}");
            }
        }
    }
    #[test]
    fn sections_make_up_the_chapter_and_are_found_by_their_words() {
        for language in Language::ALL {
            for chapter in Chapter::ALL {
                let text: String = chapter.sections(language).map(|section| section.text).collect();
                assert_eq!(text, chapter.text(language));
            }
        }
        let find = |query: &str, language| {
            let of = |chapter: Chapter| chapter.sections(language).filter(|section| section.has(query));
            Chapter::ALL.into_iter().flat_map(of).map(|section| section.title).collect::<Vec<_>>()
        };
        assert!(find("RESUME checkpoint", Language::English).contains(&"Runs that survive"));
        assert!(find("혼동 행렬", Language::Korean).contains(&"그림의 뜻"));
        assert!(find("no such word as qzx", Language::English).is_empty());
    }

    /// Where the links and pictures of a Markdown text lead to; code shows them without leading anywhere.
    fn links(text: &str) -> Vec<String> {
        let link = |event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
            _ => None,
        };
        Parser::new(text).filter_map(link).collect()
    }

    /// A particle after “*…)*” leaves the stars in the text: a closing star may not stand between a mark and a letter.
    #[test]
    fn no_star_of_an_emphasis_is_left_in_the_text() {
        for chapter in Chapter::ALL {
            for text in Language::ALL.map(|language| chapter.text(language)) {
                let in_code = |event: &Event<'_>| matches!(event, Event::Start(Tag::CodeBlock(_)));
                let mut is_code = false;
                for event in Parser::new(text) {
                    is_code = in_code(&event) || is_code && !matches!(event, Event::End(TagEnd::CodeBlock));
                    let left = matches!(&event, Event::Text(text) if !is_code && text.contains('*'));
                    assert!(!left, "{chapter:?}: {event:?}");
                }
            }
        }
    }

    #[test]
    fn every_link_of_the_guide_is_a_chapter_and_every_link_of_the_readmes_is_a_file() {
        for chapter in Chapter::ALL {
            for link in Language::ALL.into_iter().flat_map(|language| links(chapter.text(language))) {
                let is_chapter = Chapter::ALL.iter().any(|other| other.file() == link);
                assert!(is_chapter || link.starts_with("https://"), "{chapter:?}: {link}");
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in ["README.md", "README.ko.md", "assets/guide/en/README.md", "assets/guide/ko/README.md"] {
            let text = fs::read_to_string(root.join(file)).unwrap();
            assert!(links(&text).len() > 5);
            for link in links(&text).iter().filter(|link| !link.starts_with("https://")) {
                assert!(root.join(file).with_file_name(link).is_file(), "{file}: {link}");
            }
        }
    }
}
