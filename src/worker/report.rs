//! Reports: what they tell of is read here, and the file is written whole or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::health::PartName;
use crate::domain::lesson::Grades;
use crate::domain::message::{AskId, Notice, Progress, RowTexts, Task};
use crate::domain::predictions::PredictedRow;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::program::ProgramStyle;
use crate::domain::report::{
    Mistakes, ReportFormat, ReportRequest, ReportSubject, Reported, ReportedMistake, ReportedRun,
};
use crate::model::disk::write_whole;
use crate::report::{bytes, document};
use crate::runs::{RunReader, kept_predictions, read_lesson, reported_race, reported_run};
use crate::words::{Catalogue, Language};

use super::code;
use super::comparison;
use super::rows;
use super::shared::Shared;

/// A report shows so many mistakes of a run.
const MISTAKES: usize = 12;
/// The program of a report is called so.
const PROGRAM: &str = "train";
/// The work of reading is the greater part; the rest is making the document and the file.
const MAKING: usize = 2;

/// Writes a report and returns where it is.
///
/// # Errors
/// `report-other-kind`, `report-nothing`; `cancelled`; those of reading runs and races; `disk-full`, `file-error`.
pub fn write(shared: &Arc<Shared>, id: AskId, request: &ReportRequest) -> Outcome<PathBuf> {
    let format = ReportFormat::of(&request.to)?;
    let parts = match &request.subject {
        ReportSubject::Runs(dirs) => dirs.len(),
        ReportSubject::Class { .. } | ReportSubject::Handout { .. } => 1,
    };
    let total = parts + MAKING;
    let told = |done| {
        if shared.is_cancelled(id) {
            return Err(Problem::new("cancelled"));
        }
        shared.notify(Notice::Progress(Progress { task: Task::Report, done, total }));
        Ok(())
    };
    let reported = match &request.subject {
        ReportSubject::Runs(dirs) => runs(shared, id, dirs, &told)?,
        ReportSubject::Class { files, hides_names, grades } => class(shared, files, *hides_names, grades)?,
        ReportSubject::Handout { lesson, with_solutions } => {
            Reported::Handout { lesson: read_lesson(lesson)?, with_solutions: *with_solutions }
        }
    };
    told(parts)?;
    let words = Catalogue::new(Language::of_tag(&request.language));
    let document = document(&words, &reported);
    told(parts + 1)?;
    let file = bytes(&document, format)?;
    told(total)?;
    write_whole(&request.to, &file)?;
    Ok(request.to.clone())
}

/// Reads what a class handed in. A file that cannot be read keeps no other away.
fn class(shared: &Arc<Shared>, files: &[PathBuf], hides_names: bool, grades: &Grades) -> Outcome<Reported> {
    let opened = comparison::open(files, |problem| shared.notify(Notice::Warning(problem)))?;
    if opened.bundles.is_empty() {
        let file = files.first().map(|file| file.display().to_string()).unwrap_or_default();
        return Err(Problem::new("bundle-not-found").with("file", file));
    }
    Ok(Reported::Class { files: opened.bundles, hides_names, grades: grades.clone() })
}

/// Reads the runs and races of these folders.
fn runs(shared: &Arc<Shared>, id: AskId, dirs: &[PathBuf], told: &dyn Fn(usize) -> Outcome<()>) -> Outcome<Reported> {
    let (mut races, mut runs) = (Vec::new(), Vec::new());
    for (done, dir) in dirs.iter().enumerate() {
        told(done)?;
        if let Some(race) = reported_race(dir)? {
            races.push(race);
            continue;
        }
        let run = reported_run(dir).map_err(|problem| match problem.id.as_ref() {
            "resume-no-run" => Problem::new("report-nothing").with("folder", dir.display()),
            _ => problem,
        })?;
        runs.push(run);
    }
    // Only the report of one run shows its mistakes and its program.
    if let ([], [run]) = (&races[..], &mut runs[..]) {
        run.mistakes = mistakes(shared, id, run)?;
        // Without the data or the model nobody can say what the program would read; the command stands there all the same.
        let program = code::text(shared, id, &run.config, ProgramStyle::Trainer, PROGRAM);
        run.python = program.ok().map(|program| program.trim_end().to_owned());
        told(dirs.len())?;
    }
    Ok(Reported::Runs { races, runs })
}

/// The mistakes of a run, with their texts where its data are what they were.
fn mistakes(shared: &Arc<Shared>, id: AskId, run: &ReportedRun) -> Outcome<Mistakes> {
    let dir = &run.entry.dir;
    if run.history.test.is_none() {
        return Ok(Mistakes::default());
    }
    let explored = rows::explore(shared, id, std::slice::from_ref(dir), false);
    if shared.is_cancelled(id) {
        return Err(Problem::new("cancelled"));
    }
    let (answers, texts, missing) = match explored {
        Ok(explored) => {
            let answers = explored.runs.first().map(|run| run.rows.to_vec()).unwrap_or_default();
            (answers, explored.texts, None)
        }
        Err(problem) => (kept(dir).unwrap_or_default(), Vec::new(), Some(problem)),
    };
    Ok(of_answers(&answers, &texts, missing, &run.labels))
}

/// The answers that are kept with a run.
fn kept(dir: &Path) -> Option<Vec<PredictedRow>> {
    let (settings, splits) = RunReader::files(dir).ok()??;
    kept_predictions(dir, &settings, &splits).ok()?
}

/// `texts` are parallel to `answers`, or there are none.
fn of_answers(answers: &[PredictedRow], texts: &[RowTexts], missing: Option<Problem>, labels: &[String]) -> Mistakes {
    let is_wrong = |(_, row): &(usize, &PredictedRow)| row.split == PartName::Test && !row.is_correct();
    let mut wrong: Vec<(usize, &PredictedRow)> = answers.iter().enumerate().filter(is_wrong).collect();
    wrong.sort_by(|(_, a), (_, b)| a.most_confident_mistake_first(b));
    let label = |id: u32| labels.get(id as usize).cloned().unwrap_or_default();
    let mistake = |(place, row): &(usize, &PredictedRow)| ReportedMistake {
        row: row.row,
        texts: texts.get(*place).cloned(),
        truth: label(row.label),
        predicted: label(row.predicted()),
        confidence: row.confidence(),
    };
    Mistakes { rows: wrong.iter().take(MISTAKES).map(mistake).collect(), count: wrong.len(), missing }
}
