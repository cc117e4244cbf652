//! The report of a class and the handout of a lesson.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::config::Guess;
use crate::domain::lesson::{Bundle, BundledStep, Grades, Lesson, Question, QuestionKind, StepWork, Text};
use crate::domain::report::{ReportFormat, Reported};
use crate::domain::stored::OpenedBundle;
use crate::words::Language;

use super::super::{bytes, document};
use super::{html, texts_of, words};

fn text(english: &str) -> Text {
    Text { en: english.to_owned(), ko: None }
}

fn handed_in(student: &str, choice: &str, accuracy: f64) -> OpenedBundle {
    let question = |kind, choices: Vec<Text>, right, points| Question {
        kind,
        choices,
        right,
        tolerance: None,
        points: Some(points),
        explanation: Some(text("Because of the **pooler**.")),
    };
    let step = |title: &str, question, work| BundledStep {
        title: text(title),
        text: text("Read `this` and answer."),
        question,
        work,
        ..BundledStep::default()
    };
    let choices = vec![text("the first"), text("the <last>")];
    let is_right = choice == "2";
    let chosen = StepWork {
        answer: choice.to_owned(),
        first_answer: choice.to_owned(),
        right: Some(is_right),
        first_right: Some(is_right),
        attempts: 1,
        points: Some(if is_right { 2 } else { 0 }),
        ..StepWork::default()
    };
    let essay = StepWork { answer: format!("{student} thinks it over."), attempts: 1, ..StepWork::default() };
    let run = StepWork {
        guess: Some(Guess { accuracy: Some(0.7125), secs: Some(20.0) }),
        accuracy: Some(accuracy),
        train_secs: Some(12.5),
        ..StepWork::default()
    };
    let bundle = Bundle {
        lesson: "layers".into(),
        lesson_hash: "0".repeat(16),
        title: text("Which layer?"),
        student: student.to_owned(),
        student_number: "20261234".into(),
        saved: "2026-11-24 15:04".into(),
        steps: vec![
            step("Choose", Some(question(QuestionKind::Choice, choices, Some(2.0), 2)), chosen),
            step("Explain", Some(question(QuestionKind::Text, Vec::new(), None, 3)), essay),
            step("Train", None, run),
        ],
        ..Bundle::default()
    };
    OpenedBundle {
        file: format!("{student}.thaw-lesson").into(),
        bundle: Arc::new(bundle),
        steps_of_runs: BTreeMap::new(),
    }
}

fn class(hides_names: bool) -> Reported {
    let files = vec![handed_in("Kim", "2", 0.8375), handed_in("Lee <b>", "1", 0.775)];
    Reported::Class { files, hides_names, grades: Grades::default() }
}

#[test]
fn a_class_is_told_with_its_answers_guesses_and_points() {
    let document = document(&words(Language::English), &class(false));
    let page = html(&document);
    let texts = texts_of(&page);
    let has = |text: &str| texts.iter().any(|own| own == text);
    for text in ["Kim", "Lee <b>", "20261234", "0.8375", "0.7750", "0.7125", "Kim thinks it over.", "Which layer?"] {
        assert!(has(text), "{text} in {texts:?}");
    }
    assert!(has("2. the <last>") && has("1 · 50.0 %") && has("Because of the pooler."), "{texts:?}");
    assert!(has("50.0 %") && has("1 of 2 right"), "{texts:?}");
    assert!(!bytes(&document, ReportFormat::Pdf).unwrap().is_empty());
}

#[test]
fn hidden_names_stand_nowhere() {
    for language in Language::ALL {
        let document = document(&words(language), &class(true));
        let all = texts_of(&html(&document)).join("\n");
        // What students wrote is theirs, and may name them.
        let without_essays = all.replace("Kim thinks it over.", "").replace("Lee <b> thinks it over.", "");
        for name in ["Kim", "Lee", "20261234"] {
            assert!(!without_essays.contains(name), "{name} in {all}");
        }
        let student = if language == Language::Korean { "학생 1" } else { "Student 1" };
        assert!(all.contains(student), "{all}");
    }
}

fn lesson() -> Arc<Lesson> {
    let source = r#"
id = "one"
title = { en = "Layers & heads", ko = "층과 헤드" }
about = { en = "About layers.", ko = "층에 대하여." }
[[step]]
title = { en = "Read", ko = "읽기" }
text = { en = "A **list**:\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![A picture](net.png)", ko = "목록입니다." }
[[step]]
title = { en = "Choose", ko = "고르기" }
text = { en = "Which?", ko = "어느 것?" }
[step.question]
kind = "choice"
right = 2
points = 2
choices = [{ en = "first", ko = "처음" }, { en = "last", ko = "마지막" }]
explanation = { en = "The *last* one.", ko = "마지막입니다." }
[[step]]
title = { en = "Why?", ko = "왜?" }
text = { en = "Explain.", ko = "설명하세요." }
question = { kind = "text", points = 3 }
[[step]]
title = { en = "How many?", ko = "몇 개?" }
text = { en = "Count.", ko = "세어 보세요." }
question = { kind = "number", right = 770, tolerance = 10 }
[[step]]
title = { en = "Train", ko = "학습" }
text = { en = "Go.", ko = "시작." }
run = { freeze = "3", epochs = 2 }
[[step]]
title = { en = "Race", ko = "경주" }
text = { en = "Go.", ko = "시작." }
race = { freeze = ["1", "full"] }
"#;
    let mut lesson: Lesson = toml::from_str(source).unwrap();
    lesson.check().unwrap();
    let mut png = Vec::new();
    let picture = image::RgbImage::from_pixel(40, 20, image::Rgb([200, 20, 20]));
    picture.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    lesson.pictures = BTreeMap::from([("net.png".to_owned(), Arc::from(png))]);
    Arc::new(lesson)
}

#[test]
fn a_handout_has_room_for_answers_and_no_solutions() {
    let made = |with_solutions| {
        let reported = Reported::Handout { lesson: lesson(), with_solutions };
        document(&words(Language::English), &reported)
    };
    let page = html(&made(false));
    let all = texts_of(&page).join("\n");
    for text in ["Layers & heads", "first", "last", "one", "two", "Name", "Preset 3", "Full", "2 points", "A list:"] {
        assert!(all.contains(text), "{text} in {all}");
    }
    assert!(page.contains("<div class=\"lines\">") && page.matches("class=\"box\"").count() == 2);
    assert!(page.contains("href=\"data:image/png;base64,"), "the lesson's picture");
    for solution in ["The last one.", "770", "class=\"tick\""] {
        assert!(!page.contains(solution), "{solution}");
    }
    let solved = html(&made(true));
    for solution in ["The last one.", "The right answer is 770 ± 10.", "class=\"tick\""] {
        assert!(solved.contains(solution), "{solution} in {}", texts_of(&solved).join("\n"));
    }
    assert!(!solved.contains("<div class=\"lines\">"));
    for with_solutions in [false, true] {
        assert!(bytes(&made(with_solutions), ReportFormat::Pdf).unwrap().starts_with(b"%PDF-"));
    }
}
