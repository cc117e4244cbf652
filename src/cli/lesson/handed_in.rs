//! `thaw lesson show`: what students handed in, as a table, as CSV or as JSON lines.

use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use crate::domain::config::Guess;
use crate::domain::lesson::sheet::{Fact, value};
use crate::domain::lesson::{Bundle, BundledStep, Grades};
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::domain::problem::Problem;
use crate::words::class_sheet;
use crate::words::numbers::ratio;
use crate::worker::Worker;

use super::super::ask::{ask_and_hear, other_answer};
use super::super::output::{Exit, Output, english};
use super::super::table::Table;

/// One line for each student and step that asks or runs something; as CSV, one for each student.
pub(super) fn show(output: &Output, worker: &Worker, files: Vec<PathBuf>, is_csv: bool) -> Result<Exit> {
    // The files are read one by one, so that a damaged one among thirty keeps no other away.
    let (mut bundles, mut warnings) = (Vec::new(), Vec::new());
    for file in files {
        let read = ask_and_hear(worker, Question::Comparison(vec![file.clone()]), |event| {
            if let Event::Notice(Notice::Warning(problem)) = event {
                warnings.push(problem.clone());
            }
        });
        match read {
            Ok(Answer::Comparison(opened)) if opened.bundles.is_empty() => {
                warnings.push(Problem::new("bundle-not-found").with("file", file.display()));
            }
            Ok(Answer::Comparison(opened)) => bundles.extend(opened.bundles.into_iter().map(|opened| opened.bundle)),
            Ok(_) => return Err(other_answer()),
            Err(error) => warnings.push(error.downcast()?),
        }
    }
    warnings.iter().for_each(|problem| output.warning(problem));
    let steps = || bundles.iter().flat_map(|bundle| rows(bundle));
    if output.json {
        for (bundle, n, BundledStep { title, work, .. }) in steps() {
            output.json_line(&json!({
                "student": bundle.student, "lesson": bundle.lesson, "lesson_hash": bundle.lesson_hash, "step": n,
                "title": title, "answer": work.answer, "right": work.right, "guess": work.guess,
                "student_number": bundle.student_number, "first_answer": work.first_answer,
                "attempts": work.attempts, "points": work.points,
                "accuracy": work.best_accuracy(), "refused": work.refused.as_ref().map(english),
                "race": work.race_means,
            }))?;
        }
    } else if is_csv && !bundles.is_empty() {
        let bundles = bundles.iter().map(|bundle| &**bundle).collect();
        let table = class_sheet::table(&output.words, bundles, &Grades::default(), &|_| None);
        io::stdout().lock().write_all(&table.as_csv())?;
    } else if !bundles.is_empty() {
        output.line(&table(output, steps()))?;
    }
    Ok(if warnings.is_empty() { Exit::Done } else { Exit::Failed })
}

/// A bundle's steps with their numbers, without those in which nothing was asked or run.
fn rows(bundle: &Bundle) -> impl Iterator<Item = (&Bundle, usize, &BundledStep)> {
    let steps = bundle.steps.iter().enumerate().map(move |(i, step)| (bundle, i + 1, step));
    steps.filter(|(.., BundledStep { work, .. })| {
        !work.answer.is_empty() || work.refused.is_some() || work.best_accuracy().is_some()
    })
}

/// A student's step with its number.
type Row<'a> = (&'a Bundle, usize, &'a BundledStep);

fn fact(output: &Output, (bundle, n, step): &Row<'_>, fact: Fact) -> String {
    class_sheet::shown(&output.words, &value(bundle, n - 1, step, &fact, &Grades::default()))
}

fn table<'a>(output: &Output, steps: impl Iterator<Item = Row<'a>>) -> String {
    let say = |id| output.words.say(id);
    let answer = |row: &Row<'_>| {
        let told = [Fact::Answer, Fact::Refused].map(|one| fact(output, row, one));
        told.concat().replace(['\n', '\r', '\t'], " ")
    };
    let right = |right| say(if right { "lesson-right" } else { "lesson-not-right" });
    let guess = |guess: Guess| guess.accuracy.map(|accuracy| format!("{accuracy:.3}"));
    Table::of(steps)
        .left(say("lesson-head-student"), |(bundle, ..)| bundle.student.clone())
        .left(say("lesson-head-step"), |(_, n, step)| format!("{n}. {}", step.title.tongue(output.words.tag())))
        .left(say("lesson-head-answer"), |row| answer(row))
        .left(say("lesson-head-right"), |(.., step)| step.work.right.map(right).unwrap_or_default())
        .right(say("sheet-points"), |row| fact(output, row, Fact::Points))
        .right(say("lesson-head-guess"), |(.., step)| step.work.guess.and_then(guess).unwrap_or_default())
        .right(say("lesson-head-accuracy"), |(.., step)| step.work.best_accuracy().map(ratio).unwrap_or_default())
        .text_within(output.width())
}
