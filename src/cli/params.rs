//! `thaw params`: every parameter of a model, and what a freezing makes of it.

use anyhow::Result;
use serde_json::json;

use crate::domain::freeze::Freeze;
use crate::domain::message::{Answer, Question, StageStarted};
use crate::domain::timeline::Unfreezing;
use crate::words::Catalogue;
use crate::words::numbers::count;
use crate::worker::Worker;

use super::args::Params;
use super::ask::{ask, other_answer};
use super::meter;
use super::models::obtain;
use super::output::{Exit, Output};
use super::proof;
use super::report;
use super::table::Table;

pub fn params(output: &Output, args: Params) -> Result<Exit> {
    if let Some(dir) = args.run_dir {
        return proof::params_of_run(output, dir);
    }
    let freeze = args.freeze.map_or(Ok(Freeze::default()), |freeze| freeze.read())?;
    let worker = Worker::spawn_for_terminal()?;
    let Some(source) = obtain(output, &worker, args.model)? else { return Ok(Exit::Interrupted) };
    let Answer::Model(tree) = ask(&worker, Question::Model(source))? else { return Err(other_answer()) };
    let plan = freeze.unfreezing(&tree)?;
    let trainable = plan.ever();
    let (on, frozen) = tree.totals(&trainable);
    let is_plain = !matches!(freeze, Freeze::Timeline(_));
    if output.json {
        for (i, p) in tree.parameters.iter().enumerate() {
            let mut line = json!({ "name": p.name, "shape": p.shape, "count": p.count(), "trainable": trainable[i] });
            if !is_plain {
                line["stages"] = plan.stages.iter().map(|stage| stage.trainable[i]).collect();
                line["learning_rate_factor"] = plan.factors[i].into();
            }
            output.json_line(&line)?;
        }
        for (i, stage) in plan.stages.iter().enumerate().filter(|_| !is_plain) {
            let (on, frozen) = tree.totals(&stage.trainable);
            let line = json!({ "stage": i + 1, "from_epoch": stage.from_epoch, "trainable": on, "frozen": frozen });
            output.json_line(&line)?;
        }
        let cost = meter::fields(&tree, &trainable);
        output.json_line(&json!({ "trainable": on, "frozen": frozen, "cost": cost }))?;
        return Ok(Exit::Done);
    }
    let say = |id| output.words.say(id);
    let shape = |shape: &[usize]| shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
    let mut table = Table::of(tree.parameters.iter().enumerate())
        .left(say("cli-params-name"), |(_, p)| p.name.clone())
        .right(say("cli-params-shape"), |(_, p)| shape(&p.shape))
        .right(say("cli-params-count"), |(_, p)| count(p.count()));
    for (n, stage) in plan.stages.iter().enumerate() {
        let name = if is_plain { String::new() } else { epochs(&output.words, &plan, n) };
        table = table.left(name, |(i, _)| say(if stage.trainable[*i] { "cli-trainable" } else { "cli-frozen" }));
    }
    if !is_plain {
        table = table.right(say("cli-params-factor"), |(i, _)| format!("{:.4}", plan.factors[*i]));
    }
    output.line(&table.text())?;
    for (i, stage) in plan.stages.iter().enumerate().filter(|_| plan.stages.len() > 1) {
        let (trainable, frozen) = tree.totals(&stage.trainable);
        let (stages, epoch) = (plan.stages.len(), stage.from_epoch);
        let started = StageStarted { stage: i + 1, stages, step: 0, epoch, trainable, frozen };
        output.line(&report::stage(&output.words, &started))?;
    }
    let totals = output.words.say_with(
        "cli-params-totals",
        &[("trainable", &on), ("frozen", &frozen), ("total", &(on + frozen)), ("share", &report::share(on, frozen))],
    );
    output.line(&totals)?;
    for line in meter::lines(&output.words, &tree, &trainable) {
        output.line(&line)?;
    }
    if let Some(note) = report::no_pooler(&output.words, &tree, &freeze) {
        output.line(&note)?;
    }
    for note in &tree.facts.notes {
        output.warning(note);
    }
    Ok(Exit::Done)
}

/// The epochs of a stage, as a column's name.
fn epochs(words: &Catalogue, plan: &Unfreezing, stage: usize) -> String {
    let from = plan.stages[stage].from_epoch;
    match plan.stages.get(stage + 1).map(|next| next.from_epoch - 1) {
        Some(to) if to == from => words.say_with("cli-params-epoch", &[("from", &from)]),
        to => {
            let to = to.map(|to| to.to_string()).unwrap_or_default();
            words.say_with("cli-params-epochs", &[("from", &from), ("to", &to)])
        }
    }
}
