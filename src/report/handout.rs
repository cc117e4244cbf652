//! A lesson on paper: its texts, with room for answers; for the instructor with the solutions.

use crate::domain::lesson::{Lesson, LessonStep, Question, QuestionKind, RaceStep, RunStep};
use crate::words::{Catalogue, class_sheet, shared};

use super::document::{Block, Document, Table};
use super::markdown;
use super::parts::{left, right};

/// Lines for an answer in words.
const LINES: usize = 6;

pub fn handout(words: &Catalogue, lesson: &Lesson, with_solutions: bool) -> Document {
    let tag = words.tag();
    let mut blocks = Vec::new();
    if !with_solutions {
        let fields = ["handout-name", "sheet-number", "handout-date"].map(|id| words.say(id));
        blocks.push(Block::Fields(fields.to_vec()));
    }
    for (place, step) in lesson.steps.iter().enumerate() {
        blocks.push(Block::Heading(2, class_sheet::step_title(words, place, &step.title)));
        blocks.extend(markdown::blocks(step.text.tongue(tag), &lesson.pictures));
        blocks.extend(task(words, step, with_solutions));
    }
    let kind = if with_solutions { "handout-kind-solutions" } else { "handout-kind" };
    Document {
        kind: words.say(kind),
        title: lesson.title.tongue(tag).to_owned(),
        facts: vec![lesson.about.tongue(tag).to_owned()],
        blocks,
        ..Document::default()
    }
}

/// What is to be done in a step.
fn task(words: &Catalogue, step: &LessonStep, with_solutions: bool) -> Vec<Block> {
    if let Some(question) = &step.question {
        return self::question(words, question, with_solutions);
    }
    if let Some(run) = &step.run {
        return self::run(words, run);
    }
    step.race.as_ref().map(|race| self::race(words, race)).unwrap_or_default()
}

fn question(words: &Catalogue, question: &Question, with_solutions: bool) -> Vec<Block> {
    let tag = words.tag();
    let mut blocks = Vec::new();
    if let Some(points) = question.points {
        blocks.push(Block::Aside(words.say_with("handout-points", &[("points", &u64::from(points))])));
    }
    let right = question.right.filter(|_| with_solutions);
    match question.kind {
        QuestionKind::Choice => {
            let choice = |(number, text): (usize, &crate::domain::lesson::Text)| {
                (right == Some(number as f64), markdown::in_a_line(text.tongue(tag)))
            };
            blocks.push(Block::Choices((1..).zip(&question.choices).map(choice).collect()));
        }
        QuestionKind::Number => match right {
            Some(right) => {
                let tolerance = question.tolerance.map(|tolerance| format!(" ± {tolerance}"));
                let answer = format!("{right}{}", tolerance.unwrap_or_default());
                blocks.push(Block::Paragraph(words.say_with("handout-right", &[("answer", &answer)])));
            }
            None => blocks.push(Block::Fields(vec![words.say("handout-answer")])),
        },
        QuestionKind::Text if with_solutions => {}
        QuestionKind::Text => blocks.push(Block::Lines(LINES)),
    }
    let explanation = question.explanation.as_ref().filter(|_| with_solutions);
    blocks.extend(explanation.map(|text| Block::Warning(markdown::in_a_line(text.tongue(tag)))));
    blocks
}

/// A run with room for what was guessed and for what came out.
fn run(words: &Catalogue, run: &RunStep) -> Vec<Block> {
    let freeze = shared::freezing(words, &run.freeze());
    let sentence = words.say_with("handout-run", &[("freeze", &freeze), ("epochs", &run.epochs)]);
    let mut table =
        Table::new([left(words, "report-measure"), left(words, "handout-guess"), left(words, "handout-result")]);
    let rows = ["report-accuracy", "report-time"].map(|id| vec![words.say(id), String::new(), String::new()]);
    table.rows = rows.to_vec();
    vec![Block::Paragraph(sentence), Block::Table(table)]
}

/// A race with a row for each strategy.
fn race(words: &Catalogue, race: &RaceStep) -> Vec<Block> {
    let sentence = words.say_with("handout-race", &[("count", &race.freeze.len()), ("epochs", &race.epochs)]);
    let mut table = Table::new([
        left(words, "report-strategy"),
        right(words, "handout-guess"),
        right(words, "report-accuracy"),
        right(words, "report-time"),
    ]);
    let row = |name: &String| {
        let blank = || "\u{2007}".repeat(12);
        vec![class_sheet::strategy(words, name), blank(), blank(), blank()]
    };
    table.rows = race.freeze.iter().map(row).collect();
    vec![Block::Paragraph(sentence), Block::Table(table)]
}
