//! The rows behind a run's numbers: its answers on validation and test rows, kept with it or computed now, beside their
//! texts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::ClassifierSource;
use crate::domain::health::PartName;
use crate::domain::message::{AskId, Notice, Progress, RowTexts, Task};
use crate::domain::predictions::{ExploredRows, MOST_PROBABILITIES, PredictedRow, RunAnswers};
use crate::domain::problem::{Outcome, Problem};
use crate::runs::{RunReader, RunSettings, SplitRows, keep_predictions, kept_predictions, no_run};
use crate::train::evaluate::{Evaluation, Measured, evaluate};
use crate::train::loss::Loss;
use crate::train::prefix::Prefix;

use super::questions::{Quiet, open_classifier};
use super::records::{fingerprint, splits};
use super::session::{OpenData, Stamp};
use super::shared::Shared;
use super::tags;
use super::temperature;

/// The answers of so many runs stay in memory.
const KEPT_RUNS: usize = 16;

/// The answers of a run as its files were when they were read or computed.
pub struct HeldAnswers {
    dir: PathBuf,
    stamp: Stamp,
    rows: Arc<Vec<PredictedRow>>,
}

/// A run's folder as it is now.
struct Run {
    dir: PathBuf,
    settings: RunSettings,
    splits: SplitRows,
}

impl Run {
    /// # Errors
    /// `resume-no-run` for a folder that Thaw did not write; those of opening a run.
    fn open(dir: &Path) -> Outcome<Self> {
        let no_run = || no_run(dir);
        let (settings, splits) = RunReader::open(dir)?.run.ok_or_else(no_run)?;
        Ok(Self { dir: dir.to_owned(), settings, splits })
    }
}

/// The rows of runs on the same data and split, the first run's answers first.
///
/// # Errors
/// `resume-no-run`, `rows-other-data`, `rows-other-split`, `rows-other-labels`, `rows-data-changed`; those of opening runs, of
/// reading data and models; `cancelled`.
pub fn explore(shared: &Arc<Shared>, id: AskId, dirs: &[PathBuf], with_tags: bool) -> Outcome<ExploredRows> {
    let runs: Vec<Run> = dirs.iter().map(|dir| Run::open(dir)).collect::<Outcome<_>>()?;
    let Some((first, others)) = runs.split_first() else { return Err(Problem::internal("rows of no run")) };
    others.iter().try_for_each(|other| check_same_rows(first, other))?;
    let data = own_data(shared, &first.settings, &first.splits)?;
    let dataset = &data.dataset;
    let answers = runs.iter().map(|run| answers_now(shared, id, run, &data));
    let runs = answers.collect::<Outcome<Vec<_>>>()?;
    let texts = held_out(dataset).map(|(_, row)| RowTexts {
        text: dataset.texts.get(row as usize).to_owned(),
        second: dataset.texts.second(row as usize).map(str::to_owned),
    });
    let texts = texts.collect();
    let (lengths, tags) = if with_tags { tags::of(shared, id, &first.dir, dataset)? } else { Default::default() };
    Ok(ExploredRows { labels: first.settings.labels.clone(), runs, texts, lengths, tags })
}

/// What one run answers on its validation rows and then its test rows, at its temperature.
///
/// # Errors
/// Those of [`explore`].
pub fn answers(shared: &Arc<Shared>, id: AskId, dir: &Path) -> Outcome<RunAnswers> {
    let run = Run::open(dir)?;
    let data = own_data(shared, &run.settings, &run.splits)?;
    answers_now(shared, id, &run, &data)
}

fn answers_now(shared: &Arc<Shared>, id: AskId, run: &Run, data: &OpenData) -> Outcome<RunAnswers> {
    let mut rows = answers_of(shared, id, run, data)?;
    if let Some(fitted) = temperature::of_run(&run.dir)? {
        rows = Arc::new(rows.iter().map(|row| row.at_temperature(fitted)).collect());
    }
    Ok(RunAnswers { dir: run.dir.clone(), rows })
}

/// Refuses to compare runs row by row whose rows are not the same.
fn check_same_rows(first: &Run, other: &Run) -> Outcome<()> {
    let problem = |id| Problem::new(id).with("first", first.dir.display()).with("second", other.dir.display());
    let (a, b) = (&first.settings, &other.settings);
    if a.data.content_hash != b.data.content_hash {
        let named = problem("rows-other-data").with("file", &a.data.name);
        return Err(named.with("other_file", &b.data.name));
    }
    if a.labels != b.labels {
        let named = problem("rows-other-labels").with("labels", a.labels.join(", "));
        return Err(named.with("other_labels", b.labels.join(", ")));
    }
    if (&first.splits.validation, &first.splits.test) != (&other.splits.validation, &other.splits.test) {
        let (seed, other_seed) = (a.config.data.split.seed, b.config.data.split.seed);
        let counted = problem("rows-other-split").with_count("rows", first.splits.test.len()).with("seed", seed);
        return Err(counted.with_count("other_rows", other.splits.test.len()).with("other_seed", other_seed));
    }
    Ok(())
}

/// The run's data, read again as the run read them.
///
/// # Errors
/// `rows-data-changed` where they are not what they were; those of reading data.
pub fn own_data(shared: &Shared, settings: &RunSettings, own: &SplitRows) -> Outcome<Arc<OpenData>> {
    let progress = |progress| shared.notify(Notice::Progress(progress));
    let (data, _) = shared.open_data(&settings.config.data, &progress)?;
    let now = splits(&data);
    let is_same = fingerprint(&data.dataset) == settings.data.content_hash
        && (now.validation, now.test) == (own.validation.clone(), own.test.clone());
    if is_same { Ok(data) } else { Err(Problem::new("rows-data-changed").with("file", &settings.data.name)) }
}

/// The validation rows and then the test rows of the data, by their places.
pub fn held_out(dataset: &Dataset) -> impl Iterator<Item = (PartName, u32)> {
    let of = |rows: &[u32], part| rows.iter().map(move |row| (part, *row)).collect::<Vec<_>>();
    let validation = of(&dataset.splits.validation, PartName::Validation);
    validation.into_iter().chain(of(&dataset.splits.test, PartName::Test))
}

/// The answers of an evaluation of some rows; `None` where they are too many to be kept.
pub fn predicted_rows(
    dataset: &Dataset,
    rows: &[u32],
    split: PartName,
    evaluation: &Evaluation,
) -> Option<Vec<PredictedRow>> {
    let answered = |(row, probabilities): (&u32, &Vec<f64>)| {
        let i = *row as usize;
        let probabilities = probabilities.clone();
        PredictedRow { row: dataset.row_numbers[i], split, label: dataset.labels[i], probabilities }
    };
    let are_few = rows.len() * evaluation.confusion.classes() <= MOST_PROBABILITIES;
    are_few.then(|| rows.iter().zip(&evaluation.probabilities).map(answered).collect())
}

/// Returns what the run answers: from memory, from its folder, or computed now and kept there.
fn answers_of(shared: &Arc<Shared>, id: AskId, run: &Run, data: &OpenData) -> Outcome<Arc<Vec<PredictedRow>>> {
    let stamp = Stamp::of_folder(&run.dir);
    let is_held = |held: &&HeldAnswers| held.dir == run.dir && held.stamp == stamp;
    if let Some(held) = shared.session().answers.iter().find(is_held) {
        return Ok(Arc::clone(&held.rows));
    }
    let kept = kept_predictions(&run.dir, &run.settings, &run.splits).unwrap_or_else(|problem| {
        // Answers whose file is broken are computed anew, and the user hears of it.
        shared.notify(Notice::Warning(problem));
        None
    });
    let rows = match kept {
        Some(rows) => Arc::new(rows),
        None => {
            let rows = Arc::new(compute(shared, id, run, data)?);
            if rows.len() * run.settings.labels.len() <= MOST_PROBABILITIES
                && let Err(problem) = keep_predictions(&run.dir, &rows, &run.settings.labels)
            {
                let dir = run.dir.display();
                let unkept = Problem::new("predictions-not-kept").with("folder", dir).with_problem("problem", problem);
                shared.notify(Notice::Warning(unkept));
            }
            rows
        }
    };
    let mut session = shared.session();
    session.answers.retain(|held| held.dir != run.dir);
    let surplus = (session.answers.len() + 1).saturating_sub(KEPT_RUNS);
    session.answers.drain(..surplus);
    session.answers.push(HeldAnswers { dir: run.dir.clone(), stamp, rows: Arc::clone(&rows) });
    Ok(rows)
}

/// Classifies the run's validation and test rows with its model.
fn compute(shared: &Arc<Shared>, id: AskId, run: &Run, data: &OpenData) -> Outcome<Vec<PredictedRow>> {
    let source = ClassifierSource::from(run.dir.clone());
    let model = open_classifier(shared, &source)?;
    let dataset = &data.dataset;
    if model.classifier.label_names() != run.settings.labels {
        return Err(Problem::new("rows-data-changed").with("file", &run.settings.data.name));
    }
    let tokens = TokenStore::new(Arc::clone(&dataset.texts), Arc::clone(&model.tokeniser), model.max_length);
    // The kept answers do not depend on a temperature that is fitted now or later.
    let classifier = model.classifier.at_temperature(temperature::PLAIN);
    let observer = Quiet { shared, asked: Some(id) };
    let answered = |rows: &[u32], split, task| {
        // Each piece is within the limit, so that none of its answers is lost.
        let most = (MOST_PROBABILITIES / run.settings.labels.len().max(1)).max(1);
        let mut all = Vec::with_capacity(rows.len());
        for rows in rows.chunks(most) {
            let measured = Measured { tokens: &tokens, labels: &dataset.labels, rows, loss: &Loss::PLAIN };
            let evaluation = evaluate(&classifier, &Prefix::NONE, measured, &observer, task)?;
            if evaluation.stopped {
                return Err(Problem::new("cancelled"));
            }
            all.extend(predicted_rows(dataset, rows, split, &evaluation).unwrap_or_default());
        }
        Ok(all)
    };
    shared.notify(Notice::Progress(Progress { task: Task::Validate, done: 0, total: dataset.splits.validation.len() }));
    shared.pool()?.install(|| {
        let mut rows = answered(&dataset.splits.validation, PartName::Validation, Task::Validate)?;
        rows.extend(answered(&dataset.splits.test, PartName::Test, Task::Test)?);
        Ok(rows)
    })
}
