//! `thaw rows`: the rows behind a run's numbers, the most confident mistakes first.

use anyhow::Result;
use serde::Serialize;

use crate::domain::health::PartName;
use crate::domain::message::{Answer, Event, Notice, Question, RowTexts};
use crate::domain::predictions::{ExploredRows, PredictedRow};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::selection::{Condition, Selection};
use crate::words::Number;
use crate::worker::Worker;

use super::args::Rows;
use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::output::{Exit, Output};
use super::table::{Table, cut_name};

/// A label may take so many cells of the table.
const LABEL_WIDTH: usize = 24;
/// The places of the runs among those that are asked for.
const HERE: usize = 0;
const THERE: usize = 1;

/// A row as a line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    row: u32,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<&'a str>,
    #[serde(rename = "true")]
    label: &'a str,
    predicted: &'a str,
    /// `null` where the model gave no number.
    confidence: f64,
    loss: f64,
}

/// A row of the listing.
struct Listed<'a> {
    here: &'a PredictedRow,
    there: Option<&'a PredictedRow>,
    texts: &'a RowTexts,
}

pub fn rows(output: &Output, args: Rows) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let dirs = std::iter::once(args.run_dir.clone()).chain(args.against.clone()).collect();
    let mut bars = Bars::new(output);
    let hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    };
    let Answer::Rows(found) = ask_and_hear(&worker, Question::Rows { dirs, with_tags: false }, hear)? else {
        return Err(other_answer());
    };
    drop(bars);
    let selection = selection(&args, &found)?;
    let mut listed: Vec<Listed<'_>> = selection.of(&found).into_iter().map(|i| listed(&found, i as usize)).collect();
    listed.sort_by(|a, b| a.here.most_confident_mistake_first(b.here));
    if output.json {
        listed.iter().try_for_each(|row| output.json_line(&line(&found, row)))?;
    } else {
        output.line(&text(output, &found, &listed, args.split))?;
    }
    Ok(Exit::Done)
}

/// Returns what the arguments select.
///
/// # Errors
/// `rows-unknown-label`.
fn selection(args: &Rows, found: &ExploredRows) -> Outcome<Selection> {
    let id = |name: &String| {
        let place = found.labels.iter().position(|label| label == name);
        let unknown = || Problem::new("rows-unknown-label").with("label", name).with("labels", found.labels.join(", "));
        place.map(|place| place as u32).ok_or_else(unknown)
    };
    let mut steps = vec![Condition::Split { split: args.split }];
    if let Some(name) = &args.true_label {
        steps.push(Condition::TrueLabel { label: id(name)? });
    }
    if let Some(name) = &args.predicted {
        steps.push(Condition::PredictedLabel { label: id(name)? });
    }
    if args.against.is_some() {
        steps.push(Condition::Answered { right: vec![THERE], wrong: vec![HERE] });
    }
    Ok(Selection { steps })
}

fn listed(found: &ExploredRows, i: usize) -> Listed<'_> {
    let there = (found.runs.len() > THERE).then(|| found.answer(THERE, i));
    Listed { here: found.answer(HERE, i), there, texts: &found.texts[i] }
}

fn name(found: &ExploredRows, label: u32) -> &str {
    found.labels.get(label as usize).map_or("", String::as_str)
}

fn line<'a>(found: &'a ExploredRows, row: &Listed<'a>) -> Line<'a> {
    let answer = row.here;
    Line {
        row: answer.row,
        text: &row.texts.text,
        second: row.texts.second.as_deref(),
        label: name(found, answer.label),
        predicted: name(found, answer.predicted()),
        confidence: answer.confidence(),
        loss: answer.loss(),
    }
}

/// The listing for people: how many rows there are, then a table of them.
fn text(output: &Output, found: &ExploredRows, listed: &[Listed<'_>], split: PartName) -> String {
    let words = &output.words;
    let say = |id| words.say(id);
    let of_part = (0..found.len()).filter(|i| found.answer(HERE, *i).split == split).count();
    let mistakes = listed.iter().filter(|row| !row.here.is_correct()).count();
    let (rows, right) = (listed.len(), listed.len() - mistakes);
    let part = split.name();
    let counts = words.say_with(
        "cli-rows-found",
        &[("rows", &rows), ("all", &of_part), ("part", &part), ("mistakes", &mistakes), ("right", &right)],
    );
    if listed.is_empty() {
        return counts;
    }
    let label = |label: u32| cut_name(name(found, label), LABEL_WIDTH);
    let percent = |share: f64| words.write(Number::Percent(share));
    let mut table = Table::of(listed)
        .right(say("cli-rows-row"), |row| row.here.row.to_string())
        .left(say("cli-rows-true"), |row| label(row.here.label))
        .left(say("cli-rows-predicted-label"), |row| label(row.here.predicted()))
        .right(say("cli-rows-confidence"), |row| percent(row.here.confidence()))
        .right(say("cli-rows-loss"), |row| format!("{:.3}", row.here.loss()));
    if found.runs.len() > THERE {
        let there = |row: &&Listed<'_>| row.there.map_or_else(String::new, |there| percent(there.confidence()));
        table = table.right(say("cli-rows-there"), there);
    }
    let table = table.left(say("cli-rows-text"), |row| {
        let second = row.texts.second.as_deref().map(|second| format!("  |  {second}")).unwrap_or_default();
        format!("{}{second}", row.texts.text).replace(|c: char| c.is_control(), " ")
    });
    format!("{counts}\n\n{}", table.text_within(output.width()))
}
