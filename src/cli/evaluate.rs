//! `thaw evaluate`: the measures of a trained model.

use anyhow::Result;

use crate::domain::message::{Answer, Event, Notice, Question, RunEvent};
use crate::worker::Worker;

use super::args::Evaluate;
use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::output::{Exit, Output};
use super::report;

pub fn evaluate(output: &Output, args: Evaluate) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let question = Question::Evaluation { run_dir: args.run_dir.clone(), data: args.into_data().map(Box::new) };
    let mut bars = Bars::new(output);
    let hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    };
    let Answer::Evaluation { test, data } = ask_and_hear(&worker, question, hear)? else {
        return Err(other_answer());
    };
    report::reading(output, &data);
    let text = report::test(&output.words, &test);
    output.result(&RunEvent::TestEvaluated(test), text.trim_start())?;
    Ok(Exit::Done)
}
