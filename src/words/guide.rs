//! The guide: what a user may want to read, in chapters, as it stands under `assets/guide`.

use super::Language;

/// The chapters in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chapter {
    FirstRun,
    FiftyMinutes,
    Lessons,
    DataAndModels,
    Freezing,
    Runs,
    Terminal,
    Computing,
}

/// A chapter's text in English and in Korean.
macro_rules! texts {
    ($file:literal) => {
        (include_str!(concat!("../../assets/guide/en/", $file)), include_str!(concat!("../../assets/guide/ko/", $file)))
    };
}

impl Chapter {
    pub const ALL: [Self; 8] = [
        Self::FirstRun,
        Self::FiftyMinutes,
        Self::Lessons,
        Self::DataAndModels,
        Self::Freezing,
        Self::Runs,
        Self::Terminal,
        Self::Computing,
    ];

    /// The whole chapter in Markdown, with its title in the first line.
    pub fn text(self, language: Language) -> &'static str {
        let (english, korean) = match self {
            Self::FirstRun => texts!("first-run.md"),
            Self::FiftyMinutes => texts!("fifty-minutes.md"),
            Self::Lessons => texts!("lessons.md"),
            Self::DataAndModels => texts!("data-and-models.md"),
            Self::Freezing => texts!("freezing.md"),
            Self::Runs => texts!("runs.md"),
            Self::Terminal => texts!("terminal.md"),
            Self::Computing => texts!("computing.md"),
        };
        match language {
            Language::English => english,
            Language::Korean => korean,
        }
    }

    pub fn title(self, language: Language) -> &'static str {
        self.text(language).lines().next().unwrap_or_default().trim_start_matches("# ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
