//! Lesson files, also those that come with the program. What is wrong in one is told with its line when it is opened.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::ImageReader;
use pulldown_cmark::{Event, Parser, Tag};
use serde::Deserialize as _;
use sha2::{Digest as _, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use crate::data::dataset::Dataset;
use crate::data::decode::text_of;
use crate::domain::config::{DataSource, ReadingConfig, RunConfig};
use crate::domain::labels::unused_pairs;
use crate::domain::lesson::Lesson;
use crate::domain::problem::{Outcome, Problem};
use crate::model::pretrained::PretrainedModel;

const CARRIED: [&str; 6] = [
    include_str!("../../assets/lessons/cost-of-freezing.toml"),
    include_str!("../../assets/lessons/does-it-read-not.toml"),
    include_str!("../../assets/lessons/find-the-three-per-cent.toml"),
    include_str!("../../assets/lessons/preset-1-fails.toml"),
    include_str!("../../assets/lessons/thaw-from-the-top.toml"),
    include_str!("../../assets/lessons/which-layer-is-last.toml"),
];

/// A lesson is text that someone wrote, so a larger file is something else.
const MOST_LESSON_BYTES: u64 = 1 << 20;
/// A picture is kept in memory while its lesson is open.
const MOST_PICTURE_BYTES: u64 = 16 << 20;
/// The pictures that the window can draw.
const PICTURES: [&str; 3] = ["png", "jpg", "jpeg"];
/// The pixels of a side that every graphics card can hold. A larger picture would end the window.
const MOST_PICTURE_SIDE: u32 = 4096;

/// The lessons that come with the program.
///
/// # Errors
/// Those of [`read_lesson`]. In practice there are none, because a test reads all these lessons.
pub fn carried_lessons() -> Outcome<Vec<Arc<Lesson>>> {
    CARRIED.iter().map(|text| File { text, path: Path::new("assets/lessons") }.lesson(None).map(Arc::new)).collect()
}

/// Reads a lesson of the program by its id, or a lesson file with the pictures that its texts show.
///
/// # Errors
/// `lesson-unknown` for what is neither; `lesson-is-folder`, `lesson-not-a-file`, `file-error`; `lesson-bad-encoding` for what
/// is no text; with the file and the line, `lesson-unreadable`, `lesson-unknown-key`, `lesson-unknown-value`,
/// `lesson-missing-key`, `lesson-wrong-type`, `lesson-missing-file`, `lesson-missing-picture`, `lesson-no-picture`,
/// `lesson-large-picture`, those of `Lesson::check`, and `lesson-refused` with what is wrong about the data.
pub fn read_lesson(source: &Path) -> Outcome<Arc<Lesson>> {
    // An id has no dot in it, so that the program's own lessons need not be read for a file with an ending.
    if source.extension().is_none() {
        if let Some(lesson) = carried_lessons()?.into_iter().find(|lesson| Path::new(&lesson.id) == source) {
            return Ok(lesson);
        }
        if !source.exists() {
            return Err(Problem::new("lesson-unknown").with("name", source.display()));
        }
    }
    let bytes = read_bytes(source, MOST_LESSON_BYTES)?;
    let bad_encoding = || Problem::new("lesson-bad-encoding").with("file", source.display());
    let text = text_of(&bytes, "").ok().flatten().ok_or_else(bad_encoding)?;
    let folder = source.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).map_err(|e| Problem::file(source, &e))?;
    File { text: &text, path: source }.lesson(Some(folder)).map(Arc::new)
}

/// Reads a file that must not be larger than `most` bytes.
///
/// # Errors
/// `lesson-is-folder`; `lesson-not-a-file` for a larger file; `file-error`.
pub(super) fn read_bytes(path: &Path, most: u64) -> Outcome<Vec<u8>> {
    let found = fs::metadata(path).map_err(|e| Problem::file(path, &e))?;
    if found.is_dir() {
        return Err(Problem::new("lesson-is-folder").with("file", path.display()));
    }
    // A device has no size and may have no end.
    let mut bytes = Vec::new();
    if found.len() <= most {
        let file = fs::File::open(path).map_err(|e| Problem::file(path, &e))?;
        file.take(most + 1).read_to_end(&mut bytes).map_err(|e| Problem::file(path, &e))?;
    }
    let size = found.len().max(bytes.len() as u64);
    if size > most {
        return Err(Problem::new("lesson-not-a-file").with("file", path.display()).with_count("size", size >> 20));
    }
    Ok(bytes)
}

/// A lesson file's text, by which the line of what is wrong is found.
struct File<'a> {
    text: &'a str,
    path: &'a Path,
}

impl File<'_> {
    fn lesson(&self, folder: Option<PathBuf>) -> Outcome<Lesson> {
        let mut lesson = self.parsed().map_err(|error| self.misread(&error))?;
        lesson.hash = hash(self.text);
        lesson.folder = folder;
        lesson.check().map_err(|problem| {
            let step = problem.arg("step").and_then(|step| step.parse().ok()).unwrap_or_default();
            let line = self.line_of_key(step, &problem.arg("field").unwrap_or_default());
            self.at(line, problem)
        })?;
        self.check_data(&lesson)?;
        if lesson.model != "bundled" {
            let beside = lesson.beside(&lesson.model);
            lesson.model_folder = Some(beside.clone()).filter(|folder| folder.exists());
            if lesson.model_folder.is_none() && lesson.lacks_model().is_none() {
                return Err(self.missing("model", &beside));
            }
        }
        self.check_classes(&lesson)?;
        self.read_pictures(&mut lesson)?;
        Ok(lesson)
    }

    /// The lesson as it is written. The settings of reading are taken out of the file's head first, so that all other keys
    /// are those of a lesson or unknown.
    fn parsed(&self) -> Result<Lesson, toml::de::Error> {
        let mut head = DeTable::parse(self.text)?;
        let reading = ReadingConfig::deserialize(Deserializer::from(head.clone()))?;
        for key in ReadingConfig::keys() {
            head.get_mut().remove(*key);
        }
        Ok(Lesson { reading, ..Lesson::deserialize(Deserializer::from(head))? })
    }

    /// The problem with the file and the line that it is about.
    fn at(&self, line: usize, problem: Problem) -> Problem {
        problem.with("file", self.path.display()).with_count("line", line)
    }

    fn missing(&self, key: &str, missing: &Path) -> Problem {
        self.at(self.line_of_key(0, key), Problem::new("lesson-missing-file").with("missing", missing.display()))
    }

    /// Says in our own words what the parser tells. Its sentences are the only place where it names keys and values.
    fn misread(&self, error: &toml::de::Error) -> Problem {
        let line = self.line_at(error.span().map_or(0, |span| span.start));
        let message = error.message();
        let mut names = message.split('`').skip(1).step_by(2);
        let name = names.next().unwrap_or_default();
        let mut known: Vec<&str> = names.collect();
        // The parser does not know of those that were taken out of the file's head.
        if known.contains(&"about") {
            known.extend(ReadingConfig::keys());
        }
        let known = known.join(", ");
        self.at(
            line,
            match message {
                m if m.starts_with("unknown field") => {
                    Problem::new("lesson-unknown-key").with("key", name).with("known", known)
                }
                m if m.starts_with("unknown variant") => {
                    Problem::new("lesson-unknown-value").with("value", name).with("known", known)
                }
                m if m.starts_with("missing field") => Problem::new("lesson-missing-key").with("key", name),
                m if m.starts_with("invalid type") => Problem::new("lesson-wrong-type").with_original(m),
                m => Problem::new("lesson-unreadable").with_original(m),
            },
        )
    }

    /// Opens a lesson's own data, so that a wrong column, label or class is told at once and not when a student is to train.
    fn check_data(&self, lesson: &Lesson) -> Outcome<()> {
        let data = lesson.config(&RunConfig::default()).data;
        match &data.source {
            DataSource::File(file) if !file.exists() => return Err(self.missing("data", file)),
            DataSource::Bundled if lesson.label_map.is_empty() && lesson.class_weights.is_none() => return Ok(()),
            _ => {}
        }
        let problem = match Dataset::open(&data, &|_, _| ()) {
            Ok(dataset) => return self.check_labels(lesson, &dataset),
            Err(problem) => problem,
        };
        let column = problem.arg("column");
        let is_about = |own: &Option<String>| column.is_some() && own.as_deref().map(str::trim) == column.as_deref();
        let reading = &lesson.reading;
        let columns = [
            ("text_column", &reading.text_column),
            ("second_text_column", &reading.second_text_column),
            ("label_column", &reading.label_column),
        ];
        let key = columns.iter().find(|(_, own)| is_about(own)).map_or("data", |(key, _)| key);
        Err(self.refused(key, problem))
    }

    /// Checks that what is stated of labels is stated of those that the data have.
    fn check_labels(&self, lesson: &Lesson, dataset: &Dataset) -> Outcome<()> {
        let labels = dataset.label_names();
        if let Some(problem) = unused_pairs(&lesson.label_map, &labels).into_iter().next() {
            return Err(self.refused("label_map", problem));
        }
        let Some(weights) = &lesson.class_weights else { return Ok(()) };
        let resolved = weights.resolve(&labels, &dataset.summary.split.train);
        resolved.map(drop).map_err(|problem| self.refused("class_weights", problem))
    }

    /// Checks the classes that a map of labels names against a model that is already here.
    fn check_classes(&self, lesson: &Lesson) -> Outcome<()> {
        let config = lesson.config(&RunConfig::default());
        if lesson.label_map.is_empty() || lesson.lacks_model().is_some() {
            return Ok(());
        }
        let refused = |key| move |problem| self.refused(key, problem);
        let model = PretrainedModel::open(&config.model).map_err(refused("model"))?;
        let dataset = Dataset::open(&config.data, &|_, _| ()).map_err(refused("data"))?;
        let kept = model.stating(&config.data.head()).head_rows(&dataset.label_names()).map(drop);
        kept.map_err(refused("label_map"))
    }

    /// The problem of a key in the file's head.
    fn refused(&self, key: &str, problem: Problem) -> Problem {
        let refused = Problem::new("lesson-refused").with_count("step", 0_u64).with("field", key);
        self.at(self.line_of_key(0, key), refused.with_problem("problem", problem))
    }

    /// Reads the pictures that the texts show from beside the lesson file.
    fn read_pictures(&self, lesson: &mut Lesson) -> Outcome<()> {
        let names: Vec<String> = lesson
            .texts()
            .into_iter()
            .flat_map(|text| [Some(&text.en), text.ko.as_ref()])
            .flatten()
            .flat_map(|text| pictures(text))
            .collect();
        for name in names {
            // A text may show one picture many times.
            if lesson.pictures.contains_key(&name) {
                continue;
            }
            let refused = |id| {
                let line = self.line_at(self.text.find(&name).unwrap_or_default());
                self.at(line, Problem::new(id).with("picture", &name))
            };
            let path = lesson.beside(&name);
            let is_picture =
                path.extension().is_some_and(|e| PICTURES.iter().any(|known| e.eq_ignore_ascii_case(known)));
            if name.contains(':') || !is_picture {
                return Err(refused("lesson-no-picture"));
            }
            if !path.is_file() {
                return Err(refused("lesson-missing-picture"));
            }
            let bytes = read_bytes(&path, MOST_PICTURE_BYTES)?;
            let (width, height) = size_of_picture(&bytes).ok_or_else(|| refused("lesson-no-picture"))?;
            if width.max(height) > MOST_PICTURE_SIDE {
                return Err(refused("lesson-large-picture").with_count("most", MOST_PICTURE_SIDE));
            }
            lesson.pictures.insert(name, bytes.into());
        }
        Ok(())
    }

    /// The line, from 1, in which this byte of the text is.
    fn line_at(&self, byte: usize) -> usize {
        self.text.as_bytes()[..byte.min(self.text.len())].iter().filter(|b| **b == b'\n').count() + 1
    }

    /// The line of a key: of the file's head, or of the step with this number from 1. Where it is not written, the line where
    /// its step begins. Of several keys, parted by commas, it is the first that is there.
    fn line_of_key(&self, step: usize, keys: &str) -> usize {
        let Ok(root) = DeTable::parse(self.text) else { return 1 };
        let head = root.get_ref();
        let key = |table: &DeTable<'_>| keys.split(", ").find_map(|key| find_key(table, key, step > 0));
        let Some(place) = step.checked_sub(1) else { return key(head).map_or(1, |byte| self.line_at(byte)) };
        let steps =
            head.iter().find(|(name, _)| name.get_ref() == "step").and_then(|(_, steps)| steps.get_ref().as_array());
        let Some(step) = steps.and_then(|steps| steps.get(place)) else { return 1 };
        let found = step.get_ref().as_table().and_then(key);
        self.line_at(found.unwrap_or(step.span().start))
    }
}

/// The byte at which a key stands in a table, or `deep` within it.
fn find_key(table: &DeTable<'_>, key: &str, deep: bool) -> Option<usize> {
    let own = table.iter().find(|(name, _)| name.get_ref() == key).map(|(name, _)| name.span().start);
    own.or_else(|| table.iter().filter(|_| deep).find_map(|(_, value)| find_in(value, key)))
}

fn find_in(value: &Spanned<DeValue<'_>>, key: &str) -> Option<usize> {
    match value.get_ref() {
        DeValue::Table(table) => find_key(table, key, true),
        DeValue::Array(values) => values.iter().find_map(|value| find_in(value, key)),
        _ => None,
    }
}

/// The addresses of the pictures in a text.
fn pictures(text: &str) -> Vec<String> {
    let image =
        |event| if let Event::Start(Tag::Image { dest_url, .. }) = event { Some(dest_url.into_string()) } else { None };
    Parser::new(text).filter_map(image).collect()
}

/// The width and the height of a picture in pixels, or `None` for bytes that are no picture.
fn size_of_picture(bytes: &[u8]) -> Option<(u32, u32)> {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?.into_dimensions().ok()
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
