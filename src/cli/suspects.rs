//! `thaw labels`: labels that are probably wrong.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use crate::domain::command_line::TrainCommand;
use crate::domain::config::{DataConfig, RunConfig};
use crate::domain::data_map::{DataMap, Region};
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::suspects::{Suspect, SuspectPart, Suspects};
use crate::words::{Catalogue, Fill, Number};
use crate::worker::Worker;

use super::args::{FixedRow, Labels};
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

/// A suspect as programs read it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    suspect: &'a Suspect,
    part: SuspectPart,
}

pub fn labels(output: &Output, args: Labels) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let mut bars = Bars::new(output);
    let hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    };
    let question = Question::Suspects(args.run_dir.clone());
    let Answer::Suspects(found) = ask_and_hear(&worker, question, hear)? else { return Err(other_answer()) };
    // The copy is written also where the reader of the list leaves before its end.
    let copied = match args.copy {
        Some(to) => copy(output, &worker, &args.run_dir, (&found, &args.fix), to)?,
        None => Vec::new(),
    };
    let listed = list(output, &worker, args.run_dir, &found);
    copied.iter().for_each(|line| output.note("cli-note", line));
    listed?;
    Ok(Exit::Done)
}

fn list(output: &Output, worker: &Worker, run: PathBuf, found: &Suspects) -> Result<()> {
    if output.json {
        let mut all = found.suspects.iter().zip(&found.parts);
        return Ok(all.try_for_each(|(suspect, part)| output.json_line(&Line { suspect, part: *part }))?);
    }
    let has_files = data_of(worker, &run).is_ok_and(|data| data.validation.is_some() || data.test.is_some());
    output.line(&text(&output.words, found, has_files, output.width()))?;
    let Answer::DataMap(map) = ask(worker, Question::DataMap(run))? else { return Err(other_answer()) };
    if let Some(map) = map {
        output.line(&format!("\n{}", regions(&output.words, &map)))?;
    }
    Ok(())
}

/// The settings of a run's data.
fn data_of(worker: &Worker, run: &Path) -> Result<DataConfig> {
    let Answer::Run(run) = ask(worker, Question::Run(run.to_owned()))? else { return Err(other_answer()) };
    Ok(run.config.data.clone())
}

/// Writes a copy of the run's data in which some suspects, by their row numbers, have the suggested labels, and returns
/// what is to be said of it, which includes how to train on it.
fn copy(
    output: &Output,
    worker: &Worker,
    run: &Path,
    (found, fix): (&Suspects, &[FixedRow]),
    to: PathBuf,
) -> Result<Vec<String>> {
    if to.exists() {
        return Err(Problem::new("labels-copy-exists").with("file", to.display()).into());
    }
    let fixed = fix.iter().map(|row| chosen(found, *row)).collect::<Outcome<Vec<&Suspect>>>()?;
    let labels = fixed.iter().map(|suspect| (suspect.place, suspect.suggested.clone())).collect();
    let data = data_of(worker, run)?;
    let question = Question::Relabelled { run: run.to_owned(), labels, to };
    let Answer::Relabelled(copy) = ask(worker, question)? else { return Err(other_answer()) };
    let told = Problem::new("labels-copied").with_count("fixed", copy.fixed).with("file", copy.file.display());
    let command = TrainCommand::of(&RunConfig { data: copy.data(&data), ..RunConfig::default() }).line();
    Ok(vec![output.words.sentence(&told), output.words.say_with("labels-train-copy", &[("command", &command)])])
}

/// The suspect that a row number names. Each file of the data counts its own rows.
///
/// # Errors
/// `labels-not-suspected` where there is none, and `labels-row-of-several` where there are several.
fn chosen(found: &Suspects, row: FixedRow) -> Outcome<&Suspect> {
    let is_named = |(suspect, part): &(&Suspect, &SuspectPart)| {
        suspect.row == row.row && row.part.is_none_or(|named| named == **part)
    };
    let named: Vec<_> = found.suspects.iter().zip(&found.parts).filter(is_named).collect();
    match named[..] {
        [] => Err(Problem::new("labels-not-suspected").with("row", row)),
        [(suspect, _)] => Ok(suspect),
        _ => {
            let rows: Vec<String> = named.iter().map(|(suspect, part)| of_part(suspect, **part)).collect();
            Err(Problem::new("labels-row-of-several").with("row", row).with("rows", rows.join(", ")))
        }
    }
}

fn of_part(suspect: &Suspect, part: SuspectPart) -> String {
    FixedRow { part: Some(part), row: suspect.row }.to_string()
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
/// Rows are named with their parts where the data have several files.
fn text(words: &Catalogue, found: &Suspects, has_files: bool, width: usize) -> String {
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
    let table = Table::of(found.suspects.iter().zip(&found.parts).take(SHOWN))
        .right(
            words.say("labels-row"),
            |(suspect, part)| {
                if has_files { of_part(suspect, **part) } else { suspect.row.to_string() }
            },
        )
        .right(words.say("labels-score"), |(suspect, _)| words.write(Number::Decimal(suspect.score, 3)))
        .left(words.say("labels-given"), |(suspect, _)| suspect.given.clone())
        .left(words.say("labels-suggested"), |(suspect, _)| suspect.suggested.clone())
        .left(words.say("labels-text"), |(suspect, _)| {
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

#[cfg(test)]
mod tests {
    use crate::words::Language;

    use super::*;

    #[test]
    fn a_row_number_of_several_files_needs_its_part() {
        let suspect = |place, row| Suspect {
            place,
            row,
            text: String::new(),
            second: None,
            given: "bad".into(),
            suggested: "good".into(),
            score: 0.9,
        };
        let found = Suspects {
            suspects: vec![suspect(0, 47), suspect(1, 48), suspect(99, 47)],
            parts: vec![SuspectPart::Train, SuspectPart::Train, SuspectPart::Test],
            ..Suspects::default()
        };
        let of = |part, row| chosen(&found, FixedRow { part, row });
        assert_eq!(of(None, 48).unwrap().place, 1);
        assert_eq!(of(Some(SuspectPart::Train), 47).unwrap().place, 0);
        assert_eq!(of(Some(SuspectPart::Test), 47).unwrap().place, 99);
        let several = of(None, 47).unwrap_err();
        assert_eq!((&*several.id, several.arg("rows")), ("labels-row-of-several", Some("train:47, test:47".into())));
        let other = of(Some(SuspectPart::Test), 48).unwrap_err();
        assert_eq!((&*other.id, other.arg("row")), ("labels-not-suspected", Some("test:48".into())));
        let shown = text(&Catalogue::new(Language::English), &found, true, 200);
        assert!(shown.contains("train:48") && shown.contains("test:47"), "{shown}");
        let line = serde_json::to_value(Line { suspect: &found.suspects[2], part: found.parts[2] }).unwrap();
        assert_eq!((&line["row"], &line["part"]), (&47.into(), &"test".into()));
    }
}
