//! Lesson files, the answers to their questions, and the bundles that students hand in.

use std::path::Path;

use thaw::domain::lesson::sheet::{Sheet, is_asked, points, total};
use thaw::domain::lesson::{Grades, LessonWork};
use thaw::domain::problem::Outcome;
use thaw::runs::{read_bundle, read_lesson, save_bundle, take_runs};

use super::harness::{Case, Scratch, Target, file, torture};
use super::runs::short_run;

const LESSON: &str = r#"id = "mine"
title = { en = "A", ko = "가" }
about = { en = "B" }
seed = 7
max_rows = 60
batch_size = 8
open = ["freeze", "data"]
[[step]]
title = { en = "A choice" }
text = { en = "Which? ![a](gone.png) `x`" }
question = { kind = "choice", right = 2, points = 2, choices = [{ en = "x" }, { ko = "나" }], explanation = { en = "So." } }
[[step]]
title = { en = "A number" }
text = { en = "How many?" }
[step.question]
kind = "number"
right = 0.5
tolerance = 0.1
points = 3
[[step]]
title = { en = "A run" }
text = { en = "Guess." }
run = { rules = [{ parameters = "encoder.layer.5.*", state = "trainable" }], epochs = 1, guess = true, learning_rate = 1e-4 }
[[step]]
title = { en = "A race" }
text = { ko = "경주" }
race = { freeze = ["1", "top:2"], seeds = [1, 2], epochs = 2, minutes = 1.5 }
"#;

const TOML: [&[u8]; 36] = [
    b"[[step]]\n",
    b"[step.text]\n",
    b"[step.question]\n",
    b"right = nan\n",
    b"right = inf\n",
    b"tolerance = -1\n",
    b"points = 4294967296\n",
    b"kind = \"text\"\n",
    b"kind = \"choice\"\n",
    b"choices = []\n",
    b"seed = -1\n",
    b"max_rows = 0\n",
    b"data = \"..\"\n",
    b"data = \"/dev/null\"\n",
    b"model = \"a/b@c\"\n",
    b"model = \"..\"\n",
    b"quoting = \"none\"\n",
    b"header = false\n",
    b"\"\"\"",
    b"'''",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\\u0000",
    b"\\U0010ffff",
    b"1979-05-27T07:32:00Z",
    b"0x7fffffffffffffff",
    b"1_0",
    b"a.b.c.d = 1\n",
    b"![](a.png)",
    b"![x](../../../etc/passwd)",
    b"[x](y)",
    b"`",
    b"\xff",
    b"epochs = 18446744073709551615\n",
];

/// What students type into the field.
const ANSWERS: [&str; 14] =
    ["", " ", "2", "0", "3", "1e400", "-1", "nan", "0,5", "0.6", "18446744073709551616", "\u{0}", "한글", "+2"];

#[test]
fn lesson_files() {
    let target = Target {
        name: "lessons",
        seeds: vec![
            vec![("lesson.toml", LESSON.replace("![a](gone.png) ", "").into_bytes())],
            vec![("lesson.toml", LESSON.as_bytes().to_vec())],
            vec![(
                "lesson.toml",
                format!(
                    "{}[[step]]\ntitle = {{ en = \"A\" }}\ntext = {{ en = \"B\" }}\n",
                    &LESSON[..LESSON.find("[[").unwrap()]
                )
                .into_bytes(),
            )],
        ],
        words: TOML.into(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| {
        let lesson = read_lesson(&place.write("lesson.toml", file(case, "lesson.toml").unwrap()))?;
        let mut work = LessonWork::new(&lesson);
        for (at, step) in lesson.steps.iter().enumerate() {
            let Some(question) = &step.question else { continue };
            for n in 0..4 {
                let answer = ANSWERS[(choice as usize + n * 5) % ANSWERS.len()];
                work.answer(at, question, answer);
                if !question.takes(answer) {
                    assert_ne!(work.steps[at].answer, answer.trim().to_owned() + "!");
                }
            }
            if let Some(right) = question.right_answer() {
                assert_eq!(question.is_right(&right), Some(true), "the right answer is right: {right}");
            }
        }
        let sum = work.points(&lesson);
        assert!(sum.is_none_or(|sum| sum.earned + sum.open <= sum.most));
        let kept: LessonWork = serde_json::from_str(&serde_json::to_string(&work).unwrap()).unwrap();
        assert_eq!(kept, work);
        Ok(())
    });
}

/// Reads a bundle as an instructor's desk does.
fn open(path: &Path) -> Outcome<()> {
    let mut bundle = read_bundle(path)?;
    let grades = Grades::default();
    for (at, step) in bundle.steps.iter().enumerate() {
        points(&bundle, at, &grades);
        is_asked(step);
    }
    total(&bundle, &grades);
    {
        let sheet = Sheet::of(vec![&bundle, &bundle], &grades);
        for column in 0..sheet.columns.len() {
            assert_eq!(sheet.cell(0, column), sheet.cell(1, column));
        }
    }
    for (_, run) in take_runs(path, &mut bundle) {
        run.history_at(f64::INFINITY);
        run.history_at(run.secs() / 2.0);
    }
    Ok(())
}

#[test]
fn bundles() {
    let place = Scratch::new();
    let lesson_file = place.write("lesson.toml", LESSON.replace("![a](gone.png) ", "").as_bytes());
    let lesson = read_lesson(&lesson_file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in short_run() {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let bundle = |with_run: bool| {
        let mut work = LessonWork { student: "Kim".into(), student_number: "2023".into(), ..LessonWork::new(&lesson) };
        for (at, step) in lesson.steps.iter().enumerate() {
            if let Some(question) = &step.question {
                work.answer(at, question, "2");
            }
        }
        if with_run {
            work.steps[2].run_dirs = vec![folder.path().to_owned()];
        }
        (work.steps[2].accuracy, work.steps[2].train_secs) = (Some(0.8), Some(12.5));
        std::fs::read(save_bundle(&lesson, &work, &place.path().join("kim")).unwrap()).unwrap()
    };
    const WORDS: [&[u8]; 12] = [
        b"null",
        b"-1",
        b"1e999",
        b"\"\"",
        b"[]",
        b"{}",
        b"\"thaw_lesson\":1,",
        b"\"thaw_lesson\":4294967295,",
        b"\"points\":4294967295,",
        b"\\u0000",
        b"\"event\":\"step\"",
        b"NaN",
    ];
    let target = Target {
        name: "bundles",
        seeds: [false, true].map(|with_run| vec![("it.thaw-lesson", bundle(with_run))]).into(),
        words: WORDS.into(),
    };
    torture!(target, move |case: &Case, _| open(&place.write("it.thaw-lesson", file(case, "it.thaw-lesson").unwrap())));
}
