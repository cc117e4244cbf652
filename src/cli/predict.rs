//! `thaw predict`: labels for texts from the command line or, line by line, from standard input.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _, StdinLock};
use std::path::Path;

use anyhow::Result;
use unicode_width::UnicodeWidthStr as _;

use crate::domain::dataset::TextColumn;
use crate::domain::message::{Answer, Event, Notice, Prediction, Question};
use crate::domain::problem::Problem;
use crate::words::{Fill, Number};
use crate::worker::Worker;

use super::args::Predict;
use super::ask::{ask, ask_and_hear, other_answer};
use super::models::classifier;
use super::output::{Exit, Output};
use super::report;
use super::table::{pad_left, pad_right};

/// At most so many lines that have arrived are classified together.
const LINES: usize = 64;

pub fn predict(output: &Output, args: Predict) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let Some(model) = classifier(output, &worker, args.classifier.clone(), args.head.clone())? else {
        return Ok(Exit::Interrupted);
    };
    let classify = |texts: Vec<String>| -> Result<Vec<Prediction>> {
        let question = Question::Predictions { texts, model: Some(model.clone()) };
        let warn = |event: &Event| {
            if let Event::Notice(Notice::Warning(problem)) = event {
                output.warning(problem);
            }
        };
        let Answer::Predictions(predictions) = ask_and_hear(&worker, question, warn)? else {
            return Err(other_answer());
        };
        Ok(predictions)
    };
    let texts = args.texts.clone();
    if let Some(config) = args.into_table() {
        // As below, a wrong folder is refused before anything is read.
        classify(Vec::new())?;
        let Answer::Texts(table) = ask(&worker, Question::Texts(Box::new(config)))? else { return Err(other_answer()) };
        return column(output, &table, classify);
    }
    if !texts.is_empty() {
        for texts in texts.chunks(LINES) {
            print(output, &classify(texts.to_vec())?)?;
        }
        return Ok(Exit::Done);
    }
    // The model is opened before the first line, so that a wrong folder is refused at once.
    classify(Vec::new())?;
    if io::stdin().is_terminal() {
        output.note("cli-note", &output.words.say("cli-predict-prompt"));
    }
    // The buffer is our own, so that its content can be looked at without waiting for more.
    let mut input = BufReader::new(io::stdin().lock());
    let mut is_first = true;
    loop {
        let mut texts = lines(&mut input).map_err(|e| Problem::file(Path::new("stdin"), &e))?;
        if texts.is_empty() {
            return Ok(Exit::Done);
        }
        if std::mem::take(&mut is_first)
            && let Some(text) = texts[0].strip_prefix('\u{feff}')
        {
            texts[0] = text.to_owned();
        }
        print(output, &classify(texts)?)?;
    }
}

/// Classifies the texts of a table, one printed line for each row that has one.
fn column(
    output: &Output,
    table: &TextColumn,
    classify: impl Fn(Vec<String>) -> Result<Vec<Prediction>>,
) -> Result<Exit> {
    report::skipped(output, &table.skipped, &table.file);
    if table.is_guess {
        let args: [(&str, &dyn Fill); 2] = [("column", &table.column), ("file", &table.file)];
        output.note("cli-note", &output.words.say_with("cli-predict-column", &args));
    }
    for (texts, rows) in table.texts.chunks(LINES).zip(table.rows.chunks(LINES)) {
        for (prediction, row) in classify(texts.to_vec())?.iter().zip(rows) {
            let mut value = prediction.to_json();
            value["row"] = (*row).into();
            output.result(&value, &line(output, prediction))?;
        }
    }
    Ok(Exit::Done)
}

/// Waits for a line and takes it with those that have arrived behind it; takes none at the end of the input.
fn lines(input: &mut BufReader<StdinLock<'_>>) -> io::Result<Vec<String>> {
    let mut texts = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(texts);
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        texts.push(String::from_utf8_lossy(text).into_owned());
        if texts.len() == LINES || !input.buffer().contains(&b'\n') {
            return Ok(texts);
        }
    }
}

fn print(output: &Output, predictions: &[Prediction]) -> io::Result<()> {
    predictions.iter().try_for_each(|prediction| output.result(&prediction.to_json(), &line(output, prediction)))
}

/// A prediction for reading. It stays one line where the text has several.
fn line(output: &Output, prediction: &Prediction) -> String {
    let widest = prediction.probabilities.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let found = prediction.probabilities.iter().find(|(label, _)| *label == prediction.label);
    let probability = found.map_or(0.0, |(_, p)| *p);
    let percent = pad_left(&output.words.write(Number::Percent(probability)), 7);
    let text = prediction.text.replace(['\n', '\r'], " ");
    format!("{}  {percent}  {text}", pad_right(&prediction.label, widest))
}
