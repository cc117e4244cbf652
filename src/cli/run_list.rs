//! `thaw runs` lists the runs of a folder.

use anyhow::Result;

use crate::domain::message::{Answer, Question};
use crate::domain::problem::Problem;
use crate::domain::stored::{RunEntry, RunState};
use crate::words::numbers::{clock, ratio};
use crate::words::{Catalogue, shared};
use crate::worker::Worker;

use super::args::Runs;
use super::ask::{ask, other_answer};
use super::output::{Exit, Output};
use super::table::{Table, shorten};

/// A name may take so many cells of the table.
const NAME_WIDTH: usize = 40;

pub fn runs(output: &Output, args: Runs) -> Result<Exit> {
    // The usual folder comes with the first run; one that is named must be there.
    if let Some(folder) = args.folder.as_deref().filter(|folder| !folder.exists()) {
        return Err(Problem::new("run-not-found").with("folder", folder.display()).into());
    }
    let worker = Worker::spawn_for_terminal()?;
    let question = Question::Runs { folder: args.folder, others: Vec::new() };
    let Answer::Runs(runs) = ask(&worker, question)? else { return Err(other_answer()) };
    if output.json {
        runs.iter().try_for_each(|run| json_line(output, run))?;
    } else if runs.is_empty() {
        output.line(&output.words.say("cli-runs-none"))?;
    } else {
        output.line(&table(&output.words, &runs))?;
    }
    Ok(Exit::Done)
}

/// A line of JSON, with the name that people see and with what is wrong in words.
fn json_line(output: &Output, run: &RunEntry) -> std::io::Result<()> {
    let mut line = serde_json::to_value(run)?;
    line["name"] = shared::run_name(&output.words, run).into();
    if !run.damage.is_empty() {
        line["damage"] = run.damage.iter().map(|problem| output.words.problem(problem)).collect();
    }
    output.json_line(&line)
}

fn table(words: &Catalogue, runs: &[RunEntry]) -> String {
    let say = |id| words.say(id);
    let state = |run: &RunEntry| match run.state {
        RunState::Unfinished => {
            words.say_with("cli-runs-unfinished", &[("step", &run.step), ("total", &run.total_steps)])
        }
        RunState::Completed => words.say("cli-runs-completed"),
        RunState::Stopped => words.say("cli-runs-stopped"),
        RunState::Failed => words.say("cli-runs-failed"),
        RunState::Running => words.say("cli-runs-running"),
        RunState::Damaged => words.say("runs-damaged"),
    };
    // What is wrong stands beside what the run came to.
    let state = |run: &RunEntry| {
        let wrong = run.damage.iter().map(|problem| words.sentence(problem));
        let engine = run.engine.words().map(|id| words.say(id));
        std::iter::once(state(run)).chain(engine).chain(wrong).collect::<Vec<_>>().join(", ")
    };
    Table::of(runs)
        .left(say("cli-runs-name"), |run| shorten(&shared::run_name(words, run), NAME_WIDTH))
        .left(say("cli-runs-started"), |run| run.started.clone())
        .left(say("cli-runs-data"), |run| shorten(&run.data, NAME_WIDTH))
        .left(say("cli-runs-model"), |run| shorten(&run.model, NAME_WIDTH))
        .left(say("cli-runs-freeze"), |run| shared::freezing_of(words, run))
        .left(say("cli-runs-state"), |run| state(run))
        .right(say("cli-runs-accuracy"), |run| run.test_accuracy.map_or_else(String::new, ratio))
        .right(say("cli-runs-time"), |run| run.train_secs.map_or_else(String::new, clock))
        .text()
}
