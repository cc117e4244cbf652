//! `thaw evaluate`: the measures of a trained model.

use anyhow::Result;

use crate::domain::message::{Command, EventKind};
use crate::worker::Worker;

use super::args::Evaluate;
use super::bars::Bars;
use super::output::{Exit, Output};
use super::report;

pub fn evaluate(output: &Output, args: Evaluate) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let run_dir = args.run_dir.clone();
    worker.commands.send(Command::Evaluate { run_dir, data: args.into_data() })?;
    let mut bars = Bars::new(output);
    loop {
        let kind = worker.events.recv()?.kind;
        bars.follow(&kind);
        match kind {
            EventKind::DatasetReady(summary) => report::skipped(output, &summary),
            EventKind::TestEvaluated(test) if output.json => {
                output.json_line(&EventKind::TestEvaluated(test))?;
                return Ok(Exit::Done);
            }
            EventKind::TestEvaluated(test) => {
                output.line(report::test(&output.words, &test).trim_start())?;
                return Ok(Exit::Done);
            }
            EventKind::RequestFailed(problem) => return Err(problem.into()),
            _ => {}
        }
    }
}
