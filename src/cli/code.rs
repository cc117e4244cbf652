//! `thaw code`: a training, or a run again, as a Python program that does the same.

use std::path::Path;

use anyhow::Result;

use crate::domain::message::{Answer, Event, Notice, Question};
use crate::domain::problem::Problem;
use crate::domain::program::ProgramForm;
use crate::worker::Worker;

use super::args::Code;
use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::models::training_source;
use super::output::{Exit, Output};

pub fn code(output: &Output, mut args: Code) -> Result<Exit> {
    let file = args.take_file();
    let Code { run: training, of_run, style, notebook } = args;
    let form = if notebook { ProgramForm::Notebook } else { ProgramForm::Script };
    if let Some(file) = &file {
        check_name(file, form)?;
    }
    let worker = Worker::spawn_for_terminal()?;
    let Some(source) = training_source(output, &worker, of_run, training)? else { return Ok(Exit::Interrupted) };
    let mut bars = Bars::new(output);
    let question = Question::Program { source, style, form, file };
    let answer = ask_and_hear(&worker, question, |event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    })?;
    drop(bars);
    let Answer::Program(written) = answer else { return Err(other_answer()) };
    let folder = written.companions.display();
    match &written.file {
        Some(file) => {
            let told = [("file", &file.display() as &dyn crate::words::Fill), ("folder", &folder)];
            output.line(&output.words.say_with("cli-code-written", &told))?;
        }
        None => {
            output.line(written.text.trim_end())?;
            output.note("cli-note", &output.words.say_with("cli-code-folder", &[("folder", &folder)]));
        }
    }
    Ok(Exit::Done)
}

/// A file that is there is never overwritten, and a notebook is none without its extension.
///
/// # Errors
/// `code-file-exists`, `code-extension`.
fn check_name(file: &Path, form: ProgramForm) -> Result<()> {
    if file.exists() {
        return Err(Problem::new("code-file-exists").with("file", file.display()).into());
    }
    let expected = form.extension();
    if file.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case(expected)) {
        return Err(Problem::new("code-extension").with("file", file.display()).with("extension", expected).into());
    }
    Ok(())
}
