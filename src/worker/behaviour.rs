//! Behaviour tests of a run: its test rows changed in known ways, and templates.

use std::path::Path;
use std::sync::Arc;

use crate::domain::behaviour::Behaviour;
use crate::domain::config::ClassifierSource;
use crate::domain::message::{AskId, Notice, Progress, RowTexts, RunObserver as _, Task};
use crate::domain::problem::{Outcome, Problem};
use crate::explain::behaviour::{Plan, Sheet};
use crate::runs::{RunReader, no_run};
use crate::train::evaluate::predict;

use super::evaluation::own_rows;
use super::questions::{Quiet, open_classifier};
use super::shared::Shared;

/// Texts that are classified between two looks at whether the work should end.
const TEXTS: usize = 64;

/// Makes the tests on the run's test rows, with the templates of the program and of a file.
///
/// # Errors
/// `cancelled`; `resume-no-run` for a folder that is no run; those of opening a run, its model and its data, of which changed ones are
/// `rows-data-changed`; `check-*` for a file of templates that is none; `file-error`.
pub fn check(shared: &Arc<Shared>, id: AskId, run: &Path, templates: Option<&Path>) -> Outcome<Behaviour> {
    let sheet = templates.map(read).transpose()?;
    let opened = RunReader::open(run)?.run;
    let (settings, splits) = opened.ok_or_else(|| no_run(run))?;
    let model = open_classifier(shared, &ClassifierSource::from(run.to_owned()))?;
    let tell = |task| move |done, total| shared.notify(Notice::Progress(Progress { task, done, total }));
    let dataset = own_rows(&settings, &splits, &tell(Task::ReadData)).map_err(of_run)?;
    let row = |row: &u32| RowTexts {
        text: dataset.texts.get(*row as usize).to_owned(),
        second: dataset.texts.second(*row as usize).map(ToOwned::to_owned),
    };
    let rows: Vec<RowTexts> = dataset.splits.test.iter().map(row).collect();
    let plan = Plan::of(&rows, model.classifier.label_names(), sheet.as_ref())?;
    let (interrupt, tell) = (Quiet { shared, asked: Some(id) }.interrupt(), tell(Task::Behaviour));
    let classifier = model.classifier.interruptible(interrupt.clone());
    shared.pool()?.install(|| {
        plan.check(|texts| {
            let mut predictions = Vec::with_capacity(texts.len());
            for part in texts.chunks(TEXTS) {
                tell(predictions.len(), texts.len());
                match predict(&classifier, &model.tokeniser, model.max_length, part) {
                    Err(_) if interrupt.has_ended() => return Err(Problem::new("cancelled")),
                    found => predictions.extend(found?),
                }
            }
            Ok(predictions)
        })
    })
}

fn read(path: &Path) -> Outcome<Sheet> {
    let bytes = std::fs::read(path).map_err(|e| Problem::file(path, &e))?;
    Sheet::read(&String::from_utf8_lossy(&bytes), path)
}

/// Data that are not the run's any more, told without the advice to measure on another file.
pub fn of_run(problem: Problem) -> Problem {
    if problem.id == "evaluate-data-changed" {
        return Problem { id: "rows-data-changed".into(), ..problem };
    }
    problem
}
