//! `thaw doctor`: what this computer is to the program, and the program's self-test on it.

use anyhow::Result;

use crate::domain::doctor::{Check, Doctor, SelfTest};
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::words::doctor::{Fact, check, facts, failure, numbers, outcome, speeds, verdict};
use crate::worker::Worker;

use super::ask::{ask, ask_and_hear, other_answer};
use super::output::{Exit, Output};
use super::table::{Table, pad_right};

/// Prints what was found, and each check as it is done, so that all but the last are seen even where one kills the process.
pub fn doctor(output: &Output) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let Answer::Machine(machine) = ask(&worker, Question::Machine)? else { return Err(other_answer()) };
    let words = &output.words;
    if !output.json {
        output.line(&columns(facts(words, &machine)))?;
        output.line(&format!("\n{}", words.say("doctor-test")))?;
    }
    let mut printed = Ok(());
    let tested = ask_and_hear(&worker, Question::SelfTest, |event| {
        if let Event::Notice(Notice::SelfTest(step)) = event
            && let Some(check) = step.check.as_ref().filter(|_| !output.json)
            && printed.is_ok()
        {
            printed = output.line(&line(output, check));
        }
    })?;
    printed?;
    let Answer::SelfTest(test) = tested else { return Err(other_answer()) };
    if output.json {
        output.json_line(&Doctor { machine: *machine, self_test: (*test).clone() })?;
    } else {
        print_end(output, &test)?;
    }
    Ok(match failure(words, &test) {
        Some(problem) => {
            output.error(&problem);
            Exit::Failed
        }
        None => Exit::Done,
    })
}

fn print_end(output: &Output, test: &SelfTest) -> std::io::Result<()> {
    let words = &output.words;
    output.line(&format!("\n{}\n{}", words.say("doctor-speed"), columns(speeds(words, &test.speeds))))?;
    if test.failed().next().is_none() {
        output.line(&format!("\n{}", outcome(words, test)))?;
    }
    Ok(())
}

fn line(output: &Output, of: &Check) -> String {
    let words = &output.words;
    let what = pad_right(&check(words, of), 58);
    format!("{}  {what}  {}", pad_right(&verdict(words, of), 6), numbers(words, of))
}

/// Facts under each other, without a header.
fn columns(facts: Vec<Fact>) -> String {
    let table = Table::of(facts).left(String::new(), |(name, _)| name.clone());
    let text = table.left(String::new(), |(_, told)| told.clone()).text();
    text.split_once('\n').map(|(_, rows)| rows.to_owned()).unwrap_or_default()
}
