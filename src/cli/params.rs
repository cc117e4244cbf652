//! `thaw params`: every parameter of a model, and what a freezing makes of it.

use anyhow::Result;
use serde_json::json;

use crate::domain::freeze::Freeze;
use crate::domain::message::{Command, EventKind};
use crate::worker::Worker;

use super::args::Params;
use super::models::{self, Obtained};
use super::output::{Exit, Output};
use super::proof;
use super::report;
use super::table::{Align, Table, count, percent};

pub fn params(output: &Output, args: Params) -> Result<Exit> {
    if let Some(dir) = args.run_dir {
        return proof::params_of_run(output, dir);
    }
    let freeze = args.freeze.map_or(Ok(Freeze::default()), |freeze| freeze.read())?;
    let worker = Worker::spawn_for_terminal()?;
    let source = match models::obtain(output, &worker, args.model)? {
        Obtained::Source(source) => source,
        Obtained::Cancelled => return Ok(Exit::Interrupted),
    };
    worker.commands.send(Command::LoadModel { source })?;
    let tree = loop {
        match worker.events.recv()?.kind {
            EventKind::ModelReady(tree) => break tree,
            EventKind::ModelFailed(problem) => return Err(problem.into()),
            _ => {}
        }
    };
    let trainable = freeze.resolve(&tree)?;
    let (on, frozen) = tree.totals(&trainable);
    let rows = tree.parameters.iter().zip(&trainable);
    if output.json {
        for (p, on) in rows {
            let line = json!({ "name": p.name, "shape": p.shape, "count": p.count(), "trainable": on });
            output.json_line(&line)?;
        }
        output.json_line(&json!({ "trainable": on, "frozen": frozen }))?;
        return Ok(Exit::Done);
    }
    let say = |id| output.words.say(id);
    let mut table = Table::new(vec![
        (say("cli-params-name"), Align::Left),
        (say("cli-params-shape"), Align::Right),
        (say("cli-params-count"), Align::Right),
        (String::new(), Align::Left),
    ]);
    for (p, on) in rows {
        let shape: Vec<String> = p.shape.iter().map(usize::to_string).collect();
        let state = say(if *on { "cli-trainable" } else { "cli-frozen" });
        table.row(vec![p.name.clone(), shape.join(" x "), count(p.count()), state]);
    }
    output.line(&table.to_string())?;
    let total = on + frozen;
    output.line(&output.words.say_with(
        "cli-params-totals",
        &[
            ("trainable", &count(on)),
            ("frozen", &count(frozen)),
            ("total", &count(total)),
            ("share", &percent(on as f64 / total.max(1) as f64)),
        ],
    ))?;
    if let Some(note) = report::no_pooler(&output.words, &tree, &freeze) {
        output.line(&note)?;
    }
    for note in &tree.facts.notes {
        output.warning(note);
    }
    Ok(Exit::Done)
}
