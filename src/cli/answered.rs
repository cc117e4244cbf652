//! `thaw predict --data FILE --out FILE`: every row of a file with its answer.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use crate::domain::answered::{AnsweredFile, AnsweringRows, FileToAnswer};
use crate::domain::dataset::SkippedKind;
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::domain::problem::Problem;
use crate::words::{Fill, answered as words};
use crate::worker::Worker;

use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::output::{Exit, Output, english};
use super::report;
use super::start::{is_interrupted, stop_on_interrupt};

/// A line of JSON says this often how far the work is.
const LINE_INTERVAL: Duration = Duration::from_secs(1);

pub fn answer(output: &Output, worker: &Worker, asked: FileToAnswer) -> Result<Exit> {
    stop_on_interrupt(worker)?;
    output.outlives_reader.set(true);
    let mut bars = Bars::new(output);
    let (mut told_at, mut failed) = (None::<Instant>, None);
    let hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        Event::Notice(Notice::AnsweringRows(far)) if output.json => {
            if told_at.is_none_or(|at| at.elapsed() >= LINE_INTERVAL) {
                told_at = Some(Instant::now());
                failed = output.json_line(&progress(far)).err();
            }
        }
        event => bars.follow(event),
    };
    let answered = ask_and_hear(worker, Question::AnsweredFile(Box::new(asked)), hear);
    drop(bars);
    let answered = match answered {
        Ok(Answer::AnsweredFile(answered)) => answered,
        Ok(_) => return Err(other_answer()),
        Err(error) if is_cancelled(&error) && is_interrupted() => {
            output.note("cli-note", &output.words.say("cli-answers-cancelled"));
            return Ok(Exit::Interrupted);
        }
        Err(error) => return Err(error),
    };
    failed.map_or(Ok(()), Err)?;
    told(output, &answered);
    output.result(&result(&answered), &words::answered(&output.words, &answered))?;
    Ok(Exit::Done)
}

fn is_cancelled(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Problem>().is_some_and(|problem| problem.id == "cancelled")
}

/// Says on standard error how the file was read, and which rows have no answer.
fn told(output: &Output, answered: &AnsweredFile) {
    let AnsweredFile { data, text_column, second_text_column, notes, renamed, .. } = answered;
    for note in notes {
        output.note("cli-note", &output.words.sentence(note));
    }
    if !answered.is_streamed {
        output.note("cli-note", &output.words.say_with("cli-answers-whole", &[("file", data)]));
    }
    match second_text_column {
        Some(second) => {
            let args: [(&str, &dyn Fill); 3] = [("first", text_column), ("second", second), ("file", data)];
            output.note("cli-note", &output.words.say_with("cli-predict-columns", &args));
        }
        None if answered.is_guess => {
            let args: [(&str, &dyn Fill); 2] = [("column", text_column), ("file", data)];
            output.note("cli-note", &output.words.say_with("cli-predict-column", &args));
        }
        None => {}
    }
    if !renamed.is_empty() {
        let args: [(&str, &dyn Fill); 2] = [("file", data), ("names", &renamed.join(", "))];
        output.note("cli-note", &output.words.say_with("cli-answers-renamed", &args));
    }
    report::kinds_of_skipped(output, &answered.without, "cli-answers-without", data);
}

fn progress(far: &AnsweringRows) -> Value {
    json!({
        "event": "predicting",
        "rows": far.rows,
        "without_prediction": far.without,
        "share": far.share,
        "rows_per_sec": far.rows_per_sec,
        "left_secs": far.left_secs,
    })
}

fn result(answered: &AnsweredFile) -> Value {
    let reason =
        |kind: &SkippedKind| json!({ "reason": english(&kind.reason), "rows": kind.count, "first_row": kind.row });
    let reasons: Vec<Value> = answered.without.kinds.iter().map(reason).collect();
    let mut line = json!({
        "event": "predicted",
        "file": answered.file,
        "rows": answered.rows,
        "without_prediction": answered.without.count,
        "reasons": reasons,
        "text_column": answered.text_column,
        "second_text_column": answered.second_text_column,
        "columns": answered.added,
        "streamed": answered.is_streamed,
        "temperature": answered.temperature,
        "secs": answered.secs,
        "rows_per_sec": answered.rows_per_sec(),
    });
    if !answered.precision.is_default() {
        line["precision"] = answered.precision.name().into();
    }
    line
}
