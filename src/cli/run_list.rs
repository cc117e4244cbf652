//! `thaw runs`: what there is. `thaw export`: a run's model to give away.

use anyhow::Result;

use crate::domain::message::{Command, EventKind};
use crate::domain::stored::{RunEntry, RunState};
use crate::words::Catalogue;
use crate::words::numbers::{clock, ratio};
use crate::worker::Worker;

use super::args::{Export, Runs};
use super::output::{Exit, Output};
use super::table::{Align, Table, shorten};

/// Cells that a name may take in the table.
const NAME_WIDTH: usize = 32;

pub fn runs(output: &Output, args: Runs) -> Result<Exit> {
    match ask(Command::ListRuns { folder: args.folder, others: Vec::new() })? {
        EventKind::RunsListed(runs) if output.json => {
            for run in &runs {
                output.json_line(run)?;
            }
        }
        EventKind::RunsListed(runs) if runs.is_empty() => output.line(&output.words.say("cli-runs-none"))?,
        EventKind::RunsListed(runs) => output.line(&table(&output.words, &runs).to_string())?,
        _ => {}
    }
    Ok(Exit::Done)
}

pub fn export(output: &Output, args: Export) -> Result<Exit> {
    if let EventKind::RunExported(folder) = ask(Command::ExportRun { dir: args.run_dir, to: args.to })? {
        output.line(&output.words.say_with("cli-exported", &[("folder", &folder.display())]))?;
    }
    Ok(Exit::Done)
}

/// The worker's one answer.
fn ask(command: Command) -> Result<EventKind> {
    let worker = Worker::spawn_for_terminal()?;
    worker.commands.send(command)?;
    match worker.events.recv()?.kind {
        EventKind::RequestFailed(problem) => Err(problem.into()),
        answer => Ok(answer),
    }
}

fn table(words: &Catalogue, runs: &[RunEntry]) -> Table {
    let columns = [
        ("cli-runs-name", Align::Left),
        ("cli-runs-started", Align::Left),
        ("cli-runs-data", Align::Left),
        ("cli-runs-model", Align::Left),
        ("cli-runs-freeze", Align::Left),
        ("cli-runs-state", Align::Left),
        ("cli-runs-accuracy", Align::Right),
        ("cli-runs-time", Align::Right),
    ];
    let mut table = Table::new(columns.map(|(id, align)| (words.say(id), align)).to_vec());
    for run in runs {
        let state = match run.state {
            RunState::Unfinished => {
                words.say_with("cli-runs-unfinished", &[("step", &run.step), ("total", &run.total_steps)])
            }
            state => words.say(match state {
                RunState::Completed => "cli-runs-completed",
                RunState::Stopped => "cli-runs-stopped",
                RunState::Failed => "cli-runs-failed",
                _ => "cli-runs-running",
            }),
        };
        table.row(vec![
            shorten(&run.name, NAME_WIDTH),
            run.started.clone(),
            shorten(&run.data, NAME_WIDTH),
            shorten(&run.model, NAME_WIDTH),
            run.freeze.clone(),
            state,
            run.test_accuracy.map_or_else(String::new, ratio),
            run.train_secs.map_or_else(String::new, clock),
        ]);
    }
    table
}
