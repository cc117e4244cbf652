//! The program's beginning: arguments in, exit status out.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{ArgMatches, FromArgMatches as _};

use crate::domain::problem::Problem;
use crate::words::{Catalogue, Language};
use crate::worker::check_instruction_sets;

use super::args::{self, CommandLine, Task};
use super::output::{Exit, Output, install_log, is_closed_pipe, output_failed};
use super::{
    behaviour, code, doctor, evaluate, explain, export, health, help, lesson, lived_words, map, models, params,
    predict, race, rate_sweep, rows, run_list, run_report, suspects, training, usage,
};

/// Does what the command line asks. Without a subcommand it calls `open_window`.
pub fn main(open_window: fn() -> Result<()>) -> ExitCode {
    install_log();
    let language = Language::of_system();
    let words = Catalogue::new(language);
    let mut command = help::command(&words);
    let args: Vec<OsString> = std::env::args_os().collect();
    let matches =
        command.try_get_matches_from_mut(&args).unwrap_or_else(|error| usage::exit(&error, &words, &command, &args));
    let of_runs = ["train", "race", "export", "code"].iter().find_map(|name| matches.subcommand_matches(name));
    if let Some((own, other)) = of_runs.and_then(args::conflict) {
        let sentence = words.say_with("cli-run-has-settings", &[("own", &own), ("other", &other)]);
        usage::refuse(&words, &sentence, None, &usage::path(&command, &args));
    }
    if args::reads_nothing(&matches) {
        let sentence = words.say_with("usage-missing", &[("arguments", &"--data <FILE>")]);
        usage::refuse(&words, &sentence, None, &usage::path(&command, &args));
    }
    let line =
        CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| usage::exit(&error, &words, &command, &args));
    let output = Output { words, json: is_json(&matches), outlives_reader: false.into() };
    let done = check_instruction_sets().map_err(Into::into).and_then(|()| match line.command {
        Some(Task::Train(args)) => training::train(&output, *args),
        Some(Task::Code(args)) => code::code(&output, *args),
        Some(Task::Data(args)) => health::card(&output, *args),
        Some(Task::Params(args)) => params::params(&output, args),
        Some(Task::Evaluate(args)) => evaluate::evaluate(&output, args),
        Some(Task::Rows(args)) => rows::rows(&output, args),
        Some(Task::Predict(args)) => predict::predict(&output, args),
        Some(Task::Explain(args)) => explain::explain(&output, args),
        Some(Task::Check(args)) => behaviour::check(&output, args),
        Some(Task::Labels(args)) => suspects::labels(&output, args),
        Some(Task::Map(args)) => map::map(&output, args),
        Some(Task::Words(args)) => lived_words::words(&output, args),
        Some(Task::Models(args)) => models::models(&output, args),
        Some(Task::Lesson(args)) => lesson::lesson(&output, args),
        Some(Task::Race(args)) => race::race(&output, *args),
        Some(Task::FindRate(args)) => rate_sweep::find_rate(&output, *args),
        Some(Task::Runs(args)) => run_list::runs(&output, args),
        Some(Task::Export(args)) => export::export(&output, *args),
        Some(Task::Report(args)) => run_report::report(&output, args),
        Some(Task::Doctor) => doctor::doctor(&output),
        None => window(open_window),
    });
    let exit = done.unwrap_or_else(|error| report_failure(&output, &error));
    ExitCode::from(exit as u8)
}

/// Whether the subcommand is asked for JSON lines.
fn is_json(matches: &ArgMatches) -> bool {
    match matches.subcommand() {
        Some((_, inner)) => is_json(inner),
        None => matches.try_get_one::<bool>("json").is_ok_and(|json| json == Some(&true)),
    }
}

/// Opens the window where there is a screen for one.
fn window(open: fn() -> Result<()>) -> Result<Exit> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let needs_display = cfg!(all(unix, not(target_vendor = "apple")));
    if needs_display && !["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].into_iter().any(is_set) {
        return Err(Problem::new("window-without-display").into());
    }
    open().context(Problem::new("window-failed"))?;
    Ok(Exit::Done)
}

/// Says what went wrong, in the reader's language.
fn report_failure(output: &Output, error: &anyhow::Error) -> Exit {
    if error.chain().filter_map(|cause| cause.downcast_ref()).any(is_closed_pipe) {
        return Exit::Done;
    }
    match error.downcast_ref::<Problem>() {
        Some(problem) if problem.id == "window-failed" => {
            output.error(&problem.clone().with_original(error.root_cause()));
        }
        Some(problem) => output.error(problem),
        None => output.error(&match error.downcast_ref() {
            Some(error) => output_failed(error),
            None => Problem::internal(format_args!("{error:#}")),
        }),
    }
    Exit::Failed
}
