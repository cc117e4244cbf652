//! `thaw models` shows the Hub's models and those in this machine's cache; other subcommands get the model that they name
//! from here.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::domain::config::ModelSource;
use crate::domain::hub::{HubEvent, HubModel, HubRequest, ModelId, PullOutcome, PullProgress};
use crate::domain::message::{Command, Event};
use crate::domain::recommended::RECOMMENDED;
use crate::words::numbers::{clock, count};
use crate::words::{Catalogue, Number};
use crate::worker::Worker;

use super::args::{ModelArg, ModelsTask};
use super::ask::wait;
use super::output::{Exit, Output};
use super::table::{Align, Table, shorten};
use super::training::stop_on_interrupt;

pub fn models(output: &Output, task: ModelsTask) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    match task {
        ModelsTask::Search { query, .. } if query.is_empty() => recommended(output),
        ModelsTask::Search { query, .. } => search(output, &worker, &query.join(" ")),
        ModelsTask::List { .. } => list(output, &worker),
        ModelsTask::Remove { id, .. } => remove(output, &worker, id),
        ModelsTask::Pull { id, .. } => {
            let interrupts = stop_on_interrupt(&worker)?;
            let request = HubRequest::Pull { id: id.clone(), refresh: true };
            print_fetched(output, &id, fetch(output, &worker, request, None)?, interrupts.load(Ordering::Acquire) > 0)
        }
        ModelsTask::Import { folder, import_as, .. } => {
            let interrupts = stop_on_interrupt(&worker)?;
            let fetched = fetch(output, &worker, HubRequest::Import { folder, id: import_as }, None)?;
            let id = fetched.0.clone();
            print_fetched(output, &id, fetched, interrupts.load(Ordering::Acquire) > 0)
        }
    }
}

/// A model that the command line asked for.
pub enum Obtained {
    Source(ModelSource),
    /// Ctrl-C came while the model was fetched.
    Cancelled,
}

/// The model that the command line names. A model of the Hub comes from the cache, or else over the network.
pub fn obtain(output: &Output, worker: &Worker, model: Option<ModelArg>) -> Result<Obtained> {
    let id = match model {
        None => return Ok(Obtained::Source(ModelSource::default())),
        Some(ModelArg::Here(source)) => return Ok(Obtained::Source(source)),
        Some(ModelArg::Hub(id)) => id,
    };
    let request = HubRequest::Pull { id: id.clone(), refresh: false };
    match fetch(output, worker, request, Some(&id))?.1 {
        PullOutcome::Done(folder) => Ok(Obtained::Source(ModelSource::Folder(folder))),
        PullOutcome::Cancelled => Ok(Obtained::Cancelled),
        PullOutcome::Failed(problem) => Err(problem.into()),
    }
}

/// Sends a request that ends in `PullEnded`, and shows its progress.
fn fetch(
    output: &Output,
    worker: &Worker,
    request: HubRequest,
    announced: Option<&ModelId>,
) -> Result<(ModelId, PullOutcome)> {
    worker.commands.send(Command::Hub(request))?;
    let bar = bar(output);
    let mut is_announced = false;
    wait(worker, |event| match event {
        Event::Hub(HubEvent::Progress(progress)) => {
            if let Some(id) = announced.filter(|_| !std::mem::replace(&mut is_announced, true)) {
                output.note("cli-note", &output.words.say_with("cli-models-pulling", &[("id", id)]));
            }
            show(output, &bar, &progress);
            Ok(None)
        }
        Event::Hub(HubEvent::PullEnded { id, outcome }) => {
            bar.finish_and_clear();
            Ok(Some((id, outcome)))
        }
        _ => Ok(None),
    })
}

fn bar(output: &Output) -> ProgressBar {
    let target = if output.is_watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─");
    let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn show(output: &Output, bar: &ProgressBar, progress: &PullProgress) {
    let (done, total) = (progress.done_bytes(), progress.total_bytes());
    bar.set_length(total);
    bar.set_position(done);
    let bytes = |n: u64| output.words.write(Number::Bytes(n));
    let file = progress.files.iter().find(|file| file.done_bytes < file.total_bytes);
    let speed = progress.bytes_per_sec.map(|speed| format!("{}/s", bytes(speed as u64)));
    let left = progress.remaining_secs().map(clock);
    bar.set_message(output.words.say_with(
        "cli-models-bar",
        &[
            ("file", &file.map_or("", |file| file.name.as_str())),
            ("done", &bytes(done)),
            ("total", &bytes(total)),
            ("speed", &speed.unwrap_or_default()),
            ("left", &left.unwrap_or_default()),
        ],
    ));
}

fn print_fetched(output: &Output, id: &ModelId, ended: (ModelId, PullOutcome), interrupted: bool) -> Result<Exit> {
    match ended.1 {
        PullOutcome::Done(folder) => {
            let shown = folder.display().to_string();
            if output.json {
                output.json_line(&json!({ "id": id.to_string(), "folder": shown }))?;
            } else {
                output.line(&output.words.say_with("cli-models-here", &[("id", id), ("folder", &shown)]))?;
            }
            Ok(Exit::Done)
        }
        PullOutcome::Cancelled => {
            output.note("cli-note", &output.words.say("cli-models-cancelled"));
            Ok(if interrupted { Exit::Interrupted } else { Exit::Failed })
        }
        PullOutcome::Failed(problem) => Err(problem.into()),
    }
}

/// Waits for the event of the Hub that `found` takes; a refusal is an error.
fn answer<T>(worker: &Worker, mut found: impl FnMut(HubEvent) -> Option<T>) -> Result<T> {
    wait(worker, |event| match event {
        Event::Hub(HubEvent::Failed(problem) | HubEvent::SearchFailed(problem)) => Err(problem.into()),
        Event::Hub(event) => Ok(found(event)),
        _ => Ok(None),
    })
}

fn search(output: &Output, worker: &Worker, query: &str) -> Result<Exit> {
    worker.commands.send(Command::Hub(HubRequest::Search { query: query.to_owned() }))?;
    let models = answer(worker, |event| match event {
        HubEvent::Found { models, .. } => Some(models),
        _ => None,
    })?;
    if output.json {
        models.iter().try_for_each(|model| output.json_line(model))?;
        return Ok(Exit::Done);
    }
    if models.is_empty() {
        output.note("cli-note", &output.words.say_with("cli-models-none-found", &[("query", &query)]));
        return Ok(Exit::Done);
    }
    let columns = [
        ("cli-models-column-id", Align::Left),
        ("cli-models-column-family", Align::Left),
        ("cli-models-column-task", Align::Left),
        ("cli-models-column-downloads", Align::Right),
        ("cli-models-column-likes", Align::Right),
        ("cli-models-column-size", Align::Right),
        ("cli-models-column-license", Align::Left),
    ];
    let mut table = table(output, &columns);
    for model in &models {
        table.row(found_row(output, model));
    }
    output.line(&table.to_string())?;
    output.line(&output.words.say("cli-models-pull-hint"))?;
    Ok(Exit::Done)
}

fn found_row(output: &Output, model: &HubModel) -> Vec<String> {
    let family = match (&model.family, model.trainable) {
        (Some(family), Some(false)) => {
            output.words.say_with("cli-models-other-family", &[("family", &shorten(family, 16))])
        }
        (Some(family), _) => family.clone(),
        (None, _) => "?".to_owned(),
    };
    let gated = if model.gated { output.words.say("cli-models-gated") } else { String::new() };
    let known = |text: &Option<String>| text.as_deref().map_or_else(|| "?".to_owned(), |text| shorten(text, 24));
    vec![
        model.id.clone(),
        family,
        known(&model.task),
        count(model.downloads as usize),
        count(model.likes as usize),
        model.bytes.map_or_else(|| "?".to_owned(), |bytes| megabytes(&output.words, bytes)),
        format!("{}{gated}", known(&model.license)),
    ]
}

/// Prints the short list of models for teaching.
fn recommended(output: &Output) -> Result<Exit> {
    if output.json {
        RECOMMENDED.iter().try_for_each(|model| output.json_line(model))?;
        return Ok(Exit::Done);
    }
    let columns = [
        ("cli-models-column-id", Align::Left),
        ("cli-models-column-family", Align::Left),
        ("cli-models-column-languages", Align::Left),
        ("cli-models-column-parameters", Align::Right),
        ("cli-models-column-layers", Align::Right),
        ("cli-models-column-size", Align::Right),
        ("cli-models-column-license", Align::Left),
    ];
    let mut table = table(output, &columns);
    for model in &RECOMMENDED {
        table.row(vec![
            model.id.to_owned(),
            model.family.to_owned(),
            output.words.say(model.languages),
            count(model.parameters()),
            model.layers.to_string(),
            megabytes(&output.words, model.bytes()),
            model.license.to_owned(),
        ]);
    }
    output.line(&table.to_string())?;
    output.line(&output.words.say("cli-models-pull-hint"))?;
    Ok(Exit::Done)
}

fn list(output: &Output, worker: &Worker) -> Result<Exit> {
    worker.commands.send(Command::Hub(HubRequest::FindCached))?;
    let models = answer(worker, |event| match event {
        HubEvent::Cached(models) => Some(models),
        _ => None,
    })?;
    if output.json {
        for model in &models {
            // JSON is Unicode, so a path that is not is printed as near as can be.
            let folder = model.folder.to_string_lossy();
            let line = json!({ "id": model.id, "revision": model.revision, "folder": folder, "bytes": model.bytes });
            output.json_line(&line)?;
        }
        return Ok(Exit::Done);
    }
    if models.is_empty() {
        output.note("cli-note", &output.words.say("cli-models-none-here"));
        return Ok(Exit::Done);
    }
    let mut table = table(
        output,
        &[
            ("cli-models-column-id", Align::Left),
            ("cli-models-column-size", Align::Right),
            ("cli-models-column-revision", Align::Left),
            ("cli-models-column-folder", Align::Left),
        ],
    );
    for model in &models {
        let revision: String = model.revision.chars().take(8).collect();
        let cells = [model.id.clone(), megabytes(&output.words, model.bytes), revision, shown(&model.folder)];
        table.row(cells.into());
    }
    output.line(&table.to_string())?;
    Ok(Exit::Done)
}

fn remove(output: &Output, worker: &Worker, id: ModelId) -> Result<Exit> {
    worker.commands.send(Command::Hub(HubRequest::Remove { id }))?;
    let (id, bytes) = answer(worker, |event| match event {
        HubEvent::Removed { id, bytes } => Some((id, bytes)),
        _ => None,
    })?;
    if output.json {
        output.json_line(&json!({ "id": id.to_string(), "freed_bytes": bytes }))?;
    } else {
        output
            .line(&output.words.say_with("cli-models-removed", &[("id", &id), ("size", &Number::Megabytes(bytes))]))?;
    }
    Ok(Exit::Done)
}

fn table(output: &Output, columns: &[(&'static str, Align)]) -> Table {
    Table::new(columns.iter().map(|(id, align)| (output.words.say(id), *align)).collect())
}

fn megabytes(words: &Catalogue, bytes: u64) -> String {
    words.write(Number::Megabytes(bytes))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
