//! `thaw models` shows the Hub's models and those in this machine's cache; other subcommands get the model that they name
//! from here.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use indicatif::ProgressBar;
use serde_json::json;

use crate::domain::config::{ClassifierSource, ModelSource};
use crate::domain::hub::{HubEvent, HubModel, HubRequest, ModelId, PullOutcome, PullProgress};
use crate::domain::message::{Command, Event};
use crate::domain::precision::Precision;
use crate::domain::problem::Problem;
use crate::domain::program::TrainingSource;
use crate::domain::recommended::{RECOMMENDED, recommended_for};
use crate::words::Number;
use crate::words::numbers::{clock, count};
use crate::worker::Worker;

use super::args::{ModelArg, ModelsTask, OneRun};
use super::ask::wait;
use super::bars::bar;
use super::output::{Exit, Output};
use super::start::{is_interrupted, stop_on_interrupt};
use super::table::{Table, shorten};

pub fn models(output: &Output, task: ModelsTask) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    match task {
        ModelsTask::Search { query } if query.is_empty() => recommended(output)?,
        ModelsTask::Search { query } => search(output, &worker, &query.join(" "))?,
        ModelsTask::List => list(output, &worker)?,
        ModelsTask::Remove { id } => remove(output, &worker, id)?,
        ModelsTask::Pull { id } => return pull(output, &worker, HubRequest::Pull { id, refresh: true }),
        ModelsTask::Import { folder, import_as: id } => {
            return pull(output, &worker, HubRequest::Import { folder, id });
        }
    }
    Ok(Exit::Done)
}

/// The model that the command line names. A model of the Hub comes from the cache, or else over the network. It is `None`
/// when Ctrl-C came meanwhile.
pub fn obtain(output: &Output, worker: &Worker, model: Option<ModelArg>) -> Result<Option<ModelSource>> {
    let id = match model {
        None => return Ok(Some(ModelSource::default())),
        Some(ModelArg::Here(source)) => return Ok(Some(source)),
        Some(ModelArg::Hub(id)) => id,
    };
    let announcement = output.words.say_with("cli-models-pulling", &[("id", &id)]);
    match fetch(output, worker, HubRequest::Pull { id, refresh: false }, Some(announcement))?.1 {
        PullOutcome::Done(folder) => Ok(Some(ModelSource::Folder(folder))),
        PullOutcome::Cancelled => Ok(None),
        PullOutcome::Failed(problem) => Err(problem.into()),
    }
}

/// The training of a run, or else the one that these settings describe, with its model at hand. It is `None` when Ctrl-C came
/// while that was fetched.
pub fn training_source(
    output: &Output,
    worker: &Worker,
    run: Option<PathBuf>,
    training: OneRun,
) -> Result<Option<TrainingSource>> {
    if let Some(dir) = run {
        return Ok(Some(TrainingSource::Run(dir)));
    }
    let model = training.settings.model.clone();
    let mut config = training.into_config()?;
    let Some(found) = obtain(output, worker, model)? else { return Ok(None) };
    config.model = found;
    Ok(Some(TrainingSource::Settings(Box::new(config))))
}

/// The model that evaluates or predicts: a run or another folder, or a model of the Hub, fetched when it isn't here. `None`
/// when Ctrl-C came meanwhile.
pub fn classifier(
    output: &Output,
    worker: &Worker,
    named: ModelArg,
    head: Option<PathBuf>,
    precision: Option<Precision>,
) -> Result<Option<ClassifierSource>> {
    let name = if let ModelArg::Hub(id) = &named { id.to_string() } else { String::new() };
    let obtained = obtain(output, worker, Some(named)).map_err(|error| match error.downcast::<Problem>() {
        // A folder whose name was mistyped is looked for on the Hub, too.
        Ok(problem) => {
            Problem::new("run-or-model-not-found").with("name", name).with_problem("problem", problem).into()
        }
        Err(error) => error,
    });
    Ok(obtained?.map(|model| ClassifierSource { model, head, is_ancestor: false, precision }))
}

/// Sends a request that ends in `PullEnded`, and shows its progress, before which it says the announcement.
fn fetch(
    output: &Output,
    worker: &Worker,
    request: HubRequest,
    mut announcement: Option<String>,
) -> Result<(ModelId, PullOutcome)> {
    worker.commands.send(Command::Hub(request))?;
    let bar = bar(output, "{bar:30} {percent:>3} %  {msg}");
    bar.enable_steady_tick(Duration::from_millis(200));
    wait(worker, |event| match event {
        Event::Hub(HubEvent::Progress(progress)) => {
            if let Some(announcement) = announcement.take() {
                output.note("cli-note", &announcement);
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

fn pull(output: &Output, worker: &Worker, request: HubRequest) -> Result<Exit> {
    stop_on_interrupt(worker)?;
    match fetch(output, worker, request, None)? {
        (id, PullOutcome::Done(folder)) => {
            let folder = folder.display().to_string();
            let text = output.words.say_with("cli-models-here", &[("id", &id), ("folder", &folder)]);
            output.result(&json!({ "id": id.to_string(), "folder": folder }), &text)?;
            Ok(Exit::Done)
        }
        (_, PullOutcome::Cancelled) => {
            output.note("cli-note", &output.words.say("cli-models-cancelled"));
            Ok(if is_interrupted() { Exit::Interrupted } else { Exit::Failed })
        }
        (_, PullOutcome::Failed(problem)) => Err(problem.into()),
    }
}

/// Sends a request and waits for the event of the Hub that `found` takes; a refusal is an error.
fn ask<T>(worker: &Worker, request: HubRequest, mut found: impl FnMut(HubEvent) -> Option<T>) -> Result<T> {
    worker.commands.send(Command::Hub(request))?;
    wait(worker, |event| match event {
        Event::Hub(HubEvent::Failed(problem) | HubEvent::SearchFailed { problem, .. }) => Err(problem.into()),
        Event::Hub(event) => Ok(found(event)),
        _ => Ok(None),
    })
}

fn search(output: &Output, worker: &Worker, query: &str) -> Result<()> {
    let models = ask(worker, HubRequest::Search { query: query.to_owned() }, |event| match event {
        HubEvent::Found { models, .. } => Some(models),
        _ => None,
    })?;
    if output.json {
        return Ok(models.iter().try_for_each(|model| output.json_line(model))?);
    }
    if models.is_empty() {
        output.note("cli-note", &output.words.say_with("cli-models-none-found", &[("query", &query)]));
        return Ok(());
    }
    let say = |id| output.words.say(id);
    let unknown = || "?".to_owned();
    let known = |text: &Option<String>| text.as_deref().map_or_else(unknown, |text| shorten(text, 24));
    let family = |model: &HubModel| match (&model.family, model.trainable) {
        (Some(family), Some(false)) => {
            output.words.say_with("cli-models-other-family", &[("family", &shorten(family, 16))])
        }
        (family, _) => family.clone().unwrap_or_else(unknown),
    };
    let gated = |model: &HubModel| if model.gated { say("cli-models-gated") } else { String::new() };
    let table = Table::of(&models)
        .left(say("cli-models-column-id"), |model| model.id.clone())
        .left(say("cli-models-column-family"), |model| family(model))
        .left(say("cli-models-column-task"), |model| known(&model.task))
        .right(say("cli-models-column-downloads"), |model| count(model.downloads as usize))
        .right(say("cli-models-column-likes"), |model| count(model.likes as usize))
        .right(say("cli-models-column-size"), |model| model.bytes.map_or_else(unknown, |n| megabytes(output, n)))
        .left(say("cli-models-column-license"), |model| known(&model.license) + &gated(model));
    Ok(output.line(&format!("{}\n{}", table.text(), say("cli-models-pull-hint")))?)
}

/// Prints the short list of models for teaching.
fn recommended(output: &Output) -> Result<()> {
    if output.json {
        return Ok(RECOMMENDED.iter().try_for_each(|model| output.json_line(model))?);
    }
    let say = |id| output.words.say(id);
    let table = Table::of(recommended_for(output.words.tag() == "ko"))
        .left(say("cli-models-column-id"), |model| model.id.to_owned())
        .left(say("cli-models-column-family"), |model| model.family.to_owned())
        .left(say("cli-models-column-languages"), |model| say(model.languages))
        .right(say("cli-models-column-parameters"), |model| count(model.parameters()))
        .right(say("cli-models-column-layers"), |model| model.layers.to_string())
        .right(say("cli-models-column-size"), |model| megabytes(output, model.bytes()))
        .left(say("cli-models-column-license"), |model| model.license.to_owned());
    Ok(output.line(&format!("{}\n{}", table.text(), say("cli-models-pull-hint")))?)
}

fn list(output: &Output, worker: &Worker) -> Result<()> {
    let models = ask(worker, HubRequest::FindCached, |event| match event {
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
        return Ok(());
    }
    let say = |id| output.words.say(id);
    if models.is_empty() {
        output.note("cli-note", &say("cli-models-none-here"));
        return Ok(());
    }
    let table = Table::of(&models)
        .left(say("cli-models-column-id"), |model| model.id.clone())
        .right(say("cli-models-column-size"), |model| megabytes(output, model.bytes))
        .left(say("cli-models-column-revision"), |model| model.revision.chars().take(8).collect())
        .left(say("cli-models-column-folder"), |model| model.folder.display().to_string());
    Ok(output.line(&table.text())?)
}

fn remove(output: &Output, worker: &Worker, id: ModelId) -> Result<()> {
    let (id, bytes) = ask(worker, HubRequest::Remove { id }, |event| match event {
        HubEvent::Removed { id, bytes } => Some((id, bytes)),
        _ => None,
    })?;
    let text = output.words.say_with("cli-models-removed", &[("id", &id), ("size", &Number::Megabytes(bytes))]);
    Ok(output.result(&json!({ "id": id.to_string(), "freed_bytes": bytes }), &text)?)
}

fn megabytes(output: &Output, bytes: u64) -> String {
    output.words.write(Number::Megabytes(bytes))
}
