//! `thaw params RUN_DIR`: which parameters a run changed, from the weights in its folder.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use crate::domain::message::{Answer, Question};
use crate::domain::problem::Problem;
use crate::domain::proof::{ParameterProof, StoredProof};
use crate::words::{Catalogue, shared};
use crate::worker::Worker;

use super::ask::{ask, other_answer};
use super::output::{Exit, Output};
use super::table::Table;

/// The table shows so many digits of a fingerprint; `--json` has them all.
const SHOWN_DIGITS: usize = 12;

/// Prints the proof. The exit status says whether something frozen has changed, or the weights are not those that the run
/// saved.
pub fn params_of_run(output: &Output, dir: PathBuf) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let Answer::Proof(stored) = ask(&worker, Question::Proof(dir.clone()))? else { return Err(other_answer()) };
    let StoredProof { proof, altered } = &*stored;
    if output.json {
        for p in &proof.parameters {
            output.json_line(&json!({
                "name": p.name, "trainable": p.trainable, "before": p.before, "after": p.after,
                "changed": p.is_changed(), "altered": altered.contains(&p.name),
            }))?;
        }
        output.json_line(&json!({
            "unchanged": proof.unchanged, "changed": proof.changed, "broken": proof.broken, "altered": altered,
        }))?;
    } else {
        output.line(&table(&output.words, &stored))?;
        output.line(&shared::proof_totals(&output.words, proof))?;
    }
    if !altered.is_empty() {
        let problem = Problem::new("fingerprints-altered").with("folder", dir.display());
        output.error(&problem.with_count("count", altered.len()).with("names", altered.join(", ")));
    } else if !proof.broken.is_empty() {
        output.error(&Problem::new("freeze-broken").with("names", proof.broken.join(", ")));
    } else {
        return Ok(Exit::Done);
    }
    Ok(Exit::Failed)
}

fn table(words: &Catalogue, stored: &StoredProof) -> String {
    let say = |id| words.say(id);
    let short = |hash: &str| hash.chars().take(SHOWN_DIGITS).collect();
    let verdict = |p: &ParameterProof| match (stored.altered.contains(&p.name), p.is_changed(), p.trainable) {
        (true, ..) => "proof-altered",
        (_, true, false) => "proof-broken",
        (_, true, true) => "proof-changed",
        (_, false, _) => "proof-unchanged",
    };
    Table::of(&stored.proof.parameters)
        .left(say("cli-params-name"), |p| p.name.clone())
        .left(String::new(), |p| say(if p.trainable { "cli-trainable" } else { "cli-frozen" }))
        .left(say("proof-before"), |p| short(&p.before))
        .left(say("proof-after"), |p| short(&p.after))
        .left(String::new(), |p| say(verdict(p)))
        .text()
}
