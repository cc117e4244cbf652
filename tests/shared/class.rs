//! A class of thirty who handed in their work on a lesson; the last two of them had another version of its text.

use std::path::{Path, PathBuf};

use thaw::domain::config::Guess;
use thaw::domain::lesson::{Bundle, BundledRun, BundledStep, Points, Question, QuestionKind, StepWork, Text};

pub const STUDENTS: usize = 30;

pub fn text(english: &str) -> Text {
    Text { en: english.into(), ko: None }
}

pub fn student(n: usize) -> String {
    format!("Kim-{n:02}")
}

/// An essay of several hundred words. That of the third student would be a formula to a spreadsheet.
pub fn essay(n: usize) -> String {
    let sentence = "While all of BERT is frozen its pooler stays as random as it was. ".repeat(40);
    let begin = if n == 3 { "=HYPERLINK(\"http://example.org\";\"a\")" } else { &format!("Thought {n}:") };
    format!("{begin}\n{sentence}\nThis is where essay {n} ends.")
}

fn question(kind: QuestionKind, choices: &[&str], right: Option<f64>, points: u32) -> Option<Question> {
    let choices = choices.iter().map(|choice| text(choice)).collect();
    Some(Question { kind, choices, right, tolerance: None, points: Some(points), explanation: None })
}

/// What student `n` handed in. `runs` are those of the fourth and the fifth step.
pub fn bundle(n: usize, runs: [Option<BundledRun>; 2]) -> Bundle {
    let [first_run, second_run] = runs;
    let is_right = !n.is_multiple_of(3);
    let read = BundledStep { title: text("Read this"), ..BundledStep::default() };
    let chosen = BundledStep {
        title: text("Which part?"),
        text: text("Which part of BERT trains?"),
        question: question(QuestionKind::Choice, &["The embeddings", "The `head`"], Some(2.0), 2),
        work: StepWork {
            answer: "2".into(),
            right: Some(true),
            first_answer: if is_right { "2" } else { "1" }.into(),
            first_right: Some(is_right),
            attempts: if is_right { 1 } else { 2 },
            secs: 20.0,
            points: Some(if is_right { 2 } else { 0 }),
            ..StepWork::default()
        },
        ..BundledStep::default()
    };
    let reasoned = BundledStep {
        title: text("Why?"),
        text: text("Why does `preset 1` fail?"),
        question: question(QuestionKind::Text, &[], None, 3),
        work: StepWork { answer: essay(n), first_answer: essay(n), attempts: 1, ..StepWork::default() },
        ..BundledStep::default()
    };
    let ran = |title: &str, accuracy: f64, run: Option<BundledRun>| BundledStep {
        title: text(title),
        work: StepWork {
            guess: Some(Guess { accuracy: Some(0.5 + n as f64 / 100.0), secs: Some(10.0 + n as f64) }),
            accuracy: Some(accuracy),
            train_secs: Some(12.0),
            ..StepWork::default()
        },
        runs: run.into_iter().collect(),
        ..BundledStep::default()
    };
    let is_other = n > STUDENTS - 2;
    Bundle {
        thaw_lesson: 2,
        thaw: "0.1.0".into(),
        lesson: "freezing".into(),
        lesson_hash: if is_other { "bbbb" } else { "aaaa" }.into(),
        title: text("What freezing does"),
        student: student(n),
        student_number: format!("2026{n:04}"),
        points: Some(Points { earned: if is_right { 2 } else { 0 }, open: 3, most: 5 }),
        saved: "2026-11-24 15:04".into(),
        steps: vec![read, chosen, reasoned, ran("Preset 1", 0.55, first_run), ran("Preset 2", 0.65, second_run)],
    }
}

/// Writes the file that a student hands in.
pub fn hand_in(folder: &Path, bundle: &Bundle) -> PathBuf {
    let file = folder.join(format!("{}.thaw-lesson", bundle.student));
    std::fs::write(&file, serde_json::to_string(bundle).unwrap()).unwrap();
    file
}
