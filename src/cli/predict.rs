//! `thaw predict`: labels for texts from the command line or, line by line, from standard input.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _, StdinLock};
use std::path::Path;

use anyhow::Result;
use unicode_width::UnicodeWidthStr as _;

use crate::domain::answered::FileToAnswer;
use crate::domain::dataset::TextColumn;
use crate::domain::message::{Answer, Event, Notice, Prediction, Question, RowReads, RowTexts};
use crate::domain::problem::{Outcome, Problem};
use crate::words::{Fill, Number};
use crate::worker::Worker;

use super::answered;
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
    let Some(model) = classifier(output, &worker, args.classifier.clone(), args.head.clone(), args.precision)? else {
        return Ok(Exit::Interrupted);
    };
    let warn = |event: &Event| {
        if let Event::Notice(Notice::Warning(problem)) = event {
            output.warning(problem);
        }
    };
    let classify = |texts: Vec<RowTexts>| -> Result<Vec<Prediction>> {
        let question = Question::Predictions { texts, model: Some(model.clone()) };
        let Answer::Predictions(predictions) = ask_and_hear(&worker, question, warn)? else {
            return Err(other_answer());
        };
        Ok(predictions)
    };
    if let Some(to) = args.out.clone()
        && let Some(data) = args.clone().into_table()
    {
        return answered::answer(
            output,
            &worker,
            FileToAnswer { model: Some(model), data: Box::new(data), to, replaces: false },
        );
    }
    // The model is opened before anything is read, so that a wrong folder is refused at once.
    let Answer::Classifier(reads) = ask_and_hear(&worker, Question::Classifier(model.clone()), warn)? else {
        return Err(other_answer());
    };
    let texts = rows(args.texts.clone(), args.second.clone())?;
    if let Some(mut config) = args.into_table() {
        reads.complete(&mut config.reading)?;
        let Answer::Texts(table) = ask(&worker, Question::Texts(Box::new(config)))? else { return Err(other_answer()) };
        return column(output, &table, classify);
    }
    if !texts.is_empty() {
        for texts in texts.chunks(LINES) {
            print(output, &classify(texts.to_vec())?)?;
        }
        return Ok(Exit::Done);
    }
    let are_pairs = matches!(reads, RowReads::TwoTexts { .. });
    if io::stdin().is_terminal() {
        let prompt = if are_pairs { "cli-predict-prompt-pairs" } else { "cli-predict-prompt" };
        output.note("cli-note", &output.words.say(prompt));
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
        let row = |line: String| match line.split_once('\t').filter(|_| are_pairs) {
            Some((text, second)) => RowTexts { text: text.to_owned(), second: Some(second.to_owned()) },
            None => line.into(),
        };
        print(output, &classify(texts.into_iter().map(row).collect())?)?;
    }
}

/// The texts of the command line, each with its second one where there are such.
///
/// # Errors
/// `predict-unpaired` where not every text has a second one.
pub(super) fn rows(texts: Vec<String>, seconds: Vec<String>) -> Outcome<Vec<RowTexts>> {
    if seconds.is_empty() {
        return Ok(texts.into_iter().map(RowTexts::from).collect());
    }
    if texts.len() != seconds.len() {
        let problem = Problem::new("predict-unpaired").with_count("texts", texts.len());
        return Err(problem.with_count("seconds", seconds.len()));
    }
    let pairs = texts.into_iter().zip(seconds);
    Ok(pairs.map(|(text, second)| RowTexts { text, second: Some(second) }).collect())
}

/// Classifies the texts of a table, one printed line for each row that has one.
fn column(
    output: &Output,
    table: &TextColumn,
    classify: impl Fn(Vec<RowTexts>) -> Result<Vec<Prediction>>,
) -> Result<Exit> {
    report::skipped(output, &table.skipped, &table.file);
    if table.is_guess && table.second_column.is_none() {
        let args: [(&str, &dyn Fill); 2] = [("column", &table.column), ("file", &table.file)];
        output.note("cli-note", &output.words.say_with("cli-predict-column", &args));
    }
    if let Some(second) = &table.second_column {
        let args: [(&str, &dyn Fill); 3] = [("first", &table.column), ("second", second), ("file", &table.file)];
        output.note("cli-note", &output.words.say_with("cli-predict-columns", &args));
    }
    let row = |i: usize| RowTexts { text: table.texts[i].clone(), second: table.seconds.get(i).cloned() };
    let all: Vec<usize> = (0..table.texts.len()).collect();
    for (part, rows) in all.chunks(LINES).zip(table.rows.chunks(LINES)) {
        for (prediction, row) in classify(part.iter().map(|i| row(*i)).collect())?.iter().zip(rows) {
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
pub(super) fn line(output: &Output, prediction: &Prediction) -> String {
    let widest = prediction.probabilities.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let found = prediction.probabilities.iter().find(|(label, _)| *label == prediction.label);
    let probability = found.map_or(0.0, |(_, p)| *p);
    let percent = pad_left(&output.words.write(Number::Percent(probability)), 7);
    let one_line = |text: &str| text.replace(['\n', '\r'], " ");
    let second = prediction.second.as_deref().map(|second| format!("  |  {}", one_line(second))).unwrap_or_default();
    format!("{}  {percent}  {}{second}", pad_right(&prediction.label, widest), one_line(&prediction.text))
}
