//! `thaw runs` lists the runs of a folder; `thaw export` writes a run's model to give away.

use anyhow::Result;

use crate::domain::message::{Answer, Question};
use crate::domain::stored::{RunEntry, RunState};
use crate::words::Catalogue;
use crate::words::numbers::{clock, ratio};
use crate::worker::Worker;

use super::args::{Export, Runs};
use super::ask::{ask, other_answer};
use super::output::{Exit, Output};
use super::table::{Align, Table, shorten};

/// A name may take so many cells of the table.
const NAME_WIDTH: usize = 32;

pub fn runs(output: &Output, args: Runs) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let question = Question::Runs { folder: args.folder, others: Vec::new() };
    let Answer::Runs(runs) = ask(&worker, question)? else { return Err(other_answer()) };
    if output.json {
        runs.iter().try_for_each(|run| output.json_line(run))?;
    } else if runs.is_empty() {
        output.line(&output.words.say("cli-runs-none"))?;
    } else {
        output.line(&table(&output.words, &runs).to_string())?;
    }
    Ok(Exit::Done)
}

pub fn export(output: &Output, args: Export) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let question = Question::ExportRun { dir: args.run_dir, to: args.to };
    let Answer::RunExported(folder) = ask(&worker, question)? else { return Err(other_answer()) };
    output.line(&output.words.say_with("cli-exported", &[("folder", &folder.display())]))?;
    Ok(Exit::Done)
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
