//! `thaw predict`: labels for texts from the command line or, line by line, from standard input.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _, StdinLock};

use anyhow::Result;

use crate::domain::message::{Command, EventKind, Prediction};
use crate::words::Number;
use crate::worker::Worker;

use super::args::Predict;
use super::output::{Exit, Output};
use super::table::{pad_left, pad_right, width};

/// Lines that are classified together when they are there already.
const LINES: usize = 64;

pub fn predict(output: &Output, args: Predict) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let ask = |texts: Vec<String>| -> Result<Vec<Prediction>> {
        worker.commands.send(Command::Predict { texts, run_dir: Some(args.run_dir.clone()) })?;
        loop {
            match worker.events.recv()?.kind {
                EventKind::Predicted(predictions) => return Ok(predictions),
                EventKind::RequestFailed(problem) => return Err(problem.into()),
                _ => {}
            }
        }
    };
    if !args.texts.is_empty() {
        for texts in args.texts.chunks(LINES) {
            print(output, &ask(texts.to_vec())?)?;
        }
        return Ok(Exit::Done);
    }
    // Before the first line, so that a wrong folder is told at once.
    ask(Vec::new())?;
    if io::stdin().is_terminal() {
        output.note("cli-note", &output.words.say("cli-predict-prompt"));
    }
    // Its own buffer, whose content can be looked at without waiting for more.
    let mut input = BufReader::new(io::stdin().lock());
    let mut is_first = true;
    loop {
        let mut texts = lines(&mut input)?;
        if texts.is_empty() {
            return Ok(Exit::Done);
        }
        if std::mem::take(&mut is_first)
            && let Some(text) = texts[0].strip_prefix('\u{feff}')
        {
            texts[0] = text.to_owned();
        }
        print(output, &ask(texts)?)?;
    }
}

/// Waits for a line and takes those behind it that have arrived with it; none at the end of the input.
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
    for prediction in predictions {
        if output.json {
            output.json_line(&prediction.to_json())?;
            continue;
        }
        let widest = prediction.probabilities.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
        let found = prediction.probabilities.iter().find(|(label, _)| *label == prediction.label);
        let probability = found.map_or(0.0, |(_, p)| *p);
        let percent = pad_left(&output.words.write(Number::Percent(probability)), 7);
        output.line(&format!("{}  {percent}  {}", pad_right(&prediction.label, widest), prediction.text))?;
    }
    Ok(())
}
