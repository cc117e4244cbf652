//! `thaw labels`: labels that are probably wrong.

use std::path::PathBuf;

use anyhow::Result;

use crate::domain::data_map::{DataMap, Region};
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::domain::problem::Problem;
use crate::domain::suspects::Suspects;
use crate::words::{Catalogue, Fill, Number};
use crate::worker::Worker;

use super::args::Labels;
use super::ask::{ask, ask_and_hear, other_answer};
use super::bars::Bars;
use super::output::{Exit, Output};
use super::table::{Table, shorten};

/// Rows of the table for people; programs get all.
const SHOWN: usize = 30;
/// Kinds of confusion that are told.
const PAIRS: usize = 5;
/// Cells of a text, at most.
const TEXT_WIDTH: usize = 80;

pub fn labels(output: &Output, args: Labels) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let mut bars = Bars::new(output);
    let hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    };
    let question = Question::Suspects(args.run_dir.clone());
    let Answer::Suspects(found) = ask_and_hear(&worker, question, hear)? else { return Err(other_answer()) };
    if output.json {
        found.suspects.iter().try_for_each(|suspect| output.json_line(suspect))?;
    } else {
        output.line(&text(&output.words, &found, output.width()))?;
        let Answer::DataMap(map) = ask(&worker, Question::DataMap(args.run_dir.clone()))? else {
            return Err(other_answer());
        };
        if let Some(map) = map {
            output.line(&format!("\n{}", regions(&output.words, &map)))?;
        }
    }
    if let Some(to) = args.copy {
        copy(output, &worker, args.run_dir, (&found, &args.fix), to)?;
    }
    Ok(Exit::Done)
}

/// Writes a copy of the run's data in which some suspects, by their row numbers, have the suggested labels, and says how to
/// train on it.
fn copy(output: &Output, worker: &Worker, run: PathBuf, (found, fix): (&Suspects, &[u32]), to: PathBuf) -> Result<()> {
    if to.exists() {
        return Err(Problem::new("labels-copy-exists").with("file", to.display()).into());
    }
    let is_suspect = |row: &u32| found.suspects.iter().any(|suspect| suspect.row == *row);
    if let Some(row) = fix.iter().find(|row| !is_suspect(row)) {
        return Err(Problem::new("labels-not-suspected").with("row", row).into());
    }
    let fixed = found.suspects.iter().filter(|suspect| fix.contains(&suspect.row));
    let labels = fixed.map(|suspect| (suspect.place, suspect.suggested.clone())).collect();
    let question = Question::Relabelled { run, labels, to };
    let Answer::Relabelled(copy) = ask(worker, question)? else { return Err(other_answer()) };
    let told = Problem::new("labels-copied").with_count("fixed", copy.fixed).with("file", copy.file.display());
    let mut command = format!("thaw train --data {}", quoted(&copy.file.display().to_string()));
    if let Some(second) = copy.second_text_column() {
        let columns = [("--text-column", &*copy.columns[0]), ("--second-text-column", second)];
        columns.iter().for_each(|(flag, name)| command += &format!(" {flag} {}", quoted(name)));
    }
    let lines = [output.words.sentence(&told), output.words.say_with("labels-train-copy", &[("command", &command)])];
    lines.iter().for_each(|line| output.note("cli-note", line));
    Ok(())
}

/// A word of a command line, in quotation marks where a shell would part it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '\\' | '.' | '_' | '-' | ':');
    if word.chars().all(is_plain) { word.to_owned() } else { format!("\"{word}\"") }
}

/// Says how many training rows are easy, ambiguous and hard.
fn regions(words: &Catalogue, map: &DataMap) -> String {
    let share = |region| Number::Percent(map.count(region) as f64 / map.rows.len().max(1) as f64);
    let args: [(&str, &dyn Fill); 4] = [
        ("rows", &map.rows.len()),
        ("easy", &share(Region::Easy)),
        ("ambiguous", &share(Region::Ambiguous)),
        ("hard", &share(Region::Hard)),
    ];
    words.say_with("labels-map", &args)
}

/// Says how many labels are probably wrong and which are taken for which, and lists the most suspicious rows.
fn text(words: &Catalogue, found: &Suspects, width: usize) -> String {
    let wrong = found.joint.wrong_rows();
    let share = Number::Percent(wrong / found.rows.max(1) as f64);
    let estimated: [(&str, &dyn Fill); 3] =
        [("wrong", &(wrong.round() as usize)), ("rows", &found.rows), ("share", &share)];
    let mut parts = vec![words.say_with("labels-estimated", &estimated)];
    let pairs = found.pairs();
    if !pairs.is_empty() {
        let pair = |(given, looks, rows): &(&str, &str, usize)| {
            words.say_with("labels-pair", &[("given", given), ("looks", looks), ("rows", rows)])
        };
        parts.push(pairs.iter().take(PAIRS).map(pair).collect::<Vec<_>>().join("\n"));
    }
    if let Some(hunt) = &found.hunt {
        let args: [(&str, &dyn Fill); 5] = [
            ("flipped", &hunt.flipped),
            ("read", &hunt.read),
            ("found", &hunt.found),
            ("precision", &Number::Percent(hunt.precision())),
            ("recall", &Number::Percent(hunt.recall())),
        ];
        parts.push(words.say_with("labels-hunt", &args));
    }
    if found.suspects.is_empty() {
        parts.push(words.say("labels-none"));
        return parts.join("\n\n");
    }
    let one_line = |text: &str| text.replace(['\n', '\r'], " ");
    let table = Table::of(found.suspects.iter().take(SHOWN))
        .right(words.say("labels-row"), |suspect| suspect.row.to_string())
        .right(words.say("labels-score"), |suspect| words.write(Number::Decimal(suspect.score, 3)))
        .left(words.say("labels-given"), |suspect| suspect.given.clone())
        .left(words.say("labels-suggested"), |suspect| suspect.suggested.clone())
        .left(words.say("labels-text"), |suspect| {
            let second = suspect.second.as_deref().map(|second| format!("  |  {}", one_line(second)));
            shorten(&(one_line(&suspect.text) + &second.unwrap_or_default()), TEXT_WIDTH)
        });
    parts.push(table.text_within(width));
    if found.suspects.len() > SHOWN {
        let counts: [(&str, &dyn Fill); 2] = [("shown", &SHOWN), ("all", &found.suspects.len())];
        parts.push(words.say_with("labels-more", &counts));
    }
    parts.join("\n\n")
}
