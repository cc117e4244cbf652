//! `thaw words`: the words that a model lives by, for each label, beside those of a bag of words.

use anyhow::Result;

use crate::domain::lived_words::{LabelWords, LivedWords};
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::words::{Catalogue, Fill, Number, lived_words};
use crate::worker::Worker;

use super::args::Words;
use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::output::{Exit, Output};
use super::table::Table;

/// Words of the table for people; programs get all.
const SHOWN: usize = 12;

pub fn words(output: &Output, args: Words) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let mut bars = Bars::new(output);
    let hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    };
    let question = Question::LivedWords { run: args.run_dir, rows: args.rows };
    let Answer::LivedWords(found) = ask_and_hear(&worker, question, hear)? else { return Err(other_answer()) };
    drop(bars);
    if output.json {
        found.labels.iter().try_for_each(|label| output.json_line(label))?;
    } else {
        output.line(&text(&output.words, &found))?;
    }
    Ok(Exit::Done)
}

/// Says how many rows were explained, and shows for each label a table of both lists side by side.
fn text(words: &Catalogue, found: &LivedWords) -> String {
    let trusted = Number::Percent(found.trusted as f64 / found.rows.max(1) as f64);
    let told: [(&str, &dyn Fill); 3] = [("rows", &found.rows), ("all", &found.test_rows), ("trusted", &trusted)];
    let mut parts = vec![words.say_with("words-explained", &told)];
    parts.extend(found.labels.iter().map(|label| table(words, label)));
    parts.join("\n\n")
}

fn table(words: &Catalogue, label: &LabelWords) -> String {
    let lines = label.words.len().max(label.bag_of_words.len()).min(SHOWN);
    let own = |i: &usize| label.words.get(*i);
    let bag = |i: &usize| label.bag_of_words.get(*i);
    let table = Table::of(0..lines)
        .left(words.say("words-model"), move |i| own(i).map(|word| word.word.clone()).unwrap_or_default())
        .right(words.say("words-attribution"), move |i| {
            own(i).map(|word| format!("{:+.3}", word.attribution)).unwrap_or_default()
        })
        .right(words.say("words-rows"), move |i| own(i).map(|word| word.rows.to_string()).unwrap_or_default())
        .left(words.say("words-bag"), move |i| bag(i).map(|word| lived_words::name(words, word)).unwrap_or_default())
        .right(words.say("words-weight"), move |i| {
            bag(i).map(|word| format!("{:+.3}", word.weight)).unwrap_or_default()
        });
    format!("{}\n{}", words.say_with("words-of-label", &[("label", &label.label)]), table.text())
}
