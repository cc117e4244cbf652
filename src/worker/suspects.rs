//! Suspicious labels of a run's data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::copy::{before_column, relabelled};
use crate::data::dataset::Dataset;
use crate::data::tokens::TokenStore;
use crate::domain::config::{DataConfig, DataSource, ModelSource};
use crate::domain::message::{AskId, Notice, Progress, Task};
use crate::domain::precision::Precision;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::suspects::{ConfidentJoint, FixedCopy, Hunt, Suspect, SuspectPart, Suspects};
use crate::explain::suspects::{Labelled, out_of_sample};
use crate::model::disk::write_whole;
use crate::runs::{KeptSuspects, RunReader, RunSettings, no_run};

use super::behaviour::of_run;
use super::evaluation::own_rows;
use super::questions::{Quiet, frozen};
use super::shared::Shared;

/// The folds of all runs on the same data are the same.
const SEED: u64 = 0;

/// Judges all labelled rows of the run's data. What was found is kept in the run's folder, where there is room for it.
///
/// # Errors
/// `cancelled`; `resume-no-run` for a folder that is no run; those of opening a run, its data, of which changed ones are
/// `rows-data-changed`, and the model that it grew from.
pub fn find(shared: &Arc<Shared>, id: AskId, run: &Path) -> Outcome<Suspects> {
    let opened = RunReader::open(run)?.run;
    let (settings, splits) = opened.ok_or_else(|| no_run(run))?;
    let tell = |done, total| shared.notify(Notice::Progress(Progress { task: Task::ReadData, done, total }));
    let dataset = own_rows(&settings, &splits, &tell).map_err(of_run)?;
    let kept = match KeptSuspects::in_run(run, &settings.data.content_hash) {
        Some(kept) => kept,
        None => {
            let found = judge(shared, id, &settings, &dataset)?;
            // Whoever cannot write there, finds them again the next time.
            if let Err(problem) = found.keep(run) {
                shared.notify(Notice::Warning(problem));
            }
            found
        }
    };
    Ok(told(&kept, &dataset))
}

fn judge(shared: &Arc<Shared>, id: AskId, settings: &RunSettings, dataset: &Dataset) -> Outcome<KeptSuspects> {
    let names = dataset.label_names();
    let source = pretrained(&settings.config.model)?;
    let (model, _) = shared.open_model(&source)?;
    let pretrained = frozen(&model.pretrained, &names, 0, Precision::F32)?;
    let max_length = settings.config.training.max_length.min(model.pretrained.facts.positions);
    let tokeniser = Arc::clone(&model.pretrained.tokeniser);
    let tokens = TokenStore::new(Arc::clone(&dataset.texts), tokeniser, max_length);
    let rows: Vec<u32> = (0..dataset.labels.len() as u32).collect();
    let labelled =
        Labelled { tokens: &tokens, texts: &dataset.texts, labels: &dataset.labels, classes: names.len(), rows: &rows };
    let judged =
        shared.pool()?.install(|| out_of_sample(&pretrained, labelled, SEED, &Quiet { shared, asked: Some(id) }))?;
    let probabilities = judged.ok_or(Problem::new("cancelled"))?;
    let joint = ConfidentJoint::of(&dataset.labels, &probabilities, names.len());
    let suspect = |(row, (given, p)): (u32, (&u32, &Vec<f64>))| {
        let (suggested, score) = joint.suspect(*given as usize, p)?;
        let looks_other = joint.looks_like(p).is_some_and(|looks| looks != *given as usize);
        (score > 0.5 || looks_other).then_some((row, suggested as u32, score))
    };
    let judged = rows.iter().copied().zip(dataset.labels.iter().zip(&probabilities));
    let mut suspects: Vec<(u32, u32, f64)> = judged.filter_map(suspect).collect();
    suspects.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
    let fingerprint = settings.data.content_hash.clone();
    Ok(KeptSuspects { version: KeptSuspects::VERSION, fingerprint, joint, suspects })
}

/// The model at the beginning of a run that was perhaps continued several times: a model that was trained on the labels would
/// find fewer of the wrong ones.
fn pretrained(source: &ModelSource) -> Outcome<ModelSource> {
    let mut source = source.clone();
    while let ModelSource::Folder(dir) = &source
        && let Some(run) = RunReader::settings_in(dir)?
        && run.config.model != source
    {
        source = run.config.model;
    }
    Ok(source)
}

/// Writes a copy of the run's data as a CSV file, in which the labels of some rows, by their places among all rows, are these.
///
/// # Errors
/// Those of [`find`] that the data have; `labels-copy-original` where the copy would take the place of the run's own data;
/// `file-error`.
pub fn relabel(shared: &Arc<Shared>, run: &Path, labels: &BTreeMap<u32, String>, to: PathBuf) -> Outcome<FixedCopy> {
    let opened = RunReader::open(run)?.run;
    let (settings, splits) = opened.ok_or_else(|| no_run(run))?;
    let tell = |done, total| shared.notify(Notice::Progress(Progress { task: Task::ReadData, done, total }));
    let dataset = own_rows(&settings, &splits, &tell).map_err(of_run)?;
    if is_of_data(&to, &settings.config.data) {
        return Err(Problem::new("labels-copy-original").with("file", to.display()));
    }
    let columns = dataset.summary.copy_columns();
    let split_column = before_column(&columns);
    write_whole(&to, &relabelled(&dataset, labels, &split_column)?)?;
    let names = dataset.label_names();
    let own = |place: &u32| dataset.labels.get(*place as usize).and_then(|label| names.get(*label as usize));
    let fixed = labels.iter().filter(|(place, label)| own(place).is_some_and(|own| own != *label)).count();
    Ok(FixedCopy { file: to, fixed, columns, split_column })
}

/// Returns whether a file is one of those that the data are read from, or lies in a folder of them.
pub(super) fn is_of_data(file: &Path, data: &DataConfig) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    // A file that is not there yet lies in a folder that is.
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let whole = file.file_name().map_or_else(|| real(file), |name| real(folder).join(name));
    let source = if let DataSource::File(path) = &data.source { Some(path) } else { None };
    let mut own = source.into_iter().chain(&data.validation).chain(&data.test).map(|path| real(path));
    own.any(|own| real(file).starts_with(&own) || whole.starts_with(&own))
}

fn told(kept: &KeptSuspects, dataset: &Dataset) -> Suspects {
    let labels = dataset.label_names();
    let part = |row: &u32| {
        let parts = [
            (&dataset.splits.train, SuspectPart::Train),
            (&dataset.splits.validation, SuspectPart::Validation),
            (&dataset.splits.test, SuspectPart::Test),
        ];
        parts
            .into_iter()
            .find(|(rows, _)| rows.binary_search(row).is_ok())
            .map_or(SuspectPart::Unused, |(_, part)| part)
    };
    let of_data = || kept.suspects.iter().filter(|(row, ..)| (*row as usize) < dataset.labels.len());
    let suspect = |(row, suggested, score): &(u32, u32, f64)| {
        let i = *row as usize;
        let label = |id: u32| labels.get(id as usize).cloned().unwrap_or_default();
        let suspect = Suspect {
            place: *row,
            row: dataset.row_numbers[i],
            text: dataset.texts.get(i).to_owned(),
            second: dataset.texts.second(i).map(ToOwned::to_owned),
            given: label(dataset.labels[i]),
            suggested: label(*suggested),
            score: *score,
        };
        (suspect, part(row))
    };
    let (suspects, parts) = of_data().map(suspect).unzip();
    let all = dataset.flipped.len();
    let is_flipped = |(row, ..): &(u32, u32, f64)| dataset.flipped.binary_search(row).is_ok();
    let flipped: Vec<bool> = of_data().map(is_flipped).collect();
    let hunt = (all > 0).then(|| Hunt::of(all, flipped.iter().copied()));
    Suspects { suspects, parts, rows: dataset.labels.len(), joint: kept.joint.clone(), hunt, flipped, labels }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_never_takes_the_place_of_the_data() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("films.csv"), "text,label\n").unwrap();
        std::fs::create_dir(at("classes")).unwrap();
        let of = |source: &str| DataConfig {
            source: DataSource::File(at(source)),
            test: Some(at("test.csv")),
            ..DataConfig::default()
        };
        assert!(is_of_data(&at("films.csv"), &of("films.csv")) && is_of_data(&at("test.csv"), &of("films.csv")));
        assert!(is_of_data(&at("classes/../films.csv"), &of("films.csv")));
        assert!(is_of_data(&at("classes/new.txt"), &of("classes")), "a file there would become a row");
        assert!(!is_of_data(&at("copy.csv"), &of("films.csv")) && !is_of_data(&at("copy.csv"), &DataConfig::default()));
    }
}
