//! `thaw evaluate`: the measures of a trained model.

use anyhow::Result;

use crate::domain::health::of_run;
use crate::domain::message::{Answer, Event, Notice, Question, RunEvent};
use crate::domain::problem::Problem;
use crate::worker::Worker;

use super::args::Evaluate;
use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::models::classifier;
use super::output::{Exit, Output};
use super::report;

pub fn evaluate(output: &Output, args: Evaluate) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let Some(model) = classifier(output, &worker, args.classifier.clone(), args.head.clone(), args.precision)? else {
        return Ok(Exit::Interrupted);
    };
    let question = Question::Evaluation { model, data: args.into_data()?.map(Box::new) };
    let mut bars = Bars::new(output);
    let hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    };
    let Answer::Evaluation { test, data, precision } = ask_and_hear(&worker, question, hear)? else {
        return Err(other_answer());
    };
    report::reading(output, &data);
    let found = of_run(&data.findings);
    let mut text = report::test(&output.words, &test, &found);
    let mut value = serde_json::to_value(RunEvent::TestEvaluated(test)).map_err(Problem::internal)?;
    let matched = report::labels(&output.words, &data.matched);
    let labels = matched.map(|line| format!("{}  {line}\n\n", output.words.say("cli-labels"))).unwrap_or_default();
    if !data.matched.is_empty() {
        value["label_match"] = serde_json::to_value(&data.matched).map_err(Problem::internal)?;
    }
    if !precision.is_default() {
        value["precision"] = precision.name().into();
        text += &format!("\n\n{}", output.words.say_with("cli-evaluated-in", &[("precision", &precision.name())]));
    }
    if !found.is_empty() {
        value["findings"] = serde_json::to_value(&found).map_err(Problem::internal)?;
    }
    output.result(&value, &(labels + text.trim_start()))?;
    Ok(Exit::Done)
}
