//! `thaw export`: a run to give away, as a model, as TensorBoard's file, as tables, or as a training for a cluster.

use anyhow::Result;
use serde_json::{Value, json};

use crate::domain::half::Rounded;
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::domain::problem::Problem;
use crate::words::rounded as words;
use crate::worker::Worker;

use super::args::Export;
use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::models::training_source;
use super::output::{Exit, Output, english};
use super::start::{is_interrupted, stop_on_interrupt};

pub fn export(output: &Output, args: Export) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    stop_on_interrupt(&worker)?;
    let Some(question) = question(output, &worker, args)? else { return Ok(Exit::Interrupted) };
    let mut bars = Bars::new(output);
    let hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    };
    let answer = match ask_and_hear(&worker, question, hear) {
        Err(error) if is_interrupted() && error.downcast_ref::<Problem>().is_some_and(|p| p.id == "cancelled") => {
            return Ok(Exit::Interrupted);
        }
        answer => answer?,
    };
    drop(bars);
    let (folder, told, rounded) = match answer {
        Answer::RunExported { folder, rounded } => (folder, "run-exported", rounded),
        Answer::BoardExported(folder) => (folder, "board-exported", None),
        Answer::TablesExported(folder) => (folder, "tables-exported", None),
        Answer::ClusterExported(folder) => (folder, "cluster-exported", None),
        _ => return Err(other_answer()),
    };
    let mut value = json!({ "folder": folder });
    let mut told = output.words.say_with(told, &[("folder", &folder.display())]);
    if let Some(rounded) = rounded {
        value["weights"] = rounded.half.name().into();
        value["measured"] = measured(&rounded)?;
        told += &format!("\n{}", words::rounded(&output.words, &rounded));
    }
    output.result(&value, &told)?;
    Ok(Exit::Done)
}

/// Returns what is asked of the worker, or nothing where the user has interrupted the model's download.
fn question(output: &Output, worker: &Worker, args: Export) -> Result<Option<Question>> {
    let Export { run_dir, to, half, tensorboard, tables, cluster, training } = args;
    let question = match (run_dir, to, tensorboard, tables, cluster) {
        (Some(dir), Some(to), ..) => Question::ExportRun { dir, to, half },
        (Some(dir), _, Some(to), ..) => Question::ExportBoard { dir, to },
        (Some(dir), _, _, Some(to), _) => Question::ExportTables { dir, to },
        (run, .., Some(to)) => {
            let source = training_source(output, worker, run, training)?;
            return Ok(source.map(|source| Question::ExportCluster { source, to }));
        }
        // The command line asks for one of them, and for a run where only a run has it.
        _ => return Err(other_answer()),
    };
    Ok(Some(question))
}

fn measured(rounded: &Rounded) -> Result<Value> {
    match &rounded.measured {
        Ok(measured) => Ok(serde_json::to_value(measured)?),
        Err(problem) => Ok(json!({ "error": english(problem) })),
    }
}
