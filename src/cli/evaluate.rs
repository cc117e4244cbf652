//! `thaw evaluate`: the measures of a trained model.

use std::path::PathBuf;

use anyhow::Result;

use crate::domain::config::{ClassifierSource, ModelSource};
use crate::domain::health::of_run;
use crate::domain::message::{Answer, Event, Notice, Question, RunEvent, TestEvaluated};
use crate::domain::metrics::calibration::Temperature;
use crate::domain::metrics::scores::Measures;
use crate::domain::problem::Problem;
use crate::words::{Catalogue, Fill, Number, numbers};
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
    let mut bars = Bars::new(output);
    let mut hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    };
    if args.fit_temperature || args.forget_temperature {
        let question = Question::Temperature { dir: run_of(&model)?, fit: args.fit_temperature };
        let Answer::Temperature(fitted) = ask_and_hear(&worker, question, &mut hear)? else {
            return Err(other_answer());
        };
        output.note("cli-note", &in_words(&output.words, fitted.as_ref()));
    }
    let question = Question::Evaluation { model, data: args.into_data()?.map(Box::new) };
    let Answer::Evaluation { test, measures, temperature, data, precision } =
        ask_and_hear(&worker, question, &mut hear)?
    else {
        return Err(other_answer());
    };
    report::reading(output, &data);
    let found = of_run(&data.findings);
    let mut text = report::test(&output.words, &test, &found);
    text += &format!("\n\n{}", measured(&output.words, &measures, temperature, &test));
    let mut value = serde_json::to_value(RunEvent::TestEvaluated(test)).map_err(Problem::internal)?;
    // A measure that these rows do not define is null, and so is the temperature where none was fitted.
    for (name, number) in [
        ("ece", measures.ece),
        ("mcc", measures.mcc),
        ("balanced_accuracy", measures.balanced_accuracy),
        ("roc_auc", measures.roc_auc),
        ("temperature", temperature),
    ] {
        value[name] = number.into();
    }
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

/// The run's folder, whose temperature is set.
fn run_of(model: &ClassifierSource) -> Result<PathBuf, Problem> {
    match &model.model {
        ModelSource::Folder(dir) => Ok(dir.clone()),
        ModelSource::Bundled => Err(Problem::new("resume-no-run").with("folder", "bundled")),
    }
}

/// Says what became of the temperature.
fn in_words(words: &Catalogue, fitted: Option<&Temperature>) -> String {
    let Some(fitted) = fitted else { return words.say("cli-temperature-forgotten") };
    let args: [(&str, &dyn Fill); 6] = [
        ("temperature", &numbers::ratio(fitted.temperature)),
        ("rows", &fitted.rows),
        ("before", &Number::Ratio(fitted.loss_before)),
        ("loss", &Number::Ratio(fitted.loss)),
        ("ece_before", &Number::Ratio(fitted.ece_before)),
        ("ece", &Number::Ratio(fitted.ece)),
    ];
    words.say_with("cli-temperature-fitted", &args)
}

/// The measures that follow from the probabilities, and why one of them has no number.
fn measured(words: &Catalogue, measures: &Measures, temperature: Option<f64>, test: &TestEvaluated) -> String {
    let number = |value: Option<f64>| value.map_or_else(|| words.say("measure-undefined"), numbers::ratio);
    let args: [(&str, &dyn Fill); 4] = [
        ("balanced", &number(measures.balanced_accuracy)),
        ("mcc", &number(measures.mcc)),
        ("auc", &number(measures.roc_auc)),
        ("ece", &number(measures.ece)),
    ];
    let mut text = words.say_with("cli-measures", &args);
    if let Some(temperature) = temperature {
        let value = numbers::ratio(temperature);
        text += &format!("\n{}", words.say_with("cli-measures-temperature", &[("temperature", &value)]));
    }
    let empty = test.per_class.iter().find(|class| class.support == 0);
    if let Some(class) = empty.filter(|_| measures.roc_auc.is_none()) {
        text += &format!("\n{}", words.say_with("measure-auc-needs-rows", &[("label", &class.label)]));
    }
    text
}
