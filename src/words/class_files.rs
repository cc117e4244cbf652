//! Who is who in a class: names that tell students apart, and numbers that stand for them while names are hidden; and
//! which of its files belong together.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::Catalogue;
use super::shared::short_name;
use crate::domain::lesson::Bundle;
use crate::domain::lesson::sheet::is_asked;
use crate::domain::stored::OpenedBundle;

/// Who handed in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Student {
    /// The name, with the student number where two students have the same name.
    name: String,
    /// This number, counted from 1, stands for the student while names are hidden.
    number: usize,
    /// Which of the student's files of the same version of a lesson it is, counted from 1.
    pub copy: usize,
    /// Whether there are more of these files.
    has_copies: bool,
}

impl Student {
    /// The student's name, or "Student 3", for whichever of the files it is.
    pub fn base(&self, hides_names: bool, words: &Catalogue) -> String {
        if hides_names { words.say_with("desk-student", &[("number", &self.number)]) } else { self.name.clone() }
    }

    /// The same with the number of the file, "Kim (2)", where the student handed in several.
    pub fn name(&self, hides_names: bool, words: &Catalogue) -> String {
        let base = self.base(hides_names, words);
        if self.has_copies { format!("{base} ({})", self.copy) } else { base }
    }

    /// Students are sorted by this: a list in the order of the alphabet would tell hidden names.
    pub fn order(&self, hides_names: bool) -> (usize, String, usize) {
        if hides_names { (self.number, String::new(), self.copy) } else { (0, self.name.to_lowercase(), self.copy) }
    }
}

/// The students, parallel to their files.
pub fn students(bundles: &[OpenedBundle]) -> Vec<Student> {
    let person = |opened: &OpenedBundle| {
        let bundle = &opened.bundle;
        let name = bundle.student.trim();
        // Only a file that was written by hand has no name.
        let name = if name.is_empty() { short_name(&opened.file) } else { name.to_owned() };
        (name, bundle.student_number.trim().to_owned())
    };
    let people: Vec<(String, String)> = bundles.iter().map(person).collect();
    let mut numbered = people.clone();
    // Shuffled, always in the same way, so that the numbers don't follow the alphabet.
    numbered.sort_by_cached_key(|person| (hash(person), person.clone()));
    numbered.dedup();
    let is_same_lesson = |a: &OpenedBundle, b: &OpenedBundle| {
        (&a.bundle.lesson, &a.bundle.lesson_hash) == (&b.bundle.lesson, &b.bundle.lesson_hash)
    };
    let of = |at: usize| {
        let (name, number) = &people[at];
        let has_namesake = people.iter().any(|(other, its)| other == name && its != number);
        let copies: Vec<usize> = (0..bundles.len())
            .filter(|i| people[*i] == people[at] && is_same_lesson(&bundles[*i], &bundles[at]))
            .collect();
        // The older file comes first.
        let order = |i: usize| (&bundles[i].bundle.saved, &bundles[i].file);
        Student {
            name: if has_namesake && !number.is_empty() { format!("{name} ({number})") } else { name.clone() },
            number: numbered.iter().position(|person| *person == people[at]).unwrap_or(0) + 1,
            copy: copies.iter().filter(|i| order(**i) < order(at)).count() + 1,
            has_copies: copies.len() > 1,
        }
    };
    (0..bundles.len()).map(of).collect()
}

fn hash(person: &(String, String)) -> u64 {
    let mut hasher = DefaultHasher::new();
    person.hash(&mut hasher);
    hasher.finish()
}

/// All that was handed in of one text of a lesson.
#[derive(Clone, Debug)]
pub struct Version<'a> {
    /// A, B, C and so on where several texts of the same lesson were handed in.
    pub letter: Option<char>,
    /// Sorted by the students' names, or by their numbers while names are hidden.
    pub files: Vec<&'a OpenedBundle>,
}

impl<'a> Version<'a> {
    /// Any of the bundles, for what is the same in all of them.
    pub fn any(&self) -> &'a Bundle {
        &self.files[0].bundle
    }

    pub fn bundles(&self) -> Vec<&'a Bundle> {
        self.files.iter().map(|file| &*file.bundle).collect()
    }

    /// The steps that ask or run something.
    pub fn asked(&self) -> Vec<usize> {
        let is_asked = |step: &usize| self.files.iter().any(|file| file.bundle.steps.get(*step).is_some_and(is_asked));
        (0..self.any().steps.len()).filter(is_asked).collect()
    }

    /// The lesson and the hash of its text.
    pub fn key(&self) -> (&'a str, &'a str) {
        key(self.any())
    }
}

fn key(bundle: &Bundle) -> (&str, &str) {
    (&bundle.lesson, &bundle.lesson_hash)
}

/// The texts of lessons that were handed in, sorted by lesson. Within a lesson the text with the most students comes first.
/// `students` are parallel to `bundles`.
pub fn versions<'a>(bundles: &'a [OpenedBundle], students: &[Student], hides_names: bool) -> Vec<Version<'a>> {
    let mut versions: Vec<Vec<&OpenedBundle>> = Vec::new();
    for opened in bundles {
        let is_same = |files: &&mut Vec<&OpenedBundle>| key(&files[0].bundle) == key(&opened.bundle);
        match versions.iter_mut().find(is_same) {
            Some(files) => files.push(opened),
            None => versions.push(vec![opened]),
        }
    }
    versions.sort_by_key(|files| {
        let (lesson, hash) = key(&files[0].bundle);
        (lesson, std::cmp::Reverse(files.len()), hash)
    });
    let lessons: Vec<&str> = versions.iter().map(|files| key(&files[0].bundle).0).collect();
    let letter = |at: usize| {
        let same = || lessons.iter().enumerate().filter(|(_, lesson)| **lesson == lessons[at]);
        let before = same().filter(|(i, _)| *i < at).count() as u32;
        (same().count() > 1).then(|| char::from_u32('A' as u32 + before % 26)).flatten()
    };
    let letters: Vec<Option<char>> = (0..versions.len()).map(letter).collect();
    let student = |opened: &OpenedBundle| {
        let at = bundles.iter().position(|other| other.file == opened.file)?;
        students.get(at)
    };
    let sorted = versions.into_iter().zip(letters).map(|(mut files, letter)| {
        files.sort_by_cached_key(|file| student(file).map(|student| student.order(hides_names)));
        Version { letter, files }
    });
    sorted.collect()
}
